//! Reading the master table as CSV with the columns of its published form, or as the workbook
//! itself.

use std::collections::BTreeMap;

use kernel::Text;

use super::Pair;
use crate::{fault::Fault, sheet};

/// Lines that are looked at.
const LINES_MAX: usize = 100_000;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The pairs, in the order of the file.
    pub pairs: Vec<Pair>,
    /// Lines that could not be taken.
    pub faults: Vec<Fault>,
}

const NO_COLUMNS: Text = Text {
    ja: "見出しに必要な列がありません。",
    en: "the heading lacks a column",
};
const NO_CODE: Text = Text {
    ja: "JLACコードは英数字17けたです。",
    en: "a JLAC code is 17 letters or digits",
};
const NO_ITEM: Text = Text {
    ja: "FHIR識別名がありません。",
    en: "the item's name is missing",
};

/// The columns, each under the names by which the two forms of the table call it.
const COLUMNS: [(&str, &[&str]); 8] = [
    ("kind", &["kind", "データ区分（感染症/検査）"]),
    ("item", &["fhir_id", "FHIR識別文字列"]),
    ("name", &["fhir_item_name", "FHIR項目名称"]),
    ("jlac10", &["jlac10", "JLAC10コード"]),
    ("jlac11", &["jlac11", "JLAC11コード"]),
    ("unit", &["unit", "単位"]),
    ("specimen", &["specimen_jlac11", "材料(JLAC11)"]),
    ("method", &["method_jlac11", "測定法(JLAC11)"]),
];
/// Without these there is nothing to take.
const NEEDED: [&str; 3] = ["item", "jlac10", "jlac11"];

/// Reads the master: CSV in UTF-8, or a workbook, whose first sheet with these columns is meant.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    let mut out = Read::default();
    let mut lines = sheet::lines(bytes, LINES_MAX, &mut out.faults).into_iter();
    let Some((_, heading)) = lines.next() else {
        return out;
    };
    let place = |names: &[&str]| heading.iter().position(|cell| names.contains(&cell.trim()));
    let places: BTreeMap<&str, usize> = COLUMNS
        .iter()
        .filter_map(|(column, names)| Some((*column, place(names)?)))
        .collect();
    if let Some(missing) = NEEDED.iter().find(|column| !places.contains_key(*column)) {
        out.faults.push(Fault::new(1, 0, missing, NO_COLUMNS));
        return out;
    }
    for (line, cells) in lines {
        let cell = |column: &str| {
            let cell = places.get(column).and_then(|place| cells.get(*place));
            // The workbook writes the middle dot in both widths, and 血 in places as a radical.
            let plain = |c| match c {
                '･' => '・',
                '\u{2f8e}' => '血',
                other => other,
            };
            cell.map_or("", |cell| cell.trim())
                .chars()
                .map(plain)
                .collect::<String>()
        };
        let at = |column: &str| {
            places
                .get(column)
                .map_or(0, |place| place.saturating_add(1))
        };
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let mut fault = |column: &str, why| {
            out.faults
                .push(Fault::new(line, at(column), &cell(column), why));
        };
        let is_code =
            |code: &str| code.len() == 17 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        let wrong = ["jlac10", "jlac11"]
            .into_iter()
            .find(|c| !is_code(&cell(c)));
        if let Some(column) = wrong {
            fault(column, NO_CODE);
            continue;
        }
        if cell("item").is_empty() {
            fault("item", NO_ITEM);
            continue;
        }
        out.pairs.push(Pair {
            line: i64::try_from(line).unwrap_or(i64::MAX),
            kind: cell("kind"),
            item: cell("item"),
            name: cell("name"),
            jlac10: cell("jlac10"),
            jlac11: cell("jlac11"),
            unit: cell("unit"),
            specimen: cell("specimen"),
            method: cell("method"),
        });
    }
    out
}
