//! The font of printed documents, read once when the program starts.

use std::path::Path;

use anyhow::Context;
use paper::{Face, pdf};

/// The largest font file that is read: collections of all of East Asia's signs have 20 MB.
const BYTES_MAX: u64 = 64 << 20;

/// The first font with Japanese signs that Debian's packages have put here.
#[must_use]
pub fn installed() -> Option<Face> {
    let mut fonts = pdf::FONTS.iter();
    fonts.find_map(|path| read(Path::new(path)).ok())
}

/// The font of a file.
///
/// # Errors
/// When the file cannot be read, is no font, or has no Japanese signs.
pub fn read(path: &Path) -> anyhow::Result<Face> {
    let name = path.display();
    let size = std::fs::metadata(path)
        .with_context(|| format!("reading {name}"))?
        .len();
    anyhow::ensure!(size <= BYTES_MAX, "{name} is larger than any font");
    let bytes = std::fs::read(path).with_context(|| format!("reading {name}"))?;
    Face::parse(bytes).map_err(|why| match why {
        pdf::Unreadable::NotAFont => anyhow::anyhow!("{name} is not a TrueType or OpenType font"),
        pdf::Unreadable::NotJapanese => anyhow::anyhow!("{name} has no signs for Japanese text"),
    })
}
