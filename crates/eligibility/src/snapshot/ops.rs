//! Which system may have a copy, and its pages.

use kernel::{
    id::{ClientId, FacilityId, PersonId},
    time::Timestamp,
};
use registry::{merge, ops as people};
use store::{Call, Stop, StoreError, caller::Home};

use super::{
    errors,
    model::{Ask, Body, Fetching, Handed, Head, PAGE_PEOPLE, PEOPLE_MAX, Patient, Reference},
    paper::Recipient,
    rules,
    store::{self as table, Whose},
};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// After every identifier.
const LAST: PersonId = PersonId::from_bytes([0xff; 16]);
/// More changes than a person ever has.
const MERGED: i64 = 1_000_000_000;
/// What was handed over between two people of a page, who are in order, and is no longer due:
/// more than this on one page waits for the next copy.
const HANDED_MAX: i64 = PAGE_PEOPLE * 10;

/// Registers the key to which a system's copies are encrypted; what was handed over under
/// another key is forgotten, so that the next copy is whole.
///
/// # Errors
/// The store's. Whether the system is the facility's is the caller's to know.
pub fn allow(
    call: &mut Call<'_>,
    facility: FacilityId,
    client: ClientId,
    recipient: &Recipient,
) -> Result<(), Stop> {
    call.concerns(facility);
    call.detail("client", client.to_hex());
    table::allow(call, Whose { facility, client }, &recipient.to_text())?;
    Ok(())
}

/// A page that is to be signed: its head and body, and the key to which it is encrypted.
pub struct Drafted {
    /// What it says of itself.
    pub head: Head,
    /// What it holds.
    pub body: Body,
    /// For whom.
    pub recipient: String,
}

/// The page that a system asks for. Opened, and so told in their history, is who is handed
/// over: who is new in the copy or has changed since the copy that the system holds.
///
/// # Errors
/// `TSK-CPY-001`, `TSK-CPY-003`; the store's.
pub fn page(
    call: &mut Call<'_>,
    home: &Home,
    client: ClientId,
    ask: &Ask,
) -> Result<Drafted, Stop> {
    let whose = Whose {
        facility: home.id,
        client,
    };
    let before = table::fetching(call, whose)?.ok_or_else(|| Stop::from(&errors::NOT_ALLOWED))?;
    let now = if ask.page == 1 {
        begin(call, whose, before, ask)?
    } else if before.run == Some(ask.run) && before.page.saturating_add(1) == ask.page {
        before
    } else {
        return Err(Stop::from(&errors::OVERTAKEN));
    };
    let since = since(now.made_at, now.days);
    let room = PEOPLE_MAX.saturating_sub(now.people).clamp(0, PAGE_PEOPLE);
    let came = table::people(call, home.id, since, now.after, room)?;
    let is_last = i64::try_from(came.len()).unwrap_or(room) < PAGE_PEOPLE;
    let upto = came.last().copied().filter(|_| !is_last).unwrap_or(LAST);
    let handed = table::handed(call, whose, (now.after, upto), HANDED_MAX)?;
    let body = hand_over(call, whose, &now, &came, &handed)?;
    let people = now
        .people
        .saturating_add(i64::try_from(came.len()).unwrap_or(0));
    let now = Fetching {
        page: ask.page,
        // A fetching that has ended cannot be gone on with.
        run: now.run.filter(|_| !is_last),
        after: Some(upto),
        people,
        ..now
    };
    table::keep(call, whose, &now)?;
    call.detail("copy", now.number.to_string());
    Ok(Drafted {
        head: Head {
            facility: home.code.clone(),
            client,
            run: ask.run,
            number: now.number,
            base: now.base,
            page: now.page,
            is_last,
            days: now.days,
            made_at: now.made_at,
            good_until: rules::good_until_of(now.made_at),
        },
        body,
        recipient: now.recipient,
    })
}

fn since(at: Timestamp, days: i64) -> Timestamp {
    at.plus_seconds(days.saturating_mul(-DAY))
}

/// A new fetching. A system that holds a later copy than any that is known here was told it
/// before a restore: it is given everything, under a number that is later still.
fn begin(call: &Call<'_>, whose: Whose, before: Fetching, ask: &Ask) -> Result<Fetching, Stop> {
    let mut days = 1;
    for span in rules::spans() {
        days = span;
        let (since, limit) = (since(call.at(), span), PEOPLE_MAX.saturating_add(1));
        let came = table::people(call, whose.facility, since, None, limit)?;
        if i64::try_from(came.len()).unwrap_or(limit) <= PEOPLE_MAX {
            break;
        }
    }
    Ok(Fetching {
        number: before.number.max(ask.held).saturating_add(1),
        base: if ask.held <= before.number {
            ask.held
        } else {
            0
        },
        run: Some(ask.run),
        page: 0,
        days,
        after: None,
        people: 0,
        made_at: call.at(),
        recipient: before.recipient,
    })
}

fn hand_over(
    call: &mut Call<'_>,
    whose: Whose,
    now: &Fetching,
    came: &[PersonId],
    handed: &[Handed],
) -> Result<Body, Stop> {
    let mut body = Body::default();
    let mut kept = Vec::with_capacity(came.len());
    for person in came {
        // Who stands twice in the register is in the copy as the one who is kept.
        let whom = merge::kept(call, *person)?;
        let since = since(now.made_at, now.days);
        if whom != *person && table::came(call, whose.facility, whom, since)? {
            continue;
        }
        // Who is not there any more, or was erased, is in no copy.
        let Some(version) = version(call, *person, whom)? else {
            continue;
        };
        kept.push(*person);
        let before = handed.iter().find(|one| one.person == *person);
        if !rules::is_due(before, now.base, version) {
            continue;
        }
        let reference = reference(call, whose.client, *person)?;
        body.patients.push(patient(call, whom, reference)?);
        let handed = Handed {
            person: *person,
            reference,
            version,
            number: now.number,
        };
        table::hand(call, whose, &handed)?;
    }
    for old in handed.iter().filter(|old| !kept.contains(&old.person)) {
        if old.version == 0 && old.number <= now.base {
            table::let_go(call, whose, old.person)?;
            continue;
        }
        body.gone.push(old.reference);
        let number = if old.version == 0 {
            old.number
        } else {
            now.number
        };
        let gone = Handed {
            version: 0,
            number,
            ..*old
        };
        table::hand(call, whose, &gone)?;
    }
    Ok(body)
}

/// The version of somebody as whom they are now. Of a merged person it is below zero and of
/// both, so that neither merge nor undoing looks like what was handed over before.
fn version(call: &Call<'_>, person: PersonId, whom: PersonId) -> Result<Option<i64>, StoreError> {
    let (own, kept) = (call.version(person)?, call.version(whom)?);
    if person == whom {
        return Ok(own);
    }
    let both = |kept: i64| {
        let own = own.unwrap_or_default().saturating_mul(MERGED);
        own.saturating_add(kept).saturating_neg()
    };
    Ok(kept.map(both))
}

fn patient(call: &mut Call<'_>, person: PersonId, reference: Reference) -> Result<Patient, Stop> {
    merge::open(call, person)?;
    let profile = people::profile(call, person)?;
    let coverages = people::coverages(call, person)?;
    Ok(Patient {
        reference,
        name: profile.name,
        kana: profile.kana,
        sex: profile.sex,
        birth: profile.birth,
        coverages: rules::kept(coverages, call.at().jst_date()),
    })
}

/// Who somebody is in the copies of one system: the same every time, and nothing elsewhere.
fn reference(call: &Call<'_>, client: ClientId, person: PersonId) -> Result<Reference, StoreError> {
    let key = call.directory_key("copy-reference", &[&client.to_hex(), &person.to_hex()]);
    let short = key.get(..16).and_then(|bytes| bytes.try_into().ok());
    short
        .map(Reference::from_bytes)
        .ok_or(StoreError::Corrupt("a keyed hash"))
}
