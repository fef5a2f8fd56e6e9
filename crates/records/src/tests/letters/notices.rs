//! A facility's systems hear of letters that are addressed to it, and of nothing before the
//! patient's consent.

use std::sync::Mutex;

use fhir_server::subscriptions::{
    ops,
    work::{self, Courier, Letter, Trouble},
};
use serde_json::{Value, json};
use store::caller::Home;
use testkit::world::{As, ORIGIN};

use super::{Post, bytes, code};

const THEIRS: &str = "https://hook.example/theirs";
const OURS: &str = "https://hook.example/ours";

/// A receiver that takes everything: to where, the method and the address of each event.
#[derive(Default)]
struct Hooks(Mutex<Vec<(String, String, String)>>);

impl Courier for Hooks {
    fn deliver(&self, letter: &Letter) -> Result<(), Trouble> {
        let bundle: Value = serde_json::from_slice(&letter.body).expect("JSON");
        let entries = bundle["entry"].as_array().expect("entries");
        let mut all = self.0.lock().expect("no test broke off");
        // The first is the status.
        for entry in &entries[1..] {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let method = text(&entry["request"]["method"]);
            assert_eq!(entry["request"]["url"], entry["fullUrl"]);
            all.push((letter.url.clone(), method, text(&entry["fullUrl"])));
        }
        Ok(())
    }
}

impl Post {
    fn subscribe(&self, who: &As, home: &Home, url: &'static str) {
        let facility = home.id;
        let world = &self.ward.world;
        world.set_up(move |call| ops::allow(call, facility, url, ""));
        let wanted = json!({
            "resourceType": "Subscription", "status": "requested", "reason": "紹介状の受付",
            "criteria": "urn:tasuki:topic:letter-arrived",
            "channel": { "type": "rest-hook", "endpoint": url, "payload": "application/fhir+json" },
        });
        let reply = world.post_fhir(who, "/fhir/Subscription", &bytes(&wanted));
        assert_eq!(reply.status, 201, "{}", reply.text());
    }

    /// What the receivers have heard since they were last asked.
    fn heard(&self, hooks: &Hooks) -> Vec<(String, String, String)> {
        let gate = &self.ward.world.app.gate;
        let is_more = |_: &i32| work::round(gate, hooks, ORIGIN, &|| false).expect("a round");
        assert!(
            (0..100).take_while(is_more).count() < 100,
            "the queue does not end"
        );
        std::mem::take(&mut *hooks.0.lock().expect("no test broke off"))
    }
}

#[test]
fn the_addressees_web_hook_hears_of_a_letter_once_the_patient_has_consented() {
    let post = Post::new();
    let hooks = Hooks::default();
    post.subscribe(&post.other_system, &post.other, THEIRS);
    post.subscribe(&post.ward.system, &post.ward.hospital, OURS);
    assert!(post.heard(&hooks).is_empty());
    let id = post.sent(&post.referral("HOOK-1", "1"), "");
    assert!(post.heard(&hooks).is_empty(), "a closed letter is nobody's");
    let told = post.post(&format!("sent/{id}/consent"), &post.oral());
    assert_eq!(told.status, 200, "{}", told.text());
    let place = format!("{ORIGIN}/api/v1/letters/inbox/{id}");
    let event = |method: &str| vec![(THEIRS.to_owned(), method.to_owned(), place.clone())];
    assert_eq!(post.heard(&hooks), event("POST"));
    // The address leads the addressee to the letter, and the sender to nothing.
    let path = place.strip_prefix(ORIGIN).expect("on this server");
    let theirs = post.ward.world.get(&post.other_system, path);
    assert_eq!(
        code(&theirs),
        (409, "TSK-REC-036".to_owned()),
        "to be opened"
    );
    let ours = post.ward.world.get(&post.ward.system, path);
    assert_eq!(code(&ours), (404, "TSK-REC-040".to_owned()));
    // What the addressee does itself is no news to it; a new version of what it has read is.
    assert_eq!(post.open(&id).status, 200);
    assert_eq!(post.ward.world.get(&post.other_system, path).status, 200);
    assert!(post.heard(&hooks).is_empty());
    let changed = post.change(&post.referral("HOOK-1", "2"));
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(post.heard(&hooks), event("PUT"));
}

#[test]
fn a_letter_that_is_sent_with_the_consent_is_told_at_once_and_only_once() {
    let post = Post::new();
    let hooks = Hooks::default();
    post.subscribe(&post.other_system, &post.other, THEIRS);
    let id = post.released("HOOK-2");
    let heard = post.heard(&hooks);
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].2.ends_with(&id));
    // Replaced before anybody opened it: it waits in the list already.
    post.ward.world.clock.advance(60);
    let mut again = post.referral("HOOK-2", "1");
    again["entry"][0]["resource"]["title"] = json!("診療情報提供書");
    post.sent(&again, &post.consent_query());
    assert!(post.heard(&hooks).is_empty());
    // Taken back and put back, it arrives again.
    assert_eq!(post.command("cancel", &again).status, 200);
    assert_eq!(post.command("undo", &again).status, 200);
    assert_eq!(post.heard(&hooks).len(), 1);
}
