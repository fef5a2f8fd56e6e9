//! The laws: what is written reads back the same; what reads at all re-writes the same.

use proptest::prelude::*;

use super::sample::{Sample, Source};
use crate::{
    CharacterCode, Message,
    charset::{SUBSTITUTE, is_allowed},
    message::{
        BulkAnswer, BulkFetch, BulkReceipt, BulkRequest, RangeRequest, SingleRequest,
        SingleResponse,
    },
};

fn comes_back<M: Message + Sample + PartialEq + std::fmt::Debug>(seed: u64) {
    for code in [CharacterCode::Utf8, CharacterCode::ShiftJis] {
        let message = M::sample(&mut Source::new(seed, code));
        let written = message.write(code);
        assert_eq!(written.substitutes, []);
        let read = M::read(&written.bytes).unwrap_or_else(|found| panic!("{found:?}"));
        assert!(read.message == message, "{seed}");
        assert_eq!(read.code, code);
        assert_eq!(read.message.write(code), written);
    }
}

/// A written file with a few bytes changed, moved, or put in from what attackers put in.
pub fn mutated<M: Message + Sample>(seed: u64) -> Vec<u8> {
    const PIECES: [&[u8]; 16] = [
        b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
        b"&a;",
        b"&#0;",
        b"&#xD;",
        b"&amp;",
        b"<![CDATA[x]]>",
        b"<!-- -->",
        b"<?x y?>",
        b"<Name>",
        b"</Name>",
        b"<Birthdate>20010101</Birthdate>",
        b"\x00",
        b"\xff",
        b"\x81",
        b"]]>",
        b" xmlns=\"x\"",
    ];
    let code = [CharacterCode::Utf8, CharacterCode::ShiftJis][usize::from(seed % 2 == 1)];
    let mut source = Source::new(seed, code);
    let mut bytes = M::sample(&mut source).write(code).bytes;
    for _ in 0..=source.below(2) {
        let at = source.below(bytes.len());
        let other = source.below(bytes.len());
        match source.below(7) {
            0 => bytes[at] = bytes[other],
            1 => bytes[at] ^= 1 << source.below(8),
            2 => {
                bytes.remove(at);
            }
            3 => bytes.swap(at, other),
            // A digit for a digit: the only damage that often goes unseen.
            4 => {
                let digit = bytes.iter().skip(at).position(u8::is_ascii_digit);
                if let Some(found) = digit {
                    bytes[at + found] = b'0' + u8::try_from(source.below(10)).unwrap();
                }
            }
            5 => {
                let end = (at + source.below(60)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(other..other, piece);
            }
            _ => {
                let piece = PIECES[source.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

/// Whether it was read.
fn is_fixed<M: Message + PartialEq>(bytes: &[u8]) -> bool {
    match M::read(bytes) {
        Err(found) => {
            assert!(!found.is_empty() && found.len() <= crate::fault::FAULTS_MAX + 1);
            assert!(
                found
                    .iter()
                    .all(|f| !f.remedy_ja.is_empty() && f.path.starts_with('/'))
            );
            false
        }
        Ok(read) => {
            let written = read.message.write(read.code);
            assert_eq!(written.substitutes, []);
            let again = M::read(&written.bytes).unwrap_or_else(|found| panic!("{found:?}"));
            assert!(again.message == read.message);
            assert_eq!(again.substitutes, read.substitutes);
            true
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_message_reads_back_as_it_was_written(seed in any::<u64>()) {
        comes_back::<SingleRequest>(seed);
        comes_back::<SingleResponse>(seed);
        comes_back::<BulkRequest>(seed);
        comes_back::<BulkReceipt>(seed);
        comes_back::<BulkFetch>(seed);
        comes_back::<BulkAnswer>(seed);
        comes_back::<RangeRequest>(seed);
    }

    #[test]
    fn a_damaged_file_is_refused_or_says_the_same_when_written_anew(seed in any::<u64>()) {
        is_fixed::<SingleRequest>(&mutated::<SingleRequest>(seed));
        is_fixed::<SingleResponse>(&mutated::<SingleResponse>(seed));
        is_fixed::<BulkRequest>(&mutated::<BulkRequest>(seed));
        is_fixed::<BulkAnswer>(&mutated::<BulkAnswer>(seed));
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        is_fixed::<SingleRequest>(&bytes);
        let mut file = b"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><XmlMsg>".to_vec();
        file.extend(&bytes);
        is_fixed::<SingleRequest>(&file);
    }

    #[test]
    fn every_character_is_carried_or_its_loss_is_told(c in any::<char>()) {
        for code in [CharacterCode::Utf8, CharacterCode::ShiftJis] {
            let written = code.written(c);
            prop_assert!(code.carries(written));
            prop_assert_eq!(written == c, code.carries(c));
            prop_assert!(is_allowed(written));
            if !is_allowed(c) {
                prop_assert_eq!(written, SUBSTITUTE);
            }
        }
    }
}

#[test]
fn some_damaged_files_still_read() {
    let read =
        (0..1_000).filter(|seed| is_fixed::<SingleResponse>(&mutated::<SingleResponse>(*seed)));
    let count = read.count();
    assert!((40..450).contains(&count), "{count}");
}
