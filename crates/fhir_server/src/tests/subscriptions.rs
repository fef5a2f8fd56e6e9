//! Topic subscriptions: who may have one, and what reaches a receiver that fails.

use std::sync::{Mutex, MutexGuard};

use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::world::{ORIGIN, Reply};

use super::{Ward, bytes, observation, refused};
use crate::subscriptions::{
    model, ops,
    work::{self, Courier, FAILURES_MAX, KEEP_HOURS, Letter, Trouble},
};

const HOOK: &str = "https://hook.example/fhir";
const CHANGED: &str = "urn:tasuki:topic:record-changed";
const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

/// A receiver that answers as it is told, and keeps what it took.
#[derive(Default)]
struct Hook(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    trouble: Option<Trouble>,
    tries: usize,
    letters: Vec<(Vec<(String, String)>, Value)>,
}

impl Hook {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().expect("no test broke off")
    }

    fn fails(&self, trouble: Option<Trouble>) {
        self.taken().trouble = trouble;
    }

    /// Event number and focus of each notification taken, in order.
    fn events(&self) -> Vec<(i64, String)> {
        let mut all = Vec::new();
        for (_, bundle) in &self.taken().letters {
            let parameters = bundle["entry"][0]["resource"]["parameter"]
                .as_array()
                .cloned();
            for one in parameters.expect("parameters") {
                if one["name"] == "notification-event" {
                    let part = |name: &str| {
                        let parts = one["part"].as_array().expect("parts").iter();
                        parts.clone().find(|part| part["name"] == name).cloned()
                    };
                    let number = part("event-number").expect("a number");
                    let focus = part("focus")
                        .map_or(Value::Null, |f| f["valueReference"]["reference"].clone());
                    all.push((
                        number["valueString"]
                            .as_str()
                            .expect("text")
                            .parse()
                            .expect("a number"),
                        focus.as_str().unwrap_or_default().to_owned(),
                    ));
                }
            }
        }
        all
    }
}

impl Courier for Hook {
    fn deliver(&self, letter: &Letter) -> Result<(), Trouble> {
        let mut taken = self.taken();
        taken.tries += 1;
        if let Some(trouble) = taken.trouble {
            return Err(trouble);
        }
        let headers = letter.headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.reveal().clone()));
        let body = serde_json::from_slice(&letter.body).expect("JSON");
        taken.letters.push((headers.collect(), body));
        Ok(())
    }
}

fn subscription(criteria: &str) -> Value {
    json!({
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "受付のシステムに知らせる",
        "criteria": criteria,
        "channel": {
            "type": "rest-hook",
            "endpoint": HOOK,
            "payload": "application/fhir+json",
            "header": ["Authorization: Bearer very-secret"],
        },
    })
}

fn only(mut subscription: Value, filter: &str) -> Value {
    subscription["_criteria"] = json!({ "extension": [{
        "url": format!("{BACKPORT}backport-filter-criteria"), "valueString": filter,
    }]});
    subscription
}

fn allow(ward: &Ward, url: &'static str) {
    let facility = ward.hospital.id;
    ward.world
        .set_up(move |call| ops::allow(call, facility, url, ""));
}

fn subscribed(ward: &Ward, body: &Value) -> String {
    let reply = ward.post("Subscription", body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["id"].as_str().expect("an id").to_owned()
}

/// Rounds until nothing is due.
fn deliver(ward: &Ward, hook: &Hook) {
    for _ in 0..500 {
        if !work::round(&ward.world.app.gate, hook, ORIGIN, &|| false).expect("a round") {
            return;
        }
    }
    panic!("the queue does not end");
}

fn status(ward: &Ward, id: &str) -> Value {
    let reply = ward.get(&format!("Subscription/{id}/$status"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let mut found = json!({});
    let parameters = reply.json()["entry"][0]["resource"]["parameter"].clone();
    for one in parameters.as_array().expect("parameters") {
        let one = one.as_object().expect("an object");
        let name = one["name"].as_str().expect("a name");
        let value = one.iter().find(|(key, _)| key.starts_with("value"));
        found[name] = value.expect("a value").1.clone();
    }
    found
}

fn results(ward: &Ward, patient: &str, count: u32) -> Vec<String> {
    (0..count)
        .map(|number| {
            ward.world.clock.advance(1);
            let reply = ward.post(
                "Observation",
                &observation(patient, "1", &number.to_string()),
            );
            assert_eq!(reply.status, 201, "{}", reply.text());
            let id = reply.json()["id"].as_str().expect("an id").to_owned();
            format!("{ORIGIN}/fhir/Observation/{id}")
        })
        .collect()
}

fn numbered(from: i64, of: &[String]) -> Vec<(i64, String)> {
    (from..).zip(of.iter().cloned()).collect()
}

#[test]
fn after_its_handshake_a_receiver_is_told_each_change_once_in_order_and_by_name_alone() {
    let ward = Ward::new();
    let patient = ward.admit();
    allow(&ward, HOOK);
    let id = subscribed(&ward, &only(subscription(CHANGED), "Observation?"));
    let hook = Hook::default();
    deliver(&ward, &hook);
    assert_eq!(status(&ward, &id)["status"], "active");
    let handshake = hook.taken().letters[0].clone();
    assert_eq!(
        handshake.0,
        [("Authorization".to_owned(), "Bearer very-secret".to_owned())]
    );
    assert_eq!(handshake.1["type"], "history");
    assert!(handshake.1.to_string().contains("\"handshake\""));
    let made = results(&ward, &patient, 25);
    ward.post("Condition", &json!({
        "resourceType": "Condition", "code": { "text": "感冒" }, "subject": { "reference": patient },
        "clinicalStatus": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active" }] },
    }));
    assert_eq!(status(&ward, &id)["waiting-events"], 25);
    deliver(&ward, &hook);
    assert_eq!(hook.events(), numbered(1, &made));
    let letters = hook.taken().letters.clone();
    assert_eq!(letters.len(), 3, "a handshake, twenty events, five");
    for (_, letter) in &letters {
        let text = letter.to_string();
        assert!(!text.contains("mg/dL") && !text.contains("感冒"), "{text}");
        let document = fhir::json::Document::parse(text.as_bytes()).expect("JSON");
        let faults = fhir::schema::validate(document.root());
        assert!(
            faults.is_empty(),
            "{:?}",
            faults
                .iter()
                .map(|f| (&f.rule, &f.path))
                .collect::<Vec<_>>()
        );
    }
    let told = status(&ward, &id);
    assert_eq!(
        (
            &told["waiting-events"],
            &told["delivered-events"],
            &told["events-since-subscription-start"]
        ),
        (&json!(0), &json!("25"), &json!("25")),
    );
}

#[test]
fn what_was_done_to_a_resource_is_told_too() {
    let ward = Ward::new();
    let patient = ward.admit();
    allow(&ward, HOOK);
    subscribed(&ward, &only(subscription(CHANGED), "Observation"));
    let hook = Hook::default();
    deliver(&ward, &hook);
    let made = results(&ward, &patient, 1);
    let path = made[0].strip_prefix(ORIGIN).expect("ours");
    let send = |method: &str, kind: &str, body: Vec<u8>| {
        ward.world.clock.advance(1);
        let reply = ward.world.send(&ward.system, method, path, kind, body);
        assert!(reply.status < 300, "{}", reply.text());
    };
    let mut changed = observation(&patient, "1", "8");
    changed["id"] = json!(path.rsplit('/').next());
    send("PUT", "application/fhir+json", bytes(&changed));
    send("DELETE", "", Vec::new());
    deliver(&ward, &hook);
    let last = hook
        .taken()
        .letters
        .last()
        .expect("a notification")
        .1
        .clone();
    let told: Vec<(Value, Value)> = last["entry"].as_array().expect("entries")[1..]
        .iter()
        .map(|entry| (entry["request"]["method"].clone(), entry["fullUrl"].clone()))
        .collect();
    let url = json!(made[0]);
    let want = ["POST", "PUT", "DELETE"].map(|method| (json!(method), url.clone()));
    assert_eq!(told, want);
}

#[test]
fn a_receiver_that_fails_is_tried_again_later_and_misses_nothing() {
    let ward = Ward::new();
    let patient = ward.admit();
    allow(&ward, HOOK);
    let id = subscribed(&ward, &only(subscription(CHANGED), "Observation"));
    let hook = Hook::default();
    deliver(&ward, &hook);
    hook.fails(Some(Trouble::Status(503)));
    let before = results(&ward, &patient, 3);
    deliver(&ward, &hook);
    let tries = hook.taken().tries;
    assert_eq!(tries, 2, "the handshake, and one try until the next is due");
    let told = status(&ward, &id);
    assert_eq!(
        (&told["waiting-events"], &told["failures"]),
        (&json!(3), &json!(1))
    );
    assert!(
        told["problem"].as_str().expect("why").contains("503"),
        "{told}"
    );
    assert!(told["waiting-since"].is_string() && told["next-attempt"].is_string());
    ward.world.clock.advance(4);
    deliver(&ward, &hook);
    assert_eq!(hook.taken().tries, tries, "not before its time");
    ward.world.clock.advance(2);
    hook.fails(Some(Trouble::Time));
    deliver(&ward, &hook);
    assert_eq!(status(&ward, &id)["failures"], 2);
    let after = results(&ward, &patient, 2);
    hook.fails(None);
    ward.world.clock.advance(60);
    deliver(&ward, &hook);
    let all: Vec<String> = before.into_iter().chain(after).collect();
    assert_eq!(hook.events(), numbered(1, &all));
    let told = status(&ward, &id);
    assert_eq!(
        (&told["failures"], &told["delivered-events"]),
        (&Value::Null, &json!("5"))
    );
}

#[test]
fn an_event_keeps_its_number_when_its_receipt_was_lost() {
    let ward = Ward::new();
    let patient = ward.admit();
    allow(&ward, HOOK);
    subscribed(&ward, &only(subscription(CHANGED), "Observation"));
    let hook = Hook::default();
    deliver(&ward, &hook);
    let first = results(&ward, &patient, 1);
    // It takes the notification and breaks off before it says so.
    struct Deaf<'h>(&'h Hook);
    impl Courier for Deaf<'_> {
        fn deliver(&self, letter: &Letter) -> Result<(), Trouble> {
            self.0.deliver(letter)?;
            Err(Trouble::Unreachable)
        }
    }
    work::round(&ward.world.app.gate, &Deaf(&hook), ORIGIN, &|| false).expect("a round");
    let second = results(&ward, &patient, 1);
    ward.world.clock.advance(60);
    deliver(&ward, &hook);
    let (first, second) = (first[0].clone(), second[0].clone());
    assert_eq!(hook.events(), [(1, first.clone()), (1, first), (2, second)]);
}

#[test]
fn after_many_failures_it_is_paused_and_goes_on_where_it_was_when_it_is_resumed() {
    let ward = Ward::new();
    let patient = ward.admit();
    allow(&ward, HOOK);
    let body = only(subscription(CHANGED), "Observation");
    let id = subscribed(&ward, &body);
    let hook = Hook::default();
    deliver(&ward, &hook);
    hook.fails(Some(Trouble::Unreachable));
    let made = results(&ward, &patient, 2);
    for _ in 0..FAILURES_MAX {
        deliver(&ward, &hook);
        ward.world.clock.advance(3_600);
    }
    let told = status(&ward, &id);
    assert_eq!(
        (&told["status"], &told["next-attempt"]),
        (&json!("error"), &Value::Null)
    );
    let shown = ward.get(&format!("Subscription/{id}")).json();
    assert_eq!(shown["status"], "error");
    assert!(
        shown["error"]
            .as_str()
            .expect("why")
            .contains("cannot be reached")
    );
    let tries = hook.taken().tries;
    hook.fails(None);
    ward.world.clock.advance(86_400);
    deliver(&ward, &hook);
    assert_eq!(hook.taken().tries, tries, "a paused one is left alone");
    let path = format!("/fhir/Subscription/{id}");
    let resumed = ward.world.send(
        &ward.system,
        "PUT",
        &path,
        "application/fhir+json",
        bytes(&body),
    );
    assert_eq!(
        (resumed.status, &resumed.json()["status"]),
        (200, &json!("requested"))
    );
    deliver(&ward, &hook);
    assert_eq!(hook.events(), numbered(1, &made));
}

#[test]
fn what_waited_too_long_is_dropped_and_its_numbers_are_missing() {
    let ward = Ward::new();
    let patient = ward.admit();
    allow(&ward, HOOK);
    let id = subscribed(&ward, &only(subscription(CHANGED), "Observation"));
    let hook = Hook::default();
    // The receiver does not even shake hands.
    hook.fails(Some(Trouble::Tls));
    results(&ward, &patient, 2);
    deliver(&ward, &hook);
    assert_eq!(status(&ward, &id)["status"], "requested");
    for _ in 0..FAILURES_MAX {
        ward.world.clock.advance(3_600);
        deliver(&ward, &hook);
    }
    ward.world.clock.advance(KEEP_HOURS * 3_600);
    deliver(&ward, &hook);
    assert_eq!(status(&ward, &id)["waiting-events"], 0);
    hook.fails(None);
    let path = format!("/fhir/Subscription/{id}");
    let body = bytes(&only(subscription(CHANGED), "Observation"));
    let resumed = ward
        .world
        .send(&ward.system, "PUT", &path, "application/fhir+json", body);
    assert_eq!(resumed.status, 200, "{}", resumed.text());
    let made = results(&ward, &patient, 1);
    deliver(&ward, &hook);
    assert_eq!(hook.events(), numbered(3, &made));
}

#[test]
fn nothing_is_sent_to_an_address_that_the_operator_has_not_allowed_or_allows_no_longer() {
    let ward = Ward::new();
    let patient = ward.admit();
    let body = subscription(CHANGED);
    assert_eq!(
        refused(&ward.post("Subscription", &body)),
        (403, "TSK-FHR-061".to_owned())
    );
    // What another facility was allowed counts for nobody else.
    let clinic = ward.world.facility("1311400001", "隣の医院");
    ward.world
        .set_up(move |call| ops::allow(call, clinic.id, HOOK, ""));
    assert_eq!(
        refused(&ward.post("Subscription", &body)),
        (403, "TSK-FHR-061".to_owned())
    );
    allow(&ward, HOOK);
    let id = subscribed(&ward, &body);
    let hook = Hook::default();
    deliver(&ward, &hook);
    let facility = ward.hospital.id;
    assert!(
        ward.world
            .set_up(move |call| ops::deny(call, facility, HOOK))
    );
    results(&ward, &patient, 1);
    let tries = hook.taken().tries;
    deliver(&ward, &hook);
    assert_eq!(hook.taken().tries, tries);
    assert_eq!(status(&ward, &id)["status"], "error");
}

#[test]
fn a_secret_is_never_read_back_and_stands_nowhere_in_the_clear() {
    let ward = Ward::new();
    allow(&ward, HOOK);
    let id = subscribed(&ward, &subscription(CHANGED));
    let shown = ward.get(&format!("Subscription/{id}"));
    assert_eq!(
        shown.json()["channel"]["header"],
        json!(["Authorization: ***"])
    );
    for path in [
        "Subscription".to_owned(),
        format!("Subscription/{id}/$status"),
    ] {
        assert!(!ward.get(&path).text().contains("very-secret"), "{path}");
    }
    for file in std::fs::read_dir(ward.world.folder()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let secret = b"very-secret";
        let is_there = bytes.windows(secret.len()).any(|part| part == secret);
        assert!(!is_there, "{}", path.display());
    }
}

fn with(place: &str, value: Value) -> Value {
    let mut body = subscription(CHANGED);
    *body.pointer_mut(place).expect("a place") = value;
    body
}

#[test]
fn what_a_subscription_may_not_be_is_refused_with_its_place() {
    let ward = Ward::new();
    allow(&ward, HOOK);
    let full = json!({ "extension": [{ "url": format!("{BACKPORT}backport-payload-content"), "valueCode": "full-resource" }] });
    let mut full_payload = subscription(CHANGED);
    full_payload["channel"]["_payload"] = full;
    let mut heartbeat = subscription(CHANGED);
    heartbeat["channel"]["extension"] =
        json!([{ "url": format!("{BACKPORT}backport-heartbeat-period"), "valueUnsignedInt": 60 }]);
    for (body, code, place) in [
        (
            with("/criteria", json!("Observation?code=1")),
            "TSK-FHR-060",
            "Subscription.criteria",
        ),
        (
            with("/status", json!("active")),
            "TSK-FHR-059",
            "Subscription.status",
        ),
        (
            with("/channel/type", json!("email")),
            "TSK-FHR-059",
            "Subscription.channel.type",
        ),
        (
            with("/channel/payload", json!("text/plain")),
            "TSK-FHR-059",
            "Subscription.channel.payload",
        ),
        (
            with("/channel/endpoint", json!("http://hook.example/")),
            "TSK-FHR-059",
            "Subscription.channel.endpoint",
        ),
        (
            with("/channel/header", json!(["Host: other"])),
            "TSK-FHR-059",
            "Subscription.channel.header",
        ),
        (
            with("/channel/header", json!(["no colon"])),
            "TSK-FHR-059",
            "Subscription.channel.header",
        ),
        (
            full_payload,
            "TSK-FHR-059",
            "Subscription.channel.payload.extension",
        ),
        (heartbeat, "TSK-FHR-059", "Subscription.channel.extension"),
        (
            only(subscription(CHANGED), "Observation?code=1"),
            "TSK-FHR-059",
            "Subscription.criteria.extension",
        ),
        (
            only(
                subscription("urn:tasuki:topic:letter-arrived"),
                "Observation",
            ),
            "TSK-FHR-059",
            "Subscription.criteria.extension",
        ),
    ] {
        let reply = ward.post("Subscription", &body);
        assert_eq!(refused(&reply), (422, code.to_owned()), "{body}");
        assert!(reply.text().contains(place), "{place}: {}", reply.text());
    }
    let list = ward.get("Subscription").json();
    assert_eq!(list["total"], 0, "nothing of it is kept");
}

#[test]
fn a_subscription_is_its_own_facilitys_alone() {
    let ward = Ward::new();
    allow(&ward, HOOK);
    let id = subscribed(&ward, &subscription(CHANGED));
    let clinic = ward.world.facility("1311400001", "隣の医院");
    let other = ward.world.system(&clinic);
    let paths = [
        ("GET", format!("/fhir/Subscription/{id}")),
        ("GET", format!("/fhir/Subscription/{id}/$status")),
        ("DELETE", format!("/fhir/Subscription/{id}")),
        ("PUT", format!("/fhir/Subscription/{id}")),
    ];
    for (method, path) in paths {
        let (kind, body) = match method {
            "PUT" => ("application/fhir+json", bytes(&subscription(CHANGED))),
            _ => ("", Vec::new()),
        };
        let reply: Reply = ward.world.send(&other, method, &path, kind, body);
        assert_eq!(
            refused(&reply),
            (404, "TSK-FHR-063".to_owned()),
            "{method} {path}"
        );
    }
    let path = format!("/fhir/Subscription/{id}");
    let gone = ward
        .world
        .send(&ward.system, "DELETE", &path, "", Vec::new());
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert_eq!(ward.get(&format!("Subscription/{id}")).status, 404);
}

#[test]
fn one_that_is_off_or_over_hears_nothing() {
    let ward = Ward::new();
    let patient = ward.admit();
    allow(&ward, HOOK);
    let mut ending = subscription(CHANGED);
    ending["end"] = json!("2026-11-22T10:30:00+09:00");
    let ending = subscribed(&ward, &ending);
    let off = subscribed(&ward, &with("/status", json!("off")));
    let hook = Hook::default();
    deliver(&ward, &hook);
    assert_eq!(hook.taken().tries, 1, "one handshake");
    ward.world.clock.advance(3_600);
    results(&ward, &patient, 2);
    deliver(&ward, &hook);
    assert_eq!(hook.taken().tries, 1);
    for id in [ending, off] {
        assert_eq!(
            ward.get(&format!("Subscription/{id}")).json()["status"],
            "off"
        );
    }
}

#[test]
fn the_next_try_comes_later_each_time_up_to_an_hour() {
    let waits: Vec<i64> = (1..=12).map(work::wait_s).collect();
    assert_eq!(
        waits,
        [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]
    );
}

#[test]
fn an_address_is_by_tls_or_on_this_machine() {
    for (url, safe) in [
        ("https://hook.example", true),
        ("https://hook.example:8443/a/b?c=d", true),
        ("http://127.0.0.1:8080/hook", true),
        ("http://[::1]:8080", true),
        ("http://localhost:80/", false),
        ("http://hook.example/", false),
        ("https://user@hook.example/", false),
        ("https:///path", false),
        ("http://127.0.0.1:80@evil.example/", false),
        ("https://hook.example/#x", false),
        ("https://hook.example/\r\nHost: x", false),
        ("ftp://hook.example", false),
        ("file:///etc/passwd", false),
    ] {
        assert_eq!(model::is_safe(url), safe, "{url}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Whatever fails when: nothing is lost, and a number never stands for two events.
    #[test]
    fn whatever_fails_each_event_arrives_under_one_number_in_order(
        steps in proptest::collection::vec((0_u8..4, 0_u32..3), 1..8)
    ) {
        let ward = Ward::new();
        let patient = ward.admit();
        allow(&ward, HOOK);
        subscribed(&ward, &only(subscription(CHANGED), "Observation"));
        let hook = Hook::default();
        deliver(&ward, &hook);
        let mut made = Vec::new();
        for (trouble, count) in steps {
            hook.fails(match trouble {
                0 => Some(Trouble::Status(500)),
                1 => Some(Trouble::Time),
                _ => None,
            });
            made.extend(results(&ward, &patient, count));
            deliver(&ward, &hook);
            ward.world.clock.advance(900);
        }
        hook.fails(None);
        ward.world.clock.advance(3_600);
        deliver(&ward, &hook);
        prop_assert_eq!(hook.events(), numbered(1, &made));
    }
}
