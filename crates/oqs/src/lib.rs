//! The files of the national online eligibility verification (オンライン資格確認): their names,
//! code lists and XML messages, read strictly and written so that they read back the same.
//!
//! Pure words: no IO, no clock. The item names are those of the published layout (XMLレイアウト
//! 仕様); the national service and the systems of facilities exchange such files through a
//! folder, in UTF-8 or Shift_JIS.
//!
//! Source: eligibility-eprescription section e.

pub mod charset;
pub mod codes;
mod cursor;
pub mod fault;
pub mod file;
pub mod kana;
pub mod leaf;
pub mod message;
mod record;
#[cfg(test)]
mod tests;
mod writer;

pub use charset::CharacterCode;
pub use file::FileName;
pub use leaf::{Given, InsurerText, Moment, Ratio, Text, Yen};
pub use message::{Message, Read};
pub use writer::{Substitute, Written};
