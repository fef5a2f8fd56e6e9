//! The one shape of a refusal, and of a finding inside one.
//!
//! A [`Refusal`] is made from a catalogue [`Entry`], so that an answer without a
//! catalogued code cannot be built. `docs/errors.md` is generated from all entries.

use std::fmt;

/// A sentence in the two languages of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

/// One row of the error catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Stable code, such as `TSK-ELG-003`; never reused.
    pub code: &'static str,
    /// HTTP status, 4xx, or 503 when the service cannot answer.
    pub status: u16,
    /// The FHIR `OperationOutcome.issue.code` that fits.
    pub fhir: &'static str,
    /// What is the matter, without personal data.
    pub cause: Text,
    /// What the caller does next.
    pub remedy: Text,
    /// The rule behind it: document and section.
    pub source: &'static str,
}

/// One problem found in an input, with its place and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: a FHIRPath-like element path (`Bundle.entry[3].resource.code`) or a field's name.
    pub path: String,
    /// Which numbered rule.
    pub rule: String,
    /// What was found there; at most 200 characters; it goes back to the sender only.
    pub found: String,
    /// How to mend it, in Japanese.
    pub remedy_ja: String,
    /// How to mend it, in English.
    pub remedy_en: String,
}

/// An operation's "no": a catalogue entry and the findings of this case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The catalogue entry.
    pub entry: &'static Entry,
    /// Places in the input, all of them, in document order.
    pub findings: Vec<Finding>,
    /// Seconds after which another try makes sense.
    pub retry_after_s: Option<u32>,
}

impl Refusal {
    /// A refusal with no place in the input.
    #[must_use]
    pub const fn new(entry: &'static Entry) -> Self {
        Self {
            entry,
            findings: Vec::new(),
            retry_after_s: None,
        }
    }

    /// A refusal with the places in the input.
    #[must_use]
    pub const fn with(entry: &'static Entry, findings: Vec<Finding>) -> Self {
        Self {
            entry,
            findings,
            retry_after_s: None,
        }
    }

    /// A refusal for one field: `path` and what was found there.
    #[must_use]
    pub fn at(entry: &'static Entry, path: &str, found: &str) -> Self {
        Self::with(
            entry,
            vec![Finding {
                path: path.to_owned(),
                rule: entry.code.to_owned(),
                found: shorten(found),
                remedy_ja: entry.remedy.ja.to_owned(),
                remedy_en: entry.remedy.en.to_owned(),
            }],
        )
    }
}

/// The faults of an input, gathered while its fields are read one by one: together one refusal,
/// headed by the first fault's entry, with a finding for each.
#[derive(Debug, Default)]
pub struct Faults(Option<Refusal>);

impl Faults {
    /// Was nothing wrong so far?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// One fault more: at `path`, where `found` was.
    pub fn add(&mut self, entry: &'static Entry, path: &str, found: &str) {
        let one = Refusal::at(entry, path, found);
        match &mut self.0 {
            Some(refusal) => refusal.findings.extend(one.findings),
            None => self.0 = Some(one),
        }
    }

    /// Passes `value` on; that there is none is a fault.
    pub fn take<T>(
        &mut self,
        value: Option<T>,
        entry: &'static Entry,
        path: &str,
        found: &str,
    ) -> Option<T> {
        if value.is_none() {
            self.add(entry, path, found);
        }
        value
    }

    /// What `parse` makes of a text that may be left out or be empty; that it makes nothing of
    /// what is there is a fault.
    pub fn optional<T>(
        &mut self,
        text: Option<&str>,
        parse: impl Fn(&str) -> Option<T>,
        entry: &'static Entry,
        path: &str,
    ) -> Option<T> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.take(parse(text), entry, path, text)
    }

    /// Takes all of them out; `None` when nothing was wrong.
    pub const fn refusal(&mut self) -> Option<Refusal> {
        self.0.take()
    }
}

impl From<&'static Entry> for Refusal {
    fn from(entry: &'static Entry) -> Self {
        Self::new(entry)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.entry.code, self.entry.cause.en)
    }
}

impl std::error::Error for Refusal {}

const FOUND_CHARS_MAX: usize = 200;

/// At most 200 characters of `text`, for [`Finding::found`].
#[must_use]
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(FOUND_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Declares catalogue entries as constants, and `ALL`, the list of them.
///
/// ```
/// kernel::catalog! {
///     /// Nobody has this number.
///     NOT_FOUND = "TSK-XXX-001", 404, "not-found",
///         cause: "該当する方が見つかりません。", "no person has this number";
///         remedy: "番号をお確かめください。", "check the number";
///         source: "where the rule is written";
/// }
/// assert_eq!(NOT_FOUND.status, 404);
/// ```
#[macro_export]
macro_rules! catalog {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $fhir:literal,
        cause: $cause_ja:literal, $cause_en:literal;
        remedy: $remedy_ja:literal, $remedy_en:literal;
        source: $source:literal; )+) => {
        $(
            $(#[$doc])*
            pub static $name: $crate::catalog::Entry = $crate::catalog::Entry {
                code: $code,
                status: $status,
                fhir: $fhir,
                cause: $crate::catalog::Text { ja: $cause_ja, en: $cause_en },
                remedy: $crate::catalog::Text { ja: $remedy_ja, en: $remedy_en },
                source: $source,
            };
        )+
        /// Every entry declared here, in order.
        pub static ALL: &[&$crate::catalog::Entry] = &[$(&$name),+];
    };
}
