//! The counter's pages: state and form, the answer, the list of differences.

mod differences;
mod form;
mod frame;
mod online;
mod result;

use access::policy::Permission;
use kernel::{Refusal, Text};
use store::caller::{Event, Purpose};
use web::{Answer, Body, Face, Method as Http, Request, Route, handler, route::Handler};

use crate::{Upstream, errors};

static COUNTER: Event = Event {
    code: "counter.show",
    ja: "控えの状態の表示",
    en: "state of the copy shown",
};
static CHECK: Event = Event {
    code: "counter.check",
    ja: "受付での資格の確認(施設の機器)",
    en: "eligibility asked at the counter of the facility's node",
};
static DIFFERENCES: Event = Event {
    code: "counter.differences",
    ja: "照合の結果(違いの一覧)の表示",
    en: "list of differences shown",
};
static DONE: Event = Event {
    code: "counter.done",
    ja: "照合の違いへの対応済み",
    en: "difference marked as dealt with",
};
static START: Event = Event {
    code: "counter.start",
    ja: "はじめの画面(施設の機器)",
    en: "start page of a facility's node",
};

/// Where the pages begin.
pub(crate) const HOME: &str = "/counter";
pub(crate) const LIST: &str = "/counter/differences";

/// Routes of the counter's pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        page(
            Http::Get,
            HOME,
            &COUNTER,
            ("施設の機器の受付", "the facility's own counter"),
            handler!(form::show),
        ),
        page(
            Http::Post,
            "/counter/checks",
            &CHECK,
            (
                "資格の確認(回線が切れているときは控え)",
                "verify, from the copy while the line is cut",
            ),
            handler!(result::check),
        ),
        page(
            Http::Get,
            LIST,
            &DIFFERENCES,
            ("照合の結果", "what was settled, and how it differs"),
            handler!(differences::show),
        ),
        page(
            Http::Post,
            LIST,
            &DONE,
            ("照合の違いへの対応済み", "mark a difference as dealt with"),
            handler!(differences::done),
        ),
    ]
}

/// The start page of a clinic's node, which leads to its counter, or to the office.
#[must_use]
pub fn start() -> Route {
    Route {
        permission: Permission::OwnSession,
        ..page(
            Http::Get,
            "/",
            &START,
            ("はじめの画面", "start page"),
            handler!(lead),
        )
    }
}

async fn lead(request: Request) -> Result<Answer, Refusal> {
    let role = request.caller().role();
    let to = if access::policy::allows(role, Permission::CheckEligibility) {
        HOME
    } else if web::office::rooms(&request).is_empty() {
        "/account"
    } else {
        web::office::HOME
    };
    Ok(Answer::see_other(to))
}

fn page(
    method: Http,
    path: &'static str,
    event: &'static Event,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Page,
        permission: Permission::CheckEligibility,
        event,
        purpose: Purpose::Eligibility,
        body: Body::usual(method, Face::Page),
        summary: Text {
            ja: summary.0,
            en: summary.1,
        },
        handler,
    }
}

/// The platform of this node.
fn upstream(request: &Request) -> Result<&Upstream, Refusal> {
    request
        .app()
        .told::<Upstream>()
        .ok_or_else(|| Refusal::new(&errors::NO_UPSTREAM))
}
