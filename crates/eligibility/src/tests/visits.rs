//! Visit codes at the counter, the choice in three clicks, receipts, home care, and therapy
//! offices. What the person's phone does is in the portal's tests.

use std::fs;

use access::consent::{self, Category, Source};
use kernel::time::Timestamp;
use registry::model::FacilityKind;

use super::*;
use crate::{
    codes::model::{Digits, Kind},
    consents,
    model::{CareClass, Method, VisitId},
};

const CODES: &str = "/api/v1/eligibility/visit-codes";
const HOME_CHECKS: &str = "/api/v1/eligibility/home-checks";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("an instant")
}

fn visit_at(town: &Town, clinic: &Home, method: Method) -> String {
    let (facility, person) = (clinic.id, town.people[SAWAKO]);
    town.world.set_up(move |call| {
        let on = call.at().jst_date();
        let confirmed = ops::confirm(call, facility, person, None, on, method)?;
        Ok(confirmed.visit.to_hex())
    })
}

fn open_now(town: &Town, clinic: &Home) -> Vec<Category> {
    let (facility, person) = (clinic.id, town.people[SAWAKO]);
    town.world.set_up(move |call| {
        call.open(person)?;
        let ledger = consent::ledger(call, person)?;
        let open = consent::granted(&ledger, facility, Purpose::Treatment, call.at());
        Ok(open
            .unwrap_or_default()
            .into_iter()
            .map(|(c, _)| c)
            .collect())
    })
}

#[test]
fn a_code_holds_as_long_as_its_kind_says() {
    let noon = at("2026-11-22T03:00:00Z");
    let late = at("2026-11-22T14:50:00Z");
    let booked = |text| Some(at(text));
    for (kind, made, booking, until) in [
        (Kind::InCar, noon, None, Some("2026-11-22T03:15:00Z")),
        (Kind::Counter, noon, None, Some("2026-11-22T03:15:00Z")),
        (Kind::HomeVisit, noon, None, Some("2026-11-22T15:00:00Z")),
        (Kind::HomeVisit, late, None, Some("2026-11-22T15:05:00Z")),
        (
            Kind::Online,
            noon,
            booked("2026-11-22T05:30:00Z"),
            Some("2026-11-22T07:30:00Z"),
        ),
        (
            Kind::Online,
            noon,
            booked("2026-11-23T02:00:00Z"),
            Some("2026-11-23T03:00:00Z"),
        ),
        (Kind::Online, noon, booked("2026-11-23T03:00:01Z"), None),
        (Kind::Online, noon, booked("2026-11-22T02:59:59Z"), None),
        (Kind::Online, noon, None, None),
        (Kind::InCar, noon, booked("2026-11-22T05:30:00Z"), None),
    ] {
        assert_eq!(
            kind.expires_at(made, booking),
            until.map(at),
            "{kind:?} {booking:?}"
        );
    }
}

#[test]
fn digits_are_read_as_people_type_them() {
    for (typed, read) in [
        ("12345678", Some("12345678")),
        ("1234 5678", Some("12345678")),
        ("１２３４－５６７８", Some("12345678")),
        ("1234567", None),
        ("123456789", None),
        ("1234567a", None),
        ("", None),
        ("٣٣٣٣٣٣٣٣", None),
    ] {
        let found = Digits::parse(typed);
        assert_eq!(found.as_ref().map(Digits::reveal), read, "{typed}");
    }
}

#[test]
fn a_record_system_makes_a_code_of_each_kind_and_sees_what_it_came_to() {
    let town = town();
    for (kind, care) in [
        ("in-car", "1"),
        ("counter", "1"),
        ("home-visit", "2"),
        ("online", "3"),
    ] {
        let mut body = json!({ "kind": kind, "label": "3番" });
        if kind == "online" {
            body["booked_at"] = json!("2026-11-22T03:00:00Z");
        }
        let made = town.world.post(&town.system, CODES, &body);
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        assert_eq!(
            (&made["kind"], &made["care_class"]),
            (&json!(kind), &json!(care))
        );
        let url = made["url"].as_str().expect("an address");
        let code = made["code"].as_str().expect("a code");
        assert_eq!(url, format!("http://tasuki.test/v/{code}"));
        assert!(
            made["qr_svg"]
                .as_str()
                .expect("a drawing")
                .starts_with("<svg")
        );
        let path = format!("{CODES}/{}", made["id"].as_str().expect("an id"));
        let seen = town.world.get(&town.system, &path).json();
        assert_eq!(
            (&seen["state"], &seen["label"]),
            (&json!("waiting"), &json!("3番"))
        );
        assert!(seen.get("visit").is_none());
    }
}

#[test]
fn what_is_wrong_with_a_new_code_has_a_code_of_its_own() {
    let town = town();
    for (body, code) in [
        (json!({"kind": "car"}), "TSK-VIS-014"),
        (json!({"kind": "online"}), "TSK-VIS-015"),
        (
            json!({"kind": "online", "booked_at": "tomorrow"}),
            "TSK-VIS-015",
        ),
        (
            json!({"kind": "in-car", "booked_at": "2026-11-22T03:00:00Z"}),
            "TSK-VIS-015",
        ),
        (
            json!({"kind": "in-car", "label": "あ".repeat(21)}),
            "TSK-VIS-016",
        ),
        (json!({"kind": "in-car", "label": "a\nb"}), "TSK-VIS-016"),
    ] {
        let before = town.world.records();
        let reply = town.world.post(&town.system, CODES, &body);
        assert_eq!(reply.code(), code, "{body}: {}", reply.text());
        assert_eq!(town.world.records(), before + 1, "{body}");
    }
}

#[test]
fn another_facilitys_code_looks_as_if_it_were_absent() {
    let town = town();
    let made = town
        .world
        .post(&town.system, CODES, &json!({"kind": "in-car"}));
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let other = town.world.facility("1310000019", "となり診療所");
    let (system, clerk) = (
        town.world.system(&other),
        town.world.staff(&other, Role::Clerk),
    );
    for id in [id.as_str(), &"0".repeat(32)] {
        let api = town.world.get(&system, &format!("{CODES}/{id}"));
        let page = town.world.get(&clerk, &format!("/reception/codes/{id}"));
        for reply in [api, page] {
            assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-VIS-018"));
        }
    }
    assert!(
        !town
            .world
            .get(&clerk, "/reception/codes")
            .text()
            .contains("お待ちしています")
    );
}

#[test]
fn the_counter_makes_a_code_with_a_form_and_shows_it_with_its_qr() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let fields = [("kind", "in-car"), ("label", "駐車場3番")];
    let made = town.world.submit(&clerk, "/reception/codes", &fields);
    assert_eq!(made.status, 303, "{}", made.text());
    let page = town.world.get(&clerk, made.header("location")).text();
    assert!(
        page.contains("<svg class=\"qr\"") && page.contains("駐車場3番"),
        "{page}"
    );
    let list = town.world.get(&clerk, "/reception/codes").text();
    assert!(list.contains("お待ちしています") && list.contains("駐車場3番"));
    town.world.clock.advance(15 * 60);
    let clerk = town.staff(Role::Nurse);
    assert!(
        town.world
            .get(&clerk, made.header("location"))
            .text()
            .contains("TSK-VIS-011")
    );
    assert!(
        town.world
            .get(&clerk, "/reception/codes")
            .text()
            .contains("時間が過ぎました")
    );
    let online = [
        ("kind", "online"),
        ("booked_date", "2026-11-22"),
        ("booked_time", "25:00"),
    ];
    let wrong = town.world.submit(&clerk, "/reception/codes", &online);
    assert_eq!((wrong.status, wrong.code().as_str()), (422, "TSK-VIS-015"));
}

#[test]
fn neither_digits_nor_marks_nor_names_of_home_patients_are_in_the_clear_on_the_disk() {
    let town = town();
    let made = town.world.post(
        &town.system,
        CODES,
        &json!({"kind": "in-car", "label": "しるし四七"}),
    );
    let digits = made.json()["code"].as_str().expect("digits").to_owned();
    home_care(&town, &town.clinic);
    let name = town.lives[SAWAKO].name.full();
    for entry in fs::read_dir(town.world.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).expect("read");
        for word in [digits.as_str(), "しるし四七", name.as_str()] {
            let found = bytes
                .windows(word.len())
                .any(|part| part == word.as_bytes());
            assert!(!found, "{word} in {}", path.display());
        }
    }
}

/// Somebody who clicks: each link, button and box counts, and must be there.
struct Hand<'t> {
    town: &'t Town,
    who: As,
    page: String,
    clicks: usize,
}

impl Hand<'_> {
    fn follow(&mut self, href: &str) {
        assert!(
            self.page.contains(&format!("href=\"{href}\"")),
            "{href}: {}",
            self.page
        );
        self.clicks += 1;
        self.page = self.town.world.get(&self.who, href).text();
    }

    /// Checks boxes, then presses a button; where it leads.
    fn press(&mut self, path: &str, boxes: &[(&str, &str)], (name, value): (&str, &str)) -> String {
        for (name, value) in boxes {
            let input = format!("name=\"{name}\" value=\"{value}\"");
            assert!(self.page.contains(&input), "{input}");
        }
        assert!(
            self.page
                .contains(&format!("name=\"{name}\" value=\"{value}\""))
        );
        self.clicks += boxes.len() + 1;
        let mut fields = boxes.to_vec();
        fields.push((name, value));
        // What is chosen when the form is opened is sent as well.
        if !boxes.iter().any(|(name, _)| *name == "standing") {
            fields.push(("standing", "visit"));
        }
        let reply = self.town.world.submit(&self.who, path, &fields);
        assert_eq!(reply.status, 303, "{}", reply.text());
        let to = reply.header("location").to_owned();
        self.page = self.town.world.get(&self.who, &to).text();
        to
    }
}

#[test]
fn from_the_visit_to_done_all_none_and_a_choice_are_three_clicks_at_most() {
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        usize,
        &'static [Category],
        &'static str,
    );
    let cases: [Case; 5] = [
        (
            "all",
            &[],
            2,
            &Category::ALL,
            "あなたの診療の情報をすべて見られます",
        ),
        ("none", &[], 2, &[], "何も見せないことを登録しました"),
        (
            "some",
            &[("category", "medications")],
            3,
            &[Category::Medications],
            "明日11月23日10時まで、お薬の情報を見られます",
        ),
        (
            "some",
            &[("category", "shared")],
            3,
            &Category::SHARED,
            "電子カルテの共有の情報を見られます",
        ),
        (
            "some",
            &[("part", "allergies")],
            3,
            &[Category::Allergies],
            "アレルギーの情報を見られます",
        ),
    ];
    for (choice, boxes, clicks, open, said) in cases {
        let town = town();
        let visit = visit_at(&town, &town.clinic, Method::CardPin);
        let who = town.staff(Role::Clerk);
        let href = format!("/visits/{visit}");
        let mut hand = Hand {
            page: town.world.get(&who, &href).text(),
            town: &town,
            who,
            clicks: 0,
        };
        let form = format!("{href}/consent");
        hand.follow(&form);
        hand.press(&form, boxes, ("choice", choice));
        assert!(
            hand.page.contains(said),
            "{choice} {boxes:?}: {}",
            hand.page
        );
        assert_eq!(hand.clicks, clicks, "{choice} {boxes:?}");
        assert!(hand.clicks <= 3);
        let mut wanted = open.to_vec();
        wanted.sort_unstable();
        let mut now = open_now(&town, &town.clinic);
        now.sort_unstable();
        assert_eq!(now, wanted, "{choice} {boxes:?}");
    }
}

#[test]
fn next_visits_and_home_care_are_one_click_more_and_end_in_a_year() {
    for (kind, said) in [
        (
            "standing",
            "2027年11月22日10時まで、お薬と健診の情報を見られます。次回からも、同じ内容を見られます。",
        ),
        (
            "home-care",
            "2027年11月22日10時まで、お薬と健診の情報を見られます。在宅での診療の間、カードがなくても見られます。",
        ),
    ] {
        let town = town();
        let visit = visit_at(&town, &town.clinic, Method::CardPin);
        let path = format!("/visits/{visit}/consent");
        let fields = [
            ("choice", "some"),
            ("category", "medications"),
            ("category", "checkups"),
            ("standing", kind),
        ];
        let clerk = town.staff(Role::Clerk);
        let page = town.world.get(&clerk, &path).text();
        assert!(page.contains("次回からも、この医療機関には同じ内容で"));
        assert!(page.contains("2027年11月22日10時まで"));
        let reply = town.world.submit(&clerk, &path, &fields);
        let receipt = town.world.get(&clerk, reply.header("location")).text();
        assert!(
            receipt.contains(&format!("みどり診療所は、{said}")),
            "{receipt}"
        );
    }
}

#[test]
fn a_choice_has_a_receipt_that_checks_offline_and_that_no_other_facility_sees() {
    let town = town();
    let visit = visit_at(&town, &town.clinic, Method::CardPin);
    let body = json!({ "categories": ["medications", "checkups"] });
    let given = town.world.post(
        &town.system,
        &format!("/api/v1/visits/{visit}/consents"),
        &body,
    );
    let number = given.json()["consent"]
        .as_str()
        .expect("a number")
        .to_owned();
    let path = format!("/api/v1/visits/{visit}/consents/{number}");
    let reply = town.world.get(&town.system, &path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    assert_eq!(json["who"], "橘 佐〇〇");
    assert_eq!(json["categories"], json!(["medications", "checkups"]));
    assert_eq!(json["facility"], "みどり診療所");
    assert_eq!(json["until"], "2026-11-23T01:00:00Z");
    assert_eq!(json["undo"], "http://tasuki.test/portal/consents");
    let word = |name: &str| json[name].as_str().expect(name).to_owned();
    let key = kernel::hex::decode(&word("public_key")).expect("a key");
    assert_eq!(key, town.world.set_up(|call| Ok(call.paper_key())));
    let receipt = consents::verify(&key, &word("text")).expect("valid");
    assert_eq!(consents::verify(&key, &reply.text()), Ok(receipt));
    // The JSON says nothing beside its text.
    for (member, value) in [
        ("who", json!("橘 髙志")),
        ("categories", json!(["medications", "checkups", "surgery"])),
        ("more", json!(1)),
    ] {
        let mut changed = json.clone();
        changed[member] = value;
        assert!(
            consents::verify(&key, &changed.to_string()).is_err(),
            "{member}"
        );
    }
    let page = town.world.get(
        &town.staff(Role::Clerk),
        &format!("/visits/{visit}/consents/{number}"),
    );
    assert!(page.text().contains(&number) && page.text().contains("<svg class=\"qr\""));
    assert!(!page.text().contains("佐和子</dd>"));
    // Another facility of the same person, with its own visit, does not see it.
    let other = town.world.facility("1310000019", "となり診療所");
    let theirs = visit_at(&town, &other, Method::CardPin);
    let path = format!("/api/v1/visits/{theirs}/consents/{number}");
    let reply = town.world.get(&town.world.system(&other), &path);
    assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-VIS-030"));
}

/// A therapy office, with its record system.
fn therapy(town: &Town) -> (Home, As) {
    let home = town
        .world
        .office(FacilityKind::TherapyOffice, 41, "あおぞら鍼灸院");
    let system = town.world.system(&home);
    (home, system)
}

#[test]
fn a_therapy_office_verifies_eligibility_and_gets_no_category_whoever_works_there() {
    let town = town();
    let (office, system) = therapy(&town);
    let visit = visit_at(&town, &office, Method::CardPin);
    let doctor = town.world.staff(&office, Role::Doctor);
    let href = format!("/visits/{visit}");
    let result = town.world.get(&doctor, &href);
    assert!(result.text().contains("有効な資格です"));
    assert!(
        result
            .text()
            .contains("施術所では、資格の確認だけができます。")
    );
    assert!(!result.text().contains("/consent\""));
    let page = town.world.get(&doctor, &format!("{href}/consent")).text();
    assert!(page.contains("TSK-CNS-009") && !page.contains("name=\"choice\""));
    let api = format!("/api/v1/visits/{visit}/consents");
    for category in Category::ALL {
        for standing in [
            json!({}),
            json!({"standing": true}),
            json!({"home_care": true}),
        ] {
            let body = with(json!({ "categories": [category.word()] }), &standing);
            let before = town.world.records();
            let reply = town.world.post(&system, &api, &body);
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (403, "TSK-CNS-009"),
                "{body}"
            );
            assert_eq!(town.world.records(), before + 1, "{body}");
        }
        let fields = [("choice", "some"), ("part", category.word())];
        let reply = town
            .world
            .submit(&doctor, &format!("{href}/consent"), &fields);
        assert_eq!(reply.code(), "TSK-CNS-009", "{category:?}");
        // Nor below the counter.
        let (facility, person) = (office.id, town.people[SAWAKO]);
        let caller = store::caller::Caller::new(store::caller::Actor::Job { name: "test" });
        let below = town.world.run(caller, Purpose::OwnAccess, move |call| {
            consent::give(call, person, facility, &[category], "pin")
        });
        assert!(below.is_err(), "{category:?}");
    }
    let all = [("choice", "all")];
    let reply = town.world.submit(&doctor, &format!("{href}/consent"), &all);
    assert_eq!(reply.code(), "TSK-CNS-009");
    assert_eq!(open_now(&town, &office), []);
}

#[test]
fn a_therapist_is_offered_no_choice_and_may_record_none() {
    let town = town();
    let visit = visit_at(&town, &town.clinic, Method::CardPin);
    let therapist = town.staff(Role::Therapist);
    assert_eq!(
        town.world
            .get(&therapist, &format!("/visits/{visit}"))
            .status,
        200
    );
    let path = format!("/visits/{visit}/consent");
    for reply in [
        town.world.get(&therapist, &path),
        town.world.submit(&therapist, &path, &[("choice", "all")]),
    ] {
        assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-ACC-003"));
    }
    assert_eq!(open_now(&town, &town.clinic), []);
}

/// The person gives the clinic the continuing consent of home care; the clinic's reference.
fn home_care(town: &Town, clinic: &Home) -> String {
    let visit = visit_at(town, clinic, Method::CodeHome);
    let body = json!({ "categories": ["medications", "allergies"], "home_care": true });
    let path = format!("/api/v1/visits/{visit}/consents");
    let system = town.world.system(clinic);
    let given = town.world.post(&system, &path, &body);
    assert_eq!(given.status, 201, "{}", given.text());
    let list = town.world.get(&system, "/api/v1/eligibility/home-patients");
    let patient = &list.json()["patients"][0];
    assert_eq!(patient["name"], "橘 佐和子");
    patient["patient"].as_str().expect("a reference").to_owned()
}

fn withdraw(town: &Town, clinic: &Home) {
    let (facility, person) = (clinic.id, town.people[SAWAKO]);
    town.world.set_up(move |call| {
        consent::withdraw(call, person, facility)?;
        crate::home::sync(call, facility, person)
    });
}

#[test]
fn home_care_is_verified_again_without_the_card_until_the_consent_is_taken_back() {
    let town = town();
    let nurses = town
        .world
        .office(FacilityKind::NursingStation, 42, "ひだまり訪問看護");
    let system = town.world.system(&nurses);
    let patient = home_care(&town, &nurses);
    town.world.clock.advance(40 * 24 * 3600);
    let body = json!({ "patient": patient });
    let reply = town.world.post(&system, HOME_CHECKS, &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    assert_eq!(
        (&json["method"], &json["care_class"]),
        (&json!("home_care"), &json!("2"))
    );
    let visit = json["visit"].as_str().expect("a visit").to_owned();
    // It shows what the standing consent opens, and gives no new one.
    let nurse = town.world.staff(&nurses, Role::Nurse);
    let asked = |class: &str| {
        let path = format!(
            "/api/v1/access/decisions?class={class}&action=read&purpose=treatment&visit={visit}"
        );
        town.world.get(&nurse, &path).json()["decision"].clone()
    };
    assert_eq!(
        (asked("allergies"), asked("surgery")),
        (json!("permit"), json!("deny"))
    );
    let more = json!({ "categories": ["surgery"] });
    let consents = format!("/api/v1/visits/{visit}/consents");
    assert_eq!(
        town.world.post(&system, &consents, &more).code(),
        "TSK-CNS-005"
    );
    let page = town.world.get(&nurse, &format!("/visits/{visit}")).text();
    assert!(page.contains("在宅の継続同意で確認しました") && page.contains("診療区分: 訪問"));
    assert!(
        town.world
            .get(&nurse, "/reception/home")
            .text()
            .contains("橘 佐和子")
    );
    withdraw(&town, &nurses);
    let before = town.world.records();
    let refused = town.world.post(&system, HOME_CHECKS, &body);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "TSK-VIS-021")
    );
    assert_eq!(town.world.records(), before + 1);
    let page = town
        .world
        .submit(&nurse, "/reception/home", &[("patient", &patient)]);
    assert_eq!((page.status, page.code().as_str()), (403, "TSK-VIS-021"));
    assert!(
        !town
            .world
            .get(&nurse, "/reception/home")
            .text()
            .contains("橘 佐和子")
    );
    assert_eq!(asked("allergies"), json!("deny"));
}

#[test]
fn home_care_ends_with_its_year_and_the_reference_is_the_facilitys_own() {
    let town = town();
    let patient = home_care(&town, &town.clinic);
    let body = json!({ "patient": patient });
    let other = town.world.facility("1310000019", "となり診療所");
    let theirs = town
        .world
        .post(&town.world.system(&other), HOME_CHECKS, &body);
    assert_eq!(
        (theirs.status, theirs.code().as_str()),
        (404, "TSK-VIS-020")
    );
    let absent = json!({ "patient": "0".repeat(32) });
    assert_eq!(
        town.world.post(&town.system, HOME_CHECKS, &absent).code(),
        "TSK-VIS-020"
    );
    let person = kernel::hex::encode(town.people[SAWAKO].as_bytes());
    assert_ne!(patient, person);
    assert_eq!(
        town.world
            .post(&town.system, HOME_CHECKS, &json!({ "patient": person }))
            .code(),
        "TSK-VIS-020"
    );
    town.world.clock.advance(365 * 24 * 3600 - 1);
    let fields = [("patient", patient.as_str())];
    let nurse = town.staff(Role::Nurse);
    let good = town.world.submit(&nurse, "/reception/home", &fields);
    assert_eq!(good.status, 303, "{}", good.text());
    town.world.clock.advance(1);
    let late = town.world.submit(&nurse, "/reception/home", &fields);
    assert_eq!((late.status, late.code().as_str()), (403, "TSK-VIS-022"));
}

#[test]
fn a_choice_for_the_visit_alone_puts_nobody_on_the_home_care_list() {
    let town = town();
    let visit = visit_at(&town, &town.clinic, Method::CardPin);
    let path = format!("/api/v1/visits/{visit}/consents");
    let body = json!({ "categories": ["medications"], "standing": true });
    assert_eq!(town.world.post(&town.system, &path, &body).status, 201);
    let list = town
        .world
        .get(&town.system, "/api/v1/eligibility/home-patients");
    assert_eq!(list.json()["patients"], json!([]));
}

#[test]
fn a_visit_keeps_of_which_kind_the_care_is() {
    let town = town();
    let nurses = town
        .world
        .office(FacilityKind::NursingStation, 42, "ひだまり訪問看護");
    for (home, method, care) in [
        (&town.clinic, Method::CardPin, CareClass::Outpatient),
        (&town.clinic, Method::CodeInCar, CareClass::Outpatient),
        (&town.clinic, Method::CodeHome, CareClass::HomeVisit),
        (&town.clinic, Method::CodeOnline, CareClass::Online),
        (&nurses, Method::CardPin, CareClass::HomeVisit),
        (&nurses, Method::CodeOnline, CareClass::Online),
    ] {
        let id = VisitId::parse(&visit_at(&town, home, method)).expect("a visit");
        let facility = home.id;
        let visit = town
            .world
            .set_up(move |call| ops::visit(call, facility, id));
        assert_eq!((visit.method, visit.care), (method, care));
    }
}

#[test]
fn an_end_is_said_as_people_say_it() {
    let now = at("2026-11-22T01:00:00Z");
    let lang = web::ui::Lang::Ja;
    for (until, said) in [
        ("2026-11-22T09:05:00Z", "今日11月22日18時05分"),
        ("2026-11-23T01:00:00Z", "明日11月23日10時"),
        ("2026-11-22T15:00:00Z", "明日11月23日0時"),
        ("2026-12-01T01:00:00Z", "12月1日10時"),
        ("2027-11-22T01:00:00Z", "2027年11月22日10時"),
    ] {
        assert_eq!(consents::until_words(lang, at(until), now), said);
    }
    let words = |categories: &[Category]| consents::words(lang, categories);
    assert_eq!(
        words(&[Category::Checkups, Category::Medications]),
        "お薬と健診"
    );
    assert_eq!(
        words(&[&Category::SHARED[..], &[Category::Surgery]].concat()),
        "手術と電子カルテの共有"
    );
    assert_eq!(words(&Category::SHARED[..2]), "アレルギーと使えないお薬");
    assert_eq!(Source::HomeCare.word(), "home-care");
}
