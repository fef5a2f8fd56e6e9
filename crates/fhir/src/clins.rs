//! JP-CLINS (電子カルテ情報共有サービス): what a Bundle of conditions, allergies or
//! laboratory results must be before it may be registered, and the facts in it.
//!
//! A Bundle is accepted or refused as a whole. Every rule keeps its published number; rules
//! that the guide states without a number have our own id (`CLINS-…`). A finding names the
//! place, what was found, and how to mend it.
//!
//! Source: JP-CLINS 1.5 profiles and their constraints, its text on the five kinds of
//! information; the edition is not part of any check (`|version` behind a profile is free).

mod allergy;
mod bundle;
mod condition;
pub mod document;
mod facts;
mod id;
mod medication;
mod observation;
mod patient;
mod profile;
mod report;
mod rule;
pub mod system;
#[cfg(test)]
mod tests;

pub use bundle::Bundle;
pub use facts::{
    Allergy, Coding, Condition, Entry, Facts, Flags, Jlac, Kind, LabItem, LabKind, Observation,
    Patient, ReferenceRange, Value,
};
pub use id::{BundleIdentifier, InstitutionNumber, MemberId, MemberKind};

use kernel::time::JstDate;
use profile::Scope;

use crate::json::Document;
use crate::path::Path;
pub use profile::check_resource;
pub use report::Checked;
pub use rule::{Day, RULES, Rule};

/// Checks whatever was sent, by the rules of the date `on`: a document, a Bundle of one kind
/// of information, or a single resource.
///
/// A Bundle of type `document` that claims no profile of the Japanese guides (such as an
/// international patient summary) is held to R4 alone.
#[must_use]
pub fn validate(doc: &Document, on: JstDate) -> Checked {
    let root = doc.root();
    let is_japanese = || {
        root.get("meta").is_some_and(|meta| {
            meta.list("profile")
                .any(|p| p.as_str().is_some_and(|p| p.starts_with(system::GUIDES)))
        })
    };
    let kind = root
        .str("type")
        .filter(|_| root.str("resourceType") == Some("Bundle"));
    if document::DocumentKind::of(root).is_some() || (kind == Some("document") && is_japanese()) {
        return document::check(doc, on);
    }
    if kind == Some("collection") || profile::has_profile(root, system::PROFILE_BUNDLE) {
        let mut checked = Checked::on(on);
        match Bundle::check_on(doc, on) {
            Ok(bundle) => checked.warnings = bundle.warnings,
            Err(refusals) => checked.refusals = refusals,
        }
        return checked;
    }
    let name = root.str("resourceType").unwrap_or("$");
    profile::check_by(root, &Path::root(name), Some(on))
}

/// Bounds on a Bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of one Bundle, the patient included.
    pub entries_max: usize,
}

impl Default for Limits {
    /// 10,000 entries beside the patient: more than any report of one patient, less than what
    /// would hold up others.
    fn default() -> Self {
        Self {
            entries_max: 10_001,
        }
    }
}
