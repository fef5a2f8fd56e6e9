//! Operations on one patient's record in the caller's own partition: everything, and the
//! International Patient Summary; and judging a resource that nobody keeps.
//!
//! Source: HL7 FHIR R4 operation-patient-everything.html, operation-resource-validate.html;
//! International Patient Summary 2.0 (`$summary`).

pub mod errors;
mod everything;
pub(crate) mod record;
mod summary;
mod validate;

use access::policy::Permission;
use kernel::{Finding, Refusal, Text};
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Request, Route, handler};

use crate::api::route;

static EVERYTHING: Event = Event {
    code: "fhir.everything",
    ja: "自施設の診療記録すべての閲覧",
    en: "own facility's whole record read",
};
static SUMMARY: Event = Event {
    code: "fhir.summary",
    ja: "自施設の診療記録からの患者サマリーの作成",
    en: "patient summary made of the own facility's record",
};
static VALIDATE: Event = Event {
    code: "fhir.validate",
    ja: "FHIRリソースの検証",
    en: "FHIR resource validated",
};

/// Routes of the operations.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = vec![
        route(
            (Method::Get, "/fhir/Patient/{id}/$everything"),
            Body::None,
            &EVERYTHING,
            (
                "自施設にある患者さん一人の記録すべて",
                "everything that the own facility keeps of one patient",
            ),
            handler!(everything::everything),
        ),
        route(
            (Method::Get, "/fhir/Patient/{id}/$summary"),
            Body::None,
            &SUMMARY,
            (
                "国際患者サマリー(IPS)",
                "the International Patient Summary of one patient",
            ),
            handler!(summary::summary),
        ),
    ];
    // Many libraries ask for every operation by POST, with its parameters in the body.
    for by_get in all.clone() {
        all.push(Route {
            method: Method::Post,
            body: Body::Fhir,
            ..by_get
        });
    }
    all.push(route(
        (Method::Post, "/fhir/{type}/{id}/$validate"),
        Body::Fhir,
        &VALIDATE,
        (
            "自施設のリソースの更新内容の検証(保存しません)",
            "judge an update of a resource without keeping it",
        ),
        handler!(validate::validate_update),
    ));
    for path in ["/fhir/$validate", "/fhir/{type}/$validate"] {
        all.push(Route {
            method: Method::Post,
            path,
            face: Face::Fhir,
            permission: Permission::ValidateRecords,
            event: &VALIDATE,
            purpose: Purpose::Registration,
            body: Body::Fhir,
            summary: Text {
                ja: "リソースの検証(保存しません)。?on= で別の日付の規則",
                en: "judge a resource without keeping it; ?on= for the rules of another date",
            },
            handler: handler!(validate::validate),
        });
    }
    all
}

/// What an operation is asked: the parameters of the address, then those of the body.
///
/// # Errors
/// [`server::JSON`]; [`errors::PARAMETER`] with every parameter that is not among `known`, and
/// for a body that is no `Parameters`.
pub(crate) fn asked(request: &Request, known: &[&str]) -> Result<Vec<(String, String)>, Refusal> {
    let mut all = request.query_pairs().to_vec();
    let body = request.body();
    if !body.is_empty() {
        let document = crate::draft::parse(body)?;
        let root = document.root();
        let is_nothing = root.is_object() && root.is_empty();
        if root.str("resourceType") != Some("Parameters") && !is_nothing {
            let found = root.str("resourceType").unwrap_or_default();
            return Err(Refusal::at(&errors::PARAMETER, "resourceType", found));
        }
        for one in root.list("parameter") {
            let name = one.str("name").unwrap_or_default();
            let value = one.entries().find(|(key, _)| key.starts_with("value"));
            let value = value.map(|(_, value)| value);
            let text = value.and_then(|value| value.as_str().or_else(|| value.as_number_text()));
            all.push((name.to_owned(), text.unwrap_or_default().to_owned()));
        }
    }
    check_known(all.iter().map(|(name, _)| name.as_str()), known)?;
    Ok(all)
}

/// Refuses what an operation does not know: it is never ignored.
///
/// # Errors
/// [`errors::PARAMETER`] with every parameter that is not among `known`.
pub(crate) fn only(request: &Request, known: &[&str]) -> Result<(), Refusal> {
    let names = request.query_pairs().iter().map(|(name, _)| name.as_str());
    check_known(names, known)
}

fn check_known<'n>(names: impl Iterator<Item = &'n str>, known: &[&str]) -> Result<(), Refusal> {
    let strange =
        names.filter(|name| !known.contains(name) && !matches!(*name, "_format" | "_pretty"));
    let findings: Vec<Finding> = strange
        .flat_map(|name| Refusal::at(&errors::PARAMETER, name, "").findings)
        .collect();
    if findings.is_empty() {
        return Ok(());
    }
    Err(Refusal::with(&errors::PARAMETER, findings))
}
