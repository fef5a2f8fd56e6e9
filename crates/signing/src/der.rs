//! A small DER writer: certificates, revocation lists and card files are built with it.
//!
//! Why not a certificate builder: JPKI names repeat an attribute (two `OU`), and the corpus
//! of bad certificates needs shapes that a builder rightly refuses to make.
//! Source: ITU-T X.690, sections 8 and 10.

use kernel::time::Timestamp;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_ID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The context-specific tag `[n]`, constructed.
pub(crate) const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// The length octets of a definite length.
pub(crate) fn length(len: usize) -> Vec<u8> {
    match u8::try_from(len) {
        Ok(short) if short < 0x80 => vec![short],
        _ => {
            let bytes = len.to_be_bytes();
            let long: Vec<u8> = bytes.into_iter().skip_while(|b| *b == 0).collect();
            let count = u8::try_from(long.len()).unwrap_or(8);
            std::iter::once(0x80 | count).chain(long).collect()
        }
    }
}

/// One element: tag, length, content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend(length(content.len()));
    out.extend_from_slice(content);
    out
}

/// One constructed element of several parts.
pub(crate) fn nest(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

/// `SEQUENCE` of the parts.
pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    nest(SEQUENCE, parts)
}

/// An object identifier from its arcs.
pub(crate) fn oid(arcs: &[u64]) -> Vec<u8> {
    let mut content = Vec::new();
    let (first, rest) = match arcs {
        [a, b, rest @ ..] => (a.saturating_mul(40).saturating_add(*b), rest),
        _ => (0, &[][..]),
    };
    for arc in std::iter::once(&first).chain(rest) {
        let mut groups = Vec::new();
        let mut left = *arc;
        loop {
            let low = u8::try_from(left & 0x7f).unwrap_or(0);
            groups.push(if groups.is_empty() { low } else { low | 0x80 });
            left >>= 7;
            if left == 0 {
                break;
            }
        }
        content.extend(groups.into_iter().rev());
    }
    tlv(OBJECT_ID, &content)
}

/// A non-negative integer from big-endian bytes.
pub(crate) fn uint(bytes: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = bytes.iter().copied().skip_while(|b| *b == 0).collect();
    if content.first().is_none_or(|b| b & 0x80 != 0) {
        content.insert(0, 0);
    }
    tlv(INTEGER, &content)
}

/// A bit string of whole octets.
pub(crate) fn bits(content: &[u8]) -> Vec<u8> {
    nest(BIT_STRING, &[&[0], content])
}

/// `NULL`.
pub(crate) fn null() -> Vec<u8> {
    vec![NULL, 0]
}

/// `Time` as certificates have it: `UTCTime` up to 2049, then `GeneralizedTime`.
pub(crate) fn time(at: Timestamp) -> Vec<u8> {
    let whole = Timestamp::from_micros(at.seconds().saturating_mul(1_000_000)).to_string();
    let digits: String = whole
        .chars()
        .filter(char::is_ascii_digit)
        .take(14)
        .collect();
    let year = digits.get(..4).unwrap_or_default();
    if ("1950".."2050").contains(&year) {
        let short = digits.get(2..).unwrap_or_default();
        tlv(UTC_TIME, format!("{short}Z").as_bytes())
    } else {
        tlv(GENERALIZED_TIME, format!("{digits}Z").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_identifiers_and_times_have_their_der_form() {
        assert_eq!(tlv(SEQUENCE, &[0; 3]), [0x30, 3, 0, 0, 0]);
        assert_eq!(tlv(4, &[7; 200])[..3], [4, 0x81, 200]);
        assert_eq!(tlv(4, &[7; 300])[..4], [4, 0x82, 1, 44]);
        assert_eq!(
            oid(&[1, 2, 840, 113_549]),
            [6, 6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]
        );
        assert_eq!(uint(&[0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(uint(&[]), [2, 1, 0]);
        let at = |text| time(Timestamp::parse(text).unwrap());
        assert_eq!(at("2026-11-22T09:00:00Z")[2..], *b"261122090000Z");
        assert_eq!(at("2050-01-01T00:00:00.5Z")[2..], *b"20500101000000Z");
    }
}
