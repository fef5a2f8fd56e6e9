//! 未告知 and 未提供 inside a document: what each viewer gets.

use serde_json::json;
use store::caller::{Actor, Caller, Purpose};

use super::*;
use crate::documents::ops as documents;

const FLAG: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";
/// Stands in the referral's narrative, conditions and notes.
const SECRET: &str = "膵頭部癌";

/// A letter in which one condition is marked, and which speaks of it in several places.
fn marked(post: &Post, serial: &str, flag: &str) -> Value {
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    let file = File {
        content_type: "image/png",
        title: "写真",
        base64: png,
    };
    let mut letter = post.referral_with(serial, &[file]);
    let mut is_first = true;
    let mut name = String::new();
    for entry in letter["entry"].as_array_mut().expect("entries") {
        let resource = &mut entry["resource"];
        if resource["resourceType"] == "Condition" && is_first {
            is_first = false;
            name = resource["code"]["text"]
                .as_str()
                .expect("a name")
                .to_owned();
            resource["meta"]["tag"] = json!([{ "system": FLAG, "code": flag }]);
            resource["note"] = json!([{ "text": format!("{SECRET}の疑いが強い。") }]);
        }
    }
    let text = letter.to_string().replace(&name, SECRET);
    serde_json::from_str(&text).expect("JSON")
}

fn own(post: &Post) -> (String, usize) {
    let person = post.person();
    let actor = Actor::Patient {
        person,
        session: kernel::id::SessionId::from_bytes([1; 16]),
    };
    let reading = post
        .ward
        .world
        .run(Caller::new(actor), Purpose::OwnAccess, move |call| {
            let id = documents::own(call, person)?[0].id;
            documents::own_reading(call, person, id)
        });
    let reading = reading.unwrap_or_else(|stop| panic!("{stop:?}"));
    (
        String::from_utf8(reading.bytes).expect("text"),
        reading.files.len(),
    )
}

#[test]
fn what_the_patient_was_not_told_is_nowhere_in_what_she_gets_and_the_hospital_sees_it_marked() {
    let post = Post::new();
    let letter = marked(&post, "U1", "UNINFORMED");
    let id = post.sent(&letter, &post.consent_query());
    let (text, files) = own(&post);
    assert!(
        !text.contains(SECRET) && !text.contains("UNINFORMED"),
        "{text}"
    );
    assert_eq!(files, 0, "a file could name it");
    // No words of the doctor's are left, in which it could stand by another name.
    assert!(
        !text.contains("<div") && !text.contains("\"note\""),
        "{text}"
    );
    // What is left is still a document that a page can show.
    let json = fhir::json::Document::parse(text.as_bytes()).expect("JSON");
    let facts = fhir::clins::document::facts(&json).expect("facts");
    assert_eq!(facts.prescriptions.len(), 1);
    assert!(facts.addressee.is_some());
    assert_eq!(post.open(&id).status, 200);
    assert_eq!(post.their(&format!("inbox/{id}/document")).json(), letter);
    assert_eq!(post.get(&format!("sent/{id}/document")).json(), letter);
}

#[test]
fn what_is_not_delivered_reaches_neither_the_addressee_nor_the_patient() {
    let post = Post::new();
    let letter = marked(&post, "U2", "UNDELIVERED");
    let id = post.sent(&letter, &post.consent_query());
    assert_eq!(post.open(&id).status, 200);
    let theirs = post.their(&format!("inbox/{id}/document"));
    assert_eq!(theirs.status, 200);
    assert!(!theirs.text().contains(SECRET), "{}", theirs.text());
    // The rest of the letter is the doctor's words to them, and its file.
    assert!(theirs.text().contains("精査と加療をお願いします。"));
    let meta = post.their(&format!("inbox/{id}")).json();
    assert_eq!(meta["files"].as_array().map(Vec::len), Some(1));
    assert_eq!(post.their(&format!("inbox/{id}/files/1")).status, 200);
    assert!(!own(&post).0.contains(SECRET));
    assert_eq!(
        post.get(&format!("sent/{id}/document")).json(),
        letter,
        "the sender keeps it"
    );
}

#[test]
fn without_a_mark_everybody_gets_the_very_bytes() {
    let post = Post::new();
    let mut letter = post.referral("U3", "1");
    for entry in letter["entry"].as_array_mut().expect("entries") {
        if let Some(meta) = entry["resource"]["meta"].as_object_mut() {
            meta.remove("tag");
        }
    }
    let sent = [b"\n", bytes(&letter).as_slice(), b" \r\n"].concat();
    let path = format!("/fhir/Bundle/$register{}", post.consent_query());
    let reply = post.ward.world.post_fhir(&post.ward.system, &path, &sent);
    let id = id_of(&reply);
    assert_eq!(post.open(&id).status, 200);
    assert_eq!(post.their(&format!("inbox/{id}/document")).body, sent);
    assert_eq!(own(&post).0.as_bytes(), sent);
    assert_eq!(post.command("document", &letter).body, sent);
}

#[test]
fn a_mark_on_an_entry_of_the_summary_inside_a_letter_counts_too() {
    let post = Post::new();
    let mut letter = post.referral("U4", "1");
    let mut summary = post.discharge("U4-D");
    for entry in summary["entry"].as_array_mut().expect("entries") {
        let resource = &mut entry["resource"];
        if resource["resourceType"] == "Condition" {
            resource["meta"]["tag"] = json!([{ "system": FLAG, "code": "UNDELIVERED" }]);
            resource["code"]["text"] = json!(SECRET);
        }
    }
    let url = "urn:uuid:00000000-0000-4000-8000-00000000abcd";
    let entries = letter["entry"].as_array_mut().expect("entries");
    entries.push(json!({ "fullUrl": url, "resource": summary }));
    let document = fhir::json::Document::parse(&bytes(&letter)).expect("JSON");
    for viewer in [
        crate::documents::redact::Viewer::Facility,
        crate::documents::redact::Viewer::Patient,
    ] {
        let cut = crate::documents::redact::redact(&document, viewer);
        let text = String::from_utf8(cut.bytes).expect("text");
        assert!(!text.contains(SECRET), "{viewer:?}");
        assert!(
            text.contains("U4-D"),
            "the rest of the summary stays: {viewer:?}"
        );
    }
}
