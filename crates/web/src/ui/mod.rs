//! The visual layer: every component that a page is built from, as a function that
//! takes plain values and returns markup. It knows no HTTP, no store and no service.
//!
//! Rules that hold for all of it: the page works without JavaScript and by keyboard
//! alone; nothing is told by colour alone; text is 16 px or larger and a target 44 px
//! or larger; there is no inline script and no inline style, so that the content
//! security policy `default-src 'self'` holds.
//!
//! Source: WCAG 2.2 level AA (covers JIS X 8341-3:2016 AA); the values in
//! `assets/tasuki.css` are those of the Digital Agency's design tokens 1.1.

pub mod assets;
mod button;
mod chart;
mod choice;
mod date;
mod field;
mod history;
mod icon;
mod lab;
mod layout;
mod notice;
mod person;
mod problem;
mod qr;
mod samples;
mod samples_clinical;
mod samples_portal;
mod shell;
mod table;
mod verdict;

#[cfg(test)]
mod tests;

pub use button::{CSRF_FIELD, csrf, submit_with};
pub use button::{
    Tone, actions, button_link, copyable, file_form, form, hidden, post_button, print_button,
    submit,
};
pub use chart::{Reference, Trend, TrendPoint, decimal, sparkline, trend};
pub use choice::{Choice, Choices, checkbox_cards, radio_cards, select_field};
pub use date::{EraDate, date_field, era_date_field, parse_era_date};
pub use field::{Field, FieldError, Width, error_summary, field_id};
pub use field::{code_field, file_field, new_password_field, number_field, one_time_code_field};
pub use field::{password_field, text_area, text_field};
pub use history::{AccessItem, AccessOutcome, Proof, Sealed, access_history};
pub use icon::{Icon, icon};
pub use lab::{LabCell, LabMatrix, LabRow, Mark, lab_matrix};
pub use layout::{Step, Tile, columns, empty, pagination, progress, section, steps, tiles};
pub use notice::{Level, notice};
pub use person::{Caution, CautionKind, Cautions, ConditionLine, Fact, PersonStrip, Tag, TagTone};
pub use person::{age, cautions, conditions, facts, person_strip, provenance, tag, tags};
pub use problem::{Problem, problem, refusal};
pub use qr::qr;
pub use samples::samples;
pub use shell::{Crumb, Idle, NavItem, Page, Shell, Who, page};
pub use table::{Column, Table, data_table};
pub use verdict::{Signal, Verdict, verdict};

use kernel::Text;
use kernel::time::JstDate;
use maud::{Markup, html};

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Japanese, the first language of the product.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// The value of the `lang` attribute: `ja` or `en`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language whose code this is.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "ja" => Some(Self::Ja),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The sentence that is in this language.
    #[must_use]
    pub const fn pick<'a>(self, ja: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }

    /// The side of a catalogue text that is in this language.
    #[must_use]
    pub const fn text(self, text: &Text) -> &'static str {
        match self {
            Self::Ja => text.ja,
            Self::En => text.en,
        }
    }
}

/// A calendar date for people, in a `time` element: `2026年5月1日`, or ISO in English.
#[must_use]
pub fn date(lang: Lang, date: JstDate) -> Markup {
    html! { time datetime=(date) { (date_text(lang, date)) } }
}

/// A calendar date for people, as text.
#[must_use]
pub fn date_text(lang: Lang, date: JstDate) -> String {
    match lang {
        Lang::Ja => date.japanese(),
        Lang::En => date.to_string(),
    }
}

/// A count with its thousands set apart: `48,213,907`.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len().saturating_add(digits.len() / 3));
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && digits.len().saturating_sub(nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
