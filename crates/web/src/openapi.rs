//! The OpenAPI document and the addresses that are about nobody: style sheet, error
//! catalogue, seal key. All made from the same tables that the funnel uses.

use access::policy::Permission;
use kernel::{Refusal, Text};
use serde_json::{Map, Value, json};
use store::caller::{Event, Purpose};

use crate::{Answer, App, Body, Face, Method, Request, Route, handler, ui::assets};

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
            "securitySchemes": { "client": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": problem_schema() },
        },
    })
}

fn operation(route: &Route) -> Value {
    let parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
        })
        .collect();
    let content = match route.body {
        Body::None => None,
        Body::Form => Some("application/x-www-form-urlencoded"),
        Body::Json => Some("application/json"),
        Body::Fhir => Some("application/fhir+json"),
    };
    let failure = match route.face {
        Face::Fhir => json!({
            "description": "refused: OperationOutcome with code, path and remedy",
            "content": { "application/fhir+json": {} },
        }),
        _ => json!({
            "description": "refused, with code, cause and remedy",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        }),
    };
    let mut operation = json!({
        "summary": route.summary.en,
        "description": route.summary.ja,
        "x-permission": route.permission.word(),
        "x-audit-event": route.event.code,
        "parameters": parameters,
        "responses": { "2XX": { "description": "done" }, "4XX": failure },
    });
    if let Some(map) = operation.as_object_mut() {
        if let Some(content) = content {
            map.insert(
                "requestBody".to_owned(),
                json!({ "required": true, "content": { content: {} } }),
            );
        }
        if route.permission != Permission::Public {
            map.insert("security".to_owned(), json!([{ "client": [] }]));
        }
    }
    operation
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
