//! One step at a time: the card is placed, then the phone is unlocked.
//!
//! As at the log-in, a program on the person's own device reads the card; it fills in what was
//! signed, and no PIN ever comes to this page.

use access::{challenge::Challenge, errors as no};
use eligibility::phones::rules::LABEL_CHARS_MAX;
use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Field, Lang, Tone},
};

use super::{PHONE, PHONE_CARD, REGISTER, REGISTRATION, Seen};
use crate::frame::{self, Tab};

/// Most characters of a pasted certificate or signature.
const PASTED_MAX: u16 = 16_000;

/// One step: what it says, where its form goes.
struct Step<'a> {
    title: &'static str,
    bar: Markup,
    lines: Vec<&'static str>,
    /// Fields beside certificate and signature.
    fields: Markup,
    action: &'a str,
    label: &'static str,
}

pub(super) fn register(
    request: &Request,
    name: &str,
    challenge: &Challenge,
) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let step = Step {
        title: lang.pick("健康保険証として登録する", "Register as insurance card"),
        bar: html! {},
        lines: card_lines(lang).to_vec(),
        fields: html! {},
        action: REGISTER,
        label: lang.pick("この内容で登録する", "Register"),
    };
    page(request, name, challenge, &step)
}

pub(super) fn phone_card(
    request: &Request,
    name: &str,
    challenge: &Challenge,
) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let step = Step {
        title: lang.pick("スマートフォンを登録する", "Enroll a phone"),
        bar: bar(lang, 0),
        lines: card_lines(lang).to_vec(),
        fields: html! {},
        action: PHONE_CARD,
        label: lang.pick("次へ(スマートフォンの確認)", "Next: the phone"),
    };
    page(request, name, challenge, &step)
}

pub(super) fn phone(
    request: &Request,
    seen: &Seen,
    challenge: &Challenge,
) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let label = ui::text_field(&Field {
        lang,
        name: "label",
        label: lang.pick("スマートフォンの呼び名", "What you call the phone"),
        hint: Some(lang.pick("例: わたしのスマホ、会社のiPhone", "Such as: my phone")),
        required: true,
        max_length: u16::try_from(LABEL_CHARS_MAX).ok(),
        ..Field::default()
    });
    let replaces = seen.standing.phone().map(|before| {
        let heading = match lang {
            Lang::Ja => format!(
                "機種変更: 「{}」を使えなくして、このスマートフォンに替える",
                before.label
            ),
            Lang::En => format!(
                "Change of phone: “{}” ends, this one takes its place",
                before.label
            ),
        };
        ui::checkbox_cards(&ui::Choices {
            lang,
            name: "replaces",
            legend: lang.pick("いま登録されているスマートフォン", "Your present phone"),
            required: true,
            options: &[ui::Choice {
                value: "replaces",
                label: &heading,
                ..ui::Choice::default()
            }],
            ..ui::Choices::default()
        })
    });
    let step = Step {
        title: lang.pick("スマートフォンを登録する", "Enroll a phone"),
        bar: bar(lang, 1),
        lines: vec![
            lang.pick(
                "登録するスマートフォンで、カード読み取りアプリを開きます。",
                "Open the card application on the phone that is to be enrolled.",
            ),
            lang.pick(
                "顔や指紋、またはスマートフォンの暗証番号で確認します。",
                "Unlock it by face, fingerprint or its own PIN.",
            ),
            lang.pick(
                "アプリが、スマートフォンの署名をこの画面に入れます。",
                "It fills in the phone's signature here.",
            ),
        ],
        fields: html! { (label) @if let Some(replaces) = replaces { (replaces) } },
        action: PHONE,
        label: lang.pick("このスマートフォンを登録する", "Enroll this phone"),
    };
    page(request, &seen.profile.name, challenge, &step)
}

const fn card_lines(lang: Lang) -> [&'static str; 3] {
    [
        lang.pick(
            "カード読み取りアプリを開きます。",
            "Open the card application.",
        ),
        lang.pick(
            "マイナンバーカードをかざし、4けたの暗証番号をアプリに入力します。",
            "Place your My Number card and type its four-digit PIN into the application.",
        ),
        lang.pick(
            "アプリが、カードの署名をこの画面に入れます。",
            "It fills in the card's signature here.",
        ),
    ]
}

fn bar(lang: Lang, current: usize) -> Markup {
    ui::steps(
        lang,
        &[
            lang.pick("カードをかざす", "The card"),
            lang.pick("スマートフォンで確認する", "The phone"),
            lang.pick("登録が終わる", "Done"),
        ],
        current,
    )
}

fn page(
    request: &Request,
    name: &str,
    challenge: &Challenge,
    step: &Step<'_>,
) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let text = challenge
        .text(&request.app().origin)
        .ok_or_else(|| Refusal::new(&no::CHALLENGE_ELSEWHERE))?;
    let pasted = |name, label, rows| {
        let field = Field {
            lang,
            name,
            label,
            hint: Some(lang.pick(
                "カード読み取りアプリが入力します(base64)。",
                "Filled in by the card application (base64).",
            )),
            required: true,
            max_length: Some(PASTED_MAX),
            ..Field::default()
        };
        ui::text_area(&field, rows)
    };
    let fields = html! {
        (ui::hidden("challenge", &challenge.id.to_hex()))
        (step.fields)
        (pasted("certificate", lang.pick("証明書", "Certificate"), 4))
        (pasted("signature", lang.pick("署名", "Signature"), 4))
        (ui::actions(&[
            ui::submit(step.label, Tone::Primary),
            ui::button_link(&frame::link(lang, REGISTRATION), lang.pick("やめる", "Cancel"), Tone::Quiet),
        ]))
    };
    let body = html! {
        (step.bar)
        ol { @for line in &step.lines { li { (line) } } }
        p {
            (lang.pick("この確認は ", "This check is good until "))
            time datetime=(challenge.expires_at()) { (frame::instant(lang, challenge.expires_at())) }
            (lang.pick("(2分間)まで使えます。", ", two minutes from its begin."))
        }
        details {
            summary { (lang.pick("署名する文(アプリが使います)", "The text to sign, for the application")) }
            div.scroll role="region" tabindex="0" aria-label=(lang.pick("署名する文", "The text to sign")) {
                pre { code id="challenge-text" { (text) } }
            }
        }
        (ui::form(&frame::link(lang, step.action), &request.csrf(), &fields))
    };
    Ok(frame::portal_page(
        request,
        name,
        step.title,
        Tab::Insurance,
        body,
    ))
}
