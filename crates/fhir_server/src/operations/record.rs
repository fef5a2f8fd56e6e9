//! One patient's record at the caller's facility, opened for one call.

use access::policy::{self, Action, Class, Facts};
use kernel::{Refusal, id::PersonId, time::Timestamp};
use store::{Call, Stop};

use super::errors;
use crate::{
    id::{Key, Owner},
    model::{self, Resource},
    ops::{self, Partition},
    store as table,
};

/// Most resources that one call looks at.
const RESOURCES_MAX: usize = 20_000;
/// Resources of one statement.
const STEP: i64 = 500;
/// Most facility resources that are followed from the resources of one answer.
const FOLLOWED_MAX: usize = 200;

/// The record.
pub(crate) struct Record {
    pub own: Partition,
    /// The person's Patient as the facility keeps it.
    pub patient: Resource,
    /// The person, then whoever was merged into them.
    people: Vec<PersonId>,
}

/// What of it is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Of these types; none is all.
    pub types: Vec<String>,
    /// Written after this instant.
    pub since: Option<Timestamp>,
}

impl Filter {
    fn takes(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|one| one == kind)
    }
}

/// A part of the record, in order: the Patient first, then by type.
pub(crate) struct Part {
    pub resources: Vec<Resource>,
    /// Is there more behind?
    pub has_more: bool,
}

/// Opens the record of the patient with this id.
///
/// # Errors
/// What reading the Patient says.
pub(crate) fn open(call: &mut Call<'_>, own: Partition, id: &str) -> Result<Record, Stop> {
    let patient = ops::read(call, &own, "Patient", id)?;
    let people = ops::open(call, patient.key.owner)?;
    Ok(Record {
        own,
        patient,
        people,
    })
}

/// The same to carry it out of the house.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_for_export(
    call: &mut Call<'_>,
    own: Partition,
    id: &str,
) -> Result<Record, Stop> {
    let facts = Facts::of(call.caller());
    policy::require(call, Class::OwnRecords, Action::Export, facts)?;
    open(call, own, id)
}

impl Record {
    /// The types that there are, the Patient first, then in order of their names.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn types(&self, call: &Call<'_>, filter: &Filter) -> Result<Vec<String>, Stop> {
        let mut types = Vec::new();
        for person in &self.people {
            let found = table::types(call, self.own.facility, *person)?;
            types.extend(found.into_iter().map(|(kind, _)| kind));
        }
        types.retain(|kind| filter.takes(kind));
        types.sort_by(|a, b| order(a).cmp(&order(b)));
        types.dedup();
        Ok(types)
    }

    /// At most `count` resources behind `after`, which is one of them.
    ///
    /// # Errors
    /// [`errors::BOUND`]; the store's.
    pub(crate) fn part(
        &self,
        call: &Call<'_>,
        filter: &Filter,
        after: Option<(&str, Key)>,
        count: usize,
    ) -> Result<Part, Stop> {
        let mut found = Vec::new();
        let mut seen = 0_usize;
        for kind in self.types(call, filter)? {
            if after.is_some_and(|(last, _)| order(&kind) < order(last)) {
                continue;
            }
            for person in &self.people {
                let owner = Owner::Person(*person);
                let mut last = None;
                if let Some((_, key)) = after.filter(|(last, _)| *last == kind) {
                    match self.rank(key.owner).cmp(&self.rank(owner)) {
                        std::cmp::Ordering::Greater => continue,
                        std::cmp::Ordering::Equal => last = Some(key.local),
                        std::cmp::Ordering::Less => {}
                    }
                }
                loop {
                    let whose = (self.own.facility, kind.as_str(), owner);
                    let listed = table::list(call, &self.own.ids, whose, last, STEP)?;
                    let Some(end) = listed.last() else { break };
                    last = Some(end.key.local);
                    seen = seen.saturating_add(listed.len());
                    if seen > RESOURCES_MAX {
                        return Err(Stop::from(&errors::BOUND));
                    }
                    let fits = |r: &Resource| filter.since.is_none_or(|since| r.at > since);
                    found.extend(listed.into_iter().filter(fits));
                    if found.len() > count {
                        found.truncate(count);
                        return Ok(Part {
                            resources: found,
                            has_more: true,
                        });
                    }
                }
            }
        }
        Ok(Part {
            resources: found,
            has_more: false,
        })
    }

    fn rank(&self, owner: Owner) -> usize {
        let place = self.people.iter().position(|p| Owner::Person(*p) == owner);
        place.unwrap_or(usize::MAX)
    }

    /// The facility's own resources (practitioners, places, drugs) to which these refer.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn followed(
        &self,
        call: &Call<'_>,
        resources: &[Resource],
    ) -> Result<Vec<Resource>, Stop> {
        let mut wanted: Vec<(String, Key)> = Vec::new();
        for resource in resources {
            for (kind, id) in references(&resource.text) {
                if !model::is_kept(kind) || model::is_personal(kind) {
                    continue;
                }
                let Some(key) = self.own.ids.open(kind, id) else {
                    continue;
                };
                let is_new = !wanted.iter().any(|(_, known)| *known == key);
                if is_new && key.owner == Owner::Facility && wanted.len() < FOLLOWED_MAX {
                    wanted.push((kind.to_owned(), key));
                }
            }
        }
        let mut found = Vec::new();
        for (kind, key) in wanted {
            let one = table::get(call, &self.own.ids, self.own.place(&kind, key))?;
            found.extend(one.filter(|one| !one.is_deleted));
        }
        Ok(found)
    }
}

/// The Patient before all others.
fn order(kind: &str) -> (bool, &str) {
    (kind != "Patient", kind)
}

/// Type and id of every reference that a text has to this server.
fn references(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("\"reference\"").skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix(':')?.trim_start();
        let value = rest.strip_prefix('"')?.split('"').next()?;
        let mut parts = value.rsplit('/');
        let id = parts.next()?;
        Some((parts.next()?, id))
    })
}

/// An instant of a parameter, with its offset.
///
/// # Errors
/// [`errors::VALUE`].
pub(crate) fn instant(name: &str, text: &str) -> Result<Timestamp, Refusal> {
    // A plus sign in an address that was not escaped arrives as a space.
    Timestamp::parse(&text.replace(' ', "+")).ok_or_else(|| Refusal::at(&errors::VALUE, name, text))
}

/// Types of a parameter, between commas.
///
/// # Errors
/// [`errors::VALUE`] for what is no type of a patient's record.
pub(crate) fn types(name: &str, texts: &[&str]) -> Result<Vec<String>, Refusal> {
    let all: Vec<&str> = texts.iter().flat_map(|text| text.split(',')).collect();
    match all.iter().find(|kind| !model::is_personal(kind)) {
        Some(wrong) => Err(Refusal::at(&errors::VALUE, name, wrong)),
        None => Ok(all.into_iter().map(str::to_owned).collect()),
    }
}
