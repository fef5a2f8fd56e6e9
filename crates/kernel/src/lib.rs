//! Words shared by every room: identifiers, codes with check digits, money, time,
//! secrets, and the one shape in which anything is refused.
//!
//! Nothing here does IO, reads a clock or draws a random number: what depends on the
//! outside world is a trait ([`time::Clock`], [`id::Rng`]) that the program implements.

pub mod catalog;
pub mod code;
pub mod hex;
pub mod id;
pub mod money;
pub mod net;
pub mod secret;
pub mod time;

pub use catalog::{Entry, Finding, Refusal, Text};
pub use secret::Secret;
