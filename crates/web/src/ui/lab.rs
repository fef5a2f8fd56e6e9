//! Laboratory results over time: items down, dates across.

use kernel::time::JstDate;
use maud::{Markup, html};

use super::table::scroll_region;
use super::{Lang, date_text};

/// How a value stands to its reference range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Inside, or there is no range.
    #[default]
    None,
    /// Above.
    High,
    /// Below.
    Low,
    /// Abnormal without a direction, such as (+).
    Abnormal,
}

impl Mark {
    /// The sign in a chart, and its words for everyone else.
    pub(super) const fn words(self, lang: Lang) -> (&'static str, &'static str) {
        match self {
            Self::None => ("", ""),
            Self::High => ("H", lang.pick("基準より高い", "above range")),
            Self::Low => ("L", lang.pick("基準より低い", "below range")),
            Self::Abnormal => ("A", lang.pick("基準から外れている", "outside range")),
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::None => "",
            Self::High => "mark mark-high",
            Self::Low => "mark mark-low",
            Self::Abnormal => "mark mark-abnormal",
        }
    }
}

/// One result.
#[derive(Clone, Copy, Debug)]
pub struct LabCell<'a> {
    /// The value as reported, without its unit.
    pub text: &'a str,
    /// How it stands to the range.
    pub mark: Mark,
}

/// One item.
#[derive(Clone, Debug)]
pub struct LabRow<'a> {
    /// Its name.
    pub item: &'a str,
    /// Its unit; may be empty.
    pub unit: &'a str,
    /// Its reference range in words; may be empty.
    pub reference: &'a str,
    /// Whose results these are; may be empty.
    pub source: &'a str,
    /// One cell a date, `None` where it was not measured.
    pub cells: Vec<Option<LabCell<'a>>>,
    /// A small curve made by `sparkline`.
    pub spark: Option<Markup>,
}

/// Items × dates.
#[derive(Clone, Copy, Debug)]
pub struct LabMatrix<'a> {
    /// The language of the labels.
    pub lang: Lang,
    /// Unique in the page.
    pub id: &'a str,
    /// What the table shows.
    pub caption: &'a str,
    /// The dates, in the order of the cells.
    pub dates: &'a [JstDate],
    /// The items.
    pub rows: &'a [LabRow<'a>],
    /// For the patient: 高い and 低い instead of H and L.
    pub plain: bool,
}

/// The table of results over time.
#[must_use]
pub fn lab_matrix(matrix: &LabMatrix<'_>) -> Markup {
    let lang = matrix.lang;
    let caption_id = format!("{}-caption", matrix.id);
    let sparks = matrix.rows.iter().any(|row| row.spark.is_some());
    let inner = html! {
        table.table.lab id=(matrix.id) {
            caption id=(caption_id) { (matrix.caption) }
            thead {
                tr {
                    th scope="col" { (lang.pick("検査項目", "Item")) }
                    @for date in matrix.dates { th.num scope="col" { (column_date(lang, *date)) } }
                    @if sparks { th scope="col" { (lang.pick("推移", "Trend")) } }
                    th scope="col" { (lang.pick("基準範囲", "Range")) }
                }
            }
            tbody { @for row in matrix.rows { (lab_row(matrix, row, sparks)) } }
        }
    };
    html! {
        (scroll_region(&caption_id, &inner))
        p.legend { (legend(lang, matrix.plain)) }
    }
}

/// Year above, month and day below: narrow columns that still name the year.
fn column_date(lang: Lang, date: JstDate) -> Markup {
    html! {
        time datetime=(date) {
            @match lang {
                Lang::Ja => {
                    span.lab-year { (date.year()) "年" }
                    span.lab-day { (date.month()) "月" (date.day()) "日" }
                },
                Lang::En => { (date_text(lang, date)) },
            }
        }
    }
}

fn lab_row(matrix: &LabMatrix<'_>, row: &LabRow<'_>, sparks: bool) -> Markup {
    html! {
        tr {
            th scope="row" {
                span.lab-item { (row.item) }
                @if !row.unit.is_empty() { " " span.lab-unit { (row.unit) } }
                @if !row.source.is_empty() { span.lab-source { (row.source) } }
            }
            @for (_, cell) in matrix.dates.iter().zip(&row.cells) {
                td.num { (lab_cell(matrix, cell.as_ref())) }
            }
            @if sparks { td.lab-spark { @if let Some(spark) = &row.spark { (spark) } } }
            td.lab-range { (row.reference) }
        }
    }
}

fn lab_cell(matrix: &LabMatrix<'_>, cell: Option<&LabCell<'_>>) -> Markup {
    let lang = matrix.lang;
    html! {
        @if let Some(cell) = cell {
            @let (sign, words) = cell.mark.words(lang);
            @if cell.mark == Mark::None {
                (cell.text)
            } @else {
                span class=(cell.mark.class()) {
                    (cell.text) " "
                    @if matrix.plain {
                        span.mark-sign { (plain_word(lang, cell.mark)) }
                    } @else {
                        span.mark-sign aria-hidden="true" { (sign) }
                        span.vh { (lang.pick("（", "(")) (words) (lang.pick("）", ")")) }
                    }
                }
            }
        } @else {
            span.lab-none aria-hidden="true" { "—" }
            span.vh { (lang.pick("検査なし", "not measured")) }
        }
    }
}

const fn plain_word(lang: Lang, mark: Mark) -> &'static str {
    match mark {
        Mark::None => "",
        Mark::High => lang.pick("高い", "high"),
        Mark::Low => lang.pick("低い", "low"),
        Mark::Abnormal => lang.pick("基準外", "outside"),
    }
}

const fn legend(lang: Lang, plain: bool) -> &'static str {
    if plain {
        lang.pick(
            "「高い」「低い」は、基準範囲から外れた値です。結果の意味は主治医にお尋ねください。",
            "\"High\" and \"low\" are outside the range. Please ask your doctor what they mean.",
        )
    } else {
        lang.pick(
            "H：基準より高い　L：基準より低い　A：基準から外れている　—：検査なし",
            "H: above range  L: below range  A: outside range  —: not measured",
        )
    }
}
