//! A copy holds own patients only, is handed over once, and is believed only when it is what
//! the platform made for this system just now.

use eligibility::snapshot::{self, paper::Identity};
use registry::model::ChangeKind;
use store::caller::Role;

use super::*;

const COPY: &str = "eligibility.copy";

#[test]
fn a_copy_holds_who_came_and_nobody_else() {
    let pair = pair();
    assert_eq!(pair.fetched().patients, 0);
    pair.comes(SAWAKO);
    pair.comes(TAKASHI);
    pair.comes(SAWAKO);
    let held = pair.fetched();
    assert_eq!((held.patients, held.number, held.days), (2, 2, 400));
    assert_eq!(held.good_until, held.made_at.plus_hours(72));
    assert_eq!(pair.times(SAWAKO, COPY), 1);
    assert_eq!(pair.times(TWIN, COPY), 0, "they never came");
}

#[test]
fn who_has_not_changed_is_not_handed_over_again() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.comes(TAKASHI);
    pair.fetched();
    for _ in 0..3 {
        assert_eq!(pair.fetched().patients, 2);
    }
    assert_eq!(
        (pair.times(SAWAKO, COPY), pair.times(TAKASHI, COPY)),
        (1, 1)
    );
    pair.change(SAWAKO, ChangeKind::Changed, |c| c.copay = rate(1));
    assert_eq!(pair.fetched().patients, 2);
    assert_eq!(
        (pair.times(SAWAKO, COPY), pair.times(TAKASHI, COPY)),
        (2, 1)
    );
    // It did come: the line is cut, and the new rate is shown.
    pair.cut(Some(Cut::Connection));
    assert!(pair.check(SAWAKO, "a").text().contains("1割"));
}

#[test]
fn what_was_handed_over_and_lost_on_the_way_comes_again() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.lever.loses_answers.store(true, Ordering::SeqCst);
    assert!(matches!(pair.fetch(), Kept::Cut(Cut::Time)));
    pair.lever.loses_answers.store(false, Ordering::SeqCst);
    assert_eq!(pair.fetched().patients, 1);
    assert_eq!(pair.times(SAWAKO, COPY), 2, "it left the platform twice");
}

#[test]
fn who_has_not_come_for_400_days_leaves_the_copy() {
    let pair = pair();
    // A system that asks for itself, as the registration of the test's own ends after a year.
    let ask = |held: i64| {
        let (home, client) = (pair.at_platform.clone(), pair.client);
        let run = snapshot::model::Run::random(&store::SystemRng);
        let ask = snapshot::model::Ask { run, page: 1, held };
        let drafted = pair
            .platform
            .set_up(move |call| snapshot::ops::page(call, &home, client, &ask));
        let (head, body) = (drafted.head, drafted.body);
        assert!(head.is_last);
        (head.number, head.base, body.patients.len(), body.gone.len())
    };
    pair.comes(SAWAKO);
    pair.pass(200 * 86_400);
    pair.comes(TAKASHI);
    assert_eq!(ask(0), (1, 0, 2, 0));
    pair.pass(201 * 86_400);
    assert_eq!(ask(1), (2, 1, 0, 1), "one has gone");
    // The system never kept copy 2: it is told again, until it says that it knows.
    assert_eq!(ask(1), (3, 1, 0, 1));
    assert_eq!(ask(3), (4, 3, 0, 0));
    assert_eq!(ask(4), (5, 4, 0, 0));
    // Everything for a system that lost what it had, and for one that knows of a later copy
    // than a platform that was restored.
    assert_eq!(ask(0), (6, 0, 1, 0));
    assert_eq!(ask(90), (91, 0, 1, 0));
    pair.pass(400 * 86_400);
    assert_eq!(ask(91), (92, 91, 0, 1));
}

#[test]
fn a_copy_of_many_people_comes_in_pages_and_whole() {
    let pair = pair();
    let lives = population::Population::new(5, 400, today());
    let insured: Vec<Life> = lives
        .iter()
        .filter(|life| life.coverage_on(today()).is_some())
        .take(230)
        .collect();
    assert_eq!(insured.len(), 230);
    for life in &insured {
        let _ = pair.platform.person(life);
        let mut body = printed(life.coverage_on(today()).expect("a coverage"));
        body["birth_date"] = json!(life.birth.to_string());
        let path = "/api/v1/eligibility/checks";
        let reply = pair.platform.post(&pair.system, path, &body);
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let held = pair.fetched();
    assert_eq!(held.patients, 230);
    let asked = pair.lever.asked.lock().unwrap().len();
    assert_eq!(asked, 3, "a hundred a page");
    // A line that is cut between two pages leaves the copy before as it is.
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    pair.spoil(move |bytes| match seen.fetch_add(1, Ordering::SeqCst) {
        1 => Vec::new(),
        _ => bytes,
    });
    assert_eq!(pair.refused(), "TSK-CPY-011");
    assert_eq!(pair.held(), Some(held));
}

#[test]
fn every_flipped_byte_of_a_page_is_refused_and_the_copy_before_stays() {
    let pair = pair();
    pair.comes(SAWAKO);
    let before = pair.fetched();
    pair.comes(TAKASHI);
    // The same page again and again, so that only what was flipped is wrong with it.
    let ask = |page: &mut Option<(snapshot::model::Run, Vec<u8>)>| {
        let run = snapshot::model::Run::random(&store::SystemRng);
        let body = json!({ "run": run.to_hex(), "page": "1", "held": before.number.to_string() });
        let reply = pair
            .platform
            .post(&pair.system, "/api/v1/eligibility/copies", &body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        *page = Some((run, reply.body));
    };
    let mut page = None;
    ask(&mut page);
    let (run, bytes) = page.expect("a page");
    let upstream = pair.upstream();
    let expected = snapshot::paper::Expected {
        facility: CODE,
        client: pair.client,
        signer: &upstream.signer,
        run,
        page: 1,
        held: before.number,
        first: None,
        at: pair.clinic.app.gate.now(),
    };
    let open = |bytes: &[u8]| snapshot::paper::open(bytes, &expected, &upstream.identity);
    assert!(open(&bytes).is_ok());
    for place in 0..bytes.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut flipped = bytes.clone();
            flipped[place] ^= bit;
            let refused = open(&flipped).err().map(|entry| entry.code);
            assert_eq!(refused, Some("TSK-CPY-011"), "byte {place}, bit {bit}");
        }
    }
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert!(open(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    // The same through the program.
    pair.spoil(|mut bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    });
    assert_eq!(pair.refused(), "TSK-CPY-011");
    assert_eq!(pair.held(), Some(before));
    assert_eq!(
        pair.upstream().state().fault.map(|e| e.code),
        Some("TSK-CPY-011")
    );
    let page = pair.clinic.get(&pair.clerk(), "/counter").text();
    assert!(page.contains("署名が確かめられません"), "{page}");
}

#[test]
fn a_copy_that_is_anothers_older_or_of_another_time_is_refused() {
    let pair = pair();
    pair.comes(SAWAKO);
    let kept: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let keep = Arc::clone(&kept);
    pair.spoil(move |bytes| {
        keep.lock().unwrap().push(bytes.clone());
        bytes
    });
    let first = pair.fetched();
    // The whole answer of an earlier fetching is played back.
    let old = kept.lock().unwrap()[0].clone();
    pair.spoil(move |_| old.clone());
    assert_eq!(pair.refused(), "TSK-CPY-012");
    assert_eq!(pair.held(), Some(first));
    *pair.lever.spoil.lock().unwrap() = None;
    // Clocks that differ by more than ten minutes.
    pair.clinic.clock.advance(601);
    assert_eq!(pair.refused(), "TSK-CPY-016");
    pair.clinic.clock.advance(-601 - 601);
    assert_eq!(pair.refused(), "TSK-CPY-016");
    pair.clinic.clock.advance(601);
    assert_eq!(pair.held(), Some(first));
    assert!(pair.fetched().number > first.number);
}

#[test]
fn a_page_is_believed_only_by_whom_it_was_made_for() {
    let pair = pair();
    pair.comes(SAWAKO);
    let run = snapshot::model::Run::random(&store::SystemRng);
    let body = json!({ "run": run.to_hex(), "page": "1", "held": "3" });
    let reply = pair
        .platform
        .post(&pair.system, "/api/v1/eligibility/copies", &body);
    let upstream = pair.upstream();
    let good = snapshot::paper::Expected {
        facility: CODE,
        client: pair.client,
        signer: &upstream.signer,
        run,
        page: 1,
        held: 3,
        first: None,
        at: pair.clinic.app.gate.now(),
    };
    let identity = &upstream.identity;
    let code = |expected: &snapshot::paper::Expected<'_>, identity: &Identity| {
        snapshot::paper::open(&reply.body, expected, identity)
            .map(|(head, _)| head.number)
            .map_err(|entry| entry.code)
    };
    assert_eq!(
        code(&good, identity),
        Ok(4),
        "later than what the system holds"
    );
    let other = ClientId::random(&store::SystemRng);
    let another = snapshot::model::Run::random(&store::SystemRng);
    let stranger = [7; 32];
    let at = pair.clinic.app.gate.now();
    for (expected, refused) in [
        (
            snapshot::paper::Expected {
                facility: "1310000099",
                ..good
            },
            "TSK-CPY-012",
        ),
        (
            snapshot::paper::Expected {
                client: other,
                ..good
            },
            "TSK-CPY-012",
        ),
        (
            snapshot::paper::Expected {
                run: another,
                ..good
            },
            "TSK-CPY-012",
        ),
        (snapshot::paper::Expected { page: 2, ..good }, "TSK-CPY-012"),
        (snapshot::paper::Expected { held: 4, ..good }, "TSK-CPY-013"),
        (snapshot::paper::Expected { held: 9, ..good }, "TSK-CPY-013"),
        (
            snapshot::paper::Expected {
                signer: &stranger,
                ..good
            },
            "TSK-CPY-011",
        ),
        (
            snapshot::paper::Expected {
                at: at.plus_seconds(601),
                ..good
            },
            "TSK-CPY-016",
        ),
        (
            snapshot::paper::Expected {
                at: at.plus_seconds(-601),
                ..good
            },
            "TSK-CPY-016",
        ),
    ] {
        assert_eq!(code(&expected, identity), Err(refused));
    }
    assert_eq!(code(&good, &Identity::generate()), Err("TSK-CPY-014"));
}

#[test]
fn only_a_registered_system_is_given_a_copy() {
    let pair = pair();
    pair.comes(SAWAKO);
    let body = json!({ "run": "0".repeat(32), "page": "1", "held": "0" });
    let path = "/api/v1/eligibility/copies";
    let second = pair.platform.system(&pair.at_platform);
    assert_eq!(
        pair.platform.post(&second, path, &body).code(),
        "TSK-CPY-001"
    );
    let elsewhere = pair.platform.facility("1310000019", "ひがし医院");
    let other = pair.platform.system(&elsewhere);
    assert_eq!(
        pair.platform.post(&other, path, &body).code(),
        "TSK-CPY-001"
    );
    let clerk = pair.platform.staff(&pair.at_platform, Role::Clerk);
    assert_eq!(pair.platform.post(&clerk, path, &body).status, 401);
    for (member, value) in [("run", "0"), ("page", "0"), ("page", "x"), ("held", "-1")] {
        let mut wrong = body.clone();
        wrong[member] = json!(value);
        assert_eq!(
            pair.platform.post(&pair.system, path, &wrong).code(),
            "TSK-CPY-004"
        );
    }
    // A page that was not led to, and one of a fetching that has ended.
    let mut later = body.clone();
    later["page"] = json!("2");
    assert_eq!(
        pair.platform.post(&pair.system, path, &later).code(),
        "TSK-CPY-003"
    );
    assert_eq!(pair.platform.post(&pair.system, path, &body).status, 200);
    assert_eq!(
        pair.platform.post(&pair.system, path, &later).code(),
        "TSK-CPY-003"
    );
    assert_eq!(pair.times(SAWAKO, COPY), 1);
}

#[test]
fn who_was_erased_is_in_no_copy() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.comes(TAKASHI);
    assert_eq!(pair.fetched().patients, 2);
    let person = pair.people[SAWAKO];
    let upkeep = pair.platform.app.gate.upkeep();
    let keys = upkeep.keys();
    keys.shred(*person.as_bytes(), upkeep.now(), "試験")
        .expect("shredded");
    assert_eq!(pair.fetched().patients, 1);
}

#[test]
fn a_new_key_begins_with_a_whole_copy_that_the_old_one_does_not_open() {
    let pair = pair();
    pair.comes(SAWAKO);
    pair.fetched();
    let (facility, client) = (pair.at_platform.id, pair.client);
    pair.platform.set_up(move |call| {
        let recipient = Identity::generate().recipient();
        snapshot::ops::allow(call, facility, client, &recipient)
    });
    assert_eq!(pair.refused(), "TSK-CPY-014");
    assert_eq!(pair.held().map(|held| held.patients), Some(1));
}
