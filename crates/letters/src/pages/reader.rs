//! One letter that came in.

use access::policy::{self, Permission};
use kernel::{Refusal, id::DocumentId};
use maud::{Markup, html};
use records::{
    documents::{
        errors as no,
        model::{Document, Reading},
        state::Standing,
    },
    exchange::{
        api::{file_answer, number},
        ops,
    },
};
use web::{
    Answer, Request,
    ui::{self, Lang, Level, Tone},
};

use super::frame;

/// The letter, and the document that travels with it, of an address.
fn places(request: &Request) -> Result<(DocumentId, Option<DocumentId>), Refusal> {
    let letter = request.id_param("letter", DocumentId::parse)?;
    Ok((letter, request.query("part").and_then(DocumentId::parse)))
}

async fn read(request: &Request) -> Result<Reading, Refusal> {
    let home = request.home()?.clone();
    let (letter, part) = places(request)?;
    request
        .read(move |call| ops::read(call, &home, letter, part, None))
        .await
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let (letter, part) = places(&request)?;
    let base = format!("/letters/{}", letter.to_hex());
    let title = lang.pick("紹介状", "Letter");
    let list = lang.pick("届いた紹介状", "Letters received");
    let crumbs = frame::crumbs("/letters", list, title);
    let reading = match read(&request).await {
        Ok(reading) => reading,
        Err(why) if why.entry.code == no::UNOPENED.code => {
            let body = closed(&request, &base);
            return Ok(frame::page(&request, title, &crumbs, false, body));
        }
        Err(why) => return Err(why),
    };
    let sheet = frame::sheet(&reading)?;
    let query = part
        .map(|part| format!("?part={}", part.to_hex()))
        .unwrap_or_default();
    let body = html! {
        @if part.is_none() { (stand(&request, &base, &reading.document)) }
        (travels(lang, &base, &reading))
        (frame::reading(lang, &base, &query, &sheet, &reading.files))
    };
    Ok(frame::page(&request, title, &crumbs, false, body))
}

/// A letter that nobody here has opened.
fn closed(request: &Request, base: &str) -> Markup {
    let lang = request.lang();
    html! {
        (ui::notice(lang, Level::Info,
            lang.pick("この紹介状は、まだ開いていません", "This letter has not been opened here"),
            &html! { p { (lang.pick(
                "開くと、送った施設に「開封」の知らせが届き、患者さんの履歴に残ります。",
                "Opening it tells its sender so, and is in the patient's history.")) } }))
        (ui::post_button(&format!("{base}/open"), &request.csrf(), &[],
            lang.pick("開いて読む", "Open and read"), Tone::Primary))
    }
}

/// Where the letter stands, and what can be done.
fn stand(request: &Request, base: &str, document: &Document) -> Markup {
    let lang = request.lang();
    let may_answer = policy::admits(request.caller(), Permission::SendDocuments);
    let answered = document.head.answer.as_ref();
    html! {
        @if let Some(done) = answered {
            (ui::notice(lang, Level::Success,
                lang.pick("返事を送った紹介状です", "This letter was answered"),
                &frame::answer(lang, done)))
        } @else if document.state.stands() && document.state.standing() == Standing::Opened {
            (ui::notice(lang, Level::Info,
                lang.pick("送った施設が返事を待っています", "The sender waits for an answer"),
                &html! { @if may_answer {
                    (ui::actions(&[ui::button_link(&format!("{base}/answer"),
                        lang.pick("返事を書く・お断りする", "Answer or decline"), Tone::Primary)]))
                } @else {
                    p { (lang.pick("返事は、医師または歯科医師が書きます。", "A doctor or dentist answers it.")) }
                } }))
        }
        @if !document.state.stands() {
            (ui::notice(lang, Level::Warning,
                lang.pick("送った施設が取り消した紹介状です", "Its sender took this letter back"),
                &html! { @if let Some(cancelled) = &document.head.cancelled {
                    p { (frame::when(lang, cancelled.at)) " " (cancelled.reason) }
                } }))
        }
    }
}

/// The documents that travel with it.
fn travels(lang: Lang, base: &str, reading: &Reading) -> Markup {
    html! {
        @if !reading.enclosed.is_empty() {
            (ui::section("enclosed", lang.pick("一緒に届いた文書", "Documents that came with it"), &html! {
                ul {
                    @for one in &reading.enclosed {
                        li { a href={(base) "?part=" (one.id.to_hex())} {
                            (lang.pick(one.kind.name_ja(), one.kind.name_en())) " " (one.card.author.institution)
                        } }
                    }
                }
            }))
        }
    }
}

pub(super) async fn open(request: Request) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let (letter, _) = places(&request)?;
    request
        .write(move |call| ops::open(call, &home, letter))
        .await?;
    Ok(Answer::see_other(&format!("/letters/{}", letter.to_hex())))
}

pub(super) async fn pdf(request: Request) -> Result<Answer, Refusal> {
    let sheet = frame::sheet(&read(&request).await?)?;
    frame::print(&request, sheet).await
}

pub(super) async fn file(request: Request) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let (letter, part) = places(&request)?;
    let number = number(&request)?;
    let (file, bytes) = request
        .read(move |call| ops::read_file(call, &home, letter, part, number))
        .await?;
    Ok(file_answer(&file, number, bytes))
}
