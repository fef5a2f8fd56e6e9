//! JP_MedicationRequest_eCS: a prescription inside a document.
//!
//! It is never sent as a kind of its own; the service takes it out of referral letters and
//! discharge summaries.

use super::document::lines::{self, Line};
use super::document::rule::FIXED;
use super::profile;
use super::report::Checked;
use super::{rule, system};
use crate::json::Node;
use crate::path::Path;

const DAY: &[&str] = &["日"];
const UCUM: &[&str] = &["http://unitsofmeasure.org"];

/// What the profile and the profile of its dosage ask for beside the numbered rules.
const LINES: &[Line] = &[
    Line::Most("basedOn"),
    Line::Most("note"),
    Line::One("dosageInstruction.timing"),
    Line::Need("dosageInstruction.additionalInstruction.coding"),
    Line::One("dosageInstruction.additionalInstruction.coding.system"),
    Line::One("dosageInstruction.additionalInstruction.coding.code"),
    Line::One("dosageInstruction.additionalInstruction.text"),
    Line::Value("dosageInstruction.timing.repeat.boundsDuration.unit", DAY),
    Line::Value(
        "dosageInstruction.timing.repeat.boundsDuration.system",
        UCUM,
    ),
    Line::Value(
        "dosageInstruction.timing.repeat.boundsDuration.code",
        &["d"],
    ),
    Line::One("dosageInstruction.doseAndRate.type"),
    Line::Need("dosageInstruction.doseAndRate.type.coding"),
    Line::One("dosageInstruction.doseAndRate.type.coding.system"),
    Line::One("dosageInstruction.doseAndRate.type.coding.code"),
    Line::One("dosageInstruction.doseAndRate.type.coding.display"),
    Line::One("dosageInstruction.doseAndRate.doseQuantity.value"),
    Line::One("dosageInstruction.doseAndRate.doseQuantity.unit"),
    Line::One("dosageInstruction.doseAndRate.doseQuantity.system"),
    Line::One("dosageInstruction.doseAndRate.doseQuantity.code"),
    Line::One("dosageInstruction.doseAndRate.rateRatio.numerator.value"),
    Line::One("dosageInstruction.doseAndRate.rateRatio.numerator.unit"),
    Line::One("dosageInstruction.doseAndRate.rateRatio.numerator.system"),
    Line::One("dosageInstruction.doseAndRate.rateRatio.numerator.code"),
    Line::One("dosageInstruction.doseAndRate.rateRatio.denominator.value"),
    Line::Value(
        "dosageInstruction.doseAndRate.rateRatio.denominator.value",
        &["1"],
    ),
    Line::Value(
        "dosageInstruction.doseAndRate.rateRatio.denominator.unit",
        DAY,
    ),
    Line::Value(
        "dosageInstruction.doseAndRate.rateRatio.denominator.system",
        UCUM,
    ),
    Line::Value(
        "dosageInstruction.doseAndRate.rateRatio.denominator.code",
        &["d"],
    ),
    Line::One("dispenseRequest.quantity.value"),
    Line::One("dispenseRequest.quantity.code"),
    Line::Value("dispenseRequest.expectedSupplyDuration.unit", DAY),
    Line::Value("dispenseRequest.expectedSupplyDuration.system", UCUM),
    Line::Value("dispenseRequest.expectedSupplyDuration.code", &["d"]),
];

/// Checks a prescription.
pub(super) fn check(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    profile::meta(node, system::PROFILE_MEDICATION, rule::PROFILE, path, out);
    profile::flags(node, &["LTS"], path, out);
    profile::institution(node, path, None, rule::R1021, out);
    profile::department(node, path, None, out);
    profile::doctors(node, path, out);
    lines::hold(node, LINES, path, out);
    for wanted in [system::ID_RP_NUMBER, system::ID_RP_ORDER] {
        let count = node
            .list("identifier")
            .filter(|i| system::same(i.str("system").unwrap_or_default(), wanted))
            .map(|i| usize::from(i.str("value").is_some()))
            .collect::<Vec<_>>();
        if count != [1] {
            out.refuse(rule::REQUIRED, &path.name("identifier"), wanted);
        }
    }
    for (key, wanted) in [("status", "completed"), ("intent", "order")] {
        let found = node.str(key).unwrap_or_default();
        if found != wanted {
            out.refuse(rule::STATUS, &path.name(key), found);
        }
    }
    drug(node, path, out);
    profile::need(node, "authoredOn", path, out);
    if let Some(requester) = node.get("requester") {
        profile::local_reference(node, requester, "", &path.name("requester"), out);
    }
    let list = path.name("dosageInstruction");
    if node.list("dosageInstruction").next().is_none() {
        out.refuse(rule::REQUIRED, &list, "");
    }
    for (i, dosage) in node.list("dosageInstruction").enumerate() {
        usage(dosage, &list.index(i), out);
    }
}

/// What the text asks of a prescription in a document: who wrote it, where, and when.
const IN_DOCUMENT: &[Line] = &[
    Line::One("encounter"),
    Line::One("encounter.reference"),
    Line::One("requester"),
    Line::One("requester.reference"),
];

/// Checks a prescription inside a document, from where the service takes it out.
pub(super) fn check_in_document(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    check(node, path, out);
    lines::hold(node, IN_DOCUMENT, path, out);
    for urls in [&[system::EXT_INSTITUTION][..], &system::EXT_DEPARTMENT] {
        let is_there = node
            .list("extension")
            .any(|e| e.str("url").is_some_and(|url| urls.contains(&url)));
        if !is_there {
            let hint = urls.first().copied().unwrap_or_default();
            out.refuse_hint(rule::REQUIRED, &path.name("extension"), "", hint);
        }
    }
}

const DRUGS: [&str; 3] = [system::YJ, system::GENERAL_NAME, system::DRUG_UNCODED];

/// R3010: one of the three code systems, once.
fn drug(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let here = path.name("medicationCodeableConcept");
    let Some(concept) = node.get("medicationCodeableConcept") else {
        return out.refuse(rule::REQUIRED, &here, "");
    };
    profile::need(concept, "text", &here, out);
    let count = |wanted: &str| {
        concept
            .list("coding")
            .filter(|c| system::same(c.str("system").unwrap_or_default(), wanted))
            .count()
    };
    let fits = DRUGS.iter().any(|wanted| count(wanted) == 1);
    let list = here.name("coding");
    for (i, coding) in concept.list("coding").enumerate() {
        let name = coding.str("system").unwrap_or_default();
        if DRUGS.iter().any(|wanted| system::same(name, wanted)) {
            let here = list.index(i);
            profile::need(coding, "code", &here, out);
            profile::need(coding, "display", &here, out);
        }
    }
    if !fits {
        let systems: Vec<&str> = concept
            .list("coding")
            .filter_map(|c| c.str("system"))
            .collect();
        out.refuse(rule::R3010, &list, &systems.join(", "));
    }
}

/// R5020, R5021, and what a dosage must have.
fn usage(dosage: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    profile::need(dosage, "text", path, out);
    let since = dosage
        .list("extension")
        .find(|e| e.str("url") == Some(system::EXT_PERIOD_OF_USE))
        .and_then(|e| profile::text_at(e, &["valuePeriod", "start"]));
    if since.is_none() {
        out.refuse(
            rule::REQUIRED,
            &path.name("extension"),
            system::EXT_PERIOD_OF_USE,
        );
    }
    let timing = path.name("timing");
    let here = timing.name("code");
    let code = dosage.get("timing").and_then(|t| t.get("code"));
    profile::concept(code, &["system", "code"], &here, out);
    let Some(code) = code else { return };
    let has = |wanted: &str| {
        code.list("coding").any(|c| {
            c.str("system") == Some(wanted)
                && (wanted == system::USAGE || c.str("code") == Some(system::USAGE_UNCODED_CODE))
        })
    };
    let list = here.name("coding");
    for (i, coding) in code.list("coding").enumerate() {
        let here = list.index(i);
        match coding.str("system") {
            Some(system::USAGE) => {
                profile::need(coding, "display", &here, out);
            }
            Some(system::USAGE_UNCODED) if coding.str("display") != Some("ダミー用法コード") =>
            {
                let found = coding.str("display").unwrap_or_default();
                out.refuse_hint(FIXED, &here.name("display"), found, "ダミー用法コード");
            }
            _ => {}
        }
    }
    match (has(system::USAGE), has(system::USAGE_UNCODED)) {
        (true, true) => out.refuse(rule::R5021, &list, ""),
        (false, false) => out.refuse(rule::R5020, &list, ""),
        _ => {}
    }
}
