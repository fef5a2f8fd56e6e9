//! What all JP-CLINS resources share, and the check of one resource alone.

use super::document::lines::{self, Line};
use super::report::Checked;
use super::rule;
use super::{allergy, condition, id, medication, observation, patient, system};
use crate::json::Node;
use crate::path::Path;
use crate::schema;

use super::facts::{Coding, Flags};
use id::InstitutionNumber;
use kernel::time::JstDate;

/// Where a resource stands.
#[derive(Clone, Copy)]
pub(super) enum Scope<'a> {
    /// Alone, or in a document: only its own profile holds.
    Alone,
    /// In a Bundle of one kind, whose patient has this address.
    Bundle { patient: Option<&'a str> },
}

impl Scope<'_> {
    pub fn is_bundle(self) -> bool {
        matches!(self, Self::Bundle { .. })
    }
}

/// Checks one resource against R4 and, when its `meta.profile` claims one of the JP-CLINS
/// profiles of the five kinds and prescriptions, against that profile.
///
/// `path` is where the resource stands, such as `Condition`. A resource that claims no
/// JP-CLINS profile is checked against R4 only.
#[must_use]
pub fn check_resource(resource: Node<'_>, path: &Path<'_>) -> Checked {
    check_by(resource, path, None)
}

/// As [`check_resource`], by the rules of the date `on`; every rule without it.
pub(super) fn check_by(resource: Node<'_>, path: &Path<'_>, on: Option<JstDate>) -> Checked {
    let mut checked = Checked {
        refusals: schema::validate(resource),
        on,
        ..Checked::default()
    };
    let out = &mut checked;
    let claims = |profile| has_profile(resource, profile);
    match resource.str("resourceType") {
        Some("Patient") if claims(system::PROFILE_PATIENT) => {
            patient::check(resource, path, out);
        }
        Some("Condition") if claims(system::PROFILE_CONDITION) => {
            condition::check(resource, path, Scope::Alone, out);
        }
        Some("AllergyIntolerance") if claims(system::PROFILE_ALLERGY) => {
            allergy::check(resource, path, Scope::Alone, out);
        }
        Some("Observation") if claims(system::PROFILE_OBSERVATION) => {
            observation::check(resource, path, Scope::Alone, out);
        }
        Some("MedicationRequest") if claims(system::PROFILE_MEDICATION) => {
            medication::check(resource, path, out);
        }
        _ => super::document::profiles::alone(resource, path, out),
    }
    checked
}

/// The string at `steps` below `node`.
pub(super) fn text_at<'a>(node: Node<'a>, steps: &[&str]) -> Option<&'a str> {
    steps
        .iter()
        .try_fold(node, |at, step| at.get(step))
        .and_then(Node::as_str)
}

/// A string, owned.
pub(super) fn owned(node: Node<'_>, key: &str) -> Option<String> {
    node.str(key).map(str::to_owned)
}

/// A required string; its absence is reported.
pub(super) fn need<'a>(
    node: Node<'a>,
    key: &str,
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<&'a str> {
    let value = node.str(key);
    if value.is_none() {
        out.refuse(rule::REQUIRED, &path.name(key), "");
    }
    value
}

/// Is `profile` the address `wanted`, with any `|version`?
pub(super) fn is_profile(profile: Node<'_>, wanted: &str) -> bool {
    profile
        .as_str()
        .and_then(|p| p.split('|').next())
        .is_some_and(|p| p == wanted)
}

/// Does `meta.profile` name `wanted`?
pub(super) fn has_profile(resource: Node<'_>, wanted: &str) -> bool {
    resource
        .get("meta")
        .is_some_and(|meta| meta.list("profile").any(|p| is_profile(p, wanted)))
}

/// `meta.lastUpdated` and `meta.profile`.
pub(super) fn meta(
    resource: Node<'_>,
    profile: &str,
    breach: rule::Rule,
    path: &Path<'_>,
    out: &mut Checked,
) {
    let meta_path = path.name("meta");
    if text_at(resource, &["meta", "lastUpdated"]).is_none() {
        out.refuse(rule::REQUIRED, &meta_path.name("lastUpdated"), "");
    }
    if !has_profile(resource, profile) {
        let found = resource
            .get("meta")
            .and_then(|m| m.get("profile"))
            .map(Node::to_compact)
            .unwrap_or_default();
        out.refuse(breach, &meta_path.name("profile"), &found);
    }
}

/// The flags in `meta.tag`: only those `allowed`, each once.
pub(super) fn flags(
    resource: Node<'_>,
    allowed: &[&str],
    path: &Path<'_>,
    out: &mut Checked,
) -> Flags {
    let mut flags = Flags::default();
    let Some(meta) = resource.get("meta") else {
        return flags;
    };
    let (meta_path, mut seen) = (path.name("meta"), Vec::new());
    let tags = meta_path.name("tag");
    for (i, tag) in meta.list("tag").enumerate() {
        let (system, code) = (tag.str("system"), tag.str("code").unwrap_or_default());
        let known = system == Some(system::TAG_FLAG) && allowed.contains(&code);
        if !known || seen.contains(&code) {
            let found = format!("{}|{code}", system.unwrap_or_default());
            out.refuse(rule::TAG, &tags.index(i), &found);
        }
        if known && !seen.contains(&code) {
            seen.push(code);
        }
        match code {
            "LTS" => flags.long_term = true,
            "UNINFORMED" => flags.uninformed = true,
            "UNDELIVERED" => flags.undelivered = true,
            _ => {}
        }
    }
    flags
}

/// Where no flag, or none but these, has a meaning.
pub(super) fn no_flags(resource: Node<'_>, allowed: &[&str], path: &Path<'_>, out: &mut Checked) {
    let Some(meta) = resource.get("meta") else {
        return;
    };
    let here = path.name("meta");
    let tags = here.name("tag");
    for (i, tag) in meta.list("tag").enumerate() {
        let code = tag.str("code").unwrap_or_default();
        if tag.str("system") == Some(system::TAG_FLAG) && !allowed.contains(&code) {
            out.refuse(rule::TAG, &tags.index(i), code);
        }
    }
}

/// The one identifier of the resource.
pub(super) fn resource_identifier(
    resource: Node<'_>,
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<String> {
    let is_own = |i: &Node<'_>| i.str("system") == Some(system::ID_RESOURCE);
    let mut own = resource.list("identifier").filter(is_own);
    match (own.next().and_then(|i| i.str("value")), own.next()) {
        (Some(value), None) => Some(value.to_owned()),
        _ => {
            let found = resource.list("identifier").filter(is_own).count();
            let place = path.name("identifier");
            out.refuse(rule::IDENTIFIER, &place, &found.to_string());
            None
        }
    }
}

/// The extension with one of `urls`; more than one is reported.
pub(super) fn extension<'a>(
    node: Node<'a>,
    urls: &[&str],
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<(usize, Node<'a>)> {
    let mut found = node
        .list("extension")
        .enumerate()
        .filter(|(_, e)| e.str("url").is_some_and(|url| urls.contains(&url)));
    let first = found.next();
    if let Some((second, again)) = found.next() {
        let list = path.name("extension");
        let url = again.str("url").unwrap_or_default();
        out.refuse(rule::EXTENSION_TWICE, &list.index(second), url);
    }
    first
}

/// The institution number in the resource's extension.
pub(super) fn institution(
    resource: Node<'_>,
    path: &Path<'_>,
    missing: Option<rule::Rule>,
    wrong: rule::Rule,
    out: &mut Checked,
) -> Option<InstitutionNumber> {
    let list = path.name("extension");
    let Some((i, ext)) = extension(resource, &[system::EXT_INSTITUTION], path, out) else {
        if let Some(breach) = missing {
            out.refuse(breach, &list, "");
        }
        return None;
    };
    let here = list.index(i);
    let here = here.name("valueIdentifier");
    let value = text_at(ext, &["valueIdentifier", "value"]).unwrap_or_default();
    let issuer = text_at(ext, &["valueIdentifier", "system"]).unwrap_or_default();
    if !system::same(issuer, system::ID_INSTITUTION) {
        out.refuse(wrong, &here.name("system"), issuer);
        return None;
    }
    let number = InstitutionNumber::parse(value);
    if number.is_none() {
        out.refuse(wrong, &here.name("value"), value);
    }
    number
}

/// The department: the text of the extension, or the name of its code.
pub(super) fn department(
    resource: Node<'_>,
    path: &Path<'_>,
    missing: Option<rule::Rule>,
    out: &mut Checked,
) -> Option<String> {
    let found = extension(resource, &system::EXT_DEPARTMENT, path, out);
    if found.is_none()
        && let Some(breach) = missing
    {
        out.refuse(breach, &path.name("extension"), "");
    }
    concept_text(found?.1.get("valueCodeableConcept")?)
}

/// The text of a concept, or the name (else the code) of its first coding.
pub(super) fn concept_text(concept: Node<'_>) -> Option<String> {
    let coding = || {
        concept
            .list("coding")
            .find_map(|c| c.str("display").or_else(|| c.str("code")))
    };
    concept.str("text").or_else(coding).map(str::to_owned)
}

/// The codings of a concept.
pub(super) fn codings(concept: Node<'_>) -> Vec<Coding> {
    concept.list("coding").map(coding).collect()
}

/// One coding.
pub(super) fn coding(node: Node<'_>) -> Coding {
    Coding {
        system: system::canonical(node.str("system").unwrap_or_default()).to_owned(),
        code: owned(node, "code").unwrap_or_default(),
        display: owned(node, "display"),
    }
}

/// The first code of a concept.
pub(super) fn first_code(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key)?.list("coding").find_map(|c| owned(c, "code"))
}

/// What a concept must have in JP-CLINS: `text`, and in each coding these members.
pub(super) fn concept(
    concept: Option<Node<'_>>,
    members: &[&str],
    path: &Path<'_>,
    out: &mut Checked,
) {
    let Some(concept) = concept else {
        return out.refuse(rule::REQUIRED, path, "");
    };
    let list = path.name("coding");
    if concept.get("coding").is_none() {
        out.refuse(rule::REQUIRED, &list, "");
    }
    for (i, coding) in concept.list("coding").enumerate() {
        for member in members {
            need(coding, member, &list.index(i), out);
        }
    }
    need(concept, "text", path, out);
}

/// Codings whose system nobody can look up. When no coding is of a `standard` system, every
/// system outside `known` is named too; then the answer is `false`.
pub(super) fn known_systems(
    concept: Node<'_>,
    known: &[&str],
    has_standard: bool,
    path: &Path<'_>,
    out: &mut Checked,
) -> bool {
    let list = path.name("coding");
    let mut all_known = true;
    for (i, coding) in concept.list("coding").enumerate() {
        let Some(name) = coding.str("system") else {
            continue;
        };
        let is_known = known.contains(&system::canonical(name));
        if !is_known && (!has_standard || !system::has_known_publisher(name)) {
            let here = list.index(i);
            out.refuse(rule::CODE_SYSTEM_UNKNOWN, &here.name("system"), name);
            all_known = false;
        }
    }
    all_known
}

/// The contained resource that `#id` points to.
pub(super) fn contained<'a>(resource: Node<'a>, reference: &str) -> Option<Node<'a>> {
    let id = reference.strip_prefix('#')?;
    resource.list("contained").find(|c| c.str("id") == Some(id))
}

/// A reference to a contained resource of `target` type, when `reference` is given as `#id`.
pub(super) fn local_reference<'a>(
    resource: Node<'a>,
    reference: Node<'a>,
    target: &str,
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<Node<'a>> {
    let address = reference.str("reference")?;
    if !address.starts_with('#') {
        return None;
    }
    let found = contained(resource, address)
        .filter(|c| target.is_empty() || c.str("resourceType") == Some(target));
    if found.is_none() {
        out.refuse(rule::REFERENCE, &path.name("reference"), address);
    }
    found
}

/// The reference to the patient: in a Bundle it is the patient's `fullUrl`.
pub(super) fn patient_reference(
    resource: Node<'_>,
    key: &str,
    scope: Scope<'_>,
    path: &Path<'_>,
    out: &mut Checked,
) {
    let Scope::Bundle {
        patient: Some(patient),
    } = scope
    else {
        return;
    };
    let found = text_at(resource, &[key, "reference"]);
    if found != Some(patient) {
        let here = path.name(key);
        out.refuse(
            rule::REFERENCE,
            &here.name("reference"),
            found.unwrap_or_default(),
        );
    }
}

const CONTAINED_ENCOUNTER: &[Line] = &[
    Line::Value("status", &["finished"]),
    Line::One("class.system"),
    Line::Value("class.system", &[system::ACT]),
    Line::One("class.code"),
];

/// In a Bundle: the contained encounter and the reference to it.
pub(super) fn encounter(
    resource: Node<'_>,
    rules: Option<(rule::Rule, rule::Rule)>,
    path: &Path<'_>,
    out: &mut Checked,
) {
    let reference = resource.get("encounter");
    let here = path.name("encounter");
    if let Some(reference) = reference {
        local_reference(resource, reference, "Encounter", &here, out);
    }
    let Some((no_contained, no_reference)) = rules else {
        return;
    };
    let list = path.name("contained");
    let mut found = resource
        .list("contained")
        .enumerate()
        .filter(|(_, c)| has_profile(*c, system::PROFILE_ENCOUNTER))
        .peekable();
    if found.peek().is_none() {
        out.refuse(no_contained, &list, "");
    }
    for (i, contained) in found {
        lines::hold(contained, CONTAINED_ENCOUNTER, &list.index(i), out);
    }
    let local = reference.and_then(|r| r.str("reference"));
    if !local.is_some_and(|r| r.starts_with('#')) {
        out.refuse(no_reference, &here, local.unwrap_or_default());
    }
}

/// R1090: the institution in the identifier systems of contained doctors.
pub(super) fn doctors(resource: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let list = path.name("contained");
    for (i, practitioner) in resource.list("contained").enumerate() {
        if practitioner.str("resourceType") != Some("Practitioner") {
            continue;
        }
        let here = list.index(i);
        let identifiers = here.name("identifier");
        for (j, identifier) in practitioner.list("identifier").enumerate() {
            let name = identifier.str("system").unwrap_or_default();
            if let Some(tail) = name.strip_prefix(system::ID_LOCAL_DOCTOR_STEM)
                && local_institution(tail).is_none()
            {
                let at = identifiers.index(j);
                out.refuse(rule::R1090, &at.name("system"), name);
            }
        }
    }
}

/// The institution behind an identifier stem: `1` and ten digits.
pub(super) fn local_institution(tail: &str) -> Option<InstitutionNumber> {
    InstitutionNumber::parse(tail.strip_prefix('1')?)
}

/// The name of a practitioner referred to: in the contained resource, else `display`.
pub(super) fn practitioner_name(resource: Node<'_>, reference: Node<'_>) -> Option<String> {
    let inside = reference
        .str("reference")
        .and_then(|address| contained(resource, address))
        .and_then(|p| p.list("name").find_map(|n| n.str("text")));
    inside
        .or_else(|| reference.str("display"))
        .map(str::to_owned)
}
