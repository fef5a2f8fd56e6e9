//! Results of a checkup beside those of earlier ones.

use fhir::clins::Value;
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
        let unit = unit(result);
        let now = shown(result, unit);
        if now.is_empty() {
            continue;
        }
        let before: Vec<String> = earlier
            .iter()
            .map(|one| same(one, result).map_or_else(String::new, |same| told(same, unit)))
            .collect();
        if before.iter().all(String::is_empty) {
            continue;
        }
        let name = match unit {
            Some(unit) => format!("{}\n（{unit}）", result.text),
            None => result.text.clone(),
        };
        let ranges: Vec<String> = result.ranges.iter().map(words::range).collect();
        let mut row = vec![clean(&name), ranges.join("\n"), now, judged(result)];
        row.extend(before);
        rows.push(row);
    }
    if rows.is_empty() {
        return None;
    }
    let mut columns: Vec<String> = ["項目", "基準範囲", "今回", "判定"]
        .map(str::to_owned)
        .to_vec();
    let times = ["前回", "前々回"].into_iter().map(str::to_owned);
    let times = times.chain((3_usize..).map(|nth| format!("{nth}回前")));
    columns.extend(
        times
            .zip(earlier)
            .map(|(time, one)| format!("{time}\n{}", on(one))),
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
                "前回・前々回の結果は、以前に登録された別の健診結果報告書によるものです。"
                    .to_owned(),
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

/// The unit that stands beside the item's name.
fn unit(result: &DocumentResult) -> Option<&str> {
    match &result.value {
        Value::Quantity { unit, .. } => unit.as_deref().filter(|unit| !unit.is_empty()),
        _ => None,
    }
}

/// The value; its unit only when it is not the one beside the name.
fn shown(result: &DocumentResult, named: Option<&str>) -> String {
    let value = match &result.value {
        Value::Quantity {
            comparator,
            number,
            unit,
        } if unit.as_deref() == named => Value::Quantity {
            comparator: comparator.clone(),
            number: number.clone(),
            unit: None,
        },
        other => other.clone(),
    };
    words::value(&value)
}

/// The judgement in words.
fn judged(result: &DocumentResult) -> String {
    let words: Vec<String> = result
        .interpretations
        .iter()
        .map(|code| words::judgement(code).map_or_else(|| clean(code), str::to_owned))
        .collect();
    words.join("、")
}

/// An earlier value, and its judgement unless that was that nothing stood out.
fn told(result: &DocumentResult, named: Option<&str>) -> String {
    let (value, judged) = (shown(result, named), judged(result));
    let is_plain = result.interpretations.iter().all(|code| code == "N");
    if value.is_empty() || is_plain {
        value
    } else {
        format!("{value}（{judged}）")
    }
}

/// The result of the same item: one of its codes in the same system, else the same name.
fn same<'e>(earlier: &'e DocumentFacts, wanted: &DocumentResult) -> Option<&'e DocumentResult> {
    let is_same = |one: &DocumentResult| {
        let coded = one.codes.iter().any(|code| {
            let mut others = wanted.codes.iter();
            others.any(|other| other.system == code.system && other.code == code.code)
        });
        coded || (one.codes.is_empty() && wanted.codes.is_empty() && one.text == wanted.text)
    };
    let found = earlier.results.iter().find(|placed| is_same(&placed.facts));
    found.map(|placed| &placed.facts)
}
