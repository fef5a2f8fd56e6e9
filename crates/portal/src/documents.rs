//! One's own documents (文書): referral letters, discharge summaries, care plans and checkup
//! reports, without what a doctor has not told yet (`records::documents::ops` leaves it out).

use access::policy::Permission;
use fhir::{clins::document, json::Document};
use kernel::{Refusal, Text, id::DocumentId};
use maud::{Markup, html};
use records::{
    documents::{
        model::{File, Reading},
        ops::{self, OwnDocument},
    },
    exchange::api::{file_answer, number},
};
use store::caller::Purpose;
use web::{
    Answer, Body, Face, Method, Request, Route, handler,
    route::Handler,
    ui::{self, Lang},
};

use crate::{
    events,
    frame::{self, Tab},
};

/// The address of the list.
pub const PATH: &str = "/portal/documents";

/// Routes of one's own documents.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |path, event, ja, en, handler: Handler| Route {
        method: Method::Get,
        path,
        face: Face::Portal,
        permission: Permission::OwnData,
        event,
        purpose: Purpose::OwnAccess,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    };
    vec![
        route(
            PATH,
            &events::DOCUMENTS,
            "わたしの文書の一覧",
            "own documents",
            handler!(list),
        ),
        route(
            "/portal/documents/{document}",
            &events::DOCUMENT,
            "わたしの文書",
            "one of one's own documents",
            handler!(read),
        ),
        route(
            "/portal/documents/{document}/files/{number}",
            &events::DOCUMENT_FILE,
            "わたしの文書の添付ファイル",
            "a file in one's own document",
            handler!(file),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let (profile, documents) = request
        .read(move |call| {
            let documents = ops::own(call, me)?;
            Ok((registry::ops::profile(call, me)?, documents))
        })
        .await?;
    let lang = request.lang();
    let title = lang.pick("わたしの文書", "My documents");
    let body = lines(lang, &documents);
    Ok(frame::portal_page(
        &request,
        &profile.name,
        title,
        Tab::Record,
        body,
    ))
}

/// The list: what, from whom, to whom, when.
#[must_use]
pub fn lines(lang: Lang, documents: &[OwnDocument]) -> Markup {
    if documents.is_empty() {
        return ui::empty(
            lang.pick("文書はありません", "No documents"),
            lang.pick(
                "紹介状、退院時サマリー、療養計画書、健診の結果が登録されると、ここに表示されます。",
                "Referral letters, discharge summaries, care plans and checkup reports appear here.",
            ),
            None,
        );
    }
    html! {
        p { (lang.pick(
            "医療機関などが登録した、あなたについての文書です。新しいものから並んでいます。",
            "Documents about you that facilities have registered, newest first.")) }
        @for one in documents {
            (ui::section(&format!("document-{}", one.id.to_hex()), name(lang, one), &card(lang, one)))
        }
    }
}

const fn name(lang: Lang, one: &OwnDocument) -> &'static str {
    lang.pick(one.kind.name_ja(), one.kind.name_en())
}

fn card(lang: Lang, one: &OwnDocument) -> Markup {
    let fact = |label, value: Markup| ui::Fact { label, value };
    let registered = ui::date(lang, one.registered_at.jst_date());
    let mut rows = vec![
        fact(lang.pick("登録した日", "Registered"), registered),
        fact(lang.pick("作成した施設", "From"), html! { (one.sender) }),
    ];
    if let Some(reader) = &one.reader {
        rows.push(fact(
            lang.pick("見ることができる施設", "May be read by"),
            html! { (reader) },
        ));
    }
    if one.reader.is_some() && !one.kind.is_checkup() {
        rows.push(fact(
            lang.pick("状態", "State"),
            html! { (lang.pick(one.state.ja(), one.state.en())) },
        ));
    }
    if let Some(at) = one.opened_at {
        rows.push(fact(
            lang.pick("開封された日", "Opened"),
            ui::date(lang, at.jst_date()),
        ));
    }
    let address = frame::link(lang, &format!("{PATH}/{}", one.id.to_hex()));
    html! {
        (ui::facts("", &rows))
        p { a href=(address) {
            (lang.pick("内容を見る", "Read it"))
            span.visually-hidden { "(" (name(lang, one)) " " (ui::date_text(lang, one.registered_at.jst_date())) ")" }
        } }
    }
}

async fn read(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let id = request.id_param("document", DocumentId::parse)?;
    let (profile, reading) = request
        .read(move |call| {
            let reading = ops::own_reading(call, me, id)?;
            Ok((registry::ops::profile(call, me)?, reading))
        })
        .await?;
    let lang = request.lang();
    let kind = reading.document.kind;
    let title = lang.pick(kind.name_ja(), kind.name_en());
    let body = sheet(lang, &reading);
    Ok(frame::portal_page(
        &request,
        &profile.name,
        title,
        Tab::Record,
        body,
    ))
}

fn sheet(lang: Lang, reading: &Reading) -> Markup {
    let json = Document::parse(&reading.bytes).ok();
    let shown = json.as_ref().and_then(|json| {
        let facts = document::facts(json)?;
        Some(paper::html::article(&paper::compose::sheet(json, &facts)))
    });
    let id = reading.document.id.to_hex();
    html! {
        @match shown {
            Some(article) => (article),
            None => p { (lang.pick(
                "この文書は画面に表示できません。作成した施設におたずねください。",
                "This document cannot be shown. Please ask the facility that wrote it.")) },
        }
        @if !reading.files.is_empty() {
            (ui::section("files", lang.pick("添付ファイル", "Attached files"), &html! {
                ul { @for (number, file) in (1..).zip(&reading.files) {
                    li { (entry(lang, &id, number, file)) }
                } }
            }))
        }
        p { a href=(frame::link(lang, PATH)) { (lang.pick("文書の一覧へ", "All documents")) } }
    }
}

fn entry(lang: Lang, id: &str, number: usize, file: &File) -> Markup {
    let address = format!("{PATH}/{id}/files/{number}");
    let title = match file.title.as_str() {
        "" => lang.pick("添付ファイル", "file"),
        title => title,
    };
    let size = paper::compose::size(file.bytes);
    html! {
        a href=(address) download { (title) " (" (file.kind.extension()) "、" (size) ")" }
        @if file.is_shown {
            p { img src=(address) alt=(title) loading="lazy"; }
        }
    }
}

async fn file(request: Request) -> Result<Answer, Refusal> {
    let me = frame::me(&request)?;
    let id = request.id_param("document", DocumentId::parse)?;
    let number = number(&request)?;
    let (file, bytes) = request
        .read(move |call| ops::own_file(call, me, id, number))
        .await?;
    Ok(file_answer(&file, number, bytes))
}
