//! With what a person shows at a counter that they are insured: the registration of their card
//! (健康保険証利用登録), their phone, and the portal's screen when neither can be read.
//!
//! * [`rules`] which way of unlocking belongs to which medium, from which age a phone may be
//!   enrolled.
//! * [`ops`] registration and its cancellation, enrollment of a phone, screen codes.
//! * [`place`] whether the request comes from a terminal of the facility's ledger: without it
//!   nobody says that they compared a face.
//!
//! Source: identity-security 1.2, 1.4 to 1.6; 健康保険法施行規則 第47条の3; デジタル庁
//! スマホ用電子証明書 (from 15 years of age, one phone a person).

pub(crate) mod api;
pub mod errors;
pub mod ops;
pub(crate) mod pages;
pub mod place;
pub mod rules;
pub(crate) mod store;

pub use place::{Place, TerminalSignature};
