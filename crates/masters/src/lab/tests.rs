//! Tests: the items, the official master as a whole, and exact conversion.

use std::{collections::BTreeSet, fs, path::Path};

use testkit::World;

use super::*;

fn shared(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name);
    let found = fs::read(&path).ok();
    if found.is_none() {
        eprintln!("SKIPPED: {name} ({} is not there)", path.display());
    }
    found
}

#[test]
fn the_items_are_forty_three_and_five_each_known_by_its_codes_and_names() {
    for (kind, count) in [(Kind::Core, 43), (Kind::Infection, 5)] {
        let numbers: BTreeSet<u8> = ITEMS
            .iter()
            .filter(|item| item.kind == kind)
            .map(|item| item.number)
            .collect();
        assert_eq!(
            numbers.into_iter().collect::<Vec<_>>(),
            (1..=count).collect::<Vec<u8>>()
        );
    }
    for item in &ITEMS {
        assert_eq!(by_name(item.id).map(|i| i.id), Some(item.id));
        assert_eq!(by_code(item.jlac11).map(|i| i.number), Some(item.number));
        assert_eq!(
            (item.jlac10.len(), item.jlac11.len()),
            (17, 17),
            "{}",
            item.id
        );
    }
    assert_eq!(by_name("PT-Sec").map(|i| i.id), Some("PT-秒"));
    assert_eq!(by_name("").map(|i| i.id), None);
    assert_eq!(by_code("99999999999999999"), None);
}

#[test]
fn results_are_converted_exactly_or_not_at_all() {
    let on = "2026-11-22";
    for (item, number, sent, wanted) in [
        ("ALB", "41", "g/L", Some("4.1")),
        ("ALB", "4.10", "g/dL", Some("4.10")),
        ("ALB", "4.1", "g/dl", Some("4.1")),
        ("TP", "72.5", "g/L", Some("7.25")),
        ("BG", "5.5", "mmol/L", Some("99.1")),
        ("BG", "5.55", "mmol/L", Some("100")),
        ("CBG", "10", "mmol/l", Some("180")),
        ("Cre", "88.4", "µmol/L", Some("1")),
        ("Cre", "88", "umol/L", Some("0.995")),
        ("HbA1c-NGSP", "48", "mmol/mol", Some("6.54")),
        ("T-CHO", "5.2", "mmol/L", Some("201")),
        ("Ca", "2.5", "mmol/L", Some("10")),
        ("Ca", "5", "mEq/L", Some("10")),
        ("Na", "140", "mEq/L", Some("140")),
        ("WBC", "5.6", "×10^3/μL", Some("56")),
        ("WBC", "5600", "/μL", Some("56")),
        ("PLT", "250", "10*9/L", Some("25")),
        ("CRP", "-3", "mg/L", Some("-0.3")),
        ("CRP", "３", "mg/L", None),
        ("CRP", "1e2", "mg/L", None),
        ("CRP", "", "mg/L", None),
        ("CRP", "1.2.3", "mg/L", None),
        ("CRP", "12345678901234567890", "mg/L", None),
        // Never what is unknown: no unit, another quantity, a method's own scale.
        ("ALB", "41", "", None),
        ("ALB", "41", "mmol/L", None),
        ("TG", "1.7", "mmol/L", None),
        ("Hb", "8.7", "mmol/L", None),
        ("HCV核酸増幅検査(定量)", "3", "LogU/mL", None),
        ("U-TP", "1", "mg/dL", None),
        ("NEITHER", "1", "mg/dL", None),
    ] {
        let got = convert(item, number, sent, on).map(|c| c.number);
        assert_eq!(got.as_deref(), wanted, "{item} {number} {sent}");
    }
    let same = convert("ALB", "4.1", "g/dl", on).expect("the same unit");
    assert!(!same.is_converted && same.unit == "g/dL");
}

#[test]
fn every_factor_leads_to_a_unit_that_its_item_has_and_from_another() {
    for factor in &FACTORS {
        let item = by_name(factor.item).expect("an item");
        assert_ne!(item.data, Data::Request, "{}", item.id);
        assert!(!item.unit.is_empty(), "{}", item.id);
        assert_eq!(unit(factor.from), factor.from);
        assert_ne!(unit(item.unit), factor.from, "{}", item.id);
        let got = convert(factor.item, "1", factor.from, "2026-01-01");
        assert!(got.is_some_and(|c| c.is_converted), "{factor:?}");
    }
    let all: BTreeSet<(&str, &str)> = FACTORS.iter().map(|f| (f.item, f.from)).collect();
    assert_eq!(all.len(), FACTORS.len());
}

#[test]
fn the_code_of_a_qualitative_result_has_its_words() {
    assert_eq!(value("U-TP", "2"), Some("±"));
    assert_eq!(value("血液型-ABO", "3"), Some("AB"));
    assert_eq!(value("HBs抗原(定性)", "1"), Some("陽性"));
    assert_eq!(value("U-TP", "9"), None);
    assert_eq!(value("ALB", "1"), None);
}

#[test]
fn the_official_master_is_taken_whole_and_each_code_leads_to_its_item_on_its_day() {
    let Some(bytes) = shared("lab/lab43_codes.csv") else {
        return;
    };
    let read = read(&bytes);
    assert_eq!((read.pairs.len(), read.faults.len()), (7_890, 0));
    // Every item that the program ships is one of the master's, with its representative codes.
    for item in &ITEMS {
        assert!(
            read.pairs
                .iter()
                .any(|pair| pair.item == item.id && pair.jlac10 == item.jlac10),
            "{}",
            item.id
        );
    }
    let world = World::new(Vec::new());
    let day = |text: &str| JstDate::parse(text).expect("a date");
    let pairs = read.pairs.clone();
    let rows = world.set_up(move |call| {
        // An edition before, in which one code stood for another item.
        let mut one = pairs[0].clone();
        one.item = "ALB".to_owned();
        import(call, &[one], day("2024-01-01"), "00")?;
        Ok(import(call, &pairs, day("2024-09-30"), "11")?.rows)
    });
    assert_eq!(rows, 7_890);
    let first = read.pairs[0].clone();
    let items = move |on: &'static str, code: String| {
        let found = world.set_up(move |call| Ok(pairs_of(call, &code, on)?));
        let all: BTreeSet<String> = found.into_iter().map(|pair| pair.item).collect();
        all.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(items("2024-09-29", first.jlac10.clone()), ["ALB"]);
    assert_eq!(items("2020-01-01", first.jlac10.clone()), ["ALB"]);
    assert_eq!(items("2024-09-30", first.jlac10.clone()), ["TP"]);
    assert_eq!(items("2026-01-01", first.jlac11.clone()), ["TP"]);
    assert_eq!(items("2026-01-01", "A1006000110004802".to_owned()).len(), 2);
    assert_eq!(items("2026-01-01", "99999999999999999".to_owned()).len(), 0);
}

fn pairs_of(call: &Call<'_>, code: &str, on: &str) -> Result<Vec<Pair>, StoreError> {
    pairs(call, code, JstDate::parse(on).expect("a date"))
}

#[test]
fn a_line_that_cannot_be_taken_is_named_and_the_others_are_taken() {
    let heading = "fhir_id,jlac10,jlac11,unit";
    let good = "ALB,3A015000002327101,C1003000025000255,g/dL";
    let text = format!(
        "{heading}\n{good}\nALB,3A015,C1003000025000255,g/dL\n,3A015000002327101,C1003000025000255,g/dL\n\n{good}\n"
    );
    let got = read(text.as_bytes());
    assert_eq!(got.pairs.len(), 2);
    let faults: Vec<(u64, usize)> = got.faults.iter().map(|f| (f.line, f.column)).collect();
    assert_eq!(faults, [(3, 2), (4, 1)]);
    let none = read(b"a,b\n1,2\n");
    assert!(none.pairs.is_empty() && none.faults.len() == 1);
    assert_eq!(read(b"").pairs.len(), 0);
}

#[test]
fn the_workbook_itself_holds_what_its_csv_form_holds() {
    let name = "clins/reference/0930電子カルテ情報共有サービスマスター表(JLAC10+11)＿大江.xlsx";
    let (Some(book), Some(csv)) = (shared(name), shared("lab/lab43_codes.csv")) else {
        return;
    };
    let codes = |bytes: &[u8]| {
        let got = read(bytes);
        assert_eq!(got.faults, []);
        let pairs = got.pairs.into_iter();
        pairs
            .map(|p| (p.line, p.item, p.jlac10, p.jlac11, p.unit))
            .collect::<Vec<_>>()
    };
    let (book, csv) = (codes(&book), codes(&csv));
    assert_eq!(book.len(), 7_890);
    let differing = book.iter().zip(&csv).find(|(one, other)| one != other);
    assert_eq!(differing, None);
}

#[test]
fn a_broken_workbook_is_a_fault_and_never_a_crash() {
    for bytes in [
        &b"PK\x03\x04"[..],
        b"PK\x03\x04 and nothing else",
        b"PK\x03\x04PK\x05\x06\0\0\0\0\x01\0\x01\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0",
    ] {
        let got = read(bytes);
        assert_eq!((got.pairs.len(), got.faults.len()), (0, 1));
    }
}
