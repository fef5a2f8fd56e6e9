//! Facilities' lists follow the document: whatever changes it calls [`post`] in the same
//! transaction, and the rows are then what the document's state says.

use fhir_server::subscriptions::{
    model::{Change, Topic},
    ops::occur,
};
use kernel::id::FacilityId;
use registry::model::Profile;
use store::{Call, StoreError};

use super::{
    model::{Line, Matter, Progress, Side},
    store as table,
};
use crate::documents::{
    model::Document,
    state::{Standing, State},
};

/// Brings the sender's and the reader's rows into line with the document.
pub(crate) fn post(
    call: &Call<'_>,
    profile: &Profile,
    document: &Document,
) -> Result<(), StoreError> {
    let line = |progress, at, other| Line {
        id: document.id,
        // Under whom it lies: a merge leads from there to who is kept, and its end back.
        person: document.owner,
        progress,
        at,
        matter: matter(profile, document, other),
    };
    let head = &document.head;
    let sent = line(
        at_sender(document.state),
        document.registered_at,
        head.reader.clone(),
    );
    table::put(call, document.sender, Side::Sent, &sent)?;
    let Some(reader) = document.reader else {
        return Ok(());
    };
    match at_reader(document) {
        Some(progress) => {
            let given = head.consents.iter().rev().find(|one| one.is_given);
            let since = given.map_or(document.registered_at, |one| one.recorded_at);
            let received = line(progress, since, Some(head.sender.clone()));
            tell(call, reader, document, progress)?;
            table::put(call, reader, side(document), &received)
        }
        None => table::drop(call, reader, side(document), document.id),
    }
}

/// Tells the reader's systems of a letter that was not in the list so far, and of a new version
/// of one that they have read. A letter that waits for the patient's consent is in no list, so
/// nobody hears of it.
fn tell(
    call: &Call<'_>,
    reader: FacilityId,
    document: &Document,
    progress: Progress,
) -> Result<(), StoreError> {
    let before = table::progress(call, reader, side(document), document.id)?;
    let change = match (before, progress) {
        (None, _) => Change::Created,
        (Some(before), Progress::Changed) if before != Progress::Changed => Change::Updated,
        _ => return Ok(()),
    };
    let list = match side(document) {
        Side::Checkup => "checkups",
        Side::Received | Side::Sent => "inbox",
    };
    let focus = format!("/api/v1/letters/{list}/{}", document.id.to_hex());
    occur(call, reader, Topic::LetterArrived, change, &focus)
}

/// Takes the reader's row away.
pub(crate) fn withdraw(call: &Call<'_>, document: &Document) -> Result<(), StoreError> {
    match document.reader {
        Some(reader) => table::drop(call, reader, side(document), document.id),
        None => Ok(()),
    }
}

/// Takes both rows away.
pub(crate) fn remove(call: &Call<'_>, document: &Document) -> Result<(), StoreError> {
    table::drop(call, document.sender, Side::Sent, document.id)?;
    withdraw(call, document)
}

const fn side(document: &Document) -> Side {
    if document.kind.is_checkup() {
        Side::Checkup
    } else {
        Side::Received
    }
}

const fn at_sender(state: State) -> Progress {
    match state {
        State::Stands(Standing::Filed) => Progress::Filed,
        State::Stands(Standing::Closed) => Progress::Closed,
        State::Stands(Standing::Released) => Progress::Unread,
        State::Stands(Standing::Opened) => Progress::Read,
        State::Stands(Standing::Answered) => Progress::Replied,
        State::Cancelled(_) => Progress::Cancelled,
    }
}

/// `None`: it is not in the reader's list.
fn at_reader(document: &Document) -> Option<Progress> {
    let opened = document.head.opened.as_ref();
    let is_newer = opened.is_some_and(|one| one.version < document.version);
    match document.state {
        State::Stands(Standing::Filed) if document.kind.is_checkup() => Some(Progress::Filed),
        State::Stands(Standing::Filed | Standing::Closed) => None,
        State::Stands(Standing::Released) => Some(Progress::Unread),
        State::Stands(_) if is_newer => Some(Progress::Changed),
        State::Stands(Standing::Opened) => Some(Progress::Read),
        State::Stands(Standing::Answered) => Some(Progress::Replied),
        State::Cancelled(was) if was.was_opened() => Some(Progress::Cancelled),
        State::Cancelled(_) => None,
    }
}

fn matter(profile: &Profile, document: &Document, other: Option<(String, String)>) -> Matter {
    let head = &document.head;
    let answered = head.answer.as_ref();
    let released = match document.state.standing() {
        Standing::Filed | Standing::Closed => None,
        _ => head.consents.iter().rev().find(|one| one.is_given),
    };
    Matter {
        name: profile.name.clone(),
        kana: profile.kana.clone(),
        birth: profile.birth,
        kind: document.kind,
        card: head.card.clone(),
        other,
        key: document.key.clone(),
        released_at: released.map(|one| one.recorded_at),
        opened_at: head.opened.as_ref().map(|one| one.at),
        answered: answered.map(|one| (one.at, one.answer.word().to_owned())),
        cancelled_at: head.cancelled.as_ref().map(|one| one.at),
        changed_at: head.changed_at,
        enclosed: head.enclosed.len(),
    }
}
