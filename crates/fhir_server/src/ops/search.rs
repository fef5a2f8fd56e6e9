//! Search inside one owner's resources.
//!
//! Source: FHIR R4 search.html; design section 2 (a search names its patient).

use access::scope as rights;
use fhir::search::{Criterion, Env};
use kernel::{Refusal, hex, id::PersonId};
use store::{Call, Stop};

use super::{Partition, Right, may, no, open};
use crate::{
    draft, errors,
    id::Owner,
    identity,
    model::{Resource, is_personal},
    search::{Clause, Page, Query, Shelf, reads_people, run},
    store::{self as table, marks},
};

/// Resources of one type that are searched at most, and how many are read at once.
const RESOURCES_MAX: usize = 50_000;
const AT_ONCE: i64 = 2_000;
const CURSOR: &str = "fhir_cursor";

/// What a call may look at: the opened people's resources, and the facility's own.
pub(crate) struct Opened<'c, 'k> {
    pub call: &'c Call<'k>,
    pub own: &'c Partition,
    pub owners: Vec<Owner>,
    /// The type that is searched; any other needs the right to read it.
    pub kind: &'c str,
}

impl Opened<'_, '_> {
    /// May resources of this type be looked at?
    fn may(&self, kind: &str) -> bool {
        kind == self.kind || rights::require_resource(self.call.caller(), kind, 'r').is_ok()
    }

    /// Every current resource of a type that one owner has.
    pub fn of(&self, kind: &str, owner: Owner, found: &mut Vec<Resource>) -> Result<(), Stop> {
        let mut after = None;
        loop {
            let whose = (self.own.facility, kind, owner);
            let some = table::list(self.call, &self.own.ids, whose, after, AT_ONCE)?;
            let is_last = i64::try_from(some.len()).unwrap_or(AT_ONCE) < AT_ONCE;
            after = some.last().map(|one| one.key.local);
            found.extend(some);
            if found.len() > RESOURCES_MAX {
                return Err(Stop::from(&errors::SEARCH_BOUND));
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

impl Shelf for Opened<'_, '_> {
    fn all(&mut self, kind: &str) -> Result<Vec<Resource>, Stop> {
        let mut found = Vec::new();
        if !self.may(kind) {
            return Ok(found);
        }
        for owner in &self.owners {
            self.of(kind, *owner, &mut found)?;
        }
        // What comes along with a patient's resources may be the facility's.
        Ok(found)
    }

    fn coded(
        &mut self,
        kind: &str,
        param: &'static str,
        codes: &[&str],
    ) -> Result<Option<Vec<Resource>>, Stop> {
        let mut found = Vec::new();
        for owner in self.owners.iter().filter(|_| self.may(kind)) {
            let Owner::Person(person) = owner else {
                return Ok(None);
            };
            let whose = (self.own.facility, kind, *person);
            found.extend(marks::list(
                self.call,
                &self.own.ids,
                whose,
                (param, codes),
                RESOURCES_MAX,
            )?);
            if found.len() > RESOURCES_MAX {
                return Err(Stop::from(&errors::SEARCH_BOUND));
            }
        }
        Ok(Some(found))
    }

    fn one(&mut self, kind: &str, id: &str) -> Result<Option<Resource>, Stop> {
        let Some(key) = self.own.ids.open(kind, id).filter(|_| self.may(kind)) else {
            return Ok(None);
        };
        if key.owner != Owner::Facility && !self.owners.contains(&key.owner) {
            return Ok(None);
        }
        let found = table::get(self.call, &self.own.ids, self.own.place(kind, key))?;
        Ok(found.filter(|one| !one.is_deleted))
    }
}

/// Whose resources a search is about.
pub(crate) enum Scope {
    Nobody,
    Facility,
    People(Vec<PersonId>),
}

/// Runs a search. The page's cursor is sealed.
///
/// # Errors
/// `TSK-FHR-018` to `TSK-FHR-025`; the store's.
pub fn search(call: &mut Call<'_>, own: &Partition, query: &Query) -> Result<Page, Stop> {
    may(call, Right::Search, &query.kind)?;
    let owners = match scope(call, own, query)? {
        Scope::Nobody => return Ok(Page::default()),
        Scope::Facility => vec![Owner::Facility],
        Scope::People(people) => {
            let mut all = Vec::new();
            for person in people {
                let opened = open(call, Owner::Person(person))?;
                all.extend(opened.into_iter().map(Owner::Person));
            }
            all
        }
    };
    let mut page = on(call, own, query, owners.clone())?;
    if query.identifier.is_some() && page.next.is_some() {
        page.patient = the_patient(call, own, &owners)?;
    }
    call.detail("found", page.total.to_string());
    Ok(page)
}

/// The one Patient that these owners have.
fn the_patient(call: &Call<'_>, own: &Partition, owners: &[Owner]) -> Result<Option<String>, Stop> {
    let mut found = Vec::new();
    for owner in owners {
        let whose = (own.facility, "Patient", *owner);
        found.extend(table::list(call, &own.ids, whose, None, 2)?);
    }
    Ok(match found.as_slice() {
        [one] => Some(one.reference()),
        _ => None,
    })
}

/// Runs a search among what these owners have; they are open.
pub(crate) fn on(
    call: &Call<'_>,
    own: &Partition,
    query: &Query,
    owners: Vec<Owner>,
) -> Result<Page, Stop> {
    let place = place_of(query);
    let after = match &query.cursor {
        Some(cursor) => Some(open_cursor(call, own, &place, cursor)?),
        None => None,
    };
    let base = format!("{}/fhir/", own.origin);
    let env = Env {
        now: call.at().micros(),
        base: &base,
    };
    check_reach(call, query)?;
    let mut opened = Opened {
        call,
        own,
        owners,
        kind: &query.kind,
    };
    let together = joined(&mut opened, query)?;
    let mut page = run(
        together.as_ref().unwrap_or(query),
        &mut opened,
        env,
        after.as_deref(),
    )?;
    if let Some(next) = &page.next {
        let key: [&[u8]; 1] = [place.as_bytes()];
        let sealed = call.seal_for_facility(own.facility, CURSOR, &key, next.as_bytes())?;
        page.next = Some(hex::encode(&sealed));
    }
    Ok(page)
}

/// What a search asks of other types needs the right to them: an answer says something of
/// what it was chosen by.
fn check_reach(call: &Call<'_>, query: &Query) -> Result<(), Stop> {
    let may = |kind: &str, right| rights::require_resource(call.caller(), kind, right);
    for include in query.includes.iter().chain(&query.reverse) {
        may(&include.kind, 's').map_err(Stop::from)?;
    }
    for clause in &query.clauses {
        if let Clause::Chain(_, ways) = clause
            && let Some((kind, _)) = ways.first()
            && ways.iter().all(|(kind, _)| may(kind, 'r').is_err())
        {
            may(kind, 'r').map_err(Stop::from)?;
        }
    }
    Ok(())
}

/// Of people whose registrations were joined, each Patient of the facility means all of them.
fn joined(opened: &mut Opened<'_, '_>, query: &Query) -> Result<Option<Query>, Stop> {
    if opened.owners.len() < 2 || query.patients.is_empty() {
        return Ok(None);
    }
    let mut patients = Vec::new();
    for owner in &opened.owners {
        opened.of("Patient", *owner, &mut patients)?;
    }
    let all: Vec<String> = patients.iter().map(Resource::reference).collect();
    let all = all.join(",");
    let mut together = query.clone();
    for clause in &mut together.clauses {
        let Clause::Says(criterion) = clause else {
            continue;
        };
        let param = criterion.param();
        if criterion.names_patients() && !all.is_empty() {
            *criterion = Criterion::parse(param, None, &all)
                .map_err(|_| Stop::from(&errors::SEARCH_VALUE))?;
        }
    }
    Ok(Some(together))
}

/// A cursor belongs to its search. Which way the patient is named does not matter: a link
/// names them by id, where the first question may have had a number.
fn place_of(query: &Query) -> String {
    let mut place = query.kind.clone();
    let counts = |name: &str| {
        !matches!(name, "_count" | "patient" | "subject") && !reads_people(&query.kind, name)
    };
    for (name, value) in query.pairs.iter().filter(|(name, _)| counts(name)) {
        place.push('\n');
        place.push_str(name);
        place.push('=');
        place.push_str(value);
    }
    place
}

fn open_cursor(
    call: &Call<'_>,
    own: &Partition,
    place: &str,
    cursor: &str,
) -> Result<String, Stop> {
    let bad = || Stop::Refused(Refusal::at(&errors::CURSOR, "_page", ""));
    let sealed = hex::decode(cursor).ok_or_else(bad)?;
    let plain = call
        .unseal_for_facility(own.facility, CURSOR, &[place.as_bytes()], &sealed)
        .map_err(|_| bad())?;
    String::from_utf8(plain).map_err(|_| bad())
}

/// Whom a search names.
pub(crate) fn scope(call: &Call<'_>, own: &Partition, query: &Query) -> Result<Scope, Stop> {
    if let Some(identifier) = &query.identifier {
        return Ok(match by_identifier(call, own, identifier)?.as_slice() {
            [] => Scope::Nobody,
            people => Scope::People(people.to_vec()),
        });
    }
    let mut people = Vec::new();
    let mut names_somebody = !query.patients.is_empty();
    let mut is_facility = false;
    let patients = query.patients.iter().map(|id| ("Patient", id));
    let ids = query.clauses.iter().filter_map(|clause| match clause {
        Clause::Id(ids) => Some(ids),
        _ => None,
    });
    let ids = ids.flatten().map(|id| (query.kind.as_str(), id));
    for (kind, id) in patients.chain(ids) {
        names_somebody = true;
        match own.ids.open(kind, id).map(|key| key.owner) {
            Some(Owner::Person(person)) if !people.contains(&person) => people.push(person),
            Some(Owner::Facility) => is_facility = true,
            _ => {}
        }
    }
    match (people.as_slice(), names_somebody) {
        ([_], _) => Ok(Scope::People(people)),
        ([_, ..], _) => Err(no(&errors::SEARCH_TWO_PATIENTS, "patient", "")),
        ([], true) if is_facility => Ok(Scope::Facility),
        ([], true) => Ok(Scope::Nobody),
        ([], false) if query.kind == "Patient" => Err(Stop::from(&errors::SEARCH_IDENTIFIER)),
        ([], false) if is_personal(&query.kind) => Err(Stop::from(&errors::SEARCH_NO_PATIENT)),
        ([], false) => {
            let needs_patient = query.reverse.iter().any(|one| is_personal(&one.kind));
            if needs_patient {
                return Err(Stop::from(&errors::SEARCH_NO_PATIENT));
            }
            Ok(Scope::Facility)
        }
    }
}

/// The people whose Patient has this identifier here.
pub(crate) fn by_identifier(
    call: &Call<'_>,
    own: &Partition,
    (system, value): &(String, String),
) -> Result<Vec<PersonId>, Stop> {
    let mut people = table::by_key(call, own.facility, (system, value))?;
    // A member identifier leads through the register too, whichever of theirs the Patient has.
    if people.is_empty()
        && let Some(kind) = draft::member_kind(system)
        && let Some(member) = fhir::clins::MemberId::parse(kind, value)
    {
        match identity::by_member(call, &member) {
            Ok(person) => people.push(person),
            Err(Stop::Refused(_)) => {}
            Err(failed) => return Err(failed),
        }
    }
    Ok(people)
}
