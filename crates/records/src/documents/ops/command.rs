//! Delete (削除), cancel (取消), undo a cancellation (取消UNDO), and the sender's own bytes.

use access::{policy::Action, scope};
use kernel::Refusal;
use registry::ops as people;
use store::{Call, Stop, caller::Home};

use super::common::{self, Held};
use crate::{
    documents::{
        errors as no,
        model::{Cancelled, Registered},
        state::{Command, Next},
        store as table,
    },
    exchange::post,
    ops::{
        Target,
        register::{self as shared, DELETE, IN_COMMAND, READ, UPDATE},
    },
};

/// Longest reason of a cancellation, in characters.
const REASON_MAX: usize = 200;

/// The document that a command names, of the sender's own.
fn target(
    call: &mut Call<'_>,
    home: &Home,
    target: &Target,
    is_change: bool,
) -> Result<Option<Held>, Stop> {
    shared::own(home, &target.institution, &IN_COMMAND)?;
    let person = shared::find(call, &target.member, &IN_COMMAND)?;
    let key = common::key_of(call, target.member.as_str(), &target.identifier);
    let held = common::held_by(call, person, &key, is_change)?;
    let held = held.filter(|held| held.document.sender == home.id);
    if let Some(held) = &held {
        common::note(call, held.document.id);
    }
    Ok(held)
}

fn known(held: Option<Held>) -> Result<Held, Stop> {
    held.ok_or_else(|| shared::no(&no::DOCUMENT_UNKNOWN, IN_COMMAND.identifier))
}

/// Deletes a document; `false` when there is none.
///
/// # Errors
/// `TSK-REC-003` to `TSK-REC-005`, `TSK-REC-030`; the store's.
pub fn delete(call: &mut Call<'_>, home: &Home, what: &Target) -> Result<bool, Stop> {
    common::may(call, Action::Delete, false)?;
    scope::require(call.caller(), DELETE)?;
    let Some(held) = target(call, home, what, true)? else {
        return Ok(false);
    };
    common::next(&held.document, Command::Delete)?;
    remove(call, &held.document)?;
    Ok(true)
}

/// Removes a document and its places in facilities' lists.
pub(super) fn remove(
    call: &Call<'_>,
    document: &crate::documents::model::Document,
) -> Result<(), store::StoreError> {
    post::remove(call, document)?;
    table::drop(call, document)
}

/// Takes a document back. Its text is kept; to its addressee it is gone, with a note where it
/// had been opened.
///
/// # Errors
/// `TSK-REC-003` to `TSK-REC-005`, `TSK-REC-031`, `-039`, `-059`; the store's.
pub fn cancel(
    call: &mut Call<'_>,
    home: &Home,
    what: &Target,
    reason: &str,
) -> Result<Registered, Stop> {
    common::may(call, Action::Delete, false)?;
    scope::require(call.caller(), DELETE)?;
    let reason = reason.trim();
    if reason.chars().count() > REASON_MAX {
        return Err(Stop::Refused(Refusal::at(&no::REASON, "reason", reason)));
    }
    let held = known(target(call, home, what, true)?)?;
    step(call, held, Command::Cancel, |call, held| {
        held.document.head.cancelled = Some(Cancelled {
            at: call.at(),
            by: call.caller().name().to_owned(),
            reason: reason.to_owned(),
        });
    })
}

/// Undoes a cancellation: the document stands where it stood.
///
/// # Errors
/// `TSK-REC-003` to `TSK-REC-005`, `TSK-REC-032`, `-039`; the store's.
pub fn undo(call: &mut Call<'_>, home: &Home, what: &Target) -> Result<Registered, Stop> {
    common::may(call, Action::Write, false)?;
    scope::require(call.caller(), UPDATE)?;
    let held = known(target(call, home, what, true)?)?;
    step(call, held, Command::Undo, |_, held| {
        held.document.head.cancelled = None;
    })
}

fn step(
    call: &mut Call<'_>,
    mut held: Held,
    command: Command,
    done: impl FnOnce(&Call<'_>, &mut Held),
) -> Result<Registered, Stop> {
    if let Next::To(state) = common::next(&held.document, command)? {
        held.document.state = state;
    }
    done(call, &mut held);
    save(call, &held)?;
    Ok(Registered {
        id: held.document.id,
        replaced: true,
        is_repeated: false,
        state: held.document.state,
    })
}

/// Keeps a document as it is now, and brings facilities' lists into line.
pub(crate) fn save(call: &mut Call<'_>, held: &Held) -> Result<(), Stop> {
    call.detail("state", held.document.state.word());
    table::put(call, &held.document)?;
    let profile = people::profile(call, held.person)?;
    post::post(call, &profile, &held.document)?;
    Ok(())
}

/// The bytes of a document as its sender registered them; `None` when there is none.
///
/// # Errors
/// `TSK-REC-003` to `TSK-REC-005`; the store's.
pub fn exact(call: &mut Call<'_>, home: &Home, what: &Target) -> Result<Option<Vec<u8>>, Stop> {
    common::may(call, Action::Read, false)?;
    scope::require(call.caller(), READ)?;
    let Some(held) = target(call, home, what, false)? else {
        return Ok(None);
    };
    let document = &held.document;
    common::text_of(call, document, document.version)
}
