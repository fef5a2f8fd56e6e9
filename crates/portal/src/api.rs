//! The person's own data and history as JSON, for programs.

use std::collections::BTreeMap;

use access::{
    history,
    policy::{Action, Class, Permission},
    proxy,
};
use kernel::{Refusal, Text, hex};
use records::model::{Certainty, Item, What};
use serde::Serialize;
use store::{
    archiving,
    audit::Subject,
    caller::{Event, Purpose},
};
use web::{Answer, Body, Face, Method, Request, Route, handler, route::Reply};

use crate::{events, frame, history as page, line};

/// Routes of the JSON twins.
#[must_use]
pub fn routes() -> Vec<Route> {
    let get = |path, event: &'static Event, summary, handler: fn(Request) -> Reply| Route {
        method: Method::Get,
        path,
        face: Face::Api,
        permission: Permission::OwnData,
        event,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary,
        handler,
    };
    vec![
        get(
            "/api/v1/portal/record",
            &events::RECORD,
            Text {
                ja: "わたしの情報(JSON)",
                en: "own shared record, as JSON",
            },
            handler!(record),
        ),
        get(
            "/api/v1/portal/history",
            &events::HISTORY,
            Text {
                ja: "閲覧の履歴(JSON)",
                en: "own access history, as JSON",
            },
            handler!(lines),
        ),
    ]
}

#[derive(Serialize)]
struct WireRecord {
    items: Vec<WireItem>,
}

/// One item of one's own data.
#[derive(Serialize)]
pub struct WireItem {
    category: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    unconfirmed: bool,
    /// Does the person keep it from facilities?
    hidden: bool,
    facility: String,
    registered_at: String,
}

/// An item on the wire.
#[must_use]
pub fn item(item: Item) -> WireItem {
    let (text, value, unit, on) = match item.what {
        What::Condition(c) => (c.name, None, None, c.onset),
        What::Allergy(a) => (a.substance, a.reaction, None, None),
        What::Lab(l) => (l.name, Some(l.value), Some(l.unit), Some(l.on)),
        What::Prescription(p) => (p.medicine, Some(p.usage), None, Some(p.on)),
    };
    WireItem {
        hidden: item.is_hidden,
        category: item.category.word(),
        text,
        value,
        unit,
        on: on.map(|date| date.to_string()),
        unconfirmed: item.certainty == Certainty::Unconfirmed,
        facility: item.provenance.facility,
        registered_at: item.provenance.registered_at.to_string(),
    }
}

async fn record(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let items = request
        .read(move |call| records::ops::own(call, me))
        .await?
        .items;
    let items = items.into_iter().map(item).collect();
    Ok(Answer::json(200, &WireRecord { items }))
}

#[derive(Serialize)]
struct WireHistory {
    lines: Vec<WireLine>,
    /// Give it as `?below=` for what comes next; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_below: Option<i64>,
    /// Where the older records are that are no longer here.
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<WireArchived>,
}

#[derive(Serialize)]
struct WireArchived {
    through: i64,
    archive: i64,
    made_at: String,
    before: String,
    sha256: String,
}

#[derive(Serialize)]
struct WireLine {
    seq: i64,
    at: String,
    event: String,
    words: String,
    own: bool,
    facility: String,
    name: String,
    role: String,
    purpose: String,
    refused: Option<String>,
    details: BTreeMap<String, String>,
    seal: Option<i64>,
    hash: String,
}

async fn lines(request: Request) -> Result<Answer, Refusal> {
    let (me, below) = (frame::me(&request)?, page::below(&request));
    let (looks, archived) = request
        .read(move |call| {
            proxy::require(call, Class::AccessHistory, Action::Read)?;
            let looks = history::page(call, me, below)?;
            Ok((looks, archiving::archived(call, Subject::Person(me))?))
        })
        .await?;
    let catalogue = &request.app().errors;
    let read: Vec<line::Line> = looks
        .iter()
        .map(|look| line::line(request.lang(), look, catalogue))
        .collect();
    let next_below = page::older(&read, archived.as_ref());
    let lines = looks.into_iter().zip(read).map(|(look, line)| {
        let details = line::details(&look.entry.record)
            .map(|(word, value)| (word.to_owned(), value.to_owned()))
            .collect();
        let record = look.entry.record;
        WireLine {
            seq: line.seq,
            at: line.at.to_string(),
            event: line.event,
            words: line.words,
            own: line.own,
            facility: line.facility,
            name: record.name,
            role: record.role,
            purpose: record.purpose,
            refused: record.refused,
            details,
            seal: line.seal,
            hash: hex::encode(&line.hash),
        }
    });
    let answer = WireHistory {
        lines: lines.collect(),
        next_below,
        archived: archived.map(|archived| WireArchived {
            through: archived.through.seq,
            archive: archived.number,
            made_at: archived.made_at.to_string(),
            before: archived.before.to_string(),
            sha256: hex::encode(&archived.sha256),
        }),
    };
    Ok(Answer::json(200, &answer))
}
