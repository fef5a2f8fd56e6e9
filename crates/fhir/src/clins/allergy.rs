//! JP_AllergyIntolerance_eCS: an allergy, drugs included.

use super::document::rule::ALLERGY_CATEGORY;
use super::facts::{Allergy, Entry, Facts};
use super::profile::{self, Scope, owned};
use super::report::Checked;
use super::{rule, system};
use crate::json::Node;
use crate::path::Path;

const SYSTEMS: [&str; 5] = [
    system::ALLERGEN_FOOD,
    system::ALLERGEN_OTHER,
    system::ALLERGEN_DRUG,
    system::ALLERGEN_DRUG_BRAND,
    system::ALLERGEN_DRUG_INGREDIENT,
];

/// Checks an allergy; the facts are there when nothing needed for them is missing.
pub(super) fn check(
    node: Node<'_>,
    path: &Path<'_>,
    scope: Scope<'_>,
    out: &mut Checked,
) -> Option<Entry> {
    profile::meta(node, system::PROFILE_ALLERGY, rule::PROFILE, path, out);
    let flags = profile::flags(node, &["LTS"], path, out);
    let (missing, wrong) = if scope.is_bundle() {
        (Some(rule::R9011), rule::R9012)
    } else {
        (None, rule::R1021)
    };
    let institution = profile::institution(node, path, missing, wrong, out);
    let department = profile::department(node, path, None, out);
    let identifier = profile::resource_identifier(node, path, out);
    code(node, path, out);
    profile::patient_reference(node, "patient", scope, path, out);
    profile::encounter(node, None, path, out);
    // An allergy needs no encounter: one that points elsewhere is advised against, not refused.
    if let Some(found) = profile::text_at(node, &["encounter", "reference"])
        && scope.is_bundle()
        && !found.starts_with('#')
    {
        let here = path.name("encounter");
        out.warn(rule::REFERENCE, &here.name("reference"), found);
    }
    profile::doctors(node, path, out);
    for (i, category) in node.list("category").enumerate() {
        if category.as_str() == Some("biologic") {
            let list = path.name("category");
            out.refuse(ALLERGY_CATEGORY, &list.index(i), "biologic");
        }
    }
    let criticality = node.str("criticality");
    let is_drug = node
        .list("category")
        .any(|c| c.as_str() == Some("medication"));
    if is_drug && criticality != Some("high") {
        let found = criticality.unwrap_or_default();
        out.warn(rule::R2011, &path.name("criticality"), found);
    }
    Some(Entry {
        index: 0,
        full_url: String::new(),
        identifier: identifier?,
        institution: institution?,
        department,
        flags,
        facts: Facts::Allergy(read(node)?),
    })
}

/// The facts, when nothing needed for them is missing.
pub(super) fn read(node: Node<'_>) -> Option<Allergy> {
    let concept = node.get("code")?;
    Some(Allergy {
        categories: node
            .list("category")
            .filter_map(Node::as_str)
            .map(str::to_owned)
            .collect(),
        criticality: owned(node, "criticality"),
        text: owned(concept, "text")?,
        codes: profile::codings(concept),
        reactions: reactions(node),
        onset: owned(node, "onsetDateTime"),
        recorded: owned(node, "recordedDate"),
        clinical_status: profile::first_code(node, "clinicalStatus"),
        verification_status: profile::first_code(node, "verificationStatus"),
    })
}

/// What happened: descriptions first, else the manifestations.
fn reactions(node: Node<'_>) -> Vec<String> {
    node.list("reaction")
        .flat_map(|reaction| match reaction.str("description") {
            Some(text) => vec![text.to_owned()],
            None => reaction
                .list("manifestation")
                .filter_map(profile::concept_text)
                .collect(),
        })
        .collect()
}

fn code(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let here = path.name("code");
    let concept = node.get("code");
    profile::concept(concept, &["system", "code", "display"], &here, out);
    let Some(concept) = concept else { return };
    let known =
        |c: Node<'_>| SYSTEMS.contains(&system::canonical(c.str("system").unwrap_or_default()));
    let has_standard = concept.list("coding").any(known);
    profile::known_systems(concept, &SYSTEMS, has_standard, &here, out);
    let list = here.name("coding");
    for (i, coding) in concept
        .list("coding")
        .enumerate()
        .filter(|(_, c)| known(*c))
    {
        let name = system::canonical(coding.str("system").unwrap_or_default());
        let code = coding.str("code").unwrap_or_default();
        if !has_form(name, code) {
            let at = list.index(i);
            out.refuse(rule::ALLERGY_CODE, &at.name("code"), code);
        }
    }
}

/// Three letters for the kind, then the body (YJ codes have 12 characters, JFAGY 9).
fn has_form(name: &str, code: &str) -> bool {
    let body = |stem: &str, length: usize| {
        code.strip_prefix(stem).is_some_and(|rest| {
            rest.len() == length && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    match name {
        system::ALLERGEN_FOOD => body("J9F", 9) || code == "D9F000000000",
        system::ALLERGEN_OTHER => body("J9N", 9) || code == "D9N000000000",
        _ if code == "D9M000000000" => true,
        system::ALLERGEN_DRUG_BRAND => body("YCM", 12),
        system::ALLERGEN_DRUG_INGREDIENT => body("GCM", 12) && code.ends_with("ZZZ"),
        _ => body("YCM", 12) || (body("GCM", 12) && code.ends_with("ZZZ")),
    }
}
