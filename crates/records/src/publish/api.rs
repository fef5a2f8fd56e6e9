//! `POST /fhir/$publish`.

use std::sync::Arc;

use access::policy::Permission;
use fhir::{
    clins::system,
    json::{Document, Writer},
    outcome::{self, Severity},
};
use kernel::{Finding, Refusal, Text};
use store::caller::{Event, Purpose};
use web::{Answer, Body, Face, Method, Request, Route, handler};

use super::{
    asked::Asked,
    build::{self, Made},
    material::Material,
    ops,
};
use crate::errors;

static PUBLISH: Event = Event {
    code: "records.publish",
    ja: "自施設の診療記録からの電子カルテ情報の公開",
    en: "shared record published from the own facility's records",
};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route {
        method: Method::Post,
        path: "/fhir/$publish",
        face: Face::Fhir,
        permission: Permission::PublishRecords,
        event: &PUBLISH,
        purpose: Purpose::Registration,
        body: Body::Fhir,
        summary: Text {
            ja: "自施設の診療記録から電子カルテ情報(アレルギー・傷病名・検査など)を公開",
            en: "publish allergies, conditions and results of the own facility's records",
        },
        handler: handler!(publish),
    }]
}

/// Reads, makes and judges without a lock, then registers in one operation.
async fn publish(request: Request) -> Result<Answer, Refusal> {
    let origin = request.app().origin.clone();
    let asked = Asked::read(request.body(), &origin)?;
    let (home, at) = (request.home()?.clone(), request.at());
    let (whose, server) = (home.clone(), origin.clone());
    let material = request
        .read(move |call| Ok(Arc::new(Material::gather(call, &whose, &server, &asked)?)))
        .await?;
    let (parts, sender) = (Arc::clone(&material), (home.code.clone(), origin.clone()));
    let (made, mut warnings) = request
        .compute(move || build::make(&parts, (&sender.0, &sender.1), at))
        .await??;
    let made = Arc::new(made);
    if made.iter().any(|one| one.checked.is_some()) {
        let all = (Arc::clone(&material), Arc::clone(&made));
        let told = request
            .write(move |call| ops::publish(call, &home, &origin, (&all.0, &all.1)))
            .await?;
        warnings.extend(told);
    }
    for identifier in &material.left {
        let path = "Bundle.identifier";
        let left = Refusal::at(&errors::PUBLISH_LEFT, path, identifier);
        warnings.extend(left.findings);
    }
    Ok(Answer::fhir(200, told(&made, &material, &warnings)))
}

/// What stands published now, and what should be better.
fn told(made: &[Made], material: &Material, warnings: &[Finding]) -> Vec<u8> {
    let mut w = Writer::new();
    w.begin_object();
    w.member_str("resourceType", "Parameters");
    w.key("parameter").begin_array();
    for one in made {
        let status = match (&one.checked, one.replaces) {
            (None, _) => "unchanged",
            (Some(_), true) => "replaced",
            (Some(_), false) => "registered",
        };
        w.begin_object().member_str("name", "bundle");
        w.key("part").begin_array();
        w.begin_object().member_str("name", "identifier");
        w.key("valueIdentifier").begin_object();
        w.member_str("system", system::ID_BUNDLE);
        w.member_str("value", &one.identifier).end().end();
        for (name, code) in [("type", one.kind), ("status", status)] {
            w.begin_object().member_str("name", name);
            w.member_str("valueCode", code).end();
        }
        one.resources
            .iter()
            .for_each(|one| reference(&mut w, "resource", one));
        w.end().end();
    }
    material
        .out
        .iter()
        .for_each(|one| reference(&mut w, "left-out", one));
    let outcome = outcome::findings(Severity::Warning, warnings);
    if let Ok(outcome) = Document::parse(&outcome) {
        w.begin_object().member_str("name", "outcome");
        w.key("resource").node(outcome.root()).end();
    }
    w.finish()
}

fn reference(w: &mut Writer, name: &str, reference: &str) {
    w.begin_object().member_str("name", name);
    w.key("valueReference").begin_object();
    w.member_str("reference", reference).end().end();
}
