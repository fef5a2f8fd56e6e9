//! Trust anchors, found by the key identifier that a certificate names as its issuer's.
//!
//! JPKI has had several authorities of one and the same subject name (2015, 2019, 2023):
//! a name says nothing about the key, so names never select an anchor.

use std::collections::BTreeMap;
use std::fmt;

use kernel::hex;
use kernel::time::Timestamp;

use super::facts::Facts;
use super::{PathError, Purpose};
use crate::key::PublicKey;

/// The identifier of an authority's key, as subject and authority key identifiers carry it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(Vec<u8>);

impl KeyId {
    /// From the identifier's octets.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// An authority that is trusted by configuration.
#[derive(Clone, Debug)]
pub struct Anchor {
    pub(super) subject: Vec<u8>,
    pub(super) key: PublicKey,
    pub(super) key_id: KeyId,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    pub(super) path_len: Option<u32>,
    pub(super) crl_sign: bool,
    purposes: Vec<Purpose>,
}

impl Anchor {
    /// Its key identifier.
    #[must_use]
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Its public key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Its last second.
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    pub(super) fn serves(&self, purpose: Purpose) -> bool {
        self.purposes.contains(&purpose)
    }

    pub(super) fn valid_at(&self, at: Timestamp) -> bool {
        self.not_before <= at && at.seconds() <= self.not_after.seconds()
    }
}

/// Most anchors under one key identifier; two keys of one identifier are a curiosity.
const ANCHORS_PER_ID_MAX: usize = 4;

/// The authorities that are trusted, each for stated purposes.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    anchors: BTreeMap<KeyId, Vec<Anchor>>,
}

impl TrustStore {
    /// A store that trusts nobody.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            anchors: BTreeMap::new(),
        }
    }

    /// Trusts the authority of this certificate (DER) for `purposes` and nothing else.
    ///
    /// # Errors
    /// As for any certificate's form; [`PathError::NotACa`] when it is no authority or names
    /// no key identifier, [`PathError::WrongKeyUsage`] when it may not sign certificates,
    /// [`PathError::BadSignature`] when it is self-issued and its own signature is wrong.
    pub fn add(&mut self, der: &[u8], purposes: &[Purpose]) -> Result<KeyId, PathError> {
        let facts = Facts::read(der)?;
        let key_id = facts.subject_key_id.clone().ok_or(PathError::NotACa)?;
        if !facts.is_ca {
            return Err(PathError::NotACa);
        }
        if !facts.cert_sign {
            return Err(PathError::WrongKeyUsage);
        }
        if facts.issuer == facts.subject {
            facts.check_signed_by(&facts.key)?;
        }
        let anchor = Anchor {
            subject: facts.subject.to_vec(),
            key: facts.key,
            key_id: key_id.clone(),
            not_before: facts.not_before,
            not_after: facts.not_after,
            path_len: facts.path_len,
            crl_sign: facts.crl_sign,
            purposes: purposes.to_vec(),
        };
        let same_id = self.anchors.entry(key_id.clone()).or_default();
        same_id.retain(|a| a.key != anchor.key);
        same_id.push(anchor);
        same_id.truncate(ANCHORS_PER_ID_MAX);
        Ok(key_id)
    }

    /// All anchors, by key identifier.
    pub fn anchors(&self) -> impl Iterator<Item = &Anchor> {
        self.anchors.values().flatten()
    }

    /// Is one of the anchors a key of [`crate::testpki`], which everybody has? Judged by the
    /// key itself, not by its identifier. Production mode must refuse such a store.
    #[must_use]
    pub fn holds_test_anchor(&self) -> bool {
        self.anchors().any(|a| crate::testpki::is_test_key(&a.key))
    }

    pub(super) fn find(&self, key_id: &KeyId) -> &[Anchor] {
        self.anchors.get(key_id).map_or(&[], Vec::as_slice)
    }
}
