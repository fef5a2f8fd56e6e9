//! The card reader at the counter (顔認証付きカードリーダー).
//!
//! It asks for a challenge, checks that the challenge is for itself, has the card sign, and
//! sends the answer. The card may lie in a real reader or be one in process: a transport.
//! Source: identity-security sections 1.3, 1.5 and 1.6.

use base64::{Engine, engine::general_purpose::STANDARD};
use myna_card::transport::Transmit;
use serde_json::json;
use signing::reader::{self, CardAnswer, CardError, TerminalProof};

use crate::{
    challenge::{Challenge, Place},
    http::Reply,
    record_system::{CardCheck, RecordSystem},
};

/// For what the counter's terminal uses a card.
pub const PURPOSE: &str = "eligibility";

/// A terminal of a facility.
#[derive(Debug)]
pub struct CardTerminal {
    system: RecordSystem,
    origin: String,
    facility_code: String,
    name: String,
}

impl CardTerminal {
    /// A terminal called `name` of the facility with this code, which expects the server to
    /// go by `origin`.
    #[must_use]
    pub fn new(system: RecordSystem, origin: &str, facility_code: &str, name: &str) -> Self {
        Self {
            system,
            origin: origin.to_owned(),
            facility_code: facility_code.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The record system behind the terminal.
    #[must_use]
    pub const fn system(&self) -> &RecordSystem {
        &self.system
    }

    /// The patient puts their card on the terminal and enters the PIN.
    ///
    /// # Errors
    /// [`signing::reader::CardError`] (such as a wrong PIN) and
    /// [`crate::challenge::Distrust`], both to be found by `downcast_ref`; as
    /// [`crate::http::Http::send`]. What the server refuses is its reply.
    pub async fn present(&self, card: &mut impl Transmit, pin: &str) -> anyhow::Result<Reply> {
        match self.sign(card, pin).await? {
            Signed::Refused(reply) => Ok(reply),
            Signed::Ready(answer) => self.answer(&answer, "pin").await,
        }
    }

    /// The camera has compared the face: the card signs on the word of this terminal, without
    /// a PIN. `proof` is what the card believes, `ledgered` what the facility's ledger knows:
    /// with its key the terminal answers the challenge beside the card.
    ///
    /// # Errors
    /// As [`Self::present`]; [`CardError::TerminalRefused`] when the card does not accept
    /// the terminal.
    pub async fn present_face(
        &self,
        card: &mut impl Transmit,
        proof: &impl TerminalProof,
        ledgered: &impl TerminalProof,
    ) -> anyhow::Result<Reply> {
        let mut own = None;
        let sign = |text: &[u8]| {
            let signature = ledgered.sign(text).ok_or(CardError::TerminalRefused)?;
            own = Some((
                STANDARD.encode(ledgered.certificate()),
                STANDARD.encode(signature),
            ));
            reader::sign_challenge_at_terminal(card, proof, text)
        };
        match self.challenged(sign).await? {
            Signed::Refused(reply) => Ok(reply),
            Signed::Ready(answer) => {
                let own = own.as_ref().map(|(c, s)| (c.as_str(), s.as_str()));
                self.send(&answer, "face", own).await
            }
        }
    }

    /// The holder has unlocked their phone and holds it to the reader.
    ///
    /// # Errors
    /// As [`Self::present`].
    pub async fn present_phone(
        &self,
        phone: &mut impl Transmit,
        pin: &str,
    ) -> anyhow::Result<Reply> {
        match self.sign(phone, pin).await? {
            Signed::Refused(reply) => Ok(reply),
            Signed::Ready(answer) => self.answer(&answer, "phone_biometric").await,
        }
    }

    /// Tells the server how the reader does, so that the facility's diagnosis shows it.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn report(&self, state: &str) -> anyhow::Result<Reply> {
        let path = format!("/api/v1/terminals/{}/reader", self.name);
        let body = json!({ "state": state }).to_string();
        self.system
            .post(&path, "application/json", body.as_bytes())
            .await
    }

    /// Gets a challenge and has the card sign it, without sending the answer yet.
    ///
    /// # Errors
    /// As [`Self::present`].
    pub async fn sign(&self, card: &mut impl Transmit, pin: &str) -> anyhow::Result<Signed> {
        self.challenged(|text| reader::sign_challenge(card, pin, text))
            .await
    }

    async fn challenged(
        &self,
        sign: impl FnOnce(&[u8]) -> Result<CardAnswer, CardError>,
    ) -> anyhow::Result<Signed> {
        let reply = self.system.challenge(&self.name).await?;
        if reply.status != 201 {
            return Ok(Signed::Refused(reply));
        }
        let terminal = format!("{}:{}", self.facility_code, self.name);
        let place = Place {
            origin: &self.origin,
            terminal: &terminal,
            purpose: PURPOSE,
        };
        let challenge = Challenge::read(&reply.json(), &place)?;
        let signed = sign(challenge.text.as_bytes())?;
        Ok(Signed::Ready(Answer::new(challenge.id, &signed)))
    }

    /// Sends a card's answer; `auth_method` says how the holder was recognized.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn answer(&self, answer: &Answer, auth_method: &str) -> anyhow::Result<Reply> {
        self.send(answer, auth_method, None).await
    }

    async fn send(
        &self,
        answer: &Answer,
        auth_method: &str,
        terminal_answer: Option<(&str, &str)>,
    ) -> anyhow::Result<Reply> {
        self.system
            .card_check(&CardCheck {
                challenge: &answer.challenge,
                certificate: &answer.certificate,
                signature: &answer.signature,
                terminal: &self.name,
                auth_method,
                on: "",
                terminal_answer,
            })
            .await
    }

    /// The patient chooses on the terminal's screen what may be seen.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn choose(&self, visit: &str, categories: &[&str]) -> anyhow::Result<Reply> {
        self.system.consent(visit, categories).await
    }
}

/// The word by which a terminal reports its reader after this fault; `None` when the reader and
/// the card did what they should, and the holder or the server said no.
#[must_use]
pub const fn reader_state(error: CardError) -> Option<&'static str> {
    match error {
        CardError::PinWrong { .. }
        | CardError::PinBlocked
        | CardError::PinFormat
        | CardError::NoCertificate
        | CardError::TerminalRefused => None,
        CardError::NoReader => Some("no-reader"),
        CardError::CardRemoved => Some("card-removed"),
        CardError::NotMyNumberCard => Some("other-card"),
        CardError::Unreadable | CardError::CardSilent => Some("card-unreadable"),
        CardError::ReaderFault => Some("reader-fault"),
        CardError::ReaderBusy => Some("reader-busy"),
        CardError::NoService => Some("no-service"),
    }
}

/// What came of a challenge.
#[derive(Clone, Debug)]
pub enum Signed {
    /// The server gave no challenge.
    Refused(Reply),
    /// The card signed it.
    Ready(Answer),
}

/// A card's answer in wire form.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The challenge's identifier.
    pub challenge: String,
    /// Certificate, DER in base64.
    pub certificate: String,
    /// Signature in base64.
    pub signature: String,
}

impl Answer {
    /// What the card said to a challenge.
    #[must_use]
    pub fn new(challenge: String, card: &CardAnswer) -> Self {
        Self {
            challenge,
            certificate: STANDARD.encode(&card.certificate_der),
            signature: STANDARD.encode(&card.signature),
        }
    }
}
