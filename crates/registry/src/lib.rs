//! People, their coverage and cards, and facilities: who is who, for every other room.

#[macro_use]
mod coded;
pub mod attributes;
pub mod disaster;
pub mod errors;
pub mod merge;
pub mod model;
pub mod names;
pub mod ops;
pub mod reliance;
mod store;
pub mod subsidy;
pub mod terms;

pub use store::schema;
