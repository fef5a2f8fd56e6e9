//! The reader: one pass over the bytes, recursion bounded by the depth limit.

use super::error::line_and_column;
use super::{Document, JsonError, JsonRule, Limits, Slot, Tag};

/// From how many keys on duplicates are looked for by sorting instead of pair by pair.
const PAIRWISE_KEYS_MAX: usize = 24;

/// What an error found was, before its place is known.
pub(super) struct Bad {
    rule: JsonRule,
    at: usize,
    found: String,
    /// Innermost first.
    path: Vec<Step>,
}

pub(super) enum Step {
    Key(String),
    Index(usize),
}

pub(super) type Read<T> = Result<T, Box<Bad>>;

pub(super) fn bad<T>(rule: JsonRule, at: usize, found: impl Into<String>) -> Read<T> {
    Err(Box::new(Bad {
        rule,
        at,
        found: found.into(),
        path: Vec::new(),
    }))
}

pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) text: &'a str,
    pub(super) pos: usize,
    slots: Vec<Slot>,
    pub(super) decoded: String,
    /// Slots of the keys of the objects that are open.
    keys: Vec<usize>,
    depth_max: usize,
}

/// Positions fit `u32`, because the size limit is checked before reading.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn wide(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

pub(super) fn document(bytes: &[u8], limits: Limits) -> Result<Document, JsonError> {
    let bytes_max = limits.bytes_max.min(wide(u32::MAX));
    if bytes.len() > bytes_max {
        return Err(JsonError {
            rule: JsonRule::Size,
            offset: bytes_max,
            line: 1,
            column: 1,
            path: "$".to_owned(),
            found: format!("{} bytes, at most {bytes_max}", bytes.len()),
        });
    }
    // The valid prefix is read even when the bytes turn bad later, so that the error has a path.
    let (text, broken) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let prefix = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let text = std::str::from_utf8(prefix).unwrap_or_default();
            // Without a length the last character is merely cut off.
            (text, error.error_len().map(|_| error.valid_up_to()))
        }
    };
    let mut reader = Reader {
        bytes: text.as_bytes(),
        text,
        pos: 0,
        slots: Vec::with_capacity(text.len() / 12 + 4),
        decoded: String::new(),
        keys: Vec::new(),
        depth_max: limits.depth_max,
    };
    match reader.whole() {
        Ok(()) if text.len() == bytes.len() => Ok(Document {
            source: text.to_owned(),
            decoded: reader.decoded,
            slots: reader.slots,
        }),
        Ok(()) => {
            let rule = if broken.is_some() {
                JsonRule::Utf8
            } else {
                JsonRule::Trailing
            };
            let bad = Bad {
                rule,
                at: text.len(),
                found: found_byte(bytes, text.len()),
                path: Vec::new(),
            };
            Err(reader.placed(bad, bytes))
        }
        Err(mut bad) => {
            if let (JsonRule::Truncated, Some(at)) = (bad.rule, broken) {
                bad.rule = JsonRule::Utf8;
                bad.at = at;
                bad.found = found_byte(bytes, at);
            }
            Err(reader.placed(*bad, bytes))
        }
    }
}

fn found_byte(bytes: &[u8], at: usize) -> String {
    bytes
        .get(at)
        .map_or_else(String::new, |b| format!("byte 0x{b:02X}"))
}

impl Reader<'_> {
    fn placed(&self, bad: Bad, bytes: &[u8]) -> JsonError {
        let (line, column) = line_and_column(bytes, bad.at);
        let mut path = self.root_name();
        for step in bad.path.iter().rev() {
            match step {
                Step::Key(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        JsonError {
            rule: bad.rule,
            offset: bad.at,
            line,
            column,
            path,
            found: bad.found,
        }
    }

    /// The resource type, when the root's first members have told it.
    fn root_name(&self) -> String {
        let mut at = 1;
        while let (Some(key), Some(value)) = (self.slots.get(at), self.slots.get(at + 1)) {
            let is_text = matches!(value.tag, Tag::Plain);
            if is_text && self.slot_text(*key) == "resourceType" {
                return self.slot_text(*value).to_owned();
            }
            at = match value.tag {
                Tag::Array | Tag::Object if value.b == 0 => break,
                Tag::Array | Tag::Object => wide(value.b),
                _ => at + 2,
            };
        }
        "$".to_owned()
    }

    fn slot_text(&self, slot: Slot) -> &str {
        let range = wide(slot.a)..wide(slot.b);
        match slot.tag {
            Tag::Decoded => self.decoded.get(range),
            Tag::Plain | Tag::Number => self.text.get(range),
            _ => None,
        }
        .unwrap_or_default()
    }

    fn whole(&mut self) -> Read<()> {
        if self.text.starts_with('\u{FEFF}') {
            return bad(JsonRule::ByteOrderMark, 0, "U+FEFF");
        }
        self.space();
        self.value(0)?;
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => bad(JsonRule::Trailing, self.pos, self.here()),
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    /// A few characters from here, for the message.
    pub(super) fn here(&self) -> String {
        self.text
            .get(self.pos..)
            .unwrap_or_default()
            .chars()
            .take(12)
            .collect()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.pos += 1;
        }
    }

    pub(super) fn push(&mut self, tag: Tag, a: usize, b: usize) {
        self.slots.push(Slot {
            tag,
            a: narrow(a),
            b: narrow(b),
        });
    }

    fn value(&mut self, depth: usize) -> Read<()> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.container(depth, Tag::Object),
            Some(b'[') => self.container(depth, Tag::Array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Tag::True),
            Some(b'f') => self.word("false", Tag::False),
            Some(b'n') => self.word("null", Tag::Null),
            Some(_) => bad(JsonRule::Syntax, self.pos, self.here()),
            None => bad(JsonRule::Truncated, self.pos, "end of text"),
        }
    }

    fn word(&mut self, word: &str, tag: Tag) -> Read<()> {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        if rest.starts_with(word) {
            self.pos += word.len();
            self.push(tag, 0, 0);
            Ok(())
        } else if word.starts_with(rest) {
            bad(JsonRule::Truncated, self.text.len(), "end of text")
        } else {
            bad(JsonRule::Syntax, self.pos, self.here())
        }
    }

    fn number(&mut self) -> Read<()> {
        let start = self.pos;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        let end = start + length;
        if !is_number(self.text.get(start..end).unwrap_or_default()) {
            let rule = if end == self.bytes.len() {
                JsonRule::Truncated
            } else {
                JsonRule::Number
            };
            return bad(rule, start, self.here());
        }
        self.pos = end;
        self.push(Tag::Number, start, end);
        Ok(())
    }

    fn container(&mut self, depth: usize, tag: Tag) -> Read<()> {
        if depth >= self.depth_max {
            return bad(
                JsonRule::Depth,
                self.pos,
                format!("more than {} levels", self.depth_max),
            );
        }
        let slot = self.slots.len();
        self.push(tag, 0, 0);
        self.pos += 1;
        let count = if tag == Tag::Object {
            let keys = self.keys.len();
            let count = self.members(depth, keys)?;
            self.keys.truncate(keys);
            count
        } else {
            self.elements(depth)?
        };
        let end = self.slots.len();
        if let Some(open) = self.slots.get_mut(slot) {
            open.a = narrow(count);
            open.b = narrow(end);
        }
        Ok(())
    }

    fn elements(&mut self, depth: usize) -> Read<usize> {
        let mut count = 0;
        self.space();
        if self.peek() == Some(b']') {
            self.pos += 1;
            return Ok(0);
        }
        loop {
            self.space();
            self.value(depth + 1).map_err(|mut bad| {
                bad.path.push(Step::Index(count));
                bad
            })?;
            count += 1;
            if !self.comma_or(b']')? {
                return Ok(count);
            }
        }
    }

    fn members(&mut self, depth: usize, first_key: usize) -> Read<usize> {
        self.space();
        if self.peek() == Some(b'}') {
            self.pos += 1;
            return Ok(0);
        }
        loop {
            self.space();
            match self.peek() {
                Some(b'"') => {}
                Some(_) => return bad(JsonRule::Syntax, self.pos, self.here()),
                None => return bad(JsonRule::Truncated, self.pos, "end of text"),
            }
            let (key, key_pos) = (self.slots.len(), self.pos);
            self.string()?;
            self.keys.push(key);
            self.no_twin(first_key, key_pos)?;
            self.colon()
                .and_then(|()| self.value(depth + 1))
                .map_err(|bad| self.below(key, bad))?;
            if !self.comma_or(b'}')? {
                self.no_twin_sorted(first_key)?;
                return Ok(self.keys.len() - first_key);
            }
        }
    }

    fn below(&self, key: usize, mut bad: Box<Bad>) -> Box<Bad> {
        let name = self
            .slots
            .get(key)
            .map_or("", |slot| self.slot_text(*slot))
            .chars()
            .take(64)
            .collect();
        bad.path.push(Step::Key(name));
        bad
    }

    fn colon(&mut self) -> Read<()> {
        self.space();
        match self.peek() {
            Some(b':') => self.pos += 1,
            Some(_) => return bad(JsonRule::Syntax, self.pos, self.here()),
            None => return bad(JsonRule::Truncated, self.pos, "end of text"),
        }
        self.space();
        Ok(())
    }

    /// After an item: is there another?
    fn comma_or(&mut self, close: u8) -> Read<bool> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.pos += 1;
                Ok(true)
            }
            Some(b) if b == close => {
                self.pos += 1;
                Ok(false)
            }
            Some(_) => bad(JsonRule::Syntax, self.pos, self.here()),
            None => bad(JsonRule::Truncated, self.pos, "end of text"),
        }
    }

    /// The newest key against the earlier ones of a small object.
    fn no_twin(&self, first_key: usize, at: usize) -> Read<()> {
        let keys = self.keys.get(first_key..).unwrap_or_default();
        let Some((newest, earlier)) = keys.split_last() else {
            return Ok(());
        };
        if earlier.len() >= PAIRWISE_KEYS_MAX {
            return Ok(());
        }
        let text = |key: usize| self.slots.get(key).map_or("", |s| self.slot_text(*s));
        let name = text(*newest);
        if earlier.iter().any(|key| text(*key) == name) {
            let twin = bad::<()>(JsonRule::DuplicateKey, at, name);
            return twin.map_err(|bad| self.below(*newest, bad));
        }
        Ok(())
    }

    /// All keys of a large object, sorted: the cost stays near linear.
    fn no_twin_sorted(&self, first_key: usize) -> Read<()> {
        let keys = self.keys.get(first_key..).unwrap_or_default();
        if keys.len() <= PAIRWISE_KEYS_MAX {
            return Ok(());
        }
        let mut sorted: Vec<(&str, usize)> = keys
            .iter()
            .filter_map(|key| Some((self.slot_text(*self.slots.get(*key)?), *key)))
            .collect();
        sorted.sort_unstable();
        let twin = sorted
            .windows(2)
            .filter_map(|pair| match pair {
                [(a, _), (b, at)] if a == b => Some(*at),
                _ => None,
            })
            .min();
        match twin {
            None => Ok(()),
            Some(key) => {
                let slot = self.slots.get(key).copied();
                let at = match slot {
                    Some(s) if s.tag == Tag::Plain => wide(s.a).saturating_sub(1),
                    _ => self.pos,
                };
                let name = slot.map_or("", |s| self.slot_text(s));
                bad::<()>(JsonRule::DuplicateKey, at, name).map_err(|bad| self.below(key, bad))
            }
        }
    }
}

/// Is `text` a number of JSON's form: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
pub(super) fn is_number(text: &str) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = text.as_bytes();
    rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.first() == Some(&b'0')) {
        return false;
    }
    rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent
            .strip_prefix(b"+")
            .or_else(|| exponent.strip_prefix(b"-"))
            .unwrap_or(exponent);
        let count = digits(exponent);
        if count == 0 {
            return false;
        }
        rest = exponent.get(count..).unwrap_or_default();
    }
    rest.is_empty()
}
