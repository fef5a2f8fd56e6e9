//! Disaster mode (災害時モード): for which area and how long a counter may look for a person by
//! four attributes.
//!
//! It is declared by the registrar of the operator, always has an end, and is extended or ended
//! early. Each act stands on the chain of the registrar's facility; the table keeps what is in
//! force and what has been.
//!
//! Source: peers F51 (47 municipalities, 1 to 7 January 2024, extended), A4.

use kernel::{
    Entry,
    code::FacilityCode,
    id::{DisasterModeId, FacilityId},
    time::{Period, Timestamp},
};
use store::{Call, Stop, StoreError};

use crate::{errors, model::Facility, names, ops, store::identity as table};

/// Longest time for which a mode is declared or extended at once, in hours.
pub const HOURS_MAX: i64 = 31 * 24;
/// Longest name, in characters.
const NAME_MAX: usize = 60;
/// Most areas of one declaration.
pub const AREAS_MAX: usize = 500;
/// Modes that are looked at together; more are never in force.
const MODES_MAX: i64 = 100;
/// Hours for which an ended mode stays on the list.
const SHOWN_HOURS: i64 = 365 * 24;

/// Where a mode holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Every facility of a prefecture, by its two-digit number.
    Prefecture(String),
    /// One facility.
    Facility(FacilityCode),
}

impl Area {
    /// From its word: two or ten digits.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.len() {
            2 => names::prefecture(word).map(|_| Self::Prefecture(word.to_owned())),
            _ => FacilityCode::from_register(word).ok().map(Self::Facility),
        }
    }

    /// Two or ten digits.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Prefecture(number) => number.clone(),
            Self::Facility(code) => code.as_str().to_owned(),
        }
    }

    /// Does a facility lie in it?
    #[must_use]
    pub fn holds(&self, facility: &Facility) -> bool {
        match self {
            Self::Prefecture(number) => *number == facility.prefecture,
            Self::Facility(code) => *code == facility.code,
        }
    }
}

/// A declared disaster mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Identifier.
    pub id: DisasterModeId,
    /// What the disaster is called.
    pub name: String,
    /// Where.
    pub areas: Vec<Area>,
    /// When; it always has an end.
    pub period: Period<Timestamp>,
    /// When it was declared.
    pub declared_at: Timestamp,
    /// By whom.
    pub declared_by: String,
}

impl Mode {
    /// First instant at which it is no longer in force.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.period.until().unwrap_or(self.period.from())
    }

    /// Is it in force for a facility at an instant?
    #[must_use]
    pub fn holds(&self, facility: &Facility, at: Timestamp) -> bool {
        self.period.contains(at) && self.areas.iter().any(|area| area.holds(facility))
    }
}

/// What is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What the disaster is called.
    pub name: String,
    /// Where.
    pub areas: Vec<Area>,
    /// From when; the past is now.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// Declares a mode.
///
/// # Errors
/// `TSK-DIS-002` to `TSK-DIS-004`; the store's.
pub fn declare(call: &mut Call<'_>, declaration: &Declaration) -> Result<Mode, Stop> {
    let name = declaration.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Stop::from(&errors::DISASTER_NAME));
    }
    let areas = checked_areas(call, &declaration.areas)?;
    let from = declaration.from.max(call.at());
    let mode = Mode {
        id: DisasterModeId::random(call.rng()),
        name: name.to_owned(),
        areas,
        period: period(call.at(), from, from, declaration.until)?,
        declared_at: call.at(),
        declared_by: call.caller().name().to_owned(),
    };
    keep(call, &mode)?;
    Ok(mode)
}

fn checked_areas(call: &Call<'_>, areas: &[Area]) -> Result<Vec<Area>, Stop> {
    let mut areas = areas.to_vec();
    areas.sort();
    areas.dedup();
    if areas.is_empty() || areas.len() > AREAS_MAX {
        return Err(Stop::from(&errors::DISASTER_AREA));
    }
    for area in &areas {
        if let Area::Facility(code) = area
            && ops::facility_by_code(call, code)?.is_none()
        {
            return Err(Stop::from(&errors::DISASTER_AREA));
        }
    }
    Ok(areas)
}

/// `since`: from when the longest time counts.
fn period(
    now: Timestamp,
    since: Timestamp,
    from: Timestamp,
    until: Timestamp,
) -> Result<Period<Timestamp>, &'static Entry> {
    let is_fit = until > now && until <= since.plus_hours(HOURS_MAX);
    Period::new(from, Some(until))
        .filter(|_| is_fit)
        .ok_or(&errors::DISASTER_PERIOD)
}

fn keep(call: &mut Call<'_>, mode: &Mode) -> Result<(), Stop> {
    call.detail("mode", mode.id.to_hex());
    call.detail("from", mode.period.from().to_string());
    call.detail("until", mode.until().to_string());
    let areas: Vec<String> = mode.areas.iter().map(Area::word).collect();
    call.detail("areas", areas.join(" "));
    Ok(table::put_mode(call, mode)?)
}

/// A mode that is not over yet.
fn running(call: &Call<'_>, id: DisasterModeId) -> Result<Mode, Stop> {
    table::mode(call, id)?
        .filter(|mode| call.at() < mode.until())
        .ok_or_else(|| Stop::from(&errors::DISASTER_UNKNOWN))
}

/// Lets a mode last longer: until `until`, within 31 days from now.
///
/// # Errors
/// `TSK-DIS-004`, also when it would end earlier; `TSK-DIS-005`; the store's.
pub fn extend(call: &mut Call<'_>, id: DisasterModeId, until: Timestamp) -> Result<Mode, Stop> {
    let mut mode = running(call, id)?;
    if until <= mode.until() {
        return Err(Stop::from(&errors::DISASTER_PERIOD));
    }
    mode.period = period(call.at(), call.at(), mode.period.from(), until)?;
    keep(call, &mode)?;
    Ok(mode)
}

/// Ends a mode now; one that has not begun never will.
///
/// # Errors
/// `TSK-DIS-005`; the store's.
pub fn end(call: &mut Call<'_>, id: DisasterModeId) -> Result<Mode, Stop> {
    let mut mode = running(call, id)?;
    let from = mode.period.from();
    // A period holds something: what had not begun holds its first microsecond, in the past.
    let (from, until) = if call.at() > from {
        (from, call.at())
    } else {
        (call.at().plus_seconds(-1), call.at())
    };
    mode.period = Period::new(from, Some(until)).ok_or(&errors::DISASTER_PERIOD)?;
    keep(call, &mode)?;
    Ok(mode)
}

/// What is declared, and what was in the last year, the last to end first.
///
/// # Errors
/// [`StoreError`].
pub fn list(call: &Call<'_>) -> Result<Vec<Mode>, StoreError> {
    table::modes_after(call, call.at().plus_hours(-SHOWN_HOURS), MODES_MAX)
}

/// The mode that is in force for a facility now, the last to end if there are several.
///
/// # Errors
/// [`StoreError`].
pub fn in_force(call: &Call<'_>, facility: FacilityId) -> Result<Option<Mode>, StoreError> {
    let modes = table::modes_after(call, call.at(), MODES_MAX)?;
    if modes.is_empty() {
        return Ok(None);
    }
    let Some(facility) = ops::facility_by_id(call, facility)? else {
        return Ok(None);
    };
    Ok(modes
        .into_iter()
        .find(|mode| mode.holds(&facility, call.at())))
}
