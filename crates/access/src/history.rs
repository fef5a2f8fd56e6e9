//! The person's own access history (閲覧履歴): every record on their chain, each with its
//! proof.

use kernel::id::PersonId;
use store::{
    Call, Stop,
    audit::{Entry, Subject},
    seal::{self, Proof},
};

/// One look, as the person sees it.
#[derive(Clone, Debug)]
pub struct Look {
    /// The audit record.
    pub entry: Entry,
    /// The seal that holds it; `None` while it waits, at most about a minute.
    pub seal: Option<i64>,
}

/// Most lines of one page.
pub const PAGE_MAX: i64 = 50;

/// A page of the history, newest first, below record number `below`.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`store::StoreError`].
pub fn page(call: &mut Call<'_>, person: PersonId, below: i64) -> Result<Vec<Look>, Stop> {
    call.open(person)?;
    let subject = Subject::Person(person);
    let entries = call.history(subject, below, PAGE_MAX)?;
    entries
        .into_iter()
        .map(|entry| {
            let seal = seal::seal_of(call, subject, entry.seq)?;
            Ok(Look { entry, seal })
        })
        .collect()
}

/// One record with the proof that it is in a signed seal; `None` when there is no such record.
///
/// # Errors
/// As [`page`].
pub fn one(
    call: &mut Call<'_>,
    person: PersonId,
    seq: i64,
) -> Result<Option<(Entry, Option<Proof>)>, Stop> {
    call.open(person)?;
    let subject = Subject::Person(person);
    let entry = call
        .history(subject, seq.saturating_add(1), 1)?
        .into_iter()
        .find(|entry| entry.seq == seq);
    let Some(entry) = entry else {
        return Ok(None);
    };
    let proof = seal::prove(call, subject, seq)?;
    Ok(Some((entry, proof)))
}
