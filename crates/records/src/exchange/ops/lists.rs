//! Lists: rows of the facility alone; nobody is opened.

use access::policy::Action;
use kernel::id::FacilityId;
use store::{Call, Stop};

use crate::{
    documents::{ops::may, rules},
    exchange::{
        model::{After, Line, OpenLoops, Progress, Side},
        store as table,
    },
};

/// Most letters of one page.
pub const LIST_MAX: usize = 100;
/// Most letters of each part of the open loops.
const LOOPS_MAX: i64 = 100;

fn page(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    progress: Option<Progress>,
    after: Option<After>,
    count: usize,
) -> Result<Vec<Line>, Stop> {
    let limit = i64::try_from(count.min(LIST_MAX)).unwrap_or_default();
    Ok(table::newest(call, facility, side, progress, after, limit)?)
}

/// Letters addressed to the caller's facility, newest first.
///
/// # Errors
/// `TSK-ACC-003`; the store's.
pub fn inbox(
    call: &Call<'_>,
    facility: FacilityId,
    progress: Option<Progress>,
    after: Option<After>,
    count: usize,
) -> Result<Vec<Line>, Stop> {
    may(call, Action::Read, true)?;
    page(call, facility, Side::Received, progress, after, count)
}

/// Documents that the caller's facility sent, newest first.
///
/// # Errors
/// `TSK-ACC-003`; the store's.
pub fn sent(
    call: &Call<'_>,
    facility: FacilityId,
    progress: Option<Progress>,
    after: Option<After>,
    count: usize,
) -> Result<Vec<Line>, Stop> {
    may(call, Action::Read, false)?;
    page(call, facility, Side::Sent, progress, after, count)
}

/// What the facility has still to do or to wait for, each part oldest first. Both its own
/// letters and those addressed to it are in here; it is asked for by whoever sends.
///
/// # Errors
/// `TSK-ACC-003`; the store's.
pub fn loops(call: &Call<'_>, facility: FacilityId) -> Result<OpenLoops, Stop> {
    may(call, Action::Read, true)?;
    let of = |side, progress| table::oldest(call, facility, side, progress, LOOPS_MAX);
    let (overdue, unopened) = of(Side::Sent, Progress::Unread)?
        .into_iter()
        .partition(|line| {
            let released = line.matter.released_at;
            released.is_some_and(|at| rules::needs_nudge(at, call.at()))
        });
    let mut to_read = of(Side::Received, Progress::Changed)?;
    to_read.extend(of(Side::Received, Progress::Unread)?);
    to_read.sort_by_key(|line| line.at);
    Ok(OpenLoops {
        waiting_for_consent: of(Side::Sent, Progress::Closed)?,
        overdue,
        unopened,
        unanswered: of(Side::Sent, Progress::Read)?,
        to_read,
        to_answer: of(Side::Received, Progress::Read)?,
    })
}

/// How many letters wait to be opened, up to [`LIST_MAX`]: for a mark beside a link. Asks no
/// policy, because a number is about nobody.
///
/// # Errors
/// The store's.
pub fn to_read_count(call: &Call<'_>, facility: FacilityId) -> Result<usize, Stop> {
    let limit = i64::try_from(LIST_MAX).unwrap_or_default();
    let unread = table::count(call, facility, Side::Received, Progress::Unread, limit)?;
    let changed = table::count(call, facility, Side::Received, Progress::Changed, limit)?;
    Ok(unread.saturating_add(changed).min(LIST_MAX))
}
