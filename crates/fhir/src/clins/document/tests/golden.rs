//! The verdict on every published file, beside the list in `verdicts.txt`.
//!
//! `UPDATE_EXPECT=1 cargo test -p fhir golden` renews the list; what changes in it is read.

use std::path::{Path as File, PathBuf};

use expect_test::expect_file;
use kernel::time::JstDate;

use crate::clins::document::{self, DocumentKind};
use crate::clins::validate;
use crate::json::Document;

const FOLDERS: [&str; 5] = [
    "clins/examples",
    "clins/compiled-1.5.3",
    "echeckup/compiled-1.5.0",
    "emunicipal/samples",
    "eprescription/fhir-examples",
];

/// Published files without `ErrorExample` or `-ng-` in their name that break a published rule.
const REASONS: &[(&str, &str)] = &[
    (
        "clins/compiled-1.5.3/ImplementationGuide-clinical-information-sharing.json",
        "parameters of the authors' tool, outside R4's closed list of guide parameters",
    ),
    (
        "echeckup/compiled-1.5.0/ImplementationGuide-eCheckupReport.json",
        "parameters of the authors' tool, outside R4's closed list of guide parameters",
    ),
    (
        "emunicipal/samples/9P634160800000049.json (filled in)",
        "one closing brace too many: no JSON",
    ),
    (
        "eprescription/fhir-examples/MedicationRequest-JP-MedReq-ePreData-Example-kakujitsu.json",
        LISTS,
    ),
    (
        "eprescription/fhir-examples/MedicationRequest-JP-MedReq-ePreData-Example-naihuku.json",
        LISTS,
    ),
    (
        "eprescription/fhir-examples/MedicationRequest-JP-MedReq-ePreData-Example-youbiShiitei.json",
        LISTS,
    ),
    (
        "eprescription/fhir-examples/MedicationRequest-JP-MedReq-ePreData-Example-zenzou01per03.json",
        NARRATIVE,
    ),
    (
        "eprescription/fhir-examples/MedicationRequest-JP-MedReq-ePreData-Example-zenzou02per03.json",
        NARRATIVE,
    ),
    (
        "eprescription/fhir-examples/MedicationRequest-JP-MedReq-ePreData-Example-zenzou03per03.json",
        NARRATIVE,
    ),
    (
        "eprescription/fhir-examples/Organization-JP-Organization-ePreData-coveragePayer-Example.json",
        LISTS,
    ),
    (
        "eprescription/fhir-examples/Organization-JP-Organization-ePreData-departmentOfIssuer-Example.json",
        LISTS,
    ),
    (
        "eprescription/fhir-examples/Organization-JP-Organization-ePreData-issuer-Example.json",
        LISTS,
    ),
];

const LISTS: &str = "R4 repeats this element, so JSON writes it as a list; here it is none";
const NARRATIVE: &str = "the narrative is no well-formed XHTML";

/// Most municipal samples are templates: these words stand where an address belongs.
const WORDS: [(&str, &str); 2] = [
    (
        "$jlac10_cs",
        "\"http://jpfhir.jp/fhir/eCheckup/CodeSystem/jlac10\"",
    ),
    (
        "$attachement-format",
        "\"http://jpfhir.jp/fhir/eCheckup/CodeSystem/attachement-format\"",
    ),
];

fn shared() -> PathBuf {
    File::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).to_owned()
}

/// The rules and places of every refusal; empty when taken.
fn verdict(bytes: &[u8]) -> Vec<String> {
    let doc = match Document::parse(bytes) {
        Ok(doc) => doc,
        Err(error) => return vec![error.finding().rule],
    };
    let root = doc.root();
    let on = JstDate::new(2026, 11, 1).expect("a date");
    let checked = validate(&doc, on);
    if let Some(kind) = DocumentKind::of(root).filter(|_| checked.is_accepted()) {
        // A municipal report without coverage names no insured person to register it for.
        let is_covered = root
            .list("entry")
            .any(|e| e.get("resource").and_then(|r| r.str("resourceType")) == Some("Coverage"));
        let is_known = kind != DocumentKind::MunicipalCheckup;
        assert_eq!(document::facts(&doc).is_some(), is_known || is_covered);
    }
    checked
        .refusals
        .into_iter()
        .map(|f| format!("{} {}", f.rule, f.path))
        .collect()
}

/// The first refusals and how many more there are.
fn first(found: &[String]) -> String {
    let shown = found.iter().take(6).cloned().collect::<Vec<_>>().join("; ");
    match found.len().saturating_sub(6) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

#[test]
fn the_verdict_on_every_published_file_is_the_listed_one() {
    let mut lines = String::new();
    let judge = |name: &str, bytes: &[u8], lines: &mut String| {
        let found = verdict(bytes);
        let is_bad =
            name.contains("ErrorExample") || name.contains("-ng-") || name.contains("-ng.");
        let reason = REASONS.iter().find(|(n, _)| *n == name).map(|(_, r)| *r);
        if is_bad || reason.is_some() {
            assert!(!found.is_empty(), "{name} must be refused");
        } else {
            assert!(found.is_empty(), "{name} must be taken: {}", first(&found));
        }
        let said = match (found.is_empty(), reason) {
            (true, _) => "taken".to_owned(),
            (false, None) => format!("refused\t{}", first(&found)),
            (false, Some(reason)) => format!("refused\t{}\t({reason})", first(&found)),
        };
        lines.push_str(&format!("{name}\t{said}\n"));
    };
    for folder in FOLDERS {
        let dir = shared().join(folder);
        let Ok(list) = std::fs::read_dir(&dir) else {
            eprintln!(
                "SKIPPED: verdicts on published files ({} is absent)",
                dir.display()
            );
            return;
        };
        let mut files: Vec<PathBuf> = list
            .map(|f| f.expect("an entry").path())
            .filter(|p| p.extension().is_some_and(|e| e == "json"))
            .collect();
        files.sort();
        for file in files {
            let bytes = std::fs::read(&file).expect("readable");
            let name = format!(
                "{folder}/{}",
                file.file_name().expect("a name").to_string_lossy()
            );
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let filled = WORDS
                .iter()
                .fold(text.clone(), |t, (word, address)| t.replace(word, address));
            if filled != text {
                assert!(!verdict(&bytes).is_empty(), "{name} is no JSON");
                lines.push_str(&format!(
                    "{name}\trefused\tno JSON: a template, judged filled in\n"
                ));
                judge(
                    &format!("{name} (filled in)"),
                    filled.as_bytes(),
                    &mut lines,
                );
            } else {
                judge(&name, &bytes, &mut lines);
            }
        }
    }
    expect_file!["verdicts.txt"].assert_eq(&lines);
}
