//! JP_Bundle_CLINS: one patient's information of one kind, accepted or refused as a whole.

use std::collections::BTreeSet;

use kernel::{Finding, time::JstDate};

use super::facts::{Entry, Kind, Patient};
use super::id::{BundleIdentifier, InstitutionNumber};
use super::profile::{self, Scope};
use super::report::Checked;
use super::{Limits, allergy, condition, observation, patient, rule, system};
use crate::json::{Document, Node};
use crate::path::Path;
use crate::schema;

/// An accepted Bundle and its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Its identifier: sending the same one again replaces it.
    pub identifier: BundleIdentifier,
    /// The kind of information.
    pub kind: Kind,
    /// The patient.
    pub patient: Patient,
    /// The entries beside the patient; none in the exceptional form that deletes all contents.
    pub entries: Vec<Entry>,
    /// When it was made, as sent.
    pub timestamp: String,
    /// What should be better, but does not hinder acceptance.
    pub warnings: Vec<Finding>,
}

impl Bundle {
    /// The institution that sent it.
    #[must_use]
    pub fn institution(&self) -> &InstitutionNumber {
        self.identifier.institution()
    }

    /// Does it hold the patient alone, which deletes what was sent under the same identifier?
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        self.entries.is_empty()
    }

    /// Checks a document against R4 and JP-CLINS within the default [`Limits`].
    ///
    /// # Errors
    /// Every reason to refuse it: first those of R4, then those of JP-CLINS, each in
    /// document order.
    pub fn check(doc: &Document) -> Result<Self, Vec<Finding>> {
        Self::check_within(doc, Limits::default())
    }

    /// As [`Bundle::check`], within `limits`.
    ///
    /// # Errors
    /// As [`Bundle::check`]. Too many entries are refused before any of them is looked at.
    pub fn check_within(doc: &Document, limits: Limits) -> Result<Self, Vec<Finding>> {
        Self::check_by(doc, limits, Checked::default())
    }

    /// As [`Bundle::check`], by the rules of the date `on`.
    ///
    /// # Errors
    /// As [`Bundle::check`].
    pub fn check_on(doc: &Document, on: JstDate) -> Result<Self, Vec<Finding>> {
        Self::check_by(doc, Limits::default(), Checked::on(on))
    }

    fn check_by(doc: &Document, limits: Limits, mut out: Checked) -> Result<Self, Vec<Finding>> {
        let root = doc.root();
        let path = Path::root("Bundle");
        if root.str("resourceType") != Some("Bundle") {
            let found = root.str("resourceType").unwrap_or_default();
            out.refuse(rule::BUNDLE, &path.name("resourceType"), found);
            return Err(out.refusals);
        }
        let count = root.list("entry").size_hint().0;
        if count > limits.entries_max {
            let found = format!("{count} > {}", limits.entries_max);
            out.refuse(rule::ENTRIES_MAX, &path.name("entry"), &found);
            return Err(out.refusals);
        }
        let mut refusals = schema::validate(root);
        let bundle = whole(root, &path, &mut out);
        refusals.append(&mut out.refusals);
        match bundle {
            Some(bundle) if refusals.is_empty() => Ok(Self {
                warnings: out.warnings,
                ..bundle
            }),
            // Facts are missing only where something was reported.
            _ => {
                if refusals.is_empty() {
                    out.refuse(rule::BUNDLE, &path, "");
                    refusals.append(&mut out.refusals);
                }
                Err(refusals)
            }
        }
    }
}

fn whole(root: Node<'_>, path: &Path<'_>, out: &mut Checked) -> Option<Bundle> {
    profile::meta(root, system::PROFILE_BUNDLE, rule::R0213, path, out);
    profile::no_flags(root, &[], path, out);
    let kind = kind(root, path, out);
    let identifier = identifier(root, path, out);
    if root.str("type") != Some("collection") {
        let found = root.str("type").unwrap_or_default();
        out.refuse(rule::BUNDLE_TYPE, &path.name("type"), found);
    }
    let timestamp = profile::need(root, "timestamp", path, out);
    let list = path.name("entry");
    addresses(root, &list, out);
    let first = first_patient(root, &list, out);
    let patient_url = first.and_then(|entry| entry.str("fullUrl"));
    let patient = first.and_then(|entry| {
        let (at, here) = (list.index(0), "resource");
        patient::check(entry.get(here)?, &at.name(here), out)
    });
    if let (Some(patient), Some(identifier)) = (&patient, &identifier)
        && let Some(number) = &patient.institution
        && number != identifier.institution()
    {
        let at = list.index(0);
        let at = at.name("resource");
        out.refuse(
            rule::INSTITUTION_MISMATCH,
            &at.name("extension"),
            number.as_str(),
        );
    }
    let entries = entries(root, kind, patient_url, identifier.as_ref(), &list, out);
    let others = root.list("entry").size_hint().0 > usize::from(first.is_some());
    if first.is_some() && others && entries.is_empty() && out.is_accepted() {
        // Not the form that deletes: something was sent, but nothing of the tagged type.
        out.refuse(rule::R02143, &list, "");
    }
    Some(Bundle {
        identifier: identifier?,
        kind: kind?,
        patient: patient?,
        entries,
        timestamp: timestamp?.to_owned(),
        warnings: Vec::new(),
    })
}

/// The entries beside the patient.
fn entries(
    root: Node<'_>,
    kind: Option<Kind>,
    patient: Option<&str>,
    identifier: Option<&BundleIdentifier>,
    list: &Path<'_>,
    out: &mut Checked,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, node) in root.list("entry").enumerate() {
        let Some(resource) = node.get("resource") else {
            continue;
        };
        let at = list.index(index);
        let here = at.name("resource");
        if index == 0 && patient.is_some() && is_patient(node) {
            continue;
        }
        let before = out.refusals.len();
        let Some(mut entry) = entry(resource, kind, patient, &here, out) else {
            // Nothing handled is ever left out in silence.
            let is_handled = resource.str("resourceType").and_then(Kind::parse).is_some();
            if is_handled && out.refusals.len() == before {
                out.refuse(rule::REQUIRED, &here, "");
            }
            continue;
        };
        if let Some(identifier) = identifier
            && entry.institution != *identifier.institution()
        {
            let number = entry.institution.as_str();
            out.refuse(rule::INSTITUTION_MISMATCH, &here.name("extension"), number);
        }
        entry.index = index;
        entry.full_url = node.str("fullUrl").unwrap_or_default().to_owned();
        entries.push(entry);
    }
    entries
}

/// R02141, R02142: the one tag that says what is inside.
fn kind(root: Node<'_>, path: &Path<'_>, out: &mut Checked) -> Option<Kind> {
    let meta = path.name("meta");
    let here = meta.name("tag");
    let mut codes = root
        .get("meta")?
        .list("tag")
        .filter(|tag| tag.str("system") == Some(system::TAG_KIND))
        .map(|tag| tag.str("code").unwrap_or_default());
    let Some(code) = codes.next() else {
        out.refuse(rule::R02141, &here, "");
        return None;
    };
    let kind = Kind::parse(code);
    let second = codes.next();
    if kind.is_none() || second.is_some() {
        out.refuse(rule::R02142, &here, second.unwrap_or(code));
    }
    kind
}

/// R02151, R2152.
pub(super) fn identifier(
    root: Node<'_>,
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<BundleIdentifier> {
    let here = path.name("identifier");
    let name = profile::text_at(root, &["identifier", "system"]).unwrap_or_default();
    if name != system::ID_BUNDLE {
        out.refuse(rule::R02151, &here.name("system"), name);
    }
    let value = profile::text_at(root, &["identifier", "value"]).unwrap_or_default();
    // The form is checked even when the system is wrong, so that both are told at once.
    let parsed = BundleIdentifier::parse(system::ID_BUNDLE, value);
    if parsed.is_none() {
        out.refuse(rule::R2152, &here.name("value"), value);
    }
    parsed
}

/// Every entry: an address of its own, and nothing beside address and resource.
fn addresses(root: Node<'_>, list: &Path<'_>, out: &mut Checked) {
    let mut seen = BTreeSet::new();
    for (i, entry) in root.list("entry").enumerate() {
        let here = list.index(i);
        for (key, _) in entry.entries() {
            if !matches!(key, "fullUrl" | "resource" | "id") {
                out.refuse(rule::ENTRY_ELEMENT, &here.name(key), key);
            }
        }
        if entry.get("resource").is_none() {
            out.refuse(rule::REQUIRED, &here.name("resource"), "");
        }
        let url = entry.str("fullUrl").unwrap_or_default();
        if !is_uuid(url) {
            out.refuse(rule::FULLURL, &here.name("fullUrl"), url);
        } else if !seen.insert(url) {
            out.refuse(rule::FULLURL_DUPLICATE, &here.name("fullUrl"), url);
        }
    }
}

pub(super) fn is_uuid(url: &str) -> bool {
    url.strip_prefix("urn:uuid:").is_some_and(|uuid| {
        uuid.len() == 36
            && uuid.bytes().enumerate().all(|(i, b)| match i {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            })
    })
}

fn is_patient(entry: Node<'_>) -> bool {
    profile::text_at(entry, &["resource", "resourceType"]) == Some("Patient")
}

/// R0211: the patient is the first entry.
fn first_patient<'a>(root: Node<'a>, list: &Path<'_>, out: &mut Checked) -> Option<Node<'a>> {
    let first = root.list("entry").next();
    if let Some(first) = first.filter(|entry| is_patient(*entry)) {
        return Some(first);
    }
    if first.is_some() {
        let at = list.index(0);
        let found = first.and_then(|e| profile::text_at(e, &["resource", "resourceType"]));
        out.refuse(rule::R0211, &at.name("resource"), found.unwrap_or_default());
    }
    if !root.list("entry").any(is_patient) {
        out.refuse(rule::PATIENT_MISSING, list, "");
    }
    None
}

/// One entry beside the patient, of the tagged kind.
fn entry(
    resource: Node<'_>,
    kind: Option<Kind>,
    patient: Option<&str>,
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<Entry> {
    let name = resource.str("resourceType").unwrap_or_default();
    let own = Kind::parse(name);
    if name == "Patient" {
        // A patient elsewhere than first; when there was none at the front, R0211 says it.
        if patient.is_some() {
            out.refuse(rule::PATIENT_COUNT, path, name);
        }
        return None;
    }
    if own.is_none() {
        out.warn(rule::TYPE_IGNORED, path, name);
        return None;
    }
    if kind.is_some() && own != kind {
        out.refuse(rule::MIXED_TYPES, &path.name("resourceType"), name);
    }
    let scope = Scope::Bundle { patient };
    match own? {
        Kind::Condition => condition::check(resource, path, scope, out),
        Kind::Allergy => allergy::check(resource, path, scope, out),
        Kind::Observation => observation::check(resource, path, scope, out),
    }
}
