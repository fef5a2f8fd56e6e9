//! The text that a card signs to identify its holder, and the check of the signature.
//!
//! Origin, terminal and purpose are inside the signed text, so that a signature made for one
//! place is worth nothing at another (threats T05, T06). Nonce and time make it single-use;
//! that the server consumes each nonce once is the caller's part.
//! Source: identity-security 1.6 (our own interface, `tasuki-card-auth-v1`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::time::Timestamp;
use kernel::{Entry, Refusal};

use crate::key::Algorithm;
use crate::path::{self, VerifiedCertificate};

/// First line of every signed text.
pub const VERSION: &str = "tasuki-card-auth-v1";
/// Most characters of origin, terminal identifier and purpose, each.
pub const FIELD_CHARS_MAX: usize = 200;

/// The canonical text:
/// `tasuki-card-auth-v1\n<origin>\n<terminal-id>\n<purpose>\n<nonce-b64>\n<issued_at>`.
///
/// The nonce is standard base64 with padding, the time RFC 3339 in UTC with `Z`. `None` when
/// a field is empty, longer than [`FIELD_CHARS_MAX`] or holds white space or a control
/// character: a line break inside a field could move the boundary between two.
#[must_use]
pub fn canonical(
    origin: &str,
    terminal_id: &str,
    purpose: &str,
    nonce: &[u8],
    issued_at: Timestamp,
) -> Option<String> {
    let clean = |field: &str| {
        !field.is_empty()
            && field.chars().count() <= FIELD_CHARS_MAX
            && !field.chars().any(|c| c.is_control() || c.is_whitespace())
    };
    if nonce.is_empty() || ![origin, terminal_id, purpose].into_iter().all(clean) {
        return None;
    }
    let nonce = STANDARD.encode(nonce);
    Some(format!(
        "{VERSION}\n{origin}\n{terminal_id}\n{purpose}\n{nonce}\n{issued_at}"
    ))
}

/// Why a signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The certificate's key does not use the stated algorithm.
    #[error("the certificate's key does not use this algorithm")]
    WrongAlgorithm,
    /// The signature is not this key's over this text.
    #[error("the signature does not verify")]
    Invalid,
}

kernel::catalog! {
    /// [`SignatureError::WrongAlgorithm`].
    WRONG_ALGORITHM = "TSK-CRT-030", 422, "invalid",
        cause: "署名方式がカードの鍵と合いません。", "the algorithm does not fit the card's key";
        remedy: "端末のソフトウェアを更新してください。急ぐときは資格を番号の入力で確認してください。", "update the terminal's software; if urgent, check eligibility by typing the number";
        source: "identity-security 1.4";
    /// [`SignatureError::Invalid`].
    SIGNATURE_INVALID = "TSK-CRT-031", 403, "security",
        cause: "カードの署名を確かめられませんでした。", "the card's signature does not verify";
        remedy: "カードを置き直して、はじめからやり直してください。続くときは資格を番号の入力で確認し、システム管理者に連絡してください。", "place the card again and start over; if it persists, check eligibility by typing the number and call the administrator";
        source: "identity-security 1.6, T05";
}

impl SignatureError {
    /// The catalogue entry of this reason.
    #[must_use]
    pub const fn entry(self) -> &'static Entry {
        match self {
            Self::WrongAlgorithm => &WRONG_ALGORITHM,
            Self::Invalid => &SIGNATURE_INVALID,
        }
    }
}

impl From<SignatureError> for Refusal {
    fn from(error: SignatureError) -> Self {
        Self::new(error.entry())
    }
}

/// Checks that the certificate's holder signed `message`.
///
/// # Errors
/// [`SignatureError::WrongAlgorithm`] when the key is of another kind,
/// [`SignatureError::Invalid`] when text or signature was changed.
pub fn verify_signature(
    certificate: &VerifiedCertificate,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let key = certificate.subject_key();
    if !key.supports(algorithm) {
        Err(SignatureError::WrongAlgorithm)
    } else if key.verify(algorithm, message, signature) {
        Ok(())
    } else {
        Err(SignatureError::Invalid)
    }
}

/// Did the key of a terminal's certificate (DER) sign `message`? Nothing else of the
/// certificate is checked here: whether it is one of the ledger's, whose it is and how long
/// it holds, the ledger of terminals knows by its thumbprint.
#[must_use]
pub fn is_signed_by_terminal(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    path::public_key_of(certificate).is_some_and(|key| {
        key.algorithm()
            .is_some_and(|algorithm| key.verify(algorithm, message, signature))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        Timestamp::parse("2026-11-22T09:00:00Z").unwrap()
    }

    #[test]
    fn canonical_text_is_six_lines_in_fixed_order() {
        let text = canonical(
            "https://tasuki.example",
            "T-0001",
            "eligibility",
            &[0xfb, 0xff, 0x00, 0x01],
            at(),
        );
        assert_eq!(
            text.as_deref(),
            Some(
                "tasuki-card-auth-v1\nhttps://tasuki.example\nT-0001\neligibility\n+/8AAQ==\n2026-11-22T09:00:00Z"
            )
        );
    }

    #[test]
    fn field_that_could_move_a_boundary_has_no_canonical_text() {
        for bad in ["", "a\nb", "a b", "a\u{2028}b", "\r", &"x".repeat(201)] {
            assert_eq!(canonical(bad, "t", "p", &[1], at()), None, "{bad:?}");
            assert_eq!(canonical("o", bad, "p", &[1], at()), None, "{bad:?}");
            assert_eq!(canonical("o", "t", bad, &[1], at()), None, "{bad:?}");
        }
        assert_eq!(canonical("o", "t", "p", &[], at()), None);
    }
}
