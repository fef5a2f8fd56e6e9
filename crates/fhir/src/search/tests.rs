//! Rule tables of each type of search parameter.

use super::{Criterion, Env, Fault, meets, param, table};
use crate::json::Document;

const ENV: Env<'_> = Env {
    now: 1_795_309_200_000_000,
    base: "http://tasuki.test/fhir/",
};

fn check(json: &str, query: &str) -> Result<bool, Fault> {
    let document = Document::parse(json.as_bytes()).expect("JSON");
    let root = document.root();
    let kind = root.str("resourceType").expect("a type");
    let (name, value) = query.split_once('=').expect("a query");
    let (code, modifier) = match name.split_once(':') {
        Some((code, modifier)) => (code, Some(modifier)),
        None => (name, None),
    };
    let param = param(kind, code).unwrap_or_else(|| panic!("{kind} has no {code}"));
    Criterion::parse(param, modifier, value).map(|c| meets(&c, root, ENV))
}

fn table_of(json: &str, rows: &[(&str, bool)]) {
    for (query, expected) in rows {
        assert_eq!(check(json, query), Ok(*expected), "{query} of {json}");
    }
}

#[test]
fn every_line_of_the_published_table_is_read() {
    let mut count = 0;
    for line in table::lines() {
        assert!(table::read(line).is_some(), "{line}");
        count += 1;
    }
    assert!(count > 1_500, "{count}");
    // What none but some pages know beforehand: each resource has these.
    for code in [
        "_id",
        "_lastUpdated",
        "_tag",
        "_profile",
        "_security",
        "_source",
    ] {
        assert!(param("Observation", code).is_some(), "{code}");
    }
}

const OBSERVATION: &str = r#"{"resourceType":"Observation","status":"final",
    "meta":{"tag":[{"system":"http://e.org/t","code":"a"}],"profile":["http://e.org/p"]},
    "identifier":[{"system":"http://e.org/id","value":"L-1"}],
    "category":[{"coding":[{"code":"laboratory"}],"text":"検体検査"}],
    "code":{"coding":[{"system":"http://loinc.org","code":"15074-8","display":"Glucose"},
        {"system":"urn:oid:1.2.392.200119.4.504","code":"3D010"}],"text":"血糖"},
    "subject":{"reference":"Patient/p1","identifier":{"system":"http://e.org/mrn","value":"7"}},
    "encounter":{"reference":"http://tasuki.test/fhir/Encounter/e1/_history/2"},
    "effectiveDateTime":"2026-03-05T09:30:00+09:00",
    "valueQuantity":{"value":5.40,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},
    "component":[{"code":{"coding":[{"code":"sys"}]},"valueQuantity":{"value":120,"unit":"mmHg"}},
        {"code":{"coding":[{"code":"dia"}]},"valueQuantity":{"value":80,"unit":"mmHg"}}]}"#;

#[test]
fn a_token_is_met_by_code_by_system_and_by_both() {
    table_of(
        OBSERVATION,
        &[
            ("code=15074-8", true),
            ("code=http://loinc.org|15074-8", true),
            ("code=http://loinc.org|", true),
            ("code=http://snomed.info/sct|", false),
            ("code=http://snomed.info/sct|15074-8", false),
            // An older name of a system is the same system.
            (
                "code=http://medis.or.jp/CodeSystem/master-JLAC10-17digits|3D010",
                true,
            ),
            ("code=urn:oid:1.2.392.200119.4.504|3D010", true),
            ("code=|15074-8", false),
            ("category=|laboratory", true),
            ("code=nothing,15074-8", true),
            ("code=nothing", false),
            ("code:not=nothing", true),
            ("code:not=15074-8", false),
            ("code:not=nothing,15074-8", false),
            ("code:text=glu", true),
            ("code:text=血糖", true),
            ("code:text=カリウム", false),
            ("code:missing=false", true),
            ("code:missing=true", false),
            ("value-concept:missing=true", true),
            ("status=final", true),
            ("status=preliminary", false),
            ("identifier=http://e.org/id|L-1", true),
            ("identifier=L-1", true),
            ("identifier=http://e.org/other|L-1", false),
            ("_tag=http://e.org/t|a", true),
            ("_tag=b", false),
            ("combo-code=sys", true),
        ],
    );
    for query in [
        "code:in=http://e.org/vs",
        "code:below=x",
        "code:exact=x",
        "code:nonsense=x",
    ] {
        assert_eq!(check(OBSERVATION, query), Err(Fault::Modifier), "{query}");
    }
    for query in [
        "code=",
        "code=a,",
        "code=a|b|c",
        "code=|",
        "code:missing=yes",
    ] {
        assert_eq!(check(OBSERVATION, query), Err(Fault::Value), "{query}");
    }
}

#[test]
fn a_date_is_compared_as_the_span_that_its_precision_says() {
    table_of(
        OBSERVATION,
        &[
            ("date=2026-03-05", true),
            ("date=2026-03", true),
            ("date=2026", true),
            ("date=2026-03-04", false),
            ("date=2026-03-05T09:30", true),
            ("date=2026-03-05T00:30:00Z", true),
            ("date=2026-03-05T09:30:00 09:00", true),
            ("date=2026-03-05T09:31", false),
            ("date=ne2026-03-05", false),
            ("date=ne2026-03-06", true),
            ("date=gt2026-03-04", true),
            ("date=gt2026-03-05", false),
            ("date=gt2026-03-05T09:00:00+09:00", true),
            ("date=ge2026-03-05", true),
            ("date=lt2026-03-05", false),
            ("date=lt2026-03-06", true),
            ("date=le2026-03-05", true),
            ("date=sa2026-03-04", true),
            ("date=sa2026-03-05", false),
            ("date=eb2026-03-06", true),
            ("date=eb2026-03-05", false),
            ("date=ap2026-03-01", true),
            ("date=ap2020-03-01", false),
            ("date=2025,2026", true),
        ],
    );
    for query in [
        "date=yesterday",
        "date=2026-13",
        "date=2026-02-30",
        "date=xx2026",
        "date=",
    ] {
        assert_eq!(check(OBSERVATION, query), Err(Fault::Value), "{query}");
    }
    assert_eq!(check(OBSERVATION, "date:exact=2026"), Err(Fault::Modifier));
    let open = r#"{"resourceType":"Encounter","period":{"start":"2026-03-05"}}"#;
    table_of(
        open,
        &[
            ("date=2026-03-05", false),
            ("date=gt2030-01-01", true),
            ("date=lt2026-03-06", true),
            ("date=eb2030-01-01", false),
            ("date=sa2026-03-04", true),
            ("date=ge2026-03-05", true),
        ],
    );
}

const PATIENT: &str = r#"{"resourceType":"Patient","active":true,
    "name":[{"use":"official","family":"Müller","given":["Anna","Maria"]},
        {"text":"ヤマダ ハナコ","family":"山田","given":["花子"]}],
    "telecom":[{"system":"phone","value":"03-1234-5678"},{"system":"email","value":"a@e.org"}],
    "address":[{"city":"千代田区","line":["霞が関1-2-2"]}],
    "birthDate":"1958-04-12","deceasedBoolean":false,
    "generalPractitioner":[{"reference":"Practitioner/d1"},{"reference":"Organization/o1"}],
    "link":[{"other":{"reference":"Patient/p2"},"type":"seealso"}]}"#;

#[test]
fn a_text_begins_with_what_is_asked_whatever_its_case_width_and_accents() {
    table_of(
        PATIENT,
        &[
            ("family=mull", true),
            ("family=MÜLL", true),
            ("family=uller", false),
            ("family:contains=ULLER", true),
            ("family:exact=Müller", true),
            ("family:exact=muller", false),
            ("family:exact=Mü", false),
            ("name=やまだ", true),
            ("name=ヤマダ", true),
            ("name=山田 花", true),
            ("given=maria", true),
            ("given=mario", false),
            ("address=千代田", true),
            ("address-city=千代田区", true),
            ("address:contains=1-2-2", true),
            ("phone=03-1234-5678", true),
            ("email=03-1234-5678", false),
            ("telecom=email|a@e.org", true),
            ("deceased=false", true),
            ("deceased=true", false),
            ("active=true", true),
            ("birthdate=1958-04-12", true),
            ("birthdate=lt1960", true),
        ],
    );
    assert_eq!(check(PATIENT, "family:text=x"), Err(Fault::Modifier));
    let dead = r#"{"resourceType":"Patient","deceasedDateTime":"2026-01-01"}"#;
    table_of(
        dead,
        &[
            ("deceased=true", true),
            ("death-date=2026-01-01", true),
            ("name:missing=true", true),
        ],
    );
}

#[test]
fn a_reference_is_met_by_type_and_id_by_id_by_address_and_by_identifier() {
    table_of(
        OBSERVATION,
        &[
            ("subject=Patient/p1", true),
            ("subject=p1", true),
            ("subject:Patient=p1", true),
            ("subject:Group=p1", false),
            ("subject=Group/p1", false),
            ("patient=Patient/p1", true),
            ("patient=p2", false),
            ("subject=http://tasuki.test/fhir/Patient/p1", true),
            ("subject=http://elsewhere.test/fhir/Patient/p1", false),
            ("encounter=Encounter/e1", true),
            ("encounter=e2", false),
            ("subject:identifier=http://e.org/mrn|7", true),
            ("subject:identifier=http://e.org/mrn|8", false),
            ("encounter:missing=false", true),
            ("device:missing=true", true),
        ],
    );
    assert_eq!(
        check(OBSERVATION, "subject:Practitioner=1"),
        Err(Fault::Modifier)
    );
    table_of(
        PATIENT,
        &[
            ("general-practitioner=Practitioner/d1", true),
            ("general-practitioner:Organization=o1", true),
            ("general-practitioner:Organization=d1", false),
        ],
    );
}

#[test]
fn a_quantity_is_compared_with_its_precision_and_unit() {
    table_of(
        OBSERVATION,
        &[
            ("value-quantity=5.4", true),
            ("value-quantity=5.40", true),
            ("value-quantity=5.41", false),
            ("value-quantity=5", true),
            ("value-quantity=6", false),
            ("value-quantity=5.4|http://unitsofmeasure.org|mmol/L", true),
            ("value-quantity=5.4|http://unitsofmeasure.org|mg/dL", false),
            ("value-quantity=5.4||mmol/L", true),
            ("value-quantity=5.4||mg", false),
            ("value-quantity=gt5.3", true),
            ("value-quantity=gt5.4", false),
            ("value-quantity=ge5.4", true),
            ("value-quantity=lt5.4", false),
            ("value-quantity=le5.40", true),
            ("value-quantity=ne5.4", false),
            ("value-quantity=ne7", true),
            ("value-quantity=ap5.0", true),
            ("value-quantity=ap4.0", false),
            ("value-quantity=sa5", true),
            ("value-quantity=eb6", true),
            ("value-quantity=540e-2", true),
        ],
    );
    for query in [
        "value-quantity=x",
        "value-quantity=5.4|mg",
        "value-quantity=",
        "value-quantity=1.2.3",
    ] {
        assert_eq!(check(OBSERVATION, query), Err(Fault::Value), "{query}");
    }
    let range =
        r#"{"resourceType":"Condition","onsetRange":{"low":{"value":30},"high":{"value":40}}}"#;
    table_of(
        range,
        &[
            ("onset-age=gt35", true),
            ("onset-age=lt35", true),
            ("onset-age=sa35", false),
            ("onset-age=eb50", true),
        ],
    );
}

#[test]
fn a_number_is_compared_with_its_precision() {
    let risk = r#"{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.850}]}"#;
    table_of(
        risk,
        &[
            ("probability=0.85", true),
            ("probability=0.8", false),
            ("probability=gt0.8", true),
            ("probability=lt0.8", false),
            ("probability=ap0.9", true),
            ("probability=-1", false),
        ],
    );
    assert_eq!(check(risk, "probability=often"), Err(Fault::Value));
}

#[test]
fn a_composite_is_met_at_one_place_by_all_its_parts() {
    table_of(
        OBSERVATION,
        &[
            ("code-value-quantity=15074-8$5.4", true),
            ("code-value-quantity=http://loinc.org|15074-8$gt5", true),
            ("code-value-quantity=15074-8$lt5", false),
            ("component-code-value-quantity=sys$120", true),
            ("component-code-value-quantity=sys$80", false),
            ("component-code-value-quantity=dia$80", true),
        ],
    );
    for query in ["code-value-quantity=15074-8", "code-value-quantity=a$1$2"] {
        assert_eq!(check(OBSERVATION, query), Err(Fault::Value), "{query}");
    }
}

#[test]
fn an_address_is_met_as_a_whole_or_above_and_below() {
    let value_set = r#"{"resourceType":"ValueSet","url":"http://e.org/fhir/vs/1"}"#;
    table_of(
        value_set,
        &[
            ("url=http://e.org/fhir/vs/1", true),
            ("url=http://e.org/fhir/vs", false),
            ("url:below=http://e.org/fhir/vs", true),
            ("url:below=http://e.org/fhir/v", false),
            ("url:above=http://e.org/fhir/vs/1/2", true),
            ("url:above=http://e.org/fhir", false),
        ],
    );
    table_of(OBSERVATION, &[("_profile=http://e.org/p", true)]);
}

#[test]
fn a_sign_with_a_backslash_before_it_is_part_of_the_value() {
    let coded =
        r#"{"resourceType":"Observation","code":{"coding":[{"system":"s","code":"a,b|c$d"}]}}"#;
    table_of(
        coded,
        &[
            (r"code=a\,b\|c\$d", true),
            (r"code=s|a\,b\|c\$d", true),
            (r"code=a\,b", false),
        ],
    );
}
