//! What may be done to accounts, and what in the use of them stands out.

pub mod account;
pub mod detect;
