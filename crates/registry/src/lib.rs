//! People, their coverage and cards, and facilities: who is who, for every other room.

pub mod model;
pub mod ops;
pub mod reliance;
mod store;
pub mod terms;

pub use store::schema;
