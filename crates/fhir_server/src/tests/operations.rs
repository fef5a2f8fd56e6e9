//! `$everything`, `$summary` and `$validate` through the router.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::world::Reply;

use super::{Ward, bytes};

fn coded(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }], "text": display })
}

fn observation(patient: &str, code: &str, value: u32, at: &str) -> Value {
    json!({
        "resourceType": "Observation",
        "status": "final",
        "category": [coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "Laboratory")],
        "code": coded("http://loinc.org", code, "A & B <test>"),
        "subject": { "reference": patient },
        "effectiveDateTime": at,
        "valueQuantity": { "value": value, "unit": "mg/dL" },
    })
}

fn clinical(kind: &str, code: &str) -> Value {
    let system = format!("http://terminology.hl7.org/CodeSystem/{kind}");
    json!({ "coding": [{ "system": system, "code": code }] })
}

fn condition(patient: &str, name: &str, status: &str) -> Value {
    json!({
        "resourceType": "Condition",
        "clinicalStatus": clinical("condition-clinical", status),
        "verificationStatus": clinical("condition-ver-status", "confirmed"),
        "code": { "text": name },
        "subject": { "reference": patient },
        "onsetDateTime": "2024-05-01",
    })
}

fn created(ward: &Ward, kind: &str, body: &Value) -> String {
    let reply = ward.post(kind, body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    format!("{kind}/{}", reply.json()["id"].as_str().expect("an id"))
}

fn resources(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    let entries = json["entry"].as_array().cloned().unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| entry["resource"].clone())
        .collect()
}

fn references(reply: &Reply) -> Vec<String> {
    let name = |one: &Value| {
        let part = |key: &str| one[key].as_str().expect("text").to_owned();
        format!("{}/{}", part("resourceType"), part("id"))
    };
    resources(reply).iter().map(name).collect()
}

fn look(ward: &Ward, path: &str) -> Reply {
    ward.world.get(&ward.system, path)
}

fn next(reply: &Reply) -> Option<String> {
    let json = reply.json();
    let link = json["link"]
        .as_array()?
        .iter()
        .find(|l| l["relation"] == "next")?;
    let url = link["url"].as_str().expect("an address");
    Some(
        url.strip_prefix(testkit::world::ORIGIN)
            .expect("ours")
            .to_owned(),
    )
}

#[test]
fn everything_comes_page_by_page_each_resource_once_the_patient_first() {
    let ward = Ward::new();
    let patient = ward.admit();
    let doctor = created(
        &ward,
        "Practitioner",
        &json!({ "resourceType": "Practitioner", "name": [{ "text": "医師 一郎" }] }),
    );
    let mut kept = BTreeSet::from([patient.clone()]);
    for number in 0..7 {
        let mut body = observation(&patient, "4548-4", number, "2026-11-01");
        body["performer"] = json!([{ "reference": doctor }]);
        kept.insert(created(&ward, "Observation", &body));
    }
    kept.insert(created(
        &ward,
        "Condition",
        &condition(&patient, "高血圧症", "active"),
    ));
    let mut path = Some(format!("/fhir/{patient}/$everything?_count=2"));
    let (mut seen, mut pages) = (Vec::new(), 0);
    while let Some(here) = path {
        let reply = look(&ward, &here);
        let mut found = references(&reply);
        if pages == 0 {
            assert_eq!(found.first(), Some(&patient));
        }
        // Who is referred to comes beside, as what it is: not one of the patient's.
        let json = reply.json();
        let modes = json["entry"].as_array().expect("entries").iter();
        let beside = modes.filter(|e| e["search"]["mode"] == "include").count();
        found.retain(|one| *one != doctor);
        assert_eq!(resources(&reply).len() - beside, found.len());
        seen.extend(found);
        pages += 1;
        path = next(&reply);
    }
    assert_eq!(pages, 5);
    assert_eq!(seen.len(), kept.len());
    assert_eq!(BTreeSet::from_iter(seen), kept);
}

#[test]
fn everything_is_narrowed_by_type_and_by_when_it_was_written() {
    let ward = Ward::new();
    let patient = ward.admit();
    let first = created(
        &ward,
        "Condition",
        &condition(&patient, "高血圧症", "active"),
    );
    ward.world.clock.advance(3_600);
    let since = ward.world.app.gate.now();
    ward.world.clock.advance(3_600);
    let second = created(&ward, "Condition", &condition(&patient, "糖尿病", "active"));
    created(
        &ward,
        "Observation",
        &observation(&patient, "4548-4", 1, "2026-11-01"),
    );
    let of = |query: &str| {
        references(&look(
            &ward,
            &format!("/fhir/{patient}/$everything?{query}"),
        ))
    };
    let both = of("_type=Condition");
    assert_eq!(
        BTreeSet::from_iter(both),
        BTreeSet::from([first, second.clone()])
    );
    assert_eq!(of(&format!("_type=Condition&_since={since}")), [second]);
    let east = "2026-11-22T20:00:00%2B09:00";
    assert_eq!(of(&format!("_since={east}")).len(), 0);
}

#[test]
fn what_everything_does_not_know_is_refused_and_so_is_another_facilitys_patient() {
    let ward = Ward::new();
    let patient = ward.admit();
    for (query, code) in [
        ("start=2026-01-01", "TSK-FHR-050"),
        ("_type=Practitioner", "TSK-FHR-051"),
        ("_since=yesterday", "TSK-FHR-051"),
        ("_after=Observation/x", "TSK-FHR-051"),
        ("_after=x", "TSK-FHR-051"),
    ] {
        let reply = look(&ward, &format!("/fhir/{patient}/$everything?{query}"));
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, code),
            "{query}"
        );
    }
    let clinic = ward.world.facility("1311400001", "隣の医院");
    let other = ward.world.system(&clinic);
    for operation in ["$everything", "$summary"] {
        let path = format!("/fhir/{patient}/{operation}");
        let reply = ward.world.get(&other, &path);
        assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-FHR-004"));
    }
    let narrow = ward.world.system_with(&clinic, "system/Observation.r");
    let reply = ward
        .world
        .get(&narrow, &format!("/fhir/{patient}/$everything"));
    assert_eq!(reply.status, 403, "{}", reply.text());
}

#[test]
fn reading_everything_and_the_summary_stand_in_the_persons_history() {
    let ward = Ward::new();
    let patient = ward.admit();
    for operation in ["$everything", "$summary"] {
        let before = ward.world.records();
        assert_eq!(
            look(&ward, &format!("/fhir/{patient}/{operation}")).status,
            200
        );
        assert_eq!(ward.world.records(), before + 1, "{operation}");
    }
}

fn sections(summary: &Value) -> Vec<(String, usize, String)> {
    let composition = &summary["entry"][0]["resource"];
    assert_eq!(composition["resourceType"], "Composition");
    let all = composition["section"].as_array().expect("sections").iter();
    all.map(|one| {
        let entries = one["entry"].as_array().expect("entries").len();
        let text = one["text"]["div"].as_str().expect("text").to_owned();
        let code = one["code"]["coding"][0]["code"].as_str().expect("a code");
        (code.to_owned(), entries, text)
    })
    .collect()
}

/// Everything to which the document refers is in it, each under one name. `Patient/1` is
/// resolved against the address of its own entry, and against nothing where that is a UUID.
fn is_closed(summary: &Value) {
    let entries = summary["entry"].as_array().expect("entries");
    let place = |entry: &Value| entry["fullUrl"].as_str().expect("a name").to_owned();
    let places: BTreeSet<String> = entries.iter().map(place).collect();
    assert_eq!(places.len(), entries.len());
    for entry in entries {
        let is_named = place(entry).starts_with("urn:");
        for rest in entry.to_string().split("\"reference\":\"").skip(1) {
            let to = rest.split('"').next().expect("a reference");
            let whole = format!("{}/fhir/{to}", testkit::world::ORIGIN);
            let is_there = places.contains(to) || (!is_named && places.contains(&whole));
            assert!(is_there, "{to} of {} is not in the document", place(entry));
        }
    }
}

#[test]
fn a_summary_of_nothing_says_no_information_in_each_required_section() {
    let ward = Ward::new();
    let patient = ward.admit();
    let reply = look(&ward, &format!("/fhir/{patient}/$summary"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let summary = reply.json();
    assert_eq!(summary["type"], "document");
    let found: Vec<(String, usize)> = sections(&summary)
        .into_iter()
        .map(|(code, entries, _)| (code, entries))
        .collect();
    let want = ["48765-2", "11450-4", "10160-0"].map(|code| (code.to_owned(), 1));
    assert_eq!(found, want);
    let text = summary.to_string();
    for code in ["no-allergy-info", "no-problem-info", "no-medication-info"] {
        assert!(text.contains(code), "{code}");
    }
    is_closed(&summary);
    assert!(fhir_is_valid(&reply), "{}", reply.text());
}

/// Judged by the rules of R4, as any other document.
fn fhir_is_valid(reply: &Reply) -> bool {
    let document = fhir::json::Document::parse(&reply.body).expect("JSON");
    let findings = fhir::schema::validate(document.root());
    for finding in &findings {
        eprintln!("{} {} {}", finding.rule, finding.path, finding.found);
    }
    findings.is_empty()
}

#[test]
fn a_summary_has_what_counts_now_and_leaves_out_what_was_taken_back() {
    let ward = Ward::new();
    let patient = ward.admit();
    let put = |kind: &str, body: Value| created(&ward, kind, &body);
    let active = put("Condition", condition(&patient, "高血圧症", "active"));
    let past = put("Condition", condition(&patient, "肺炎", "resolved"));
    let mut wrong = condition(&patient, "誤登録", "active");
    wrong["verificationStatus"] = clinical("condition-ver-status", "entered-in-error");
    wrong
        .as_object_mut()
        .expect("an object")
        .remove("clinicalStatus");
    let wrong = put("Condition", wrong);
    let allergy = put(
        "AllergyIntolerance",
        json!({
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": clinical("allergyintolerance-clinical", "active"),
            "code": { "text": "ペニシリン" },
            "patient": { "reference": patient },
            "criticality": "high",
        }),
    );
    let drug = |name: &str, status: &str, on: &str| {
        json!({
            "resourceType": "MedicationRequest", "status": status, "intent": "order",
            "medicationCodeableConcept": { "text": name },
            "subject": { "reference": patient }, "authoredOn": on,
        })
    };
    let now = put(
        "MedicationRequest",
        drug("アムロジピン", "completed", "2026-10-01"),
    );
    let old = put(
        "MedicationRequest",
        drug("アモキシシリン", "completed", "2026-03-01"),
    );
    let stopped = put(
        "MedicationRequest",
        drug("ワルファリン", "stopped", "2026-11-01"),
    );
    let lab = put(
        "Observation",
        observation(&patient, "4548-4", 7, "2026-11-01"),
    );
    let newer = put(
        "Observation",
        observation(&patient, "4548-4", 8, "2026-11-15"),
    );
    let reply = look(&ward, &format!("/fhir/{patient}/$summary"));
    let summary = reply.json();
    let all: BTreeSet<String> = references(&reply).into_iter().collect();
    for one in [&active, &past, &allergy, &now, &lab, &newer] {
        assert!(all.contains(one), "{one}");
    }
    for one in [&wrong, &old, &stopped] {
        assert!(!all.contains(one), "{one}");
    }
    let sections = sections(&summary);
    let section = |code: &str| {
        sections
            .iter()
            .find(|(one, ..)| one == code)
            .expect("a section")
    };
    assert_eq!(section("11450-4").1, 1);
    assert_eq!(section("11348-0").1, 1);
    assert!(section("48765-2").2.contains("ペニシリン"));
    let results = &section("30954-2").2;
    assert!(results.contains("A &amp; B &lt;test&gt;"), "{results}");
    let (late, early) = (results.find("2026-11-15"), results.find("2026-11-01"));
    assert!(late < early, "the latest result comes first");
    assert!(!summary.to_string().contains("no-allergy-info"));
    is_closed(&summary);
    assert!(fhir_is_valid(&reply));
}

fn judged(reply: &Reply) -> Vec<(String, String, String)> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    let issues = json["issue"].as_array().expect("issues").iter();
    issues
        .map(|issue| {
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (
                word(&issue["severity"]),
                word(&issue["details"]["coding"][0]["code"]),
                word(&issue["expression"][0]),
            )
        })
        .collect()
}

fn errors(reply: &Reply) -> usize {
    judged(reply)
        .iter()
        .filter(|(severity, ..)| severity == "error")
        .count()
}

#[test]
fn validation_tells_every_fault_at_once_and_answers_200_all_the_same() {
    let ward = Ward::new();
    let good = observation("Patient/x", "4548-4", 1, "2026-11-01");
    let post = |path: &str, body: &Value| ward.world.post_fhir(&ward.system, path, &bytes(body));
    let clean = post("/fhir/$validate", &good);
    assert_eq!(
        judged(&clean),
        [("information".to_owned(), String::new(), String::new())]
    );
    let bad = json!({ "resourceType": "Observation", "status": "done", "issued": "yesterday" });
    let all = judged(&post("/fhir/Observation/$validate", &bad));
    let places: BTreeSet<&str> = all.iter().map(|(.., place)| place.as_str()).collect();
    for place in [
        "Observation.status",
        "Observation.issued",
        "Observation.code",
    ] {
        assert!(places.contains(place), "{place}: {all:?}");
    }
    // Nothing was kept, by the one or the other.
    let patient = ward.admit();
    assert_eq!(
        references(&look(&ward, &format!("/fhir/{patient}/$everything"))),
        [patient]
    );
}

#[test]
fn validation_takes_parameters_and_holds_the_resource_against_the_address() {
    let ward = Ward::new();
    let good = observation("Patient/x", "4548-4", 1, "2026-11-01");
    let post = |path: &str, body: &Value| ward.world.post_fhir(&ward.system, path, &bytes(body));
    let wrapped = |more: Value| {
        let mut all = vec![json!({ "name": "resource", "resource": good })];
        all.extend(more.as_array().cloned().unwrap_or_default());
        json!({ "resourceType": "Parameters", "parameter": all })
    };
    assert_eq!(
        errors(&post("/fhir/Observation/$validate", &wrapped(json!([])))),
        0
    );
    assert_eq!(
        errors(&post("/fhir/Condition/$validate", &wrapped(json!([])))),
        1
    );
    let patient = ward.admit();
    let mine = created(
        &ward,
        "Observation",
        &observation(&patient, "4548-4", 1, "2026-11-01"),
    );
    let at = format!("/fhir/{mine}/$validate");
    assert_eq!(errors(&post(&at, &good)), 1, "the body has no id");
    let mut same = good.clone();
    same["id"] = json!(mine.rsplit('/').next());
    assert_eq!(errors(&post(&at, &same)), 0);
    let absent = post("/fhir/Observation/abc/$validate", &good);
    assert_eq!(
        (absent.status, absent.code().as_str()),
        (404, "TSK-FHR-004")
    );
    let update = wrapped(json!([{ "name": "mode", "valueCode": "update" }]));
    assert_eq!(errors(&post("/fhir/$validate", &update)), 1);
    let nothing = json!({ "resourceType": "Parameters", "parameter": [] });
    for (body, path, code) in [
        (nothing, "/fhir/$validate", "TSK-FHR-053"),
        (Value::Null, "/fhir/$validate", "TSK-FHR-053"),
        (good.clone(), "/fhir/$validate?mode=delete", "TSK-FHR-054"),
        (good.clone(), "/fhir/$validate?on=2026", "TSK-FHR-051"),
        (good.clone(), "/fhir/$validate?lax=1", "TSK-FHR-050"),
    ] {
        let reply = post(path, &body);
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{path}");
    }
    let broken = ward.world.post_fhir(&ward.system, "/fhir/$validate", b"{");
    assert_eq!(
        (broken.status, broken.code().as_str()),
        (400, "TSK-FHR-001")
    );
}

#[test]
fn a_profile_that_is_asked_for_is_applied_and_an_unknown_one_is_not_ignored() {
    let ward = Ward::new();
    let lab = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS";
    let good = observation("Patient/x", "4548-4", 1, "2026-11-01");
    let post = |path: &str| ward.world.post_fhir(&ward.system, path, &bytes(&good));
    assert_eq!(errors(&post("/fhir/$validate")), 0);
    assert!(errors(&post(&format!("/fhir/$validate?profile={lab}"))) > 3);
    let unknown = judged(&post("/fhir/$validate?profile=http://example.org/X"));
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    assert_eq!(unknown[0].1, "TSK-FHR-055");
    let base = "http://hl7.org/fhir/StructureDefinition/Observation";
    assert_eq!(errors(&post(&format!("/fhir/$validate?profile={base}"))), 0);
}

#[test]
fn operations_are_asked_for_by_post_as_well_with_their_parameters_in_the_body() {
    let ward = Ward::new();
    let patient = ward.admit();
    let result = observation(&patient, "718-7", 13, "2026-11-20");
    assert_eq!(ward.post("Observation", &result).status, 201);
    let post = |operation: &str, body: &Value| {
        let path = format!("/fhir/{patient}/{operation}");
        ward.world.post_fhir(&ward.system, &path, &bytes(body))
    };
    let parameters = |all: Value| json!({ "resourceType": "Parameters", "parameter": all });
    for body in [
        parameters(json!([])),
        json!({}),
        json!({ "resourceType": "Parameters" }),
    ] {
        let all = post("$everything", &body);
        assert_eq!(all.status, 200, "{}", all.text());
        assert_eq!(all.json()["entry"].as_array().expect("entries").len(), 2);
        assert_eq!(post("$summary", &body).json()["type"], "document");
    }
    let narrow = parameters(json!([
        { "name": "_type", "valueCode": "Observation" }, { "name": "_count", "valueInteger": 1 } ]));
    let some = post("$everything", &narrow);
    let kind = &some.json()["entry"][0]["resource"]["resourceType"];
    assert_eq!(kind, "Observation", "{}", some.text());
    for (operation, body) in [
        (
            "$everything",
            parameters(json!([{ "name": "_kind", "valueCode": "Observation" }])),
        ),
        ("$everything", result.clone()),
        (
            "$summary",
            parameters(json!([{ "name": "profile", "valueUri": "x" }])),
        ),
    ] {
        let reply = post(operation, &body);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "TSK-FHR-050"),
            "{body}"
        );
    }
}
