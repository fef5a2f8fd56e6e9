//! The audit log: a chain of records for each subject, in the subject's own transaction.
//!
//! A record's hash is SHA-256 over `0x00`, subject kind (1 byte), subject (16), number
//! (8, big endian), instant in microseconds (8, big endian), hash of the subject's previous
//! record (32, zeros for the first), and the record's ciphertext. It covers ciphertext, so
//! that a record can still be checked after its owner's key has been destroyed.

use aws_lc_rs::digest::{Context, SHA256, digest};
use kernel::{
    id::{FacilityId, NodeId, PersonId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    Statement,
    caller::{Actor, Intent},
};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// What precedes a subject's first record.
pub const GENESIS: Hash = [0; 32];

/// On whose chain a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A person.
    Person(PersonId),
    /// A facility: what its staff do that concerns no person.
    Facility(FacilityId),
    /// This installation.
    Node(NodeId),
}

impl Subject {
    /// 1 person, 2 facility, 3 node.
    #[must_use]
    pub const fn kind(self) -> u8 {
        match self {
            Self::Person(_) => 1,
            Self::Facility(_) => 2,
            Self::Node(_) => 3,
        }
    }

    /// From a stored kind and identifier.
    #[must_use]
    pub const fn from_parts(kind: u8, id: [u8; 16]) -> Option<Self> {
        match kind {
            1 => Some(Self::Person(PersonId::from_bytes(id))),
            2 => Some(Self::Facility(FacilityId::from_bytes(id))),
            3 => Some(Self::Node(NodeId::from_bytes(id))),
            _ => None,
        }
    }

    /// The identifier's bytes.
    #[must_use]
    pub const fn id(&self) -> &[u8; 16] {
        match self {
            Self::Person(id) => id.as_bytes(),
            Self::Facility(id) => id.as_bytes(),
            Self::Node(id) => id.as_bytes(),
        }
    }

    pub(crate) const fn statements(self) -> &'static Chain {
        match self {
            Self::Person(_) => &PERSON,
            Self::Facility(_) => &FACILITY,
            Self::Node(_) => &NODE,
        }
    }
}

/// What a record says; encrypted at rest with its subject's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Event code.
    #[serde(rename = "e")]
    pub event: String,
    /// `None` when it was done; the catalogue code when it was refused.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Role of who did it.
    #[serde(rename = "r")]
    pub role: String,
    /// Name of who did it; empty for the person themself.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Account, client or session behind the name.
    #[serde(rename = "i", default, skip_serializing_if = "String::is_empty")]
    pub account: String,
    /// Facility code.
    #[serde(rename = "f", default, skip_serializing_if = "String::is_empty")]
    pub facility_code: String,
    /// Facility name.
    #[serde(rename = "g", default, skip_serializing_if = "String::is_empty")]
    pub facility_name: String,
    /// Purpose.
    #[serde(rename = "p")]
    pub purpose: String,
    /// Session.
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub session: String,
    /// Registered terminal or server that it came from.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub terminal: String,
    /// Request.
    #[serde(rename = "q")]
    pub request: String,
    /// What was seen or done: pairs of a word and a value without clinical content.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<(String, String)>,
}

impl Record {
    pub(crate) fn new(
        intent: &Intent,
        refused: Option<&str>,
        details: &[(&'static str, String)],
    ) -> Self {
        let caller = &intent.caller;
        let account = match &caller.actor {
            Actor::Staff { staff, .. } => staff.to_hex(),
            Actor::System { client, .. } => client.to_hex(),
            Actor::Anonymous { client } => client.clone(),
            Actor::Proxy { proxy, .. } => proxy.to_hex(),
            Actor::Patient { .. } | Actor::Job { .. } => String::new(),
        };
        let home = caller.home();
        Self {
            event: intent.event.code.to_owned(),
            refused: refused.map(str::to_owned),
            role: caller.role().word().to_owned(),
            name: caller.name().to_owned(),
            account,
            facility_code: home.map(|h| h.code.clone()).unwrap_or_default(),
            facility_name: home.map(|h| h.name.clone()).unwrap_or_default(),
            purpose: intent.purpose.word().to_owned(),
            session: caller.session().map(|s| s.to_hex()).unwrap_or_default(),
            terminal: caller.terminal.as_deref().unwrap_or_default().to_owned(),
            request: intent.request.to_hex(),
            details: details
                .iter()
                .map(|(k, v)| ((*k).to_owned(), v.clone()))
                .collect(),
        }
    }

    /// The value of a detail.
    #[must_use]
    pub fn detail(&self, word: &str) -> Option<&str> {
        self.details
            .iter()
            .find(|(k, _)| k == word)
            .map(|(_, v)| v.as_str())
    }
}

/// A record as the subject reads it back.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The subject's consecutive number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub record: Record,
    /// The record's own hash.
    pub hash: Hash,
    /// The ciphertext that the hash covers.
    pub body: Vec<u8>,
}

/// The hash of a record; see the module's text.
#[must_use]
pub fn record_hash(
    subject: Subject,
    seq: i64,
    at: Timestamp,
    previous: &Hash,
    body: &[u8],
) -> Hash {
    sha256(&[
        &[0, subject.kind()],
        subject.id(),
        &seq.to_be_bytes(),
        &at.micros().to_be_bytes(),
        previous,
        body,
    ])
}

pub(crate) fn finish(context: Context) -> Hash {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    out
}

/// Parts of up to so many bytes in all are hashed in one go, which is what nearly all are.
const SHORT: usize = 1_024;

/// SHA-256 of the parts, one after another.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut text = [0; SHORT];
    let mut rest = &mut text[..];
    let mut length = 0;
    for part in parts {
        let Some((place, after)) = rest.split_at_mut_checked(part.len()) else {
            return sha256_of_long(parts);
        };
        place.copy_from_slice(part);
        length += part.len();
        rest = after;
    }
    let mut out = GENESIS;
    out.copy_from_slice(digest(&SHA256, text.get(..length).unwrap_or_default()).as_ref());
    out
}

fn sha256_of_long(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    finish(context)
}

/// The statements of one kind of chain.
pub(crate) struct Chain {
    pub table: &'static str,
    pub create_head: &'static Statement,
    pub read_head: &'static Statement,
    pub bump_version: &'static Statement,
    pub advance: &'static Statement,
    pub append: &'static Statement,
    pub page: &'static Statement,
    pub one: &'static Statement,
    pub all: &'static Statement,
    pub heads: &'static Statement,
    pub base: &'static Statement,
    pub after: &'static Statement,
    pub remove: &'static Statement,
    pub rebase: &'static Statement,
}

macro_rules! chain {
    ($module:ident, $chain:ident, $owner:ident, $head:literal, $audit:literal, $id:literal) => {
        mod $module {
            crate::statements! {
                /// A new subject's head.
                $owner CREATE_HEAD = concat!("INSERT INTO ", $head, " (", $id,
                    ", version, audit_seq, audit_hash) VALUES ($1, 1, 0, $2)");
                /// Version, last number, last hash; whoever reads a head is alone with its owner
                /// until the transaction ends.
                $owner READ_HEAD = concat!("SELECT version, audit_seq, audit_hash FROM ", $head,
                    " WHERE ", $id, " = $1 FOR UPDATE");
                /// The lock of whoever changes the subject.
                $owner BUMP_VERSION = concat!("UPDATE ", $head,
                    " SET version = version + 1 WHERE ", $id, " = $1");
                /// Moves the chain's end, only from where it was read.
                $owner ADVANCE = concat!("UPDATE ", $head,
                    " SET audit_seq = $2, audit_hash = $3 WHERE ", $id, " = $1 AND audit_seq = $4");
                /// One record more.
                $owner APPEND = concat!("INSERT INTO ", $audit, " (", $id,
                    ", seq, at, body, hash) VALUES ($1, $2, $3, $4, $5)");
                /// Newest first, below a number.
                $owner PAGE = concat!("SELECT seq, at, body, hash FROM ", $audit, " WHERE ", $id,
                    " = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3");
                /// One record.
                $owner ONE = concat!("SELECT at, body, hash FROM ", $audit, " WHERE ", $id,
                    " = $1 AND seq = $2");
                /// The whole log in order, after a place; for verification.
                $owner EVERY = concat!("SELECT ", $id, ", seq, at, body, hash FROM ", $audit,
                    " WHERE (", $id, ", seq) > ($1, $2) ORDER BY ", $id, ", seq LIMIT $3");
                /// All heads in order, after a place; for verification.
                $owner HEADS = concat!("SELECT ", $id,
                    ", audit_seq, audit_hash, base_seq, base_hash, base_archive FROM ", $head,
                    " WHERE ", $id, " > $1 ORDER BY ", $id, " LIMIT $2");
                /// In order, after a number.
                $owner AFTER = concat!("SELECT seq, at, body, hash FROM ", $audit, " WHERE ", $id,
                    " = $1 AND seq > $2 ORDER BY seq LIMIT $3");
                /// What was archived leaves the database.
                $owner REMOVE = concat!("DELETE FROM ", $audit, " WHERE ", $id,
                    " = $1 AND seq > $2 AND seq <= $3");
                /// The chain begins later from now on.
                $owner REBASE = concat!("UPDATE ", $head,
                    " SET base_seq = $2, base_hash = $3, base_archive = $4 WHERE ", $id,
                    " = $1 AND base_seq = $5");
                /// Where the chain begins, when older records are in an archive.
                $owner BASE = concat!("SELECT base_seq, base_hash, base_archive FROM ", $head,
                    " WHERE ", $id, " = $1");
            }
        }
        pub(crate) static $chain: Chain = Chain {
            table: $audit,
            create_head: &$module::CREATE_HEAD,
            read_head: &$module::READ_HEAD,
            bump_version: &$module::BUMP_VERSION,
            advance: &$module::ADVANCE,
            append: &$module::APPEND,
            page: &$module::PAGE,
            one: &$module::ONE,
            all: &$module::EVERY,
            heads: &$module::HEADS,
            base: &$module::BASE,
            after: &$module::AFTER,
            remove: &$module::REMOVE,
            rebase: &$module::REBASE,
        };
    };
}

chain!(
    person,
    PERSON,
    Person,
    "person_head",
    "person_audit",
    "person_id"
);
chain!(
    facility,
    FACILITY,
    Facility,
    "facility_head",
    "facility_audit",
    "facility_id"
);
chain!(node, NODE, Node, "node_head", "node_audit", "node_id");

crate::statements! {
    /// A record that waits for its seal.
    Node WAIT = "INSERT INTO audit_pending (node_id, subject_kind, subject_id, seq, hash)
        VALUES ($1, $2, $3, $4, $5)";
    /// Refusals of one anonymous client in one minute.
    Node COUNT_ANONYMOUS = "INSERT INTO anonymous_refusal (node_id, minute, client, count)
        VALUES ($1, $2, $3, 1)
        ON CONFLICT (node_id, minute, client) DO UPDATE SET count = anonymous_refusal.count + 1";
    /// How many there are.
    Node READ_ANONYMOUS = "SELECT count FROM anonymous_refusal
        WHERE node_id = $1 AND minute = $2 AND client = $3";
}

/// All statements on the log, those of the three chains included.
pub(crate) fn all_statements() -> Vec<&'static Statement> {
    [
        person::STATEMENTS,
        facility::STATEMENTS,
        node::STATEMENTS,
        STATEMENTS,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_the_bytes_alone_not_on_how_they_are_cut_or_how_many_they_are() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 3 * SHORT] {
            let text: Vec<u8> = (0..=255).cycle().take(length).collect();
            let whole = sha256_of_long(&[&text]);
            for at in [0, length / 3, length] {
                let (left, right) = text.split_at(at);
                assert_eq!(sha256(&[left, right]), whole, "{length} at {at}");
            }
        }
    }
}
