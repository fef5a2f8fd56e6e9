//! What can be done with the own partition, a file for each interaction.

mod create;
mod delete;
mod gather;
mod history;
mod patch;
mod read;
mod search;
mod transaction;
mod update;

use access::{
    policy::{self, Action, Class, Facts},
    scope,
};
use kernel::{
    Entry, Refusal,
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use registry::merge;
use store::{Call, Stop, StoreError, caller::Home};

pub use create::create;
pub use delete::{delete, delete_where};
pub use gather::{GATHERED_MAX, Gathered, gather, referred};
pub use history::{Part, Versions, history, history_of_type};
pub use patch::{patch, patch_where};
pub use read::{read, version};
pub use search::search;
pub use transaction::{Outcome, transaction};
pub use update::{update, update_where};

use crate::{
    draft::{Draft, local_reference, patient_id},
    errors,
    id::{Ids, Key, Owner},
    identity,
    model::{Resource, is_personal},
    store as table,
    subscriptions::{
        self,
        model::{Change, Topic},
    },
};

/// The partition of the caller's facility, in one call.
pub struct Partition {
    /// The facility.
    pub facility: FacilityId,
    /// This server's origin, by which absolute references are known.
    pub origin: String,
    /// Its ids.
    pub ids: Ids,
}

impl Partition {
    /// Of the caller's facility.
    ///
    /// # Errors
    /// The store's.
    pub fn of(call: &Call<'_>, home: &Home, origin: &str) -> Result<Self, Stop> {
        Ok(Self {
            facility: home.id,
            origin: origin.to_owned(),
            ids: Ids::of(call, home.id)?,
        })
    }

    /// What an id of an address leads to.
    ///
    /// # Errors
    /// [`errors::ABSENT`] for what is no id of this facility and type.
    pub fn key(&self, kind: &str, id: &str) -> Result<Key, Stop> {
        let key = self.ids.open(kind, id);
        key.ok_or_else(|| Stop::from(&errors::ABSENT))
    }

    /// Tells whoever subscribed that a resource changed.
    pub(crate) fn tell(
        &self,
        call: &Call<'_>,
        change: Change,
        kind: &str,
        id: &str,
    ) -> Result<(), StoreError> {
        let focus = format!("{kind}/{id}");
        subscriptions::ops::occur(call, self.facility, Topic::RecordChanged, change, &focus)
    }

    /// A Patient must be of this facility; whether it was deleted since does not matter.
    ///
    /// # Errors
    /// [`errors::ABSENT`].
    pub(crate) fn check_patient(&self, call: &mut Call<'_>, id: &str) -> Result<(), Stop> {
        may(call, Right::Search, "Patient")?;
        self.key("Patient", id).map(|_| ())
    }

    pub(crate) const fn place<'a>(&self, kind: &'a str, key: Key) -> table::Place<'a> {
        table::Place {
            facility: self.facility,
            kind,
            key,
        }
    }
}

/// A draft's text as it is kept; to be made before the store is asked.
#[must_use]
pub fn packed(draft: &Draft) -> Vec<u8> {
    table::pack(&draft.text)
}

/// What a write left.
#[derive(Clone, Debug)]
pub struct Written {
    /// Whose, and which.
    pub key: Key,
    /// Its logical id.
    pub id: String,
    /// The version that is current now.
    pub version: i64,
    /// When it was written.
    pub at: Timestamp,
    /// Is it new?
    pub is_created: bool,
    /// What stands there, when it is not what was sent.
    pub text: Option<String>,
}

impl Written {
    /// What was found there already, as the answer to a write that wrote nothing.
    pub(crate) fn found(there: Resource) -> Self {
        Self {
            key: there.key,
            id: there.id,
            version: there.version,
            at: there.at,
            is_created: false,
            text: Some(there.text),
        }
    }
}

/// The letters of a SMART scope, and what they do in the policy's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// `c`
    Create,
    /// `r`
    Read,
    /// `u`
    Update,
    /// `d`
    Delete,
    /// `s`
    Search,
}

impl Right {
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Create => 'c',
            Self::Read => 'r',
            Self::Update => 'u',
            Self::Delete => 'd',
            Self::Search => 's',
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Create | Self::Update => Action::Write,
            Self::Read | Self::Search => Action::Read,
            Self::Delete => Action::Delete,
        }
    }
}

/// The caller may do this with what their own facility keeps of this type.
///
/// # Errors
/// `TSK-ACC-003` and the scope's.
pub fn may(call: &mut Call<'_>, right: Right, kind: &str) -> Result<(), Stop> {
    call.detail("type", kind);
    scope::require_resource(call.caller(), kind, right.letter())?;
    let facts = Facts::of(call.caller());
    policy::require(call, Class::OwnRecords, right.action(), facts)
}

/// Opens an owner for reading: a person with whoever was merged into them. Everybody who is
/// open then; nobody for a facility.
///
/// # Errors
/// The store's.
pub fn open(call: &mut Call<'_>, owner: Owner) -> Result<Vec<PersonId>, Stop> {
    let Owner::Person(person) = owner else {
        return Ok(Vec::new());
    };
    let kept = merge::kept(call, person)?;
    let mut all = merge::open(call, kept)?;
    all.insert(0, kept);
    Ok(all)
}

/// The same for a change: takes the locks.
///
/// # Errors
/// The store's.
pub fn lock(
    call: &mut Call<'_>,
    facility: FacilityId,
    owner: Owner,
) -> Result<Vec<PersonId>, Stop> {
    let Owner::Person(person) = owner else {
        table::lock_facility(call, facility)?;
        return Ok(Vec::new());
    };
    let kept = merge::kept(call, person)?;
    let mut all = merge::lock(call, kept)?;
    all.insert(0, kept);
    Ok(all)
}

fn no(entry: &'static Entry, path: &str, found: &str) -> Stop {
    Stop::Refused(Refusal::at(entry, path, found))
}

/// To whom a draft belongs, by what it says; nobody is opened yet.
///
/// # Errors
/// [`errors::NO_PATIENT`], [`errors::TWO_PATIENTS`], [`errors::PATIENT_UNKNOWN`], and of a
/// Patient what [`identity::person`] says.
pub(crate) fn owner_of(call: &Call<'_>, own: &Partition, draft: &Draft) -> Result<Key, Stop> {
    owner_beside(call, own, draft, None)
}

/// The same when it is known from elsewhere that it names `given`.
pub(crate) fn owner_beside(
    call: &Call<'_>,
    own: &Partition,
    draft: &Draft,
    given: Option<Owner>,
) -> Result<Key, Stop> {
    let key = |owner| Key {
        owner,
        local: [0; 8],
    };
    let mut found = given.map(key);
    if let Some(identity) = &draft.identity {
        found = Some(key(Owner::Person(identity::person(call, identity)?)));
    }
    for reference in &draft.patients {
        let id = patient_id(reference, &own.origin);
        let named = id.and_then(|id| own.ids.open("Patient", id));
        let Some(named) = named.filter(|key| key.owner != Owner::Facility) else {
            return Err(no(&errors::PATIENT_UNKNOWN, &draft.kind, reference));
        };
        check_same(call, draft, found, named, reference)?;
        found = Some(named);
    }
    // What it refers to carries its person in its id: a result never belongs to one patient
    // and its order to another.
    for reference in &draft.others {
        let named = local_reference(reference, &own.origin);
        let named = named.and_then(|(kind, id)| own.ids.open(kind, id));
        if let Some(named) = named.filter(|key| key.owner != Owner::Facility) {
            check_same(call, draft, found, named, reference)?;
        }
    }
    match found {
        Some(key) => Ok(key),
        None if is_personal(&draft.kind) => Err(no(&errors::NO_PATIENT, &draft.kind, "")),
        None => Ok(key(Owner::Facility)),
    }
}

/// Two registrations that were joined are one patient.
fn check_same(
    call: &Call<'_>,
    draft: &Draft,
    found: Option<Key>,
    named: Key,
    reference: &str,
) -> Result<(), Stop> {
    let is_same = match (found.map(|key| key.owner), named.owner) {
        (Some(Owner::Person(one)), Owner::Person(other)) => {
            one == other || merge::kept(call, one)? == merge::kept(call, other)?
        }
        _ => true,
    };
    if is_same {
        Ok(())
    } else {
        Err(no(&errors::TWO_PATIENTS, &draft.kind, reference))
    }
}
