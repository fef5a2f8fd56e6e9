use super::*;
use crate::json::Document;

fn rules(text: &str) -> Vec<(String, String)> {
    let doc = Document::parse(text.as_bytes()).expect("JSON");
    validate(doc.root())
        .into_iter()
        .map(|f| (f.rule, f.path))
        .collect()
}

fn check(text: &str, expected: &[(&str, &str)]) {
    let found = rules(text);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(r, p)| (r.as_str(), p.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn the_table_knows_all_resource_types_and_fits_its_bit_sets() {
    assert_eq!(resource_types().count(), 146);
    assert!(is_resource_type("MedicationRequest"));
    assert!(!is_resource_type("DomainResource"));
    let most = table::get().frames().iter().map(|f| f.groups.len()).max();
    assert!(most.is_some_and(|n| n <= 128), "{most:?}");
}

#[test]
fn a_small_valid_patient_has_no_findings() {
    check(
        r#"{"resourceType":"Patient","id":"a-1","_birthDate":{"extension":[{"url":"u","valueCode":"unknown"}]},
           "name":[{"given":["A",null],"_given":[null,{"id":"x"}]}],"gender":"female","deceasedBoolean":false}"#,
        &[],
    );
}

#[test]
fn what_the_definition_does_not_allow_is_named_with_its_place() {
    check(
        r#"{"resourceType":"Patient","nmae":[]}"#,
        &[("R4-UNKNOWN-ELEMENT", "Patient.nmae")],
    );
    check(
        r#"{"resourceType":"Nobody"}"#,
        &[("R4-RESOURCE-TYPE", "Nobody.resourceType")],
    );
    check(r#"{"id":"a"}"#, &[("R4-RESOURCE-TYPE", "$.resourceType")]);
    check("[]", &[("R4-TYPE", "$")]);
    check(
        r#"{"resourceType":"Observation","code":{"text":"a"}}"#,
        &[("R4-CARDINALITY-MIN", "Observation.status")],
    );
    check(
        r#"{"resourceType":"Patient","gender":"mail"}"#,
        &[("R4-BINDING", "Patient.gender")],
    );
    check(
        r#"{"resourceType":"Patient","gender":["male"],"name":{"text":"a"}}"#,
        &[
            ("R4-CARDINALITY-MAX", "Patient.gender"),
            ("R4-ARRAY", "Patient.name"),
        ],
    );
    check(
        r#"{"resourceType":"Patient","active":"true","name":["a"],"multipleBirthInteger":1.0}"#,
        &[
            ("R4-TYPE", "Patient.active"),
            ("R4-TYPE", "Patient.name[0]"),
            ("R4-FORMAT", "Patient.multipleBirthInteger"),
        ],
    );
    check(
        r#"{"resourceType":"Patient","name":[],"contact":[{}],"language":"","photo":null}"#,
        &[
            ("R4-EMPTY", "Patient.name"),
            ("R4-EMPTY", "Patient.contact[0]"),
            ("R4-EMPTY", "Patient.language"),
            ("R4-ARRAY", "Patient.photo"),
        ],
    );
    check(
        r#"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}"#,
        &[("R4-CHOICE", "Patient.deceasedDateTime")],
    );
    check(
        r#"{"resourceType":"Patient","name":[{"given":["A",null]}]}"#,
        &[("R4-NULL", "Patient.name[0].given[1]")],
    );
    check(
        r#"{"resourceType":"Patient","_name":[{"id":"a"}],"_gender":[{"id":"a"}]}"#,
        &[
            ("R4-UNKNOWN-ELEMENT", "Patient._name"),
            ("R4-TWIN", "Patient._gender"),
        ],
    );
    check(
        r#"{"resourceType":"Patient","extension":[{"url":"a"},{"url":"b","valueString":"c","extension":[{"url":"d","valueCode":"e"}]}]}"#,
        &[
            ("R4-EXT-1", "Patient.extension[0]"),
            ("R4-EXT-1", "Patient.extension[1]"),
        ],
    );
}

#[test]
fn a_missing_element_comes_before_problems_further_inside() {
    check(
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation","status":"final","valueQuantity":{"value":"1"}}}]}"#,
        &[
            ("R4-CARDINALITY-MIN", "Bundle.entry[0].resource.code"),
            ("R4-TYPE", "Bundle.entry[0].resource.valueQuantity.value"),
        ],
    );
}

#[test]
fn contained_resources_are_checked_and_not_nested() {
    check(
        r#"{"resourceType":"Patient","contained":[{"resourceType":"Patient","x":1,"contained":[{"resourceType":"Patient","id":"a"}]}]}"#,
        &[
            ("R4-UNKNOWN-ELEMENT", "Patient.contained[0].x"),
            ("R4-DOM-2", "Patient.contained[0].contained[0]"),
        ],
    );
}

#[test]
fn a_required_concept_needs_a_coding_of_its_value_set() {
    let text = |system: &str| {
        format!(
            r#"{{"resourceType":"Condition","subject":{{"reference":"a"}},"clinicalStatus":{{"coding":[{{"system":"{system}","code":"active"}}]}}}}"#
        )
    };
    check(
        &text("http://terminology.hl7.org/CodeSystem/condition-clinical"),
        &[],
    );
    check(
        &text("http://example.org"),
        &[("R4-BINDING", "Condition.clinicalStatus")],
    );
}

#[test]
fn primitives_are_held_to_their_form() {
    use super::primitive::Primitive as P;
    let table: [(P, &[&str], &[&str]); 13] = [
        (
            P::Date,
            &["2020", "2020-02", "2020-02-29"],
            &[
                "2021-02-29",
                "2020-13",
                "20",
                "0000",
                "2020-1-1",
                "2020-01-01T00:00:00Z",
            ],
        ),
        (
            P::DateTime,
            &[
                "2020",
                "2020-01-01T00:00:00Z",
                "2020-01-01T23:59:60.123+09:00",
            ],
            &[
                "2020-01-01T00:00Z",
                "2020-01-01T00:00:00",
                "2020-01T00:00:00Z",
                "2020-01-01T24:00:00Z",
            ],
        ),
        (
            P::Instant,
            &["2020-01-01T00:00:00.1Z"],
            &["2020-01-01", "2020-01-01T00:00:00+15:00"],
        ),
        (
            P::Time,
            &["00:00:00", "23:59:59.99"],
            &["24:00:00", "00:00", "00:00:00Z"],
        ),
        (
            P::Integer,
            &["0", "-5", "2147483647"],
            &["1.0", "2147483648", "1e3"],
        ),
        (P::PositiveInt, &["1"], &["0", "-1"]),
        (P::UnsignedInt, &["0"], &["-1"]),
        (P::Code, &["a", "a b"], &[" a", "a ", "a  b"]),
        (P::Id, &["A-1.b"], &["a_b", "あ"]),
        (
            P::Oid,
            &["urn:oid:1.2.392.0"],
            &["urn:oid:3.1", "urn:oid:1", "urn:oid:1.02", "1.2"],
        ),
        (
            P::Uuid,
            &["urn:uuid:b76ef6f6-f6e3-c110-5039-eee64ef6ab6a"],
            &["urn:uuid:b76ef6f6"],
        ),
        (P::Base64Binary, &["AAAA", "AA A=\n"], &["AAA", "A*AA"]),
        (P::Uri, &["urn:x", "あ"], &["a b"]),
    ];
    for (primitive, good, bad) in table {
        good.iter()
            .for_each(|t| assert!(primitive.accepts(t), "{primitive:?} {t}"));
        bad.iter()
            .for_each(|t| assert!(!primitive.accepts(t), "{primitive:?} {t}"));
    }
}

#[test]
fn narrative_may_format_but_not_act() {
    let xhtml = |inner: &str| {
        xhtml::problem(&format!(
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>"
        ))
    };
    assert_eq!(xhtml("<p class='a'>あ &lt; い<br/></p><!-- n -->"), None);
    for bad in [
        "<script>x</script>",
        "<p onclick=\"x\">a</p>",
        "<a href=\" javascript:x\">a</a>",
        "<p>",
        "</p>",
        "<p></div>",
        "<iframe/>",
        "<p a",
    ] {
        assert!(xhtml(bad).is_some(), "{bad}");
    }
    assert!(xhtml::problem("<div>a</div>").is_some());
    assert!(xhtml::problem("text").is_some());
}

#[test]
fn findings_are_cut_at_a_thousand_and_the_last_one_says_so() {
    let names = "{\"a\":1},".repeat(1500);
    let text = format!(
        r#"{{"resourceType":"Patient","name":[{}]}}"#,
        names.trim_end_matches(',')
    );
    let found = rules(&text);
    assert_eq!(found.len(), FINDINGS_MAX + 1);
    assert_eq!(found.last().map(|f| f.0.as_str()), Some("R4-FINDINGS-MAX"));
}

#[test]
fn invariants_about_two_elements_are_kept_under_their_keys() {
    let patient = |inner: &str| format!(r#"{{"resourceType":"Patient",{inner}}}"#);
    let period = |start: &str, end: &str| {
        patient(&format!(
            r#""address":[{{"period":{{"start":"{start}","end":"{end}"}}}}]"#
        ))
    };
    for (start, end) in [
        ("2020", "2020-01-01"),
        ("2020-05", "2020-05-01"),
        ("2020-01-01T09:00:00+09:00", "2020-01-01T00:00:00Z"),
        ("2020-01-01T00:00:00Z", "2020-01-01"),
    ] {
        check(&period(start, end), &[]);
    }
    for (start, end) in [
        ("2021", "2020"),
        ("2020-02", "2020-01-31"),
        ("2020-01-01T09:00:01+09:00", "2020-01-01T00:00:00Z"),
    ] {
        check(
            &period(start, end),
            &[("R4-PER-1", "Patient.address[0].period")],
        );
    }
    check(
        &patient(r#""contact":[{"gender":"male"}],"telecom":[{"value":"1"}]"#),
        &[
            ("R4-PAT-1", "Patient.contact[0]"),
            ("R4-CPT-2", "Patient.telecom[0]"),
        ],
    );
    check(
        r#"{"resourceType":"Bundle","type":"document","entry":[{"fullUrl":"urn:a"},{"fullUrl":"urn:a","resource":{"resourceType":"Patient","id":"a"}}]}"#,
        &[
            ("R4-BDL-5", "Bundle.entry[0]"),
            ("R4-BDL-7", "Bundle"),
            ("R4-BDL-9", "Bundle"),
            ("R4-BDL-10", "Bundle"),
            ("R4-BDL-11", "Bundle"),
        ],
    );
    check(
        r#"{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueString":"a","dataAbsentReason":{"text":"b"}}"#,
        &[("R4-OBS-6", "Observation")],
    );
}

#[test]
fn a_local_reference_points_into_the_contained_list() {
    let text = |id: &str| {
        format!(
            r##"{{"resourceType":"Patient","contained":[{{"resourceType":"Organization","id":"o","name":"a","partOf":{{"reference":"#"}}}}],"managingOrganization":{{"reference":"#{id}"}}}}"##
        )
    };
    check(&text("o"), &[]);
    check(
        &text("x"),
        &[("R4-REF-1", "Patient.managingOrganization.reference")],
    );
}

#[test]
fn contained_resources_have_ids_of_their_own() {
    check(
        r##"{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"a"},{"resourceType":"Organization","id":"o","name":"b"}],"managingOrganization":{"reference":"#o"}}"##,
        &[("R4-CONTAINED-ID", "Patient.contained[1].id")],
    );
}

#[test]
fn a_decimal_is_of_a_size_that_readers_can_hold() {
    let of = |value: &str| {
        format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"valueQuantity":{{"value":{value}}}}}"#
        )
    };
    for good in [
        "1.50",
        "-0.000000000000000001",
        "1e99",
        "1E-99",
        "123456789012345678.123456789012345678",
    ] {
        check(&of(good), &[]);
    }
    let many = "9".repeat(65);
    for bad in [many.as_str(), "1e100", "1E-100", "1e99999999999"] {
        check(
            &of(bad),
            &[("R4-FORMAT", "Observation.valueQuantity.value")],
        );
    }
}
