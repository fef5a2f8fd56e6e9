//! Settling what a counter did with its copy while the line was cut: each act is held against
//! what is true for the day of the visit, and answered once under its key.
//!
//! Source: peers A11 (automatic reconciliation list), report 39 (idempotent queue).

use std::collections::BTreeMap;

use kernel::{
    Entry,
    id::{ClientId, FacilityId, PersonId},
    time::{JstDate, Timestamp},
};
use registry::{
    merge,
    model::{Found, InsuredKey},
    ops as people,
};
use serde::{Deserialize, Serialize};
use store::{Call, Stop, StoreError, audit::sha256};

use super::{
    errors,
    model::{ACT_DAYS_MAX, ActId, CLOCK_MINUTES, Reference},
    shown::Shown,
    store::{self as table, Whose},
};
use crate::{
    errors as no,
    model::{Method, Visit, VisitId},
    rules, store as visits,
};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Who an act was about.
#[derive(Clone, PartialEq, Eq)]
pub enum Who {
    /// A patient of the copy.
    Patient(Reference),
    /// Somebody who was not in it, by the number on their certificate.
    Number(InsuredKey),
}

/// What a counter did.
#[derive(Clone, PartialEq, Eq)]
pub struct Act {
    /// Its key.
    pub id: ActId,
    /// When.
    pub at: Timestamp,
    /// For which date.
    pub on: JstDate,
    /// About whom.
    pub who: Who,
    /// What was shown; empty for somebody who was not in the copy.
    pub shown: Shown,
}

impl Act {
    /// What tells it from another act under the same key.
    fn digest(&self) -> [u8; 32] {
        let who = match &self.who {
            Who::Patient(reference) => reference.to_hex(),
            Who::Number(key) => {
                let branch = key.branch.as_ref().map_or("", |branch| branch.as_str());
                let birth = key
                    .birth
                    .map_or_else(String::new, |birth| birth.to_string());
                let parts = [
                    key.insurer_number.as_str(),
                    key.symbol.as_str(),
                    key.person_number.as_str(),
                ];
                format!("{}\n{branch}\n{birth}", parts.join("\n"))
            }
        };
        let shown: Vec<String> = self
            .shown
            .write()
            .iter()
            .map(|(word, value)| format!("{word}={value}"))
            .collect();
        let text = [
            self.at.to_string(),
            self.on.to_string(),
            who,
            shown.join("\n"),
        ];
        sha256(&[text.join("\n\n").as_bytes()])
    }
}

/// How an act was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What holds now; the visit that was opened for it.
    Known {
        /// What holds for the day of the visit.
        now: Shown,
        /// The visit.
        visit: VisitId,
    },
    /// It could not be settled; the code of the catalogue that says why.
    Refused(&'static Entry),
}

/// At-rest form of an outcome.
#[derive(Serialize, Deserialize)]
struct Kept {
    now: BTreeMap<String, String>,
    visit: String,
}

/// Settles an act, or says again how it was settled.
///
/// An act about which nothing can be said leaves nothing behind: it may be sent again when
/// more is known, as when the insurer has loaded the person meanwhile.
///
/// # Errors
/// The store's.
pub fn settle(
    call: &mut Call<'_>,
    facility: FacilityId,
    client: ClientId,
    act: &Act,
) -> Result<Outcome, Stop> {
    let digest = act.digest();
    if let Some(known) = table::settled(call, facility, act.id)? {
        return Ok(if known.digest == digest {
            again(&known.answer)?
        } else {
            Outcome::Refused(&errors::ACT_CHANGED)
        });
    }
    let (now, oldest) = (call.at(), call.at().plus_seconds(-ACT_DAYS_MAX * DAY));
    let is_ahead = act.at.micros() > now.plus_seconds(CLOCK_MINUTES * 60).micros();
    if is_ahead || act.at.micros() < oldest.micros() || act.on != act.at.jst_date() {
        return Ok(Outcome::Refused(&errors::ACT_TIME));
    }
    let whose = Whose { facility, client };
    let (person, claimed) = match &act.who {
        Who::Patient(reference) => match table::who(call, whose, *reference)? {
            Some(person) if call.version(person)?.is_some() => (merge::kept(call, person)?, None),
            _ => return Ok(Outcome::Refused(&errors::REFERENCE)),
        },
        Who::Number(key) => match people::find_by_number(call, key)? {
            Found::One(person) => (person, Some(key)),
            Found::NoSuchNumber => return Ok(Outcome::Refused(&no::UNKNOWN_NUMBER)),
            Found::OtherBranch => return Ok(Outcome::Refused(&no::WRONG_BRANCH)),
            Found::OtherBirth => return Ok(Outcome::Refused(&no::WRONG_BIRTH)),
            Found::Several => return Ok(Outcome::Refused(&no::SEVERAL)),
        },
    };
    let (now, visit) = look(call, facility, act, person, claimed)?;
    let kept = Kept {
        now: now.write(),
        visit: visit.to_hex(),
    };
    let answer = serde_json::to_vec(&kept).map_err(|_| BAD)?;
    table::put_settled(call, facility, (act.id, act.at), &digest, &answer)?;
    Ok(Outcome::Known { now, visit })
}

const BAD: StoreError = StoreError::Corrupt("a settled act");

fn again(answer: &[u8]) -> Result<Outcome, StoreError> {
    let kept: Kept = serde_json::from_slice(answer).map_err(|_| BAD)?;
    Ok(Outcome::Known {
        now: Shown::read(&kept.now),
        visit: VisitId::parse(&kept.visit).ok_or(BAD)?,
    })
}

/// Opens the person, and the visit at the time at which they came. Nobody showed a card, so
/// the visit leads to no consent.
fn look(
    call: &mut Call<'_>,
    facility: FacilityId,
    act: &Act,
    person: PersonId,
    claimed: Option<&InsuredKey>,
) -> Result<(Shown, VisitId), Stop> {
    registry::merge::open(call, person)?;
    let coverages = people::coverages(call, person)?;
    let profile = people::profile(call, person)?;
    let judged = rules::judge(&coverages, claimed, act.on);
    let now = Shown::of(judged, profile.birth, act.on);
    let visit = Visit {
        id: VisitId::new(call.at(), call.rng()),
        person,
        at: act.at,
        method: Method::Offline,
        care: crate::ops::care_of(call, facility, Method::Offline)?,
        name: profile.name,
        kana: profile.kana,
    };
    visits::put_visit(call, facility, &visit)?;
    Ok((now, visit.id))
}
