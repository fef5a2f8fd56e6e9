//! Which file of a master was imported.

use kernel::time::{JstDate, Timestamp};
use store::{Call, StoreError};

use crate::store as table;

/// An imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Which master, such as `local-subsidy`.
    pub master: String,
    /// The day from which it holds, as the operator gave it.
    pub day: JstDate,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Rows taken.
    pub rows: i64,
    /// When it was imported.
    pub at: Timestamp,
}

/// Every imported file, by master, the newest edition first.
///
/// # Errors
/// [`StoreError`].
pub fn all(call: &Call<'_>) -> Result<Vec<Edition>, StoreError> {
    table::editions(call)
}
