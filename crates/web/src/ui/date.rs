//! Dates in forms: the browser's own date field, and a field for dates that are copied
//! from a card or a form, where the year is often written in an era (和暦).

use kernel::time::JstDate;
use maud::{Markup, html};

use super::field::{described_by, frame, hint_and_error, requirement};
use super::{Field, field_id};

/// A near date, chosen in the browser's calendar or typed; sends `YYYY-MM-DD`.
#[must_use]
pub fn date_field(field: &Field<'_>, min: Option<JstDate>, max: Option<JstDate>) -> Markup {
    let input = html! {
        input.input.input-medium id=(field_id(field.name)) name=(field.name) type="date"
            value=[Some(field.value).filter(|v| !v.is_empty())] required[field.required]
            min=[min] max=[max] autocomplete=(field.autocomplete.unwrap_or("off"))
            aria-invalid=[field.error.is_some().then_some("true")]
            aria-describedby=[described_by(field.name, field.hint.is_some(), field.error.is_some())]
            autofocus[field.autofocus];
    };
    frame(field, &input)
}

/// The four parts of a date as typed; empty at first.
#[derive(Clone, Copy, Debug, Default)]
pub struct EraDate<'a> {
    /// `AD` (西暦), `reiwa`, `heisei`, `showa` or `taisho`.
    pub era: &'a str,
    /// The year in that era.
    pub year: &'a str,
    /// The month.
    pub month: &'a str,
    /// The day.
    pub day: &'a str,
}

/// Values, Japanese and English names of the eras, and the year before each one's first.
const ERAS: [(&str, &str, &str, i16); 5] = [
    ("AD", "西暦", "AD", 0),
    ("reiwa", "令和", "Reiwa", 2018),
    ("heisei", "平成", "Heisei", 1988),
    ("showa", "昭和", "Showa", 1925),
    ("taisho", "大正", "Taisho", 1911),
];

/// A date such as a birth date, as era, year, month and day; it sends `NAME_era`,
/// `NAME_year`, `NAME_month` and `NAME_day`. Read it with [`parse_era_date`].
///
/// `field.value` is not used; `value` holds what was typed.
#[must_use]
pub fn era_date_field(field: &Field<'_>, value: &EraDate<'_>) -> Markup {
    let lang = field.lang;
    let id = field_id(field.name);
    let wrong = field.error.is_some();
    html! {
        fieldset.field.era-date.field-wrong[wrong]
            aria-describedby=[described_by(field.name, field.hint.is_some(), wrong)] {
            legend.label { (field.label) (requirement(lang, field.required)) }
            (hint_and_error(lang, field.name, field.hint, field.error))
            div.era-parts {
                div.select {
                    label.vh for=(id) { (lang.pick("元号", "Era")) }
                    select.input id=(id) name={(field.name) "_era"}
                        aria-invalid=[wrong.then_some("true")] {
                        @for (code, ja, en, _) in ERAS {
                            option value=(code) selected[code == value.era] { (lang.pick(ja, en)) }
                        }
                    }
                }
                (part(field, "year", value.year, 4, ("年", "Year")))
                (part(field, "month", value.month, 2, ("月", "Month")))
                (part(field, "day", value.day, 2, ("日", "Day")))
            }
        }
    }
}

fn part(field: &Field<'_>, part: &str, value: &str, length: u8, word: (&str, &str)) -> Markup {
    let id = format!("{}-{part}", field_id(field.name));
    html! {
        div.era-part {
            input.input id=(id) name={(field.name) "_" (part)} type="text" inputmode="numeric"
                maxlength=(length) size=(length) autocomplete="off" data-half-width
                value=[Some(value).filter(|v| !v.is_empty())]
                aria-invalid=[field.error.is_some().then_some("true")];
            label for=(id) { (field.lang.pick(word.0, word.1)) }
        }
    }
}

/// The date that was typed into [`era_date_field`]; full-width digits and 元 are read too.
/// `None` when there is no such date or it is not inside the era.
/// `showa`, `31`, `3`, `14` is 1956-03-14.
#[must_use]
pub fn parse_era_date(era: &str, year: &str, month: &str, day: &str) -> Option<JstDate> {
    let (_, name, _, before) = ERAS.iter().find(|(code, ..)| *code == era)?;
    let year = match year.trim() {
        "元" => 1,
        typed => number(typed)?,
    };
    let date = JstDate::new(
        year.checked_add(*before)?,
        i8::try_from(number(month)?).ok()?,
        i8::try_from(number(day)?).ok()?,
    )?;
    let inside = *before == 0 && date.year() >= 1868 || date.wareki().starts_with(name);
    inside.then_some(date)
}

fn number(typed: &str) -> Option<i16> {
    let typed = kernel::code::half_width(typed.trim());
    let digits = !typed.is_empty() && typed.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| typed.parse().ok()).flatten()
}
