//! Documents that people read: a JP-CLINS document becomes one [`Sheet`], and the sheet becomes
//! a web page and a tagged PDF.
//!
//! There is no IO here: bytes of a document and of a font come in, markup and bytes go out.
//! Nothing of an author's XHTML is passed through: it is reduced to paragraphs, lists and tables
//! of plain text ([`narrative`]).

pub mod compose;
pub mod errors;
pub mod html;
pub mod narrative;
pub mod pdf;
pub mod sheet;
#[cfg(test)]
mod tests;

pub use pdf::{Face, Printed};
pub use sheet::{Digest, Sheet};
