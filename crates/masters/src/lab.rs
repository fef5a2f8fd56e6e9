//! The standard laboratory items (43 + 5 項目): which item a code stands for, its one unit, and
//! what its coded results mean.
//!
//! Source: 電子カルテ情報共有サービス master table (JLAC10+11), 2024-09-30.

mod convert;
mod items;
mod read;
#[cfg(test)]
mod tests;
mod values;

use kernel::time::JstDate;
use store::{Call, StoreError};

pub use convert::{Converted, FACTORS, Factor, convert, unit};
pub use items::ITEMS;
pub use read::{Read, read};
pub use values::value;

use crate::{edition::Edition, store as table};

/// The word for this master in commands and tables.
pub const MASTER: &str = "lab-items";

/// Which list an item belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of the 43 laboratory items.
    Core,
    /// One of the 5 infection items.
    Infection,
}

/// What its results are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// A number with a unit (数値型).
    Number,
    /// One of a list (コード型).
    Coded,
    /// Only ordered, its parts are the results (依頼).
    Request,
}

/// A name under which results of one of the 48 items are sent (FHIR識別名).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which list.
    pub kind: Kind,
    /// Number of the item in its list, from 1.
    pub number: u8,
    /// Its name in the master, such as `ALB`: what makes results comparable.
    pub id: &'static str,
    /// Its name in the JP-CLINS code system where that differs, such as `PT-Sec`; may be empty.
    pub parent: &'static str,
    /// Its Japanese name.
    pub name: &'static str,
    /// What its results are.
    pub data: Data,
    /// Its one unit; empty when its results have none.
    pub unit: &'static str,
    /// One JLAC10 code, of serum where there is one.
    pub jlac10: &'static str,
    /// One JLAC11 code.
    pub jlac11: &'static str,
}

/// The item of this name, in the master's or the code system's writing.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Item> {
    let is = |item: &&Item| item.id == name || item.parent == name && !name.is_empty();
    ITEMS
        .iter()
        .find(is)
        .or_else(|| ITEMS.iter().find(|item| item.name == name))
}

/// The item of a code that the program ships.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Item> {
    ITEMS
        .iter()
        .find(|item| item.jlac10 == code || item.jlac11 == code)
}

/// One row of the official master: a pair of codes for an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Consecutive in the file, from 1.
    pub line: i64,
    /// `検査` or `感染症`.
    pub kind: String,
    /// FHIR識別名.
    pub item: String,
    /// Its Japanese name.
    pub name: String,
    /// JLAC10, 17 characters.
    pub jlac10: String,
    /// JLAC11, 17 characters.
    pub jlac11: String,
    /// Unit, as the master writes it.
    pub unit: String,
    /// Specimen, by JLAC11.
    pub specimen: String,
    /// Method, by JLAC11.
    pub method: String,
}

/// Puts an edition beside the ones before, or in place of the one of the same day.
///
/// # Errors
/// [`StoreError`].
pub fn import(
    call: &Call<'_>,
    pairs: &[Pair],
    day: JstDate,
    sha256: &str,
) -> Result<Edition, StoreError> {
    table::lab::clear(call, day)?;
    for pair in pairs {
        table::lab::put(call, day, pair)?;
    }
    let edition = Edition {
        master: MASTER.to_owned(),
        day,
        sha256: sha256.to_owned(),
        rows: i64::try_from(pairs.len()).unwrap_or(i64::MAX),
        at: call.at(),
    };
    table::put_edition(call, &edition)?;
    Ok(edition)
}

/// The rows of a code in the edition that holds on a day: the last one that had begun, or the
/// first of all for a day before every edition. A code may stand for two names of one item.
///
/// # Errors
/// [`StoreError`].
pub fn pairs(call: &Call<'_>, code: &str, on: JstDate) -> Result<Vec<Pair>, StoreError> {
    table::lab::pairs(call, code, on)
}
