//! JSON for terminals: the registration of a card, and a screen code.

use access::policy::Permission;
use kernel::{Refusal, Secret, Text};
use serde::{Deserialize, Serialize};
use store::{
    Stop,
    caller::{Event, Purpose},
};
use web::{Answer, Body, Face, Method as Http, Request, Route, handler};

use super::{errors, ops, rules};
use crate::{
    api::{begin_for, card_signature, confirmed, terminal},
    model::Method,
};

/// Audit event of a registration that begins at a terminal.
static BEGIN: Event = Event {
    code: "eligibility.register-begin",
    ja: "健康保険証利用登録の開始",
    en: "registration as insurance card begun",
};
/// Audit event of a registration at a terminal.
static REGISTER: Event = Event {
    code: "eligibility.register-card",
    ja: "健康保険証利用登録",
    en: "card registered as insurance card",
};
/// Audit event of a check by the code on a person's screen.
pub(super) static SCREEN: Event = Event {
    code: "eligibility.screen",
    ja: "資格の確認(ご本人の画面の番号)",
    en: "eligibility verified by the code on the person's screen",
};

pub(crate) fn routes() -> Vec<Route> {
    let post = |path, event, summary, handler| Route {
        method: Http::Post,
        path,
        face: Face::Api,
        permission: Permission::CheckEligibility,
        event,
        purpose: Purpose::Eligibility,
        body: Body::Json,
        summary,
        handler,
    };
    vec![
        post(
            "/api/v1/eligibility/registration-challenges",
            &BEGIN,
            Text {
                ja: "健康保険証利用登録の開始",
                en: "ask for a one-time challenge to register a card",
            },
            handler!(begin),
        ),
        post(
            "/api/v1/eligibility/card-registrations",
            &REGISTER,
            Text {
                ja: "健康保険証利用登録",
                en: "register a card as insurance card",
            },
            handler!(register),
        ),
        post(
            "/api/v1/eligibility/screen-checks",
            &SCREEN,
            Text {
                ja: "ご本人の画面の番号による資格確認",
                en: "verify eligibility by the code on the person's screen",
            },
            handler!(by_screen),
        ),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRegistration {
    challenge: String,
    certificate: String,
    signature: String,
    terminal: String,
    auth_method: String,
}

#[derive(Serialize)]
struct WireRegistered {
    registered_at: String,
}

async fn begin(request: Request) -> Result<Answer, Refusal> {
    begin_for(&request, ops::REGISTRATION).await
}

async fn register(request: Request) -> Result<Answer, Refusal> {
    let wire: WireRegistration = request.json()?;
    let terminal = terminal(request.home()?, &wire.terminal)?;
    if Method::parse(&wire.auth_method) != Some(Method::CardPin) {
        let found = &wire.auth_method;
        return Err(Refusal::at(&errors::PIN_ONLY, "auth_method", found));
    }
    let signed = card_signature(
        &request,
        &wire.challenge,
        &wire.certificate,
        &wire.signature,
    )?;
    let origin = request.app().origin.clone();
    let at = request
        .write(move |call| ops::register_at_counter(call, &signed, &origin, &terminal))
        .await??;
    let registered_at = at.to_string();
    Ok(Answer::json(201, &WireRegistered { registered_at }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireScreen {
    code: String,
}

async fn by_screen(request: Request) -> Result<Answer, Refusal> {
    let wire: WireScreen = request.json()?;
    let answer = check(&request, &wire.code).await?;
    Ok(confirmed(&answer))
}

/// Verifies by a screen code as typed, for today; what is no code leaves its record as well.
///
/// # Errors
/// `TSK-PHN-030` to `TSK-PHN-032`, `TSK-ELG-005` to `TSK-ELG-008`; the store's.
pub(super) async fn check(
    request: &Request,
    typed: &str,
) -> Result<crate::model::Confirmed, Refusal> {
    let (home, on) = (request.home()?.clone(), request.at().jst_date());
    let code = rules::code(typed).map(Secret::new);
    request
        .write(move |call| match &code {
            Some(code) => ops::check_screen(call, &home, code, on),
            None => Err(Stop::Refused(Refusal::at(&errors::SCREEN_FORM, "code", ""))),
        })
        .await?
}
