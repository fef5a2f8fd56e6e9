//! What the server can do (CapabilityStatement), out of the route table and the table of search
//! parameters.
//!
//! Source: FHIR R4 capabilitystatement.html; http.html#capabilities; extension
//! capabilitystatement-search-parameter-combination.

use access::policy::Permission;
use fhir::{
    json::Writer,
    search::{self, Kind},
};
use kernel::{Refusal, Text};
use store::caller::{Event, Purpose};
use web::{Answer, Body, Face, Method, Request, Route, handler};

use super::speech::check_format;
use crate::model;

static METADATA: Event = Event {
    code: "fhir.metadata",
    ja: "FHIRサーバーの機能の案内",
    en: "what the FHIR server can do",
};

const COMBINATION: &str =
    "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination";
const OAUTH: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

/// Which interaction of a resource each route is.
const INTERACTIONS: [(Method, &str, &str); 9] = [
    (Method::Get, "/fhir/{type}/{id}", "read"),
    (Method::Get, "/fhir/{type}/{id}/_history/{version}", "vread"),
    (Method::Put, "/fhir/{type}/{id}", "update"),
    (Method::Patch, "/fhir/{type}/{id}", "patch"),
    (Method::Delete, "/fhir/{type}/{id}", "delete"),
    (
        Method::Get,
        "/fhir/{type}/{id}/_history",
        "history-instance",
    ),
    (Method::Get, "/fhir/{type}/_history", "history-type"),
    (Method::Post, "/fhir/{type}", "create"),
    (Method::Get, "/fhir/{type}", "search-type"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![Route {
        method: Method::Get,
        path: "/fhir/metadata",
        face: Face::Fhir,
        permission: Permission::Public,
        event: &METADATA,
        purpose: Purpose::Operation,
        body: Body::None,
        summary: Text {
            ja: "FHIRサーバーの機能(CapabilityStatement)",
            en: "what the FHIR server can do (CapabilityStatement)",
        },
        handler: handler!(metadata),
    }]
}

async fn metadata(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let app = request.app();
    let body = statement(&app.origin, &app.routes, &request.at().to_string());
    Ok(Answer::fhir(200, body))
}

/// The statement of a server with these routes.
fn statement(origin: &str, routes: &[Route], at: &str) -> Vec<u8> {
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "CapabilityStatement");
    w.member_str("status", "active");
    w.member_str("date", at);
    w.member_str("publisher", "tasuki");
    w.member_str("kind", "instance");
    w.key("software").begin_object();
    w.member_str("name", "tasuki");
    w.member_str("version", env!("CARGO_PKG_VERSION"));
    w.end();
    w.key("implementation").begin_object();
    w.member_str("description", "the caller's own facility partition");
    w.member_str("url", &format!("{origin}/fhir"));
    w.end();
    w.member_str("fhirVersion", "4.0.1");
    w.key("format").begin_array();
    w.string("application/fhir+json").string("json").end();
    w.key("patchFormat").begin_array();
    w.string("application/json-patch+json");
    w.string("application/fhir+json").end();
    w.key("rest").begin_array().begin_object();
    w.member_str("mode", "server");
    w.member_str(
        "documentation",
        "A search names its patient: there is none across patients. A Patient is found by an \
         exact identifier, by POST _search. Ids are given by the server. What is not understood \
         is refused.",
    );
    security(&mut w, origin);
    let interactions: Vec<&str> = INTERACTIONS
        .iter()
        .filter(|(method, path, _)| has(routes, *method, path))
        .map(|(_, _, word)| *word)
        .collect();
    w.key("resource").begin_array();
    for kind in fhir::schema::resource_types().filter(|kind| model::is_kept(kind)) {
        resource(&mut w, kind, &interactions, (origin, routes));
    }
    w.end();
    w.key("interaction").begin_array();
    if has(routes, Method::Post, "/fhir") {
        for code in ["transaction", "batch"] {
            w.begin_object().member_str("code", code).end();
        }
    }
    w.end();
    operations(&mut w, "", (origin, routes));
    w.finish()
}

fn has(routes: &[Route], method: Method, path: &str) -> bool {
    let mut routes = routes.iter();
    routes.any(|route| route.method == method && route.path == path)
}

fn security(w: &mut Writer, origin: &str) {
    w.key("security").begin_object();
    w.key("extension").begin_array().begin_object();
    w.member_str("url", OAUTH);
    w.key("extension").begin_array();
    for (name, path) in [("token", "/oauth/token"), ("authorize", "/oauth/authorize")] {
        w.begin_object();
        w.member_str("url", name);
        w.member_str("valueUri", &format!("{origin}{path}"));
        w.end();
    }
    w.end().end().end();
    w.key("service").begin_array().begin_object();
    w.key("coding").begin_array().begin_object();
    w.member_str(
        "system",
        "http://terminology.hl7.org/CodeSystem/restful-security-service",
    );
    w.member_str("code", "SMART-on-FHIR");
    w.end().end().end().end().end();
}

fn resource(w: &mut Writer, kind: &str, interactions: &[&str], table: (&str, &[Route])) {
    w.begin_object();
    required(w, kind);
    w.member_str("type", kind);
    w.key("interaction").begin_array();
    for code in interactions {
        w.begin_object().member_str("code", code).end();
    }
    w.end();
    w.member_str("versioning", "versioned");
    w.member_bool("readHistory", true);
    w.member_bool("updateCreate", false);
    w.member_bool("conditionalCreate", true);
    w.member_str("conditionalRead", "not-match");
    w.member_bool("conditionalUpdate", true);
    w.member_str("conditionalDelete", "single");
    let params: Vec<_> = search::of(kind)
        .filter(|param| param.kind != Kind::Special)
        .collect();
    let references = params.iter().filter(|param| param.kind == Kind::Reference);
    let includes: Vec<String> = references
        .map(|param| format!("{kind}:{}", param.code))
        .collect();
    if !includes.is_empty() {
        w.key("searchInclude").begin_array();
        for include in &includes {
            w.string(include);
        }
        w.end();
    }
    w.key("searchParam").begin_array();
    for param in &params {
        w.begin_object();
        w.member_str("name", param.code);
        w.member_str("type", param.kind.word());
        w.end();
    }
    w.end();
    operations(w, kind, table);
    w.end();
}

/// The parameters of which a search needs one.
fn required(w: &mut Writer, kind: &str) {
    if !model::is_personal(kind) {
        return;
    }
    let leads = |code: &&&str| search::param(kind, code).is_some();
    let mut codes: Vec<&str> = ["patient", "subject"]
        .iter()
        .filter(leads)
        .copied()
        .collect();
    if kind == "Patient" {
        codes.push("identifier");
    }
    codes.push("_id");
    w.key("extension").begin_array();
    for code in codes {
        w.begin_object();
        w.member_str("url", COMBINATION);
        w.key("extension").begin_array().begin_object();
        w.member_str("url", "required");
        w.member_str("valueString", code);
        w.end().end().end();
    }
    w.end();
}

/// The operations of a type (or, without one, of the server), as the routes have them.
fn operations(w: &mut Writer, kind: &str, (origin, routes): (&str, &[Route])) {
    let mut names: Vec<&str> = routes
        .iter()
        .filter(|route| route.face == Face::Fhir)
        .filter_map(|route| {
            let (before, name) = route.path.strip_prefix("/fhir/")?.split_once('$')?;
            let of = before.split('/').next().unwrap_or_default();
            let name = name.split('/').next().unwrap_or(name);
            (of == kind || (of == "{type}" && kind.is_empty())).then_some(name)
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return;
    }
    w.key("operation").begin_array();
    for name in names {
        w.begin_object();
        w.member_str("name", name);
        let place = if kind.is_empty() { "Resource" } else { kind };
        let definition = format!("{origin}/fhir/OperationDefinition/{place}-{name}");
        w.member_str("definition", &definition);
        w.end();
    }
    w.end();
}
