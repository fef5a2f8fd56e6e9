//! The card reader at the counter (顔認証付きカードリーダー), here with a PIN.
//!
//! It asks for a challenge, checks that the challenge is for itself, has the card sign, and
//! sends the answer. Source: identity-security sections 1.3 and 1.6.

use base64::{Engine, engine::general_purpose::STANDARD};
use signing::{
    reader::{self, CardAnswer},
    vcard::VirtualCard,
};

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
    pub async fn present(&self, card: &mut VirtualCard, pin: &str) -> anyhow::Result<Reply> {
        match self.sign(card, pin).await? {
            Signed::Refused(reply) => Ok(reply),
            Signed::Ready(answer) => self.answer(&answer, "pin").await,
        }
    }

    /// Gets a challenge and has the card sign it, without sending the answer yet.
    ///
    /// # Errors
    /// As [`Self::present`].
    pub async fn sign(&self, card: &mut VirtualCard, pin: &str) -> anyhow::Result<Signed> {
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
        let signed = reader::sign_challenge(card, pin, challenge.text.as_bytes())?;
        Ok(Signed::Ready(Answer::new(challenge.id, &signed)))
    }

    /// Sends a card's answer; `auth_method` says how the holder was recognized.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn answer(&self, answer: &Answer, auth_method: &str) -> anyhow::Result<Reply> {
        self.system
            .card_check(&CardCheck {
                challenge: &answer.challenge,
                certificate: &answer.certificate,
                signature: &answer.signature,
                terminal: &self.name,
                auth_method,
                on: "",
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
