//! The forms of R4 primitive data types, checked by hand-written scanners.
//!
//! Source: FHIR R4 2.24.0.1, regular expressions of the primitive types; calendar days are
//! checked to exist.

/// The primitive types, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
    Xhtml,
}

/// What kind of JSON value a primitive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Bool,
    Number,
    String,
}

impl Primitive {
    pub const ALL: [Self; 20] = [
        Self::Base64Binary,
        Self::Boolean,
        Self::Canonical,
        Self::Code,
        Self::Date,
        Self::DateTime,
        Self::Decimal,
        Self::Id,
        Self::Instant,
        Self::Integer,
        Self::Markdown,
        Self::Oid,
        Self::PositiveInt,
        Self::String,
        Self::Time,
        Self::UnsignedInt,
        Self::Uri,
        Self::Url,
        Self::Uuid,
        Self::Xhtml,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64Binary => "base64Binary",
            Self::Boolean => "boolean",
            Self::Canonical => "canonical",
            Self::Code => "code",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Decimal => "decimal",
            Self::Id => "id",
            Self::Instant => "instant",
            Self::Integer => "integer",
            Self::Markdown => "markdown",
            Self::Oid => "oid",
            Self::PositiveInt => "positiveInt",
            Self::String => "string",
            Self::Time => "time",
            Self::UnsignedInt => "unsignedInt",
            Self::Uri => "uri",
            Self::Url => "url",
            Self::Uuid => "uuid",
            Self::Xhtml => "xhtml",
        }
    }

    /// Which primitive is a kind of which other.
    pub fn is_kind_of(self, name: &str) -> bool {
        match self {
            Self::Code | Self::Id | Self::Markdown => name == "string",
            Self::Canonical | Self::Oid | Self::Url | Self::Uuid => name == "uri",
            Self::PositiveInt | Self::UnsignedInt => name == "integer",
            _ => false,
        }
    }

    pub const fn shape(self) -> Shape {
        match self {
            Self::Boolean => Shape::Bool,
            Self::Decimal | Self::Integer | Self::PositiveInt | Self::UnsignedInt => Shape::Number,
            _ => Shape::String,
        }
    }

    /// Has `text` (a string's content or a number's text) the type's form?
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Boolean | Self::Xhtml => true,
            Self::Decimal => is_bounded(text),
            Self::Integer => is_integer(text, i32::MIN.into()),
            Self::UnsignedInt => is_integer(text, 0),
            Self::PositiveInt => is_integer(text, 1),
            Self::Base64Binary => is_base64(text),
            Self::Canonical | Self::Uri | Self::Url => !text.bytes().any(is_space),
            Self::Code => is_code(text),
            Self::Date => is_date(text),
            Self::DateTime => is_date_time(text),
            Self::Instant => is_instant(text),
            Self::Time => is_time(text),
            Self::Id => is_id(text),
            Self::Oid => is_oid(text),
            Self::Uuid => is_uuid(text),
            Self::Markdown | Self::String => text.len() <= STRING_BYTES_MAX,
        }
    }
}

/// "Strings SHALL NOT exceed 1 MB in size", 2.24.0.1.
const STRING_BYTES_MAX: usize = 1 << 20;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

/// Longest decimal, in characters, and its greatest exponent of ten. R4 asks for 18 digits;
/// what goes far beyond is read as infinite, or not at all, by whoever gets it.
const DECIMAL_MAX: usize = 64;
const EXPONENT_MAX: u32 = 99;

fn is_bounded(decimal: &str) -> bool {
    let exponent = decimal.split_once(['e', 'E']).map(|(_, exponent)| exponent);
    let fits = |exponent: &str| {
        let digits = exponent.trim_start_matches(['+', '-']);
        digits
            .parse::<u32>()
            .is_ok_and(|digits| digits <= EXPONENT_MAX)
    };
    decimal.len() <= DECIMAL_MAX && exponent.is_none_or(fits)
}

fn is_integer(text: &str, least: i64) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|b| b.is_ascii_digit())
        && text
            .parse::<i64>()
            .is_ok_and(|n| n >= least && n <= i32::MAX.into())
}

fn is_base64(text: &str) -> bool {
    let mut count: usize = 0;
    for byte in text.bytes().filter(|b| !is_space(*b)) {
        if !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/' | b'=') {
            return false;
        }
        count += 1;
    }
    count > 0 && count.is_multiple_of(4)
}

/// No space at either end, single spaces inside.
fn is_code(text: &str) -> bool {
    let mut after_space = true;
    for byte in text.bytes() {
        let space = is_space(byte);
        if space && after_space {
            return false;
        }
        after_space = space;
    }
    !after_space
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

fn is_oid(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("urn:oid:") else {
        return false;
    };
    let mut arcs = rest.split('.');
    let root = matches!(arcs.next(), Some("0" | "1" | "2"));
    let mut count = 0;
    let tail = arcs.all(|arc| {
        count += 1;
        !arc.is_empty()
            && arc.bytes().all(|b| b.is_ascii_digit())
            && (arc == "0" || !arc.starts_with('0'))
    });
    root && tail && count > 0
}

fn is_uuid(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("urn:uuid:") else {
        return false;
    };
    rest.len() == 36
        && rest.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Takes exactly `count` digits off the front.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (head, tail) = text.split_at_checked(count)?;
    if !head.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((head.parse().ok()?, tail))
}

fn days_of(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Takes a date off the front; tells whether it went down to the day.
fn date(text: &str) -> Option<(bool, &str)> {
    let (year, rest) = digits(text, 4)?;
    if year == 0 {
        return None;
    }
    let Some(rest) = rest.strip_prefix('-') else {
        return Some((false, rest));
    };
    let (month, rest) = digits(rest, 2)?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let Some(rest) = rest.strip_prefix('-') else {
        return Some((false, rest));
    };
    let (day, rest) = digits(rest, 2)?;
    (1..=days_of(year, month))
        .contains(&day)
        .then_some((true, rest))
}

/// Takes `hh:mm:ss(.f+)?` off the front.
fn time(text: &str) -> Option<&str> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    match rest.strip_prefix('.') {
        None => Some(rest),
        Some(fraction) => {
            let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
            (count > 0).then(|| fraction.get(count..)).flatten()
        }
    }
}

fn is_zone(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let Some(rest) = text.strip_prefix(['+', '-']) else {
        return false;
    };
    let parts =
        digits(rest, 2).and_then(|(hour, rest)| Some((hour, digits(rest.strip_prefix(':')?, 2)?)));
    match parts {
        Some((hour, (minute, ""))) => (hour < 14 && minute < 60) || (hour == 14 && minute == 0),
        _ => false,
    }
}

/// Is it an R4 `date`: year, month or day?
#[must_use]
pub fn is_date(text: &str) -> bool {
    matches!(date(text), Some((_, "")))
}

/// Is it an R4 `dateTime`: a date, or a day with time and zone?
#[must_use]
pub fn is_date_time(text: &str) -> bool {
    is_date(text) || is_instant(text)
}

/// Is it an R4 `instant`: a day with time and zone?
#[must_use]
pub fn is_instant(text: &str) -> bool {
    match date(text) {
        Some((true, rest)) => rest.strip_prefix('T').and_then(time).is_some_and(is_zone),
        _ => false,
    }
}

fn is_time(text: &str) -> bool {
    time(text) == Some("")
}
