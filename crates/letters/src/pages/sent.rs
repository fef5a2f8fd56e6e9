//! What the facility sent: where each stands, the patient's consent, and the answer.

use fhir::{clins::document, json::Document as Json};
use kernel::{
    Refusal,
    id::DocumentId,
    time::{JstDate, Timestamp},
};
use maud::{Markup, html};
use paper::errors;
use records::{
    documents::{
        model::{Document, Oral, Reading},
        ops as documents,
        rules::needs_nudge,
        state::{Standing, State},
    },
    exchange::{
        api::{file_answer, number},
        model::{After, Line, Side},
        ops,
    },
    ops::Target,
};
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Level, Tone, Width},
};

use super::frame;

/// Documents of one page.
const SHOWN: usize = 20;

pub(super) async fn list(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let facility = request.facility()?;
    let after = request.query("after").and_then(After::parse);
    let (loops, list) = request
        .read(move |call| {
            let list = ops::sent(call, facility, None, after, SHOWN)?;
            Ok((ops::loops(call, facility)?, list))
        })
        .await?;
    let href = |line: &Line| format!("/sent-documents/{}", line.id.to_hex());
    let part = |id: &str, heading: &str, help: &str, lines: &[Line]| {
        let heading = format!("{heading}（{}）", lines.len());
        html! { @if !lines.is_empty() {
            (ui::section(id, &heading, &html! {
                p { (help) }
                (frame::letters(lang, lines, Side::Sent, &href))
            }))
        } }
    };
    let next = list.last().filter(|_| list.len() == SHOWN);
    let next = next.map(|line| {
        After {
            at: line.at,
            id: line.id,
        }
        .word()
    });
    let body = html! {
        (ui::actions(&[ui::button_link("/letters/new", lang.pick("紹介状を書く", "Write a letter"), Tone::Primary)]))
        @if after.is_none() {
            (part("overdue", lang.pick("3日たっても開かれていない紹介状", "Not opened in three days"),
                ask(lang), &loops.overdue))
            (part("consent", lang.pick("患者さんの同意の登録を待っている紹介状", "Waiting for the patient's consent"),
                lang.pick("口頭の同意を登録するまで、相手の施設は読めません。", "The addressee cannot read them until the oral consent is recorded."),
                &loops.waiting_for_consent))
            (part("unopened", lang.pick("まだ開かれていない紹介状", "Not opened yet"), "", &loops.unopened))
            (part("unanswered", lang.pick("返事を待っている紹介状", "Waiting for an answer"),
                lang.pick("相手の施設は開封しています。", "The addressee has opened them."), &loops.unanswered))
        }
        @if list.is_empty() {
            (ui::empty(
                lang.pick("送った文書はありません", "Nothing was sent"),
                lang.pick("紹介状は、受付をした患者さんを選んで書きます。", "A letter is written for a patient who has come."),
                None))
        } @else {
            (ui::section("all", lang.pick("送った文書（新しい順）", "All documents, newest first"),
                &frame::letters(lang, &list, Side::Sent, &href)))
        }
        @if let Some(next) = next {
            (ui::actions(&[ui::button_link(&format!("/sent-documents?after={next}"),
                lang.pick("これより前のものを見る", "Older ones"), Tone::Secondary)]))
        }
    };
    let title = lang.pick("送った文書", "Documents sent");
    Ok(frame::page(&request, title, &[], false, body))
}

fn places(request: &Request) -> Result<(DocumentId, Option<DocumentId>), Refusal> {
    let letter = request.id_param("letter", DocumentId::parse)?;
    Ok((letter, request.query("part").and_then(DocumentId::parse)))
}

async fn read(request: &Request) -> Result<Reading, Refusal> {
    let home = request.home()?.clone();
    let (letter, part) = places(request)?;
    request
        .read(move |call| ops::own(call, &home, letter, part, None))
        .await
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    page(&request, None).await
}

/// The document, with what was refused above it.
async fn page(request: &Request, why: Option<&Refusal>) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let (letter, part) = places(request)?;
    let base = format!("/sent-documents/{}", letter.to_hex());
    let reading = read(request).await?;
    let sheet = frame::sheet(&reading)?;
    let query = part
        .map(|part| format!("?part={}", part.to_hex()))
        .unwrap_or_default();
    let done = match request.query("done") {
        Some("sent") => Some(lang.pick("紹介状を送りました", "The letter was sent")),
        Some("consent") => {
            Some(lang.pick("患者さんの同意を登録しました", "The consent was recorded"))
        }
        Some("state") if reading.document.state.stands() => {
            Some(lang.pick("取消を元に戻しました", "It stands again"))
        }
        Some("state") => Some(lang.pick("この文書を取り消しました", "It was taken back")),
        _ => None,
    };
    let body = html! {
        @if let Some(done) = done { (ui::notice(lang, Level::Success, done, &html! {})) }
        @if let Some(why) = why {
            (frame::refused(lang, lang.pick("登録できませんでした", "Nothing was done"), why))
        }
        @if part.is_none() {
            (unheard(request, &reading.document))
            (stand(lang, &reading.document))
            (consent_form(request, &base, &reading.document))
        }
        (frame::reading(lang, &base, &query, &sheet, &reading.files))
        (travels(lang, &base, &reading))
        @if part.is_none() { (take_back(request, &base, &reading.document)) }
    };
    let title = lang.pick("送った文書", "Document sent");
    let list = lang.pick("送った文書の一覧", "Documents sent");
    let crumbs = frame::crumbs("/sent-documents", list, title);
    let answer = frame::page(request, title, &crumbs, why.is_some(), body);
    Ok(match why {
        Some(why) => answer.with_status(why.entry.status),
        None => answer,
    })
}

/// What to do about a letter that nobody has opened for days.
const fn ask(lang: Lang) -> &'static str {
    lang.pick(
        "届いているか、電話などで相手の施設におたずねください。",
        "Please ask the addressee, for example by telephone.",
    )
}

/// That nobody has opened it for days, and what to do about it.
fn unheard(request: &Request, document: &Document) -> Markup {
    let lang = request.lang();
    let mut given = document.head.consents.iter().rev();
    let released = given.find(|one| one.is_given).map(|one| one.recorded_at);
    let is_unread = document.state == State::Stands(Standing::Released);
    if !is_unread || !released.is_some_and(|at| needs_nudge(at, request.at())) {
        return html! {};
    }
    let title = lang.pick("3日たっても開かれていません", "Not opened in three days");
    ui::notice(lang, Level::Warning, title, &html! { p { (ask(lang)) } })
}

/// The way of the letter: consent, receipt, answer.
fn stand(lang: Lang, document: &Document) -> Markup {
    let head = &document.head;
    let mut lines: Vec<(&str, String)> = Vec::new();
    let state = document.state;
    lines.push((
        lang.pick("状態", "State"),
        lang.pick(state.ja(), state.en()).to_owned(),
    ));
    if let Some((name, code)) = &head.reader {
        lines.push((lang.pick("宛先", "Addressee"), format!("{name}（{code}）")));
    }
    for consent in &head.consents {
        let what = if consent.is_given {
            lang.pick("口頭の同意", "Oral consent")
        } else {
            lang.pick("同意の取り消し", "Consent taken back")
        };
        let by = format!(
            "{} {}{}",
            frame::when(lang, consent.at),
            lang.pick("確認した人：", "by "),
            consent.by
        );
        lines.push((what, by));
    }
    if let Some(opened) = &head.opened {
        let by = format!("{} {}", frame::when(lang, opened.at), opened.by);
        lines.push((lang.pick("開封", "Opened"), by));
    }
    if let Some(cancelled) = &head.cancelled {
        let by = format!(
            "{} {} {}",
            frame::when(lang, cancelled.at),
            cancelled.by,
            cancelled.reason
        );
        lines.push((lang.pick("取消", "Taken back"), by));
    }
    html! {
        (ui::section("state", lang.pick("やりとりの状況", "How it stands"), &html! {
            dl.facts { @for (label, value) in &lines { div { dt { (label) } dd { (value) } } } }
            @if let Some(answer) = &head.answer {
                (ui::notice(lang, Level::Success, lang.pick("返事が届いています", "It was answered"),
                    &frame::answer(lang, answer)))
            }
        }))
    }
}

fn consent_form(request: &Request, base: &str, document: &Document) -> Markup {
    let lang = request.lang();
    if document.state != State::Stands(Standing::Closed) {
        return html! {};
    }
    let fields = html! {
        (consent_fields(request, true))
        (ui::actions(&[ui::submit(lang.pick("同意を登録して相手に届ける", "Record the consent and hand the letter over"), Tone::Primary)]))
    };
    html! {
        (ui::notice(lang, Level::Warning,
            lang.pick("まだ相手の施設には届いていません", "The addressee does not have it yet"),
            &html! { p { (lang.pick(
                "紹介状を送ることについて、患者さんの口頭の同意を登録してください。",
                "Record the patient's oral consent to this letter.")) } }))
        (ui::form(&format!("{base}/consent"), &request.csrf(), &fields))
    }
}

/// Who asked the patient, and when; not `required` where there may be no consent yet.
pub(super) fn consent_fields(request: &Request, required: bool) -> Markup {
    let lang = request.lang();
    let now = request.at().jst_minute();
    let (date, time) = now.split_once(' ').unwrap_or((&now, ""));
    html! {
        (ui::text_field(&Field {
            lang,
            name: "consent_by",
            label: lang.pick("同意を確かめた人", "Who asked the patient"),
            value: request.caller().name(),
            required,
            max_length: Some(100),
            width: Width::Medium,
            ..Field::default()
        }))
        (ui::code_field(&Field {
            lang,
            name: "consent_date",
            label: lang.pick("確かめた日（例 2026-05-01）", "Day, such as 2026-05-01"),
            value: date,
            required,
            max_length: Some(10),
            width: Width::Medium,
            ..Field::default()
        }))
        (ui::text_field(&Field {
            lang,
            name: "consent_time",
            label: lang.pick("確かめた時刻（例 14:30）", "Time, such as 14:30"),
            value: time.get(..5).unwrap_or(time),
            required,
            max_length: Some(5),
            width: Width::Short,
            ..Field::default()
        }))
    }
}

/// The oral consent as it was typed; a time that is none is one of 1970, which is refused with
/// its reason.
pub(super) fn oral(form: &web::request::Form) -> Oral {
    let date = JstDate::parse(form.text("consent_date"));
    let clock = form.text("consent_time").split_once(':');
    let number = |text: &str| text.parse::<i64>().ok();
    let minutes = clock.and_then(|(hour, minute)| {
        let (hour, minute) = (number(hour)?, number(minute)?);
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then(|| hour * 60 + minute)
    });
    let at = match (date, minutes) {
        (Some(date), Some(minutes)) => date.start().plus_seconds(minutes * 60),
        _ => Timestamp::from_micros(0),
    };
    Oral {
        at,
        by: form.text("consent_by").to_owned(),
    }
}

fn travels(lang: Lang, base: &str, reading: &Reading) -> Markup {
    html! {
        @if !reading.enclosed.is_empty() {
            (ui::section("enclosed", lang.pick("一緒に送られた文書・返事の文書", "Documents with it"), &html! {
                ul { @for one in &reading.enclosed {
                    li { a href={(base) "?part=" (one.id.to_hex())} {
                        (lang.pick(one.kind.name_ja(), one.kind.name_en())) " " (one.card.author.institution)
                    } }
                } }
            }))
        }
    }
}

fn take_back(request: &Request, base: &str, document: &Document) -> Markup {
    let lang = request.lang();
    let action = format!("{base}/state");
    let fields = if document.state.stands() {
        html! {
            (ui::hidden("act", "cancel"))
            (ui::text_field(&Field {
                lang,
                name: "reason",
                label: lang.pick("取り消す理由", "Why it is taken back"),
                max_length: Some(200),
                ..Field::default()
            }))
            (ui::actions(&[ui::submit(lang.pick("この文書を取り消す", "Take it back"), Tone::Danger)]))
        }
    } else {
        html! {
            (ui::hidden("act", "undo"))
            (ui::actions(&[ui::submit(lang.pick("取消を元に戻す", "Put it back"), Tone::Secondary)]))
        }
    };
    let (heading, summary) = if document.state.stands() {
        (
            lang.pick("この文書の取消", "Taking it back"),
            lang.pick("取り消す画面を開く", "Show the form"),
        )
    } else {
        (
            lang.pick("取り消した文書です", "It was taken back"),
            lang.pick("元に戻す画面を開く", "Show the form"),
        )
    };
    ui::section(
        "take-back",
        heading,
        &html! { details { summary { (summary) } (ui::form(&action, &request.csrf(), &fields)) } },
    )
}

pub(super) async fn consent(request: Request) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let (letter, _) = places(&request)?;
    let oral = oral(&request.form()?);
    let done = request
        .write(move |call| ops::release(call, &home, letter, &oral))
        .await;
    after(&request, letter, done.map(|_| ()), "consent").await
}

pub(super) async fn state(request: Request) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let (letter, _) = places(&request)?;
    let form = request.form()?;
    let target = target(&read(&request).await?)?;
    let (is_undo, reason) = (form.text("act") == "undo", form.text("reason").to_owned());
    let done = request
        .write(move |call| {
            if is_undo {
                documents::undo(call, &home, &target)
            } else {
                documents::cancel(call, &home, &target, &reason)
            }
        })
        .await;
    after(&request, letter, done.map(|_| ()), "state").await
}

async fn after(
    request: &Request,
    letter: DocumentId,
    done: Result<(), Refusal>,
    word: &str,
) -> Result<Answer, Refusal> {
    match done {
        Ok(()) => {
            let to = format!("/sent-documents/{}?done={word}", letter.to_hex());
            Ok(Answer::see_other(&to))
        }
        Err(why) if why.entry.status == 404 => Err(why),
        Err(why) => page(request, Some(&why)).await,
    }
}

/// The three things by which a command names a document.
fn target(reading: &Reading) -> Result<Target, Refusal> {
    let unreadable = || Refusal::new(&errors::UNREADABLE);
    let json = Json::parse(&reading.bytes).map_err(|_| unreadable())?;
    let facts = document::facts(&json).ok_or_else(unreadable)?;
    Ok(Target {
        institution: facts.identifier.institution().as_str().to_owned(),
        identifier: facts.identifier.value().to_owned(),
        member: facts.patient.member,
    })
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
        .read(move |call| ops::own_file(call, &home, letter, part, number))
        .await?;
    Ok(file_answer(&file, number, bytes))
}
