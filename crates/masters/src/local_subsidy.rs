//! Local public subsidies (地方単独医療費助成): what the patient pays under each scheme.
//!
//! The published table has a sheet for each prefecture. On some sheets, or from some line of
//! them on, an empty column stands before the ages, so that all that follows is shifted by one;
//! on one of them the income is missing in return. Each line is therefore read by where its
//! ages stand.
//!
//! Source: 地方公費 parameter tables of 47 prefectures, about 2024.

mod read;
#[cfg(test)]
mod tests;

use kernel::{money::Yen, time::JstDate};
use store::{Call, StoreError};

pub use read::{Read, read};

use crate::{edition::Edition, store as table};

/// The word for this master in commands and tables.
pub const MASTER: &str = "local-subsidy";

/// How a scheme meets the cost (負担区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// 0: not covered.
    NotCovered,
    /// 1: the patient pays a part at the counter.
    Part,
    /// 2: the patient pays nothing.
    Nothing,
    /// 3: the patient pays all of their copay and is paid back by the town (償還払い).
    PaidBack,
}

impl Way {
    const ALL: [Self; 4] = [Self::NotCovered, Self::Part, Self::Nothing, Self::PaidBack];

    /// The digit of the published table.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotCovered => "0",
            Self::Part => "1",
            Self::Nothing => "2",
            Self::PaidBack => "3",
        }
    }

    /// From the digit.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
}

/// What the patient pays under a scheme, as outpatient or as inpatient. Amounts are yen; 0 in
/// the published table means that there is no such limit, and is `None` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burden {
    /// How the cost is met.
    pub way: Way,
    /// Share of the cost in percent (1回負担割合).
    pub percent: Option<u8>,
    /// Fixed amount a visit (1回固定額).
    pub visit: Option<Yen>,
    /// Most a visit (1回上限額).
    pub visit_max: Option<Yen>,
    /// Most a day (1日上限額).
    pub day_max: Option<Yen>,
    /// Most a month (1月上限額; for outpatients the one inside the institution, 院内).
    pub month_max: Option<Yen>,
}

/// One row of the table: a scheme of a prefecture, for an income class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Prefecture, 1 to 47.
    pub prefecture: u8,
    /// Number within the prefecture (保険番号), three digits.
    pub number: String,
    /// Consecutive among the rows of the same prefecture and number, from 1.
    pub row: i64,
    /// 法別番号, two digits; `00` when the scheme has none.
    pub law: String,
    /// Short name (短縮制度名).
    pub name: String,
    /// Ages, both included; `None` for everybody.
    pub ages: Option<(u16, u16)>,
    /// For whom by income (所得情報): empty for everybody, else such as 低所得.
    pub income: String,
    /// As outpatient.
    pub outpatient: Burden,
    /// As inpatient.
    pub inpatient: Burden,
}

/// Replaces the master by what was read, in one operation.
///
/// # Errors
/// [`StoreError`].
pub fn import(
    call: &Call<'_>,
    schemes: &[Scheme],
    day: JstDate,
    sha256: &str,
) -> Result<Edition, StoreError> {
    table::clear_schemes(call)?;
    for scheme in schemes {
        table::put_scheme(call, scheme)?;
    }
    let edition = Edition {
        master: MASTER.to_owned(),
        day,
        sha256: sha256.to_owned(),
        rows: i64::try_from(schemes.len()).unwrap_or(i64::MAX),
        at: call.at(),
    };
    table::put_edition(call, &edition)?;
    Ok(edition)
}

/// The rows of a scheme, in their order.
///
/// # Errors
/// [`StoreError`].
pub fn scheme(call: &Call<'_>, prefecture: u8, number: &str) -> Result<Vec<Scheme>, StoreError> {
    table::scheme(call, prefecture, number)
}

/// The schemes of a prefecture, in order of number and row; at most 500.
///
/// # Errors
/// [`StoreError`].
pub fn of_prefecture(call: &Call<'_>, prefecture: u8) -> Result<Vec<Scheme>, StoreError> {
    table::schemes(call, prefecture)
}
