//! The copy (控え) of its own patients' eligibility that a facility keeps for the hours in
//! which the line is cut, and the settling afterwards of what was done with it.
//!
//! A facility's node asks for a copy page by page. It holds the people who came within the
//! last [`model::DAYS`] days, is encrypted to a key that only the facility has, signed by the
//! platform, dated, numbered and good for [`model::GOOD_HOURS`] hours. Whoever is in it finds
//! that in their history: at first, and again only when something about them has changed,
//! because only then is anything about them handed over again.
//!
//! Source: peers A11 (signed offline snapshot and automatic reconciliation), F53, report 47.

pub mod api;
pub mod errors;
pub mod model;
pub mod ops;
pub mod paper;
pub mod rules;
mod settle;
pub mod shown;
pub(crate) mod store;

pub use settle::settle;
