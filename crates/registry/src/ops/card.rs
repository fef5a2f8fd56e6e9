//! Certificates and the registration by which they stand for an insurance card.
//!
//! Each change is made behind the person's lock, so that one person has one phone and one
//! registration at most. A certificate leads to one person and never to another, also after
//! its end: a phone that was sold keeps nothing of its first owner open.

use kernel::{Secret, id::PersonId};
use store::{Call, Stop, StoreError};

use crate::{
    model::{CardState, EndReason, Enrolled, HeldCertificate, InsuranceUse, Medium, Shown},
    store::card as table,
    store::card::Held,
};

fn directory_key(call: &Call<'_>, card_key: &[u8]) -> [u8; 32] {
    call.directory_key("card", &[&kernel::hex::encode(card_key)])
}

/// Ties a card's authentication certificate (issuer and serial number) to a person, and
/// registers it as their insurance card. `false` when the certificate is tied already.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn register_card(call: &mut Call<'_>, person: PersonId, card_key: &[u8]) -> Result<bool, Stop> {
    call.lock(person)?;
    let key = directory_key(call, card_key);
    if !table::put_card(call, &key, person, CardState::InUse)? {
        return Ok(false);
    }
    let all = table::held(call, person)?;
    keep(call, person, &all, (&key, Medium::Card, ""))?;
    start(call, person, &all)?;
    Ok(true)
}

/// Notes that a certificate was issued to a person, as its authority says: from here on it
/// tells who they are. It stands for their insurance card when they have registered. `false`
/// when the certificate is tied already.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
///
/// Source: identity-security 1.4 (J-LIS tells whose a certificate is).
pub fn note_issued(
    call: &mut Call<'_>,
    person: PersonId,
    card_key: &[u8],
    medium: Medium,
) -> Result<bool, Stop> {
    call.lock(person)?;
    let key = directory_key(call, card_key);
    let state = state(call, person)?;
    if !table::put_card(call, &key, person, state)? {
        return Ok(false);
    }
    let all = table::held(call, person)?;
    keep(call, person, &all, (&key, medium, ""))?;
    Ok(true)
}

/// A person's certificate was renewed: the new one takes the old one's place, with the
/// registration as it is. `false`, and nothing changes, when the old one is not this person's
/// or has ended, or when the new one is tied already.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
///
/// Source: identity-security 1.4 (J-LIS gives the correspondence of old and new).
pub fn renew_card(
    call: &mut Call<'_>,
    person: PersonId,
    (old, new): (&[u8], &[u8]),
) -> Result<bool, Stop> {
    call.lock(person)?;
    let (old, new) = (directory_key(call, old), directory_key(call, new));
    let all = table::held(call, person)?;
    let Some(before) = all.iter().find(|h| h.key == old && h.certificate.holds()) else {
        return Ok(false);
    };
    let state = state(call, person)?;
    if !table::put_card(call, &new, person, state)? {
        return Ok(false);
    }
    end(call, person, before, EndReason::Renewed)?;
    let HeldCertificate { medium, label, .. } = &before.certificate;
    keep(call, person, &all, (&new, *medium, label))?;
    Ok(true)
}

/// Who holds a certificate, by its issuer and serial number, whether it stands for their
/// insurance card or not; nobody when it has ended.
///
/// # Errors
/// [`StoreError`].
pub fn find_by_card(call: &Call<'_>, card_key: &[u8]) -> Result<Option<PersonId>, StoreError> {
    let found = table::by_card(call, &directory_key(call, card_key))?;
    Ok(found.and_then(|(person, state)| (state != CardState::Ended).then_some(person)))
}

/// To whom a certificate leads that is shown as an insurance card. Reads the directory only.
///
/// # Errors
/// [`StoreError`].
pub fn show_card(call: &Call<'_>, card_key: &[u8]) -> Result<Shown, StoreError> {
    let found = table::by_card(call, &directory_key(call, card_key))?;
    Ok(match found {
        None => Shown::Unknown,
        Some((person, CardState::InUse)) => Shown::InUse(person),
        Some((_, CardState::NotYet)) => Shown::NotYet,
        Some((_, CardState::Cancelled)) => Shown::Cancelled,
        Some((_, CardState::Ended)) => Shown::Ended,
    })
}

/// An opened person's certificates, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn certificates(call: &Call<'_>, person: PersonId) -> Result<Vec<HeldCertificate>, StoreError> {
    let all = table::held(call, person)?;
    Ok(all.into_iter().map(|held| held.certificate).collect())
}

/// The times for which an opened person's certificates stood for their insurance card, oldest
/// first.
///
/// # Errors
/// [`StoreError`].
pub fn insurance_uses(call: &Call<'_>, person: PersonId) -> Result<Vec<InsuranceUse>, StoreError> {
    table::uses(call, person)
}

/// Registers a person's certificates as their insurance card (健康保険証利用登録). `false`
/// when they are already.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn register_use(call: &mut Call<'_>, person: PersonId) -> Result<bool, Stop> {
    call.lock(person)?;
    let all = table::held(call, person)?;
    start(call, person, &all)
}

/// Cancels the registration (利用登録の解除), from this instant on. `false` when there is
/// none.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn cancel_use(call: &mut Call<'_>, person: PersonId) -> Result<bool, Stop> {
    call.lock(person)?;
    let uses = table::uses(call, person)?;
    let Some(current) = uses.last().filter(|one| one.until.is_none()) else {
        return Ok(false);
    };
    table::end_use(call, person, current.number)?;
    let all = table::held(call, person)?;
    mark(call, &all, CardState::Cancelled)?;
    Ok(true)
}

/// Ties a phone's certificate to a person, who has proved to hold both their card and the
/// phone. One phone a person: with `replaces`, the one before ends.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn enroll_phone(
    call: &mut Call<'_>,
    person: PersonId,
    phone: &NewPhone,
) -> Result<Enrolled, Stop> {
    call.lock(person)?;
    let all = table::held(call, person)?;
    let before = current_phone(&all);
    let key = directory_key(call, phone.card_key.reveal());
    if before.is_some_and(|held| held.key == key) {
        return Ok(Enrolled::Already);
    }
    if before.is_some() && !phone.replaces {
        return Ok(Enrolled::HasOther);
    }
    let state = state(call, person)?;
    if !table::put_card(call, &key, person, state)? {
        // Their own phone again, after it was ended: the way back to it is theirs alone.
        match table::by_card(call, &key)? {
            Some((owner, CardState::Ended)) if owner == person => {
                table::set_state(call, &key, state)?;
            }
            _ => return Ok(Enrolled::TiedElsewhere),
        }
    }
    if let Some(before) = before {
        end(call, person, before, EndReason::Replaced)?;
    }
    keep(call, person, &all, (&key, phone.medium, &phone.label))?;
    Ok(Enrolled::Done {
        before: before.map(|held| held.certificate.clone()),
    })
}

/// A phone that a person enrolls.
#[derive(Clone)]
pub struct NewPhone {
    /// Issuer and serial number of its certificate.
    pub card_key: Secret<Vec<u8>>,
    /// Which phone.
    pub medium: Medium,
    /// What the person calls it.
    pub label: String,
    /// Does the person's phone before it end (機種変更)?
    pub replaces: bool,
}

/// Ends a person's phone, which is told when there was one.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn end_phone(
    call: &mut Call<'_>,
    person: PersonId,
    reason: EndReason,
) -> Result<Option<HeldCertificate>, Stop> {
    call.lock(person)?;
    let all = table::held(call, person)?;
    let Some(phone) = current_phone(&all) else {
        return Ok(None);
    };
    end(call, person, phone, reason)?;
    Ok(Some(phone.certificate.clone()))
}

fn current_phone(all: &[Held]) -> Option<&Held> {
    all.iter()
        .find(|held| held.certificate.holds() && held.certificate.medium.is_phone())
}

/// How a certificate of the person stands in the directory while it holds.
fn state(call: &Call<'_>, person: PersonId) -> Result<CardState, StoreError> {
    let uses = table::uses(call, person)?;
    Ok(match uses.last() {
        None => CardState::NotYet,
        Some(InsuranceUse { until: None, .. }) => CardState::InUse,
        Some(InsuranceUse { until: Some(_), .. }) => CardState::Cancelled,
    })
}

/// Begins a time of registration, and opens whatever the person holds.
fn start(call: &Call<'_>, person: PersonId, all: &[Held]) -> Result<bool, Stop> {
    let uses = table::uses(call, person)?;
    if uses.last().is_some_and(|last| last.until.is_none()) {
        return Ok(false);
    }
    let number = uses.last().map_or(0, |last| last.number).saturating_add(1);
    table::put_use(call, person, number, call.at())?;
    mark(call, all, CardState::InUse)?;
    Ok(true)
}

/// Marks every certificate that holds.
fn mark(call: &Call<'_>, all: &[Held], state: CardState) -> Result<(), StoreError> {
    for held in all.iter().filter(|held| held.certificate.holds()) {
        table::set_state(call, &held.key, state)?;
    }
    Ok(())
}

/// Keeps a certificate as the person's next beside `all` that they have.
fn keep(
    call: &Call<'_>,
    person: PersonId,
    all: &[Held],
    (key, medium, label): (&[u8; 32], Medium, &str),
) -> Result<(), StoreError> {
    let last = all.last().map_or(0, |held| held.certificate.number);
    let certificate = HeldCertificate {
        number: last.saturating_add(1),
        medium,
        label: label.to_owned(),
        from: call.at(),
        end: None,
    };
    table::put_held(call, person, key, &certificate)
}

fn end(
    call: &Call<'_>,
    person: PersonId,
    held: &Held,
    reason: EndReason,
) -> Result<(), StoreError> {
    table::set_state(call, &held.key, CardState::Ended)?;
    table::end_held(call, person, held.certificate.number, reason)
}
