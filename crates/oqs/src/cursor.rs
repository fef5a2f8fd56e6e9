//! Reading: one pass over the file, strictly by the layout, every fault with its place.
//!
//! No tree is built and no entity is expanded: what is kept is bounded by the records of the
//! layout, by the number of entries that the caller allows and by [`FAULTS_MAX`]. What the
//! published files never have (document type, attributes, comments, CDATA) is refused, so that
//! two readers cannot see two different things in one file.
//!
//! [`FAULTS_MAX`]: crate::fault::FAULTS_MAX

use quick_xml::{Reader, events::Event};

use crate::{
    charset::{CharacterCode, SUBSTITUTE, is_allowed},
    fault::{COUNTED_MAX, Faults, Rule},
    leaf::{Leaf, TEXT_CHARS_MAX, trim},
    record::Record,
};

/// Elements inside one another.
const DEPTH_MAX: usize = 16;
/// Entries of a list inside one record.
const LIST_MAX: usize = 32;
/// Items that are told to hold a ●.
const SUBSTITUTES_MAX: usize = 1_000;

/// What comes next in the file.
enum Token {
    Open(String),
    Text(String),
    Close,
}

/// A place in a file that is being read.
pub(crate) struct Cursor<'x> {
    reader: Reader<&'x [u8]>,
    code: CharacterCode,
    items_max: usize,
    items: usize,
    depth: usize,
    path: Vec<String>,
    substitutes: Vec<String>,
    faults: Faults,
    /// Nothing can be read any more.
    is_over: bool,
}

impl<'x> Cursor<'x> {
    /// At the beginning of `text`, which comes after the XML declaration.
    pub(crate) fn new(text: &'x str, code: CharacterCode, items_max: usize) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = true;
        config.expand_empty_elements = true;
        Self {
            reader,
            code,
            items_max,
            items: 0,
            depth: 0,
            path: Vec::new(),
            substitutes: Vec::new(),
            faults: Faults::default(),
            is_over: false,
        }
    }

    /// The one element `root`, and nothing beside it.
    pub(crate) fn document<R: Record>(&mut self, root: &str) -> R {
        let mut found = None;
        while let Some(token) = self.token() {
            match token {
                Token::Open(name) if name == root && found.is_none() => {
                    found = Some(self.record(root, None));
                }
                Token::Open(name) if name == root => self.over(Rule::Repeated, &name),
                Token::Open(name) => self.unknown(&name),
                Token::Text(text) => self.stray(&text),
                Token::Close => {}
            }
        }
        if self.depth > 0 && !self.is_over {
            self.over(Rule::Form, "the file ends inside an element");
        }
        if found.is_none() && self.faults.count() == 0 {
            self.over(Rule::Missing, root);
        }
        found.unwrap_or_default()
    }

    /// The items that hold a ●, or all the faults.
    pub(crate) fn finish(self) -> Result<Vec<String>, Vec<kernel::Finding>> {
        if self.faults.count() == 0 {
            Ok(self.substitutes)
        } else {
            Err(self.faults.into_findings())
        }
    }

    fn place(&self) -> String {
        format!("/{}", self.path.join("/"))
    }

    fn fault(&mut self, rule: Rule, found: &str) {
        let place = self.place();
        self.faults.add(&place, rule, found);
        self.is_over |= self.faults.count() >= COUNTED_MAX;
    }

    /// A fault after which nothing is read.
    fn over(&mut self, rule: Rule, found: &str) {
        self.fault(rule, found);
        self.is_over = true;
    }

    /// The next token; `None` at the end of the file or after a fault that ends the reading.
    fn token(&mut self) -> Option<Token> {
        while !self.is_over {
            match self.reader.read_event() {
                Err(error) => self.over(Rule::Form, &error.to_string()),
                Ok(Event::Eof) => return None,
                // An empty element comes as a pair of tags.
                Ok(Event::Start(start) | Event::Empty(start)) => {
                    let name = start.name().into_inner().to_owned();
                    if !start.attributes_raw().trim().is_empty() {
                        let found = start.attributes_raw().trim().to_owned();
                        self.fault(Rule::Attribute, &found);
                    }
                    return self.opened(name);
                }
                Ok(Event::End(_)) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Some(Token::Close);
                }
                Ok(Event::Text(text)) => {
                    let text: &str = text.as_ref();
                    if text.contains("]]>") {
                        self.over(Rule::Form, "]]>");
                    }
                    return Some(Token::Text(text.to_owned()));
                }
                Ok(Event::GeneralRef(reference)) => {
                    let name: &str = reference.as_ref();
                    let resolved = match name {
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "amp" => Some('&'),
                        "apos" => Some('\''),
                        "quot" => Some('"'),
                        _ => reference.resolve_char_ref().ok().flatten(),
                    };
                    match resolved {
                        Some(c) => return Some(Token::Text(c.to_string())),
                        None => {
                            let found = format!("&{name};");
                            self.fault(Rule::Entity, &found);
                        }
                    }
                }
                Ok(Event::DocType(_)) => self.over(Rule::DocumentType, "<!DOCTYPE"),
                Ok(Event::CData(_)) => self.fault(Rule::Section, "<![CDATA["),
                Ok(Event::Comment(_)) => self.fault(Rule::Section, "<!--"),
                Ok(Event::PI(_) | Event::Decl(_)) => self.fault(Rule::Instruction, "<?"),
            }
        }
        None
    }

    fn opened(&mut self, name: String) -> Option<Token> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            self.over(Rule::Depth, &name);
            return None;
        }
        Some(Token::Open(name))
    }

    /// Goes past the element that was opened.
    fn skip(&mut self) {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer && self.token().is_some() {}
    }

    fn stray(&mut self, text: &str) {
        if !trim(text).is_empty() {
            self.fault(Rule::StrayText, trim(text));
        }
    }

    /// An element that the layout has not.
    pub(crate) fn unknown(&mut self, element: &str) {
        self.fault(Rule::Unknown, element);
        self.skip();
    }

    /// The value of the element that was opened.
    pub(crate) fn leaf<T: Leaf>(&mut self, element: &str, is_needed: bool) -> Option<T> {
        self.path.push(element.to_owned());
        let before = self.faults.count();
        let value = self.text().and_then(|text| {
            let value = T::parse(&text);
            if value.is_none() {
                self.fault(Rule::Value, &text);
            }
            value
        });
        if value.is_none() && is_needed && self.faults.count() == before {
            self.fault(Rule::Missing, "");
        }
        self.path.pop();
        value
    }

    /// The text of the element that was opened, trimmed; `None` when there is none.
    fn text(&mut self) -> Option<String> {
        let mut whole = String::new();
        let mut room = 2 * TEXT_CHARS_MAX;
        let mut is_cut = false;
        while let Some(token) = self.token() {
            match token {
                Token::Close => break,
                Token::Open(name) => {
                    self.fault(Rule::StrayElement, &name);
                    self.skip();
                }
                Token::Text(piece) => {
                    // White space before the value is layout: it does not count.
                    let piece = match whole.is_empty() {
                        true => piece.trim_start_matches([' ', '\t', '\r', '\n']),
                        false => &piece,
                    };
                    let end = piece.char_indices().nth(room).map(|(end, _)| end);
                    let (kept, rest) = piece.split_at(end.unwrap_or(piece.len()));
                    room = room.saturating_sub(kept.chars().count());
                    whole.push_str(kept);
                    is_cut |= !trim(rest).is_empty();
                }
            }
        }
        let text = trim(&whole);
        if is_cut || text.chars().count() > TEXT_CHARS_MAX {
            self.fault(Rule::Length, text);
            return None;
        }
        if let Some(bad) = text.chars().find(|c| !is_allowed(*c)) {
            let found = format!("U+{:04X}", u32::from(bad));
            self.fault(Rule::Character, &found);
            return None;
        }
        if text.contains(SUBSTITUTE) && self.substitutes.len() < SUBSTITUTES_MAX {
            self.substitutes.push(self.place());
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The record in the element that was opened; `number` is its place among its like.
    pub(crate) fn record<R: Record>(&mut self, element: &str, number: Option<usize>) -> R {
        self.path.push(match number {
            Some(number) => format!("{element}[{number}]"),
            None => element.to_owned(),
        });
        let mut record = R::default();
        let mut seen: u128 = 0;
        while let Some(token) = self.token() {
            match token {
                Token::Close => break,
                Token::Text(text) => self.stray(&text),
                Token::Open(name) => {
                    let at = R::ITEMS.iter().position(|item| item.element == name);
                    let Some((at, item)) = at.and_then(|at| Some((at, R::ITEMS.get(at)?))) else {
                        self.unknown(&name);
                        continue;
                    };
                    if seen & (1 << at) != 0 && !item.repeats {
                        self.fault(Rule::Repeated, &name);
                        self.skip();
                    } else {
                        seen |= 1 << at;
                        record.take(&name, self);
                    }
                }
            }
        }
        for (at, item) in R::ITEMS.iter().enumerate() {
            if item.is_needed && seen & (1 << at) == 0 && !self.is_over {
                self.fault(Rule::Missing, item.element);
            }
        }
        self.path.pop();
        record
    }

    /// The record in the element that was opened, one of many side by side.
    pub(crate) fn push<R: Record>(&mut self, records: &mut Vec<R>, element: &str) {
        self.items += 1;
        if self.items > self.items_max {
            let found = format!("> {}", self.items_max);
            self.over(Rule::Count, &found);
            return;
        }
        let record = self.record(element, Some(records.len() + 1));
        records.push(record);
    }

    /// The records inside the element that was opened.
    pub(crate) fn list<R: Record>(&mut self, records: &mut Vec<R>, outer: &str, element: &str) {
        self.path.push(outer.to_owned());
        while let Some(token) = self.token() {
            match token {
                Token::Close => break,
                Token::Text(text) => self.stray(&text),
                Token::Open(name) if name != element => self.unknown(&name),
                Token::Open(_) if records.len() >= LIST_MAX => {
                    let found = format!("> {LIST_MAX}");
                    self.over(Rule::Count, &found);
                }
                Token::Open(_) => {
                    let record = self.record(element, Some(records.len() + 1));
                    records.push(record);
                }
            }
        }
        self.path.pop();
    }

    /// The encoding that the file says it has.
    pub(crate) fn stamp(&mut self, element: &str) {
        let stated: Option<CharacterCode> = self.leaf(element, false);
        if let Some(stated) = stated.filter(|stated| *stated != self.code) {
            self.path.push(element.to_owned());
            self.fault(Rule::CodeIdentifier, stated.code());
            self.path.pop();
        }
    }
}
