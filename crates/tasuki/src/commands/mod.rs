//! The commands, one file each.

pub mod alerts;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod ca;
pub mod card;
pub mod certificate;
pub mod client;
pub mod consent;
pub mod demo;
pub mod diagnose;
pub mod disclose;
pub mod doctor;
pub mod errors;
pub mod facility;
pub mod fhir;
pub mod keys;
pub mod proxy;
#[cfg(feature = "pcsc")]
mod readers;
pub mod reference;
pub mod relocate;
pub mod serve;
pub mod settings;
pub mod subscription;
pub mod terminal;
pub mod token;
