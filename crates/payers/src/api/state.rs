//! How the caller's insurers stand, and what is open.

use access::policy::Action;
use kernel::{Refusal, time::Timestamp};
use registry::model::Insurer;
use serde::Deserialize;
use serde_json::{Value, json};
use web::{Answer, Request};

use super::{answer, insurer};
use crate::{errors, model::FindingId, ops, wire};

fn stand(insurer: &Insurer, now: Timestamp) -> Value {
    let due = ops::next_due(insurer);
    json!({
        "insurer_number": insurer.number.as_str(),
        "name": insurer.name,
        "update_days": insurer.update_days,
        "loaded_at": answer::at(insurer.loaded_at),
        "next_due_at": answer::at(due),
        "is_overdue": due.is_none_or(|due| due < now),
        "down_since": answer::at(insurer.down_since),
    })
}

pub(super) async fn all(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let all = request
        .read(move |call| ops::all(call, facility, Action::Read))
        .await?;
    let all: Vec<Value> = all.iter().map(|one| stand(one, request.at())).collect();
    Ok(Answer::json(200, &json!({ "insurers": all })))
}

pub(super) async fn items(_: Request) -> Result<Answer, Refusal> {
    let items: Vec<Value> = wire::ITEMS
        .iter()
        .map(|(name, ja, form)| json!({ "item": name, "ja": ja, "form": form }))
        .collect();
    Ok(Answer::json(200, &json!({ "items": items })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireOutage {
    is_down: bool,
}

pub(super) async fn outage(request: Request) -> Result<Answer, Refusal> {
    let wire: WireOutage = request.json()?;
    let (number, facility) = (insurer(&request)?, request.facility()?);
    let own = request
        .write(move |call| ops::say_down(call, facility, &number, wire.is_down))
        .await?;
    Ok(Answer::json(200, &stand(&own, request.at())))
}

pub(super) async fn findings(request: Request) -> Result<Answer, Refusal> {
    let (number, facility) = (insurer(&request)?, request.facility()?);
    let all = request
        .read(move |call| ops::findings(call, facility, &number))
        .await?;
    let all: Vec<Value> = all.iter().map(answer::finding).collect();
    Ok(Answer::json(200, &json!({ "findings": all })))
}

pub(super) async fn settle(request: Request) -> Result<Answer, Refusal> {
    let (number, facility) = (insurer(&request)?, request.facility()?);
    let id = FindingId::parse(request.param("finding"));
    request
        .write(move |call| {
            ops::insurer(call, facility, &number, Action::Write)?;
            let absent = || store::Stop::from(&errors::FINDING_ABSENT);
            ops::settle(call, facility, &number, id.ok_or_else(absent)?)
        })
        .await?;
    Ok(Answer::json(200, &json!({ "state": "settled" })))
}
