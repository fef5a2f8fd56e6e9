//! The sender: the patient's consent, what travels with a letter, and the own letters.

use access::{policy::Action, scope};
use kernel::{Refusal, id::DocumentId};
use store::{Call, Stop, caller::Home};

use super::common;
use crate::{
    documents::{
        errors as no,
        model::{Consent, File, Oral, Reading},
        ops::{self as documents, Held, key_of, next, save},
        redact::Viewer,
        rules,
        state::{Command, Next, State},
    },
    exchange::model::Side,
    ops::{
        Target,
        register::{READ, UPDATE},
    },
};

/// Records the patient's oral consent: the letter opens to its addressee. Again it changes
/// nothing.
///
/// # Errors
/// `TSK-REC-031`, `-033`, `-040`, `-051`, `-052`; the store's.
pub fn release(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    oral: &Oral,
) -> Result<State, Stop> {
    let mut held = to_change(call, home, id)?;
    let before = held.document.state;
    if let Next::To(state) = next(&held.document, Command::Release)? {
        held.document.state = state;
    }
    let by = call.caller().name();
    let consent = rules::consent(oral, call.at(), by).map_err(Stop::Refused)?;
    if before != held.document.state {
        held.document.head.consents.push(consent);
        save(call, &held)?;
    }
    Ok(held.document.state)
}

/// Records that the patient took the consent back: the letter is closed again, as long as
/// nobody has opened it.
///
/// # Errors
/// `TSK-REC-031`, `-033` to `-035`, `-040`, `-051`, `-052`; the store's.
pub fn withdraw(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    oral: &Oral,
) -> Result<State, Stop> {
    let mut held = to_change(call, home, id)?;
    if let Next::To(state) = next(&held.document, Command::Withdraw)? {
        held.document.state = state;
    }
    let by = call.caller().name();
    let taken = rules::consent(oral, call.at(), by).map_err(Stop::Refused)?;
    held.document.head.consents.push(Consent {
        is_given: false,
        ..taken
    });
    save(call, &held)?;
    Ok(held.document.state)
}

/// Lets another document of the sender's for the same person travel with a letter, such as the
/// discharge summary. Again it changes nothing.
///
/// # Errors
/// `TSK-REC-031`, `-033`, `-040`, `-055`; the store's.
pub fn enclose(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    what: &Target,
) -> Result<State, Stop> {
    let mut held = to_change(call, home, id)?;
    next(&held.document, Command::Enclose)?;
    let refused = || Stop::Refused(Refusal::at(&no::ENCLOSURE, "value", &what.identifier));
    let key = key_of(call, what.member.as_str(), &what.identifier);
    let found = documents::find(call, held.person, &held.joined, &key)?.ok_or_else(refused)?;
    let fits = found.sender == home.id && found.state.stands() && found.id != id;
    if !fits {
        return Err(refused());
    }
    if !held.document.head.enclosed.contains(&key) {
        held.document.head.enclosed.push(key);
        save(call, &held)?;
    }
    Ok(held.document.state)
}

fn to_change(call: &mut Call<'_>, home: &Home, id: DocumentId) -> Result<Held, Stop> {
    documents::may(call, Action::Write, false)?;
    scope::require(call.caller(), UPDATE)?;
    common::held(call, home.id, Side::Sent, id, true)
}

fn to_read(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    part: Option<DocumentId>,
) -> Result<(Held, Viewer), Stop> {
    documents::may(call, Action::Read, false)?;
    scope::require(call.caller(), READ)?;
    let mut held = common::held(call, home.id, Side::Sent, id, false)?;
    let document = common::part(call, &held, part)?;
    let viewer = if document.sender == home.id {
        Viewer::Sender
    } else {
        Viewer::Facility
    };
    if document.id != held.document.id {
        held.document = document;
    }
    Ok((held, viewer))
}

/// A document that the caller's facility sent, with its receipt and its answer; `part` is a
/// document that travels with it, the addressee's answer among them.
///
/// # Errors
/// `TSK-REC-040`; the store's.
pub fn own(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    part: Option<DocumentId>,
    version: Option<i64>,
) -> Result<Reading, Stop> {
    let (held, viewer) = to_read(call, home, id, part)?;
    documents::reading(call, &held, viewer, version)
}

/// A file of it, with its bytes; `number` counts from 1.
///
/// # Errors
/// As [`own`]; `TSK-REC-056`.
pub fn own_file(
    call: &mut Call<'_>,
    home: &Home,
    id: DocumentId,
    part: Option<DocumentId>,
    number: usize,
) -> Result<(File, Vec<u8>), Stop> {
    let (held, viewer) = to_read(call, home, id, part)?;
    documents::file(call, &held, viewer, number)
}
