//! Fetching a copy: page by page, each believed only when it is what was asked for, and kept
//! only when it is whole. What is not believed leaves the copy before in use.

use eligibility::snapshot::{
    errors as refused,
    model::{Ask, Body, Head, PAGE_PEOPLE, PEOPLE_MAX, Run},
    paper::{self, Expected},
};
use kernel::{Entry, id::FacilityId};
use store::{Call, Stop, SystemRng, caller::Event};
use web::App;

use super::{home, ways};
use crate::{Upstream, line::Cut, model::Held, store as table};

/// Pages of a copy at most: those with people, and one that only ends it.
const PAGES_MAX: i64 = PEOPLE_MAX / PAGE_PEOPLE + 1;
const PATH: &str = "/api/v1/eligibility/copies";

static KEEP: Event = Event {
    code: "counter.keep",
    ja: "控えの更新",
    en: "the facility's copy renewed",
};

/// What came of fetching a copy.
#[derive(Debug)]
pub enum Kept {
    /// It is kept.
    Whole(Held),
    /// The line is cut.
    Cut(Cut),
    /// It was not believed, or not given; the copy before stays.
    Refused(&'static Entry),
}

/// Fetches a copy and keeps it.
///
/// # Errors
/// The store's; `TSK-OFF-028`.
pub fn fetch(app: &App, upstream: &Upstream) -> Result<Kept, Stop> {
    let facility = home(app, upstream)?;
    let held = app
        .gate
        .look_up(move |call| Ok(table::held(call, facility)?))
        .wait()?;
    let kept = match pages(app, upstream, held.map_or(0, |held| held.number)) {
        Ok((head, bodies)) => {
            let intent = app.gate.job_intent("counter", &KEEP);
            let keeping = app
                .gate
                .write(intent, move |call| keep(call, facility, &head, &bodies));
            match keeping.wait() {
                Ok(held) => Kept::Whole(held),
                Err(Stop::Refused(refusal)) => Kept::Refused(refusal.entry),
                Err(stop) => return Err(stop),
            }
        }
        Err(Failure::Cut(cut)) => Kept::Cut(cut),
        Err(Failure::Refused(entry)) => Kept::Refused(entry),
    };
    // While the line is cut the copy stays due.
    match &kept {
        Kept::Whole(_) => upstream.note_copy(app.gate.now(), None),
        Kept::Refused(entry) => upstream.note_copy(app.gate.now(), Some(*entry)),
        Kept::Cut(_) => {}
    }
    Ok(kept)
}

enum Failure {
    Cut(Cut),
    Refused(&'static Entry),
}

/// Every page of a new copy.
fn pages(app: &App, upstream: &Upstream, held: i64) -> Result<(Head, Vec<Body>), Failure> {
    let run = Run::random(&SystemRng);
    let (mut first, mut bodies) = (None::<Head>, Vec::new());
    for page in 1..=PAGES_MAX {
        if upstream.is_stopping() {
            break;
        }
        let ask = Ask { run, page, held };
        let heard = upstream
            .post(PATH, &spell(&ask), app.gate.now())
            .map_err(Failure::Cut)?;
        if heard.status != 200 {
            return Err(Failure::Refused(said(&heard.body)));
        }
        let expected = Expected {
            facility: &upstream.facility,
            client: upstream.client,
            signer: &upstream.signer,
            run,
            page,
            held,
            first: first.as_ref(),
            at: app.gate.now(),
        };
        let (head, body) =
            paper::open(&heard.body, &expected, &upstream.identity).map_err(Failure::Refused)?;
        bodies.push(body);
        let is_last = head.is_last;
        let first = first.get_or_insert(head);
        if is_last {
            return Ok((first.clone(), bodies));
        }
    }
    // The program ends, or the pages have no end.
    Err(Failure::Refused(&refused::OVERTAKEN))
}

fn spell(ask: &Ask) -> Vec<u8> {
    let body = serde_json::json!({
        "run": ask.run.to_hex(), "page": ask.page.to_string(), "held": ask.held.to_string(),
    });
    body.to_string().into_bytes()
}

/// Which of our own refusals the platform answered with.
fn said(body: &[u8]) -> &'static Entry {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let code = json.get("code").and_then(serde_json::Value::as_str);
    refused::ALL
        .iter()
        .copied()
        .find(|entry| Some(entry.code) == code)
        .unwrap_or(&crate::errors::ANSWER)
}

/// Keeps a whole copy, in one operation: either all of it is there afterwards, or nothing.
fn keep(
    call: &mut Call<'_>,
    facility: FacilityId,
    head: &Head,
    bodies: &[Body],
) -> Result<Held, Stop> {
    call.concerns(facility);
    let before = table::held(call, facility)?.map_or(0, |held| held.number);
    if head.number <= before || ![0, before].contains(&head.base) {
        return Err(Stop::from(&refused::OLDER));
    }
    if head.base == 0 {
        table::clear(call, facility)?;
    }
    let mut changed = 0_usize;
    for body in bodies {
        for patient in &body.patients {
            table::put_patient(call, facility, patient, &ways(call, patient))?;
        }
        for reference in &body.gone {
            table::drop_patient(call, facility, *reference)?;
        }
        changed = changed.saturating_add(body.patients.len().saturating_add(body.gone.len()));
    }
    let held = Held {
        number: head.number,
        made_at: head.made_at,
        good_until: head.good_until,
        days: head.days,
        patients: 0,
        came_at: call.at(),
    };
    table::put_held(call, facility, &held)?;
    call.detail("copy", head.number.to_string());
    call.detail("changed", changed.to_string());
    table::held(call, facility)?.ok_or_else(|| Stop::from(&crate::errors::NO_COPY))
}
