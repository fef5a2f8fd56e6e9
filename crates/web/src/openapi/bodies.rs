//! What the bodies of programs' requests hold: a line for each route that takes JSON or a
//! form, held against the routes themselves by `tasuki/tests/it/routes.rs`.
//!
//! `name` is a text, `name:date` an ISO date, `name:flag` a boolean, `name:texts` a list of
//! texts, `name:objects` one of objects; a `?` after the name says that it may be left out. Nothing else may be there.

use serde_json::{Map, Value, json};

/// Routes and the members of their bodies.
const BODIES: &[(&str, &str)] = &[
    (
        "POST /api/v1/eligibility/checks",
        "insurer_number symbol? number branch? birth_date?:date on?:date",
    ),
    ("POST /api/v1/eligibility/challenges", "terminal"),
    (
        "POST /api/v1/eligibility/registration-challenges",
        "terminal",
    ),
    (
        "POST /api/v1/eligibility/card-checks",
        "challenge certificate signature terminal auth_method on?:date \
         terminal_certificate? terminal_signature?",
    ),
    ("POST /api/v1/eligibility/copies", "run page held"),
    ("POST /api/v1/eligibility/settlements", "acts:objects"),
    (
        "POST /api/v1/eligibility/card-registrations",
        "challenge certificate signature terminal auth_method",
    ),
    ("POST /api/v1/eligibility/screen-checks", "code"),
    ("POST /api/v1/visits/{visit}/consents", "categories:texts"),
    ("POST /api/v1/terminals/{terminal}/reader", "state"),
    ("POST /api/v1/portal/challenges", ""),
    (
        "POST /api/v1/portal/sessions",
        "challenge certificate signature auth_method",
    ),
    (
        "POST /fhir/Bundle/$delete",
        "member public_assistance?:flag system value",
    ),
    (
        "POST /fhir/Bundle/$document",
        "member public_assistance?:flag system value",
    ),
];

/// The routes of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    BODIES.iter().map(|(name, _)| *name)
}

/// The JSON Schema of a route's body; `None` when the table has none.
#[must_use]
pub fn schema(route: &str) -> Option<Value> {
    let (_, members) = BODIES.iter().find(|(name, _)| *name == route)?;
    let mut properties = Map::new();
    let mut required = Vec::new();
    for member in members.split_whitespace() {
        let (name, kind) = member.split_once(':').unwrap_or((member, "text"));
        let bare = name.trim_end_matches('?');
        if bare == name {
            required.push(Value::from(bare));
        }
        properties.insert(bare.to_owned(), of_kind(kind));
    }
    Some(json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    }))
}

fn of_kind(kind: &str) -> Value {
    match kind {
        "date" => json!({ "type": "string", "format": "date" }),
        "flag" => json!({ "type": "boolean" }),
        "objects" => json!({ "type": "array", "items": { "type": "object" } }),
        "texts" => json!({ "type": "array", "items": { "type": "string" } }),
        _ => json!({ "type": "string" }),
    }
}
