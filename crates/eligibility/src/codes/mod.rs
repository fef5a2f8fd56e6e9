//! Visit codes (来院コード): the facility makes one, the person proves on their own phone who
//! they are, and the visit stands at the counter; for who waits in the car, is visited at home,
//! or sees the doctor online.
//!
//! A code is eight digits, and a QR code that holds this server's address and the path alone.
//! It is good once, for one facility and one way of coming, and never longer than a day. It
//! opens nothing by itself: the person's card or phone does, by a challenge of its own purpose
//! that names the facility and the code. Whoever proved themself may choose on the same phone
//! what to show, by a key that the phone was given for a quarter of an hour.
//!
//! Guessing: the digits are looked up by a keyed hash, each wrong one makes the wait of the
//! address longer, and a right one tells no more than the facility's name.
//!
//! Source: peers B (QR, in-car and home-visit flow); OQSCD 028 (診療区分); identity-security
//! section 1.6 (challenge), T19 (guessing).

mod api;
pub mod errors;
pub mod model;
mod ops;
mod pages;
mod phone;
pub(crate) mod store;

pub use api::routes;
pub use ops::{NewCode, list, make, one};
pub use phone::{
    KEY_SECONDS, PURPOSE, Phone, Proof, Proved, at_phone, begin, choose, invitation, prove, receipt,
};
