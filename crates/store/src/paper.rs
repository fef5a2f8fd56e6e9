//! Papers: a text that this installation signs, so that it can be checked without it.
//!
//! The key is the one of the seals, which is published (`/.well-known/tasuki-seal-key`). Every
//! text begins with a line that says what it is, so that no paper can pass for a seal or for
//! another kind of paper.
//!
//! Source: RFC 8032 (Ed25519).

use aws_lc_rs::signature::{ED25519, KeyPair as _, UnparsedPublicKey};

use crate::Call;

impl Call<'_> {
    /// Signs a paper: Ed25519, 64 bytes. The same text has the same signature every time.
    #[must_use]
    pub fn sign_paper(&self, text: &str) -> Vec<u8> {
        self.node.signer.sign(text.as_bytes()).as_ref().to_vec()
    }

    /// The key that checks it, 32 bytes.
    #[must_use]
    pub fn paper_key(&self) -> Vec<u8> {
        self.node.signer.public_key().as_ref().to_vec()
    }
}

/// Is it `key`'s signature over `text`?
#[must_use]
pub fn holds(key: &[u8], text: &str, signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key)
        .verify(text.as_bytes(), signature)
        .is_ok()
}
