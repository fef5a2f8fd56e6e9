//! Tests through the router: what an office may load, each refusal with its place and its one
//! record, and in which order subsidies pay.

mod rules;

use kernel::{code::check_digit, id::PersonId, money::Yen, time::JstDate};
use masters::local_subsidy::{self, Burden, Scheme, Way};
use registry::{
    model::FacilityKind,
    subsidy::{self as held, TicketKind},
};
use serde_json::{Value, json};
use store::caller::{Home, Role};
use testkit::{
    World,
    population::{Life, demo},
    seed,
    world::As,
};

fn today() -> JstDate {
    JstDate::parse("2026-11-22").expect("a day")
}

/// A number with its check digit behind it.
fn checked(body: &str) -> String {
    let digits: Vec<u8> = body.bytes().map(|b| b - b'0').collect();
    format!("{body}{}", check_digit(&digits))
}

/// A town that stands for three payers, with a person and a clinic.
struct Town {
    world: World,
    home: Home,
    clinic: Home,
    life: Life,
    person: PersonId,
}

impl Town {
    fn new() -> Self {
        let world = World::new(vec![crate::service()]);
        let home = world.office(FacilityKind::Municipality, 1, "多摩川原市役所");
        let clinic = world.facility("1310000001", "みどり診療所");
        let life = demo::patient(today());
        let person = world.person(&life);
        let own = home.id;
        world.set_up(move |call| {
            for law in ["54", "12", "80"] {
                let number = checked(&format!("{law}13601"));
                let number = kernel::code::InsurerNumber::parse(&number).expect("a number");
                seed::insurer(call, number, "多摩川原市", Some(own))?;
            }
            let burden = Burden {
                way: Way::Part,
                percent: Some(10),
                visit: None,
                visit_max: None,
                day_max: None,
                month_max: Some(Yen::new(18_000)),
            };
            let scheme = Scheme {
                prefecture: 13,
                number: "180".to_owned(),
                row: 1,
                law: "80".to_owned(),
                name: "障".to_owned(),
                ages: None,
                income: String::new(),
                outpatient: burden,
                inpatient: burden,
            };
            local_subsidy::import(call, &[scheme], today(), "aa")?;
            Ok(())
        });
        Self {
            world,
            home,
            clinic,
            life,
            person,
        }
    }

    fn staff(&self) -> As {
        self.world.staff(&self.home, Role::Municipality)
    }

    /// A line for the person under a law's payer.
    fn line(&self, law: &str) -> Value {
        let coverage = seed::coverages(&self.life).pop().expect("a coverage");
        json!({
            "insurer_number": coverage.insurer_number.as_str(),
            "symbol": coverage.symbol.as_str(),
            "number": coverage.person_number.as_str(),
            "birth_date": self.life.birth.to_string(),
            "payer_number": checked(&format!("{law}13601")),
            "recipient_number": checked("123456"),
            "name": "特定医療(指定難病)",
            "from": "2026-11-01",
            "last": "2027-09-30",
            "issued_on": "2026-10-20",
        })
    }

    fn ticket(&self) -> Value {
        let mut line = self.line("12");
        line["kind"] = json!("medical");
        line["facility_code"] = json!(self.clinic.code);
        line["self_pay"] = json!("1500");
        line["last"] = json!("2026-11-30");
        line
    }

    /// Sends lines; status and answer.
    fn send(&self, what: &str, lines: &[Value]) -> (u16, Value) {
        let path = format!("/api/v1/subsidies/{what}");
        let body = json!({ "lines": lines });
        let reply = self.world.post(&self.system(), &path, &body);
        (reply.status, reply.json())
    }

    fn system(&self) -> As {
        self.world.system_with(&self.home, "tasuki/register")
    }

    fn held(&self) -> (Vec<held::Entitlement>, Vec<held::Ticket>) {
        let person = self.person;
        self.world.set_up(move |call| {
            call.open(person)?;
            Ok((
                held::entitlements(call, person)?,
                held::tickets(call, person)?,
            ))
        })
    }
}

#[test]
fn an_office_loads_under_its_own_numbers_and_they_stand_in_the_order_in_which_they_pay() {
    let town = Town::new();
    let mut local = town.line("80");
    local["scheme"] = json!("180");
    local["name"] = json!("心身障害者医療費助成");
    let mut ill = town.line("54");
    ill["month_max"] = json!("10000");
    ill["recipient_number"] = json!(checked("654321"));
    let (status, answer) = town.send("entitlements", &[local, ill]);
    assert_eq!((status, &answer["taken"]), (200, &json!(2)), "{answer}");
    let (all, _) = town.held();
    let order: Vec<&str> = held::in_order(&all, today())
        .iter()
        .map(|one| one.payer.law())
        .collect();
    assert_eq!(order, ["54", "80"]);
    let ill = all
        .iter()
        .find(|one| one.payer.law() == "54")
        .expect("there");
    assert_eq!(ill.month_max, Some(Yen::new(10_000)));
    assert!(held::in_order(&all, JstDate::parse("2027-10-01").expect("a day")).is_empty());
}

#[test]
fn each_wrong_line_says_why_and_where_and_spoils_no_other() {
    let town = Town::new();
    let with = |field: &str, value: &str| {
        let mut line = town.line("54");
        line[field] = json!(value);
        line
    };
    let cases = [
        (town.line("51"), "TSK-SUB-001", "payer_number"),
        (
            with("payer_number", "54136010"),
            "TSK-SUB-002",
            "payer_number",
        ),
        (
            with("recipient_number", "1234560"),
            "TSK-SUB-003",
            "recipient_number",
        ),
        (with("number", "99999999"), "TSK-SUB-004", ""),
        (with("last", "2026-10-30"), "TSK-SUB-005", "last"),
        (with("from", "昨日"), "TSK-SUB-005", "from"),
        (with("scheme", "18"), "TSK-SUB-007", "scheme"),
        (with("scheme", "999"), "TSK-SUB-007", "scheme"),
        (with("month_max", "1.5"), "TSK-SUB-011", "month_max"),
        (with("name", ""), "TSK-SUB-015", "name"),
        (with("insurer_number", "1"), "TSK-SUB-016", "insurer_number"),
        (with("birth_date", ""), "TSK-SUB-016", "branch"),
    ];
    let lines: Vec<Value> = cases.iter().map(|(line, _, _)| line.clone()).collect();
    let (status, answer) = town.send("entitlements", &lines);
    assert_eq!(
        (status, &answer["refused"]),
        (200, &json!(cases.len())),
        "{answer}"
    );
    for (result, (line, code, path)) in answer["results"]
        .as_array()
        .expect("lines")
        .iter()
        .zip(&cases)
    {
        assert_eq!(result["code"], json!(code), "{line}");
        let place = result["findings"][0]["path"].as_str().unwrap_or_default();
        assert_eq!(place, *path, "{line}");
        assert!(
            result["remedy"]["ja"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
    assert!(
        town.held().0.is_empty(),
        "nothing is stored of a refused line"
    );
}

#[test]
fn two_entitlements_of_one_scheme_never_hold_at_once_and_the_first_may_be_ended_before() {
    let town = Town::new();
    let first = town.line("54");
    assert_eq!(
        town.send("entitlements", std::slice::from_ref(&first)).1["taken"],
        json!(1)
    );
    let again = town.send("entitlements", std::slice::from_ref(&first)).1;
    assert_eq!(again["results"][0]["code"], json!("TSK-SUB-006"));
    let end = json!({
        "payer_number": first["payer_number"],
        "recipient_number": first["recipient_number"],
        "last": "2026-12-31",
    });
    assert_eq!(
        town.send("entitlements/ends", std::slice::from_ref(&end)).1["taken"],
        json!(1)
    );
    let twice = town.send("entitlements/ends", &[end]).1;
    assert_eq!(twice["results"][0]["code"], json!("TSK-SUB-005"));
    let mut next = first;
    next["from"] = json!("2027-01-01");
    assert_eq!(town.send("entitlements", &[next]).1["taken"], json!(1));
    assert_eq!(town.held().0.len(), 2);
}

#[test]
fn a_ticket_is_one_months_one_facilitys_and_a_welfare_offices() {
    let town = Town::new();
    let with = |field: &str, value: &str| {
        let mut line = town.ticket();
        line[field] = json!(value);
        line
    };
    let mut other = town.ticket();
    other["payer_number"] = town.line("54")["payer_number"].clone();
    let cases = [
        (with("last", "2026-12-01"), "TSK-SUB-008"),
        (with("last", ""), "TSK-SUB-008"),
        (other, "TSK-SUB-009"),
        (with("facility_code", &checked("131000999")), "TSK-SUB-010"),
        (with("kind", "free"), "TSK-SUB-015"),
        (with("sole", "perhaps"), "TSK-SUB-015"),
        (with("self_pay", "-1"), "TSK-SUB-011"),
    ];
    for (line, code) in cases {
        let answer = town.send("tickets", std::slice::from_ref(&line)).1;
        assert_eq!(answer["results"][0]["code"], json!(code), "{line}");
    }
    // The same ticket once more, with another amount, takes the place of the first.
    assert_eq!(town.send("tickets", &[town.ticket()]).1["taken"], json!(1));
    assert_eq!(
        town.send("tickets", &[with("self_pay", "0")]).1["taken"],
        json!(1)
    );
    let (_, tickets) = town.held();
    let [ticket] = tickets.as_slice() else {
        panic!("one ticket");
    };
    assert_eq!(
        (ticket.kind, ticket.self_pay),
        (TicketKind::Medical, Yen::new(0))
    );
    let clinic = ticket.facility.clone();
    assert_eq!(held::tickets_for(&tickets, &clinic, today()).count(), 1);
    let later = JstDate::parse("2026-12-01").expect("a day");
    assert_eq!(held::tickets_for(&tickets, &clinic, later).count(), 0);
}

#[test]
fn a_recipients_number_is_one_persons() {
    let town = Town::new();
    assert_eq!(
        town.send("entitlements", &[town.line("54")]).1["taken"],
        json!(1)
    );
    let (_, line) = another(&town);
    let answer = town.send("entitlements", &[line]).1;
    assert_eq!(
        answer["results"][0]["code"],
        json!("TSK-SUB-013"),
        "{answer}"
    );
}

/// A second person, and the line by which they are known.
fn another(town: &Town) -> (PersonId, Value) {
    let other = demo::family(today()).pop().expect("another");
    let person = town.world.person(&other);
    let coverage = seed::coverages(&other).pop().expect("a coverage");
    let mut line = town.line("54");
    line["insurer_number"] = json!(coverage.insurer_number.as_str());
    line["symbol"] = json!(coverage.symbol.as_str());
    line["number"] = json!(coverage.person_number.as_str());
    line["branch"] = json!(coverage.branch.as_ref().map_or("", |b| b.as_str()));
    line["birth_date"] = json!(other.birth.to_string());
    (person, line)
}

#[test]
fn of_two_people_for_whom_one_number_is_sent_at_the_same_time_one_gets_it() {
    let town = Town::new();
    let (_, other) = another(&town);
    let lines: Vec<Value> = [town.line("54"), other]
        .into_iter()
        .cycle()
        .take(8)
        .collect();
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let send = |line| scope.spawn(|| town.send("entitlements", &[line]).1);
        let sent: Vec<_> = lines.into_iter().map(send).collect();
        sent.into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect()
    });
    let taken = answers.iter().filter(|answer| answer["taken"] == json!(1));
    assert_eq!(taken.count(), 1, "{answers:?}");
}

#[test]
fn what_came_from_a_merged_registration_is_ended_replaced_and_not_doubled() {
    let town = Town::new();
    assert_eq!(town.send("entitlements", &[town.line("54")]).1["taken"], 1);
    assert_eq!(town.send("tickets", &[town.ticket()]).1["taken"], 1);
    let (kept, profile, merged) = (
        PersonId::from_bytes([7; 16]),
        seed::profile(&town.life),
        town.person,
    );
    town.world.set_up(move |call| {
        registry::ops::enroll(call, kept, &profile, &[])?;
        registry::merge::merge(call, kept, merged, "二重の登録").map(drop)
    });
    let held = || {
        town.world.set_up(move |call| {
            registry::merge::open(call, kept)?;
            let all = held::entitlements(call, kept)?;
            Ok((all, held::tickets(call, kept)?))
        })
    };
    let mut twice = town.line("54");
    twice["recipient_number"] = json!(checked("654321"));
    let answer = town.send("entitlements", &[twice]).1;
    assert_eq!(
        answer["results"][0]["code"],
        json!("TSK-SUB-006"),
        "{answer}"
    );
    let mut end = json!({});
    for field in ["payer_number", "recipient_number"] {
        end[field] = town.line("54")[field].clone();
    }
    end["last"] = json!("2026-12-31");
    let answer = town.send("entitlements/ends", &[end]).1;
    assert_eq!(answer["taken"], json!(1), "{answer}");
    let mut ticket = town.ticket();
    ticket["self_pay"] = json!("900");
    assert_eq!(town.send("tickets", &[ticket]).1["taken"], 1);
    let mut local = town.line("80");
    local["scheme"] = json!("180");
    local["recipient_number"] = json!(checked("111111"));
    assert_eq!(town.send("entitlements", &[local]).1["taken"], 1);
    let (all, tickets) = held();
    let until = |one: &held::Entitlement| one.period.until().map(|day| day.to_string());
    let found: Vec<_> = all
        .iter()
        .map(|one| (one.payer.law(), until(one)))
        .collect();
    assert_eq!(all.len(), 2, "{found:?}");
    assert!(
        found.contains(&("54", Some("2027-01-01".to_owned()))),
        "{found:?}"
    );
    let numbers: Vec<i64> = all.iter().map(|one| one.number).collect();
    assert!(
        numbers.contains(&1),
        "the new one is the kept one's first: {numbers:?}"
    );
    assert_eq!(
        tickets.iter().map(|one| one.self_pay).collect::<Vec<_>>(),
        [Yen::new(900)]
    );
}

#[test]
fn no_request_carries_more_than_two_hundred_lines_or_none() {
    let town = Town::new();
    for count in [0, 201] {
        let lines = vec![town.line("54"); count];
        let (status, answer) = town.send("entitlements", &lines);
        assert_eq!(status, 422, "{answer}");
        assert_eq!(answer["code"], json!("TSK-SUB-012"), "{answer}");
    }
}

#[test]
fn a_clinics_system_and_its_staff_load_nothing() {
    let town = Town::new();
    let body = json!({ "lines": [town.line("54")] });
    let path = "/api/v1/subsidies/entitlements";
    let record_system = town.world.system(&town.clinic);
    let reply = town.world.post(&record_system, path, &body);
    assert_eq!(reply.status, 403);
    // Even with the scope, a clinic stands for no payer.
    let scoped = town.world.system_with(&town.clinic, "tasuki/register");
    let reply = town.world.post(&scoped, path, &body);
    assert_eq!(reply.json()["results"][0]["code"], json!("TSK-SUB-001"));
    for role in [Role::Doctor, Role::Clerk, Role::Administrator] {
        let staff = town.world.staff(&town.clinic, role);
        assert_eq!(town.world.get(&staff, "/town").status, 403);
    }
    assert!(town.held().0.is_empty());
}

#[test]
fn the_towns_page_loads_by_form_and_shows_what_was_wrong_beside_the_field() {
    let town = Town::new();
    let staff = town.staff();
    let page = town.world.get(&staff, "/town").text();
    assert!(page.contains(&checked("5413601")), "{page}");
    let line = town.line("54");
    let mut fields: Vec<(String, String)> = line
        .as_object()
        .expect("fields")
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    fields.retain(|(name, _)| name != "recipient_number");
    let send = |fields: &[(String, String)]| {
        let pairs: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        town.world.submit(&staff, "/town/entitlements", &pairs)
    };
    let wrong = send(&fields);
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("受給者番号(7けた)を"));
    fields.push(("recipient_number".to_owned(), checked("123456")));
    assert_eq!(send(&fields).status, 303);
    assert_eq!(town.held().0.len(), 1);
    let done = town.world.get(&staff, "/town?done=entitlement").text();
    assert!(done.contains("公費の資格を登録しました。"));
}

#[test]
fn every_line_leaves_one_record_a_malformed_one_too() {
    let town = Town::new();
    let system = town.system();
    let mut malformed = town.line("54");
    malformed["from"] = json!("昨日");
    let body = json!({ "lines": [malformed.clone(), town.line("54"), malformed] });
    let before = town.world.records();
    let reply = town
        .world
        .post(&system, "/api/v1/subsidies/entitlements", &body);
    assert_eq!(reply.json()["taken"], json!(1));
    assert_eq!(town.world.records() - before, 3);
}
