//! What was written, in order: the journal from which a backup is brought up to any instant.
//!
//! Every statement that changes something has all its values as parameters and asks neither
//! clock nor chance, so running the same statements again in the order of their commits gives
//! the same database. One entry is one commit of the embedded engine's writer. PostgreSQL
//! keeps such a log itself (its write-ahead log), so no journal is made there.
//!
//! Form of an entry's body: for each statement its text (length u32, UTF-8), the count of its
//! values (u16), and for each a tag (0 NULL, 1 integer, 2 text, 3 bytes) with 8 bytes big
//! endian or length u32 and bytes. The texts make an entry readable by a later program.

use kernel::time::Timestamp;
use rusqlite::types::Value as Owned;

use crate::{Statement, StoreError, Value, link::Link};

/// A statement as it ran, with its values.
#[derive(Clone, Debug)]
pub struct Change {
    statement: &'static Statement,
    values: Vec<Owned>,
}

impl Change {
    pub(crate) fn new(statement: &'static Statement, values: &[Value<'_>]) -> Self {
        let values = values.iter().map(owned).collect();
        Self { statement, values }
    }

    /// Runs it, whatever it answers.
    pub(crate) fn run(&self, link: &Link) -> Result<(), StoreError> {
        let values: Vec<Value<'_>> = self.values.iter().map(borrowed).collect();
        link.replay(self.statement, &values)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.statement.postgres().as_bytes());
        let count = u16::try_from(self.values.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&count.to_be_bytes());
        for value in &self.values {
            put_value(out, &borrowed(value));
        }
    }
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Consecutive, from 1, over all runs; also kept in the database itself.
    pub number: u64,
    /// When it was committed; never earlier than the entry before.
    pub at: Timestamp,
    /// What it wrote.
    pub body: Vec<u8>,
}

/// The number of the last entry that a database holds.
///
/// # Errors
/// The engine's.
pub fn position(link: &Link) -> Result<u64, StoreError> {
    crate::schema::journal(link)
}

/// Sets it: after a restore, numbers go on behind all that the repository knows.
///
/// # Errors
/// The engine's.
pub fn set_position(link: &Link, number: u64) -> Result<(), StoreError> {
    crate::schema::set_journal(link, number)
}

pub(crate) fn encode(changes: &[Change], out: &mut Vec<u8>) {
    for change in changes {
        change.encode(out);
    }
}

/// Runs an entry's statements again, in one transaction.
///
/// # Errors
/// [`StoreError::Corrupt`] when the body is not an entry's; the engine's.
pub fn apply(link: &Link, body: &[u8]) -> Result<(), StoreError> {
    let bad = || StoreError::Corrupt("an entry of the journal");
    let mut rest = body;
    link.in_one(|| {
        while !rest.is_empty() {
            let text = take_bytes(&mut rest).ok_or_else(bad)?;
            let text = std::str::from_utf8(text).map_err(|_| bad())?;
            let count = take::<2>(&mut rest).ok_or_else(bad)?;
            let mut values = Vec::new();
            for _ in 0..u16::from_be_bytes(*count) {
                values.push(take_value(&mut rest).ok_or_else(bad)?);
            }
            link.run_text(text, &values)?;
        }
        Ok(())
    })
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

pub(crate) fn put_value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Null => out.push(0),
        Value::Int(n) => {
            out.push(1);
            out.extend_from_slice(&n.to_be_bytes());
        }
        Value::Text(text) => {
            out.push(2);
            put_bytes(out, text.as_bytes());
        }
        Value::Blob(bytes) => {
            out.push(3);
            put_bytes(out, bytes);
        }
    }
}

pub(crate) fn take<'b, const N: usize>(rest: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(head)
}

pub(crate) fn take_bytes<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(u32::from_be_bytes(*take::<4>(rest)?)).ok()?;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

pub(crate) fn take_value<'b>(rest: &mut &'b [u8]) -> Option<Value<'b>> {
    Some(match take::<1>(rest)? {
        [0] => Value::Null,
        [1] => Value::Int(i64::from_be_bytes(*take::<8>(rest)?)),
        [2] => Value::Text(std::str::from_utf8(take_bytes(rest)?).ok()?),
        [3] => Value::Blob(take_bytes(rest)?),
        _ => return None,
    })
}

fn owned(value: &Value<'_>) -> Owned {
    match value {
        Value::Null => Owned::Null,
        Value::Int(n) => Owned::Integer(*n),
        Value::Text(text) => Owned::Text((*text).to_owned()),
        Value::Blob(bytes) => Owned::Blob(bytes.to_vec()),
    }
}

fn borrowed(value: &Owned) -> Value<'_> {
    match value {
        Owned::Integer(n) => Value::Int(*n),
        Owned::Text(text) => Value::Text(text),
        Owned::Blob(bytes) => Value::Blob(bytes),
        // No statement of ours has a floating value.
        Owned::Null | Owned::Real(_) => Value::Null,
    }
}
