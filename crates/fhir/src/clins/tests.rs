use std::io::Read;
use std::path::{Path as File, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::json::{Document, Kind as JsonKind, Node, Writer};
use crate::path::Path;
use crate::schema;

// ---- our own examples -------------------------------------------------------------------

const INSTITUTION: &str = r#"{"url":"http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber","valueIdentifier":{"system":"http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no","value":"1312345678"}}"#;
const DEPARTMENT: &str = r#"{"url":"http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department","valueCodeableConcept":{"coding":[{"system":"http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment","code":"01","display":"内科"}],"text":"総合内科"}}"#;
const ENCOUNTER: &str = r#"{"resourceType":"Encounter","id":"enc","meta":{"profile":["http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter|1.1"]},"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}}"#;
const DOCTOR: &str = r#"{"resourceType":"Practitioner","id":"doc","identifier":[{"system":"urn:oid:1.2.392.100495.20.3.41.11312345678","value":"D9"}],"name":[{"text":"佐藤 花"}]}"#;
const PATIENT_URL: &str = "urn:uuid:00000000-0000-4000-8000-000000000000";

fn head(kind: &str, id: &str) -> String {
    format!(
        r#""resourceType":"{kind}","meta":{{"lastUpdated":"2025-01-02T03:04:05.678+09:00","profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_{}_eCS|1.5"]}},"identifier":[{{"system":"http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier","value":"{id}"}}]"#,
        if kind == "Observation" {
            "Observation_LabResult"
        } else {
            kind
        }
    )
}

fn condition() -> String {
    format!(
        r##"{{{},"contained":[{ENCOUNTER}],"extension":[{INSTITUTION},{DEPARTMENT},{{"url":"http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_DiagnosisType","valueCodeableConcept":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/ex-diagnosistype","code":"principal"}}]}}}}],"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}}]}},"verificationStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}}]}},"category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis"}}]}}],"code":{{"coding":[{{"system":"urn:oid:1.2.392.200119.4.101.2","code":"20061234","display":"高血圧症"}}],"text":"本態性高血圧"}},"subject":{{"reference":"{PATIENT_URL}"}},"encounter":{{"reference":"#enc"}},"onsetDateTime":"2024-05"}}"##,
        head("Condition", "c-1")
    )
}

fn allergy() -> String {
    format!(
        r#"{{{},"extension":[{INSTITUTION}],"clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}}]}},"category":["medication"],"criticality":"high","code":{{"coding":[{{"system":"http://jpfhir.jp/fhir/core/CodeSystem/YCM/JP_JfagyMedicationAllergen_CS","code":"YCM6131001M1001","display":"サンプル"}}],"text":"ペニシリン"}},"patient":{{"reference":"{PATIENT_URL}"}},"reaction":[{{"manifestation":[{{"text":"発疹"}}]}}]}}"#,
        head("AllergyIntolerance", "a-1")
    )
}

fn observation() -> String {
    format!(
        r##"{{{},"contained":[{ENCOUNTER},{DOCTOR},{{"resourceType":"Specimen","id":"spe","type":{{"text":"血清"}}}}],"extension":[{INSTITUTION},{DEPARTMENT}],"status":"final","category":[{{"coding":[{{"system":"http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS","code":"laboratory"}}]}}],"code":{{"coding":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS","code":"L1","display":"アルブミン"}},{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS","code":"3A015000002327101","display":"ALB"}}],"text":"アルブミン"}},"subject":{{"reference":"{PATIENT_URL}"}},"encounter":{{"reference":"#enc"}},"effectiveDateTime":"2025-01-02T09:00:00+09:00","performer":[{{"reference":"#doc"}}],"valueQuantity":{{"value":3.50,"unit":"g/dL"}},"interpretation":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"L"}}]}}],"specimen":{{"reference":"#spe"}},"referenceRange":[{{"low":{{"value":4.10}},"high":{{"value":5.1}}}}]}}"##,
        head("Observation", "o-1")
    )
}

fn medication() -> String {
    r#"{"resourceType":"MedicationRequest","meta":{"lastUpdated":"2025-01-02T03:04:05+09:00","profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_MedicationRequest_eCS"]},"identifier":[{"system":"http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber","value":"1"},{"system":"http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex","value":"1"}],"status":"completed","intent":"order","medicationCodeableConcept":{"coding":[{"system":"urn:oid:1.2.392.100495.20.2.73","code":"2316009F1022","display":"錠"}],"text":"錠"},"subject":{"reference":"a"},"authoredOn":"2025-01-02","dosageInstruction":[{"extension":[{"url":"http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse","valuePeriod":{"start":"2025-01-02"}}],"text":"朝食後","timing":{"code":{"coding":[{"system":"http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription","code":"1011000400000000","display":"朝食後"}],"text":"朝食後"}}}]}"#.to_owned()
}

fn patient() -> String {
    r#"{"resourceType":"Patient","meta":{"lastUpdated":"2025-01-02T03:04:05+09:00","profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS|1"]},"identifier":[{"system":"urn:oid:1.2.392.100495.20.3.51.11312345678","value":"0042"},{"system":"http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID","value":"01130012:あい:１２３:02"}],"name":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"IDE"}],"text":"山田 桜","family":"山田","given":["桜"]},{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"SYL"}],"text":"ヤマダ サクラ","family":"ヤマダ","given":["サクラ"]}],"gender":"female","birthDate":"1980-04-05","address":[{"text":"東京都港区1-1","city":"港区","state":"東京都"}]}"#.to_owned()
}

fn bundle(kind: &str, entries: &[String]) -> String {
    let resources: Vec<String> = std::iter::once(patient())
        .chain(entries.iter().cloned())
        .enumerate()
        .map(|(i, resource)| {
            format!(
                r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-{i:012}","resource":{resource}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"resourceType":"Bundle","meta":{{"lastUpdated":"2025-01-02T03:04:05.678+09:00","profile":["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS|1.5.3"],"tag":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS","code":"{kind}"}}]}},"identifier":{{"system":"http://jpfhir.jp/fhir/clins/bundle-identifier","value":"1312345678^2025^abc-1"}},"type":"collection","timestamp":"2025-01-02T03:04:05.678+09:00","entry":[{}]}}"#,
        resources.join(",")
    )
}

pub(super) fn conditions() -> String {
    bundle("Condition", &[condition()])
}
pub(super) fn allergies() -> String {
    bundle("AllergyIntolerance", &[allergy()])
}
pub(super) fn observations() -> String {
    bundle("Observation", &[observation(), observation()])
}

fn check(text: &str) -> Result<Bundle, Vec<(String, String)>> {
    let doc = Document::parse(text.as_bytes()).expect("JSON");
    Bundle::check(&doc).map_err(|list| list.into_iter().map(|f| (f.rule, f.path)).collect())
}

/// Replaces `from` (which must occur) once and expects that a finding names rule and path.
fn refused(text: &str, from: &str, to: &str, rule: &str, path: &str) {
    assert!(text.contains(from), "not in the example: {from}");
    let changed = text.replacen(from, to, 1);
    let found = check(&changed).expect_err(&format!("{from} -> {to} must be refused"));
    assert!(
        found.iter().any(|(r, p)| r == rule && p == path),
        "{from} -> {to}: expected {rule} at {path}, found {found:?}"
    );
}

// ---- acceptance and facts ---------------------------------------------------------------

#[test]
fn a_condition_is_accepted_and_its_facts_are_read() {
    let bundle = check(&conditions()).expect("accepted");
    assert_eq!(bundle.kind, Kind::Condition);
    assert_eq!(bundle.institution().as_str(), "1312345678");
    assert_eq!(bundle.identifier.value(), "1312345678^2025^abc-1");
    let member = &bundle.patient.member;
    let parts = (
        member.insurer(),
        member.symbol(),
        member.number(),
        member.branch(),
    );
    assert_eq!(parts, ("01130012", "あい", "１２３", "02"));
    assert_eq!(bundle.patient.name, "山田 桜");
    assert_eq!(bundle.patient.kana.as_deref(), Some("ヤマダ サクラ"));
    assert_eq!(bundle.patient.local_id.as_deref(), Some("0042"));
    let entry = bundle.entries.first().expect("one entry");
    assert_eq!((entry.index, entry.identifier.as_str()), (1, "c-1"));
    assert_eq!(entry.department.as_deref(), Some("総合内科"));
    let Facts::Condition(condition) = &entry.facts else {
        panic!("a condition")
    };
    assert!(condition.is_main);
    assert_eq!(condition.text, "本態性高血圧");
    assert_eq!(condition.onset.as_deref(), Some("2024-05"));
    // The older object identifier is given as today's address.
    let code = condition.codes.first().expect("a code");
    assert_eq!(code.system, system::DISEASE_KEY);
}

#[test]
fn flags_of_a_condition_are_read_and_others_refused() {
    let flag = |code: &str| {
        format!(
            r#""tag":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication","code":"{code}"}}],"profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Condition_eCS"#
        )
    };
    let from = r#""profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Condition_eCS"#;
    let bundle = check(&conditions().replacen(from, &flag("UNDELIVERED"), 1)).expect("accepted");
    let flags = bundle.entries.first().expect("one").flags;
    assert_eq!(
        flags,
        Flags {
            undelivered: true,
            ..Flags::default()
        }
    );
    let at = "Bundle.entry[1].resource.meta.tag[0]";
    refused(&conditions(), from, &flag("SECRET"), "CLINS-TAG", at);
}

#[test]
fn an_allergy_is_accepted_and_low_criticality_of_a_drug_only_warned_of() {
    let bundle = check(&allergies()).expect("accepted");
    assert!(bundle.warnings.is_empty());
    let Some(Facts::Allergy(allergy)) = bundle.entries.first().map(|e| &e.facts) else {
        panic!("an allergy")
    };
    assert!(allergy.is_medication());
    assert_eq!(allergy.reactions, ["発疹"]);
    let low = allergies().replace(r#""criticality":"high""#, r#""criticality":"low""#);
    let bundle = check(&low).expect("accepted");
    let rules: Vec<&str> = bundle.warnings.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, ["R2011"]);
}

#[test]
fn a_result_keeps_its_number_text_and_tells_infection_items_apart() {
    let bundle = check(&observations()).expect("accepted");
    let Some(Facts::Observation(result)) = bundle.entries.first().map(|e| &e.facts) else {
        panic!("a result")
    };
    let number = "3.50".to_owned();
    let unit = Some("g/dL".to_owned());
    assert_eq!(
        result.value,
        Value::Quantity {
            comparator: None,
            number,
            unit
        }
    );
    assert_eq!(
        result.ranges.first().and_then(|r| r.low.as_deref()),
        Some("4.10")
    );
    assert_eq!(result.specimen.as_deref(), Some("血清"));
    assert_eq!(result.performer.as_deref(), Some("佐藤 花"));
    assert_eq!(result.local_code.code, "L1");
    assert_eq!(
        result.item.as_ref().map(|i| (i.kind, i.jlac)),
        Some((LabKind::Core, Jlac::Jlac10))
    );
    assert!(!result.is_infection());
    let infection = observations().replace("CoreLabo_CS", "InfectionLabo_CS");
    let bundle = check(&infection).expect("accepted");
    let infections = bundle.entries.iter().filter(|e| match &e.facts {
        Facts::Observation(o) => o.is_infection(),
        _ => false,
    });
    assert_eq!(infections.count(), 2);
}

#[test]
fn the_patient_alone_is_the_form_that_deletes() {
    let bundle = check(&bundle("Condition", &[])).expect("accepted");
    assert!(bundle.is_deletion());
    assert_eq!(bundle.kind, Kind::Condition);
}

#[test]
fn what_is_not_handled_never_turns_a_report_into_a_deletion() {
    let found = check(&bundle("Condition", &[medication()])).expect_err("nothing to register");
    assert_eq!(found, [("R02143".to_owned(), "Bundle.entry".to_owned())]);
    let beside = check(&bundle("Condition", &[condition(), medication()])).expect("accepted");
    assert_eq!(beside.entries.len(), 1);
    let rules: Vec<&str> = beside.warnings.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, ["CLINS-TYPE-IGNORED"]);
}

#[test]
fn a_person_under_medical_assistance_is_identified_by_the_public_payer() {
    let text = conditions()
        .replace("JP_Insurance_memberID", "JP_PublicPayer_memberID")
        .replace("01130012:あい:１２３:02", "12131234::1234567:");
    let bundle = check(&text).expect("accepted");
    assert_eq!(bundle.patient.member.kind(), MemberKind::PublicAssistance);
}

// ---- each rule --------------------------------------------------------------------------

#[test]
fn the_bundle_itself_is_held_to_its_rules() {
    let good = conditions();
    let b = |from: &str, to: &str, rule: &str, path: &str| refused(&good, from, to, rule, path);
    b(
        "JP_Bundle_CLINS|",
        "JP_Bundle_ePCS|",
        "R0213",
        "Bundle.meta.profile",
    );
    b(
        "BundleResourceType_CS",
        "Other_CS",
        "R02141",
        "Bundle.meta.tag",
    );
    b(
        r#""code":"Condition""#,
        r#""code":"Patient""#,
        "R02142",
        "Bundle.meta.tag",
    );
    b(
        "clins/bundle-identifier",
        "clins/other",
        "R02151",
        "Bundle.identifier.system",
    );
    for bad in [
        "1312345678^2025^",
        "1342345678^2025^a",
        "1312345678^1999^a",
        "1312345678^2025^a_b",
        "1312345678-2025-a",
    ] {
        b(
            "1312345678^2025^abc-1",
            bad,
            "R2152",
            "Bundle.identifier.value",
        );
    }
    b(
        r#""type":"collection""#,
        r#""type":"document""#,
        "CLINS-BUNDLE-TYPE",
        "Bundle.type",
    );
    b(
        r#","timestamp":"2025-01-02T03:04:05.678+09:00""#,
        "",
        "CLINS-REQUIRED",
        "Bundle.timestamp",
    );
    b(
        "-000000000001",
        "-000000000000",
        "CLINS-FULLURL-DUPLICATE",
        "Bundle.entry[1].fullUrl",
    );
    b(
        "urn:uuid:00000000-0000-4000-8000-000000000001",
        "Condition/1",
        "CLINS-FULLURL",
        "Bundle.entry[1].fullUrl",
    );
    b(
        r#"{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001""#,
        r#"{"search":{"mode":"match"},"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001""#,
        "CLINS-ENTRY-ELEMENT",
        "Bundle.entry[1].search",
    );
    b(
        "1312345678^2025^abc-1",
        "1319999999^2025^abc-1",
        "CLINS-INSTITUTION-MISMATCH",
        "Bundle.entry[1].resource.extension",
    );
    b(
        r#"{"resourceType":"Bundle""#,
        r#"{"resourceType":"Parameters""#,
        "CLINS-BUNDLE",
        "Bundle.resourceType",
    );
}

#[test]
fn the_patient_comes_first_and_once() {
    let none = format!(
        r#"{}[{}]}}"#,
        conditions().split_once("[{\"fullUrl\"").expect("entries").0,
        format_args!(
            r#"{{"fullUrl":"{PATIENT_URL}","resource":{}}}"#,
            condition()
        )
    );
    let found = check(&none).expect_err("no patient");
    let has = |rule: &str, path: &str| found.iter().any(|(r, p)| r == rule && p == path);
    assert!(has("CLINS-PATIENT-MISSING", "Bundle.entry"), "{found:?}");
    assert!(has("R0211", "Bundle.entry[0].resource"), "{found:?}");
    let twice = check(&bundle("Condition", &[condition(), patient()])).expect_err("two patients");
    assert!(twice.contains(&(
        "CLINS-PATIENT-COUNT".to_owned(),
        "Bundle.entry[2].resource".to_owned()
    )));
}

#[test]
fn types_are_not_mixed() {
    let found = check(&bundle("Condition", &[condition(), allergy()])).expect_err("mixed");
    let path = "Bundle.entry[2].resource.resourceType".to_owned();
    assert_eq!(found, [("CLINS-MIXED-TYPES".to_owned(), path)]);
}

#[test]
fn the_patient_is_held_to_its_rules() {
    let good = conditions();
    let p = |from: &str, to: &str, rule: &str, path: &str| {
        refused(
            &good,
            from,
            to,
            rule,
            &format!("Bundle.entry[0].resource.{path}"),
        );
    };
    p("JP_Patient_eCS|1", "JP_Patient", "R0212", "meta.profile");
    p("JP_Insurance_memberID", "other", "R1012", "identifier");
    for bad in [
        "1130012:あい:１２３:02",
        "01130012:あ い:１２３:02",
        "01130012:あい:１２３",
        "01130012:あい:１２３:2",
        "01130012:あ\u{3000}い:１:",
    ] {
        p(
            "01130012:あい:１２３:02",
            bad,
            "R1013",
            "identifier[1].value",
        );
    }
    p(
        "3.51.11312345678",
        "3.51.21312345678",
        "R1010",
        "identifier[0].system",
    );
    p("山田 桜", "山田\u{3000}桜", "R1113", "name[0].text");
    p(
        r#""family":"山田","#,
        "",
        "CLINS-REQUIRED",
        "name[0].family",
    );
    p(r#","given":["桜"]"#, "", "CLINS-REQUIRED", "name[0].given");
    p(r#""gender":"female","#, "", "CLINS-REQUIRED", "gender");
    p(
        r#""birthDate":"1980-04-05","#,
        "",
        "CLINS-REQUIRED",
        "birthDate",
    );
    p(
        r#""text":"東京都港区1-1","#,
        "",
        "CLINS-REQUIRED",
        "address[0].text",
    );
    p(
        r#""identifier":[{"system":"urn:oid:1.2.392.100495.20.3.51.11312345678""#,
        &format!(
            r#""extension":[{}],"identifier":[{{"system":"urn:oid:1.2.392.100495.20.3.51.11312345678""#,
            INSTITUTION.replace("1312345678", "1312345679")
        ),
        "R1011",
        "identifier[0].system",
    );
}

#[test]
fn a_condition_is_held_to_its_rules() {
    let good = conditions();
    let c = |from: &str, to: &str, rule: &str, path: &str| {
        refused(
            &good,
            from,
            to,
            rule,
            format!("Bundle.entry[1].resource.{path}").trim_end_matches('.'),
        );
    };
    c(INSTITUTION, DEPARTMENT, "R9011", "extension");
    c(
        r#""value":"1312345678""#,
        r#""value":"131234567""#,
        "R9012",
        "extension[0].valueIdentifier.value",
    );
    c("JP_Encounter|1.1", "Encounter", "R9013C", "contained");
    c(&format!(",{DEPARTMENT}"), "", "R9014C", "extension");
    c(
        r#","onsetDateTime":"2024-05""#,
        "",
        "R9015C",
        "onsetDateTime",
    );
    c(
        r##""encounter":{"reference":"#enc"},"##,
        "",
        "R9016C",
        "encounter",
    );
    c(
        r##""encounter":{"reference":"#enc"}"##,
        r##""encounter":{"reference":"#other"}"##,
        "CLINS-REFERENCE",
        "encounter.reference",
    );
    c(
        &format!(r#""subject":{{"reference":"{PATIENT_URL}"}}"#),
        r#""subject":{"reference":"Patient/1"}"#,
        "CLINS-REFERENCE",
        "subject.reference",
    );
    c(
        "JP_Condition_eCS|1.5",
        "JP_Condition",
        "CLINS-PROFILE",
        "meta.profile",
    );
    c(
        "resourceInstance-identifier",
        "other",
        "CLINS-IDENTIFIER",
        "identifier",
    );
    c(
        "encounter-diagnosis",
        "problem-list-item",
        "CLINS-CATEGORY",
        "category",
    );
    c(
        r#""code":"confirmed""#,
        r#""code":"entered-in-error""#,
        "R4-CON-5",
        "",
    );
    c(
        r#""onsetDateTime":"2024-05""#,
        r#""onsetDateTime":"2024-05","abatementDateTime":"2024-06""#,
        "R4-CON-4",
        "",
    );
    c(
        "urn:oid:1.2.392.200119.4.101.2",
        "http://example.com/codes",
        "CLINS-CODE-SYSTEM-UNKNOWN",
        "code.coding[0].system",
    );
    c(
        "urn:oid:1.2.392.200119.4.101.2",
        "http://medis.or.jp/CodeSystem/master-disease-exCode",
        "CLINS-CONDITION-CODE",
        "code.coding",
    );
    c(
        r#","text":"本態性高血圧""#,
        "",
        "CLINS-REQUIRED",
        "code.text",
    );
    c(
        r#","display":"高血圧症""#,
        "",
        "CLINS-REQUIRED",
        "code.coding[0].display",
    );
}

#[test]
fn an_allergy_is_held_to_its_rules() {
    let good = allergies();
    let a = |from: &str, to: &str, rule: &str, path: &str| {
        refused(
            &good,
            from,
            to,
            rule,
            format!("Bundle.entry[1].resource.{path}").trim_end_matches('.'),
        );
    };
    a(
        "/YCM/JP_JfagyMedicationAllergen_CS",
        "/Unknown_CS",
        "CLINS-CODE-SYSTEM-UNKNOWN",
        "code.coding[0].system",
    );
    for bad in ["6131001M1001", "J9FC11310000", "YCM613", "GCM6131001M1001"] {
        a(
            "YCM6131001M1001",
            bad,
            "CLINS-ALLERGY-CODE",
            "code.coding[0].code",
        );
    }
    a(
        r#""code":"active""#,
        r#""code":"asleep""#,
        "R4-BINDING",
        "clinicalStatus",
    );
    a(
        &format!(r#""extension":[{INSTITUTION}],"#),
        "",
        "R9011",
        "extension",
    );
    a(
        &format!(r#""patient":{{"reference":"{PATIENT_URL}"}}"#),
        r#""patient":{"display":"x"}"#,
        "CLINS-REFERENCE",
        "patient.reference",
    );
}

#[test]
fn a_result_is_held_to_its_rules() {
    let good = observations();
    let o = |from: &str, to: &str, rule: &str, path: &str| {
        refused(
            &good,
            from,
            to,
            rule,
            format!("Bundle.entry[1].resource.{path}").trim_end_matches('.'),
        );
    };
    o(
        "JP_CLINS_ObsLabResult_LocalCode_CS",
        "JP_Other_CS",
        "R6021",
        "code.coding",
    );
    o(
        "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS",
        "http://hospital.example/lab",
        "CLINS-CODE-SYSTEM-UNKNOWN",
        "code.coding[0].system",
    );
    o(
        r#",{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS","code":"3A015000002327101","display":"ALB"}"#,
        "",
        "CLINS-LAB-CODE",
        "code.coding",
    );
    let local = r#"{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS","code":"L1","display":"アルブミン"}"#;
    o(
        local,
        &format!("{local},{local}"),
        "CLINS-LAB-CODE-TWICE",
        "code.coding[1].system",
    );
    o(
        r#""effectiveDateTime":"2025-01-02T09:00:00+09:00","#,
        r#""effectivePeriod":{"start":"2025-01-02T09:00:00+09:00"},"#,
        "CLINS-REQUIRED",
        "effectiveDateTime",
    );
    o(
        r#""valueQuantity":{"value":3.50,"unit":"g/dL"},"#,
        "",
        "CLINS-LAB-VALUE",
        "value[x]",
    );
    o(
        r#""valueQuantity":{"value":3.50,"unit":"g/dL"}"#,
        r#""valueQuantity":{"unit":"g/dL"}"#,
        "CLINS-LAB-VALUE",
        "valueQuantity",
    );
    o(
        r#""value":3.50"#,
        r#""value":"3.50""#,
        "R4-TYPE",
        "valueQuantity.value",
    );
    o(
        r#""code":"laboratory""#,
        r#""code":"exam""#,
        "CLINS-CATEGORY",
        "category",
    );
    o(
        r#""effectiveDateTime":"2025-01-02T09:00:00+09:00","#,
        "",
        "CLINS-REQUIRED",
        "effectiveDateTime",
    );
    o(
        r##""specimen":{"reference":"#spe"},"##,
        "",
        "CLINS-REQUIRED",
        "specimen",
    );
    o(&format!(",{DOCTOR}"), "", "R9017O", "contained");
    o(
        r##""performer":[{"reference":"#doc"}],"##,
        "",
        "R9019O",
        "performer",
    );
    o("JP_Encounter|1.1", "Encounter", "R9013O", "contained");
    o(&format!(",{DEPARTMENT}"), "", "R9014O", "extension");
    o(
        r##""encounter":{"reference":"#enc"},"##,
        "",
        "R9016O",
        "encounter",
    );
    o(
        "3.41.11312345678",
        "3.41.1131234567",
        "R1090",
        "contained[1].identifier[0].system",
    );
}

#[test]
fn a_prescription_alone_is_held_to_its_rules() {
    let good = medication();
    let rules = |text: &str| {
        let doc = Document::parse(text.as_bytes()).expect("JSON");
        let checked = check_resource(doc.root(), &Path::root("MedicationRequest"));
        let list = checked.refusals.into_iter();
        list.map(|f| f.rule).collect::<Vec<_>>()
    };
    assert!(rules(&good).is_empty());
    let dummy = r#""timing":{"code":{"coding":[{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS","code":"0X0XXXXXXXXX0000","display":"ダミー用法コード"},"#;
    let table = [
        ("1.2.392.100495.20.2.73", "1.2.3", "R3010"),
        ("MedicationUsage_ePrescription", "Other", "R5020"),
        (r#""timing":{"code":{"coding":["#, dummy, "R5021"),
        (
            r#""status":"completed""#,
            r#""status":"active""#,
            "CLINS-STATUS",
        ),
        (r#""authoredOn":"2025-01-02","#, "", "CLINS-REQUIRED"),
        ("Medication-RPGroupNumber", "Other", "CLINS-REQUIRED"),
    ];
    for (from, to, rule) in table {
        assert!(good.contains(from), "{from}");
        assert_eq!(rules(&good.replacen(from, to, 1)), [rule], "{from}");
    }
}

#[test]
fn more_than_ten_thousand_entries_are_refused_before_any_is_read() {
    let bad = r#"{"fullUrl":1}"#;
    let many = vec![bad; 10_002].join(",");
    let found = check(&format!(r#"{{"resourceType":"Bundle","entry":[{many}]}}"#));
    let found = found.expect_err("too many");
    assert_eq!(
        found,
        [("CLINS-ENTRIES-MAX".to_owned(), "Bundle.entry".to_owned())]
    );
}

#[test]
fn ten_thousand_sound_entries_are_accepted() {
    let bundle = check(&bundle("AllergyIntolerance", &vec![allergy(); 10_000])).expect("accepted");
    assert_eq!(bundle.entries.len(), 10_000);
}

#[test]
fn findings_are_cut_and_the_last_one_says_so() {
    let entries: Vec<String> = vec![allergy(); 1100];
    let found = check(&bundle("Condition", &entries)).expect_err("mixed");
    assert_eq!(found.len(), schema::FINDINGS_MAX + 1);
    assert_eq!(
        found.last().map(|f| f.0.as_str()),
        Some("CLINS-FINDINGS-MAX")
    );
}

// ---- laws -------------------------------------------------------------------------------

/// How many values a document has.
fn size(node: Node<'_>) -> usize {
    match node.kind() {
        JsonKind::Array => 1 + node.items().map(size).sum::<usize>(),
        JsonKind::Object => 1 + node.entries().map(|(_, v)| size(v)).sum::<usize>(),
        _ => 1,
    }
}

/// Copies a document, leaving out or replacing the value number `target`.
fn mutate(node: Node<'_>, target: usize, with: Option<&str>) -> String {
    fn copy(node: Node<'_>, left: &mut Option<usize>, with: Option<&str>, w: &mut Writer) {
        let hit = |left: &mut Option<usize>| {
            let here = *left == Some(0);
            *left = left.and_then(|n| n.checked_sub(1));
            here
        };
        match node.kind() {
            JsonKind::Object => {
                w.begin_object();
                for (key, value) in node.entries() {
                    match (hit(left), with) {
                        (false, _) => {
                            w.key(key);
                            copy(value, left, with, w);
                        }
                        (true, Some(text)) => {
                            w.key(key).string(text);
                        }
                        (true, None) => {}
                    }
                }
                w.end();
            }
            JsonKind::Array => {
                w.begin_array();
                for value in node.items() {
                    match (hit(left), with) {
                        (false, _) => copy(value, left, with, w),
                        (true, Some(text)) => {
                            w.string(text);
                        }
                        (true, None) => {}
                    }
                }
                w.end();
            }
            _ => {
                w.node(node);
            }
        }
    }
    let (mut w, mut left) = (Writer::new(), Some(target));
    copy(node, &mut left, with, &mut w);
    String::from_utf8(w.finish()).expect("UTF-8")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_change_is_answered_and_an_accepted_bundle_never_loses_an_entry(
        which in 0usize..3, at in any::<prop::sample::Index>(), with in prop::option::of("[a-zA-Z0-9:#あ]{0,6}")
    ) {
        let text = [conditions(), allergies(), observations()][which].clone();
        let doc = Document::parse(text.as_bytes()).expect("JSON");
        let changed = mutate(doc.root(), at.index(size(doc.root()) - 1), with.as_deref());
        let doc = Document::parse(changed.as_bytes()).expect("JSON");
        match Bundle::check(&doc) {
            Ok(bundle) => {
                let sent = doc.root().list("entry").count();
                prop_assert_eq!(bundle.entries.len() + 1 + bundle.warnings.iter().filter(|w| w.rule == "CLINS-TYPE-IGNORED").count(), sent);
            }
            Err(list) => prop_assert!(!list.is_empty()),
        }
    }
}

#[test]
fn every_required_code_and_text_is_missed_when_it_is_gone() {
    // Elements that may go without a refusal; everything else in the example is required.
    let optional = [
        "display",
        "unit",
        "interpretation",
        "referenceRange",
        "low",
        "high",
        "reaction",
        "category",
        "criticality",
        "given",
        "city",
        "state",
        "class",
    ];
    let text = observations();
    let doc = Document::parse(text.as_bytes()).expect("JSON");
    let result = doc
        .root()
        .list("entry")
        .nth(1)
        .and_then(|e| e.get("resource"))
        .expect("a result");
    for (key, _) in result.entries().filter(|(key, _)| !optional.contains(key)) {
        let without: Vec<String> = result
            .entries()
            .filter(|(k, _)| *k != key)
            .map(|(k, v)| format!("\"{k}\":{}", v.to_compact()))
            .collect();
        let changed = text.replacen(
            &result.to_compact(),
            &format!("{{{}}}", without.join(",")),
            1,
        );
        assert!(check(&changed).is_err(), "without {key}");
    }
}

// ---- published examples -----------------------------------------------------------------

fn shared(path: &str) -> PathBuf {
    File::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(path)
}

fn published(dir: &str) -> Vec<(String, Document)> {
    let dir = shared(dir);
    let Ok(list) = std::fs::read_dir(&dir) else {
        eprintln!("SKIPPED: published examples ({} is absent)", dir.display());
        return Vec::new();
    };
    let mut files: Vec<_> = list
        .filter_map(|f| Some(f.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .map(|p| {
            let name = p
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let bytes = std::fs::read(&p).expect("readable");
            (name, Document::parse(&bytes).expect("JSON"))
        })
        .collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

#[test]
fn published_resources_are_accepted_and_error_examples_refused_for_their_reason() {
    for dir in ["clins/examples", "clins/compiled-1.5.3"] {
        for (name, doc) in published(dir) {
            if name.starts_with("ImplementationGuide") {
                continue;
            }
            let kind = doc.root().str("resourceType").expect("a resource");
            let checked = check_resource(doc.root(), &Path::root(kind));
            let rules: Vec<&str> = checked.refusals.iter().map(|f| f.rule.as_str()).collect();
            if name.contains("ErrorExample") {
                assert_eq!(rules, ["R3010"], "{dir}/{name}");
            } else {
                assert_eq!(rules, [""; 0], "{dir}/{name}");
            }
        }
    }
}

#[test]
fn published_clins_bundles_are_accepted_and_entries_of_documents_hold_to_their_profiles() {
    let mut accepted = 0;
    for dir in [
        "clins/examples",
        "clins/compiled-1.5.3",
        "echeckup/compiled-1.5.0",
    ] {
        for (name, doc) in published(dir) {
            if doc.root().str("type") == Some("collection") {
                let bundle = Bundle::check(&doc).expect(&name);
                assert_eq!(bundle.entries.len(), 4, "{name}");
                assert!(bundle.warnings.is_empty(), "{name}: {:?}", bundle.warnings);
                accepted += 1;
            }
            for entry in doc.root().list("entry") {
                let resource = entry.get("resource").expect("a resource");
                let kind = resource.str("resourceType").expect("a type");
                let checked = check_resource(resource, &Path::root(kind));
                assert_eq!(checked.refusals, [], "{name}");
            }
        }
    }
    assert!(accepted == 2 || !shared("clins").exists());
}

#[test]
fn a_published_bundle_with_one_fault_is_refused_at_the_right_place() {
    for (name, doc) in published("clins/examples") {
        if doc.root().str("type") != Some("collection") {
            continue;
        }
        let good = doc.root().to_compact();
        let at = "Bundle.entry[1].resource";
        refused(
            &good,
            r#""value":"1318814790""#,
            r#""value":"9918814790""#,
            "R9012",
            &format!("{at}.extension[0].valueIdentifier.value"),
        );
        refused(
            &good,
            "JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS",
            "JLAC10/Nowhere_CS",
            "CLINS-CODE-SYSTEM-UNKNOWN",
            &format!("{at}.code.coding[1].system"),
        );
        refused(
            &good,
            r#""resourceType":"Patient""#,
            r#""resourceType":"Person""#,
            "CLINS-PATIENT-MISSING",
            "Bundle.entry",
        );
        let cut = &good.as_bytes()[..good.len() / 2];
        let error = Document::parse(cut).expect_err(&name);
        assert_eq!(error.rule.id(), "JSON-TRUNCATED");
        assert!(error.path.starts_with("Bundle.entry["), "{}", error.path);
    }
}

/// What R4 itself refuses in published files, by true defects of these files.
const DEFECTS: [(&str, &str); 12] = [
    (
        "ImplementationGuide",
        "R4-BINDING definition.parameter.code",
    ),
    (
        "MedicationRequest",
        "R4-ARRAY dosageInstruction.additionalInstruction",
    ),
    ("MedicationRequest", "R4-ARRAY note"),
    ("MedicationRequest", "R4-XHTML text.div"),
    ("Organization", "R4-ARRAY type.coding"),
    ("SearchParameter", "R4-CARDINALITY-MIN base"),
    ("SearchParameter", "R4-FORMAT id"),
    (
        "StructureDefinition",
        "R4-EMPTY differential.element.comment",
    ),
    (
        "StructureDefinition",
        "R4-EMPTY differential.element.definition",
    ),
    ("StructureDefinition", "R4-EMPTY snapshot.element.comment"),
    (
        "StructureDefinition",
        "R4-EMPTY snapshot.element.definition",
    ),
    ("$", "R4-RESOURCE-TYPE resourceType"),
];

/// The defects of a document as `(resource type, rule and path without indexes)`.
fn defects(doc: &Document) -> Vec<(String, String)> {
    schema::validate(doc.root())
        .iter()
        .filter(|f| f.rule != "R4-FINDINGS-MAX")
        .map(|f| {
            let path: String = f
                .path
                .split('[')
                .map(|part| part.split_once(']').map_or(part, |(_, rest)| rest))
                .collect();
            let (kind, rest) = path.split_once('.').unwrap_or((&path, ""));
            (kind.to_owned(), format!("{} {rest}", f.rule))
        })
        .collect()
}

#[test]
fn published_packages_hold_to_r4_but_for_the_listed_defects() {
    let known =
        |(kind, what): &(String, String)| DEFECTS.iter().any(|(k, w)| k == kind && w == what);
    for dir in ["echeckup/compiled-1.5.0", "eprescription/fhir-examples"] {
        for (name, doc) in published(dir) {
            let unknown: Vec<_> = defects(&doc).into_iter().filter(|d| !known(d)).collect();
            assert_eq!(unknown, [], "{dir}/{name}");
        }
    }
    for package in [
        "jp-core-1.2.0-compiled-with-snapshots",
        "jp-clins-1.5.3-conformance",
    ] {
        let path = shared(&format!("fhir/{package}.tgz"));
        let Ok(file) = std::fs::File::open(&path) else {
            eprintln!("SKIPPED: package {package} ({} is absent)", path.display());
            continue;
        };
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let mut count = 0;
        for entry in archive.entries().expect("a tar archive") {
            let mut entry = entry.expect("an entry");
            let name = entry.path().expect("a name").to_string_lossy().into_owned();
            if !name.ends_with(".json") {
                continue;
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("readable");
            let doc = Document::parse(&bytes).expect(&name);
            let unknown: Vec<_> = defects(&doc).into_iter().filter(|d| !known(d)).collect();
            assert_eq!(unknown, [], "{name}");
            count += 1;
        }
        assert!(count > 200, "{package}: {count}");
    }
}
