//! JSON for the systems of towns and offices: lines, each with its own result.

use access::policy::Permission;
use kernel::{Refusal, Text, id::FacilityId};
use serde::{Deserialize, Serialize};
use store::{
    Call, Stop,
    caller::{Event, Purpose},
};
use web::{Answer, Body, Face, Method, Request, Route, handler, route::Handler};

use crate::{errors, ops, wire::Wire};

/// Most lines of a request.
pub const LINES_MAX: usize = 200;

/// Audit event of an entitlement that was loaded.
pub static LOAD: Event = Event {
    code: "subsidy.load",
    ja: "公費の資格の登録",
    en: "subsidy loaded",
};
/// Audit event of an entitlement that was ended.
pub static END: Event = Event {
    code: "subsidy.end",
    ja: "公費の資格の終了",
    en: "subsidy ended",
};
/// Audit event of a ticket that was loaded.
pub static TICKET: Event = Event {
    code: "subsidy.ticket",
    ja: "医療券・調剤券の登録",
    en: "medical assistance ticket loaded",
};

/// Routes of the API.
#[must_use]
pub fn routes() -> Vec<Route> {
    let post = |path, event, (ja, en), handler: Handler| Route {
        method: Method::Post,
        path,
        face: Face::Api,
        permission: Permission::Intake,
        event,
        purpose: Purpose::Intake,
        body: Body::Json,
        summary: Text { ja, en },
        handler,
    };
    vec![
        post(
            "/api/v1/subsidies/entitlements",
            &LOAD,
            ("公費の資格の登録", "load public subsidies"),
            handler!(load),
        ),
        post(
            "/api/v1/subsidies/entitlements/ends",
            &END,
            ("公費の資格の終了", "end public subsidies"),
            handler!(end),
        ),
        post(
            "/api/v1/subsidies/tickets",
            &TICKET,
            ("医療券・調剤券の登録", "load medical assistance tickets"),
            handler!(ticket),
        ),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLines {
    lines: Vec<Wire>,
}

#[derive(Serialize)]
struct WireResults {
    taken: usize,
    refused: usize,
    results: Vec<WireResult>,
}

/// What became of a line.
#[derive(Serialize)]
struct WireResult {
    /// From 1.
    line: usize,
    taken: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<WireText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<WireText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<WireFinding>,
}

#[derive(Serialize)]
struct WireText {
    ja: &'static str,
    en: &'static str,
}

#[derive(Serialize)]
struct WireFinding {
    path: String,
    rule: String,
    found: String,
}

impl WireResult {
    fn new(line: usize, outcome: Result<(), Refusal>) -> Self {
        let refusal = outcome.err();
        let entry = refusal.as_ref().map(|refusal| refusal.entry);
        let text = |text: Text| WireText {
            ja: text.ja,
            en: text.en,
        };
        let findings = refusal.map(|refusal| refusal.findings).unwrap_or_default();
        Self {
            line,
            taken: entry.is_none(),
            code: entry.map(|entry| entry.code),
            cause: entry.map(|entry| text(entry.cause)),
            remedy: entry.map(|entry| text(entry.remedy)),
            findings: findings
                .into_iter()
                .map(|one| WireFinding {
                    path: one.path,
                    rule: one.rule,
                    found: one.found,
                })
                .collect(),
        }
    }
}

fn lines(request: &Request) -> Result<Vec<Wire>, Refusal> {
    let wire: WireLines = request.json()?;
    let count = wire.lines.len();
    if (1..=LINES_MAX).contains(&count) {
        Ok(wire.lines)
    } else {
        Err(Refusal::at(&errors::LINES, "lines", &count.to_string()))
    }
}

/// What cannot be answered at all is no line's fault.
fn outcome<T>(done: Result<T, Refusal>) -> Result<Result<(), Refusal>, Refusal> {
    match done {
        Ok(_) => Ok(Ok(())),
        Err(refusal) if refusal.entry.status >= 500 => Err(refusal),
        Err(refusal) => Ok(Err(refusal)),
    }
}

fn answer(results: Vec<WireResult>) -> Answer {
    let taken = results.iter().filter(|result| result.taken).count();
    Answer::json(
        200,
        &WireResults {
            taken,
            refused: results.len().saturating_sub(taken),
            results,
        },
    )
}

/// An operation that loads what a line says, for an office.
type Load<N, T> = fn(&mut Call<'_>, FacilityId, &N) -> Result<T, Stop>;

/// Carries out what a line says. A malformed one is refused inside its operation, so that it
/// leaves its record as well.
pub(crate) async fn carry_out<N, T>(
    request: &Request,
    new: Result<N, Refusal>,
    load: Load<N, T>,
) -> Result<T, Refusal>
where
    N: Send + 'static,
    T: Send + 'static,
{
    let home = request.facility()?;
    request
        .write(move |call| match &new {
            Ok(new) => load(call, home, new),
            Err(why) => Err(Stop::Refused(why.clone())),
        })
        .await
}

/// Each line by itself.
async fn each<N, T>(
    request: &Request,
    parse: fn(&Wire) -> Result<N, Refusal>,
    load: Load<N, T>,
) -> Result<Answer, Refusal>
where
    N: Send + 'static,
    T: Send + 'static,
{
    let mut results = Vec::new();
    for (line, wire) in (1..).zip(lines(request)?) {
        let done = carry_out(request, parse(&wire), load).await;
        results.push(WireResult::new(line, outcome(done)?));
    }
    Ok(answer(results))
}

async fn load(request: Request) -> Result<Answer, Refusal> {
    each(&request, Wire::entitlement, ops::load_entitlement).await
}

async fn end(request: Request) -> Result<Answer, Refusal> {
    each(&request, Wire::end, ops::end_entitlement).await
}

async fn ticket(request: Request) -> Result<Answer, Refusal> {
    each(&request, Wire::ticket, ops::load_ticket).await
}
