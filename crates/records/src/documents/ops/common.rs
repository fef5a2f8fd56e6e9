//! What every operation on documents does.

use access::policy::{self, Action, Class, Facts, Need};
use fhir::json::Document as Json;
use kernel::{
    Refusal,
    id::{DocumentId, FacilityId, PersonId},
};
use registry::merge;
use store::{Call, Stop, StoreError};

use crate::{
    documents::{
        errors as no, files,
        model::{Document, Enclosed, File, Key, Reading},
        redact::{self, Viewer},
        state::{Command, Next},
        store as table,
    },
    store::member_key,
};

/// Most bytes of a document's text: more than one send may have.
const BYTES_MAX: usize = 16 << 20;

/// A document in hand, with the person whose it is.
pub(crate) struct Held {
    /// The person; of two who were joined the one who is kept.
    pub(crate) person: PersonId,
    /// Who was merged into them.
    pub(crate) joined: Vec<PersonId>,
    /// The document.
    pub(crate) document: Document,
}

/// Opens a person and finds a document of theirs; with `is_change`, takes their lock first.
pub(crate) fn held_by(
    call: &mut Call<'_>,
    person: PersonId,
    key: &Key,
    is_change: bool,
) -> Result<Option<Held>, Stop> {
    let joined = if is_change {
        merge::lock(call, person)?
    } else {
        merge::open(call, person)?
    };
    let document = find(call, person, &joined, key)?;
    Ok(document.map(|document| Held {
        person,
        joined,
        document,
    }))
}

/// A document of an opened person, or of one who was merged into them.
pub(crate) fn find(
    call: &Call<'_>,
    person: PersonId,
    joined: &[PersonId],
    key: &Key,
) -> Result<Option<Document>, StoreError> {
    for one in std::iter::once(&person).chain(joined) {
        if let Some(found) = table::one(call, *one, key)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The key under which a member's document stands.
pub(crate) fn key_of(call: &Call<'_>, member: &str, identifier: &str) -> Key {
    Key {
        member: member_key(call, member),
        identifier: identifier.to_owned(),
    }
}

/// The caller may do this with documents of their own facility, or with those addressed to it.
pub(crate) fn may(call: &Call<'_>, action: Action, is_addressed: bool) -> Result<(), Stop> {
    let facts = Facts::of(call.caller()).with(Need::Addressed, is_addressed);
    policy::require(call, Class::Documents, action, facts)
}

/// What a command leads to; a refusal names the state.
pub(crate) fn next(document: &Document, command: Command) -> Result<Next, Stop> {
    document.state.after(command).map_err(|entry| {
        let found = format!("{} ({})", document.state.word(), document.state.ja());
        Stop::Refused(Refusal::at(entry, "state", &found))
    })
}

/// The text of a document, as it was sent.
pub(crate) fn text_of(
    call: &Call<'_>,
    document: &Document,
    version: i64,
) -> Result<Option<Vec<u8>>, Stop> {
    let Some(compressed) = table::text(call, document, version)? else {
        return Ok(None);
    };
    let bytes = zstd::bulk::decompress(&compressed, BYTES_MAX)
        .map_err(|_| Stop::Failed(StoreError::Corrupt("a document")))?;
    Ok(Some(bytes))
}

/// A document as `viewer` gets it: the text that stands, or an earlier one.
pub(crate) fn reading(
    call: &Call<'_>,
    held: &Held,
    viewer: Viewer,
    version: Option<i64>,
) -> Result<Reading, Stop> {
    let document = &held.document;
    let number = version.unwrap_or(document.version);
    let unknown = || Stop::from(&no::LETTER_UNKNOWN);
    let bytes = text_of(call, document, number)?.ok_or_else(unknown)?;
    let contents = table::contents(call, document, number)?.ok_or_else(unknown)?;
    let json =
        Json::parse(&bytes).map_err(|_| Stop::Failed(StoreError::Corrupt("a document's text")))?;
    let cut = redact::redact(&json, viewer);
    Ok(Reading {
        bytes: cut.bytes,
        files: match cut.dropped {
            Some(dropped) => {
                let gets = |file: &File| {
                    let (outer, index, _) = file.place;
                    let is_inside_gone =
                        outer.is_some_and(|place| dropped.contains(&(None, place)));
                    !is_inside_gone && !dropped.contains(&(outer, index))
                };
                contents.files.into_iter().filter(gets).collect()
            }
            None => Vec::new(),
        },
        versions: table::versions(call, document)?,
        enclosed: enclosed_of(call, held)?
            .into_iter()
            .map(as_enclosed)
            .collect(),
        document: document.clone(),
    })
}

/// A file of a document as `viewer` gets it, with its bytes; `number` counts from 1.
pub(crate) fn file(
    call: &Call<'_>,
    held: &Held,
    viewer: Viewer,
    number: usize,
) -> Result<(File, Vec<u8>), Stop> {
    let unknown = || Stop::from(&no::FILE_UNKNOWN);
    let reading = reading(call, held, viewer, None)?;
    let place = number.checked_sub(1).ok_or_else(unknown)?;
    let file = reading.files.get(place).ok_or_else(unknown)?;
    // Places count in the text that was sent.
    let document = &held.document;
    let text = text_of(call, document, document.version)?.ok_or_else(unknown)?;
    let bytes = files::out_of(&text, file).ok_or_else(unknown)?;
    Ok((file.clone(), bytes))
}

/// The documents that travel with a letter and still stand: the sender's, and the addressee's
/// with the answer.
pub(crate) fn enclosed_of(call: &Call<'_>, held: &Held) -> Result<Vec<Document>, StoreError> {
    let head = &held.document.head;
    let answer = head.answer.as_ref().and_then(|one| one.document.as_ref());
    let mut found = Vec::new();
    for key in head.enclosed.iter().chain(answer) {
        if let Some(one) = find(call, held.person, &held.joined, key)?
            && one.state.stands()
        {
            found.push(one);
        }
    }
    Ok(found)
}

/// The documents of a letter's person that a facility sent and that stand, newest first.
pub(crate) fn sent_by(
    call: &Call<'_>,
    held: &Held,
    facility: FacilityId,
) -> Result<Vec<Document>, StoreError> {
    let mut found = Vec::new();
    for one in std::iter::once(&held.person).chain(&held.joined) {
        let all = table::all(call, *one)?.into_iter();
        found.extend(all.filter(|one| one.sender == facility && one.state.stands()));
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.registered_at));
    Ok(found)
}

/// A document as the list of what travels with a letter has it.
pub(crate) fn as_enclosed(one: Document) -> Enclosed {
    Enclosed {
        id: one.id,
        kind: one.kind,
        sender: one.sender,
        card: one.head.card,
    }
}

/// Notes in the record which document an operation is about.
pub(crate) fn note(call: &mut Call<'_>, id: DocumentId) {
    call.detail("document", id.to_hex());
}

/// To who may not know that it is there, a document that is closed does not exist.
pub(crate) fn unopened_as_absent<T>(found: Option<T>) -> Result<T, Stop> {
    found.ok_or_else(|| Stop::from(&no::LETTER_UNKNOWN))
}
