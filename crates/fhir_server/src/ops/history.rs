//! History of a resource, and of one type inside a patient.
//!
//! Source: FHIR R4 http.html#history.

use kernel::{Refusal, hex};
use store::{Call, Stop};

use super::{Partition, open, read::current};
use crate::{errors, id::Owner, model::Resource, store as table};

/// Versions of one type that are read for a history at most.
const VERSIONS_MAX: i64 = 20_000;
const CURSOR: &str = "fhir_history_cursor";

/// A page of versions, newest first.
#[derive(Debug, Default)]
pub struct Versions {
    /// The versions.
    pub page: Vec<Resource>,
    /// How many there are over all pages.
    pub total: usize,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What part of a history is asked for.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Entries of a page.
    pub count: usize,
    /// Only what was written at this instant (microseconds) or later.
    pub since: Option<i64>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

/// All versions of a resource, deletions too.
///
/// # Errors
/// [`errors::ABSENT`], [`errors::CURSOR`]; the store's.
pub fn history(
    call: &mut Call<'_>,
    own: &Partition,
    (kind, id): (&str, &str),
    part: &Part,
) -> Result<Versions, Stop> {
    let newest = current(call, own, kind, id)?;
    let place = own.place(kind, newest.key);
    let mut all = table::history(call, &own.ids, place, newest.version, VERSIONS_MAX)?;
    all.insert(0, newest);
    page(call, own, all, part, &format!("{kind}/{id}"))
}

/// All versions of a patient's resources of one type.
///
/// # Errors
/// As [`history`].
pub fn history_of_type(
    call: &mut Call<'_>,
    own: &Partition,
    (kind, patient): (&str, &str),
    part: &Part,
) -> Result<Versions, Stop> {
    super::may(call, super::Right::Read, kind)?;
    let key = own.key("Patient", patient)?;
    let people = open(call, key.owner)?;
    let mut all = Vec::new();
    for person in people {
        let whose = (own.facility, kind, Owner::Person(person));
        all.extend(table::versions(call, &own.ids, whose, VERSIONS_MAX)?);
    }
    page(call, own, all, part, &format!("{kind}?{patient}"))
}

/// What orders versions: the newest first, whatever is of one instant by its id.
fn order(one: &Resource) -> (std::cmp::Reverse<i64>, String, std::cmp::Reverse<i64>) {
    let (at, version) = (one.at.micros(), one.version);
    (
        std::cmp::Reverse(at),
        one.id.clone(),
        std::cmp::Reverse(version),
    )
}

fn page(
    call: &Call<'_>,
    own: &Partition,
    mut all: Vec<Resource>,
    part: &Part,
    of: &str,
) -> Result<Versions, Stop> {
    all.retain(|one| part.since.is_none_or(|since| one.at.micros() >= since));
    all.sort_by_cached_key(order);
    let total = all.len();
    let key: [&[u8]; 1] = [of.as_bytes()];
    if let Some(cursor) = &part.cursor {
        let bad = || Stop::Refused(Refusal::at(&errors::CURSOR, "_page", ""));
        let sealed = hex::decode(cursor).ok_or_else(bad)?;
        let opened = call.unseal_for_facility(own.facility, CURSOR, &key, &sealed);
        let last = String::from_utf8(opened.map_err(|_| bad())?).map_err(|_| bad())?;
        let place = all.iter().position(|one| cursor_of(one) == last);
        let place = place.ok_or_else(bad)?;
        all.drain(..=place);
    }
    let has_more = all.len() > part.count;
    all.truncate(part.count);
    let next = all.last().filter(|_| has_more).map(cursor_of);
    let next = next.map(|last| {
        let sealed = call.seal_for_facility(own.facility, CURSOR, &key, last.as_bytes());
        sealed.map(|sealed| hex::encode(&sealed))
    });
    Ok(Versions {
        page: all,
        total,
        next: next.transpose()?,
    })
}

fn cursor_of(one: &Resource) -> String {
    format!("{}/{}", one.id, one.version)
}
