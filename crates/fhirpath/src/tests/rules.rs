//! One sentence a rule.

use fhir::json::Document;

use crate::{Context, Element, EvalError, Expression, Resources, Value};

const BUNDLE: &str = r##"{"resourceType":"Bundle","type":"collection","entry":[
 {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Observation","id":"o",
  "subject":{"reference":"Patient/p"},"encounter":{"reference":"#e"},
  "performer":[{"reference":"http://x.jp/fhir/Practitioner/d"}],
  "contained":[{"resourceType":"Encounter","id":"e","subject":{"reference":"urn:uuid:2"}}],
  "valueQuantity":{"value":1.50,"system":"http://unitsofmeasure.org","code":"mg"}}},
 {"fullUrl":"http://x.jp/fhir/Patient/p","resource":{"resourceType":"Patient","id":"p",
  "_birthDate":{"extension":[{"url":"http://x","valueCode":"unknown"}]},
  "name":[{"given":["太郎",null],"_given":[null,{"id":"g"}]}]}},
 {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Patient","id":"q"}}]}"##;

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Element(element) => {
            let id = element.node().and_then(|node| node.str("id"));
            let text = element.node().map(|node| node.to_compact());
            let text = id.map(str::to_owned).or(text).unwrap_or_default();
            format!("{}:{text}", element.type_name())
        }
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => format!("'{text}'"),
        Value::Moment(moment) => moment.to_string(),
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Type(namespace, name) => format!("{namespace}.{name}"),
    }
}

fn evaluate(expression: &str, set: fn(Context<'_>) -> Context<'_>) -> Result<String, EvalError> {
    let document = Document::parse(BUNDLE.as_bytes()).expect("JSON");
    let resources = Resources::of(document.root());
    let expression = Expression::parse(expression).expect("an expression");
    let entry = document.root().list("entry").next().expect("an entry");
    let observation = Element::resource(entry.get("resource").expect("a resource"));
    let context = set(Context::new(observation).resolving(&resources));
    let found = expression.evaluate(&context)?;
    let words: Vec<String> = found.iter().map(shown).collect();
    Ok(words.join(", "))
}

fn check(expression: &str, expected: &str) {
    let found = evaluate(expression, |context| context).expect("a value");
    assert_eq!(found, expected, "{expression}");
}

#[test]
fn a_reference_leads_to_the_bundle_by_relative_address_and_to_what_is_contained() {
    check("subject.resolve()", "Patient:p");
    check("encounter.resolve()", "Encounter:e");
    check(
        "Observation.subject.where(resolve() is Patient).reference",
        "string:\"Patient/p\"",
    );
    check("encounter.resolve().subject.resolve().id", "id:\"q\"");
    check("performer.resolve()", "");
}

#[test]
fn a_reference_that_leads_nowhere_still_tells_its_type_when_asked_so() {
    let stubs = |expression| evaluate(expression, |context| context.with_stubs()).expect("a value");
    assert_eq!(
        stubs("performer.where(resolve() is Practitioner).exists()"),
        "true"
    );
    assert_eq!(
        stubs("performer.where(resolve() is Patient).exists()"),
        "false"
    );
}

#[test]
fn a_choice_is_one_element_with_the_type_that_it_has() {
    check("value.value", "decimal:1.50");
    check("value is Quantity", "true");
    check("value.ofType(Quantity).code", "code:\"mg\"");
    check("value as string", "");
    check("valueQuantity", "");
    check("(Observation.value as Quantity) > 1.4 'mg'", "true");
    check("value = 0.0015 'g'", "true");
}

#[test]
fn the_underscore_member_belongs_to_its_primitive() {
    check("subject.resolve().birthDate.hasValue()", "false");
    check(
        "subject.resolve().birthDate.extension('http://x').value",
        "code:\"unknown\"",
    );
    check("subject.resolve().name.given.count()", "2");
    check(
        "subject.resolve().name.given.where(hasValue())",
        "string:\"太郎\"",
    );
    check("subject.resolve().name.given.id", "string:\"g\"");
}

#[test]
fn a_number_keeps_its_digits() {
    check("0.1 + 0.2 = 0.3", "true");
    check("1.0.toString()", "'1.0'");
    check("(1 | 1.0 | 2).count()", "2");
    check("7 div 0", "");
    check("1 / 3", "0.3333333333333333333333333333");
}

#[test]
fn a_date_says_no_more_than_was_written() {
    check("@2026 = @2026-01-01", "");
    check("@2026 < @2027-01", "true");
    check("@2026-01-31 + 1 month", "2026-02-28");
    check("@2024-02-29 + 1 year", "2025-02-28");
    check("@2026-11 + 60 days", "2027-01");
    check("@2026-11-22T23:30:00+09:00 = @2026-11-22T14:30:00Z", "true");
    check("@T23:30 + 1 hour", "00:30");
}

#[test]
fn units_of_the_ward_are_compared() {
    for (expression, truth) in [
        ("1 'g/dL' = 10 'g/L'", "true"),
        ("5 '10*3/uL' = 5 '10*9/L'", "true"),
        ("120 'mm[Hg]' > 15 'kPa'", "true"),
        ("1 'mmol/L' = 1 'mmol/kg'", ""),
        ("60 'U/L' = 0.000001 'kat/L'", "true"),
        ("1 'h' = 60 minutes", "true"),
        ("1 year = 12 months", "true"),
        ("1 year = 1 'a'", ""),
        ("1 '[iU]' = 1 '[iU]'", "true"),
        ("1 '[iU]' = 1 'mg'", ""),
    ] {
        check(expression, truth);
    }
}

#[test]
fn an_expression_that_would_not_end_is_stopped() {
    for hostile in [
        "'a'.repeat($this & 'x')",
        "('a' | 'b').repeat($this & 'a' | $this & 'b')",
        "descendants().select(%resource.descendants().select(%resource.descendants()\
         .select(%resource.descendants().select(%resource.descendants().count()))))",
    ] {
        let stopped = evaluate(hostile, |context| context.steps_max(20_000));
        assert_eq!(stopped, Err(EvalError::Steps(20_000)), "{hostile}");
    }
}

#[test]
fn what_is_no_expression_says_where() {
    for (source, at) in [
        ("1 +", 3),
        ("name.where(", 11),
        ("name.nosuch()", 5),
        ("value is Quantiti", 9),
        ("'open", 5),
        ("where()", 0),
        ("matches('[')", 0),
        ("@2026-13", 8),
    ] {
        let error = Expression::parse(source).expect_err(source);
        assert_eq!(error.at, at, "{source}: {error}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    let chained = vec!["1"; 5000].join(" + ");
    let signs = format!("{}1", "-".repeat(5000));
    let long = "a".repeat(crate::SOURCE_BYTES_MAX + 1);
    for source in [nested, chained, signs, long] {
        assert!(Expression::parse(&source).is_err());
    }
}

#[test]
fn a_strict_reading_refuses_names_that_the_type_does_not_have() {
    let strict = |expression| evaluate(expression, |context| context.strict()).is_err();
    assert!(strict("subject.nosuch"));
    assert!(strict("Patient.name"));
    assert!(!strict("subject.reference"));
    check("subject.nosuch", "");
}

#[test]
fn the_clock_is_given_or_there_is_none() {
    assert_eq!(
        evaluate("now()", |context| context),
        Err(EvalError::NoClock("now"))
    );
}

#[test]
fn today_is_the_day_in_japan() {
    fn midnight(context: Context<'_>) -> Context<'_> {
        let day = kernel::time::JstDate::new(2027, 4, 1).expect("a date");
        context.at(day.start())
    }
    for (expression, expected) in [
        ("today() = @2027-04-01", true),
        ("now() = @2027-03-31T15:00:00.000Z", true),
        ("timeOfDay() = @T00:00:00.000", true),
        ("today() < @2027-04-01", false),
    ] {
        let found = evaluate(expression, midnight);
        assert_eq!(found, Ok(expected.to_string()), "{expression}");
    }
}
