//! Reading strings: plain runs stay in the source, escapes are decoded into a side buffer.

use super::parse::{Read, Reader, bad};
use super::{JsonRule, Tag};

impl Reader<'_> {
    pub(super) fn string(&mut self) -> Read<()> {
        let start = self.pos + 1;
        let stop = self.plain_until(start);
        if self.bytes.get(stop) == Some(&b'"') {
            self.pos = stop + 1;
            self.push(Tag::Plain, start, stop);
            return Ok(());
        }
        let from = self.decoded.len();
        self.pos = start;
        loop {
            let stop = self.plain_until(self.pos);
            let plain = self.text.get(self.pos..stop).unwrap_or_default();
            self.decoded.push_str(plain);
            self.pos = stop;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(b) => return bad(JsonRule::Control, stop, format!("U+{b:04X}")),
                None => return bad(JsonRule::Truncated, stop, "end of text"),
            }
        }
        self.pos += 1;
        let to = self.decoded.len();
        self.push(Tag::Decoded, from, to);
        Ok(())
    }

    /// Where the run of ordinary characters from `from` ends.
    fn plain_until(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.iter()
            .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1F))
            .map_or(self.bytes.len(), |n| from + n)
    }

    fn escape(&mut self) -> Read<()> {
        let at = self.pos;
        let letter = self.bytes.get(at + 1).copied();
        self.pos = at + 2;
        let character = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'u') => self.unicode(at)?,
            Some(_) => {
                self.pos = at;
                return bad(JsonRule::Escape, at, self.here());
            }
            None => return bad(JsonRule::Truncated, at, "end of text"),
        };
        if character < ' ' && !matches!(character, '\n' | '\r' | '\t') {
            let found = format!("U+{:04X}", u32::from(character));
            return bad(JsonRule::Control, at, found);
        }
        self.decoded.push(character);
        Ok(())
    }

    fn unicode(&mut self, at: usize) -> Read<char> {
        let first = self.four_hex()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let low_follows = self.bytes.get(self.pos..self.pos + 2) == Some(b"\\u");
        if (0xD800..0xDC00).contains(&first) && low_follows {
            self.pos += 2;
            let second = self.four_hex()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                if let Some(character) = char::from_u32(code) {
                    return Ok(character);
                }
            }
        }
        bad(JsonRule::Surrogate, at, format!("\\u{first:04X}"))
    }

    fn four_hex(&mut self) -> Read<u32> {
        let at = self.pos;
        let Some(digits) = self.bytes.get(at..at + 4) else {
            return bad(JsonRule::Truncated, self.bytes.len(), "end of text");
        };
        let mut number = 0;
        for digit in digits {
            match char::from(*digit).to_digit(16) {
                Some(value) => number = number * 16 + value,
                None => return bad(JsonRule::Escape, at, self.here()),
            }
        }
        self.pos = at + 4;
        Ok(number)
    }
}
