//! Each rule of the documents, by a document that breaks it and nothing else.

use super::examples::{self, url};
use super::{refusals, today};
use crate::clins::document::{ATTACHMENTS_MAX, check, rule};
use crate::clins::report::Checked;
use crate::clins::{Rule, document};
use crate::json::Document;
use crate::path::Path;

/// Replaces `from` (which must occur) once; a refusal must name rule and place.
fn refused(text: &str, from: &str, to: &str, rule: &str, path: &str) {
    assert!(text.contains(from), "not in the example: {from}");
    let found = refusals(&text.replacen(from, to, 1));
    assert!(
        found.iter().any(|(r, p)| r == rule && p == path),
        "{from} -> {to}: expected {rule} at {path}, found {found:?}"
    );
}

fn taken(text: &str) {
    let found = refusals(text);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn our_own_documents_are_accepted_without_a_word() {
    for (name, text) in examples::all() {
        let doc = Document::parse(text.as_bytes()).expect("JSON");
        let checked = check(&doc, today());
        assert_eq!(checked.refusals, [], "{name}");
        assert_eq!(checked.warnings, [], "{name}");
    }
}

#[test]
fn the_bundle_of_a_document_is_held_to_its_rules() {
    let good = examples::referral();
    let b = |from: &str, to: &str, rule: &str, path: &str| refused(&good, from, to, rule, path);
    b(
        "JP_Bundle_eReferral|",
        "JP_Bundle_eOther|",
        "CLINS-DOCUMENT",
        "Bundle.meta",
    );
    b(
        r#""type":"document""#,
        r#""type":"collection""#,
        "CLINS-DOCUMENT-TYPE",
        "Bundle.type",
    );
    b(
        "clins/bundle-identifier",
        "clins/other",
        "R02151",
        "Bundle.identifier.system",
    );
    for bad in [
        "1312345678^2026^",
        "1342345678^2026^a",
        "1312345678^1999^a",
        "1312345678^2026^a_b",
        "1312345678^2026^aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        b(
            "1312345678^2026^ref-1",
            bad,
            "R2152",
            "Bundle.identifier.value",
        );
    }
    b(
        r#""timestamp":"2026-05-01T09:00:00.000+09:00","#,
        "",
        "CLINS-REQUIRED",
        "Bundle.timestamp",
    );
    b(
        &url(8),
        &url(99),
        "CLINS-REFERENCE-UNRESOLVED",
        "Bundle.entry[0].resource.section[2].section[2].entry[0].reference",
    );
    let twice = good.replace(&url(8), &url(7));
    assert!(refusals(&twice).contains(&(
        "CLINS-ENTRY-ADDRESS".to_owned(),
        "Bundle.entry[8].fullUrl".to_owned()
    )));
    b(
        r#"{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000009""#,
        r#"{"fullUrl":"Allergy/9""#,
        "CLINS-ENTRY-ADDRESS",
        "Bundle.entry[9].fullUrl",
    );
    b(
        "JP_Organization_eCS|",
        "JP_Organization|",
        "CLINS-ENTRY-COUNT",
        "Bundle.entry",
    );
    b(
        "JP_Encounter_eCS|",
        "JP_Encounter|",
        "CLINS-PROFILE",
        "Bundle.entry[6].resource.meta.profile",
    );
    b(
        "JP_Patient_eCS|",
        "JP_Patient|",
        "CLINS-PROFILE",
        "Bundle.entry[1].resource.meta.profile",
    );
}

#[test]
fn a_composition_stands_first_and_alone_and_a_patient_once() {
    let plan = examples::plan();
    let (head, tail) = plan
        .split_once(r#"{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000000""#)
        .expect("entries");
    let (first, rest) = tail
        .split_once(r#",{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001""#)
        .expect("a second");
    let first = format!(r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000000"{first}"#);
    let rest = format!(r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001"{rest}"#);
    let entries = rest.strip_suffix("]}").expect("the end");
    let last = format!("{head}{entries},{first}]}}");
    let has = |text: &str, rule: &str| refusals(text).iter().any(|(r, _)| r == rule);
    assert!(has(&last, "CLINS-COMPOSITION-FIRST"));
    let twice = format!(
        "{head}{first},{entries},{}]}}",
        first.replace("000000000000", "000000000077")
    );
    assert!(has(&twice, "CLINS-COMPOSITION-FIRST"));
    let (patient, _) = entries
        .split_once(r#",{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000002""#)
        .expect("a third");
    let two = format!(
        "{head}{first},{entries},{}]}}",
        patient.replacen("000000000001", "000000000078", 1)
    );
    assert!(has(&two, "CLINS-PATIENT-COUNT"));
    let none = format!(
        "{head}{first},{}]}}",
        entries
            .strip_prefix(patient)
            .expect("a patient")
            .trim_start_matches(',')
    );
    assert!(has(&none, "CLINS-PATIENT-MISSING"));
}

#[test]
fn everything_in_a_document_is_about_its_patient() {
    for (name, text) in examples::all() {
        let other = text.replacen(
            &format!(r#""subject":{{"reference":"{}"}}"#, url(1)),
            &format!(r#""subject":{{"reference":"{}"}}"#, url(2)),
            1,
        );
        let found = refusals(&other);
        assert!(
            found.iter().any(|(r, _)| r == "CLINS-REFERENCE-PATIENT"),
            "{name}: {found:?}"
        );
    }
    let good = examples::referral();
    refused(
        &good,
        r#""patient":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000001"}"#,
        r#""patient":{"display":"山田"}"#,
        "CLINS-REFERENCE-PATIENT",
        "Bundle.entry[9].resource.patient.reference",
    );
}

#[test]
fn the_composition_is_held_to_its_rules() {
    let good = examples::referral();
    let c = |from: &str, to: &str, rule: &str, path: &str| {
        refused(
            &good,
            from,
            to,
            rule,
            &format!("Bundle.entry[0].resource.{path}"),
        );
    };
    c(
        "JP_Composition_eReferral|",
        "JP_Composition|",
        "CLINS-PROFILE",
        "meta.profile",
    );
    c(
        r#""status":"final""#,
        r#""status":"preliminary""#,
        "CLINS-FIXED",
        "status",
    );
    c("57133-1", "18842-5", "CLINS-FIXED", "type.coding[0].code");
    c(
        "OUTPATIENT",
        "INPATIENT",
        "CLINS-FIXED",
        "category[0].coding[0].code",
    );
    c(
        r#""title":"診療情報提供書""#,
        r#""title":"紹介状""#,
        "CLINS-FIXED",
        "title",
    );
    c(
        "診療情報提供書発行",
        "発行",
        "CLINS-FIXED",
        "event[0].code[0].text",
    );
    c(
        r#","period":{"start":"2026-05-01"}}]"#,
        r#"}]"#,
        "CLINS-REQUIRED",
        "event[0].period",
    );
    c(
        r#""valueString":"1""#,
        r#""valueString":" ""#,
        "CLINS-DOCUMENT-VERSION",
        "extension",
    );
    c(
        "versionNumber",
        "versionNumbers",
        "CLINS-DOCUMENT-VERSION",
        "extension",
    );
    c(
        r#""identifier":{"system":"http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier","#,
        r#""identifier":{"#,
        "CLINS-REQUIRED",
        "identifier.system",
    );
    c(
        &format!(r#""custodian":{{"reference":"{}"}}"#, url(4)),
        &format!(r#""custodian":{{"reference":"{}"}}"#, url(2)),
        "CLINS-REFERENCE-TARGET",
        "custodian",
    );
    c(
        &format!(r#""custodian":{{"reference":"{}"}},"#, url(4)),
        "",
        "CLINS-REQUIRED",
        "custodian",
    );
    let stay = examples::discharge();
    refused(
        &stay,
        r#""start":"2026-04-20","end":"2026-04-30""#,
        r#""start":"2026-04-20""#,
        "CLINS-REQUIRED",
        "Bundle.entry[0].resource.event[0].period.end",
    );
    let plan = examples::plan();
    refused(
        &plan,
        r#""title":"患者サマリー（療養計画書）","#,
        &format!(
            r#""title":"患者サマリー（療養計画書）","custodian":{{"reference":"{}"}},"#,
            url(3)
        ),
        "CLINS-NOT-ALLOWED",
        "Bundle.entry[0].resource.custodian",
    );
    refused(
        &plan,
        &format!(r#",{{"reference":"{}"}}],"encounter""#, url(3)),
        r#"],"encounter""#,
        "CLINS-REQUIRED",
        "Bundle.entry[0].resource.author",
    );
}

#[test]
fn sections_are_held_to_their_table() {
    let good = examples::referral();
    let s = |from: &str, to: &str, rule: &str, path: &str| {
        refused(
            &good,
            from,
            to,
            rule,
            &format!("Bundle.entry[0].resource.{path}"),
        );
    };
    s(
        r#""code":"910""#,
        r#""code":"999""#,
        "CLINS-SECTION-MISSING",
        "section",
    );
    s(
        r#""code":"910""#,
        r#""code":"999""#,
        "CLINS-SECTION-CODE",
        "section[0].code",
    );
    s(
        r#""code":"950""#,
        r#""code":"370""#,
        "CLINS-SECTION-MISSING",
        "section[2].section",
    );
    s(
        r#""code":"340""#,
        r#""code":"360""#,
        "CLINS-SECTION-TWICE",
        "section[2].section[2]",
    );
    s(
        r#""title":"紹介目的""#,
        r#""title":"目的""#,
        "CLINS-SECTION-TITLE",
        "section[2].section[0].title",
    );
    s(
        "clins/CodeSystem/document-section",
        "clins/CodeSystem/other",
        "CLINS-SECTION-CODE",
        "section[0].code.coding[0].system",
    );
    s(
        r#""status":"additional""#,
        r#""status":"generated""#,
        "CLINS-SECTION-TEXT",
        "section[0].text.status",
    );
    s(
        r#""title":"紹介目的","#,
        r#""title":"紹介目的","mode":"working","#,
        "CLINS-SECTION-ELEMENT",
        "section[2].section[0].mode",
    );
    s(
        r#""code":"300""#,
        r#""code":"200""#,
        "CLINS-SECTION-ENTRIES",
        "section[2].entry",
    );
    s(
        &format!(
            r#""entry":[{{"reference":"{}"}}]}},{{"title":"現病歴""#,
            url(7)
        ),
        &format!(
            r#""entry":[{{"reference":"{}"}}]}},{{"title":"現病歴""#,
            url(9)
        ),
        "CLINS-REFERENCE-TARGET",
        "section[2].section[1].entry[0]",
    );
    let stay = examples::discharge();
    for code in [
        "322", "342", "352", "312", "362", "333", "324", "344", "444", "424",
    ] {
        refused(
            &stay,
            &format!(r#""code":"{code}""#),
            r#""code":"510""#,
            "CLINS-SECTION-MISSING",
            "Bundle.entry[0].resource.section[0].section",
        );
    }
    let plan = examples::plan();
    refused(
        &plan,
        &format!(
            r#"{{"reference":"{}"}},{{"reference":"{}"}}]"#,
            url(5),
            url(6)
        ),
        &format!(r#"{{"reference":"{0}"}},{{"reference":"{0}"}}]"#, url(6)),
        "CLINS-SECTION-ENTRIES",
        "Bundle.entry[0].resource.section[0].entry",
    );
    let report = examples::checkup();
    refused(
        &report,
        "01011",
        "01050",
        "CLINS-SECTION-CODE",
        "Bundle.entry[0].resource.section[0].code",
    );
    refused(
        &report,
        "01012",
        "01011",
        "CLINS-SECTION-TWICE",
        "Bundle.entry[0].resource.section[1]",
    );
}

#[test]
fn a_checkups_result_has_a_value_or_says_why_not() {
    let report = examples::checkup();
    let value = r#""valueQuantity":{"value":162.30,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}"#;
    let reason = r#""dataAbsentReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"not-performed"}],"text":"未実施"}"#;
    let at = "Bundle.entry[5].resource.status";
    refused(
        &report,
        value,
        r#""language":"ja""#,
        "CLINS-CHECKUP-STATUS",
        at,
    );
    let cancelled = |with: &str| {
        let (head, tail) = report.split_once(value).expect("a value");
        let place = head.rfind(r#""status":"final""#).expect("a status");
        let (before, after) = head.split_at(place);
        format!(
            "{before}{}{with}{tail}",
            after.replacen("final", "cancelled", 1)
        )
    };
    taken(&cancelled(reason));
    let found = refusals(&cancelled(value));
    assert_eq!(found, [("CLINS-CHECKUP-STATUS".to_owned(), at.to_owned())]);
}

#[test]
fn flags_stand_only_where_they_have_a_meaning() {
    let flag = |code: &str| {
        format!(
            r#""tag":[{{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication","code":"{code}"}}],"profile":["#
        )
    };
    let put = |code: &str, profile: &str| {
        let at = format!(r#""profile":["http://jpfhir.jp/fhir/{profile}"#);
        let good = examples::referral();
        assert!(good.contains(&at), "{at}");
        let with = at.replacen(r#""profile":["#, &flag(code), 1);
        refusals(&good.replacen(&at, &with, 1))
            .into_iter()
            .map(|(r, _)| r)
            .collect::<Vec<_>>()
    };
    let condition = "eCS/StructureDefinition/JP_Condition_eCS";
    for code in ["LTS", "UNINFORMED", "UNDELIVERED"] {
        assert_eq!(put(code, condition), [""; 0], "{code}");
        for other in [
            "eCS/StructureDefinition/JP_Patient_eCS",
            "eCS/StructureDefinition/JP_Encounter_eCS",
            "eReferral/StructureDefinition/JP_Composition_eReferral",
            "clins/StructureDefinition/JP_Bundle_eReferral",
        ] {
            assert_eq!(put(code, other), ["CLINS-TAG"], "{code} {other}");
        }
    }
    let drug = "eCS/StructureDefinition/JP_MedicationRequest_eCS";
    assert_eq!(put("LTS", drug), [""; 0]);
    assert_eq!(put("UNDELIVERED", drug), ["CLINS-TAG"]);
}

#[test]
fn the_name_of_a_sections_code_is_the_published_one() {
    let at = |i: &str| format!("Bundle.entry[0].resource.section{i}.code.coding[0].display");
    refused(
        &examples::referral(),
        "紹介目的セクション",
        "目的セクション",
        "CLINS-SECTION-CODE",
        &at("[2].section[0]"),
    );
    taken(&examples::referral().replacen(r#","display":"紹介目的セクション""#, "", 1));
    refused(
        &examples::plan(),
        r#","display":"計画サマリーセクション""#,
        "",
        "CLINS-SECTION-CODE",
        &at("[0]"),
    );
    refused(
        &examples::checkup(),
        r#","display":"特定健診検査結果セクション""#,
        "",
        "CLINS-SECTION-CODE",
        &at("[0]"),
    );
}

#[test]
fn the_two_codes_of_a_common_section_are_one_section() {
    let stay = examples::discharge();
    taken(&stay.replacen(r#""code":"362""#, r#""code":"360""#, 1));
    let extra = stay.replacen(r#""code":"352""#, r#""code":"360""#, 1);
    assert!(
        refusals(&extra)
            .iter()
            .any(|(r, _)| r == "CLINS-SECTION-TWICE")
    );
}

#[test]
fn either_the_structured_or_the_cda_section_is_there() {
    let good = examples::referral();
    let both = good
        .replacen(r#"{"title":"添付情報""#, r#"{"title":"CDA参照""#, 1)
        .replacen(
            r#""code":"210","display":"添付情報"#,
            r#""code":"200","display":"CDA参照"#,
            1,
        );
    assert_eq!(
        refusals(&both),
        [(
            "CLINS-SECTION-BODY".to_owned(),
            "Bundle.entry[0].resource.section".to_owned()
        )]
    );
}

#[test]
fn a_referral_needs_one_addressee() {
    let good = examples::referral();
    let at = "Bundle.entry[0].resource.section[0].entry";
    let both = format!(
        r#"{{"reference":"{}"}},{{"reference":"{}"}}"#,
        url(5),
        url(3)
    );
    let doctor = format!(r#"{{"reference":"{}"}}"#, url(3));
    refused(&good, &both, &doctor, "CLINS-ADDRESSEE", at);
    let two = format!(r#"{both},{{"reference":"{}"}}"#, url(4));
    refused(&good, &both, &two, "CLINS-ADDRESSEE", at);
    refused(
        &good,
        "1319876543",
        "9919876543",
        "R1021",
        "Bundle.entry[5].resource.identifier[0].value",
    );
}

#[test]
fn files_are_counted_and_must_be_there() {
    let more: Vec<String> = vec![examples::another_file(); ATTACHMENTS_MAX - 1];
    taken(&examples::referral_with(&more));
    let more: Vec<String> = vec![examples::another_file(); ATTACHMENTS_MAX];
    let found = refusals(&examples::referral_with(&more));
    assert_eq!(
        found,
        [(
            "CLINS-ATTACHMENTS-MAX".to_owned(),
            "Bundle.entry".to_owned()
        )]
    );
    let good = examples::referral();
    refused(
        &good,
        r#""data":"JVBERi0x","#,
        "",
        "CLINS-ATTACHMENT",
        "Bundle.entry[11].resource",
    );
    let outside = good.replacen(
        r#""data":"JVBERi0x""#,
        r#""url":"http://example.org/a.pdf""#,
        1,
    );
    taken(&outside);
    let report = examples::checkup();
    let file = format!(
        r#",{{"fullUrl":"{}","resource":{}}}]}}"#,
        url(90),
        examples::another_file()
    );
    let with = format!("{}{file}", report.strip_suffix("]}").expect("the end"));
    assert_eq!(
        refusals(&with),
        [(
            "CLINS-ATTACHMENT-NONE".to_owned(),
            "Bundle.entry[7].resource".to_owned()
        )]
    );
}

#[test]
fn only_a_sound_discharge_summary_stands_inside_a_referral() {
    taken(&examples::referral_with(&[examples::discharge()]));
    let bad = examples::discharge().replacen("18842-5", "1", 1);
    let found = refusals(&examples::referral_with(&[bad]));
    let at = "Bundle.entry[12].resource.entry[0].resource.type.coding[0].code";
    assert_eq!(found, [("CLINS-FIXED".to_owned(), at.to_owned())]);
    for inner in [examples::plan(), examples::referral()] {
        let found = refusals(&examples::referral_with(&[inner]));
        assert_eq!(
            found,
            [(
                "CLINS-NESTED".to_owned(),
                "Bundle.entry[12].resource".to_owned()
            )]
        );
    }
}

#[test]
fn the_resources_of_a_document_are_held_to_their_profiles() {
    let good = examples::referral();
    let r = |from: &str, to: &str, rule: &str, at: usize, path: &str| {
        refused(
            &good,
            from,
            to,
            rule,
            &format!("Bundle.entry[{at}].resource.{path}"),
        );
    };
    r(
        "01130012:あい:１２３:02",
        "1130012:あい:１２３:02",
        "R1013",
        1,
        "identifier[1].value",
    );
    r("山田 桜", "山田\u{3000}桜", "R1113", 1, "name[0].text");
    r("3.41.1131", "3.41.2131", "R1090", 2, "identifier[0].system");
    r(
        r#""status":"finished""#,
        r#""status":"planned""#,
        "CLINS-FIXED",
        6,
        "status",
    );
    r(
        r#","display":"診療"}"#,
        "}",
        "CLINS-REQUIRED",
        6,
        "class.display",
    );
    r(
        "master-disease-keyNumber",
        "master-disease-exCode",
        "CLINS-CONDITION-CODE",
        7,
        "code.coding",
    );
    r(
        "J9FC11310000",
        "XXX",
        "CLINS-ALLERGY-CODE",
        9,
        "code.coding[0].code",
    );
    r(
        r#""code":"LTS""#,
        r#""code":"UNINFORMED""#,
        "CLINS-TAG",
        9,
        "meta.tag[0]",
    );
    r(
        "1.2.392.100495.20.2.73",
        "1.2.3",
        "R3010",
        10,
        "medicationCodeableConcept.coding",
    );
    r(
        "MedicationUsage_ePrescription",
        "Other",
        "R5020",
        10,
        "dosageInstruction[0].timing.code.coding",
    );
    r(
        r#""unit":"日","#,
        r#""unit":"週","#,
        "CLINS-FIXED",
        10,
        "dispenseRequest.expectedSupplyDuration.unit",
    );
    r(
        r##""encounter":{"reference":"#visit"},"##,
        "",
        "CLINS-REQUIRED",
        10,
        "encounter",
    );
    r(
        r##""requester":{"reference":"#doctor"},"##,
        "",
        "CLINS-REQUIRED",
        10,
        "requester",
    );
    r(
        "JP_eCS_InstitutionNumber",
        "Other",
        "CLINS-REQUIRED",
        10,
        "extension",
    );
    r(
        r#""category":["food"]"#,
        r#""category":["biologic"]"#,
        "CLINS-ALLERGY-CATEGORY",
        9,
        "category[0]",
    );
    let plan = examples::plan();
    refused(
        &plan,
        r#""title":"療養計画""#,
        r#""title":"計画""#,
        "CLINS-FIXED",
        "Bundle.entry[5].resource.title",
    );
    refused(
        &plan,
        r#""created":"2026-05-01""#,
        r#""language":"ja""#,
        "CLINS-REQUIRED",
        "Bundle.entry[5].resource.created",
    );
    let report = examples::checkup();
    refused(
        &report,
        "clins/StructureDefinition/JP_Bundle_eCheckupGeneral|",
        "clins/StructureDefinition/JP_Other|",
        "CLINS-DOCUMENT",
        "Bundle.meta",
    );
    taken(&report.replacen(
        "clins/StructureDefinition/JP_Bundle_eCheckupGeneral|",
        "eCheckup/StructureDefinition/JP_Bundle_eCheckupGeneral|9",
        1,
    ));
    taken(&report.replacen("53576-5", "JPGCHKUP01", 1));
    refused(
        &report,
        "JP_Composition_eCheckupGeneral|",
        "JP_Other|",
        "R0213",
        "Bundle.entry[0].resource.meta.profile",
    );
    refused(
        &report,
        "valueCode\":\"IDE",
        "valueString\":\"IDE",
        "R1112",
        "Bundle.entry[1].resource.name",
    );
    refused(
        &report,
        r#""effectiveDateTime":"2026-04-20","#,
        "",
        "CLINS-REQUIRED",
        "Bundle.entry[5].resource.effective[x]",
    );
    refused(
        &report,
        r#""code":"checkup""#,
        r#""code":"AMB""#,
        "CLINS-FIXED",
        "Bundle.entry[4].resource.class.code",
    );
    refused(
        &report,
        r#""code":"10""#,
        r#""code":"19""#,
        "CLINS-FIXED",
        "Bundle.entry[0].resource.category[0].coding[0].code",
    );
}

#[test]
fn whatever_was_sent_is_judged_by_what_it_is() {
    let rules = |text: &str| -> Vec<String> {
        let doc = Document::parse(text.as_bytes()).expect("JSON");
        let found = crate::clins::validate(&doc, today()).refusals;
        found.into_iter().map(|f| f.rule).collect()
    };
    assert_eq!(rules(&examples::plan()), [""; 0]);
    let strange = examples::plan().replacen("JP_Bundle_ePCS|", "JP_Bundle_xPCS|", 1);
    assert_eq!(rules(&strange), ["CLINS-DOCUMENT"]);
    let summary = strange.replacen(
        "http://jpfhir.jp/fhir/clins/StructureDefinition/",
        "http://hl7.org/fhir/uv/ips/StructureDefinition/",
        1,
    );
    assert_eq!(rules(&summary), [""; 0]);
    let conditions = crate::clins::tests::conditions();
    assert_eq!(rules(&conditions), [""; 0]);
    assert_eq!(
        rules(&conditions.replacen("JP_Bundle_CLINS|", "JP_Bundle_Other|", 1)),
        ["R0213"]
    );
    let patient = r#"{"resourceType":"Patient","meta":{"profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS"]}}"#;
    assert!(rules(patient).contains(&"R1012".to_owned()));
}

#[test]
fn a_remedy_names_the_value_that_is_expected() {
    let text = examples::referral().replacen("57133-1", "1", 1);
    let doc = Document::parse(text.as_bytes()).expect("JSON");
    let finding = check(&doc, today())
        .refusals
        .into_iter()
        .next()
        .expect("a finding");
    assert_eq!(finding.found, "1");
    assert!(finding.remedy_ja.contains("57133-1") && finding.remedy_en.contains("57133-1"));
}

#[test]
fn a_rule_holds_from_its_first_day_and_until_its_last_and_warns_before() {
    let dated = Rule {
        from: Some((2027, 4, 1)),
        until: Some((2028, 4, 1)),
        ..rule::FIXED
    };
    let on = |year, month, day| {
        let date = kernel::time::JstDate::new(year, month, day).expect("a date");
        let mut out = Checked::on(date);
        out.refuse(dated, &Path::root("Bundle"), "x");
        (out.refusals.len(), out.warnings.len())
    };
    assert_eq!(on(2027, 3, 31), (0, 1));
    assert_eq!(on(2027, 4, 1), (1, 0));
    assert_eq!(on(2028, 3, 31), (1, 0));
    assert_eq!(on(2028, 4, 1), (0, 0));
    // No rule of the guides has a date: each holds on every day.
    assert!(
        document::RULES
            .iter()
            .all(|r| r.from.is_none() && r.until.is_none())
    );
}
