//! Answering a letter: 返書, お断り, 転送.

use kernel::{Refusal, id::DocumentId};
use maud::{Markup, html};
use records::{
    documents::model::Enclosed,
    exchange::ops::{self, AnswerGiven, Enclosure},
};
use web::{
    Answer, Request,
    ui::{self, Choice, Choices, Field, Lang, Tone},
};

use super::frame;
use records::documents::errors as no;

/// What was typed, and what was wrong with it.
#[derive(Default)]
struct Typed {
    how: String,
    text: String,
    to: String,
    document: String,
    why: Option<Refusal>,
}

pub(super) async fn show(request: Request) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let letter = request.id_param("letter", DocumentId::parse)?;
    // Whoever may not read the letter does not see that it is there.
    let own = request
        .read(move |call| ops::enclosable(call, &home, letter))
        .await?;
    Ok(page(&request, letter, &Typed::default(), &own))
}

pub(super) async fn send(request: Request) -> Result<Answer, Refusal> {
    let home = request.home()?.clone();
    let letter = request.id_param("letter", DocumentId::parse)?;
    let form = request.form()?;
    let mut typed = Typed {
        how: form.text("how").to_owned(),
        text: form.text("text").to_owned(),
        to: form.text("to").to_owned(),
        document: form.text("document").to_owned(),
        why: None,
    };
    let given = match typed.how.as_str() {
        "decline" => AnswerGiven::Decline {
            reason: typed.text.clone(),
        },
        "forward" => AnswerGiven::Forward {
            to: typed.to.clone(),
            reason: typed.text.clone(),
        },
        _ => AnswerGiven::Reply {
            text: typed.text.clone(),
            document: enclosure(&typed.document)?,
        },
    };
    let whose = home.clone();
    let done = request
        .write(move |call| ops::answer(call, &whose, letter, &given))
        .await;
    match done {
        Ok(_) => Ok(Answer::see_other("/letters?done=answered")),
        // What names a place of the form is mended in it; anything else is told on a page.
        Err(why)
            if why
                .findings
                .iter()
                .any(|one| matches!(one.path.as_str(), "text" | "reason" | "to" | "document")) =>
        {
            let status = why.entry.status;
            typed.why = Some(why);
            let own = request
                .read(move |call| ops::enclosable(call, &home, letter))
                .await?;
            Ok(page(&request, letter, &typed, &own).with_status(status))
        }
        Err(why) => Err(why),
    }
}

/// The document that goes along, when one was chosen.
fn enclosure(chosen: &str) -> Result<Option<Enclosure>, Refusal> {
    if chosen.is_empty() {
        return Ok(None);
    }
    let id = DocumentId::parse(chosen);
    let id = id.ok_or_else(|| Refusal::at(&no::ENCLOSURE, "document", chosen))?;
    Ok(Some(Enclosure::Listed(id)))
}

fn page(request: &Request, letter: DocumentId, typed: &Typed, own: &[Enclosed]) -> Answer {
    let lang = request.lang();
    let base = format!("/letters/{}", letter.to_hex());
    let title = lang.pick("返事を書く", "Answer a letter");
    let crumbs = frame::crumbs(&base, lang.pick("紹介状", "Letter"), title);
    let findings = typed.why.iter().flat_map(|why| &why.findings);
    let message = |paths: &[&str]| {
        let mut found = findings
            .clone()
            .filter(|one| paths.contains(&one.path.as_str()));
        found
            .next()
            .map(|one| lang.pick(&one.remedy_ja, &one.remedy_en))
    };
    let (text, to) = (message(&["text", "reason"]), message(&["to"]));
    let document = message(&["document"]);
    let errors: Vec<ui::FieldError<'_>> = [("text", text), ("document", document), ("to", to)]
        .into_iter()
        .filter_map(|(name, message)| {
            Some(ui::FieldError {
                name,
                message: message?,
            })
        })
        .collect();
    let fields: Markup = html! {
        (ways(lang, &typed.how))
        (ui::text_area(&Field {
            lang,
            name: "text",
            label: lang.pick("返事の内容（お断り・転送では理由）", "Your answer, or the reason"),
            hint: Some(lang.pick("4,000字までです。送ると、相手の施設と患者さんが読めます。", "Up to 4,000 characters; the sender and the patient can read it.")),
            error: text,
            value: &typed.text,
            required: true,
            max_length: Some(4_000),
            ..Field::default()
        }, 8))
        (documents(lang, own, &typed.document, document))
        (ui::code_field(&Field {
            lang,
            name: "to",
            label: lang.pick("引き受ける施設の医療機関コード（10桁。転送のときだけ）", "Ten-digit code of who takes the patient (only to pass on)"),
            error: to,
            value: &typed.to,
            max_length: Some(10),
            ..Field::default()
        }))
        (ui::actions(&[
            ui::submit(lang.pick("返事を送る", "Send the answer"), Tone::Primary),
            ui::button_link(&base, lang.pick("紹介状に戻る", "Back to the letter"), Tone::Secondary),
        ]))
    };
    let body = html! {
        (ui::error_summary(lang, &errors))
        (ui::form(&format!("{base}/answer"), &request.csrf(), &fields))
    };
    frame::page(request, title, &crumbs, typed.why.is_some(), body)
}

/// The own documents of the patient, one of which can go with a reply.
fn documents(lang: Lang, own: &[Enclosed], chosen: &str, error: Option<&str>) -> Markup {
    if own.is_empty() {
        return html! {};
    }
    let lines: Vec<(String, String)> = own
        .iter()
        .map(|one| {
            let day = one.card.written.get(..10).unwrap_or(&one.card.written);
            let name = lang.pick(one.kind.name_ja(), one.kind.name_en());
            (one.id.to_hex(), format!("{name} {day}"))
        })
        .collect();
    let options: Vec<Choice<'_>> = lines
        .iter()
        .map(|(value, label)| Choice {
            value,
            label,
            description: None,
            checked: value == chosen,
        })
        .collect();
    let field = Field {
        lang,
        name: "document",
        label: lang.pick("返書に添える文書", "Document that goes with the reply"),
        hint: Some(lang.pick(
            "この患者さんについて自院が登録した文書から選べます。添えないときは、選ばずに送ってください。",
            "One that your facility registered for this patient; leave it open to send none.",
        )),
        error,
        ..Field::default()
    };
    ui::select_field(&field, &options)
}

/// The ways to answer.
fn ways(lang: Lang, how: &str) -> Markup {
    let options = [
        (
            "reply",
            lang.pick("返書を送る", "Reply"),
            lang.pick(
                "診察の結果や今後の方針をお知らせします。",
                "What was found, and what happens next.",
            ),
        ),
        (
            "decline",
            lang.pick("お断りする", "Decline"),
            lang.pick(
                "受け入れられない理由をお知らせします。",
                "Why the patient cannot be taken.",
            ),
        ),
        (
            "forward",
            lang.pick("ほかの施設にお願いする", "Pass on"),
            lang.pick(
                "引き受ける施設と理由をお知らせします。",
                "Who takes the patient, and why.",
            ),
        ),
    ]
    .map(|(value, label, description)| Choice {
        value,
        label,
        description: Some(description),
        checked: how == value || (how.is_empty() && value == "reply"),
    });
    ui::radio_cards(&Choices {
        lang,
        name: "how",
        legend: lang.pick("どのように返事をしますか", "How do you answer?"),
        required: true,
        options: &options,
        ..Choices::default()
    })
}
