//! How alike two keys are.

use super::UNREADABLE;

/// How alike two keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// More than one character differs, or one of them is empty.
    Different,
    /// One character is another, is missing, is too many, or two neighbours changed places.
    OneOff,
    /// The same, but for characters that nobody could read.
    Unreadable,
    /// The same.
    Same,
}

/// Compares two keys of the same kind. It does not matter which is which.
#[must_use]
pub fn compare(one: &str, other: &str) -> Likeness {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.is_empty() || other.is_empty() {
        return Likeness::Different;
    }
    if one == other {
        return if one.contains(&UNREADABLE) {
            Likeness::Unreadable
        } else {
            Likeness::Same
        };
    }
    if all_same(&one, &other) {
        return Likeness::Unreadable;
    }
    if is_one_off(&one, &other) {
        Likeness::OneOff
    } else {
        Likeness::Different
    }
}

fn same(one: char, other: char) -> bool {
    one == other || one == UNREADABLE || other == UNREADABLE
}

fn all_same(one: &[char], other: &[char]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(*a, *b))
}

fn is_one_off(one: &[char], other: &[char]) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    // Names of a single character say too little for one that differs.
    if short.len() < 2 {
        return false;
    }
    match long.len().saturating_sub(short.len()) {
        0 => has_one_other(short, long) || has_one_swap(short, long),
        1 => has_one_more(short, long),
        _ => false,
    }
}

fn has_one_other(one: &[char], other: &[char]) -> bool {
    one.iter()
        .zip(other)
        .filter(|(a, b)| !same(**a, **b))
        .count()
        == 1
}

fn has_one_swap(one: &[char], other: &[char]) -> bool {
    let places: Vec<usize> = one
        .iter()
        .zip(other)
        .enumerate()
        .filter_map(|(place, (a, b))| (!same(*a, *b)).then_some(place))
        .collect();
    let [first, second] = places.as_slice() else {
        return false;
    };
    *second == first.saturating_add(1)
        && one.get(*first) == other.get(*second)
        && one.get(*second) == other.get(*first)
}

fn has_one_more(short: &[char], long: &[char]) -> bool {
    (0..long.len()).any(|gap| {
        let (before, from) = long.split_at(gap);
        let without = before.iter().chain(from.iter().skip(1));
        without.zip(short).all(|(a, b)| same(*a, *b))
    })
}
