//! The share that a patient pays, and the monthly ceiling, from age and income.
//!
//! Source: 健康保険法 74条・110条, 国民健康保険法 42条, 高齢者の医療の確保に関する法律 67条 (the 20 % tier of the
//! late elderly since October 2022); ceiling classes: online eligibility code table 012.

use kernel::code::InsurerKind;
use kernel::time::JstDate;

use super::model::Ceiling;

/// A household's place among incomes: 0 (lowest) to 99.
pub(super) type Income = u32;

/// The share in tenths on `on`.
pub(super) fn tenths(kind: InsurerKind, birth: JstDate, income: Income, on: JstDate) -> u8 {
    match kind {
        InsurerKind::PublicAssistance => 0,
        InsurerKind::LateElderly => match income {
            93.. => 3,
            73.. => 2,
            _ => 1,
        },
        _ if on <= preschool_last(birth) => 2,
        _ if is_elderly(birth, on) && income < 88 => 2,
        _ => 3,
    }
}

/// The last 31 March on which a child counts as a preschooler: the first after the day
/// before the sixth birthday.
pub(super) fn preschool_last(birth: JstDate) -> JstDate {
    let reached = birth.plus_years(6).plus_days(-1);
    let year = reached
        .year()
        .saturating_add(i16::from(reached.month() > 3));
    JstDate::new(year, 3, 31).unwrap_or(reached)
}

/// From the month after the day before the 70th birthday.
pub(super) fn is_elderly(birth: JstDate, on: JstDate) -> bool {
    let reached = birth.plus_years(70).plus_days(-1);
    (on.year(), on.month()) > (reached.year(), reached.month())
}

/// Class and certificate on `on`, within a coverage that began on `since`.
pub(super) fn ceiling(
    kind: InsurerKind,
    birth: JstDate,
    income: Income,
    since: JstDate,
    on: JstDate,
) -> Option<Ceiling> {
    let class = match kind {
        InsurerKind::PublicAssistance => return None,
        InsurerKind::LateElderly => late_elderly_class(income),
        _ if is_elderly(birth, on) => elderly_class(income),
        _ => class_below_70(income),
    };
    let certificate = if matches!(class, "A05" | "B05" | "B06") {
        "02"
    } else {
        "01"
    };
    let year = on.year().saturating_sub(i16::from(on.month() < 8));
    let from = JstDate::new(year, 8, 1)?.max(since);
    let mut last = JstDate::new(year.saturating_add(1), 7, 31)?;
    if kind != InsurerKind::LateElderly {
        last = last.min(birth.plus_years(75).plus_days(-1));
    }
    Some(Ceiling {
        certificate,
        class,
        from,
        last,
    })
}

const fn class_below_70(income: Income) -> &'static str {
    match income {
        95.. => "A01",
        83.. => "A02",
        48.. => "A03",
        15.. => "A04",
        _ => "A05",
    }
}

const fn elderly_class(income: Income) -> &'static str {
    match income {
        97.. => "B01",
        94.. => "B02",
        88.. => "B03",
        30.. => "B04",
        12.. => "B05",
        _ => "B06",
    }
}

const fn late_elderly_class(income: Income) -> &'static str {
    match income {
        98.. => "B01",
        96.. => "B02",
        93.. => "B03",
        73.. => "B09",
        30.. => "B10",
        12.. => "B05",
        _ => "B06",
    }
}
