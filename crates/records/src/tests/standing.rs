//! What doctors say about entries that were registered long ago.

use access::consent::Category;
use kernel::time::JstDate;
use store::{
    Stop,
    caller::{Caller, Home, Purpose},
};

use super::{Ward, rules::item};
use crate::{
    model::{Allergy, Certainty, Condition, Item, Standing, Verdict, What},
    ops::{self, Word},
    rules::stale::{ASKS, is_askable, is_stale},
    show,
};

const DAY: i64 = 24 * 3600;

fn day(text: &str) -> JstDate {
    JstDate::parse(text).expect("a date")
}

fn old(category: Category, status: &str) -> Item {
    let what = if category == Category::Conditions {
        What::Condition(Condition {
            name: "高血圧症".to_owned(),
            onset: None,
            abatement: None,
            status: status.to_owned(),
            is_main: false,
            recorded: None,
            code: None,
        })
    } else {
        What::Allergy(Allergy {
            substance: "そば".to_owned(),
            reaction: None,
            high_risk: false,
            status: status.to_owned(),
            code: None,
        })
    };
    item(category, day("2026-02-10").start(), what)
}

fn said(verdict: Verdict, on: &str) -> Standing {
    Standing {
        verdict,
        at: day(on).start(),
        facility: "はじめての医院".to_owned(),
        institution: "1310000017".to_owned(),
        by: "佐藤 健一".to_owned(),
        reason: String::new(),
    }
}

#[test]
fn an_entry_is_asked_about_from_the_day_on_which_its_span_is_over() {
    for (category, before, on) in [
        (Category::Conditions, "2027-02-09", "2027-02-10"),
        (Category::Allergies, "2028-02-09", "2028-02-10"),
        (Category::Contraindications, "2028-02-09", "2028-02-10"),
    ] {
        let mut one = old(category, "active");
        assert!(!is_stale(ASKS, &one, day(before)), "{category:?}");
        assert!(is_stale(ASKS, &one, day(on)), "{category:?}");
        // A confirmation begins the span anew; a retirement ends the asking.
        one.standing = Some(said(Verdict::Confirmed, "2027-02-10"));
        assert!(!is_stale(ASKS, &one, day(on)), "{category:?}");
        assert!(is_stale(ASKS, &one, day("2029-02-10")), "{category:?}");
        one.standing = Some(said(Verdict::Retired, "2027-02-10"));
        assert!(!is_stale(ASKS, &one, day("2040-01-01")), "{category:?}");
        // What is over already, or was taken back, is not asked about.
        for status in ["resolved", "inactive", "remission"] {
            assert!(!is_stale(ASKS, &old(category, status), day("2040-01-01")));
        }
        let mut back = old(category, "active");
        back.certainty = Certainty::Retracted;
        assert!(!is_stale(ASKS, &back, day("2040-01-01")));
    }
    for category in [
        Category::Laboratory,
        Category::Infections,
        Category::Prescriptions,
    ] {
        assert!(!is_askable(category));
    }
}

#[test]
fn no_rule_asks_before_its_day() {
    let mut asks = ASKS.to_vec();
    for ask in &mut asks {
        ask.from = "2028-04-01";
    }
    let one = old(Category::Conditions, "active");
    assert!(!is_stale(&asks, &one, day("2028-03-31")));
    assert!(is_stale(&asks, &one, day("2028-04-01")));
}

impl Ward {
    fn say(&self, caller: Caller, home: &Home, word: Word) -> Result<(), Stop> {
        let (person, home) = (self.person, home.clone());
        self.world.run(caller, Purpose::Treatment, move |call| {
            ops::assert(call, person, &home, &word)
        })
    }
}

fn code(found: Result<(), Stop>) -> &'static str {
    match found {
        Ok(()) => "done",
        Err(Stop::Refused(refusal)) => refusal.entry.code,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_doctor_confirms_and_retires_and_others_see_who_said_it_and_the_entry_stays() {
    let ward = Ward::new();
    for kind in ["Condition", "AllergyIntolerance", "Observation"] {
        assert_eq!(ward.register(&ward.bundle(kind).json).status, 201);
    }
    let (clinic, other) = (
        ward.clinic(),
        ward.world.facility("1310000025", "二番目の医院"),
    );
    let seen = ward.seen_by(&clinic);
    let find = |category| {
        seen.items
            .iter()
            .find(|i| i.category == category)
            .expect("one")
            .keys
            .entry
    };
    let allergy = find(Category::Contraindications);
    let word = |entry, verdict, reason: &str| Word {
        entry,
        verdict,
        reason: reason.to_owned(),
    };
    let doctor = || Ward::doctor(&clinic);
    for (word, wanted) in [
        (word(allergy, Verdict::Retired, "  "), "TSK-REC-012"),
        (
            word(allergy, Verdict::Retired, &"あ".repeat(201)),
            "TSK-REC-012",
        ),
        (word(allergy, Verdict::Retired, "a\u{7}"), "TSK-REC-012"),
        (word([3; 32], Verdict::Confirmed, ""), "TSK-REC-009"),
        (word(allergy, Verdict::Retired, "負荷試験で陰性"), "done"),
    ] {
        assert_eq!(code(ward.say(doctor(), &clinic, word)), wanted);
    }
    // A result is what was measured; who may not write about it hears that first.
    let found = code(ward.say(
        doctor(),
        &clinic,
        word(find(Category::Laboratory), Verdict::Confirmed, ""),
    ));
    assert_eq!(found, "TSK-ACC-003");
    let kept = ward.kept();
    let one = |home: &Home| {
        let view = ward.seen_by(home);
        let found = view.items.into_iter().find(|i| i.keys.entry == allergy);
        found.expect("it stays for everybody")
    };
    for home in [&clinic, &other, &ward.hospital] {
        let seen = one(home);
        assert!(show::is_retired(&seen));
        let html = show::origin(web::ui::Lang::Ja, &seen).into_string();
        assert!(
            html.contains("現在は該当しない") && html.contains("負荷試験で陰性"),
            "{html}"
        );
        assert!(html.contains("はじめての医院"), "{html}");
    }
    assert_eq!(ward.kept(), kept);
    // Another doctor takes it back; the last word counts, after a replacement too.
    ward.seen_by(&other);
    assert_eq!(
        code(ward.say(
            Ward::doctor(&other),
            &other,
            word(allergy, Verdict::Confirmed, "")
        )),
        "done"
    );
    ward.world.clock.advance(DAY);
    assert_eq!(
        ward.register(&ward.bundle("AllergyIntolerance").json)
            .status,
        200
    );
    let seen = one(&clinic);
    assert!(!show::is_retired(&seen));
    let html = show::origin(web::ui::Lang::Ja, &seen).into_string();
    assert!(html.contains("二番目の医院が確認"), "{html}");
}

#[test]
fn without_consent_or_the_right_role_nothing_is_said() {
    let ward = Ward::new();
    assert_eq!(
        ward.register(&ward.bundle("AllergyIntolerance").json)
            .status,
        201
    );
    let clinic = ward.clinic();
    let entry = ward.kept_of(ward.person)[0].keys.entry;
    let word = || Word {
        entry,
        verdict: Verdict::Confirmed,
        reason: String::new(),
    };
    assert_eq!(
        code(ward.say(Ward::doctor(&clinic), &clinic, word())),
        "TSK-CNS-001"
    );
    ward.seen_by(&clinic);
    assert_eq!(
        code(ward.say(Ward::doctor(&clinic), &clinic, word())),
        "done"
    );
}
