//! The routes of subscriptions.

use http::header;
use kernel::Refusal;
use store::caller::Event;
use web::{Answer, Body, Method, Request, Route, handler};

use super::{
    model::{Subscription, SubscriptionId},
    notice, ops, wire,
};
use crate::{
    api::{route, speech::check_format},
    operations::{errors, only},
};

static SUBSCRIBE: Event = Event {
    code: "fhir.subscribe",
    ja: "通知の登録",
    en: "subscription made",
};
static CHANGE: Event = Event {
    code: "fhir.subscription-change",
    ja: "通知の登録の変更",
    en: "subscription changed",
};
static END: Event = Event {
    code: "fhir.subscription-end",
    ja: "通知の登録の終了",
    en: "subscription ended",
};
static LOOK: Event = Event {
    code: "fhir.subscription-look",
    ja: "通知の状況の確認",
    en: "subscriptions looked at",
};

/// Every route.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(
            (Method::Post, "/fhir/Subscription"),
            Body::Fhir,
            &SUBSCRIBE,
            (
                "自施設のシステムへの通知を登録",
                "subscribe the own facility's system to a topic",
            ),
            handler!(create),
        ),
        route(
            (Method::Get, "/fhir/Subscription"),
            Body::None,
            &LOOK,
            ("自施設の通知の一覧", "the own facility's subscriptions"),
            handler!(list),
        ),
        route(
            (Method::Get, "/fhir/Subscription/{id}"),
            Body::None,
            &LOOK,
            ("通知の登録を読む", "read a subscription"),
            handler!(read),
        ),
        route(
            (Method::Put, "/fhir/Subscription/{id}"),
            Body::Fhir,
            &CHANGE,
            (
                "通知の変更・再開(status: requested)・停止(off)",
                "change, resume (status requested) or switch off a subscription",
            ),
            handler!(change),
        ),
        route(
            (Method::Delete, "/fhir/Subscription/{id}"),
            Body::None,
            &END,
            ("通知の登録を終える", "end a subscription"),
            handler!(end),
        ),
        route(
            (Method::Get, "/fhir/Subscription/{id}/$status"),
            Body::None,
            &LOOK,
            (
                "通知の状況(届いた数、待っている数、遅れ)",
                "how far a subscription's receiver is behind",
            ),
            handler!(status),
        ),
    ]
}

fn id(request: &Request) -> Result<SubscriptionId, Refusal> {
    SubscriptionId::parse(request.param("id"))
        .ok_or_else(|| Refusal::new(&errors::SUBSCRIPTION_ABSENT))
}

fn shown(request: &Request, status: u16, subscription: &Subscription) -> Answer {
    let place = format!(
        "{}/fhir/Subscription/{}",
        request.app().origin,
        subscription.id.to_hex()
    );
    let answer = Answer::fhir(status, wire::show(subscription, request.at()));
    match status {
        201 => answer.with_header(header::LOCATION, place),
        _ => answer,
    }
}

async fn create(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let draft = wire::read(request.body())?;
    let home = request.home()?.clone();
    let made = request
        .write(move |call| ops::create(call, &home, &draft))
        .await?;
    Ok(shown(&request, 201, &made))
}

async fn change(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let (id, draft) = (id(&request)?, wire::read(request.body()));
    let home = request.home()?.clone();
    let changed = request
        .write(move |call| ops::change(call, &home, id, draft.as_ref()))
        .await?;
    Ok(shown(&request, 200, &changed))
}

async fn end(request: Request) -> Result<Answer, Refusal> {
    let id = id(&request)?;
    let home = request.home()?.clone();
    request.write(move |call| ops::end(call, &home, id)).await?;
    Ok(Answer::fhir(204, Vec::new()))
}

async fn read(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    let id = id(&request)?;
    let home = request.home()?.clone();
    let (found, _) = request.read(move |call| ops::look(call, &home, id)).await?;
    Ok(shown(&request, 200, &found))
}

async fn status(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    only(&request, &[])?;
    let id = id(&request)?;
    let home = request.home()?.clone();
    let (found, lag) = request.read(move |call| ops::look(call, &home, id)).await?;
    let (origin, at) = (&request.app().origin, request.at());
    Ok(Answer::fhir(200, notice::query(origin, &found, lag, at)))
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    check_format(&request)?;
    only(&request, &[])?;
    let home = request.home()?.clone();
    let all = request.read(move |call| ops::list(call, &home)).await?;
    let (origin, at) = (&request.app().origin, request.at());
    let mut out = format!(
        r#"{{"resourceType":"Bundle","type":"searchset","total":{}"#,
        all.len()
    );
    for (number, one) in all.iter().enumerate() {
        out.push_str(if number == 0 { r#","entry":["# } else { "," });
        let text = String::from_utf8(wire::show(one, at)).unwrap_or_default();
        let id = one.id.to_hex();
        out.push_str(&format!(
            r#"{{"fullUrl":"{origin}/fhir/Subscription/{id}","resource":{text},"search":{{"mode":"match"}}}}"#
        ));
    }
    out.push_str(if all.is_empty() { "}" } else { "]}" });
    Ok(Answer::fhir(200, out.into_bytes()))
}
