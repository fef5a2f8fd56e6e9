//! Command APDUs and status words.
//!
//! Source: ISO/IEC 7816-4, section 5.1 (short and extended lengths).

pub(super) const OK: u16 = 0x9000;
pub(super) const WRONG_LENGTH: u16 = 0x6700;
pub(super) const NOT_ALLOWED_BY_FILE: u16 = 0x6981;
pub(super) const SECURITY_STATUS: u16 = 0x6982;
pub(super) const BLOCKED: u16 = 0x6984;
pub(super) const CONDITIONS: u16 = 0x6985;
pub(super) const NO_CURRENT_FILE: u16 = 0x6986;
pub(super) const WRONG_DATA: u16 = 0x6a80;
pub(super) const NOT_FOUND: u16 = 0x6a82;
pub(super) const RECORD_NOT_FOUND: u16 = 0x6a83;
pub(super) const WRONG_P1_P2: u16 = 0x6a86;
pub(super) const KEY_NOT_FOUND: u16 = 0x6a88;
pub(super) const WRONG_OFFSET: u16 = 0x6b00;
pub(super) const UNKNOWN_INS: u16 = 0x6d00;
pub(super) const UNKNOWN_CLA: u16 = 0x6e00;
/// `63Cx`: x tries are left.
pub(super) const TRIES: u16 = 0x63c0;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Apdu<'a> {
    pub cla: u8,
    pub ins: u8,
    pub p1: u8,
    pub p2: u8,
    pub data: &'a [u8],
    /// Octets asked for, 1 to 65,536; `None` when none are.
    pub le: Option<usize>,
}

impl<'a> Apdu<'a> {
    /// `None` when the lengths do not add up.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[cla, ins, p1, p2], rest) = bytes.split_first_chunk::<4>()?;
        let (data, le): (&[u8], _) = match rest {
            [] => (&[], None),
            [le] => (&[], Some(short(*le))),
            [0, a, b] => (&[], Some(long(*a, *b))),
            [0, a, b, body @ ..] => {
                let (data, tail) =
                    body.split_at_checked(usize::from(u16::from_be_bytes([*a, *b])))?;
                match tail {
                    [] => (data, None),
                    [a, b] => (data, Some(long(*a, *b))),
                    _ => return None,
                }
            }
            [0, ..] => return None,
            [lc, body @ ..] => {
                let (data, tail) = body.split_at_checked(usize::from(*lc))?;
                match tail {
                    [] => (data, None),
                    [le] => (data, Some(short(*le))),
                    _ => return None,
                }
            }
        };
        Some(Self {
            cla,
            ins,
            p1,
            p2,
            data,
            le,
        })
    }
}

fn short(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

fn long(a: u8, b: u8) -> usize {
    match u16::from_be_bytes([a, b]) {
        0 => 65_536,
        le => usize::from(le),
    }
}

/// What a command is answered with: data and a status word, or only that.
pub(super) type Answer = Result<Vec<u8>, u16>;

/// The response APDU.
pub(super) fn respond(answer: Answer) -> Vec<u8> {
    match answer {
        Ok(mut data) => {
            data.extend(OK.to_be_bytes());
            data
        }
        Err(status) => status.to_be_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_all_seven_forms() {
        let parts = |bytes: &[u8]| Apdu::parse(bytes).map(|a| (a.data.to_vec(), a.le));
        let head = [0, 0xa4, 4, 0x0c];
        let with = |rest: &[u8]| parts(&[&head, rest].concat());
        assert_eq!(with(&[]), Some((vec![], None)));
        assert_eq!(with(&[0]), Some((vec![], Some(256))));
        assert_eq!(with(&[2, 8, 9]), Some((vec![8, 9], None)));
        assert_eq!(with(&[2, 8, 9, 16]), Some((vec![8, 9], Some(16))));
        assert_eq!(with(&[0, 1, 0]), Some((vec![], Some(256))));
        assert_eq!(with(&[0, 0, 1, 7]), Some((vec![7], None)));
        assert_eq!(with(&[0, 0, 1, 7, 0, 0]), Some((vec![7], Some(65_536))));
        for bad in [&[3, 1][..], &[1, 1, 1, 1], &[0, 0, 9, 1], &[0, 1]] {
            assert_eq!(with(bad), None, "{bad:?}");
        }
        assert_eq!(parts(&[0, 0xa4, 4]), None);
    }
}
