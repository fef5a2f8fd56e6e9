//! The person's page of a visit code (来院コード): who asks, the proof by card or phone, the
//! choice of what to show, and the receipt. It needs no log-in: the card is the proof, for
//! this facility and this code alone, and opens nothing else of the person's.
//!
//! Between the proof and the choice the browser holds a key in a cookie of these pages, for a
//! quarter of an hour. A form without it, or from another page, changes nothing.
//!
//! Source: peers B (QR, in-car and home-visit flow); identity-security section 1.6, T05.

use access::policy::Permission;
use eligibility::{
    api,
    codes::{self, Proof, model::Digits},
    model::Method as Proven,
};
use kernel::{Refusal, Secret, Text};
use serde::{Deserialize, Serialize};
use store::{
    Stop,
    caller::{Event, Purpose},
};
use web::{Answer, Body, Face, Method, Request, Route, handler, route::Handler};

use crate::{events, frame, login};

mod choice;
mod pages;

/// Where digits are typed.
const PATH: &str = "/v";
/// The cookie with the phone's key.
const COOKIE: &str = "tasuki_visit";

/// Routes of the visit code's pages.
#[must_use]
pub fn routes() -> Vec<Route> {
    type Summary = (&'static str, &'static str);
    let route = |method, path, event: &'static Event, (ja, en): Summary, handler: Handler| Route {
        method,
        path,
        face: Face::Portal,
        permission: Permission::Public,
        event,
        purpose: Purpose::OwnAccess,
        body: Body::usual(method, Face::Portal),
        summary: Text { ja, en },
        handler,
    };
    let program = |path, event, summary, handler| Route {
        face: Face::Api,
        body: Body::Json,
        ..route(Method::Post, path, event, summary, handler)
    };
    let (open, prove) = (&events::VISIT_OPEN, &events::VISIT_PROVE);
    let (phone, choose) = (&events::VISIT_PHONE, &events::VISIT_CHOOSE);
    let (get, post) = (Method::Get, Method::Post);
    let typed = ("来院コードの入力", "type a visit code");
    let asked = ("来院コードのページ", "the page of a visit code");
    let proved = ("来院コードでの本人確認", "show by visit code who one is");
    let chosen = ("来院コードでの同意", "choose by visit code what to show");
    let done = ("来院コードの完了", "what came of a visit code");
    vec![
        route(get, "/v", open, typed, handler!(type_in)),
        route(post, "/v", open, typed, handler!(typed_in)),
        route(get, "/v/{digits}", open, asked, handler!(page)),
        route(post, "/v/{digits}", prove, proved, handler!(by_form)),
        route(
            get,
            "/v/{digits}/consent",
            phone,
            chosen,
            handler!(choice::ask),
        ),
        route(
            post,
            "/v/{digits}/consent",
            choose,
            chosen,
            handler!(choice::give),
        ),
        route(get, "/v/{digits}/done", phone, done, handler!(choice::done)),
        program(
            "/api/v1/visit-codes/challenges",
            open,
            asked,
            handler!(begin_api),
        ),
        program(
            "/api/v1/visit-codes/proofs",
            prove,
            proved,
            handler!(by_api),
        ),
    ]
}

/// The digits of the address; whatever else stands there leads to where they are typed.
fn digits(request: &Request) -> Option<Digits> {
    Digits::parse(request.param("digits"))
}

fn to_type_in(request: &Request) -> Answer {
    Answer::see_other(&frame::link(request.lang(), PATH))
}

async fn type_in(request: Request) -> Result<Answer, Refusal> {
    Ok(pages::type_in(&request, None))
}

async fn typed_in(request: Request) -> Result<Answer, Refusal> {
    let typed = request.form()?;
    match Digits::parse(typed.text("code")) {
        Some(digits) => Ok(Answer::see_other(&frame::link(
            request.lang(),
            &digits.path(),
        ))),
        None => {
            let why = Refusal::new(&codes::errors::CODE_UNKNOWN);
            request.note_refusal(why.entry).await;
            let status = why.entry.status;
            Ok(pages::type_in(&request, Some(&why)).with_status(status))
        }
    }
}

/// A refused code on a page of its own; what the store failed at goes on.
fn refused(request: &Request, why: Refusal) -> Result<Answer, Refusal> {
    if why.entry.status >= 500 {
        return Err(why);
    }
    let status = why.entry.status;
    Ok(pages::type_in(request, Some(&why)).with_status(status))
}

async fn page(request: Request) -> Result<Answer, Refusal> {
    let Some(digits) = digits(&request) else {
        return Ok(to_type_in(&request));
    };
    let client = request.client().to_owned();
    let asked = digits.clone();
    if request.query("start").is_none() {
        let found = request
            .write(move |call| codes::invitation(call, &client, &asked))
            .await?;
        return match found {
            Ok(invitation) => Ok(pages::invitation(&request, &digits, &invitation, None)),
            Err(why) => refused(&request, why),
        };
    }
    let begun = request
        .write(move |call| codes::begin(call, &client, &asked))
        .await?;
    match begun {
        Ok((invitation, challenge)) => {
            pages::place_card(&request, &digits, &invitation, &challenge)
        }
        Err(why) => refused(&request, why),
    }
}

async fn by_form(request: Request) -> Result<Answer, Refusal> {
    // Whoever this browser acts for elsewhere, here it is the card's holder who proves.
    let request = request.as_oneself();
    let Some(digits) = digits(&request) else {
        return Ok(to_type_in(&request));
    };
    let outcome = match login::pasted(&request, &request.form()?) {
        Ok(answer) => {
            let is_phone = answer.certificate.medium().is_phone();
            let unlocked = if is_phone {
                Proven::Phone
            } else {
                Proven::CardPin
            };
            prove(&request, &digits, answer, unlocked).await
        }
        // What never reached the operation leaves its record all the same.
        Err(why) => {
            request
                .write(move |_| Err(Stop::Refused(why.clone())))
                .await
        }
    };
    match outcome {
        Ok(key) => {
            let next = frame::link(request.lang(), &format!("{}/consent", digits.path()));
            Ok(with_key(&request, Answer::see_other(&next), &key))
        }
        Err(why) if why.entry.code.starts_with("TSK-VIS-") => refused(&request, why),
        Err(why) if why.entry.status >= 500 => Err(why),
        Err(why) => Ok(pages::not_proved(&request, &digits, &why).with_status(why.entry.status)),
    }
}

async fn prove(
    request: &Request,
    digits: &Digits,
    answer: access::challenge::Answer,
    unlocked: Proven,
) -> Result<Secret<String>, Refusal> {
    let proof = Proof {
        digits: digits.clone(),
        answer,
        origin: request.app().origin.clone(),
        client: request.client().to_owned(),
        unlocked,
    };
    let proved = request
        .write(move |call| codes::prove(call, &proof))
        .await??;
    Ok(proved.key)
}

/// The key goes to these pages alone, and to no other site's requests.
fn with_key(request: &Request, answer: Answer, key: &Secret<String>) -> Answer {
    let secure = if request.app().is_secure() {
        "; Secure"
    } else {
        ""
    };
    let value = format!(
        "{COOKIE}={}; Path={PATH}; HttpOnly; SameSite=Strict{secure}; Max-Age={}",
        key.reveal(),
        codes::KEY_SECONDS
    );
    answer.with_header(http::header::SET_COOKIE, value)
}

/// The key that the browser holds; empty for none.
fn key(request: &Request) -> String {
    let cookies = request.header("cookie").unwrap_or_default();
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map_or_else(String::new, |(_, value)| value.to_owned())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBegin {
    code: String,
}

fn unknown() -> Refusal {
    Refusal::at(&codes::errors::CODE_UNKNOWN, "code", "")
}

async fn begin_api(request: Request) -> Result<Answer, Refusal> {
    let wire: WireBegin = request.json()?;
    let digits = Digits::parse(&wire.code).ok_or_else(unknown)?;
    let client = request.client().to_owned();
    let (_, challenge) = request
        .write(move |call| codes::begin(call, &client, &digits))
        .await??;
    api::challenge_answer(&challenge, &request.app().origin)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireProof {
    code: String,
    challenge: String,
    certificate: String,
    signature: String,
    auth_method: String,
}

#[derive(Serialize)]
struct WireProved {
    next: String,
    expires_in_s: i64,
}

async fn by_api(request: Request) -> Result<Answer, Refusal> {
    let wire: WireProof = request.json()?;
    let digits = Digits::parse(&wire.code).ok_or_else(unknown)?;
    let unlocked = login::method(&wire.auth_method)?;
    let answer = api::card_signature(
        &request,
        &wire.challenge,
        &wire.certificate,
        &wire.signature,
    )?;
    let key = prove(&request, &digits, answer, unlocked).await?;
    let proved = WireProved {
        next: format!("{}/consent", digits.path()),
        expires_in_s: codes::KEY_SECONDS,
    };
    Ok(with_key(&request, Answer::json(201, &proved), &key))
}
