//! Who sees what: the addressee and nobody else, the patient, the insurer.

use access::policy::{Action, Class};
use serde_json::json;
use store::caller::{Actor, Caller, Purpose, Role};

use super::*;
use crate::documents::ops as documents;

#[test]
fn a_letter_is_absent_to_every_facility_but_the_two() {
    let post = Post::new();
    let id = post.released("W1");
    let world = &post.ward.world;
    let absent = "0".repeat(32);
    let body = |who: &As, id: &str, verb: &str| {
        let reply = match verb {
            "open" | "answer" => {
                let words = match verb {
                    "open" => json!({}),
                    _ => json!({ "kind": "declined", "reason": "満床" }),
                };
                world.post(who, &format!("/api/v1/letters/inbox/{id}/{verb}"), &words)
            }
            "consent" | "withdraw" => {
                let path = format!("/api/v1/letters/sent/{id}/{verb}");
                world.post(who, &path, &post.oral())
            }
            path => world.get(who, &format!("/api/v1/letters/{path}").replace("ID", id)),
        };
        let mut json = reply.json();
        json["request_id"] = Value::Null;
        (reply.status, json)
    };
    let verbs = [
        "open",
        "answer",
        "consent",
        "withdraw",
        "inbox/ID",
        "inbox/ID/document",
        "inbox/ID/files/1",
        "sent/ID",
        "sent/ID/document",
        "sent/ID/files/1",
    ];
    for verb in verbs {
        let theirs = body(&post.stranger, &id, verb);
        assert_eq!(theirs.0, 404, "{verb}");
        assert_eq!(theirs, body(&post.stranger, &absent, verb), "{verb}");
    }
    // Each of the two has its own side only.
    assert_eq!(post.their(&format!("sent/{id}")).status, 404);
    assert_eq!(post.get(&format!("inbox/{id}")).status, 404);
    for role in [
        Role::Clerk,
        Role::Pharmacist,
        Role::Administrator,
        Role::Insurer,
    ] {
        let who = world.staff(&post.other, role);
        let reply = world.get(&who, "/api/v1/letters/inbox");
        assert_eq!(code(&reply), (403, "TSK-ACC-003".to_owned()), "{role:?}");
    }
    let nurse = world.staff(&post.other, Role::Nurse);
    assert_eq!(world.get(&nurse, "/api/v1/letters/inbox").status, 200);
}

#[test]
fn opening_and_reading_stand_in_the_patients_history_with_who_and_where() {
    let post = Post::new();
    let id = post.released("W2");
    assert_eq!(post.open(&id).status, 200);
    let world = &post.ward.world;
    assert_eq!(
        world
            .get(&post.other_doctor, &format!("/api/v1/letters/inbox/{id}"))
            .status,
        200
    );
    let person = post.person();
    let job = Caller::new(Actor::Job { name: "test" });
    let events = world.run(job, Purpose::Operation, move |call| {
        call.open(person)?;
        let entries = call.history(store::audit::Subject::Person(person), i64::MAX, 20)?;
        Ok(entries
            .into_iter()
            .map(|one| format!("{:?}", one.record))
            .collect::<Vec<_>>())
    });
    let events = events.unwrap_or_else(|stop| panic!("{stop:?}"));
    for code in ["letters.open", "letters.read", "records.register"] {
        let found = events.iter().find(|one| one.contains(code)).expect(code);
        let name = if code == "records.register" {
            &post.ward.hospital.name
        } else {
            &post.other.name
        };
        assert!(found.contains(name.as_str()), "{found}");
        assert!(!found.contains("精査"), "no content: {found}");
    }
}

#[test]
fn a_consent_is_withdrawn_until_the_letter_is_opened() {
    let post = Post::new();
    let id = post.released("W3");
    let back = post.post(&format!("sent/{id}/withdraw"), &post.oral());
    assert_eq!(back.json()["state"], "closed", "{}", back.text());
    assert!(post.inbox().is_empty());
    assert_eq!(post.open(&id).status, 404);
    let again = post.post(&format!("sent/{id}/withdraw"), &post.oral());
    assert_eq!(code(&again), (409, "TSK-REC-034".to_owned()));
    assert_eq!(
        post.post(&format!("sent/{id}/consent"), &post.oral())
            .status,
        200
    );
    assert_eq!(post.open(&id).status, 200);
    let late = post.post(&format!("sent/{id}/withdraw"), &post.oral());
    assert_eq!(code(&late), (409, "TSK-REC-035".to_owned()));
    let seen = post.get(&format!("sent/{id}")).json();
    let given: Vec<bool> = (seen["consents"].as_array().expect("consents").iter())
        .map(|one| one["given"].as_bool().expect("a truth"))
        .collect();
    assert_eq!(given, [true, false, true]);
}

#[test]
fn a_consent_needs_a_name_and_a_time_that_makes_sense() {
    let post = Post::new();
    let id = post.sent(&post.referral("W4", "1"), "");
    let path = format!("sent/{id}/consent");
    for (body, expected) in [
        (
            json!({ "at": "2026-11-22T01:00:00Z", "by": " " }),
            "TSK-REC-052",
        ),
        (
            json!({ "at": "2026-11-22T01:00:00Z", "by": "あ".repeat(101) }),
            "TSK-REC-052",
        ),
        (
            json!({ "at": "2027-01-01T00:00:00Z", "by": "山口" }),
            "TSK-REC-051",
        ),
        (
            json!({ "at": "2024-01-01T00:00:00Z", "by": "山口" }),
            "TSK-REC-051",
        ),
        (json!({ "at": "yesterday", "by": "山口" }), "TSK-REC-051"),
    ] {
        assert_eq!(
            code(&post.post(&path, &body)),
            (422, expected.to_owned()),
            "{body}"
        );
        assert_eq!(post.outbox()[0].1, "closed");
    }
    let mut late = post.register(&post.referral("W5", "1"), "?consent=never");
    assert_eq!(late.code(), "TSK-REC-051");
    late = post.register(&post.discharge("W6"), &post.consent_query());
    assert_eq!(late.code(), "TSK-REC-033", "a document without addressee");
    assert_eq!(post.outbox().len(), 1, "nothing of the refused was kept");
}

#[test]
fn a_letter_not_opened_in_three_days_is_brought_to_its_senders_attention() {
    let post = Post::new();
    let id = post.released("W7");
    let loops = || post.get("open-loops").json();
    assert_eq!(loops()["unopened"][0]["letter"], id.as_str());
    assert_eq!(loops()["overdue"], json!([]));
    post.ward.world.clock.advance(3 * 24 * 3600 - 1);
    assert_eq!(loops()["overdue"], json!([]));
    post.ward.world.clock.advance(1);
    assert_eq!(loops()["overdue"][0]["letter"], id.as_str());
    assert_eq!(loops()["unopened"], json!([]));
    assert_eq!(post.open(&id).status, 200);
    assert_eq!(loops()["overdue"], json!([]));
}

#[test]
fn a_discharge_summary_and_the_answers_document_travel_with_the_letter() {
    let post = Post::new();
    let id = post.released("W8");
    let summary = post.discharge("W8-D");
    let other = post.sent(&summary, "");
    let alone = post.their(&format!("inbox/{other}"));
    assert_eq!(alone.status, 404, "a summary is nobody's but its sender's");
    let path = format!("sent/{id}/enclose");
    for _ in 0..2 {
        assert_eq!(post.post(&path, &post.target(&summary)).status, 200);
    }
    let wrong = post.post(&path, &post.target(&post.discharge("W8-E")));
    assert_eq!(code(&wrong), (422, "TSK-REC-055".to_owned()));
    assert_eq!(post.open(&id).status, 200);
    let meta = post.their(&format!("inbox/{id}")).json();
    let parts = meta["enclosed"].as_array().expect("enclosed");
    assert_eq!((parts.len(), &parts[0]["part"]), (1, &json!(other)));
    let read = post.their(&format!("inbox/{id}/document?part={other}"));
    assert_eq!(read.json(), summary);
    let none = post.their(&format!("inbox/{id}/document?part={}", "0".repeat(32)));
    assert_eq!(code(&none), (404, "TSK-REC-040".to_owned()));
    // Taken back, it travels no more.
    assert_eq!(post.command("cancel", &summary).status, 200);
    let read = post.their(&format!("inbox/{id}/document?part={other}"));
    assert_eq!(read.status, 404);
}

#[test]
fn declining_and_forwarding_need_a_reason_and_close_the_loop() {
    let post = Post::new();
    let id = post.released("W9");
    assert_eq!(post.open(&id).status, 200);
    let path = format!("inbox/{id}/answer");
    for (body, expected) in [
        (json!({ "kind": "replied", "text": "" }), "TSK-REC-053"),
        (json!({ "kind": "declined" }), "TSK-REC-053"),
        (json!({ "kind": "maybe", "reason": "?" }), "TSK-REC-053"),
        (
            json!({ "kind": "replied", "text": "あ".repeat(4001) }),
            "TSK-REC-053",
        ),
        (
            json!({ "kind": "forwarded", "reason": "専門外", "to": "999" }),
            "TSK-REC-054",
        ),
        (
            json!({ "kind": "forwarded", "reason": "専門外", "to": "1399999999" }),
            "TSK-REC-054",
        ),
    ] {
        assert_eq!(
            code(&post.they(&path, &body)),
            (422, expected.to_owned()),
            "{body}"
        );
    }
    let body = json!({ "kind": "forwarded", "reason": "専門外のため", "to": "1310000025" });
    assert_eq!(post.they(&path, &body).json()["state"], "answered");
    let seen = post.get(&format!("sent/{id}")).json();
    assert_eq!(seen["answer"]["kind"], "forwarded");
    assert_eq!(seen["answer"]["to"]["code"], "1310000025");
}

#[test]
fn the_patient_sees_her_own_documents_and_a_proxy_as_far_as_the_relation_goes() {
    let post = Post::new();
    let id = post.sent(&post.referral("W10", "1"), "");
    let person = post.person();
    let own = |actor: Actor| {
        post.ward
            .world
            .run(Caller::new(actor), Purpose::OwnAccess, move |call| {
                documents::own(call, person)
            })
    };
    let patient = |person| Actor::Patient {
        person,
        session: kernel::id::SessionId::from_bytes([1; 16]),
    };
    let mine = own(patient(person)).unwrap_or_else(|stop| panic!("{stop:?}"));
    assert_eq!(mine.len(), 1);
    assert_eq!(
        (mine[0].id.to_hex(), mine[0].reader.as_deref()),
        (id, Some(TO.1))
    );
    assert!(own(patient(PersonId::from_bytes([9; 16]))).is_err());
    assert!(access::proxy::Scope::full().covers(Class::Documents, Action::Read));
    let cancelled = post.command("cancel", &post.referral("W10", "1"));
    assert_eq!(cancelled.status, 200);
    let none = own(patient(person)).unwrap_or_else(|stop| panic!("{stop:?}"));
    assert!(none.is_empty(), "what was taken back is not hers to read");
}
