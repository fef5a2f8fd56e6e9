//! Judging a client's assertion: a JSON Web Token that it signed with a registered key.
//!
//! The key is found among those that were registered, by its name, and its kind fixes the
//! algorithm. Whatever the token says of another key or where to fetch one is a reason to
//! refuse it.
//!
//! Source: identity-security OA-02, T10; RFC 7515, RFC 7519, RFC 7523 section 3; SMART App
//! Launch 2.2, asymmetric client authentication.

use access::client::Key;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{id::ClientId, time::Timestamp};
use serde::Deserialize;
use serde_json::Value;

/// The only kind of assertion.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds that an assertion may hold.
pub const SECONDS_MAX: i64 = 300;
/// Seconds by which a client's clock may be ahead.
const AHEAD_MAX: i64 = 10;
/// Most characters of an assertion.
const CHARS_MAX: usize = 8_192;
/// Most characters of a `jti`.
const JTI_CHARS_MAX: usize = 256;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
    // What leads to a key from outside, or to rules that are not known here.
    jku: Option<Value>,
    jwk: Option<Value>,
    x5u: Option<Value>,
    x5c: Option<Value>,
    crit: Option<Value>,
    b64: Option<Value>,
}

impl Header {
    fn leads_elsewhere(&self) -> bool {
        let parts = [
            &self.jku, &self.jwk, &self.x5u, &self.x5c, &self.crit, &self.b64,
        ];
        parts.into_iter().any(Option::is_some)
    }

    fn is_jwt(&self) -> bool {
        self.typ.as_deref().is_none_or(|typ| {
            typ.eq_ignore_ascii_case("jwt") || typ.eq_ignore_ascii_case("client-authentication+jwt")
        })
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// An assertion as it came: read, not believed.
pub struct Assertion {
    header: Header,
    claims: Claims,
    message: String,
    signature: Vec<u8>,
}

/// An assertion that holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Proven {
    /// What must not come a second time.
    pub jti: String,
    /// Until then.
    pub ends_at: Timestamp,
}

impl Assertion {
    /// Reads a token's three parts; `None` when it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > CHARS_MAX {
            return None;
        }
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        Some(Self {
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
            message: message.to_owned(),
            signature: decode(signature)?,
        })
    }

    /// Whom it claims to be from.
    #[must_use]
    pub fn client(&self) -> Option<ClientId> {
        ClientId::parse(&self.claims.iss)
    }

    /// Does it prove that `client`, whose keys these are, asks this server now? `audiences`
    /// are this server's names; one that is not among them is somebody else's assertion.
    #[must_use]
    pub fn prove(
        &self,
        client: ClientId,
        keys: &[Key],
        audiences: &[String],
        at: Timestamp,
    ) -> Option<Proven> {
        let (header, claims) = (&self.header, &self.claims);
        let id = client.to_hex();
        let key = keys
            .iter()
            .find(|key| key.holds(at) && key.public.kid() == header.kid)?;
        let is_ours = |one: &String| audiences.contains(one);
        let is_for_us = match &claims.aud {
            Audience::One(one) => is_ours(one),
            Audience::Several(all) => !all.is_empty() && all.iter().all(is_ours),
        };
        let now = at.seconds();
        let lasts = now < claims.exp && claims.exp <= now + SECONDS_MAX + AHEAD_MAX;
        let has_begun = claims.nbf.is_none_or(|nbf| nbf <= now + AHEAD_MAX)
            && claims
                .iat
                .is_none_or(|iat| (now - SECONDS_MAX..=now + AHEAD_MAX).contains(&iat));
        let is_named = !claims.jti.is_empty() && claims.jti.len() <= JTI_CHARS_MAX;
        let fits = header.alg == key.public.algorithm()
            && header.is_jwt()
            && !header.leads_elsewhere()
            && claims.iss == id
            && claims.sub == id
            && is_for_us
            && lasts
            && has_begun
            && is_named
            && key
                .public
                .has_signed(self.message.as_bytes(), &self.signature);
        fits.then(|| Proven {
            jti: claims.jti.clone(),
            ends_at: at.plus_seconds(claims.exp - now),
        })
    }
}
