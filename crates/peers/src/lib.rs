//! The other ends, talking like strangers over the wire.
//!
//! Nothing here uses the server's types: what both sides share is the text on the wire
//! (paths, JSON members, the card's signed text, the proof's form). A change on one side
//! that breaks real peers breaks these first.

pub mod bench;
pub mod browser;
pub mod card_terminal;
pub mod challenge;
pub mod http;
pub mod load;
pub mod oauth;
pub mod patient;
#[cfg(feature = "pcsc")]
pub mod pcsc;
pub mod person_proof;
pub mod proof;
pub mod record_system;
#[cfg(test)]
mod tests;
pub mod virtual_reader;
