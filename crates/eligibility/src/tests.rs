//! The service through its router, as terminals and counters meet it.

mod card;
mod card_files;
mod consent;
mod decisions;
mod disaster;
mod files;
mod number;
mod pages;
mod phones;
mod rules;
mod screen;
mod visits;

use kernel::{id::PersonId, time::JstDate};
use serde_json::{Value, json};
use store::caller::{Home, Purpose, Role};
use testkit::{
    World,
    population::{Coverage, Life, Population, demo},
    world::{As, Reply},
};

use crate::{model::Visit, ops};

pub(crate) const CHECKS: &str = "/api/v1/eligibility/checks";
const CHALLENGES: &str = "/api/v1/eligibility/challenges";
const CARD_CHECKS: &str = "/api/v1/eligibility/card-checks";

/// 橘 佐和子, whose company coverage was replaced in 2018.
pub(crate) const SAWAKO: usize = 0;
/// 橘 髙志, one of the late elderly since 2025-03-02.
pub(crate) const TAKASHI: usize = 1;
/// One of the twins.
pub(crate) const TWIN: usize = 4;

/// A clinic, its record system, and the family of the demonstration.
pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) clinic: Home,
    pub(crate) system: As,
    pub(crate) lives: Vec<Life>,
    pub(crate) people: Vec<PersonId>,
}

pub(crate) fn today() -> JstDate {
    JstDate::parse("2026-11-22").unwrap()
}

pub(crate) fn town() -> Town {
    let world = World::new(vec![crate::service()]);
    let clinic = world.facility("1310000001", "みどり診療所");
    let system = world.system(&clinic);
    let mut lives = demo::family(today());
    lives.push(lapsed());
    let people = lives.iter().map(|life| world.person(life)).collect();
    Town {
        world,
        clinic,
        system,
        lives,
        people,
    }
}

/// Somebody whose coverage ended, with none after it.
pub(crate) fn lapsed() -> Life {
    Population::new(7, 3_000, today())
        .iter()
        .find(|life| {
            let last = life.coverage_last();
            life.coverage_on(today()).is_none() && last.is_some_and(|c| c.branch.is_some())
        })
        .expect("some are between two insurers")
}

impl Town {
    pub(crate) fn check(&self, body: &Value) -> Reply {
        self.world.post(&self.system, CHECKS, body)
    }

    fn visits(&self) -> Vec<Visit> {
        let facility = self.clinic.id;
        self.world.set_up(move |call| ops::today(call, facility))
    }

    pub(crate) fn staff(&self, role: Role) -> As {
        self.world.staff(&self.clinic, role)
    }
}

/// What is printed on the certificate of a coverage.
pub(crate) fn printed(coverage: &Coverage) -> Value {
    json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "branch": coverage.branch.as_ref().map(|b| b.as_str()),
    })
}

pub(crate) fn newest(life: &Life) -> Value {
    printed(life.coverage_last().expect("a coverage"))
}

pub(crate) fn with(mut body: Value, changes: &Value) -> Value {
    for (key, value) in changes.as_object().expect("changes") {
        body[key] = value.clone();
    }
    body
}

/// Every member that a refusal has.
pub(crate) fn assert_is_problem(reply: &Reply) {
    let json = reply.json();
    for member in [
        "code",
        "cause_ja",
        "remedy_ja",
        "cause_en",
        "remedy_en",
        "source",
        "request_id",
    ] {
        let text = json[member].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{member} is missing: {json}");
    }
    assert_eq!(json["status"], reply.status);
    assert_eq!(json["request_id"], reply.header("x-request-id"));
    assert!(json["findings"].is_array());
}
