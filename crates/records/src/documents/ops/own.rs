//! A person's own documents, for them and for who acts for them.

use access::policy::{self, Action, Class, Facts};
use kernel::{
    id::{DocumentId, PersonId},
    time::Timestamp,
};
use registry::merge;
use store::{Call, Stop};

use super::common::{self, Held};
use crate::documents::{
    model::{Card, File, Reading},
    redact::Viewer,
    state::State,
    store as table,
};
use fhir::clins::document::DocumentKind;

/// A document in one's own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDocument {
    /// Its identifier in addresses.
    pub id: DocumentId,
    /// Which document.
    pub kind: DocumentKind,
    /// What lists show of it.
    pub card: Card,
    /// Name of the institution that sent it.
    pub sender: String,
    /// Name of the institution or insurer that may read it.
    pub reader: Option<String>,
    /// Where it stands.
    pub state: State,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When the addressee opened it.
    pub opened_at: Option<Timestamp>,
}

/// Who may see one's own documents.
fn may(call: &Call<'_>, person: PersonId) -> Result<(), Stop> {
    let facts = Facts::about(call, person, Class::Documents, Action::Read)?;
    policy::require(call, Class::Documents, Action::Read, facts)
}

/// The person's documents that stand, newest registration first.
///
/// # Errors
/// `TSK-ACC-071` for a proxy whose relation does not cover documents, `TSK-ACC-003` for anybody
/// else; the store's.
pub fn own(call: &mut Call<'_>, person: PersonId) -> Result<Vec<OwnDocument>, Stop> {
    may(call, person)?;
    let joined = merge::open(call, person)?;
    let mut found = Vec::new();
    for one in std::iter::once(&person).chain(&joined) {
        found.extend(table::all(call, *one)?);
    }
    found.retain(|one| one.state.stands());
    found.sort_by_key(|one| std::cmp::Reverse(one.registered_at));
    let shown = found.into_iter().map(|one| OwnDocument {
        id: one.id,
        kind: one.kind,
        card: one.head.card,
        sender: one.head.sender.0,
        reader: one.head.reader.map(|(name, _)| name),
        state: one.state,
        registered_at: one.registered_at,
        opened_at: one.head.opened.map(|opened| opened.at),
    });
    Ok(shown.collect())
}

fn held(call: &mut Call<'_>, person: PersonId, id: DocumentId) -> Result<Held, Stop> {
    may(call, person)?;
    let joined = merge::open(call, person)?;
    let mut found = None;
    for one in std::iter::once(&person).chain(&joined) {
        let mut all = table::all(call, *one)?.into_iter();
        found = found.or(all.find(|document| document.id == id && document.state.stands()));
    }
    let document = common::unopened_as_absent(found)?;
    common::note(call, document.id);
    Ok(Held {
        person,
        joined,
        document,
    })
}

/// One of the person's documents as they may read it: without what a doctor has not told them.
///
/// # Errors
/// As [`own`]; `TSK-REC-040`.
pub fn own_reading(call: &mut Call<'_>, person: PersonId, id: DocumentId) -> Result<Reading, Stop> {
    let held = held(call, person, id)?;
    let mut reading = common::reading(call, &held, Viewer::Patient, None)?;
    // What travels with it stands in the same list.
    reading.enclosed.clear();
    Ok(reading)
}

/// A file in one of the person's documents, with its bytes; `number` counts from 1.
///
/// # Errors
/// As [`own_reading`]; `TSK-REC-056`.
pub fn own_file(
    call: &mut Call<'_>,
    person: PersonId,
    id: DocumentId,
    number: usize,
) -> Result<(File, Vec<u8>), Stop> {
    let held = held(call, person, id)?;
    common::file(call, &held, Viewer::Patient, number)
}
