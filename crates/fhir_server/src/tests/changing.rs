//! Updating, patching, deleting, and what history keeps.

use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::world::Reply;

use super::{Ward, bytes, observation, refused};
use crate::patch::Patch;

/// A patient and one result; the result's reference and what was sent.
fn one(ward: &Ward) -> (String, String, Value) {
    let patient = ward.admit();
    let sent = observation(&patient, "A", "1.50");
    let made = ward.post("Observation", &sent);
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    (patient, format!("Observation/{id}"), sent)
}

fn put(ward: &Ward, path: &str, body: &Value, if_match: &str) -> Reply {
    let headers = [
        ("content-type", "application/fhir+json"),
        ("if-match", if_match),
    ];
    let headers = headers.iter().filter(|(_, value)| !value.is_empty());
    ward.world.send_with(
        &ward.system,
        "PUT",
        &format!("/fhir/{path}"),
        headers,
        bytes(body),
    )
}

fn patch(ward: &Ward, path: &str, steps: &Value) -> Reply {
    let kind = "application/json-patch+json";
    ward.world.send(
        &ward.system,
        "PATCH",
        &format!("/fhir/{path}"),
        kind,
        bytes(steps),
    )
}

fn delete(ward: &Ward, path: &str) -> Reply {
    ward.world.send(
        &ward.system,
        "DELETE",
        &format!("/fhir/{path}"),
        "",
        Vec::new(),
    )
}

fn with_id(body: &Value, reference: &str) -> Value {
    let mut body = body.clone();
    body["id"] = json!(reference.split_once('/').expect("a reference").1);
    body
}

#[test]
fn an_update_makes_the_next_version_unless_another_was_quicker() {
    let ward = Ward::new();
    let (_, result, sent) = one(&ward);
    let mut next = with_id(&sent, &result);
    next["status"] = json!("amended");
    assert_eq!(
        refused(&put(&ward, &result, &next, "W/\"2\"")),
        (412, "TSK-FHR-006".to_owned())
    );
    assert_eq!(
        refused(&put(&ward, &result, &next, "one")),
        (400, "TSK-FHR-027".to_owned())
    );
    ward.world.clock.advance(60);
    let done = put(&ward, &result, &next, "W/\"1\"");
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.header("etag"), "W/\"2\"");
    assert_eq!(
        refused(&put(&ward, &result, &next, "W/\"1\"")),
        (412, "TSK-FHR-006".to_owned())
    );
    let read = ward.get(&result).json();
    assert_eq!(
        (&read["status"], &read["meta"]["versionId"]),
        (&json!("amended"), &json!("2"))
    );
    let first = ward.get(&format!("{result}/_history/1")).json();
    assert_eq!(
        (&first["status"], &first["meta"]["versionId"]),
        (&json!("final"), &json!("1"))
    );
    assert_eq!(ward.get(&format!("{result}/_history/3")).status, 404);
    assert_eq!(put(&ward, &result, &next, "").status, 200);
}

#[test]
fn an_update_neither_creates_nor_moves_nor_renames() {
    let ward = Ward::new();
    let (_, result, sent) = one(&ward);
    let absent = format!("Observation/{}", "a".repeat(64));
    let reply = put(&ward, &absent, &with_id(&sent, &absent), "");
    assert_eq!(refused(&reply), (405, "TSK-FHR-017".to_owned()));
    let reply = put(&ward, &result, &sent, "");
    assert_eq!(refused(&reply), (400, "TSK-FHR-016".to_owned()));
    let other = ward.other_patient();
    let mut moved = with_id(&sent, &result);
    moved["subject"] = json!({ "reference": other });
    let reply = put(&ward, &result, &moved, "");
    assert_eq!(refused(&reply), (422, "TSK-FHR-035".to_owned()));
    let mut both = sent;
    both["performer"] = json!([{ "reference": other }]);
    let reply = ward.post("Observation", &both);
    assert_eq!(refused(&reply), (422, "TSK-FHR-008".to_owned()));
}

#[test]
fn what_was_deleted_is_gone_and_its_history_stays() {
    let ward = Ward::new();
    let (patient, result, sent) = one(&ward);
    assert_eq!(
        refused(&delete(&ward, &patient)),
        (409, "TSK-FHR-034".to_owned())
    );
    for _ in 0..2 {
        assert_eq!(delete(&ward, &result).status, 204);
    }
    assert_eq!(refused(&ward.get(&result)), (410, "TSK-FHR-005".to_owned()));
    let reply = put(&ward, &result, &with_id(&sent, &result), "");
    assert_eq!(refused(&reply), (410, "TSK-FHR-005".to_owned()));
    let found = ward.get(&format!("Observation?patient={patient}")).json();
    assert_eq!(found["total"], 0);
    let history = ward.get(&format!("{result}/_history")).json();
    assert_eq!(history["total"], 2);
    assert_eq!(history["entry"][0]["request"]["method"], "DELETE");
    assert_eq!(history["entry"][1]["resource"]["status"], "final");
    assert_eq!(ward.get(&format!("{result}/_history/1")).status, 200);
    assert_eq!(delete(&ward, &patient).status, 204);
    assert_eq!(ward.get(&format!("{patient}/_history")).json()["total"], 2);
    assert_eq!(
        refused(&ward.get(&patient)),
        (410, "TSK-FHR-005".to_owned())
    );
    let absent = delete(&ward, &format!("Observation/{}", "b".repeat(64)));
    assert_eq!(refused(&absent), (404, "TSK-FHR-004".to_owned()));
    // Who was deleted may come again.
    assert_ne!(ward.admit(), patient);
}

#[test]
fn a_history_is_paged_and_begins_where_it_is_asked() {
    let ward = Ward::new();
    let (patient, result, sent) = one(&ward);
    for _ in 0..6 {
        ward.world.clock.advance(10);
        assert_eq!(
            put(&ward, &result, &with_id(&sent, &result), "").status,
            200
        );
    }
    for (base, count) in [
        (format!("{result}/_history"), 2),
        (format!("Observation/_history?patient={patient}"), 3),
    ] {
        let sign = if base.contains('?') { '&' } else { '?' };
        let (mut path, mut seen) = (format!("{base}{sign}_count={count}"), Vec::new());
        loop {
            let page = ward.get(&path).json();
            assert_eq!(page["total"], 7);
            for entry in page["entry"].as_array().expect("entries") {
                seen.push(
                    entry["resource"]["meta"]["versionId"]
                        .as_str()
                        .expect("a version")
                        .to_owned(),
                );
            }
            let links = page["link"].as_array().cloned().expect("links");
            let Some(next) = links.iter().find(|l| l["relation"] == "next") else {
                break;
            };
            let url = next["url"].as_str().expect("an address");
            path = url
                .strip_prefix("http://tasuki.test/fhir/")
                .expect("ours")
                .to_owned();
        }
        assert_eq!(seen, ["7", "6", "5", "4", "3", "2", "1"]);
    }
    let since = ward
        .get(&format!("{result}/_history?_since=2026-11-22T01:00:45Z"))
        .json();
    assert_eq!(since["total"], 2);
    let reply = ward.get("Observation/_history");
    assert_eq!(refused(&reply), (400, "TSK-FHR-018".to_owned()));
}

#[test]
fn a_patch_changes_what_its_steps_say_or_nothing() {
    let ward = Ward::new();
    let (patient, result, _) = one(&ward);
    let done = patch(
        &ward,
        &result,
        &json!([
            { "op": "test", "path": "/status", "value": "final" },
            { "op": "test", "path": "/valueQuantity/value", "value": 1.5 },
            { "op": "replace", "path": "/status", "value": "amended" },
            { "op": "add", "path": "/note", "value": [{ "text": "a" }] },
            { "op": "add", "path": "/note/0", "value": { "text": "b" } },
            { "op": "add", "path": "/note/-", "value": { "text": "c" } },
            { "op": "copy", "from": "/note/0", "path": "/note/1" },
            { "op": "move", "from": "/note/3", "path": "/note/0" },
            { "op": "remove", "path": "/effectiveDateTime" },
        ]),
    );
    assert_eq!(done.status, 200, "{}", done.text());
    let json = done.json();
    let notes: Vec<&str> = json["note"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|n| n["text"].as_str())
        .collect();
    assert_eq!(notes, ["c", "b", "b", "a"]);
    assert_eq!(json["meta"]["versionId"], "2");
    assert!(json.get("effectiveDateTime").is_none());
    let steps = Patch::parse(br#"[{"op":"remove","path":"/b"}]"#).expect("steps");
    assert_eq!(
        steps.apply(r#"{"a":1.50,"b":1,"c":1e2}"#).as_deref(),
        Ok(r#"{"a":1.50,"c":1e2}"#)
    );
    assert_eq!(ward.get(&result).body, done.body);

    let fails = |steps: Value, code: &str, place: &str| {
        let reply = patch(&ward, &result, &steps);
        assert_eq!(reply.code(), code, "{}", reply.text());
        assert!(reply.text().contains(place), "{}", reply.text());
    };
    fails(
        json!([{ "op": "remove", "path": "/status" }]),
        "TSK-FHR-002",
        "Observation.status",
    );
    fails(
        json!([{ "op": "remove", "path": "/never" }]),
        "TSK-FHR-029",
        "[0].path",
    );
    fails(
        json!([{ "op": "test", "path": "/status", "value": "final" }]),
        "TSK-FHR-029",
        "[0].value",
    );
    fails(
        json!([{ "op": "add", "path": "/note/9", "value": {} }]),
        "TSK-FHR-029",
        "[0].path",
    );
    fails(
        json!([{ "op": "add", "path": "/note/01", "value": {} }]),
        "TSK-FHR-029",
        "[0].path",
    );
    fails(
        json!([{ "op": "move", "from": "/note", "path": "/note/0" }]),
        "TSK-FHR-029",
        "[0].from",
    );
    fails(
        json!([{ "op": "turn", "path": "/x" }, { "op": "add", "path": "x", "value": 1 }]),
        "TSK-FHR-028",
        "[1].path",
    );
    fails(json!({ "op": "remove" }), "TSK-FHR-028", "$");
    fails(
        json!([{ "op": "replace", "path": "/id", "value": "x" }]),
        "TSK-FHR-029",
        "/id",
    );
    fails(
        json!([{ "op": "replace", "path": "/subject/reference", "value": ward.other_patient() }]),
        "TSK-FHR-035",
        "Observation",
    );
    assert_eq!(ward.get(&result).json()["meta"]["versionId"], "2");
    assert!(patient.starts_with("Patient/"));
}

#[test]
fn a_patch_may_be_parameters_or_members_to_merge() {
    let ward = Ward::new();
    let (_, result, _) = one(&ward);
    let send = |kind: &str, body: &Value| {
        let path = format!("/fhir/{result}");
        ward.world
            .send(&ward.system, "PATCH", &path, kind, bytes(body))
    };
    let operation = |parts: Value| json!({ "name": "operation", "part": parts });
    let of = |kind: &str, path: &str, more: Value| {
        let mut parts = vec![
            json!({ "name": "type", "valueCode": kind }),
            json!({ "name": "path", "valueString": path }),
        ];
        parts.extend(more.as_array().cloned().unwrap_or_default());
        operation(Value::from(parts))
    };
    let note = |text: &str| json!({ "name": "value", "valueAnnotation": { "text": text } });
    let parameters = |all: Value| json!({ "resourceType": "Parameters", "parameter": all });
    let done = send(
        "application/fhir+json",
        &parameters(json!([
            of(
                "replace",
                "Observation.status",
                json!([{ "name": "value", "valueCode": "amended" }])
            ),
            of(
                "add",
                "Observation",
                json!([{ "name": "name", "valueString": "note" }, note("a")])
            ),
            of(
                "add",
                "Observation",
                json!([{ "name": "name", "valueString": "note" }, note("b")])
            ),
            of(
                "insert",
                "Observation.note",
                json!([{ "name": "index", "valueInteger": 1 }, note("c")])
            ),
            of(
                "move",
                "Observation.note",
                json!([
                { "name": "source", "valueInteger": 0 }, { "name": "destination", "valueInteger": 2 }])
            ),
            of("delete", "Observation.note.where(text='b')", json!([])),
            of("delete", "Observation.method", json!([])),
            of(
                "replace",
                "Observation.code.coding[0].code",
                json!([{ "name": "value", "valueCode": "B" }])
            ),
        ])),
    );
    assert_eq!(done.status, 200, "{}", done.text());
    let json = done.json();
    let notes: Vec<&str> = json["note"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|n| n["text"].as_str())
        .collect();
    assert_eq!(notes, ["c", "a"]);
    assert_eq!(
        (&json["status"], &json["code"]["coding"][0]["code"]),
        (&json!("amended"), &json!("B"))
    );
    let several = parameters(json!([of("delete", "Observation.note.text", json!([]))]));
    let reply = send("application/fhir+json", &several);
    assert_eq!(
        refused(&reply),
        (422, "TSK-FHR-029".to_owned()),
        "{}",
        reply.text()
    );
    let unknown = parameters(json!([of("turn", "Observation.note", json!([]))]));
    let reply = send("application/fhir+json", &unknown);
    assert_eq!(refused(&reply), (400, "TSK-FHR-028".to_owned()));
    let merged = send(
        "application/merge-patch+json",
        &json!({ "note": null, "status": "final", "valueQuantity": { "value": 7 } }),
    );
    assert_eq!(merged.status, 200, "{}", merged.text());
    let json = merged.json();
    assert!(json.get("note").is_none());
    assert_eq!(
        (&json["status"], &json["valueQuantity"]["value"]),
        (&json!("final"), &json!(7))
    );
    assert_eq!(json["valueQuantity"]["unit"], "mg/dL");
}

#[test]
fn of_fifty_conditional_creates_at_once_one_creates() {
    let ward = Ward::new();
    let patient = ward.admit();
    let mut made = observation(&patient, "A", "1");
    made["identifier"] = json!([{ "system": "http://e.org/id", "value": "L-1" }]);
    let (home, origin) = (ward.hospital.clone(), "http://tasuki.test".to_owned());
    let caller = ward.caller();
    let draft = crate::draft::Draft::read("Observation", &bytes(&made)).expect("valid");
    let condition =
        crate::api::condition_of("identifier=http://e.org/id|L-1", "Observation", &origin)
            .expect("a condition");
    let packed = crate::store::pack(&draft.text);
    let outcomes = ward
        .world
        .at_once_as(&caller, store::caller::Purpose::Treatment, 50, |_| {
            let (home, origin, draft, condition, packed) = (
                home.clone(),
                origin.clone(),
                draft.clone(),
                condition.clone(),
                packed.clone(),
            );
            move |call: &mut store::Call<'_>| {
                let own = crate::ops::Partition::of(call, &home, &origin)?;
                crate::ops::create(call, &own, &draft, &packed, Some(&condition))
            }
        });
    let created: Vec<bool> = outcomes
        .into_iter()
        .map(|o| o.expect("done").is_created)
        .collect();
    assert_eq!(created.iter().filter(|c| **c).count(), 1);
    assert_eq!(
        ward.get(&format!("Observation?patient={patient}")).json()["total"],
        1
    );
}

#[test]
fn conditions_lead_to_one_resource_or_are_refused() {
    let ward = Ward::new();
    let (patient, result, sent) = one(&ward);
    let create_if = |condition: &str, body: &Value| {
        let headers = [
            ("content-type", "application/fhir+json"),
            ("if-none-exist", condition),
        ];
        ward.world.send_with(
            &ward.system,
            "POST",
            "/fhir/Observation",
            &headers,
            bytes(body),
        )
    };
    let there = create_if("code=A", &sent);
    assert_eq!(there.status, 200, "{}", there.text());
    assert_eq!(there.json()["id"], ward.get(&result).json()["id"]);
    assert_eq!(
        create_if("code=B", &observation(&patient, "B", "2")).status,
        201
    );
    assert_eq!(
        refused(&create_if("status=final", &sent)),
        (412, "TSK-FHR-026".to_owned())
    );
    assert_eq!(
        refused(&create_if("nonsense=1", &sent)),
        (400, "TSK-FHR-019".to_owned())
    );
    assert_eq!(
        refused(&create_if("", &sent)),
        (400, "TSK-FHR-027".to_owned())
    );

    let path = format!("Observation?patient={patient}&code=B");
    let mut next = observation(&patient, "B", "3");
    assert_eq!(put(&ward, &path, &next, "").header("etag"), "W/\"2\"");
    next = observation(&patient, "C", "3");
    assert_eq!(
        put(
            &ward,
            &format!("Observation?patient={patient}&code=C"),
            &next,
            ""
        )
        .status,
        201
    );
    let several = format!("Observation?patient={patient}");
    assert_eq!(
        refused(&put(&ward, &several, &next, "")),
        (412, "TSK-FHR-026".to_owned())
    );
    assert_eq!(
        refused(&put(&ward, "Observation", &next, "")),
        (400, "TSK-FHR-027".to_owned())
    );
    let steps = json!([{ "op": "replace", "path": "/status", "value": "amended" }]);
    assert_eq!(patch(&ward, &path, &steps).json()["status"], "amended");
    assert_eq!(
        refused(&delete(&ward, &several)),
        (412, "TSK-FHR-026".to_owned())
    );
    assert_eq!(delete(&ward, &path).status, 204);
    assert_eq!(
        refused(&delete(&ward, &path)),
        (404, "TSK-FHR-004".to_owned())
    );
}

#[test]
fn how_much_is_answered_is_the_callers_wish() {
    let ward = Ward::new();
    let (patient, result, sent) = one(&ward);
    let post = |prefer: &str| {
        let headers = [
            ("content-type", "application/fhir+json"),
            ("prefer", prefer),
        ];
        ward.world.send_with(
            &ward.system,
            "POST",
            "/fhir/Observation",
            &headers,
            bytes(&sent),
        )
    };
    assert!(post("return=minimal").body.is_empty());
    assert_eq!(
        post("return=OperationOutcome").json()["resourceType"],
        "OperationOutcome"
    );
    assert_eq!(
        post("return=representation").json()["resourceType"],
        "Observation"
    );
    let read = |name: &str, value: &str| {
        ward.world.send_with(
            &ward.system,
            "GET",
            &format!("/fhir/{result}"),
            &[(name, value)],
            Vec::new(),
        )
    };
    assert_eq!(
        refused(&read("accept", "application/fhir+xml")),
        (406, "TSK-FHR-015".to_owned())
    );
    assert_eq!(
        read(
            "accept",
            "application/fhir+xml, application/fhir+json;q=0.5"
        )
        .status,
        200
    );
    assert_eq!(read("if-none-match", "W/\"1\"").status, 304);
    assert_eq!(read("if-none-match", "W/\"2\"").status, 200);
    assert_eq!(
        refused(&ward.get(&format!("{result}?_format=xml"))),
        (406, "TSK-FHR-015".to_owned())
    );
    assert_eq!(
        ward.get(&format!("Observation?patient={patient}&_format=json"))
            .status,
        200
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-50_i64..50).prop_map(Value::from),
        "[a-c~/]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c~/]{1,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn apply(steps: &Value, to: &Value) -> Value {
    let patch = Patch::parse(&bytes(steps)).expect("steps");
    let text = patch.apply(&to.to_string()).expect("applies");
    serde_json::from_str(&text).expect("JSON")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_added_is_there_and_what_was_removed_leaves_the_rest(a in value(), b in value()) {
        let whole = json!({ "kept": a, "list": [1, a] });
        let added = apply(&json!([{ "op": "add", "path": "/new", "value": b }, { "op": "test", "path": "/new", "value": b }]), &whole);
        prop_assert_eq!(&added["new"], &b);
        let back = apply(&json!([{ "op": "remove", "path": "/new" }]), &added);
        prop_assert_eq!(&back, &whole);
        let moved = apply(&json!([{ "op": "move", "from": "/list/1", "path": "/new" }, { "op": "move", "from": "/new", "path": "/list/1" }]), &whole);
        prop_assert_eq!(&moved, &whole);
        let copied = apply(&json!([{ "op": "copy", "from": "/kept", "path": "/list/0" }, { "op": "remove", "path": "/list/0" }]), &whole);
        prop_assert_eq!(&copied, &whole);
        let twice = apply(&json!([{ "op": "replace", "path": "/kept", "value": b }, { "op": "replace", "path": "/kept", "value": a }]), &whole);
        prop_assert_eq!(&twice, &whole);
        let untouched = apply(&json!([]), &whole);
        prop_assert_eq!(&untouched, &whole);
    }
}

#[test]
fn a_patch_that_outgrows_memory_is_refused_at_the_step_that_does() {
    let ward = Ward::new();
    let (_, result, _) = one(&ward);
    // Thirty copies of a list into itself are a thousand million items.
    let mut steps =
        vec![json!({ "op": "add", "path": "/note", "value": [{ "text": "x".repeat(1_000) }] })];
    steps.extend((0..30).map(|_| json!({ "op": "copy", "from": "/note", "path": "/note/-" })));
    let reply = patch(&ward, &result, &Value::from(steps));
    assert_eq!(refused(&reply), (422, "TSK-FHR-029".to_owned()));
    assert!(reply.text().contains("bytes"), "{}", reply.text());
    // A thousand steps that each go deeper end in no stack.
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let mut path = "/note".to_owned();
    let mut steps = Vec::new();
    for _ in 0..20 {
        let value: Value = serde_json::from_str(&deep(50)).expect("JSON");
        steps.push(json!({ "op": "add", "path": path, "value": value }));
        path.push_str(&"/0".repeat(50));
    }
    let reply = patch(&ward, &result, &Value::from(steps));
    assert_eq!(refused(&reply), (422, "TSK-FHR-029".to_owned()));
    assert!(reply.text().contains("levels"), "{}", reply.text());
    assert_eq!(ward.get(&result).header("etag"), "W/\"1\"");
}

#[test]
fn a_condition_in_a_path_is_understood_whole_or_refused() {
    let ward = Ward::new();
    let (_, result, _) = one(&ward);
    let send = |path: &str| {
        let body = json!({ "resourceType": "Parameters", "parameter": [{ "name": "operation", "part": [
            { "name": "type", "valueCode": "delete" }, { "name": "path", "valueString": path } ] }] });
        let to = format!("/fhir/{result}");
        ward.world.send(
            &ward.system,
            "PATCH",
            &to,
            "application/fhir+json",
            bytes(&body),
        )
    };
    for path in [
        "Observation.code.coding.where(code='A' and system='x')",
        "Observation.code.coding.where(code!='A')",
        "Observation.code.coding.where(code='A').where(",
        "Observation.code.coding.where(code=B)",
        "Observation.code.coding.where($this.code='A')",
    ] {
        let reply = send(path);
        assert_eq!(refused(&reply), (422, "TSK-FHR-029".to_owned()), "{path}");
    }
    assert_eq!(send("Observation.code.coding.where(code='B')").status, 200);
}

#[test]
fn who_has_the_current_version_is_told_so_however_its_tag_is_written() {
    let ward = Ward::new();
    let (_, result, _) = one(&ward);
    for (known, status) in [
        ("W/\"1\"", 304),
        ("\"1\"", 304),
        ("W/\"7\", W/\"1\"", 304),
        ("*", 304),
        ("W/\"2\"", 200),
        ("1", 200),
    ] {
        let headers = &[("if-none-match", known)];
        let path = format!("/fhir/{result}");
        let reply = ward
            .world
            .send_with(&ward.system, "GET", &path, headers, Vec::new());
        assert_eq!(reply.status, status, "{known}");
    }
}
