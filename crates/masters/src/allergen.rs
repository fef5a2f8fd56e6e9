//! Allergens (JFAGY アレルゲン): codes, names, readings, and from when until when they are used.
//!
//! Source: JFAGY アレルゲンコード table, edition of 2025-04-01.

mod read;
#[cfg(test)]
mod tests;

use kernel::time::JstDate;
use store::{Call, StoreError};

pub use read::{Read, read};

use crate::{edition::Edition, store as table};

/// The word for this master in commands and tables.
pub const MASTER: &str = "allergens";

/// Codes that say only that there is none: a name must stand beside them.
pub const DUMMIES: [&str; 3] = ["D9M000000000", "D9F000000000", "D9N000000000"];
/// Most allergens of one search.
const FOUND_MAX: i64 = 50;

/// An allergen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allergen {
    /// Code, 12 characters, or fewer for a group.
    pub code: String,
    /// Place in the published order, from 1.
    pub place: i64,
    /// Japanese name.
    pub name: String,
    /// Its reading in hiragana.
    pub kana: String,
    /// English name.
    pub english: String,
    /// Depth in the tree, from 1.
    pub level: i64,
    /// Is it offered for choice (MAINFLAG)?
    pub is_main: bool,
    /// First day, when given.
    pub from: Option<JstDate>,
    /// Last day, when it has one.
    pub until: Option<JstDate>,
}

/// How a code stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is used.
    Current(Allergen),
    /// It is used no more.
    Ended(Allergen),
    /// It is not in the master.
    Unknown,
    /// No master was imported: nothing can be said.
    NotLoaded,
}

/// Replaces the master by what was read, in one operation.
///
/// # Errors
/// [`StoreError`].
pub fn import(
    call: &Call<'_>,
    allergens: &[Allergen],
    day: JstDate,
    sha256: &str,
) -> Result<Edition, StoreError> {
    table::allergen::clear(call)?;
    for allergen in allergens {
        table::allergen::put(call, allergen)?;
    }
    let edition = Edition {
        master: MASTER.to_owned(),
        day,
        sha256: sha256.to_owned(),
        rows: i64::try_from(allergens.len()).unwrap_or(i64::MAX),
        at: call.at(),
    };
    table::put_edition(call, &edition)?;
    Ok(edition)
}

/// How a code stands on a day.
///
/// # Errors
/// [`StoreError`].
pub fn standing(call: &Call<'_>, code: &str, on: JstDate) -> Result<Standing, StoreError> {
    let Some(one) = table::allergen::one(call, code)? else {
        let is_loaded = table::allergen::one(call, DUMMIES[0])?.is_some();
        return Ok(if is_loaded {
            Standing::Unknown
        } else {
            Standing::NotLoaded
        });
    };
    let is_over = one.until.is_some_and(|until| until < on);
    Ok(if is_over {
        Standing::Ended(one)
    } else {
        Standing::Current(one)
    })
}

/// Allergens that are used on a day and whose reading or name holds this text, in the published
/// order, 50 at most. Katakana and hiragana are one.
///
/// # Errors
/// [`StoreError`].
pub fn search(call: &Call<'_>, text: &str, on: JstDate) -> Result<Vec<Allergen>, StoreError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = table::allergen::search(call, &hiragana(text), text, FOUND_MAX)?;
    found.retain(|one| one.until.is_none_or(|until| on <= until) && one.code.len() == 12);
    Ok(found)
}

/// Katakana as hiragana, half-width kana first made full.
#[must_use]
pub fn hiragana(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'ァ'..='ヶ' => u32::from(c)
                .checked_sub(0x60)
                .and_then(char::from_u32)
                .unwrap_or(c),
            other => other,
        })
        .collect()
}
