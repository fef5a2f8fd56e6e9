//! By card: one challenge, one terminal, one use.

use std::thread;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use signing::{key::Algorithm, path::RevocationReason};

use super::*;

const CARD: u64 = 41;

/// A town in which 橘 佐和子 has registered her card.
fn carded() -> Town {
    let town = town();
    town.world.give_card(town.people[SAWAKO], CARD);
    town
}

fn challenge(town: &Town, who: &As) -> Value {
    let reply = town
        .world
        .post(who, CHALLENGES, &json!({"terminal": "reception-1"}));
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

/// Card `number`'s answer to a challenge.
fn answer(town: &Town, number: u64, challenge: &Value) -> Value {
    let card = town.world.card(number);
    let text = challenge["text"].as_str().unwrap();
    let signature = card
        .sign(Algorithm::RsaPkcs1Sha256, text.as_bytes())
        .unwrap();
    json!({
        "challenge": challenge["challenge"],
        "certificate": STANDARD.encode(&card.certificate_der),
        "signature": STANDARD.encode(signature),
        "terminal": "reception-1",
        "auth_method": "pin",
    })
}

fn show(town: &Town, body: &Value) -> Reply {
    town.world.post(&town.system, CARD_CHECKS, body)
}

/// Refused with this status and code, one record, nothing stored.
fn assert_refused(town: &Town, name: &str, body: &Value, status: u16, code: &str) {
    let before = town.world.records();
    let reply = show(town, body);
    let after = town.world.records();
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (status, code),
        "{name}: {}",
        reply.text()
    );
    assert_is_problem(&reply);
    assert_eq!(after, before + 1, "{name}");
    assert_eq!(town.visits().len(), 0, "{name}");
}

#[test]
fn a_good_card_is_answered_with_the_holders_coverage() {
    let town = carded();
    let given = challenge(&town, &town.system);
    for (member, value) in [
        ("terminal", "1310000001:reception-1"),
        ("purpose", "eligibility"),
        ("origin", testkit::world::ORIGIN),
    ] {
        assert_eq!(given[member], value);
    }
    let body = answer(&town, CARD, &given);
    let before = town.world.records();
    let reply = show(&town, &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(town.world.records(), before + 1);
    assert_eq!(reply.json()["name"], "橘 佐和子");
    assert_eq!(reply.json()["method"], "pin");
    assert_eq!(reply.json()["number"], "00731958");
    // Neither the serial number nor the certificate comes back.
    let serial = kernel::hex::encode(&town.world.card(CARD).serial);
    assert!(!reply.text().contains(&serial));
}

#[test]
fn a_challenge_is_good_once() {
    let town = carded();
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    assert_eq!(show(&town, &body).status, 200);
    let before = town.world.records();
    let again = show(&town, &body);
    assert_eq!((again.status, again.code().as_str()), (409, "TSK-ACC-021"));
    assert_eq!(town.world.records(), before + 1);
    assert_eq!(town.visits().len(), 1);
}

#[test]
fn of_a_hundred_parallel_uses_exactly_one_succeeds() {
    let town = carded();
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    let before = town.world.records();
    let replies: Vec<Reply> = thread::scope(|scope| {
        let uses: Vec<_> = (0..100)
            .map(|_| scope.spawn(|| show(&town, &body)))
            .collect();
        uses.into_iter().map(|u| u.join().unwrap()).collect()
    });
    let good = replies.iter().filter(|r| r.status == 200).count();
    let used = replies.iter().filter(|r| r.code() == "TSK-ACC-021").count();
    assert_eq!((good, used), (1, 99));
    assert_eq!(town.world.records(), before + 100);
    assert_eq!(town.visits().len(), 1);
}

#[test]
fn a_challenge_lives_120_seconds() {
    let town = carded();
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    town.world.clock.advance(119);
    assert_eq!(show(&town, &body).status, 200);
    let town = carded();
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    town.world.clock.advance(120);
    assert_refused(&town, "late", &body, 422, "TSK-ACC-022");
    // What can be answered no more is swept, and then nobody has ever heard of it.
    town.world.clock.advance(241);
    town.world.app.gate.sweep().unwrap();
    // The terminal has a new token by now: that it gets one is a record of its own.
    let _renewed = town.world.get(&town.system, "/api/v1/access/decisions");
    assert_refused(&town, "swept", &body, 422, "TSK-ACC-020");
}

#[test]
fn a_challenge_belongs_to_terminal_facility_and_purpose() {
    let town = carded();
    let other = town.world.facility("1310000002", "となりの診療所");
    let stranger = town.world.system(&other);
    let here = challenge(&town, &town.system);
    let body = answer(&town, CARD, &here);
    let moved = with(body.clone(), &json!({"terminal": "reception-2"}));
    assert_refused(&town, "another terminal", &moved, 422, "TSK-ACC-023");
    let before = town.world.records();
    let reply = town.world.post(&stranger, CARD_CHECKS, &body);
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ACC-023"));
    assert_eq!(town.world.records(), before + 1);
    // A challenge of another purpose, for the same terminal.
    let portal = town
        .world
        .set_up(|call| access::challenge::issue(call, "1310000001:reception-1", "portal-login"));
    let text = portal.text(testkit::world::ORIGIN).unwrap();
    let given = json!({"challenge": portal.id.to_hex(), "text": text});
    assert_refused(
        &town,
        "another purpose",
        &answer(&town, CARD, &given),
        422,
        "TSK-ACC-023",
    );
    // None of this has used the challenge up.
    assert_eq!(show(&town, &body).status, 200);
}

#[test]
fn a_signature_must_be_this_cards_over_this_text() {
    let town = carded();
    let given = challenge(&town, &town.system);
    let body = answer(&town, CARD, &given);
    let mut bytes = STANDARD
        .decode(body["signature"].as_str().unwrap())
        .unwrap();
    bytes[17] ^= 1;
    let signature = STANDARD.encode(&bytes);
    let tampered = with(body.clone(), &json!({"signature": signature}));
    assert_refused(&town, "tampered", &tampered, 403, "TSK-CRT-031");
    let short = with(body.clone(), &json!({"signature": "AAAA"}));
    assert_refused(&town, "short", &short, 403, "TSK-CRT-031");
    let none = with(body.clone(), &json!({"signature": ""}));
    assert_refused(&town, "none", &none, 403, "TSK-CRT-031");
    // Another card's key is another of the three that cards share.
    let theirs = answer(&town, CARD + 1, &given);
    let mixed = with(body.clone(), &json!({"signature": theirs["signature"]}));
    assert_refused(&town, "another card's", &mixed, 403, "TSK-CRT-031");
    let text = given["text"].as_str().unwrap();
    let elsewhere = json!({
        "challenge": given["challenge"],
        "text": text.replace(testkit::world::ORIGIN, "http://evil.test"),
    });
    assert_refused(
        &town,
        "another origin",
        &answer(&town, CARD, &elsewhere),
        403,
        "TSK-CRT-031",
    );
}

#[test]
fn every_bad_certificate_is_refused_with_its_own_code() {
    let town = carded();
    let now = town.world.app.gate.now();
    let revoked = town.world.pki.bad_revocations(now);
    let crls = town.world.pki.crl_store(now, &revoked).unwrap();
    town.world.app.trust.renew(crls);
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    let corpus = town.world.pki.bad_certificates(now).unwrap();
    assert!(corpus.len() > 30);
    for bad in corpus {
        let shown = with(
            body.clone(),
            &json!({"certificate": STANDARD.encode(&bad.der)}),
        );
        if bad.intermediates.is_empty() {
            assert_refused(
                &town,
                bad.name,
                &shown,
                bad.expected.status,
                bad.expected.code,
            );
        } else {
            // A terminal shows no authorities: what hangs below one of its own has no issuer.
            let reply = show(&town, &shown);
            assert!(
                reply.code().starts_with("TSK-CRT-"),
                "{}: {}",
                bad.name,
                reply.text()
            );
        }
    }
    assert_eq!(show(&town, &body).status, 200);
}

#[test]
fn a_revoked_card_is_refused_from_the_next_list_on() {
    let town = carded();
    let now = town.world.app.gate.now();
    let pki = &town.world.pki;
    let entry = pki.revocation_for(CARD, now.plus_hours(-1), RevocationReason::KeyCompromise);
    town.world
        .app
        .trust
        .renew(pki.crl_store(now, &[entry]).unwrap());
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    assert_refused(&town, "revoked", &body, 403, signing::path::REVOKED.code);
}

#[test]
fn without_a_fresh_revocation_list_no_card_is_believed() {
    let town = carded();
    town.world.clock.advance(25 * 3600);
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    let reply = show(&town, &body);
    assert!(reply.code().starts_with("TSK-CRT-"), "{}", reply.text());
}

#[test]
fn an_unknown_card_is_refused_and_its_challenge_used_up() {
    let town = carded();
    let body = answer(&town, 4_242, &challenge(&town, &town.system));
    assert_refused(&town, "unknown", &body, 404, "TSK-ACC-025");
    // Registered a moment later, the same signature is still worth nothing.
    town.world.give_card(town.people[TAKASHI], 4_242);
    assert_refused(&town, "again", &body, 409, "TSK-ACC-021");
}

#[test]
fn a_lapsed_coverage_is_refused_and_its_challenge_used_up() {
    let town = town();
    let person = *town.people.last().unwrap();
    town.world.give_card(person, 50);
    let body = answer(&town, 50, &challenge(&town, &town.system));
    assert_refused(&town, "lapsed", &body, 422, "TSK-ELG-005");
    let refused = town.world.set_up(move |call| {
        let looks = access::history::page(call, person, i64::MAX)?;
        Ok(looks.into_iter().find_map(|look| look.entry.record.refused))
    });
    assert_eq!(refused.as_deref(), Some("TSK-ELG-005"));
    // Nor can it ask again for the days on which there was coverage.
    let last = town.lives.last().unwrap().coverage_last().unwrap();
    let earlier = last.period.until().unwrap().plus_days(-1);
    let again = with(body, &json!({"on": earlier.to_string()}));
    assert_refused(&town, "again", &again, 409, "TSK-ACC-021");
}

#[test]
fn a_card_of_somebody_without_any_coverage_is_refused() {
    let town = town();
    let mut life = demo::patient(today());
    life.coverages.clear();
    let person = town.world.person(&life);
    town.world.give_card(person, 51);
    let body = answer(&town, 51, &challenge(&town, &town.system));
    assert_refused(&town, "none", &body, 422, "TSK-ELG-008");
}

#[test]
fn malformed_answers_are_refused_with_their_place() {
    let town = carded();
    let body = answer(&town, CARD, &challenge(&town, &town.system));
    let cases = [
        (json!({"challenge": "x"}), 422, "TSK-ELG-027", "challenge"),
        (json!({"challenge": ""}), 422, "TSK-ELG-027", "challenge"),
        (
            json!({"certificate": "***"}),
            422,
            "TSK-ELG-027",
            "certificate",
        ),
        (json!({"signature": "a b"}), 422, "TSK-ELG-027", "signature"),
        (json!({"terminal": ""}), 422, "TSK-ELG-028", "terminal"),
        (json!({"terminal": "受付"}), 422, "TSK-ELG-028", "terminal"),
        (json!({"terminal": "a\nb"}), 422, "TSK-ELG-028", "terminal"),
        (
            json!({"terminal": "a".repeat(41)}),
            422,
            "TSK-ELG-028",
            "terminal",
        ),
        (
            json!({"auth_method": "number"}),
            422,
            "TSK-ELG-029",
            "auth_method",
        ),
        (
            json!({"auth_method": "PIN"}),
            422,
            "TSK-ELG-029",
            "auth_method",
        ),
        (json!({"on": "2020-01-01"}), 422, "TSK-ELG-026", "on"),
    ];
    for (change, status, code, path) in cases {
        let shown = with(body.clone(), &change);
        assert_refused(&town, path, &shown, status, code);
        assert_eq!(show(&town, &shown).json()["findings"][0]["path"], path);
    }
    let unknown = with(body.clone(), &json!({"challenge": "0".repeat(32)}));
    assert_refused(&town, "unknown challenge", &unknown, 422, "TSK-ACC-020");
    let visual = with(body.clone(), &json!({"auth_method": "staff_visual"}));
    assert_refused(&town, "visual by a system", &visual, 403, "TSK-ACC-026");
    for terminal in ["", "a b", "受付", "a:b"] {
        let reply = town
            .world
            .post(&town.system, CHALLENGES, &json!({"terminal": terminal}));
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "TSK-ELG-028"),
            "{terminal}"
        );
    }
}
