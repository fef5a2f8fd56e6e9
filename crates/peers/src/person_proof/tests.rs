//! A history made by hand: five records, four of them under two seals, and a map of three.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use kernel::hex::encode;
use serde_json::{Value, json};

use super::*;

const NODE: [u8; 16] = [1; 16];
const ME: [u8; 16] = [2; 16];

fn signer() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[9; 32]).expect("a seed")
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256([&[1], left, right])
}

fn seal(number: u64, count: u64, root: &Hash, map_root: Option<&Hash>) -> Value {
    let form = if map_root.is_some() {
        "tasuki-seal-v2"
    } else {
        "tasuki-seal-v1"
    };
    let map_root = map_root.map_or(&[][..], |hash| &hash[..]);
    let text = [
        form.as_bytes(),
        &NODE,
        &number.to_be_bytes(),
        &(number * 100).to_be_bytes(),
        &count.to_be_bytes(),
        root,
        &[0; 32],
        map_root,
    ]
    .concat();
    json!({
        "number": number,
        "signed_text": encode(&text),
        "signature": encode(signer().sign(&text).as_ref()),
    })
}

fn key_of(subject: &[u8; 16]) -> Hash {
    sha256([&[1], subject, &[]])
}

fn map_leaf(key: &Hash, seq: u64, hash: &Hash) -> Hash {
    sha256([&[&[2][..], key].concat(), &seq.to_be_bytes(), hash])
}

/// Two other subjects whose keys begin otherwise than mine in the first and second bit.
fn others() -> [[u8; 16]; 2] {
    let mine = key_of(&ME);
    let find = |differs_at: usize| {
        (3..=255_u8)
            .map(|n| [n; 16])
            .find(|id| {
                let key = key_of(id);
                (0..differs_at).all(|l| goes_right(&key, l) == goes_right(&mine, l))
                    && goes_right(&key, differs_at) != goes_right(&mine, differs_at)
            })
            .expect("one of many")
    };
    [find(0), find(1)]
}

/// Records 1 and 2 lie under seal 1, 3 and 4 under seal 2, 5 is unsealed.
fn made() -> Value {
    let mut hashes: Vec<Hash> = Vec::new();
    let mut records = Vec::new();
    for seq in 1..=5_u64 {
        let before = hashes.last().copied().unwrap_or([0; 32]);
        let body = vec![u8::try_from(seq).expect("small"); 3];
        let at = i64::try_from(seq * 10).expect("small");
        let place = [&[0, 1][..], &ME, &seq.to_be_bytes(), &at.to_be_bytes()].concat();
        let hash = sha256([&place, &before, &body]);
        hashes.push(hash);
        records.push(
            json!({ "seq": seq, "at_micros": at, "record": encode(&body), "hash": encode(&hash) }),
        );
    }
    let l: Vec<Hash> = hashes.iter().map(leaf).collect();
    // Seal 1 holds a stranger's record and my first two, seal 2 my next two.
    let stranger = leaf(&[0xee; 32]);
    let first = node(&node(&stranger, &l[0]), &l[1]);
    let second = node(&l[2], &l[3]);
    records[0]["seal"] =
        json!({ "number": 1, "leaf_index": 1, "path": [encode(&stranger), encode(&l[1])] });
    records[1]["seal"] =
        json!({ "number": 1, "leaf_index": 2, "path": [encode(&node(&stranger, &l[0]))] });
    records[2]["seal"] = json!({ "number": 2, "leaf_index": 0, "path": [encode(&l[3])] });
    records[3]["seal"] = json!({ "number": 2, "leaf_index": 1, "path": [encode(&l[2])] });
    let mine = key_of(&ME);
    let [far, near] = others().map(|id| map_leaf(&key_of(&id), 3, &[0xcc; 32]));
    let join = |level, at: &Hash, beside: &Hash| {
        if goes_right(&mine, level) {
            sha256([&[3], beside, at])
        } else {
            sha256([&[3], at, beside])
        }
    };
    let map_root = join(0, &join(1, &map_leaf(&mine, 4, &hashes[3]), &near), &far);
    json!({
        "format": FORM,
        "node": encode(&NODE),
        "subject_kind": 1,
        "subject": encode(&ME),
        "base": { "seq": 0, "hash": encode(&[0; 32]) },
        "archive": null,
        "records": records,
        "seals": [seal(1, 3, &first, None), seal(2, 2, &second, Some(&map_root))],
        "public_key": encode(signer().public_key().as_ref()),
        "map": {
            "seal": 2,
            "siblings": [encode(&far), encode(&near)],
            "leaf": { "key": encode(&mine), "seq": 4, "hash": encode(&hashes[3]) },
        },
        "unsealed": 1,
    })
}

fn examined(file: &Value) -> Result<Shown, Doubt> {
    examine(file.to_string().as_bytes(), None)
}

#[test]
fn a_whole_history_is_shown_with_what_is_unsealed() {
    let file = made();
    let shown = examined(&file).expect("whole");
    assert_eq!((shown.records, shown.unsealed, shown.base), (5, 1, 0));
    assert_eq!((shown.seal, shown.sealed_at_micros), (2, 200));
    assert_eq!(shown.subject, (1, ME));
    let text = file.to_string();
    let key = signer();
    assert!(examine(text.as_bytes(), Some(key.public_key().as_ref())).is_ok());
    assert_eq!(
        examine(text.as_bytes(), Some(&[0; 32])),
        Err(Doubt::OtherKey)
    );
}

#[test]
fn a_record_left_out_is_named_at_either_end_and_in_the_middle() {
    let without = |index: usize| {
        let mut file = made();
        file["records"]
            .as_array_mut()
            .expect("a list")
            .remove(index);
        examined(&file)
    };
    assert_eq!(without(0), Err(Doubt::Gap(1)));
    assert_eq!(without(2), Err(Doubt::Gap(3)));
    // The last one is unsealed: only the file's own count speaks of it.
    assert_eq!(without(4), Err(Doubt::OtherCount { said: 1, found: 0 }));
    // The last sealed one and what follows: the map knows better.
    let mut file = made();
    file["records"].as_array_mut().expect("a list").truncate(3);
    file["unsealed"] = json!(0);
    assert_eq!(
        examined(&file),
        Err(Doubt::NotComplete { seal: 2, last: 4 })
    );
}

#[test]
fn a_change_anywhere_is_found_and_named() {
    let hash = json!(encode(&[0xaa; 32]));
    let changes: [(&str, Value, Doubt); 17] = [
        ("/records/1/record", json!("00"), Doubt::Changed(2)),
        ("/records/1/record", json!("zz"), Doubt::Changed(2)),
        ("/records/1/at_micros", json!(21), Doubt::Changed(2)),
        ("/records/1/hash", hash.clone(), Doubt::Changed(2)),
        ("/records/1/seq", json!(3), Doubt::Gap(2)),
        ("/subject", json!(encode(&[3; 16])), Doubt::Changed(1)),
        (
            "/records/2/seal/path/0",
            hash.clone(),
            Doubt::NotInSeal { record: 3, seal: 2 },
        ),
        (
            "/records/2/seal/leaf_index",
            json!(1),
            Doubt::NotInSeal { record: 3, seal: 2 },
        ),
        (
            "/records/2/seal/number",
            json!(1),
            Doubt::NotInSeal { record: 3, seal: 1 },
        ),
        ("/records/2/seal/number", json!(7), Doubt::Seal(7)),
        ("/records/0/seal", json!(null), Doubt::SealLost(1)),
        (
            "/seals/1/signature",
            json!(encode(&[0; 64])),
            Doubt::Seal(2),
        ),
        ("/seals/0/number", json!(2), Doubt::Seal(2)),
        ("/node", json!(encode(&[7; 16])), Doubt::Seal(1)),
        ("/map/siblings/1", hash.clone(), Doubt::OtherMap(2)),
        ("/map/leaf/seq", json!(3), Doubt::OtherMap(2)),
        (
            "/unsealed",
            json!(0),
            Doubt::OtherCount { said: 0, found: 1 },
        ),
    ];
    for (place, value, doubt) in changes {
        let mut file = made();
        *file.pointer_mut(place).expect("a member") = value;
        assert_eq!(examined(&file), Err(doubt), "{place}");
    }
}

#[test]
fn a_sealed_record_passed_off_as_unsealed_is_found() {
    let mut file = made();
    // Without its seal, record 4 would look like the newest; the map knows it.
    file["records"][3]["seal"] = json!(null);
    file["unsealed"] = json!(2);
    assert_eq!(
        examined(&file),
        Err(Doubt::OtherCount { said: 2, found: 1 })
    );
}

#[test]
fn another_persons_leaf_does_not_hide_a_history() {
    let mut file = made();
    let other = key_of(&others()[1]);
    file["map"]["leaf"] = json!({ "key": encode(&other), "seq": 3, "hash": encode(&[0xcc; 32]) });
    assert_eq!(examined(&file), Err(Doubt::OtherMap(2)));
    file["map"]["leaf"] = json!(null);
    assert_eq!(examined(&file), Err(Doubt::OtherMap(2)));
}

#[test]
fn a_file_without_a_map_shows_no_completeness() {
    let mut file = made();
    file["map"] = json!(null);
    assert_eq!(examined(&file), Err(Doubt::NoMap));
    let mut file = made();
    file["map"]["seal"] = json!(1);
    assert_eq!(examined(&file), Err(Doubt::NoMap));
    let mut file = made();
    file["public_key"] = json!(null);
    assert_eq!(examined(&file), Err(Doubt::NoMap));
}

#[test]
fn what_was_archived_must_be_named_and_fit_the_chain() {
    let mut file = made();
    let hash = file["records"][1]["hash"].clone();
    file["base"] = json!({ "seq": 2, "hash": hash });
    file["records"].as_array_mut().expect("a list").drain(..2);
    assert_eq!(examined(&file), Err(Doubt::Gap(1)));
    file["archive"] = json!({ "number": 1, "sha256": encode(&[5; 32]) });
    let shown = examined(&file).expect("whole from the base on");
    assert_eq!(
        (shown.base, shown.records, shown.archive),
        (2, 3, Some((1, [5; 32])))
    );
    file["base"]["hash"] = json!(encode(&[0xaa; 32]));
    assert_eq!(examined(&file), Err(Doubt::Changed(3)));
}

#[test]
fn what_is_not_of_the_form_is_refused_with_its_place() {
    assert!(matches!(examine(b"", None), Err(Doubt::Malformed(_))));
    let mut file = made();
    file["public_key"] = json!("00");
    let Err(Doubt::Malformed(why)) = examined(&file) else {
        panic!("accepted");
    };
    assert!(why.contains("32 octets"), "{why}");
    let mut file = made();
    file["format"] = json!("tasuki-history-v9");
    assert!(matches!(examined(&file), Err(Doubt::Malformed(_))));
}
