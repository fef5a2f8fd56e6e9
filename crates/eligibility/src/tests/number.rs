//! By insured number: every answer and every refusal.

use super::*;

/// Input, status, code, and the places that findings name.
type Case = (
    &'static str,
    Value,
    u16,
    &'static str,
    &'static [&'static str],
);

fn refusals(town: &Town) -> Vec<Case> {
    let sawako = newest(&town.lives[SAWAKO]);
    let retired = printed(&town.lives[SAWAKO].coverages[0]);
    let takashi = newest(&town.lives[TAKASHI]);
    let twin = newest(&town.lives[TWIN]);
    let twin_birth = town.lives[TWIN].birth.to_string();
    let lapsed = newest(town.lives.last().unwrap());
    let case =
        |name, body: &Value, changes: Value, status, code, paths: &'static [&'static str]| {
            (name, with(body.clone(), &changes), status, code, paths)
        };
    vec![
        case(
            "nobody has the number",
            &sawako,
            json!({"number": "99999999"}),
            404,
            "TSK-ELG-001",
            &[],
        ),
        case(
            "nobody has it with this symbol",
            &sawako,
            json!({"symbol": "別"}),
            404,
            "TSK-ELG-001",
            &[],
        ),
        case(
            "another's branch",
            &twin,
            json!({"branch": "77"}),
            422,
            "TSK-ELG-002",
            &[],
        ),
        case(
            "a branch where there is none",
            &takashi,
            json!({"branch": "01"}),
            422,
            "TSK-ELG-002",
            &[],
        ),
        case(
            "another birth",
            &sawako,
            json!({"branch": null, "birth_date": "1958-04-13"}),
            422,
            "TSK-ELG-003",
            &[],
        ),
        case(
            "birth beside a right branch",
            &sawako,
            json!({"birth_date": "1850-01-01"}),
            422,
            "TSK-ELG-003",
            &[],
        ),
        case(
            "twins",
            &twin,
            json!({"branch": null, "birth_date": twin_birth}),
            409,
            "TSK-ELG-004",
            &[],
        ),
        case("lapsed", &lapsed, json!({}), 422, "TSK-ELG-005", &[]),
        case("replaced", &retired, json!({}), 422, "TSK-ELG-006", &[]),
        case(
            "not yet",
            &takashi,
            json!({"birth_date": "1950-03-02", "on": "2025-03-01"}),
            422,
            "TSK-ELG-007",
            &[],
        ),
        case(
            "wrong check digit",
            &sawako,
            json!({"insurer_number": "139138"}),
            422,
            "TSK-ELG-020",
            &["insurer_number"],
        ),
        case(
            "letters",
            &sawako,
            json!({"insurer_number": "abcdef"}),
            422,
            "TSK-ELG-020",
            &["insurer_number"],
        ),
        case(
            "seven digits",
            &sawako,
            json!({"insurer_number": "1391391"}),
            422,
            "TSK-ELG-020",
            &["insurer_number"],
        ),
        case(
            "no insurer",
            &sawako,
            json!({"insurer_number": ""}),
            422,
            "TSK-ELG-020",
            &["insurer_number"],
        ),
        case(
            "long symbol",
            &sawako,
            json!({"symbol": "あ".repeat(21)}),
            422,
            "TSK-ELG-021",
            &["symbol"],
        ),
        case(
            "control character",
            &sawako,
            json!({"symbol": "a\u{0}b"}),
            422,
            "TSK-ELG-021",
            &["symbol"],
        ),
        case(
            "no number",
            &sawako,
            json!({"number": " 　"}),
            422,
            "TSK-ELG-022",
            &["number"],
        ),
        case(
            "long number",
            &sawako,
            json!({"number": "1".repeat(21)}),
            422,
            "TSK-ELG-022",
            &["number"],
        ),
        case(
            "branch of three",
            &sawako,
            json!({"branch": "001"}),
            422,
            "TSK-ELG-023",
            &["branch"],
        ),
        case(
            "branch of letters",
            &sawako,
            json!({"branch": "A"}),
            422,
            "TSK-ELG-023",
            &["branch"],
        ),
        case(
            "no such day",
            &sawako,
            json!({"birth_date": "1958-02-30"}),
            422,
            "TSK-ELG-024",
            &["birth_date"],
        ),
        case(
            "era birth",
            &sawako,
            json!({"birth_date": "S33.4.12"}),
            422,
            "TSK-ELG-024",
            &["birth_date"],
        ),
        case(
            "neither",
            &sawako,
            json!({"branch": null}),
            422,
            "TSK-ELG-025",
            &["branch"],
        ),
        case(
            "empty both",
            &sawako,
            json!({"branch": " ", "birth_date": ""}),
            422,
            "TSK-ELG-025",
            &["branch"],
        ),
        case(
            "on in words",
            &sawako,
            json!({"on": "today"}),
            422,
            "TSK-ELG-026",
            &["on"],
        ),
        case(
            "on six years ago",
            &sawako,
            json!({"on": "2020-11-22"}),
            422,
            "TSK-ELG-026",
            &["on"],
        ),
        case(
            "on too far ahead",
            &sawako,
            json!({"on": "2026-12-24"}),
            422,
            "TSK-ELG-026",
            &["on"],
        ),
        case(
            "everything",
            &sawako,
            json!({"insurer_number": "1", "symbol": ":", "number": "", "branch": "x", "birth_date": "y", "on": "z"}),
            422,
            "TSK-ELG-020",
            &[
                "insurer_number",
                "symbol",
                "number",
                "branch",
                "birth_date",
                "on",
            ],
        ),
    ]
}

#[test]
fn each_refusal_has_its_code_and_place_stores_nothing_and_leaves_one_record() {
    let town = town();
    let visits = town.visits().len();
    for (name, body, status, code, paths) in refusals(&town) {
        let before = town.world.records();
        let reply = town.check(&body);
        let after = town.world.records();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{name}: {}",
            reply.text()
        );
        assert_is_problem(&reply);
        let json = reply.json();
        let found: Vec<&str> = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["path"].as_str().unwrap())
            .collect();
        assert_eq!(found, paths, "{name}");
        assert_eq!(after, before + 1, "{name}");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    assert_eq!(town.visits().len(), visits);
}

#[test]
fn a_wrong_guess_is_in_nobodys_history() {
    let town = town();
    let twin = newest(&town.lives[TWIN]);
    let reply = town.check(&with(twin, &json!({"branch": "77"})));
    assert_eq!(reply.code(), "TSK-ELG-002");
    for person in &town.people {
        let person = *person;
        let looks = town.world.set_up(move |call| {
            Ok(access::history::page(call, person, i64::MAX)?
                .iter()
                .filter(|look| look.entry.record.event == "eligibility.check")
                .count())
        });
        assert_eq!(looks, 0);
    }
}

#[test]
fn a_lapsed_coverage_is_in_the_persons_history_as_refused() {
    let town = town();
    let person = *town.people.last().unwrap();
    let _refused = town.check(&newest(town.lives.last().unwrap()));
    let refused = town.world.set_up(move |call| {
        let looks = access::history::page(call, person, i64::MAX)?;
        Ok(looks.into_iter().find_map(|look| look.entry.record.refused))
    });
    assert_eq!(refused.as_deref(), Some("TSK-ELG-005"));
}

#[test]
fn the_answer_is_what_the_register_says() {
    let town = town();
    let life = &town.lives[SAWAKO];
    let coverage = life.coverage_last().unwrap();
    let before = town.world.records();
    let reply = town.check(&newest(life));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(town.world.records(), before + 1);
    let json = reply.json();
    let ceiling = coverage.ceiling.map(|c| c.class);
    let expected = [
        ("validity", json!("1")),
        ("on", json!("2026-11-22")),
        ("method", json!("number")),
        ("name", json!(life.name.full())),
        ("kana", json!(life.name.full_kana())),
        ("sex", json!(life.sex.code())),
        ("birth_date", json!(life.birth.to_string())),
        ("insurer_number", json!(coverage.insurer.number.as_str())),
        ("insurer_name", json!(coverage.insurer.name)),
        ("symbol", json!(coverage.symbol.as_str())),
        ("number", json!(coverage.number.as_str())),
        (
            "branch",
            json!(coverage.branch.as_ref().map(|b| b.as_str())),
        ),
        ("insured_person", json!(true)),
        ("card_kind", json!(coverage.card.code())),
        ("coverage_from", json!("2018-04-01")),
        ("coverage_until", Value::Null),
        ("copay_tenths", json!(coverage.copay_tenths)),
        ("ceiling_class", json!(ceiling)),
    ];
    for (member, value) in expected {
        assert_eq!(json[member], value, "{member}");
    }
    assert_eq!(json["reasons"][0]["code"], "ELG-R01");
    let visits = town.visits();
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].id.to_hex(), json["visit"].as_str().unwrap());
    assert!(visits[0].person == town.people[SAWAKO]);
}

#[test]
fn a_number_is_found_however_it_is_typed() {
    let town = town();
    let sawako = newest(&town.lives[SAWAKO]);
    let insurer = sawako["insurer_number"].as_str().unwrap().to_owned();
    let wide: String = insurer
        .chars()
        .map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap())
        .collect();
    assert_eq!(insurer.len(), 6);
    let ways = [
        json!({}),
        json!({"insurer_number": format!("00{insurer}")}),
        json!({"insurer_number": wide}),
        json!({"insurer_number": format!(" {insurer} ")}),
        json!({"number": "０ ０７３１９５８"}),
        json!({"branch": "1"}),
        json!({"branch": "０１"}),
        json!({"branch": null, "birth_date": "1958-04-12"}),
        json!({"branch": "01", "birth_date": "1958-04-12"}),
        json!({"on": "2021-11-22"}),
        json!({"on": "2026-12-23"}),
    ];
    for way in ways {
        let reply = town.check(&with(sawako.clone(), &way));
        assert_eq!(reply.status, 200, "{way}: {}", reply.text());
        assert_eq!(reply.json()["name"], "橘 佐和子");
    }
}

#[test]
fn twins_are_told_apart_by_their_branch() {
    let town = town();
    for twin in [TWIN, TWIN + 1] {
        let life = &town.lives[twin];
        let body = with(newest(life), &json!({"birth_date": life.birth.to_string()}));
        assert_eq!(town.check(&body).json()["name"], life.name.full());
    }
}

#[test]
fn a_coverage_that_has_ended_still_answers_for_its_own_days() {
    let town = town();
    let citizens = &town.lives[TAKASHI].coverages[1];
    let reply = town.check(&with(printed(citizens), &json!({"on": "2025-03-01"})));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["coverage_until"], "2025-03-02");
    let reply = town.check(&with(printed(citizens), &json!({"on": "2025-03-02"})));
    assert_eq!(reply.code(), "TSK-ELG-006");
}

#[test]
fn odd_json_is_refused_with_its_place() {
    let town = town();
    let odd: [(&[u8], &str); 10] = [
        (b"", "line 1, column 0"),
        (b"{", "line 1, column 1"),
        (b"[]", "line 1, column 1"),
        (
            b" [\"139139\",\"\",\"00731958\",\"01\"]",
            "line 1, column 1",
        ),
        (b"{\n \"insurer_number\": 1}", "line 2, column 20"),
        (
            b"{\"insurer_number\":\"1\",\"insurer_number\":\"2\",\"number\":\"1\"}",
            "line 1, column 38",
        ),
        (
            b"{\"insurer_number\":\"1\",\"number\":\"1\",\"role\":\"doctor\"}",
            "line 1, column 41",
        ),
        (b"{\"number\":\"\xff\"}", "line 1, column 12"),
        (b"{\"insurer_number\":\"1\"}", "line 1, column 22"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
    ];
    for (body, place) in odd {
        let reply = town.world.send(
            &town.system,
            "POST",
            CHECKS,
            "application/json",
            body.to_vec(),
        );
        let shown = String::from_utf8_lossy(body).into_owned();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "TSK-WEB-006"),
            "{shown}"
        );
        assert_eq!(reply.json()["findings"][0]["path"], place, "{shown}");
    }
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let reply = town.world.send(
        &town.system,
        "POST",
        CHECKS,
        "application/json",
        deep.into_bytes(),
    );
    assert_eq!(reply.code(), "TSK-WEB-006");
}

proptest::proptest! {
    #[test]
    fn whatever_is_typed_is_an_inquiry_or_a_refusal_with_places(
        insurer in "[0-9０-９ a-z]{0,9}|\\PC*",
        symbol in "\\PC{0,30}",
        number in "[0-9]{0,22}|\\PC*",
        branch in "[0-9]{0,3}|.{0,5}",
        birth in "[-0-9]{0,12}|-?[0-9]{4}-[0-9]{2}-[0-9]{2}|.*",
        on in "[0-9]{4}-[0-9]{2}-[0-9]{2}|.*",
    ) {
        let wire = json!({
            "insurer_number": insurer, "symbol": symbol, "number": number,
            "branch": branch, "birth_date": birth, "on": on,
        });
        let wire: crate::api::WireInquiry = serde_json::from_value(wire).unwrap();
        match wire.parse(today()) {
            Ok(inquiry) => assert!(crate::rules::is_askable(inquiry.on, today())),
            Err(refusal) => {
                assert_eq!(refusal.entry.status, 422);
                assert!(!refusal.findings.is_empty());
                assert!(refusal.findings.iter().all(|f| f.found.chars().count() <= 201));
            }
        }
    }
}
