//! AES-256-GCM-SIV: wrapping keys by keys, and the envelopes of rows.
//!
//! Form of an envelope, fixed for good: version `1` (1 byte), key number (4 bytes, big
//! endian), nonce (12 bytes), ciphertext and tag. Associated data: table name, a zero byte,
//! the parts of the primary key; so a row cannot be moved to another place.

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use zeroize::Zeroizing;

use crate::{KeyError, random::fill};

const VERSION: u8 = 1;
const HEADER_LEN: usize = 5;
pub(crate) const NONCE_LEN: usize = 12;
pub(crate) const TAG_LEN: usize = 16;
pub(crate) const KEY_LEN: usize = 32;

/// The bytes of a key, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_LEN]>;

/// Names a root without telling it; kept beside what the root wraps.
pub(crate) type RootId = [u8; 16];

/// A new random key.
pub(crate) fn new_key() -> Key {
    let mut key = Key::default();
    fill(key.as_mut());
    key
}

/// The prepared form of a key; preparing costs more than one use.
pub(crate) fn cipher(key: &[u8]) -> Result<LessSafeKey, KeyError> {
    UnboundKey::new(&AES_256_GCM_SIV, key)
        .map(LessSafeKey::new)
        .map_err(|_| KeyError::Cipher("prepare a key"))
}

/// HMAC-SHA256 of `parts` under `key`, 32 bytes.
pub(crate) fn keyed_hash(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    out
}

/// The public name of a root.
pub(crate) fn root_id(root: &Key) -> RootId {
    let key = hmac::Key::new(hmac::HMAC_SHA256, root.as_ref());
    let hash = keyed_hash(&key, &[b"\0tasuki key store root\0"]);
    let mut id = RootId::default();
    for (to, from) in id.iter_mut().zip(hash) {
        *to = from;
    }
    id
}

/// Nonce, ciphertext and tag of `key`, bound to `place`.
pub(crate) fn wrap(with: &LessSafeKey, place: &[u8], key: &Key) -> Result<Vec<u8>, KeyError> {
    let mut nonce = [0; NONCE_LEN];
    fill(&mut nonce);
    let mut out = Vec::with_capacity(NONCE_LEN + KEY_LEN + TAG_LEN);
    out.extend_from_slice(&nonce);
    let mut body = key.clone();
    let tag = with
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place),
            body.as_mut(),
        )
        .map_err(|_| KeyError::Cipher("wrap a key"))?;
    out.extend_from_slice(body.as_ref());
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

/// The key in `wrapped`; `None` when `with` or `place` is another one or a byte was changed.
pub(crate) fn unwrap(with: &LessSafeKey, place: &[u8], wrapped: &[u8]) -> Option<Key> {
    let (nonce, body) = wrapped.split_first_chunk::<NONCE_LEN>()?;
    let mut body = Zeroizing::new(body.to_vec());
    let opened = with
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(place),
            &mut body,
        )
        .ok()?;
    let opened: &[u8] = opened;
    let mut key = Key::default();
    if opened.len() != KEY_LEN {
        return None;
    }
    key.as_mut().copy_from_slice(opened);
    Some(key)
}

/// The envelope of `plain` under the data key `number`.
pub(crate) fn seal(
    with: &LessSafeKey,
    number: u32,
    table: &str,
    key: &[&[u8]],
    plain: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let mut nonce = [0; NONCE_LEN];
    fill(&mut nonce);
    let mut out = Vec::with_capacity(HEADER_LEN + NONCE_LEN + plain.len() + TAG_LEN);
    out.push(VERSION);
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let (_, body) = out.split_at_mut(HEADER_LEN + NONCE_LEN);
    let tag = with
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated(table, key)),
            body,
        )
        .map_err(|_| KeyError::Cipher("encrypt"))?;
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

/// The tag of nothing at a place: a keyed hash of the place. The nonce is fixed, which with SIV
/// says only that two places are equal, and that is what a tag is for.
///
/// Source: RFC 8452 (the tag is a pseudorandom function of the associated data).
pub(crate) fn tag(
    with: &LessSafeKey,
    table: &str,
    key: &[&[u8]],
) -> Result<[u8; TAG_LEN], KeyError> {
    let failed = || KeyError::Cipher("hash");
    let tag = with
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key([0; NONCE_LEN]),
            Aad::from(associated(table, key)),
            &mut [],
        )
        .map_err(|_| failed())?;
    tag.as_ref().try_into().map_err(|_| failed())
}

/// An envelope taken apart.
pub(crate) struct Envelope<'a> {
    /// Which of the owner's data keys sealed it.
    pub number: u32,
    nonce: &'a [u8; NONCE_LEN],
    body: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Takes the bytes apart.
    pub fn parse(sealed: &'a [u8]) -> Result<Self, KeyError> {
        let (&[version, a, b, c, d], rest) = sealed
            .split_first_chunk::<HEADER_LEN>()
            .ok_or(KeyError::Envelope)?;
        let (nonce, body) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(KeyError::Envelope)?;
        if version != VERSION || body.len() < TAG_LEN {
            return Err(KeyError::Envelope);
        }
        Ok(Self {
            number: u32::from_be_bytes([a, b, c, d]),
            nonce,
            body,
        })
    }

    /// What was sealed for this very row.
    pub fn open(
        &self,
        with: &LessSafeKey,
        table: &str,
        key: &[&[u8]],
    ) -> Result<Vec<u8>, KeyError> {
        let mut body = self.body.to_vec();
        let length = with
            .open_in_place(
                Nonce::assume_unique_for_key(*self.nonce),
                Aad::from(associated(table, key)),
                &mut body,
            )
            .map_err(|_| KeyError::DoesNotOpen)?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

fn associated(table: &str, key: &[&[u8]]) -> Vec<u8> {
    let length: usize = key.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(table.len() + 1 + length);
    out.extend_from_slice(table.as_bytes());
    out.push(0);
    for part in key {
        out.extend_from_slice(part);
    }
    out
}
