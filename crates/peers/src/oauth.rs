//! How a program gets its access token: it signs an assertion with its own key and asks again
//! before the token ends.
//!
//! Source: RFC 7523 section 2.2, SMART App Launch 2.2 (Backend Services).

use std::sync::Arc;

use anyhow::{Context, anyhow};
use aws_lc_rs::{
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use kernel::{
    Secret,
    time::{Clock, Timestamp},
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::http::{Ask, Http};

/// Seconds for which an assertion holds.
const ASSERTION_SECONDS: i64 = 60;
/// Seconds before its end at which a token is renewed.
const RENEW_SECONDS: i64 = 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The clock of the machine on which a peer runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "a peer is a program of its own, with its machine's clock"
        )]
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A client's key pair (EC P-384, ES384).
#[derive(Clone, Debug)]
pub struct ClientKey {
    pkcs8: Secret<Vec<u8>>,
    kid: String,
}

impl ClientKey {
    /// A new pair.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn generate() -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random)
            .map_err(|_| anyhow!("no key pair could be made"))?;
        Self::from_pkcs8(pair.as_ref().to_vec())
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> anyhow::Result<Self> {
        let mut key = Self {
            pkcs8: Secret::new(pkcs8),
            kid: String::new(),
        };
        // Named after its public half, so that a pair has the same name wherever it is read.
        let pair = key.pair()?;
        let point = pair.public_key().as_ref();
        key.kid = URL_SAFE_NO_PAD.encode(point.get(1..13).unwrap_or_default());
        Ok(key)
    }

    /// From the text of [`ClientKey::to_text`].
    ///
    /// # Errors
    /// When it is none.
    pub fn from_text(text: &str) -> anyhow::Result<Self> {
        let body: String = text
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .map(str::trim)
            .collect();
        Self::from_pkcs8(
            STANDARD
                .decode(body)
                .context("this is no private key (PEM)")?,
        )
    }

    /// As PEM (PKCS #8).
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        let body = STANDARD.encode(self.pkcs8.reveal());
        let mut lines = String::from("-----BEGIN PRIVATE KEY-----\n");
        let mut rest = body.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
            lines.push_str(line);
            lines.push('\n');
            rest = after;
        }
        lines.push_str("-----END PRIVATE KEY-----\n");
        Secret::new(lines)
    }

    fn pair(&self) -> anyhow::Result<EcdsaKeyPair> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, self.pkcs8.reveal())
            .map_err(|_| anyhow!("this is no key for ES384"))
    }

    /// The public half, as it is registered.
    ///
    /// # Errors
    /// When the key is broken.
    pub fn public(&self) -> anyhow::Result<Value> {
        let pair = self.pair()?;
        let point = pair.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| {
            let part = point.get(range).context("the public half is too short")?;
            anyhow::Ok(URL_SAFE_NO_PAD.encode(part))
        };
        Ok(json!({
            "kty": "EC", "crv": "P-384", "alg": "ES384", "use": "sig", "kid": self.kid,
            "x": part(1..49)?, "y": part(49..97)?,
        }))
    }

    /// The same pair under the name by which its public half was registered.
    #[must_use]
    pub fn named(mut self, kid: &str) -> Self {
        kid.clone_into(&mut self.kid);
        self
    }

    /// A signed token of these claims.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(&self, claims: &Value) -> anyhow::Result<String> {
        let header = json!({ "alg": "ES384", "typ": "JWT", "kid": self.kid });
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(&header), text(claims));
        let signature = self
            .pair()?
            .sign(&SystemRandom::new(), message.as_bytes())
            .map_err(|_| anyhow!("the assertion could not be signed"))?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A client as it was registered: its `client_id`, and the key that is its own.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The `client_id`.
    pub client: String,
    /// The key.
    pub key: ClientKey,
}

impl Credentials {
    /// The form that asks the server of this origin for a token.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn asking(&self, origin: &str, now: Timestamp) -> anyhow::Result<String> {
        let mut random = [0; 16];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| anyhow!("no random bytes"))?;
        let claims = json!({
            "iss": self.client, "sub": self.client,
            "aud": format!("{origin}/oauth/token"),
            "iat": now.seconds(), "exp": now.seconds() + ASSERTION_SECONDS,
            "jti": URL_SAFE_NO_PAD.encode(random),
        });
        let assertion = self.key.sign(&claims)?;
        Ok(form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &assertion)
            .finish())
    }

    /// A token from the server at the other end of `http`, and the seconds for which it holds.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn token(
        &self,
        http: &Http,
        now: Timestamp,
    ) -> anyhow::Result<(Secret<String>, i64)> {
        let body = self.asking(&http.origin(), now)?;
        let kind = "application/x-www-form-urlencoded";
        let reply = http
            .send(&Ask {
                method: "POST",
                path: "/oauth/token",
                headers: &[("content-type", kind)],
                body: body.as_bytes(),
            })
            .await?
            .expect(200)?;
        let answer: Value = serde_json::from_slice(&reply.body)?;
        let token = answer.get("access_token").and_then(Value::as_str);
        let token = token.context("the answer has no access_token")?.to_owned();
        let lasts = answer.get("expires_in").and_then(Value::as_i64);
        Ok((Secret::new(token), lasts.context("no expires_in")?))
    }

    /// The same for whoever waits for it.
    ///
    /// # Errors
    /// As [`Credentials::token`].
    pub fn token_now(&self, base: &str) -> anyhow::Result<Secret<String>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let http = Http::new(base)?;
        let (token, _) = runtime.block_on(self.token(&http, MachineClock.now()))?;
        Ok(token)
    }
}

/// Where a program's token comes from.
pub(crate) enum Bearer {
    /// Somebody gave it.
    Given(Secret<String>),
    /// It gets it, and gets it again.
    Own {
        credentials: Credentials,
        clock: Arc<dyn Clock>,
        held: Mutex<Option<(Secret<String>, Timestamp)>>,
    },
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}

impl Bearer {
    pub(crate) fn own(credentials: Credentials, clock: Arc<dyn Clock>) -> Self {
        Self::Own {
            credentials,
            clock,
            held: Mutex::new(None),
        }
    }

    /// The header's value.
    pub(crate) async fn header(&self, http: &Http) -> anyhow::Result<String> {
        let (credentials, clock, held) = match self {
            Self::Given(token) => return Ok(format!("Bearer {}", token.reveal())),
            Self::Own {
                credentials,
                clock,
                held,
            } => (credentials, clock, held),
        };
        let mut held = held.lock().await;
        let now = clock.now();
        if let Some((token, until)) = held.as_ref()
            && now < *until
        {
            return Ok(format!("Bearer {}", token.reveal()));
        }
        let (token, lasts) = credentials.token(http, now).await?;
        let header = format!("Bearer {}", token.reveal());
        *held = Some((token, now.plus_seconds(lasts - RENEW_SECONDS)));
        Ok(header)
    }
}
