//! One judgement, by the rules of the day that is asked for.

use fhir::{clins, json::Document};

use super::{day, library};
use crate::{Library, judge};

/// What is judged by our own rules is judged by those of the day, whatever it is: a Bundle of a
/// kind of information, a document, a resource. The verdict carries the day of its rules, so that
/// one by all rules is another.
#[test]
fn everything_is_judged_by_the_rules_of_the_day() {
    let nothing = Library::new();
    for text in [
        r#"{"resourceType":"Bundle","type":"collection"}"#,
        r#"{"resourceType":"Bundle","type":"document","meta":{"profile":["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eReferral"]}}"#,
        r#"{"resourceType":"Bundle","type":"document","identifier":{"value":"1"},"timestamp":"2026-11-22T00:00:00Z"}"#,
        r#"{"resourceType":"Condition","meta":{"profile":["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Condition_eCS"]}}"#,
        r#"{"resourceType":"Patient"}"#,
    ] {
        let document = Document::parse(text.as_bytes()).expect("JSON");
        let judged = judge(&document, &nothing, &[], day());
        assert_eq!(judged, clins::validate(&document, day()), "{text}");
        assert_ne!(
            judged,
            clins::validate(&document, day().plus_days(1)),
            "{text}"
        );
    }
}

#[test]
fn a_packages_condition_holds_from_its_first_day_until_its_last() {
    let profile = super::rules::profile(
        "Dated",
        "Bundle",
        &[
            r#"{"id":"Bundle.type","path":"Bundle.type","min":1,"max":"1","constraint":[{"key":"dated-1",
            "severity":"error","human":"identifier from April 2027 until March 2028",
            "expression":"(today() >= @2027-04-01 and today() < @2028-04-01) implies %resource.identifier.exists()"}]}"#,
        ],
    );
    let library = library(&[profile]);
    let text =
        r#"{"resourceType":"Bundle","type":"batch","meta":{"profile":["http://x.jp/Dated"]}}"#;
    let document = Document::parse(text.as_bytes()).expect("JSON");
    for (on, is_refused) in [
        ("2027-03-31", false),
        ("2027-04-01", true),
        ("2028-03-31", true),
        ("2028-04-01", false),
    ] {
        let on = kernel::time::JstDate::parse(on).expect("a date");
        let judged = judge(&document, &library, &[], on);
        assert_eq!(!judged.is_accepted(), is_refused, "{on}: {judged:?}");
    }
}
