//! The national interface's files over HTTP: a question about one person or about up to 500,
//! beside the JSON API and with the same answers.
//!
//! A no about a person is an answer of its own (資格有効性 2 to 5, with code and message), as
//! the national interface gives it; only a file that cannot be read, or is another facility's,
//! is refused as a request.
//!
//! Source: eligibility-eprescription section e.

mod answer;
mod api;
mod bulk;
mod card;
pub mod errors;
mod line;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
mod together;

pub use api::{FILE, routes};
