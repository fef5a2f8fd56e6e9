//! A batch of bookings: each line by itself, what changed since the last visit, and the page.

use kernel::time::{JstDate, Period};
use registry::model::{ChangeKind, CopayRate};
use serde_json::{Value, json};
use store::caller::Role;
use testkit::world::As;

use super::{
    model::{Booking, Whom},
    parse,
};
use crate::{
    errors,
    tests::{SAWAKO, TAKASHI, TWIN, Town, newest, printed, today, town, with},
};

const BATCHES: &str = "/api/v1/eligibility/batches";
const DAY: i64 = 24 * 3_600;

fn send(town: &Town, bookings: &[Value]) -> Value {
    let reply = town
        .world
        .post(&town.system, BATCHES, &json!({"bookings": bookings}));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn booked(reference: &str, body: Value) -> Value {
    with(body, &json!({"reference": reference}))
}

#[test]
fn every_line_is_answered_by_itself_and_a_wrong_one_spoils_no_other() {
    let town = town();
    let sawako = newest(&town.lives[SAWAKO]);
    let retired = printed(&town.lives[SAWAKO].coverages[0]);
    let twin = newest(&town.lives[TWIN]);
    let birth = town.lives[TWIN].birth.to_string();
    let bookings = [
        (booked("A1", sawako.clone()), "confirmed", "1", ""),
        (
            booked("A2", with(sawako.clone(), &json!({"branch": "77"}))),
            "refused",
            "4",
            "TSK-ELG-002",
        ),
        (booked("A3", retired), "refused", "3", "TSK-ELG-006"),
        (
            booked(
                "A4",
                with(twin, &json!({"branch": null, "birth_date": birth})),
            ),
            "refused",
            "5",
            "TSK-ELG-004",
        ),
        (
            booked("A5", with(sawako.clone(), &json!({"insurer_number": "1"}))),
            "refused",
            "",
            "TSK-ELG-020",
        ),
        (
            booked("A6", with(sawako.clone(), &json!({"number": 7}))),
            "refused",
            "",
            "TSK-ELG-012",
        ),
        (
            booked("A7", with(sawako.clone(), &json!({"role": "doctor"}))),
            "refused",
            "",
            "TSK-ELG-012",
        ),
        (booked("A1", sawako.clone()), "refused", "", "TSK-ELG-013"),
        (booked("", sawako.clone()), "refused", "", "TSK-ELG-013"),
        (
            booked("A9", with(sawako, &json!({"on": "2027-11-22"}))),
            "refused",
            "",
            "TSK-ELG-026",
        ),
        (json!("A10"), "refused", "", "TSK-ELG-012"),
        (
            booked("A11", newest(town.lives.last().unwrap())),
            "refused",
            "2",
            "TSK-ELG-005",
        ),
        (
            booked("A12", newest(&town.lives[TAKASHI])),
            "refused",
            "",
            "TSK-ELG-025",
        ),
    ];
    let before = town.world.records();
    let lines: Vec<Value> = bookings.iter().map(|(line, ..)| line.clone()).collect();
    let json = send(&town, &lines);
    // One record for each line, on the chain that it concerns.
    let lines_count = u64::try_from(lines.len()).unwrap();
    assert_eq!(town.world.records(), before + lines_count);
    let results = json["results"].as_array().unwrap();
    assert_eq!(results.len(), lines.len());
    for ((line, status, validity, code), result) in bookings.iter().zip(results) {
        let text = |name: &str| result[name].as_str().unwrap_or_default();
        assert_eq!(
            text("reference"),
            line["reference"].as_str().unwrap_or_default()
        );
        assert_eq!(
            (text("status"), text("validity"), text("code")),
            (*status, *validity, *code),
            "{line}"
        );
        if *status == "refused" {
            for member in ["cause_ja", "remedy_ja", "cause_en", "remedy_en"] {
                assert!(!text(member).is_empty(), "{line}: {member}");
            }
        }
    }
    // Bookings are for tomorrow, and nobody has come.
    assert_eq!(results[0]["on"], "2026-11-23");
    assert_eq!(results[0]["name"], "橘 佐和子");
    assert_eq!(json["counts"]["refused"], 12);
    assert_eq!(json["counts"]["confirmed"], 1);
    let facility = town.clinic.id;
    let visits = town
        .world
        .set_up(move |call| crate::ops::today(call, facility));
    assert!(visits.is_empty());
}

#[test]
fn a_batch_holds_one_to_five_hundred_bookings() {
    let town = town();
    for count in [0, 501] {
        let bookings = vec![json!({}); count];
        let reply = town
            .world
            .post(&town.system, BATCHES, &json!({"bookings": bookings}));
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "TSK-ELG-011"),
            "{count}"
        );
    }
    let sawako = newest(&town.lives[SAWAKO]);
    let bookings: Vec<Value> = (0..500)
        .map(|nth| booked(&format!("B{nth}"), sawako.clone()))
        .collect();
    let json = send(&town, &bookings);
    assert_eq!(json["counts"]["confirmed"], 500);
    assert_eq!(json["results"][499]["reference"], "B499");
}

#[test]
fn a_booking_says_what_changed_since_the_last_visit_however_often_it_is_asked() {
    let town = town();
    let sawako = newest(&town.lives[SAWAKO]);
    let first = send(&town, &[booked("1", sawako.clone())]);
    assert_eq!(first["results"][0]["last_visit"], Value::Null);
    let visit = town.check(&sawako).json()["visit"].clone();
    town.world.clock.advance(30 * DAY);
    town.change(ChangeKind::Changed, |coverage| {
        coverage.copay = CopayRate::tenths(2).unwrap();
    });
    for _ in 0..2 {
        let by_number = booked("1", sawako.clone());
        let by_visit = json!({"reference": "2", "visit": visit});
        let json = send(&town, &[by_number, by_visit]);
        assert_eq!(json["counts"]["changed"], 2, "{json}");
        for result in json["results"].as_array().unwrap() {
            assert_eq!(result["status"], "changed");
            assert_eq!(result["last_visit"], "2026-11-22");
            let change = &result["changed_since_last_visit"][0];
            assert_eq!(
                (&change["field"], &change["was"], &change["now"]),
                (&json!("copay"), &json!("3割"), &json!("2割"))
            );
        }
    }
}

#[test]
fn an_earlier_visit_stands_for_its_person_at_its_own_facility_for_thirteen_months() {
    let town = town();
    let visit = town.check(&newest(&town.lives[SAWAKO])).json()["visit"].clone();
    let line = |visit: &Value| json!({"reference": "1", "visit": visit});
    let code = |line: Value| {
        // A record system's registration ends earlier than a visit's reference.
        let system = town.world.system(&town.clinic);
        let body = json!({"bookings": [line]});
        let reply = town.world.post(&system, BATCHES, &body);
        reply.json()["results"][0]["code"].clone()
    };
    assert_eq!(code(line(&visit)), Value::Null);
    assert_eq!(code(line(&json!("00"))), "TSK-ELG-030");
    assert_eq!(code(line(&json!("0".repeat(32)))), "TSK-ELG-030");
    let both = with(line(&visit), &json!({"number": "7"}));
    assert_eq!(code(both), "TSK-ELG-012");
    let other = town.world.facility("1310000019", "となりの診療所");
    let body = json!({"bookings": [line(&visit)]});
    let reply = town.world.post(&town.world.system(&other), BATCHES, &body);
    assert_eq!(reply.json()["results"][0]["code"], "TSK-ELG-030");
    town.world.clock.advance(395 * DAY);
    assert_eq!(code(line(&visit)), Value::Null);
    town.world.clock.advance(DAY);
    assert_eq!(code(line(&visit)), "TSK-ELG-030");
}

#[test]
fn who_verified_a_booking_hears_when_it_is_lost_before_the_day() {
    let town = town();
    let _booked = send(&town, &[booked("1", newest(&town.lives[SAWAKO]))]);
    town.change(ChangeKind::Lost, |coverage| {
        let until = JstDate::parse("2026-11-23");
        coverage.period = Period::new(coverage.period.from(), until).unwrap();
    });
    let json = town
        .world
        .get(&town.system, "/api/v1/eligibility/notices")
        .json();
    assert_eq!(json["notices"][0]["changed_from"], "2026-11-23");
    assert_eq!(json["notices"][0]["visit"], Value::Null);
}

/// A line's cells as they were understood: on which day, branch, birth; or the code.
fn read(text: &str) -> Vec<String> {
    let shown = |(reference, booking): (String, Result<Booking, kernel::Refusal>)| match booking {
        Err(refusal) => format!("{reference} {}", refusal.entry.code),
        Ok(booking) => {
            let Whom::Key(key) = booking.whom else {
                return reference;
            };
            let branch = key
                .branch
                .map(|b| b.as_str().to_owned())
                .unwrap_or_default();
            let birth = key.birth.map(|b| b.to_string()).unwrap_or_default();
            let (symbol, number) = (key.symbol.as_str(), key.person_number.as_str());
            format!(
                "{reference} {symbol}|{number}|{branch}|{birth}|{}",
                booking.on
            )
        }
    };
    parse::lines(text, today()).into_iter().map(shown).collect()
}

#[test]
fn a_list_is_read_as_spreadsheets_write_it() {
    let heading = parse::COLUMNS.join(",");
    for (text, expected) in [
        ("", vec![]),
        ("\n ,,,\n", vec![]),
        (heading.as_str(), vec![]),
        (
            "A1,139139,,00731958,01",
            vec!["A1 |00731958|01||2026-11-23"],
        ),
        (
            "\u{feff}予約番号,保険者番号,記号,番号\r\nA1,139139,,7,1,1958/4/12,2026/11/30\r\n",
            vec!["A1 |7|01|1958-04-12|2026-11-30"],
        ),
        (
            "A1\t１３９１３９\t\t7\t\t19580412\t20261124\n\nA2\t139139\t\"一,二\"\t8\t02\t\t",
            vec!["A1 |7||1958-04-12|2026-11-24", "A2 一,二|8|02||2026-11-23"],
        ),
        (
            "\"A\"\"1\",139139,,7,01\nA2,139139,,8,02,,,more\nA3,\"139139,,8\nA4,1",
            vec![
                "A\"1 |7|01||2026-11-23",
                "A2 TSK-ELG-012",
                " TSK-ELG-012",
                "A4 TSK-ELG-012",
            ],
        ),
        (
            "A1,139139,,7,,1958/13/1\nA2,139139,,7,,昔\nA3,139139,,7",
            vec!["A1 TSK-ELG-024", "A2 TSK-ELG-024", "A3 TSK-ELG-025"],
        ),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_pasted_is_read_line_by_line(text in "(\\PC{0,12}[,\t\"\r\n]){0,40}") {
        let read = parse::lines(&text, today());
        assert!(read.len() <= text.lines().count());
        for (reference, booking) in read {
            assert!(reference.chars().count() <= 201);
            if let Err(refusal) = booking {
                assert!(errors::ALL.iter().any(|entry| entry.code == refusal.entry.code));
            }
        }
    }
}

#[test]
fn the_page_lists_whom_to_look_at_first() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let page = town.world.get(&clerk, "/reception/bookings").text();
    assert!(page.contains("予約番号,保険者番号,記号,番号,枝番,生年月日,受診日"));
    let sawako = newest(&town.lives[SAWAKO]);
    let text = |name: &str| sawako[name].as_str().unwrap_or_default().to_owned();
    let line = |reference: &str, branch: &str| {
        let (insurer, symbol, number) = (text("insurer_number"), text("symbol"), text("number"));
        format!("{reference},{insurer},{symbol},{number},{branch}")
    };
    let list = [line("GOOD-1", &text("branch")), line("BAD-2", "77")].join("\n");
    let reply = town
        .world
        .submit(&clerk, "/reception/bookings", &[("bookings", &list)]);
    let page = reply.text();
    assert_eq!(reply.status, 200);
    let place = |words: &str| {
        page.find(words)
            .unwrap_or_else(|| panic!("{words}: {page}"))
    };
    assert!(place("BAD-2") < place("GOOD-1"));
    assert!(place("TSK-ELG-002") > place("枝番が違います"));
    assert!(page.contains("橘 佐和子") && page.contains("3割"));
    // None, or too many, come back with what was typed.
    let before = town.world.records();
    let reply = town.world.submit(
        &clerk,
        "/reception/bookings",
        &[("bookings", "予約番号,保険者番号")],
    );
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ELG-011"));
    assert!(reply.text().contains("予約番号,保険者番号</textarea>"));
    assert_eq!(town.world.records(), before + 1);
}

#[test]
fn a_file_is_read_in_either_encoding() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let send = |file: &[u8]| {
        let As::Browser(token) = &clerk else {
            panic!("a browser");
        };
        let csrf = access::session::form_token(token);
        let field = format!(
            "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n"
        );
        let body = [field.as_bytes(), file, b"\r\n--b--\r\n"].concat();
        let kind = "multipart/form-data; boundary=b";
        town.world
            .send(&clerk, "POST", "/reception/bookings/file", kind, body)
    };
    let sawako = newest(&town.lives[SAWAKO]);
    let text = |name: &str| sawako[name].as_str().unwrap_or_default().to_owned();
    let (insurer, symbol, number) = (text("insurer_number"), text("symbol"), text("number"));
    let list =
        format!("予約番号,保険者番号,記号,番号,枝番\n予約一,{insurer},{symbol},{number},01\n");
    let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.encode(&list);
    for file in [list.as_bytes(), shift_jis.as_ref()] {
        let reply = send(file);
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(reply.text().contains("予約一") && reply.text().contains("橘 佐和子"));
    }
    let before = town.world.records();
    for file in [b"\xff\xfe\x00".to_vec(), vec![b'a'; 257 << 10]] {
        let reply = send(&file);
        assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ELG-016"));
    }
    assert_eq!(town.world.records(), before + 2);
}
