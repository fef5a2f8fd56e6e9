//! The entries of a document's Bundle: addresses, counts, profiles, references, files.

use std::collections::BTreeMap;

use super::{ATTACHMENTS_MAX, DocumentKind, files, profiles, rule};
use crate::clins::profile::{self, has_profile};
use crate::clins::report::Checked;
use crate::clins::rule::{PATIENT_COUNT, PATIENT_MISSING, PROFILE, REQUIRED};
use crate::clins::system;
use crate::json::Node;
use crate::path::Path;

/// The entries of a Bundle and their addresses.
pub(super) struct Entries<'d> {
    nodes: Vec<Node<'d>>,
    by_url: BTreeMap<&'d str, usize>,
    /// `Patient/1` of entries whose address is on the web.
    relative: BTreeMap<&'d str, usize>,
}

impl<'d> Entries<'d> {
    /// Of a Bundle.
    pub fn new(bundle: Node<'d>) -> Self {
        let nodes: Vec<Node<'d>> = bundle.list("entry").collect();
        let by_url = nodes
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(i, entry)| Some((entry.str("fullUrl")?, i)))
            .collect();
        let relative = nodes
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(i, entry)| Some((relative(entry.str("fullUrl")?)?, i)))
            .collect();
        Self {
            nodes,
            by_url,
            relative,
        }
    }

    /// Places and resources, in order.
    pub fn resources(&self) -> impl Iterator<Item = (usize, Node<'d>)> {
        self.nodes
            .iter()
            .enumerate()
            .filter_map(|(i, entry)| Some((i, entry.get("resource")?)))
    }

    /// The address of an entry; empty when it has none.
    pub fn url(&self, index: usize) -> &'d str {
        self.nodes
            .get(index)
            .and_then(|entry| entry.str("fullUrl"))
            .unwrap_or_default()
    }

    /// The place that a reference points to.
    pub fn place(&self, reference: Node<'_>) -> Option<usize> {
        self.find(reference.str("reference")?)
    }

    fn find(&self, url: &str) -> Option<usize> {
        self.by_url
            .get(url)
            .or_else(|| self.relative.get(url))
            .copied()
    }

    /// The resource at a place.
    pub fn resource(&self, index: usize) -> Option<Node<'d>> {
        self.nodes.get(index)?.get("resource")
    }

    /// The resource that a reference points to.
    pub fn target(&self, reference: Node<'_>) -> Option<Node<'d>> {
        self.resource(self.place(reference)?)
    }

    /// Places and resources of one type.
    pub fn of_type(&self, wanted: &'static str) -> impl Iterator<Item = (usize, Node<'d>)> {
        self.resources()
            .filter(move |(_, r)| r.str("resourceType") == Some(wanted))
    }

    fn knows(&self, url: &str) -> bool {
        self.find(url).is_some()
    }
}

/// Type and id at the end of a web address.
fn relative(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))?;
    let (before, _) = rest.rsplit_once('/')?;
    let (base, _) = before.rsplit_once('/')?;
    rest.get(base.len().checked_add(1)?..)
}

/// How many resources of a type a document has; those of a profile, when one is named.
struct Slot {
    name: &'static str,
    profile: &'static str,
    min: usize,
    max: usize,
}

const fn slot(name: &'static str, profile: &'static str, min: usize, max: usize) -> Slot {
    Slot {
        name,
        profile,
        min,
        max,
    }
}

const MANY: usize = usize::MAX;

const REFERRAL: &[Slot] = &[
    slot("Practitioner", profiles::PRACTITIONER, 1, MANY),
    slot("Organization", profiles::ORGANIZATION, 2, 4),
];

const DISCHARGE: &[Slot] = &[
    slot("Practitioner", profiles::PRACTITIONER, 1, MANY),
    slot("Organization", profiles::ORGANIZATION, 1, MANY),
    slot("Encounter", profiles::ENCOUNTER, 1, 1),
    slot("Condition", "", 1, MANY),
];

const CARE_PLAN: &[Slot] = &[
    slot("Practitioner", profiles::PRACTITIONER, 1, 1),
    slot("Organization", profiles::ORGANIZATION, 1, 1),
    slot("Encounter", profiles::ENCOUNTER, 1, 1),
    slot("CarePlan", profiles::CARE_PLAN_PCS, 1, 1),
    slot("Condition", "", 1, MANY),
];

const CHECKUP: &[Slot] = &[
    slot("Organization", "", 1, 4),
    slot("Organization", profiles::ORGANIZATION_CHECKUP, 1, MANY),
    slot("Practitioner", "", 1, 2),
    slot("Practitioner", profiles::PRACTITIONER_CHECKUP, 1, MANY),
    slot("PractitionerRole", "", 0, 1),
    slot("Encounter", "", 1, 1),
    slot("Encounter", profiles::ENCOUNTER_CHECKUP, 1, 1),
    slot("Coverage", "", 0, 2),
];

const MUNICIPAL: &[Slot] = &[
    slot("Organization", "", 1, MANY),
    slot("Encounter", "", 1, 1),
    slot("Coverage", "", 0, 2),
];

/// Entries at least, and the counts of resources.
///
/// Source: slices of `Bundle.entry`; for checkup reports the guide's text, which bounds
/// institutions to four and practitioners to two.
const fn slots(kind: DocumentKind) -> (usize, &'static [Slot]) {
    match kind {
        DocumentKind::Referral => (5, REFERRAL),
        DocumentKind::Discharge => (6, DISCHARGE),
        DocumentKind::CarePlan => (7, CARE_PLAN),
        DocumentKind::Checkup => (5, CHECKUP),
        DocumentKind::MunicipalCheckup => (5, MUNICIPAL),
    }
}

/// Checks the entries as a whole; `list` is the path of `Bundle.entry`.
pub(super) fn check(
    bundle: Node<'_>,
    kind: DocumentKind,
    entries: &Entries<'_>,
    list: &Path<'_>,
    out: &mut Checked,
) {
    addresses(bundle, entries, list, out);
    counts(kind, entries, list, out);
    if kind == DocumentKind::CarePlan {
        order(entries, list, out);
    }
    let patient = entries.of_type("Patient").next().map(|(i, _)| i);
    for (i, resource) in entries.resources() {
        let at = list.index(i);
        let here = at.name("resource");
        claim(resource, kind, &here, out);
        profiles::check(resource, kind, &here, out);
        references(resource, entries, &here, out);
        flags(resource, &here, out);
        if let Some(patient) = patient {
            subject(resource, entries.url(patient), &here, out);
        }
    }
    files(kind, entries, list, out);
}

/// Every entry has a resource and an absolute address of its own.
fn addresses(bundle: Node<'_>, entries: &Entries<'_>, list: &Path<'_>, out: &mut Checked) {
    for (i, entry) in bundle.list("entry").enumerate() {
        let here = list.index(i);
        if entry.get("resource").is_none() {
            out.refuse(REQUIRED, &here.name("resource"), "");
        }
        for key in ["search", "request", "response"] {
            if entry.get(key).is_some() {
                out.refuse(rule::NOT_ALLOWED, &here.name(key), "");
            }
        }
        let url = entry.str("fullUrl").unwrap_or_default();
        // The map keeps the first entry of an address; a later one is the doubled one.
        let is_double = entries.by_url.get(url).is_some_and(|first| *first != i);
        if !is_absolute(url) || is_double {
            out.refuse(rule::ADDRESS, &here.name("fullUrl"), url);
        }
    }
}

fn is_absolute(url: &str) -> bool {
    crate::clins::bundle::is_uuid(url)
        || ["urn:oid:", "http://", "https://"]
            .iter()
            .any(|stem| url.strip_prefix(stem).is_some_and(|rest| !rest.is_empty()))
}

fn counts(kind: DocumentKind, entries: &Entries<'_>, list: &Path<'_>, out: &mut Checked) {
    let (least, slots) = slots(kind);
    let total = entries.nodes.len();
    if total < least {
        let hint = format!("{least}..*");
        out.refuse_hint(rule::ENTRIES_MIN, list, &total.to_string(), &hint);
    }
    let first = entries.resource(0).and_then(|r| r.str("resourceType"));
    let compositions = entries.of_type("Composition").count();
    if first != Some("Composition") || compositions != 1 {
        let found = format!("{}, {compositions}", first.unwrap_or_default());
        out.refuse(rule::COMPOSITION_FIRST, list, &found);
    }
    match entries.of_type("Patient").count() {
        0 => out.refuse(PATIENT_MISSING, list, ""),
        1 => {}
        many => out.refuse(PATIENT_COUNT, list, &many.to_string()),
    }
    for slot in slots {
        let count = entries
            .of_type(slot.name)
            .filter(|(_, r)| slot.profile.is_empty() || has_profile(*r, slot.profile))
            .count();
        if count < slot.min || count > slot.max {
            let most = match slot.max {
                MANY => "*".to_owned(),
                most => most.to_string(),
            };
            let hint = format!("{} {} {}..{most}", slot.name, slot.profile, slot.min);
            let found = format!("{} {count}", slot.name);
            out.refuse_hint(rule::ENTRY_COUNT, list, &found, &hint);
        }
    }
}

/// The order that the text gives for a care plan; the profile's slices have none.
fn order(entries: &Entries<'_>, list: &Path<'_>, out: &mut Checked) {
    const ORDER: [&str; 7] = [
        "Composition",
        "Patient",
        "Practitioner",
        "Organization",
        "Encounter",
        "CarePlan",
        "Condition",
    ];
    let mut last = 0;
    for (i, resource) in entries.resources() {
        let name = resource.str("resourceType").unwrap_or_default();
        let Some(rank) = ORDER.iter().position(|o| *o == name) else {
            continue;
        };
        if rank < last {
            return out.warn(rule::ENTRY_ORDER, &list.index(i), name);
        }
        last = rank;
    }
}

/// The profile that a resource must claim.
fn claim(resource: Node<'_>, kind: DocumentKind, path: &Path<'_>, out: &mut Checked) {
    let wanted = profiles::claims(kind, resource.str("resourceType").unwrap_or_default());
    if !wanted.is_empty() && !wanted.iter().any(|w| has_profile(resource, w)) {
        let found = resource
            .get("meta")
            .and_then(|m| m.get("profile"))
            .map(Node::to_compact)
            .unwrap_or_default();
        let meta = path.name("meta");
        let hint = wanted.join(" | ");
        out.refuse_hint(PROFILE, &meta.name("profile"), &found, &hint);
    }
}

/// The doctor's decisions (long storage, uninformed, undelivered) stand only where they have
/// a meaning; the profiles of conditions, allergies and prescriptions check their own.
fn flags(resource: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    match resource.str("resourceType").unwrap_or_default() {
        "Condition" | "AllergyIntolerance" | "MedicationRequest" => {}
        "Observation" if has_profile(resource, system::PROFILE_OBSERVATION) => {}
        "Observation" => profile::no_flags(resource, &["LTS"], path, out),
        _ => profile::no_flags(resource, &[], path, out),
    }
}

/// Every reference resolves inside the Bundle; only what is on the web may stay outside, and
/// not where the Composition refers to it.
fn references(resource: Node<'_>, entries: &Entries<'_>, path: &Path<'_>, out: &mut Checked) {
    let strict = resource.str("resourceType") == Some("Composition");
    walk(resource, strict, entries, path, out);
}

fn walk(node: Node<'_>, strict: bool, entries: &Entries<'_>, path: &Path<'_>, out: &mut Checked) {
    for (i, item) in node.items().enumerate() {
        walk(item, strict, entries, &path.index(i), out);
    }
    for (key, value) in node.entries() {
        let here = path.name(key);
        if let Some(target) = value.as_str() {
            let concerns = key == "reference" && !target.starts_with('#');
            let is_web = target.starts_with("http://") || target.starts_with("https://");
            let local = strict || !is_web;
            if concerns && local && !entries.knows(target) {
                out.refuse(rule::UNRESOLVED, &here, target);
            }
        } else if value.str("resourceType") != Some("Bundle") {
            walk(value, strict, entries, &here, out);
        }
    }
}

/// Whoever a resource is about is the document's patient.
fn subject(resource: Node<'_>, patient: &str, path: &Path<'_>, out: &mut Checked) {
    let (key, must) = match resource.str("resourceType").unwrap_or_default() {
        "Condition" | "MedicationRequest" | "CarePlan" | "Composition" => ("subject", true),
        "AllergyIntolerance" => ("patient", true),
        "Coverage" => ("beneficiary", true),
        "Observation" | "Encounter" | "Procedure" | "DocumentReference" | "DiagnosticReport"
        | "Media" | "Specimen" | "ImagingStudy" | "DeviceUseStatement" => ("subject", false),
        "Immunization" | "FamilyMemberHistory" | "Consent" | "RelatedPerson" | "Device" => {
            ("patient", false)
        }
        "ResearchSubject" => ("individual", false),
        _ => return,
    };
    let reference = resource.get(key);
    let found = reference.and_then(|r| r.str("reference"));
    let missing = must && found.is_none();
    if missing || found.is_some_and(|f| f != patient) {
        let here = path.name(key);
        out.refuse(
            rule::OTHER_PATIENT,
            &here.name("reference"),
            found.unwrap_or_default(),
        );
    }
}

/// A type, a slash, a subtype; parameters may follow.
fn is_media_type(text: &str) -> bool {
    let is_name = |part: &str| {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
        !part.is_empty() && part.bytes().all(legal)
    };
    let bare = text.split(';').next().unwrap_or_default().trim_end();
    bare.split_once('/')
        .is_some_and(|(kind, sub)| is_name(kind) && is_name(sub))
}

/// The files: how many, and that each is there. Their bytes are for whoever decodes them.
fn files(kind: DocumentKind, entries: &Entries<'_>, list: &Path<'_>, out: &mut Checked) {
    let mut total = 0_usize;
    for (i, resource) in entries.resources() {
        let at = list.index(i);
        let here = at.name("resource");
        for file in files::of(resource) {
            let url = file.node.str("url");
            let inside = url.is_some_and(|u| entries.knows(u));
            if kind == DocumentKind::Checkup {
                out.refuse(rule::ATTACHMENT_NONE, &here, "");
            } else if !file.node.str("contentType").is_none_or(is_media_type)
                || (file.node.get("data").is_none() && url.is_none())
            {
                out.refuse(rule::ATTACHMENT, &here, "");
            } else if file.node.get("data").is_none() && !inside {
                out.warn(rule::ATTACHMENT_OUTSIDE, &here, url.unwrap_or_default());
            }
            total += usize::from(!inside);
        }
    }
    if total > ATTACHMENTS_MAX {
        out.refuse(rule::ATTACHMENTS_MAX, list, &total.to_string());
    }
}
