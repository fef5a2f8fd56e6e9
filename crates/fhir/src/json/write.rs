//! Writing JSON: compact form of a tree, and a small writer for what we make ourselves.

use super::{Kind, Node};

/// Appends `node` in compact form.
pub(super) fn compact(node: Node<'_>, out: &mut String) {
    match node.kind() {
        Kind::Null => out.push_str("null"),
        Kind::Bool => out.push_str(if node.as_bool() == Some(true) {
            "true"
        } else {
            "false"
        }),
        Kind::Number => out.push_str(node.as_number_text().unwrap_or("0")),
        Kind::String => quote(node.as_str().unwrap_or_default(), out),
        Kind::Array => {
            out.push('[');
            for (i, item) in node.items().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                compact(item, out);
            }
            out.push(']');
        }
        Kind::Object => {
            out.push('{');
            for (i, (key, value)) in node.entries().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                compact(value, out);
            }
            out.push('}');
        }
    }
}

/// Appends `text` as a JSON string, with only the escapes that JSON requires.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1F))
    {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = tail.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(other) => out.push_str(&format!("\\u{:04x}", u32::from(other))),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Writes JSON piece by piece; commas come by themselves, open containers are closed at the end.
///
/// ```
/// let mut w = fhir::json::Writer::new();
/// w.begin_object();
/// w.member_str("resourceType", "OperationOutcome");
/// w.key("issue").begin_array().end();
/// assert_eq!(w.finish(), br#"{"resourceType":"OperationOutcome","issue":[]}"#);
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    open: Vec<char>,
    comma: bool,
}

impl Writer {
    /// An empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = true;
    }

    /// Opens an object.
    pub fn begin_object(&mut self) -> &mut Self {
        self.separate();
        self.out.push('{');
        self.open.push('}');
        self.comma = false;
        self
    }

    /// Opens an array.
    pub fn begin_array(&mut self) -> &mut Self {
        self.separate();
        self.out.push('[');
        self.open.push(']');
        self.comma = false;
        self
    }

    /// Closes the innermost object or array.
    pub fn end(&mut self) -> &mut Self {
        if let Some(bracket) = self.open.pop() {
            self.out.push(bracket);
            self.comma = true;
        }
        self
    }

    /// Writes a member's name; its value comes next.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.separate();
        quote(key, &mut self.out);
        self.out.push(':');
        self.comma = false;
        self
    }

    /// Writes a string value.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.separate();
        quote(text, &mut self.out);
        self
    }

    /// Writes a whole number.
    pub fn integer(&mut self, number: i64) -> &mut Self {
        self.separate();
        self.out.push_str(&number.to_string());
        self
    }

    /// Writes a number from its text, so that a decimal keeps its precision; text that is not
    /// of JSON's number form is written as a string, never as broken JSON.
    pub fn number_text(&mut self, text: &str) -> &mut Self {
        if !super::parse::is_number(text) {
            return self.string(text);
        }
        self.separate();
        self.out.push_str(text);
        self
    }

    /// Writes a truth value.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.separate();
        self.out.push_str(if value { "true" } else { "false" });
        self
    }

    /// Writes `null`.
    pub fn null(&mut self) -> &mut Self {
        self.separate();
        self.out.push_str("null");
        self
    }

    /// Copies a value of a document, compact.
    pub fn node(&mut self, node: Node<'_>) -> &mut Self {
        self.separate();
        compact(node, &mut self.out);
        self
    }

    /// Writes a string member.
    pub fn member_str(&mut self, key: &str, text: &str) -> &mut Self {
        self.key(key).string(text)
    }

    /// Writes a string member when there is one.
    pub fn member_opt(&mut self, key: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.member_str(key, text),
            None => self,
        }
    }

    /// Writes a truth member.
    pub fn member_bool(&mut self, key: &str, value: bool) -> &mut Self {
        self.key(key).bool(value)
    }

    /// The text, with what is still open closed.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.end();
        }
        self.out.into_bytes()
    }
}
