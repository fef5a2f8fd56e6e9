//! Searching by codes: the index beside the resources.

use serde_json::{Value, json};
use testkit::world::Reply;

use super::{Ward, bytes, observation};
use crate::{codes::Codes, ops::Partition, store::marks};

const ORIGIN: &str = "http://tasuki.test";
const FHIR: &str = "application/fhir+json";

/// How many results of a patient a search by this code finds.
fn found(ward: &Ward, patient: &str, code: &str) -> usize {
    let reply = ward.get(&format!("Observation?patient={patient}&code={code}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let entries = reply.json()["entry"].as_array().map(Vec::len);
    entries.unwrap_or_default()
}

fn send(ward: &Ward, method: &str, id: &str, kind: &str, body: &Value) -> Reply {
    let body = if body.is_null() {
        Vec::new()
    } else {
        bytes(body)
    };
    let path = format!("/fhir/Observation/{id}");
    ward.world.send(&ward.system, method, &path, kind, body)
}

#[test]
fn a_search_by_code_opens_what_has_the_code_however_much_else_the_patient_has() {
    let ward = Ward::new();
    let patient = ward.admit();
    for number in 0..9 {
        let code = if number % 2 == 0 { "A" } else { "B" };
        let made = observation(&patient, code, &format!("{number}.5"));
        assert_eq!(ward.post("Observation", &made).status, 201);
    }
    let opened = |code: &'static str| {
        let (home, person) = (ward.hospital.clone(), ward.person);
        ward.world.set_up(move |call| {
            let own = Partition::of(call, &home, ORIGIN)?;
            call.open(person)?;
            let whose = (home.id, "Observation", person);
            Ok(marks::list(call, &own.ids, whose, ("code", &[code]), 100)?.len())
        })
    };
    assert_eq!((opened("A"), opened("B"), opened("C")), (5, 4, 0));
    let search = |code: &str| found(&ward, &patient, code);
    assert_eq!(
        [
            search("A"),
            search("B"),
            search("C"),
            search("A,B"),
            search("urn:oid:1.2.392.200119.4.504%7CA"),
            search("urn:oid:1.2.3%7CA"),
        ],
        [5, 4, 0, 9, 5, 0]
    );
}

#[test]
fn a_changed_resource_is_found_by_its_new_code_and_a_deleted_one_by_none() {
    let ward = Ward::new();
    let patient = ward.admit();
    let made = ward.post("Observation", &observation(&patient, "A", "1"));
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let found = |code: &str| found(&ward, &patient, code);
    assert_eq!((found("A"), found("B")), (1, 0));
    let mut changed = observation(&patient, "B", "1");
    changed["id"] = json!(id);
    let reply = send(&ward, "PUT", &id, FHIR, &changed);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!((found("A"), found("B")), (0, 1));
    let steps = json!([{ "op": "replace", "path": "/code/coding/0/code", "value": "C" }]);
    let reply = send(&ward, "PATCH", &id, "application/json-patch+json", &steps);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!((found("B"), found("C")), (0, 1));
    let reply = send(&ward, "DELETE", &id, "", &json!(null));
    assert_eq!(reply.status, 204, "{}", reply.text());
    assert_eq!(found("C"), 0);
}

#[test]
fn what_was_kept_before_there_was_an_index_is_found_by_code_and_still_after_a_change() {
    let ward = Ward::new();
    let patient = ward.admit();
    let made = ward.post("Observation", &observation(&patient, "A", "1"));
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    // As the migration leaves what was there: found by any code, under none of its own.
    let (home, person, own_id) = (ward.hospital.clone(), ward.person, id.clone());
    ward.world.set_up(move |call| {
        let own = Partition::of(call, &home, ORIGIN)?;
        call.lock(person)?;
        let key = own.key("Observation", &own_id)?;
        let these = Codes::These(vec![("code", "A".to_owned())]);
        let place = own.place("Observation", key);
        Ok(marks::put(call, place, &these, &Codes::Any)?)
    });
    let found = |code: &str| found(&ward, &patient, code);
    assert_eq!((found("A"), found("B")), (1, 0));
    let mut changed = observation(&patient, "B", "1");
    changed["id"] = json!(id);
    let reply = send(&ward, "PUT", &id, FHIR, &changed);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!((found("A"), found("B")), (0, 1));
}
