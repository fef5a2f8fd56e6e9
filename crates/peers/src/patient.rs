//! The citizen with their card or phone: log-in, own record, access history, proofs.
//!
//! The phone treats the portal's challenge as a terminal treats its own: it signs only what
//! names this portal and this purpose.

use serde_json::json;
use signing::{reader, vcard::VirtualCard};

use crate::{
    browser::Browser,
    card_terminal::Answer,
    challenge::{Challenge, Place},
    http::Reply,
};

/// The terminal that the portal's challenges name.
pub const TERMINAL: &str = "portal";
/// Their purpose.
pub const PURPOSE: &str = "portal-login";

/// A citizen's phone, or browser with a card reader.
#[derive(Debug)]
pub struct Patient {
    browser: Browser,
    origin: String,
}

impl Patient {
    /// A phone before the server at `base`, which it expects to go by `origin`.
    ///
    /// # Errors
    /// As [`Browser::new`].
    pub fn new(base: &str, origin: &str) -> anyhow::Result<Self> {
        Ok(Self {
            browser: Browser::new(base)?,
            origin: origin.to_owned(),
        })
    }

    /// The browser with the session.
    pub const fn browser(&mut self) -> &mut Browser {
        &mut self.browser
    }

    /// Logs in with the card; `auth_method` says how the holder was recognized (`pin`,
    /// `phone_biometric`). The reply is 201 on success.
    ///
    /// # Errors
    /// [`signing::reader::CardError`], [`crate::challenge::Distrust`]; as
    /// [`crate::http::Http::send`].
    pub async fn log_in(
        &mut self,
        card: &mut VirtualCard,
        pin: &str,
        auth_method: &str,
    ) -> anyhow::Result<Reply> {
        let reply = self
            .browser
            .post_json("/api/v1/portal/challenges", &json!({}))
            .await?;
        if reply.status != 201 {
            return Ok(reply);
        }
        let place = Place {
            origin: &self.origin,
            terminal: TERMINAL,
            purpose: PURPOSE,
        };
        let challenge = Challenge::read(&reply.json(), &place)?;
        let signed = reader::sign_challenge(card, pin, challenge.text.as_bytes())?;
        let answer = Answer::new(challenge.id, &signed);
        self.begin_session(&answer, auth_method).await
    }

    /// Sends a signed challenge for a session.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn begin_session(
        &mut self,
        answer: &Answer,
        auth_method: &str,
    ) -> anyhow::Result<Reply> {
        let body = json!({
            "challenge": answer.challenge,
            "certificate": answer.certificate,
            "signature": answer.signature,
            "auth_method": auth_method,
        });
        self.browser
            .post_json("/api/v1/portal/sessions", &body)
            .await
    }

    /// The person's own shared record.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn record(&mut self) -> anyhow::Result<Reply> {
        self.browser.json("/api/v1/portal/record").await
    }

    /// Who looked at it, newest first.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn history(&mut self) -> anyhow::Result<Reply> {
        self.browser.json("/api/v1/portal/history").await
    }

    /// The next page of it; `below` is the `next_below` of the page before.
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn history_below(&mut self, below: i64) -> anyhow::Result<Reply> {
        let path = format!("/api/v1/portal/history?below={below}");
        self.browser.json(&path).await
    }

    /// The proof of one line of the history; check it with [`crate::proof::verify_proof`].
    ///
    /// # Errors
    /// As [`crate::http::Http::send`].
    pub async fn proof(&mut self, seq: u64) -> anyhow::Result<Reply> {
        self.browser
            .json(&format!("/portal/history/{seq}/proof"))
            .await
    }
}
