//! Tests: the published table as a whole, codes on a day, search by reading.

use std::{fs, path::Path};

use testkit::World;

use super::*;

const HEADING: &str = "DISPLAYSEQ,JFAGYCODE,JPTERM,JPKANA,ENTERM,LEVEL,MAINFLAG,GUIDELINE,CXGCATEGORY,RECORDDATE,ENDDATE";

fn day(text: &str) -> JstDate {
    JstDate::parse(text).expect("a date")
}

#[test]
fn a_code_is_current_ended_or_unknown_on_a_day() {
    let text = format!(
        "{HEADING}\n1,D9M000000000,医薬品ダミーコード,しょくひん,x,1,1,,0,00000000,99999999\n\
         2,J9FA11000000,そば,そば,Buckwheat,3,1,1,0,20200401,99999999\n\
         3,J9FA12000000,古い麦,ふるいむぎ,Old,3,0,,0,00000000,20250331\n"
    );
    let read = read(text.as_bytes());
    assert_eq!((read.allergens.len(), read.faults.len()), (3, 0));
    let world = World::new(Vec::new());
    let before = world.set_up(|call| Ok(standing(call, "J9FA11000000", day("2026-01-01"))?));
    assert_eq!(before, Standing::NotLoaded);
    let all = read.allergens;
    world.set_up(move |call| Ok(import(call, &all, day("2025-04-01"), "00")?));
    let of = |code: &'static str, on: &'static str| {
        world.set_up(move |call| Ok(standing(call, code, day(on))?))
    };
    assert!(
        matches!(of("J9FA11000000", "2026-01-01"), Standing::Current(one) if one.name == "そば")
    );
    assert!(matches!(
        of("J9FA12000000", "2025-03-31"),
        Standing::Current(_)
    ));
    assert!(matches!(
        of("J9FA12000000", "2025-04-01"),
        Standing::Ended(_)
    ));
    assert_eq!(of("J9FZ99999999", "2026-01-01"), Standing::Unknown);
    let found = |text: &'static str| {
        let all = world.set_up(move |call| Ok(search(call, text, day("2026-01-01"))?));
        all.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(found("ソバ"), ["そば"]);
    assert_eq!(found("そ"), ["そば"]);
    assert_eq!(found("むぎ"), Vec::<String>::new());
    assert_eq!(found("%"), Vec::<String>::new());
    assert_eq!(found("_"), Vec::<String>::new());
    assert_eq!(found("  "), Vec::<String>::new());
}

#[test]
fn a_line_that_cannot_be_taken_is_named() {
    let text = format!(
        "{HEADING}\n1,J9FA11000000,そば,そば,x,3,1,1,0,20200401,99999999\n\
         2,J9FA11000000,そば,そば,x,3,1,1,0,20200401,99999999\n\
         3,J9,そば,そば,x,3,1,1,0,20200401,99999999\n\
         4,J9FA13000000,,そば,x,3,1,1,0,20200401,99999999\n\
         x,J9FA14000000,麦,むぎ,x,3,1,1,0,20200401,99999999\n\
         6,J9FA15000000,麦,むぎ,x,3,1,1,0,20201301,99999999\n"
    );
    let got = read(text.as_bytes());
    assert_eq!(got.allergens.len(), 1);
    let faults: Vec<(u64, usize)> = got.faults.iter().map(|f| (f.line, f.column)).collect();
    assert_eq!(faults, [(3, 2), (4, 2), (5, 3), (6, 1), (7, 10)]);
    assert_eq!(read(b"a,b\n1,2\n").faults.len(), 1);
}

#[test]
fn the_published_tables_are_taken_whole() {
    for (name, rows) in [
        ("JFAGY_20250401V2.csv", None),
        ("JFAGY_J9FN_20250401_R01.csv", Some(1_738)),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/jfagy");
        let Ok(bytes) = fs::read(path.join(name)) else {
            eprintln!("SKIPPED: {name} (not there)");
            continue;
        };
        let got = read(&bytes);
        assert_eq!(got.faults, [], "{name}");
        assert!(
            got.allergens.len() > 1_500,
            "{name}: {}",
            got.allergens.len()
        );
        if let Some(rows) = rows {
            assert_eq!(got.allergens.len(), rows, "{name}");
        }
        for dummy in DUMMIES {
            assert!(got.allergens.iter().any(|one| one.code == dummy), "{dummy}");
        }
    }
}
