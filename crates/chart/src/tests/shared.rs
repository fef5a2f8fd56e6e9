//! The shared record as FHIR: what the view shows, by the search of every FHIR client.

use access::consent::Category;
use serde_json::Value;
use store::caller::Role;
use testkit::world::{As, Reply};

use super::{Clinic, HIDDEN};

impl Clinic {
    pub(super) fn fhir(&self, who: &As, path: &str) -> Reply {
        self.world.get(who, &format!("/fhir/shared/{path}"))
    }

    pub(super) fn found(&self, who: &As, kind: &str, more: &str) -> Vec<Value> {
        let reply = self.fhir(who, &format!("{kind}?patient={}{more}", self.visit));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let json = reply.json();
        assert_eq!(json["type"], "searchset");
        let entries = json["entry"].as_array().cloned().unwrap_or_default();
        entries
            .into_iter()
            .map(|entry| entry["resource"].clone())
            .collect()
    }
}

#[test]
fn a_search_finds_what_the_view_shows_and_nothing_else() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let doctor = clinic.doctor();
    let json = clinic.summary(&doctor).json();
    let keys = |categories: &[&str]| {
        let mut keys: Vec<String> = json["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter(|i| categories.contains(&i["category"].as_str().expect("a word")))
            .map(|i| i["entry"].as_str().expect("a key").to_owned())
            .collect();
        keys.sort();
        keys
    };
    for (kind, categories) in [
        ("Condition", &["conditions"][..]),
        ("AllergyIntolerance", &["allergies", "contraindications"]),
        ("Observation", &["laboratory", "infections"]),
    ] {
        let found = clinic.found(&doctor, kind, "&_count=1000");
        let mut ids: Vec<String> = found
            .iter()
            .map(|r| r["id"].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        assert_eq!(ids, keys(categories), "{kind}");
        for resource in &found {
            assert_eq!(resource["resourceType"], kind);
            let subject = if kind == "AllergyIntolerance" {
                "patient"
            } else {
                "subject"
            };
            assert_eq!(
                resource[subject]["reference"],
                format!("Patient/{}", clinic.visit)
            );
            let text = resource.to_string();
            assert!(
                !text.contains("urn:uuid") && !text.contains(HIDDEN),
                "{text}"
            );
        }
        // Pages lead to all of them, each once.
        let mut paged = Vec::new();
        let mut next = Some(format!("{kind}?patient={}&_count=2", clinic.visit));
        while let Some(path) = next {
            let json = clinic.fhir(&doctor, &path).json();
            let entries = json["entry"].as_array().cloned().unwrap_or_default();
            paged.extend(
                entries
                    .iter()
                    .map(|e| e["resource"]["id"].as_str().expect("an id").to_owned()),
            );
            let links = json["link"].as_array().cloned().unwrap_or_default();
            let link = links.iter().find(|link| link["relation"] == "next");
            next = link.and_then(|link| {
                let url = link["url"].as_str().expect("an address");
                url.split_once("/fhir/shared/")
                    .map(|(_, path)| path.to_owned())
            });
        }
        paged.sort();
        assert_eq!(paged, ids, "{kind}");
        // One by its id, with the visit that opens it.
        let one = clinic.fhir(
            &doctor,
            &format!("{kind}/{}?patient={}", ids[0], clinic.visit),
        );
        assert_eq!(one.json()["id"], ids[0].as_str());
    }
    // Numbers are as they were sent: no digit is lost.
    let observations = clinic
        .fhir(
            &doctor,
            &format!("Observation?patient={}&_count=1000", clinic.visit),
        )
        .text();
    let sent = json["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|i| i["category"] == "laboratory");
    for value in sent
        .filter_map(|i| i["value"].as_str())
        .filter(|v| v.contains('.') && v.parse::<f64>().is_ok())
    {
        assert!(
            observations.contains(&format!("\"value\":{value}")),
            "{value}"
        );
    }
    assert!(
        clinic
            .found(&doctor, "Observation", "&date=lt1990-01-01")
            .is_empty()
    );
}

#[test]
fn a_search_that_names_no_visit_an_unknown_parameter_or_another_type_is_refused() {
    let clinic = Clinic::new();
    clinic.consent(&[Category::Conditions]);
    let doctor = clinic.doctor();
    for (path, status, code) in [
        ("Condition".to_owned(), 400, "TSK-FHR-018"),
        ("Condition?patient=x".to_owned(), 400, "TSK-FHR-018"),
        (
            format!("Condition?patient={0}&patient={0}", clinic.visit),
            400,
            "TSK-FHR-018",
        ),
        (
            format!("Condition?patient={}", "0".repeat(32)),
            404,
            "TSK-ELG-030",
        ),
    ] {
        let reply = clinic.fhir(&doctor, &path);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{path}"
        );
    }
    for more in ["&colour=blue", "&_include=Condition:encounter", "&_page=00"] {
        let reply = clinic.fhir(
            &doctor,
            &format!("Condition?patient={}{more}", clinic.visit),
        );
        assert_eq!(reply.status, 400, "{more}: {}", reply.text());
    }
    for kind in ["Patient", "Encounter", "MedicationStatement"] {
        let reply = clinic.fhir(&doctor, &format!("{kind}?patient={}", clinic.visit));
        assert!((400..500).contains(&reply.status), "{kind}");
    }
    // Only what the consent opens, and only to those who treat.
    assert!(!clinic.found(&doctor, "Condition", "").is_empty());
    assert!(clinic.found(&doctor, "AllergyIntolerance", "").is_empty());
    let clerk = clinic.world.staff(&clinic.home, Role::Clerk);
    for who in [&clerk, &clinic.system] {
        assert_eq!(
            clinic
                .fhir(who, &format!("Condition?patient={}", clinic.visit))
                .status,
            403
        );
    }
    clinic.withdraw();
    let reply = clinic.fhir(&doctor, &format!("Condition?patient={}", clinic.visit));
    assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-CNS-003"));
}

#[test]
fn a_hidden_entry_has_no_resource() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let doctor = clinic.doctor();
    let before = clinic.found(&doctor, "Condition", "&_count=1000");
    // One that she has been told of: she cannot hide what she does not know.
    let is_told = |one: &&Value| !one.to_string().contains("UNINFORMED");
    let told = before.iter().find(is_told).expect("one");
    let id = told["id"].as_str().expect("an id").to_owned();
    let entry: [u8; 32] = kernel::hex::decode_array(&id).expect("32 bytes");
    let person = clinic.person;
    clinic
        .world
        .set_up(move |call| records::ops::hide(call, person, &entry, records::ops::Part::Entry));
    let after = clinic.found(&doctor, "Condition", "&_count=1000");
    assert_eq!(after.len(), before.len() - 1);
    let one = clinic.fhir(&doctor, &format!("Condition/{id}?patient={}", clinic.visit));
    assert_eq!(one.status, 404, "{}", one.text());
}
