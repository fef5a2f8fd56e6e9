//! The table of states and commands, then the same over HTTP.

use serde_json::json;

use super::*;
use crate::documents::state::{Command, Next, Standing, State};

const fn stands(one: Standing) -> State {
    State::Stands(one)
}

/// What a command leads to, as a word.
fn outcome(state: State, command: Command) -> String {
    match state.after(command) {
        Ok(Next::To(next)) if next == state => "=".to_owned(),
        Ok(Next::To(next)) => next.word().to_owned(),
        Ok(Next::Gone) => "gone".to_owned(),
        Err(entry) => entry.code.trim_start_matches("TSK-REC-").to_owned(),
    }
}

#[test]
fn each_state_takes_these_commands_and_refuses_the_others_with_a_code() {
    // Replace, Change, Cancel, Undo, Delete, Release, Withdraw, Enclose, Open, Answer.
    let table = [
        ("filed", "= = cancelled-filed 032 gone 033 033 033 033 033"),
        (
            "closed",
            "= = cancelled-closed 032 gone released 034 = 040 040",
        ),
        (
            "released",
            "= = cancelled-released 032 gone = closed = opened 036",
        ),
        (
            "opened",
            "030 = cancelled-opened 032 030 = 035 = = answered",
        ),
        ("answered", "030 = cancelled-answered 032 030 = 035 = = 037"),
        (
            "cancelled-filed",
            "031 031 031 filed gone 031 031 031 040 040",
        ),
        (
            "cancelled-closed",
            "031 031 031 closed gone 031 031 031 040 040",
        ),
        (
            "cancelled-released",
            "031 031 031 released gone 031 031 031 040 040",
        ),
        (
            "cancelled-opened",
            "031 031 031 opened 030 031 031 031 041 041",
        ),
        (
            "cancelled-answered",
            "031 031 031 answered 030 031 031 031 041 041",
        ),
    ];
    assert_eq!(State::all().count(), table.len());
    for (word, expected) in table {
        let state = State::parse(word).expect("a state");
        assert_eq!(state.word(), word);
        let found: Vec<String> = Command::ALL
            .iter()
            .map(|one| outcome(state, *one))
            .collect();
        assert_eq!(found.join(" "), expected, "{word}");
    }
}

#[test]
fn undoing_a_cancellation_leads_back_to_where_the_document_stood() {
    for standing in Standing::ALL {
        let Ok(Next::To(cancelled)) = stands(standing).after(Command::Cancel) else {
            panic!("{standing:?} is not cancelled");
        };
        assert_eq!(
            cancelled.after(Command::Undo),
            Ok(Next::To(stands(standing)))
        );
    }
}

/// Brings a letter into a state; its identifier in addresses.
fn brought(post: &Post, serial: &str, state: &str) -> String {
    let (standing, is_cancelled) = match state.strip_prefix("cancelled-") {
        Some(was) => (was, true),
        None => (state, false),
    };
    let document = match standing {
        "filed" => post.discharge(serial),
        _ => post.referral(serial, "1"),
    };
    let id = match standing {
        "filed" | "closed" => post.sent(&document, ""),
        _ => post.sent(&document, &post.consent_query()),
    };
    if matches!(standing, "opened" | "answered") {
        assert_eq!(post.open(&id).status, 200);
    }
    if standing == "answered" {
        let words = json!({ "kind": "replied", "text": "拝見しました。" });
        assert_eq!(post.they(&format!("inbox/{id}/answer"), &words).status, 200);
    }
    if is_cancelled {
        assert_eq!(post.command("cancel", &document).status, 200);
    }
    id
}

#[test]
fn over_http_every_command_in_every_state_does_what_the_table_says() {
    let post = Post::new();
    for (nth, state) in State::all().enumerate() {
        for (mth, command) in Command::ALL.into_iter().enumerate() {
            let serial = format!("S{nth}-{mth}");
            let id = brought(&post, &serial, state.word());
            let is_filed = state.standing() == Standing::Filed;
            let text = |version: &str| match is_filed {
                true => {
                    let mut json = post.discharge(&serial);
                    json["entry"][0]["resource"]["extension"][0]["valueString"] = json!(version);
                    json
                }
                false => post.referral(&serial, version),
            };
            let (same, later) = (text("1"), text("2"));
            let reply = match command {
                Command::Replace => post.register(&later, ""),
                Command::Change => post.change(&later),
                Command::Cancel => post.command("cancel", &same),
                Command::Undo => post.command("undo", &same),
                Command::Delete => post.command("delete", &same),
                Command::Release => post.post(&format!("sent/{id}/consent"), &post.oral()),
                Command::Withdraw => post.post(&format!("sent/{id}/withdraw"), &post.oral()),
                Command::Enclose => {
                    let other = post.discharge(&format!("{serial}-D"));
                    assert_eq!(post.register(&other, "").status, 201);
                    post.post(&format!("sent/{id}/enclose"), &post.target(&other))
                }
                Command::Open => post.open(&id),
                Command::Answer => {
                    let words = json!({ "kind": "declined", "reason": "満床です。" });
                    post.they(&format!("inbox/{id}/answer"), &words)
                }
            };
            let expected = match state.after(command) {
                Ok(_) => (200, String::new()),
                // To a facility that it is not addressed to, a document without addressee is
                // absent, whatever its state.
                Err(_) if is_filed && matches!(command, Command::Open | Command::Answer) => {
                    (404, "TSK-REC-040".to_owned())
                }
                Err(entry) => (entry.status, entry.code.to_owned()),
            };
            assert_eq!(
                code(&reply),
                expected,
                "{} {command:?}: {}",
                state.word(),
                reply.text()
            );
            if reply.status == 409 {
                assert!(reply.text().contains(state.word()), "{}", reply.text());
            }
            // What this left must not reach the next round.
            let left = post.get(&format!("sent/{id}"));
            assert_eq!(
                left.status == 404,
                state.after(command) == Ok(Next::Gone),
                "{}",
                left.text()
            );
        }
        post.ward.world.clock.advance(60);
    }
}

#[test]
fn a_letter_that_was_opened_is_changed_by_a_later_version_and_is_unread_again() {
    let post = Post::new();
    let id = post.released("C1");
    assert_eq!(post.open(&id).status, 200);
    let first = post.get(&format!("sent/{id}")).json()["receipt"].clone();
    let earlier = post.change(&post.referral("C1", "1.0"));
    assert_eq!(earlier.status, 409, "not later: {}", earlier.text());
    assert_eq!(earlier.code(), "TSK-REC-038");
    let second = post.referral("C1", "2");
    let changed = post.change(&second);
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(id_of(&changed), id);
    assert_eq!(post.change(&second).status, 200, "the very same again");
    assert_eq!(post.inbox(), [(id.clone(), "changed".to_owned())]);
    let read = post.their(&format!("inbox/{id}/document"));
    assert_eq!(code(&read), (409, "TSK-REC-036".to_owned()));
    assert_eq!(post.open(&id).status, 200);
    assert_eq!(post.their(&format!("inbox/{id}/document")).json(), second);
    let meta = post.their(&format!("inbox/{id}")).json();
    assert_eq!(meta["versions"].as_array().map(Vec::len), Some(2));
    let old = post.their(&format!("inbox/{id}/document?version=1"));
    assert_eq!(
        old.json()["entry"][0]["resource"]["extension"][0]["valueString"],
        "1"
    );
    let receipt = post.get(&format!("sent/{id}")).json()["receipt"].clone();
    assert_eq!(
        (&receipt["at"], &receipt["version"]),
        (&first["at"], &json!(2))
    );
    let unknown = post.change(&post.referral("C9", "2"));
    assert_eq!(code(&unknown), (404, "TSK-REC-039".to_owned()));
}

#[test]
fn a_cancelled_letter_vanishes_from_the_inbox_or_says_so_where_it_was_opened() {
    let post = Post::new();
    let (unread, read) = (post.released("X1"), post.released("X2"));
    assert_eq!(post.open(&read).status, 200);
    for serial in ["X1", "X2"] {
        let mut target = post.target(&post.referral(serial, "1"));
        target["reason"] = json!("別の患者さんの内容でした。");
        let path = "/fhir/Bundle/$cancel";
        let reply = post.ward.world.post(&post.ward.system, path, &target);
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    assert_eq!(post.inbox(), [(read.clone(), "cancelled".to_owned())]);
    assert!(post.their("inbox").json()["letters"][0]["cancelled_at"].is_string());
    assert_eq!(code(&post.open(&unread)), (404, "TSK-REC-040".to_owned()));
    let gone = post.their(&format!("inbox/{read}/document"));
    assert_eq!(code(&gone), (410, "TSK-REC-041".to_owned()));
    // The sender still has it, and may undo.
    assert_eq!(
        post.command("document", &post.referral("X2", "1")).status,
        200
    );
    assert_eq!(post.command("undo", &post.referral("X2", "1")).status, 200);
    assert_eq!(post.inbox(), [(read.clone(), "read".to_owned())]);
    assert_eq!(post.their(&format!("inbox/{read}/document")).status, 200);
}

#[test]
fn a_letter_to_somebody_else_needs_consent_anew() {
    let post = Post::new();
    let id = post.released("A1");
    let mut other = post.referral("A1", "1");
    let text = other.to_string().replace(TO.0, "1310000025");
    other = serde_json::from_str(&text).expect("JSON");
    assert_eq!(post.register(&other, "").status, 200);
    assert!(post.inbox().is_empty());
    assert_eq!(post.outbox(), [(id.clone(), "closed".to_owned())]);
    // A new version to somebody else: they get nothing of what was written to the first.
    let third = post.released("A3");
    let text = post
        .referral("A3", "2")
        .to_string()
        .replace(TO.0, "1310000025");
    let other: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(post.change(&other).status, 200);
    assert_eq!(
        post.post(&format!("sent/{third}/consent"), &post.oral())
            .status,
        200
    );
    let theirs = |path: &str| {
        let path = format!("/api/v1/letters/inbox/{third}{path}");
        match path.ends_with("open") {
            true => post.ward.world.post(&post.stranger, &path, &json!({})),
            false => post.ward.world.get(&post.stranger, &path),
        }
    };
    assert_eq!(theirs("/open").status, 200);
    assert_eq!(theirs("/document").json(), other);
    assert_eq!(theirs("/document?version=1").status, 404);
    let opened = post.released("A2");
    assert_eq!(post.open(&opened).status, 200);
    let text = post
        .referral("A2", "2")
        .to_string()
        .replace(TO.0, "1310000025");
    let other = serde_json::from_str(&text).expect("JSON");
    assert_eq!(code(&post.change(&other)), (409, "TSK-REC-057".to_owned()));
}

#[test]
fn the_same_send_again_changes_nothing_in_any_state() {
    let post = Post::new();
    let letter = post.referral("P1", "1");
    let id = post.sent(&letter, &post.consent_query());
    for step in ["released", "opened"] {
        let before = post.get(&format!("sent/{id}")).json();
        let again = post.register(&letter, "");
        assert_eq!((again.status, id_of(&again)), (200, id.clone()), "{step}");
        assert_eq!(post.get(&format!("sent/{id}")).json(), before);
        assert_eq!(post.open(&id).status, 200);
    }
    assert_eq!(post.inbox().len(), 1);
}
