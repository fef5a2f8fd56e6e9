//! A transaction: the entries of one patient (and of the facility), all or nothing.
//!
//! Source: FHIR R4 http.html#transaction, #trules; design section 5 (no cross-person
//! transactions).

use std::collections::BTreeSet;

use kernel::{Refusal, id::PersonId};
use registry::merge;
use store::{Call, Stop};

use super::{
    Partition, Right, Written,
    create::{check_patient, put_at, the_one},
    delete::end,
    lock, may, no, open, owner_beside,
    patch::patched,
    read::version_of,
    search::{Scope, on, scope},
    update::replace_named,
};
use crate::{
    bundle::{Act, Body, Item, Target, To, at_entry},
    errors,
    id::{Key, Local, Owner},
    model::Resource,
    search::{Page, Query},
    store as table,
};

/// What an entry led to.
#[derive(Debug)]
pub enum Outcome {
    /// Something was written, or found there already.
    Written(String, Written),
    /// It is deleted.
    Deleted(Written),
    /// It was read.
    Read(Resource),
    /// It was searched for.
    Found(Box<Query>, Page),
}

/// Runs the entries as one. Outcomes are in the order of the entries.
///
/// # Errors
/// The refusal of the entry that cannot be done, with its place; [`errors::BUNDLE_PEOPLE`];
/// the store's.
pub fn transaction(
    call: &mut Call<'_>,
    own: &Partition,
    items: &[Item],
) -> Result<Vec<Outcome>, Stop> {
    rights(call, items)?;
    call.detail("entries", items.len().to_string());
    let mut run = Run {
        own,
        items,
        owners: Vec::new(),
        people: Vec::new(),
        made: vec![Made::Nothing; items.len()],
    };
    run.find_owners(call)?;
    run.take_locks(call)?;
    let mut outcomes: Vec<Option<Outcome>> = items.iter().map(|_| None).collect();
    let mut changed = BTreeSet::new();
    // Deletes come first, a Patient's after all that is theirs; then creates, updates, reads.
    for turn in 0..5 {
        if turn == 2 {
            // What a condition leads to is asked when what is deleted is gone.
            run.give_ids(call)?;
        }
        for (place, item) in items
            .iter()
            .enumerate()
            .filter(|(_, i)| turn_of(&i.act) == turn)
        {
            let outcome = run
                .act(call, place, item)
                .and_then(|outcome| once(&mut changed, item, outcome))
                .map_err(|stop| here(item, stop))?;
            if let Some(slot) = outcomes.get_mut(place) {
                *slot = Some(outcome);
            }
        }
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// A transaction changes each resource once, however its entries lead there.
fn once(
    changed: &mut BTreeSet<(String, String)>,
    item: &Item,
    outcome: Outcome,
) -> Result<Outcome, Stop> {
    let done = match (&item.act, &outcome) {
        (Act::Update(..) | Act::Patch(..), Outcome::Written(_, done))
        | (Act::Delete(..), Outcome::Deleted(done)) => done,
        _ => return Ok(outcome),
    };
    if changed.insert((item.act.kind().to_owned(), done.id.clone())) {
        return Ok(outcome);
    }
    let found = format!("{}/{}", item.act.kind(), done.id);
    Err(no(&errors::BUNDLE, "request.url", &found))
}

fn turn_of(act: &Act) -> u8 {
    match act {
        Act::Delete(..) if act.kind() == "Patient" => 1,
        Act::Delete(..) => 0,
        Act::Create(..) => 2,
        Act::Update(..) | Act::Patch(..) => 3,
        Act::Read(..) | Act::Search(_) => 4,
    }
}

fn here(item: &Item, stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) => Stop::Refused(at_entry(item.at, refusal)),
        failed => failed,
    }
}

/// Asks for each right once, however many entries need it.
fn rights(call: &mut Call<'_>, items: &[Item]) -> Result<(), Stop> {
    let mut asked: BTreeSet<(u8, &str)> = BTreeSet::new();
    for item in items {
        let rights: &[Right] = match &item.act {
            Act::Create(..) => &[Right::Create],
            Act::Update(Target::Id(..), ..) | Act::Patch(..) => &[Right::Update],
            Act::Update(Target::Where(_), ..) => &[Right::Update, Right::Create],
            Act::Delete(..) => &[Right::Delete],
            Act::Read(..) => &[Right::Read],
            Act::Search(_) => &[Right::Search],
        };
        for right in rights {
            let letter = u8::try_from(right.letter()).unwrap_or_default();
            if asked.insert((letter, item.act.kind())) {
                may(call, *right, item.act.kind()).map_err(|stop| here(item, stop))?;
            }
        }
    }
    Ok(())
}

/// What an entry's resource is, as far as other entries refer to it.
#[derive(Clone, Debug)]
enum Made {
    Nothing,
    /// To be created under this key.
    New(Key, String),
    /// Found there already.
    There(Box<Resource>),
    /// What an earlier entry creates under the same condition.
    Same(usize),
}

struct Run<'r> {
    own: &'r Partition,
    items: &'r [Item],
    /// Of each entry; `None` for a search that finds nobody.
    owners: Vec<Option<Owner>>,
    people: Vec<PersonId>,
    made: Vec<Made>,
}

impl Run<'_> {
    fn find_owners(&mut self, call: &Call<'_>) -> Result<(), Stop> {
        // Patients first: others may refer to one that is only being created, or led to by a
        // condition.
        self.owners = vec![None; self.items.len()];
        for is_patient in [true, false] {
            for (place, item) in self.items.iter().enumerate() {
                let of_patient = matches!(
                    &item.act,
                    Act::Create(body, _) | Act::Update(_, body, _) if body.draft.identity.is_some()
                );
                if of_patient != is_patient {
                    continue;
                }
                let owner = self.owner(call, item).map_err(|stop| here(item, stop))?;
                if let Some(slot) = self.owners.get_mut(place) {
                    *slot = owner;
                }
            }
        }
        let mut kept: Option<PersonId> = None;
        for (owner, item) in self.owners.iter().zip(self.items) {
            let Some(Owner::Person(person)) = owner else {
                continue;
            };
            let person = merge::kept(call, *person)?;
            if kept.is_some_and(|one| one != person) {
                return Err(here(item, Stop::from(&errors::BUNDLE_PEOPLE)));
            }
            kept = Some(person);
        }
        self.people.extend(kept);
        Ok(())
    }

    fn owner(&self, call: &Call<'_>, item: &Item) -> Result<Option<Owner>, Stop> {
        let own = self.own;
        let of_target = |target: &Target, absent: &'static kernel::Entry| match target {
            Target::Id(kind, id) => {
                let key = own.ids.open(kind, id);
                Ok(Some(key.ok_or_else(|| Stop::from(absent))?.owner))
            }
            Target::Where(query) => self.scope_of(call, query),
        };
        match &item.act {
            Act::Create(body, _) | Act::Update(Target::Where(_), body, _) => {
                self.owner_of_body(call, body).map(Some)
            }
            Act::Update(target, ..) => of_target(target, &errors::UPDATE_ABSENT),
            Act::Patch(target, ..) | Act::Delete(target, _) => of_target(target, &errors::ABSENT),
            Act::Read(kind, id, _) => Ok(Some(own.key(kind, id)?.owner)),
            Act::Search(query) => self.scope_of(call, query),
        }
    }

    fn scope_of(&self, call: &Call<'_>, query: &Query) -> Result<Option<Owner>, Stop> {
        match scope(call, self.own, query)? {
            Scope::Nobody => Ok(None),
            Scope::Facility => Ok(Some(Owner::Facility)),
            Scope::People(people) => match people.as_slice() {
                [person] => Ok(Some(Owner::Person(*person))),
                _ => Err(Stop::from(&errors::SEVERAL)),
            },
        }
    }

    /// To whom a resource belongs: by the Patients that it names, those of other entries and
    /// of conditions too.
    fn owner_of_body(&self, call: &Call<'_>, body: &Body) -> Result<Owner, Stop> {
        let mut found: Option<Owner> = None;
        let mut add = |owner: Owner| {
            if found.is_some_and(|one| one != owner) {
                return Err(Stop::from(&errors::TWO_PATIENTS));
            }
            found = Some(owner);
            Ok(())
        };
        for gap in body.gaps.iter().filter(|gap| gap.is_reference) {
            match &gap.to {
                To::Entry(place) => {
                    let is_patient = self
                        .items
                        .get(*place)
                        .is_some_and(|item| item.act.kind() == "Patient");
                    if is_patient && let Some(Some(owner)) = self.owners.get(*place) {
                        add(*owner)?;
                    }
                }
                To::Where(query) if query.kind == "Patient" => {
                    let owner = self.scope_of(call, query)?;
                    add(owner.ok_or_else(|| Stop::from(&errors::BUNDLE_REFERENCE))?)?;
                }
                To::Where(_) => {}
            }
        }
        Ok(owner_beside(call, self.own, &body.draft, found)?.owner)
    }

    fn take_locks(&mut self, call: &mut Call<'_>) -> Result<(), Stop> {
        let writes =
            self.items.iter().zip(&self.owners).any(|(item, owner)| {
                !item.act.is_read() && matches!(owner, Some(Owner::Person(_)))
            });
        let writes_own = self
            .items
            .iter()
            .zip(&self.owners)
            .any(|(item, owner)| !item.act.is_read() && matches!(owner, Some(Owner::Facility)));
        if let Some(person) = self.people.first().copied() {
            let owner = Owner::Person(person);
            self.people = if writes {
                lock(call, self.own.facility, owner)?
            } else {
                open(call, owner)?
            };
        }
        if writes_own {
            lock(call, self.own.facility, Owner::Facility)?;
        }
        Ok(())
    }

    fn owner_at(&self, place: usize) -> Owner {
        let owner = self.owners.get(place).copied().flatten();
        owner.unwrap_or(Owner::Facility)
    }

    /// Each new resource gets its id, so that others can refer to it.
    fn give_ids(&mut self, call: &Call<'_>) -> Result<(), Stop> {
        for (place, item) in self.items.iter().enumerate() {
            let owner = self.owner_at(place);
            let whose = (owner, self.people.as_slice());
            let made = match &item.act {
                Act::Create(body, condition) => {
                    let there = match condition {
                        Some(query) => the_one(call, self.own, query, whose)
                            .map_err(|stop| here(item, stop))?,
                        None => None,
                    };
                    let before = condition.as_ref().and_then(|query| self.same(place, query));
                    match (there, before) {
                        (Some(there), _) => Made::There(Box::new(there)),
                        (None, Some(before)) => Made::Same(before),
                        (None, None) => self.new_id(call, &body.draft.kind, owner),
                    }
                }
                Act::Update(Target::Where(query), body, _) => {
                    if self.same(place, query).is_some() {
                        let stop = no(&errors::BUNDLE, "request.url", &query.kind);
                        return Err(here(item, stop));
                    }
                    let there = the_one(call, self.own, query, whose);
                    match there.map_err(|stop| here(item, stop))? {
                        Some(there) => Made::There(Box::new(there)),
                        None => self.new_id(call, &body.draft.kind, owner),
                    }
                }
                Act::Update(Target::Id(kind, id), ..) => {
                    let key = self.own.ids.open(kind, id);
                    let key = key.ok_or_else(|| here(item, Stop::from(&errors::UPDATE_ABSENT)))?;
                    let found = table::get(call, &self.own.ids, self.own.place(kind, key))?;
                    let found = found.ok_or_else(|| here(item, Stop::from(&errors::UPDATE_ABSENT)));
                    Made::There(Box::new(found?))
                }
                _ => Made::Nothing,
            };
            if let Some(slot) = self.made.get_mut(place) {
                *slot = made;
            }
        }
        Ok(())
    }

    /// The earlier entry that creates under the same condition, when there was nothing yet.
    fn same(&self, place: usize, query: &Query) -> Option<usize> {
        let asks = |item: &Item| match &item.act {
            Act::Create(_, Some(other)) | Act::Update(Target::Where(other), ..) => {
                other.kind == query.kind && other.pairs == query.pairs
            }
            _ => false,
        };
        let mut earlier = self.items.iter().zip(&self.made).take(place);
        earlier.position(|(item, made)| matches!(made, Made::New(..)) && asks(item))
    }

    fn new_id(&self, call: &Call<'_>, kind: &str, owner: Owner) -> Made {
        let mut local = Local::default();
        call.rng().fill(&mut local);
        let key = Key { owner, local };
        Made::New(key, self.own.ids.seal(kind, key))
    }

    /// The reference to an entry's resource.
    fn reference(&self, place: usize) -> Option<String> {
        let kind = self.items.get(place)?.act.kind();
        match self.made.get(place)? {
            Made::Nothing => None,
            Made::New(_, id) => Some(format!("{kind}/{id}")),
            Made::There(resource) => Some(resource.reference()),
            Made::Same(before) => self.reference(*before),
        }
    }

    /// The text with its gaps filled.
    fn text(&self, call: &Call<'_>, place: usize, body: &Body) -> Result<String, Stop> {
        let mut with = Vec::with_capacity(body.gaps.len());
        for gap in &body.gaps {
            let reference = match &gap.to {
                To::Entry(entry) => self.reference(*entry),
                To::Where(query) => {
                    let owner = match self.scope_of(call, query) {
                        Ok(Some(owner)) => owner,
                        Ok(None) => Owner::Facility,
                        // A condition need not repeat the patient of its resource.
                        Err(Stop::Refused(_)) => self.owner_at(place),
                        Err(failed) => return Err(failed),
                    };
                    let there = the_one(call, self.own, query, (owner, &self.people))?;
                    there.map(|there| there.reference())
                }
            };
            let no = || Stop::Refused(Refusal::at(&errors::BUNDLE_REFERENCE, "resource", ""));
            with.push(reference.ok_or_else(no)?);
        }
        Ok(body.filled(&with))
    }

    fn act(&self, call: &mut Call<'_>, place: usize, item: &Item) -> Result<Outcome, Stop> {
        let own = self.own;
        let people = self.people.as_slice();
        let kind = item.act.kind();
        match &item.act {
            Act::Create(body, _) => self.create(call, place, body),
            Act::Update(_, body, known) => {
                let Some(Made::There(found)) = self.made.get(place) else {
                    return self.create(call, place, body);
                };
                let text = self.text(call, place, body)?;
                let named = self.owner_of_body(call, body)?;
                let packed = table::pack(&text);
                let what = (&body.draft, packed.as_slice());
                // An earlier entry may have changed it meanwhile.
                let now = table::get(call, &own.ids, own.place(kind, found.key))?;
                let now = now.ok_or_else(|| Stop::from(&errors::UPDATE_ABSENT))?;
                let named = Key {
                    owner: named,
                    ..found.key
                };
                let mut done = replace_named(call, own, &now, people, what, (named, *known))?;
                done.text = Some(text);
                Ok(Outcome::Written(kind.to_owned(), done))
            }
            Act::Patch(target, steps, known) => {
                let found = self.target(call, place, target)?;
                let done = patched(call, own, &found, people, steps, *known)?;
                Ok(Outcome::Written(kind.to_owned(), done))
            }
            Act::Delete(target, known) => {
                let found = self.target(call, place, target)?;
                Ok(Outcome::Deleted(end(call, own, found, *known)?))
            }
            Act::Read(kind, id, number) => {
                let key = own.key(kind, id)?;
                let found = table::get(call, &own.ids, own.place(kind, key))?;
                let found = found.ok_or_else(|| Stop::from(&errors::ABSENT))?;
                Ok(Outcome::Read(version_of(call, own, found, *number)?))
            }
            Act::Search(query) => {
                let page = match self.owners.get(place).copied().flatten() {
                    None => Page::default(),
                    Some(Owner::Facility) => on(call, own, query, vec![Owner::Facility])?,
                    Some(Owner::Person(_)) => {
                        let owners = people.iter().copied().map(Owner::Person);
                        on(call, own, query, owners.collect())?
                    }
                };
                Ok(Outcome::Found(query.clone(), page))
            }
        }
    }

    fn create(&self, call: &mut Call<'_>, place: usize, body: &Body) -> Result<Outcome, Stop> {
        let kind = body.draft.kind.clone();
        match self.made.get(place) {
            Some(Made::There(there)) => Ok(Outcome::Written(
                kind,
                Written::found(there.as_ref().clone()),
            )),
            Some(Made::Same(before)) => {
                let act = self.items.get(*before).map(|item| &item.act);
                let Some((Act::Create(body, _) | Act::Update(_, body, _), Made::New(key, id))) =
                    act.zip(self.made.get(*before))
                else {
                    return Err(Stop::from(&errors::BUNDLE));
                };
                let there = Written {
                    key: *key,
                    id: id.clone(),
                    version: 1,
                    at: call.at(),
                    is_created: false,
                    text: Some(self.text(call, *before, body)?),
                };
                Ok(Outcome::Written(kind, there))
            }
            Some(Made::New(key, _)) => {
                let text = self.text(call, place, body)?;
                check_patient(call, self.own, &body.draft, *key)?;
                let packed = table::pack(&text);
                let mut done = put_at(call, self.own, &body.draft, (*key, &self.people), &packed)?;
                done.text = Some(text);
                Ok(Outcome::Written(kind, done))
            }
            _ => Err(Stop::from(&errors::BUNDLE)),
        }
    }

    fn target(&self, call: &Call<'_>, place: usize, target: &Target) -> Result<Resource, Stop> {
        let absent = || Stop::from(&errors::ABSENT);
        match target {
            Target::Id(kind, id) => {
                let key = self.own.key(kind, id)?;
                let found = table::get(call, &self.own.ids, self.own.place(kind, key))?;
                found.ok_or_else(absent)
            }
            Target::Where(query) => {
                let whose = (self.owner_at(place), self.people.as_slice());
                the_one(call, self.own, query, whose)?.ok_or_else(absent)
            }
        }
    }
}
