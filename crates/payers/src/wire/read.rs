//! Reading one item after the other: every fault with its item, one an item.

use kernel::{
    Entry,
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    money::Yen,
    time::{JstDate, Period},
};
use registry::model::{ChangeKind, CopayRate, Sex};

use crate::{
    errors,
    model::{Found, MemberKey},
};

/// The faults found so far.
#[derive(Default)]
pub(super) struct Reading(pub(super) Vec<Found>);

/// An item's name and its text.
pub(super) type Item<'a> = (&'static str, &'a String);

impl Reading {
    pub(super) fn fault(&mut self, entry: &'static Entry, path: &'static str, text: &str) {
        if !self.0.iter().any(|one| one.path == path) {
            self.0.push(Found {
                entry,
                path,
                found: kernel::catalog::shorten(text),
            });
        }
    }

    pub(super) fn require(&mut self, path: &'static str, text: &str) {
        if text.trim().is_empty() {
            self.fault(&errors::REQUIRED, path, "");
        }
    }

    pub(super) fn optional<T>(
        &mut self,
        entry: &'static Entry,
        path: &'static str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let value = parse(text);
        if value.is_none() {
            self.fault(entry, path, text);
        }
        value
    }

    pub(super) fn needed<T>(
        &mut self,
        entry: &'static Entry,
        path: &'static str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.require(path, text);
        self.optional(entry, path, text, parse)
    }

    pub(super) fn code<T>(
        &mut self,
        path: &'static str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.optional(&errors::NUMBER, path, text, parse)
    }

    pub(super) fn date(&mut self, path: &'static str, text: &str) -> Option<JstDate> {
        self.optional(&errors::DATE, path, text, date)
    }

    pub(super) fn text(&mut self, path: &'static str, text: &str, max: usize) -> Option<String> {
        self.optional(&errors::TEXT, path, text, |text| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let text = words.join(" ");
            let fits = text.chars().count() <= max && !text.chars().any(char::is_control);
            fits.then_some(text)
        })
    }

    /// A key; `None` when its number is empty.
    pub(super) fn key(
        &mut self,
        (symbol_path, number_path, branch_path): (&'static str, &'static str, &'static str),
        (symbol, number, branch): (&str, &str, &str),
    ) -> Option<MemberKey> {
        let parsed = self.code(number_path, number, |text| {
            InsuredPersonNumber::parse(text).ok()
        });
        let symbol = InsuredPersonSymbol::parse(symbol).ok().or_else(|| {
            self.fault(&errors::NUMBER, symbol_path, symbol);
            None
        });
        let branch = self.code(branch_path, branch, |text| BranchNumber::parse(text).ok());
        Some(MemberKey {
            symbol: symbol?,
            number: parsed?,
            branch,
        })
    }

    /// A period by its first day and its last, which may be open.
    pub(super) fn period(&mut self, from: Item<'_>, last: Item<'_>) -> Option<Period<JstDate>> {
        let until = self.date(last.0, last.1).map(|day| day.plus_days(1));
        if until.is_some() {
            self.require(from.0, from.1);
        }
        let from = self.date(from.0, from.1)?;
        let period = Period::new(from, until);
        if period.is_none() {
            self.fault(&errors::ENDS_BEFORE_BEGIN, last.0, last.1);
        }
        period
    }
}

pub(super) fn number_of_insurer(text: &str) -> Option<InsurerNumber> {
    InsurerNumber::from_register(text).ok()
}

pub(super) fn kind_of(text: &str) -> Option<ChangeKind> {
    let short = [
        ("取得", ChangeKind::Acquired),
        ("変更", ChangeKind::Changed),
        ("喪失", ChangeKind::Lost),
        ("訂正", ChangeKind::Corrected),
        ("取消", ChangeKind::Withdrawn),
    ];
    let short = short.into_iter().find(|(word, _)| *word == text);
    short.map_or_else(|| ChangeKind::from_code(text), |(_, kind)| Some(kind))
}

pub(super) fn date(text: &str) -> Option<JstDate> {
    JstDate::parse(text).or_else(|| JstDate::parse_compact(text))
}

pub(super) fn sex(text: &str) -> Option<Sex> {
    matches!(text, "1" | "2" | "3").then(|| Sex::from_code(text))
}

pub(super) fn relation(text: &str) -> Option<bool> {
    match text {
        "1" | "insured" | "本人" => Some(true),
        "2" | "dependent" | "家族" => Some(false),
        _ => None,
    }
}

pub(super) fn rate(text: &str) -> Option<CopayRate> {
    text.parse().ok().and_then(CopayRate::tenths)
}

pub(super) fn card_kind(text: &str) -> Option<String> {
    let is_code = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| text.to_owned())
}

pub(super) fn post_code(text: &str) -> Option<String> {
    let digits: String = kernel::code::half_width(text)
        .chars()
        .filter(|c| *c != '-')
        .collect();
    let fits = digits.len() == 7 && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(digits)
}

pub(super) fn yen(text: &str) -> Option<Yen> {
    let yen: u32 = text.parse().ok()?;
    Some(Yen::new(i64::from(yen)))
}
