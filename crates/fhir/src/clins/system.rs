//! Canonical addresses of JP-CLINS, and the older object identifiers of the same things.
//!
//! Source: JP-CLINS and JP Core NamingSystems; MEDIS and MHLW registers of object identifiers.

/// What every address of the Japanese guides begins with.
pub const GUIDES: &str = "http://jpfhir.jp/fhir/";
/// Profile of the Bundle of one kind of information.
pub const PROFILE_BUNDLE: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS";
/// Profile of the patient.
pub const PROFILE_PATIENT: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS";
/// Profile of the patient of a checkup report.
pub const PROFILE_PATIENT_CHECKUP: &str =
    "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Patient_eCheckupGeneral";
/// Profile of a condition (傷病名).
pub const PROFILE_CONDITION: &str =
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Condition_eCS";
/// Profile of an allergy.
pub const PROFILE_ALLERGY: &str =
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_AllergyIntolerance_eCS";
/// Profile of a laboratory result.
pub const PROFILE_OBSERVATION: &str =
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS";
/// Profile of a prescription.
pub const PROFILE_MEDICATION: &str =
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_MedicationRequest_eCS";
/// Profile of a contained encounter.
pub const PROFILE_ENCOUNTER: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter";

/// Extension: the sending institution's number.
pub const EXT_INSTITUTION: &str =
    "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber";
/// Extension: the clinical department; the guide's table and profile differ in its base.
pub const EXT_DEPARTMENT: [&str; 2] = [
    "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department",
    "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_Department",
];
/// Extension: main condition and the like.
pub const EXT_DIAGNOSIS_TYPE: &str =
    "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_DiagnosisType";
/// Extension: which writing of a name this is (`IDE` ideographic, `SYL` kana).
pub const EXT_NAME_WRITING: &str =
    "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";
/// Extension: since when a dosage applies.
pub const EXT_PERIOD_OF_USE: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse";

/// Extension: version of a document.
pub const EXT_VERSION: &str =
    "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber";
/// Extension: symbol (記号) in a coverage.
pub const EXT_COVERAGE_SYMBOL: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPersonSymbol";
/// Extension: number (番号) in a coverage.
pub const EXT_COVERAGE_NUMBER: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPersonNumber";
/// Extension: branch number (枝番) in a coverage.
pub const EXT_COVERAGE_BRANCH: &str =
    "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPersonSubNumber";

/// Tag system: the kind of information in a Bundle.
pub const TAG_KIND: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS";
/// Tag system: long-term storage, uninformed, undelivered.
pub const TAG_FLAG: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";

/// Identifier system of a Bundle.
pub const ID_BUNDLE: &str = "http://jpfhir.jp/fhir/clins/bundle-identifier";
/// Identifier system whose values are addresses themselves.
pub const ID_URI: &str = "urn:ietf:rfc:3986";
/// Identifier system of every resource.
pub const ID_RESOURCE: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
/// Identifier system of institutions (10 digits).
pub const ID_INSTITUTION: &str =
    "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
/// Identifier system of institutions (10 digits) in the older checkup guides.
pub const ID_INSTITUTION_CHECKUP: &str = "urn:oid:1.2.392.200119.6.102";
/// Identifier system of insurers.
pub const ID_INSURER: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber";
/// Identifier system of the insured person (被保険者個人識別子).
pub const ID_MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
/// Identifier system of a person under medical assistance (生活保護).
pub const ID_PUBLIC_MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID";
/// Before the institution in the identifier system of an institution's own patient numbers.
pub const ID_LOCAL_PATIENT_STEM: &str = "urn:oid:1.2.392.100495.20.3.51.";
/// Before the institution in the identifier system of an institution's own doctor numbers.
pub const ID_LOCAL_DOCTOR_STEM: &str = "urn:oid:1.2.392.100495.20.3.41.";
/// Identifier system of the RP number.
pub const ID_RP_NUMBER: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber";
/// Identifier system of the order inside an RP.
pub const ID_RP_ORDER: &str =
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex";

/// Condition code: 病名管理番号.
pub const DISEASE_KEY: &str = "http://medis.or.jp/CodeSystem/master-disease-keyNumber";
/// Condition code: 病名交換用コード.
pub const DISEASE_EXCHANGE: &str = "http://medis.or.jp/CodeSystem/master-disease-exCode";
/// Condition code of claims.
pub const DISEASE_CLAIM: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease";
/// ICD-10 (2013).
pub const ICD10: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full";
/// ICD-10 (2013), categories.
pub const ICD10_CATEGORY: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-3digits";
/// Allergen: food.
pub const ALLERGEN_FOOD: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS";
/// Allergen: neither food nor drug.
pub const ALLERGEN_OTHER: &str =
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS";
/// Allergen: drug without a code.
pub const ALLERGEN_DRUG: &str =
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyMedicationAllergen_CS";
/// Allergen: drug by brand code.
pub const ALLERGEN_DRUG_BRAND: &str =
    "http://jpfhir.jp/fhir/core/CodeSystem/YCM/JP_JfagyMedicationAllergen_CS";
/// Allergen: drug by ingredient code.
pub const ALLERGEN_DRUG_INGREDIENT: &str =
    "http://jpfhir.jp/fhir/core/CodeSystem/GCM/JP_JfagyMedicationAllergen_CS";
/// Laboratory item: the institution's own code.
pub const LAB_LOCAL: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS";
/// Laboratory item without a standard code.
pub const LAB_UNCODED: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_Uncoded_CS";
/// The one code of [`LAB_UNCODED`].
pub const LAB_UNCODED_CODE: &str = "99999999999999999";
/// Laboratory item: JLAC10, 17 digits.
pub const JLAC10: &str = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits";
/// Laboratory item: one of the 43, in JLAC10.
pub const CORE_LAB_JLAC10: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS";
/// Laboratory item: one of the 43, in JLAC11.
pub const CORE_LAB_JLAC11: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC11/JP_CLINS_ObsLabResult_CoreLabo_CS";
/// Infection item: one of the 5, in JLAC10.
pub const INFECTION_JLAC10: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_InfectionLabo_CS";
/// Infection item: one of the 5, in JLAC11.
pub const INFECTION_JLAC11: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC11/JP_CLINS_ObsLabResult_InfectionLabo_CS";
/// Category of laboratory observations.
pub const OBSERVATION_CATEGORY: &str =
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS";
/// Drug: YJ code.
pub const YJ: &str = "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code";
/// Drug: general name for prescriptions (一般名処方).
pub const GENERAL_NAME: &str =
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode";
/// Drug without a standard code.
pub const DRUG_UNCODED: &str = "http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS";
/// Usage: master of electronic prescriptions.
pub const USAGE: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription";
/// Usage without a code.
pub const USAGE_UNCODED: &str =
    "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS";
/// The one code of [`USAGE_UNCODED`].
pub const USAGE_UNCODED_CODE: &str = "0X0XXXXXXXXX0000";

/// Code system of sections in documents.
pub const SECTION: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/document-section";
/// Code system of sections in checkup reports.
pub const SECTION_CHECKUP: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/section-code";
/// Code system of the types of document.
pub const DOCUMENT_TYPE: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes";
/// Code system of the situations of a document (OUTPATIENT, DISCHARGE …).
pub const DOCUMENT_SUBTYPE: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-subtypecodes";
/// Code system of the kinds of checkup report.
pub const CHECKUP_CATEGORY: &str = "urn:oid:2.16.840.1.113883.2.2.1.6.1001";
/// Code system of the checkup programmes.
pub const CHECKUP_PROGRAMME: &str = "urn:oid:1.2.392.200119.6.1002";
/// Code system of the items of checkups.
pub const CHECKUP_ITEM: &str = "urn:oid:1.2.392.200119.6.1005";
/// Code system of the items of municipal checkups.
pub const MUNICIPAL_ITEM: &str = "urn:oid:1.2.392.100495.100.1051";
/// Code system of the kinds of municipal checkup.
pub const MUNICIPAL_CATEGORY: &str =
    "http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-report-category";
/// Code system of the stages of a municipal checkup (一次検診, 精密検査).
pub const MUNICIPAL_STAGE: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-type-code";
/// Code system of encounter classes.
pub const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// Code system of the branches of insurance.
pub const INSURANCE_CATEGORY: &str =
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuranceMajorCategory";
/// Code system of insured person or dependant.
pub const INSURED_CATEGORY: &str =
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuredPersonCategory";

/// Older object identifiers and today's address of the same system.
const LEGACY: [(&str, &str); 25] = [
    ("1.2.392.100495.20.2.101", UNIT_MERIT9),
    ("1.2.392.100495.20.2.61", INSURANCE_CATEGORY),
    ("1.2.392.100495.20.2.62", INSURED_CATEGORY),
    ("1.2.392.100495.20.2.73", YJ),
    ("1.2.392.100495.20.2.81", GENERAL_NAME),
    ("1.2.392.100495.20.3.23", ID_INSTITUTION),
    ("1.2.392.100495.20.3.31", ID_MEDICAL_REGISTER),
    ("1.2.392.100495.20.3.61", ID_INSURER),
    ("1.2.392.100495.20.3.81", ID_RP_NUMBER),
    ("1.2.392.100495.20.3.82", ID_RP_ORDER),
    ("1.2.392.200119.4.101.2", DISEASE_KEY),
    ("1.2.392.200119.4.101.6", DISEASE_EXCHANGE),
    ("1.2.392.200119.4.201.2", MODIFIER_KEY),
    ("1.2.392.200119.4.201.5", MODIFIER_EXCHANGE),
    ("1.2.392.200119.4.402.1", HOT13),
    ("1.2.392.200119.4.403.1", HOT9),
    ("1.2.392.200119.4.403.2", HOT7),
    ("1.2.392.200119.4.504", JLAC10),
    ("1.2.392.200119.4.701", NURSING),
    ("1.2.392.200250.2.2.2", DEPARTMENT),
    ("1.2.392.200250.2.2.20", USAGE_JAMI),
    ("1.2.392.200250.2.2.20.22", USAGE_JAMI_EXTRA),
    ("1.2.392.200250.2.2.20.30", METHOD_BASIC),
    ("1.2.392.200250.2.2.20.32", BODY_SITE),
    ("1.2.392.200250.2.2.20.40", METHOD_DETAIL),
];

const UNIT_MERIT9: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code";
const ID_MEDICAL_REGISTER: &str =
    "http://jpfhir.jp/fhir/core/mhlw/IdSystem/medicalRegistrationNumber";
const MODIFIER_KEY: &str = "http://medis.or.jp/CodeSystem/master-disease-modKeyNumber";
const MODIFIER_EXCHANGE: &str = "http://medis.or.jp/CodeSystem/master-disease-modExCode";
const HOT7: &str = "http://medis.or.jp/CodeSystem/master-HOT7";
const HOT9: &str = "http://medis.or.jp/CodeSystem/master-HOT9";
const HOT13: &str = "http://medis.or.jp/CodeSystem/master-HOT13";
const NURSING: &str = "http://medis.or.jp/CodeSystem/master-nursingAction-16digits";
const DEPARTMENT: &str = "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment";
const USAGE_JAMI: &str = "http://jami.jp/CodeSystem/MedicationUsage";
const USAGE_JAMI_EXTRA: &str = "http://jami.jp/CodeSystem/MedicationUsageAdditional";
const METHOD_BASIC: &str = "http://jami.jp/CodeSystem/MedicationMethodBasicUsage";
const METHOD_DETAIL: &str = "http://jami.jp/CodeSystem/MedicationMethodDetailUsage";
const BODY_SITE: &str = "http://jami.jp/CodeSystem/MedicationBodySiteExternal";

/// Today's address of `system`: an older object identifier is mapped, a `|version` dropped.
#[must_use]
pub fn canonical(system: &str) -> &str {
    let bare = system.split('|').next().unwrap_or(system);
    match bare.strip_prefix("urn:oid:") {
        None => bare,
        Some(oid) => LEGACY
            .iter()
            .find(|(old, _)| *old == oid)
            .map_or(bare, |(_, new)| new),
    }
}

/// Do the two name the same system?
#[must_use]
pub fn same(system: &str, wanted: &str) -> bool {
    system == wanted || canonical(system) == wanted
}

/// Who publishes code systems that a receiver can look up. Anything else cannot be resolved.
const PUBLISHERS: [&str; 11] = [
    "http://jpfhir.jp/fhir/",
    "http://medis.or.jp/",
    "http://capstandard.jp/",
    "http://jami.jp/",
    "http://hl7.org/fhir/",
    "http://terminology.hl7.org/",
    "http://loinc.org",
    "http://snomed.info/",
    "http://unitsofmeasure.org",
    "urn:oid:1.2.392.",
    "urn:oid:2.16.840.1.113883.",
];

/// Is `system` under the name of a known publisher?
#[must_use]
pub fn has_known_publisher(system: &str) -> bool {
    PUBLISHERS.iter().any(|stem| system.starts_with(stem))
}
