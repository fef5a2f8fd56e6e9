//! Public keys and the algorithms that are accepted, in certificates and on cards.
//!
//! SHA-1, MD5 and RSA below 2,048 bits are refused by name, so that the refusal can say why.
//! Source: CRYPTREC 電子政府推奨暗号リスト; JPKI profile (RSA-2048 with SHA-256), next card
//! (ECDSA on P-384 with SHA-384), HPKI profile (RSA-2048 with SHA-256).

use std::fmt;

use aws_lc_rs::{digest, signature as lc};
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use crate::path::PathError;

/// How a card signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the present card.
    RsaPkcs1Sha256,
    /// RSASSA-PSS with SHA-256, salt of 32 octets: the present card can do it too.
    RsaPssSha256,
    /// ECDSA on P-384 with SHA-384, DER form: the next card.
    EcdsaP384Sha384,
}

impl Algorithm {
    /// The name on the wire: `RS256`, `PS256`, `ES384`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaPkcs1Sha256 => "RS256",
            Self::RsaPssSha256 => "PS256",
            Self::EcdsaP384Sha384 => "ES384",
        }
    }

    /// From the name on the wire.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::RsaPkcs1Sha256,
            Self::RsaPssSha256,
            Self::EcdsaP384Sha384,
        ]
        .into_iter()
        .find(|a| a.name() == name)
    }

    const fn fits(self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::RsaPkcs1Sha256 | Self::RsaPssSha256, Kind::Rsa)
                | (Self::EcdsaP384Sha384, Kind::P384)
        )
    }
}

/// Smallest RSA modulus accepted, in bits.
pub const RSA_BITS_MIN: usize = 2048;
/// Largest RSA modulus accepted, in bits: more only costs the verifier time.
pub const RSA_BITS_MAX: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

/// SHA-256 over a subject public key info: names a key beyond doubt.
pub type Fingerprint = [u8; 32];

/// A public key of an accepted kind and strength.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    bytes: Vec<u8>,
    fingerprint: Fingerprint,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.kind)
    }
}

impl PublicKey {
    /// Reads the key of a certificate.
    pub(crate) fn read(info: &SubjectPublicKeyInfo<'_>) -> Result<Self, PathError> {
        let parsed = info.parsed().map_err(|_| PathError::Malformed)?;
        let kind = match parsed {
            Parsed::RSA(rsa) => {
                let bits = rsa.key_size();
                if bits < RSA_BITS_MIN {
                    return Err(PathError::WeakKey { bits });
                }
                let odd = rsa.try_exponent().is_ok_and(|e| e >= 3 && e % 2 == 1);
                if bits > RSA_BITS_MAX || !odd {
                    return Err(PathError::UnsupportedAlgorithm);
                }
                Kind::Rsa
            }
            Parsed::EC(_) => match curve(&info.algorithm).as_deref() {
                Some("1.2.840.10045.3.1.7") => Kind::P256,
                Some("1.3.132.0.34") => Kind::P384,
                _ => return Err(PathError::UnsupportedAlgorithm),
            },
            _ => return Err(PathError::UnsupportedAlgorithm),
        };
        Ok(Self {
            kind,
            bytes: info.subject_public_key.data.to_vec(),
            fingerprint: sha256(info.raw),
        })
    }

    /// SHA-256 over the subject public key info.
    #[must_use]
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// How a card with this key signs by default; `None` for a key that no card has.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        match self.kind {
            Kind::Rsa => Some(Algorithm::RsaPkcs1Sha256),
            Kind::P384 => Some(Algorithm::EcdsaP384Sha384),
            Kind::P256 => None,
        }
    }

    /// Does this key use `algorithm`?
    #[must_use]
    pub const fn supports(&self, algorithm: Algorithm) -> bool {
        algorithm.fits(self.kind)
    }

    /// Is `signature` this key's over `message`? `false` also when the algorithm does not fit.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let how: &'static dyn lc::VerificationAlgorithm = match algorithm {
            Algorithm::RsaPkcs1Sha256 => &lc::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::RsaPssSha256 => &lc::RSA_PSS_2048_8192_SHA256,
            Algorithm::EcdsaP384Sha384 => &lc::ECDSA_P384_SHA384_ASN1,
        };
        self.supports(algorithm) && self.verify_with(how, message, signature)
    }

    fn verify_with(
        &self,
        how: &'static dyn lc::VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        lc::UnparsedPublicKey::new(how, &self.bytes)
            .verify(message, signature)
            .is_ok()
    }

    /// Checks the signature over a certificate or revocation list.
    pub(crate) fn verify_signed(
        &self,
        identifier: &AlgorithmIdentifier<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), PathError> {
        let (kind, how) = signature_algorithm(identifier)?;
        if kind == self.kind && self.verify_with(how, message, signature) {
            Ok(())
        } else {
            Err(PathError::BadSignature)
        }
    }
}

fn curve(identifier: &AlgorithmIdentifier<'_>) -> Option<String> {
    let oid = identifier.parameters.as_ref()?.as_oid().ok()?;
    Some(oid.to_id_string())
}

type Verification = (Kind, &'static dyn lc::VerificationAlgorithm);

/// The verification that a signature algorithm identifier names.
///
/// Source: RFC 8017 appendix A.2.4 (RSA), RFC 5758 section 3.2 (ECDSA).
fn signature_algorithm(identifier: &AlgorithmIdentifier<'_>) -> Result<Verification, PathError> {
    match identifier.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.11" => Ok((Kind::Rsa, &lc::RSA_PKCS1_2048_8192_SHA256)),
        "1.2.840.113549.1.1.12" => Ok((Kind::Rsa, &lc::RSA_PKCS1_2048_8192_SHA384)),
        "1.2.840.113549.1.1.13" => Ok((Kind::Rsa, &lc::RSA_PKCS1_2048_8192_SHA512)),
        "1.2.840.10045.4.3.2" => Ok((Kind::P256, &lc::ECDSA_P256_SHA256_ASN1)),
        "1.2.840.10045.4.3.3" => Ok((Kind::P384, &lc::ECDSA_P384_SHA384_ASN1)),
        // MD2, MD5, SHA-1 and SHA-224 with RSA; SHA-1 with ECDSA.
        "1.2.840.113549.1.1.2"
        | "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.14"
        | "1.2.840.10045.4.1" => Err(PathError::WeakAlgorithm),
        _ => Err(PathError::UnsupportedAlgorithm),
    }
}

/// Is the signature algorithm one that is accepted at all?
pub(crate) fn check_algorithm(identifier: &AlgorithmIdentifier<'_>) -> Result<(), PathError> {
    signature_algorithm(identifier).map(|_| ())
}

/// SHA-256.
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out
        .iter_mut()
        .zip(digest::digest(&digest::SHA256, message).as_ref())
    {
        *to = *from;
    }
    out
}

/// SHA-384.
pub(crate) fn sha384(message: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA384, message).as_ref().to_vec()
}
