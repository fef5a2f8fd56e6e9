//! Storage: the engine, the only way to it, the audit log and the keys.
//!
//! [`Engine`] makes every [`Call`], writes its audit record in the same transaction and
//! answers after the commit. Services see only [`Call`]; the program moves the one engine
//! into `access::Gate`.

pub mod archive;
pub mod archiving;
pub mod audit;
mod call;
pub mod caller;
mod copy;
mod disk;
pub mod dump;
mod embedded;
pub mod engine;
mod error;
pub mod journal;
pub mod link;
mod link_bulk;
pub mod map;
pub mod merkle;
mod meter;
pub mod note;
mod opening;
mod options;
pub mod paper;
mod pending;
pub mod person_proof;
mod pool;
mod remedy;
pub mod retention;
mod schema;
pub mod seal;
pub mod sealing;
mod sql;
pub mod trace;
mod upkeep;
pub mod verify;
mod warm;
mod work;

pub use call::{ALL as ERRORS, Call, IN_DOUBT, OVERLOADED, PERSON_ABSENT, UNAVAILABLE};
pub use engine::Engine;
pub use error::{Stop, StoreError};
pub use keystore::{SystemRng, Unlock};
pub use meter::{Figures, Meter};
pub use opening::lock_folder;
pub use options::{Database, Options, ServerOptions};
pub use pending::Pending;
pub use schema::{Migration, Schema, end_load, is_half_loaded, mark_moved, moved_to, own_schema};
pub use sql::{Owner, Row, Statement, Table, Value};
pub use upkeep::Upkeep;

#[cfg(test)]
mod tests;
