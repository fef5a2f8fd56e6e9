//! How long a session lives, and who it belongs to.

use access::{
    session::{self, Stage, Whose},
    staff,
};
use kernel::{Secret, id::StaffId};

use super::*;

fn ended(reply: &Reply) -> bool {
    reply.status == 303 && reply.header("location") == "/login?ended=1"
}

fn locked(reply: &Reply) -> bool {
    reply.status == 303 && reply.header("location") == "/lock?next=%2F"
}

#[test]
fn fifteen_idle_minutes_lock_a_staff_session_until_its_holder_shows_the_password() {
    let place = place();
    let id = place
        .world
        .account(&place.clinic, Role::Doctor, login::hash());
    let doctor = place.session(id);
    for _ in 0..8 {
        assert_eq!(place.world.get(&doctor, "/").status, 200);
        place.world.clock.advance(15 * 60 - 1);
    }
    assert_eq!(place.world.get(&doctor, "/").status, 200);
    place.world.clock.advance(15 * 60);
    let (reply, records) = place.records_of(|w| w.get(&doctor, "/"));
    assert!(locked(&reply), "{reply:?}");
    assert_eq!(records, 1);
    // It does not come back to life by being asked for.
    assert!(locked(&place.world.get(&doctor, "/")));
    let told = place.world.get(&doctor, "/api/probe");
    assert_eq!(status_and_code(&told), is(401, "TSK-ACC-040"));
    assert!(told.text().contains("reauth_required"));
    assert_eq!(
        place.world.submit(&doctor, "/probe", &[]).code(),
        "TSK-ACC-040"
    );
    // A restart, or another node's memory, changes nothing.
    place.world.app.gate.forget_staff(place.clinic.id, id);
    assert!(locked(&place.world.get(&doctor, "/")));

    let page = place.world.get(&doctor, "/lock?next=%2F").text();
    assert!(page.contains("id=\"locked\"") && !page.contains("みどり診療所"));
    let enter = |password| {
        let fields = [("password", password), ("next", "/")];
        place.world.submit(&doctor, "/lock", &fields)
    };
    assert_eq!(enter("wrong").code(), "TSK-ACC-002");
    assert!(locked(&place.world.get(&doctor, "/")));
    let opened = enter(login::PASSWORD);
    assert_eq!((opened.status, opened.header("location")), (303, "/"));
    let again = As::Browser(token(&opened));
    assert_eq!(place.world.get(&again, "/").text(), "doctor");
    // The token of before is worth nothing (SESS-02).
    assert_eq!(place.world.get(&doctor, "/").header("location"), "/login");
    // Nor does it live longer than twelve hours from its begin.
    assert_eq!(place.world.get(&again, "/").status, 200);
    for _ in 0..62 {
        place.world.clock.advance(10 * 60);
        let _reply = place.world.get(&again, "/");
    }
    assert!(ended(&place.world.get(&again, "/")));
}

#[test]
fn five_wrong_passwords_at_a_locked_screen_end_the_session_and_lock_the_account() {
    let place = place();
    let id = place
        .world
        .account(&place.clinic, Role::Doctor, login::hash());
    let doctor = place.session(id);
    assert_eq!(place.world.get(&doctor, "/").status, 200);
    place.world.clock.advance(15 * 60);
    for _ in 0..5 {
        let reply = place
            .world
            .submit(&doctor, "/lock", &[("password", "wrong")]);
        assert_eq!(reply.status, 401);
    }
    let right = [("password", login::PASSWORD)];
    assert_ne!(place.world.submit(&doctor, "/lock", &right).status, 200);
    assert_eq!(place.world.get(&doctor, "/").header("location"), "/login");
    let fields = [("login", login::LOGIN), ("password", login::PASSWORD)];
    assert_eq!(
        place.world.submit(&As::Nobody, "/login", &fields).status,
        401
    );
}

#[test]
fn ten_idle_minutes_end_a_patients_session() {
    let place = place();
    let life = testkit::population::demo::patient(place.world.app.gate.now().jst_date());
    let patient = place.world.patient(place.world.person(&life));
    assert_eq!(place.world.get(&patient, "/portal").text(), "patient");
    place.world.clock.advance(10 * 60 - 1);
    assert_eq!(place.world.get(&patient, "/portal").status, 200);
    place.world.clock.advance(10 * 60);
    assert_eq!(
        place.world.get(&patient, "/portal").header("location"),
        "/portal/login?ended=1"
    );
}

#[test]
fn twelve_hours_end_any_session() {
    let place = place();
    let doctor = place.staff(Role::Doctor);
    for _ in 0..71 {
        place.world.clock.advance(10 * 60);
        assert_eq!(place.world.get(&doctor, "/").status, 200);
    }
    place.world.clock.advance(10 * 60 - 1);
    assert_eq!(place.world.get(&doctor, "/").status, 200);
    place.world.clock.advance(1);
    assert!(ended(&place.world.get(&doctor, "/")));
    // Once swept, nobody has ever heard of it in the store; the memory still knows its end.
    place.world.app.gate.sweep().expect("a sweep");
    assert!(ended(&place.world.get(&doctor, "/")));
}

#[test]
fn a_log_out_ends_the_session() {
    let place = place();
    let doctor = place.staff(Role::Doctor);
    assert_eq!(place.world.get(&doctor, "/").status, 200);
    let (reply, records) = place.records_of(|w| w.submit(&doctor, "/logout", &[]));
    assert_eq!(
        (reply.status, reply.header("location"), records),
        (303, "/login", 1)
    );
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(place.world.get(&doctor, "/").header("location"), "/login");
    // Again, or by nobody: no harm.
    assert_eq!(place.world.submit(&doctor, "/logout", &[]).status, 303);
    assert_eq!(place.world.submit(&As::Nobody, "/logout", &[]).status, 303);
}

#[test]
fn a_session_ends_with_its_account() {
    let place = place();
    let facility = place.clinic.id;
    let full = place.world.set_up(move |call| {
        let id = StaffId::random(call.rng());
        let secret = Secret::new(vec![7; staff::TOTP_SECRET_LEN]);
        let mut account =
            staff::Account::new(facility, id, "非常勤", Role::Doctor, String::new(), secret);
        account.ends_at = Some(call.at().plus_seconds(60));
        staff::hire(call, "part-time", &account)?;
        let token = session::begin(call, Whose::Staff(facility, id), Stage::Full)?;
        Ok(token.reveal().clone())
    });
    let doctor = As::Browser(full);
    assert_eq!(place.world.get(&doctor, "/").status, 200);
    place.world.clock.advance(59);
    assert_eq!(place.world.get(&doctor, "/").status, 200);
    place.world.clock.advance(1);
    assert_ne!(place.world.get(&doctor, "/").status, 200);
}

#[test]
fn a_token_holds_until_its_last_second() {
    let place = place();
    let home = place.clinic.clone();
    let token = place.world.set_up(move |call| {
        let client = testkit::seed::record_system(call, &home, None)?;
        let token = access::token::issue(call, &client, &client.terms.scopes, None)?;
        Ok(token.reveal().clone())
    });
    let system = As::System(token);
    assert_eq!(place.world.get(&system, "/api/probe").text(), "system");
    place.world.clock.advance(299);
    assert_eq!(place.world.get(&system, "/api/probe").text(), "system");
    place.world.clock.advance(1);
    let (reply, records) = place.records_of(|w| w.get(&system, "/api/probe"));
    assert_eq!(
        (status_and_code(&reply), records),
        (is(401, "TSK-ACC-006"), 1)
    );
}

#[test]
fn credentials_that_are_none_are_refused() {
    let place = place();
    let system = place.system();
    let As::System(token) = &system else { return };
    let get = |headers: &[(&str, &str)]| {
        let reply = place
            .world
            .send_with(&As::Nobody, "GET", "/api/probe", headers, Vec::new());
        (reply.status, reply.code())
    };
    let bearer = |value: &str| get(&[("authorization", value)]);
    assert_eq!(bearer(&format!("Bearer {token}")).0, 200);
    assert_eq!(bearer(&format!("bearer {token}")).0, 200);
    assert_eq!(bearer(&format!("BEARER  {token}")).0, 200);
    for bad in ["Bearer ", "Bearer x", "Bearer \u{ff}", "Bearer ' OR ''='"] {
        assert_eq!(bearer(bad).0, 401, "{bad}");
    }
    assert_eq!(bearer(&format!("Basic {token}")), is(401, "TSK-ACC-001"));
    assert_eq!(bearer(token), is(401, "TSK-ACC-001"));
    assert_eq!(
        bearer(&format!("Bearer {}", "a".repeat(30_000))),
        is(401, "TSK-ACC-006")
    );
    // A token is for programs, a session for browsers.
    assert_eq!(place.world.get(&system, "/").header("location"), "/login");
    let as_cookie = format!("tasuki_session={token}");
    assert_eq!(get(&[("cookie", &as_cookie)]), is(401, "TSK-ACC-001"));
}

#[test]
fn a_browser_reads_a_programs_address_and_changes_nothing_there() {
    let place = place();
    let clerk = place.staff(Role::Clerk);
    assert_eq!(place.world.get(&clerk, "/api/probe").text(), "clerk");
    let (reply, records) = place.records_of(|w| w.post(&clerk, "/api/probe", &empty()));
    assert_eq!(
        (status_and_code(&reply), records),
        (is(401, "TSK-ACC-001"), 1)
    );
}

#[test]
fn of_several_session_cookies_the_first_counts() {
    let place = place();
    let (doctor, clerk) = (place.staff(Role::Doctor), place.staff(Role::Clerk));
    let (As::Browser(doctor), As::Browser(clerk)) = (doctor, clerk) else {
        return;
    };
    let get = |headers: &[(&str, &str)]| {
        place
            .world
            .send_with(&As::Nobody, "GET", "/", headers, Vec::new())
    };
    let both = format!("a=b; tasuki_session={doctor}; tasuki_session={clerk}");
    assert_eq!(get(&[("cookie", &both)]).text(), "doctor");
    let (one, two) = (
        format!("tasuki_session={clerk}"),
        format!("tasuki_session={doctor}"),
    );
    assert_eq!(get(&[("cookie", &one), ("cookie", &two)]).text(), "clerk");
    for odd in [
        "tasuki_session",
        "tasuki_session=",
        "=;=;",
        "tasuki_session=\u{e9}",
        ";;;",
        "xtasuki_session=1",
    ] {
        assert_eq!(
            get(&[("cookie", odd)]).header("location"),
            "/login",
            "{odd}"
        );
    }
}

#[test]
fn over_tls_the_cookie_is_bound_to_this_host() {
    let answer = web::respond::session_cookie(true);
    assert!(answer.starts_with("__Host-"));
    let place = place();
    // Here there is no TLS: a cookie of the other name is nobody's.
    let As::Browser(token) = place.staff(Role::Doctor) else {
        return;
    };
    let cookie = format!("{answer}={token}");
    let headers = [("cookie", cookie.as_str())];
    let reply = place
        .world
        .send_with(&As::Nobody, "GET", "/", &headers, Vec::new());
    assert_eq!(reply.header("location"), "/login");
}
