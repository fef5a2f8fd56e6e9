//! How long what is kept (保存期間), as dated rules.
//!
//! An entry is under the rule that was in force on the day of its registration: a rule that
//! comes later neither brings back what has ended nor shortens what was promised.
//!
//! Source: clins-documents section b (Flags/Retention): five years counted from registration in
//! the service for conditions, infections, allergies and checkup reports; laboratory results one
//! year or the last three; prescriptions a hundred days or the last three; long-term storage
//! longer, its length not said.

use std::collections::BTreeMap;

use access::consent::Category;
use kernel::time::{JstDate, Timestamp};

use crate::model::{Certainty, Item, What};

/// How long something is kept after its registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// So many years.
    Years(i16),
    /// So many days.
    Days(i32),
}

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The first day of registration that falls under it, `YYYY-MM-DD`.
    pub from: &'static str,
    /// For which information.
    pub category: Category,
    /// How long after registration.
    pub span: Span,
    /// Results of so many last days of an item, or prescriptions of so many last days, stay
    /// however old.
    pub last: usize,
    /// How long after registration with the mark 長期保管; `None` without an end.
    pub long_term: Option<Span>,
}

/// When the service began: the first rules.
const BEGIN: &str = "2025-01-01";

/// The rules in force, each category by its day.
pub const TERMS: &[Term] = &[
    five_years(Category::Allergies),
    five_years(Category::Contraindications),
    five_years(Category::Conditions),
    five_years(Category::Infections),
    five_years(Category::Checkups),
    Term {
        from: BEGIN,
        category: Category::Laboratory,
        span: Span::Years(1),
        last: 3,
        long_term: None,
    },
    Term {
        from: BEGIN,
        category: Category::Prescriptions,
        span: Span::Days(100),
        last: 3,
        long_term: None,
    },
];

const fn five_years(category: Category) -> Term {
    Term {
        from: BEGIN,
        category,
        span: Span::Years(5),
        last: 0,
        long_term: None,
    }
}

impl Span {
    /// The first day on which something registered on `day` is past its time.
    #[must_use]
    pub fn end(self, day: JstDate) -> JstDate {
        match self {
            Self::Years(years) => day.plus_years(years),
            Self::Days(days) => day.plus_days(days),
        }
    }
}

/// The rule for what was registered on this day: the last one that had begun, or the first of
/// all for what is older than every rule. `None` for what the service does not keep.
#[must_use]
pub fn term(terms: &[Term], category: Category, registered: JstDate) -> Option<Term> {
    let day = registered.to_string();
    let mut of = terms.iter().filter(|term| term.category == category);
    let first = of.clone().min_by_key(|term| term.from);
    let begun = of
        .by_ref()
        .filter(|term| term.from <= day.as_str())
        .max_by_key(|term| term.from);
    begun.or(first).copied()
}

/// The first day on which something is past its time; `None` when it has no end.
#[must_use]
pub fn end(
    terms: &[Term],
    category: Category,
    is_long_term: bool,
    registered: JstDate,
) -> Option<JstDate> {
    let term = term(terms, category, registered)?;
    let span = if is_long_term {
        term.long_term?
    } else {
        term.span
    };
    Some(span.end(registered))
}

/// The same of an item.
#[must_use]
pub fn item_end(terms: &[Term], item: &Item) -> Option<JstDate> {
    let registered = item.provenance.registered_at.jst_date();
    end(terms, item.category, item.flags.long_term, registered)
}

/// What counts together for "the last", and its day.
fn series(item: &Item) -> Option<((Category, &str), JstDate)> {
    match (item.category, &item.what) {
        (Category::Laboratory, What::Lab(lab)) => Some(((item.category, &lab.key), lab.on)),
        (Category::Prescriptions, What::Prescription(one)) => Some(((item.category, ""), one.on)),
        _ => None,
    }
}

/// Which of a person's items are still within their time at `at`, in their order.
///
/// What its sender took back does not count among the last of its item.
#[must_use]
pub fn keeps(terms: &[Term], items: &[Item], at: Timestamp) -> Vec<bool> {
    let today = at.jst_date();
    let mut newest: BTreeMap<(Category, &str), Vec<JstDate>> = BTreeMap::new();
    for item in items {
        let is_told = item.certainty != Certainty::Retracted;
        if let Some((key, on)) = series(item).filter(|_| is_told) {
            newest.entry(key).or_default().push(on);
        }
    }
    for dates in newest.values_mut() {
        dates.sort_unstable_by(|a, b| b.cmp(a));
        dates.dedup();
    }
    let is_kept = |item: &Item| {
        if item_end(terms, item).is_none_or(|end| today < end) {
            return true;
        }
        let registered = item.provenance.registered_at.jst_date();
        let last = term(terms, item.category, registered).map_or(0, |term| term.last);
        let is_last = || {
            let (key, on) = series(item)?;
            let dates = newest.get(&key)?;
            Some(dates.iter().take(last).any(|date| *date == on))
        };
        item.certainty != Certainty::Retracted && is_last().unwrap_or(false)
    };
    items.iter().map(is_kept).collect()
}

/// Leaves out what is past its time at `at`.
#[must_use]
pub fn kept(items: Vec<Item>, at: Timestamp) -> Vec<Item> {
    let mut keeps = keeps(TERMS, &items, at).into_iter();
    let mut items = items;
    items.retain(|_| keeps.next().unwrap_or(false));
    items
}

/// Takes out of a person's documents what no view may ever show again. Which documents changed,
/// by their place; one that is left empty goes as a whole.
pub fn expire<D>(
    terms: &[Term],
    documents: &mut [D],
    items_of: impl Fn(&mut D) -> &mut Vec<Item>,
    at: Timestamp,
) -> Vec<bool> {
    let all: Vec<Item> = documents
        .iter_mut()
        .flat_map(|document| items_of(document).clone())
        .collect();
    let mut keeps = keeps(terms, &all, at).into_iter();
    documents
        .iter_mut()
        .map(|document| {
            let items = items_of(document);
            let before = items.len();
            items.retain(|_| keeps.next().unwrap_or(false));
            items.len() != before
        })
        .collect()
}

/// When the person's turn comes next: the first day on which something of these is past its
/// time that is not yet. What stays as one of the last becomes due when a newer one comes.
#[must_use]
pub fn next<'i>(
    terms: &[Term],
    items: impl IntoIterator<Item = &'i Item>,
    at: Timestamp,
) -> Option<Timestamp> {
    let today = at.jst_date();
    items
        .into_iter()
        .filter_map(|item| item_end(terms, item))
        .filter(|end| *end > today)
        .min()
        .map(JstDate::start)
}
