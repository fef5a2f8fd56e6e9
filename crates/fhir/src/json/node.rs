//! Views into a document.

use super::{Document, Slot, Tag};

/// The kinds of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, kept as text.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One value of a document.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    doc: &'a Document,
    at: usize,
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({:?})", self.kind())
    }
}

const NOTHING: Slot = Slot {
    tag: Tag::Null,
    a: 0,
    b: 0,
};

/// `u32` fits `usize` on every platform that std supports here.
fn wide(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

impl<'a> Node<'a> {
    pub(super) const fn new(doc: &'a Document, at: usize) -> Self {
        Self { doc, at }
    }

    fn slot(self) -> Slot {
        self.doc.slots.get(self.at).copied().unwrap_or(NOTHING)
    }

    fn text(self) -> &'a str {
        let slot = self.slot();
        let range = wide(slot.a)..wide(slot.b);
        match slot.tag {
            Tag::Plain | Tag::Number => self.doc.source.get(range),
            Tag::Decoded => self.doc.decoded.get(range),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// The slot after this value and everything inside it.
    fn after(self) -> usize {
        let slot = self.slot();
        match slot.tag {
            Tag::Array | Tag::Object => wide(slot.b),
            _ => self.at + 1,
        }
    }

    /// Its place in the document: no two values of one document have the same.
    #[must_use]
    pub const fn position(self) -> usize {
        self.at
    }

    /// What kind of value this is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.slot().tag {
            Tag::Null => Kind::Null,
            Tag::True | Tag::False => Kind::Bool,
            Tag::Number => Kind::Number,
            Tag::Plain | Tag::Decoded => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object => Kind::Object,
        }
    }

    /// Is it an object?
    #[must_use]
    pub fn is_object(self) -> bool {
        self.slot().tag == Tag::Object
    }

    /// Is it an array?
    #[must_use]
    pub fn is_array(self) -> bool {
        self.slot().tag == Tag::Array
    }

    /// Is it `null`?
    #[must_use]
    pub fn is_null(self) -> bool {
        self.slot().tag == Tag::Null
    }

    /// The string, decoded.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        matches!(self.slot().tag, Tag::Plain | Tag::Decoded).then(|| self.text())
    }

    /// The number exactly as written.
    #[must_use]
    pub fn as_number_text(self) -> Option<&'a str> {
        (self.slot().tag == Tag::Number).then(|| self.text())
    }

    /// The truth value.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.slot().tag {
            Tag::True => Some(true),
            Tag::False => Some(false),
            _ => None,
        }
    }

    /// Items of an array or members of an object; 0 for any other value.
    #[must_use]
    pub fn len(self) -> usize {
        match self.slot() {
            Slot {
                tag: Tag::Array | Tag::Object,
                a,
                ..
            } => wide(a),
            _ => 0,
        }
    }

    /// Has it neither items nor members?
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The member of an object.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        self.entries().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// The string member of an object.
    #[must_use]
    pub fn str(self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    /// The items of the array member `key`; none when it is absent or no array.
    pub fn list(self, key: &str) -> Items<'a> {
        self.get(key).map_or(
            Items {
                doc: self.doc,
                at: 0,
                left: 0,
            },
            Node::items,
        )
    }

    /// The items of an array; none for any other value.
    pub fn items(self) -> Items<'a> {
        Items {
            doc: self.doc,
            at: self.at + 1,
            left: if self.is_array() { self.len() } else { 0 },
        }
    }

    /// The members of an object in their order; none for any other value.
    pub fn entries(self) -> Entries<'a> {
        Entries {
            doc: self.doc,
            at: self.at + 1,
            left: if self.is_object() { self.len() } else { 0 },
        }
    }

    /// The value as compact JSON: no spaces, same order of keys, same number text.
    #[must_use]
    pub fn to_compact(self) -> String {
        let mut out = String::new();
        super::write::compact(self, &mut out);
        out
    }
}

/// The items of an array.
#[derive(Clone)]
pub struct Items<'a> {
    doc: &'a Document,
    at: usize,
    left: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.left = self.left.checked_sub(1)?;
        let node = Node::new(self.doc, self.at);
        self.at = node.after();
        Some(node)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

/// The members of an object.
#[derive(Clone)]
pub struct Entries<'a> {
    doc: &'a Document,
    at: usize,
    left: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let key = Node::new(self.doc, self.at);
        let value = Node::new(self.doc, self.at + 1);
        self.at = value.after();
        Some((key.text(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}
