//! Log-in by password and one-time code.

use std::sync::OnceLock;

pub(crate) use access::staff;
use kernel::Secret;

use super::*;

pub(crate) const LOGIN: &str = "doctor@1310000001";
pub(crate) const PASSWORD: &str = "正しい馬 電池!1";

/// One real hash for all tests: making it is slow on purpose.
pub(crate) fn hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| testkit::seed::password_hash(PASSWORD).expect("memory for one hash"))
}

pub(crate) fn hired() -> Place {
    let place = place();
    let _id = place.world.account(&place.clinic, Role::Doctor, hash());
    // One-time codes count from the beginning of a step.
    assert_eq!(place.world.app.gate.now().seconds() % 30, 0);
    place
}

pub(crate) fn first(place: &Place, login: &str, password: &str) -> Reply {
    place.world.submit(
        &As::Nobody,
        "/login",
        &[("login", login), ("password", password)],
    )
}

pub(crate) fn second(place: &Place, waiting: &str, code: &str) -> Reply {
    let who = As::Browser(waiting.to_owned());
    place.world.submit(&who, "/login/code", &[("code", code)])
}

/// The code of the time step that lies `steps` from now.
pub(crate) fn code(place: &Place, steps: i64) -> String {
    let time = place.world.app.gate.now().seconds() + steps * 30;
    let totp = staff::totp(&testkit::seed::totp_secret(LOGIN)).expect("a secret");
    totp.generate(u64::try_from(time).expect("after 1970"))
        .to_string()
}

pub(crate) fn wrong(place: &Place) -> String {
    let near: Vec<String> = (-1..=1).map(|step| code(place, step)).collect();
    (0..10)
        .map(|n| format!("00000{n}"))
        .find(|c| !near.contains(c))
        .expect("one of ten is wrong")
}

pub(crate) fn waiting(place: &Place) -> String {
    let reply = first(place, LOGIN, PASSWORD);
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, "/login/code"),
        "{}",
        reply.text()
    );
    token(&reply)
}

#[test]
fn password_and_code_open_a_session() {
    let place = hired();
    assert_eq!(place.world.get(&As::Nobody, "/login").status, 200);
    let (reply, records) = place.records_of(|_| first(&place, LOGIN, PASSWORD));
    assert_eq!((reply.status, records), (303, 1));
    let cookie = reply.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let half = token(&reply);
    let (reply, records) = place.records_of(|_| second(&place, &half, &code(&place, 0)));
    assert_eq!(
        (reply.status, reply.header("location"), records),
        (303, "/", 1)
    );
    let full = token(&reply);
    assert_ne!(full, half);
    assert_eq!(place.world.get(&As::Browser(full), "/").text(), "doctor");
    // The half-way session is gone.
    assert_eq!(
        place
            .world
            .get(&As::Browser(half.clone()), "/")
            .header("location"),
        "/login"
    );
    assert_eq!(
        second(&place, &half, &code(&place, 1)).code(),
        "TSK-ACC-002"
    );
}

#[test]
fn name_and_code_are_taken_as_people_type_them() {
    let place = hired();
    let reply = first(&place, " Doctor@1310000001 ", PASSWORD);
    let half = token(&reply);
    let typed = code(&place, 0);
    let wide: String = typed
        .chars()
        .map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).expect("a digit"))
        .collect();
    let spaced = format!("{} {}", &wide[..9], &wide[9..]);
    assert_eq!(second(&place, &half, &spaced).status, 303);
    // A password is taken as it is.
    assert_eq!(first(&place, LOGIN, &format!("{PASSWORD} ")).status, 401);
}

#[test]
fn nothing_tells_a_wrong_password_from_an_unknown_name() {
    let place = hired();
    let computed = || place.world.app.passwords.computed();
    let before = computed();
    let (wrong, wrong_records) = place.records_of(|_| first(&place, LOGIN, "wrong"));
    let of_wrong = computed() - before;
    let (unknown, unknown_records) = place.records_of(|_| first(&place, "nobody", "wrong"));
    let of_unknown = computed() - before - of_wrong;
    assert_eq!((of_wrong, of_unknown), (1, 1));
    assert_eq!((wrong_records, unknown_records), (1, 1));
    assert_eq!(bare(&wrong), bare(&unknown));
    assert_eq!(status_and_code(&wrong).0, 401);
    assert_eq!(wrong.header("set-cookie"), "");
    for missing in [first(&place, "", ""), first(&place, LOGIN, "")] {
        assert_eq!(bare(&missing), bare(&wrong));
    }
    let odd = first(&place, "\u{0}' OR 1=1 --", &"長".repeat(5_000));
    assert_eq!(bare(&odd), bare(&wrong));
    assert_eq!(computed() - before, 5);
}

#[test]
fn five_failures_lock_for_fifteen_minutes() {
    let place = hired();
    for _ in 0..5 {
        assert_eq!(first(&place, LOGIN, "wrong").status, 401);
    }
    let before = place.world.app.passwords.computed();
    let locked = first(&place, LOGIN, PASSWORD);
    assert_eq!(bare(&locked), bare(&first(&place, LOGIN, "wrong")));
    assert_eq!(place.world.app.passwords.computed() - before, 2);
    place.world.clock.advance(15 * 60 - 1);
    assert_eq!(first(&place, LOGIN, PASSWORD).status, 401);
    place.world.clock.advance(1);
    assert_eq!(first(&place, LOGIN, PASSWORD).status, 303);
}

#[test]
fn four_failures_and_a_success_begin_anew() {
    let place = hired();
    for _ in 0..2 {
        for _ in 0..4 {
            assert_eq!(first(&place, LOGIN, "wrong").status, 401);
        }
        place.world.clock.advance(2);
        let half = waiting(&place);
        assert_eq!(second(&place, &half, &code(&place, 0)).status, 303);
        place.world.clock.advance(30);
    }
}

#[test]
fn a_right_password_does_not_forgive_wrong_codes() {
    let place = hired();
    for _ in 0..5 {
        let half = waiting(&place);
        assert_eq!(second(&place, &half, &wrong(&place)).code(), "TSK-ACC-002");
    }
    assert_eq!(first(&place, LOGIN, PASSWORD).status, 401);
}

#[test]
fn the_fifth_wrong_code_ends_the_waiting_session() {
    let place = hired();
    let half = waiting(&place);
    for _ in 0..5 {
        let (reply, records) = place.records_of(|_| second(&place, &half, &wrong(&place)));
        assert_eq!(
            (reply.status, reply.code(), records),
            (401, "TSK-ACC-002".to_owned(), 1)
        );
    }
    place.world.clock.advance(15 * 60);
    assert_eq!(
        second(&place, &half, &code(&place, 0)).code(),
        "TSK-ACC-002"
    );
}

#[test]
fn a_code_is_good_once() {
    let place = hired();
    let used = code(&place, 0);
    let half = waiting(&place);
    assert_eq!(second(&place, &half, &used).status, 303);
    let half = waiting(&place);
    assert_eq!(second(&place, &half, &used).code(), "TSK-ACC-002");
    // Neither is one that is older than the last one used.
    assert_eq!(
        second(&place, &half, &code(&place, -1)).code(),
        "TSK-ACC-002"
    );
    assert_eq!(second(&place, &half, &code(&place, 1)).status, 303);
}

#[test]
fn a_code_belongs_to_its_time() {
    let place = hired();
    for (step, good) in [(-2, false), (2, false), (-1, true), (1, true)] {
        let half = waiting(&place);
        let status = second(&place, &half, &code(&place, step)).status;
        assert_eq!(status == 303, good, "{step}");
    }
    let half = waiting(&place);
    for odd in ["", "12345", "1234567", "abcdef", "-12345", "١٢٣٤٥٦"] {
        assert!(second(&place, &half, odd).status < 500, "{odd}");
        place.world.clock.advance(1);
        if odd == "1234567" {
            // Three failures so far: a good code before the fifth.
            assert_eq!(second(&place, &half, &code(&place, 1)).status, 401);
        }
    }
}

#[test]
fn half_a_log_in_opens_nothing() {
    let place = hired();
    let half = As::Browser(waiting(&place));
    assert_eq!(place.world.get(&half, "/").header("location"), "/login");
    assert_eq!(
        place.world.get(&half, "/portal").header("location"),
        "/portal/login"
    );
    assert_eq!(
        status_and_code(&place.world.get(&half, "/api/probe")),
        is(401, "TSK-ACC-001")
    );
    assert_eq!(place.world.submit(&half, "/probe", &[]).status, 401);
    assert_eq!(place.world.get(&half, "/login/code").status, 200);
    // Nor does it live longer than five minutes.
    place.world.clock.advance(5 * 60);
    assert_eq!(
        place.world.get(&half, "/login/code").header("location"),
        "/login"
    );
    let As::Browser(half) = half else { return };
    assert_eq!(
        second(&place, &half, &code(&place, 0)).code(),
        "TSK-ACC-002"
    );
}

#[test]
fn without_a_password_no_code_is_taken() {
    let place = hired();
    assert_eq!(
        place
            .world
            .get(&As::Nobody, "/login/code")
            .header("location"),
        "/login"
    );
    let (reply, records) =
        place.records_of(|w| w.submit(&As::Nobody, "/login/code", &[("code", &code(&place, 0))]));
    assert_eq!(
        (reply.status, reply.code(), records),
        (401, "TSK-ACC-002".to_owned(), 1)
    );
    // A full session is no half-way one.
    let full = place.staff(Role::Clerk);
    let reply = place
        .world
        .submit(&full, "/login/code", &[("code", &code(&place, 0))]);
    assert_eq!(reply.code(), "TSK-ACC-002");
}

#[test]
fn whoever_goes_back_from_the_code_can_log_in_again() {
    let place = hired();
    let half = As::Browser(waiting(&place));
    let page = place.world.get(&half, "/login").text();
    let As::Browser(waiting) = &half else { return };
    // The page carries the form token that the post will need.
    assert!(page.contains(&access::session::form_token(waiting)));
    let fields = [("login", LOGIN), ("password", PASSWORD)];
    let reply = place.world.submit(&half, "/login", &fields);
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, "/login/code")
    );
    assert_eq!(second(&place, &token(&reply), &code(&place, 0)).status, 303);
}

#[test]
fn a_new_log_in_ends_the_session_before_it() {
    let place = hired();
    let clerk = place.staff(Role::Clerk);
    assert_eq!(place.world.get(&clerk, "/").text(), "clerk");
    let fields = [("login", LOGIN), ("password", "wrong")];
    assert_eq!(place.world.submit(&clerk, "/login", &fields).status, 401);
    assert_eq!(place.world.get(&clerk, "/").text(), "clerk");
    let fields = [("login", LOGIN), ("password", PASSWORD)];
    assert_eq!(place.world.submit(&clerk, "/login", &fields).status, 303);
    assert_eq!(place.world.get(&clerk, "/").header("location"), "/login");
}

#[test]
fn an_account_that_has_ended_cannot_log_in() {
    let place = place();
    let facility = place.clinic.id;
    place.world.set_up(move |call| {
        let id = kernel::id::StaffId::random(call.rng());
        let secret = Secret::new(testkit::seed::totp_secret(LOGIN));
        let mut account = staff::Account::new(
            facility,
            id,
            "退職者",
            Role::Doctor,
            hash().to_owned(),
            secret,
        );
        account.ends_at = Some(call.at());
        Ok(staff::hire(call, LOGIN, &account)?)
    });
    assert_eq!(
        bare(&first(&place, LOGIN, PASSWORD)),
        bare(&first(&place, "nobody", PASSWORD))
    );
}

#[test]
fn passwords_wait_in_a_queue_with_an_end() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let passwords = std::sync::Arc::new(web::passwords::Passwords::default());
    let typed = place().world.app.gate.typed(Secret::new("x".to_owned()));
    let refused = runtime.block_on(async {
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..70 {
            let passwords = std::sync::Arc::clone(&passwords);
            let typed = typed.clone();
            all.spawn(async move { passwords.fits(Some("no hash".to_owned()), typed).await });
        }
        let mut refused = Vec::new();
        while let Some(answer) = all.join_next().await {
            if let Err(refusal) = answer.expect("no panic") {
                refused.push((refusal.entry.code, refusal.retry_after_s));
            }
        }
        refused
    });
    // All seventy come at once, before the first is done; how many find a place depends on
    // how quick that one is, but nobody is refused without being told when to come back.
    assert!(refused.len() <= 6);
    assert!(refused.iter().all(|r| *r == ("TSK-WEB-008", Some(5))));
    assert_eq!(
        passwords.computed() + u64::try_from(refused.len()).expect("few"),
        70
    );
}
