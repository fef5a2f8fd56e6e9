//! The error catalogue: its document, its form, and that nothing else can leave.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tasuki::{commands::errors, program};

/// Codes of FHIR R4's issue-type value set that a refusal may carry.
///
/// Source: HL7 FHIR R4 valueset-issue-type.
const ISSUE_TYPES: [&str; 30] = [
    "invalid",
    "structure",
    "required",
    "value",
    "invariant",
    "security",
    "login",
    "unknown",
    "expired",
    "forbidden",
    "suppressed",
    "processing",
    "not-supported",
    "duplicate",
    "multiple-matches",
    "not-found",
    "deleted",
    "too-long",
    "code-invalid",
    "extension",
    "too-costly",
    "business-rule",
    "conflict",
    "transient",
    "lock-error",
    "no-store",
    "exception",
    "timeout",
    "incomplete",
    "throttled",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_document_is_made_from_the_code() {
    let path = root().join("docs/errors.md");
    let made = errors::markdown();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &made).expect("written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/errors.md is not what the code says; UPDATE_EXPECT=1 makes it anew"
    );
}

/// Whether `text` is `TSK-`, three capital letters, `-`, three digits.
fn is_code(text: &str) -> bool {
    let Some((family, number)) = text.strip_prefix("TSK-").and_then(|t| t.split_once('-')) else {
        return false;
    };
    family.len() == 3
        && family.bytes().all(|b| b.is_ascii_uppercase())
        && number.len() == 3
        && number.bytes().all(|b| b.is_ascii_digit())
}

#[test]
fn codes_are_well_formed_unique_and_in_order() {
    let codes: Vec<&str> = program::catalogue()
        .iter()
        .map(|entry| entry.code)
        .collect();
    for code in &codes {
        assert!(is_code(code), "{code}");
    }
    for pair in codes.windows(2) {
        assert!(pair[0] < pair[1], "{} and {}", pair[0], pair[1]);
    }
}

#[test]
fn statuses_are_refusals_and_issue_types_are_those_of_fhir() {
    for entry in program::catalogue() {
        let fits = (400..500).contains(&entry.status) || entry.status == 503;
        assert!(fits, "{}: {}", entry.code, entry.status);
        assert!(
            ISSUE_TYPES.contains(&entry.fhir),
            "{}: {}",
            entry.code,
            entry.fhir
        );
    }
}

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

#[test]
fn texts_are_there_each_in_its_language() {
    for entry in program::catalogue() {
        let code = entry.code;
        for text in [entry.cause.ja, entry.remedy.ja] {
            assert!(text.ends_with('。'), "{code}: {text}");
            let sentences = text.split('。').filter(|s| !s.trim().is_empty());
            for sentence in sentences {
                assert!(sentence.chars().any(is_japanese), "{code}: {sentence}");
            }
        }
        for text in [entry.cause.en, entry.remedy.en, entry.source] {
            assert!(!text.trim().is_empty(), "{code}");
        }
        for text in [entry.cause.en, entry.remedy.en] {
            let kana = text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}'));
            assert!(!kana, "{code}: {text}");
        }
    }
}

/// Rust files below `folder` that are not tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            if name != "tests" {
                sources(&path, found);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// A line of code and where it stands.
struct Line {
    room: String,
    file: PathBuf,
    text: String,
}

/// The lines of the program's sources that are neither comments nor tests.
fn lines() -> Vec<Line> {
    let mut out = Vec::new();
    let crates = root().join("crates");
    for entry in fs::read_dir(&crates).expect("crates") {
        let room = entry.expect("an entry");
        let name = room.file_name().to_string_lossy().into_owned();
        let mut files = Vec::new();
        let src = room.path().join("src");
        if src.is_dir() {
            sources(&src, &mut files);
        }
        for file in files {
            let text = fs::read_to_string(&file).expect("a source");
            // Inline tests stand at the end of their file.
            let code = text
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or_default();
            let lines = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            out.extend(lines.map(|line| Line {
                room: name.clone(),
                file: file.clone(),
                text: line.to_owned(),
            }));
        }
    }
    out
}

/// Whole codes inside a line.
fn codes_in(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("TSK-")
        .filter_map(|(at, _)| line.get(at..at + 11))
        .filter(|code| is_code(code))
}

/// The code that a line of `catalog!` declares: `NAME = "TSK-…", …`.
fn declared_in(line: &str) -> Option<&str> {
    let (name, rest) = line.trim_start().split_once(" = \"")?;
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    rest.get(..11).filter(|code| is_name && is_code(code))
}

#[test]
fn whatever_the_sources_declare_is_in_the_catalogue() {
    let catalogue: BTreeSet<&str> = program::catalogue().iter().map(|e| e.code).collect();
    let lines = lines();
    let declared: BTreeSet<&str> = lines.iter().filter_map(|l| declared_in(&l.text)).collect();
    assert_eq!(
        declared, catalogue,
        "declared in the sources, and in the catalogue"
    );
}

#[test]
fn the_sources_speak_of_no_code_that_is_not_in_the_catalogue() {
    let catalogue: BTreeSet<&str> = program::catalogue().iter().map(|e| e.code).collect();
    // The gallery of the user interface shows its components with made-up content.
    let gallery = |line: &Line| {
        let name = line.file.file_name().and_then(|n| n.to_str());
        line.room == "web" && name.is_some_and(|n| n.starts_with("samples"))
    };
    for line in lines().iter().filter(|line| !gallery(line)) {
        for code in codes_in(&line.text) {
            let file = line.file.display();
            assert!(
                catalogue.contains(code),
                "{file} speaks of {code}, which is nowhere"
            );
        }
    }
}

#[test]
fn a_family_of_codes_belongs_to_one_crate_and_stands_in_order() {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last: BTreeMap<(PathBuf, String), String> = BTreeMap::new();
    for line in lines() {
        let Some(code) = declared_in(&line.text) else {
            continue;
        };
        let family = code.split('-').nth(1).unwrap_or_default().to_owned();
        homes.entry(family.clone()).or_default().insert(line.room);
        let before = last.insert((line.file.clone(), family), code.to_owned());
        let file = line.file.display();
        assert!(
            before.as_deref() < Some(code),
            "{file}: {code} comes after {before:?}"
        );
    }
    for (family, rooms) in homes {
        assert_eq!(rooms.len(), 1, "{family}: {rooms:?}");
    }
}

/// The cells of each row of `docs/counter.md`: trouble, code, sentence, file and test.
fn counter_rows() -> Vec<[String; 5]> {
    let text = fs::read_to_string(root().join("docs/counter.md")).expect("docs/counter.md");
    let rows = text.lines().filter(|line| line.contains("` |"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [trouble, code, sentence, test] = cells[..] else {
            panic!("{row}");
        };
        let (file, test) = test.split_once(' ').expect("a file and a test");
        [trouble, code, sentence, file, test].map(|cell| cell.trim_matches('`').to_owned())
    })
    .collect()
}

#[test]
fn whatever_can_go_wrong_at_the_counter_has_its_code_its_sentence_and_its_test() {
    let mut known: BTreeMap<&str, &str> = program::catalogue()
        .iter()
        .map(|entry| (entry.code, entry.cause.ja))
        .collect();
    known.extend(eligibility::model::Reason::ALL.map(|one| (one.code(), one.text().ja)));
    let rows = counter_rows();
    let mut codes = BTreeSet::new();
    for [trouble, code, sentence, file, test] in &rows {
        assert_eq!(
            known.get(code.as_str()),
            Some(&sentence.as_str()),
            "{trouble}"
        );
        assert!(codes.insert(code), "{trouble}: {code} is not its own");
        let source = fs::read_to_string(root().join(file)).expect(file);
        assert!(source.contains(&format!("fn {test}(")), "{trouble}: {test}");
    }
    for trouble in [
        "invalid qualification",
        "unreadable characters",
        "expired certificate",
        "wrong branch",
        "lapsed",
        "not yet loaded",
        "two matches",
        "reader fault",
    ] {
        let is_there = rows.iter().any(|[name, ..]| name.starts_with(trouble));
        assert!(is_there, "{trouble}");
    }
}
