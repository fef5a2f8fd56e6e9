//! The rules of the documents, on our own examples and on all published files.

mod examples;
mod facts;
mod fuzz;
mod golden;
mod rules;

use kernel::time::JstDate;

use crate::json::Document;

fn today() -> JstDate {
    JstDate::new(2026, 11, 1).expect("a date")
}

/// Rules and places of the refusals.
fn refusals(text: &str) -> Vec<(String, String)> {
    let doc = Document::parse(text.as_bytes()).expect("JSON");
    super::check(&doc, today())
        .refusals
        .into_iter()
        .map(|f| (f.rule, f.path))
        .collect()
}
