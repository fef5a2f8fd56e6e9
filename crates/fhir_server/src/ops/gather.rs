//! What the own facility keeps of one patient, for services that make something of it.

use access::scope;
use kernel::{Refusal, id::PersonId};
use store::{Call, Stop};

use super::{Partition, Right, may, open, read};
use crate::{
    errors,
    id::Owner,
    model::{self, Resource},
    operations::errors::BOUND,
    store as table,
};

/// Most resources of one patient that are gathered.
pub const GATHERED_MAX: usize = 20_000;
/// Resources of one statement.
const STEP: i64 = 500;

/// A patient's resources of some types.
pub struct Gathered {
    /// The Patient that was named.
    pub patient: Resource,
    /// The person, then whoever was merged into them.
    pub people: Vec<PersonId>,
    /// The resources as they stand, without deleted ones.
    pub resources: Vec<Resource>,
}

/// Opens the patient with this id, and gathers what stands of these types.
///
/// # Errors
/// [`errors::ABSENT`], [`errors::GONE`]; [`BOUND`] for more than [`GATHERED_MAX`]; what the
/// caller may not read; the store's.
pub fn gather(
    call: &mut Call<'_>,
    own: &Partition,
    patient: &str,
    kinds: &[&str],
) -> Result<Gathered, Stop> {
    for kind in kinds {
        may(call, Right::Search, kind)?;
    }
    let patient = read(call, own, "Patient", patient)?;
    let people = open(call, patient.key.owner)?;
    let mut resources = Vec::new();
    for kind in kinds {
        for person in &people {
            let whose = (own.facility, *kind, Owner::Person(*person));
            let mut last = None;
            loop {
                let found = table::list(call, &own.ids, whose, last, STEP)?;
                let Some(end) = found.last() else { break };
                last = Some(end.key.local);
                resources.extend(found);
                if resources.len() > GATHERED_MAX {
                    return Err(Stop::from(&BOUND));
                }
            }
        }
    }
    Ok(Gathered {
        patient,
        people,
        resources,
    })
}

/// A resource to which one of these people's refers, who were gathered: theirs, or the
/// facility's own. `None` for what is not there, was deleted, or is another patient's.
///
/// # Errors
/// What the caller may not read; the store's.
pub fn referred(
    call: &mut Call<'_>,
    own: &Partition,
    people: &[PersonId],
    (kind, id): (&str, &str),
) -> Result<Option<Resource>, Stop> {
    if !model::is_kept(kind) {
        return Err(Stop::Refused(Refusal::at(&errors::TYPE, "type", kind)));
    }
    let Some(key) = own.ids.open(kind, id) else {
        return Ok(None);
    };
    if let Owner::Person(person) = key.owner
        && !people.contains(&person)
    {
        return Ok(None);
    }
    // No detail in the record for each: what is gathered was asked for and recorded as a whole.
    scope::require_resource(call.caller(), kind, Right::Read.letter())?;
    let found = table::get(call, &own.ids, own.place(kind, key))?;
    Ok(found.filter(|one| !one.is_deleted))
}
