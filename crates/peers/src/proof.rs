//! Checking the proof of an access-history record, from the downloaded JSON alone.
//!
//! Written from RFC 6962 section 2.1 (leaf and node hashes, where a tree is split) and
//! RFC 8032 (Ed25519), top-down where the server climbs bottom-up: two ways that must meet.
//! The form is `tasuki-proof-v1`, its octets in hexadecimal. The signed text is
//! `tasuki-seal-v1`, node (16 bytes), seal number (8, big endian), instant in microseconds
//! (8), count of records (8), root (32), hash of the seal before (32); or `tasuki-seal-v2`,
//! the same, and the root of the map of last records (32).

use aws_lc_rs::{
    digest,
    signature::{ED25519, UnparsedPublicKey},
};
use serde_json::Value;

pub(crate) type Hash = [u8; 32];

const SEAL_FORM: &[u8] = b"tasuki-seal-v1";
const SEAL_FORM_WITH_MAP: &[u8] = b"tasuki-seal-v2";
/// Most siblings of a path: more than any tree of 64-bit size has.
const PATH_MAX: usize = 64;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The record is not sealed yet: there is nothing to prove for about a minute.
    #[error("the record is not sealed yet")]
    NotSealed,
    /// A member is missing or malformed.
    #[error("the proof has no usable {0}")]
    Malformed(&'static str),
    /// Content, place on the chain and hash of the record do not belong together.
    #[error("the record is not the one that was hashed")]
    OtherRecord,
    /// Record and path do not lead to the root.
    #[error("record and path do not lead to the root")]
    OtherRoot,
    /// The signed text is about another root, count or seal.
    #[error("the signed text is about another seal")]
    OtherSeal,
    /// The signature is not the key's over the text.
    #[error("the signature does not verify")]
    Signature,
    /// The seal was signed with another key than the one that is trusted.
    #[error("the seal was signed with another key")]
    OtherKey,
}

/// Does the proof hold, by the key that it names itself?
#[must_use]
pub fn verify_proof(proof: &Value) -> bool {
    examine(proof, None).is_ok()
}

/// As [`verify_proof`], saying why not; with `trusted` the key must be that one (a key that
/// comes with the proof shows only that the proof is whole).
///
/// # Errors
/// [`Doubt`].
pub fn examine(proof: &Value, trusted: Option<&[u8]>) -> Result<(), Doubt> {
    let file = proof;
    let proof = Proof::read(file)?;
    let content = Content::read(file)?;
    if trusted.is_some_and(|key| key != proof.public_key) {
        return Err(Doubt::OtherKey);
    }
    let root = descend(
        leaf(&proof.record_hash),
        proof.index,
        proof.size,
        &proof.path,
    );
    if root != Some(proof.root) {
        return Err(Doubt::OtherRoot);
    }
    let seal = Seal::read(&proof.signed_text).ok_or(Doubt::OtherSeal)?;
    let about_this = seal.root == proof.root
        && seal.count == proof.size
        && seal.number == proof.number
        && seal.at_micros == proof.sealed_at_micros;
    if !about_this {
        return Err(Doubt::OtherSeal);
    }
    UnparsedPublicKey::new(&ED25519, &proof.public_key)
        .verify(&proof.signed_text, &proof.signature)
        .map_err(|_| Doubt::Signature)?;
    if content.hash() == proof.record_hash {
        Ok(())
    } else {
        Err(Doubt::OtherRecord)
    }
}

/// What the record's hash covers: whose it is, its number, its time, the record before it
/// and its encrypted content.
struct Content {
    kind: u8,
    subject: Vec<u8>,
    seq: i64,
    at_micros: i64,
    previous: Hash,
    record: Vec<u8>,
}

impl Content {
    fn read(json: &Value) -> Result<Self, Doubt> {
        let number = |name: &'static str| {
            json.get(name)
                .and_then(Value::as_i64)
                .ok_or(Doubt::Malformed(name))
        };
        let record = json.get("record").and_then(Value::as_str);
        Ok(Self {
            kind: u8::try_from(number("subject_kind")?)
                .map_err(|_| Doubt::Malformed("subject_kind"))?,
            subject: member(json, "subject", 16)?,
            seq: number("seq")?,
            at_micros: number("at_micros")?,
            previous: hash(json, "previous_hash")?,
            record: record
                .and_then(kernel::hex::decode)
                .ok_or(Doubt::Malformed("record"))?,
        })
    }

    fn hash(&self) -> Hash {
        let place = [
            &[0, self.kind][..],
            &self.subject,
            &self.seq.to_be_bytes(),
            &self.at_micros.to_be_bytes(),
        ]
        .concat();
        sha256([&place, &self.previous, &self.record])
    }
}

/// The form of proof that is known here.
const FORM: &str = "tasuki-proof-v1";

struct Proof {
    record_hash: Hash,
    index: u64,
    size: u64,
    path: Vec<Hash>,
    root: Hash,
    number: u64,
    sealed_at_micros: u64,
    signed_text: Vec<u8>,
    signature: Vec<u8>,
    public_key: Vec<u8>,
}

impl Proof {
    fn read(json: &Value) -> Result<Self, Doubt> {
        if json.get("format").and_then(Value::as_str) != Some(FORM) {
            return Err(Doubt::Malformed("format"));
        }
        let record_hash = hash(json, "record_hash")?;
        let seal = match json.get("seal") {
            None | Some(Value::Null) => return Err(Doubt::NotSealed),
            Some(seal) => seal,
        };
        let path = seal
            .get("path")
            .and_then(Value::as_array)
            .filter(|path| path.len() <= PATH_MAX)
            .and_then(|path| {
                path.iter()
                    .map(|one| octets(one, 32)?.try_into().ok())
                    .collect()
            })
            .ok_or(Doubt::Malformed("path"))?;
        Ok(Self {
            record_hash,
            index: whole(seal, "leaf_index")?,
            size: whole(seal, "tree_size")?,
            path,
            root: hash(seal, "root")?,
            number: whole(seal, "number")?,
            sealed_at_micros: whole(seal, "sealed_at_micros")?,
            signed_text: seal
                .get("signed_text")
                .and_then(Value::as_str)
                .and_then(kernel::hex::decode)
                .ok_or(Doubt::Malformed("signed_text"))?,
            signature: member(seal, "signature", 64)?,
            public_key: member(seal, "public_key", 32)?,
        })
    }
}

fn whole(json: &Value, name: &'static str) -> Result<u64, Doubt> {
    json.get(name)
        .and_then(Value::as_u64)
        .ok_or(Doubt::Malformed(name))
}

fn hash(json: &Value, name: &'static str) -> Result<Hash, Doubt> {
    Hash::try_from(member(json, name, 32)?).map_err(|_| Doubt::Malformed(name))
}

fn member(json: &Value, name: &'static str, length: usize) -> Result<Vec<u8>, Doubt> {
    json.get(name)
        .and_then(|value| octets(value, length))
        .ok_or(Doubt::Malformed(name))
}

/// Octets of a known number, in hexadecimal.
fn octets(value: &Value, length: usize) -> Option<Vec<u8>> {
    kernel::hex::decode(value.as_str()?).filter(|out| out.len() == length)
}

/// What a seal's signed text says.
pub(crate) struct Seal {
    pub(crate) node: [u8; 16],
    pub(crate) number: u64,
    pub(crate) at_micros: u64,
    pub(crate) count: u64,
    pub(crate) root: Hash,
    /// Root of the map of last records; none in the first form.
    pub(crate) map_root: Option<Hash>,
}

impl Seal {
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let (rest, has_map) = match text.strip_prefix(SEAL_FORM) {
            Some(rest) => (rest, false),
            None => (text.strip_prefix(SEAL_FORM_WITH_MAP)?, true),
        };
        let (node, rest) = rest.split_first_chunk::<16>()?;
        let (number, rest) = rest.split_first_chunk::<8>()?;
        let (at_micros, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (_previous, rest) = rest.split_first_chunk::<32>()?;
        let map_root = if has_map {
            Some(rest.try_into().ok()?)
        } else {
            rest.is_empty().then_some(())?;
            None
        };
        Some(Self {
            node: *node,
            number: u64::from_be_bytes(*number),
            at_micros: u64::from_be_bytes(*at_micros),
            count: u64::from_be_bytes(*count),
            root: *root,
            map_root,
        })
    }
}

pub(crate) fn sha256(parts: [&[u8]; 3]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

pub(crate) fn leaf(record_hash: &Hash) -> Hash {
    sha256([&[0], record_hash, &[]])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256([&[1], left, right])
}

/// The root of a tree of `size` leaves that has this leaf at `index`: the last sibling of the
/// path stands for the half in which the leaf is not, and so on down.
pub(crate) fn descend(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    if size == 1 {
        return path.is_empty().then_some(leaf);
    }
    let (sibling, rest) = path.split_last()?;
    // The largest power of two that is smaller than the size.
    let left = 1_u64 << (size - 1).ilog2();
    Some(match index.checked_sub(left) {
        None => node(&descend(leaf, index, left, rest)?, sibling),
        Some(index) => node(sibling, &descend(leaf, index, size - left, rest)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    use kernel::hex::encode;
    use serde_json::json;

    fn key() -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[9; 32]).expect("a seed")
    }

    fn content(number: u8) -> Content {
        Content {
            kind: 1,
            subject: vec![2; 16],
            seq: i64::from(number) + 1,
            at_micros: 5,
            previous: [number; 32],
            record: vec![number; 3],
        }
    }

    /// A tree of five leaves, made by hand: ((0 1)(2 3)) 4.
    fn five(index: usize) -> Value {
        let contents: Vec<Content> = (0..5_u8).map(content).collect();
        let records: Vec<Hash> = contents.iter().map(Content::hash).collect();
        let l: Vec<Hash> = records.iter().map(leaf).collect();
        let (n01, n23) = (node(&l[0], &l[1]), node(&l[2], &l[3]));
        let n03 = node(&n01, &n23);
        let root = node(&n03, &l[4]);
        let path = match index {
            0 => vec![l[1], n23, l[4]],
            1 => vec![l[0], n23, l[4]],
            2 => vec![l[3], n01, l[4]],
            3 => vec![l[2], n01, l[4]],
            _ => vec![n03],
        };
        let text = [
            SEAL_FORM,
            &[1; 16],
            &7_u64.to_be_bytes(),
            &99_u64.to_be_bytes(),
            &5_u64.to_be_bytes(),
            &root,
            &[0; 32],
        ]
        .concat();
        json!({
            "format": FORM,
            "subject_kind": contents[index].kind,
            "subject": encode(&contents[index].subject),
            "seq": contents[index].seq,
            "at_micros": contents[index].at_micros,
            "previous_hash": encode(&contents[index].previous),
            "record": encode(&contents[index].record),
            "record_hash": encode(&records[index]),
            "seal": {
                "number": 7,
                "sealed_at_micros": 99,
                "leaf_index": index,
                "tree_size": 5,
                "path": path.iter().map(|h| encode(h)).collect::<Vec<_>>(),
                "root": encode(&root),
                "signed_text": encode(&text),
                "signature": encode(key().sign(&text).as_ref()),
                "public_key": encode(key().public_key().as_ref()),
            },
        })
    }

    #[test]
    fn every_leaf_of_a_tree_made_by_hand_is_proved() {
        for index in 0..5 {
            assert_eq!(examine(&five(index), None), Ok(()), "{index}");
        }
        let key = key();
        assert_eq!(examine(&five(2), Some(key.public_key().as_ref())), Ok(()));
        assert_eq!(examine(&five(2), Some(&[0; 32])), Err(Doubt::OtherKey));
    }

    #[test]
    fn a_change_anywhere_is_found() {
        let hash = json!(encode(&[0xaa; 32]));
        let changes: [(&str, Value, Doubt); 14] = [
            ("/seq", json!(9), Doubt::OtherRecord),
            ("/at_micros", json!(6), Doubt::OtherRecord),
            ("/record", json!("00"), Doubt::OtherRecord),
            ("/previous_hash", hash.clone(), Doubt::OtherRecord),
            ("/record_hash", hash.clone(), Doubt::OtherRoot),
            ("/seal/path/1", hash.clone(), Doubt::OtherRoot),
            ("/seal/root", hash, Doubt::OtherRoot),
            ("/seal/leaf_index", json!(3), Doubt::OtherRoot),
            ("/seal/leaf_index", json!(5), Doubt::OtherRoot),
            ("/seal/tree_size", json!(4), Doubt::OtherRoot),
            ("/seal/number", json!(8), Doubt::OtherSeal),
            ("/seal/sealed_at_micros", json!(98), Doubt::OtherSeal),
            ("/seal/signature", json!(encode(&[0; 64])), Doubt::Signature),
            (
                "/seal/public_key",
                json!(encode(&[0; 32])),
                Doubt::Signature,
            ),
        ];
        for (place, value, doubt) in changes {
            let mut changed = five(2);
            *changed.pointer_mut(place).expect("a member") = value;
            assert_eq!(examine(&changed, None), Err(doubt), "{place}");
        }
    }

    #[test]
    fn a_seal_that_signs_the_map_too_proves_its_records_all_the_same() {
        let mut proof = five(3);
        let signed = proof["seal"]["signed_text"].as_str().expect("a text");
        let text = kernel::hex::decode(signed).expect("octets");
        let text = [SEAL_FORM_WITH_MAP, &text[SEAL_FORM.len()..], &[0x77; 32]].concat();
        let signature = key().sign(&text);
        proof["seal"]["signed_text"] = json!(encode(&text));
        proof["seal"]["signature"] = json!(encode(signature.as_ref()));
        assert_eq!(examine(&proof, None), Ok(()));
        // The map's root is signed: without it, or with another, the text is not.
        for cut in [text.len() - 32, text.len() - 1] {
            let mut short = proof.clone();
            short["seal"]["signed_text"] = json!(encode(&text[..cut]));
            assert_eq!(examine(&short, None), Err(Doubt::OtherSeal));
        }
        let mut other = text;
        *other.last_mut().expect("a byte") ^= 1;
        proof["seal"]["signed_text"] = json!(encode(&other));
        assert_eq!(examine(&proof, None), Err(Doubt::Signature));
    }

    #[test]
    fn a_root_that_was_never_signed_is_found() {
        let mut lie = five(0);
        let record = [0x55; 32];
        lie["record_hash"] = json!(encode(&record));
        lie["seal"]["path"] = json!([]);
        lie["seal"]["tree_size"] = json!(1);
        lie["seal"]["root"] = json!(encode(&leaf(&record)));
        assert_eq!(examine(&lie, None), Err(Doubt::OtherSeal));
    }

    #[test]
    fn what_is_not_sealed_or_not_whole_proves_nothing() {
        let waiting = json!({ "format": FORM, "record_hash": encode(&[0; 32]), "sealed": false });
        assert_eq!(examine(&waiting, None), Err(Doubt::NotSealed));
        assert!(!verify_proof(&json!({})));
        assert!(!verify_proof(&json!(null)));
        let mut short = five(0);
        short["seal"]["root"] = json!("00");
        assert_eq!(examine(&short, None), Err(Doubt::Malformed("root")));
    }
}
