//! The person's side: who asks, the proof, the choice.

use access::{
    challenge::{self, Answer as CardSignature, Challenge},
    consent::receipt::Signed,
    guess,
};
use kernel::{
    Entry, Refusal, Secret, hex,
    id::{ConsentId, FacilityId},
};
use registry::ops as people;
use store::{Call, Stop, audit::sha256};

use super::{
    errors,
    model::{Digits, Invitation, State, VisitCode},
    store as table,
};
use crate::{
    consents,
    model::{Confirmed, Method, Visit},
    ops, phones,
};

/// The purpose inside a challenge for a visit code.
pub const PURPOSE: &str = "visit";
/// Seconds for which the phone that proved somebody may go on to their choice.
pub const KEY_SECONDS: i64 = 15 * 60;
/// Under which name wrong codes of an address are counted.
const GUESSED: &str = "visit-code";

/// A result, or a refusal that is kept with its count.
type Outcome<T> = Result<Result<T, Refusal>, Stop>;

fn refuse<T>(call: &mut Call<'_>, entry: &'static Entry) -> Outcome<T> {
    call.refuse_and_keep(entry);
    Ok(Err(Refusal::new(entry)))
}

/// The code that somebody typed or scanned, while it can be used. Every other one counts
/// against the address that it came from.
fn look(call: &mut Call<'_>, client: &str, digits: &Digits) -> Outcome<VisitCode> {
    if guess::must_wait(call, client, GUESSED)? {
        return refuse(call, &errors::CODE_WAIT);
    }
    let found = table::by_digits(call, digits)?;
    let objection = match &found {
        None => Some(&errors::CODE_UNKNOWN),
        Some(code) => match code.state(call.at()) {
            State::Waiting => None,
            State::Confirmed => Some(&errors::CODE_USED),
            State::Late => Some(&errors::CODE_LATE),
        },
    };
    match (found, objection) {
        (Some(code), None) => {
            call.concerns(code.facility);
            Ok(Ok(code))
        }
        (_, objection) => {
            guess::note(call, client, GUESSED)?;
            refuse(call, objection.unwrap_or(&errors::CODE_UNKNOWN))
        }
    }
}

fn invite(call: &Call<'_>, code: &VisitCode) -> Result<Invitation, Stop> {
    let facility = people::facility_by_id(call, code.facility)?;
    let facility = facility.ok_or_else(|| Stop::from(&errors::CODE_UNKNOWN))?;
    Ok(Invitation {
        id: code.id,
        facility: facility.id,
        facility_code: facility.code.as_str().to_owned(),
        facility_name: facility.name,
        facility_kind: facility.kind,
        kind: code.kind,
        expires_at: code.expires_at,
    })
}

/// Who asks for what by this code; `client` is a keyed hash of the address that it came from.
///
/// # Errors
/// The store's; inside, `TSK-VIS-010` to `TSK-VIS-013`.
pub fn invitation(call: &mut Call<'_>, client: &str, digits: &Digits) -> Outcome<Invitation> {
    match look(call, client, digits)? {
        Ok(code) => Ok(Ok(invite(call, &code)?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Issues the challenge that the person's card signs for this code.
///
/// # Errors
/// As [`invitation`].
pub fn begin(
    call: &mut Call<'_>,
    client: &str,
    digits: &Digits,
) -> Outcome<(Invitation, Challenge)> {
    match invitation(call, client, digits)? {
        Ok(invitation) => {
            let challenge = challenge::issue(call, &invitation.terminal(), PURPOSE)?;
            Ok(Ok((invitation, challenge)))
        }
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// What somebody shows to prove who they are.
#[derive(Clone)]
pub struct Proof {
    /// The code.
    pub digits: Digits,
    /// The challenge, its certificate and signature.
    pub answer: CardSignature,
    /// This server's origin.
    pub origin: String,
    /// A keyed hash of the address that it came from.
    pub client: String,
    /// How card or phone was unlocked.
    pub unlocked: Method,
}

/// A person who has proved who they are.
pub struct Proved {
    /// The answer that the facility gets.
    pub confirmed: Confirmed,
    /// What the phone holds to go on to the choice.
    pub key: Secret<String>,
}

/// Uses the code up: the person is verified, and their visit stands at the facility. A proof
/// that does not do leaves the code as it was.
///
/// # Errors
/// `TSK-PHN-010` when medium and method do not fit; `CHALLENGE_*` of `access` and the store's;
/// inside, `TSK-VIS-010` to `TSK-VIS-013` and what a check by card is refused for.
pub fn prove(call: &mut Call<'_>, proof: &Proof) -> Outcome<Proved> {
    let code = match look(call, &proof.client, &proof.digits)? {
        Ok(code) => code,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // Of many who try this code at once each waits here for the one before.
    if !table::take(call, &code)? {
        return refuse(call, &errors::CODE_USED);
    }
    let medium = phones::rules::medium(proof.answer.certificate.medium());
    phones::rules::fits(proof.unlocked, medium)?;
    let terminal = invite(call, &code)?.terminal();
    challenge::consume(call, &proof.answer, &proof.origin, &terminal, PURPOSE)?;
    let outcome = of_holder(call, &code, proof);
    challenge::settle(call, outcome)
}

fn of_holder(call: &mut Call<'_>, code: &VisitCode, proof: &Proof) -> Result<Proved, Stop> {
    let person = phones::ops::insured_holder(call, &proof.answer)?;
    let (today, way) = (call.at().jst_date(), code.kind.method());
    let confirmed = ops::confirm(call, code.facility, person, None, today, way)?;
    call.detail("method", way.word());
    call.detail("unlocked", proof.unlocked.word());
    say_where(call, code)?;
    let mut bytes = [0; 32];
    call.rng().fill(&mut bytes);
    let key = Secret::new(hex::encode(&bytes));
    let hash = sha256(&[key.reveal().as_bytes()]);
    if !table::use_up(call, code, confirmed.visit, &hash)? {
        return Err(Stop::Failed(store::StoreError::Corrupt(
            "a visit code that was used behind its lock",
        )));
    }
    guess::forgive(call, &proof.client, GUESSED)?;
    Ok(Proved { confirmed, key })
}

/// The caller is nobody yet: the record on the person's chain names the facility.
fn say_where(call: &mut Call<'_>, code: &VisitCode) -> Result<(), Stop> {
    let name = invite(call, code)?.facility_name;
    call.detail("facility", name);
    Ok(())
}

/// What the phone shows that has proved somebody.
pub struct Phone {
    /// Who asks for what.
    pub invitation: Invitation,
    /// The visit that stands there.
    pub visit: Visit,
    /// What the person chose on this phone already.
    pub chosen: Option<ConsentId>,
}

/// The visit of the phone that proved somebody with this code, for a quarter of an hour. The
/// person is open afterwards.
///
/// # Errors
/// `TSK-VIS-017` for any other phone, and when the time is over; the store's.
pub fn at_phone(call: &mut Call<'_>, digits: &Digits, key: &str) -> Result<Phone, Stop> {
    let ended = || Stop::from(&errors::PHONE_ENDED);
    let code = table::by_digits(call, digits)?.ok_or_else(ended)?;
    let used = code.used.as_ref().ok_or_else(ended)?;
    let stored = table::phone_key(call, &code)?.ok_or_else(ended)?;
    // Both are hashes: what a wrong key's hash has in common with the right one tells nothing.
    let fits = sha256(&[key.as_bytes()]) == *stored.reveal();
    if !fits || call.at() >= used.at.plus_seconds(KEY_SECONDS) {
        return Err(ended());
    }
    let visit = ops::visit(call, code.facility, used.visit)?;
    call.open(visit.person)?;
    say_where(call, &code)?;
    Ok(Phone {
        invitation: invite(call, &code)?,
        visit,
        chosen: used.consent,
    })
}

/// Records what the person chose on their phone.
///
/// # Errors
/// As [`at_phone`]; what a choice at a counter is refused for.
pub fn choose(
    call: &mut Call<'_>,
    digits: &Digits,
    key: &str,
    chosen: &ops::Chosen,
) -> Result<ConsentId, Stop> {
    let phone = at_phone(call, digits, key)?;
    let facility = phone.invitation.facility;
    let id = ops::record(call, facility, &phone.visit, chosen)?;
    let code = table::by_digits(call, digits)?.ok_or_else(|| Stop::from(&errors::PHONE_ENDED))?;
    table::note_choice(call, &code, id)?;
    Ok(id)
}

/// The receipt of what was chosen on this phone; `None` for a choice that opened and closed
/// nothing.
///
/// # Errors
/// As [`at_phone`].
pub fn receipt(
    call: &mut Call<'_>,
    digits: &Digits,
    key: &str,
    origin: &str,
) -> Result<(Phone, Option<Signed>), Stop> {
    let phone = at_phone(call, digits, key)?;
    let Some(number) = phone.chosen else {
        return Ok((phone, None));
    };
    let facility: FacilityId = phone.invitation.facility;
    let signed = consents::receipt(call, phone.visit.person, Some(facility), number, origin)?;
    Ok((phone, signed))
}
