//! A file made by hand, and what it withstands.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use kernel::id::{FacilityId, PersonId};

use super::{check::*, *};
use crate::{merkle, seal::Leaf};

const NODE: NodeId = NodeId::from_bytes([9; 16]);

fn header() -> Header {
    Header {
        node: NODE,
        number: 2,
        made_at: Timestamp::from_micros(9_000),
        before: Timestamp::from_micros(500),
        previous: [7; 32],
    }
}

fn subjects() -> [(Subject, Place); 2] {
    let earlier = Place {
        seq: 4,
        hash: [4; 32],
    };
    [
        (Subject::Person(PersonId::from_bytes([1; 16])), earlier),
        (
            Subject::Facility(FacilityId::from_bytes([2; 16])),
            Place::NONE,
        ),
    ]
}

fn signed(number: i64, leaves: Vec<Leaf>, map_root: Option<Hash>) -> Seal {
    let key = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).expect("a seed");
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf.hash).collect();
    let mut seal = Seal {
        node: NODE,
        number,
        at: Timestamp::from_micros(600),
        root: merkle::root(&hashes),
        leaves,
        previous: GENESIS,
        map_root,
        public_key: key.public_key().as_ref().to_vec(),
        signature: Vec::new(),
    };
    seal.signature = key.sign(&seal.signed_text()).as_ref().to_vec();
    seal
}

/// Two subjects with three records each; the first two of each in seal 5, the third in 6.
fn file() -> (Vec<u8>, Hash) {
    let mut writer = Writer::begin(Vec::new(), &header()).expect("a head");
    let mut leaves: BTreeMap<i64, Vec<Leaf>> = BTreeMap::new();
    for (subject, base) in subjects() {
        writer.subject(subject, &base).expect("a subject");
        let mut before = base;
        for step in 1..=3 {
            let seq = base.seq + step;
            let at = Timestamp::from_micros(100 * step);
            let body = vec![1, 2, 3];
            let hash = audit::record_hash(subject, seq, at, &before.hash, &body);
            before = Place { seq, hash };
            let seal = if step < 3 { 5 } else { 6 };
            let sealed = leaves.entry(seal).or_default();
            sealed.push(Leaf { subject, seq, hash });
            let leaf = sealed.len() - 1;
            let old = Old {
                seq,
                at,
                body,
                hash,
                seal,
                leaf,
            };
            writer.record(&old).expect("a record");
        }
    }
    assert_eq!(writer.seals_due(), [5, 6]);
    for number in writer.seals_due() {
        let map_root = (number == 6).then_some([8; 32]);
        let leaves = leaves.remove(&number).expect("leaves");
        writer
            .seal(&signed(number, leaves, map_root))
            .expect("a seal");
    }
    writer.end().expect("an end")
}

fn changed(from: &str, to: &str) -> Result<Contents, Fault> {
    let text = String::from_utf8(file().0).expect("text");
    let new = text.replacen(from, to, 1);
    assert_ne!(new, text, "{from} is not in the file");
    check(new.as_bytes())
}

fn line_of(outcome: Result<Contents, Fault>) -> (u64, &'static str) {
    match outcome {
        Err(Fault::Line { line, what }) => (line, what.en),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_says_what_it_holds_and_its_hash_is_that_of_its_bytes() {
    let (bytes, hash) = file();
    let contents = check(&bytes[..]).expect("sound");
    assert_eq!(contents.header, header());
    assert_eq!(contents.records, 6);
    assert_eq!(contents.sha256, hash);
    assert_eq!(hash, audit::sha256(&[&bytes]));
    for (subject, base) in subjects() {
        let span = &contents.spans[&subject];
        assert_eq!(span.base, base);
        assert_eq!(span.last().seq, base.seq + 3);
    }
}

#[test]
fn a_change_is_named_by_its_line() {
    // Line 1 is the head, 2 a subject, 3 to 5 its records, 6 to 9 the other, 10 and 11 seals.
    let cases = [
        (
            r#""form":"tasuki-archive-v1""#,
            r#""form":"x""#,
            1,
            NOT_AN_ARCHIVE,
        ),
        (r#""kind":1"#, r#""kind":9"#, 2, MALFORMED),
        (r#""base_seq":4"#, r#""base_seq":3"#, 3, GAP),
        (r#""base_seq":0"#, r#""base_seq":1"#, 7, GAP),
        (r#""base_hash":"0404"#, r#""base_hash":"0504"#, 3, CHANGED),
        (r#""seq":6"#, r#""seq":7"#, 4, GAP),
        (r#""body":"010203""#, r#""body":"010204""#, 3, CHANGED),
        (r#""at":100"#, r#""at":101"#, 3, CHANGED),
        (r#""at":300"#, r#""at":500"#, 5, TOO_YOUNG),
        (r#""before":500"#, r#""before":300"#, 5, TOO_YOUNG),
        (r#""leaf":1"#, r#""leaf":2"#, 10, NOT_SEALED),
        (r#""seal":6"#, r#""seal":7"#, 12, NOT_SEALED),
        (r#""number":5"#, r#""number":4"#, 10, BAD_SEAL),
        (r#""at":600"#, r#""at":601"#, 10, BAD_SEAL),
        (r#""map_root":"08"#, r#""map_root":"09"#, 11, BAD_SEAL),
        (r#""map_root":null"#, r#""map_root":"00""#, 10, MALFORMED),
        (r#""records":6"#, r#""records":5"#, 12, WRONG_COUNT),
    ];
    for (from, to, line, what) in cases {
        assert_eq!(line_of(changed(from, to)), (line, what.en), "{from}");
    }
}

#[test]
fn a_line_taken_out_or_put_twice_is_found() {
    let (bytes, _) = file();
    let text = String::from_utf8(bytes).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    for index in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(index);
        let without = without.join("\n") + "\n";
        assert!(
            check(without.as_bytes()).is_err(),
            "line {} taken out",
            index + 1
        );
        let mut twice = lines.clone();
        twice.insert(index, lines[index]);
        let twice = twice.join("\n") + "\n";
        assert!(check(twice.as_bytes()).is_err(), "line {} twice", index + 1);
    }
}

#[test]
fn a_file_that_is_cut_off_is_told_from_one_that_is_none() {
    let (bytes, _) = file();
    for end in [bytes.len() - 1, bytes.len() - 40, bytes.len() / 2] {
        assert_eq!(line_of(check(&bytes[..end])).1, CUT_OFF.en);
    }
    assert_eq!(line_of(check(&b"{}\n"[..])).1, NOT_AN_ARCHIVE.en);
    assert_eq!(line_of(check(&b""[..])).1, NOT_AN_ARCHIVE.en);
    // After the end there is nothing.
    let more = [&bytes[..], b"\n"].concat();
    assert_eq!(line_of(check(&more[..])).1, MALFORMED.en);
}

#[test]
fn a_long_span_is_cut_into_steps_that_end_with_its_last_record() {
    let base = Place {
        seq: 4,
        hash: [4; 32],
    };
    for (count, ends) in [
        (0, vec![]),
        (1, vec![5]),
        (500, vec![504]),
        (501, vec![504, 505]),
        (1_200, vec![504, 1_004, 1_204]),
    ] {
        let mut span = Span {
            base,
            steps: Vec::new(),
        };
        for seq in 5..5_i64 + count {
            let hash = audit::sha256(&[&seq.to_be_bytes()]);
            span.push(Place { seq, hash });
        }
        let found: Vec<i64> = span.steps.iter().map(|place| place.seq).collect();
        assert_eq!(found, ends);
        assert_eq!(span.last().seq, 4 + count);
    }
}
