//! The desk's pure parts, and one walk through it as a person with a card.

mod documents;
mod door;
mod family;
mod hiding;
mod insurance;
mod visit;
mod walk;

use std::{fs, path::Path};

use access::{
    consent::{self, Act, By, Category, Source},
    history::Look,
};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use kernel::{
    Refusal, hex,
    id::{ConsentId, FacilityId, NodeId, PersonId},
    time::Timestamp,
};
use registry::model::CopayRate;
use serde_json::Value;
use store::{
    archive::Place,
    archiving::Archived,
    audit::{Entry, Hash, Record, Subject, sha256},
    merkle,
    seal::{Leaf, Proof, Seal},
};
use web::ui::Lang;

use crate::{consents, frame, history, home, line, login, proof, record, words};

fn look(change: impl FnOnce(&mut Record)) -> Look {
    let mut record = Record {
        event: "records.view".to_owned(),
        refused: None,
        role: "doctor".to_owned(),
        name: "佐藤 健一".to_owned(),
        account: String::new(),
        facility_code: "1310000001".to_owned(),
        facility_name: "みなと病院".to_owned(),
        purpose: "treatment".to_owned(),
        session: String::new(),
        terminal: String::new(),
        request: String::new(),
        details: vec![
            ("categories".to_owned(), "allergies laboratory".to_owned()),
            ("items".to_owned(), "12".to_owned()),
        ],
    };
    change(&mut record);
    Look {
        entry: Entry {
            seq: 7,
            at: Timestamp::from_micros(1_795_309_200_000_000),
            record,
            hash: [0xab; 32],
            body: b"ciphertext".to_vec(),
        },
        seal: Some(3),
    }
}

fn ja(look: &Look) -> line::Line {
    line::line(Lang::Ja, look, &web::app::catalogue())
}

#[test]
fn a_look_is_told_with_facility_person_purpose_and_kinds_of_information() {
    let line = ja(&look(|_| {}));
    assert_eq!(line.words, "共有された診療情報の閲覧");
    assert_eq!(line.who, "佐藤 健一(医師)");
    assert_eq!(line.purpose, "診療");
    assert_eq!(line.viewed, ["アレルギー", "検査結果"]);
    assert!(!line.own && line.is_look_by_facility());
    let html = history::list(Lang::Ja, &[line]).into_string();
    for words in [
        "みなと病院",
        "閲覧しました",
        "2026年11月22日",
        "アレルギー、検査結果",
        "封印 第3号",
        "/portal/history/7/proof",
        &"ab".repeat(32),
    ] {
        assert!(html.contains(words), "{words} is missing in {html}");
    }
}

#[test]
fn a_refused_look_says_that_nothing_was_seen_and_why() {
    let mut refused = look(|record| {
        record.refused = Some("TSK-CNS-003".to_owned());
        record.details.clear();
    });
    refused.seal = None;
    let line = ja(&refused);
    let html = history::list(Lang::Ja, std::slice::from_ref(&line)).into_string();
    for words in [
        "閲覧できませんでした",
        "あなたが同意を取り消していたためです。",
        "まもなく封印されます(未封印)",
    ] {
        assert!(html.contains(words), "{words} is missing");
    }
    assert!(!html.contains("閲覧しました"));
}

#[test]
fn a_reason_without_words_of_ours_is_the_catalogues_and_an_unknown_one_its_code() {
    let with = |code: &str| {
        let look = look(|record| record.refused = Some(code.to_owned()));
        ja(&look).refused.expect("it was refused")
    };
    assert_eq!(with("TSK-ACC-021"), access::errors::CHALLENGE_USED.cause.ja);
    assert_eq!(with("TSK-ZZZ-999"), "理由の番号: TSK-ZZZ-999");
}

#[test]
fn counts_and_kinds_of_registered_entries_never_reach_the_person() {
    let registered = look(|record| {
        record.event = "records.register".to_owned();
        record.details = [
            ("kind", "Condition"),
            ("entries", "2"),
            ("on", "2026-11-22"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .to_vec();
    });
    let shown: Vec<_> = line::details(&registered.entry.record).collect();
    assert_eq!(shown, [("on", "2026-11-22")]);
    let html = history::list(Lang::Ja, &[ja(&registered)]).into_string();
    assert!(html.contains("診療情報の登録"));
    assert!(!html.contains("Condition") && !html.contains("傷病名"));
}

#[test]
fn what_the_person_did_is_their_own_the_log_in_included() {
    let own = |event: &str, role: &str, refused: Option<&str>| {
        let look = look(|record| {
            record.event = event.to_owned();
            record.role = role.to_owned();
            record.refused = refused.map(str::to_owned);
            record.facility_name.clear();
            record.name.clear();
        });
        ja(&look)
    };
    let seen = own("portal.record", "patient", None);
    assert!(seen.own && seen.who == "ご本人" && !seen.is_look_by_facility());
    assert!(own("portal.login", "anonymous", None).own);
    assert!(!own("portal.login", "anonymous", Some("TSK-ACC-021")).own);
    assert!(!own("records.view", "anonymous", None).own);
    assert_eq!(history::place(Lang::Ja, &seen), "ご本人");
    let job = own("registry.enroll", "job", None);
    assert_eq!(history::place(Lang::Ja, &job), "このサービス");
    assert_eq!(job.who, "自動処理");
}

#[test]
fn an_unknown_event_is_shown_by_its_code() {
    let line = ja(&look(|record| record.event = "future.event".to_owned()));
    assert_eq!(line.words, "future.event");
}

#[test]
fn the_history_is_told_in_english_too() {
    let line = line::line(Lang::En, &look(|_| {}), &[]);
    assert_eq!(line.who, "佐藤 健一 (doctor)");
    assert_eq!(line.viewed, ["allergies", "laboratory results"]);
    let html = history::list(Lang::En, &[line]).into_string();
    assert!(html.contains("2026-11-22 10:00 JST") && html.contains("Viewed"));
}

/// Codes in the `Event` literals of a source file, those of its tests left out.
fn event_codes(source: &str) -> Vec<String> {
    let live = source.split("mod tests {").next().unwrap_or_default();
    let mut codes = Vec::new();
    for literal in live.split("Event {").skip(1) {
        let body = literal.split('}').next().unwrap_or_default();
        let code = body.split_once("code:").and_then(|(_, rest)| {
            let (_, rest) = rest.split_once('"')?;
            Some(rest.split_once('"')?.0.to_owned())
        });
        codes.extend(code);
    }
    codes
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_event_in_the_sources_has_words() {
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut files = Vec::new();
    for room in fs::read_dir(crates).into_iter().flatten().flatten() {
        sources(&room.path().join("src"), &mut files);
    }
    if files.is_empty() {
        eprintln!("SKIPPED: words of events ({crates} is absent)");
        return;
    }
    let mut missing = Vec::new();
    let mut count = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        for code in event_codes(&text) {
            count += 1;
            if words::event(&code).is_none() && !code.starts_with("test.") {
                missing.push(format!("{code} in {}", file.display()));
            }
        }
    }
    assert!(count >= 20, "only {count} events found");
    assert!(missing.is_empty(), "without words: {missing:?}");
}

#[test]
fn every_event_has_one_line_of_words_in_both_languages() {
    let mut codes: Vec<&str> = words::events().map(|w| w.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), words::events().count());
    assert!(words::events().all(|w| !w.text.ja.is_empty() && !w.text.en.is_empty()));
}

#[test]
fn a_masked_number_shows_at_most_three_characters_and_never_more_than_half() {
    for (plain, masked) in [
        ("", ""),
        ("1", "*"),
        ("12", "*2"),
        ("123", "**3"),
        ("12345", "***45"),
        ("1234567", "****567"),
        ("12345678901", "********901"),
        ("あいう・え", "***・え"),
    ] {
        assert_eq!(home::masked(plain), masked);
    }
}

#[test]
fn the_share_is_told_in_tenths_and_percent() {
    let rate = |tenths| CopayRate::tenths(tenths).expect("a rate");
    assert_eq!(home::copay(Lang::Ja, rate(3)), "3割(医療費の30%)");
    assert_eq!(
        home::copay(Lang::Ja, rate(0)),
        "0割(窓口での支払いはありません)"
    );
    assert_eq!(home::copay(Lang::En, rate(1)), "10% of the cost");
}

#[test]
fn only_what_is_open_now_is_listed_with_its_withdraw_button() {
    let facility = FacilityId::from_bytes([1; 16]);
    let given = Timestamp::from_micros(0);
    let row = |number, facility, category, act| consent::Entry {
        number,
        facility,
        category,
        purpose: store::caller::Purpose::Treatment,
        act,
        source: Source::Visit,
        method: "pin".to_owned(),
        by: By::Patient,
        at: given,
        expires_at: (act == Act::Given).then(|| given.plus_hours(24)),
        id: ConsentId::from_bytes([9; 16]),
    };
    let other = FacilityId::from_bytes([2; 16]);
    let ledger = [
        row(1, facility, Category::Allergies, Act::Given),
        row(2, facility, Category::Laboratory, Act::Given),
        row(3, other, Category::Conditions, Act::Given),
        row(4, other, Category::Conditions, Act::Withdrawn),
    ];
    let open = consents::open(&ledger, given.plus_hours(2));
    assert_eq!(open.len(), 1);
    let named: Vec<Category> = open[0].categories.iter().map(|(c, _, _)| *c).collect();
    assert_eq!(named, [Category::Allergies, Category::Laboratory]);
    assert!(consents::open(&ledger, given.plus_hours(24)).is_empty());
    let named = [("みなと病院".to_owned(), open[0].clone())];
    let html = consents::list(Lang::Ja, "token", &named).into_string();
    assert!(html.contains("アレルギー、検査結果") && html.contains(&facility.to_hex()));
    assert!(html.contains("「みなと病院」への同意を取り消す"));
}

#[test]
fn only_pin_and_phone_open_the_portal() {
    assert!(login::method("pin").is_ok() && login::method("phone_biometric").is_ok());
    for word in ["face", "staff_visual", "number", ""] {
        let why = login::method(word).expect_err("not from home");
        assert_eq!(why.entry.code, "TSK-ACC-026");
    }
}

#[test]
fn addresses_keep_the_language() {
    assert_eq!(frame::link(Lang::Ja, "/portal"), "/portal");
    assert_eq!(frame::link(Lang::En, "/portal"), "/portal?lang=en");
    assert_eq!(
        frame::link(Lang::En, "/portal/consents?done=1"),
        "/portal/consents?done=1&lang=en"
    );
}

#[test]
fn an_empty_record_is_not_shown_as_good_health_and_sends_to_the_doctor() {
    let nothing = records::model::OwnView {
        items: Vec::new(),
        categories: Category::ALL.to_vec(),
    };
    let html = record::content(Lang::Ja, &nothing, None).into_string();
    assert!(html.contains("「アレルギーがない」という意味ではありません"));
    assert!(html.contains("主治医にご相談ください"));
}

fn sealed(count: usize, index: usize) -> (PersonId, Entry, Proof) {
    let person = PersonId::from_bytes([5; 16]);
    let mut entry = look(|_| {}).entry;
    entry.hash = sha256(&[&index.to_be_bytes()]);
    let leaves: Vec<Leaf> = (0..count)
        .map(|nth| Leaf {
            subject: Subject::Person(person),
            seq: i64::try_from(nth).expect("small"),
            hash: sha256(&[&nth.to_be_bytes()]),
        })
        .collect();
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf.hash).collect();
    let signer = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed");
    let mut seal = Seal {
        node: NodeId::from_bytes([8; 16]),
        number: 12,
        at: entry.at.plus_seconds(30),
        leaves,
        root: merkle::root(&hashes),
        previous: [0; 32],
        map_root: Some([6; 32]),
        public_key: signer.public_key().as_ref().to_vec(),
        signature: Vec::new(),
    };
    seal.signature = signer.sign(&seal.signed_text()).as_ref().to_vec();
    let proof = Proof {
        seal_number: seal.number,
        sealed_at: seal.at,
        index,
        size: count,
        path: merkle::path(&hashes, index).expect("index is inside"),
        root: seal.root,
        signed_text: seal.signed_text(),
        signature: seal.signature.clone(),
        public_key: seal.public_key.clone(),
    };
    (person, entry, proof)
}

/// Checks a proof from its file alone, as its own text says.
fn holds(file: &Value) -> bool {
    let bytes = |path: &str| {
        let text = file.pointer(path).and_then(Value::as_str).expect(path);
        hex::decode(text).expect("hexadecimal")
    };
    let number = |path: &str| {
        let number = file.pointer(path).and_then(Value::as_u64).expect(path);
        usize::try_from(number).expect("small")
    };
    let hash = |path: &str| -> Hash { bytes(path).try_into().expect("32 bytes") };
    let path: Vec<Hash> = file
        .pointer("/seal/path")
        .and_then(Value::as_array)
        .expect("a path")
        .iter()
        .map(|step| hex::decode_array(step.as_str().expect("text")).expect("32 bytes"))
        .collect();
    let root = merkle::root_from_path(
        &hash("/record_hash"),
        number("/seal/leaf_index"),
        number("/seal/tree_size"),
        &path,
    );
    let signed = bytes("/seal/signed_text");
    root == Some(hash("/seal/root"))
        && signed.starts_with(b"tasuki-seal-v2")
        && signed[14 + 16 + 24..][..32] == hash("/seal/root")
        && UnparsedPublicKey::new(&ED25519, bytes("/seal/public_key"))
            .verify(&signed, &bytes("/seal/signature"))
            .is_ok()
}

#[test]
fn a_downloaded_proof_holds_by_itself_and_a_changed_one_does_not() {
    for (count, index) in [(1, 0), (2, 1), (7, 4), (33, 32)] {
        let (person, entry, sealed) = sealed(count, index);
        let wire = proof::wire(person, &entry, Some(&[0; 32]), Some(&sealed));
        let mut file = serde_json::to_value(&wire).expect("JSON");
        assert_eq!(file["sealed"], true);
        assert_eq!(file["subject"], person.to_hex());
        assert_eq!(file["previous_hash"], "00".repeat(32));
        assert_eq!(file["at_micros"], entry.at.micros());
        assert!(holds(&file), "{count} {index}");
        file["record_hash"] = Value::from("11".repeat(32));
        assert!(!holds(&file));
    }
}

#[test]
fn a_record_that_waits_for_its_seal_says_so() {
    let (person, entry, _) = sealed(1, 0);
    let wire = proof::wire(person, &entry, None, None);
    let file = serde_json::to_value(&wire).expect("JSON");
    assert_eq!(file["sealed"], false);
    assert!(file.get("seal").is_none() && file.get("previous_hash").is_none());
    assert!(
        file["how_to_verify"]["ja"]
            .as_str()
            .is_some_and(|t| t.contains("まだ封印"))
    );
}

#[test]
fn a_person_at_home_is_told_what_to_do_not_the_counter() {
    let why = Refusal::new(&access::errors::CARD_UNKNOWN);
    let (_, next) = login::reason(Lang::Ja, &why);
    assert!(next.contains("利用登録"));
    let why = Refusal::new(signing_fault());
    let (_, next) = login::reason(Lang::Ja, &why);
    assert!(!next.contains("番号の入力で確認"));
}

fn signing_fault() -> &'static kernel::Entry {
    web::app::catalogue()
        .into_iter()
        .find(|entry| entry.code == "TSK-CRT-031")
        .expect("the signature's refusal is in the catalogue")
}

fn archived() -> Archived {
    let at = |text| kernel::time::Timestamp::parse(text).expect("an instant");
    Archived {
        through: Place {
            seq: 120,
            hash: [0x33; 32],
        },
        number: 3,
        made_at: at("2026-11-22T03:00:00Z"),
        before: at("2021-11-21T15:00:00Z"),
        sha256: [0x44; 32],
    }
}

#[test]
fn a_history_that_goes_on_in_an_archive_says_where_and_how_to_ask_for_it() {
    let html = history::archive_notice(Lang::Ja, &archived()).into_string();
    for words in [
        "1 から 120 まで",
        "2021年11月22日より前",
        "第3号",
        "ご請求ください",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(html.contains(&"44".repeat(32)) && html.contains(&"33".repeat(32)));
    let english = history::archive_notice(Lang::En, &archived()).into_string();
    assert!(english.contains("Records 1 to 120") && english.contains("no. 3"));
}

#[test]
fn older_records_are_offered_down_to_the_archive_and_no_further() {
    let line = |seq: i64| {
        let mut line = ja(&look(|_| {}));
        line.seq = seq;
        line
    };
    let page = |from: i64| (from..from + 50).rev().map(line).collect::<Vec<_>>();
    let archived = archived();
    assert_eq!(history::older(&page(122), Some(&archived)), Some(122));
    assert_eq!(history::older(&page(121), Some(&archived)), None);
    assert_eq!(history::older(&page(121), None), Some(121));
    assert_eq!(history::older(&page(1), None), None);
}
