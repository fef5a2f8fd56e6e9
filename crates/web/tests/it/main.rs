//! The funnel and the log-in, through the router, with a service that does nothing but
//! answer.

#![cfg(test)]

mod account;
mod catalogue;
mod forms;
mod funnel;
mod login;
mod operation;
mod passkey;
mod races;
mod session;
mod slow;
mod step_up;
mod tls;

use operation::block_on;

use access::policy::Permission;
use kernel::{Refusal, Text};
use serde_json::{Value, json};
use store::caller::{Event, Home, Purpose, Role};
use testkit::{
    World,
    world::{As, Reply},
};
use web::{Answer, Body, Face, Method, Request, Route, Service, handler};

static PROBE: Event = Event {
    code: "probe.look",
    ja: "試験",
    en: "probe",
};

async fn page(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::text(200, request.caller().role().word()))
}

async fn wire(request: Request) -> Result<Answer, Refusal> {
    let value: Value = request.json()?;
    Ok(Answer::json(200, &value))
}

async fn fhir(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::fhir(
        200,
        request.body().len().to_string().into_bytes(),
    ))
}

async fn form(request: Request) -> Result<Answer, Refusal> {
    let fields = request.form()?;
    Ok(Answer::json(200, &fields.all("x")))
}

fn route(
    method: Method,
    path: &'static str,
    face: Face,
    body: Body,
    handler: web::route::Handler,
) -> Route {
    Route {
        method,
        path,
        face,
        permission: match face {
            Face::Page => Permission::OwnSession,
            Face::Portal => Permission::OwnData,
            Face::Api | Face::Fhir => Permission::CheckEligibility,
        },
        event: &PROBE,
        purpose: Purpose::Operation,
        body,
        summary: Text {
            ja: "試験",
            en: "probe",
        },
        handler,
    }
}

fn probe() -> Service {
    let (get, post) = (Method::Get, Method::Post);
    Service {
        name: "probe",
        schema: None,
        routes: vec![
            route(get, "/", Face::Page, Body::None, handler!(page)),
            route(post, "/probe", Face::Page, Body::Form, handler!(form)),
            route(get, "/portal", Face::Portal, Body::None, handler!(page)),
            route(get, "/api/probe", Face::Api, Body::None, handler!(page)),
            route(post, "/api/probe", Face::Api, Body::Json, handler!(wire)),
            route(post, "/fhir/probe", Face::Fhir, Body::Fhir, handler!(fhir)),
        ],
        errors: Vec::new(),
    }
}

/// A clinic and nothing else.
struct Place {
    world: World,
    clinic: Home,
}

fn place() -> Place {
    let world = World::new(vec![probe()]);
    let clinic = world.facility("1310000001", "みどり診療所");
    Place { world, clinic }
}

impl Place {
    fn staff(&self, role: Role) -> As {
        self.world.staff(&self.clinic, role)
    }

    /// A session of this account, as after a finished log-in.
    fn session(&self, staff: kernel::id::StaffId) -> As {
        let facility = self.clinic.id;
        As::Browser(self.world.set_up(move |call| {
            let whose = access::session::Whose::Staff(facility, staff);
            let stage = access::session::Stage::Full;
            Ok(access::session::begin(call, whose, stage)?.reveal().clone())
        }))
    }

    fn system(&self) -> As {
        self.world.system(&self.clinic)
    }

    /// What the request leaves behind in the audit log.
    fn records_of(&self, act: impl FnOnce(&World) -> Reply) -> (Reply, u64) {
        let before = self.world.records();
        let reply = act(&self.world);
        (reply, self.world.records() - before)
    }
}

/// The session that an answer sets.
fn token(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie");
    let value = cookie
        .split(';')
        .next()
        .and_then(|pair| pair.split_once('='));
    value.map(|(_, token)| token.to_owned()).unwrap_or_default()
}

/// Everything of a page but the request's number.
fn bare(reply: &Reply) -> (u16, String) {
    (
        reply.status,
        reply.text().replace(reply.header("x-request-id"), ""),
    )
}

fn status_and_code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn empty() -> Value {
    json!({})
}
