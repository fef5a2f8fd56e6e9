//! The key that signs ID tokens (RS256): made when it is first needed, sealed in the store,
//! its public half told to everyone.
//!
//! Source: OpenID Connect Core 1.0 sections 2 and 10.1; SMART App Launch 2.2 (`openid
//! fhirUser`: clients must support RS256).

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::hex;
use serde_json::{Value, json};
use store::{Call, Stop, StoreError, audit::sha256};

use crate::store::token as table;

/// A key pair.
pub struct IdentityKey {
    kid: String,
    pair: KeyPair,
}

impl IdentityKey {
    fn open(kid: String, private: &[u8]) -> Result<Self, StoreError> {
        let pair =
            KeyPair::from_pkcs8(private).map_err(|_| StoreError::Corrupt("a signing key"))?;
        Ok(Self { kid, pair })
    }

    /// The public half as a JSON Web Key.
    #[must_use]
    pub fn public(&self) -> Value {
        let key = self.pair.public_key();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": text(key.modulus().big_endian_without_leading_zero()),
            "e": text(key.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The claims as a signed token; `None` when the signature cannot be made.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(&header), text(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The keys that there are, newest first; empty until the first was needed.
///
/// # Errors
/// [`StoreError`].
pub fn keys(call: &Call<'_>) -> Result<Vec<IdentityKey>, StoreError> {
    table::identity_keys(call)?
        .into_iter()
        .map(|(kid, private)| IdentityKey::open(kid, &private))
        .collect()
}

/// A new private key, PKCS #8; takes the processor for long.
///
/// # Errors
/// [`StoreError::Corrupt`] when it cannot be made.
pub fn make() -> Result<Vec<u8>, StoreError> {
    let broken = |_| StoreError::Corrupt("a new signing key");
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(broken)?;
    let der = pair.as_der().map_err(broken)?;
    Ok(der.as_ref().to_vec())
}

/// Keeps a new key, unless there is one by now; the one to sign with.
///
/// # Errors
/// [`StoreError`].
pub fn keep(call: &mut Call<'_>, private: &[u8]) -> Result<IdentityKey, Stop> {
    if let Some(key) = keys(call)?.into_iter().next() {
        return Ok(key);
    }
    let hash = sha256(&[b"oauth-identity-key", private]);
    let kid = hex::encode(hash.get(..8).unwrap_or_default());
    table::put_identity_key(call, &kid, private)?;
    Ok(IdentityKey::open(kid, private)?)
}
