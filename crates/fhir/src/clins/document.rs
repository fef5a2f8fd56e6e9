//! The documents of JP-CLINS: 診療情報提供書 (referral letter), 退院時サマリー (discharge
//! summary), 患者サマリー(療養計画書) (care plan), 健診結果報告書 (checkup report) and the
//! municipal checkup reports (自治体検診).
//!
//! [`check`] names every breach at once; [`facts`] reads out of an accepted document what
//! views, letters and registers need.
//!
//! Source: JP-CLINS 1.5 (JP_Bundle_eReferral, _eDischargeSummary, _ePCS and their
//! Compositions), eCheckupReport 1.5, the municipal checkup guide and its item table.

mod bundle;
mod composition;
mod entries;
mod facts;
mod files;
mod kind;
pub(super) mod lines;
mod municipal;
mod prescription;
pub(super) mod profiles;
mod read;
pub(super) mod rule;
mod section;
mod table;
#[cfg(test)]
mod tests;

pub use facts::{
    Addressee, Attachment, CarePlan, Department, DocumentFacts, DocumentResult, Event, Party,
    Placed, Prescription, Quantity, Section,
};
pub use kind::DocumentKind;
pub use read::facts;
pub use rule::RULES;

use kernel::time::JstDate;

use super::report::Checked;
use crate::json::Document;
use crate::path::Path;
use crate::schema;

/// Files that one document may carry at most.
///
/// Source: technical manual of the service, registration of documents.
pub const ATTACHMENTS_MAX: usize = 20;

/// Entries of one document at most, those of documents inside it counted apart.
pub const ENTRIES_MAX: usize = 10_001;

/// Checks a document against R4 and the rules of its kind, as they hold on the date `on`.
///
/// A document of no kind that we know is refused. The bytes behind an attachment are not
/// decoded here: only their presence, declared type, and count are looked at. Refusals are
/// first those of R4, then those of the guides, each in document order.
#[must_use]
pub fn check(doc: &Document, on: JstDate) -> Checked {
    let root = doc.root();
    let path = Path::root("Bundle");
    let mut out = Checked::on(on);
    let Some(kind) = DocumentKind::of(root) else {
        let found = root.str("resourceType").unwrap_or_default();
        out.refuse(rule::DOCUMENT, &path.name("meta"), found);
        out.refusals.extend(schema::validate(root));
        return out;
    };
    let count = root.list("entry").size_hint().0;
    if count > ENTRIES_MAX {
        let found = format!("{count} > {ENTRIES_MAX}");
        out.refuse(super::rule::ENTRIES_MAX, &path.name("entry"), &found);
        return out;
    }
    bundle::check(root, kind, None, &path, &mut out);
    let clins = std::mem::replace(&mut out.refusals, schema::validate(root));
    out.refusals.extend(clins);
    out
}
