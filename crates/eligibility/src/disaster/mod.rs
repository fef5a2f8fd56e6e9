//! Verifying in a disaster (災害時モード): the way in for who lost card and number.
//!
//! A member of staff types what the person says of themselves: name, date of birth, sex, home;
//! three of the four at least. Nobody gets a list to browse: at most three candidates come back,
//! graded and masked, and each of them keeps a record of having been one. The person answers a
//! question that the page does not show the answer to (house number, or the insurer of their
//! workplace); two wrong answers close the search. What comes of it is eligibility alone: nobody
//! has shown a card, so there is no consent to give and nothing shared to see.
//!
//! Source: peers A4, F51; report 46 (kana and 外字).

pub mod api;
pub mod errors;
pub mod model;
pub mod ops;
mod pages;
pub(crate) mod store;

pub use pages::{banner, routes};
