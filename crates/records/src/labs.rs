//! Laboratory results side by side: items down, dates across, with drawn trends.

use std::collections::{BTreeMap, BTreeSet};

use kernel::time::JstDate;
use maud::{Markup, html};

use web::ui::{self, Lang, Mark};

use crate::{
    decimal::{Decimal, PLACES_MAX},
    model::{Certainty, Item, Lab, What},
};

/// Newest dates in the table. Beside them stands the newest date of each item, so that no row
/// looks as if the item had never been measured.
const DATES_MAX: usize = 6;
/// Curves are drawn from this many numbers on.
const CURVE_MIN: usize = 3;
/// Between the results of one day in one cell.
const BETWEEN: &str = " / ";

/// The laboratory's own judgement, else the number against the range that came with it.
fn mark(lab: &Lab) -> Mark {
    match lab.interpretation.as_deref() {
        Some("H" | "HH" | "HU" | ">") => return Mark::High,
        Some("L" | "LL" | "LU" | "<") => return Mark::Low,
        Some("A" | "AA" | "POS" | "DET" | "RR") => return Mark::Abnormal,
        Some("N" | "NEG" | "ND" | "NR") => return Mark::None,
        _ => {}
    }
    let read = |text: &Option<String>| text.as_deref().and_then(Decimal::parse);
    let (low, high) = (read(&lab.low), read(&lab.high));
    if let Some(number) = read(&lab.number) {
        return match (low, high) {
            (_, Some(high)) if number > high => Mark::High,
            (Some(low), _) if number < low => Mark::Low,
            _ => Mark::None,
        };
    }
    // A bound such as `>1000` or `<0.3` says enough when it lies outside the range.
    let bound = |sign: char| {
        let rest = lab.value.strip_prefix(sign)?;
        let closed = rest.strip_prefix('=');
        Some((Decimal::parse(closed.unwrap_or(rest))?, closed.is_some()))
    };
    if let (Some((number, closed)), Some(high)) = (bound('>'), high)
        && (number > high || !closed && number == high)
    {
        return Mark::High;
    }
    if let (Some((number, closed)), Some(low)) = (bound('<'), low)
        && (number < low || !closed && number == low)
    {
        return Mark::Low;
    }
    Mark::None
}

/// One result and whether it is final.
#[derive(Clone, Copy)]
struct Reading<'a> {
    lab: &'a Lab,
    is_final: bool,
    from: &'a str,
}

struct Series<'a> {
    newest: &'a Lab,
    /// Of one date: the newest registration first.
    by_date: BTreeMap<JstDate, Vec<Reading<'a>>>,
    /// The facilities whose results these are.
    from: BTreeSet<&'a str>,
}

impl<'a> Series<'a> {
    fn newest_date(&self) -> Option<JstDate> {
        self.by_date.keys().next_back().copied()
    }

    fn results(&self) -> impl Iterator<Item = (JstDate, &Reading<'a>)> {
        self.by_date
            .iter()
            .flat_map(|(date, results)| results.iter().map(|r| (*date, r)))
    }
}

fn series(items: &[Item]) -> Vec<Series<'_>> {
    // Results under different units are never put in one row, unless they are the same in the
    // one unit of their item.
    let mut all: BTreeMap<(&str, &str), Series<'_>> = BTreeMap::new();
    for item in items {
        let What::Lab(lab) = &item.what else { continue };
        let row = all
            .entry((lab.key.as_str(), unit(lab)))
            .or_insert_with(|| Series {
                newest: lab,
                by_date: BTreeMap::new(),
                from: BTreeSet::new(),
            });
        row.from.insert(item.provenance.facility.as_str());
        if lab.on > row.newest.on {
            row.newest = lab;
        }
        row.by_date.entry(lab.on).or_default().push(Reading {
            lab,
            is_final: item.certainty == Certainty::Stated,
            from: item.provenance.facility.as_str(),
        });
    }
    all.into_values().collect()
}

/// The results of one item on one day: every different one, none hides another.
struct Cell {
    text: String,
    mark: Mark,
}

fn cell(lang: Lang, results: &[Reading<'_>]) -> Cell {
    let mut texts: Vec<String> = Vec::new();
    for result in results {
        let mut text = shown(lang, result.lab);
        if !result.is_final {
            text.push_str(lang.pick("(暫定)", " (preliminary)"));
        }
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let mut marks = results.iter().map(|r| mark(r.lab));
    Cell {
        text: texts.join(BETWEEN),
        mark: marks.find(|m| *m != Mark::None).unwrap_or_default(),
    }
}

/// The unit in which a result is shown.
fn unit(lab: &Lab) -> &str {
    lab.standard.as_ref().map_or(&lab.unit, |one| &one.unit)
}

/// A result in its item's unit, and as it was sent where that is something else.
fn shown(lang: Lang, lab: &Lab) -> String {
    match &lab.standard {
        Some(one) if one.is_converted => {
            let sent = format!("{} {}", lab.value, lab.unit);
            let words = lang.pick("(原報告 ", " (sent as ");
            format!("{}{words}{sent})", one.value)
        }
        _ => lab.value.clone(),
    }
}

/// The range in the unit in which the result is shown.
fn bounds(lab: &Lab) -> (&Option<String>, &Option<String>) {
    let own = (&lab.low, &lab.high);
    lab.standard
        .as_ref()
        .map_or(own, |one| (&one.low, &one.high))
}

fn range(lang: Lang, lab: &Lab) -> String {
    match bounds(lab) {
        (Some(low), Some(high)) => format!("{low}{}{high}", lang.pick("〜", "–")),
        (Some(low), None) => format!("{low}{}", lang.pick("以上", " or more")),
        (None, Some(high)) => format!("{high}{}", lang.pick("以下", " or less")),
        (None, None) => String::new(),
    }
}

/// The columns, newest first.
fn columns(series: &[Series<'_>]) -> Vec<JstDate> {
    let every: BTreeSet<JstDate> = series
        .iter()
        .flat_map(|row| row.by_date.keys().copied())
        .collect();
    let shown: BTreeSet<JstDate> = every
        .into_iter()
        .rev()
        .take(DATES_MAX)
        .chain(series.iter().filter_map(Series::newest_date))
        .collect();
    shown.into_iter().rev().collect()
}

/// One row, made in advance because the table borrows it.
struct Line {
    range: String,
    cells: Vec<Option<Cell>>,
    from: String,
}

/// The table of laboratory results; `plain` says 高い and 低い for patients.
#[must_use]
pub fn table(lang: Lang, id: &str, caption: &str, items: &[Item], plain: bool) -> Markup {
    let series = series(items);
    let dates = columns(&series);
    let left_out: usize = series
        .iter()
        .flat_map(|row| row.by_date.iter())
        .filter(|(date, _)| !dates.contains(date))
        .map(|(_, results)| results.len())
        .sum();
    let cells: Vec<Line> = series
        .iter()
        .map(|row| {
            let of = |date: &JstDate| row.by_date.get(date).map(|found| cell(lang, found));
            let from: Vec<&str> = row.from.iter().copied().collect();
            Line {
                range: range(lang, row.newest),
                cells: dates.iter().map(of).collect(),
                from: from.join(lang.pick("、", ", ")),
            }
        })
        .collect();
    let rows: Vec<ui::LabRow<'_>> = series
        .iter()
        .zip(&cells)
        .map(|(row, line)| ui::LabRow {
            item: &row.newest.name,
            unit: unit(row.newest),
            reference: &line.range,
            source: &line.from,
            cells: line
                .cells
                .iter()
                .map(|cell| {
                    cell.as_ref().map(|cell| ui::LabCell {
                        text: &cell.text,
                        mark: cell.mark,
                    })
                })
                .collect(),
            spark: None,
        })
        .collect();
    html! {
        (ui::lab_matrix(&ui::LabMatrix {
            lang,
            id,
            caption,
            dates: &dates,
            rows: &rows,
            plain,
        }))
        @if left_out > 0 {
            p.legend { @match lang {
                Lang::Ja => { "表には新しい結果を示しています。このほかに、より古い結果が" (left_out) "件あります。" },
                Lang::En => { "The table shows the newest results; " (left_out) " older ones are not in it." },
            } }
        }
    }
}

/// Curves of the items that have at least three numbers, abnormal ones first, `count` at most.
#[must_use]
pub fn curves(lang: Lang, id: &str, items: &[Item], count: usize) -> Markup {
    let mut series = series(items);
    series.sort_by_key(|row| {
        (
            mark(row.newest) == Mark::None,
            row.by_date.len().wrapping_neg(),
        )
    });
    let drawings: Vec<Drawing<'_>> = series.iter().filter_map(drawing).take(count).collect();
    let curves: Vec<Markup> = drawings
        .iter()
        .enumerate()
        .map(|(index, drawing)| curve(lang, &format!("{id}-{index}"), drawing))
        .collect();
    if curves.is_empty() {
        return html! {};
    }
    ui::columns(&curves)
}

/// A curve in whole numbers.
struct Drawing<'a> {
    newest: &'a Lab,
    /// Where each point was measured, when there is more than one place.
    sources: Vec<&'a str>,
    decimals: u8,
    points: Vec<ui::TrendPoint>,
    reference: ui::Reference,
}

/// `None` when there are too few numbers, or one of them or of the range cannot be drawn
/// exactly: a curve that leaves out or bends a value would be worse than none.
fn drawing<'a>(row: &Series<'a>) -> Option<Drawing<'a>> {
    let found: Vec<(JstDate, &Reading<'a>, &str)> = row
        .results()
        .filter_map(|(date, result)| Some((date, result, number(result.lab)?)))
        .collect();
    let mut sources: Vec<&str> = found.iter().map(|(_, result, _)| result.from).collect();
    if row.from.len() < 2 {
        sources.clear();
    }
    let numbers: Vec<(JstDate, Decimal)> = found
        .iter()
        .map(|(date, _, text)| Some((*date, Decimal::parse(text)?)))
        .collect::<Option<_>>()?;
    if numbers.len() < CURVE_MIN {
        return None;
    }
    let bound = |text: &Option<String>| match text.as_deref() {
        Some(text) => Decimal::parse(text).map(Some),
        None => Some(None),
    };
    let (low, high) = bounds(row.newest);
    let bounds = [bound(low)?, bound(high)?];
    let places = numbers
        .iter()
        .map(|(_, number)| number.places())
        .chain(bounds.iter().flatten().map(Decimal::places))
        .max()
        .filter(|places| *places <= PLACES_MAX)?;
    let points = numbers
        .iter()
        .map(|(date, number)| {
            Some(ui::TrendPoint {
                date: *date,
                value: number.scaled(places)?,
            })
        })
        .collect::<Option<_>>()?;
    let [low, high] = bounds.map(|bound| match bound {
        Some(bound) => bound.scaled(places).map(Some),
        None => Some(None),
    });
    Some(Drawing {
        newest: row.newest,
        sources,
        decimals: u8::try_from(places).ok()?,
        points,
        reference: ui::Reference {
            low: low?,
            high: high?,
        },
    })
}

/// The number that is drawn.
fn number(lab: &Lab) -> Option<&str> {
    match &lab.standard {
        Some(one) => one.number.as_deref(),
        None => lab.number.as_deref(),
    }
}

fn curve(lang: Lang, id: &str, drawing: &Drawing<'_>) -> Markup {
    ui::trend(&ui::Trend {
        lang,
        id,
        title: &drawing.newest.name,
        unit: unit(drawing.newest),
        decimals: drawing.decimals,
        points: &drawing.points,
        reference: drawing.reference,
        sources: &drawing.sources,
    })
}
