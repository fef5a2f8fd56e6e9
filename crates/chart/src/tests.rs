//! What a doctor sees of a visiting patient: exactly what she agreed to, and no longer.

mod confirm;
mod prescriptions;
mod shared;

use access::{
    consent::{self, Category},
    history,
    session::{self, Stage, Whose},
};
use kernel::id::{PersonId, StaffId};
use serde_json::{Value, json};
use store::{
    audit::Record,
    caller::{Actor, Caller, Home, Purpose, Role},
};
use testkit::{
    World,
    population::{Life, demo},
    world::{As, Reply},
};

const FLAGS: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";
const DAY: i64 = 24 * 3600;
/// The name of the condition that may be shown to nobody.
const HIDDEN: &str = "誰にも見せない病名";
/// A name that would be a program if it were not escaped.
const SCRIPT: &str = "<script>alert('x')</script>";

/// A clinic that has never seen the patient, where she is now.
struct Clinic {
    world: World,
    life: Life,
    person: PersonId,
    /// The record system of the hospital that sent what is shared.
    sender: As,
    home: Home,
    doctor: StaffId,
    system: As,
    visit: String,
    number: Value,
}

impl Clinic {
    fn new() -> Self {
        let world = World::new(vec![
            eligibility::service(),
            records::service(),
            // Its routes and ours stand below one address.
            fhir_server::service(),
            crate::service(),
        ]);
        let on = world.app.gate.now().jst_date();
        let life = demo::patient(on);
        let person = world.person(&life);
        let hospital = world.set_up(|call| testkit::seed::facility(call, &demo::hospital()));
        let sender = world.system(&hospital);
        for bundle in demo::bundles(on) {
            let mut json: Value = serde_json::from_slice(&bundle.json).expect("JSON");
            if bundle.kind.as_str() == "Condition" {
                let tag = json!([{"system": FLAGS, "code": "UNDELIVERED"}]);
                json["entry"][1]["resource"]["meta"]["tag"] = tag;
                json["entry"][1]["resource"]["code"]["text"] = json!(HIDDEN);
                json["entry"][2]["resource"]["code"]["text"] = json!(SCRIPT);
            }
            let body = serde_json::to_vec(&json).expect("JSON");
            let reply = world.post_fhir(&sender, "/fhir/Bundle/$register", &body);
            assert_eq!(reply.status, 201, "{}", reply.text());
        }
        let home = world.facility("1310000017", "はじめての医院");
        let system = world.system(&home);
        let doctor = world.account(&home, Role::Doctor, "not a hash");
        let coverage = life.coverages.last().expect("insured");
        let number = json!({
            "insurer_number": coverage.insurer.number.as_str(),
            "symbol": coverage.symbol.as_str(),
            "number": coverage.number.as_str(),
            "birth_date": life.birth.to_string(),
        });
        let mut clinic = Self {
            world,
            life,
            person,
            sender,
            home,
            doctor,
            system,
            visit: String::new(),
            number,
        };
        clinic.visit = clinic.come(&clinic.system);
        clinic
    }

    /// The patient comes to the facility of `system`; the visit.
    fn come(&self, system: &As) -> String {
        let path = "/api/v1/eligibility/checks";
        let reply = self.world.post(system, path, &self.number);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["visit"].as_str().expect("a visit").to_owned()
    }

    /// The doctor, newly logged in.
    fn doctor(&self) -> As {
        let whose = Whose::Staff(self.home.id, self.doctor);
        As::Browser(self.world.set_up(move |call| {
            let token = session::begin(call, whose, Stage::Full)?;
            Ok(token.reveal().clone())
        }))
    }

    fn consent(&self, categories: &[Category]) {
        self.world.clock.advance(1);
        let (person, facility, categories) = (self.person, self.home.id, categories.to_vec());
        self.world.set_up(move |call| {
            consent::give(call, person, facility, &categories, "pin")?;
            Ok(())
        });
    }

    fn withdraw(&self) {
        self.world.clock.advance(1);
        let (person, facility) = (self.person, self.home.id);
        let count = self
            .world
            .set_up(move |call| consent::withdraw(call, person, facility));
        assert!(count > 0);
    }

    fn summary(&self, who: &As) -> Reply {
        let path = format!("/api/v1/visits/{}/summary", self.visit);
        self.world.get(who, &path)
    }

    fn page(&self, who: &As) -> Reply {
        self.world
            .get(who, &format!("/visits/{}/record", self.visit))
    }

    /// Both faces, each of which must leave one record and refuse with `code`.
    fn closed(&self, who: &As, status: u16, code: &str) {
        for look in [Self::summary, Self::page] {
            let records = self.world.records();
            let reply = look(self, who);
            assert_eq!(self.world.records(), records + 1);
            assert_eq!((reply.status, reply.code().as_str()), (status, code));
            for name in ["高血圧", "橘", "ペニシリン", "アモキシシリン", HIDDEN] {
                assert!(!reply.text().contains(name), "{name}: {}", reply.text());
            }
        }
    }

    /// The newest record of the person's chain, and its number.
    fn last_record(&self) -> (i64, Record) {
        let (job, person) = (Caller::new(Actor::Job { name: "test" }), self.person);
        let found = self.world.run(job, Purpose::Operation, move |call| {
            history::page(call, person, i64::MAX)
        });
        let page = found.unwrap_or_else(|stop| panic!("{stop:?}"));
        let newest = page.into_iter().next().expect("a record");
        (newest.entry.seq, newest.entry.record)
    }
}

fn items(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    let items = json["items"].as_array().expect("items");
    items.iter().map(ToString::to_string).collect()
}

#[test]
fn every_choice_of_categories_opens_exactly_these() {
    let clinic = Clinic::new();
    let doctor = clinic.doctor();
    clinic.closed(&doctor, 403, "TSK-CNS-001");
    clinic.consent(&Category::ALL);
    let all = clinic.summary(&doctor);
    let everything = items(&all);
    for category in Category::SHARED {
        let word = format!("\"category\":\"{}\"", category.word());
        assert!(everything.iter().any(|item| item.contains(&word)), "{word}");
    }
    for mask in 1_u8..32 {
        let chosen: Vec<Category> = Category::SHARED
            .into_iter()
            .enumerate()
            .filter_map(|(bit, c)| (mask & (1 << bit) != 0).then_some(c))
            .collect();
        clinic.consent(&chosen);
        let reply = clinic.summary(&doctor);
        let words: Vec<&str> = chosen.iter().map(|c| c.word()).collect();
        let wanted: Vec<String> = everything
            .iter()
            .filter(|item| {
                words
                    .iter()
                    .any(|word| item.contains(&format!("\"category\":\"{word}\"")))
            })
            .cloned()
            .collect();
        assert_eq!(items(&reply), wanted, "{words:?}");
        let open: Vec<String> = reply.json()["open"]
            .as_array()
            .expect("open")
            .iter()
            .map(|one| one["category"].as_str().expect("a word").to_owned())
            .collect();
        assert_eq!(open, words);
    }
    clinic.consent(&[]);
    clinic.closed(&doctor, 403, "TSK-CNS-003");
}

#[test]
fn consent_ends_after_24_hours_and_the_doctor_is_told_so() {
    let clinic = Clinic::new();
    clinic.consent(&[Category::Conditions]);
    clinic.world.clock.advance(DAY - 1);
    let doctor = clinic.doctor();
    assert_eq!(clinic.summary(&doctor).status, 200);
    clinic.world.clock.advance(1);
    // The same session: nothing of the consent is remembered in it.
    clinic.closed(&doctor, 403, "TSK-CNS-002");
    clinic.world.clock.advance(DAY);
    clinic.closed(&clinic.doctor(), 403, "TSK-CNS-002");
    let page = clinic.page(&clinic.doctor()).text();
    assert!(
        page.contains("24時間") && page.contains("もう一度カードで"),
        "{page}"
    );
    clinic.world.clock.advance(30 * DAY);
    clinic.closed(&clinic.doctor(), 404, "TSK-ELG-030");
}

#[test]
fn a_withdrawal_closes_at_once_within_one_session() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let doctor = clinic.doctor();
    assert_eq!(clinic.summary(&doctor).status, 200);
    assert_eq!(clinic.page(&doctor).status, 200);
    clinic.withdraw();
    clinic.closed(&doctor, 403, "TSK-CNS-003");
    clinic.consent(&[Category::Allergies]);
    let again = clinic.summary(&doctor);
    assert_eq!(again.status, 200);
    assert!(!again.text().contains("\"conditions\""));
}

#[test]
fn consent_for_one_facility_opens_nothing_to_another() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let other = clinic.world.facility("1310000025", "よその医院");
    let doctor = clinic.world.staff(&other, Role::Doctor);
    let visit = clinic.come(&clinic.world.system(&other));
    let own = clinic
        .world
        .get(&doctor, &format!("/api/v1/visits/{visit}/summary"));
    assert_eq!((own.status, own.code().as_str()), (403, "TSK-CNS-001"));
    let nobody = "0".repeat(32);
    let without_number = |path: &str| {
        let reply = clinic.world.get(&doctor, path);
        let mut json = reply.json();
        if let Some(members) = json.as_object_mut() {
            members.remove("request_id");
        }
        let id = reply.header("x-request-id").to_owned();
        (reply.status, json, reply.text().replace(&id, ""))
    };
    for path in ["/api/v1/visits/{}/summary", "/visits/{}/record"] {
        let foreign = without_number(&path.replace("{}", &clinic.visit));
        let absent = without_number(&path.replace("{}", &nobody));
        assert_eq!(foreign.0, 404);
        assert_eq!(foreign, absent);
    }
}

#[test]
fn only_those_who_treat_may_look() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    for role in [Role::Dentist, Role::Nurse, Role::Pharmacist] {
        let who = clinic.world.staff(&clinic.home, role);
        assert_eq!(clinic.summary(&who).status, 200, "{role:?}");
    }
    for role in [Role::Clerk, Role::Administrator] {
        let who = clinic.world.staff(&clinic.home, role);
        clinic.closed(&who, 403, "TSK-ACC-003");
    }
    let patient = clinic.world.patient(clinic.person);
    assert_eq!(clinic.summary(&patient).status, 403);
    assert_eq!(clinic.summary(&clinic.system).status, 403);
    assert_eq!(clinic.summary(&As::Nobody).status, 401);
    let page = clinic.page(&As::Nobody);
    assert_eq!((page.status, page.header("location")), (303, "/login"));
}

#[test]
fn what_she_was_not_told_is_marked_for_the_doctor_and_what_is_withheld_goes_to_neither() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let doctor = clinic.doctor();
    let seen = items(&clinic.summary(&doctor));
    let secret: Vec<&String> = seen
        .iter()
        .filter(|i| i.contains("\"uninformed\":true"))
        .collect();
    assert_eq!(secret.len(), 1);
    assert!(secret[0].contains("膵"), "{}", secret[0]);
    let page = clinic.page(&doctor).text();
    assert!(page.contains("未告知"));
    assert!(!page.contains(HIDDEN) && !seen.iter().any(|i| i.contains(HIDDEN)));
    let (person, me) = (clinic.person, Caller::new(Actor::Job { name: "test" }));
    let own = clinic.world.run(me, Purpose::OwnAccess, move |call| {
        let items = records::ops::own(call, person)?.items;
        Ok(
            records::show::conditions(web::ui::Lang::Ja, &items, &records::show::nothing)
                .into_string(),
        )
    });
    let own = own.unwrap_or_else(|stop| panic!("{stop:?}"));
    assert!(own.contains("脂質異常症"), "{own}");
    assert!(!own.contains("膵") && !own.contains(HIDDEN), "{own}");
}

#[test]
fn each_look_is_one_record_in_the_patients_history() {
    let clinic = Clinic::new();
    clinic.consent(&[Category::Infections, Category::Allergies]);
    let doctor = clinic.doctor();
    for look in [Clinic::summary, Clinic::page] {
        let (before, _) = clinic.last_record();
        let records = clinic.world.records();
        let reply = look(&clinic, &doctor);
        assert_eq!(reply.status, 200);
        assert_eq!(clinic.world.records(), records + 1);
        let (after, record) = clinic.last_record();
        // Reading the history is itself in it.
        assert_eq!(after, before + 2);
        assert_eq!(record.event, "records.view");
        assert_eq!(record.refused, None);
        assert_eq!(record.detail("categories"), Some("allergies infections"));
        assert_eq!(record.purpose, "treatment");
        assert_eq!(record.facility_name, "はじめての医院");
        assert_eq!(record.request, reply.header("x-request-id"));
    }
    clinic.withdraw();
    let (before, _) = clinic.last_record();
    assert_eq!(clinic.summary(&doctor).status, 403);
    let (after, record) = clinic.last_record();
    assert_eq!(after, before + 2);
    assert_eq!(record.refused.as_deref(), Some("TSK-CNS-003"));
}

#[test]
fn the_page_puts_cautions_first_names_sources_and_escapes_names() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let page = clinic.page(&clinic.doctor());
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), "no-store");
    let html = page.text();
    let place = |id: &str| {
        html.find(&format!("id=\"{id}\""))
            .unwrap_or_else(|| panic!("{id}"))
    };
    assert!(place("cautions") < place("conditions"));
    assert!(place("conditions") < place("laboratory"));
    let hospital = demo::hospital().name;
    for section in ["cautions", "conditions", "infections", "laboratory"] {
        let rest = &html[place(section)..];
        let end = rest.find("<section").unwrap_or(rest.len());
        assert!(
            rest[..end].contains(&hospital),
            "{section} names its source"
        );
    }
    assert!(!html.contains(SCRIPT));
    assert!(html.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    assert!(html.contains("高リスク"));
}

#[test]
fn the_page_says_which_categories_are_closed_and_that_nothing_is_not_none() {
    let clinic = Clinic::new();
    clinic.consent(&[Category::Laboratory]);
    let doctor = clinic.doctor();
    let html = clinic.page(&doctor).text();
    assert!(html.contains("ご本人の同意がないため表示していません"));
    assert!(
        html.matches("患者さんの同意がないため、表示していません")
            .count()
            == 3
    );
    clinic.consent(&[Category::Allergies]);
    let html = clinic.page(&doctor).text();
    assert!(
        html.contains("薬剤禁忌は、患者さんの同意がないため表示していません"),
        "{html}"
    );
    let path = format!("/visits/{}/record?lang=en", clinic.visit);
    let english = clinic.world.get(&doctor, &path).text();
    assert!(
        english.contains("Drug contraindications are not shown"),
        "{english}"
    );
}

#[test]
fn a_technologist_sees_the_classes_of_their_role_and_no_more_than_consent() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let technologist = clinic.world.staff(&clinic.home, Role::Technologist);
    let seen = clinic.summary(&technologist);
    let found = items(&seen);
    assert!(!found.is_empty());
    assert!(
        !found
            .iter()
            .any(|item| item.contains("\"category\":\"conditions\""))
    );
    for page in [seen.text(), clinic.page(&technologist).text()] {
        assert!(
            !page.contains("高血圧") && !page.contains("傷病名"),
            "{page}"
        );
    }
    let (_, record) = clinic.last_record();
    assert_eq!(
        record.detail("categories"),
        Some("allergies contraindications infections laboratory")
    );
    assert!(clinic.page(&clinic.doctor()).text().contains("傷病名"));
    // Consent for what the role does not see opens nothing.
    clinic.consent(&[Category::Conditions]);
    clinic.closed(&technologist, 403, "TSK-ACC-003");
    clinic.consent(&[]);
    clinic.closed(&technologist, 403, "TSK-CNS-003");
}

#[test]
fn a_standing_choice_opens_later_visits_and_a_withdrawal_ends_it_between_two_requests() {
    let mut clinic = Clinic::new();
    let (person, facility) = (clinic.person, clinic.home.id);
    clinic.world.set_up(move |call| {
        let choice = consent::Choice {
            facility,
            categories: vec![Category::Conditions],
            purpose: Purpose::Treatment,
            is_for_visit: false,
            standing: Some((consent::Source::Standing, call.at().plus_hours(90 * 24))),
            method: "portal".to_owned(),
        };
        consent::choose(call, person, &choice).map(|_| ())
    });
    clinic.world.clock.advance(30 * DAY);
    clinic.visit = clinic.come(&clinic.system);
    let doctor = clinic.doctor();
    let seen = items(&clinic.summary(&doctor));
    assert!(!seen.is_empty());
    assert!(
        seen.iter()
            .all(|item| item.contains("\"category\":\"conditions\""))
    );
    clinic.withdraw();
    clinic.closed(&doctor, 403, "TSK-CNS-003");
    // One category alone can be taken back, too.
    clinic.consent(&[Category::Conditions, Category::Allergies]);
    clinic.world.set_up(move |call| {
        consent::withdraw_from(call, person, facility, Some(Category::Conditions)).map(|_| ())
    });
    let left = items(&clinic.summary(&doctor));
    assert!(!left.is_empty());
    assert!(
        left.iter()
            .all(|item| item.contains("\"category\":\"allergies\""))
    );
}
