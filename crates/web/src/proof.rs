//! Showing a second factor on a page: the forms, and what they send.
//!
//! Every form posts to the page's own address; which of its fields is filled says what is
//! shown. Only the passkey needs the browser's script, and without it is not offered.
//!
//! Source: identity-security AUTH-02, AUTH-07, section 3.2; W3C WebAuthn Level 2.

use access::{challenge, errors as no, factor, factor::Kind, factor::Proof, passkey};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Refusal, id::ChallengeId};
use maud::{Markup, html};
use store::{Stop, caller::Event};

use crate::{
    Answer, Request,
    request::Form,
    ui::{self, Field, Lang, Level, Tone},
};

/// Most characters of a pasted certificate or signature.
const PASTED_MAX: u16 = 20_000;

pub(crate) static PASSKEY: Event = Event {
    code: "staff.passkey",
    ja: "パスキーによる確認の開始",
    en: "passkey asked for",
};

/// What an account can show.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Has {
    pub app: bool,
    pub passkey: bool,
    pub card: bool,
}

/// What the account behind the request's session can show.
pub(crate) async fn has(request: &Request) -> Result<Has, Refusal> {
    let Some(token) = request.token().map(str::to_owned) else {
        return Ok(Has::default());
    };
    let origin = request.app().origin.clone();
    request
        .look_up(move |call| {
            let Some(account) = access::login::waiting(call, &token)? else {
                return Ok(Has::default());
            };
            let factors = factor::list(call, account.facility, account.staff)?;
            let any = |kind| factors.iter().any(|factor| factor.kind == kind);
            Ok(Has {
                app: account.has_app(),
                passkey: any(Kind::Passkey) && passkey::is_possible(&origin),
                card: any(Kind::Card),
            })
        })
        .await
}

/// What a form shows; `None` when it is none of a factor's.
///
/// # Errors
/// `LOGIN_FAILED` when a card's answer cannot be read or its certificate is not good.
pub(crate) fn shown(request: &Request, form: &Form) -> Result<Option<Proof>, Refusal> {
    let origin = request.app().origin.clone();
    let answer = form.text("passkey");
    if !answer.is_empty() {
        return Ok(Some(Proof::Passkey {
            origin,
            answer: answer.to_owned(),
        }));
    }
    if !form.text("certificate").is_empty() {
        return Ok(Some(Proof::Card {
            origin,
            answer: Box::new(card(request, form)?),
        }));
    }
    let substitute = form.text("substitute");
    if !substitute.is_empty() {
        return Ok(Some(Proof::Substitute(kernel::code::half_width(
            substitute,
        ))));
    }
    let code = kernel::code::half_width(form.text("code")).replace(' ', "");
    Ok((!code.is_empty()).then_some(Proof::Code(code)))
}

/// A card's answer: certificate path, policy, dates and revocation are checked here.
pub(crate) fn card(request: &Request, form: &Form) -> Result<challenge::Answer, Refusal> {
    let failed = || Refusal::new(&no::LOGIN_FAILED);
    // A pasted text may hold line breaks, which base64 of a file often has.
    let decoded = |name: &str| {
        let joined: String = form.text(name).split_whitespace().collect();
        STANDARD.decode(joined).map_err(|_| failed())
    };
    let der = decoded("certificate")?;
    Ok(challenge::Answer {
        challenge: ChallengeId::parse(form.text("challenge")).ok_or_else(failed)?,
        certificate: request.app().trust.card(&der, request.at())?,
        signature: decoded("signature")?,
    })
}

/// What the browser needs to ask for a passkey, as JSON.
pub(crate) async fn options(request: Request) -> Result<Answer, Refusal> {
    let Some(token) = request.token().map(str::to_owned) else {
        return Err(Refusal::new(&no::LOGIN_REQUIRED));
    };
    let origin = request.app().origin.clone();
    let options = request
        .write(move |call| {
            let account = access::login::waiting(call, &token)?;
            let account = account.ok_or_else(|| Stop::from(&no::LOGIN_REQUIRED))?;
            passkey::begin_showing(call, &token, &account, &origin)
        })
        .await?;
    let options = options.ok_or_else(|| Refusal::new(&no::LOGIN_FAILED))?;
    Ok(Answer::json(200, &options))
}

/// What went wrong, above a form.
pub(crate) fn failure(lang: Lang, why: Option<&Refusal>) -> Markup {
    html! {
        @if let Some(why) = why {
            (ui::notice(lang, Level::Error, lang.text(&why.entry.cause), &html! {
                p { (lang.text(&why.entry.remedy)) }
                @if !why.findings.is_empty() {
                    ul { @for finding in &why.findings {
                        li { (lang.pick(&finding.remedy_ja, &finding.remedy_en)) }
                    } }
                }
                p { small { (lang.pick("エラーコード", "Error code")) " " code { (why.entry.code) } } }
            }))
        }
    }
}

/// The forms for what the account has, each posting to `action` with `next`.
pub(crate) fn forms(request: &Request, action: &str, next: &str, has: Has, label: &str) -> Markup {
    let lang = request.lang();
    html! {
        @if has.passkey {
            (passkey_form(request, action, "/passkey/options", "show", &html! { (ui::hidden("next", next)) },
                lang.pick("パスキーで確認する", "Use a passkey")))
        }
        @if has.app || !has.passkey && !has.card { (code_form(request, action, next, !has.passkey, label)) }
    }
}

fn code_form(request: &Request, action: &str, next: &str, focus: bool, label: &str) -> Markup {
    let lang = request.lang();
    let code = ui::one_time_code_field(&Field {
        lang,
        name: "code",
        label: lang.pick("確認コード(6けた)", "One-time code (6 digits)"),
        hint: Some(lang.pick(
            "認証アプリに表示されている6けたの数字を入力してください。",
            "Type the six digits that your authenticator shows.",
        )),
        required: true,
        autofocus: focus,
        ..Field::default()
    });
    let fields = html! {
        (ui::hidden("next", next))
        (code)
        (ui::actions(&[ui::submit(label, Tone::Primary)]))
    };
    ui::form(action, &request.csrf(), &fields)
}

/// A form whose one button asks the browser for a passkey; `what` is `show` or `add`.
pub(crate) fn passkey_form(
    request: &Request,
    action: &str,
    options: &str,
    what: &str,
    fields: &Markup,
    label: &str,
) -> Markup {
    let lang = request.lang();
    html! {
        form.form id="passkey-form" method="post" action=(action) data-passkey=(what)
            data-options=(options)
            data-failed=(lang.pick("パスキーを使えませんでした。もう一度お試しください。", "The passkey did not work. Please try again."))
            data-unsupported=(lang.pick("このブラウザーではパスキーを使えません。ほかの方法を選んでください。", "This browser has no passkeys. Please choose another way.")) {
            (ui::csrf(&request.csrf()))
            (fields)
            input type="hidden" name="passkey" id="passkey-answer" value="";
            div.actions {
                button.btn.btn-primary type="button" id="passkey-button" hidden { (label) }
            }
            p id="passkey-status" role="status" {
                noscript { (lang.pick("パスキーを使うには、ブラウザーのJavaScriptを有効にしてください。", "Passkeys need JavaScript in your browser.")) }
            }
        }
    }
}

/// The form of a card, posting to `action`; its challenge belongs to the request's session.
pub(crate) async fn card_form(
    request: &Request,
    action: &str,
    fields: &Markup,
    label: &str,
) -> Result<Markup, Refusal> {
    let Some(token) = request.token().map(str::to_owned) else {
        return Err(Refusal::new(&no::LOGIN_REQUIRED));
    };
    let challenge = request
        .write(move |call| factor::begin_card(call, &token))
        .await?;
    let text = challenge
        .text(&request.app().origin)
        .ok_or_else(|| Refusal::new(&no::CHALLENGE_ELSEWHERE))?;
    let lang = request.lang();
    let pasted = |name, label, rows| {
        ui::text_area(
            &Field {
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
            },
            rows,
        )
    };
    let inside = html! {
        (ui::hidden("challenge", &challenge.id.to_hex()))
        (fields)
        (pasted("certificate", lang.pick("証明書", "Certificate"), 4))
        (pasted("signature", lang.pick("署名", "Signature"), 4))
        (ui::actions(&[ui::submit(label, Tone::Primary)]))
    };
    Ok(html! {
        ol {
            li { (lang.pick("カード読み取りアプリを開き、マイナンバーカードをかざします。", "Open the card application and place your My Number card.")) }
            li { (lang.pick("4けたの暗証番号を、アプリに入力します。", "Type your four-digit PIN into the application.")) }
            li { (lang.pick("アプリが、下の文への署名をこの画面に入力します。2分以内に済ませてください。", "It fills in the signature over the text below; do this within two minutes.")) }
        }
        div.scroll role="region" tabindex="0" aria-label=(lang.pick("カードで署名する文", "The text to sign")) {
            pre { code id="challenge-text" { (text) } }
        }
        (ui::form(action, &request.csrf(), &inside))
    })
}
