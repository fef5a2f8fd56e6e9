//! Creating and reading back.

use serde_json::json;

use super::{Ward, bytes, observation, refused};

#[test]
fn what_was_created_is_read_back_as_it_was_sent() {
    let ward = Ward::new();
    let patient = ward.admit();
    let sent = format!(
        "{{ \"resourceType\" : \"Observation\",\n \"status\":\"final\", \"code\":{{\"text\":\"\\u30af\"}}, \
         \"subject\":{{\"reference\":\"{patient}\"}}, \"valueQuantity\":{{\"value\":1.50}} }}"
    );
    let reply = ward
        .world
        .post_fhir(&ward.system, "/fhir/Observation", sent.as_bytes());
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.header("etag"), "W/\"1\"");
    let id = reply.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(id.len(), 64);
    assert!(
        reply
            .header("location")
            .ends_with(&format!("/fhir/Observation/{id}/_history/1"))
    );
    let read = ward.get(&format!("Observation/{id}"));
    assert_eq!(read.status, 200, "{}", read.text());
    let text = read.text();
    assert!(
        text.contains("\"valueQuantity\":{\"value\":1.50}"),
        "{text}"
    );
    assert!(text.contains("\\u30af"), "{text}");
    let json = read.json();
    assert_eq!(json["meta"]["versionId"], "1");
    assert_eq!(json["meta"]["lastUpdated"], "2026-11-22T01:00:00Z");
    assert_eq!(
        read.header("last-modified"),
        "Sun, 22 Nov 2026 01:00:00 GMT"
    );
    let version = ward.get(&format!("Observation/{id}/_history/1"));
    assert_eq!(version.body, read.body);
}

#[test]
fn a_patient_must_carry_the_identity_of_one_registered_person() {
    let ward = Ward::new();
    let good = ward.patient_of(&ward.life);
    let mut cases = Vec::new();
    let mut none = good.clone();
    none["identifier"] = json!([{ "system": "urn:oid:1.2.3", "value": "1" }]);
    cases.push((none, "TSK-FHR-010"));
    let mut no_birth = good.clone();
    no_birth
        .as_object_mut()
        .expect("object")
        .remove("birthDate");
    cases.push((no_birth, "TSK-FHR-010"));
    let mut nobody = good.clone();
    nobody["identifier"][0]["value"] = json!("06999999:9:999:01");
    cases.push((nobody, "TSK-FHR-011"));
    let mut other = good.clone();
    other["birthDate"] = json!("1901-01-01");
    cases.push((other, "TSK-FHR-013"));
    for (body, code) in cases {
        let reply = ward.post("Patient", &body);
        assert_eq!(refused(&reply), (422, code.to_owned()), "{}", reply.text());
    }
    let patient = ward.admit();
    let again = ward.post("Patient", &good);
    assert_eq!(refused(&again), (409, "TSK-FHR-014".to_owned()));
    assert!(again.text().contains(&patient));
}

#[test]
fn a_resource_names_exactly_one_patient_of_the_partition() {
    let ward = Ward::new();
    let patient = ward.admit();
    let made = observation(&patient, "3F0150000023271", "1.50");
    assert_eq!(ward.post("Observation", &made).status, 201);
    let mut nobody = made.clone();
    nobody.as_object_mut().expect("object").remove("subject");
    let reply = ward.post("Observation", &nobody);
    assert_eq!(refused(&reply), (422, "TSK-FHR-007".to_owned()));
    let unknown = observation(&format!("Patient/{}", "a".repeat(64)), "1", "1");
    let reply = ward.post("Observation", &unknown);
    assert_eq!(refused(&reply), (422, "TSK-FHR-009".to_owned()));
}

#[test]
fn another_facility_gets_the_answer_of_an_absent_resource() {
    let ward = Ward::new();
    let patient = ward.admit();
    let made = ward.post("Observation", &observation(&patient, "1", "1"));
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let other = ward.world.facility("1310000017", "別の病院");
    let stranger = ward.world.system(&other);
    let forged = format!("{}{}", &id[..63], if id.ends_with('a') { "b" } else { "a" });
    for (who, id) in [
        (&stranger, id.as_str()),
        (&ward.system, forged.as_str()),
        (&ward.system, "1"),
    ] {
        let reply = ward.world.get(who, &format!("/fhir/Observation/{id}"));
        assert_eq!(refused(&reply), (404, "TSK-FHR-004".to_owned()));
    }
    let wrong_type = ward.get(&format!("Condition/{id}"));
    assert_eq!(refused(&wrong_type), (404, "TSK-FHR-004".to_owned()));
}

#[test]
fn every_problem_is_named_and_nothing_is_stored() {
    let ward = Ward::new();
    let patient = ward.admit();
    let body = json!({
        "resourceType": "Observation",
        "status": "never-heard-of",
        "subject": { "reference": patient },
        "nonsense": 1,
    });
    let before = ward.world.records();
    let reply = ward.post("Observation", &body);
    assert_eq!(refused(&reply), (422, "TSK-FHR-002".to_owned()));
    let issues = reply.json()["issue"].as_array().expect("issues").len();
    assert!(issues >= 4, "{}", reply.text());
    assert_eq!(ward.world.records(), before + 1);
    let broken = ward
        .world
        .post_fhir(&ward.system, "/fhir/Observation", &bytes(&body)[1..]);
    assert_eq!(refused(&broken), (400, "TSK-FHR-001".to_owned()));
}

#[test]
fn what_a_resource_refers_to_is_of_the_same_patient() {
    let ward = Ward::new();
    let (patient, other) = (ward.admit(), ward.other_patient());
    let theirs = ward.post("Observation", &observation(&other, "A", "1"));
    let theirs = format!(
        "Observation/{}",
        theirs.json()["id"].as_str().expect("an id")
    );
    let mut made = observation(&patient, "A", "1");
    made["hasMember"] = json!([{ "reference": theirs }]);
    let reply = ward.post("Observation", &made);
    assert_eq!(refused(&reply), (422, "TSK-FHR-008".to_owned()));
    made["hasMember"] = json!([{ "reference": format!("http://tasuki.test/fhir/{theirs}") }]);
    let reply = ward.post("Observation", &made);
    assert_eq!(refused(&reply), (422, "TSK-FHR-008".to_owned()));
    made["subject"] = json!({ "reference": other });
    assert_eq!(ward.post("Observation", &made).status, 201);
    // One of another server says nothing of a person here.
    made["subject"] = json!({ "reference": patient });
    made["hasMember"] = json!([{ "reference": "http://elsewhere.test/fhir/Observation/1" }]);
    assert_eq!(ward.post("Observation", &made).status, 201);
}
