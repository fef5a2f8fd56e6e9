//! `tasuki fhir validate`: the server's own validator on files.

use std::{io::Write as _, path::PathBuf};

use fhir::{clins, json::Document, path::Path as Place, schema};
use kernel::Finding;

/// Judges each file; `true` when all are valid. A file that cannot be read is not.
///
/// # Errors
/// When standard output is closed.
pub fn validate(files: &[PathBuf]) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    let mut all = true;
    for file in files {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(why) => {
                writeln!(out, "UNREADABLE\t{}\t{why}", file.display())?;
                all = false;
                continue;
            }
        };
        let (refusals, warnings) = judge(&bytes);
        let verdict = if refusals.is_empty() {
            "valid"
        } else {
            "INVALID"
        };
        writeln!(out, "{verdict}\t{}", file.display())?;
        for (kind, findings) in [("error", &refusals), ("warning", &warnings)] {
            for f in findings {
                writeln!(
                    out,
                    "\t{kind}\t{}\t{}\t{}\t{}\t{}",
                    f.rule, f.path, f.found, f.remedy_ja, f.remedy_en
                )?;
            }
        }
        all &= refusals.is_empty();
    }
    Ok(all)
}

/// The profile of the Bundle of the five kinds, with or without a version.
fn is_clins(profile: &str) -> bool {
    let bare = profile.split('|').next().unwrap_or_default();
    bare.ends_with("/JP_Bundle_CLINS")
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
    let claims_clins = root.get("meta").is_some_and(|meta| {
        meta.list("profile")
            .any(|p| p.as_str().is_some_and(is_clins))
    });
    if kind == "Bundle" && (claims_clins || root.str("type") == Some("collection")) {
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
