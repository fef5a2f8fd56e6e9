//! A JSON document as it was sent: key order, number text and every character kept.
//!
//! FHIR documents are evidence. A decimal that passes through floating point loses its
//! precision (`1.50` is not `1.5` in a laboratory), and a reader that silently takes the last
//! of two equal keys lets two programs read two different documents. So this reader keeps
//! numbers as their text and refuses what is ambiguous: duplicate keys, invalid UTF-8,
//! truncated input, trailing bytes, control characters, lone surrogates, and nesting or size
//! without bound.
//!
//! Source: RFC 8259; FHIR R4 2.6.2 (JSON representation: precision, no duplicate names).

mod error;
mod node;
mod parse;
mod string;
#[cfg(test)]
mod tests;
mod write;

pub use error::{JsonError, JsonRule};
pub use node::{Entries, Items, Kind, Node};
pub use write::Writer;

/// Bounds on what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes_max: usize,
    /// Objects and arrays inside one another.
    pub depth_max: usize,
}

impl Default for Limits {
    /// 64 MiB and 64 levels: beyond any message of the field (one send is at most 10 MB).
    fn default() -> Self {
        Self {
            bytes_max: 64 << 20,
            depth_max: 64,
        }
    }
}

/// One value, array or object of a document: 12 bytes in document order.
#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: Tag,
    /// Text: first byte. Container: number of items or members.
    a: u32,
    /// Text: byte after the last. Container: the slot after its last descendant.
    b: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Null,
    False,
    True,
    Number,
    /// Text without escapes, inside the source.
    Plain,
    /// Text that had escapes, inside `decoded`.
    Decoded,
    Array,
    Object,
}

/// A parsed document. It owns its text; a [`Node`] is a view into it.
#[derive(Clone)]
pub struct Document {
    source: String,
    decoded: String,
    slots: Vec<Slot>,
}

impl std::fmt::Debug for Document {
    /// Never shows content: documents are personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Document({} bytes, {} slots)",
            self.source.len(),
            self.slots.len()
        )
    }
}

impl Document {
    /// Reads a document within the default [`Limits`].
    ///
    /// # Errors
    /// [`JsonError`] names the rule, the byte, line and column, and the element's path.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::parse_within(bytes, Limits::default())
    }

    /// Reads a document within `limits`.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_within(bytes: &[u8], limits: Limits) -> Result<Self, JsonError> {
        parse::document(bytes, limits)
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::new(self, 0)
    }

    /// The text as received.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}
