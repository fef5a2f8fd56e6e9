//! `tasuki fhir validate`: the server's own validator on files.

use std::path::PathBuf;

use fhir::{clins, json::Document, path::Path as Place, schema};
use kernel::Finding;

/// Judges each file; `true` when all are valid.
///
/// # Errors
/// When a file cannot be read.
pub fn validate(files: &[PathBuf]) -> anyhow::Result<bool> {
    let mut all = true;
    for file in files {
        let bytes = std::fs::read(file)?;
        let (refusals, warnings) = judge(&bytes);
        let verdict = if refusals.is_empty() {
            "valid"
        } else {
            "INVALID"
        };
        println!("{verdict}\t{}", file.display());
        for (kind, findings) in [("error", &refusals), ("warning", &warnings)] {
            for f in findings {
                println!(
                    "\t{kind}\t{}\t{}\t{}\t{}\t{}",
                    f.rule, f.path, f.found, f.remedy_ja, f.remedy_en
                );
            }
        }
        all &= refusals.is_empty();
    }
    Ok(all)
}

/// Refusals and warnings of one document: a CLINS Bundle by its rules, any other resource
/// by R4 and by the CLINS profile that it claims.
fn judge(bytes: &[u8]) -> (Vec<Finding>, Vec<Finding>) {
    let document = match Document::parse(bytes) {
        Ok(document) => document,
        Err(error) => return (vec![error.finding()], Vec::new()),
    };
    let root = document.root();
    let kind = root.str("resourceType").unwrap_or("Resource");
    if kind == "Bundle" && root.str("type") == Some("collection") {
        return match clins::Bundle::check(&document) {
            Ok(bundle) => (Vec::new(), bundle.warnings),
            Err(findings) => (findings, Vec::new()),
        };
    }
    let mut refusals = schema::validate(root);
    let checked = clins::check_resource(root, &Place::root(kind));
    refusals.extend(checked.refusals);
    (refusals, checked.warnings)
}
