//! The commands, one file each.

pub mod audit;
pub mod backup;
pub mod bench;
pub mod card;
pub mod demo;
pub mod errors;
pub mod fhir;
pub mod keys;
pub mod proxy;
pub mod relocate;
pub mod serve;
pub mod token;
