//! What the person hides: a facility learns that there is something, and never what.

use access::consent::{self, Category};
use kernel::id::{ClientId, SessionId, StaffId};
use serde_json::json;
use store::{
    Stop,
    caller::{Actor, Caller, Home, Purpose, Role},
};

use super::{Ward, bytes, lines};
use crate::{
    model::{Item, SharedView, What},
    ops::{self, Part},
};

const FLAGS: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";

impl Ward {
    pub(super) fn doctor(home: &Home) -> Caller {
        Caller::new(Actor::Staff {
            staff: StaffId::from_slice(&[7; 16]).expect("an identifier"),
            role: Role::Doctor,
            name: "佐藤 健一".to_owned(),
            home: home.clone(),
            session: session(),
        })
    }

    /// What a doctor of a facility sees, with the person's consent to everything.
    pub(super) fn seen_by(&self, home: &Home) -> SharedView {
        let (person, facility) = (self.person, home.id);
        self.world.set_up(move |call| {
            consent::give(call, person, facility, &Category::ALL, "pin")?;
            Ok(())
        });
        let seen = self
            .world
            .run(Self::doctor(home), Purpose::Treatment, move |call| {
                ops::shared(call, person, facility)
            });
        seen.unwrap_or_else(|stop| panic!("{stop:?}"))
    }

    pub(super) fn clinic(&self) -> Home {
        self.world.facility("1310000017", "はじめての医院")
    }

    fn self_caller(&self) -> Caller {
        Caller::new(Actor::Patient {
            person: self.person,
            session: session(),
        })
    }

    fn choose(&self, entry: [u8; 32], part: Part, hides: bool) -> Result<(), Stop> {
        let person = self.person;
        let op = move |call: &mut store::Call<'_>| {
            if hides {
                ops::hide(call, person, &entry, part)
            } else {
                ops::unhide(call, person, &entry, part)
            }
        };
        self.world.run(self.self_caller(), Purpose::OwnAccess, op)
    }

    fn mine(&self) -> Vec<Item> {
        let person = self.person;
        let op = move |call: &mut store::Call<'_>| ops::own(call, person);
        let own = self.world.run(self.self_caller(), Purpose::OwnAccess, op);
        own.unwrap_or_else(|stop| panic!("{stop:?}")).items
    }

    fn registered() -> Self {
        let ward = Self::new();
        for kind in ["Condition", "AllergyIntolerance", "Observation"] {
            assert_eq!(ward.register(&ward.bundle(kind).json).status, 201);
        }
        ward
    }
}

fn session() -> SessionId {
    SessionId::from_slice(&[8; 16]).expect("an identifier")
}

fn counts(view: &SharedView, category: Category) -> (usize, usize) {
    let shown = view.items.iter().filter(|i| i.category == category).count();
    let hidden = view.hidden.iter().find(|(c, _)| *c == category);
    (shown, hidden.map_or(0, |(_, count)| *count))
}

#[test]
fn a_hidden_entry_is_a_count_to_facilities_and_stays_with_the_person_and_its_sender() {
    let ward = Ward::registered();
    let clinic = ward.clinic();
    let before = ward.seen_by(&clinic);
    assert_eq!(before.hidden, []);
    let mine = ward.mine();
    let one = mine
        .iter()
        .find(|i| i.category == Category::Conditions)
        .expect("one");
    ward.choose(one.keys.entry, Part::Entry, true)
        .expect("hidden");
    let after = ward.seen_by(&clinic);
    let (shown, _) = counts(&before, Category::Conditions);
    assert_eq!(counts(&after, Category::Conditions), (shown - 1, 1));
    assert_eq!(after.hidden, [(Category::Conditions, 1)]);
    assert!(after.items.iter().all(|i| i.keys.entry != one.keys.entry));
    // Others are as they were, for everybody.
    assert_eq!(after.items.len(), before.items.len() - 1);
    assert_eq!(ward.seen_by(&ward.hospital.clone()).hidden, []);
    assert_eq!(
        ward.seen_by(&ward.hospital.clone()).items.len(),
        before.items.len()
    );
    let mine = ward.mine();
    assert_eq!(mine.iter().filter(|i| i.is_hidden).count(), 1);
    // Twice is once; shown again, everything is as before.
    ward.choose(one.keys.entry, Part::Entry, true)
        .expect("again");
    ward.choose(one.keys.entry, Part::Entry, false)
        .expect("shown");
    let again = ward.seen_by(&clinic);
    assert_eq!(lines(&again.items), lines(&before.items));
    assert_eq!(again.hidden, []);
}

#[test]
fn hiding_holds_when_the_document_is_replaced_whatever_its_entries_are_called_then() {
    let ward = Ward::registered();
    let clinic = ward.clinic();
    let mine = ward.mine();
    let one = mine
        .iter()
        .find(|i| i.category == Category::Conditions)
        .expect("one");
    let What::Condition(condition) = &one.what else {
        panic!("a condition")
    };
    ward.choose(one.keys.entry, Part::Entry, true)
        .expect("hidden");
    for change in ["the same", "other identifiers", "other names"] {
        let mut json = ward.json("Condition");
        for (nth, entry) in json["entry"]
            .as_array_mut()
            .expect("entries")
            .iter_mut()
            .enumerate()
            .skip(1)
        {
            let resource = &mut entry["resource"];
            match change {
                "other identifiers" => {
                    for identifier in resource["identifier"].as_array_mut().expect("identifiers") {
                        identifier["value"] = json!(format!("NEW-{nth}"));
                    }
                }
                "other names" => {
                    let text = format!(
                        "{}(再掲)",
                        resource["code"]["text"].as_str().expect("a text")
                    );
                    resource["code"]["text"] = json!(text);
                }
                _ => {}
            }
        }
        assert_eq!(ward.register(&bytes(&json)).status, 200, "{change}");
        let seen = ward.seen_by(&clinic);
        assert_eq!(counts(&seen, Category::Conditions).1, 1, "{change}");
        assert!(
            seen.items.iter().all(
                |i| !matches!(&i.what, What::Condition(c) if c.name.starts_with(&condition.name))
            ),
            "{change}"
        );
        // Back to the first form, so that each change is one step.
        assert_eq!(ward.register(&ward.bundle("Condition").json).status, 200);
    }
}

#[test]
fn a_report_is_hidden_as_a_whole_and_counted_by_category() {
    let ward = Ward::registered();
    let clinic = ward.clinic();
    let before = ward.seen_by(&clinic);
    let mine = ward.mine();
    let one = mine
        .iter()
        .find(|i| i.category == Category::Laboratory)
        .expect("one");
    ward.choose(one.keys.entry, Part::Document, true)
        .expect("hidden");
    let after = ward.seen_by(&clinic);
    for category in [Category::Laboratory, Category::Infections] {
        let in_report = mine
            .iter()
            .filter(|i| i.category == category && i.keys.document == one.keys.document)
            .count();
        let (shown, _) = counts(&before, category);
        assert_eq!(counts(&after, category), (shown - in_report, in_report));
    }
    ward.choose(one.keys.entry, Part::Document, false)
        .expect("shown");
    assert_eq!(lines(&ward.seen_by(&clinic).items), lines(&before.items));
}

#[test]
fn each_flag_reaches_exactly_the_viewers_that_it_means() {
    for (flags, facility, sender, patient) in [
        (vec![], true, true, true),
        (vec!["LTS"], true, true, true),
        (vec!["UNINFORMED"], true, true, false),
        (vec!["UNDELIVERED"], false, true, false),
        (vec!["UNINFORMED", "UNDELIVERED"], false, true, false),
        (vec!["LTS", "UNINFORMED"], true, true, false),
        (vec!["LTS", "UNDELIVERED"], false, true, false),
        (vec!["LTS", "UNINFORMED", "UNDELIVERED"], false, true, false),
    ] {
        let ward = Ward::new();
        let clinic = ward.clinic();
        let mut json = ward.json("Condition");
        let tags: Vec<_> = flags
            .iter()
            .map(|code| json!({"system": FLAGS, "code": code}))
            .collect();
        let resource = &mut json["entry"][1]["resource"];
        let meta = resource["meta"].as_object_mut().expect("meta");
        meta.remove("tag");
        if !tags.is_empty() {
            meta.insert("tag".to_owned(), json!(tags));
        }
        resource["code"]["text"] = json!("旗のある病名");
        assert_eq!(ward.register(&bytes(&json)).status, 201, "{flags:?}");
        let has = |items: &[Item]| {
            lines(items)
                .iter()
                .any(|line| line.contains("旗のある病名"))
        };
        let seen = ward.seen_by(&clinic);
        assert_eq!(has(&seen.items), facility, "{flags:?}");
        // What goes to nobody is not even counted.
        assert_eq!(seen.hidden, [], "{flags:?}");
        assert_eq!(
            has(&ward.seen_by(&ward.hospital.clone()).items),
            sender,
            "{flags:?}"
        );
        assert_eq!(has(&ward.mine()), patient, "{flags:?}");
    }
}

#[test]
fn only_what_one_can_see_oneself_can_be_hidden() {
    let ward = Ward::new();
    let mut json = ward.json("Condition");
    json["entry"][1]["resource"]["meta"]["tag"] = json!([{"system": FLAGS, "code": "UNINFORMED"}]);
    assert_eq!(ward.register(&bytes(&json)).status, 201);
    let all = ward.kept_of(ward.person);
    let secret = all.iter().find(|i| i.flags.uninformed).expect("one");
    let told = |found: Result<(), Stop>| match found {
        Err(Stop::Refused(refusal)) => refusal.entry.code,
        other => panic!("{other:?}"),
    };
    // The answer is that of an entry that does not exist.
    assert_eq!(
        told(ward.choose(secret.keys.entry, Part::Entry, true)),
        "TSK-REC-009"
    );
    assert_eq!(told(ward.choose([1; 32], Part::Entry, true)), "TSK-REC-009");
    // Nobody else decides.
    let (person, entry) = (ward.person, all[0].keys.entry);
    for caller in [
        Ward::doctor(&ward.hospital),
        Caller::new(Actor::System {
            client: ClientId::from_slice(&[9; 16]).expect("an identifier"),
            home: ward.hospital.clone(),
            name: "x".to_owned(),
        }),
    ] {
        let op = move |call: &mut store::Call<'_>| ops::hide(call, person, &entry, Part::Entry);
        let found = ward.world.run(caller, Purpose::OwnAccess, op);
        assert!(matches!(found, Err(Stop::Refused(_))));
    }
}
