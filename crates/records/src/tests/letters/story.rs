//! A referral from its writing to its answer, as the people in it would tell it.

use serde_json::json;

use super::*;

#[test]
fn a_referral_is_consented_to_opened_read_and_answered_and_both_sides_see_each_step() {
    let post = Post::new();
    let world = &post.ward.world;
    // The doctor writes; the patient has not been asked yet.
    let letter = post.referral("R1", "1");
    let id = post.sent(&letter, "");
    assert_eq!(post.outbox(), [(id.clone(), "closed".to_owned())]);
    assert!(post.inbox().is_empty());
    assert_eq!(code(&post.open(&id)), (404, "TSK-REC-040".to_owned()));
    let waiting = post.get("open-loops").json();
    assert_eq!(waiting["waiting_for_consent"][0]["letter"], id.as_str());

    // At the desk she says yes.
    let consent = post.post(&format!("sent/{id}/consent"), &post.oral());
    assert_eq!(consent.json()["state"], "released", "{}", consent.text());
    assert_eq!(post.outbox(), [(id.clone(), "unread".to_owned())]);
    assert_eq!(post.inbox(), [(id.clone(), "unread".to_owned())]);
    let listed = post.their("inbox").json()["letters"][0].clone();
    assert_eq!(listed["name"], post.ward.life.name.full());
    assert_eq!(listed["other"]["code"], post.ward.hospital.code.as_str());
    assert_eq!(listed["document"]["to"]["department"], "循環器科");
    let early = post.their(&format!("inbox/{id}"));
    assert_eq!(code(&early), (409, "TSK-REC-036".to_owned()));

    // The other hospital opens it: the sender gets the receipt.
    let records = world.records();
    assert_eq!(post.open(&id).json()["state"], "opened");
    assert_eq!(world.records(), records + 1);
    let seen = post.get(&format!("sent/{id}")).json();
    assert!(
        seen["receipt"]["by"]
            .as_str()
            .is_some_and(|by| !by.is_empty())
    );
    assert_eq!(seen["consents"][0]["by"], "地域連携室 山口");
    let read = post.their(&format!("inbox/{id}/document"));
    assert_eq!(read.json(), letter);
    let waiting = post.get("open-loops").json();
    assert_eq!(waiting["unanswered"][0]["letter"], id.as_str());
    let theirs = post.their("open-loops").json();
    assert_eq!(theirs["to_answer"][0]["letter"], id.as_str());

    // It answers, and the loop is closed.
    let words = json!({ "kind": "replied", "text": "受診されました。経過は良好です。" });
    let answer = post.they(&format!("inbox/{id}/answer"), &words);
    assert_eq!(answer.json()["state"], "answered", "{}", answer.text());
    assert_eq!(post.inbox(), [(id.clone(), "replied".to_owned())]);
    assert_eq!(post.outbox(), [(id.clone(), "replied".to_owned())]);
    let seen = post.get(&format!("sent/{id}")).json();
    assert_eq!(seen["answer"]["text"], "受診されました。経過は良好です。");
    for who in [&post.ward.system, &post.other_system] {
        let loops = world.get(who, "/api/v1/letters/open-loops").json();
        for (name, part) in loops.as_object().expect("parts") {
            assert_eq!(part, &json!([]), "{name}");
        }
    }
    let again = post.they(&format!("inbox/{id}/answer"), &words);
    assert_eq!(again.status, 200, "the same answer again");
    let other = json!({ "kind": "declined", "reason": "満床です。" });
    let other = post.they(&format!("inbox/{id}/answer"), &other);
    assert_eq!(code(&other), (409, "TSK-REC-037".to_owned()));
}
