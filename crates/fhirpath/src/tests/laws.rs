//! Laws that hold for whatever is asked.

use fhir::json::Document;
use proptest::prelude::*;

use crate::{Context, Element, Expression};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Any text is an expression or an error, and any expression ends.
    #[test]
    fn no_text_makes_the_reader_or_the_evaluation_fail_otherwise(
        words in prop::collection::vec(prop::sample::select(&[
            "name", "given", ".", "(", ")", "where", "select", "$this", "'a'", "1", "2.5", "@2026",
            "=", "~", "<", "|", "and", "is", "Patient", "[", "]", "repeat", "descendants()", "not()",
            "exists", "-", "+", "4 'mg'", "%resource", "first()", "{}", "iif", ",", "in", "&", "as",
        ][..]), 1..24),
    ) {
        let source = words.join(" ");
        if let Ok(expression) = Expression::parse(&source) {
            let text = r#"{"resourceType":"Patient","name":[{"given":["a","b"]}]}"#;
            let document = Document::parse(text.as_bytes()).expect("JSON");
            let context = Context::new(Element::resource(document.root())).steps_max(10_000);
            let _either = expression.evaluate(&context);
        }
    }

    #[test]
    fn adding_and_taking_days_is_no_change(days in 0_i32..100_000, day in 1_u8..29) {
        let source = format!("@1990-02-{day:02} + {days} days - {days} days = @1990-02-{day:02}");
        let document = Document::parse(b"{\"resourceType\":\"Patient\"}").expect("JSON");
        let expression = Expression::parse(&source).expect("an expression");
        let context = Context::new(Element::resource(document.root()));
        prop_assert_eq!(expression.is_true(&context), Ok(true));
    }

    #[test]
    fn what_is_less_is_never_greater(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, scale in 0_u32..6) {
        let (a, b) = (rust_decimal::Decimal::new(a, scale), rust_decimal::Decimal::new(b, 2));
        let source = format!("(({a}) < ({b})) = (({b}) > ({a}))");
        let document = Document::parse(b"{\"resourceType\":\"Patient\"}").expect("JSON");
        let expression = Expression::parse(&source).expect("an expression");
        let context = Context::new(Element::resource(document.root()));
        prop_assert_eq!(expression.is_true(&context), Ok(true));
    }
}
