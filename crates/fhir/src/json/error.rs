//! Why a text is not an acceptable JSON document, and where.

use kernel::{Finding, catalog::shorten};

/// What is wrong with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonRule {
    /// A key appears twice in one object.
    DuplicateKey,
    /// Bytes that are not UTF-8.
    Utf8,
    /// A byte order mark before the text.
    ByteOrderMark,
    /// The text ends inside a value.
    Truncated,
    /// Something follows the document.
    Trailing,
    /// A control character inside a string, raw or escaped (tab, line feed, carriage return may be escaped).
    Control,
    /// Half of a surrogate pair.
    Surrogate,
    /// An unknown escape sequence.
    Escape,
    /// A number not of JSON's form (such as `01` or `.5`).
    Number,
    /// Nested too deep.
    Depth,
    /// Too many bytes.
    Size,
    /// Anything else that is not JSON.
    Syntax,
}

impl JsonRule {
    /// The stable rule id, such as `JSON-DUPLICATE-KEY`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::DuplicateKey => "JSON-DUPLICATE-KEY",
            Self::Utf8 => "JSON-UTF8",
            Self::ByteOrderMark => "JSON-BOM",
            Self::Truncated => "JSON-TRUNCATED",
            Self::Trailing => "JSON-TRAILING",
            Self::Control => "JSON-CONTROL",
            Self::Surrogate => "JSON-SURROGATE",
            Self::Escape => "JSON-ESCAPE",
            Self::Number => "JSON-NUMBER",
            Self::Depth => "JSON-DEPTH",
            Self::Size => "JSON-SIZE",
            Self::Syntax => "JSON-SYNTAX",
        }
    }

    /// Every rule, for the catalogue of errors.
    pub const ALL: [Self; 12] = [
        Self::DuplicateKey,
        Self::Utf8,
        Self::ByteOrderMark,
        Self::Truncated,
        Self::Trailing,
        Self::Control,
        Self::Surrogate,
        Self::Escape,
        Self::Number,
        Self::Depth,
        Self::Size,
        Self::Syntax,
    ];

    /// How to mend it, in Japanese and English.
    #[must_use]
    pub const fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Self::DuplicateKey => (
                "同じオブジェクトに同じ名前の項目が2つあります。1つにしてください。",
                "one object has two members of the same name; keep one",
            ),
            Self::Utf8 => (
                "文字コードをUTF-8にしてください。",
                "send the text in UTF-8",
            ),
            Self::ByteOrderMark => (
                "先頭のBOMを取り除いてください。",
                "remove the byte order mark",
            ),
            Self::Truncated => (
                "データが途中で切れています。全体を送り直してください。",
                "the text ends too early; send all of it",
            ),
            Self::Trailing => (
                "文書の後ろに余分な文字があります。取り除いてください。",
                "remove what follows the document",
            ),
            Self::Control => (
                "文字列から制御文字を取り除いてください(改行・タブは \\n、\\t と書きます)。",
                "remove control characters from the string (write line feed and tab as \\n and \\t)",
            ),
            Self::Surrogate => (
                "サロゲートペアの片方だけが書かれています。正しい組にしてください。",
                "write both halves of the surrogate pair",
            ),
            Self::Escape => (
                "JSONにないエスケープ表記です。",
                "use only the escapes that JSON knows",
            ),
            Self::Number => (
                "JSONの数値の書き方ではありません。",
                "write the number in JSON's form",
            ),
            Self::Depth => ("入れ子を浅くしてください。", "nest less deeply"),
            Self::Size => (
                "大きすぎます。分けて送ってください。",
                "the text is too long; send it in parts",
            ),
            Self::Syntax => (
                "JSONとして読めません。この位置の書き方を直してください。",
                "this is not JSON; mend the text at this place",
            ),
        }
    }
}

/// A refused text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {offset}, line {line}, column {column}", rule.id())]
pub struct JsonError {
    /// What is wrong.
    pub rule: JsonRule,
    /// Byte offset in the text, from 0.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The element's path, such as `Bundle.entry[3].resource`; `$` when the type is not known yet.
    pub path: String,
    /// What was found there.
    pub found: String,
}

impl JsonError {
    /// The error as a finding for the sender.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let (ja, en) = self.rule.remedy();
        Finding {
            path: self.path.clone(),
            rule: self.rule.id().to_owned(),
            found: shorten(&format!(
                "byte {}, line {}, column {}: {}",
                self.offset, self.line, self.column, self.found
            )),
            remedy_ja: ja.to_owned(),
            remedy_en: en.to_owned(),
        }
    }
}

impl From<JsonError> for Finding {
    fn from(error: JsonError) -> Self {
        error.finding()
    }
}

/// Line and column (in characters), each from 1, of a byte offset.
pub(super) fn line_and_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let start = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let tail = before.get(start..).unwrap_or_default();
    let characters = tail.iter().filter(|b| (**b & 0xC0) != 0x80).count();
    (line, characters + 1)
}
