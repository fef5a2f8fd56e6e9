//! A check by card: the terminal asks for a challenge, the card signs it, and the answer
//! is verified before any lock is held.

use access::{
    challenge::{self, Answer as CardSignature, Challenge},
    errors as no,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{Refusal, id::ChallengeId, time::JstDate};
use serde::{Deserialize, Serialize};
use store::caller::{Home, Role};
use web::{Answer, Request};

use super::answer::confirmed;
use crate::{
    errors,
    model::Method,
    ops,
    phones::{Place, TerminalSignature},
    rules,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBegin {
    terminal: String,
}

#[derive(Serialize)]
struct WireChallenge {
    challenge: String,
    text: String,
    nonce: String,
    origin: String,
    terminal: String,
    purpose: String,
    issued_at: String,
    expires_at: String,
}

/// A challenge as a terminal gets it; the portal's log-in gives the same.
///
/// # Errors
/// `CHALLENGE_ELSEWHERE` when terminal or purpose cannot stand in the signed text.
pub fn challenge_answer(challenge: &Challenge, origin: &str) -> Result<Answer, Refusal> {
    let text = challenge
        .text(origin)
        .ok_or(Refusal::new(&no::CHALLENGE_ELSEWHERE))?;
    let wire = WireChallenge {
        challenge: challenge.id.to_hex(),
        text,
        nonce: STANDARD.encode(challenge.nonce),
        origin: origin.to_owned(),
        terminal: challenge.terminal.clone(),
        purpose: challenge.purpose.clone(),
        issued_at: challenge.issued_at.to_string(),
        expires_at: challenge.expires_at().to_string(),
    };
    Ok(Answer::json(201, &wire))
}

/// A terminal's full name: its facility's code, a colon, its own name.
///
/// # Errors
/// `TSK-ELG-028`.
pub(crate) fn terminal(home: &Home, name: &str) -> Result<String, Refusal> {
    let fits = (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits {
        Ok(format!("{}:{name}", home.code))
    } else {
        Err(Refusal::at(&errors::TERMINAL, "terminal", name))
    }
}

pub(super) async fn begin(request: Request) -> Result<Answer, Refusal> {
    begin_for(&request, ops::PURPOSE).await
}

/// Gives a terminal a challenge for a purpose.
///
/// # Errors
/// `TSK-ELG-028`; the store's.
pub(crate) async fn begin_for(request: &Request, purpose: &'static str) -> Result<Answer, Refusal> {
    let wire: WireBegin = request.json()?;
    let terminal = terminal(request.home()?, &wire.terminal)?;
    let challenge = request
        .write(move |call| challenge::issue(call, &terminal, purpose))
        .await?;
    challenge_answer(&challenge, &request.app().origin)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCard {
    challenge: String,
    certificate: String,
    signature: String,
    terminal: String,
    auth_method: String,
    #[serde(default)]
    on: Option<String>,
    /// What the terminal itself signed, where its connection does not show who it is.
    #[serde(default)]
    terminal_certificate: Option<String>,
    #[serde(default)]
    terminal_signature: Option<String>,
}

/// Checks form, certificate path, policy, dates and revocation of a card's answer; all of
/// it before any lock is held.
///
/// # Errors
/// `TSK-ELG-027`; the certificate's fault (`TSK-CRT-*`).
pub fn card_signature(
    request: &Request,
    challenge: &str,
    certificate: &str,
    signature: &str,
) -> Result<CardSignature, Refusal> {
    let bad = |path: &str| Refusal::at(&errors::CARD_DATA, path, "");
    let challenge = ChallengeId::parse(challenge).ok_or_else(|| bad("challenge"))?;
    let der = STANDARD
        .decode(certificate)
        .map_err(|_| bad("certificate"))?;
    let signature = STANDARD.decode(signature).map_err(|_| bad("signature"))?;
    Ok(CardSignature {
        challenge,
        certificate: request.app().trust.card(&der, request.at())?,
        signature,
    })
}

/// From where a request comes, as its connection and the terminal's own signature show it.
///
/// # Errors
/// `TSK-ELG-027` when what the terminal sent is not base64, or one half of it is missing.
pub(crate) fn place(
    request: &Request,
    certificate: Option<&str>,
    signature: Option<&str>,
) -> Result<Place, Refusal> {
    let decoded = |name: &str, text: Option<&str>| {
        let bytes = text.and_then(|text| STANDARD.decode(text).ok());
        bytes.ok_or_else(|| Refusal::at(&errors::CARD_DATA, name, ""))
    };
    let signed = match (certificate, signature) {
        (None, None) => None,
        _ => Some(TerminalSignature {
            certificate: decoded("terminal_certificate", certificate)?,
            signature: decoded("terminal_signature", signature)?,
        }),
    };
    Ok(Place {
        connection: request.peer().certificate,
        signed,
    })
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let wire: WireCard = request.json()?;
    let home = request.home()?;
    let terminal = terminal(home, &wire.terminal)?;
    let method = Method::parse(&wire.auth_method)
        .filter(|method| method.is_at_terminal())
        .ok_or_else(|| Refusal::at(&errors::METHOD, "auth_method", &wire.auth_method))?;
    // A member of staff stands for a visual check with their own name.
    if method == Method::CardVisual && request.caller().role() == Role::System {
        return Err(Refusal::new(&no::CARD_METHOD));
    }
    let today = request.at().jst_date();
    let on = match wire.on.as_deref() {
        None => today,
        Some(text) => JstDate::parse(text)
            .filter(|on| rules::is_askable(*on, today))
            .ok_or_else(|| Refusal::at(&errors::DATE, "on", text))?,
    };
    let answer = card_signature(
        &request,
        &wire.challenge,
        &wire.certificate,
        &wire.signature,
    )?;
    let place = place(
        &request,
        wire.terminal_certificate.as_deref(),
        wire.terminal_signature.as_deref(),
    )?;
    let facility = home.id;
    let card = ops::CardAnswer {
        answer,
        origin: request.app().origin.clone(),
        terminal,
        method,
        on,
        place,
    };
    let answer = request
        .write(move |call| ops::by_card(call, facility, &card))
        .await??;
    Ok(confirmed(&answer))
}
