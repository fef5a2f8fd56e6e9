//! Laboratory results side by side: items down, dates across, with drawn trends.

use std::collections::{BTreeMap, BTreeSet};

use kernel::time::JstDate;
use maud::{Markup, html};

use web::ui::{self, Lang, Mark};

use crate::model::{Item, Lab, What};

/// Most dates in the table; older ones are in the curves.
const DATES_MAX: usize = 6;
/// Curves are drawn from this many numbers on.
const CURVE_MIN: usize = 3;

/// A number as an integer with so many decimals; `None` when it is not a plain decimal or
/// too large to draw.
fn scaled(text: &str, decimals: usize) -> Option<i64> {
    let (sign, bare) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    if part.len() > decimals || whole.len() > 9 {
        return None;
    }
    let number: i64 = format!("{whole}{part:0<decimals$}").parse().ok()?;
    Some(sign * number)
}

fn decimals(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, part)| part.len())
}

/// The laboratory's own judgement, else the number against the range that came with it.
fn mark(lab: &Lab) -> Mark {
    match lab.interpretation.as_deref() {
        Some("H" | "HH" | "HU") => return Mark::High,
        Some("L" | "LL" | "LU") => return Mark::Low,
        Some("A" | "AA" | "POS") => return Mark::Abnormal,
        Some("N" | "NEG") => return Mark::None,
        _ => {}
    }
    let Some(number) = &lab.number else {
        return Mark::None;
    };
    let bounds = [lab.low.as_deref(), lab.high.as_deref()];
    let places = bounds
        .iter()
        .flatten()
        .map(|b| decimals(b))
        .chain([decimals(number)])
        .max()
        .unwrap_or_default();
    let at = |text: Option<&str>| text.and_then(|t| scaled(t, places));
    match (
        at(Some(number)),
        at(lab.low.as_deref()),
        at(lab.high.as_deref()),
    ) {
        (Some(n), _, Some(high)) if n > high => Mark::High,
        (Some(n), Some(low), _) if n < low => Mark::Low,
        _ => Mark::None,
    }
}

struct Series<'a> {
    name: &'a str,
    unit: &'a str,
    newest: &'a Lab,
    by_date: BTreeMap<JstDate, &'a Lab>,
}

fn series(items: &[Item]) -> Vec<Series<'_>> {
    // Results under different units are never put in one row.
    let mut all: BTreeMap<(&str, &str), Series<'_>> = BTreeMap::new();
    for item in items {
        let What::Lab(lab) = &item.what else { continue };
        let row = all
            .entry((lab.key.as_str(), lab.unit.as_str()))
            .or_insert_with(|| Series {
                name: &lab.name,
                unit: &lab.unit,
                newest: lab,
                by_date: BTreeMap::new(),
            });
        if lab.on > row.newest.on {
            row.newest = lab;
            row.name = &lab.name;
        }
        row.by_date.insert(lab.on, lab);
    }
    all.into_values().collect()
}

fn range(lab: &Lab) -> String {
    match (&lab.low, &lab.high) {
        (Some(low), Some(high)) => format!("{low}〜{high}"),
        (Some(low), None) => format!("{low}以上"),
        (None, Some(high)) => format!("{high}以下"),
        (None, None) => String::new(),
    }
}

/// The table of laboratory results; `plain` says 高い and 低い for patients.
#[must_use]
pub fn table(lang: Lang, id: &str, caption: &str, items: &[Item], plain: bool) -> Markup {
    let series = series(items);
    let mut dates: BTreeSet<JstDate> = BTreeSet::new();
    for row in &series {
        dates.extend(row.by_date.keys());
    }
    let dates: Vec<JstDate> = dates.into_iter().rev().take(DATES_MAX).collect();
    let ranges: Vec<String> = series.iter().map(|row| range(row.newest)).collect();
    let rows: Vec<ui::LabRow<'_>> = series
        .iter()
        .zip(&ranges)
        .map(|(row, range)| ui::LabRow {
            item: row.name,
            unit: row.unit,
            reference: range,
            cells: dates
                .iter()
                .map(|date| {
                    row.by_date.get(date).map(|lab| ui::LabCell {
                        text: &lab.value,
                        mark: mark(lab),
                    })
                })
                .collect(),
            spark: None,
        })
        .collect();
    ui::lab_matrix(&ui::LabMatrix {
        lang,
        id,
        caption,
        dates: &dates,
        rows: &rows,
        plain,
    })
}

/// Curves of the items that have at least three numbers, abnormal ones first, `count` at most.
#[must_use]
pub fn curves(lang: Lang, id: &str, items: &[Item], count: usize) -> Markup {
    let mut series = series(items);
    series.retain(|row| row.by_date.values().filter(|l| l.number.is_some()).count() >= CURVE_MIN);
    series.sort_by_key(|row| {
        (
            mark(row.newest) == Mark::None,
            row.by_date.len().wrapping_neg(),
        )
    });
    html! {
        @for (index, row) in series.iter().take(count).enumerate() {
            (curve(lang, &format!("{id}-{index}"), row))
        }
    }
}

fn curve(lang: Lang, id: &str, row: &Series<'_>) -> Markup {
    let numbers: Vec<(JstDate, &str)> = row
        .by_date
        .iter()
        .filter_map(|(date, lab)| Some((*date, lab.number.as_deref()?)))
        .collect();
    let bounds = [row.newest.low.as_deref(), row.newest.high.as_deref()];
    let places = numbers
        .iter()
        .map(|(_, text)| decimals(text))
        .chain(bounds.iter().flatten().map(|text| decimals(text)))
        .max()
        .unwrap_or_default();
    let points: Vec<ui::TrendPoint> = numbers
        .iter()
        .filter_map(|(date, text)| {
            Some(ui::TrendPoint {
                date: *date,
                value: scaled(text, places)?,
            })
        })
        .collect();
    let bound = |text: Option<&str>| text.and_then(|t| scaled(t, places));
    ui::trend(&ui::Trend {
        lang,
        id,
        title: row.name,
        unit: row.unit,
        decimals: u8::try_from(places).unwrap_or_default(),
        points: &points,
        reference: ui::Reference {
            low: bound(row.newest.low.as_deref()),
            high: bound(row.newest.high.as_deref()),
        },
    })
}
