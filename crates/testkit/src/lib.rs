//! What tests, the sandbox and the demonstration need and production does not: people who
//! do not exist, how they are put into a store, and a small world around a service.

mod database;
pub mod faults;
pub mod population;
#[cfg(feature = "postgres")]
pub mod postgres;
mod proxies;
mod reply;
pub mod rights;
pub mod seed;
#[cfg(feature = "postgres")]
pub mod standing;
pub mod tamper;
pub mod world;

pub use world::World;
