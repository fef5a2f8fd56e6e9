//! The fixed keys of the test authorities and test cards.
//!
//! They are public: everybody who has the sources has them. They are files instead of being
//! generated, so that a card can be made again from a number alone and a town of a million
//! people needs no key generation.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{self as lc, EcdsaKeyPair, KeyPair};

use super::TestPkiError;
use crate::der;
use crate::key::{Algorithm, Fingerprint, sha256};
use crate::path::KeyId;

macro_rules! key_file {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../testkeys/", $name, ".p8.der")),
        )
    };
}

type KeyFile = (&'static str, &'static [u8]);

pub(super) const AUTH_CA_1: KeyFile = key_file!("auth-ca-1");
pub(super) const AUTH_CA_2: KeyFile = key_file!("auth-ca-2");
pub(super) const AUTH_CA_3: KeyFile = key_file!("auth-ca-3");
pub(super) const SIGN_CA_1: KeyFile = key_file!("sign-ca-1");
pub(super) const HPKI_ROOT: KeyFile = key_file!("hpki-root");
pub(super) const HPKI_SIGN_CA: KeyFile = key_file!("hpki-sign-ca");
pub(super) const FOREIGN_CA: KeyFile = key_file!("foreign-ca");
pub(super) const TERMINAL_CA: KeyFile = key_file!("terminal-ca");
pub(super) const TERMINAL_1: KeyFile = key_file!("terminal-1");
pub(super) const CARD_NEXT: KeyFile = key_file!("card-next");
pub(super) const CARDS: [KeyFile; 3] = [
    key_file!("card-1"),
    key_file!("card-2"),
    key_file!("card-3"),
];

/// A subject public key info with an RSA key of 1,024 bits, for the corpus of bad certificates.
pub(super) const WEAK_SPKI: &[u8] = include_bytes!("../../testkeys/weak-1024.spki.der");

const AUTHORITIES: [KeyFile; 8] = [
    AUTH_CA_1,
    AUTH_CA_2,
    AUTH_CA_3,
    SIGN_CA_1,
    HPKI_ROOT,
    HPKI_SIGN_CA,
    FOREIGN_CA,
    TERMINAL_CA,
];

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P384(Box<EcdsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

/// A private test key with its public half.
pub struct TestKey {
    name: &'static str,
    pair: Pair,
    spki: Vec<u8>,
}

/// A card's private test key; cheap to clone.
pub type CardKey = Arc<TestKey>;

impl fmt::Debug for TestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestKey({})", self.name)
    }
}

/// rsaEncryption.
const OID_RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 1];
/// id-ecPublicKey.
const OID_EC: &[u64] = &[1, 2, 840, 10045, 2, 1];
const OID_P256: &[u64] = &[1, 2, 840, 10045, 3, 1, 7];
const OID_P384: &[u64] = &[1, 3, 132, 0, 34];
const OID_RSA_SHA256: &[u64] = &[1, 2, 840, 113_549, 1, 1, 11];
const OID_ECDSA_SHA256: &[u64] = &[1, 2, 840, 10045, 4, 3, 2];
const OID_ECDSA_SHA384: &[u64] = &[1, 2, 840, 10045, 4, 3, 3];

impl TestKey {
    pub(super) fn load((name, pkcs8): KeyFile) -> Result<Arc<Self>, TestPkiError> {
        let p384 = &lc::ECDSA_P384_SHA384_ASN1_SIGNING;
        let p256 = &lc::ECDSA_P256_SHA256_ASN1_SIGNING;
        let pair = if let Ok(pair) = RsaKeyPair::from_pkcs8(pkcs8) {
            Pair::Rsa(Box::new(pair))
        } else if let Ok(pair) = EcdsaKeyPair::from_pkcs8(p384, pkcs8) {
            Pair::P384(Box::new(pair))
        } else {
            EcdsaKeyPair::from_pkcs8(p256, pkcs8)
                .map(|pair| Pair::P256(Box::new(pair)))
                .map_err(|_| TestPkiError { key: name })?
        };
        let spki = spki(&pair);
        Ok(Arc::new(Self { name, pair, spki }))
    }

    pub(super) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 over the public key info.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        sha256(&self.spki)
    }

    /// The subject key identifier: the first 160 bits of SHA-256 (RFC 7093, method 1).
    pub(super) fn key_id(&self) -> KeyId {
        KeyId::new(sha256(self.public_bytes()).get(..20).unwrap_or_default())
    }

    fn public_bytes(&self) -> &[u8] {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_ref(),
            Pair::P384(pair) | Pair::P256(pair) => pair.public_key().as_ref(),
        }
    }

    /// The RSA public key as `RSAPublicKey` (PKCS #1) octets; `None` for other kinds.
    pub(crate) fn rsa_public(&self) -> Option<&[u8]> {
        matches!(self.pair, Pair::Rsa(_)).then(|| self.public_bytes())
    }

    /// How this key signs by default; `None` for a key that no card has.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        match self.pair {
            Pair::Rsa(_) => Some(Algorithm::RsaPkcs1Sha256),
            Pair::P384(_) => Some(Algorithm::EcdsaP384Sha384),
            Pair::P256(_) => None,
        }
    }

    /// Signs `message`. RSA PKCS #1 signatures are the same each time, the others are not.
    ///
    /// # Errors
    /// [`TestPkiError`] when the key is of another kind than `algorithm`.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, TestPkiError> {
        let digest = match algorithm {
            Algorithm::EcdsaP384Sha384 => digest::digest(&digest::SHA384, message),
            _ => digest::digest(&digest::SHA256, message),
        };
        self.sign_digest(algorithm, &digest)
    }

    /// Signs a digest that was computed elsewhere, as a card does.
    pub(crate) fn sign_digest(
        &self,
        algorithm: Algorithm,
        digest: &Digest,
    ) -> Result<Vec<u8>, TestPkiError> {
        let fail = TestPkiError { key: self.name };
        match (&self.pair, algorithm) {
            (Pair::Rsa(pair), Algorithm::RsaPkcs1Sha256) => {
                // Cards also sign other digests when the reader wraps them itself.
                let encoding: &'static dyn lc::RsaEncoding = match digest.algorithm().output_len() {
                    32 => &lc::RSA_PKCS1_SHA256,
                    48 => &lc::RSA_PKCS1_SHA384,
                    _ => &lc::RSA_PKCS1_SHA512,
                };
                sign_rsa(pair, encoding, digest).ok_or(fail)
            }
            (Pair::Rsa(pair), Algorithm::RsaPssSha256) => {
                sign_rsa(pair, &lc::RSA_PSS_SHA256, digest).ok_or(fail)
            }
            (Pair::P384(pair), Algorithm::EcdsaP384Sha384) => {
                let signature = pair.sign_digest(digest).map_err(|_| fail)?;
                Ok(signature.as_ref().to_vec())
            }
            _ => Err(fail),
        }
    }

    /// Signs a certificate or list: the algorithm identifier, and the signature.
    pub(super) fn sign_as_authority(
        &self,
        message: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), TestPkiError> {
        let fail = TestPkiError { key: self.name };
        match &self.pair {
            Pair::Rsa(_) => Ok((
                der::seq(&[&der::oid(OID_RSA_SHA256), &der::null()]),
                self.sign(Algorithm::RsaPkcs1Sha256, message)?,
            )),
            Pair::P384(_) => Ok((
                der::seq(&[&der::oid(OID_ECDSA_SHA384)]),
                self.sign(Algorithm::EcdsaP384Sha384, message)?,
            )),
            Pair::P256(_) => Ok((
                der::seq(&[&der::oid(OID_ECDSA_SHA256)]),
                self.sign_p256(message).ok_or(fail)?,
            )),
        }
    }

    /// The algorithm identifier that [`Self::sign_as_authority`] will state.
    pub(super) fn authority_algorithm(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(_) => der::seq(&[&der::oid(OID_RSA_SHA256), &der::null()]),
            Pair::P384(_) => der::seq(&[&der::oid(OID_ECDSA_SHA384)]),
            Pair::P256(_) => der::seq(&[&der::oid(OID_ECDSA_SHA256)]),
        }
    }

    /// ECDSA on P-256 with SHA-256, the kind of a test terminal's key.
    pub(crate) fn sign_p256(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::P256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).ok()?;
                Some(signature.as_ref().to_vec())
            }
            _ => None,
        }
    }

    /// The uncompressed point of a P-256 key.
    pub(crate) fn point_p256(&self) -> Option<&[u8]> {
        matches!(self.pair, Pair::P256(_)).then(|| self.public_bytes())
    }
}

fn sign_rsa(
    pair: &RsaKeyPair,
    encoding: &'static dyn lc::RsaEncoding,
    digest: &Digest,
) -> Option<Vec<u8>> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign_digest(encoding, digest, &mut signature).ok()?;
    Some(signature)
}

fn spki(pair: &Pair) -> Vec<u8> {
    let (algorithm, bytes) = match pair {
        Pair::Rsa(pair) => (
            der::seq(&[&der::oid(OID_RSA), &der::null()]),
            pair.public_key().as_ref(),
        ),
        Pair::P384(pair) => (
            der::seq(&[&der::oid(OID_EC), &der::oid(OID_P384)]),
            pair.public_key().as_ref(),
        ),
        Pair::P256(pair) => (
            der::seq(&[&der::oid(OID_EC), &der::oid(OID_P256)]),
            pair.public_key().as_ref(),
        ),
    };
    der::seq(&[&algorithm, &der::bits(bytes)])
}

/// Key identifiers and fingerprints of every test authority.
pub(super) struct Known {
    pub ids: BTreeSet<KeyId>,
    pub fingerprints: BTreeSet<Fingerprint>,
}

pub(super) fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let keys: Vec<_> = AUTHORITIES
            .into_iter()
            .filter_map(|file| TestKey::load(file).ok())
            .collect();
        Known {
            ids: keys.iter().map(|k| k.key_id()).collect(),
            fingerprints: keys.iter().map(|k| k.fingerprint()).collect(),
        }
    })
}
