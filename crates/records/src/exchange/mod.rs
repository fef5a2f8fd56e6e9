//! The exchange of letters (診療情報提供書のやりとり): a letter is addressed to a facility and
//! opens to it once the patient's oral consent is on record; opening it sends a receipt; an
//! answer closes the loop.
//!
//! A letter is a person's document (`documents`); what a facility has of it are rows under the
//! facility, sealed with its key and written in the transaction that changes the document
//! ([`post`]). Lists are read from those rows alone and open nobody; reading a letter opens the
//! person and leaves a record on their chain.
//!
//! Checkup reports reach the insurer of the person the same way.
//!
//! Source: peers D31, D33; clins-documents section b.

pub mod api;
pub mod events;
pub mod model;
pub mod ops;
pub(crate) mod post;
pub(crate) mod store;
