//! What the counter does: keeps its copy fresh, answers from it, settles afterwards.

mod check;
mod keep;
mod round;
mod settle;

pub use check::{ask_platform, own_number, without_platform};
pub use keep::{Kept, fetch};
pub use round::round;
pub use settle::{Settling, done, settle_waiting};

use kernel::{code::FacilityCode, id::FacilityId, time::Timestamp};
use registry::ops as people;
use store::{Call, Stop, StoreError};
use web::App;

use crate::{
    Upstream, errors,
    model::{Held, Noted},
    store as table,
};

/// Acts of one list.
const LIST_MAX: i64 = 100;

/// What the counter's page tells of copy and journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The copy that is held.
    pub held: Option<Held>,
    /// Acts that wait for the line.
    pub waiting: i64,
    /// Settled acts that somebody must look at.
    pub open: i64,
}

/// How copy and journal stand.
///
/// # Errors
/// The store's.
pub fn standing(call: &Call<'_>, facility: FacilityId) -> Result<Standing, Stop> {
    Ok(Standing {
        held: table::held(call, facility)?,
        waiting: table::count_waiting(call, facility)?,
        open: table::count_open(call, facility)?,
    })
}

/// Settled acts that somebody must look at, oldest first, and the newest acts of all; 100 of
/// each at most.
///
/// # Errors
/// The store's.
pub fn journal(call: &Call<'_>, facility: FacilityId) -> Result<(Vec<Noted>, Vec<Noted>), Stop> {
    Ok((
        table::open(call, facility, LIST_MAX)?,
        table::newest(call, facility, LIST_MAX)?,
    ))
}

/// The facility of the upstream file, as this node knows it.
fn home(app: &App, upstream: &Upstream) -> Result<FacilityId, Stop> {
    let code = FacilityCode::from_register(&upstream.facility)
        .map_err(|_| Stop::from(&errors::NO_FACILITY))?;
    let found = app
        .gate
        .look_up(move |call| Ok(people::facility_by_code(call, &code)?))
        .wait()?;
    found
        .map(|facility| facility.id)
        .ok_or_else(|| Stop::from(&errors::NO_FACILITY))
}

/// The ways by which a patient is found: each number that they have, and name with birth.
fn ways(call: &Call<'_>, patient: &eligibility::snapshot::model::Patient) -> Vec<[u8; 32]> {
    let mut ways: Vec<[u8; 32]> = patient
        .coverages
        .iter()
        .map(|c| {
            let parts = [
                c.insurer_number.as_str(),
                c.symbol.as_str(),
                c.person_number.as_str(),
            ];
            call.directory_key(NUMBER_WAY, &parts)
        })
        .collect();
    ways.push(name_way(
        call,
        &eligibility::snapshot::rules::fold_kana(&patient.kana),
        patient.birth,
    ));
    ways
}

const NUMBER_WAY: &str = "counter-number";

fn name_way(call: &Call<'_>, kana: &str, birth: kernel::time::JstDate) -> [u8; 32] {
    call.directory_key("counter-name", &[kana, &birth.to_string()])
}

const BAD_ANSWER: StoreError = StoreError::Corrupt("an answer of the platform");

/// Is something due that was last done at `last`, every so many seconds?
fn is_due(last: Option<Timestamp>, seconds: i64, at: Timestamp) -> bool {
    // A clock that was set back makes it due: nothing waits for a time that comes again.
    last.is_none_or(|last| {
        at.micros() >= last.plus_seconds(seconds).micros() || at.micros() < last.micros()
    })
}
