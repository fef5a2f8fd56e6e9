//! Signed papers: the small JSON files that say what a repository must hold.
//!
//! A paper is `{"signed":…,"public_key":…,"signature":…}`: Ed25519 over the exact bytes
//! of `signed`. A paper whose bytes are not the ones that we would write is refused, so
//! that every flipped bit shows.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use kernel::hex;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{BackupError, Flaw};

/// Before the bytes that are signed, so that no signature means anything elsewhere.
const CONTEXT: &[u8] = b"tasuki backup paper 1\n";

/// Who signs the papers: the node's key, wherever it lives.
pub trait Signer: Send + Sync {
    /// The Ed25519 public key, 32 bytes.
    ///
    /// # Errors
    /// [`BackupError::Sign`] when the key cannot be reached.
    fn public_key(&self) -> Result<[u8; 32], BackupError>;
    /// The Ed25519 signature over `bytes`, 64 bytes.
    ///
    /// # Errors
    /// [`BackupError::Sign`] when the key cannot sign.
    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], BackupError>;
}

impl Signer for Ed25519KeyPair {
    fn public_key(&self) -> Result<[u8; 32], BackupError> {
        let key = KeyPair::public_key(self);
        key.as_ref().try_into().map_err(|_| BackupError::Sign)
    }

    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], BackupError> {
        let signature = self.try_sign(bytes).map_err(|_| BackupError::Sign)?;
        signature.as_ref().try_into().map_err(|_| BackupError::Sign)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    signed: Box<RawValue>,
    public_key: String,
    signature: String,
}

fn message(signed: &RawValue) -> Vec<u8> {
    [CONTEXT, signed.get().as_bytes()].concat()
}

fn spell(paper: &Paper) -> Option<Vec<u8>> {
    let mut bytes = serde_json::to_vec(paper).ok()?;
    bytes.push(b'\n');
    Some(bytes)
}

/// The file's bytes for `value`, signed.
pub(crate) fn seal<T: Serialize>(value: &T, signer: &dyn Signer) -> Result<Vec<u8>, BackupError> {
    let text = serde_json::to_string_pretty(value).map_err(|_| BackupError::Sign)?;
    let signed = RawValue::from_string(text).map_err(|_| BackupError::Sign)?;
    let signature = hex::encode(&signer.sign(&message(&signed))?);
    let paper = Paper {
        signed,
        public_key: hex::encode(&signer.public_key()?),
        signature,
    };
    spell(&paper).ok_or(BackupError::Sign)
}

/// The value that `bytes` (of `file`) say, when `signer` signed them; without `signer`
/// the paper's own key is taken and returned (only for the paper that names the signer).
pub(crate) fn open<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    signer: Option<&[u8; 32]>,
) -> Result<(T, [u8; 32]), BackupError> {
    let flawed = |flaw| BackupError::damaged(file, flaw);
    let unreadable = || flawed(Flaw::Unreadable);
    let paper: Paper = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
    let key: [u8; 32] = hex::decode_array(&paper.public_key).ok_or_else(unreadable)?;
    let signature: [u8; 64] = hex::decode_array(&paper.signature).ok_or_else(unreadable)?;
    if signer.is_some_and(|signer| *signer != key) {
        return Err(flawed(Flaw::Signature));
    }
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&message(&paper.signed), &signature)
        .map_err(|_| flawed(Flaw::Signature))?;
    let value = serde_json::from_str(paper.signed.get()).map_err(|_| unreadable())?;
    let canonical = Paper {
        signed: paper.signed,
        public_key: hex::encode(&key),
        signature: hex::encode(&signature),
    };
    if spell(&canonical).as_deref() != Some(bytes) {
        return Err(flawed(Flaw::Changed));
    }
    Ok((value, key))
}
