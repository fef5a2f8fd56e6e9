//! JP_Patient_eCS: the person whom a Bundle is about.

use super::document::lines::{self, Line};
use super::document::rule::R1112;
use super::facts::Patient;
use super::id::{InstitutionNumber, MemberId, MemberKind};
use super::profile::{institution, local_institution, meta, need, no_flags};
use super::report::Checked;
use super::{rule, system};
use crate::json::Node;
use crate::path::Path;

/// Whose profile holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// Bundles of one kind: R0212 demands the profile.
    Bundle,
    /// Referral letters, discharge summaries, care plans.
    Clins,
    /// Checkup reports: family and given name may be left out.
    Checkup,
}

/// Checks the patient of a Bundle of one kind.
pub(super) fn check(patient: Node<'_>, path: &Path<'_>, out: &mut Checked) -> Option<Patient> {
    check_as(patient, Profile::Bundle, path, out)
}

/// Checks the patient; the facts are there when nothing needed for them is missing.
pub(super) fn check_as(
    patient: Node<'_>,
    profile: Profile,
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<Patient> {
    let (canonical, breach) = match profile {
        Profile::Bundle => (system::PROFILE_PATIENT, rule::R0212),
        Profile::Clins => (system::PROFILE_PATIENT, rule::PROFILE),
        Profile::Checkup => (system::PROFILE_PATIENT_CHECKUP, rule::PROFILE),
    };
    meta(patient, canonical, breach, path, out);
    let more = [Line::Most("meta.profile"), Line::One("identifier.value")];
    lines::hold(patient, &more, path, out);
    if profile == Profile::Bundle {
        no_flags(patient, &[], path, out);
    }
    let institution = institution(patient, path, None, rule::R1021, out);
    let member = member(patient, path, out);
    let local_id = local_id(patient, institution.as_ref(), path, out);
    let (name, kana) = names(patient, profile, path, out);
    let gender = need(patient, "gender", path, out);
    let birth_date = need(patient, "birthDate", path, out);
    let address = address(patient, path, out);
    Some(Patient {
        member: member?,
        name: name?,
        kana,
        birth_date: birth_date?.to_owned(),
        gender: gender?.to_owned(),
        address: address?,
        institution,
        local_id,
    })
}

/// The facts of a patient in a document. `member` is taken when the patient names none.
pub(super) fn read(patient: Node<'_>, member: Option<MemberId>) -> Option<Patient> {
    let (path, mut out) = (Path::root("Patient"), Checked::default());
    let out = &mut out;
    let institution = institution(patient, &path, None, rule::R1021, out);
    let (name, kana) = names(patient, Profile::Checkup, &path, out);
    Some(Patient {
        member: self::member(patient, &path, out).or(member)?,
        name: name?,
        kana,
        birth_date: patient.str("birthDate")?.to_owned(),
        gender: patient.str("gender").unwrap_or("unknown").to_owned(),
        address: patient
            .list("address")
            .find_map(|a| a.str("text"))
            .unwrap_or_default()
            .to_owned(),
        local_id: local_id(patient, institution.as_ref(), &path, out),
        institution,
    })
}

/// R1012, R1013. A person under medical assistance has the public payer's identifier instead.
fn member(patient: Node<'_>, path: &Path<'_>, out: &mut Checked) -> Option<MemberId> {
    let list = path.name("identifier");
    let of = |wanted: &'static str| {
        patient
            .list("identifier")
            .enumerate()
            .filter(move |(_, i)| i.str("system") == Some(wanted))
    };
    let insured = of(system::ID_MEMBER).count();
    let assisted = of(system::ID_PUBLIC_MEMBER).count();
    let (kind, wanted) = match (insured, assisted) {
        (1, _) => (MemberKind::Insurance, system::ID_MEMBER),
        (0, 1) => (MemberKind::PublicAssistance, system::ID_PUBLIC_MEMBER),
        _ => {
            out.refuse(rule::R1012, &list, &insured.to_string());
            return None;
        }
    };
    let (i, identifier) = of(wanted).next()?;
    let value = identifier.str("value").unwrap_or_default();
    let member = MemberId::parse(kind, value);
    let here = list.index(i);
    let here = here.name("value");
    match &member {
        None => out.refuse(rule::R1013, &here, value),
        Some(m) if mixes_widths(m.symbol()) || mixes_widths(m.number()) => {
            out.warn(rule::MEMBER_WIDTH, &here, "");
        }
        Some(_) => {}
    }
    member
}

fn mixes_widths(text: &str) -> bool {
    !text.is_ascii() && text.bytes().any(|b| b.is_ascii())
}

/// R1010, R1011.
fn local_id(
    patient: Node<'_>,
    institution: Option<&InstitutionNumber>,
    path: &Path<'_>,
    out: &mut Checked,
) -> Option<String> {
    let list = path.name("identifier");
    let mut found = None;
    for (i, identifier) in patient.list("identifier").enumerate() {
        let name = identifier.str("system").unwrap_or_default();
        let Some(tail) = name.strip_prefix(system::ID_LOCAL_PATIENT_STEM) else {
            continue;
        };
        let here = list.index(i);
        let here = here.name("system");
        match local_institution(tail) {
            Some(_) if found.is_some() => out.refuse(rule::R1010, &here, name),
            None => out.refuse(rule::R1010, &here, name),
            Some(number) if institution.is_some_and(|i| *i != number) => {
                out.refuse(rule::R1011, &here, name);
            }
            Some(_) => found = identifier.str("value").map(str::to_owned),
        }
    }
    found
}

/// The names: each with text, family and given, marked as ideographs or kana.
fn names(
    patient: Node<'_>,
    profile: Profile,
    path: &Path<'_>,
    out: &mut Checked,
) -> (Option<String>, Option<String>) {
    let list = path.name("name");
    let (mut name, mut kana, mut marked) = (None, None, false);
    for (i, node) in patient.list("name").enumerate() {
        let here = list.index(i);
        let text = need(node, "text", &here, out);
        let is_split = profile != Profile::Checkup;
        if is_split {
            need(node, "family", &here, out);
        }
        if is_split && node.get("given").is_none() {
            out.refuse(rule::REQUIRED, &here.name("given"), "");
        }
        let writing = node
            .list("extension")
            .find(|e| e.str("url") == Some(system::EXT_NAME_WRITING))
            .and_then(|e| e.str("valueCode"));
        marked |= matches!(writing, Some("IDE" | "SYL"));
        if writing.is_some() && text.is_some_and(|t| t.contains('\u{3000}')) {
            out.refuse(rule::R1113, &here.name("text"), text.unwrap_or_default());
        }
        let slot = if writing == Some("SYL") {
            &mut kana
        } else {
            &mut name
        };
        if slot.is_none() {
            *slot = text.map(str::to_owned);
        }
    }
    if patient.list("name").next().is_none() {
        out.refuse(rule::REQUIRED, &list, "");
    } else if !marked {
        let breach = match profile {
            Profile::Checkup => R1112,
            _ => rule::NAME_WRITING,
        };
        out.refuse(breach, &list, "");
    }
    let name = name.or_else(|| kana.clone());
    (name, kana)
}

/// Exactly one address, with text.
fn address(patient: Node<'_>, path: &Path<'_>, out: &mut Checked) -> Option<String> {
    let list = path.name("address");
    let mut addresses = patient.list("address");
    match (addresses.next(), addresses.next()) {
        (Some(address), None) => need(address, "text", &list.index(0), out).map(str::to_owned),
        _ => {
            let found = patient.list("address").count().to_string();
            out.refuse(rule::REQUIRED, &list, &found);
            None
        }
    }
}
