//! What is shown at a counter: registered, cancelled, ended; card or phone; from which
//! terminal.

use access::terminal::{self, Terminal};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::id::TerminalId;
use registry::{
    model::{Enrolled, Medium},
    ops as people,
};
use signing::{
    key::Algorithm,
    testpki::{CardCredential, Phone},
};
use store::audit::sha256;
use testkit::seed;
use web::peer::PeerCertificate;

use super::*;
use crate::{model::Method, phones::rules};

const CARD: u64 = 71;
const REGISTRATION_CHALLENGES: &str = "/api/v1/eligibility/registration-challenges";
const REGISTRATIONS: &str = "/api/v1/eligibility/card-registrations";

fn challenge(town: &Town, purpose: &str) -> Value {
    let path = match purpose {
        "insurance-registration" => REGISTRATION_CHALLENGES,
        _ => CHALLENGES,
    };
    let body = json!({"terminal": "reception-1"});
    let reply = town.world.post(&town.system, path, &body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn answer(credential: &CardCredential, challenge: &Value, method: &str) -> Value {
    let text = challenge["text"].as_str().unwrap();
    let algorithm = credential.key.algorithm().unwrap();
    let signature = credential.sign(algorithm, text.as_bytes()).unwrap();
    json!({
        "challenge": challenge["challenge"],
        "certificate": STANDARD.encode(&credential.certificate_der),
        "signature": STANDARD.encode(signature),
        "terminal": "reception-1",
        "auth_method": method,
    })
}

fn phone(town: &Town, phone: Phone, number: u64) -> CardCredential {
    let (from, until) = seed::card_validity(town.world.app.gate.now());
    town.world
        .pki
        .phone_for(phone, number, from, until)
        .unwrap()
}

/// The key under which a certificate is known.
fn key_of(town: &Town, credential: &CardCredential) -> kernel::Secret<Vec<u8>> {
    let now = town.world.app.gate.now();
    let verified = town.world.app.trust.card(&credential.certificate_der, now);
    verified.unwrap().card_key()
}

fn note_issued(town: &Town, person: PersonId, credential: &CardCredential) {
    let key = key_of(town, credential);
    let tied = town
        .world
        .set_up(move |call| people::note_issued(call, person, key.reveal(), Medium::Card));
    assert!(tied);
}

fn enroll(town: &Town, person: PersonId, credential: &CardCredential) {
    let phone = people::NewPhone {
        card_key: key_of(town, credential),
        medium: Medium::Android,
        label: "スマホ".to_owned(),
        replaces: true,
    };
    let done = town
        .world
        .set_up(move |call| people::enroll_phone(call, person, &phone));
    assert!(matches!(done, Enrolled::Done { .. }));
}

fn check(town: &Town, credential: &CardCredential, method: &str) -> Reply {
    let body = answer(credential, &challenge(town, "eligibility"), method);
    town.world.post(&town.system, CARD_CHECKS, &body)
}

/// Refused with this status and code, one record, no visit.
fn assert_refused(town: &Town, send: impl FnOnce() -> Reply, status: u16, code: &str) {
    let before = town.world.records();
    let reply = send();
    let after = town.world.records();
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (status, code),
        "{}",
        reply.text()
    );
    assert_is_problem(&reply);
    assert_eq!((after - before, town.visits().len()), (1, 0), "{code}");
}

fn assert_check_refused(
    town: &Town,
    credential: &CardCredential,
    method: &str,
    (status, code): (u16, &str),
) {
    let body = answer(credential, &challenge(town, "eligibility"), method);
    assert_refused(town, post(town, CARD_CHECKS, &body), status, code);
}

fn post<'t>(town: &'t Town, path: &'t str, body: &'t Value) -> impl FnOnce() -> Reply + 't {
    move || town.world.post(&town.system, path, body)
}

#[test]
fn a_phone_is_for_those_whose_fifteenth_birthday_has_come() {
    for (birth, on, may) in [
        ("2011-11-22", "2026-11-21", false),
        ("2011-11-22", "2026-11-22", true),
        ("2011-11-23", "2026-11-22", false),
        ("2012-01-01", "2026-12-31", false),
        ("2012-01-01", "2027-01-01", true),
        // Born on 29 February: in a common year the year of age is complete on 1 March.
        ("2012-02-29", "2027-02-28", false),
        ("2012-02-29", "2027-03-01", true),
        ("2013-02-28", "2028-02-27", false),
        ("2013-02-28", "2028-02-28", true),
        ("2013-03-01", "2028-02-29", false),
        ("2013-03-01", "2028-03-01", true),
        ("1920-01-01", "2026-11-22", true),
    ] {
        let day = |text| JstDate::parse(text).unwrap();
        let found = rules::may_enroll_phone(day(birth), day(on));
        assert_eq!(found, may, "born {birth}, on {on}");
    }
}

#[test]
fn a_phone_is_unlocked_by_itself_and_a_card_never_is() {
    for medium in Medium::ALL {
        for (method, of_phone, of_card) in [
            (Method::Phone, true, false),
            (Method::CardPin, false, true),
            (Method::CardFace, false, true),
            (Method::CardVisual, false, true),
            (Method::Number, false, false),
            (Method::PortalScreen, false, false),
        ] {
            let expected = if medium.is_phone() { of_phone } else { of_card };
            let found = rules::fits(method, medium).is_ok();
            assert_eq!(found, expected, "{} with {}", method.word(), medium.code());
        }
    }
}

#[test]
fn codes_and_names_are_taken_as_people_type_them() {
    for (typed, code) in [
        ("12345678", Some("12345678")),
        ("1234 5678", Some("12345678")),
        ("1234-5678", Some("12345678")),
        ("１２３４　５６７８", Some("12345678")),
        ("1234567", None),
        ("123456789", None),
        ("1234567a", None),
        ("", None),
    ] {
        assert_eq!(rules::code(typed).as_deref(), code, "{typed}");
    }
    for (typed, label) in [
        (" わたしのスマホ ", Some("わたしのスマホ")),
        ("", None),
        ("  ", None),
        ("a\nb", None),
    ] {
        assert_eq!(rules::label(typed).as_deref(), label, "{typed:?}");
    }
    assert!(rules::label(&"あ".repeat(40)).is_some());
    assert!(rules::label(&"あ".repeat(41)).is_none());
}

#[test]
fn a_card_that_was_never_registered_is_told_from_an_unknown_one_and_can_be_registered_at_once() {
    let town = town();
    let card = town.world.card(CARD);
    assert_check_refused(&town, &card, "pin", (404, "TSK-ACC-025"));
    note_issued(&town, town.people[SAWAKO], &card);
    assert_check_refused(&town, &card, "pin", (422, "TSK-PHN-001"));
    let body = answer(&card, &challenge(&town, "insurance-registration"), "pin");
    let before = town.world.records();
    let reply = town.world.post(&town.system, REGISTRATIONS, &body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.json()["registered_at"], "2026-11-22T01:00:00Z");
    assert_eq!(town.world.records(), before + 1);
    let found = check(&town, &card, "pin");
    assert_eq!(found.json()["name"], "橘 佐和子", "{}", found.text());
    // A second time there is nothing to do, and the challenge of the first is worth nothing.
    let again = answer(&card, &challenge(&town, "insurance-registration"), "pin");
    let reply = town.world.post(&town.system, REGISTRATIONS, &again);
    assert_eq!((reply.status, reply.code().as_str()), (409, "TSK-PHN-004"));
    for replayed in [&body, &again] {
        let reply = town.world.post(&town.system, REGISTRATIONS, replayed);
        assert_eq!((reply.status, reply.code().as_str()), (409, "TSK-ACC-021"));
    }
}

#[test]
fn a_registration_needs_its_own_challenge_the_card_and_the_pin() {
    let town = town();
    let card = town.world.card(CARD);
    note_issued(&town, town.people[SAWAKO], &card);
    let elsewhere = answer(&card, &challenge(&town, "eligibility"), "pin");
    assert_refused(
        &town,
        post(&town, REGISTRATIONS, &elsewhere),
        422,
        "TSK-ACC-023",
    );
    let given = challenge(&town, "insurance-registration");
    let for_check = answer(&card, &given, "pin");
    assert_refused(
        &town,
        post(&town, CARD_CHECKS, &for_check),
        422,
        "TSK-ACC-023",
    );
    for method in ["face", "staff_visual", "phone_biometric", "number", ""] {
        let body = answer(&card, &given, method);
        assert_refused(&town, post(&town, REGISTRATIONS, &body), 422, "TSK-PHN-008");
    }
    let by_phone = answer(&phone(&town, Phone::Iphone, CARD), &given, "pin");
    assert_refused(
        &town,
        post(&town, REGISTRATIONS, &by_phone),
        422,
        "TSK-PHN-023",
    );
    let unknown = answer(
        &town.world.card(CARD + 1),
        &challenge(&town, "insurance-registration"),
        "pin",
    );
    assert_refused(
        &town,
        post(&town, REGISTRATIONS, &unknown),
        404,
        "TSK-ACC-025",
    );
    // Nothing of this has registered the card.
    assert_check_refused(&town, &card, "pin", (422, "TSK-PHN-001"));
}

#[test]
fn a_cancelled_card_is_refused_from_the_next_check_on_and_its_phone_with_it() {
    let town = town();
    let person = town.people[SAWAKO];
    town.world.give_card(person, CARD);
    let (card, phone) = (town.world.card(CARD), phone(&town, Phone::Android, CARD));
    enroll(&town, person, &phone);
    let under_way = answer(&card, &challenge(&town, "eligibility"), "pin");
    let cancelled = town
        .world
        .set_up(move |call| people::cancel_use(call, person));
    assert!(cancelled);
    assert_refused(
        &town,
        post(&town, CARD_CHECKS, &under_way),
        422,
        "TSK-PHN-002",
    );
    assert_check_refused(&town, &phone, "phone_biometric", (422, "TSK-PHN-002"));
    // Registered again, both stand for the insurance card as before.
    let body = answer(&card, &challenge(&town, "insurance-registration"), "pin");
    let reply = town.world.post(&town.system, REGISTRATIONS, &body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(check(&town, &phone, "phone_biometric").status, 200);
    assert_eq!(check(&town, &card, "pin").status, 200);
}

#[test]
fn a_renewed_card_takes_the_place_of_the_old_one() {
    let town = town();
    let person = town.people[SAWAKO];
    town.world.give_card(person, CARD);
    let (old, new) = (town.world.card(CARD), town.world.card(CARD + 2));
    let keys = (key_of(&town, &old), key_of(&town, &new));
    let renew = move |call: &mut store::Call<'_>| {
        people::renew_card(call, person, (keys.0.reveal(), keys.1.reveal()))
    };
    assert!(town.world.set_up(renew.clone()));
    assert_check_refused(&town, &old, "pin", (422, "TSK-PHN-003"));
    assert_eq!(check(&town, &new, "pin").json()["name"], "橘 佐和子");
    // Told twice, nothing happens.
    assert!(!town.world.set_up(renew));
    // Nor can the old card register anything.
    let body = answer(&old, &challenge(&town, "insurance-registration"), "pin");
    let reply = town.world.post(&town.system, REGISTRATIONS, &body);
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-PHN-003"));
}

#[test]
fn a_phone_cannot_pass_for_a_card_nor_a_card_for_a_phone() {
    let town = town();
    let person = town.people[SAWAKO];
    town.world.give_card(person, CARD);
    let card = town.world.card(CARD);
    for kind in [Phone::Android, Phone::Iphone] {
        let phone = phone(&town, kind, CARD);
        enroll(&town, person, &phone);
        for method in ["pin", "face", "staff_visual"] {
            let code = match method {
                // A program cannot compare by sight, whatever it shows.
                "staff_visual" => (403, "TSK-ACC-026"),
                _ => (422, "TSK-PHN-010"),
            };
            assert_check_refused(&town, &phone, method, (code.0, code.1));
        }
    }
    assert_check_refused(&town, &card, "phone_biometric", (422, "TSK-PHN-010"));
    let good = check(&town, &phone(&town, Phone::Iphone, CARD), "phone_biometric");
    assert_eq!(good.json()["method"], "phone_biometric", "{}", good.text());
    // The first phone ended when the second took its place.
    let first = check(
        &town,
        &phone(&town, Phone::Android, CARD),
        "phone_biometric",
    );
    assert_eq!((first.status, first.code().as_str()), (422, "TSK-PHN-003"));
}

/// A terminal of the ledger with this certificate; the next card's key stands for its own.
fn ledger(town: &Town, home: &Home, number: u64, kind: &'static str) -> CardCredential {
    let (from, until) = seed::card_validity(town.world.app.gate.now());
    let credential = town.world.pki.next_card_for(number, from, until).unwrap();
    let print = sha256(&[&credential.certificate_der]);
    let terminal = Terminal {
        id: TerminalId::from_bytes([u8::try_from(number).unwrap(); 16]),
        facility: home.id,
        kind: kind.to_owned(),
        label: "受付1番".to_owned(),
        ends_at: town.world.app.gate.now().plus_hours(24),
        ended_at: None,
    };
    town.world
        .set_up(move |call| Ok(terminal::register(call, &print, &terminal)?));
    credential
}

/// The terminal's own signature beside the card's.
fn signed_by(body: &Value, terminal: &CardCredential, text: &Value) -> Value {
    let text = text.as_str().unwrap().as_bytes();
    let signature = terminal.sign(Algorithm::EcdsaP384Sha384, text).unwrap();
    with(
        body.clone(),
        &json!({
            "terminal_certificate": STANDARD.encode(&terminal.certificate_der),
            "terminal_signature": STANDARD.encode(signature),
        }),
    )
}

#[test]
fn a_face_is_believed_of_a_terminal_of_the_ledger_only() {
    let town = town();
    town.world.give_card(town.people[SAWAKO], CARD);
    let card = town.world.card(CARD);
    let other = town.world.facility("1310000002", "となりの診療所");
    let given = challenge(&town, "eligibility");
    let body = answer(&card, &given, "face");
    let from = |terminal: &CardCredential| signed_by(&body, terminal, &given["text"]);
    let refused = |body: &Value, code| {
        assert_refused(&town, post(&town, CARD_CHECKS, body), 403, code);
    };
    refused(&body, "TSK-PHN-011");
    // A certificate that nobody has registered, one of another facility, one of a server.
    let (begin, end) = seed::card_validity(town.world.app.gate.now());
    let unknown = town.world.pki.next_card_for(200, begin, end).unwrap();
    refused(&from(&unknown), "TSK-PHN-011");
    refused(
        &from(&ledger(&town, &other, 201, "terminal")),
        "TSK-PHN-011",
    );
    refused(
        &from(&ledger(&town, &town.clinic, 202, "server")),
        "TSK-PHN-011",
    );
    let ended = ledger(&town, &town.clinic, 203, "terminal");
    let print = sha256(&[&ended.certificate_der]);
    assert!(
        town.world
            .set_up(move |call| Ok(terminal::end(call, &print)?))
    );
    refused(&from(&ended), "TSK-PHN-011");
    // Its own certificate with a signature over something else, and with half of it.
    let good = ledger(&town, &town.clinic, 204, "terminal");
    let stale = signed_by(&body, &good, &challenge(&town, "eligibility")["text"]);
    refused(&stale, "TSK-PHN-012");
    let half = with(body.clone(), &json!({"terminal_signature": "AAAA"}));
    assert_refused(&town, post(&town, CARD_CHECKS, &half), 422, "TSK-ELG-027");
    // None of this has used the challenge up.
    let reply = town.world.post(&town.system, CARD_CHECKS, &from(&good));
    assert_eq!(reply.json()["method"], "face", "{}", reply.text());
}

#[test]
fn a_connection_with_the_terminals_certificate_is_as_good_as_its_signature() {
    let town = town();
    town.world.give_card(town.people[SAWAKO], CARD);
    let card = town.world.card(CARD);
    let terminal = ledger(&town, &town.clinic, 204, "terminal");
    let server = ledger(&town, &town.clinic, 205, "server");
    let show = |credential: &CardCredential| {
        let sha256 = sha256(&[&credential.certificate_der]);
        town.world.show(Some(PeerCertificate { sha256 }));
    };
    show(&server);
    assert_check_refused(&town, &card, "face", (403, "TSK-PHN-011"));
    show(&terminal);
    let reply = check(&town, &card, "face");
    assert_eq!(reply.json()["method"], "face", "{}", reply.text());
    // PIN and phone need none of this.
    town.world.show(None);
    assert_eq!(check(&town, &card, "pin").status, 200);
}

#[test]
fn who_compared_a_card_by_sight_is_named_in_the_persons_history() {
    let town = town();
    let person = town.people[SAWAKO];
    town.world.give_card(person, CARD);
    let (card, nurse) = (town.world.card(CARD), town.staff(Role::Nurse));
    let terminal = ledger(&town, &town.clinic, 204, "terminal");
    let submit = |changes: &[(&str, &str)], by_terminal: bool| {
        let page = town.world.get(&nurse, "/reception/visual");
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.text();
        let between = |from: &str, to: &str| {
            let rest = page.split_once(from).expect(from).1;
            rest.split_once(to).expect(to).0.to_owned()
        };
        let text = between("id=\"challenge-text\">", "</code>");
        let id = between("name=\"challenge\" value=\"", "\"");
        let given = json!({"challenge": id, "text": text});
        let mut body = answer(&card, &given, "staff_visual");
        if by_terminal {
            body = signed_by(&body, &terminal, &given["text"]);
        }
        let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let names = [
            "challenge",
            "certificate",
            "signature",
            "terminal_certificate",
            "terminal_signature",
        ];
        let values = names.map(|name| (name, word(name)));
        let mut fields: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        fields.extend(changes);
        town.world.submit(&nurse, "/reception/visual", &fields)
    };
    let none = submit(&[], true);
    assert_eq!((none.status, none.code().as_str()), (422, "TSK-PHN-013"));
    let elsewhere = submit(&[("compared", "face")], false);
    assert_eq!(
        (elsewhere.status, elsewhere.code().as_str()),
        (403, "TSK-PHN-011")
    );
    assert_eq!(town.visits().len(), 0);
    let good = submit(&[("compared", "face")], true);
    assert_eq!(good.status, 303, "{}", good.text());
    assert_eq!(town.visits()[0].method, Method::CardVisual);
    let record = town.world.set_up(move |call| {
        let looks = access::history::page(call, person, i64::MAX)?;
        let seen = looks.into_iter().map(|look| look.entry.record);
        Ok(seen
            .filter(|record| record.event == "eligibility.card" && record.refused.is_none())
            .collect::<Vec<_>>())
    });
    assert_eq!(record.len(), 1);
    assert_eq!(record[0].role, "nurse");
    assert_eq!(record[0].name, Role::Nurse.ja());
    assert_eq!(record[0].detail("method"), Some("staff_visual"));
}
