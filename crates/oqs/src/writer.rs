//! Writing: one line an item, and a list of the characters that the encoding could not carry.

use crate::{
    charset::CharacterCode,
    leaf::{Leaf, Text},
    record::Record,
};

/// A character that was written as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitute {
    /// In which item: `/XmlMsg/MessageBody/…`, entries counted from 1.
    pub path: String,
    /// What stood there.
    pub character: char,
    /// What was written: a twin, or ●.
    pub written: char,
}

/// A file, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The bytes, in the encoding asked for.
    pub bytes: Vec<u8>,
    /// Characters that were written as others, in document order.
    pub substitutes: Vec<Substitute>,
}

/// A file being written.
pub(crate) struct Writer {
    code: CharacterCode,
    text: String,
    path: Vec<String>,
    substitutes: Vec<Substitute>,
}

impl Writer {
    pub(crate) fn new(code: CharacterCode) -> Self {
        Self {
            code,
            text: format!(
                "<?xml version=\"1.0\" encoding=\"{}\" standalone=\"no\"?>\n",
                code.label()
            ),
            path: Vec::new(),
            substitutes: Vec::new(),
        }
    }

    pub(crate) fn finish(self) -> Written {
        Written {
            bytes: self.code.encode(&self.text),
            substitutes: self.substitutes,
        }
    }

    fn indent(&mut self) {
        self.text.push_str(&"  ".repeat(self.path.len()));
    }

    fn tag(&mut self, before: &str, element: &str, after: &str) {
        for part in [before, element, after] {
            self.text.push_str(part);
        }
    }

    fn escaped(&mut self, element: &str, value: &str) {
        for character in value.chars() {
            let written = self.code.written(character);
            if written != character {
                let path = format!("/{}/{element}", self.path.join("/"));
                self.substitutes.push(Substitute {
                    path,
                    character,
                    written,
                });
            }
            match written {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                other => self.text.push(other),
            }
        }
    }

    /// A value, when there is one.
    pub(crate) fn leaf<T: Leaf>(&mut self, element: &str, value: Option<&T>) {
        let Some(value) = value else {
            return;
        };
        self.indent();
        self.tag("<", element, ">");
        self.escaped(element, &value.text());
        self.tag("</", element, ">\n");
    }

    /// A record; `number` is its place among its like, from 1.
    pub(crate) fn record<R: Record>(&mut self, element: &str, number: Option<usize>, record: &R) {
        self.indent();
        self.tag("<", element, ">\n");
        self.path.push(match number {
            Some(number) => format!("{element}[{number}]"),
            None => element.to_owned(),
        });
        record.put(self);
        self.path.pop();
        self.indent();
        self.tag("</", element, ">\n");
    }

    /// Records side by side.
    pub(crate) fn all<R: Record>(&mut self, element: &str, records: &[R]) {
        for (number, record) in (1..).zip(records) {
            self.record(element, Some(number), record);
        }
    }

    /// Records inside an element of their own, when there are any.
    pub(crate) fn list<R: Record>(&mut self, outer: &str, element: &str, records: &[R]) {
        if records.is_empty() {
            return;
        }
        self.indent();
        self.tag("<", outer, ">\n");
        self.path.push(outer.to_owned());
        self.all(element, records);
        self.path.pop();
        self.indent();
        self.tag("</", outer, ">\n");
    }

    /// The encoding of this file.
    pub(crate) fn stamp(&mut self, element: &str) {
        let code = Text::new(self.code.code());
        self.leaf(element, code.as_ref());
    }
}
