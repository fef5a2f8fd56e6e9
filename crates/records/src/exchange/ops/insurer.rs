//! The insurer: the checkup reports of the people whom it insures.

use access::policy::{self, Action, Class, Facts};
use kernel::id::DocumentId;
use store::{Call, Stop, caller::Home};

use super::{common, lists::LIST_MAX};
use crate::{
    documents::{model::Reading, ops as documents, ops::unopened_as_absent, redact::Viewer},
    exchange::{
        model::{After, Line, Side},
        store as table,
    },
};

fn may(call: &Call<'_>) -> Result<(), Stop> {
    let facts = Facts::of(call.caller());
    policy::require(call, Class::Checkups, Action::Read, facts)
}

/// The checkup reports that the caller's insurer may see, newest first.
///
/// # Errors
/// `TSK-ACC-003`; the store's.
pub fn checkups(
    call: &Call<'_>,
    home: &Home,
    after: Option<After>,
    count: usize,
) -> Result<Vec<Line>, Stop> {
    may(call)?;
    let limit = i64::try_from(count.min(LIST_MAX)).unwrap_or_default();
    let found = table::newest(call, home.id, Side::Checkup, None, after, limit)?;
    Ok(found)
}

/// One of them.
///
/// # Errors
/// `TSK-ACC-003`; `TSK-REC-040`; the store's.
pub fn checkup(call: &mut Call<'_>, home: &Home, id: DocumentId) -> Result<Reading, Stop> {
    may(call)?;
    let held = common::held(call, home.id, Side::Checkup, id, false)?;
    let stands = held.document.state.stands() && held.document.kind.is_checkup();
    let held = unopened_as_absent(stands.then_some(held))?;
    documents::reading(call, &held, Viewer::Insurer, None)
}
