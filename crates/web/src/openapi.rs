//! The OpenAPI document and the addresses that are about nobody: style sheet, error
//! catalogue, seal key. All made from the same tables that the funnel uses.

pub mod bodies;

use access::policy::Permission;
use kernel::{Refusal, Text};
use serde_json::{Map, Value, json};
use store::caller::{Event, Purpose};

use crate::{
    Answer, App, Body, Face, Method, Request, Route, handler, respond::session_cookie, ui::assets,
};

pub(crate) static OPEN: Event = Event {
    code: "web.open",
    ja: "公開情報の表示",
    en: "public information",
};

/// A route that is open to everyone and about nobody.
pub(crate) const fn open(
    path: &'static str,
    (ja, en): (&'static str, &'static str),
    handler: crate::route::Handler,
) -> Route {
    Route {
        method: Method::Get,
        path,
        face: Face::Api,
        permission: Permission::Public,
        event: &OPEN,
        purpose: Purpose::Operation,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    }
}

/// Routes about nobody.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        open(
            "/openapi.json",
            ("APIの一覧", "this document"),
            handler!(openapi),
        ),
        open(
            "/errors.json",
            ("エラーの一覧", "the error catalogue"),
            handler!(errors),
        ),
        open(
            "/.well-known/tasuki-seal-key",
            (
                "監査証跡の封印を確かめる公開鍵",
                "the public key that signs the audit log's seals",
            ),
            handler!(seal_key),
        ),
        open(
            assets::CSS_PATH,
            ("スタイルシート", "style sheet"),
            handler!(css),
        ),
        open(assets::JS_PATH, ("スクリプト", "script"), handler!(js)),
        open(assets::ICON_PATH, ("アイコン", "icon"), handler!(icon)),
    ]
}

async fn css(_: Request) -> Result<Answer, Refusal> {
    Ok(Answer::asset("text/css; charset=utf-8", assets::CSS))
}

async fn js(_: Request) -> Result<Answer, Refusal> {
    Ok(Answer::asset("text/javascript; charset=utf-8", assets::JS))
}

async fn icon(_: Request) -> Result<Answer, Refusal> {
    Ok(Answer::asset("image/svg+xml", assets::ICON))
}

async fn seal_key(request: Request) -> Result<Answer, Refusal> {
    let key = kernel::hex::encode(&request.app().gate.seal_key());
    Ok(Answer::json(
        200,
        &json!({ "algorithm": "Ed25519", "public_key": key }),
    ))
}

async fn errors(request: Request) -> Result<Answer, Refusal> {
    let all: Vec<Value> = request
        .app()
        .errors
        .iter()
        .map(|e| {
            json!({
                "code": e.code, "status": e.status,
                "cause_ja": e.cause.ja, "cause_en": e.cause.en,
                "remedy_ja": e.remedy.ja, "remedy_en": e.remedy.en,
                "source": e.source,
            })
        })
        .collect();
    Ok(Answer::json(200, &all))
}

async fn openapi(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::json(200, &document(request.app())))
}

/// The OpenAPI 3.1 document of the program's addresses.
#[must_use]
pub fn document(app: &App) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in &app.routes {
        if matches!(route.face, Face::Page | Face::Portal) {
            continue;
        }
        let entry = paths
            .entry(route.path)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(methods) = entry.as_object_mut() {
            methods.insert(route.method.word().to_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "tasuki", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": app.origin }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "client": {
                    "type": "http", "scheme": "bearer",
                    "description": "a facility's record system, by its access token",
                },
                "session": {
                    "type": "apiKey", "in": "cookie",
                    "name": session_cookie(app.is_secure()),
                    "description": "a browser's session: for reading only",
                },
            },
            "schemas": { "Problem": problem_schema() },
            "headers": rate_headers(),
        },
    })
}

fn operation(route: &Route) -> Value {
    let parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            json!({
                "name": name, "in": "path", "required": true,
                "schema": { "type": "string", "minLength": 1, "maxLength": 128 },
            })
        })
        .collect();
    let mut operation = json!({
        "operationId": route.name(),
        "summary": route.summary.en,
        "description": route.summary.ja,
        "x-permission": route.permission.word(),
        "x-audit-event": route.event.code,
        "parameters": parameters,
        "responses": responses(route),
    });
    if let Some(map) = operation.as_object_mut() {
        if let Some(content) = content(route) {
            let body = json!({ "required": true, "content": content });
            map.insert("requestBody".to_owned(), body);
        }
        if route.permission != Permission::Public {
            let mut schemes = vec![json!({ "client": [] })];
            if route.method == Method::Get {
                schemes.push(json!({ "session": [] }));
            }
            map.insert("security".to_owned(), Value::from(schemes));
        }
    }
    operation
}

/// What the route takes.
fn content(route: &Route) -> Option<Value> {
    let kind = match route.body {
        Body::None => return None,
        Body::Form => "application/x-www-form-urlencoded",
        Body::Json => "application/json",
        Body::File => {
            return Some(json!({ "text/csv": { "schema": { "type": "string" } } }));
        }
        Body::Files => {
            return Some(json!({ "multipart/form-data": { "schema": { "type": "object" } } }));
        }
        Body::Fhir => {
            let schema = json!({
                "type": "object",
                "required": ["resourceType"],
                "properties": { "resourceType": { "type": "string" } },
            });
            return Some(json!({ "application/fhir+json": { "schema": schema } }));
        }
        Body::Patch => {
            let steps = json!({ "type": "array", "items": { "type": "object" } });
            let parameters = json!({ "type": "object", "required": ["resourceType"] });
            return Some(json!({
                "application/json-patch+json": { "schema": steps },
                "application/fhir+json": { "schema": parameters },
            }));
        }
        // The layout is the national interface's own: `oqs` reads it strictly.
        Body::Xml => {
            let schema = json!({ "type": "object", "xml": { "name": "XmlMsg" } });
            return Some(json!({ "application/xml": { "schema": schema } }));
        }
    };
    let schema = bodies::schema(&route.name()).unwrap_or_else(|| json!({ "type": "object" }));
    Some(json!({ kind: { "schema": schema } }))
}

/// What the route answers: done, refused, throttled, or not now.
fn responses(route: &Route) -> Value {
    let refused = match route.face {
        Face::Fhir => json!({ "application/fhir+json": { "schema": { "type": "object" } } }),
        _ => {
            json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } })
        }
    };
    let standing = |more: &[&str]| {
        let names = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];
        let all = names.iter().chain(more).map(|name| {
            let reference = format!("#/components/headers/{name}");
            ((*name).to_owned(), json!({ "$ref": reference }))
        });
        Value::Object(all.collect())
    };
    json!({
        "2XX": { "description": "done", "headers": standing(&[]) },
        "4XX": {
            "description": "refused, with code, cause and remedy",
            "headers": standing(&[]),
            "content": refused,
        },
        "429": {
            "description": "too often, or no place free: wait as Retry-After says",
            "headers": standing(&["Retry-After"]),
            "content": refused,
        },
        "503": {
            "description": "not now: the store does not answer, or does not say whether it did",
            "headers": standing(&["Retry-After"]),
        },
    })
}

fn rate_headers() -> Value {
    let number = |words: &str| json!({ "description": words, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "RateLimit-Limit": number("requests that fit the caller's bucket"),
        "RateLimit-Remaining": number("requests that are left in it"),
        "RateLimit-Reset": number("seconds until it is full again"),
        "Retry-After": number("seconds to wait"),
    })
}

fn problem_schema() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["code", "status", "cause_ja", "remedy_ja", "cause_en", "remedy_en", "request_id"],
        "properties": {
            "code": text, "status": { "type": "integer" },
            "cause_ja": text, "remedy_ja": text, "cause_en": text, "remedy_en": text,
            "source": text, "request_id": text,
            "retry_after_s": { "type": "integer" },
            "findings": { "type": "array", "items": {
                "type": "object",
                "properties": { "path": text, "rule": text, "found": text, "remedy_ja": text, "remedy_en": text },
            } },
        },
    })
}
