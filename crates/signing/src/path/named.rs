//! A certificate as its authority names it, before anybody shows it.
//!
//! Source: identity-security 1.4 (history of certificates).

use kernel::Secret;

use super::{Medium, Purpose, card_key, facts::Facts};

/// A certificate as its authority's own notice names it; nothing of it was checked.
#[derive(Clone, Debug)]
pub struct Named {
    /// As [`VerifiedCertificate::card_key`] will say when it is shown and good.
    pub card_key: Secret<Vec<u8>>,
    /// What carries its key.
    pub medium: Medium,
}

/// Under which key a user-authentication certificate (DER) will be known. For notices of its
/// authority, which come before it is shown and name certificates that have ended: whoever
/// shows one is checked by [`verify`] all the same. `None` when it cannot be read, or is a
/// certificate for something else.
#[must_use]
pub fn named_by(certificate: &[u8]) -> Option<Named> {
    let leaf = Facts::read(certificate).ok()?;
    let purpose = Purpose::CardAuthentication;
    if leaf.is_ca || !leaf.policies.iter().any(|p| purpose.accepts(p)) {
        return None;
    }
    Some(Named {
        card_key: card_key(leaf.issuer, leaf.authority_key_id.as_ref()?, leaf.serial),
        medium: Medium::of(&leaf.policies, leaf.key.algorithm()?),
    })
}
