//! The same look as JSON, for a clinic's own screens and for measuring.

use access::policy::Permission;
use eligibility::model::VisitId;
use kernel::{Refusal, Text, time::JstDate};
use records::{
    model::{Certainty, Item, Standing, What},
    rules::stale::{self, ASKS},
};
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
    /// What the person keeps back, by category and without what.
    hidden: Vec<WireHidden>,
    items: Vec<WireItem>,
}

#[derive(Serialize)]
struct WireHidden {
    category: &'static str,
    count: usize,
}

/// What a doctor last said about an entry.
#[derive(Serialize)]
struct WireStanding {
    verdict: &'static str,
    at: String,
    facility: String,
    institution: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// A result in the one unit of its item.
#[derive(Serialize)]
struct WireStandard {
    item: String,
    value: String,
    unit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<String>,
    converted: bool,
}

#[derive(Serialize)]
struct WireOpen {
    category: &'static str,
    until: String,
}

#[derive(Serialize)]
struct WireItem {
    /// What names the entry to the page that confirms it.
    entry: String,
    category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standard: Option<WireStandard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<WireStanding>,
    long_term: bool,
    /// Registered, and last confirmed, so long ago that it is asked about.
    stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<String>,
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

fn standard(what: &What) -> Option<WireStandard> {
    let What::Lab(lab) = what else { return None };
    lab.standard.as_ref().map(|one| WireStandard {
        item: lab.key.clone(),
        value: one.value.clone(),
        unit: one.unit.clone(),
        low: one.low.clone(),
        high: one.high.clone(),
        converted: one.is_converted,
    })
}

fn standing(said: Standing) -> WireStanding {
    WireStanding {
        verdict: said.verdict.word(),
        at: said.at.to_string(),
        facility: said.facility,
        institution: said.institution,
        reason: said.reason,
    }
}

fn wire(item: Item, today: JstDate) -> WireItem {
    let is_stale = stale::is_stale(ASKS, &item, today);
    let (code, recorded) = match &item.what {
        What::Condition(c) => (c.code.clone(), c.recorded.map(|d| d.to_string())),
        What::Allergy(a) => (a.code.clone(), None),
        What::Lab(l) => (l.code.clone(), None),
        What::Prescription(p) => (p.code.clone(), None),
    };
    let standard = standard(&item.what);
    let standing = item.standing.map(standing);
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
            Some(format!("{} {}", p.usage, p.amount).trim().to_owned()),
            None,
            Some(p.on.to_string()),
            None,
            false,
        ),
    };
    WireItem {
        entry: kernel::hex::encode(&item.keys.entry),
        code,
        standard,
        standing,
        long_term: item.flags.long_term,
        stale: is_stale,
        recorded,
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
    let hidden = look.shared.hidden.iter();
    let hidden = hidden.map(|(category, count)| WireHidden {
        category: category.word(),
        count: *count,
    });
    let (today, items) = (request.at().jst_date(), look.shared.items.into_iter());
    Ok(Answer::json(
        200,
        &Wire {
            name: look.profile.name,
            kana: look.profile.kana,
            birth_date: look.profile.birth.to_string(),
            open: open.collect(),
            hidden: hidden.collect(),
            items: items.map(|item| wire(item, today)).collect(),
        },
    ))
}
