//! The Composition: what every document says of itself.

use super::entries::Entries;
use super::lines::{self, Line};
use super::{DocumentKind, rule, section};
use crate::clins::id::BundleIdentifier;
use crate::clins::profile::{self, text_at};
use crate::clins::report::Checked;
use crate::clins::rule::{PROFILE, REQUIRED};
use crate::clins::{rule as shared, system};
use crate::json::Node;
use crate::path::Path;
use Line::{Need, Not, One, Value};

/// What all documents of JP-CLINS ask for.
const COMMON: &[Line] = &[
    One("identifier"),
    One("identifier.system"),
    Value("identifier.system", &[system::ID_RESOURCE]),
    One("identifier.value"),
    Value("status", &["final"]),
    One("type.coding"),
    Value("type.coding.system", &[system::DOCUMENT_TYPE]),
    One("type.coding.code"),
    One("category"),
    One("category.coding"),
    One("category.coding.system"),
    One("category.coding.code"),
    One("subject.reference"),
    Need("author"),
];

/// Of the seven codes the text of both profiles leaves these two.
const SUBTYPES: &[&str] = &["DISCHARGE", "OUTPATIENT"];

const REFERRAL: &[Line] = &[
    Value("type.coding.code", &["57133-1"]),
    Value("type.coding.display", &["診療情報提供書"]),
    Value("category.coding.system", &[system::DOCUMENT_SUBTYPE]),
    Value("category.coding.code", SUBTYPES),
    Value("title", &["診療情報提供書"]),
    One("custodian"),
    One("custodian.reference"),
    One("encounter.reference"),
    One("event"),
    One("event.code"),
    Not("event.code.coding"),
    Value("event.code.text", &["診療情報提供書発行"]),
    One("event.code.text"),
    One("event.period"),
    One("event.period.start"),
];

const DISCHARGE: &[Line] = &[
    Value("type.coding.code", &["18842-5"]),
    Value("type.coding.display", &["退院時サマリー"]),
    Value("category.coding.system", &[system::DOCUMENT_SUBTYPE]),
    Value("category.coding.code", &["DISCHARGE"]),
    Value("title", &["退院時サマリー"]),
    One("custodian"),
    One("custodian.reference"),
    One("encounter.reference"),
    One("event"),
    Not("event.code"),
    One("event.period"),
    One("event.period.start"),
    One("event.period.end"),
];

const CARE_PLAN: &[Line] = &[
    Value("type.coding.code", &["56447-6"]),
    Value("type.coding.display", &["計画書"]),
    Value("category.coding.system", &[system::DOCUMENT_SUBTYPE]),
    Value("category.coding.code", SUBTYPES),
    Value("title", &["患者サマリー（療養計画書）"]),
    One("encounter"),
    Not("custodian"),
    Not("event"),
];

/// 特定健診 and others; the codes that ask for a deletion are no reports.
const REPORTS: &[&str] = &["10", "40", "41", "42", "43", "44", "60", "70", "80", "99"];
const PROGRAMMES: &[&str] = &[
    "000", "010", "020", "030", "040", "060", "070", "080", "090", "990",
];

const CHECKUP: &[Line] = &[
    Value("type.coding.code", &["53576-5", "JPGCHKUP01"]),
    Value(
        "type.coding.display",
        &["検診・健診報告書", "健診結果報告書"],
    ),
    Value("category.coding.system", &[system::CHECKUP_CATEGORY]),
    Value("category.coding.code", REPORTS),
    One("encounter"),
    One("encounter.reference"),
    One("event"),
    One("event.code"),
    One("event.code.coding"),
    One("event.code.coding.system"),
    Value("event.code.coding.system", &[system::CHECKUP_PROGRAMME]),
    One("event.code.coding.code"),
    Value("event.code.coding.code", PROGRAMMES),
];

/// What the published municipal reports have in common with the others.
const MUNICIPAL: &[Line] = &[
    One("identifier"),
    One("identifier.value"),
    Value("status", &["final"]),
    One("type.coding"),
    One("category"),
    One("category.coding"),
    One("category.coding.system"),
    Value("category.coding.system", &[system::MUNICIPAL_CATEGORY]),
    One("category.coding.code"),
    Value(
        "category.coding.code",
        &["51", "52", "53", "54", "55", "56", "57", "58"],
    ),
    One("subject.reference"),
    One("encounter.reference"),
    Need("author"),
    One("custodian"),
    One("event"),
    One("event.code"),
    One("event.code.coding"),
    One("event.code.coding.system"),
    Value("event.code.coding.system", &[system::MUNICIPAL_STAGE]),
    One("event.code.coding.code"),
    Value("event.code.coding.code", &["1", "2", "3"]),
    One("event.period"),
    One("event.period.start"),
];

const fn lines(kind: DocumentKind) -> &'static [Line] {
    match kind {
        DocumentKind::Referral => REFERRAL,
        DocumentKind::Discharge => DISCHARGE,
        DocumentKind::CarePlan => CARE_PLAN,
        DocumentKind::Checkup => CHECKUP,
        DocumentKind::MunicipalCheckup => MUNICIPAL,
    }
}

const fn profile_of(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Referral => {
            "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral"
        }
        DocumentKind::Discharge => {
            "http://jpfhir.jp/fhir/eDischargeSummary/StructureDefinition/JP_Composition_eDischargeSummary"
        }
        DocumentKind::CarePlan => {
            "http://jpfhir.jp/fhir/ePCS/StructureDefinition/JP_Composition_ePCS"
        }
        DocumentKind::Checkup => {
            "http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Composition_eCheckupGeneral"
        }
        DocumentKind::MunicipalCheckup => {
            "http://jpfhir.jp/fhir/eMunicipalCheckup/StructureDefinition/JP_Composition_eMunicipalCheckup"
        }
    }
}

/// Checks the Composition and its sections.
pub(super) fn check(
    node: Node<'_>,
    kind: DocumentKind,
    entries: &Entries<'_>,
    path: &Path<'_>,
    out: &mut Checked,
) {
    if kind != DocumentKind::MunicipalCheckup {
        let breach = if kind == DocumentKind::Checkup {
            shared::R0213
        } else {
            PROFILE
        };
        profile::meta(node, profile_of(kind), breach, path, out);
        lines::hold(node, COMMON, path, out);
        identifier(node, path, out);
    }
    lines::hold(node, lines(kind), path, out);
    version(node, path, out);
    people(node, kind, entries, path, out);
    section::check(node, kind, entries, path, out);
}

/// The published examples do not keep the form that the text gives: only a warning.
fn identifier(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let value = text_at(node, &["identifier", "value"]).unwrap_or_default();
    let short = value
        .rsplit('^')
        .next()
        .is_some_and(|tail| tail.len() <= 32);
    if !short || BundleIdentifier::parse(system::ID_BUNDLE, value).is_none() {
        let here = path.name("identifier");
        out.warn(rule::COMPOSITION_ID, &here.name("value"), value);
    }
}

/// The extension with the document's version: once, with a value.
fn version(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let mut versions = node
        .list("extension")
        .filter(|e| e.str("url") == Some(system::EXT_VERSION));
    let first = versions.next();
    let filled = first
        .and_then(|e| e.str("valueString"))
        .is_some_and(|v| !v.trim().is_empty());
    if !filled || versions.next().is_some() {
        let found = first.and_then(|e| e.str("valueString")).unwrap_or_default();
        out.refuse(rule::VERSION, &path.name("extension"), found);
    }
}

/// Subject, authors, custodian, encounter: the types that they refer to.
fn people(
    node: Node<'_>,
    kind: DocumentKind,
    entries: &Entries<'_>,
    path: &Path<'_>,
    out: &mut Checked,
) {
    const AUTHORS: &[&str] = &["Practitioner", "Organization"];
    const ANYBODY: &[&str] = &["Practitioner", "PractitionerRole", "Organization"];
    let authors = if kind.is_checkup() { ANYBODY } else { AUTHORS };
    let list = path.name("author");
    let (mut doctors, mut institutions) = (0_usize, 0_usize);
    for (i, reference) in node.list("author").enumerate() {
        let name = target(reference, authors, entries, &list.index(i), out);
        doctors += usize::from(matches!(name, "Practitioner" | "PractitionerRole"));
        institutions += usize::from(name == "Organization");
    }
    if kind == DocumentKind::CarePlan {
        if (doctors, institutions) != (1, 1) || node.list("author").count() != 2 {
            let found = format!("Practitioner {doctors}, Organization {institutions}");
            let hint = "Practitioner 1..1, Organization 1..1";
            out.refuse_hint(REQUIRED, &list, &found, hint);
        }
    } else if !kind.is_checkup() && (doctors == 0 || institutions == 0) {
        let found = format!("Practitioner {doctors}, Organization {institutions}");
        out.warn(rule::AUTHOR, &list, &found);
    }
    for (key, types) in [
        ("subject", &["Patient"][..]),
        ("custodian", &["Organization"]),
        ("encounter", &["Encounter"]),
    ] {
        if let Some(reference) = node.get(key) {
            target(reference, types, entries, &path.name(key), out);
        }
    }
}

/// The type that a reference points to, which must be one of `types`.
fn target<'d>(
    reference: Node<'d>,
    types: &[&str],
    entries: &Entries<'d>,
    path: &Path<'_>,
    out: &mut Checked,
) -> &'d str {
    let Some(target) = entries.target(reference) else {
        return "";
    };
    let name = target.str("resourceType").unwrap_or_default();
    if !types.contains(&name) {
        out.refuse_hint(rule::TARGET, path, name, &types.join(" | "));
    }
    name
}
