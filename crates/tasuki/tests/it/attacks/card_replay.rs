//! T05: one answer of a card, used a hundred times at once over sockets of their own.

use std::{sync::Barrier, thread};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::time::Clock;
use serde_json::{Value, json};
use signing::{key::Algorithm, testpki::TestPki};
use tasuki::{program::SystemClock, town::PATIENT_CARD};

use super::wire::Sandbox;

const USES: usize = 100;

#[test]
fn of_a_hundred_uses_of_one_card_answer_over_a_hundred_sockets_exactly_one_succeeds() {
    let sandbox = Sandbox::start("replay");
    let headers = format!("{}content-type: application/json\r\n", sandbox.clinic());
    let begun = sandbox.open().ask(
        "POST",
        "/api/v1/eligibility/challenges",
        &headers,
        r#"{"terminal":"reception-1"}"#,
    );
    assert_eq!(begun.status, 201, "{}", begun.body);
    let challenge: Value = serde_json::from_str(&begun.body).expect("JSON");
    let text = challenge["text"].as_str().expect("a text");
    let (from, until) = testkit::seed::card_validity(SystemClock.now());
    let pki = TestPki::new().expect("the test authority");
    let card = pki.card_for(PATIENT_CARD, from, until).expect("a card");
    let signature = card.sign(Algorithm::RsaPkcs1Sha256, text.as_bytes());
    let answer = json!({
        "challenge": challenge["challenge"],
        "certificate": STANDARD.encode(&card.certificate_der),
        "signature": STANDARD.encode(signature.expect("signed")),
        "terminal": "reception-1",
        "auth_method": "pin",
    });
    let answer = answer.to_string();
    let all_there = Barrier::new(USES);
    let heard: Vec<_> = thread::scope(|scope| {
        let uses: Vec<_> = (0..USES)
            .map(|_| {
                scope.spawn(|| {
                    let mut wire = sandbox.open();
                    all_there.wait();
                    wire.ask("POST", "/api/v1/eligibility/card-checks", &headers, &answer)
                })
            })
            .collect();
        uses.into_iter()
            .map(|u| u.join().expect("no panic"))
            .collect()
    });
    let good = heard.iter().filter(|one| one.status == 200).count();
    let used = heard
        .iter()
        .filter(|one| one.status == 409 && one.body.contains("TSK-ACC-021"))
        .count();
    // Whoever was turned away for load has used nothing.
    let shed = heard
        .iter()
        .filter(|one| matches!(one.status, 429 | 503))
        .count();
    assert_eq!((good, good + used + shed), (1, USES), "{heard:?}");
    assert!(
        used > 0,
        "all others were turned away for load: nothing raced"
    );
}
