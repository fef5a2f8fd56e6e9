//! What the server says of itself, and who is let in.

use serde_json::json;
use store::caller::Role;
use testkit::world::As;

use super::{Ward, bytes, observation, refused};

#[test]
fn the_capability_statement_is_valid_and_says_what_the_routes_do() {
    let ward = Ward::new();
    let reply = ward.world.get(&As::Nobody, "/fhir/metadata");
    assert_eq!(reply.status, 200);
    let document = fhir::json::Document::parse(&reply.body).expect("JSON");
    let findings = fhir::schema::validate(document.root());
    assert!(findings.is_empty(), "{:?}", findings.first());
    let rest = reply.json()["rest"][0].clone();
    let resources = rest["resource"].as_array().expect("resources");
    let of = |kind: &str| {
        let found = resources.iter().find(|r| r["type"] == kind);
        found.unwrap_or_else(|| panic!("{kind}")).clone()
    };
    let observation = of("Observation");
    assert_eq!(observation["interaction"].as_array().map(Vec::len), Some(9));
    assert!(observation["extension"].to_string().contains("\"patient\""));
    assert!(of("Practitioner").get("extension").is_none());
    assert!(resources.iter().all(|r| r["type"] != "Bundle"));
    let params = observation["searchParam"].as_array().expect("parameters");
    assert!(params.iter().any(|p| p["name"] == "code-value-quantity"));
    // Each that is named is understood: a search with it is not refused as unknown.
    let patient = ward.admit();
    for param in params {
        let name = param["name"].as_str().expect("a name");
        if name == "_id" || param["type"] == "composite" {
            continue;
        }
        let reply = ward.get(&format!(
            "Observation?patient={patient}&{name}:missing=true"
        ));
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
    }
}

#[test]
fn a_write_to_the_shared_record_is_told_the_right_operation() {
    let ward = Ward::new();
    for (method, path) in [
        ("POST", "/fhir/shared/Observation"),
        ("PUT", "/fhir/shared/Observation/1"),
        ("PATCH", "/fhir/shared/Observation/1"),
        ("DELETE", "/fhir/shared/Observation/1"),
    ] {
        let reply = ward.world.send(
            &ward.system,
            method,
            path,
            "application/fhir+json",
            b"{}".to_vec(),
        );
        assert_eq!(refused(&reply), (405, "TSK-FHR-030".to_owned()));
        assert!(reply.text().contains("/fhir/Bundle/$register"));
    }
}

#[test]
fn rights_are_those_of_role_and_scope() {
    let ward = Ward::new();
    let patient = ward.admit();
    let made = ward.post("Observation", &observation(&patient, "A", "1"));
    let path = format!(
        "/fhir/Observation/{}",
        made.json()["id"].as_str().expect("an id")
    );
    for (role, may) in [
        (Role::Doctor, true),
        (Role::Dentist, true),
        (Role::Nurse, true),
        (Role::Pharmacist, false),
        (Role::Clerk, false),
        (Role::Administrator, false),
        (Role::SafetyOfficer, false),
        (Role::VendorSupport, false),
    ] {
        let who = ward.world.staff(&ward.hospital, role);
        let reply = ward.world.get(&who, &path);
        let expected = if may { 200 } else { 403 };
        assert_eq!(reply.status, expected, "{role:?}: {}", reply.text());
    }
    let nobody = ward.world.get(&As::Nobody, &path);
    assert_eq!(nobody.status, 401);

    let narrow = ward
        .world
        .system_with(&ward.hospital, "system/Observation.rs");
    assert_eq!(ward.world.get(&narrow, &path).status, 200);
    let search = format!("/fhir/Observation?patient={patient}");
    assert_eq!(ward.world.get(&narrow, &search).status, 200);
    let denied = [
        ward.world.get(&narrow, &format!("/fhir/{patient}")),
        ward.post_as(&narrow, "Observation", &observation(&patient, "A", "1")),
        ward.world.send(&narrow, "DELETE", &path, "", Vec::new()),
        ward.world
            .get(&narrow, &format!("{search}&_revinclude=Provenance:target")),
    ];
    for reply in denied {
        assert_eq!(reply.status, 403, "{}", reply.text());
        assert_eq!(reply.code(), "TSK-ACC-032", "{}", reply.text());
    }
    let entry = json!([{ "request": { "method": "GET", "url": patient } }]);
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entry });
    let reply = ward.world.post_fhir(&narrow, "/fhir", &bytes(&bundle));
    assert_eq!(reply.status, 403, "{}", reply.text());
}

#[test]
fn an_included_resource_needs_the_right_to_its_own_type() {
    let ward = Ward::new();
    let patient = ward.admit();
    assert_eq!(
        ward.post("Observation", &observation(&patient, "A", "1"))
            .status,
        201
    );
    let narrow = ward
        .world
        .system_with(&ward.hospital, "system/Observation.rs");
    let path = format!("/fhir/Observation?patient={patient}&_include=Observation:subject");
    let reply = ward.world.get(&narrow, &path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(
        !reply.text().contains("\"resourceType\":\"Patient\""),
        "{}",
        reply.text()
    );
    let chained = format!("/fhir/Observation?patient={patient}&subject:Patient.gender=female");
    assert_eq!(ward.world.get(&narrow, &chained).status, 403);
}

#[test]
fn two_joined_registrations_are_one_patient_in_a_search() {
    let ward = Ward::new();
    let patient = ward.admit();
    assert_eq!(
        ward.post("Observation", &observation(&patient, "A", "1"))
            .status,
        201
    );
    let on = ward.world.app.gate.now().jst_date();
    let mut twin = ward.life.clone();
    let population = testkit::population::Population::new(11, 400, on);
    let mut others = population
        .iter()
        .filter(|life| life.death.is_none() && life.coverage_on(on).is_some());
    let other = others.next().expect("somebody insured");
    twin.coverages.clone_from(&other.coverages);
    let second = ward.world.person(&twin);
    let reply = ward.post("Patient", &ward.patient_of(&twin));
    assert_eq!(reply.status, 201, "{}", reply.text());
    let twin_patient = format!("Patient/{}", reply.json()["id"].as_str().expect("an id"));
    assert_eq!(
        ward.post("Observation", &observation(&twin_patient, "B", "2"))
            .status,
        201
    );
    let count =
        |patient: &str| ward.get(&format!("Observation?patient={patient}")).json()["total"].clone();
    assert_eq!(
        (count(&patient), count(&twin_patient)),
        (json!(1), json!(1))
    );
    let first = ward.person;
    ward.world
        .set_up(move |call| registry::merge::merge(call, first, second, "二重登録").map(|_| ()));
    assert_eq!(
        (count(&patient), count(&twin_patient)),
        (json!(2), json!(2))
    );
    let again = ward.post("Patient", &ward.patient_of(&ward.life));
    assert_eq!(refused(&again), (409, "TSK-FHR-014".to_owned()));
}
