//! Searching inside a patient, and what is refused.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::world::Reply;

use super::{Ward, bytes, observation, refused};

/// A patient with so many results of alternating codes on consecutive days.
fn filled(ward: &Ward, count: usize) -> String {
    let patient = ward.admit();
    for number in 0..count {
        let code = if number % 2 == 0 { "A" } else { "B" };
        let mut made = observation(&patient, code, &format!("{number}.5"));
        made["effectiveDateTime"] = json!(format!("2026-01-{:02}", number + 1));
        assert_eq!(ward.post("Observation", &made).status, 201);
    }
    patient
}

fn entries(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["entry"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

fn days(entries: &[Value]) -> Vec<String> {
    let day = |entry: &Value| {
        entry["resource"]["effectiveDateTime"]
            .as_str()
            .map(str::to_owned)
    };
    entries.iter().filter_map(day).collect()
}

#[test]
fn a_search_names_its_patient_or_is_refused_with_the_remedy() {
    let ward = Ward::new();
    let patient = filled(&ward, 2);
    let id = patient.strip_prefix("Patient/").expect("a reference");
    for query in [
        format!("Observation?patient={patient}"),
        format!("Observation?patient={id}"),
        format!("Observation?subject={patient}"),
        format!("Observation?subject:Patient={id}"),
        format!("Observation?patient=http://tasuki.test/fhir/{patient}"),
        format!("Patient/{id}/Observation"),
    ] {
        assert_eq!(entries(&ward.get(&query)).len(), 2, "{query}");
    }
    let refused_with = |path: &str, code: &str| {
        let reply = ward.get(path);
        assert_eq!(refused(&reply), (400, code.to_owned()), "{path}");
    };
    refused_with("Observation", "TSK-FHR-018");
    refused_with("Observation?code=A", "TSK-FHR-018");
    refused_with("Observation?patient:missing=true", "TSK-FHR-018");
    refused_with("Patient", "TSK-FHR-023");
    refused_with("Patient?gender=male", "TSK-FHR-023");
    refused_with("Patient?name=山", "TSK-FHR-022");
    refused_with("Patient?identifier=a|b", "TSK-FHR-022");
    refused_with("Observation?patient.identifier=a|b", "TSK-FHR-022");
    refused_with("Observation?subject:identifier=a|b", "TSK-FHR-022");
    assert_eq!(entries(&ward.get(&format!("Patient?_id={id}"))).len(), 1);
    // A reference to anything may be one to the patient.
    let basic = json!({
        "resourceType": "Basic", "code": { "text": "a" }, "subject": { "reference": patient },
    });
    assert_eq!(ward.post("Basic", &basic).status, 201);
    assert_eq!(
        entries(&ward.get(&format!("Basic?subject={patient}"))).len(),
        1
    );
    refused_with("Basic?subject=Practitioner/1", "TSK-FHR-018");
    let nobody = format!("Observation?patient={}", "a".repeat(64));
    assert_eq!(entries(&ward.get(&nobody)).len(), 0);
}

#[test]
fn a_patient_is_found_by_an_exact_identifier_in_a_form_only() {
    let ward = Ward::new();
    let patient = filled(&ward, 1);
    let search = |kind: &str, fields: &[(&str, &str)]| {
        ward.world
            .submit(&ward.system, &format!("/fhir/{kind}/_search"), fields)
    };
    let member = format!("{}|{}", super::MEMBER, ward.member(&ward.life));
    let local = "urn:oid:1.2.392.100495.20.3.51.11311234567|00123";
    for identifier in [member.as_str(), local] {
        let reply = ward.world.send(
            &ward.system,
            "POST",
            "/fhir/Patient/_search",
            "application/x-www-form-urlencoded",
            format!("identifier={}", identifier.replace('|', "%7C")).into_bytes(),
        );
        let found = entries(&reply);
        assert_eq!(found.len(), 1, "{}", reply.text());
        let full = found[0]["fullUrl"].as_str().expect("an address");
        assert!(full.ends_with(&patient));
        assert!(!reply.json()["link"].to_string().contains("00123"));
    }
    let reply = search("Patient", &[]);
    // The form's token is no parameter of a search.
    assert_eq!(reply.status, 400);
}

#[test]
fn the_pages_of_a_search_by_number_name_the_patient_instead() {
    let ward = Ward::new();
    let patient = filled(&ward, 5);
    let identifier = "urn:oid:1.2.392.100495.20.3.51.11311234567|00123";
    let form = format!(
        "patient.identifier={}&_count=3&_sort=date",
        identifier.replace('|', "%7C")
    );
    let kind = "application/x-www-form-urlencoded";
    let first = ward.world.send(
        &ward.system,
        "POST",
        "/fhir/Observation/_search",
        kind,
        form.into_bytes(),
    );
    let mut seen = days(&entries(&first));
    let links = first.json()["link"].clone();
    assert!(!links.to_string().contains("00123"), "{links}");
    let next = links[1]["url"].as_str().expect("a next page");
    assert!(next.contains(&patient.replace('/', "%2F")), "{next}");
    let next = next.strip_prefix("http://tasuki.test/fhir/").expect("ours");
    seen.extend(days(&entries(&ward.get(next))));
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted());
}

#[test]
fn what_is_not_understood_is_refused_all_at_once() {
    let ward = Ward::new();
    let patient = filled(&ward, 1);
    let reply = ward.get(&format!(
        "Observation?patient={patient}&nonsense=1&code:in=x&date=never&_has:x=1"
    ));
    assert_eq!(reply.status, 400);
    let issues = reply.json()["issue"].to_string();
    for code in ["TSK-FHR-019", "TSK-FHR-020", "TSK-FHR-021"] {
        assert!(issues.contains(code), "{issues}");
    }
    for query in [
        "_sort=nonsense",
        "_include=Observation:nonsense",
        "_count=x",
        "_summary=most",
        "_total=x",
    ] {
        let reply = ward.get(&format!("Observation?patient={patient}&{query}"));
        assert_eq!(reply.status, 400, "{query}");
    }
}

#[test]
fn pages_show_each_once_in_the_order_that_was_asked() {
    let ward = Ward::new();
    let patient = filled(&ward, 11);
    for (sort, is_rising) in [
        ("date", true),
        ("-date", false),
        ("code,-date", false),
        ("", false),
    ] {
        for count in [1, 3, 4, 11, 50] {
            let mut path = format!("Observation?patient={patient}&_sort={sort}&_count={count}");
            if sort.is_empty() {
                path = path.replace("&_sort=", "");
            }
            let (mut seen, mut pages) = (Vec::new(), 0);
            loop {
                let reply = ward.get(&path);
                let found = entries(&reply);
                assert!(found.len() <= count);
                assert_eq!(reply.json()["total"], 11);
                seen.extend(days(&found));
                pages += 1;
                let links = reply.json()["link"].as_array().cloned().expect("links");
                let next = links.iter().find(|l| l["relation"] == "next");
                let Some(next) = next.and_then(|l| l["url"].as_str()) else {
                    break;
                };
                path = next
                    .strip_prefix("http://tasuki.test/fhir/")
                    .expect("ours")
                    .to_owned();
            }
            assert_eq!(pages, 11_usize.div_ceil(count), "{sort} {count}");
            let all: BTreeSet<&String> = seen.iter().collect();
            assert_eq!((seen.len(), all.len()), (11, 11), "{sort} {count}");
            if sort.ends_with("date") && !sort.contains(',') {
                let sorted = seen.windows(2).all(|w| (w[0] < w[1]) == is_rising);
                assert!(sorted, "{sort}: {seen:?}");
            }
        }
    }
    let foreign = format!("Observation?patient={patient}&_page=00ff");
    assert_eq!(
        refused(&ward.get(&foreign)),
        (400, "TSK-FHR-025".to_owned())
    );
}

#[test]
fn references_are_followed_both_ways_and_one_step_inside_a_condition() {
    let ward = Ward::new();
    let patient = ward.admit();
    let doctor = ward.post(
        "Practitioner",
        &json!({ "resourceType": "Practitioner", "name": [{ "family": "鈴木" }] }),
    );
    assert_eq!(doctor.status, 201, "{}", doctor.text());
    let doctor = format!("Practitioner/{}", doctor.json()["id"].as_str().expect("id"));
    let encounter = ward.post(
        "Encounter",
        &json!({
            "resourceType": "Encounter", "status": "finished",
            "class": { "code": "AMB" }, "subject": { "reference": patient },
        }),
    );
    assert_eq!(encounter.status, 201, "{}", encounter.text());
    let encounter = format!("Encounter/{}", encounter.json()["id"].as_str().expect("id"));
    let mut made = observation(&patient, "A", "1");
    made["encounter"] = json!({ "reference": encounter });
    made["performer"] = json!([{ "reference": doctor }]);
    assert_eq!(ward.post("Observation", &made).status, 201);
    assert_eq!(
        ward.post("Observation", &observation(&patient, "B", "1"))
            .status,
        201
    );

    let kinds = |query: &str| {
        let found = entries(&ward.get(query));
        let mut kinds: Vec<String> = found
            .iter()
            .map(|e| {
                format!(
                    "{} {}",
                    e["search"]["mode"].as_str().unwrap_or(""),
                    e["resource"]["resourceType"].as_str().unwrap_or("")
                )
            })
            .collect();
        kinds.sort();
        kinds
    };
    let base = format!("Observation?patient={patient}&code=A");
    assert_eq!(kinds(&base), ["match Observation"]);
    assert_eq!(
        kinds(&format!("{base}&_include=Observation:encounter")),
        ["include Encounter", "match Observation"]
    );
    assert_eq!(
        kinds(&format!(
            "{base}&_include=Observation:performer&_include=Observation:subject:Patient"
        )),
        [
            "include Patient",
            "include Practitioner",
            "match Observation"
        ]
    );
    assert_eq!(
        kinds(&format!("{base}&_include=*")),
        [
            "include Encounter",
            "include Patient",
            "include Practitioner",
            "match Observation"
        ]
    );
    assert_eq!(
        kinds(&format!(
            "Encounter?patient={patient}&_revinclude=Observation:encounter&_include:iterate=Observation:performer"
        )),
        [
            "include Observation",
            "include Practitioner",
            "match Encounter"
        ]
    );
    assert_eq!(
        kinds(&format!(
            "Observation?patient={patient}&encounter.status=finished"
        )),
        ["match Observation"]
    );
    assert!(
        kinds(&format!(
            "Observation?patient={patient}&encounter:Encounter.status=planned"
        ))
        .is_empty()
    );
    assert_eq!(
        kinds(&format!(
            "Observation?patient={patient}&performer:Practitioner.name=鈴"
        )),
        ["match Observation"]
    );
    assert_eq!(kinds("Practitioner?name=鈴木"), ["match Practitioner"]);
    assert!(kinds("Practitioner?name=佐藤").is_empty());
}

#[test]
fn short_forms_show_what_they_say_and_are_marked_as_parts() {
    let ward = Ward::new();
    let patient = ward.admit();
    let mut made = observation(&patient, "A", "1.50");
    made["text"] = json!({ "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>" });
    made["note"] = json!([{ "text": "memo" }]);
    assert_eq!(ward.post("Observation", &made).status, 201);
    let names = |query: &str| {
        let found = entries(&ward.get(&format!("Observation?patient={patient}&{query}")));
        let resource = found[0]["resource"].clone();
        let marked = resource["meta"]["tag"].to_string().contains("SUBSETTED");
        let mut names: Vec<String> = resource
            .as_object()
            .expect("a resource")
            .keys()
            .cloned()
            .collect();
        names.retain(|name| !matches!(name.as_str(), "resourceType" | "id" | "meta"));
        names.sort();
        (names.join(" "), marked)
    };
    let whole = "code effectiveDateTime note status subject text valueQuantity";
    for (query, expected, is_part) in [
        ("_summary=false", whole, false),
        (
            "_summary=true",
            "code effectiveDateTime status subject valueQuantity",
            true,
        ),
        ("_summary=text", "code status text", true),
        (
            "_summary=data",
            "code effectiveDateTime note status subject valueQuantity",
            true,
        ),
        ("_elements=note", "code note status", true),
        (
            "_elements=value,subject",
            "code status subject valueQuantity",
            true,
        ),
    ] {
        assert_eq!(names(query), (expected.to_owned(), is_part), "{query}");
    }
    for query in ["_summary=count", "_count=0"] {
        let reply = ward.get(&format!("Observation?patient={patient}&{query}"));
        assert_eq!(
            (reply.json()["total"].clone(), entries(&reply).len()),
            (json!(1), 0)
        );
    }
    let reply = ward.get(&format!("Observation?patient={patient}&_total=none"));
    assert!(reply.json().get("total").is_none());
}

#[test]
fn two_facilities_never_find_each_others_resources() {
    let ward = Ward::new();
    let patient = filled(&ward, 2);
    let other = ward.world.facility("1310000017", "別の病院");
    let stranger = ward.world.system(&other);
    let theirs = ward.post_as(&stranger, "Patient", &ward.patient_of(&ward.life));
    assert_eq!(theirs.status, 201, "{}", theirs.text());
    let theirs = format!("Patient/{}", theirs.json()["id"].as_str().expect("id"));
    assert_ne!(theirs, patient);
    for (who, named, count) in [
        (&ward.system, &patient, 2),
        (&ward.system, &theirs, 0),
        (&stranger, &theirs, 0),
        (&stranger, &patient, 0),
    ] {
        let path = format!("/fhir/Observation?patient={named}");
        assert_eq!(entries(&ward.world.get(who, &path)).len(), count);
    }
    let made = observation(&patient, "A", "1");
    let reply = ward.post_as(&stranger, "Observation", &made);
    assert_eq!(refused(&reply), (422, "TSK-FHR-009".to_owned()));
    let doctor = json!({ "resourceType": "Practitioner", "name": [{ "family": "鈴木" }] });
    assert_eq!(ward.post("Practitioner", &doctor).status, 201);
    assert_eq!(
        entries(&ward.world.get(&stranger, "/fhir/Practitioner")).len(),
        0
    );
    assert_eq!(entries(&ward.get("Practitioner")).len(), 1);
}

#[test]
fn what_comes_along_comes_whole_or_is_refused() {
    let ward = Ward::new();
    let patient = ward.admit();
    let encounter = json!({
        "resourceType": "Encounter", "status": "finished", "class": { "code": "AMB" },
        "subject": { "reference": patient },
    });
    let made = ward.post("Encounter", &encounter);
    let encounter = format!("Encounter/{}", made.json()["id"].as_str().expect("an id"));
    let entries: Vec<Value> = (0..1_001)
        .map(|n| {
            let mut one = observation(&patient, "A", &format!("{n}"));
            one["encounter"] = json!({ "reference": encounter });
            json!({ "resource": one, "request": { "method": "POST", "url": "Observation" } })
        })
        .collect();
    let body = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    let reply = ward.world.post_fhir(&ward.system, "/fhir", &bytes(&body));
    assert_eq!(reply.status, 200);
    let query = format!("Encounter?patient={patient}&_revinclude=Observation:encounter");
    let reply = ward.get(&query);
    assert_eq!(refused(&reply), (422, "TSK-FHR-037".to_owned()));
}
