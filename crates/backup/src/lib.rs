//! The repository of backups: encrypted generations, the journal after them, the keys.
//!
//! It knows byte streams, not databases: the program glues it to the store. Every file is
//! standard age (zstd inside), every list is signed, and whatever a crash, a full disk or
//! a flipped bit does is told by the name of the file.
//!
//! Source: `BK-01` to `BK-04`: 医療情報システムの安全管理に関するガイドライン 6.0
//! (経営管理編 11, 企画管理編 11, システム運用編 18) and its Q&A シQ-69.

mod disk;
mod error;
mod export;
mod generation;
mod identity;
mod journal;
mod keys;
mod paper;
mod repository;
mod rotation;
mod signed;
mod stream;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use error::{BackupError, Flaw, ShareFlaw};
pub use export::{Exported, Imported, import_export};
pub use generation::{Completed, GenerationWriter, Made};
pub use identity::Identity;
pub use journal::{Entry, Journal, Segment, SegmentWriter};
pub use keys::{KeyPart, KeysWriter};
pub use repository::{Generation, Repository};
pub use rotation::Rotated;
pub use signed::Signer;
pub use verify::Report;
pub use writer::{Settings, Writer};
