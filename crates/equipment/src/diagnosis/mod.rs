//! Where is it stuck? Reader → line → certificate → server → answer, in one look.
//!
//! When verification of eligibility fails, the counter must find out within a minute whether it
//! is the reader, the way here, a certificate, this server or the answer, and whom to call:
//! vendors said "not us", and hotlines were hard to reach. Terminals report how their readers
//! do; the rest is what the server itself can honestly know, and a check that it really makes.
//!
//! Source: peers reports 46 (reader faults, expired certificates) and 47 (self-diagnosis).

pub mod errors;
pub mod model;
pub mod ops;
pub mod rules;

mod api;
mod pages;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method as Http, Route, Service, handler};

static DIAGNOSIS: Event = Event {
    code: "equipment.diagnosis",
    ja: "つながりの診断",
    en: "connection diagnosed",
};
static READER: Event = Event {
    code: "equipment.reader",
    ja: "カードリーダーの状態の報告",
    en: "state of a card reader reported",
};

/// The service, as the program lists it.
#[must_use]
pub fn service() -> Service {
    Service {
        name: "diagnosis",
        schema: None,
        routes: routes(),
        errors: errors::ALL.to_vec(),
    }
}

fn routes() -> Vec<Route> {
    let route = |method, path, face, event, body, (ja, en), handler| Route {
        method,
        path,
        face,
        permission: Permission::CheckEligibility,
        event,
        purpose: Purpose::Eligibility,
        body,
        summary: Text { ja, en },
        handler,
    };
    vec![
        route(
            Http::Get,
            "/reception/diagnosis",
            Face::Page,
            &DIAGNOSIS,
            Body::None,
            ("つながりを調べる", "where is it stuck"),
            handler!(pages::show),
        ),
        route(
            Http::Get,
            "/api/v1/diagnosis",
            Face::Api,
            &DIAGNOSIS,
            Body::None,
            (
                "つながりの診断(リーダー・回線・証明書・サーバ・応答)",
                "diagnosis: reader, line, certificate, server, answer",
            ),
            handler!(api::show),
        ),
        route(
            Http::Post,
            "/api/v1/terminals/{terminal}/reader",
            Face::Api,
            &READER,
            Body::Json,
            (
                "カードリーダーの状態の報告",
                "a terminal reports how its card reader does",
            ),
            handler!(api::report),
        ),
    ]
}
