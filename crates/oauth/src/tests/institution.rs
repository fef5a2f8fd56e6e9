//! OA-07: the facility of the token is the facility of what is sent.

use kernel::id::FacilityId;
use store::{
    audit::{Entry, Subject},
    caller::{Actor, Caller, Purpose},
};
use testkit::population::demo;

use super::*;

/// What stands on a facility's own chain, newest first, as its review reads it.
fn chain(place: &Place, facility: FacilityId) -> Vec<Entry> {
    let job = Caller::new(Actor::Job { name: "test" });
    let read = place.world.run(job, Purpose::Operation, move |call| {
        Ok(call.history(Subject::Facility(facility), i64::MAX, 50)?)
    });
    read.unwrap_or_else(|stop| panic!("{stop:?}"))
}

/// Sends as `token`; one record of it more than before.
fn once_recorded(place: &Place, send: impl FnOnce() -> Reply) -> Reply {
    let before = place.world.records();
    let reply = send();
    assert_eq!(place.world.records(), before + 1, "{}", reply.text());
    reply
}

#[test]
fn a_document_of_another_institution_than_the_tokens_is_refused_recorded_and_not_stored() {
    let place = place();
    let world = &place.world;
    let on = world.app.gate.now().jst_date();
    let person = world.person(&demo::patient(on));
    let hospital = world.set_up(|call| testkit::seed::facility(call, &demo::hospital()));
    let system = place.backend("system/Bundle.crud");
    let token = As::System(place.token(&system, "1", ""));
    let record = || {
        let patient = world.patient(person);
        json_of(&world.get(&patient, "/api/v1/portal/record"))["items"].clone()
    };
    let empty = record();
    let bundles = demo::bundles(on);
    for bundle in &bundles {
        let path = "/fhir/Bundle/$register";
        let reply = once_recorded(&place, || world.post_fhir(&token, path, &bundle.json));
        assert_eq!(
            (reply.status, reply.code()),
            (403, "TSK-REC-003".to_owned())
        );
        let found = chain(&place, place.clinic.id);
        let newest = &found.first().expect("a record").record;
        assert_eq!(newest.event, "records.register");
        assert_eq!(newest.refused.as_deref(), Some("TSK-REC-003"));
        assert_eq!(newest.account, system.client.id.to_hex());
        assert_eq!(newest.facility_code, place.clinic.code);
        assert_eq!(newest.request, reply.header("x-request-id"));
    }
    // Nor may it read or delete what the hospital keeps, by naming it.
    let theirs = world.system(&hospital);
    let first = bundles.first().expect("one");
    let named = named(&first.json);
    for verb in ["document", "delete"] {
        let path = format!("/fhir/Bundle/${verb}");
        let reply = once_recorded(&place, || world.post(&token, &path, &named));
        assert_eq!(reply.status, 403, "{verb}: {}", reply.text());
    }
    assert_eq!(record(), empty, "nothing was stored");
    // The hospital itself finds nothing to replace: its document is new.
    let path = "/fhir/Bundle/$register";
    let own = world.post_fhir(&theirs, path, &first.json);
    assert_eq!(own.status, 201, "{}", own.text());
    assert_ne!(record(), empty);
}

/// A document's three parameters.
fn named(document: &[u8]) -> Value {
    let document: Value = serde_json::from_slice(document).expect("JSON");
    let identifiers = document["entry"][0]["resource"]["identifier"].as_array();
    let is_member = |one: &&Value| {
        let system = one["system"].as_str().unwrap_or_default();
        system.ends_with("memberID")
    };
    let member = identifiers.and_then(|all| all.iter().find(is_member));
    json!({
        "member": member.expect("a member")["value"],
        "system": document["identifier"]["system"],
        "value": document["identifier"]["value"],
    })
}

/// The eligibility API takes its facility from the token alone: there is no field for an
/// institution, and the name of a terminal cannot carry one.
#[test]
fn eligibility_is_asked_for_the_tokens_facility_whatever_the_body_names() {
    let place = place();
    let world = &place.world;
    let on = world.app.gate.now().jst_date();
    let life = demo::patient(on);
    let _person = world.person(&life);
    let coverage = life.coverages.last().expect("insured");
    let number = json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "birth_date": life.birth.to_string(),
    });
    let other = world.facility("1310000017", "別の医院");
    let system = place.backend("tasuki/eligibility");
    let token = As::System(place.token(&system, "1", ""));
    let path = "/api/v1/eligibility/checks";
    for name in ["facility", "facility_code", "institution", "sender"] {
        let mut more = number.clone();
        more[name] = json!(other.code);
        let reply = world.post(&token, path, &more);
        assert!(
            (400..500).contains(&reply.status),
            "{name}: {}",
            reply.text()
        );
    }
    let challenges = "/api/v1/eligibility/challenges";
    let elsewhere = json!({ "terminal": format!("{}:uketsuke", other.code) });
    let reply = world.post(&token, challenges, &elsewhere);
    assert_eq!(reply.status, 422, "{}", reply.text());
    let reply = world.post(&token, challenges, &json!({ "terminal": "uketsuke" }));
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(
        json_of(&reply)["terminal"],
        format!("{}:uketsuke", place.clinic.code)
    );
    // The visit that a check begins is there for the token's facility and for no other.
    let visit = word(&world.post(&token, path, &number), "visit");
    let summary = format!("/api/v1/visits/{visit}/summary");
    let doctor = |home| world.staff(home, store::caller::Role::Doctor);
    assert_eq!(world.get(&doctor(&other), &summary).status, 404);
    assert_eq!(world.get(&doctor(&place.clinic), &summary).status, 403);
}
