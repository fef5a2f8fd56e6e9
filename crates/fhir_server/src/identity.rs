//! From a Patient to the person: only a member identifier leads there, and the date of birth
//! must be that person's.
//!
//! Source: clins-documents R1012, R1013; identity-security section 5 (wrong patient).

use fhir::clins::{MemberId, MemberKind};
use kernel::{
    Entry, Refusal,
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::PersonId,
};
use registry::{
    model::{Found, InsuredKey},
    ops as people,
};
use store::{Call, Stop};

use crate::{draft::Identity, errors};

const MEMBER: &str = "Patient.identifier";
const BIRTH: &str = "Patient.birthDate";

/// What stands there is the patient's, and is not repeated.
fn no(entry: &'static Entry, path: &str) -> Stop {
    Stop::Refused(Refusal::at(entry, path, ""))
}

/// The one person to whom the member identifiers lead. Reads the directory only.
///
/// # Errors
/// [`errors::IDENTITY_MISSING`], [`errors::IDENTITY_NOBODY`], [`errors::IDENTITY_SEVERAL`].
pub fn person(call: &Call<'_>, identity: &Identity) -> Result<PersonId, Stop> {
    if identity.members.is_empty() {
        return Err(no(&errors::IDENTITY_MISSING, MEMBER));
    }
    if identity.birth.is_none() {
        return Err(no(&errors::IDENTITY_MISSING, BIRTH));
    }
    let mut found = None;
    for member in &identity.members {
        let one = by_member(call, member)?;
        if found.is_some_and(|other| other != one) {
            return Err(no(&errors::IDENTITY_SEVERAL, MEMBER));
        }
        found = Some(one);
    }
    found.ok_or_else(|| no(&errors::IDENTITY_NOBODY, MEMBER))
}

/// The one person with this member identifier.
///
/// # Errors
/// [`errors::IDENTITY_NOBODY`], [`errors::IDENTITY_SEVERAL`].
pub fn by_member(call: &Call<'_>, member: &MemberId) -> Result<PersonId, Stop> {
    let key = insured_key(member).ok_or_else(|| no(&errors::IDENTITY_NOBODY, MEMBER))?;
    match people::find_by_number(call, &key)? {
        Found::One(person) => Ok(person),
        Found::Several => Err(no(&errors::IDENTITY_SEVERAL, MEMBER)),
        Found::NoSuchNumber | Found::OtherBranch | Found::OtherBirth => {
            Err(no(&errors::IDENTITY_NOBODY, MEMBER))
        }
    }
}

/// The date of birth is that of the opened person.
///
/// # Errors
/// [`errors::IDENTITY_OTHER`]; the store's.
pub fn check_birth(call: &Call<'_>, person: PersonId, identity: &Identity) -> Result<(), Stop> {
    let profile = people::profile(call, person)?;
    if identity.birth == Some(profile.birth) {
        Ok(())
    } else {
        Err(no(&errors::IDENTITY_OTHER, BIRTH))
    }
}

/// A member identifier as the registry's key. Public assistance has payer and recipient
/// numbers in the places of insurer and number.
#[must_use]
pub fn insured_key(member: &MemberId) -> Option<InsuredKey> {
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
