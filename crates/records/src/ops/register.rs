//! Registering, replacing and deleting a document, whole or not at all.

use access::{
    policy::{self, Action, Class, Facts},
    scope,
};
use fhir::clins::{MemberId, MemberKind};
use kernel::{
    Entry, Refusal,
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::PersonId,
};
use registry::{
    merge,
    model::{Found, InsuredKey},
    ops as people,
};
use store::{Call, Stop, caller::Home};

use crate::{
    errors,
    model::{Checked, Registered},
    ops::{coding, expire},
    store as table,
};

/// What an access token must hold for each act: identity-security OA-05.
pub(crate) const CREATE: &str = "system/Bundle.c";
pub(crate) const READ: &str = "system/Bundle.r";
pub(crate) const UPDATE: &str = "system/Bundle.u";
pub(crate) const DELETE: &str = "system/Bundle.d";

/// Where a fault is, in the words of whoever sent it. What stands there is the patient's, and
/// is not repeated.
pub(crate) struct Places {
    pub(crate) identifier: &'static str,
    pub(crate) member: &'static str,
}

const IN_BUNDLE: Places = Places {
    identifier: "Bundle.identifier.value",
    member: "Bundle.entry[0].resource.identifier",
};
pub(crate) const IN_COMMAND: Places = Places {
    identifier: "value",
    member: "member",
};
const BIRTH_DATE: &str = "Bundle.entry[0].resource.birthDate";

pub(crate) fn no(entry: &'static Entry, path: &str) -> Stop {
    Stop::Refused(Refusal::at(entry, path, ""))
}

/// The institution in a document's identifier must be the sender's own.
pub(crate) fn own(home: &Home, institution: &str, places: &Places) -> Result<(), Stop> {
    if institution == home.code {
        return Ok(());
    }
    let path = places.identifier;
    // A system that speaks for another institution is broken or in the wrong hands. Both
    // numbers are published ones; the request leads to the record on the facility's chain.
    tracing::warn!(
        facility = home.code,
        named = institution,
        "a document in another institution's name was refused"
    );
    Err(Stop::Refused(Refusal::at(
        &errors::INSTITUTION,
        path,
        institution,
    )))
}

/// The sender may do this with what its own facility keeps.
pub(crate) fn may(call: &Call<'_>, action: Action, classes: &[Class]) -> Result<(), Stop> {
    let facts = Facts::of(call.caller());
    classes
        .iter()
        .try_for_each(|class| policy::require(call, *class, action, facts))
}

/// Registers a document: what stands under the same member, system and value is replaced,
/// in one transaction. A document that holds the patient alone deletes.
///
/// # Errors
/// `TSK-REC-003` to `TSK-REC-007`; the store's.
pub fn register(call: &mut Call<'_>, home: &Home, checked: &Checked) -> Result<Registered, Stop> {
    call.detail("kind", checked.kind);
    call.detail("entries", checked.items.len().to_string());
    enter(call, home, checked)
}

/// The same as one of many, whose record says what they are.
///
/// # Errors
/// As [`register`].
pub(crate) fn enter(
    call: &mut Call<'_>,
    home: &Home,
    checked: &Checked,
) -> Result<Registered, Stop> {
    let classes: Vec<Class> = checked.items.iter().map(|i| i.category.into()).collect();
    may(call, Action::Write, &classes)?;
    let is_delete = checked.items.is_empty();
    scope::require(call.caller(), if is_delete { DELETE } else { CREATE })?;
    own(home, &checked.institution, &IN_BUNDLE)?;
    let person = find(call, &checked.member, &IN_BUNDLE)?;
    let joined = merge::lock(call, person)?;
    let profile = people::profile(call, person)?;
    if checked.birth != Some(profile.birth) {
        return Err(no(&errors::PATIENT_OTHER, BIRTH_DATE));
    }
    let member = table::member_key(call, checked.member.as_str());
    let dropped = drop(call, person, &joined, &member, &checked.identifier)?;
    if is_delete {
        if dropped == 0 {
            return Err(no(&errors::BUNDLE_UNKNOWN, IN_BUNDLE.identifier));
        }
    } else {
        if dropped > 0 {
            scope::require(call.caller(), UPDATE)?;
        }
        table::put(call, person, &member, checked, &home.name)?;
        expire::schedule(call, person, checked)?;
    }
    Ok(Registered {
        replaced: dropped > 0,
        entries: checked.items.len(),
        warnings: coding::warnings(call, checked)?,
    })
}

/// What a delete command names.
#[derive(Clone)]
pub struct Target {
    /// Member identifier as registered.
    pub member: MemberId,
    /// `institution^year^id`.
    pub identifier: String,
    /// The institution inside it.
    pub institution: String,
}

/// Deletes a document by its three parameters.
///
/// # Errors
/// `TSK-REC-003` to `TSK-REC-007`; the store's.
pub fn delete(call: &mut Call<'_>, home: &Home, target: &Target) -> Result<(), Stop> {
    may(call, Action::Delete, &Class::SHARED)?;
    scope::require(call.caller(), DELETE)?;
    own(home, &target.institution, &IN_COMMAND)?;
    let person = find(call, &target.member, &IN_COMMAND)?;
    let joined = merge::lock(call, person)?;
    let member = table::member_key(call, target.member.as_str());
    match drop(call, person, &joined, &member, &target.identifier)? {
        0 => Err(no(&errors::BUNDLE_UNKNOWN, IN_COMMAND.identifier)),
        _ => Ok(()),
    }
}

/// The bytes of a document as its sender registered it.
///
/// # Errors
/// As [`delete`].
pub fn document(call: &mut Call<'_>, home: &Home, target: &Target) -> Result<Vec<u8>, Stop> {
    const BYTES_MAX: usize = 16 << 20;
    may(call, Action::Read, &Class::SHARED)?;
    scope::require(call.caller(), READ)?;
    own(home, &target.institution, &IN_COMMAND)?;
    let person = find(call, &target.member, &IN_COMMAND)?;
    let joined = merge::open(call, person)?;
    let member = table::member_key(call, target.member.as_str());
    let mut compressed = None;
    for one in std::iter::once(person).chain(joined) {
        if compressed.is_none() {
            compressed = table::document(call, one, &member, &target.identifier)?;
        }
    }
    let compressed =
        compressed.ok_or_else(|| no(&errors::BUNDLE_UNKNOWN, IN_COMMAND.identifier))?;
    zstd::bulk::decompress(&compressed, BYTES_MAX)
        .map_err(|_| Stop::Failed(store::StoreError::Corrupt("a document")))
}

/// Drops a document wherever it stands: with the person, or with whoever was merged into them.
/// What its own sender takes back is taken back for good, whether the merge lasts or not.
fn drop(
    call: &Call<'_>,
    person: PersonId,
    joined: &[PersonId],
    member: &[u8; 32],
    identifier: &str,
) -> Result<usize, Stop> {
    let mut dropped = 0_usize;
    for one in std::iter::once(&person).chain(joined) {
        if !table::has(call, *one, member, identifier)? {
            continue;
        }
        expire::settle(call, *one)?;
        dropped = dropped.saturating_add(table::drop(call, *one, member, identifier)?);
    }
    Ok(dropped)
}

pub(crate) fn find(call: &Call<'_>, member: &MemberId, places: &Places) -> Result<PersonId, Stop> {
    let unknown = || no(&errors::PATIENT_UNKNOWN, places.member);
    let key = as_key(member).ok_or_else(unknown)?;
    match people::find_by_number(call, &key)? {
        Found::One(person) => Ok(person),
        Found::Several => Err(no(&errors::PATIENT_SEVERAL, places.member)),
        Found::NoSuchNumber | Found::OtherBranch | Found::OtherBirth => Err(unknown()),
    }
}

/// A member identifier as the registry's key. Public assistance has payer and recipient
/// numbers in the places of insurer and number.
fn as_key(member: &MemberId) -> Option<InsuredKey> {
    let branch = match (member.kind(), member.branch()) {
        (MemberKind::PublicAssistance, _) | (_, "") => None,
        (MemberKind::Insurance, branch) => Some(BranchNumber::parse(branch).ok()?),
    };
    Some(InsuredKey {
        insurer_number: InsurerNumber::from_register(member.insurer()).ok()?,
        symbol: InsuredPersonSymbol::parse(member.symbol()).ok()?,
        person_number: InsuredPersonNumber::parse(member.number()).ok()?,
        branch,
        birth: None,
    })
}
