//! Envelope encryption: data keys of owners (person, facility or node), wrapped by
//! key-encryption keys, which are wrapped by one root; all in a folder, apart from the data.
//!
//! ```text
//! root ─ wraps ─▶ key-encryption key n ─ wraps ─▶ data keys of an owner ─ seal ─▶ envelopes
//! kek.bin / root.json          keys.db                    keys.db              the database
//! ```
//!
//! So a new root (a new passphrase, a token) rewrites a few rows; a rotation of the
//! key-encryption key rewrites one small row a data key while serving goes on; and to
//! destroy a person's keys makes all their envelopes unreadable, in backups too.

mod cache;
mod cipher;
mod error;
mod export;
mod import;
mod keys;
mod open;
mod random;
mod root;
mod rotation;
mod shred;
mod store;
mod swap;
mod token;

pub use error::KeyError;
pub use import::import;
pub use keys::{KeyStore, Owner};
pub use random::{SystemRng, fill};
pub use root::{PASSPHRASE_MIN, Unlock};
pub use rotation::Progress;
pub use shred::{REASON_MAX, Shredded};

#[cfg(test)]
mod tests;
