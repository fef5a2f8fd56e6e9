//! One's own account.

use crate::Route;

/// The pages of one's own account.
#[must_use]
pub fn routes() -> Vec<Route> {
    Vec::new()
}
