//! The profiles of the resources inside documents, as constraints.
//!
//! Source: StructureDefinitions of JP-CLINS 1.5.3 and eCheckupReport 1.5.0: what they add to
//! R4. What they inherit from JP Core is a loaded package's business.

use super::lines::{self, Line};
use super::{DocumentKind, municipal, rule};
use crate::clins::id::InstitutionNumber;
use crate::clins::patient::{self, Profile};
use crate::clins::profile::{has_profile, local_institution};
use crate::clins::report::Checked;
use crate::clins::rule::{R1021, R1090};
use crate::clins::{Scope, allergy, condition, medication, observation, system};
use crate::json::Node;
use crate::path::Path;
use Line::{Most, Need, Not, One, Value};

macro_rules! ecs {
    ($name:literal) => {
        concat!("http://jpfhir.jp/fhir/eCS/StructureDefinition/", $name)
    };
}
macro_rules! checkup {
    ($name:literal) => {
        concat!("http://jpfhir.jp/fhir/eCheckup/StructureDefinition/", $name)
    };
}

pub(super) const PRACTITIONER: &str = ecs!("JP_Practitioner_eCS");
pub(super) const ORGANIZATION: &str = ecs!("JP_Organization_eCS");
pub(super) const ENCOUNTER: &str = ecs!("JP_Encounter_eCS");
pub(super) const CARE_PLAN_PCS: &str = ecs!("JP_CarePlan_ePCS");
const CARE_PLAN: &str = ecs!("JP_CarePlan_eCS");
const FAMILY: &str = ecs!("JP_FamilyMemberHistory_eCS");
pub(super) const ORGANIZATION_CHECKUP: &str = checkup!("JP_Organization_eCheckupGeneral");
pub(super) const PRACTITIONER_CHECKUP: &str = checkup!("JP_Practitioner_eCheckupGeneral");
pub(super) const ENCOUNTER_CHECKUP: &str = checkup!("JP_Encounter_eCheckupGeneral");

/// The profiles of which a resource of the type claims one.
pub(super) fn claims(kind: DocumentKind, name: &str) -> &'static [&'static str] {
    match kind {
        DocumentKind::MunicipalCheckup => &[],
        DocumentKind::Checkup => checkup_claims(name),
        _ => clins_claims(name),
    }
}

fn checkup_claims(name: &str) -> &'static [&'static str] {
    match name {
        "Practitioner" => &[PRACTITIONER_CHECKUP],
        "Organization" => &[
            ORGANIZATION_CHECKUP,
            checkup!("JP_OrganizationInsurer_eCheckupGeneral"),
        ],
        "Encounter" => &[ENCOUNTER_CHECKUP],
        "Observation" => &[
            checkup!("JP_Observation_eCheckupGeneral"),
            checkup!("JP_ObservationGroup_eCheckupGeneral"),
        ],
        "Coverage" => &[
            checkup!("JP_CoverageInsurance_eCheckupGeneral"),
            checkup!("JP_CoverageService_eCheckupGeneral"),
        ],
        _ => &[],
    }
}

fn clins_claims(name: &str) -> &'static [&'static str] {
    match name {
        "Practitioner" => &[PRACTITIONER, ecs!("JP_Practitioner_eCS_author")],
        "Organization" => &[
            ORGANIZATION,
            ecs!("JP_Organization_eCS_department"),
            "http://jpfhir.jp/fhir/ePrescription/StructureDefinition/JP_Organization_eCS_coveragePayer",
        ],
        "Encounter" => &[ENCOUNTER],
        _ => &[],
    }
}

const QUALIFICATIONS: &[Line] = &[
    One("qualification.identifier.system"),
    One("qualification.code.coding"),
    One("qualification.code.coding.system"),
    One("qualification.code.coding.code"),
];

const ORGANIZATION_LINES: &[Line] = &[
    Need("identifier"),
    One("name"),
    Most("address"),
    One("address.text"),
    One("partOf.reference"),
    Value(
        "type.coding.system",
        &["http://terminology.hl7.org/CodeSystem/organization-type"],
    ),
];

const UCUM: &str = "http://unitsofmeasure.org";

const ENCOUNTER_LINES: &[Line] = &[
    Most("identifier"),
    One("identifier.value"),
    Value("status", &["finished"]),
    Value("class.system", &[system::ACT]),
    One("class.system"),
    One("class.code"),
    One("class.display"),
    Most("classHistory"),
    Value("classHistory.class.system", &[system::ACT]),
    One("classHistory.class.system"),
    One("classHistory.class.code"),
    One("classHistory.class.display"),
    One("classHistory.period.start"),
    One("period.start"),
    One("length.value"),
    One("length.unit"),
    Value("length.unit", &["日"]),
    One("length.system"),
    Value("length.system", &[UCUM]),
    One("length.code"),
    Value("length.code", &["d"]),
    One("reasonCode.coding.system"),
    One("reasonCode.coding.code"),
    One("reasonCode.text"),
    One("diagnosis.use.coding"),
    One("diagnosis.use.coding.system"),
    Value(
        "diagnosis.use.coding.system",
        &["http://terminology.hl7.org/CodeSystem/diagnosis-role"],
    ),
    One("diagnosis.use.coding.code"),
    One("diagnosis.use.coding.display"),
    Need("hospitalization.admitSource.coding"),
    One("hospitalization.admitSource.coding.system"),
    One("hospitalization.admitSource.coding.code"),
    One("hospitalization.dischargeDisposition"),
    One("hospitalization.dischargeDisposition.coding"),
    One("hospitalization.dischargeDisposition.coding.system"),
    Value(
        "hospitalization.dischargeDisposition.coding.system",
        &["http://jpfhir.jp/fhir/Common/CodeSystem/discharge-disposition"],
    ),
    One("hospitalization.dischargeDisposition.coding.code"),
    One("location.status"),
    Value("location.status", &["completed"]),
    One("location.physicalType.coding"),
    One("location.physicalType.coding.system"),
    Value(
        "location.physicalType.coding.system",
        &["http://terminology.hl7.org/CodeSystem/location-physical-type"],
    ),
    One("location.physicalType.coding.code"),
    One("location.period"),
    One("location.period.start"),
];

const PLAN: &[Line] = &[
    One("meta.lastUpdated"),
    Most("identifier"),
    One("identifier.system"),
    Value("identifier.system", &[system::ID_RESOURCE]),
    One("identifier.value"),
    Value("status", &["active"]),
    Value("intent", &["plan"]),
    One("title"),
    One("description"),
    One("period"),
    One("period.start"),
    Not("contributor"),
    Not("careTeam"),
    One("category.coding.code"),
    Value(
        "category.coding.code",
        &[
            "admission-plan",
            "hospital-plan",
            "discharge-plan",
            "followup-plan",
        ],
    ),
];

const PLAN_PCS: &[Line] = &[
    Most("category"),
    Value("title", &["療養計画"]),
    Not("encounter"),
    One("created"),
    Not("author"),
];

const PLAN_ECS: &[Line] = &[One("category")];

const FAMILY_LINES: &[Line] = &[
    One("meta.lastUpdated"),
    Value("status", &["partial"]),
    One("relationship.coding"),
    One("relationship.coding.system"),
    Value(
        "relationship.coding.system",
        &["http://terminology.hl7.org/CodeSystem/v3-RoleCode"],
    ),
    One("relationship.coding.code"),
    One("sex.coding"),
    One("sex.coding.system"),
];

/// Checkup reports: every resource of a profile of the guide.
const CHECKUP_META: &[Line] = &[One("meta"), One("meta.lastUpdated"), Need("meta.profile")];

const CHECKUP_ORGANIZATION: &[Line] = &[
    Need("type"),
    Most("address"),
    One("address.text"),
    One("partOf.reference"),
];

const CHECKUP_ENCOUNTER: &[Line] = &[
    Value("status", &["finished"]),
    One("class.code"),
    Value("class.code", &["checkup"]),
    One("class.display"),
    Value("class.display", &["健診"]),
    One("class.system"),
    Value(
        "class.system",
        &["http://jpfhir.jp/fhir/eCheckup/CodeSystem/encounter-category"],
    ),
    Value(
        "serviceType.coding.system",
        &["http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-encounter-type"],
    ),
    Value("serviceType.coding.code", &["1", "2"]),
    One("period"),
    One("period.start"),
    One("period.end"),
    One("serviceProvider"),
    One("serviceProvider.reference"),
];

const CHECKUP_RESULT: &[Line] = &[
    Value("identifier.system", &[system::ID_RESOURCE]),
    One("identifier.value"),
    Not("basedOn"),
    Not("partOf"),
    Most("category"),
    Need("code.coding"),
    One("subject"),
    One("effective[x]"),
    Most("performer"),
    One("dataAbsentReason.text"),
    Most("interpretation"),
    Most("note"),
    Value("method.coding.system", &["urn:oid:1.2.392.200119.6.1007"]),
    One("specimen.display"),
    Most("referenceRange"),
    One("referenceRange.low.value"),
    One("referenceRange.high.value"),
    Not("hasMember"),
    One("component.value[x]"),
];

const CHECKUP_GROUP: &[Line] = &[
    Value("identifier.system", &[system::ID_RESOURCE]),
    One("identifier.value"),
    Not("basedOn"),
    Not("partOf"),
    Value("status", &["final"]),
    Not("category"),
    One("subject"),
    One("effective[x]"),
    Not("performer"),
    Not("value[x]"),
    Not("dataAbsentReason"),
    Not("interpretation"),
    Not("method"),
    Not("specimen"),
    Not("referenceRange"),
    Need("hasMember.extension"),
    One("hasMember.reference"),
    Not("component"),
];

const CHECKUP_INSURANCE: &[Line] = &[
    Not("contained"),
    Most("identifier"),
    One("identifier.value"),
    Value("status", &["active"]),
    One("type"),
    One("type.coding"),
    One("type.coding.system"),
    Value("type.coding.system", &[system::INSURANCE_CATEGORY]),
    One("type.coding.code"),
    Not("policyHolder"),
    Not("subscriber"),
    One("relationship"),
    Need("relationship.coding"),
    Value("relationship.coding.system", &[system::INSURED_CATEGORY]),
    One("payor"),
    Not("class"),
    Not("order"),
    Not("network"),
    Not("costToBeneficiary"),
    Not("subrogation"),
    Not("contract"),
];

const CHECKUP_TICKET: &[Line] = &[
    Value("status", &["active"]),
    Value("type.coding.system", &["urn:oid:1.2.392.200119.6.208"]),
    Value("type.coding.code", &["1", "2"]),
    One("subscriberId"),
    One("beneficiary.reference"),
    One("payor"),
];

const CHECKUP_INSURER: &[Line] = &[
    One("type"),
    One("type.coding"),
    Value("type.coding.code", &["ins"]),
    Not("active"),
    Not("alias"),
    Not("telecom"),
    Not("address"),
    Not("partOf"),
    Not("contact"),
    Not("endpoint"),
];

/// The profiles of checkup reports and their constraints.
const CHECKUPS: &[(&str, &str, &[Line])] = &[
    ("Organization", ORGANIZATION_CHECKUP, CHECKUP_ORGANIZATION),
    (
        "Organization",
        checkup!("JP_OrganizationInsurer_eCheckupGeneral"),
        CHECKUP_INSURER,
    ),
    ("Practitioner", PRACTITIONER_CHECKUP, &[]),
    ("Encounter", ENCOUNTER_CHECKUP, CHECKUP_ENCOUNTER),
    (
        "Observation",
        checkup!("JP_Observation_eCheckupGeneral"),
        CHECKUP_RESULT,
    ),
    (
        "Observation",
        checkup!("JP_ObservationGroup_eCheckupGeneral"),
        CHECKUP_GROUP,
    ),
    (
        "Coverage",
        checkup!("JP_CoverageInsurance_eCheckupGeneral"),
        CHECKUP_INSURANCE,
    ),
    (
        "Coverage",
        checkup!("JP_CoverageService_eCheckupGeneral"),
        CHECKUP_TICKET,
    ),
];

/// Checks one resource of a document against the profile that its kind of document gives it.
pub(super) fn check(node: Node<'_>, kind: DocumentKind, path: &Path<'_>, out: &mut Checked) {
    match kind {
        DocumentKind::MunicipalCheckup => municipal::check(node, path, out),
        DocumentKind::Checkup => checkup(node, path, out),
        _ => clins(node, path, out),
    }
}

/// Resources of referral letters, discharge summaries and care plans.
fn clins(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    match node.str("resourceType").unwrap_or_default() {
        "Patient" => {
            patient::check_as(node, Profile::Clins, path, out);
        }
        "Condition" => {
            condition::check(node, path, Scope::Alone, out);
        }
        "AllergyIntolerance" => {
            allergy::check(node, path, Scope::Alone, out);
        }
        "MedicationRequest" => medication::check_in_document(node, path, out),
        "Observation" if has_profile(node, system::PROFILE_OBSERVATION) => {
            observation::check(node, path, Scope::Alone, out);
        }
        _ => alone(node, path, out),
    }
}

/// The resources that hold by lines alone, wherever they claim a profile of JP-CLINS.
pub(in crate::clins) fn alone(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let claims = |profile| has_profile(node, profile);
    match node.str("resourceType").unwrap_or_default() {
        "Practitioner" if claims(PRACTITIONER) => {
            lines::hold(node, QUALIFICATIONS, path, out);
            doctor(node, path, out);
        }
        "Organization" if claims(ORGANIZATION) => {
            lines::hold(node, ORGANIZATION_LINES, path, out);
            institution(node, true, path, out);
        }
        "Encounter" if claims(ENCOUNTER) => lines::hold(node, ENCOUNTER_LINES, path, out),
        "CarePlan" if claims(CARE_PLAN) || claims(CARE_PLAN_PCS) => {
            lines::hold(node, PLAN, path, out);
            let more = if claims(CARE_PLAN_PCS) {
                PLAN_PCS
            } else {
                PLAN_ECS
            };
            lines::hold(node, more, path, out);
        }
        "FamilyMemberHistory" if claims(FAMILY) => lines::hold(node, FAMILY_LINES, path, out),
        name => {
            for (wanted, profile, lines) in CHECKUPS {
                if *wanted == name && claims(profile) {
                    lines::hold(node, CHECKUP_META, path, out);
                    lines::hold(node, lines, path, out);
                }
            }
        }
    }
}

/// Resources of a checkup report.
fn checkup(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    if node.str("resourceType") == Some("Patient") {
        patient::check_as(node, Profile::Checkup, path, out);
        return;
    }
    alone(node, path, out);
    match node.str("resourceType").unwrap_or_default() {
        "Organization" => institution(node, false, path, out),
        "Observation" if has_profile(node, checkup!("JP_Observation_eCheckupGeneral")) => {
            item(node, path, out);
            municipal::status(node, path, out);
        }
        _ => {}
    }
}

/// The item of a result: of the checkups' or municipal list or JLAC10, all of 17 characters.
fn item(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let Some(concept) = node.get("code") else {
        return;
    };
    let known = [system::CHECKUP_ITEM, system::MUNICIPAL_ITEM, system::JLAC10];
    let fits = concept.list("coding").any(|c| {
        let name = system::canonical(c.str("system").unwrap_or_default());
        let code = c.str("code").unwrap_or_default();
        known.contains(&name) && code.len() == 17 && code.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if !fits {
        let here = path.name("code");
        let found = concept.to_compact();
        out.refuse_hint(
            rule::FIXED,
            &here.name("coding"),
            &found,
            &known.join(" | "),
        );
    }
}

/// R1021 of the institution's number among the identifiers; in JP-CLINS it is there once.
fn institution(node: Node<'_>, must: bool, path: &Path<'_>, out: &mut Checked) {
    let list = path.name("identifier");
    let mut count = 0_usize;
    for (i, identifier) in node.list("identifier").enumerate() {
        let name = identifier.str("system").unwrap_or_default();
        if !system::same(name, system::ID_INSTITUTION) {
            continue;
        }
        count += 1;
        let value = identifier.str("value").unwrap_or_default();
        if InstitutionNumber::parse(value).is_none() {
            let here = list.index(i);
            out.refuse(R1021, &here.name("value"), value);
        }
    }
    if must && count != 1 {
        let found = count.to_string();
        out.refuse_hint(R1021, &list, &found, system::ID_INSTITUTION);
    }
}

/// R1090 of the doctor's own identifiers.
fn doctor(node: Node<'_>, path: &Path<'_>, out: &mut Checked) {
    let list = path.name("identifier");
    for (i, identifier) in node.list("identifier").enumerate() {
        let name = identifier.str("system").unwrap_or_default();
        if let Some(tail) = name.strip_prefix(system::ID_LOCAL_DOCTOR_STEM)
            && local_institution(tail).is_none()
        {
            let here = list.index(i);
            out.refuse(R1090, &here.name("system"), name);
        }
    }
}
