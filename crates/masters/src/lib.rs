//! Dated code tables (マスター) and their loaders: what an operator imports from official files.

pub mod allergen;
pub mod edition;
pub mod fault;
pub mod lab;
pub mod local_subsidy;
mod sheet;
mod store;
mod xlsx;

pub use store::schema;
