//! The published packages and examples of Japan: the verdict on each, and where it differs from
//! the one of our own rules.
//!
//! Source: JP Core 1.1.2 and 1.2.0, JP-CLINS 1.5.3, eCheckupReport 1.5.0 with their examples,
//! and the samples of the municipal screening guide.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use expect_test::expect_file;
use fhir::json::Document;
use kernel::Finding;
use proptest::prelude::*;

use super::day;
use crate::{Library, judge};

fn data() -> Option<PathBuf> {
    let data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if data.join("fhir").is_dir() {
        return Some(data);
    }
    eprintln!("SKIPPED: published packages and examples (../shared/data is absent)");
    None
}

/// The packages of Japan, read once for all tests.
fn japan(data: &Path) -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut library = Library::new();
        for name in [
            "jp-core-1.1.2-compiled-with-snapshots.tgz",
            "jp-core-1.2.0-compiled-with-snapshots.tgz",
            "jp-clins-1.5.3-conformance.tgz",
            "jp-echeckup-1.5.0-conformance.tgz",
        ] {
            library
                .add_file(&data.join("fhir").join(name))
                .expect("a package");
        }
        library
    })
}

/// The examples, without the definitions that lie beside some of them.
fn files(data: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in [
        "clins/examples",
        "clins/compiled-1.5.3",
        "echeckup/compiled-1.5.0",
        "emunicipal/samples",
    ] {
        for entry in std::fs::read_dir(data.join(folder)).expect("a folder") {
            let path = entry.expect("a file").path();
            let name = path
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default();
            let definitions = [
                "StructureDefinition",
                "ValueSet",
                "CodeSystem",
                "ImplementationGuide",
                "NamingSystem",
            ];
            let is_definition = definitions.iter().any(|kind| name.starts_with(kind));
            // Most of what was compiled lies among the examples already.
            let twin = data.join("clins/examples").join(name);
            let is_twin = folder == "clins/compiled-1.5.3" && twin.is_file();
            if name.ends_with(".json") && !is_definition && !is_twin {
                all.push(path);
            }
        }
    }
    all.sort_unstable();
    all
}

/// Why the verdict of the packages is not ours.
const REASONS: [(&str, &str); 1] = [(
    "emunicipal/",
    "no package of the municipal guide is published with snapshots; its rules are ours alone, \
     and the missing profiles are counted as warnings",
)];

fn by_rule(findings: &[Finding]) -> String {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *rules.entry(&finding.rule).or_default() += 1;
    }
    let words: Vec<String> = rules
        .iter()
        .map(|(rule, n)| format!("{rule}×{n}"))
        .collect();
    words.join(" ")
}

#[test]
fn every_published_example_has_the_listed_verdict() {
    let Some(data) = data() else { return };
    let library = japan(&data);
    let nothing = Library::new();
    let (mut verdicts, mut differences) = (String::new(), String::new());
    for file in files(&data) {
        let shown = file
            .strip_prefix(&data)
            .expect("below")
            .display()
            .to_string();
        let bytes = std::fs::read(&file).expect("a file");
        let Ok(document) = Document::parse(&bytes) else {
            verdicts.push_str(&format!("no JSON  {shown}\n"));
            continue;
        };
        let checked = library.check(document.root(), day());
        let verdict = if checked.is_accepted() {
            "accepted"
        } else {
            "refused "
        };
        let refusals = by_rule(&checked.refusals);
        let warnings = by_rule(&checked.warnings);
        verdicts.push_str(&format!("{verdict} {shown}  {refusals} ~ {warnings}\n"));
        let native = judge(&document, &nothing, &[], day());
        if native.is_accepted() != checked.is_accepted() {
            let rules = by_rule(&native.refusals);
            let reason = REASONS.iter().find(|(part, _)| shown.starts_with(part));
            let reason = reason.map_or("NO REASON", |(_, reason)| reason);
            let verdict = verdict.trim();
            differences.push_str(&format!(
                "{shown}: profiles {verdict}, ours {rules} ({reason})\n"
            ));
        }
    }
    expect_file!["verdicts.txt"].assert_eq(&verdicts);
    expect_file!["differences.txt"].assert_eq(&differences);
}

#[test]
fn all_of_the_published_profiles_can_be_used() {
    let Some(data) = data() else { return };
    let library = japan(&data);
    let mut unusable = Vec::new();
    for url in library.structures() {
        if library.profile(url).flatten().is_none() {
            unusable.push(url);
        }
    }
    assert_eq!(unusable, Vec::<&str>::new());
}

/// A published example with one thing changed, and the rule that this breaks.
#[test]
fn a_changed_example_breaks_the_profile_where_it_was_changed() {
    let Some(data) = data() else { return };
    let library = japan(&data);
    let check = |file: &str, from: &str, to: &str, expected: &str| {
        let path = data.join("clins/examples").join(file);
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(text.contains(from), "{file}: {from}");
        let changed = text.replacen(from, to, 1);
        let document = Document::parse(changed.as_bytes()).expect("JSON");
        let checked = library.check(document.root(), day());
        let found: Vec<String> = checked
            .refusals
            .iter()
            .map(|f| format!("{} {}", f.rule, f.path))
            .collect();
        assert!(
            found.iter().any(|f| f == expected),
            "{file} {to}: {found:#?}"
        );
    };
    let potassium = "Observation-Example-JP-Obs-LabResult-eCS-K.json";
    check(
        potassium,
        "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber",
        "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_Other",
        "resource-needs-extension-of-institutionNumber Observation",
    );
    let bundle = "Bundle-Bundle-CLINS-Observations-Example-01.json";
    check(
        bundle,
        "\"collection\"",
        "\"batch\"",
        "PROFILE-FIXED Bundle.type",
    );
    check(
        bundle,
        "http://jpfhir.jp/fhir/clins/bundle-identifier",
        "http://jpfhir.jp/fhir/clins/other",
        "valid-system-bundleIdenfifier Bundle",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever stands in a document, checking it ends; and the same document has the same
    /// findings once more.
    #[test]
    fn a_changed_document_is_checked_to_its_end(
        changes in prop::collection::vec((any::<prop::sample::Index>(), b' '..=b'~'), 1..4),
    ) {
        if let Some(data) = data() {
            let file = data.join("clins/examples/Observation-Example-JP-Obs-LabResult-eCS-K.json");
            let mut bytes = std::fs::read(file).expect("a file");
            for (index, byte) in changes {
                let at = index.index(bytes.len());
                if bytes[at].is_ascii_alphanumeric() {
                    bytes[at] = byte;
                }
            }
            if let Ok(document) = Document::parse(&bytes) {
                let library = japan(&data);
                let first = library.check(document.root(), day());
                prop_assert_eq!(library.check(document.root(), day()), first);
            }
        }
    }
}
