//! `/office/clients`: the facility's programs, their keys, and how to end one.
//!
//! Source: identity-security OA-09 (registration by an operator, keys of one year, two
//! overlapping).

use access::{
    client::{self, Client, Key},
    policy::Permission,
};
use kernel::{Refusal, Text, id::ClientId, time::Timestamp};
use maud::{Markup, html};
use store::{
    Stop,
    caller::{Event, Purpose},
};
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    ui::{self, Field, Lang, Tone},
};

use crate::registration::{self, Written};

const PATH: &str = "/office/clients";

static LIST: Event = Event {
    code: "oauth.clients",
    ja: "連携システムの一覧",
    en: "list of clients shown",
};
/// A client was registered.
pub static REGISTER: Event = Event {
    code: "oauth.register",
    ja: "連携システムの登録",
    en: "client registered",
};
static KEY: Event = Event {
    code: "oauth.key",
    ja: "連携システムの鍵の登録・終了",
    en: "client's key added or ended",
};
/// A client was ended.
pub static END: Event = Event {
    code: "oauth.end",
    ja: "連携システムの終了",
    en: "client ended",
};

/// Routes of the list.
#[must_use]
pub fn routes() -> Vec<Route> {
    let page = |method, path, permission, event, body, (ja, en), handler| Route {
        method,
        path,
        face: Face::Page,
        permission,
        event,
        purpose: Purpose::Operation,
        body,
        summary: Text { ja, en },
        handler,
    };
    let post = |path, event, summary, handler| {
        let permission = Permission::ManageEquipment;
        page(
            Method::Post,
            path,
            permission,
            event,
            Body::Form,
            summary,
            handler,
        )
    };
    vec![
        page(
            Method::Get,
            PATH,
            Permission::SeeEquipment,
            &LIST,
            Body::None,
            ("連携システムの一覧", "the facility's clients"),
            handler!(list),
        ),
        post(
            PATH,
            &REGISTER,
            ("連携システムの登録", "register a client"),
            handler!(register),
        ),
        post(
            "/office/clients/{client}/keys",
            &KEY,
            ("公開鍵の追加", "add a client's key"),
            handler!(add_key),
        ),
        post(
            "/office/clients/{client}/keys/end",
            &KEY,
            ("公開鍵の終了", "end a client's key"),
            handler!(end_key),
        ),
        post(
            "/office/clients/{client}/end",
            &END,
            ("連携システムの終了", "end a client"),
            handler!(end),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let facility = request.facility()?;
    let clients = request
        .read(move |call| Ok(client::list(call, facility)?))
        .await?;
    let may_change = access::policy::admits(request.caller(), Permission::ManageEquipment);
    Ok(page(&request, &body(&request, &clients, may_change)))
}

async fn register(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let facility = request.facility()?;
    let form = request.form()?;
    let written = Written {
        name: form.text("name"),
        kind: form.text("kind"),
        scopes: form.text("scopes"),
        redirects: form.text("redirects"),
        networks: form.text("networks"),
        certificates: form.text("certificates"),
        needs_certificate: form.text("needs_certificate") == "yes",
        key: form.text("key"),
    };
    let (terms, key) = registration::read(&written, request.at())?;
    request
        .write(move |call| {
            let key = key.as_ref().map(|(key, ends_at)| (key, *ends_at));
            client::register(call, facility, &terms, key)
        })
        .await?;
    Ok(Answer::see_other(PATH))
}

async fn add_key(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, id) = (
        request.facility()?,
        request.id_param("client", ClientId::parse)?,
    );
    let key = registration::key(request.form()?.text("key"))?;
    let ends_at = registration::key_end(request.at());
    request
        .write(move |call| client::add_key(call, facility, id, &key, ends_at))
        .await?;
    Ok(Answer::see_other(PATH))
}

async fn end_key(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, id) = (
        request.facility()?,
        request.id_param("client", ClientId::parse)?,
    );
    let kid = request.form()?.text("kid").to_owned();
    let absent = || Stop::from(&access::errors::CLIENT_ABSENT);
    request
        .write(move |call| {
            let ended = client::end_key(call, facility, id, &kid)?;
            if ended { Ok(()) } else { Err(absent()) }
        })
        .await?;
    Ok(Answer::see_other(PATH))
}

async fn end(request: Request) -> Result<Answer, Refusal> {
    request.fresh()?;
    let (facility, id) = (
        request.facility()?,
        request.id_param("client", ClientId::parse)?,
    );
    let absent = || Stop::from(&access::errors::CLIENT_ABSENT);
    request
        .write(move |call| {
            let ended = client::end(call, facility, id)?;
            if ended { Ok(()) } else { Err(absent()) }
        })
        .await?;
    request.app().gate.forget_tokens();
    Ok(Answer::see_other(PATH))
}

fn page(request: &Request, body: &Markup) -> Answer {
    let title = request.lang().pick("接続するシステム", "Connected systems");
    let here = [ui::Crumb {
        href: None,
        label: title,
    }];
    web::office::page(request, title, &here, false, body.clone())
}

fn body(request: &Request, clients: &[(Client, Vec<Key>)], may_change: bool) -> Markup {
    let (lang, at, csrf) = (request.lang(), request.at(), request.csrf());
    html! {
        p { (lang.pick("この施設の電子カルテやアプリのうち、接続を許可しているものです。鍵は1年で終わります。終わる前に新しい鍵を追加し、切り替えが済んだら古い鍵を終了してください。", "The record systems and apps of this facility that may connect. A key ends after one year: add a new one before, and end the old one when the change is done.")) }
        @if clients.is_empty() {
            (ui::empty(
                lang.pick("登録されたシステムはありません", "No system is registered"),
                lang.pick("下の欄から登録してください。", "Register one below."),
                None,
            ))
        }
        @for (client, keys) in clients {
            (card(lang, at, &csrf, client, keys, may_change))
        }
        @if may_change {
            (ui::section("register", lang.pick("新しく登録する", "Register a system"), &new_form(lang, &csrf)))
        }
    }
}

fn card(
    lang: Lang,
    at: Timestamp,
    csrf: &str,
    client: &Client,
    keys: &[Key],
    may_change: bool,
) -> Markup {
    let (terms, id) = (&client.terms, client.id.to_hex());
    let holds = client.holds(at);
    let until = |end: Timestamp| ui::date(lang, end.jst_date());
    let rows = [
        ui::Fact {
            label: "client_id",
            value: ui::copyable(lang, &id),
        },
        ui::Fact {
            label: lang.pick("状態", "State"),
            value: html! {
                @if holds { (lang.pick("利用中(期限 ", "in use until ")) (until(terms.ends_at)) (lang.pick(")", "")) }
                @else { (lang.pick("終了しました", "ended")) }
            },
        },
        ui::Fact {
            label: "scope",
            value: html! { code { (terms.scopes) } },
        },
        ui::Fact {
            label: lang.pick("接続元", "From"),
            value: html! {
                @if terms.networks.is_empty() { (lang.pick("制限なし", "anywhere")) } @else { (terms.networks) }
                @if terms.needs_certificate { (lang.pick("(クライアント証明書が必要)", " (client certificate required)")) }
            },
        },
        ui::Fact {
            label: lang.pick("公開鍵", "Public keys"),
            value: key_list(lang, at, csrf, (client, keys), may_change),
        },
    ];
    let key_field = Field {
        lang,
        name: "key",
        label: lang.pick("追加する公開鍵(JWK)", "Public key to add (JWK)"),
        required: true,
        ..Field::default()
    };
    html! {
        (ui::section(&format!("c{id}"), &terms.name, &html! {
            (ui::facts("", &rows))
            @if may_change && holds {
                details {
                    summary { (lang.pick("鍵を追加する・接続を終了する", "Add a key, or end the connection")) }
                    (ui::form(&format!("{PATH}/{id}/keys"), csrf, &html! {
                        (ui::text_area(&key_field, 5))
                        (ui::submit(lang.pick("鍵を追加する", "Add the key"), Tone::Secondary))
                    }))
                    (ui::post_button(&format!("{PATH}/{id}/end"), csrf, &[], lang.pick("この連携システムの接続を終了する", "End this system's connection"), Tone::Danger))
                }
            }
        }))
    }
}

/// The keys of a client with their ends; each can be ended while the client holds.
fn key_list(
    lang: Lang,
    at: Timestamp,
    csrf: &str,
    (client, keys): (&Client, &[Key]),
    may_change: bool,
) -> Markup {
    let id = client.id.to_hex();
    html! {
        @for key in keys {
            div {
                code { (key.public.kid()) } " " (key.public.algorithm()) " "
                @if key.holds(at) {
                    (lang.pick("期限 ", "until ")) (ui::date(lang, key.ends_at.jst_date())) " "
                    @if may_change && client.holds(at) {
                        (ui::post_button(&format!("{PATH}/{id}/keys/end"), csrf, &[("kid", key.public.kid())], lang.pick("この鍵を終了する", "End this key"), Tone::Quiet))
                    }
                } @else { (lang.pick("終了", "ended")) }
            }
        }
    }
}

fn new_form(lang: Lang, csrf: &str) -> Markup {
    let field = |name, label, hint, required| Field {
        lang,
        name,
        label,
        hint: Some(hint),
        required,
        ..Field::default()
    };
    let kinds = [
        ui::Choice {
            value: "backend",
            label: lang.pick("電子カルテなどのサーバー", "A server, such as a record system"),
            description: Some(lang.pick("人の操作なしで接続します(system/・tasuki/ の scope)。", "It connects on its own (scopes system/ and tasuki/).")),
            checked: true,
        },
        ui::Choice {
            value: "app",
            label: lang.pick("人がログインして使うアプリ", "An app in which people log in"),
            description: Some(lang.pick("患者さんや職員の許可を得て接続します(patient/・user/ の scope)。", "It connects when a patient or a member of staff allows it (scopes patient/ and user/).")),
            checked: false,
        },
    ];
    ui::form(
        PATH,
        csrf,
        &html! {
            (ui::text_field(&field("name", lang.pick("名称", "Name"), lang.pick("画面と記録に表示します。", "Shown on pages and in records."), true)))
            (ui::radio_cards(&ui::Choices {
                lang,
                name: "kind",
                legend: lang.pick("種類", "Kind"),
                required: true,
                options: &kinds,
                ..ui::Choices::default()
            }))
            (ui::text_area(&field("scopes", "scope", lang.pick("空白で区切ります。例: system/Bundle.crud tasuki/eligibility", "separated by spaces, such as system/Bundle.crud tasuki/eligibility"), true), 2))
            (ui::text_area(&field("key", lang.pick("公開鍵(JWK)", "Public key (JWK)"), lang.pick("提供元から受け取った公開鍵を貼り付けます。秘密鍵は受け取らないでください。", "Paste the public key that the vendor gave you; never accept a private key."), false), 5))
            (ui::text_area(&field("redirects", lang.pick("戻り先のアドレス(アプリのみ)", "Return addresses (apps only)"), lang.pick("https の絶対アドレス。一字一句一致したときだけ戻ります。", "absolute https addresses, compared letter by letter"), false), 2))
            (ui::text_area(&field("networks", lang.pick("接続元の制限", "Networks"), lang.pick("例: 203.0.113.0/24。空欄なら制限しません。", "such as 203.0.113.0/24; empty: from anywhere"), false), 2))
            (ui::text_area(&field("certificates", lang.pick("クライアント証明書のSHA-256", "SHA-256 of client certificates"), lang.pick("16進64桁。証明書で接続する場合だけ入力します。", "64 hexadecimal digits, only when it connects with a certificate"), false), 2))
            (ui::checkbox_cards(&ui::Choices {
                lang,
                name: "needs_certificate",
                legend: lang.pick("証明書", "Certificate"),
                options: &[ui::Choice {
                    value: "yes",
                    label: lang.pick("上の証明書での接続だけを許可する", "Only connections with such a certificate"),
                    ..ui::Choice::default()
                }],
                ..ui::Choices::default()
            }))
            (ui::submit(lang.pick("登録する", "Register"), Tone::Primary))
        },
    )
}
