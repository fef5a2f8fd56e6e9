//! JP_Condition_eCS: a condition (傷病名).

use super::facts::{Condition, Entry, Facts};
use super::profile::{self, Scope, owned};
use super::report::Checked;
use super::{rule, system};
use crate::json::Node;
use crate::path::Path;

const SYSTEMS: [&str; 5] = [
    system::DISEASE_KEY,
    system::DISEASE_EXCHANGE,
    system::DISEASE_CLAIM,
    system::ICD10,
    system::ICD10_CATEGORY,
];

/// Checks a condition; the facts are there when nothing needed for them is missing.
pub(super) fn check(
    node: Node<'_>,
    path: &Path<'_>,
    scope: Scope<'_>,
    out: &mut Checked,
) -> Option<Entry> {
    profile::meta(node, system::PROFILE_CONDITION, rule::PROFILE, path, out);
    let flags = profile::flags(node, &["LTS", "UNINFORMED", "UNDELIVERED"], path, out);
    let in_bundle = scope.is_bundle();
    let (missing, wrong) = if in_bundle {
        (Some(rule::R9011), rule::R9012)
    } else {
        (None, rule::R1021)
    };
    let institution = profile::institution(node, path, missing, wrong, out);
    let department = profile::department(node, path, in_bundle.then_some(rule::R9014C), out);
    let identifier = profile::resource_identifier(node, path, out);
    profile::extension(node, &[system::EXT_DIAGNOSIS_TYPE], path, out);
    statuses(node, path, out);
    category(node, path, in_bundle, out);
    code(node, path, out);
    profile::patient_reference(node, "subject", scope, path, out);
    let rules = in_bundle.then_some((rule::R9013C, rule::R9016C));
    profile::encounter(node, rules, path, out);
    profile::doctors(node, path, out);
    if let Some(recorder) = node.get("recorder") {
        profile::local_reference(node, recorder, "", &path.name("recorder"), out);
    }
    if in_bundle && node.str("onsetDateTime").is_none() {
        out.refuse(rule::R9015C, &path.name("onsetDateTime"), "");
    }
    Some(Entry {
        index: 0,
        full_url: String::new(),
        identifier: identifier?,
        institution: institution?,
        department,
        flags,
        facts: Facts::Condition(read(node)?),
    })
}

/// The facts, when nothing needed for them is missing.
pub(super) fn read(node: Node<'_>) -> Option<Condition> {
    let concept = node.get("code")?;
    let is_main = node
        .list("extension")
        .filter(|e| e.str("url") == Some(system::EXT_DIAGNOSIS_TYPE))
        .filter_map(|e| profile::first_code(e, "valueCodeableConcept"))
        .any(|code| code == "principal");
    Some(Condition {
        text: owned(concept, "text")?,
        codes: profile::codings(concept),
        onset: owned(node, "onsetDateTime"),
        abatement: owned(node, "abatementDateTime"),
        clinical_status: profile::first_code(node, "clinicalStatus"),
        verification_status: profile::first_code(node, "verificationStatus")?,
        is_main,
        recorded: owned(node, "recordedDate"),
    })
}

fn statuses(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let verification = profile::first_code(node, "verificationStatus");
    if verification.is_none() {
        out.refuse(rule::REQUIRED, &path.name("verificationStatus"), "");
    }
    let clinical = profile::first_code(node, "clinicalStatus");
    // That it is absent from a record entered in error is R4's con-5.
    if clinical.is_none() && verification.as_deref() != Some("entered-in-error") {
        out.refuse(rule::CLINICAL_STATUS, &path.name("clinicalStatus"), "");
    }
}

fn category(node: Node<'_>, path: &Path<'_>, in_bundle: bool, out: &mut Checked) {
    let mut categories = node.list("category");
    let first = categories.next();
    let one = first.is_some() && categories.next().is_none();
    let fits = |category: Node<'_>| {
        category
            .list("coding")
            .any(|c| c.str("code") == Some("encounter-diagnosis"))
    };
    if !one || (in_bundle && !first.is_some_and(fits)) {
        let found = first.map(Node::to_compact).unwrap_or_default();
        out.refuse(rule::CATEGORY, &path.name("category"), &found);
    }
}

fn code(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let here = path.name("code");
    let concept = node.get("code");
    profile::concept(concept, &["system", "display"], &here, out);
    let Some(concept) = concept else { return };
    let has_key = concept.list("coding").any(|c| {
        system::same(c.str("system").unwrap_or_default(), system::DISEASE_KEY)
            && c.get("code").is_some()
    });
    let all_known = profile::known_systems(concept, &SYSTEMS, has_key, &here, out);
    if !has_key && all_known {
        out.refuse(rule::CONDITION_CODE, &here.name("coding"), "");
    }
}
