//! Batch and transaction.
//!
//! Source: FHIR R4 http.html#transaction.

use fhir::outcome;
use kernel::Refusal;
use store::caller::Event;
use web::{Answer, Body, Method, Request, Route, handler};

use super::{
    route,
    speech::{Return, check_format},
};
use crate::{
    bundle::{Incoming, Item, holds_number},
    model::Resource,
    ops::{self, Outcome, Partition, Written},
    search,
};

static BUNDLE: Event = Event {
    code: "fhir.bundle",
    ja: "自施設の診療記録のまとめての登録・変更",
    en: "own facility's records changed together",
};

pub(super) fn routes() -> Vec<Route> {
    vec![route(
        (Method::Post, "/fhir"),
        Body::Fhir,
        &BUNDLE,
        (
            "まとめての登録・変更(batch、一人の患者さんのtransaction)",
            "a batch, or a transaction about one patient",
        ),
        handler!(bundle),
    )]
}

async fn bundle(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let (body, origin) = (request.body().clone(), request.app().origin.clone());
    let read = move || Incoming::read(&body, &origin);
    let incoming = if request.body().len() > LARGE_BYTES {
        request.compute(read).await??
    } else {
        read()?
    };
    let outcomes = if incoming.is_transaction {
        // Entries that cannot be understood have refused the whole already.
        let items: Vec<Item> = incoming.items.into_iter().flatten().collect();
        transaction(&request, items)
            .await?
            .into_iter()
            .map(Ok)
            .collect()
    } else {
        batch(&request, incoming.items).await?
    };
    let kind = if incoming.is_transaction {
        "transaction-response"
    } else {
        "batch-response"
    };
    Ok(Answer::fhir(200, render(&request, kind, &outcomes)))
}

/// Judging so much takes longer than others should wait.
const LARGE_BYTES: usize = 64 << 10;

async fn transaction(request: &Request, items: Vec<Item>) -> Result<Vec<Outcome>, Refusal> {
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    request
        .write(move |call| {
            let own = Partition::of(call, &home, &origin)?;
            ops::transaction(call, &own, &items)
        })
        .await
}

/// Each entry by itself, with a record of its own.
async fn batch(
    request: &Request,
    items: Vec<Result<Item, Refusal>>,
) -> Result<Vec<Result<Outcome, Refusal>>, Refusal> {
    let (home, origin) = (request.home()?.clone(), request.app().origin.clone());
    let op = |item: &Item| {
        let (home, origin, items) = (home.clone(), origin.clone(), vec![item.clone()]);
        move |call: &mut store::Call<'_>| {
            let own = Partition::of(call, &home, &origin)?;
            let mut outcomes = ops::transaction(call, &own, &items)?;
            let one = outcomes.pop();
            one.ok_or_else(|| store::Stop::from(&crate::errors::BUNDLE))
        }
    };
    let understood = items.iter().flatten();
    let writes: Vec<_> = understood
        .clone()
        .filter(|item| !item.act.is_read())
        .map(op)
        .collect();
    let mut written = request.write_each(writes.into_iter()).await.into_iter();
    let mut outcomes = Vec::with_capacity(items.len());
    for item in &items {
        outcomes.push(match item {
            Err(refusal) => Err(refusal.clone()),
            Ok(item) if item.act.is_read() => request.read(op(item)).await,
            Ok(_) => written
                .next()
                .unwrap_or_else(|| Err(Refusal::new(&crate::errors::BUNDLE))),
        });
    }
    Ok(outcomes)
}

fn render(request: &Request, kind: &str, outcomes: &[Result<Outcome, Refusal>]) -> Vec<u8> {
    let base = format!("{}/fhir/", request.app().origin);
    let shows = Return::of(request) == Return::Representation && request.header("prefer").is_some();
    let mut out = String::with_capacity(outcomes.len() * 360 + 128);
    out.push_str("{\"resourceType\":\"Bundle\",\"type\":\"");
    out.push_str(kind);
    out.push('"');
    for (place, outcome) in outcomes.iter().enumerate() {
        out.push_str(if place == 0 { ",\"entry\":[" } else { "," });
        match outcome {
            Ok(Outcome::Written(kind, done)) => written(&mut out, &base, kind, done, shows),
            Ok(Outcome::Deleted(done)) => {
                out.push_str(&format!(
                    "{{\"response\":{{\"status\":\"204 No Content\",\"etag\":\"W/\\\"{}\\\"\"}}}}",
                    done.version
                ));
            }
            Ok(Outcome::Read(resource)) => read(&mut out, &base, resource),
            Ok(Outcome::Found(query, page)) => {
                let links = if holds_number(query) {
                    Vec::new()
                } else {
                    let address = format!("{base}{}", query.kind);
                    search::links(&address, &query.pairs, None, page.next.as_deref())
                };
                let body = search::bundle(query, page, &links, (&base, request.at()));
                out.push_str("{\"resource\":");
                out.push_str(&String::from_utf8(body).unwrap_or_default());
                out.push_str(",\"response\":{\"status\":\"200 OK\"}}");
            }
            Err(refusal) => {
                let body = outcome::refusal(refusal.entry, &refusal.findings);
                let body = String::from_utf8(body).unwrap_or_default();
                let status = refusal.entry.status;
                out.push_str(&format!(
                    "{{\"response\":{{\"status\":\"{status}\",\"outcome\":{body}}}}}"
                ));
            }
        }
    }
    out.push_str(if outcomes.is_empty() { "}" } else { "]}" });
    out.into_bytes()
}

fn written(out: &mut String, base: &str, kind: &str, done: &Written, shows: bool) {
    let status = if done.is_created {
        "201 Created"
    } else {
        "200 OK"
    };
    let updated = done.at.to_string();
    out.push_str(&format!("{{\"fullUrl\":\"{base}{kind}/{}\",", done.id));
    if let Some(text) = done.text.as_deref().filter(|_| shows) {
        out.push_str("\"resource\":");
        let own = (done.id.as_str(), done.version, updated.as_str());
        crate::splice::with_meta(out, kind, text, own);
        out.push(',');
    }
    out.push_str(&format!(
        "\"response\":{{\"status\":\"{status}\",\"location\":\"{base}{kind}/{id}/_history/{version}\",\
         \"etag\":\"W/\\\"{version}\\\"\",\"lastModified\":\"{updated}\"}}}}",
        id = done.id,
        version = done.version,
    ));
}

fn read(out: &mut String, base: &str, resource: &Resource) {
    out.push_str(&format!(
        "{{\"fullUrl\":\"{base}{}\",\"resource\":",
        resource.reference()
    ));
    resource.render_into(out);
    out.push_str(&format!(
        ",\"response\":{{\"status\":\"200 OK\",\"etag\":\"W/\\\"{}\\\"\",\"lastModified\":\"{}\"}}}}",
        resource.version, resource.at
    ));
}
