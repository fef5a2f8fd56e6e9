//! A document as it is to be read: what stands on the paper, in reading order, before anybody
//! decides whether it becomes a web page or a PDF. Both renderings are made from this one value,
//! so they cannot say different things.

use std::fmt::Write as _;

/// Longest text of one paragraph or cell, in characters; what is longer is cut with a remark.
pub const TEXT_MAX: usize = 200_000;

/// A document, ready to be set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The document's title, such as 診療情報提供書.
    pub title: String,
    /// Short remarks beside the title, such as 取消済み or 版 2.
    pub marks: Vec<String>,
    /// Who writes, to whom, and when.
    pub head: Vec<Fact>,
    /// The patient.
    pub patient: Vec<Fact>,
    /// What the document says.
    pub sections: Vec<Section>,
    /// Where it comes from, and by what it can be compared with the data.
    pub origin: Origin,
}

/// One line of a list of facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is, such as 紹介先.
    pub label: String,
    /// What it says; may have several lines.
    pub value: String,
}

impl Fact {
    /// A label with what it says.
    #[must_use]
    pub fn new(label: &str, value: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            value: value.into(),
        }
    }
}

/// A part under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// What stands there.
    pub blocks: Vec<Block>,
    /// Parts of the part.
    pub parts: Vec<Section>,
}

impl Section {
    /// Is there anything under the heading?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.parts.iter().all(Self::is_empty)
    }
}

/// One piece of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Running text; `\n` is a line break.
    Paragraph(String),
    /// A heading inside a narrative, below the part's own.
    Heading(String),
    /// A list.
    List(List),
    /// A table.
    Table(Table),
    /// A remark of the program, not of the author.
    Remark(String),
}

/// A list; an item is running text, and lists inside one are its own items after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Are the items numbered?
    pub is_numbered: bool,
    /// The items.
    pub items: Vec<Item>,
}

/// An item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its text; `\n` is a line break.
    pub text: String,
    /// What stands below it.
    pub inner: Option<List>,
}

/// A table. Every row has as many cells as there are columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What the table shows, for its caption; may be empty.
    pub caption: String,
    /// The headings of the columns; empty when the author gave none.
    pub columns: Vec<String>,
    /// Is the first cell of each row the row's heading?
    pub has_row_headings: bool,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        let widest = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        self.columns.len().max(widest)
    }

    /// Gives every row the same number of cells.
    #[must_use]
    pub fn squared(mut self) -> Self {
        let width = self.width();
        if !self.columns.is_empty() {
            self.columns.resize(width, String::new());
        }
        for row in &mut self.rows {
            row.resize(width, String::new());
        }
        self
    }
}

/// Where a document comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The document's identifier: `institution^year^id`.
    pub identifier: String,
    /// Its version, when it has one.
    pub version: Option<String>,
    /// SHA-256 of the exact bytes that were registered; `None` for a draft.
    pub digest: Option<Digest>,
    /// Further facts, such as when it was registered.
    pub facts: Vec<Fact>,
}

impl Origin {
    /// The line at the foot of every page: enough to find the data again and to compare it.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = self.identifier.clone();
        if let Some(version) = &self.version {
            let _ = write!(line, " 版{version}");
        }
        match &self.digest {
            Some(digest) => {
                let _ = write!(line, " SHA-256 {digest}");
            }
            None => line.push_str(" 下書き(未送信)"),
        }
        line.trim_start().to_owned()
    }
}

/// SHA-256 of a document's exact bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let mut held = [0; 32];
        for (to, from) in held.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(held)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Text as it may be set: no control characters, tabs as spaces, one form of line end, no white
/// space at either end, and no more than [`TEXT_MAX`] characters.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut count = 0_usize;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let c = match c {
            '\r' if chars.peek() == Some(&'\n') => continue,
            '\r' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            '\t' => ' ',
            // Marks that turn the direction of writing make a text look like another one.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => continue,
            '\u{feff}' | '\u{fffe}' | '\u{ffff}' => continue,
            c if c.is_control() && c != '\n' => continue,
            c => c,
        };
        if count == TEXT_MAX {
            out.push_str("…(長いため、以下は表示していません)");
            break;
        }
        out.push(c);
        count = count.saturating_add(1);
    }
    out.trim_matches(|c: char| c.is_whitespace()).to_owned()
}
