//! The own partition as hospitals' systems meet it, through the router.

mod bundles;
mod changing;
mod codes;
mod creating;
mod exporting;
mod operations;
mod packages;
mod searching;
mod subscriptions;
mod surface;

use kernel::id::PersonId;
use serde_json::{Value, json};
use store::caller::Home;
use testkit::{
    World,
    population::{Life, demo},
    world::{As, Reply},
};

/// A hospital, its record system, and a patient of the register.
struct Ward {
    world: World,
    life: Life,
    person: PersonId,
    hospital: Home,
    system: As,
}

const MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";

impl Ward {
    fn new() -> Self {
        let world = World::new(vec![crate::service()]);
        let on = world.app.gate.now().jst_date();
        let life = demo::patient(on);
        let person = world.person(&life);
        let hospital = world.set_up(|call| testkit::seed::facility(call, &demo::hospital()));
        let system = world.system(&hospital);
        Self {
            world,
            life,
            person,
            hospital,
            system,
        }
    }

    /// The member identifier of a life.
    fn member(&self, life: &Life) -> String {
        let on = self.world.app.gate.now().jst_date();
        let coverage = life.coverage_on(on).expect("insured");
        let branch = coverage.branch.as_ref().map_or("", |b| b.as_str());
        let insurer = format!("{:0>8}", coverage.insurer.number.as_str());
        let (symbol, number) = (coverage.symbol.as_str(), coverage.number.as_str());
        format!("{insurer}:{symbol}:{number}:{branch}")
    }

    fn patient_of(&self, life: &Life) -> Value {
        json!({
            "resourceType": "Patient",
            "identifier": [
                { "system": MEMBER, "value": self.member(life) },
                { "system": "urn:oid:1.2.392.100495.20.3.51.11311234567", "value": "00123" },
            ],
            "name": [{ "family": life.name.family, "given": [life.name.given] }],
            "birthDate": life.birth.to_string(),
        })
    }

    fn post(&self, kind: &str, body: &Value) -> Reply {
        self.post_as(&self.system, kind, body)
    }

    fn post_as(&self, who: &As, kind: &str, body: &Value) -> Reply {
        let path = format!("/fhir/{kind}");
        self.world.post_fhir(who, &path, &bytes(body))
    }

    /// Creates the patient; the reference to it.
    fn admit(&self) -> String {
        let reply = self.post("Patient", &self.patient_of(&self.life));
        assert_eq!(reply.status, 201, "{}", reply.text());
        format!("Patient/{}", reply.json()["id"].as_str().expect("an id"))
    }

    /// Another patient of the hospital.
    fn other_patient(&self) -> String {
        let on = self.world.app.gate.now().jst_date();
        let lives = testkit::population::Population::new(11, 400, on);
        let mut lives = lives
            .iter()
            .filter(|life| life.death.is_none() && life.coverage_on(on).is_some());
        let life = lives.next().expect("somebody is insured");
        let _enrolled = self.world.person(&life);
        let reply = self.post("Patient", &self.patient_of(&life));
        assert_eq!(reply.status, 201, "{}", reply.text());
        format!("Patient/{}", reply.json()["id"].as_str().expect("an id"))
    }

    /// The hospital's record system as operations see it.
    fn caller(&self) -> store::caller::Caller {
        store::caller::Caller::new(store::caller::Actor::System {
            client: kernel::id::ClientId::from_bytes([3; 16]),
            name: "電子カルテ".to_owned(),
            home: self.hospital.clone(),
        })
    }

    fn get(&self, path: &str) -> Reply {
        self.world.get(&self.system, &format!("/fhir/{path}"))
    }
}

fn bytes(json: &Value) -> Vec<u8> {
    serde_json::to_vec(json).expect("JSON")
}

/// A laboratory result.
fn observation(patient: &str, code: &str, value: &str) -> Value {
    let mut made = json!({
        "resourceType": "Observation",
        "status": "final",
        "code": { "coding": [{ "system": "urn:oid:1.2.392.200119.4.504", "code": code }] },
        "subject": { "reference": patient },
        "effectiveDateTime": "2026-11-20T09:00:00+09:00",
    });
    made["valueQuantity"] = json!({ "value": 0, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL" });
    let text = made
        .to_string()
        .replace("\"value\":0", &format!("\"value\":{value}"));
    serde_json::from_str(&text).expect("JSON")
}

/// Status and code of a refusal.
fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}
