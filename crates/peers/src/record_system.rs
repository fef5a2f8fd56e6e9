//! A clinic's or hospital's record system: it registers documents and asks for eligibility,
//! with tokens that it gets by the key under which it is registered.
//!
//! Source: the wire formats in `/openapi.json`; clins-documents section b (電子カルテ情報
//! 共有サービスの登録).

use std::sync::Arc;

use kernel::{Secret, time::Clock};
use serde_json::{Map, Value, json};

use crate::{
    http::{Ask, Http, Reply},
    oauth::{Bearer, Credentials},
};

/// The record system of one facility.
#[derive(Debug)]
pub struct RecordSystem {
    http: Http,
    bearer: Bearer,
}

/// What is printed on an insurance card, as somebody typed it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Insured<'a> {
    /// 保険者番号.
    pub insurer_number: &'a str,
    /// 記号; may be empty.
    pub symbol: &'a str,
    /// 番号.
    pub number: &'a str,
    /// 枝番; empty when unknown.
    pub branch: &'a str,
    /// 生年月日 as `2001-02-03`; empty when not asked.
    pub birth_date: &'a str,
    /// On which date; empty for today.
    pub on: &'a str,
}

impl Insured<'_> {
    /// As JSON; empty fields are left out, but for the symbol.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut out = Map::new();
        let mut put = |name: &str, value: &str, always: bool| {
            if always || !value.is_empty() {
                out.insert(name.to_owned(), Value::from(value));
            }
        };
        put("insurer_number", self.insurer_number, true);
        put("symbol", self.symbol, true);
        put("number", self.number, true);
        put("branch", self.branch, false);
        put("birth_date", self.birth_date, false);
        put("on", self.on, false);
        Value::Object(out)
    }
}

/// A card's answer, ready to be sent.
#[derive(Clone, Copy, Debug)]
pub struct CardCheck<'a> {
    /// The challenge's identifier.
    pub challenge: &'a str,
    /// The certificate, DER in base64.
    pub certificate: &'a str,
    /// The signature in base64.
    pub signature: &'a str,
    /// The terminal's own name, without its facility's code.
    pub terminal: &'a str,
    /// `pin`, `face` or `staff_visual`.
    pub auth_method: &'a str,
    /// On which date; empty for today.
    pub on: &'a str,
    /// The terminal's own certificate and signature, both in base64: from where a face or a
    /// visual check is believed, when the connection shows no certificate.
    pub terminal_answer: Option<(&'a str, &'a str)>,
}

impl CardCheck<'_> {
    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut out = json!({
            "challenge": self.challenge,
            "certificate": self.certificate,
            "signature": self.signature,
            "terminal": self.terminal,
            "auth_method": self.auth_method,
        });
        if let (Some(out), false) = (out.as_object_mut(), self.on.is_empty()) {
            out.insert("on".to_owned(), Value::from(self.on));
        }
        if let (Some(out), Some((certificate, signature))) =
            (out.as_object_mut(), self.terminal_answer)
        {
            out.insert("terminal_certificate".to_owned(), Value::from(certificate));
            out.insert("terminal_signature".to_owned(), Value::from(signature));
        }
        out
    }
}

impl RecordSystem {
    /// A record system that talks to the server at `base` with `token`.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn new(base: &str, token: &str) -> anyhow::Result<Self> {
        Ok(Self {
            http: Http::new(base)?,
            bearer: Bearer::Given(Secret::new(token.to_owned())),
        })
    }

    /// The same with a key of its own, with which it gets its tokens.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn of_client(
        base: &str,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            http: Http::new(base)?,
            bearer: Bearer::own(credentials, clock),
        })
    }

    /// Any POST with the token.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn post(&self, path: &str, kind: &str, body: &[u8]) -> anyhow::Result<Reply> {
        let bearer = self.bearer.header(&self.http).await?;
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        self.http
            .send(&Ask {
                method: "POST",
                path,
                headers: &headers,
                body,
            })
            .await
    }

    /// Any GET with the token.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        let bearer = self.bearer.header(&self.http).await?;
        self.http
            .send(&Ask {
                method: "GET",
                path,
                headers: &[("authorization", bearer.as_str())],
                body: &[],
            })
            .await
    }

    async fn post_json(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.post(path, "application/json", body.to_string().as_bytes())
            .await
    }

    async fn post_fhir(&self, path: &str, body: &[u8]) -> anyhow::Result<Reply> {
        self.post(path, "application/fhir+json", body).await
    }

    /// Registers or replaces a JP-CLINS Bundle, its exact bytes.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn register(&self, bundle: &[u8]) -> anyhow::Result<Reply> {
        self.post_fhir("/fhir/Bundle/$register", bundle).await
    }

    /// Has a Bundle judged without being kept.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn validate(&self, bundle: &[u8]) -> anyhow::Result<Reply> {
        self.post_fhir("/fhir/Bundle/$validate", bundle).await
    }

    /// Deletes a Bundle that this facility registered, by the insured person's identifier and
    /// the Bundle's.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn delete(&self, member: &str, system: &str, value: &str) -> anyhow::Result<Reply> {
        let body = json!({ "member": member, "system": system, "value": value });
        self.post_json("/fhir/Bundle/$delete", &body).await
    }

    /// Gets back the exact bytes of a Bundle that this facility registered.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn document(&self, member: &str, system: &str, value: &str) -> anyhow::Result<Reply> {
        let body = json!({ "member": member, "system": system, "value": value });
        self.post_json("/fhir/Bundle/$document", &body).await
    }

    /// Verifies eligibility by the insured number.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn check_by_number(&self, insured: &Insured<'_>) -> anyhow::Result<Reply> {
        self.post_json("/api/v1/eligibility/checks", &insured.json())
            .await
    }

    /// Asks for a card challenge for one of this facility's terminals.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn challenge(&self, terminal: &str) -> anyhow::Result<Reply> {
        let body = json!({ "terminal": terminal });
        self.post_json("/api/v1/eligibility/challenges", &body)
            .await
    }

    /// Verifies eligibility by a card's answer.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn card_check(&self, check: &CardCheck<'_>) -> anyhow::Result<Reply> {
        self.post_json("/api/v1/eligibility/card-checks", &check.json())
            .await
    }

    /// Records what the patient chose at the terminal; no category withdraws.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn consent(&self, visit: &str, categories: &[&str]) -> anyhow::Result<Reply> {
        let path = format!("/api/v1/visits/{visit}/consents");
        self.post_json(&path, &json!({ "categories": categories }))
            .await
    }

    /// The consented shared record of a visiting patient, as JSON.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn summary(&self, visit: &str) -> anyhow::Result<Reply> {
        self.get(&format!("/api/v1/visits/{visit}/summary")).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_left_empty_are_not_sent() {
        let insured = Insured {
            insurer_number: "06139463",
            number: "12",
            ..Insured::default()
        };
        assert_eq!(
            insured.json(),
            json!({ "insurer_number": "06139463", "symbol": "", "number": "12" })
        );
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let system = RecordSystem::new("http://127.0.0.1:1", "very-secret").expect("a base");
        assert!(!format!("{system:?}").contains("very-secret"));
    }
}
