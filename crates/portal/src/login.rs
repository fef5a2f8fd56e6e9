//! Log-in by My Number card. The card is read by a program on the person's own device (カード
//! 読み取りアプリ), never by the page: it asks for a challenge, lets the card sign it after
//! the PIN, and hands certificate and signature in, as JSON or through the form.
//!
//! Source: identity-security section 1.5 (outside a facility only PIN or the phone's own
//! unlocking), section 1.6 (challenge), SESS-01.

use access::{
    challenge::{self, Answer as CardSignature, Challenge},
    errors as no,
    policy::Permission,
    session::{self, HOURS_MAX, Stage, Whose},
};
use eligibility::{
    api,
    model::Method as Proof,
    phones::{ops as phones, rules},
};
use kernel::{Refusal, Secret, Text, id::PersonId};
use serde::{Deserialize, Serialize};
use store::{
    Call, Stop,
    caller::{Event, Purpose, Role},
};
use web::{Answer, Body, Face, Method, Request, Route, handler, request::Form, route::Reply};

use crate::{events, frame};

pub(crate) mod pages;

pub(crate) use pages::reason;

/// The terminal inside every challenge of this desk.
const TERMINAL: &str = "portal";
/// The purpose inside every challenge of this desk.
const PURPOSE: &str = "portal-login";
/// Where a person goes once they are logged in.
const NEXT: &str = "/portal";

/// Routes of the log-in.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |method,
                 path,
                 face,
                 event: &'static Event,
                 body,
                 summary,
                 handler: fn(Request) -> Reply| Route {
        method,
        path,
        face,
        permission: Permission::Public,
        event,
        purpose: Purpose::OwnAccess,
        body,
        summary,
        handler,
    };
    let (login, begin) = (&events::LOGIN, &events::CHALLENGE);
    vec![
        route(
            Method::Get,
            "/portal/login",
            Face::Portal,
            begin,
            Body::None,
            Text {
                ja: "ご本人のページへのログイン",
                en: "portal log-in",
            },
            handler!(page),
        ),
        route(
            Method::Post,
            "/portal/login",
            Face::Portal,
            login,
            Body::Form,
            Text {
                ja: "カードによるログイン(画面から)",
                en: "log in by card, from the form",
            },
            handler!(by_form),
        ),
        route(
            Method::Post,
            "/api/v1/portal/challenges",
            Face::Api,
            begin,
            Body::Json,
            Text {
                ja: "カードによるログインの開始",
                en: "ask for a one-time log-in challenge",
            },
            handler!(begin_api),
        ),
        route(
            Method::Post,
            "/api/v1/portal/sessions",
            Face::Api,
            login,
            Body::Json,
            Text {
                ja: "カードによるログイン",
                en: "log in by card",
            },
            handler!(by_api),
        ),
    ]
}

async fn issue(request: &Request) -> Result<Challenge, Refusal> {
    request
        .write(|call| challenge::issue(call, TERMINAL, PURPOSE))
        .await
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    let lang = request.lang();
    let has_ended = request.query("ended").is_some();
    if matches!(request.caller().role(), Role::Patient | Role::Proxy) && !has_ended {
        return Ok(Answer::see_other(&frame::link(lang, NEXT)));
    }
    if request.query("start").is_none() {
        let why = has_ended.then(|| Refusal::new(&no::SESSION_ENDED));
        return Ok(pages::welcome(&request, why.as_ref()));
    }
    let challenge = issue(&request).await?;
    pages::place_card(&request, &challenge)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBegin {}

async fn begin_api(request: Request) -> Result<Answer, Refusal> {
    let WireBegin {} = request.json()?;
    let challenge = issue(&request).await?;
    api::challenge_answer(&challenge, &request.app().origin)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCard {
    challenge: String,
    certificate: String,
    signature: String,
    auth_method: String,
}

#[derive(Serialize)]
struct WireSession {
    next: &'static str,
    expires_in_s: i64,
    idle_s: i64,
}

async fn by_api(request: Request) -> Result<Answer, Refusal> {
    let wire: WireCard = request.json()?;
    let method = method(&wire.auth_method)?;
    let answer = api::card_signature(
        &request,
        &wire.challenge,
        &wire.certificate,
        &wire.signature,
    )?;
    let token = log_in(&request, answer, method).await?;
    let session = WireSession {
        next: NEXT,
        expires_in_s: HOURS_MAX * 3600,
        idle_s: session::PATIENT_IDLE_MINUTES * 60,
    };
    Ok(Answer::json(201, &session).with_session(token.reveal(), is_secure(&request)))
}

/// Face and visual checks need a facility's registered terminal.
pub(crate) fn method(word: &str) -> Result<Proof, Refusal> {
    Proof::parse(word)
        .filter(|method| matches!(method, Proof::CardPin | Proof::Phone))
        .ok_or_else(|| Refusal::at(&no::CARD_METHOD, "auth_method", word))
}

pub(crate) fn is_secure(request: &Request) -> bool {
    request.app().origin.starts_with("https://")
}

/// Consumes the challenge, finds the card's holder and begins their session, in one
/// transaction that is on the holder's own history.
async fn log_in(
    request: &Request,
    answer: CardSignature,
    method: Proof,
) -> Result<Secret<String>, Refusal> {
    let origin = request.app().origin.clone();
    let old = request.token().map(str::to_owned);
    let replaced = old.clone();
    let token = request
        .write(move |call| {
            call.detail("method", method.word());
            rules::fits(method, rules::medium(answer.certificate.medium()))?;
            challenge::consume(call, &answer, &origin, TERMINAL, PURPOSE)?;
            let holder = holder(call, &answer);
            let person = match challenge::settle(call, holder)? {
                Ok(person) => person,
                Err(refusal) => return Ok(Err(refusal)),
            };
            // Whoever was logged in at this browser before is no longer.
            if let Some(old) = &replaced {
                session::end(call, old)?;
            }
            Ok(Ok(session::begin(
                call,
                Whose::Patient(person),
                Stage::Full,
            )?))
        })
        .await??;
    if let Some(old) = old {
        request.app().gate.forget(&old);
    }
    Ok(token)
}

/// Whose card it is; from here on the log-in is on their history.
fn holder(call: &mut Call<'_>, answer: &CardSignature) -> Result<PersonId, Stop> {
    let person = phones::holder(call, answer)?;
    call.open(person)?;
    Ok(person)
}

/// The card's answer that a form holds.
///
/// # Errors
/// `TSK-ELG-027`; the certificate's fault (`TSK-CRT-*`).
pub(crate) fn pasted(request: &Request, form: &Form) -> Result<CardSignature, Refusal> {
    // A pasted text may hold line breaks, which base64 of a file often has.
    let joined = |name: &str| -> String { form.text(name).split_whitespace().collect() };
    api::card_signature(
        request,
        form.text("challenge"),
        &joined("certificate"),
        &joined("signature"),
    )
}

async fn by_form(request: Request) -> Result<Answer, Refusal> {
    let signature = pasted(&request, &request.form()?);
    let outcome = match signature {
        Ok(answer) => {
            let is_phone = answer.certificate.medium().is_phone();
            let method = if is_phone {
                Proof::Phone
            } else {
                Proof::CardPin
            };
            log_in(&request, answer, method).await
        }
        // What never reached the operation leaves its record all the same.
        Err(why) => {
            request
                .write(move |_| Err(Stop::Refused(why.clone())))
                .await
        }
    };
    match outcome {
        Ok(token) => {
            let next = frame::link(request.lang(), NEXT);
            Ok(Answer::see_other(&next).with_session(token.reveal(), is_secure(&request)))
        }
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => {
            let status = why.entry.status;
            Ok(pages::welcome(&request, Some(&why)).with_status(status))
        }
    }
}
