//! Clients of others: what they were written for must work, what is forged must not.

use super::Case;

/// In the order in which they run.
pub const CASES: [Case; 0] = [];
