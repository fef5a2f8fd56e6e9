//! Search parameters of R4: which there are, what each finds in a resource, and whether that
//! meets what was asked.
//!
//! Pure functions over one document. Who may search where, paging and links are a server's
//! business. Expressions are read from the published definitions (`r4.tsv`, made by
//! `cargo xtask codegen`) and evaluated by the small part of FHIRPath that they use.
//!
//! Source: FHIR R4 search.html; SearchParameter of package `hl7.fhir.r4.core` 4.0.1.

mod decimal;
mod instant;
mod matching;
mod path;
mod sort;
mod table;
#[cfg(test)]
mod tests;
mod wanted;

pub use decimal::Decimal;
pub use matching::{Env, codes, meets};
pub use path::{Found, Path, evaluate};
pub use sort::{instant_key, sort_key};
pub use table::{Component, Kind, Param, Summary, of, param, summary};
pub use wanted::{Criterion, Fault, Modifier};

use unicode_normalization::UnicodeNormalization;

/// A text as searches compare it: without case, width, accents and the difference of the two
/// kana.
#[must_use]
pub fn normalized(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_accent(*c))
        .flat_map(char::to_lowercase)
        .map(katakana)
        .nfc()
        .collect()
}

/// A combining mark of Latin letters; the voiced marks of kana make another letter and stay.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn katakana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        other => other,
    }
}
