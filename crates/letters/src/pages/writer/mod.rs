//! Writing a letter: the patient from today's visits, the addressee from the registered
//! facilities, and a form whose common content is clicked.
//!
//! The preview is the very document that would be sent, set as its sheet; it opens beside the
//! form, so that nothing that was typed or chosen is lost. A draft has its own identifier:
//! sent twice, it is one letter.

mod form;
mod material;
mod typed;

use eligibility::model::VisitId;
use fhir::{clins::document, json::Document};
use kernel::{Refusal, id::DocumentId};
use maud::{Markup, html};
use paper::{compose, errors, html as paged};
use records::documents::{check, ops as documents};
use registry::model::Facility;
use web::{
    Answer, Request,
    ui::{self, Field, Level, Tone},
};

use super::{frame, sent};
use crate::letter::{self, Letter};
use material::Material;
use typed::Typed;

/// Facilities that a search shows.
const FOUND_MAX: usize = 30;
/// Facilities that a search looks at, and how many at a time.
const LOOKED_MAX: i64 = 20_000;
const LOOKED_AT_ONCE: i64 = 1_000;

pub(super) async fn choose(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let facility = request.facility()?;
    let visits = request
        .read(move |call| eligibility::ops::today(call, facility))
        .await?;
    let body = html! {
        @if visits.is_empty() {
            (ui::empty(
                lang.pick("今日受付をした患者さんはいません", "Nobody has come today"),
                lang.pick("紹介状は、資格確認をした患者さんについて書きます。", "A letter is written for a patient whose eligibility was checked."),
                Some(&ui::button_link("/reception", lang.pick("受付へ", "To the reception"), Tone::Primary))))
        } @else {
            p { (lang.pick("紹介する患者さんを選んでください。", "Choose the patient.")) }
            ul.records {
                @for visit in &visits {
                    li {
                        p.record-line {
                            a.record-name href={"/visits/" (visit.id.to_hex()) "/letter"} { (visit.name) (lang.pick(" さん", "")) }
                            span { (visit.kana) }
                        }
                        p.provenance { (lang.pick("受付 ", "came ")) (frame::when(lang, visit.at)) }
                    }
                }
            }
        }
    };
    let title = lang.pick("紹介状を書く", "Write a letter");
    Ok(frame::page(&request, title, &[], false, body))
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let visit = request.id_param("visit", VisitId::parse)?;
    let material = load(&request, visit, request.query("to")).await?;
    if material.to.is_none() {
        let found = search(&request, request.query("q").unwrap_or_default()).await?;
        return Ok(addressees(&request, visit, &material, &found));
    }
    let typed = Typed::new(&request, material.draft);
    Ok(form::page(&request, visit, &material, &typed))
}

pub(super) async fn send(request: Request) -> Result<Answer, Refusal> {
    let visit = request.id_param("visit", VisitId::parse)?;
    let form = request.form()?;
    let to = form.text("to").to_owned();
    let mut material = load(&request, visit, Some(&to)).await?;
    material.offered(&form);
    let mut typed = Typed::read(&request, &form);
    let letter = match typed.letter(&request, &material) {
        Ok(letter) => letter,
        Err(why) => {
            let status = why.entry.status;
            typed.why = Some(why);
            return Ok(form::page(&request, visit, &material, &typed).with_status(status));
        }
    };
    let judged = judge(&request, letter).await?;
    let (document, checked) = match judged {
        Ok(judged) => judged,
        Err(why) => return Ok(refused(&request, visit, &material, typed, why)),
    };
    if form.text("act") == "preview" {
        return preview(&request, &document);
    }
    let home = request.home()?.clone();
    let oral = typed.has_consent.then(|| sent::oral(&form));
    let done = request
        .write(move |call| documents::register(call, &home, &checked, oral.as_ref()))
        .await;
    match done {
        Ok(done) => {
            let to = format!("/sent-documents/{}?done=sent", done.id.to_hex());
            Ok(Answer::see_other(&to))
        }
        Err(why) => Ok(refused(&request, visit, &material, typed, why)),
    }
}

fn refused(
    request: &Request,
    visit: VisitId,
    material: &Material,
    mut typed: Typed,
    why: Refusal,
) -> Answer {
    let status = why.entry.status;
    typed.why = Some(why);
    form::page(request, visit, material, &typed).with_status(status)
}

type Judged = Result<(Document, records::documents::model::Checked), Refusal>;

/// Builds the document and judges it as one that came from outside.
async fn judge(request: &Request, letter: Letter) -> Result<Judged, Refusal> {
    let on = request.at().jst_date();
    request
        .compute(move || {
            let bytes = letter::bundle(&letter);
            let document = Document::parse(&bytes)
                .map_err(|error| Refusal::with(&records::errors::JSON, vec![error.finding()]))?;
            let checked = check::check(&document, on)?;
            Ok((document, checked))
        })
        .await
}

/// The document as it would be sent.
fn preview(request: &Request, document: &Document) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let facts = document::facts(document).ok_or_else(|| Refusal::new(&errors::UNREADABLE))?;
    let mut sheet = compose::sheet(document, &facts);
    // What is not sent has no bytes to be compared with.
    sheet.origin.digest = None;
    let body = html! {
        (ui::notice(lang, Level::Info,
            lang.pick("まだ送っていません（下書きの確認です）", "Not sent: this is a preview"),
            &html! { p { (lang.pick(
                "この画面を閉じて、もとの画面の「紹介状を送る」を押すと送れます。",
                "Close this page and press “Send” on the form.")) } }))
        (ui::actions(&[ui::print_button(lang)]))
        (paged::article(&sheet))
    };
    let title = lang.pick("紹介状の確認", "Preview of the letter");
    Ok(frame::page(request, title, &[], false, body))
}

async fn load(request: &Request, visit: VisitId, to: Option<&str>) -> Result<Material, Refusal> {
    let home = request.home()?.clone();
    let to = to.map(str::to_owned);
    request
        .read(move |call| material::load(call, &home, visit, to.as_deref()))
        .await
}

/// Facilities whose name or code holds what was typed.
async fn search(request: &Request, text: &str) -> Result<Vec<Facility>, Refusal> {
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let own = request.facility()?;
    request
        .look_up(move |call| {
            let (mut found, mut after, mut looked) = (Vec::new(), String::new(), 0);
            while looked < LOOKED_MAX && found.len() < FOUND_MAX {
                let some = registry::ops::facilities(call, &after, LOOKED_AT_ONCE)?;
                let Some(last) = some.last() else { break };
                after = last.code.as_str().to_owned();
                looked += LOOKED_AT_ONCE;
                let fits = some.into_iter().filter(|one| {
                    one.id != own
                        && material::receives(one.kind)
                        && (one.name.contains(&text) || one.code.as_str().starts_with(&text))
                });
                found.extend(fits);
            }
            found.truncate(FOUND_MAX);
            Ok(found)
        })
        .await
}

/// The choice of the addressee.
fn addressees(
    request: &Request,
    visit: VisitId,
    material: &Material,
    found: &[Facility],
) -> Answer {
    let lang = request.lang();
    let text = request.query("q").unwrap_or_default();
    let here = format!("/visits/{}/letter", visit.to_hex());
    let body = html! {
        (material.strip(request))
        form.form method="get" action=(here) {
            (ui::text_field(&Field {
                lang,
                name: "q",
                label: lang.pick("紹介先の施設をさがす", "Find the addressee"),
                hint: Some(lang.pick("施設名の一部、または医療機関コードを入力してください。", "Part of the name, or the code.")),
                value: text,
                required: true,
                max_length: Some(50),
                ..Field::default()
            }))
            (ui::actions(&[ui::submit(lang.pick("さがす", "Search"), Tone::Primary)]))
        }
        @if !text.trim().is_empty() && found.is_empty() {
            (ui::empty(
                lang.pick("見つかりませんでした", "Nothing was found"),
                lang.pick("名前の一部だけにするか、10桁の医療機関コードでさがしてください。登録のない施設には、紙の紹介状をお使いください。",
                    "Try part of the name or the ten-digit code. Use paper for a facility that is not registered."),
                None))
        }
        @if !found.is_empty() {
            (ui::section("found", lang.pick("紹介先を選んでください", "Choose the addressee"), &html! {
                ul.records {
                    @for one in found {
                        li { p.record-line {
                            a.record-name href={(here) "?to=" (one.code.as_str())} { (one.name) }
                            span { (one.code.as_str()) }
                        } }
                    }
                }
                @if found.len() >= FOUND_MAX {
                    p { (lang.pick("ほかにもあります。名前をもう少し詳しく入力してください。", "There are more: please type more of the name.")) }
                }
            }))
        }
    };
    let title = lang.pick("紹介状を書く：紹介先", "Write a letter: the addressee");
    let list = lang.pick("紹介状を書く", "Write a letter");
    let crumbs = frame::crumbs("/letters/new", list, title);
    frame::page(request, title, &crumbs, false, body)
}

/// A draft's identifier from the form.
fn draft_of(text: &str) -> Option<DocumentId> {
    DocumentId::parse(text)
}

/// Text beside a heading, for lists of things to click.
fn picks(
    lang: ui::Lang,
    name: &str,
    legend: &str,
    hint: &str,
    texts: &[(String, String)],
    picked: &[String],
) -> Markup {
    let options: Vec<ui::Choice<'_>> = texts
        .iter()
        .map(|(value, label)| ui::Choice {
            value,
            label,
            description: None,
            checked: picked.contains(value),
        })
        .collect();
    html! {
        @if !options.is_empty() { div.picks {
            (ui::checkbox_cards(&ui::Choices {
                lang,
                name,
                legend,
                hint: Some(hint).filter(|hint| !hint.is_empty()),
                options: &options,
                ..ui::Choices::default()
            }))
        } }
    }
}
