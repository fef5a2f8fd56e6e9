//! Reading the published table: CSV in UTF-8 with its own heading.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Text, time::JstDate};

use super::Allergen;
use crate::{fault::Fault, sheet};

/// Lines that are looked at.
const LINES_MAX: usize = 100_000;
const COLUMNS: [&str; 9] = [
    "DISPLAYSEQ",
    "JFAGYCODE",
    "JPTERM",
    "JPKANA",
    "ENTERM",
    "LEVEL",
    "MAINFLAG",
    "RECORDDATE",
    "ENDDATE",
];

/// What a table holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The allergens, in the order of the table.
    pub allergens: Vec<Allergen>,
    /// Lines that could not be taken.
    pub faults: Vec<Fault>,
}

const NO_COLUMN: Text = Text {
    ja: "見出しにこの列がありません。",
    en: "the heading lacks this column",
};
const NO_CODE: Text = Text {
    ja: "コードは英数字3〜12けたです。",
    en: "a code has 3 to 12 letters or digits",
};
const TWICE: Text = Text {
    ja: "同じコードが前の行にあります。",
    en: "the code stands in a line before",
};
const NO_NAME: Text = Text {
    ja: "名称がありません。",
    en: "the name is missing",
};
const NO_NUMBER: Text = Text {
    ja: "数ではありません。",
    en: "this is no number",
};
const NO_DATE: Text = Text {
    ja: "日付(YYYYMMDD)ではありません。",
    en: "this is no date (YYYYMMDD)",
};

/// Reads the table.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    let mut out = Read::default();
    let mut lines = sheet::lines(bytes, LINES_MAX, &mut out.faults).into_iter();
    let Some((_, heading)) = lines.next() else {
        return out;
    };
    let places: BTreeMap<&str, usize> = COLUMNS
        .iter()
        .filter_map(|name| Some((*name, heading.iter().position(|c| c.trim() == *name)?)))
        .collect();
    if let Some(missing) = COLUMNS.iter().find(|name| !places.contains_key(*name)) {
        out.faults.push(Fault::new(1, 0, missing, NO_COLUMN));
        return out;
    }
    let mut seen = BTreeSet::new();
    for (line, cells) in lines {
        let cell = |name: &str| -> &str {
            let cell = places.get(name).and_then(|place| cells.get(*place));
            cell.map_or("", |cell| cell.trim())
        };
        match allergen(&cell) {
            Ok(one) if seen.insert(one.code.clone()) => out.allergens.push(one),
            Ok(one) => out.faults.push(Fault::new(line, 2, &one.code, TWICE)),
            Err((name, why)) => {
                let at = places.get(name).map_or(0, |place| place.saturating_add(1));
                out.faults.push(Fault::new(line, at, cell(name), why));
            }
        }
    }
    out
}

fn allergen<'c>(cell: &impl Fn(&str) -> &'c str) -> Result<Allergen, (&'static str, Text)> {
    let code = cell("JFAGYCODE");
    let is_code = (3..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_code {
        return Err(("JFAGYCODE", NO_CODE));
    }
    if cell("JPTERM").is_empty() {
        return Err(("JPTERM", NO_NAME));
    }
    let number = |name: &'static str| cell(name).parse::<i64>().map_err(|_| (name, NO_NUMBER));
    // All zeros and all nines are open ends.
    let date = |name: &'static str| match cell(name) {
        "" | "00000000" | "99999999" => Ok(None),
        text => JstDate::parse_compact(text)
            .map(Some)
            .ok_or((name, NO_DATE)),
    };
    Ok(Allergen {
        code: code.to_owned(),
        place: number("DISPLAYSEQ")?,
        name: cell("JPTERM").to_owned(),
        kana: super::hiragana(cell("JPKANA")),
        english: cell("ENTERM").to_owned(),
        level: number("LEVEL")?,
        is_main: cell("MAINFLAG") == "1",
        from: date("RECORDDATE")?,
        until: date("ENDDATE")?,
    })
}
