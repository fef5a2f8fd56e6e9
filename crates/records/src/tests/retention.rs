//! Expiry over simulated years: nothing visible vanishes early, nothing expired stays.

use access::{consent::Category, history};
use kernel::time::{JstDate, Timestamp};
use proptest::prelude::*;
use store::caller::{Actor, Caller, Purpose};

use super::{
    Ward, lines,
    rules::{item, lab},
};
use crate::{
    model::{Certainty, Condition, Item, Prescription, What},
    ops,
    rules::{
        kept,
        retention::{self, Span, TERMS, Term},
    },
};

const DAY: i64 = 24 * 3600;

fn day(text: &str) -> JstDate {
    JstDate::parse(text).expect("a date")
}

fn begin() -> JstDate {
    day("2025-04-01")
}

/// Category, what it is about, days before its registration, LTS, taken back by its sender.
type Entry = (Category, &'static str, i32, bool, bool);

#[derive(Clone, Debug)]
enum Event {
    /// Registers a document, or replaces the one under the same number.
    Register(usize, Vec<Entry>),
    Delete(usize),
    Pass(i32),
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let about = prop::sample::select(vec!["ALB", "CRE"]);
    let category = prop::sample::select(vec![
        Category::Conditions,
        Category::Infections,
        Category::Laboratory,
        Category::Laboratory,
        Category::Laboratory,
        Category::Prescriptions,
        Category::Prescriptions,
    ]);
    let (long, back) = (prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (category, about, 0_i32..200, long, back)
}

fn any_event() -> impl Strategy<Value = Event> {
    let entries = prop::collection::vec(any_entry(), 1..4);
    prop_oneof![
        5 => (0_usize..8, entries).prop_map(|(n, e)| Event::Register(n, e)),
        1 => (0_usize..8).prop_map(Event::Delete),
        4 => (1_i32..500).prop_map(Event::Pass),
    ]
}

fn made((category, about, before, long_term, is_back): &Entry, at: Timestamp) -> Item {
    let on = at.jst_date().plus_days(-before);
    let what = match category {
        Category::Laboratory | Category::Infections => What::Lab(lab(about, "1", on)),
        Category::Prescriptions => What::Prescription(Prescription {
            medicine: (*about).to_owned(),
            code: None,
            usage: "1日3回".to_owned(),
            amount: String::new(),
            on,
        }),
        _ => What::Condition(Condition {
            name: (*about).to_owned(),
            onset: Some(on),
            abatement: None,
            status: "active".to_owned(),
            is_main: false,
            recorded: None,
            code: None,
        }),
    };
    let mut item = item(*category, at, what);
    item.flags.long_term = *long_term;
    if *is_back {
        item.certainty = Certainty::Retracted;
    }
    item
}

/// One person's documents, and when the job is due.
#[derive(Clone, Default)]
struct Shelf {
    documents: Vec<(usize, Vec<Item>)>,
    due: Option<Timestamp>,
}

impl Shelf {
    fn expire(&mut self, at: Timestamp) -> usize {
        let before = self.items().len();
        retention::expire(TERMS, &mut self.documents, |d| &mut d.1, at);
        self.documents.retain(|(_, items)| !items.is_empty());
        self.due = retention::next(TERMS, &self.items(), at);
        before - self.items().len()
    }

    fn items(&self) -> Vec<Item> {
        let all = self.documents.iter().flat_map(|(_, items)| items);
        all.cloned().collect()
    }

    /// What anybody could be shown.
    fn shown(&self, at: Timestamp) -> Vec<String> {
        let mut items = self.items();
        items.retain(|item| item.certainty != Certainty::Retracted);
        lines(&kept(items, at))
    }

    fn drop(&mut self, number: usize, at: Timestamp) {
        if self.documents.iter().any(|(n, _)| *n == number) {
            // As the operation does: what ended before goes before something is taken back.
            self.expire(at);
            self.documents.retain(|(n, _)| *n != number);
        }
    }

    fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Register(number, entries) => {
                self.drop(*number, at);
                let items: Vec<Item> = entries.iter().map(|e| made(e, at)).collect();
                let has_ended = self.items().iter().any(|item| {
                    retention::item_end(TERMS, item).is_some_and(|end| end <= at.jst_date())
                });
                let ends = retention::next(TERMS, &items, at);
                let now = has_ended.then_some(at);
                self.due = [self.due, ends, now].into_iter().flatten().min();
                self.documents.push((*number, items));
            }
            Event::Delete(number) => self.drop(*number, at),
            Event::Pass(_) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_the_job_leaves_is_shown_exactly_as_if_it_had_never_run(
        events in prop::collection::vec(any_event(), 1..40),
    ) {
        let (mut with, mut without) = (Shelf::default(), Shelf::default());
        let mut today = begin();
        for event in &events {
            if let Event::Pass(days) = event {
                today = today.plus_days(*days);
            }
            let at = today.start();
            with.apply(event, at);
            without.apply(event, at);
            prop_assert_eq!(with.shown(at), without.shown(at));
            // The job comes when it is due, and only then.
            if with.due.is_some_and(|due| due <= at) {
                with.expire(at);
            }
            prop_assert_eq!(with.shown(at), without.shown(at));
            // Nothing that has ended stays: what is left is what may be shown, and what was
            // taken back within its time.
            let left = with.items();
            let told = left.iter().filter(|i| i.certainty != Certainty::Retracted);
            prop_assert_eq!(told.count(), with.shown(at).len());
            for item in left.iter().filter(|i| i.certainty == Certainty::Retracted) {
                let end = retention::item_end(TERMS, item);
                prop_assert!(end.is_none_or(|end| today < end));
            }
            // A second time it finds nothing.
            let mut again = with.clone();
            prop_assert_eq!(again.expire(at), 0);
            prop_assert_eq!(again.due, retention::next(TERMS, &again.items(), at));
        }
    }

    #[test]
    fn the_order_of_registering_makes_no_difference(
        entries in prop::collection::vec((any_entry(), 0_i32..2_500), 0..30),
        days in 0_i32..4_000,
        turn in 0_usize..30,
    ) {
        let items: Vec<Item> = entries
            .iter()
            .map(|(entry, on)| made(entry, begin().plus_days(*on).start()))
            .collect();
        let at = begin().plus_days(days).start();
        let mut turned = items.clone();
        turned.rotate_left(turn.min(items.len()));
        turned.reverse();
        prop_assert_eq!(lines(&kept(items, at)), lines(&kept(turned, at)));
    }
}

#[test]
fn each_kind_ends_on_its_own_day() {
    let registered = day("2026-02-10");
    for (category, long_term, last, first_gone) in [
        (Category::Conditions, false, "2031-02-09", "2031-02-10"),
        (Category::Infections, false, "2031-02-09", "2031-02-10"),
        (Category::Allergies, false, "2031-02-09", "2031-02-10"),
        (
            Category::Contraindications,
            false,
            "2031-02-09",
            "2031-02-10",
        ),
        (Category::Checkups, false, "2031-02-09", "2031-02-10"),
        (Category::Laboratory, false, "2027-02-09", "2027-02-10"),
        (Category::Prescriptions, false, "2026-05-20", "2026-05-21"),
    ] {
        let end = retention::end(TERMS, category, long_term, registered).expect("an end");
        assert_eq!(end, day(first_gone), "{category:?}");
        assert!(day(last) < end);
        assert_eq!(retention::end(TERMS, category, true, registered), None);
    }
    // What the service does not keep has no rule.
    assert_eq!(retention::term(TERMS, Category::Surgery, registered), None);
}

#[test]
fn an_entry_stays_under_the_rule_of_the_day_on_which_it_was_registered() {
    let later = Term {
        from: "2028-04-01",
        span: Span::Years(7),
        ..retention::term(TERMS, Category::Conditions, begin()).expect("a rule")
    };
    let terms = [TERMS, &[later]].concat();
    for (registered, ends) in [
        ("2019-01-01", "2024-01-01"),
        ("2028-03-31", "2033-03-31"),
        ("2028-04-01", "2035-04-01"),
        ("2030-01-01", "2037-01-01"),
    ] {
        let end = retention::end(&terms, Category::Conditions, false, day(registered));
        assert_eq!(end, Some(day(ends)), "{registered}");
    }
}

#[test]
fn the_last_three_days_of_prescriptions_stay_however_old() {
    let at = |n: i32| begin().plus_days(n).start();
    let items: Vec<Item> = (0..5)
        .flat_map(|n| {
            ["ALB", "CRE"].map(|name| {
                let entry = (Category::Prescriptions, name, 0, false, false);
                made(&entry, at(n * 7))
            })
        })
        .collect();
    let left = kept(items.clone(), at(1_000));
    assert_eq!(lines(&left), lines(&items[4..]));
    assert_eq!(kept(items, at(99)).len(), 10);
}

impl Ward {
    fn pass(&mut self, days: i64) {
        self.world.clock.advance(days * DAY);
        // A record system's registration ends within the year.
        self.system = self.world.system(&self.hospital);
    }

    /// Rounds of the job until nobody is due; how many.
    fn expire(&self) -> usize {
        let mut rounds = 0;
        while ops::round(&self.world.app.gate, &|| false).unwrap_or_else(|e| panic!("{e:?}")) {
            rounds += 1;
        }
        rounds
    }

    /// Events of the person's chain, the newest first.
    fn events(&self) -> Vec<(String, Option<String>)> {
        let (job, person) = (Caller::new(Actor::Job { name: "test" }), self.person);
        let found = self.world.run(job, Purpose::Operation, move |call| {
            history::page(call, person, i64::MAX)
        });
        let page = found.unwrap_or_else(|stop| panic!("{stop:?}"));
        page.into_iter()
            .map(|look| {
                let record = look.entry.record;
                let removed = record.detail("removed").map(str::to_owned);
                (record.event, removed)
            })
            .collect()
    }
}

#[test]
fn the_job_removes_what_has_ended_and_says_so_in_the_persons_history() {
    let mut ward = Ward::new();
    for kind in ["AllergyIntolerance", "Observation"] {
        let mut json = ward.json(kind);
        for entry in json["entry"].as_array_mut().expect("entries") {
            let meta = entry["resource"]["meta"].as_object_mut().expect("meta");
            meta.remove("tag");
        }
        assert_eq!(ward.register_json(&json).status, 201);
    }
    let mut conditions = ward.json("Condition");
    let tag = serde_json::json!([{
        "system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication", "code": "LTS"}]);
    conditions["entry"][1]["resource"]["meta"]["tag"] = tag;
    assert_eq!(ward.register_json(&conditions).status, 201);
    let [condition, allergy] = ["Condition", "AllergyIntolerance"].map(|kind| {
        let json = ward.json(kind);
        json["identifier"]["value"]
            .as_str()
            .expect("a value")
            .to_owned()
    });
    let before = ward.kept();
    // Nobody is due, and nobody is looked at.
    assert_eq!(ward.expire(), 0);
    ward.pass(300);
    assert_eq!(ward.expire(), 0);
    assert_eq!(ward.kept(), before);
    // After a year the results have ended, and stay as the last of their items.
    ward.pass(100);
    let shown = ward.own();
    assert_eq!(ward.expire(), 1);
    assert_eq!(ward.own(), shown);
    // After five years only the long-term entry is left, with its document.
    ward.pass(5 * 366);
    let shown = ward.own();
    assert_eq!(ward.expire(), 1);
    assert_eq!(ward.own(), shown);
    let left = ward.kept();
    assert!(left.iter().any(|line| line.contains("long_term: true")));
    assert!(
        left.iter()
            .all(|line| line.contains("long_term: true") || line.starts_with("laboratory")),
        "{left:?}"
    );
    assert_eq!(ward.command("document", &condition).status, 200);
    assert_eq!(ward.command("document", &allergy).status, 404);
    let records = ward
        .events()
        .into_iter()
        .filter(|(e, _)| e == "records.expire");
    let gone: Vec<usize> = records
        .map(|(_, removed)| removed.expect("a count").parse().expect("a number"))
        .collect();
    assert_eq!(gone.len(), 2);
    let told = before.iter().filter(|line| !left.contains(line)).count();
    assert_eq!(
        gone.iter().sum::<usize>(),
        told,
        "{gone:?} {} {}",
        before.len(),
        left.len()
    );
    // Again: nobody is due, nothing happens, no record.
    let records = ward.world.records();
    ward.world.clock.advance(30 * DAY);
    assert_eq!(ward.expire(), 0);
    assert_eq!(ward.world.records(), records);
}

/// A report with one result of one item.
fn report(ward: &Ward, number: usize, on: &str) -> serde_json::Value {
    let mut json = ward.json("Observation");
    json["entry"].as_array_mut().expect("entries").truncate(2);
    json["entry"][1]["resource"]["effectiveDateTime"] = serde_json::json!(on);
    let value = format!("{}^2026^SERIES-{number}", ward.hospital.code);
    json["identifier"]["value"] = serde_json::json!(value);
    json
}

#[test]
fn a_newer_result_pushes_out_what_had_stayed_as_one_of_the_last() {
    let mut ward = Ward::new();
    for number in 0..3 {
        let on = format!("2026-0{}-01", number + 1);
        assert_eq!(ward.register_json(&report(&ward, number, &on)).status, 201);
    }
    ward.pass(400);
    assert_eq!(ward.expire(), 1);
    assert_eq!(ward.kept().len(), 3);
    let fourth = report(&ward, 3, "2027-12-01");
    assert_eq!(ward.register_json(&fourth).status, 201);
    assert_eq!(ward.own().len(), 3);
    assert_eq!(ward.expire(), 1);
    assert_eq!(ward.kept(), ward.own());
    // The sender takes the newest back: what had ended does not return.
    let value = fourth["identifier"]["value"].as_str().expect("a value");
    assert_eq!(ward.command("delete", value).status, 200);
    assert_eq!(ward.own().len(), 2);
}

#[test]
fn what_had_ended_does_not_return_even_if_the_job_was_late() {
    let mut ward = Ward::new();
    for number in 0..4 {
        let on = format!("2026-0{}-01", number + 1);
        assert_eq!(ward.register_json(&report(&ward, number, &on)).status, 201);
    }
    ward.pass(400);
    assert_eq!(ward.own().len(), 3);
    let value = format!("{}^2026^SERIES-3", ward.hospital.code);
    assert_eq!(ward.command("delete", &value).status, 200);
    assert_eq!(ward.own().len(), 2);
}
