//! Bad input: each a catalogued error with place and remedy, nothing stored, one record.

use serde_json::{Value, json};
use testkit::{
    population::{clins, demo},
    world::{As, Reply},
};

use super::{Ward, bytes};

/// Sends, and holds the refusal to all that every refusal must be.
fn refused(ward: &Ward, what: &str, code: &str, send: impl FnOnce() -> Reply) -> Reply {
    let (kept, records) = (ward.kept(), ward.world.records() + 1);
    // `kept` itself left a record behind before the count.
    let before = records - 1;
    let reply = send();
    assert_eq!(ward.world.records(), before + 1, "{what}: one record");
    assert!(
        (400..500).contains(&reply.status),
        "{what}: {}",
        reply.text()
    );
    assert_eq!(reply.code(), code, "{what}: {}", reply.text());
    let known = ward.world.app.errors.iter().any(|entry| entry.code == code);
    assert!(known, "{what}: {code} is in the catalogue");
    let json = reply.json();
    for issue in json["issue"].as_array().expect("issues") {
        let ja = issue["details"]["text"].as_str().unwrap_or_default();
        let en = issue["diagnostics"].as_str().unwrap_or_default();
        assert!(!ja.is_ascii() && !en.is_empty(), "{what}: {issue}");
    }
    assert_eq!(ward.kept(), kept, "{what}: nothing stored");
    reply
}

/// As [`refused`], with the rule and the place of the first finding.
fn refused_at(ward: &Ward, what: &str, code: &str, rule: &str, path: &str, body: &[u8]) {
    let reply = refused(ward, what, code, || ward.register(body));
    let json = reply.json();
    let found: Vec<(&str, &str)> = json["issue"]
        .as_array()
        .expect("issues")
        .iter()
        .skip(1)
        .map(|issue| {
            let rule = issue["details"]["coding"][0]["code"].as_str();
            let path = issue["expression"][0].as_str();
            (rule.unwrap_or_default(), path.unwrap_or_default())
        })
        .collect();
    assert!(!found.is_empty(), "{what}: findings");
    assert!(found.contains(&(rule, path)), "{what}: {found:?}");
}

fn ward() -> Ward {
    let ward = Ward::new();
    for bundle in &ward.bundles {
        assert_eq!(ward.register(&bundle.json).status, 201);
    }
    ward
}

fn text(ward: &Ward) -> String {
    String::from_utf8(ward.bundle("Condition").json.clone()).expect("UTF-8")
}

const MEMBER: &str = "Bundle.entry[0].resource.identifier";

#[test]
fn a_document_that_is_not_json_without_doubt_is_refused() {
    let ward = ward();
    let good = text(&ward);
    let at = |what: &str, rule: &str, path: &str, body: &[u8]| {
        refused_at(&ward, what, "TSK-REC-001", rule, path, body);
    };
    let twice = good.replacen("\"type\":", "\"type\":\"collection\",\"type\":", 1);
    at(
        "duplicate keys",
        "JSON-DUPLICATE-KEY",
        "Bundle.type",
        twice.as_bytes(),
    );
    let mut broken = good.clone().into_bytes();
    let place = good.find("高血圧").expect("a name");
    broken[place] = 0xff;
    let mut first = None;
    for (what, body) in [
        ("invalid UTF-8", broken),
        ("truncated", good.as_bytes()[..good.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("only spaces", b"  \n".to_vec()),
        ("byte order mark", ["\u{feff}", &good].concat().into_bytes()),
        ("deep arrays", "[".repeat(200_000).into_bytes()),
        ("deep objects", "{\"a\":".repeat(200_000).into_bytes()),
        (
            "deep and closed",
            ["[".repeat(5_000), "]".repeat(5_000)].concat().into_bytes(),
        ),
        (
            "lone surrogate",
            good.replacen("collection", "\\ud800", 1).into_bytes(),
        ),
        ("two documents", [good.as_str(), "{}"].concat().into_bytes()),
        (
            "control character",
            good.replacen("collection", "a\u{1}", 1).into_bytes(),
        ),
        ("bare word", b"NaN".to_vec()),
        ("leading zero", b"01".to_vec()),
        ("unclosed text", b"\"abc".to_vec()),
        ("nothing but nulls", vec![0; 5_000]),
    ] {
        let reply = refused(&ward, what, "TSK-REC-001", || ward.register(&body));
        let issue = &reply.json()["issue"][1];
        assert!(issue["details"]["coding"][0]["code"].is_string(), "{what}");
        assert!(issue["expression"][0].is_string(), "{what}: {issue}");
        first.get_or_insert(reply);
    }
}

#[test]
fn a_document_that_is_no_bundle_is_refused() {
    let ward = ward();
    for (what, body) in [
        ("null", "null"),
        ("array", "[]"),
        ("number", "1e5"),
        ("text", "\"Bundle\""),
        ("empty object", "{}"),
        ("another resource", r#"{"resourceType":"Patient"}"#),
        ("array of bundles", r#"[{"resourceType":"Bundle"}]"#),
        ("a number for a name", r#"{"resourceType":7}"#),
    ] {
        let (rule, path) = ("CLINS-BUNDLE", "Bundle.resourceType");
        refused_at(&ward, what, "TSK-REC-002", rule, path, body.as_bytes());
    }
    let bare = r#"{"resourceType":"Bundle"}"#;
    refused(&ward, "bare bundle", "TSK-REC-002", || {
        ward.register(bare.as_bytes())
    });
}

#[test]
fn a_document_against_the_rules_is_refused_at_its_place() {
    let ward = ward();
    let good = ward.json("Condition");
    let at = |what: &str, rule: &str, path: &str, body: &Value| {
        refused_at(&ward, what, "TSK-REC-002", rule, path, &bytes(body));
    };
    let mut json = good.clone();
    json["entry"].as_array_mut().expect("entries").remove(0);
    at(
        "patient missing",
        "CLINS-PATIENT-MISSING",
        "Bundle.entry",
        &json,
    );
    let mut json = good.clone();
    let entries = json["entry"].as_array_mut().expect("entries");
    entries.push(ward.json("AllergyIntolerance")["entry"][1].clone());
    let path = format!("Bundle.entry[{}].resource.resourceType", entries.len() - 1);
    at("mixed types", "CLINS-MIXED-TYPES", &path, &json);
    let mut json = good.clone();
    json["entry"][1]["resource"]["code"]["coding"] =
        json!([{"system": "http://example.org/mine", "code": "1", "display": "x"}]);
    let path = "Bundle.entry[1].resource.code.coding[0].system";
    at(
        "unknown code system",
        "CLINS-CODE-SYSTEM-UNKNOWN",
        path,
        &json,
    );
    let mut json = good.clone();
    json["identifier"]["value"] = json!("1318814790^2026^CND-1");
    let path = "Bundle.entry[1].resource.extension";
    at(
        "two institutions",
        "CLINS-INSTITUTION-MISMATCH",
        path,
        &json,
    );
    let mut json = good;
    json["entry"][1]["resource"]["onsetDateTime"] = json!("2009-13-45");
    let path = "Bundle.entry[1].resource.onsetDateTime";
    at("no such date", "R4-FORMAT", path, &json);
}

#[test]
fn a_document_about_nobody_or_somebody_else_is_refused() {
    let ward = ward();
    let (good, member) = (text(&ward), ward.member());
    let parts: Vec<&str> = member.split(':').collect();
    let [insurer, symbol, number, branch] = parts[..] else {
        panic!("four parts")
    };
    let to = |other: &str| good.replace(&member, other).into_bytes();
    let unknown = |what: &str, other: &str| {
        let rule = "TSK-REC-004";
        refused_at(&ward, what, rule, rule, MEMBER, &to(other));
    };
    unknown(
        "unknown number",
        &format!("{insurer}:{symbol}:99999999:{branch}"),
    );
    unknown(
        "unknown insurer",
        &format!("99999999:{symbol}:{number}:{branch}"),
    );
    unknown("wrong branch", &format!("{insurer}:{symbol}:{number}:77"));
    unknown("no number", &format!("{insurer}:{symbol}::{branch}"));
    unknown(
        "long number",
        &format!("{insurer}:{symbol}:{}:{branch}", "1".repeat(500)),
    );
    let birth = ward.life.birth.to_string();
    for other in ["1958-04-13", "1958-04", "1958"] {
        let body = good.replace(&birth, other).into_bytes();
        let rule = "TSK-REC-006";
        let path = "Bundle.entry[0].resource.birthDate";
        refused_at(&ward, "wrong birth date", rule, rule, path, &body);
    }
    // No refusal repeats who the document is about.
    let reply = ward.register(&to(&format!("{insurer}:{symbol}:99999999:{branch}")));
    assert!(!reply.text().contains("99999999"));
}

#[test]
fn two_people_of_one_number_are_told_apart_by_branch_only() {
    let ward = ward();
    let on = ward.world.app.gate.now().jst_date();
    let family = demo::family(on);
    let twins = [&family[4], &family[5]].map(|life| (life, ward.world.person(life)));
    let hospital = demo::hospital();
    let author = clins::Author::of(&hospital).expect("a doctor");
    let sent = ward.world.app.gate.now();
    let bundle = clins::conditions(twins[0].0, &author, sent).expect("asthma");
    let with = String::from_utf8(bundle.json).expect("UTF-8");
    let branch = twins[0].0.coverages[0].branch.as_ref().expect("a branch");
    let tail = format!("5521:{}\"", branch.as_str());
    assert!(with.contains(&tail));
    let without = with.replace(&tail, "5521:\"");
    let rule = "TSK-REC-005";
    refused_at(&ward, "two fit", rule, rule, MEMBER, without.as_bytes());
    assert_eq!(ward.register(with.as_bytes()).status, 201);
    assert_eq!(ward.kept_of(twins[0].1).len(), 1);
    assert!(ward.kept_of(twins[1].1).is_empty());
}

#[test]
fn another_institutions_document_is_refused() {
    let ward = ward();
    let other = ward.world.facility("1310000017", "別の病院");
    let stranger = ward.world.system(&other);
    let body = &ward.bundle("Condition").json;
    let reply = refused(&ward, "wrong institution", "TSK-REC-003", || {
        ward.world
            .post_fhir(&stranger, "/fhir/Bundle/$register", body)
    });
    assert_eq!(reply.status, 403);
    assert_eq!(
        reply.json()["issue"][1]["expression"][0],
        "Bundle.identifier.value"
    );
}

#[test]
fn what_is_too_large_or_of_another_kind_is_refused_before_it_is_read() {
    let ward = ward();
    let mut body = ward.bundle("Condition").json.clone();
    body.resize(11_000_000, b' ');
    let reply = refused(&ward, "11 MB", "TSK-WEB-003", || ward.register(&body));
    assert_eq!(reply.status, 413);
    let small = &ward.bundle("Condition").json;
    for kind in [
        "text/plain",
        "application/xml",
        "",
        "application/fhir+xml",
        "multipart/form-data",
    ] {
        let reply = refused(&ward, kind, "TSK-WEB-005", || {
            let (who, path) = (&ward.system, "/fhir/Bundle/$register");
            ward.world.send(who, "POST", path, kind, small.clone())
        });
        assert_eq!(reply.status, 415);
    }
    for (who, code) in [
        (As::Nobody, "TSK-ACC-001"),
        (As::System("0".repeat(64)), "TSK-ACC-006"),
        (As::System(String::new()), "TSK-ACC-006"),
    ] {
        let path = "/fhir/Bundle/$register";
        let reply = refused(&ward, code, code, || {
            ward.world.post_fhir(&who, path, small)
        });
        assert_eq!(reply.status, 401);
    }
}

#[test]
fn many_entries_are_refused_quickly_and_as_many_as_are_allowed_are_judged_quickly() {
    let ward = ward();
    let with = |count: usize| {
        let mut json = ward.json("Observation");
        let entries = json["entry"].as_array_mut().expect("entries");
        entries.truncate(1);
        for i in 0..count {
            entries.push(json!({
                "fullUrl": format!("urn:uuid:00000000-0000-4000-8000-{i:012}"),
                "resource": {"resourceType": "Observation", "status": "final"},
            }));
        }
        bytes(&json)
    };
    let body = with(10_001);
    let begun = std::time::Instant::now();
    let (rule, path) = ("CLINS-ENTRIES-MAX", "Bundle.entry");
    refused_at(&ward, "10,001 entries", "TSK-REC-002", rule, path, &body);
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    let body = with(4_900);
    let reply = refused(&ward, "4,900 bad entries", "TSK-REC-002", || {
        ward.register(&body)
    });
    // A bad document does not make a large answer.
    assert!(reply.body.len() < 1_000_000, "{}", reply.body.len());
}

#[test]
fn validating_stores_nothing_and_leaves_one_record() {
    let ward = Ward::new();
    let validate = |body: &[u8]| {
        let records = ward.world.records();
        let reply = ward
            .world
            .post_fhir(&ward.system, "/fhir/Bundle/$validate", body);
        assert_eq!(ward.world.records(), records + 1);
        reply
    };
    for bundle in &ward.bundles {
        assert_eq!(validate(&bundle.json).status, 200);
    }
    assert_eq!(validate(b"[").status, 400);
    assert_eq!(validate(b"{}").status, 422);
    assert!(ward.kept().is_empty());
}

#[test]
fn validating_asks_for_the_rules_of_a_day_and_overlooks_nothing_that_is_asked() {
    let ward = Ward::new();
    let validate = |query: &str, body: &[u8]| {
        let path = format!("/fhir/Bundle/$validate{query}");
        ward.world.post_fhir(&ward.system, &path, body)
    };
    let good = &ward.bundle("Condition").json;
    assert_eq!(validate("?on=2030-04-01", good).status, 200);
    for query in ["?on=2030-02-30", "?on=", "?day=2030-04-01"] {
        let reply = validate(query, good);
        assert_eq!(
            (reply.status, reply.code()),
            (400, "TSK-REC-018".to_owned()),
            "{query}"
        );
    }
    // As libraries wrap it.
    let json: serde_json::Value = serde_json::from_slice(good).expect("JSON");
    let wrapped = |resource: &serde_json::Value| {
        let json = serde_json::json!({ "resourceType": "Parameters",
            "parameter": [{ "name": "resource", "resource": resource }] });
        validate("", &super::bytes(&json))
    };
    assert_eq!(wrapped(&json).status, 200);
    let mut wrong = json;
    wrong["entry"][1]["resource"]["code"] = serde_json::json!({});
    assert_eq!(wrapped(&wrong).status, 422);
    // A Bundle of another guide is judged by R4, not by rules that are not its own.
    let summary = |status: &str| {
        let json = serde_json::json!({ "resourceType": "Bundle", "type": "document",
            "identifier": { "system": "urn:ietf:rfc:3986", "value": "urn:uuid:1" },
            "timestamp": "2026-11-22T09:00:00+09:00",
            "entry": [{ "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": {
                "resourceType": "Composition", "status": status, "type": { "text": "要約" },
                "date": "2026-11-22", "author": [{ "display": "医師" }], "title": "要約",
            } }] });
        validate("", &super::bytes(&json))
    };
    assert_eq!(summary("final").status, 200, "{}", summary("final").text());
    assert_eq!(summary("never").status, 422);
}
