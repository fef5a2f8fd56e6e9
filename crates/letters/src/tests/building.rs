use fhir::{
    clins::{self, MemberId, MemberKind, document},
    json::Document,
};
use kernel::{
    id::DocumentId,
    time::{JstDate, Timestamp},
};
use paper::compose;
use proptest::prelude::*;
use records::documents::{check, sniff::FileKind};
use registry::model::Sex;

use crate::letter::{Addressee, Allergen, Attached, Letter, Part, Patient, Writer, bundle};

fn letter() -> Letter {
    Letter {
        draft: DocumentId::parse("00112233445566778899aabbccddeeff").expect("an identifier"),
        at: Timestamp::parse("2026-05-01T01:23:45.678Z").expect("an instant"),
        from: Writer {
            code: "1311234567".to_owned(),
            name: "中央病院".to_owned(),
            doctor: "佐藤 一郎".to_owned(),
        },
        to: Addressee {
            code: "1310000017".to_owned(),
            name: "みなと内科クリニック".to_owned(),
            department: Some(("081", "循環器内科")),
            doctor: "港 太郎".to_owned(),
        },
        patient: Patient {
            member: MemberId::parse(MemberKind::Insurance, "06130011:12:3456:01")
                .expect("a member"),
            name: "田中　花子".to_owned(),
            kana: "タナカ ハナコ".to_owned(),
            birth: JstDate::new(1950, 1, 2).expect("a date"),
            sex: Sex::Female,
            post_code: "1000001".to_owned(),
            address: "東京都千代田区千代田1-1".to_owned(),
        },
        purpose: "精査をお願いいたします。\n<至急>".to_owned(),
        problems: "狭心症の疑い & 高血圧".to_owned(),
        illness: "労作時の胸部違和感。".to_owned(),
        parts: Part::ALL
            .iter()
            .map(|part| (*part, format!("{}について。", part.section().1)))
            .collect(),
        allergies: vec![
            Allergen {
                name: "ペニシリン".to_owned(),
                code: None,
                is_drug: true,
                is_grave: true,
            },
            Allergen {
                name: "さば".to_owned(),
                code: Some("J9FC11310000".to_owned()),
                is_drug: false,
                is_grave: false,
            },
        ],
        files: vec![Attached {
            title: "心電図".to_owned(),
            kind: FileKind::Pdf,
            bytes: b"%PDF-1.4\n%%EOF".to_vec(),
        }],
    }
}

fn on() -> JstDate {
    JstDate::new(2026, 5, 1).expect("a date")
}

fn parsed(letter: &Letter) -> Document {
    Document::parse(&bundle(letter)).expect("JSON")
}

#[test]
fn a_letter_becomes_a_document_that_keeps_every_rule() {
    let document = parsed(&letter());
    let checked = clins::validate(&document, on());
    assert_eq!(checked.refusals, []);
    // The diagnosis is text: what a doctor typed has no code of the disease master.
    let warned: Vec<&str> = checked.warnings.iter().map(|w| w.rule.as_str()).collect();
    assert_eq!(warned, ["CLINS-COMPLAINT"]);
    let kept = check::check(&document, on()).expect("taken");
    assert_eq!(kept.addressee.as_deref(), Some("1310000017"));
    assert_eq!(kept.contents.files.len(), 1);
    // What others prescribed is named, never prescribed again.
    assert_eq!(kept.contents.prescriptions, []);
}

#[test]
fn a_letter_without_anything_that_may_be_left_out_is_a_document_too() {
    let mut letter = letter();
    letter.to.doctor.clear();
    letter.to.department = None;
    (letter.parts, letter.allergies, letter.files) = (Vec::new(), Vec::new(), Vec::new());
    letter.patient.kana.clear();
    letter.patient.name = "ンジ".to_owned();
    assert_eq!(clins::validate(&parsed(&letter), on()).refusals, []);
}

#[test]
fn the_document_says_what_was_written_and_its_sheet_shows_it() {
    let document = parsed(&letter());
    let facts = document::facts(&document).expect("facts");
    assert_eq!(
        facts.identifier.value(),
        "1311234567^2026^00112233445566778899aabbccddeeff"
    );
    assert_eq!(facts.timestamp, "2026-05-01T10:23:45.678+09:00");
    assert_eq!(facts.patient.name, "田中 花子");
    let to = facts.addressee.as_ref().expect("an addressee");
    assert_eq!(
        to.department.as_ref().map(|d| d.name.as_str()),
        Some("循環器内科")
    );
    let codes: Vec<&str> = facts
        .allergies
        .iter()
        .map(|one| one.facts.codes[0].code.as_str())
        .collect();
    assert_eq!(codes, ["D9M000000000", "J9FC11310000"]);
    let html = paper::html::article(&compose::sheet(&document, &facts)).into_string();
    for words in [
        "精査をお願いいたします。<br>&lt;至急&gt;",
        "狭心症の疑い &amp; 高血圧",
        "重い反応のおそれ",
        "心電図（PDF",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
}

#[test]
fn the_same_letter_gives_the_same_bytes_and_another_draft_other_addresses() {
    let one = bundle(&letter());
    assert_eq!(one, bundle(&letter()));
    let mut other = letter();
    other.draft = DocumentId::parse("ff112233445566778899aabbccddeeff").expect("an identifier");
    let (one, other) = (parsed(&letter()), parsed(&other));
    let urls = |document: &Document| -> Vec<String> {
        let entries = document.root().list("entry");
        entries
            .filter_map(|entry| entry.str("fullUrl").map(str::to_owned))
            .collect()
    };
    assert!(urls(&one).iter().all(|url| !urls(&other).contains(url)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_typed_the_document_keeps_the_rules(
        purpose in "\\PC{1,80}", problems in "\\PC{1,80}", illness in "[\\PC\n\t]{1,120}", doctor in "[一-龠ぁ-ん a-zA-Z]{0,20}",
    ) {
        let texts = [&purpose, &problems, &illness].map(|text| paper::sheet::clean(text));
        prop_assume!(texts.iter().all(|text| !text.is_empty()));
        let mut letter = letter();
        [letter.purpose, letter.problems, letter.illness] = texts;
        letter.to.doctor = paper::sheet::clean(&doctor);
        let checked = clins::validate(&parsed(&letter), on());
        prop_assert_eq!(checked.refusals, vec![]);
    }
}
