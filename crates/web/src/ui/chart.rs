//! Numbers over time, drawn as SVG on the server by integer arithmetic.
//!
//! Values are integers scaled by a power of ten: 7.8 with one decimal is 78. The
//! distance between points follows the calendar, not their count. The numbers
//! themselves always stand in a table behind the drawing.

use kernel::time::JstDate;
use maud::{Markup, html};

use super::lab::Mark;
use super::{Lang, date_text};

const WIDTH: i64 = 320;
const HEIGHT: i64 = 222;
const LEFT: i64 = 48;
const RIGHT: i64 = 308;
const TOP: i64 = 30;
const BOTTOM: i64 = 190;
const VALUE_MAX: i64 = 1_000_000_000_000;
const TICKS_MAX: i64 = 4;
const DATE_LABEL_WIDTH: i64 = 104;
const VALUE_LABEL_WIDTH: i64 = 50;
const SECONDS_PER_DAY: i64 = 86_400;

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct TrendPoint {
    /// When.
    pub date: JstDate,
    /// The scaled value.
    pub value: i64,
}

/// A reference range in scaled values; either end may be open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference {
    /// Below this is low.
    pub low: Option<i64>,
    /// Above this is high.
    pub high: Option<i64>,
}

impl Reference {
    /// How `value` stands to the range.
    #[must_use]
    pub fn mark(&self, value: i64) -> Mark {
        if self.low.is_some_and(|low| value < low) {
            Mark::Low
        } else if self.high.is_some_and(|high| value > high) {
            Mark::High
        } else {
            Mark::None
        }
    }
}

/// A curve to draw.
#[derive(Clone, Copy, Debug)]
pub struct Trend<'a> {
    /// The language of the labels.
    pub lang: Lang,
    /// Unique in the page.
    pub id: &'a str,
    /// What was measured.
    pub title: &'a str,
    /// The unit.
    pub unit: &'a str,
    /// How many decimals the scaled values have, at most 9.
    pub decimals: u8,
    /// The measurements, oldest first.
    pub points: &'a [TrendPoint],
    /// The reference range.
    pub reference: Reference,
    /// Where each was measured, in the order of the points; empty when all were in one place.
    pub sources: &'a [&'a str],
}

/// `78` with one decimal is `7.8`.
#[must_use]
pub fn decimal(value: i64, decimals: u8) -> String {
    let places = usize::from(decimals.min(9));
    let scale = 10_u64.pow(u32::from(decimals.min(9)));
    let sign = if value < 0 { "-" } else { "" };
    let whole = value.unsigned_abs() / scale;
    let rest = value.unsigned_abs() % scale;
    if places == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest:0places$}")
    }
}

/// The curve with its caption and the table behind it. Says so when there are no points.
#[must_use]
pub fn trend(trend: &Trend<'_>) -> Markup {
    let lang = trend.lang;
    html! {
        figure.trend {
            figcaption {
                strong.trend-title { (trend.title) }
                span.trend-range { (caption(trend)) }
            }
            @if trend.points.is_empty() {
                p { (lang.pick("この期間の検査結果はありません。", "No results in this period.")) }
            } @else {
                (drawing(trend))
                details {
                    summary { (lang.pick("数値を表で見る", "Show the numbers")) }
                    (numbers(trend))
                }
            }
        }
    }
}

fn caption(trend: &Trend<'_>) -> String {
    let lang = trend.lang;
    let range = range_words(trend);
    match (trend.unit.is_empty(), range.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{}{range}", lang.pick("基準範囲 ", "Range ")),
        (false, true) => format!("{}{}", lang.pick("単位 ", "Unit "), trend.unit),
        (false, false) => format!(
            "{}{}{}{range}",
            lang.pick("単位 ", "Unit "),
            trend.unit,
            lang.pick("　基準範囲 ", ", range ")
        ),
    }
}

fn range_words(trend: &Trend<'_>) -> String {
    let show = |value| decimal(value, trend.decimals);
    match (trend.reference.low, trend.reference.high) {
        (None, None) => String::new(),
        (Some(low), None) => format!("{}{}", show(low), trend.lang.pick("以上", " or more")),
        (None, Some(high)) => format!("{}{}", show(high), trend.lang.pick("以下", " or less")),
        (Some(low), Some(high)) => {
            format!("{}{}{}", show(low), trend.lang.pick("〜", "–"), show(high))
        }
    }
}

/// The value axis: its ends and the distance of its ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    from: i64,
    to: i64,
    step: i64,
}

impl Axis {
    /// An axis that holds all values and both ends of the range, on round numbers.
    fn over(points: &[TrendPoint], reference: Reference) -> Self {
        let all = || {
            let ends = [reference.low, reference.high];
            points
                .iter()
                .map(|p| p.value)
                .chain(ends.into_iter().flatten())
                .map(bounded)
        };
        let low = all().min().unwrap_or(0);
        let high = all().max().unwrap_or(1);
        let pad = ((high - low) / 8).max(1);
        let floor = if low >= 0 {
            (low - pad).max(0)
        } else {
            low - pad
        };
        let mut step = round_step(floor, high + pad);
        let from = floor.div_euclid(step) * step;
        if (high + pad - from) / step > TICKS_MAX + 1 {
            step *= 2;
        }
        let from = from.div_euclid(step) * step;
        let to = (high + pad + step - 1).div_euclid(step) * step;
        Self {
            from,
            to: to.max(from + step),
            step,
        }
    }

    /// The height at which a value is drawn.
    fn y(self, value: i64) -> i64 {
        let value = bounded(value).clamp(self.from, self.to);
        BOTTOM - (value - self.from) * (BOTTOM - TOP) / (self.to - self.from)
    }

    fn ticks(self) -> impl Iterator<Item = i64> {
        (0..=TICKS_MAX + 2)
            .map(move |nth| self.from + nth * self.step)
            .take_while(move |tick| *tick <= self.to)
    }
}

fn bounded(value: i64) -> i64 {
    value.clamp(-VALUE_MAX, VALUE_MAX)
}

/// 1, 2 or 5 times a power of ten, so that at most [`TICKS_MAX`] of them fill the span.
fn round_step(low: i64, high: i64) -> i64 {
    let wanted = (high - low) / TICKS_MAX;
    let mut power = 1_i64;
    for _ in 0..14 {
        for factor in [1, 2, 5] {
            if factor * power >= wanted.max(1) {
                return factor * power;
            }
        }
        power *= 10;
    }
    power
}

/// Where each point is drawn.
fn places(points: &[TrendPoint], axis: Axis) -> Vec<(i64, i64)> {
    let day = |p: &TrendPoint| p.date.start().seconds().div_euclid(SECONDS_PER_DAY);
    let first = points.first().map_or(0, day);
    let span = points.last().map_or(0, day) - first;
    points
        .iter()
        .map(|p| {
            let x = if span > 0 {
                LEFT + 14 + (day(p) - first).clamp(0, span) * (RIGHT - LEFT - 34) / span
            } else {
                i64::midpoint(LEFT, RIGHT)
            };
            (x, axis.y(p.value))
        })
        .collect()
}

fn polyline(places: &[(i64, i64)]) -> String {
    let pairs: Vec<String> = places.iter().map(|(x, y)| format!("{x},{y}")).collect();
    pairs.join(" ")
}

fn drawing(trend: &Trend<'_>) -> Markup {
    let axis = Axis::over(trend.points, trend.reference);
    let places = places(trend.points, axis);
    let (title_id, desc_id) = (format!("{}-title", trend.id), format!("{}-desc", trend.id));
    html! {
        svg.trend-drawing viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img"
            aria-labelledby={(title_id) " " (desc_id)} {
            title id=(title_id) { (trend.title) }
            desc id=(desc_id) { (description(trend)) }
            (band(trend.reference, axis))
            @for tick in axis.ticks() {
                line.trend-grid x1=(LEFT) x2=(RIGHT) y1=(axis.y(tick)) y2=(axis.y(tick)) {}
                text.trend-text x=(LEFT - 6) y=(axis.y(tick) + 5) text-anchor="end" {
                    (decimal(tick, trend.decimals))
                }
            }
            @if places.len() > 1 { polyline.trend-line points=(polyline(&places)) {} }
            @for (point, place) in trend.points.iter().zip(&places) {
                (dot(trend.reference.mark(point.value), *place))
            }
            (value_labels(trend, &places))
            (date_labels(trend, &places))
        }
    }
}

fn band(reference: Reference, axis: Axis) -> Markup {
    let top = reference.high.map_or(TOP, |high| axis.y(high));
    let bottom = reference.low.map_or(BOTTOM, |low| axis.y(low));
    html! {
        @if reference.low.is_some() || reference.high.is_some() {
            rect.trend-band x=(LEFT) y=(top) width=(RIGHT - LEFT) height=((bottom - top).max(1)) {}
        }
        @for edge in [reference.low, reference.high].into_iter().flatten() {
            line.trend-edge x1=(LEFT) x2=(RIGHT) y1=(axis.y(edge)) y2=(axis.y(edge)) {}
        }
    }
}

/// A circle inside the range, a triangle pointing up above it, down below it.
fn dot(mark: Mark, (x, y): (i64, i64)) -> Markup {
    html! {
        @match mark {
            Mark::High => polygon.trend-dot-high
                points=(polyline(&[(x - 8, y + 6), (x + 8, y + 6), (x, y - 9)])) {},
            Mark::Low => polygon.trend-dot-low
                points=(polyline(&[(x - 8, y - 6), (x + 8, y - 6), (x, y + 9)])) {},
            Mark::None | Mark::Abnormal => circle.trend-dot cx=(x) cy=(y) r="5" {},
        }
    }
}

/// Which of the places, taken from the newest back, have room for a label of `width`.
fn with_room(places: &[(i64, i64)], width: i64) -> Vec<bool> {
    let mut last = i64::MAX;
    let mut shown: Vec<bool> = places
        .iter()
        .rev()
        .map(|(x, _)| {
            let fits = last == i64::MAX || last - x >= width;
            if fits {
                last = *x;
            }
            fits
        })
        .collect();
    shown.reverse();
    shown
}

fn value_labels(trend: &Trend<'_>, places: &[(i64, i64)]) -> Markup {
    let shown = with_room(places, VALUE_LABEL_WIDTH);
    html! {
        @for ((point, (x, y)), shown) in trend.points.iter().zip(places).zip(shown) {
            @if shown {
                @let mark = trend.reference.mark(point.value);
                text.trend-value.trend-value-high[mark == Mark::High].trend-value-low[mark == Mark::Low]
                    text-anchor="middle"
                    x=((*x).clamp(LEFT + 24, RIGHT - 22)) y=(y - 13) {
                    (decimal(point.value, trend.decimals))
                    @if mark != Mark::None { " " (mark.words(trend.lang).0) }
                }
            }
        }
    }
}

fn date_labels(trend: &Trend<'_>, places: &[(i64, i64)]) -> Markup {
    let shown = with_room(places, DATE_LABEL_WIDTH);
    let first_x = places.first().map_or(0, |(x, _)| *x);
    let last = places.len().saturating_sub(1);
    html! {
        @for (nth, ((point, (x, _)), shown)) in trend.points.iter().zip(places).zip(shown).enumerate() {
            line.trend-tick x1=(x) x2=(x) y1=(BOTTOM) y2=(BOTTOM + 6) {}
            @if nth == 0 || nth == last || (shown && x - first_x >= DATE_LABEL_WIDTH) {
                @let single = last == 0;
                @let (at, anchor) = if nth == last && !single { (RIGHT + 6, "end") }
                    else if nth == 0 && !single { (LEFT - 6, "start") } else { (*x, "middle") };
                text.trend-text x=(at) y=(BOTTOM + 24) text-anchor=(anchor) {
                    (point.date.year()) "/" (point.date.month()) "/" (point.date.day())
                }
            }
        }
    }
}

/// What the curve shows, in a sentence: first, last, lowest, highest.
fn description(trend: &Trend<'_>) -> String {
    let show = |value| format!("{}{}", decimal(value, trend.decimals), trend.unit);
    let (Some(first), Some(last)) = (trend.points.first(), trend.points.last()) else {
        return String::new();
    };
    let lowest = trend
        .points
        .iter()
        .map(|p| p.value)
        .min()
        .unwrap_or(last.value);
    let highest = trend
        .points
        .iter()
        .map(|p| p.value)
        .max()
        .unwrap_or(last.value);
    let out = trend
        .points
        .iter()
        .filter(|p| trend.reference.mark(p.value) != Mark::None)
        .count();
    let (from, to) = (
        date_text(trend.lang, first.date),
        date_text(trend.lang, last.date),
    );
    let count = trend.points.len();
    match trend.lang {
        Lang::Ja => format!(
            "{from}の{}から{to}の{}まで、{count}回の推移。最低{}、最高{}。基準範囲外は{out}回。",
            show(first.value),
            show(last.value),
            show(lowest),
            show(highest),
        ),
        Lang::En => format!(
            "{count} results from {} on {from} to {} on {to}; lowest {}, highest {}; {out} outside the range.",
            show(first.value),
            show(last.value),
            show(lowest),
            show(highest),
        ),
    }
}

fn numbers(trend: &Trend<'_>) -> Markup {
    let lang = trend.lang;
    html! {
        table.table.trend-numbers {
            caption.vh { (trend.title) }
            thead { tr {
                th scope="col" { (lang.pick("検査日", "Date")) }
                th.num scope="col" {
                    (lang.pick("値", "Value"))
                    @if !trend.unit.is_empty() {
                        (lang.pick("（", " (")) (trend.unit) (lang.pick("）", ")"))
                    }
                }
                th scope="col" { (lang.pick("判定", "Range")) }
                @if !trend.sources.is_empty() { th scope="col" { (lang.pick("検査した施設", "Measured at")) } }
            } }
            tbody {
                @for (nth, point) in trend.points.iter().enumerate().rev() {
                    @let (sign, words) = trend.reference.mark(point.value).words(lang);
                    tr {
                        th scope="row" { (super::date(lang, point.date)) }
                        td.num { (decimal(point.value, trend.decimals)) }
                        td { @if !sign.is_empty() { strong { (sign) } " " (words) } }
                        @if let Some(source) = trend.sources.get(nth) { td { (source) } }
                    }
                }
            }
        }
    }
}

/// A curve of the size of a word, for a table's cell; `label` says what it shows.
#[must_use]
pub fn sparkline(values: &[i64], label: &str) -> Markup {
    const W: i64 = 96;
    const H: i64 = 28;
    let low = values.iter().copied().map(bounded).min().unwrap_or(0);
    let span = (values.iter().copied().map(bounded).max().unwrap_or(0) - low).max(1);
    let gaps = i64::try_from(values.len().saturating_sub(1))
        .unwrap_or(1)
        .max(1);
    let places: Vec<(i64, i64)> = (0_i64..)
        .zip(values)
        .map(|(nth, value)| {
            (
                5 + nth * (W - 10) / gaps,
                H - 5 - (bounded(*value) - low) * (H - 10) / span,
            )
        })
        .collect();
    html! {
        svg.spark viewBox={"0 0 " (W) " " (H)} width=(W) height=(H) role="img" aria-label=(label) {
            @if places.len() > 1 { polyline.trend-line points=(polyline(&places)) {} }
            @if let Some((x, y)) = places.last() { circle.trend-dot cx=(x) cy=(y) r="4" {} }
        }
    }
}
