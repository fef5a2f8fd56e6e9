//! What the retention job and the shared record's view need of documents.

use fhir::clins::document::DocumentKind;
use kernel::{id::PersonId, time::JstDate};
use registry::merge;
use store::{Call, StoreError};

use super::command;
use crate::documents::{
    model::{Document, Prescribed},
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

/// The prescriptions in the referral letters and discharge summaries of an opened person, and
/// of who was merged into them, newest registration first. What was cancelled is not among
/// them, nor anything of an earlier version. Conditions, allergies and results inside documents
/// are not entered in the shared record: they are sent in Bundles of their own.
///
/// # Errors
/// [`StoreError`].
///
/// Source: clins-documents section b: 処方 is never sent alone, it is extracted from the two
/// documents.
pub fn prescriptions(call: &Call<'_>, person: PersonId) -> Result<Vec<Prescribed>, StoreError> {
    let mut found = Vec::new();
    let joined = merge::joined(call, person)?;
    for one in std::iter::once(&person).chain(&joined) {
        for document in table::all(call, *one)? {
            let carries = matches!(
                document.kind,
                DocumentKind::Referral | DocumentKind::Discharge
            );
            if !carries || !document.state.stands() {
                continue;
            }
            let contents = table::contents(call, &document, document.version)?;
            for drug in contents.unwrap_or_default().prescriptions {
                found.push(Prescribed {
                    drug,
                    document: document.id,
                    kind: document.kind,
                    institution: document.head.sender.clone(),
                    registered_at: document.head.changed_at.unwrap_or(document.registered_at),
                });
            }
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.registered_at));
    Ok(found)
}
