//! JSON for a facility's node: the pages of its copy, and the settling of what it did.

use std::collections::BTreeMap;

use access::policy::Permission;
use kernel::{
    Refusal, Text,
    id::ClientId,
    time::{JstDate, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{
    Stop,
    caller::{Actor, Event, Purpose},
};
use web::{Answer, Body, Face, Method as Http, Request, Route, handler};

use super::{
    errors,
    model::{ActId, Ask, BATCH_MAX, Reference, Run},
    ops,
    paper::{self, Recipient},
    settle::{self, Act, Outcome, Who},
    shown::Shown,
};
use crate::api::WireInquiry;

/// Audit event of a copy: in the history of whoever is handed over in it.
pub static COPY: Event = Event {
    code: "eligibility.copy",
    ja: "回線が切れたときのための控えの作成",
    en: "kept in a facility's copy for cut lines",
};
/// Audit event of the settling of what was done with a copy.
pub static SETTLE: Event = Event {
    code: "eligibility.settle",
    ja: "控えによる資格確認の事後の照合",
    en: "check from a facility's copy settled afterwards",
};

/// Routes for a facility's node.
#[must_use]
pub fn routes() -> Vec<Route> {
    let post = |path, event, summary: (&'static str, &'static str), handler| Route {
        method: Http::Post,
        path,
        face: Face::Api,
        permission: Permission::CheckEligibility,
        event,
        purpose: Purpose::Eligibility,
        body: Body::Json,
        summary: Text {
            ja: summary.0,
            en: summary.1,
        },
        handler,
    };
    vec![
        post(
            "/api/v1/eligibility/copies",
            &COPY,
            (
                "自施設の控えの受け取り",
                "a page of the own facility's copy",
            ),
            handler!(copy),
        ),
        post(
            "/api/v1/eligibility/settlements",
            &SETTLE,
            (
                "控えによる確認の事後の照合",
                "settle what was done with a copy",
            ),
            handler!(settle_all),
        ),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAsk {
    run: String,
    page: String,
    held: String,
}

impl WireAsk {
    fn parse(&self) -> Result<Ask, Refusal> {
        let number = |name, text: &str, least: i64| {
            text.parse::<i64>()
                .ok()
                .filter(|number| *number >= least)
                .ok_or_else(|| Refusal::at(&errors::QUESTION, name, text))
        };
        Ok(Ask {
            run: Run::parse(&self.run)
                .ok_or_else(|| Refusal::at(&errors::QUESTION, "run", &self.run))?,
            page: number("page", &self.page, 1)?,
            held: number("held", &self.held, 0)?,
        })
    }
}

/// The system that calls; a member of staff has no copy.
fn client(request: &Request) -> Result<ClientId, Refusal> {
    match &request.caller().actor {
        Actor::System { client, .. } => Ok(*client),
        _ => Err(Refusal::new(&errors::NOT_ALLOWED)),
    }
}

async fn copy(request: Request) -> Result<Answer, Refusal> {
    let wire: WireAsk = request.json()?;
    let (ask, client) = (wire.parse()?, client(&request)?);
    let home = request.home()?.clone();
    let drafted = request
        .write(move |call| ops::page(call, &home, client, &ask))
        .await?;
    let app = std::sync::Arc::clone(request.app());
    let written = request.compute(move || {
        let recipient = Recipient::parse(&drafted.recipient)?;
        let sign = |text: &[u8]| app.gate.upkeep().sign(text);
        paper::write(&drafted.head, &drafted.body, &recipient, sign).ok()
    });
    let bytes = written
        .await?
        .ok_or_else(|| Refusal::new(&store::UNAVAILABLE))?;
    Ok(Answer::file("application/json", "copy.json", bytes))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBatch {
    acts: Vec<serde_json::Value>,
}

/// An act as it travels. Without `reference` it is about somebody who was not in the copy.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireAct {
    /// The key, 32 hexadecimal digits.
    pub id: String,
    /// When, RFC 3339.
    pub at: String,
    /// For which date.
    pub on: String,
    /// The patient of the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The number on the certificate of somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<WireNumber>,
    /// What was shown.
    #[serde(default)]
    pub shown: BTreeMap<String, String>,
}

/// An insured number as it travels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireNumber {
    /// Insurer's number.
    pub insurer_number: String,
    /// Symbol.
    #[serde(default)]
    pub symbol: String,
    /// Number.
    pub number: String,
    /// Branch number.
    #[serde(default)]
    pub branch: String,
    /// Date of birth, ISO text.
    #[serde(default)]
    pub birth_date: String,
}

impl WireAct {
    fn parse(&self) -> Option<Act> {
        let on = JstDate::parse(&self.on)?;
        let who = match (&self.reference, &self.number) {
            (Some(reference), None) => Who::Patient(Reference::parse(reference)?),
            (None, Some(n)) => {
                let wire = WireInquiry::new(&n.insurer_number, &n.symbol, &n.number, &n.branch);
                let birth = Some(n.birth_date.clone()).filter(|birth| !birth.is_empty());
                Who::Number(wire.born(birth).parse(on).ok()?.key)
            }
            _ => return None,
        };
        Some(Act {
            id: ActId::parse(&self.id)?,
            at: Timestamp::parse(&self.at)?,
            on,
            who,
            shown: Shown::read(&self.shown),
        })
    }
}

/// How an act was settled, as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireOutcome {
    /// The act's key as it was sent.
    pub id: String,
    /// What holds; empty when nothing can be said.
    #[serde(default)]
    pub now: BTreeMap<String, String>,
    /// The visit.
    #[serde(default)]
    pub visit: Option<String>,
    /// The code of why nothing can be said.
    #[serde(default)]
    pub code: Option<String>,
}

/// The outcomes of a batch, in the order of its acts.
#[derive(Serialize, Deserialize)]
pub struct WireOutcomes {
    /// One for each act.
    pub outcomes: Vec<WireOutcome>,
}

async fn settle_all(request: Request) -> Result<Answer, Refusal> {
    let wire: WireBatch = request.json()?;
    let (facility, client) = (request.facility()?, client(&request)?);
    if wire.acts.is_empty() || wire.acts.len() > BATCH_MAX {
        return Err(Refusal::new(&errors::BATCH));
    }
    // One act that cannot be read is told as such; the others are settled all the same.
    let acts: Vec<(String, Option<Act>)> = wire
        .acts
        .into_iter()
        .map(|value| {
            let id = value.get("id").and_then(|id| id.as_str());
            let id: String = id.unwrap_or_default().chars().take(32).collect();
            let act = serde_json::from_value::<WireAct>(value).ok();
            (id, act.and_then(|act| act.parse()))
        })
        .collect();
    let outcomes = request.write(move |call| {
        call.detail("acts", acts.len().to_string());
        acts.iter()
            .map(|(id, act)| {
                let outcome = match act {
                    Some(act) => settle::settle(call, facility, client, act)?,
                    None => Outcome::Refused(&errors::ACT),
                };
                Ok(to_wire(id.clone(), outcome))
            })
            .collect::<Result<Vec<_>, Stop>>()
    });
    let outcomes = outcomes.await?;
    Ok(Answer::json(200, &WireOutcomes { outcomes }))
}

fn to_wire(id: String, outcome: Outcome) -> WireOutcome {
    match outcome {
        Outcome::Known { now, visit } => WireOutcome {
            id,
            now: now.write(),
            visit: Some(visit.to_hex()),
            code: None,
        },
        Outcome::Refused(entry) => WireOutcome {
            id,
            now: BTreeMap::new(),
            visit: None,
            code: Some(entry.code.to_owned()),
        },
    }
}
