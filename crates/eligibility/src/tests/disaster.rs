//! Verifying by four attributes, through the router.

use access::{
    client::{self, Kind, Terms},
    scope::Scopes,
    session::{self, Whose},
    token::{self, Approver, Exchanged, Grant},
};
use kernel::id::FacilityId;
use registry::disaster::{Area, Declaration, declare};
use store::{
    audit::Subject,
    caller::{Actor, Caller},
};

use super::*;
use crate::disaster::{
    model::{Candidate, Place, Proof, Search, SearchId, Why},
    ops as crisis,
};

const PATH: &str = "/reception/disaster";

/// Declares disaster mode for Tokyo and a day.
fn struck() -> Town {
    let town = town();
    let at = town.world.app.gate.now();
    let declaration = Declaration {
        name: "多摩の水害".to_owned(),
        areas: vec![Area::parse("13").unwrap()],
        from: at,
        until: at.plus_hours(24),
    };
    town.world
        .set_up(move |call| declare(call, &declaration).map(drop));
    town
}

const SAID: [(&str, &str); 12] = [
    ("family_kana", "たちばな"),
    ("given_kana", "ｻﾜｺ"),
    ("name", ""),
    ("birth_date_era", "showa"),
    ("birth_date_year", "33"),
    ("birth_date_month", "4"),
    ("birth_date_day", "12"),
    ("sex", "2"),
    ("address", "多摩川原市"),
    ("post_code", ""),
    ("place", "shelter"),
    ("why", "lost"),
];

fn said(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut fields = SAID.to_vec();
    for (name, value) in changes {
        fields.iter_mut().find(|field| field.0 == *name).unwrap().1 = value;
    }
    fields
}

/// Events on somebody's chain, newest first, with the refusal.
fn events(town: &Town, person: usize) -> Vec<(String, Option<String>)> {
    let person = town.people[person];
    town.world.set_up(move |call| {
        call.open(person)?;
        let history = call.history(Subject::Person(person), i64::MAX, 50)?;
        let records = history.into_iter().map(|entry| entry.record);
        Ok(records
            .map(|record| (record.event, record.refused))
            .collect())
    })
}

fn count(town: &Town, person: usize, event: &str) -> usize {
    events(town, person)
        .iter()
        .filter(|(one, _)| one == event)
        .count()
}

#[test]
fn who_lost_card_and_number_is_found_masked_confirmed_and_verified() {
    let town = struck();
    let clerk = town.staff(Role::Clerk);
    let reception = town.world.get(&clerk, "/reception").text();
    assert!(reception.contains("多摩の水害") && reception.contains(PATH));
    assert_eq!(town.world.get(&clerk, PATH).status, 200);

    let reply = town.world.submit(&clerk, PATH, &said(&[]));
    assert_eq!(reply.status, 303, "{}", reply.text());
    let found = reply.header("location").to_owned();
    let page = town.world.get(&clerk, &found).text();
    for words in [
        "A 一致",
        "タ… サ…",
        "68歳",
        "多摩川原市",
        "生年月日・性別・住所・カナが一致",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    for secret in ["佐和子", "タチバナ", "サワコ", "川端町", "1958", "00731958"] {
        assert!(!page.contains(secret), "{secret} is shown");
    }
    assert_eq!(count(&town, SAWAKO, "eligibility.disaster-search"), 1);
    assert_eq!(count(&town, SAWAKO, "eligibility.disaster-candidates"), 1);

    let answer = |text: &'static str| [("candidate", "1"), ("way", "house"), ("answer", text)];
    let wrong = town.world.submit(&clerk, &found, &answer("3-14-6"));
    assert_eq!((wrong.status, wrong.code().as_str()), (422, "TSK-DSC-014"));
    let right = town
        .world
        .submit(&clerk, &found, &answer("三丁目１４番５号"));
    assert_eq!(right.status, 303, "{}", right.text());
    let result = town.world.get(&clerk, right.header("location")).text();
    assert!(result.contains("橘 佐和子") && result.contains("有効な資格です"));
    assert!(!result.contains("/consent\""), "nobody has shown a card");
    let visit = town.visits().pop().unwrap();
    assert_eq!(visit.method.word(), "disaster");
    assert!(!visit.is_present(town.world.app.gate.now()));
    let again = town.world.get(&clerk, &found);
    assert_eq!(again.code(), "TSK-DSC-013", "it is used up");
}

#[test]
fn two_wrong_answers_close_the_search() {
    let town = struck();
    let clerk = town.staff(Role::Clerk);
    let found = town.world.submit(&clerk, PATH, &said(&[]));
    let found = found.header("location").to_owned();
    let answer = |text: &'static str| {
        let fields = [("candidate", "1"), ("way", "house"), ("answer", text)];
        town.world.submit(&clerk, &found, &fields).code()
    };
    assert_eq!(answer(""), "TSK-DSC-014");
    assert_eq!(answer("3-14"), "", "without the room it would be enough");
    let found = town.world.submit(&clerk, PATH, &said(&[]));
    let found = found.header("location").to_owned();
    let answer = |text: &'static str| {
        let fields = [("candidate", "1"), ("way", "house"), ("answer", text)];
        town.world.submit(&clerk, &found, &fields).code()
    };
    assert_eq!(answer("9"), "TSK-DSC-014");
    assert_eq!(answer("3"), "TSK-DSC-015");
    assert_eq!(
        answer("3-14-5"),
        "TSK-DSC-013",
        "closed for the right one too"
    );
    let refused: Vec<Option<String>> = events(&town, SAWAKO).into_iter().map(|e| e.1).collect();
    assert!(
        refused.contains(&Some("TSK-DSC-015".to_owned())),
        "{refused:?}"
    );
}

#[test]
fn a_workplace_insurer_is_an_answer_and_a_towns_is_not() {
    let town = struck();
    let clerk = town.staff(Role::Clerk);
    let life = &town.lives[SAWAKO];
    let insurer = life.coverage_last().unwrap().insurer.name.clone();
    let found = town.world.submit(&clerk, PATH, &said(&[]));
    let fields = [
        ("candidate", "1"),
        ("way", "insurer"),
        ("answer", insurer.as_str()),
    ];
    let reply = town.world.submit(&clerk, found.header("location"), &fields);
    assert_eq!(
        reply.code(),
        "TSK-DSC-014",
        "{insurer} follows from the home that is shown"
    );
    let union = Population::new(7, 3_000, today()).iter().find(|life| {
        let now = life.coverage_on(today());
        now.is_some_and(|c| c.insurer.name.ends_with("健康保険組合"))
    });
    let union = union.expect("somebody insured by their workplace");
    let _person = town.world.person(&union);
    let name = union
        .coverage_on(today())
        .unwrap()
        .insurer
        .name
        .replace("健康保険組合", "健保");
    let kana = union.name.full_kana();
    let (family, given) = kana.split_once(' ').unwrap();
    let search = Search {
        said: registry::attributes::Attributes {
            family_kana: family.to_owned(),
            given_kana: given.to_owned(),
            name: String::new(),
            birth: union.birth,
            sex: Some(registry::model::Sex::from_code(union.sex.code())),
            post_code: String::new(),
            address: union.address.line(),
        },
        place: Place::Facility,
        why: Why::Down,
    };
    let facility = town.clinic.id;
    let confirmed = town.world.set_up(move |call| {
        let found = crisis::search(call, facility, &search)?.expect("somebody");
        crisis::confirm(
            call,
            facility,
            found.id,
            1,
            &Proof::Insurer(name.clone()),
            today(),
        )
    });
    assert!(confirmed.is_ok());
}

#[test]
fn each_refusal_of_a_search_has_its_code_and_leaves_its_record() {
    let town = struck();
    let clerk = town.staff(Role::Clerk);
    for (changes, status, code) in [
        (&[("birth_date_day", "31")][..], 422, "TSK-DSC-017"),
        (&[("birth_date_year", "")], 422, "TSK-DSC-017"),
        (&[("place", "")], 422, "TSK-DSC-012"),
        (&[("why", "curiosity")], 422, "TSK-DSC-012"),
        (&[("sex", ""), ("address", "")], 422, "TSK-DSC-010"),
        (&[("given_kana", "")], 422, "TSK-DSC-010"),
        (
            &[
                ("family_kana", ""),
                ("given_kana", ""),
                ("name", "橘 佐和子"),
                ("address", ""),
            ],
            422,
            "TSK-DSC-010",
        ),
        (
            &[("family_kana", "ヤマダ"), ("given_kana", "タロウ")],
            404,
            "TSK-DSC-011",
        ),
        (&[("sex", "1")], 404, "TSK-DSC-011"),
        (&[("birth_date_day", "13")], 404, "TSK-DSC-011"),
    ] {
        let before = town.world.records();
        let reply = town.world.submit(&clerk, PATH, &said(changes));
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{changes:?}"
        );
        assert!(town.world.records() > before, "{changes:?}");
        assert!(
            reply.text().contains("shelter"),
            "what was typed stands there again"
        );
    }
}

#[test]
fn what_is_misheard_or_unreadable_still_leads_to_a_graded_candidate() {
    let town = struck();
    let clerk = town.staff(Role::Clerk);
    for (changes, grade, words) in [
        (
            &[("given_kana", "サワエ")][..],
            "C 可能性あり",
            "カナが1文字違い",
        ),
        (
            &[("family_kana", ""), ("given_kana", ""), ("name", "橘●和子")],
            "B ほぼ一致",
            "読める文字が一致",
        ),
        (
            &[
                ("family_kana", ""),
                ("given_kana", ""),
                ("name", "橘　佐和子"),
            ],
            "A 一致",
            "漢字氏名が一致",
        ),
        (&[("address", "輪島市")], "B ほぼ一致", "住所が違う"),
        (&[("sex", "3")], "B ほぼ一致", "生年月日・住所・カナが一致"),
    ] {
        town.world.clock.advance(20);
        let reply = town.world.submit(&clerk, PATH, &said(changes));
        assert_eq!(reply.status, 303, "{changes:?}: {}", reply.text());
        let page = town.world.get(&clerk, reply.header("location")).text();
        assert!(
            page.contains(grade) && page.contains(words),
            "{changes:?}: {page}"
        );
    }
    // 橘 髙志 is found by either way of writing him.
    let takashi = &town.lives[TAKASHI];
    let birth = takashi.birth.to_string();
    assert_eq!(birth, "1950-03-02");
    for name in ["橘高志", "橘髙志"] {
        town.world.clock.advance(20);
        let reply = town.world.submit(
            &clerk,
            PATH,
            &said(&[
                ("family_kana", ""),
                ("given_kana", ""),
                ("name", name),
                ("sex", "1"),
                ("birth_date_year", "25"),
                ("birth_date_month", "3"),
                ("birth_date_day", "2"),
            ]),
        );
        assert_eq!(reply.status, 303, "{name}: {}", reply.text());
    }
}

#[test]
fn absent_and_too_many_sound_the_same() {
    let town = struck();
    let mut life = town.lives[SAWAKO].clone();
    for number in 0..5_u64 {
        life.index += 100_000 + number;
        life.coverages.clear();
        let copy = life.clone();
        let id = PersonId::from_bytes([u8::try_from(number).unwrap() + 1; 16]);
        town.world.set_up(move |call| {
            let profile = testkit::seed::profile(&copy);
            registry::ops::enroll(call, id, &profile, &[])
        });
    }
    let clerk = town.staff(Role::Clerk);
    let many = town.world.submit(&clerk, PATH, &said(&[]));
    let none = town
        .world
        .submit(&clerk, PATH, &said(&[("birth_date_day", "13")]));
    assert_eq!((many.status, many.code()), (none.status, none.code()));
    assert_eq!(many.code(), "TSK-DSC-011");
}

#[test]
fn searches_that_nobody_confirms_are_slowed_down_for_the_whole_facility() {
    let town = struck();
    let (clerk, nurse) = (town.staff(Role::Clerk), town.staff(Role::Nurse));
    let mut codes = Vec::new();
    for who in [&clerk, &nurse, &clerk, &nurse, &clerk] {
        codes.push(
            town.world
                .submit(who, PATH, &said(&[("birth_date_day", "13")]))
                .code(),
        );
    }
    assert_eq!(codes[..4], ["TSK-DSC-011"; 4]);
    assert_eq!(codes[4], "TSK-DSC-016");
    town.world.clock.advance(2);
    let found = town.world.submit(&nurse, PATH, &said(&[]));
    assert_eq!(found.status, 303);
    let fields = [("candidate", "1"), ("way", "house"), ("answer", "3-14-5")];
    assert_eq!(
        town.world
            .submit(&nurse, found.header("location"), &fields)
            .status,
        303
    );
    let next = town.world.submit(&clerk, PATH, &said(&[]));
    assert_eq!(next.status, 303, "a confirmed one clears the facility");
}

#[test]
fn outside_the_area_the_time_and_the_roles_nobody_searches() {
    let town = struck();
    let clerk = town.staff(Role::Clerk);
    let found = town
        .world
        .submit(&clerk, PATH, &said(&[]))
        .header("location")
        .to_owned();
    let far = town.world.facility("2710000001", "大阪の診療所");
    let other = town.world.staff(&far, Role::Clerk);
    for path in [PATH, &found] {
        assert_eq!(town.world.get(&other, path).code(), "TSK-DIS-001", "{path}");
    }
    let near = town.world.facility("1310000002", "となりの診療所");
    let neighbour = town.world.staff(&near, Role::Clerk);
    assert_eq!(
        town.world.get(&neighbour, &found).code(),
        "TSK-DSC-013",
        "not theirs"
    );
    for role in [Role::Therapist, Role::Administrator, Role::Registrar] {
        assert_eq!(
            town.world.get(&town.staff(role), PATH).status,
            403,
            "{role:?}"
        );
    }
    town.world.clock.advance(15 * 60 - 1);
    let (facility, id) = (town.clinic.id, found.rsplit('/').next().unwrap().to_owned());
    let id = SearchId::parse(&id).unwrap();
    let look = || {
        let caller = Caller::new(Actor::Job { name: "test" });
        let found = town.world.run(caller, Purpose::Disaster, move |call| {
            crisis::found(call, facility, id).map(drop)
        });
        found.is_ok()
    };
    assert!(look());
    town.world.clock.advance(1);
    assert!(!look(), "a quarter of an hour");
    town.world.clock.advance(24 * 3600);
    let late = town.world.staff(&town.clinic, Role::Doctor);
    let reply = town.world.submit(&late, PATH, &said(&[]));
    assert_eq!(reply.code(), "TSK-DIS-001");
}

#[test]
fn a_house_is_the_same_with_and_without_the_room() {
    for (answer, registered, expected) in [
        ("3-14-5", "3-14-5", true),
        ("3-14", "3-14-5", true),
        ("3-14-5-201", "3-14-5", true),
        ("3", "3-14-5", false),
        ("3-1", "3-14-5", false),
        ("14-5", "3-14-5", false),
        ("", "3-14-5", false),
        ("3-14-5", "", false),
        ("", "", false),
    ] {
        assert_eq!(
            crisis::is_house(answer, registered),
            expected,
            "{answer} {registered}"
        );
    }
}

#[test]
fn a_mask_shows_the_first_kana_alone() {
    let life = &town().lives[SAWAKO];
    let mut profile = testkit::seed::profile(life);
    profile.kana = "ﾃﾞ ﾗ･ｸﾙｽ ﾏﾘｱ".to_owned();
    let agreement = registry::attributes::Agreement {
        name: registry::attributes::NameAgreement::Same,
        by_kana: true,
        sex: Some(true),
        home: None,
    };
    let one = Candidate::masked(
        registry::attributes::Grade::Likely,
        agreement,
        &profile,
        today(),
    );
    assert_eq!(one.initials, "デ… ラ… マ…");
}

/// A token with which a program acts for a member of staff who approved it.
fn approved(town: &Town, role: Role) -> As {
    let home = town.clinic.clone();
    let staff = town.world.account(&home, role, "not a hash");
    As::System(town.world.set_up(move |call| {
        let facility: FacilityId = home.id;
        let whose = Whose::Staff(facility, staff);
        let secret = session::begin(call, whose, session::Stage::Full)?;
        let session = session::find(call, secret.reveal())?.expect("a session");
        let scopes = Scopes::parse("tasuki/eligibility").unwrap();
        let terms = Terms {
            kind: Kind::App,
            scopes: scopes.clone(),
            redirects: vec!["https://app.example/back".to_owned()],
            certificates: vec![[7; 32]],
            ..testkit::seed::record_system_terms(&home, call.at())
        };
        let program = client::register(call, facility, &terms, None)?;
        let grant = Grant {
            facility,
            client: program.id,
            redirect: terms.redirects[0].clone(),
            challenge: "c".to_owned(),
            nonce: String::new(),
            scopes,
            approver: Approver {
                whose,
                session: session.id,
            },
            issued_at: call.at(),
        };
        let code = token::grant(call, &grant)?;
        match token::exchange(call, &program, code.reveal(), &grant.redirect, "c", None)? {
            Exchanged::Token(token, ..) => Ok(token.reveal().clone()),
            _ => panic!("no token"),
        }
    }))
}

#[test]
fn a_program_searches_for_the_member_of_staff_who_approved_it_and_not_by_itself() {
    let town = struck();
    let body = json!({
        "family_kana": "タチバナ", "given_kana": "サワコ", "birth_date": "1958-04-12",
        "sex": "2", "address": "多摩川原市", "place": "shelter", "why": "lost",
    });
    const API: &str = "/api/v1/eligibility/disaster-checks";
    assert_eq!(town.world.post(&town.system, API, &body).status, 403);
    let program = approved(&town, Role::Nurse);
    let reply = town.world.post(&program, API, &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let found = reply.json();
    assert_eq!(found["candidates"][0]["grade"], "A");
    assert_eq!(found["candidates"].as_array().unwrap().len(), 1);
    let path = format!("{API}/{}/confirm", found["search"].as_str().unwrap());
    let ask = |body: &Value| town.world.post(&program, &path, body);
    assert_eq!(
        ask(&json!({"candidate": 2, "house_number": "3-14-5"})).code(),
        "TSK-DSC-013"
    );
    let reply = ask(&json!({"candidate": 1, "house_number": "3丁目14-5"}));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answer = reply.json();
    assert_eq!(answer["method"], "disaster");
    assert_eq!(
        (&answer["name"], &answer["name_has_gaiji"]),
        (&json!("橘 佐和子"), &json!(false))
    );
}
