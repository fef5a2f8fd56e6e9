//! The messages: what a facility asks and what it is answered, item by item.
//!
//! Items are read in any order (the national service writes them in none) and written in the
//! order of the layout. A question's values are kept as given, right or wrong; an answer's are
//! typed.
//!
//! Source: eligibility-eprescription section e (XMLレイアウト仕様).

mod answer;
mod frame;

use kernel::Finding;

use crate::{
    charset::CharacterCode,
    cursor::Cursor,
    fault::{Faults, Rule},
    record::Record,
    writer::{Writer, Written},
};

pub use crate::record::Stamp;
pub use answer::{
    Answer, ElderlyCertificate, LimitCertificateInfo, MedicalTicket, SpecificDisease,
};
pub use frame::{
    BulkAnswer, BulkAnswerBody, BulkAnswerHeader, BulkFetch, BulkFetchBody, BulkReceipt,
    BulkReceiptBody, BulkReceiptHeader, BulkRequest, BulkRequestBody, BulkUnit, FetchHeader,
    RangeInfo, RangeRequest, RangeRequestBody, RequestHeader, SearchInfo, SingleRequest,
    SingleRequestBody, SingleResponse, SingleResponseBody, SingleResponseHeader,
};

/// The one element around every message.
const ROOT: &str = "XmlMsg";

/// What a file may hold at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes.
    pub bytes: usize,
    /// Entries: people asked about or answered.
    pub items: usize,
}

impl Limits {
    /// A message about one person: 64 kB.
    pub const SINGLE: Self = Self {
        bytes: 64 << 10,
        items: 1,
    };
    /// A message about many: 64 MB and 20,000 entries.
    pub const BULK: Self = Self {
        bytes: 64 << 20,
        items: 20_000,
    };
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<M> {
    /// What it says.
    pub message: M,
    /// In which encoding it came.
    pub code: CharacterCode,
    /// The items that hold a ● for a character that the sender could not carry, 1,000 at most.
    pub substitutes: Vec<String>,
}

impl<M> Read<M> {
    /// Is there a character that the sender could not carry?
    #[must_use]
    pub const fn has_substitutes(&self) -> bool {
        !self.substitutes.is_empty()
    }
}

/// A message as a file.
#[expect(
    private_bounds,
    reason = "only the messages of this crate are messages"
)]
pub trait Message: Record {
    /// What its file may hold.
    const LIMITS: Limits;

    /// The file, with an XML declaration, and the characters that `code` could not carry.
    #[must_use]
    fn write(&self, code: CharacterCode) -> Written {
        let mut writer = Writer::new(code);
        writer.record(ROOT, None, self);
        writer.finish()
    }

    /// The message in `bytes`.
    ///
    /// # Errors
    /// Every fault in document order, 200 at most; see [`Rule`].
    fn read(bytes: &[u8]) -> Result<Read<Self>, Vec<Finding>> {
        Self::read_within(bytes, Self::LIMITS)
    }

    /// As [`Message::read`], for a receiver that takes less.
    ///
    /// # Errors
    /// As [`Message::read`].
    fn read_within(bytes: &[u8], limits: Limits) -> Result<Read<Self>, Vec<Finding>> {
        if bytes.len() > limits.bytes {
            let found = format!("{} > {}", bytes.len(), limits.bytes);
            return Err(refused(Rule::Size, &found));
        }
        let (code, bytes) = declared(bytes).map_err(|(rule, found)| refused(rule, &found))?;
        let text = code
            .decode(bytes)
            .ok_or_else(|| refused(Rule::Bytes, code.label()))?;
        let mut cursor = Cursor::new(&text, code, limits.items);
        let message = cursor.document(ROOT);
        Ok(Read {
            message,
            code,
            substitutes: cursor.finish()?,
        })
    }
}

fn refused(rule: Rule, found: &str) -> Vec<Finding> {
    let mut faults = Faults::default();
    faults.add("/", rule, found);
    faults.into_findings()
}

/// The UTF-8 mark that some systems put before a file.
const MARK: &[u8] = b"\xef\xbb\xbf";
const DECLARATION_BYTES_MAX: usize = 200;

/// The encoding by the XML declaration, and what comes after it. Without one it is UTF-8.
///
/// Source: XML 1.0 sections 2.8 and 4.3.3.
fn declared(bytes: &[u8]) -> Result<(CharacterCode, &[u8]), (Rule, String)> {
    let (is_marked, bytes) = match bytes.strip_prefix(MARK) {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    let Some(after) = bytes.strip_prefix(b"<?xml") else {
        return Ok((CharacterCode::Utf8, bytes));
    };
    let broken = || (Rule::Form, "<?xml".to_owned());
    let end = after
        .windows(2)
        .take(DECLARATION_BYTES_MAX)
        .position(|pair| pair == b"?>")
        .ok_or_else(broken)?;
    let (inside, rest) = after.split_at_checked(end).ok_or_else(broken)?;
    let rest = rest.get(2..).ok_or_else(broken)?;
    let inside = std::str::from_utf8(inside).map_err(|_| broken())?;
    let mut left = inside;
    let mut next = |name: &str| -> Option<&str> {
        let (value, rest) = attribute(left, name)?;
        left = rest;
        Some(value)
    };
    if next("version") != Some("1.0") {
        return Err(broken());
    }
    let code = match next("encoding") {
        None => CharacterCode::Utf8,
        Some(label) => CharacterCode::from_label(label)
            .filter(|code| !is_marked || *code == CharacterCode::Utf8)
            .ok_or_else(|| (Rule::Encoding, label.to_owned()))?,
    };
    let standalone = next("standalone");
    let is_known = standalone.is_none_or(|word| matches!(word, "yes" | "no"));
    if !is_known || !left.trim().is_empty() {
        return Err(broken());
    }
    Ok((code, rest))
}

/// ` name="value"` at the beginning of `text`, and what comes after it.
fn attribute<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];
    let bare = text.trim_start_matches(SPACE);
    if bare.len() == text.len() {
        return None;
    }
    let after = bare.strip_prefix(name)?.trim_start_matches(SPACE);
    let after = after.strip_prefix('=')?.trim_start_matches(SPACE);
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    after.strip_prefix(quote)?.split_once(quote)
}
