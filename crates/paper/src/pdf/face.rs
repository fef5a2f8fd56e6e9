//! The font: which sign a character has, and how wide it is.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use krilla::text::Font;
use skrifa::charmap::{Charmap, MapVariant};
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use unicode_normalization::char::{canonical_combining_class, compose};

/// Signs that a font needs so that Japanese text can be set in it.
const NEEDED: &str = "あア漢字、。0Aa";
/// What stands for a character without a sign; the first that the font has.
const GETA: [char; 3] = ['〓', '□', '?'];
/// Signs that may stand for another one without a change of meaning.
const ALIKE: [(char, char); 8] = [
    ('\u{a0}', ' '),
    ('\u{2011}', '-'),
    ('\u{2010}', '-'),
    ('µ', 'μ'),
    ('−', '－'),
    ('〜', '～'),
    ('～', '〜'),
    ('∥', '‖'),
];
/// Fonts of one collection that are looked at.
const COLLECTION_MAX: u32 = 64;

/// A font, read once.
#[derive(Clone)]
pub struct Face {
    pub(super) font: Font,
    data: Arc<Vec<u8>>,
    index: u32,
}

/// A font that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not an OpenType or TrueType font or collection.
    NotAFont,
    /// It has no signs for Japanese text.
    NotJapanese,
}

impl Face {
    /// From the bytes of a font, or of a collection: its first font that has Japanese signs.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let data = Arc::new(bytes);
        let mut is_font = false;
        for index in 0..COLLECTION_MAX {
            let Ok(font) = FontRef::from_index(&data, index) else {
                break;
            };
            is_font = true;
            let charmap = font.charmap();
            if !NEEDED.chars().all(|c| charmap.map(c).is_some()) {
                continue;
            }
            let Some(font) = Font::new(Arc::clone(&data).into(), index) else {
                continue;
            };
            return Ok(Self { font, data, index });
        }
        Err(if is_font {
            Unreadable::NotJapanese
        } else {
            Unreadable::NotAFont
        })
    }

    /// What measures text with it.
    pub(super) fn ruler(&self) -> Option<Ruler<'_>> {
        let font = FontRef::from_index(&self.data, self.index).ok()?;
        let charmap = font.charmap();
        let geta = GETA.into_iter().find(|c| charmap.map(*c).is_some())?;
        Some(Ruler {
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            charmap,
            units: self.font.units_per_em().max(1.0),
            geta,
            missing: BTreeSet::new(),
        })
    }
}

/// One character with its sign.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// The first character.
    pub first: char,
    /// Its place in the text of its line.
    pub text: Range<usize>,
    /// The sign.
    pub glyph: u32,
    /// How wide, in ems.
    pub advance: f32,
}

/// A text, each character with its sign.
#[derive(Clone, Debug, Default)]
pub(super) struct Shaped {
    /// The text as it stands on the paper.
    pub text: String,
    /// Its signs in order.
    pub clusters: Vec<Cluster>,
}

impl Shaped {
    /// How wide it is on one line, in points.
    pub fn width(&self, size: f32) -> f32 {
        self.clusters.iter().map(|c| c.advance).sum::<f32>() * size
    }
}

/// Measures text.
pub(super) struct Ruler<'f> {
    charmap: Charmap<'f>,
    metrics: GlyphMetrics<'f>,
    units: f32,
    geta: char,
    /// Characters without a sign that were asked for.
    pub missing: BTreeSet<char>,
}

impl Ruler<'_> {
    /// The signs of a text without line breaks.
    ///
    /// A mark that combines with the sign before it is composed when there is one sign for both
    /// (か and ゛ are が), never otherwise: normalising whole texts would put other ideographs
    /// into people's names.
    pub fn shape(&mut self, text: &str) -> Shaped {
        let mut shaped = Shaped::default();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let begin = shaped.text.len();
            let mut sign = c;
            let mut glyph = None;
            let mut tail = String::new();
            while let Some(&mark) = chars.peek() {
                if is_selector(mark) {
                    glyph = self.variant(sign, mark).or(glyph);
                    tail.push(mark);
                } else if is_joiner(mark) {
                    // It changes how neighbours join, which no sign here does.
                } else if let Some(one) = composed(sign, mark).filter(|c| self.has(*c)) {
                    sign = one;
                } else {
                    break;
                }
                chars.next();
            }
            if is_selector(c) || is_joiner(c) {
                continue;
            }
            let (shown, glyph) = match glyph {
                Some(glyph) => (sign, glyph),
                None => self.sign(sign),
            };
            shaped.text.push(shown);
            if shown == sign {
                shaped.text.push_str(&tail);
            }
            let is_mark = canonical_combining_class(sign) != 0;
            let wide = self.metrics.advance_width(glyph).unwrap_or(self.units) / self.units;
            shaped.clusters.push(Cluster {
                first: shown,
                text: begin..shaped.text.len(),
                glyph: glyph.to_u32(),
                advance: if is_mark { 0.0 } else { wide },
            });
        }
        shaped
    }

    fn has(&self, c: char) -> bool {
        self.charmap.map(c).is_some_and(|glyph| glyph.to_u32() != 0)
    }

    fn variant(&self, c: char, selector: char) -> Option<GlyphId> {
        match self.charmap.map_variant(c, selector)? {
            MapVariant::Variant(glyph) => Some(glyph),
            MapVariant::UseDefault => self.charmap.map(c),
        }
    }

    /// The character that is shown for `c`, and its sign.
    fn sign(&mut self, c: char) -> (char, GlyphId) {
        // What a private number means is known to its maker only, whatever this font has there.
        if !is_private(c) {
            if let Some(glyph) = self.charmap.map(c).filter(|glyph| glyph.to_u32() != 0) {
                return (c, glyph);
            }
            let alike = ALIKE.iter().find(|(from, _)| *from == c);
            if let Some((_, to)) = alike
                && let Some(glyph) = self.charmap.map(*to)
            {
                return (c, glyph);
            }
        }
        self.missing.insert(c);
        (self.geta, self.charmap.map(self.geta).unwrap_or_default())
    }
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180d}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{ad}')
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

fn composed(base: char, mark: char) -> Option<char> {
    (canonical_combining_class(mark) != 0).then(|| compose(base, mark))?
}
