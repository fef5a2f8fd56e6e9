//! Whose terminal a client certificate belongs to.
//!
//! The certificate itself is known here only by a keyed hash of its thumbprint, and is found
//! by it: on every connection with a certificate, before anybody has logged in.
//!
//! Source: identity-security NET-01, NET-02, OA-03; RFC 8705 section 3.1 (thumbprint).

use kernel::{
    hex,
    id::{FacilityId, TerminalId},
    time::Timestamp,
};
use store::{Call, StoreError};

use crate::store::terminal as table;

/// A registered terminal or server, as its certificate names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Identifier, in the ledger of terminals and servers.
    pub id: TerminalId,
    /// Whose.
    pub facility: FacilityId,
    /// What it is: a word of the ledger.
    pub kind: String,
    /// Its name, for people.
    pub label: String,
    /// First instant at which the certificate no longer holds.
    pub ends_at: Timestamp,
    /// When it was ended before that, if it was.
    pub ended_at: Option<Timestamp>,
}

impl Terminal {
    /// Does its certificate hold at `at`?
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        at < self.ends_at && self.ended_at.is_none_or(|ended| at < ended)
    }
}

fn key(call: &Call<'_>, sha256: &[u8; 32]) -> [u8; 32] {
    call.directory_key("terminal-certificate", &[&hex::encode(sha256)])
}

/// The terminal of a certificate, whether it still holds or not.
///
/// # Errors
/// [`StoreError`].
pub fn find(call: &Call<'_>, sha256: &[u8; 32]) -> Result<Option<Terminal>, StoreError> {
    table::terminal(call, &key(call, sha256))
}

/// Registers a terminal's certificate.
///
/// # Errors
/// [`StoreError`].
pub fn register(call: &Call<'_>, sha256: &[u8; 32], terminal: &Terminal) -> Result<(), StoreError> {
    table::put_terminal(call, &key(call, sha256), terminal)
}

/// Ends a certificate from this instant on; `false` when there is none, or it has ended.
///
/// # Errors
/// [`StoreError`].
pub fn end(call: &Call<'_>, sha256: &[u8; 32]) -> Result<bool, StoreError> {
    table::end_terminal(call, &key(call, sha256))
}
