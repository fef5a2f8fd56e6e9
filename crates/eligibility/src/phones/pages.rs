//! The counter's pages: the code on a patient's screen, and a card compared by sight.

use access::{challenge, errors as no, policy::Permission};
use kernel::{Refusal, Text};
use maud::{Markup, html};
use store::{Stop, caller::Purpose};
use web::{
    Answer, Body, Face, Method as Http, Request, Route, handler,
    route::Handler,
    ui::{self, Field, Lang, Tone},
};

use super::api;
use crate::{
    api::{CARD, card_signature, place, terminal},
    model::Method,
    ops,
    pages::{RECEPTION, refused, staff_page},
};

const SCREEN: &str = "/reception/screen-code";
const VISUAL: &str = "/reception/visual";
/// The name of the terminal inside the challenges of the page.
const DESK: &str = "desk";
/// Most characters of a pasted certificate or signature.
const PASTED_MAX: u16 = 16_000;

pub(crate) fn routes() -> Vec<Route> {
    let route =
        |method, path, event, summary: (&'static str, &'static str), handler: Handler| Route {
            method,
            path,
            face: Face::Page,
            permission: Permission::CheckEligibility,
            event,
            purpose: Purpose::Eligibility,
            body: Body::usual(method, Face::Page),
            summary: Text {
                ja: summary.0,
                en: summary.1,
            },
            handler,
        };
    vec![
        route(
            Http::Get,
            SCREEN,
            &RECEPTION,
            (
                "患者さんの画面の番号の入力",
                "type the code on the patient's screen",
            ),
            handler!(ask_screen),
        ),
        route(
            Http::Post,
            SCREEN,
            &api::SCREEN,
            (
                "患者さんの画面の番号による資格確認",
                "verify by the code on the patient's screen",
            ),
            handler!(check_screen),
        ),
        route(
            Http::Get,
            VISUAL,
            &RECEPTION,
            ("カードの目視確認", "compare a card by sight"),
            handler!(ask_visual),
        ),
        route(
            Http::Post,
            VISUAL,
            &CARD,
            (
                "目視確認による資格確認",
                "verify by a card compared by sight",
            ),
            handler!(check_visual),
        ),
    ]
}

/// The ways beside card and number, for the reception page.
#[must_use]
pub(crate) fn links(lang: Lang) -> Markup {
    html! {
        p { (lang.pick(
            "カードリーダーもスマートフォンも使えないときや、暗証番号がわからないときは、次の方法があります。",
            "When neither reader nor phone works, or the PIN is not known:")) }
        ul {
            li { a href=(SCREEN) { (lang.pick("患者さんの画面の番号で確認する", "By the code on the patient's screen")) } }
            li { a href="/reception/subsidy" { (lang.pick("公費の受給者証で確認する", "By a public subsidy's card")) } }
            li { a href=(VISUAL) { (lang.pick("カードの顔写真を目で見て確認する", "By comparing the card's photo by sight")) } }
        }
    }
}

fn crumbs(lang: Lang, title: &str) -> [ui::Crumb<'_>; 2] {
    [
        ui::Crumb {
            href: Some("/reception"),
            label: lang.pick("受付", "Reception"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ]
}

async fn ask_screen(request: Request) -> Result<Answer, Refusal> {
    Ok(screen_page(&request, None))
}

async fn check_screen(request: Request) -> Result<Answer, Refusal> {
    let form = request.form()?;
    match api::check(&request, form.text("code")).await {
        Ok(confirmed) => {
            let visit = confirmed.visit.to_hex();
            Ok(Answer::see_other(&format!("/visits/{visit}")))
        }
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let status = why.entry.status;
            Ok(screen_page(&request, Some(&why)).with_status(status))
        }
    }
}

fn screen_page(request: &Request, why: Option<&Refusal>) -> Answer {
    let lang = request.lang();
    let title = lang.pick("患者さんの画面の番号", "The patient's screen");
    let field = ui::code_field(&Field {
        lang,
        name: "code",
        label: lang.pick("画面の番号", "Code on the screen"),
        hint: Some(lang.pick(
            "8けたの数字です。間の空白は入れても入れなくてもかまいません。",
            "Eight digits, with or without the space.",
        )),
        required: true,
        max_length: Some(16),
        width: ui::Width::Medium,
        autofocus: true,
        ..Field::default()
    });
    let fields = html! {
        (field)
        (ui::actions(&[ui::submit(lang.pick("資格を確認する", "Verify"), Tone::Primary)]))
    };
    let body = html! {
        @if let Some(why) = why { (refused(lang, why)) }
        p { (lang.pick(
            "スマートフォンを読み取れないときに使います。患者さんに「ご本人のページ」の「保険証」を開いて番号を表示していただき、その8けたを入力してください。番号は5分間、1回だけ使えます。",
            "For when the phone cannot be read. Ask the patient to open \"Insurance\" in their own pages and to show a code; type its eight digits. It is good once, for five minutes.")) }
        (ui::form(SCREEN, &request.csrf(), &fields))
    };
    staff_page(request, title, &crumbs(lang, title), why.is_some(), body)
}

async fn ask_visual(request: Request) -> Result<Answer, Refusal> {
    visual_page(&request, None).await
}

async fn visual_page(request: &Request, why: Option<&Refusal>) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let title = lang.pick("カードの目視確認", "Card compared by sight");
    let terminal = terminal(request.home()?, DESK)?;
    let challenge = request
        .write(move |call| challenge::issue(call, &terminal, ops::PURPOSE))
        .await?;
    let text = challenge
        .text(&request.app().origin)
        .ok_or_else(|| Refusal::new(&no::CHALLENGE_ELSEWHERE))?;
    let pasted = |name, label, required| {
        let field = Field {
            lang,
            name,
            label,
            required,
            max_length: Some(PASTED_MAX),
            ..Field::default()
        };
        ui::text_area(&field, 3)
    };
    let (certificate, signature) = (
        lang.pick("カードの証明書", "The card's certificate"),
        lang.pick("カードの署名", "The card's signature"),
    );
    let fields = html! {
        (ui::hidden("challenge", &challenge.id.to_hex()))
        (ui::checkbox_cards(&ui::Choices {
            lang,
            name: "compared",
            legend: lang.pick("確かめたこと", "What you have checked"),
            options: &[ui::Choice {
                value: "face",
                label: lang.pick(
                    "カードの顔写真と、目の前の方の顔を見比べました",
                    "I have compared the photo on the card with the person before me",
                ),
                description: Some(lang.pick(
                    "確認した職員として、あなたのお名前が患者さんの履歴に残ります。",
                    "Your name is on the patient's history as who compared.",
                )),
                checked: false,
            }],
            ..ui::Choices::default()
        }))
        (pasted("certificate", certificate, true))
        (pasted("signature", signature, true))
        details {
            summary { (lang.pick("この端末の署名(証明書で接続していないとき)", "This terminal's signature, when its connection shows no certificate")) }
            (pasted("terminal_certificate", lang.pick("端末の証明書", "The terminal's certificate"), false))
            (pasted("terminal_signature", lang.pick("端末の署名", "The terminal's signature"), false))
        }
        (ui::actions(&[ui::submit(lang.pick("資格を確認する", "Verify"), Tone::Primary)]))
    };
    let body = html! {
        @if let Some(why) = why { (refused(lang, why)) }
        ol {
            li { (lang.pick("カードの顔写真と、患者さんの顔を見比べます。", "Compare the photo on the card with the patient.")) }
            li { (lang.pick("カードをカードリーダーに置きます。この端末が台帳に登録されていれば、暗証番号はいりません。", "Place the card on the reader; at a terminal of the ledger it needs no PIN.")) }
            li { (lang.pick("カード読み取りアプリが、下の文への署名をこの画面に入れます(2分以内)。", "The card application fills in the signature over the text below, within two minutes.")) }
        }
        div.scroll role="region" tabindex="0" aria-label=(lang.pick("カードで署名する文", "The text to sign")) {
            pre { code id="challenge-text" { (text) } }
        }
        (ui::form(VISUAL, &request.csrf(), &fields))
    };
    let crumbs = crumbs(lang, title);
    Ok(staff_page(request, title, &crumbs, why.is_some(), body))
}

async fn check_visual(request: Request) -> Result<Answer, Refusal> {
    let outcome = match visual_answer(&request) {
        Ok((facility, card)) => {
            let checked = request.write(move |call| ops::by_card(call, facility, &card));
            checked.await.and_then(|inner| inner)
        }
        // What never reached the operation leaves its record all the same.
        Err(why) => {
            let refused = request.write(move |_| Err(Stop::Refused(why.clone())));
            refused.await
        }
    };
    match outcome {
        Ok(confirmed) => {
            let visit = confirmed.visit.to_hex();
            Ok(Answer::see_other(&format!("/visits/{visit}")))
        }
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let status = why.entry.status;
            Ok(visual_page(&request, Some(&why)).await?.with_status(status))
        }
    }
}

fn visual_answer(request: &Request) -> Result<(kernel::id::FacilityId, ops::CardAnswer), Refusal> {
    let (form, home) = (request.form()?, request.home()?);
    if form.text("compared") != "face" {
        return Err(Refusal::at(&super::errors::NOT_COMPARED, "compared", ""));
    }
    // A pasted text may hold line breaks, which base64 of a file often has.
    let joined = |name: &str| -> String { form.text(name).split_whitespace().collect() };
    let given = |name: &str| Some(joined(name)).filter(|text| !text.is_empty());
    let answer = card_signature(
        request,
        form.text("challenge"),
        &joined("certificate"),
        &joined("signature"),
    )?;
    let place = place(
        request,
        given("terminal_certificate").as_deref(),
        given("terminal_signature").as_deref(),
    )?;
    let card = ops::CardAnswer {
        answer,
        origin: request.app().origin.clone(),
        terminal: terminal(home, DESK)?,
        method: Method::CardVisual,
        on: request.at().jst_date(),
        place,
    };
    Ok((home.id, card))
}
