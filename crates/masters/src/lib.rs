//! Dated code tables (マスター) and their loaders: what an operator imports from official files.

pub mod edition;
pub mod local_subsidy;
mod store;

pub use store::schema;
