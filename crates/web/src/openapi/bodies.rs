//! What the bodies of programs' requests hold: a line for each route that takes JSON or a
//! form, held against the routes themselves by `tasuki/tests/it/routes.rs`.
//!
//! `name` is a text, `name:date` an ISO date, `name:flag` a boolean, `name:texts` a list of
//! texts, `name:objects` one of objects, `name:object` an object; a `?` after the name says that it may be left out. Nothing else may be there.

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
    ("POST /api/v1/eligibility/batches", "bookings:objects"),
    ("POST /api/v1/eligibility/notices/{notice}/done", ""),
    (
        "POST /api/v1/visits/{visit}/consents",
        "categories:texts purpose? standing?:flag home_care?:flag until?:date",
    ),
    (
        "POST /api/v1/eligibility/visit-codes",
        "kind booked_at? label?",
    ),
    ("POST /api/v1/eligibility/home-checks", "patient"),
    ("POST /api/v1/visit-codes/challenges", "code"),
    (
        "POST /api/v1/visit-codes/proofs",
        "code challenge certificate signature auth_method",
    ),
    ("POST /api/v1/eligibility/copies", "run page held"),
    ("POST /api/v1/eligibility/settlements", "acts:objects"),
    (
        "POST /api/v1/eligibility/card-registrations",
        "challenge certificate signature terminal auth_method",
    ),
    (
        "POST /api/v1/eligibility/disaster-checks",
        "family_kana? given_kana? name? birth_date?:date sex? post_code? address? place? why?",
    ),
    (
        "POST /api/v1/eligibility/disaster-checks/{search}/confirm",
        "candidate:number house_number? insurer_name? on?:date",
    ),
    ("POST /api/v1/eligibility/screen-checks", "code"),
    (
        "POST /api/v1/eligibility/subsidy-checks",
        "payer_number recipient_number birth_date:date on?:date",
    ),
    ("POST /api/v1/subsidies/entitlements", "lines:objects"),
    ("POST /api/v1/subsidies/entitlements/ends", "lines:objects"),
    ("POST /api/v1/subsidies/tickets", "lines:objects"),
    ("POST /api/v1/terminals/{terminal}/reader", "state"),
    (
        "POST /api/v1/insurers/{insurer}/coverages",
        "change? insurer_number? symbol? number? branch? old_symbol? old_number? \
         old_branch? reference? previous_insurer_number? previous_symbol? \
         previous_number? previous_branch? name? kana? birth_date?:date sex? post_code? \
         address? other_name? from?:date until?:date loss_reason? relation? \
         insured_name? copay? card_kind? issued_on?:date card_from?:date \
         card_last?:date ceiling_class? ceiling_kind? ceiling_issued_on?:date \
         ceiling_from?:date ceiling_last?:date ceiling_long_term_from?:date \
         elderly_issued_on?:date elderly_from?:date elderly_last?:date elderly_copay? \
         dialysis_issued_on?:date dialysis_from?:date dialysis_last?:date dialysis_yen? \
         haemophilia_issued_on?:date haemophilia_from?:date haemophilia_last?:date \
         haemophilia_yen? hiv_issued_on?:date hiv_from?:date hiv_last?:date hiv_yen?",
    ),
    ("POST /api/v1/insurers/{insurer}/outage", "is_down:flag"),
    ("POST /api/v1/portal/challenges", ""),
    (
        "POST /api/v1/portal/sessions",
        "challenge certificate signature auth_method",
    ),
    ("POST /api/v1/letters/inbox/{letter}/open", ""),
    (
        "POST /api/v1/letters/inbox/{letter}/answer",
        "kind text? reason? to? document?:object",
    ),
    ("POST /api/v1/letters/sent/{letter}/consent", "at by"),
    ("POST /api/v1/letters/sent/{letter}/withdraw", "at by"),
    (
        "POST /api/v1/letters/sent/{letter}/enclose",
        "member public_assistance?:flag system value",
    ),
    (
        "POST /fhir/Bundle/$cancel",
        "member public_assistance?:flag system value reason?",
    ),
    (
        "POST /fhir/Bundle/$undo",
        "member public_assistance?:flag system value",
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
        "number" => json!({ "type": "integer" }),
        "object" => json!({ "type": "object" }),
        _ => json!({ "type": "string" }),
    }
}
