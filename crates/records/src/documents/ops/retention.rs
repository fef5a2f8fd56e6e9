//! What the retention job and the shared record's view need of documents.

use fhir::clins::document::DocumentKind;
use kernel::{
    id::PersonId,
    time::{JstDate, Timestamp},
};
use registry::merge;
use store::{Call, StoreError};

use super::command;
use crate::documents::{
    model::{Document, Drug, Prescribed},
    rules, store as table,
};

/// The documents of an opened person, themself and nobody merged into them, whose time is over
/// on `on`.
///
/// # Errors
/// [`StoreError`].
pub fn due(call: &Call<'_>, person: PersonId, on: JstDate) -> Result<Vec<Document>, StoreError> {
    let mut found = table::all(call, person)?;
    found.retain(|one| rules::kept_until(one.kind, one.registered_at) <= on);
    Ok(found)
}

/// Removes the documents of a person whose lock is held that are [`due`], with their places in
/// facilities' lists; how many there were. Again on the same day it finds none.
///
/// # Errors
/// [`StoreError`].
pub fn expire(call: &Call<'_>, person: PersonId, on: JstDate) -> Result<usize, StoreError> {
    let due = due(call, person, on)?;
    for document in &due {
        command::remove(call, document)?;
    }
    Ok(due.len())
}

/// The referral letters and discharge summaries of an opened person, and of who was merged into
/// them, that stand: the documents of which prescriptions are taken out, newest first.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn prescribing(call: &Call<'_>, person: PersonId) -> Result<Vec<Document>, StoreError> {
    let mut found = Vec::new();
    let joined = merge::joined(call, person)?;
    for one in std::iter::once(&person).chain(&joined) {
        let all = table::all(call, *one)?.into_iter();
        found.extend(all.filter(|document| {
            let carries = matches!(
                document.kind,
                DocumentKind::Referral | DocumentKind::Discharge
            );
            carries && document.state.stands()
        }));
    }
    found.sort_by_key(|one| std::cmp::Reverse(told_at(one)));
    Ok(found)
}

/// When what a document says now was registered.
fn told_at(document: &Document) -> Timestamp {
    document.head.changed_at.unwrap_or(document.registered_at)
}

/// A drug of a document, as the shared record knows it.
pub(crate) fn prescribed(document: &Document, drug: Drug) -> Prescribed {
    Prescribed {
        drug,
        document: document.id,
        kind: document.kind,
        institution: document.head.sender.clone(),
        registered_at: told_at(document),
    }
}

/// The prescriptions in the documents of an opened person, newest registration first. What was
/// cancelled is not among them, nor anything of an earlier version. Conditions, allergies and
/// results inside documents are not entered in the shared record: they are sent in Bundles of
/// their own.
///
/// # Errors
/// [`StoreError`].
///
/// Source: clins-documents section b: 処方 is never sent alone, it is extracted from the two
/// documents.
pub fn prescriptions(call: &Call<'_>, person: PersonId) -> Result<Vec<Prescribed>, StoreError> {
    let mut found = Vec::new();
    for document in prescribing(call, person)? {
        let contents = table::contents(call, &document, document.version)?;
        let drugs = contents.unwrap_or_default().prescriptions;
        found.extend(drugs.into_iter().map(|drug| prescribed(&document, drug)));
    }
    Ok(found)
}
