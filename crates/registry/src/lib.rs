//! People, their coverage and cards, and facilities: who is who, for every other room.

pub mod model;
pub mod names;
pub mod ops;
mod store;

pub use store::schema;
