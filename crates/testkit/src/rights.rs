//! Every route called by nobody and by every kind of caller: whoever may not is refused, and
//! each refusal leaves exactly one audit record.
//!
//! Source: identity-security AUTH-01 (anonymous sweep), AUTHZ-01 (role by route).

use access::{
    policy::{self, Permission},
    proxy::Scope,
};
use kernel::id::PersonId;
use store::caller::{Home, Role};
use web::{Body, Face, Method, Route};

use crate::{
    population::demo,
    world::{As, Reply, World},
};

/// Seconds between two calls: fewer than twenty a minute, so that each anonymous refusal has
/// its own record.
const PAUSE_SECONDS: i64 = 4;
/// What is wrong, a sentence each; empty when every route refuses whom it should.
#[must_use]
pub fn complaints(world: &World, home: &Home, person: PersonId) -> Vec<String> {
    let mut found = sweep(world, Role::Anonymous, &As::Nobody);
    for role in Role::STAFF {
        found.extend(sweep(world, role, &world.staff(home, role)));
    }
    found.extend(sweep(world, Role::System, &world.system(home)));
    found.extend(sweep(world, Role::Patient, &world.patient(person)));
    let today = world.app.gate.now().jst_date();
    let adult = demo::family(today)
        .into_iter()
        .find(|life| life.name.given == "美穂");
    let Some(adult) = adult else {
        found.push("nobody is there to be a proxy".to_owned());
        return found;
    };
    let proxy = world.proxy(person, world.person(&adult), &Scope::full());
    found.extend(sweep(world, Role::Proxy, &proxy));
    found
}

fn sweep(world: &World, role: Role, who: &As) -> Vec<String> {
    let mut routes: Vec<Route> = world.app.routes.clone();
    // Whoever logs out, or goes back to their own pages, is nobody with this token afterwards.
    routes.sort_by_key(|route| route.path == "/logout" || route.path.ends_with("/leave"));
    let mut found = Vec::new();
    let mut before = world.records();
    for route in routes {
        // Only who counts as nobody has to wait: a session does not last the whole way otherwise.
        let is_nobody = acts_as(role, &route) == Role::Anonymous;
        world
            .clock
            .advance(if is_nobody { PAUSE_SECONDS } else { 1 });
        if role == Role::System {
            // A token that has run out is replaced by the first request after it, and that
            // leaves a record of its own.
            let _alive = world.get(who, "/health/live");
            before = world.records();
        }
        let reply = call(world, who, &route);
        let after = world.records();
        let name = route.name();
        let role = acts_as(role, &route);
        let wrong = if policy::allows(role, route.permission) {
            let turned_away = matches!(reply.status, 401 | 403)
                && reply.code().starts_with("TSK-ACC-00")
                && route.permission != Permission::Public;
            (turned_away || reply.status >= 500).then_some("is turned away")
        } else if !is_refusal(role, &route, &reply) {
            Some("is not refused")
        } else if after != before + 1 {
            Some("leaves not exactly one record")
        } else {
            None
        };
        let so_far = std::mem::replace(&mut before, after);
        if let Some(wrong) = wrong {
            let word = role.word();
            found.push(format!(
                "{name} as {word} {wrong}: {}, {} more records",
                reply.status,
                after - so_far
            ));
        }
    }
    found
}

/// As whom a caller counts: a token is for programs only, and a browser reads there at most.
fn acts_as(role: Role, route: &Route) -> Role {
    let is_program = matches!(route.face, Face::Api | Face::Fhir);
    match role {
        Role::System if !is_program => Role::Anonymous,
        Role::System => Role::System,
        _ if is_program && route.method != Method::Get => Role::Anonymous,
        other => other,
    }
}

fn is_refusal(role: Role, route: &Route, reply: &Reply) -> bool {
    let is_page = matches!(route.face, Face::Page | Face::Portal);
    match (role, is_page, route.method) {
        (Role::Anonymous, true, Method::Get) => {
            reply.status == 303 && reply.header("location").ends_with("/login")
        }
        (Role::Anonymous, ..) => reply.status == 401 && reply.code() == "TSK-ACC-001",
        _ => reply.status == 403 && reply.code() == "TSK-ACC-003",
    }
}

fn call(world: &World, who: &As, route: &Route) -> Reply {
    let part = "0".repeat(32);
    let path: Vec<&str> = route
        .path
        .split('/')
        .map(|p| if p.starts_with('{') { part.as_str() } else { p })
        .collect();
    let path = path.join("/");
    match (route.method, route.body) {
        (Method::Post, Body::Form) => world.submit(who, &path, &[]),
        (Method::Post, Body::Fhir) => world.post_fhir(who, &path, b"{}"),
        (Method::Post, _) => world.post(who, &path, &serde_json::json!({})),
        (method, _) => world.send(who, method.word(), &path, "", Vec::new()),
    }
}
