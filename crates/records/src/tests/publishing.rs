//! Publishing: what a hospital keeps in its own partition reaches the shared record, whole or
//! not at all.

use fhir_server::ops as partition;
use serde_json::{Value, json};
use store::{
    Stop,
    caller::{Actor, Caller, Home, Purpose, Role},
};
use testkit::world::{As, Reply};

use super::{Ward, bytes};
use crate::{
    model::What,
    publish::{asked::Asked, build, material::Material, ops},
};

const RESOURCE_ID: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
const ORIGIN: &str = testkit::world::ORIGIN;
const DAY: i64 = 24 * 3600;

/// The hospital's own records of the patient of the demonstration.
struct Chart {
    ward: Ward,
    /// Another facility, which the patient lets see everything.
    clinic: Home,
    patient: String,
    visit: String,
    doctor: String,
    specimen: String,
}

impl Chart {
    fn new() -> Self {
        let ward = Ward::new();
        let mut chart = Self {
            clinic: ward.clinic(),
            ward,
            patient: String::new(),
            visit: String::new(),
            doctor: String::new(),
            specimen: String::new(),
        };
        let mut patient = chart.sent("AllergyIntolerance", 0);
        strip(&mut patient, &["meta"]);
        chart.patient = chart.create(&patient);
        chart.doctor = chart.create(&json!({
            "resourceType": "Practitioner",
            "name": [{ "text": "佐藤 医師", "family": "佐藤", "given": ["医師"] }],
            "telecom": [{ "system": "phone", "value": "090-0000-0000" }],
        }));
        chart.visit = chart.encounter("finished");
        chart.specimen = chart.create(&json!({
            "resourceType": "Specimen",
            "type": { "text": "血清" },
            "subject": { "reference": chart.patient },
        }));
        chart
    }

    /// A resource of what the hospital would send: its place behind the patient.
    fn sent(&self, kind: &str, place: usize) -> Value {
        self.ward.json(kind)["entry"][place]["resource"].clone()
    }

    fn create(&self, resource: &Value) -> String {
        let kind = resource["resourceType"].as_str().expect("a type");
        let path = format!("/fhir/{kind}");
        let world = &self.ward.world;
        let reply = world.post_fhir(&self.ward.system, &path, &bytes(resource));
        assert_eq!(reply.status, 201, "{}", reply.text());
        format!("{kind}/{}", reply.json()["id"].as_str().expect("an id"))
    }

    fn update(&self, reference: &str, resource: &Value) {
        let mut resource = resource.clone();
        resource["id"] = json!(reference.split('/').nth(1).expect("an id"));
        let (path, kind) = (format!("/fhir/{reference}"), "application/fhir+json");
        let world = &self.ward.world;
        let reply = world.send(&self.ward.system, "PUT", &path, kind, bytes(&resource));
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    fn delete(&self, reference: &str) {
        let path = format!("/fhir/{reference}");
        let world = &self.ward.world;
        let reply = world.send(&self.ward.system, "DELETE", &path, "", Vec::new());
        assert!(matches!(reply.status, 200 | 204), "{}", reply.text());
    }

    fn encounter(&self, status: &str) -> String {
        self.create(&json!({
            "resourceType": "Encounter", "status": status,
            "class": {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB",
            },
            "subject": { "reference": self.patient },
            "participant": [{ "individual": { "reference": self.doctor } }],
            "reasonCode": [{ "text": "来院の理由" }],
            "period": { "start": "2026-11-20" },
        }))
    }

    /// A resource as a record system keeps it: with references instead of what they lead to, and
    /// without what only the service asks for.
    fn own(&self, kind: &str, place: usize) -> Value {
        let mut resource = self.sent(kind, place);
        strip(&mut resource, &["meta", "contained", "identifier"]);
        let extensions = resource["extension"].as_array_mut().expect("extensions");
        extensions.retain(|one| one.get("valueIdentifier").is_none());
        if extensions.is_empty() {
            strip(&mut resource, &["extension"]);
        }
        let whose = if kind == "AllergyIntolerance" {
            "patient"
        } else {
            "subject"
        };
        resource[whose] = json!({ "reference": self.patient });
        resource["encounter"] = json!({ "reference": self.visit });
        match kind {
            "Observation" => {
                resource["performer"] = json!([{ "reference": self.doctor }]);
                resource["specimen"] = json!({ "reference": self.specimen });
                resource["effectiveDateTime"] = json!("2026-11-20T09:00:00+09:00");
            }
            _ => resource["recorder"] = json!({ "reference": self.doctor }),
        }
        resource
    }

    fn asked(&self, more: &[Value]) -> Value {
        let mut all = vec![json!({
            "name": "patient", "valueReference": { "reference": self.patient },
        })];
        all.extend(more.iter().cloned());
        json!({ "resourceType": "Parameters", "parameter": all })
    }

    fn publish_as(&self, who: &As, asked: &Value) -> Reply {
        let world = &self.ward.world;
        world.post_fhir(who, "/fhir/$publish", &bytes(asked))
    }

    fn publish(&self, more: &[Value]) -> Reply {
        self.publish_as(&self.ward.system, &self.asked(more))
    }

    /// What a publishing that must succeed says: kind, status and number of resources of each
    /// Bundle.
    fn published(&self, more: &[Value]) -> Vec<(String, String, usize)> {
        let reply = self.publish(more);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let told = parameters(&reply.json(), "bundle");
        let part = |bundle: &Value, name: &str| {
            let all = bundle["part"].as_array().expect("parts").iter();
            let named = all.filter(|part| part["name"] == name).cloned();
            named.collect::<Vec<Value>>()
        };
        let code = |bundle: &Value, name: &str| {
            let found = &part(bundle, name)[0]["valueCode"];
            found.as_str().expect("a code").to_owned()
        };
        let of = |bundle: &Value| {
            let count = part(bundle, "resource").len();
            (code(bundle, "type"), code(bundle, "status"), count)
        };
        told.iter().map(of).collect()
    }

    /// The names of allergies and conditions, and the values of results, that a clinic sees.
    fn seen(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .ward
            .seen_by(&self.clinic)
            .items
            .into_iter()
            .map(|item| match item.what {
                What::Allergy(a) => a.substance,
                What::Condition(c) => c.name,
                What::Lab(l) => format!("{} {} {}", l.name, l.value, l.on),
                What::Prescription(p) => p.medicine,
            })
            .collect();
        names.sort();
        names
    }
}

fn strip(resource: &mut Value, names: &[&str]) {
    let members = resource.as_object_mut().expect("an object");
    members.retain(|name, _| !names.contains(&name.as_str()));
}

fn parameters(json: &Value, name: &str) -> Vec<Value> {
    let all = json["parameter"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|one| one["name"] == name).collect()
}

fn reference(name: &str, reference: &str) -> Value {
    json!({ "name": name, "valueReference": { "reference": reference } })
}

fn kind(kind: &str) -> Value {
    json!({ "name": "type", "valueCode": kind })
}

/// Rule and place of each finding of a refusal.
fn findings(json: &Value) -> Vec<(String, String)> {
    let issues = json["issue"].as_array().expect("issues");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    issues
        .iter()
        .map(|issue| {
            (
                text(&issue["details"]["coding"][0]["code"]),
                text(&issue["expression"][0]),
            )
        })
        .filter(|(_, place)| !place.is_empty())
        .collect()
}

/// The rules of the advice beside an answer.
fn advice(reply: &Reply) -> Vec<(String, String)> {
    let json = reply.json();
    findings(&parameters(&json, "outcome")[0]["resource"])
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

#[test]
fn what_a_hospital_keeps_of_a_patient_is_published_and_seen_by_others() {
    let chart = Chart::new();
    chart.create(&chart.own("AllergyIntolerance", 1));
    chart.create(&chart.own("Condition", 1));
    chart.create(&chart.own("Condition", 2));
    chart.create(&chart.own("Observation", 1));
    let bundle = |kind: &str, status: &str, count| (kind.to_owned(), status.to_owned(), count);
    let first = chart.published(&[]);
    assert_eq!(
        first,
        [
            bundle("AllergyIntolerance", "registered", 1),
            bundle("Condition", "registered", 2),
            bundle("Observation", "registered", 1),
        ]
    );
    let seen = chart.seen();
    assert_eq!(seen.len(), 4, "{seen:?}");
    for (kind, place) in [
        ("AllergyIntolerance", 1),
        ("Condition", 1),
        ("Condition", 2),
    ] {
        let name = &chart.sent(kind, place)["code"]["text"];
        let name = name.as_str().expect("a name");
        assert!(seen.iter().any(|one| one == name), "{name}: {seen:?}");
    }
    let value = &chart.sent("Observation", 1)["valueQuantity"]["value"];
    let is_value = |one: &String| one.contains(&format!(" {value} 2026-11-20"));
    assert!(seen.iter().any(is_value), "{value}: {seen:?}");
    // The very same once more changes nothing: its time here does not begin anew.
    let kept = chart.ward.kept();
    chart.ward.world.clock.advance(60);
    let again: Vec<String> = chart.published(&[]).into_iter().map(|one| one.1).collect();
    assert_eq!(again, ["unchanged"; 3]);
    assert_eq!(chart.ward.kept(), kept);
    // Why the patient came and how to reach the doctor stay in the partition.
    let member = chart.ward.member();
    let identifier = &parameters(&chart.publish(&[]).json(), "bundle")[2]["part"][0];
    let target = json!({
        "member": member,
        "system": identifier["valueIdentifier"]["system"],
        "value": identifier["valueIdentifier"]["value"],
    });
    let world = &chart.ward.world;
    let exact = world.post(&chart.ward.system, "/fhir/Bundle/$document", &target);
    assert_eq!(exact.status, 200, "{}", exact.text());
    let text = exact.text();
    for word in ["来院の理由", "090-0000-0000", "Encounter/", "Patient/"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(text.contains("佐藤 医師") && text.contains("血清"));
}

#[test]
fn a_change_replaces_and_what_is_deleted_goes_with_the_next_publishing() {
    let chart = Chart::new();
    let mut allergy = chart.own("AllergyIntolerance", 1);
    let one = chart.create(&allergy);
    let other = chart.create(&chart.own("AllergyIntolerance", 2));
    assert_eq!(chart.published(&[]).len(), 1);
    allergy["code"]["text"] = json!("そば(改めた名前)");
    chart.update(&one, &allergy);
    assert_eq!(
        chart.published(&[]),
        [("AllergyIntolerance".to_owned(), "replaced".to_owned(), 2)]
    );
    assert!(chart.seen().contains(&"そば(改めた名前)".to_owned()));
    chart.delete(&one);
    assert_eq!(chart.seen().len(), 2, "until the next publishing");
    assert_eq!(chart.published(&[])[0].2, 1);
    assert_eq!(chart.seen().len(), 1);
    // Of the last nothing is left to publish: the answer names the operation and its parameters.
    chart.delete(&other);
    let reply = chart.publish(&[kind("AllergyIntolerance")]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        advice(&reply),
        [("TSK-REC-027".to_owned(), "Bundle.identifier".to_owned())]
    );
    assert!(reply.text().contains("/fhir/Bundle/$delete"));
    let outcome = &parameters(&reply.json(), "outcome")[0]["resource"];
    let said = outcome["issue"][0]["diagnostics"].as_str().expect("text");
    let identifier = said.split("found: ").nth(1).expect("an identifier");
    let deleted = chart
        .ward
        .command("delete", identifier.trim_end_matches(')'));
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert!(chart.seen().is_empty());
    let nothing = chart.publish(&[]);
    assert_eq!(code(&nothing), (422, "TSK-REC-023".to_owned()));
}

#[test]
fn every_breach_is_told_at_once_at_the_resource_that_has_it_and_nothing_is_stored() {
    let chart = Chart::new();
    chart.create(&chart.own("AllergyIntolerance", 1));
    let open = chart.encounter("in-progress");
    let mut condition = chart.own("Condition", 1);
    strip(&mut condition, &["extension", "onsetDateTime"]);
    condition["encounter"] = json!({ "reference": open });
    let condition = chart.create(&condition);
    let mut result = chart.own("Observation", 1);
    strip(&mut result, &["performer", "specimen"]);
    result["code"]["coding"]
        .as_array_mut()
        .expect("codings")
        .truncate(1);
    let result = chart.create(&result);
    let mut patient = chart.sent("AllergyIntolerance", 0);
    strip(&mut patient, &["meta", "gender"]);
    chart.update(&chart.patient, &patient);
    let reply = chart.publish(&[]);
    assert_eq!(code(&reply), (422, "TSK-REC-020".to_owned()));
    let found = findings(&reply.json());
    for (rule, place) in [
        ("R9014C", format!("{condition}.extension")),
        ("R9015C", format!("{condition}.onsetDateTime")),
        ("CLINS-REQUIRED", format!("{}.gender", chart.patient)),
        ("R9017O", format!("{result}.contained")),
        ("R9019O", format!("{result}.performer")),
        ("CLINS-REQUIRED", format!("{result}.specimen")),
    ] {
        assert!(
            found.contains(&(rule.to_owned(), place.clone())),
            "{rule} {place}: {found:#?}"
        );
    }
    let at_visit = format!("{open}.status");
    assert_eq!(
        found.iter().filter(|(_, place)| *place == at_visit).count(),
        1,
        "{found:#?}"
    );
    let once: std::collections::BTreeSet<&(String, String)> = found.iter().collect();
    assert_eq!(once.len(), found.len(), "{found:#?}");
    assert!(
        found.iter().all(|(_, place)| !place.starts_with("Bundle.")),
        "{found:#?}"
    );
    assert!(chart.ward.kept().is_empty(), "the good allergy too");
}

#[test]
fn who_names_single_resources_adds_them_to_what_is_published_already() {
    let chart = Chart::new();
    let one = chart.create(&chart.own("AllergyIntolerance", 1));
    let other = chart.create(&chart.own("AllergyIntolerance", 2));
    chart.create(&chart.own("Condition", 1));
    let told = chart.published(&[reference("resource", &one)]);
    assert_eq!(
        told,
        [("AllergyIntolerance".to_owned(), "registered".to_owned(), 1)]
    );
    assert_eq!(chart.seen().len(), 1);
    let told = chart.published(&[reference("resource", &other)]);
    assert_eq!(
        told,
        [("AllergyIntolerance".to_owned(), "replaced".to_owned(), 2)]
    );
    assert_eq!(chart.seen().len(), 2);
    // A visit stands for everything that was written down at it.
    chart.ward.world.clock.advance(DAY);
    let visit = chart.encounter("finished");
    let mut condition = chart.own("Condition", 2);
    condition["encounter"] = json!({ "reference": visit });
    chart.create(&condition);
    let told = chart.published(&[reference("encounter", &visit)]);
    assert_eq!(told, [("Condition".to_owned(), "registered".to_owned(), 1)]);
    assert_eq!(chart.seen().len(), 3);
    // A type alone stands for all of it.
    let told = chart.published(&[kind("Condition")]);
    assert_eq!(told, [("Condition".to_owned(), "replaced".to_owned(), 2)]);
}

#[test]
fn results_are_a_bundle_a_day_and_what_is_not_reported_is_left_out_by_name() {
    let chart = Chart::new();
    let mut result = chart.own("Observation", 1);
    chart.create(&result);
    let taken = |result: &mut Value, at: &str| result["effectiveDateTime"] = json!(at);
    // Late in the evening in UTC is the next day here.
    taken(&mut result, "2026-11-20T16:00:00Z");
    chart.create(&result);
    taken(&mut result, "2024-11-20T09:00:00+09:00");
    let old = chart.create(&result);
    let mut ended = chart.own("Condition", 1);
    ended["clinicalStatus"]["coding"][0]["code"] = json!("resolved");
    ended["abatementDateTime"] = json!("2020-01-31");
    ended["onsetDateTime"] = json!("2020-01-01");
    let ended = chart.create(&ended);
    let pulse = chart.create(&json!({
        "resourceType": "Observation", "status": "final", "code": { "text": "脈拍" },
        "subject": { "reference": chart.patient },
        "effectiveDateTime": "2026-11-20T09:00:00+09:00",
    }));
    let reply = chart.publish(&[]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        parameters(&reply.json(), "bundle").len(),
        2,
        "{}",
        reply.text()
    );
    let mut left: Vec<String> = parameters(&reply.json(), "left-out")
        .iter()
        .map(|one| {
            one["valueReference"]["reference"]
                .as_str()
                .expect("text")
                .to_owned()
        })
        .collect();
    left.sort();
    let mut expected = vec![old.clone(), ended, pulse.clone()];
    expected.sort();
    assert_eq!(left, expected);
    let days: Vec<String> = chart.seen();
    assert!(
        days[0].ends_with("2026-11-20") && days[1].ends_with("2026-11-21"),
        "{days:?}"
    );
    // Who names an old one means it; what is no result of the laboratory is told why.
    assert_eq!(
        chart.published(&[reference("resource", &old)])[0].1,
        "registered"
    );
    let refused = chart.publish(&[reference("resource", &pulse)]);
    assert_eq!(code(&refused), (422, "TSK-REC-020".to_owned()));
    let category = ("CLINS-CATEGORY".to_owned(), format!("{pulse}.category"));
    assert!(findings(&refused.json()).contains(&category));
}

#[test]
fn an_own_identifier_is_kept_and_without_one_the_id_of_the_partition_stands_for_it() {
    let chart = Chart::new();
    let mut named = chart.own("AllergyIntolerance", 1);
    named["identifier"] = json!([{ "system": RESOURCE_ID, "value": "ALG-77" }]);
    chart.create(&named);
    let other = chart.create(&chart.own("AllergyIntolerance", 2));
    chart.published(&[]);
    let mut kept: Vec<String> = chart
        .ward
        .kept_of(chart.ward.person)
        .into_iter()
        .map(|item| item.identifier)
        .collect();
    kept.sort();
    let id = other.split('/').nth(1).expect("an id").to_owned();
    let mut expected = vec!["ALG-77".to_owned(), id];
    expected.sort();
    assert_eq!(kept, expected);
}

#[test]
fn a_reference_that_cannot_go_along_is_told_and_what_the_sender_wrote_inside_stays() {
    let chart = Chart::new();
    let allergy = chart.create(&chart.own("AllergyIntolerance", 1));
    let mut condition = chart.own("Condition", 1);
    condition["contained"] = chart.sent("Condition", 1)["contained"].clone();
    condition["encounter"] = json!({ "reference": "#encounter" });
    condition["recorder"] = json!({ "reference": "#practitioner" });
    condition["evidence"] = json!([{ "detail": [{ "reference": allergy }] }]);
    let condition = chart.create(&condition);
    let reply = chart.publish(&[kind("Condition")]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let lost = format!("{condition}.evidence[0].detail[0]");
    assert_eq!(advice(&reply), [("TSK-REC-026".to_owned(), lost)]);
    assert_eq!(chart.seen().len(), 1);
}

#[test]
fn parameters_that_are_not_understood_are_refused_all_at_once() {
    let chart = Chart::new();
    chart.create(&chart.own("AllergyIntolerance", 1));
    let reply = chart.publish(&[
        kind("MedicationRequest"),
        reference("resource", "Patient/1"),
        reference("patient", &chart.patient),
        json!({ "name": "colour", "valueCode": "blue" }),
    ]);
    assert_eq!(code(&reply), (400, "TSK-REC-021".to_owned()));
    let places: Vec<String> = findings(&reply.json())
        .into_iter()
        .map(|one| one.1)
        .collect();
    let expected = [1, 2, 3, 4].map(|place| format!("Parameters.parameter[{place}]"));
    assert_eq!(places, expected);
    let system = &chart.ward.system;
    let none = json!({ "resourceType": "Parameters" });
    assert_eq!(code(&chart.publish_as(system, &none)).0, 400);
    assert_eq!(
        chart
            .publish_as(system, &json!({ "resourceType": "Patient" }))
            .status,
        400
    );
    // A resource of a kind that was not asked for.
    let other = reference("resource", "Condition/x");
    let reply = chart.publish(&[kind("AllergyIntolerance"), other]);
    assert_eq!(code(&reply), (400, "TSK-REC-021".to_owned()));
    // Named, and not there: each is told.
    let absent = [
        reference("resource", "Condition/x"),
        reference("resource", "AllergyIntolerance/x"),
        reference("encounter", "Encounter/x"),
    ];
    let reply = chart.publish(&absent);
    assert_eq!(code(&reply), (422, "TSK-REC-022".to_owned()));
    assert_eq!(findings(&reply.json()).len(), 3);
    assert!(chart.ward.kept().is_empty());
}

#[test]
fn only_the_own_facilitys_system_publishes_and_only_with_every_right_that_it_takes() {
    let chart = Chart::new();
    chart.create(&chart.own("AllergyIntolerance", 1));
    let world = &chart.ward.world;
    let asked = chart.asked(&[]);
    // To another facility the patient's id is none.
    let theirs = chart.publish_as(&world.system(&chart.clinic), &asked);
    assert_eq!(code(&theirs), (404, "TSK-FHR-004".to_owned()));
    for role in [Role::Doctor, Role::Clerk] {
        let who = world.staff(&chart.ward.hospital, role);
        // Programs' doors take no browser's session.
        assert_eq!(chart.publish_as(&who, &asked).status, 401, "{role:?}");
    }
    assert_eq!(chart.publish_as(&As::Nobody, &asked).status, 401);
    for scopes in [
        "system/Bundle.crud",
        "system/Bundle.crud system/Patient.rs system/Condition.rs",
        "system/Bundle.r system/*.rs",
    ] {
        let who = world.system_with(&chart.ward.hospital, scopes);
        assert_eq!(chart.publish_as(&who, &asked).status, 403, "{scopes}");
    }
    assert!(chart.ward.kept().is_empty());
    let enough = world.system_with(&chart.ward.hospital, "system/Bundle.c system/*.rs");
    assert_eq!(chart.publish_as(&enough, &asked).status, 200);
}

#[test]
fn records_that_change_while_they_are_published_are_published_again_or_not_at_all() {
    let chart = Chart::new();
    let mut allergy = chart.own("AllergyIntolerance", 1);
    let one = chart.create(&allergy);
    let (home, at) = (chart.ward.hospital.clone(), chart.ward.world.app.gate.now());
    let asked = Asked::read(&bytes(&chart.asked(&[])), ORIGIN).expect("parameters");
    let gather = |home: &Home| {
        let (home, asked) = (home.clone(), asked.clone());
        let op = move |call: &mut store::Call<'_>| Material::gather(call, &home, ORIGIN, &asked);
        let found = chart
            .ward
            .world
            .run(system(&chart.ward.hospital), Purpose::Registration, op);
        std::sync::Arc::new(found.unwrap_or_else(|stop| panic!("{stop:?}")))
    };
    let material = gather(&home);
    let made = build::make(&material, (&home.code, ORIGIN), at)
        .expect("good records")
        .0;
    let made = std::sync::Arc::new(made);
    let publish = || {
        let (home, material, made) = (home.clone(), material.clone(), made.clone());
        let op =
            move |call: &mut store::Call<'_>| ops::publish(call, &home, ORIGIN, (&material, &made));
        chart
            .ward
            .world
            .run(system(&chart.ward.hospital), Purpose::Registration, op)
    };
    allergy["code"]["text"] = json!("改めた名前");
    chart.update(&one, &allergy);
    match publish() {
        Err(Stop::Refused(refusal)) => assert_eq!(refusal.entry.code, "TSK-REC-025"),
        other => panic!("{other:?}"),
    }
    assert!(chart.ward.kept().is_empty());
    // Another publishing came first: what it registered is not replaced by the older one.
    assert_eq!(chart.published(&[])[0].1, "registered");
    match publish() {
        Err(Stop::Refused(refusal)) => assert_eq!(refusal.entry.code, "TSK-REC-025"),
        other => panic!("{other:?}"),
    }
    assert_eq!(chart.seen(), ["改めた名前"]);
}

#[test]
fn of_two_who_publish_the_first_of_a_kind_at_once_neither_takes_away_what_the_other_published() {
    let chart = Chart::new();
    let one = chart.create(&chart.own("AllergyIntolerance", 1));
    let other = chart.create(&chart.own("AllergyIntolerance", 2));
    let (home, at) = (chart.ward.hospital.clone(), chart.ward.world.app.gate.now());
    let named = chart.asked(&[reference("resource", &one)]);
    let asked = Asked::read(&bytes(&named), ORIGIN).expect("parameters");
    let (whose, caller) = (home.clone(), system(&home));
    let op = move |call: &mut store::Call<'_>| Material::gather(call, &whose, ORIGIN, &asked);
    let gathered = chart.ward.world.run(caller, Purpose::Registration, op);
    let material = std::sync::Arc::new(gathered.unwrap_or_else(|stop| panic!("{stop:?}")));
    // The other comes between reading and registering.
    assert_eq!(chart.published(&[reference("resource", &other)])[0].2, 1);
    let made = build::make(&material, (&home.code, ORIGIN), at)
        .expect("good records")
        .0;
    let made = std::sync::Arc::new(made);
    let caller = system(&home);
    let op =
        move |call: &mut store::Call<'_>| ops::publish(call, &home, ORIGIN, (&material, &made));
    match chart.ward.world.run(caller, Purpose::Registration, op) {
        Err(Stop::Refused(refusal)) => assert_eq!(refusal.entry.code, "TSK-REC-025"),
        other => panic!("{other:?}"),
    }
    assert_eq!(chart.published(&[reference("resource", &one)])[0].2, 2);
}

fn system(home: &Home) -> Caller {
    Caller::new(Actor::System {
        client: kernel::id::ClientId::from_bytes([3; 16]),
        name: "電子カルテ".to_owned(),
        home: home.clone(),
    })
}

#[test]
fn a_patient_without_a_partition_of_records_has_nothing_to_publish_and_each_try_is_recorded() {
    let chart = Chart::new();
    let records = chart.ward.world.records();
    let reply = chart.publish(&[]);
    assert_eq!(code(&reply), (422, "TSK-REC-023".to_owned()));
    assert_eq!(chart.ward.world.records(), records + 1);
    chart.create(&chart.own("AllergyIntolerance", 1));
    let records = chart.ward.world.records();
    assert_eq!(chart.publish(&[]).status, 200);
    // What was read, and what was registered.
    assert_eq!(chart.ward.world.records(), records + 2);
    // A partition's id of somebody else's resource gathers nothing of theirs.
    let types = ["AllergyIntolerance"];
    let (home, patient) = (chart.ward.hospital.clone(), chart.patient.clone());
    let found = chart.ward.world.run(
        system(&chart.ward.hospital),
        Purpose::Registration,
        move |call| {
            let own = partition::Partition::of(call, &home, ORIGIN)?;
            let id = patient.split('/').nth(1).unwrap_or_default();
            partition::gather(call, &own, id, &types)
        },
    );
    let found = found.unwrap_or_else(|stop| panic!("{stop:?}"));
    assert_eq!(found.resources.len(), 1);
    assert_eq!(found.people, [chart.ward.person]);
}

#[test]
fn the_servers_own_descriptions_name_the_operation() {
    let chart = Chart::new();
    let world = &chart.ward.world;
    let statement = world.get(&As::Nobody, "/fhir/metadata").json();
    let operations = statement["rest"][0]["operation"].as_array().cloned();
    let operations = operations.expect("operations");
    assert!(
        operations.iter().any(|one| one["name"] == "publish"),
        "{operations:?}"
    );
    let api = world.get(&As::Nobody, "/openapi.json").json();
    let described = &api["paths"]["/fhir/$publish"]["post"];
    assert!(described["summary"].is_string(), "{described}");
}
