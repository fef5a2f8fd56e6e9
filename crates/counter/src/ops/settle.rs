//! Settling what was done without the platform, once it can be asked again. An act waits until
//! its result is kept; the platform answers an act that comes twice as it did the first time,
//! so a program that is killed between the two loses nothing and doubles nothing.

use eligibility::snapshot::{
    api::{WireAct, WireOutcome, WireOutcomes},
    model::{ActId, BATCH_MAX},
    shown::Shown,
};
use kernel::id::FacilityId;
use store::{Call, Stop, caller::Event};
use web::App;

use super::{BAD_ANSWER, home};
use crate::{
    Upstream, errors,
    line::Cut,
    model::{About, Act, Settled},
    rules, store as table,
};

const PATH: &str = "/api/v1/eligibility/settlements";

static SETTLED: Event = Event {
    code: "counter.settle",
    ja: "控えによる確認の照合結果の保存",
    en: "results of settled checks kept",
};

/// What came of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// So many acts were settled; none waited when it is 0.
    Done(usize),
    /// The line is cut.
    Cut(Cut),
    /// The platform did not take the batch; the acts go on waiting.
    Refused,
}

/// Settles one batch of the acts that wait.
///
/// # Errors
/// The store's; `TSK-OFF-028`.
pub fn settle_waiting(app: &App, upstream: &Upstream) -> Result<Settling, Stop> {
    let facility = home(app, upstream)?;
    let limit = i64::try_from(BATCH_MAX).unwrap_or(1);
    let acts = app
        .gate
        .look_up(move |call| Ok(table::waiting(call, facility, limit)?))
        .wait()?;
    if acts.is_empty() {
        upstream.note_waiting(false);
        return Ok(Settling::Done(0));
    }
    let body = serde_json::json!({ "acts": acts.iter().map(to_wire).collect::<Vec<_>>() });
    let heard = match upstream.post(PATH, body.to_string().as_bytes(), app.gate.now()) {
        Ok(heard) => heard,
        Err(cut) => return Ok(Settling::Cut(cut)),
    };
    if heard.status != 200 {
        tracing::warn!(status = heard.status, "acts could not be settled");
        return Ok(Settling::Refused);
    }
    let answer: WireOutcomes = serde_json::from_slice(&heard.body).map_err(|_| BAD_ANSWER)?;
    let count = acts.len();
    let intent = app.gate.job_intent("counter", &SETTLED);
    let keeping = app
        .gate
        .write(intent, move |call| keep(call, facility, &acts, &answer));
    keeping.wait()?;
    Ok(Settling::Done(count))
}

fn to_wire(act: &Act) -> WireAct {
    let (reference, number) = match &act.about {
        About::Patient(reference) => (Some(reference.to_hex()), None),
        About::Number(number) => (None, Some(number.clone())),
    };
    WireAct {
        id: act.id.to_hex(),
        at: act.at.to_string(),
        on: act.at.jst_date().to_string(),
        reference,
        number,
        shown: act.shown.write(),
    }
}

/// Keeps what was answered about each act that was sent.
fn keep(
    call: &mut Call<'_>,
    facility: FacilityId,
    acts: &[Act],
    answer: &WireOutcomes,
) -> Result<(), Stop> {
    call.concerns(facility);
    call.detail("acts", acts.len().to_string());
    for act in acts {
        let id = act.id.to_hex();
        let outcome = answer.outcomes.iter().find(|outcome| outcome.id == id);
        let Some(WireOutcome { now, code, .. }) = outcome else {
            return Err(Stop::Failed(BAD_ANSWER));
        };
        let settled = Settled {
            at: call.at(),
            now: Shown::read(now),
            code: code.clone(),
        };
        let is_open = rules::is_open(act, &settled.now, code.as_deref());
        table::put_settled(call, facility, act, &settled, is_open)?;
    }
    Ok(())
}

/// Marks a settled act as dealt with.
///
/// # Errors
/// `TSK-OFF-030`; the store's.
pub fn done(call: &mut Call<'_>, facility: FacilityId, act: ActId, by: &str) -> Result<(), Stop> {
    if table::is_open(call, facility, act)? != Some(true) {
        return Err(Stop::from(&errors::ACT));
    }
    call.detail("act", act.to_hex());
    table::put_done(call, facility, act, by)?;
    Ok(())
}
