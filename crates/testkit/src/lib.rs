//! What tests, the sandbox and the demonstration need and production does not: people who
//! do not exist, how they are put into a store, and a small world around a service.

pub mod population;
pub mod seed;
pub mod world;

pub use world::World;
