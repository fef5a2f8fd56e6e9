//! The stand-in for terminals that use a card without its PIN.
//!
//! A real card accepts `80 A2` with a terminal's card-verifiable certificate, checked against
//! the authority key in EF 0016; nobody outside has such a certificate, and neither its layout
//! nor P1-P2 are public. This is OURS, for tests: the command, its place in the flow and the
//! refusal of unregistered terminals are exercised, the layout is not the real one.
//! Source: identity-security 1.5.
//!
//! Layout: 16 octets `TASUKI-TEST-CVC1`, 16 octets terminal identifier padded with spaces,
//! 65 octets P-256 point, then the authority's RSA signature (PKCS #1, SHA-256) over these.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature as lc;

use crate::key::Algorithm;
use crate::reader::TerminalProof;
use crate::testpki::{TestKey, TestPki, TestPkiError};

const MAGIC: &[u8; 16] = b"TASUKI-TEST-CVC1";
const ID_LEN: usize = 16;
const POINT_LEN: usize = 65;

/// A test terminal with its certificate.
#[derive(Clone)]
pub struct TestTerminal {
    certificate: Vec<u8>,
    key: Arc<TestKey>,
}

impl fmt::Debug for TestTerminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestTerminal")
    }
}

impl TestTerminal {
    /// A terminal that the test authority has registered; `id` up to 16 ASCII characters.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn registered(pki: &TestPki, id: &str) -> Result<Self, TestPkiError> {
        Self::certified_by(pki.terminal_ca(), pki, id)
    }

    /// A terminal that made its certificate with somebody else's key.
    ///
    /// # Errors
    /// [`TestPkiError`]; not with the committed keys.
    pub fn unregistered(pki: &TestPki, id: &str) -> Result<Self, TestPkiError> {
        Self::certified_by(pki.foreign_key()?, pki, id)
    }

    fn certified_by(authority: &TestKey, pki: &TestPki, id: &str) -> Result<Self, TestPkiError> {
        let key = Arc::clone(pki.terminal());
        let mut certificate = MAGIC.to_vec();
        certificate.extend(id.bytes().chain(std::iter::repeat(b' ')).take(ID_LEN));
        certificate.extend(key.point_p256().unwrap_or_default());
        let signature = authority.sign(Algorithm::RsaPkcs1Sha256, &certificate)?;
        certificate.extend(signature);
        Ok(Self { certificate, key })
    }
}

impl TerminalProof for TestTerminal {
    fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    fn sign(&self, challenge: &[u8]) -> Option<Vec<u8>> {
        self.key.sign_p256(challenge)
    }
}

/// The terminal's point, if `authority` (an RSA public key) signed the certificate.
pub(super) fn check(certificate: &[u8], authority: &[u8]) -> Option<Vec<u8>> {
    let signed_len = MAGIC.len().checked_add(ID_LEN)?.checked_add(POINT_LEN)?;
    let (signed, signature) = certificate.split_at_checked(signed_len)?;
    if !signed.starts_with(MAGIC) {
        return None;
    }
    lc::UnparsedPublicKey::new(&lc::RSA_PKCS1_2048_8192_SHA256, authority)
        .verify(signed, signature)
        .ok()?;
    signed
        .len()
        .checked_sub(POINT_LEN)
        .and_then(|at| signed.get(at..))
        .map(<[u8]>::to_vec)
}

/// Did the holder of `point` sign the challenge?
pub(super) fn proves(point: &[u8], challenge: &[u8], signature: &[u8]) -> bool {
    lc::UnparsedPublicKey::new(&lc::ECDSA_P256_SHA256_ASN1, point)
        .verify(challenge, signature)
        .is_ok()
}
