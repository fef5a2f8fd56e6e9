//! The same look as JSON, for a clinic's own screens and for measuring.

use access::policy::Permission;
use eligibility::model::VisitId;
use kernel::{Refusal, Text};
use records::model::{Certainty, Item, What};
use serde::Serialize;
use store::caller::Purpose;
use web::{Answer, Body, Face, Method, Request, Route, handler};

use crate::view;

/// Routes of the desk's JSON.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route {
        method: Method::Get,
        path: "/api/v1/visits/{visit}/summary",
        face: Face::Api,
        permission: Permission::ViewShared,
        event: &view::VIEW,
        purpose: Purpose::Treatment,
        body: Body::None,
        summary: Text {
            ja: "共有された診療情報(JSON)",
            en: "shared record of a visiting patient, as JSON",
        },
        handler: handler!(summary),
    }]
}

#[derive(Serialize)]
struct Wire {
    name: String,
    kana: String,
    birth_date: String,
    open: Vec<WireOpen>,
    items: Vec<WireItem>,
}

#[derive(Serialize)]
struct WireOpen {
    category: &'static str,
    until: String,
}

#[derive(Serialize)]
struct WireItem {
    category: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    high_risk: bool,
    uninformed: bool,
    unconfirmed: bool,
    facility: String,
    institution: String,
    department: Option<String>,
    registered_at: String,
}

fn wire(item: Item) -> WireItem {
    let (text, value, unit, on, status, high_risk) = match item.what {
        What::Condition(c) => (
            c.name,
            None,
            None,
            c.onset.map(|d| d.to_string()),
            Some(c.status),
            false,
        ),
        What::Allergy(a) => (
            a.substance,
            a.reaction,
            None,
            None,
            Some(a.status),
            a.high_risk,
        ),
        What::Lab(l) => (
            l.name,
            Some(l.value),
            Some(l.unit),
            Some(l.on.to_string()),
            None,
            false,
        ),
        What::Prescription(p) => (
            p.medicine,
            Some(p.usage),
            None,
            Some(p.on.to_string()),
            None,
            false,
        ),
    };
    WireItem {
        category: item.category.word(),
        text,
        value,
        unit,
        on,
        status,
        high_risk,
        uninformed: item.flags.uninformed,
        unconfirmed: item.certainty == Certainty::Unconfirmed,
        facility: item.provenance.facility,
        institution: item.provenance.institution,
        department: item.provenance.department,
        registered_at: item.provenance.registered_at.to_string(),
    }
}

async fn summary(request: Request) -> Result<Answer, Refusal> {
    let visit = request.id_param("visit", VisitId::parse)?;
    let facility = request.facility()?;
    let look = request
        .read(move |call| view::look(call, facility, visit))
        .await?;
    let open = look.shared.open.iter().map(|(category, until)| WireOpen {
        category: category.word(),
        until: until.to_string(),
    });
    Ok(Answer::json(
        200,
        &Wire {
            name: look.profile.name,
            kana: look.profile.kana,
            birth_date: look.profile.birth.to_string(),
            open: open.collect(),
            items: look.shared.items.into_iter().map(wire).collect(),
        },
    ))
}
