//! A client's public key, as it registers it: RSA for RS384, or EC on P-384 for ES384.
//!
//! The kind of key decides the algorithm; what a signed text says of itself decides nothing.
//!
//! Source: identity-security OA-02, T10; RFC 7517, RFC 7518 sections 3.3, 3.4, 6.

use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA384, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Most characters of a key's name.
const KID_CHARS_MAX: usize = 128;
/// Bytes of an RSA modulus: 2,048 to 8,192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// Bytes of a coordinate on P-384.
const COORDINATE_BYTES: usize = 48;

/// Why a key cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not a JSON Web Key with `kty` and `kid`.
    #[error("not a JSON Web Key with kty and kid")]
    Form,
    /// A private key was sent.
    #[error("this is a private key; register its public half, and make a new pair")]
    Private,
    /// A kind of key, or an algorithm, that is not taken.
    #[error("only RSA of 2048 bits or more (RS384) and EC P-384 (ES384) are taken")]
    Kind,
    /// The numbers are no key.
    #[error("the numbers are not a public key of its kind")]
    Numbers,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P384 { x: Vec<u8>, y: Vec<u8> },
}

/// A public key with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    kid: String,
    kind: Kind,
}

impl PublicKey {
    /// From a JSON Web Key.
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn parse(text: &str) -> Result<Self, JwkError> {
        let jwk: Value = serde_json::from_str(text).map_err(|_| JwkError::Form)?;
        let word = |name: &str| jwk.get(name).and_then(Value::as_str);
        let kid = word("kid")
            .filter(|kid| is_kid(kid))
            .ok_or(JwkError::Form)?;
        if ["d", "p", "q", "k"]
            .iter()
            .any(|part| jwk.get(part).is_some())
        {
            return Err(JwkError::Private);
        }
        let bytes = |name: &str| {
            let text = word(name).ok_or(JwkError::Numbers)?;
            URL_SAFE_NO_PAD.decode(text).map_err(|_| JwkError::Numbers)
        };
        let (kind, algorithm) = match (word("kty").ok_or(JwkError::Form)?, word("crv")) {
            ("RSA", _) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                (Kind::Rsa { n, e }, "RS384")
            }
            ("EC", Some("P-384")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                (Kind::P384 { x, y }, "ES384")
            }
            _ => return Err(JwkError::Kind),
        };
        let is_for_signing = word("use").is_none_or(|what| what == "sig");
        if word("alg").is_some_and(|alg| alg != algorithm) || !is_for_signing {
            return Err(JwkError::Kind);
        }
        let key = Self {
            kid: kid.to_owned(),
            kind,
        };
        if key.is_sound() {
            Ok(key)
        } else {
            Err(JwkError::Numbers)
        }
    }

    fn is_sound(&self) -> bool {
        match &self.kind {
            Kind::Rsa { n, e } => {
                let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
                let n = n.strip_prefix(&[0]).unwrap_or(n);
                // An exponent of 1 would make every text its own signature.
                MODULUS_BYTES.contains(&n.len())
                    && is_odd(n)
                    && e.len() <= 8
                    && is_odd(e)
                    && *e != [1]
            }
            Kind::P384 { x, y } => {
                x.len() == COORDINATE_BYTES
                    && y.len() == COORDINATE_BYTES
                    && ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(x, y)).is_ok()
            }
        }
    }

    /// Its name among the client's keys.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm that it is for: `RS384` or `ES384`.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self.kind {
            Kind::Rsa { .. } => "RS384",
            Kind::P384 { .. } => "ES384",
        }
    }

    /// Did the holder of the private half sign this?
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.kind {
            Kind::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA384, message, signature)
                .is_ok(),
            Kind::P384 { x, y } => UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(x, y))
                .verify(message, signature)
                .is_ok(),
        }
    }

    /// As a JSON Web Key.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (kid, alg) = (&self.kid, self.algorithm());
        match &self.kind {
            Kind::Rsa { n, e } => {
                json!({ "kty": "RSA", "kid": kid, "alg": alg, "use": "sig", "n": text(n), "e": text(e) })
            }
            Kind::P384 { x, y } => json!({
                "kty": "EC", "crv": "P-384", "kid": kid, "alg": alg, "use": "sig",
                "x": text(x), "y": text(y),
            }),
        }
    }
}

/// An uncompressed point.
fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

fn is_kid(kid: &str) -> bool {
    !kid.is_empty() && kid.len() <= KID_CHARS_MAX && kid.bytes().all(|b| b.is_ascii_graphic())
}
