//! From text to words.
//!
//! Source: FHIRPath N1, appendix B (grammar).

use crate::error::ParseError;

/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name, keyword or operator in letters.
    Word(String),
    /// A name between backticks (or, as older expressions have it, double quotes).
    Quoted(String),
    /// A string.
    Text(String),
    /// A number, as written.
    Number(String),
    /// What follows `@`.
    Moment(String),
    /// `$this`, without the dollar.
    Dollar(String),
    /// `%name`, without the sign.
    Variable(String),
    /// An operator or bracket.
    Sign(&'static str),
    End,
}

/// A word and where it begins.
#[derive(Clone, Debug)]
pub struct Placed {
    pub token: Token,
    pub at: usize,
}

const SIGNS: [&str; 23] = [
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "|", "&",
    "<", ">", "=", "~", ":",
];

/// All words, and the end.
pub fn words(source: &str) -> Result<Vec<Placed>, ParseError> {
    let mut lexer = Lexer { source, at: 0 };
    let mut all = Vec::new();
    loop {
        lexer.skip()?;
        let at = lexer.at;
        let token = lexer.next()?;
        let end = token == Token::End;
        all.push(Placed { token, at });
        if end {
            return Ok(all);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn fail<T>(&self, what: &str) -> Result<T, ParseError> {
        Err(ParseError {
            at: self.at,
            what: what.to_owned(),
        })
    }

    /// Space and comments.
    fn skip(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                match comment.find("*/") {
                    Some(length) => self.at += length + 4,
                    None => return self.fail("a comment without an end"),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn take(&mut self, length: usize) -> &'s str {
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        taken
    }

    fn while_is(&mut self, test: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        self.take(rest.find(|c| !test(c)).unwrap_or(rest.len()))
    }

    fn next(&mut self) -> Result<Token, ParseError> {
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token::End);
        };
        match first {
            'a'..='z' | 'A'..='Z' | '_' => Ok(Token::Word(self.while_is(is_name).to_owned())),
            '0'..='9' => Ok(Token::Number(self.number().to_owned())),
            '\'' => Ok(Token::Text(self.quoted('\'')?)),
            '`' | '"' => Ok(Token::Quoted(self.quoted(first)?)),
            '$' => {
                self.at += 1;
                Ok(Token::Dollar(self.while_is(is_name).to_owned()))
            }
            '%' => {
                self.at += 1;
                match self.rest().chars().next() {
                    Some(quote @ ('`' | '"' | '\'')) => Ok(Token::Variable(self.quoted(quote)?)),
                    _ => Ok(Token::Variable(self.while_is(is_name).to_owned())),
                }
            }
            '@' => {
                self.at += 1;
                Ok(Token::Moment(self.moment().to_owned()))
            }
            _ => {
                let rest = self.rest();
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let Some(sign) = sign else {
                    return self.fail("a character that begins nothing");
                };
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
        }
    }

    /// Digits, and a fraction when a digit follows the point.
    fn number(&mut self) -> &'s str {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let fraction = rest
            .get(whole..)
            .and_then(|tail| tail.strip_prefix('.'))
            .map_or(0, digits);
        let length = if fraction > 0 {
            whole + 1 + fraction
        } else {
            whole
        };
        self.take(length)
    }

    /// A date, a date with time, or a time: as far as its characters go. A point belongs to it
    /// only before a digit, and a sign only behind a time.
    fn moment(&mut self) -> &'s str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut length = 0;
        let mut has_time = false;
        while let Some(byte) = bytes.get(length) {
            let digit_follows = bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
            let belongs = match byte {
                b'0'..=b'9' => true,
                b'T' => !has_time,
                b'Z' => has_time,
                b':' | b'.' => has_time && digit_follows,
                b'+' => has_time && digit_follows,
                b'-' => digit_follows,
                _ => false,
            };
            if !belongs {
                break;
            }
            has_time |= *byte == b'T';
            length += 1;
        }
        self.take(length)
    }

    fn quoted(&mut self, quote: char) -> Result<String, ParseError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else {
                return self.fail("a string without an end");
            };
            self.at += c.len_utf8();
            match c {
                '\\' => text.push(self.escaped()?),
                c if c == quote => return Ok(text),
                c => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, ParseError> {
        let Some(c) = self.rest().chars().next() else {
            return self.fail("a string without an end");
        };
        self.at += c.len_utf8();
        Ok(match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{C}',
            'u' => {
                let code = self.rest().get(..4).unwrap_or_default();
                let code = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
                match code {
                    Some(c) => {
                        self.at += 4;
                        c
                    }
                    None => return self.fail("no character of Unicode"),
                }
            }
            '\'' | '"' | '`' | '\\' | '/' => c,
            // Published expressions escape more than the language asks for, in patterns above all.
            other => {
                self.at -= other.len_utf8();
                '\\'
            }
        })
    }
}
