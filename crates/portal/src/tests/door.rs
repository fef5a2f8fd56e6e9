//! The door of the portal: a card or a phone, and nothing else (T05, T06, T07).

use std::thread;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use signing::key::Algorithm;
use testkit::world::{As, Reply};

use super::walk::{CARD, Town};

const SESSIONS: &str = "/api/v1/portal/sessions";

fn log_in(town: &Town, body: &Value) -> Reply {
    town.world.post(&As::Nobody, SESSIONS, body)
}

fn answer(town: &Town, challenge: &Value, text: &str) -> Value {
    let (certificate, signature) = town.sign(CARD, text);
    json!({
        "challenge": challenge["challenge"],
        "certificate": certificate,
        "signature": signature,
        "auth_method": "pin",
    })
}

fn text(challenge: &Value) -> String {
    challenge["text"].as_str().expect("a text").to_owned()
}

fn has_session(reply: &Reply) -> bool {
    !reply.header("set-cookie").is_empty()
}

#[test]
fn every_bad_certificate_is_refused_at_the_portals_door_with_its_own_reason() {
    let town = Town::new();
    let now = town.world.app.gate.now();
    let pki = &town.world.pki;
    let lists = pki
        .crl_store(now, &pki.bad_revocations(now))
        .expect("lists");
    town.world.app.trust.renew(lists);
    let corpus = pki.bad_certificates(now).expect("a corpus");
    let mut sent = 0;
    for bad in corpus.iter().filter(|bad| bad.intermediates.is_empty()) {
        let challenge = town.challenge();
        let mut body = answer(&town, &challenge, &text(&challenge));
        body["certificate"] = json!(STANDARD.encode(&bad.der));
        let reply = log_in(&town, &body);
        assert!(reply.status >= 400 && !has_session(&reply), "{}", bad.name);
        let code = reply.code();
        let told = [bad.expected.code, "TSK-ELG-027"];
        assert!(told.contains(&code.as_str()), "{}: {code}", bad.name);
        sent += 1;
    }
    assert!(sent >= 20, "only {sent} were sent");
}

#[test]
fn of_a_hundred_parallel_log_ins_with_one_challenge_exactly_one_succeeds() {
    let town = Town::new();
    let challenge = town.challenge();
    let body = answer(&town, &challenge, &text(&challenge));
    let replies: Vec<Reply> = thread::scope(|scope| {
        let uses: Vec<_> = (0..100)
            .map(|_| scope.spawn(|| log_in(&town, &body)))
            .collect();
        uses.into_iter()
            .map(|one| one.join().expect("it ran"))
            .collect()
    });
    let good = replies.iter().filter(|r| r.status == 201).count();
    let used = replies.iter().filter(|r| r.code() == "TSK-ACC-021").count();
    assert_eq!((good, used), (1, 99));
    assert_eq!(replies.iter().filter(|r| has_session(r)).count(), 1);
}

#[test]
fn the_signed_text_is_bound_to_origin_terminal_purpose_nonce_and_time() {
    type Change = fn(&str) -> String;
    let town = Town::new();
    let changes: [(&str, Change); 4] = [
        ("origin", |t| {
            t.replacen("http://tasuki.test", "http://evil.test", 1)
        }),
        ("terminal", |t| t.replacen("\nportal\n", "\nreader-1\n", 1)),
        ("purpose", |t| t.replacen("portal-login", "eligibility", 1)),
        ("end", |t| format!("{t} ")),
    ];
    for (name, change) in changes {
        let challenge = town.challenge();
        let given = text(&challenge);
        let changed = change(&given);
        assert_ne!(given, changed, "{name}: {given}");
        let reply = log_in(&town, &answer(&town, &challenge, &changed));
        assert_eq!(reply.code(), "TSK-CRT-031", "{name}: {}", reply.text());
        assert!(!has_session(&reply));
    }
    // Another challenge's answer.
    let (one, other) = (town.challenge(), town.challenge());
    let mut body = answer(&town, &one, &text(&one));
    body["challenge"] = other["challenge"].clone();
    assert_eq!(log_in(&town, &body).code(), "TSK-CRT-031");
}

#[test]
fn a_counters_challenge_opens_no_portal() {
    let town = Town::new();
    let system = town.world.system(&town.hospital);
    let begun = town.world.post(
        &system,
        "/api/v1/eligibility/challenges",
        &json!({"terminal": "reader-1"}),
    );
    assert_eq!(begun.status, 201, "{}", begun.text());
    let challenge = begun.json();
    let reply = log_in(&town, &answer(&town, &challenge, &text(&challenge)));
    assert_eq!(reply.code(), "TSK-ACC-023", "{}", reply.text());
    assert!(!has_session(&reply));
}

#[test]
fn another_padding_or_another_cards_signature_opens_nothing() {
    let town = Town::new();
    let challenge = town.challenge();
    let signed = text(&challenge);
    let mut body = answer(&town, &challenge, &signed);
    let (_, theirs) = town.sign(CARD + 1, &signed);
    body["signature"] = json!(theirs);
    assert_eq!(log_in(&town, &body).code(), "TSK-CRT-031");
    let card = town.world.card(CARD);
    let padded = card.sign(Algorithm::RsaPssSha256, signed.as_bytes());
    body["signature"] = json!(STANDARD.encode(padded.expect("the key signs")));
    assert_eq!(log_in(&town, &body).code(), "TSK-CRT-031");
}

#[test]
fn no_password_opens_a_patients_session() {
    let town = Town::new();
    let name = town.life.name.full();
    for fields in [
        [("login", name.as_str()), ("password", "tasuki-demo-2026")],
        [("login", ""), ("password", "")],
    ] {
        for path in ["/portal/login", "/login", "/login/code"] {
            let reply = town.world.submit(&As::Nobody, path, &fields);
            let who = reply.header("set-cookie").to_owned();
            assert!(
                !who.starts_with("tasuki_session=") || who.contains("Max-Age=0"),
                "{path}"
            );
        }
    }
    for method in ["password", "number", "face", "staff_visual", ""] {
        let challenge = town.challenge();
        let mut body = answer(&town, &challenge, &text(&challenge));
        body["auth_method"] = json!(method);
        let reply = log_in(&town, &body);
        assert_eq!(reply.code(), "TSK-ACC-026", "{method}");
        body["auth_method"] = json!("pin");
        body["password"] = json!("secret");
        assert!(log_in(&town, &body).status >= 400, "{method}");
    }
}
