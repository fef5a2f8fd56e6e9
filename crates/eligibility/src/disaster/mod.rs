//! Verifying in a disaster (災害時モード): the way in for who lost card and number.
//!
//! Source: peers A4, F51.

mod pages;

pub use pages::banner;
