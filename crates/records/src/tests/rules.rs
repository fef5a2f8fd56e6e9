//! Who sees what, how long what is kept, and what is read out of odd but valid documents.

use access::{
    consent::Category,
    policy::{Class, Policy},
};
use kernel::time::{JstDate, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use store::caller::Purpose;

use super::{Ward, lines};
use crate::{
    model::{Certainty, Condition, Flags, Item, Keys, Lab, Provenance, What},
    ops::date,
    rules::{Viewer, is_visible, kept},
};

pub(super) fn item(category: Category, registered_at: Timestamp, what: What) -> Item {
    Item {
        identifier: String::new(),
        keys: Keys::default(),
        is_hidden: false,
        is_document_hidden: false,
        standing: None,
        category,
        flags: Flags::default(),
        certainty: Certainty::Stated,
        provenance: Provenance {
            facility: "試験病院".to_owned(),
            institution: "1310000017".to_owned(),
            department: None,
            registered_at,
        },
        what,
    }
}

pub(super) fn lab(key: &str, value: &str, on: JstDate) -> Lab {
    Lab {
        key: key.to_owned(),
        name: key.to_owned(),
        value: value.to_owned(),
        number: Some(value.to_owned()),
        unit: "mg/dL".to_owned(),
        low: None,
        high: None,
        interpretation: None,
        on,
        code: None,
        standard: None,
    }
}

fn condition(name: &str) -> What {
    What::Condition(Condition {
        name: name.to_owned(),
        onset: None,
        abatement: None,
        status: "active".to_owned(),
        is_main: false,
        recorded: None,
        code: None,
    })
}

fn day(text: &str) -> JstDate {
    JstDate::parse(text).expect("a date")
}

#[test]
fn the_flags_decide_who_sees_an_entry() {
    for long_term in [false, true] {
        for (uninformed, undelivered, facility, patient) in [
            (false, false, true, true),
            (true, false, true, false),
            (false, true, false, false),
            (true, true, false, false),
        ] {
            let flags = Flags {
                long_term,
                uninformed,
                undelivered,
            };
            assert_eq!(is_visible(flags, Viewer::Facility), facility, "{flags:?}");
            assert_eq!(is_visible(flags, Viewer::Patient), patient, "{flags:?}");
        }
    }
}

#[test]
fn five_years_end_on_the_day_five_years_after_registration() {
    let registered = day("2024-02-29").start();
    let one = || vec![item(Category::Conditions, registered, condition("a"))];
    assert_eq!(kept(one(), day("2029-02-27").start()).len(), 1);
    assert_eq!(kept(one(), day("2029-02-28").start()).len(), 0);
    let mut long = one();
    long[0].flags.long_term = true;
    assert_eq!(kept(long, day("2060-01-01").start()).len(), 1);
}

#[test]
fn the_last_three_results_of_an_item_stay_however_old() {
    let on = |n: i32| day("2020-01-01").plus_days(n);
    let items: Vec<Item> = (0..5)
        .flat_map(|n| {
            ["ALB", "CRE"].map(|key| {
                let what = What::Lab(lab(key, "1", on(n)));
                item(Category::Laboratory, on(n).start(), what)
            })
        })
        .collect();
    let left = kept(items, day("2026-01-01").start());
    assert_eq!(left.len(), 6);
    assert!(
        left.iter()
            .all(|i| matches!(&i.what, What::Lab(l) if l.on >= on(2)))
    );
}

/// Category, item, day of registration, days since the specimen, LTS.
type Plan = (Category, &'static str, i32, i32, bool);

fn any_plan() -> impl Strategy<Value = Plan> {
    let key = prop::sample::select(vec!["ALB", "CRE", "HBV"]);
    let category = prop::sample::select(Category::SHARED.to_vec());
    (category, key, 0_i32..4_000, 0_i32..400, any::<bool>())
}

fn planned((category, key, registered, before, long_term): &Plan) -> Item {
    let registered = day("2020-01-01").plus_days(*registered);
    let what = match category {
        Category::Laboratory | Category::Infections => {
            What::Lab(lab(key, "1", registered.plus_days(-before)))
        }
        _ => condition(key),
    };
    let mut item = item(*category, registered.start(), what);
    item.flags.long_term = *long_term;
    item
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn retention_keeps_what_it_must_and_nothing_else(
        plans in prop::collection::vec(any_plan(), 0..40),
        days in 0_i32..6_000,
    ) {
        let items: Vec<Item> = plans.iter().map(planned).collect();
        let now = day("2020-01-01").plus_days(days);
        let at = now.start();
        let left = kept(items.clone(), at);
        for item in &items {
            let registered = item.provenance.registered_at.jst_date();
            let years = if item.category == Category::Laboratory { 1 } else { 5 };
            let newer = |lab: &Lab| {
                let mut dates: Vec<JstDate> = items
                    .iter()
                    .filter(|i| i.category == Category::Laboratory)
                    .filter_map(|i| match &i.what {
                        What::Lab(l) if l.key == lab.key && l.on > lab.on => Some(l.on),
                        _ => None,
                    })
                    .collect();
                dates.sort_unstable();
                dates.dedup();
                dates.len()
            };
            let is_last = match (&item.category, &item.what) {
                (Category::Laboratory, What::Lab(lab)) => newer(lab) < 3,
                _ => false,
            };
            let wanted = item.flags.long_term || now < registered.plus_years(years) || is_last;
            prop_assert_eq!(left.contains(item), wanted);
        }
        prop_assert!(kept(left.clone(), at) == left);
        let later = lines(&kept(items, now.plus_days(30).start()));
        let now = lines(&left);
        prop_assert!(later.iter().all(|line| now.contains(line)));
    }

    #[test]
    fn any_text_is_a_date_or_not(text in "\\PC{0,40}") {
        let _date = date(&text);
    }
}

#[test]
fn shared_information_is_used_for_no_purpose_but_the_services_own() {
    let own = [
        Purpose::Treatment,
        Purpose::Registration,
        Purpose::OwnAccess,
    ];
    let classes = [&Class::SHARED[..], &[Class::Prescriptions]].concat();
    let rules = Policy::own().rules().iter();
    for question in rules.flat_map(|rule| rule.cells().collect::<Vec<_>>()) {
        let is_free = !classes.contains(&question.class) || own.contains(&question.purpose);
        assert!(is_free, "{question:?}");
    }
    for route in crate::service().routes {
        let reaches = |(class, _, _): (Class, _, _)| classes.contains(&class);
        if route.permission.cells().any(reaches) {
            assert!(own.contains(&route.purpose), "{}", route.name());
        }
    }
}

#[test]
fn dates_of_every_precision_become_days_in_japan() {
    for (text, wanted) in [
        ("2026", "2026-01-01"),
        ("2026-05", "2026-05-01"),
        ("2026-05-06", "2026-05-06"),
        ("2026-05-06T23:30:00+09:00", "2026-05-06"),
        ("2026-05-06T23:30:00Z", "2026-05-07"),
        ("2026-05-06T00:30:00+14:00", "2026-05-05"),
        ("2026-05-06T23:59:60+09:00", "2026-05-06"),
        (
            "2026-05-06T01:02:03.1234567890123456789+09:00",
            "2026-05-06",
        ),
    ] {
        assert_eq!(date(text), Some(day(wanted)), "{text}");
    }
    for text in [
        "",
        "20",
        "2026-13",
        "2026-02-30",
        "あああ",
        "一",
        "T10:00:00+09:00",
        "２０２６",
    ] {
        assert_eq!(date(text), None, "{text}");
    }
}

#[test]
fn results_without_a_plain_number_are_told_in_words() {
    let ward = Ward::new();
    let quantity = |n: u32| json!({"value": n, "unit": "倍"});
    for (key, value, wanted) in [
        (
            "valueRatio",
            json!({"numerator": {"value": 1}, "denominator": quantity(80)}),
            " 1:80倍 ",
        ),
        (
            "valueRange",
            json!({"low": quantity(2), "high": quantity(5)}),
            " 2倍〜5倍 ",
        ),
        ("valueInteger", json!(7), " 7 "),
        ("valueBoolean", json!(true), " true "),
        ("valueString", json!("(-)"), " (-) "),
        ("valueCodeableConcept", json!({"text": "陰性"}), " 陰性 "),
        (
            "valuePeriod",
            json!({"start": "2026-01-01"}),
            " (文書を参照) ",
        ),
        (
            "valueQuantity",
            json!({"value": 5, "comparator": "<", "unit": "U/L"}),
            " <5 U/L ",
        ),
        (
            "dataAbsentReason",
            json!({"text": "検体不足"}),
            " 結果なし(検体不足) ",
        ),
    ] {
        let mut json = ward.json("Observation");
        json["entry"].as_array_mut().expect("entries").truncate(2);
        let resource = json["entry"][1]["resource"]
            .as_object_mut()
            .expect("a resource");
        resource.retain(|k, _| !k.starts_with("value"));
        resource.insert(key.to_owned(), value);
        let reply = ward.register_json(&json);
        assert!(reply.status < 300, "{key}: {}", reply.text());
        let kept = ward.kept();
        assert!(kept[0].contains(wanted), "{key}: {}", kept[0]);
    }
}

#[test]
fn a_result_needs_a_day_on_which_it_was_taken() {
    let ward = Ward::new();
    let with = |key: &str, value: serde_json::Value| {
        let mut json = ward.json("Observation");
        json["entry"].as_array_mut().expect("entries").truncate(2);
        let resource = json["entry"][1]["resource"]
            .as_object_mut()
            .expect("a resource");
        resource.retain(|k, _| !k.starts_with("effective"));
        resource.insert(key.to_owned(), value);
        ward.register_json(&json)
    };
    for (key, value) in [
        ("effectiveDateTime", json!("10:30:00")),
        ("effectiveDateTime", json!("T10:30:00+09:00")),
        ("effectiveDateTime", json!("2026-05-06T10:30:00")),
        ("effectiveDateTime", json!("2026-05-06T25:00:00+09:00")),
        ("effectiveDateTime", json!("令和8年5月6日")),
        ("effectiveDateTime", json!("")),
        ("effectiveTiming", json!({"event": ["2026-05-06"]})),
        ("effectivePeriod", json!({"end": "2026-05-06"})),
        ("effectiveInstant", json!("2026-05-06")),
        // The profile takes a dateTime alone.
        (
            "effectivePeriod",
            json!({"start": "2026-05-06", "end": "2026-05-07"}),
        ),
        ("effectiveInstant", json!("2026-05-06T10:30:00+09:00")),
    ] {
        let reply = with(key, value.clone());
        assert_eq!(reply.status, 422, "{key} {value}: {}", reply.text());
    }
    for (key, value) in [
        ("effectiveDateTime", json!("2026")),
        ("effectiveDateTime", json!("2026-05")),
        (
            "effectiveDateTime",
            json!("2026-05-06T10:30:00.123456789012+09:00"),
        ),
    ] {
        let reply = with(key, value.clone());
        assert!(reply.status < 300, "{key} {value}: {}", reply.text());
        assert!(ward.kept()[0].contains(" 2026-0"), "{key} {value}");
    }
}

#[test]
fn many_reports_never_push_out_an_allergy() {
    let ward = Ward::new();
    assert_eq!(
        ward.register(&ward.bundle("AllergyIntolerance").json)
            .status,
        201
    );
    ward.world.clock.advance(60);
    let report = ward.bundle("Observation").json.clone();
    let (person, home) = (ward.person, ward.hospital.clone());
    let mut checked = crate::ops::check(&report).unwrap_or_else(|r| panic!("{r}"));
    checked.items.truncate(1);
    ward.world.set_up(move |call| {
        for number in 0..2_050 {
            checked.identifier = format!("{}^2026^MANY-{number}", home.code);
            crate::ops::register(call, &home, &checked)?;
        }
        Ok(())
    });
    let kept = ward.kept_of(person);
    let newest_first = kept
        .windows(2)
        .all(|w| w[0].provenance.registered_at >= w[1].provenance.registered_at);
    assert!(newest_first);
    assert!(
        lines(&kept)
            .iter()
            .any(|line| line.starts_with("contraindications"))
    );
    let small = Category::ALL.len();
    assert!(kept.len() > small);
}
