//! The Bundle of a document as a whole.

use super::entries::{self, Entries};
use super::{DocumentKind, composition, rule};
use crate::clins::id::BundleIdentifier;
use crate::clins::profile::{self, text_at};
use crate::clins::report::Checked;
use crate::clins::{bundle as shared, rule as common, system};
use crate::json::Node;
use crate::path::Path;

/// Checks a document of `kind`; `holder` is the document that it stands in.
pub(super) fn check(
    bundle: Node<'_>,
    kind: DocumentKind,
    holder: Option<DocumentKind>,
    path: &Path<'_>,
    out: &mut Checked,
) {
    let is_municipal = kind == DocumentKind::MunicipalCheckup;
    if !is_municipal && text_at(bundle, &["meta", "lastUpdated"]).is_none() {
        let meta = path.name("meta");
        out.refuse(common::REQUIRED, &meta.name("lastUpdated"), "");
    }
    if bundle.str("type") != Some("document") {
        let found = bundle.str("type").unwrap_or_default();
        out.refuse(rule::TYPE, &path.name("type"), found);
    }
    profile::need(bundle, "timestamp", path, out);
    profile::no_flags(bundle, &[], path, out);
    if is_municipal {
        municipal_identifier(bundle, path, out);
    } else {
        shared::identifier(bundle, path, out);
    }
    let found = Entries::new(bundle);
    let list = path.name("entry");
    entries::check(bundle, kind, &found, &list, out);
    // Every Composition, so that nothing hides in a second one; the count is told above.
    for (i, resource) in found.of_type("Composition") {
        let here = list.index(i);
        composition::check(resource, kind, &found, &here.name("resource"), out);
    }
    for (i, inner) in found.of_type("Bundle") {
        let here = list.index(i);
        nested(inner, kind, holder, &here.name("resource"), out);
    }
}

/// A UUID, or the form of JP-CLINS.
fn municipal_identifier(bundle: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let name = text_at(bundle, &["identifier", "system"]).unwrap_or_default();
    let value = text_at(bundle, &["identifier", "value"]).unwrap_or_default();
    let fits = match name {
        system::ID_URI => shared::is_uuid(value),
        _ => BundleIdentifier::parse(name, value).is_some(),
    };
    if !fits {
        let here = path.name("identifier");
        out.refuse(rule::MUNICIPAL_ID, &here.name("value"), value);
    }
}

/// A Bundle among the entries. One that claims to be a document must be a discharge summary
/// in a referral letter and is held to all its rules; others hold data of another guide.
fn nested(
    inner: Node<'_>,
    kind: DocumentKind,
    holder: Option<DocumentKind>,
    path: &Path<'_>,
    out: &mut Checked,
) {
    let claims = DocumentKind::of(inner);
    let is_document = claims.is_some() || inner.str("type") == Some("document");
    if !is_document {
        return;
    }
    match claims {
        Some(DocumentKind::Discharge) if kind == DocumentKind::Referral && holder.is_none() => {
            check(inner, DocumentKind::Discharge, Some(kind), path, out);
        }
        _ => {
            let found = claims.map_or_else(String::new, |k| k.name_en().to_owned());
            out.refuse(rule::NESTED, path, &found);
        }
    }
}
