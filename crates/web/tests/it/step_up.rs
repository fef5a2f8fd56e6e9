//! Dangerous acts need a factor that was shown just now; sessions belong to one terminal.

use web::peer::PeerCertificate;

use access::terminal::{self, Terminal};

use super::{login::*, *};

/// A doctor who has logged in by code.
fn doctor(place: &Place) -> As {
    let half = waiting(place);
    As::Browser(token(&second(place, &half, &code(place, 0))))
}

/// A certificate of the clinic's own, in the ledger.
fn terminal(place: &Place, nth: u8) -> PeerCertificate {
    let peer = PeerCertificate { sha256: [nth; 32] };
    let facility = place.clinic.id;
    place.world.set_up(move |call| {
        let terminal = Terminal {
            id: kernel::id::TerminalId::random(call.rng()),
            facility,
            kind: "terminal".to_owned(),
            label: "診察室".to_owned(),
            ends_at: call.at().plus_seconds(86_400),
            ended_at: None,
        };
        Ok(terminal::register(call, &peer.sha256, &terminal)?)
    });
    peer
}

const CONFIRM: &str = "/account/confirm?next=%2Faccount%2Ffactors";

#[test]
fn a_dangerous_act_needs_a_second_factor_of_the_last_five_minutes() {
    let place = hired();
    let who = doctor(&place);
    assert_eq!(place.world.get(&who, "/account/factors").status, 200);
    place.world.clock.advance(5 * 60 - 1);
    assert_eq!(place.world.get(&who, "/account/factors").status, 200);
    place.world.clock.advance(1);
    let (reply, records) = place.records_of(|w| w.get(&who, "/account/factors"));
    assert_eq!(
        (reply.status, reply.header("location"), records),
        (303, CONFIRM, 1)
    );
    assert_eq!(
        place
            .world
            .submit(&who, "/account/factors/remove", &[("id", "app")])
            .status,
        303
    );
    place.world.clock.advance(60);
    let page = place.world.get(&who, CONFIRM).text();
    assert!(page.contains("name=\"next\" value=\"/account/factors\""));
    // Not the password, nor a wrong code.
    let wrong_code = wrong(&place);
    for field in [("password", PASSWORD), ("code", wrong_code.as_str())] {
        let reply = place.world.submit(&who, "/account/confirm", &[field]);
        assert_eq!(
            (reply.status, reply.code()),
            (422, "TSK-ACC-002".to_owned())
        );
    }
    let fields = [
        ("code", code(&place, 0)),
        ("next", "/account/factors".to_owned()),
    ];
    let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
    let reply = place.world.submit(&who, "/account/confirm", &fields);
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, "/account/factors")
    );
    let fresh = As::Browser(token(&reply));
    assert_eq!(place.world.get(&fresh, "/account/factors").status, 200);
    // SESS-02: the token of before the step-up is worth nothing.
    assert_eq!(place.world.get(&who, "/").header("location"), "/login");
}

#[test]
fn the_way_on_from_a_confirmation_leads_nowhere_but_to_our_own_pages() {
    let place = hired();
    let who = doctor(&place);
    for next in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil",
        "/nowhere",
        "",
    ] {
        place.world.clock.advance(30);
        let code = code(&place, 0);
        let fields = [("code", code.as_str()), ("next", next)];
        let reply = place.world.submit(&who, "/account/confirm", &fields);
        if reply.status == 303 && reply.header("location") != "/login" {
            assert_eq!(reply.header("location"), "/account", "{next}");
        }
        let page = place.world.get(&who, &format!("/lock?next={next}")).text();
        assert!(!page.contains("evil"), "{next}");
    }
}

#[test]
fn a_log_in_at_a_second_terminal_closes_the_first_and_tells_both() {
    let place = hired();
    let first_one = doctor(&place);
    assert_eq!(place.world.get(&first_one, "/").text(), "doctor");
    place.world.clock.advance(30);
    place.world.show(Some(terminal(&place, 9)));
    let half = waiting(&place);
    let reply = second(&place, &half, &code(&place, 0));
    assert_eq!(reply.header("location"), "/login/elsewhere");
    let here = As::Browser(token(&reply));
    assert!(
        place
            .world
            .get(&here, "/login/elsewhere")
            .text()
            .contains("別の端末")
    );
    assert_eq!(place.world.get(&here, "/").text(), "doctor");
    place.world.show(None);
    assert_eq!(
        place.world.get(&first_one, "/").header("location"),
        "/login?replaced=1"
    );
    let told = place.world.get(&first_one, "/api/probe");
    assert_eq!(status_and_code(&told), is(401, "TSK-ACC-043"));
    let page = place.world.get(&As::Nobody, "/login?replaced=1").text();
    assert!(page.contains("別のログイン"));
}

#[test]
fn a_second_log_in_at_the_same_terminal_takes_the_place_of_the_first() {
    let place = hired();
    let first_one = doctor(&place);
    place.world.clock.advance(30);
    let half = waiting(&place);
    let reply = second(&place, &half, &code(&place, 0));
    assert_eq!(reply.header("location"), "/");
    assert_eq!(
        place.world.get(&first_one, "/").header("location"),
        "/login?replaced=1"
    );
}

#[test]
fn a_session_begun_with_a_certificate_is_worth_nothing_without_it() {
    let place = hired();
    let (own, other) = (terminal(&place, 9), terminal(&place, 8));
    place.world.show(Some(own));
    let who = doctor(&place);
    assert_eq!(place.world.get(&who, "/").text(), "doctor");
    for other in [None, Some(other)] {
        place.world.show(other);
        let (reply, records) = place.records_of(|w| w.get(&who, "/api/probe"));
        assert_eq!(
            (status_and_code(&reply), records),
            (is(401, "TSK-ACC-044"), 1)
        );
        assert_eq!(place.world.get(&who, "/").status, 401);
        // Nor can a waiting log-in be taken elsewhere, or the session be opened there.
        assert_eq!(
            place
                .world
                .submit(&who, "/lock", &[("password", PASSWORD)])
                .status,
            401
        );
    }
    place.world.show(Some(own));
    assert_eq!(place.world.get(&who, "/").text(), "doctor");
}

#[test]
fn a_session_ends_from_the_list_of_ones_own() {
    let place = hired();
    let who = doctor(&place);
    let found = place.world.set_up(|call| Ok(staff::find(call, LOGIN)?));
    let account = found.expect("an account");
    let other = place.session(account.staff);
    assert_eq!(place.world.get(&other, "/").text(), "doctor");
    let page = place.world.get(&who, "/account").text();
    let id = page
        .split("/account/sessions/end")
        .nth(1)
        .and_then(|rest| rest.split("name=\"id\" value=\"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .expect("another session");
    let reply = place
        .world
        .submit(&who, "/account/sessions/end", &[("id", id)]);
    assert_eq!(reply.status, 303);
    assert_eq!(place.world.get(&other, "/").header("location"), "/login");
    assert_eq!(place.world.get(&who, "/").text(), "doctor");
}

#[test]
fn a_change_of_role_or_end_closes_every_session() {
    let place = hired();
    let who = doctor(&place);
    let account = place
        .world
        .set_up(|call| Ok(staff::find(call, LOGIN)?))
        .expect("an account");
    let (facility, id) = account.place();
    assert_eq!(place.world.get(&who, "/").text(), "doctor");
    place
        .world
        .set_up(move |call| Ok(staff::set_role(call, facility, id, Role::Clerk)?));
    place.world.app.gate.forget_staff(facility, id);
    assert_eq!(place.world.get(&who, "/").header("location"), "/login");
    place.world.clock.advance(30);
    let clerk = doctor(&place);
    assert_eq!(place.world.get(&clerk, "/").text(), "clerk");
}
