//! Batches and transactions.

use serde_json::{Value, json};
use testkit::world::Reply;

use super::{Ward, bytes, observation, refused};

fn post(ward: &Ward, kind: &str, entries: &Value) -> Reply {
    post_preferring(ward, kind, entries, "")
}

fn post_preferring(ward: &Ward, kind: &str, entries: &Value, prefer: &str) -> Reply {
    let body = json!({ "resourceType": "Bundle", "type": kind, "entry": entries });
    let headers = [
        ("content-type", "application/fhir+json"),
        ("prefer", prefer),
    ];
    ward.world
        .send_with(&ward.system, "POST", "/fhir", &headers, bytes(&body))
}

fn create(url: &str, resource: &Value) -> Value {
    let kind = resource["resourceType"].as_str().expect("a type");
    json!({ "fullUrl": url, "resource": resource, "request": { "method": "POST", "url": kind } })
}

fn statuses(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    let entries = json["entry"].as_array().expect("entries");
    let status = |e: &Value| e["response"]["status"].as_str().unwrap_or("").to_owned();
    entries.iter().map(status).collect()
}

fn total(ward: &Ward, query: &str) -> u64 {
    let reply = ward.get(query);
    reply.json()["total"]
        .as_u64()
        .unwrap_or_else(|| panic!("{}", reply.text()))
}

fn location(reply: &Reply, entry: usize) -> String {
    let json = reply.json();
    let full = json["entry"][entry]["fullUrl"]
        .as_str()
        .expect("an address");
    full.strip_prefix("http://tasuki.test/fhir/")
        .expect("ours")
        .to_owned()
}

#[test]
fn a_transaction_creates_a_patient_with_everything_that_refers_to_it() {
    let ward = Ward::new();
    let (p, e, d) = ("urn:uuid:0000-p", "urn:uuid:0000-e", "urn:uuid:0000-d");
    let encounter = json!({
        "resourceType": "Encounter", "status": "finished", "class": { "code": "AMB" },
        "subject": { "reference": p },
        "text": { "status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"{p}\">x</a></div>") },
    });
    let mut result = observation(p, "A", "1.5");
    result["encounter"] = json!({ "reference": e });
    result["performer"] = json!([{ "reference": d }]);
    let doctor = json!({ "resourceType": "Practitioner", "name": [{ "family": "鈴木" }] });
    let before = ward.world.records();
    let reply = post_preferring(
        &ward,
        "transaction",
        &json!([
            create("urn:uuid:0000-o", &result),
            create(e, &encounter),
            create(p, &ward.patient_of(&ward.life)),
            create(d, &doctor),
        ]),
        "return=representation",
    );
    assert_eq!(statuses(&reply), vec!["201 Created"; 4], "{}", reply.text());
    // One record: on the patient's chain.
    assert_eq!(ward.world.records(), before + 1);
    assert!(!reply.text().contains("urn:uuid"), "{}", reply.text());
    let patient = location(&reply, 2);
    let read = ward.get(&location(&reply, 0)).json();
    assert_eq!(read["subject"]["reference"], patient.as_str());
    assert_eq!(read["encounter"]["reference"], location(&reply, 1).as_str());
    assert_eq!(
        read["performer"][0]["reference"],
        location(&reply, 3).as_str()
    );
    assert_eq!(total(&ward, &format!("Encounter?patient={patient}")), 1);
    let encounter = ward.get(&location(&reply, 1)).text();
    assert!(
        encounter.contains(&format!("href=\\\"{patient}\\\"")),
        "{encounter}"
    );
}

#[test]
fn a_reference_is_resolved_against_the_full_url_of_its_own_entry() {
    let ward = Ward::new();
    let at = |place: &str| format!("https://ehr.example/r4/{place}");
    let mut result = observation("Patient/p-1", "A", "1.5");
    result["encounter"] = json!({ "reference": at("Encounter/e-1") });
    result["derivedFrom"] = json!([{ "reference": "Observation/elsewhere" }]);
    let encounter = json!({
        "resourceType": "Encounter", "status": "finished", "class": { "code": "AMB" },
        "subject": { "reference": "Patient/p-1" },
    });
    let sent = json!([
        create(&at("Observation/o-1"), &result),
        create(&at("Encounter/e-1"), &encounter),
        create(&at("Patient/p-1"), &ward.patient_of(&ward.life)),
    ]);
    let reply = post(&ward, "transaction", &sent);
    assert_eq!(statuses(&reply), vec!["201 Created"; 3], "{}", reply.text());
    let read = ward.get(&location(&reply, 0)).json();
    assert_eq!(read["subject"]["reference"], location(&reply, 2).as_str());
    assert_eq!(read["encounter"]["reference"], location(&reply, 1).as_str());
    assert_eq!(read["derivedFrom"][0]["reference"], "Observation/elsewhere");
    // Another server's patient of the same number is somebody else.
    let mut stranger = observation("Patient/p-1", "A", "1.5");
    stranger["id"] = json!("o-2");
    let sent = json!([
        create("https://other.example/r4/Observation/o-2", &stranger),
        create(
            &at("Encounter/e-1"),
            &json!({
                "resourceType": "Encounter", "status": "finished", "class": { "code": "AMB" },
                "subject": { "reference": location(&reply, 2) },
            })
        ),
    ]);
    let reply = post(&ward, "transaction", &sent);
    assert_eq!(refused(&reply), (422, "TSK-FHR-009".to_owned()));
}

#[test]
fn a_transaction_is_done_whole_or_not_at_all() {
    let ward = Ward::new();
    let patient = ward.admit();
    let good = observation(&patient, "A", "1");
    let mut bad = good.clone();
    bad["status"] = json!("never");
    let made = ward.post("Observation", &good);
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let mut update = good.clone();
    update["id"] = json!(id);
    let put = |etag: &str| json!({ "resource": update, "request": { "method": "PUT", "url": format!("Observation/{id}"), "ifMatch": etag } });
    let delete = json!({ "request": { "method": "DELETE", "url": format!("Observation/{}", "a".repeat(64)) } });
    for (entries, status, code, place) in [
        (
            json!([create("urn:uuid:1", &good), create("urn:uuid:2", &bad)]),
            422,
            "TSK-FHR-002",
            "Bundle.entry[1].resource.status",
        ),
        (
            json!([create("urn:uuid:1", &good), put("W/\"7\"")]),
            412,
            "TSK-FHR-006",
            "Bundle.entry[1]",
        ),
        (
            json!([create("urn:uuid:1", &good), delete]),
            404,
            "TSK-FHR-004",
            "Bundle.entry[1]",
        ),
        (
            json!([create("urn:uuid:1", &good), create("urn:uuid:1", &good)]),
            400,
            "TSK-FHR-031",
            "Bundle.entry[1].fullUrl",
        ),
        (
            json!([create("urn:uuid:1", &good), { "request": { "method": "TURN", "url": "Observation" } }]),
            400,
            "TSK-FHR-031",
            "Bundle.entry[1].request.method",
        ),
        (
            json!([create("urn:uuid:1", &observation("urn:uuid:9", "A", "1"))]),
            422,
            "TSK-FHR-033",
            "Bundle.entry[0]",
        ),
        (
            json!([create(
                "urn:uuid:1",
                &observation("Patient?identifier=http://e.org|nobody", "A", "1")
            )]),
            422,
            "TSK-FHR-033",
            "Bundle.entry[0]",
        ),
        (
            json!([
                create("urn:uuid:1", &good),
                create("urn:uuid:2", &observation(&ward.other_patient(), "A", "1"))
            ]),
            422,
            "TSK-FHR-032",
            "Bundle.entry[1]",
        ),
    ] {
        let reply = post(&ward, "transaction", &entries);
        assert_eq!(
            refused(&reply),
            (status, code.to_owned()),
            "{}",
            reply.text()
        );
        assert!(reply.text().contains(place), "{}", reply.text());
        assert_eq!(total(&ward, &format!("Observation?patient={patient}")), 1);
    }
    // Every problem of every entry at once.
    let reply = post(
        &ward,
        "transaction",
        &json!([create("urn:uuid:1", &bad), create("urn:uuid:2", &bad)]),
    );
    for place in [
        "Bundle.entry[0].resource.status",
        "Bundle.entry[1].resource.status",
    ] {
        assert!(reply.text().contains(place), "{}", reply.text());
    }
    let not_bundle = ward
        .world
        .post_fhir(&ward.system, "/fhir", b"{\"resourceType\":\"Patient\"}");
    assert_eq!(refused(&not_bundle), (400, "TSK-FHR-031".to_owned()));
}

#[test]
fn a_transaction_deletes_creates_changes_and_reads_in_that_order() {
    let ward = Ward::new();
    let patient = ward.admit();
    let make = |code: &str| {
        let made = ward.post("Observation", &observation(&patient, code, "1"));
        made.json()["id"].as_str().expect("an id").to_owned()
    };
    let (gone, kept) = (make("A"), make("B"));
    let mut update = observation(&patient, "B2", "2");
    update["id"] = json!(kept);
    let local = "urn:oid:1.2.392.100495.20.3.51.11311234567|00123";
    let by_identifier = observation(&format!("Patient?identifier={local}"), "C", "3");
    let reply = post(
        &ward,
        "transaction",
        &json!([
            { "request": { "method": "GET", "url": format!("Observation?patient={patient}&_sort=code") } },
            { "request": { "method": "GET", "url": format!("Observation/{kept}") } },
            { "resource": update, "request": { "method": "PUT", "url": format!("Observation/{kept}"), "ifMatch": "W/\"1\"" } },
            create("urn:uuid:c", &by_identifier),
            { "request": { "method": "DELETE", "url": format!("Observation/{gone}") } },
            { "resource": observation(&patient, "B2", "9"),
              "request": { "method": "POST", "url": "Observation", "ifNoneExist": "code=B" } },
        ]),
    );
    assert_eq!(
        statuses(&reply),
        [
            "200 OK",
            "200 OK",
            "200 OK",
            "201 Created",
            "204 No Content",
            "200 OK"
        ],
        "{}",
        reply.text()
    );
    let json = reply.json();
    let found = &json["entry"][0]["resource"];
    assert_eq!(found["total"], 2, "{found}");
    assert_eq!(
        found["entry"][0]["resource"]["code"]["coding"][0]["code"],
        "B2"
    );
    assert_eq!(json["entry"][1]["resource"]["meta"]["versionId"], "2");
    assert_eq!(ward.get(&format!("Observation/{gone}")).status, 410);
    let created = ward.get(&location(&reply, 3)).json();
    assert_eq!(created["subject"]["reference"], patient.as_str());
}

#[test]
fn each_entry_of_a_batch_stands_by_itself() {
    let ward = Ward::new();
    let patient = ward.admit();
    let good = observation(&patient, "A", "1");
    let mut bad = good.clone();
    bad["status"] = json!("never");
    let other = ward.other_patient();
    let before = ward.world.records();
    let reply = post(
        &ward,
        "batch",
        &json!([
            create("urn:uuid:1", &good),
            create("urn:uuid:2", &bad),
            { "request": { "method": "GET", "url": patient } },
            { "request": { "method": "GET", "url": format!("Observation/{}", "a".repeat(64)) } },
            create("urn:uuid:3", &observation(&other, "A", "1")),
            { "request": { "method": "GET", "url": "Observation" } },
        ]),
    );
    assert_eq!(
        statuses(&reply),
        ["201 Created", "422", "200 OK", "404", "201 Created", "400"]
    );
    let outcome = &reply.json()["entry"][1]["response"]["outcome"];
    assert!(
        outcome.to_string().contains("Observation.status")
            || outcome.to_string().contains("resource.status"),
        "{outcome}"
    );
    assert_eq!(total(&ward, &format!("Observation?patient={patient}")), 1);
    // One for each entry that was understood, refused or not, and one for the search here.
    assert_eq!(ward.world.records(), before + 6);
}

#[test]
fn a_bundle_of_a_thousand_results_is_taken_in_one_piece() {
    let ward = Ward::new();
    let patient = ward.admit();
    let entries: Vec<Value> = (0..1_000)
        .map(|n| {
            create(
                &format!("urn:uuid:{n}"),
                &observation(&patient, "A", &format!("{n}.5")),
            )
        })
        .collect();
    let reply = post(&ward, "transaction", &Value::from(entries));
    assert_eq!(statuses(&reply).len(), 1_000);
    assert_eq!(
        total(
            &ward,
            &format!("Observation?patient={patient}&_summary=count")
        ),
        1_000
    );
    let too_many: Vec<Value> = (0..10_001).map(|_| json!({})).collect();
    let reply = post(&ward, "batch", &Value::from(too_many));
    assert_eq!(refused(&reply), (400, "TSK-FHR-031".to_owned()));
}

#[test]
fn entries_of_another_servers_addresses_refer_to_each_other() {
    let ward = Ward::new();
    let away = "http://elsewhere.example/fhir";
    let mut result = observation("Patient/17", "A", "1");
    result["encounter"] = json!({ "reference": format!("{away}/Encounter/e-1") });
    let encounter = json!({
        "resourceType": "Encounter", "status": "finished", "class": { "code": "AMB" },
        "subject": { "reference": format!("{away}/Patient/17") },
    });
    let entries = json!([
        create(&format!("{away}/Observation/o-1"), &result),
        create(&format!("{away}/Encounter/e-1"), &encounter),
        create(&format!("{away}/Patient/17"), &ward.patient_of(&ward.life)),
    ]);
    let reply = post(&ward, "transaction", &entries);
    assert_eq!(statuses(&reply), vec!["201 Created"; 3], "{}", reply.text());
    let read = ward.get(&location(&reply, 0)).json();
    assert_eq!(read["subject"]["reference"], location(&reply, 2).as_str());
    assert_eq!(read["encounter"]["reference"], location(&reply, 1).as_str());
}

#[test]
fn an_entrys_address_takes_the_place_of_references_and_of_nothing_else() {
    let ward = Ward::new();
    let patient = ward.admit();
    // Neither a code that reads like an entry's address, nor an address that another begins
    // with, is the entry.
    let mut result = observation(&patient, "A", "1");
    result["text"] = json!({ "status": "generated", "div":
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"urn:uuid:12\">x</a> urn:uuid:1. urn:uuid:123</div>" });
    let reply = post(
        &ward,
        "transaction",
        &json!([
            create("final", &result),
            create("urn:uuid:1", &observation(&patient, "B", "1")),
            create("urn:uuid:12", &observation(&patient, "C", "1")),
        ]),
    );
    assert_eq!(statuses(&reply), vec!["201 Created"; 3], "{}", reply.text());
    let read = ward.get(&location(&reply, 0)).json();
    assert_eq!(read["status"], "final");
    let (one, twelve) = (location(&reply, 1), location(&reply, 2));
    let div = format!(
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"{twelve}\">x</a> {one}. urn:uuid:123</div>"
    );
    assert_eq!(read["text"]["div"], div.as_str());
}

#[test]
fn a_condition_is_asked_when_what_the_transaction_deletes_is_gone() {
    let ward = Ward::new();
    let patient = ward.admit();
    let made = ward.post("Observation", &observation(&patient, "A", "1"));
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let reply = post(
        &ward,
        "transaction",
        &json!([
            { "resource": observation(&patient, "A", "2"),
              "request": { "method": "POST", "url": "Observation", "ifNoneExist": "code=A" } },
            { "request": { "method": "DELETE", "url": format!("Observation/{id}") } },
        ]),
    );
    assert_eq!(statuses(&reply), ["201 Created", "204 No Content"]);
    assert_eq!(total(&ward, &format!("Observation?patient={patient}")), 1);
    assert_eq!(ward.get(&location(&reply, 0)).status, 200);
    // A patient goes after all that is theirs, wherever the entries stand.
    let left = location(&reply, 0);
    let gone = post(
        &ward,
        "transaction",
        &json!([
            { "request": { "method": "DELETE", "url": patient } },
            { "request": { "method": "DELETE", "url": left } },
        ]),
    );
    assert_eq!(statuses(&gone), vec!["204 No Content"; 2]);
}

#[test]
fn a_transaction_reaches_each_resource_once_whatever_leads_to_it() {
    let ward = Ward::new();
    let patient = ward.admit();
    let new = observation(&patient, "A", "1");
    let create_once = json!({ "resource": new,
        "request": { "method": "POST", "url": "Observation", "ifNoneExist": "code=A" } });
    let reply = post(&ward, "transaction", &json!([create_once, create_once]));
    assert_eq!(statuses(&reply), ["201 Created", "200 OK"]);
    assert_eq!(location(&reply, 0), location(&reply, 1));
    assert_eq!(total(&ward, &format!("Observation?patient={patient}")), 1);
    let where_code = |code: &str, value: &str| {
        json!({ "resource": observation(&patient, code, value),
            "request": { "method": "PUT", "url": format!("Observation?patient={patient}&code={code}") } })
    };
    let found = location(&reply, 0);
    let mut by_id = observation(&patient, "A", "3");
    by_id["id"] = json!(found.strip_prefix("Observation/").expect("a result"));
    let by_id = json!({ "resource": by_id, "request": { "method": "PUT", "url": found } });
    for entries in [
        json!([where_code("A", "2"), by_id]),
        json!([where_code("A", "2"), where_code("A", "3")]),
        json!([where_code("B", "2"), where_code("B", "3")]),
    ] {
        let reply = post(&ward, "transaction", &entries);
        assert_eq!(
            refused(&reply),
            (400, "TSK-FHR-031".to_owned()),
            "{}",
            reply.text()
        );
        assert!(
            reply.text().contains("Bundle.entry[1].request.url"),
            "{}",
            reply.text()
        );
    }
    let one = ward.get(&format!("Observation?patient={patient}"));
    assert_eq!(one.json()["total"], 1, "{}", one.text());
    // A create under the condition of an update that creates finds what that makes.
    let condition = format!("patient={patient}&code=B");
    let if_none = json!({ "resource": observation(&patient, "B", "9"),
        "request": { "method": "POST", "url": "Observation", "ifNoneExist": condition } });
    let reply = post(
        &ward,
        "transaction",
        &json!([where_code("B", "2"), if_none]),
    );
    assert_eq!(
        statuses(&reply),
        ["201 Created", "200 OK"],
        "{}",
        reply.text()
    );
    assert_eq!(location(&reply, 0), location(&reply, 1));
    let made = ward.get(&location(&reply, 0));
    assert_eq!(made.json()["valueQuantity"]["value"], 2, "{}", made.text());
}

#[test]
fn a_condition_asks_something_and_counts_all_that_meets_it() {
    let ward = Ward::new();
    let patient = ward.admit();
    for code in ["A", "B"] {
        assert_eq!(
            ward.post("Observation", &observation(&patient, code, "1"))
                .status,
            201
        );
    }
    let conditional = |condition: &str| {
        let headers = [
            ("content-type", "application/fhir+json"),
            ("if-none-exist", condition),
        ];
        let body = bytes(&observation(&patient, "C", "1"));
        ward.world
            .send_with(&ward.system, "POST", "/fhir/Observation", &headers, body)
    };
    // A page of one does not make one of several.
    let reply = conditional("status=final&_count=1");
    assert_eq!(refused(&reply), (412, "TSK-FHR-026".to_owned()));
    for nothing in ["_count=1", "_sort=date", "_summary=count&_elements=code"] {
        assert_eq!(
            refused(&conditional(nothing)),
            (400, "TSK-FHR-027".to_owned()),
            "{nothing}"
        );
    }
    let path = format!("/fhir/Observation?patient={patient}&_count=1");
    let reply = ward
        .world
        .send(&ward.system, "DELETE", &path, "", Vec::new());
    assert_eq!(refused(&reply), (412, "TSK-FHR-026".to_owned()));
    for url in [
        format!("Observation?patient={patient}&_count=1"),
        "Observation?_count=1".to_owned(),
    ] {
        let entries = json!([{ "request": { "method": "DELETE", "url": url } }]);
        let reply = post(&ward, "transaction", &entries);
        assert!(matches!(reply.status, 400 | 412), "{url}: {}", reply.text());
    }
    assert_eq!(total(&ward, &format!("Observation?patient={patient}")), 2);
}

#[test]
fn a_patient_to_whom_a_condition_leads_may_stand_behind_what_names_them() {
    let ward = Ward::new();
    let member = format!("{}|{}", super::MEMBER, ward.member(&ward.life));
    let put = json!({ "fullUrl": "urn:uuid:p", "resource": ward.patient_of(&ward.life),
        "request": { "method": "PUT", "url": format!("Patient?identifier={member}") } });
    let entries = json!([
        create("urn:uuid:o", &observation("urn:uuid:p", "A", "1")),
        put
    ]);
    for expected in ["201 Created", "200 OK"] {
        let reply = post(&ward, "transaction", &entries);
        assert_eq!(
            statuses(&reply),
            ["201 Created", expected],
            "{}",
            reply.text()
        );
    }
}

#[test]
fn a_bundle_of_another_form_is_refused_and_nothing_of_it_overlooked() {
    let ward = Ward::new();
    let patient = ward.admit();
    let good = create("urn:uuid:1", &observation(&patient, "A", "1"));
    let with = |place: &str, value: Value| {
        let mut entry = good.clone();
        *entry.pointer_mut(place).expect("there") = value;
        json!([entry])
    };
    let mut known = good["request"].clone();
    known["ifmatch"] = json!("W/\"1\"");
    let mut number = good["request"].clone();
    number["ifMatch"] = json!(1);
    let mut spelled = good.clone();
    spelled["resourse"] = json!({});
    for (entries, place) in [
        (json!({}), "Bundle.entry"),
        (json!("x"), "Bundle.entry"),
        (json!([null]), "Bundle.entry[0]"),
        (json!([1]), "Bundle.entry[0]"),
        (with("/request", known), "Bundle.entry[0].request.ifmatch"),
        (with("/request", number), "Bundle.entry[0].request.ifMatch"),
        (with("/fullUrl", json!(1)), "Bundle.entry[0].fullUrl"),
        (json!([spelled]), "Bundle.entry[0].resourse"),
    ] {
        let reply = post(&ward, "transaction", &entries);
        assert_eq!(
            refused(&reply),
            (400, "TSK-FHR-031".to_owned()),
            "{entries}"
        );
        assert!(
            reply.text().contains(&format!("\"{place}\"")),
            "{place}: {}",
            reply.text()
        );
    }
    let body = json!({ "resourceType": "Bundle", "type": "transaction", "entries": [good] });
    let reply = ward.world.post_fhir(&ward.system, "/fhir", &bytes(&body));
    assert_eq!(refused(&reply), (400, "TSK-FHR-031".to_owned()));
    assert_eq!(total(&ward, &format!("Observation?patient={patient}")), 0);
}
