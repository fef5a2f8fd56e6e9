//! JP_Observation_LabResult_eCS: a laboratory result (検査・感染症).

use std::collections::BTreeSet;

use super::document::lines::{self, Line};
use super::document::rule::FIXED;
use super::facts::{Entry, Facts, Jlac, LabItem, LabKind, Observation, ReferenceRange, Value};
use super::profile::{self, Scope, owned};
use super::report::Checked;
use super::{rule, system};
use crate::json::Node;
use crate::path::Path;

const SYSTEMS: [&str; 7] = [
    system::LAB_LOCAL,
    system::LAB_UNCODED,
    system::JLAC10,
    system::CORE_LAB_JLAC10,
    system::CORE_LAB_JLAC11,
    system::INFECTION_JLAC10,
    system::INFECTION_JLAC11,
];

/// The systems whose codes are JLAC10 or JLAC11.
const JLAC: [&str; 5] = [
    system::JLAC10,
    system::CORE_LAB_JLAC10,
    system::CORE_LAB_JLAC11,
    system::INFECTION_JLAC10,
    system::INFECTION_JLAC11,
];

/// Both editions have 17 characters, digits and capital letters.
fn is_jlac(code: &str) -> bool {
    code.len() == 17
        && code
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// The fixed name of the code for uncoded items.
const UNCODED: &str = "未標準化コード項目(JLAC)";

const LINES: &[Line] = &[Line::Most("basedOn"), Line::One("category.coding")];

/// Checks a result; the facts are there when nothing needed for them is missing.
pub(super) fn check(
    node: Node<'_>,
    path: &Path<'_>,
    scope: Scope<'_>,
    out: &mut Checked,
) -> Option<Entry> {
    profile::meta(node, system::PROFILE_OBSERVATION, rule::PROFILE, path, out);
    let flags = profile::flags(node, &["LTS"], path, out);
    let in_bundle = scope.is_bundle();
    let (missing, wrong) = if in_bundle {
        (rule::R9011, rule::R9012)
    } else {
        (rule::R901101, rule::R1021)
    };
    let institution = profile::institution(node, path, Some(missing), wrong, out);
    let department = profile::department(node, path, in_bundle.then_some(rule::R9014O), out);
    let identifier = profile::resource_identifier(node, path, out);
    category(node, path, out);
    lines::hold(node, LINES, path, out);
    code(node, path, out);
    profile::patient_reference(node, "subject", scope, path, out);
    let rules = in_bundle.then_some((rule::R9013O, rule::R9016O));
    profile::encounter(node, rules, path, out);
    profile::doctors(node, path, out);
    let performer = performer(node, path, in_bundle, out);
    let specimen = specimen(node, path, in_bundle, out);
    let effective = effective(node, path, out);
    let value = value(node, path, out);
    let concept = node.get("code")?;
    Some(Entry {
        index: 0,
        full_url: String::new(),
        identifier: identifier?,
        institution: institution?,
        department,
        flags,
        facts: Facts::Observation(Box::new(Observation {
            status: owned(node, "status")?,
            text: owned(concept, "text")?,
            codes: profile::codings(concept),
            local_code: concept
                .list("coding")
                .find(|c| is_system(*c, system::LAB_LOCAL))
                .map(profile::coding)?,
            item: concept.list("coding").find_map(item),
            value: value?,
            ranges: node.list("referenceRange").map(range).collect(),
            interpretations: node
                .list("interpretation")
                .filter_map(|i| i.list("coding").find_map(|c| owned(c, "code")))
                .collect(),
            effective: effective?,
            issued: owned(node, "issued"),
            data_absent_reason: node.get("dataAbsentReason").and_then(profile::concept_text),
            specimen,
            performer,
        })),
    })
}

fn is_system(coding: Node<'_>, wanted: &str) -> bool {
    system::same(coding.str("system").unwrap_or_default(), wanted)
}

/// The standard item that a coding names.
fn item(coding: Node<'_>) -> Option<LabItem> {
    let (kind, jlac) = match system::canonical(coding.str("system")?) {
        system::CORE_LAB_JLAC10 => (LabKind::Core, Jlac::Jlac10),
        system::CORE_LAB_JLAC11 => (LabKind::Core, Jlac::Jlac11),
        system::INFECTION_JLAC10 => (LabKind::Infection, Jlac::Jlac10),
        system::INFECTION_JLAC11 => (LabKind::Infection, Jlac::Jlac11),
        _ => return None,
    };
    Some(LabItem {
        kind,
        jlac,
        code: owned(coding, "code")?,
        name: owned(coding, "display").unwrap_or_default(),
    })
}

fn category(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let mut categories = node.list("category");
    let fits = categories.next().is_some_and(|category| {
        category.list("coding").any(|c| {
            c.str("system") == Some(system::OBSERVATION_CATEGORY)
                && c.str("code") == Some("laboratory")
        })
    });
    if !fits || categories.next().is_some() {
        out.refuse(rule::CATEGORY, &path.name("category"), "");
    }
}

fn code(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let here = path.name("code");
    let concept = node.get("code");
    profile::concept(concept, &["system", "code", "display"], &here, out);
    let Some(concept) = concept else { return };
    let list = here.name("coding");
    let has_local = concept
        .list("coding")
        .any(|c| is_system(c, system::LAB_LOCAL));
    let is_standard = |c: Node<'_>| {
        let name = system::canonical(c.str("system").unwrap_or_default());
        let uncoded =
            name != system::LAB_UNCODED || c.str("code") == Some(system::LAB_UNCODED_CODE);
        name != system::LAB_LOCAL && SYSTEMS.contains(&name) && uncoded
    };
    let has_standard = concept.list("coding").any(is_standard);
    let all_known =
        profile::known_systems(concept, &SYSTEMS, has_local && has_standard, &here, out);
    if !has_local {
        out.refuse(rule::R6021, &list, "");
    }
    if !has_standard && all_known {
        out.refuse(rule::LAB_CODE, &list, "");
    }
    let mut seen = BTreeSet::new();
    for (i, coding) in concept.list("coding").enumerate() {
        let name = system::canonical(coding.str("system").unwrap_or_default());
        if SYSTEMS.contains(&name) && !seen.insert(name) {
            let at = list.index(i);
            out.refuse(rule::LAB_CODE_TWICE, &at.name("system"), name);
        }
        let display = coding.str("display").unwrap_or_default();
        if is_system(coding, system::LAB_UNCODED) && display != UNCODED {
            let at = list.index(i);
            out.refuse_hint(FIXED, &at.name("display"), display, UNCODED);
        }
        let code = coding.str("code").unwrap_or_default();
        if JLAC.contains(&name) && !is_jlac(code) {
            let at = list.index(i);
            out.refuse(rule::LAB_CODE, &at.name("code"), code);
        }
        if coding.str("display").is_some_and(has_odd_width) {
            let at = list.index(i);
            out.warn(rule::TEXT_WIDTH, &at.name("display"), "");
        }
    }
    if concept.str("text").is_some_and(has_odd_width) {
        out.warn(rule::TEXT_WIDTH, &here.name("text"), "");
    }
}

/// Half-width kana or a full-width space.
fn has_odd_width(text: &str) -> bool {
    text.chars()
        .any(|c| c == '\u{3000}' || ('\u{FF61}'..='\u{FF9F}').contains(&c))
}

fn performer(
    node: Node<'_>,
    path: &Path<'_>,
    in_bundle: bool,
    out: &mut Checked,
) -> Option<String> {
    let list = path.name("performer");
    let mut performers = node.list("performer");
    let first = performers.next();
    if let Some(reference) = first {
        profile::local_reference(node, reference, "Practitioner", &list.index(0), out);
    }
    let has_doctor = node
        .list("contained")
        .any(|c| c.str("resourceType") == Some("Practitioner"));
    if in_bundle && !has_doctor {
        out.refuse(rule::R9017O, &path.name("contained"), "");
    }
    let local = first.and_then(|r| r.str("reference"));
    let missing = in_bundle && !local.is_some_and(|r| r.starts_with('#'));
    if missing || performers.next().is_some() {
        out.refuse(rule::R9019O, &list, local.unwrap_or_default());
    }
    profile::practitioner_name(node, first?)
}

fn specimen(node: Node<'_>, path: &Path<'_>, in_bundle: bool, out: &mut Checked) -> Option<String> {
    let here = path.name("specimen");
    let Some(reference) = node.get("specimen") else {
        out.refuse(rule::REQUIRED, &here, "");
        return None;
    };
    // The published Bundle has specimens by name alone.
    if let Some(address) = reference.str("reference")
        && in_bundle
        && !address.starts_with('#')
    {
        out.refuse(rule::REFERENCE, &here.name("reference"), address);
    }
    let inside = profile::local_reference(node, reference, "Specimen", &here, out);
    inside
        .and_then(|s| s.get("type"))
        .and_then(profile::concept_text)
        .or_else(|| owned(reference, "display"))
}

/// The time of the result: the profile takes a `dateTime` alone.
fn effective(node: Node<'_>, path: &Path<'_>, out: &mut Checked) -> Option<String> {
    let found = node.str("effectiveDateTime");
    if found.is_none() {
        out.refuse(rule::REQUIRED, &path.name("effectiveDateTime"), "");
    }
    found.map(str::to_owned)
}

fn value(node: Node<'_>, path: &Path<'_>, out: &mut Checked) -> Option<Value> {
    // That both are not there together is R4's obs-6.
    let value = read_value(node);
    if value.is_none() {
        let key = match node.get("valueQuantity") {
            Some(_) => "valueQuantity",
            None => "value[x]",
        };
        out.refuse(rule::LAB_VALUE, &path.name(key), "");
    }
    if value == Some(Value::Absent) && node.get("dataAbsentReason").is_none() {
        out.refuse(rule::LAB_VALUE, &path.name("value[x]"), "");
        return None;
    }
    value
}

/// The value of a result or of one of its components; `None` when it is there but unreadable.
pub(super) fn read_value(node: Node<'_>) -> Option<Value> {
    let sent = node.entries().find(|(key, _)| key.starts_with("value"));
    let Some((key, value)) = sent else {
        return Some(Value::Absent);
    };
    Some(match key {
        "valueQuantity" => Value::Quantity {
            comparator: owned(value, "comparator"),
            number: number(value)?,
            unit: owned(value, "unit").or_else(|| owned(value, "code")),
        },
        "valueCodeableConcept" => Value::Coded {
            text: profile::concept_text(value).unwrap_or_default(),
            codes: profile::codings(value),
        },
        "valueString" => Value::Text(value.as_str()?.to_owned()),
        _ => Value::Other(value.to_compact()),
    })
}

/// The number of a quantity, exactly as sent.
pub(super) fn number(quantity: Node<'_>) -> Option<String> {
    Some(quantity.get("value")?.as_number_text()?.to_owned())
}

/// A reference range.
pub(super) fn range(node: Node<'_>) -> ReferenceRange {
    ReferenceRange {
        low: node.get("low").and_then(number),
        high: node.get("high").and_then(number),
        text: owned(node, "text"),
    }
}
