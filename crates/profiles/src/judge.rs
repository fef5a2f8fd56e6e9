//! All that we know about a document: R4, the rules of JP-CLINS, and the loaded packages.

use fhir::clins::{self, Checked};
use fhir::json::Document;
use kernel::time::JstDate;

use crate::library::Library;

/// Judges a document as of a day: by the JP-CLINS rules of what it is (a document, a Bundle of
/// the kinds of information, a resource that claims one of its profiles), by R4, and by the
/// packages of `library`, which `profiles` may add to (each with or without `|version`).
#[must_use]
pub fn judge(doc: &Document, library: &Library, profiles: &[&str], on: JstDate) -> Checked {
    let root = doc.root();
    let mut checked = clins::validate(doc, on);
    if !library.is_empty() {
        let mut beside = library.check_as(root, profiles, on);
        checked.refusals.append(&mut beside.refusals);
        checked.warnings.append(&mut beside.warnings);
    }
    checked
}
