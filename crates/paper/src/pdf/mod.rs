//! A sheet as a tagged PDF on A4: headings, paragraphs, lists and tables are in the structure,
//! the language is Japanese, the font is a subset, and every page names patient and document.
//!
//! Source: ISO 14289-1 (PDF/UA-1) for the structure; JIS X 4051 for what may stand at the begin
//! and the end of a line.

mod breaks;
mod emit;
mod face;
mod flow;
mod table;

pub use face::{Face, Unreadable};

use crate::sheet::Sheet;

/// What a document is printed on, in points (1/72 inch): A4 upright.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// White at every side, in points: 20 mm.
pub(crate) const MARGIN: f32 = 56.7;
/// Room at the foot of a page for its two lines, in points.
pub(crate) const FOOT: f32 = 22.0;
/// The most pages that one document is set on.
pub(crate) const PAGES_MAX: usize = 500;

/// Where Debian puts fonts with Japanese signs, the most suitable first: packages
/// `fonts-noto-cjk`, `fonts-ipaexfont-gothic`, `fonts-ipafont-gothic`, `fonts-vlgothic`. Whoever
/// runs the program may name another one.
pub const FONTS: [&str; 5] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
    "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
    "/usr/share/fonts/truetype/vlgothic/VL-Gothic-Regular.ttf",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
];

/// A finished PDF.
#[derive(Clone)]
pub struct Printed {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
    /// Characters for which the font has no sign, in the order of their numbers: each stands as
    /// 〓, and the last page says which they are.
    pub missing: Vec<char>,
}

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unprinted {
    /// It would have more than the bound of 500 pages.
    TooLong,
    /// The font cannot be embedded, or a rule of PDF/UA is broken: what the writer says.
    Writer(String),
}

/// Sets the sheet and writes the file. The same sheet and font give the same bytes.
///
/// # Errors
/// [`Unprinted`].
pub fn print(sheet: &Sheet, face: &Face) -> Result<Printed, Unprinted> {
    let set = flow::set(sheet, face);
    if set.pages.len() > PAGES_MAX {
        return Err(Unprinted::TooLong);
    }
    let pages = set.pages.len();
    let missing = set.missing.clone();
    let bytes = emit::write(sheet, face, set).map_err(Unprinted::Writer)?;
    Ok(Printed {
        bytes,
        pages,
        missing,
    })
}
