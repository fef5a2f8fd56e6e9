//! `$export`: begun, looked at, fetched, ended.

use std::collections::BTreeMap;

use serde_json::Value;
use testkit::world::{As, ORIGIN, Reply};

use super::{Ward, observation, refused};
use crate::{
    export::work,
    id::{Ids, Owner},
};

const PREFER: (&str, &str) = ("prefer", "respond-async");

fn begin(ward: &Ward, who: &As, patient: &str, query: &str) -> Reply {
    let path = format!("/fhir/{patient}/$export{query}");
    ward.world
        .send_with(who, "GET", &path, [&PREFER], Vec::new())
}

/// Begins an export; the address of its state.
fn begun(ward: &Ward, patient: &str, query: &str) -> String {
    let reply = begin(ward, &ward.system, patient, query);
    assert_eq!(reply.status, 202, "{}", reply.text());
    local(reply.header("content-location"))
}

fn local(url: &str) -> String {
    url.strip_prefix(ORIGIN).expect("ours").to_owned()
}

fn look(ward: &Ward, path: &str) -> Reply {
    ward.world.get(&ward.system, path)
}

fn work_off(ward: &Ward) {
    for _ in 0..100 {
        if !work::round(&ward.world.app.gate).expect("a round") {
            return;
        }
    }
    panic!("the exports do not end");
}

fn chart(ward: &Ward, count: u32) -> String {
    let patient = ward.admit();
    for number in 0..count {
        let reply = ward.post(
            "Observation",
            &observation(&patient, "1", &number.to_string()),
        );
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    patient
}

/// Lines of each type that a manifest leads to.
fn fetched(ward: &Ward, manifest: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for file in manifest["output"].as_array().expect("files") {
        let kind = file["type"].as_str().expect("a type");
        let reply = look(ward, &local(file["url"].as_str().expect("an address")));
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("content-type"), "application/fhir+ndjson");
        let lines: Vec<Value> = reply
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).expect("a resource a line"))
            .collect();
        assert_eq!(file["count"].as_u64(), u64::try_from(lines.len()).ok());
        assert!(lines.iter().all(|line| line["resourceType"] == kind));
        all.entry(kind.to_owned()).or_default().extend(lines);
    }
    all
}

#[test]
fn an_export_is_begun_shows_its_progress_and_gives_a_file_for_each_type() {
    let ward = Ward::new();
    let patient = chart(&ward, 3);
    let place = begun(&ward, &patient, "");
    let waiting = look(&ward, &place);
    assert_eq!(
        (waiting.status, waiting.header("x-progress")),
        (202, "0 of 0 types")
    );
    assert_eq!(waiting.header("retry-after"), "1");
    assert!(work::round(&ward.world.app.gate).expect("a round"));
    assert_eq!(look(&ward, &place).header("x-progress"), "1 of 2 types");
    // What is written after the kick-off is not in it.
    ward.world.clock.advance(60);
    ward.post("Observation", &observation(&patient, "1", "99"));
    work_off(&ward);
    let done = look(&ward, &place);
    assert_eq!(done.status, 200, "{}", done.text());
    let manifest = done.json();
    assert_eq!(manifest["requiresAccessToken"], true);
    assert_eq!(
        manifest["request"],
        format!("{ORIGIN}/fhir/{patient}/$export")
    );
    assert!(manifest["transactionTime"].is_string());
    let files = fetched(&ward, &manifest);
    assert_eq!(files["Patient"].len(), 1);
    assert_eq!(files["Observation"].len(), 3);
    assert_eq!(
        format!(
            "Patient/{}",
            files["Patient"][0]["id"].as_str().expect("an id")
        ),
        patient
    );
}

#[test]
fn types_and_since_narrow_an_export() {
    let ward = Ward::new();
    let patient = chart(&ward, 2);
    ward.world.clock.advance(60);
    let since = ward.world.app.gate.now();
    ward.world.clock.advance(60);
    ward.post("Observation", &observation(&patient, "1", "7"));
    let query = format!("?_type=Observation&_since={since}&_outputFormat=ndjson");
    let place = begun(&ward, &patient, &query);
    work_off(&ward);
    let files = fetched(&ward, &look(&ward, &place).json());
    assert_eq!(files.keys().collect::<Vec<_>>(), ["Observation"]);
    assert_eq!(files["Observation"].len(), 1);
}

#[test]
fn an_export_is_refused_without_its_header_to_people_and_to_other_facilities() {
    let ward = Ward::new();
    let patient = chart(&ward, 1);
    let path = format!("/fhir/{patient}/$export");
    let plain = look(&ward, &path);
    assert_eq!(refused(&plain), (400, "TSK-FHR-057".to_owned()));
    let csv = begin(&ward, &ward.system, &patient, "?_outputFormat=text/csv");
    assert_eq!(refused(&csv), (400, "TSK-FHR-051".to_owned()));
    let strange = begin(&ward, &ward.system, &patient, "?_typeFilter=x");
    assert_eq!(refused(&strange), (400, "TSK-FHR-050".to_owned()));
    let doctor = ward
        .world
        .staff(&ward.hospital, store::caller::Role::Doctor);
    assert_eq!(refused(&begin(&ward, &doctor, &patient, "")).0, 403);
    let clinic = ward.world.facility("1311400001", "隣の医院");
    let other = ward.world.system(&clinic);
    let reply = begin(&ward, &other, &patient, "");
    assert_eq!(refused(&reply), (404, "TSK-FHR-004".to_owned()));
}

#[test]
fn an_export_is_for_the_system_that_began_it_alone() {
    let ward = Ward::new();
    let patient = chart(&ward, 1);
    let place = begun(&ward, &patient, "");
    work_off(&ward);
    let second = ward.world.system(&ward.hospital);
    for path in [place.clone(), format!("{place}/0")] {
        assert_eq!(
            refused(&ward.world.get(&second, &path)),
            (404, "TSK-FHR-056".to_owned())
        );
    }
    let reply = ward.world.send(&second, "DELETE", &place, "", Vec::new());
    assert_eq!(reply.status, 404);
    assert_eq!(look(&ward, &place).status, 200);
}

/// Rows that exports have left: of exports, and of their files.
fn rows(ward: &Ward) -> (u64, u64) {
    let totals = store::dump::totals(&ward.world.link(), &[crate::schema()]).expect("readable");
    (totals["fhir_export"].rows, totals["fhir_export_file"].rows)
}

#[test]
fn a_cancelled_export_leaves_no_file_and_neither_does_one_whose_time_is_over() {
    let ward = Ward::new();
    let patient = chart(&ward, 1);
    let place = begun(&ward, &patient, "");
    work_off(&ward);
    assert_eq!(rows(&ward), (1, 2));
    let cancelled = ward
        .world
        .send(&ward.system, "DELETE", &place, "", Vec::new());
    assert_eq!(cancelled.status, 202, "{}", cancelled.text());
    assert_eq!(rows(&ward), (0, 0));
    assert_eq!(
        refused(&look(&ward, &place)),
        (404, "TSK-FHR-056".to_owned())
    );
    // Cancelled while it is written.
    let place = begun(&ward, &patient, "");
    assert!(work::round(&ward.world.app.gate).expect("a round"));
    let cancelled = ward
        .world
        .send(&ward.system, "DELETE", &place, "", Vec::new());
    assert_eq!(cancelled.status, 202, "{}", cancelled.text());
    work_off(&ward);
    assert_eq!(rows(&ward), (0, 0));
    let place = begun(&ward, &patient, "");
    work_off(&ward);
    ward.world.clock.advance(24 * 3_600 - 1);
    work_off(&ward);
    assert_eq!(look(&ward, &place).status, 200);
    ward.world.clock.advance(2);
    work_off(&ward);
    assert_eq!(rows(&ward), (0, 0));
    assert_eq!(look(&ward, &place).status, 404);
}

#[test]
fn exports_of_a_facility_are_bounded() {
    let ward = Ward::new();
    let patient = chart(&ward, 0);
    for _ in 0..20 {
        begun(&ward, &patient, "");
    }
    let reply = begin(&ward, &ward.system, &patient, "");
    assert_eq!(refused(&reply), (429, "TSK-FHR-058".to_owned()));
}

#[test]
fn begin_writing_and_fetching_stand_in_the_persons_history() {
    let ward = Ward::new();
    let patient = chart(&ward, 1);
    let (facility, id) = (ward.hospital.id, patient.replace("Patient/", ""));
    let person = ward.world.set_up(move |call| {
        let key = Ids::of(call, facility)?.open("Patient", &id);
        match key.map(|key| key.owner) {
            Some(Owner::Person(person)) => Ok(person),
            other => panic!("{other:?} is no person"),
        }
    });
    let events = || {
        ward.world.set_up(move |call| {
            call.open(person)?;
            let page = call.history(store::audit::Subject::Person(person), i64::MAX, 100)?;
            let events = page.iter().map(|entry| entry.record.event.clone());
            Ok(events.collect::<Vec<String>>())
        })
    };
    let place = begun(&ward, &patient, "");
    work_off(&ward);
    look(&ward, &format!("{place}/0"));
    let all = events();
    for event in ["fhir.export", "fhir.export-write", "fhir.export-file"] {
        assert!(all.iter().any(|one| one == event), "{event}: {all:?}");
    }
}

#[test]
fn what_an_export_holds_is_sealed() {
    let ward = Ward::new();
    let patient = ward.admit();
    let mut body = observation(&patient, "1", "7");
    body["note"] = serde_json::json!([{ "text": "plainly-visible" }]);
    assert_eq!(ward.post("Observation", &body).status, 201);
    begun(&ward, &patient, "");
    work_off(&ward);
    for file in std::fs::read_dir(ward.world.folder()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let word = b"plainly-visible";
        let is_there = bytes.windows(word.len()).any(|part| part == word);
        assert!(!is_there, "{}", path.display());
    }
}
