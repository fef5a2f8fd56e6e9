//! Results of a checkup beside those of earlier ones.

use fhir::clins::document::{DocumentFacts, DocumentResult};

use super::words::{self, day};
use crate::sheet::{Block, Section, Table, clean};

/// Items of the comparison; a checkup has some dozens.
const ITEMS_MAX: usize = 300;

/// Measured results with their reference range and judgement, and the same items of `earlier`
/// reports, newest first; `None` when there is nothing to compare with.
#[must_use]
pub fn compared(facts: &DocumentFacts, earlier: &[DocumentFacts]) -> Option<Section> {
    if earlier.is_empty() {
        return None;
    }
    let mut rows = Vec::new();
    for placed in facts.results.iter().take(ITEMS_MAX) {
        let result = &placed.facts;
        let now = words::value(&result.value);
        if now.is_empty() {
            continue;
        }
        let before: Vec<String> = earlier.iter().map(|one| same(one, result)).collect();
        if before.iter().all(String::is_empty) {
            continue;
        }
        let judged: Vec<String> = result
            .interpretations
            .iter()
            .map(|code| words::judgement(code).map_or_else(|| clean(code), str::to_owned))
            .collect();
        let ranges: Vec<String> = result.ranges.iter().map(words::range).collect();
        let mut row = vec![
            clean(&result.text),
            now,
            ranges.join("\n"),
            judged.join("、"),
        ];
        row.extend(before);
        rows.push(row);
    }
    if rows.is_empty() {
        return None;
    }
    let mut columns: Vec<String> = ["項目", "今回", "基準範囲", "判定"]
        .map(str::to_owned)
        .to_vec();
    columns.extend(
        earlier
            .iter()
            .map(|one| format!("前回までの結果（{}）", on(one))),
    );
    Some(Section {
        heading: "これまでの結果との比較".to_owned(),
        blocks: vec![
            Block::Table(Table {
                caption: String::new(),
                columns,
                has_row_headings: true,
                rows,
            }),
            Block::Remark(
                "前回までの結果は、以前に登録された別の報告書によるものです。".to_owned(),
            ),
        ],
        parts: Vec::new(),
    })
}

fn on(facts: &DocumentFacts) -> String {
    let start = facts
        .event
        .as_ref()
        .and_then(|event| event.start.as_deref());
    day(start.unwrap_or(&facts.date))
}

/// The result of the same item: one of its codes in the same system, else the same name.
fn same(earlier: &DocumentFacts, wanted: &DocumentResult) -> String {
    let is_same = |one: &DocumentResult| {
        let coded = one.codes.iter().any(|code| {
            let mut others = wanted.codes.iter();
            others.any(|other| other.system == code.system && other.code == code.code)
        });
        coded || (one.codes.is_empty() && wanted.codes.is_empty() && one.text == wanted.text)
    };
    let found = earlier.results.iter().find(|placed| is_same(&placed.facts));
    found
        .map(|placed| words::value(&placed.facts.value))
        .unwrap_or_default()
}
