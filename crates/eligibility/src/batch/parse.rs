//! Reading bookings: JSON objects one by one, or lines as a spreadsheet gives them. What is
//! wrong with one is told of that one.

use std::collections::BTreeSet;

use kernel::{Refusal, code::half_width, time::JstDate};
use serde::Deserialize;
use serde_json::Value;

use super::model::{Booking, Whom};
use crate::{api::WireInquiry, errors, model::VisitId, rules};

/// Five hundred long lines, with a heading and notes.
const FILE_BYTES_MAX: usize = 256 << 10;
const REFERENCE_CHARS_MAX: usize = 40;
/// The columns of a line, in their order; what follows the number may be left out.
pub(super) const COLUMNS: [&str; 7] = [
    "予約番号",
    "保険者番号",
    "記号",
    "番号",
    "枝番",
    "生年月日",
    "受診日",
];
const COLUMNS_MIN: usize = 4;

/// A booking as it came.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Raw {
    reference: String,
    #[serde(default)]
    visit: Option<String>,
    #[serde(default)]
    insurer_number: String,
    #[serde(default)]
    symbol: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    birth_date: Option<String>,
    #[serde(default)]
    on: Option<String>,
}

/// A booking that can be asked for, or why it cannot, with its reference.
pub(super) type Read = (String, Result<Booking, Refusal>);

impl Raw {
    fn read(self, today: JstDate) -> Result<Booking, Refusal> {
        // Bookings are for tomorrow, unless they say otherwise.
        let tomorrow = today.plus_days(1);
        let on = self.on.as_deref().unwrap_or_default().trim();
        let given = (!on.is_empty()).then(|| on.to_owned());
        let numbers = [&self.insurer_number, &self.symbol, &self.number];
        if let Some(visit) = self.visit.as_deref() {
            if numbers.iter().any(|text| !text.trim().is_empty()) {
                return Err(Refusal::at(&errors::BOOKING, "visit", visit));
            }
            let visit =
                VisitId::parse(visit).ok_or_else(|| Refusal::at(&errors::VISIT, "visit", visit))?;
            let on = match given {
                None => tomorrow,
                Some(text) => JstDate::parse(&text)
                    .filter(|on| rules::is_askable(*on, today))
                    .ok_or_else(|| Refusal::at(&errors::DATE, "on", &text))?,
            };
            let whom = Whom::Visit(visit);
            return Ok(Booking { whom, on });
        }
        let branch = self.branch.as_deref().unwrap_or_default();
        let [insurer_number, symbol, number] = numbers;
        let inquiry = WireInquiry::new(insurer_number, symbol, number, branch)
            .born(self.birth_date)
            .asked_for(given.unwrap_or_else(|| tomorrow.to_string()))
            .parse(today)?;
        Ok(Booking {
            whom: Whom::Key(inquiry.key),
            on: inquiry.on,
        })
    }
}

/// Takes references that are each there once.
#[derive(Default)]
struct References(BTreeSet<String>);

impl References {
    fn take(&mut self, reference: &str) -> Result<(), Refusal> {
        let length = reference.chars().count();
        let fits = (1..=REFERENCE_CHARS_MAX).contains(&length);
        if fits && self.0.insert(reference.to_owned()) {
            Ok(())
        } else {
            Err(Refusal::at(
                &errors::BOOKING_REFERENCE,
                "reference",
                reference,
            ))
        }
    }
}

/// Reads objects; what is none of ours is told of that object alone.
pub(super) fn objects(values: Vec<Value>, today: JstDate) -> Vec<Read> {
    let mut references = References::default();
    values
        .into_iter()
        .map(|value| {
            let reference = value.get("reference").and_then(Value::as_str);
            let reference = kernel::catalog::shorten(reference.unwrap_or_default());
            let raw = serde_json::from_value::<Raw>(value);
            let booking = raw
                .map_err(|why| Refusal::at(&errors::BOOKING, "booking", &why.to_string()))
                .and_then(|raw| {
                    references.take(raw.reference.trim())?;
                    raw.read(today)
                });
            (reference, booking)
        })
        .collect()
}

/// The text of a file, in UTF-8 or, as Japanese spreadsheets write it, in Shift_JIS; `None` when
/// it is in neither, or larger than any list.
pub(super) fn text_of(file: &[u8]) -> Option<String> {
    if file.len() > FILE_BYTES_MAX {
        return None;
    }
    if let Ok(text) = std::str::from_utf8(file) {
        return Some(text.to_owned());
    }
    let (text, had_errors) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(file);
    (!had_errors).then(|| text.into_owned())
}

/// Reads lines of comma- or tab-separated cells; a heading and empty lines are passed over.
pub(super) fn lines(text: &str, today: JstDate) -> Vec<Read> {
    let mut references = References::default();
    let mark = if text.lines().next().is_some_and(|line| line.contains('\t')) {
        '\t'
    } else {
        ','
    };
    let heading = COLUMNS.first().copied().unwrap_or_default();
    text.trim_start_matches('\u{feff}')
        .lines()
        .filter(|line| !line.trim_matches([',', '\t', ' ', '\r', '　']).is_empty())
        .map(|line| cells(line, mark))
        .enumerate()
        .filter(|(nth, cells)| !(*nth == 0 && first(cells) == Some(heading)))
        .map(|(_, cells)| {
            let reference = first(&cells).map(kernel::catalog::shorten);
            let booking = of_cells(cells).and_then(|raw| {
                references.take(raw.reference.trim())?;
                raw.read(today)
            });
            (reference.unwrap_or_default(), booking)
        })
        .collect()
}

fn first(cells: &Option<Vec<String>>) -> Option<&str> {
    Some(cells.as_ref()?.first()?.trim())
}

fn of_cells(cells: Option<Vec<String>>) -> Result<Raw, Refusal> {
    let bad = |found: &str| Refusal::at(&errors::BOOKING, "line", found);
    let cells = cells.ok_or_else(|| bad("\""))?;
    if !(COLUMNS_MIN..=COLUMNS.len()).contains(&cells.len()) {
        return Err(bad(&cells.len().to_string()));
    }
    let mut cells = cells.into_iter().map(|cell| cell.trim().to_owned());
    let mut next = || cells.next().unwrap_or_default();
    let mut raw = Raw {
        reference: next(),
        insurer_number: next(),
        symbol: next(),
        number: next(),
        ..Raw::default()
    };
    let (branch, birth, on) = (next(), next(), next());
    raw.branch = Some(branch);
    raw.birth_date = Some(day(&birth)).filter(|text| !text.is_empty());
    raw.on = Some(day(&on)).filter(|text| !text.is_empty());
    Ok(raw)
}

/// A day as spreadsheets write it (`2026/4/1`, `20260401`) in the form that we read; what is
/// none stays as it is, so that it is told of.
fn day(text: &str) -> String {
    let text = half_width(text);
    if let Some(day) = JstDate::parse_compact(&text) {
        return day.to_string();
    }
    let mut parts = text.split(['/', '.']);
    let number = |part: Option<&str>| part.and_then(|part| part.trim().parse::<i16>().ok());
    match [(); 4].map(|()| number(parts.next())) {
        [Some(year), Some(month), Some(day), None] => i8::try_from(month)
            .ok()
            .zip(i8::try_from(day).ok())
            .and_then(|(month, day)| JstDate::new(year, month, day))
            .map_or_else(|| text.clone(), |day| day.to_string()),
        _ => text,
    }
}

/// The cells of a line; `None` when a quote is not closed. A quote inside quotes is doubled.
fn cells(line: &str, mark: char) -> Option<Vec<String>> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        let cell = cells.last_mut()?;
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                let _second = chars.next();
                cell.push('"');
            }
            '"' if is_quoted || cell.trim().is_empty() => is_quoted = !is_quoted,
            c if c == mark && !is_quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    (!is_quoted).then_some(cells)
}
