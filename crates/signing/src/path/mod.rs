//! The X.509 path check for JPKI (My Number card) and HPKI (medical professionals).
//!
//! Why our own: JPKI's authorities share one subject name over several keys, and HPKI marks
//! `certificatePolicies` critical; common chain checkers fail at both. This one picks the
//! issuer by key identifier and signature, holds policies to an allow-list a purpose, and is
//! closed by default: what is not understood, not fresh or not listed is refused.
//! Source: RFC 5280, section 6; identity-security 1.4, 2.2 and threats T07, T08.

mod anchor;
mod crl;
mod error;
mod facts;
pub(crate) mod medium;
#[cfg(test)]
mod tests;

use std::fmt;

use kernel::Secret;
use kernel::time::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

pub use anchor::{Anchor, KeyId, TrustStore};
pub use crl::{CRL_BYTES_MAX, CrlInfo, CrlStatus, CrlStore};
pub use error::*;
pub use facts::CERTIFICATE_BYTES_MAX;
pub use medium::Medium;

use crate::der;
use crate::key::{Algorithm, PublicKey};
use crl::Question;
use facts::Facts;

/// What a certificate is shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// A person identifies with 利用者証明用電子証明書.
    CardAuthentication,
    /// A person signs with 署名用電子証明書.
    CardSignature,
    /// A medical professional signs, such as a prescription.
    HpkiSign,
    /// A medical professional identifies.
    HpkiAuth,
}

/// One arc of an accepted policy; `None` stands for any version.
type Pattern = &'static [Option<u64>];

const fn is(arc: u64) -> Option<u64> {
    Some(arc)
}

/// 1.2.392.200149.8.5.1.3.30 (JPKI, user authentication).
const JPKI_AUTH: Pattern = &[
    is(1),
    is(2),
    is(392),
    is(200_149),
    is(8),
    is(5),
    is(1),
    is(3),
    is(30),
];
/// 1.2.392.200149.8.5.1.1.20 (JPKI, digital signature).
const JPKI_SIGN: Pattern = &[
    is(1),
    is(2),
    is(392),
    is(200_149),
    is(8),
    is(5),
    is(1),
    is(1),
    is(20),
];
/// 1.2.392.100495.1.5.1.1.x.1 (HPKI, signature; x = 0 is the test policy).
const HPKI_SIGN: Pattern = &[
    is(1),
    is(2),
    is(392),
    is(100_495),
    is(1),
    is(5),
    is(1),
    is(1),
    None,
    is(1),
];
/// 1.2.392.100495.1.5.1.2.x.1 (HPKI, authentication).
const HPKI_AUTH: Pattern = &[
    is(1),
    is(2),
    is(392),
    is(100_495),
    is(1),
    is(5),
    is(1),
    is(2),
    None,
    is(1),
];
const ANY_POLICY: &[u64] = &[2, 5, 29, 32, 0];

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 4] = [
        Self::CardAuthentication,
        Self::CardSignature,
        Self::HpkiSign,
        Self::HpkiAuth,
    ];

    const fn policy(self) -> Pattern {
        match self {
            Self::CardAuthentication => JPKI_AUTH,
            Self::CardSignature => JPKI_SIGN,
            Self::HpkiSign => HPKI_SIGN,
            Self::HpkiAuth => HPKI_AUTH,
        }
    }

    fn accepts(self, policy: &[u64]) -> bool {
        let pattern = self.policy();
        pattern.len() == policy.len()
            && pattern
                .iter()
                .zip(policy)
                .all(|(want, arc)| want.is_none_or(|want| want == *arc))
    }

    const fn signs(self) -> bool {
        matches!(self, Self::CardSignature | Self::HpkiSign)
    }
}

/// Hours after which a revocation list is too old even if the next is not due (threat T08).
pub const CRL_AGE_HOURS_MAX: i64 = 24;

/// What is required of a certificate in one check.
#[derive(Clone, Copy, Debug)]
pub struct Requirements {
    /// What it is shown for.
    pub purpose: Purpose,
    /// The instant at which it must hold: now, or the trusted time of an old signature.
    pub at: Timestamp,
    /// Disaster mode: accept a stale revocation list, and say so in the result.
    pub stale_crl_ok: bool,
    /// Hours after which a revocation list is stale; [`CRL_AGE_HOURS_MAX`] by default.
    pub crl_age_hours_max: i64,
}

impl Requirements {
    /// The usual requirements: fresh revocation list, fail closed.
    #[must_use]
    pub const fn new(purpose: Purpose, at: Timestamp) -> Self {
        Self {
            purpose,
            at,
            stale_crl_ok: false,
            crl_age_hours_max: CRL_AGE_HOURS_MAX,
        }
    }

    /// The same in disaster mode (災害時モード).
    #[must_use]
    pub const fn in_disaster_mode(self) -> Self {
        Self {
            stale_crl_ok: true,
            ..self
        }
    }
}

/// A certificate that passed every check.
#[derive(Clone)]
pub struct VerifiedCertificate {
    issuer_key_id: KeyId,
    anchor_key_id: KeyId,
    issuer_name: Vec<u8>,
    serial: Secret<Vec<u8>>,
    key: PublicKey,
    algorithm: Algorithm,
    purpose: Purpose,
    medium: Medium,
    not_before: Timestamp,
    not_after: Timestamp,
    crl: CrlStatus,
}

impl fmt::Debug for VerifiedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedCertificate")
            .field("purpose", &self.purpose)
            .field("issuer_key_id", &self.issuer_key_id)
            .finish_non_exhaustive()
    }
}

impl VerifiedCertificate {
    /// The key identifier of the authority that issued it.
    #[must_use]
    pub const fn issuer_key_id(&self) -> &KeyId {
        &self.issuer_key_id
    }

    /// The key identifier of the trust anchor above it.
    #[must_use]
    pub const fn anchor_key_id(&self) -> &KeyId {
        &self.anchor_key_id
    }

    /// Serial number, big-endian without leading zeros; the law restricts who may use it.
    #[must_use]
    pub const fn serial(&self) -> &Secret<Vec<u8>> {
        &self.serial
    }

    /// Issuer name, issuer's key identifier and serial number, unambiguous: the input for the
    /// caller's keyed HMAC, which is the only form in which a card may be stored.
    ///
    /// Shape: the issuer's DER name, the key identifier as `OCTET STRING`, the serial as
    /// `INTEGER`. The key identifier is in it because JPKI's authorities share one name, and
    /// serial numbers are unique only within one authority.
    #[must_use]
    pub fn card_key(&self) -> Secret<Vec<u8>> {
        card_key(&self.issuer_name, &self.issuer_key_id, self.serial.reveal())
    }

    /// The holder's public key.
    #[must_use]
    pub const fn subject_key(&self) -> &PublicKey {
        &self.key
    }

    /// How the holder's key signs by default.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What it was checked for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// What carries the key: the certificate says it, not whoever shows it.
    #[must_use]
    pub const fn medium(&self) -> Medium {
        self.medium
    }

    /// Its first second.
    #[must_use]
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Its last second.
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// How fresh the revocation list was; stale only in disaster mode.
    #[must_use]
    pub const fn crl_status(&self) -> CrlStatus {
        self.crl
    }
}

fn card_key(issuer: &[u8], key_id: &KeyId, serial: &[u8]) -> Secret<Vec<u8>> {
    let key_id = der::tlv(der::OCTET_STRING, key_id.as_bytes());
    Secret::new([issuer, &key_id, &der::uint(serial)].concat())
}

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

/// How the key of a certificate (DER) signs; nothing else of the certificate is checked.
pub(crate) fn algorithm_of(certificate: &[u8]) -> Option<Algorithm> {
    public_key_of(certificate)?.algorithm()
}

/// The key of a certificate (DER); nothing else of the certificate is checked.
pub(crate) fn public_key_of(certificate: &[u8]) -> Option<PublicKey> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    PublicKey::read(certificate.public_key()).ok()
}

/// Most authorities between a certificate and its anchor.
const INTERMEDIATES_MAX: usize = 3;
/// Most intermediate certificates that are looked at.
const INTERMEDIATES_SHOWN_MAX: usize = 8;

/// Checks `certificate` (DER) up to an anchor of `store`.
///
/// Order: form and strength, path and signatures, authority, purpose, dates, revocation; so a
/// forged certificate is called forged even when it has also expired.
///
/// # Errors
/// One [`PathError`] a reason; the first that applies.
pub fn verify(
    store: &TrustStore,
    certificate: &[u8],
    intermediates: &[&[u8]],
    requirements: &Requirements,
    crls: &CrlStore,
) -> Result<VerifiedCertificate, PathError> {
    let leaf = Facts::read(certificate)?;
    if leaf.is_ca {
        return Err(PathError::CaAsEndEntity);
    }
    let shown = intermediates
        .iter()
        .take(INTERMEDIATES_SHOWN_MAX)
        .map(|der| Facts::read(der))
        .collect::<Result<Vec<_>, _>>()?;
    let (chain, anchor) = build(store, &leaf, &shown)?;
    check_authorities(&chain, anchor, requirements)?;
    check_leaf(&leaf, requirements)?;
    let crl = check_revocation(&leaf, &chain, anchor, requirements, crls)?;
    let algorithm = leaf
        .key
        .algorithm()
        .ok_or(PathError::UnsupportedAlgorithm)?;
    let medium = Medium::of(&leaf.policies, algorithm);
    Ok(VerifiedCertificate {
        issuer_key_id: chain
            .first()
            .and_then(|c| c.subject_key_id.clone())
            .unwrap_or_else(|| anchor.key_id.clone()),
        anchor_key_id: anchor.key_id.clone(),
        issuer_name: leaf.issuer.to_vec(),
        serial: Secret::new(leaf.serial.to_vec()),
        key: leaf.key,
        algorithm,
        purpose: requirements.purpose,
        medium,
        not_before: leaf.not_before,
        not_after: leaf.not_after,
        crl,
    })
}

/// Walks from the leaf to an anchor by key identifiers, checking each signature on the way.
fn build<'s, 'c, 'd>(
    store: &'s TrustStore,
    leaf: &'c Facts<'d>,
    shown: &'c [Facts<'d>],
) -> Result<(Vec<&'c Facts<'d>>, &'s Anchor), PathError> {
    let mut chain: Vec<&Facts<'_>> = Vec::new();
    loop {
        let child = chain.last().copied().unwrap_or(leaf);
        let wanted = child
            .authority_key_id
            .as_ref()
            .ok_or(PathError::UntrustedIssuer)?;
        let anchors = store.find(wanted);
        if let Some(anchor) = anchors
            .iter()
            .find(|a| child.check_signed_by(&a.key).is_ok())
        {
            return if anchor.subject == child.issuer {
                Ok((chain, anchor))
            } else {
                Err(PathError::NameMismatch)
            };
        }
        let mut candidates = shown
            .iter()
            .filter(|c| c.subject_key_id.as_ref() == Some(wanted))
            .peekable();
        if candidates.peek().is_none() {
            return Err(if anchors.is_empty() {
                PathError::UntrustedIssuer
            } else {
                PathError::BadSignature
            });
        }
        let parent = candidates
            .find(|c| child.check_signed_by(&c.key).is_ok())
            .ok_or(PathError::BadSignature)?;
        if parent.subject != child.issuer {
            return Err(PathError::NameMismatch);
        }
        if chain.len() >= INTERMEDIATES_MAX {
            return Err(PathError::PathTooLong);
        }
        chain.push(parent);
    }
}

/// `chain` runs from the leaf's issuer upwards, without the anchor.
fn check_authorities(
    chain: &[&Facts<'_>],
    anchor: &Anchor,
    requirements: &Requirements,
) -> Result<(), PathError> {
    if !anchor.serves(requirements.purpose) {
        return Err(PathError::WrongPurpose);
    }
    let fits = |below: usize, limit: Option<u32>| {
        limit.is_none_or(|limit| u32::try_from(below).is_ok_and(|below| below <= limit))
    };
    for (below, authority) in chain.iter().enumerate() {
        if !authority.is_ca {
            return Err(PathError::NotACa);
        }
        if !authority.cert_sign {
            return Err(PathError::WrongKeyUsage);
        }
        if !fits(below, authority.path_len) {
            return Err(PathError::PathTooLong);
        }
        let allowed = |p: &Vec<u64>| p == ANY_POLICY || requirements.purpose.accepts(p);
        if !authority.policies.iter().any(allowed) {
            return Err(PathError::WrongPurpose);
        }
        if !authority.valid_at(requirements.at) {
            return Err(PathError::IssuerNotValid);
        }
    }
    if !fits(chain.len(), anchor.path_len) {
        return Err(PathError::PathTooLong);
    }
    if !anchor.valid_at(requirements.at) {
        return Err(PathError::IssuerNotValid);
    }
    Ok(())
}

fn check_leaf(leaf: &Facts<'_>, requirements: &Requirements) -> Result<(), PathError> {
    let purpose = requirements.purpose;
    if !leaf.policies.iter().any(|p| purpose.accepts(p)) {
        return Err(PathError::WrongPurpose);
    }
    let usage = if purpose.signs() {
        leaf.non_repudiation && leaf.extended.is_none_or(|e| e.signing)
    } else {
        leaf.digital_signature && leaf.extended.is_none_or(|e| e.client_auth)
    };
    if !usage || leaf.cert_sign {
        return Err(PathError::WrongKeyUsage);
    }
    if requirements.at < leaf.not_before {
        return Err(PathError::NotYetValid {
            from: leaf.not_before,
        });
    }
    if !leaf.valid_at(requirements.at) {
        return Err(PathError::Expired {
            until: leaf.not_after,
        });
    }
    Ok(())
}

/// Asks about the leaf and every authority below the anchor; the stalest answer counts.
fn check_revocation(
    leaf: &Facts<'_>,
    chain: &[&Facts<'_>],
    anchor: &Anchor,
    requirements: &Requirements,
    crls: &CrlStore,
) -> Result<CrlStatus, PathError> {
    let issuers = chain.iter().map(|c| &c.key).chain(Some(&anchor.key));
    let certificates = std::iter::once(leaf).chain(chain.iter().copied());
    let mut worst = CrlStatus::Fresh;
    for (certificate, issuer) in certificates.zip(issuers) {
        let answer = crls.check(&Question {
            issuer,
            serial: certificate.serial,
            is_ca: certificate.is_ca,
            points: &certificate.crl_points,
            not_after: certificate.not_after,
            at: requirements.at,
            age_hours_max: requirements.crl_age_hours_max,
            stale_ok: requirements.stale_crl_ok,
        });
        let status = answer.map_err(|error| match error {
            PathError::Revoked { .. } if certificate.is_ca => PathError::IssuerRevoked,
            other => other,
        })?;
        if let CrlStatus::Stale { since } = status {
            worst = match worst {
                CrlStatus::Stale { since: first } if first <= since => worst,
                _ => status,
            };
        }
    }
    Ok(worst)
}
