//! All that we know about a document: R4, the rules of JP-CLINS, and the loaded packages.

use fhir::clins::document::{self, DocumentKind};
use fhir::clins::{self, Checked};
use fhir::json::{Document, Node};
use fhir::path::Path;
use kernel::time::JstDate;

use crate::library::Library;

/// Judges a document as of a day: by the JP-CLINS rules of what it is (a document, a Bundle of
/// the kinds of information, a resource that claims one of its profiles), by R4, and by the
/// packages of `library`, which `profiles` may add to (each with or without `|version`).
#[must_use]
pub fn judge(doc: &Document, library: &Library, profiles: &[&str], on: JstDate) -> Checked {
    let root = doc.root();
    let mut checked = native(doc, on);
    if !library.is_empty() {
        let mut beside = library.check_as(root, profiles, on);
        checked.refusals.append(&mut beside.refusals);
        checked.warnings.append(&mut beside.warnings);
    }
    checked
}

/// By our own rules alone.
fn native(doc: &Document, on: JstDate) -> Checked {
    let root = doc.root();
    if DocumentKind::of(root).is_some() {
        return document::check(doc, on);
    }
    let kind = root.str("resourceType").unwrap_or("$");
    let claims = |wanted: &str| {
        let meta = root
            .get("meta")
            .into_iter()
            .flat_map(|meta| meta.list("profile"));
        let mut claimed = meta.filter_map(Node::as_str);
        claimed.any(|profile| profile.split('|').next() == Some(wanted))
    };
    let is_information =
        claims(clins::system::PROFILE_BUNDLE) || root.str("type") == Some("collection");
    if kind == "Bundle" && is_information {
        let mut checked = Checked::default();
        match clins::Bundle::check(doc) {
            Ok(bundle) => checked.warnings = bundle.warnings,
            Err(refusals) => checked.refusals = refusals,
        }
        return checked;
    }
    clins::check_resource(root, &Path::root(kind))
}
