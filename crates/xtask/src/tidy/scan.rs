//! Reading a Rust file just well enough: what is code, what is text, what is test.
//!
//! This is not a parser. It blanks comments and literals so that a search for a word finds
//! code only, and then matches braces. That is enough for the house rules and needs no
//! compiler internals.

/// A string literal, with the line on which it begins (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The line of the opening quote.
    pub line: usize,
    /// What stands between the quotes, escapes unread.
    pub text: String,
}

/// A function and the lines it takes, from `fn` to its closing brace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`.
    pub line: usize,
    /// How many lines it takes.
    pub lines: usize,
}

/// One Rust file, read.
#[derive(Debug)]
pub struct Source {
    /// The file with comments, literals and all that is not ASCII blanked; same lines.
    pub code: String,
    /// All string literals in order.
    pub literals: Vec<Literal>,
    /// All functions with a body, tests included.
    pub functions: Vec<Function>,
    /// Names of modules declared under `#[cfg(test)]` that live in their own file.
    pub test_modules: Vec<String>,
    /// First and last lines of the parts that exist in tests only.
    tests: Vec<(usize, usize)>,
    /// Offset at which each line begins.
    starts: Vec<usize>,
}

impl Source {
    /// Reads a file's text.
    pub fn read(text: &str) -> Self {
        let (code, literals) = mask(text);
        let mut starts = vec![0];
        starts.extend(code.match_indices('\n').map(|(at, _)| at + 1));
        let mut source = Self {
            code,
            literals,
            functions: Vec::new(),
            test_modules: Vec::new(),
            tests: Vec::new(),
            starts,
        };
        source.find_tests();
        source.find_functions();
        source
    }

    /// The line (from 1) of an offset into `code`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// Whether a line exists in tests only.
    pub fn is_test_line(&self, line: usize) -> bool {
        self.tests
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&line))
    }

    /// How many lines the file has without its tests.
    pub fn lines_without_tests(&self) -> usize {
        let all = self.code.lines().count();
        (1..=all).filter(|line| !self.is_test_line(*line)).count()
    }

    /// Offsets at which `word` stands as a whole identifier (or begins and ends as one).
    pub fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(move |at| is_word(&self.code, *at, word.len()))
    }

    fn find_tests(&mut self) {
        let mut found = Vec::new();
        for mark in ["#[cfg(test)]", "#[cfg(all(test"] {
            for (at, _) in self.code.match_indices(mark) {
                let rest = self.code.get(at..).unwrap_or_default();
                let begin = at + skip_attributes(rest);
                let item = self.code.get(begin..).unwrap_or_default();
                let end = begin + item_length(item);
                found.push((self.line_of(at), self.line_of(end.saturating_sub(1))));
                if let Some(name) = file_module(item) {
                    self.test_modules.push(name);
                }
            }
        }
        self.tests = found;
    }

    fn find_functions(&mut self) {
        let mut found = Vec::new();
        for at in self.words("fn") {
            let rest = self.code.get(at + 2..).unwrap_or_default();
            let name = identifier(rest.trim_start());
            if name.is_empty() {
                continue;
            }
            let length = item_length(rest);
            let body = rest.get(..length).unwrap_or_default();
            if !body.ends_with('}') {
                continue;
            }
            let line = self.line_of(at);
            let last = self.line_of(at + 1 + length);
            found.push(Function {
                name: name.to_owned(),
                line,
                lines: last - line + 1,
            });
        }
        self.functions = found;
    }
}

/// Whether the `length` bytes at `at` are not part of a longer identifier.
fn is_word(code: &str, at: usize, length: usize) -> bool {
    let before = code.get(..at).and_then(|s| s.chars().next_back());
    let after = code.get(at + length..).and_then(|s| s.chars().next());
    !before.is_some_and(is_identifier) && !after.is_some_and(is_identifier)
}

/// Whether a character may stand in an identifier.
pub fn is_identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The identifier with which `code` begins, or nothing.
pub fn identifier(code: &str) -> &str {
    let end = code.find(|c| !is_identifier(c)).unwrap_or(code.len());
    code.get(..end).unwrap_or_default()
}

/// Length of the attributes (and white space) with which `code` begins.
fn skip_attributes(code: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = code.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        if !rest.starts_with("#[") {
            return at;
        }
        let mut depth = 0_usize;
        let close = rest.char_indices().find(|(_, c)| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            *c == ']' && depth == 0
        });
        match close {
            Some((end, _)) => at += end + 1,
            None => return code.len(),
        }
    }
}

/// Length of an item: up to its `;`, or up to the brace that closes its first block.
fn item_length(code: &str) -> usize {
    let mut round = 0_usize;
    let mut braces = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' if braces == 0 => round += 1,
            ')' | ']' if braces == 0 => round = round.saturating_sub(1),
            '{' if round == 0 => braces += 1,
            '}' if round == 0 => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return at + 1;
                }
            }
            ';' if round == 0 && braces == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The name in `mod name;`, whatever its visibility.
fn file_module(item: &str) -> Option<String> {
    let head = item.get(..item.find([';', '{'])?)?;
    if !item.get(head.len()..)?.starts_with(';') {
        return None;
    }
    let (_, name) = head.split_once("mod ")?;
    let name = name.trim();
    (!name.is_empty() && name.chars().all(is_identifier)).then(|| name.to_owned())
}

/// Blanks comments and literals and collects the string literals.
fn mask(text: &str) -> (String, Vec<Literal>) {
    let mut masker = Masker {
        rest: text.chars().collect(),
        code: String::with_capacity(text.len()),
        literals: Vec::new(),
        line: 1,
    };
    masker.rest.reverse();
    masker.run();
    (masker.code, masker.literals)
}

/// The state of [`mask`]: what is still to be read stands reversed in `rest`.
struct Masker {
    rest: Vec<char>,
    code: String,
    literals: Vec<Literal>,
    line: usize,
}

impl Masker {
    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.line_comment(),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('r', Some('"' | '#')) if self.at_word_start() => self.raw_string(),
                ('\'', next) => self.quote(next),
                _ => self.keep(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        let last = self.rest.len().checked_sub(1 + ahead)?;
        self.rest.get(last).copied()
    }

    /// `r` opens a raw string only where no identifier runs into it (`b` and `c` may).
    fn at_word_start(&self) -> bool {
        let mut before = self.code.chars().rev();
        match before.next() {
            Some('b' | 'c') => !before.next().is_some_and(is_identifier),
            Some(c) => !is_identifier(c),
            None => true,
        }
    }

    fn keep(&mut self) {
        if let Some(c) = self.rest.pop() {
            self.line += usize::from(c == '\n');
            self.code.push(if c.is_ascii() { c } else { ' ' });
        }
    }

    fn blank(&mut self) -> Option<char> {
        let c = self.rest.pop()?;
        self.line += usize::from(c == '\n');
        self.code.push(if c == '\n' { '\n' } else { ' ' });
        Some(c)
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.blank();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.blank();
                    continue;
                }
            }
            self.blank();
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let line = self.line;
        let mut text = String::new();
        self.blank();
        while let Some(c) = self.blank() {
            match c {
                '"' => break,
                '\\' => {
                    text.push(c);
                    text.extend(self.blank());
                }
                _ => text.push(c),
            }
        }
        self.literals.push(Literal { line, text });
    }

    fn raw_string(&mut self) {
        let mut hashes = 0;
        while self.peek(1 + hashes) == Some('#') {
            hashes += 1;
        }
        if self.peek(1 + hashes) != Some('"') {
            return self.keep();
        }
        let line = self.line;
        for _ in 0..hashes + 2 {
            self.blank();
        }
        let mut text = String::new();
        while let Some(c) = self.blank() {
            if c == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                break;
            }
            text.push(c);
        }
        for _ in 0..hashes {
            self.blank();
        }
        self.literals.push(Literal { line, text });
    }

    /// A character literal or a lifetime.
    fn quote(&mut self, next: Option<char>) {
        if next == Some('\\') {
            self.blank();
            self.blank();
            self.blank();
            while self.peek(0).is_some_and(|c| c != '\'' && c != '\n') {
                self.blank();
            }
            self.blank();
        } else if self.peek(2) == Some('\'') {
            self.blank();
            self.blank();
            self.blank();
        } else {
            self.keep();
        }
    }
}
