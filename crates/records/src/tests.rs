//! The shared record as hospitals' record systems meet it, through the router.

mod coding;
mod hiding;
mod labs;
mod letters;
mod merged;
mod mutations;
mod prescriptions;
mod published;
mod publishing;
mod refusals;
mod registering;
mod retention;
mod rules;
mod standing;

use kernel::id::PersonId;
use serde_json::Value;
use store::caller::{Actor, Caller, Home, Purpose};
use testkit::{
    World,
    population::{Life, clins::Bundle, demo},
    world::{As, Reply},
};

use crate::model::{Item, What};

/// The patient of the demonstration, her hospital, and what it would send.
struct Ward {
    world: World,
    life: Life,
    person: PersonId,
    hospital: Home,
    system: As,
    bundles: Vec<Bundle>,
}

impl Ward {
    fn new() -> Self {
        let world = World::new(vec![fhir_server::service(), crate::service()]);
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
            bundles: demo::bundles(on),
        }
    }

    fn bundle(&self, kind: &str) -> &Bundle {
        let mut all = self.bundles.iter();
        all.find(|b| b.kind.as_str() == kind).expect("of each kind")
    }

    fn json(&self, kind: &str) -> Value {
        serde_json::from_slice(&self.bundle(kind).json).expect("JSON")
    }

    fn register(&self, body: &[u8]) -> Reply {
        let path = "/fhir/Bundle/$register";
        self.world.post_fhir(&self.system, path, body)
    }

    fn register_json(&self, body: &Value) -> Reply {
        self.register(&bytes(body))
    }

    /// The member identifier as her documents give it.
    fn member(&self) -> String {
        let json = self.json("Condition");
        let mut all = json["entry"][0]["resource"]["identifier"]
            .as_array()
            .expect("identifiers")
            .iter();
        all.find(|i| {
            i["system"]
                .as_str()
                .is_some_and(|s| s.ends_with("memberID"))
        })
        .and_then(|i| i["value"].as_str())
        .expect("a member identifier")
        .to_owned()
    }

    fn command(&self, verb: &str, identifier: &str) -> Reply {
        let body = serde_json::json!({
            "member": self.member(),
            "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
            "value": identifier,
        });
        let path = format!("/fhir/Bundle/${verb}");
        self.world.post(&self.system, &path, &body)
    }

    /// Everything that is kept of somebody, whoever may see it.
    fn kept_of(&self, person: PersonId) -> Vec<Item> {
        let job = Caller::new(Actor::Job { name: "test" });
        let found = self.world.run(job, Purpose::Operation, move |call| {
            call.open(person)?;
            Ok(crate::store::items(call, person)?)
        });
        found.unwrap_or_else(|stop| panic!("{stop:?}"))
    }

    fn kept(&self) -> Vec<String> {
        lines(&self.kept_of(self.person))
    }

    fn own(&self) -> Vec<String> {
        let (job, person) = (Caller::new(Actor::Job { name: "test" }), self.person);
        let found = self.world.run(job, Purpose::OwnAccess, move |call| {
            Ok(crate::ops::own(call, person)?.items)
        });
        lines(&found.unwrap_or_else(|stop| panic!("{stop:?}")))
    }
}

fn bytes(json: &Value) -> Vec<u8> {
    serde_json::to_vec(json).expect("JSON")
}

/// Items as sorted lines that name every fact.
fn lines(items: &[Item]) -> Vec<String> {
    let mut all: Vec<String> = items
        .iter()
        .map(|item| {
            let what = match &item.what {
                What::Condition(c) => {
                    format!("{} {:?} {} {}", c.name, c.onset, c.status, c.is_main)
                }
                What::Allergy(a) => format!("{} {:?} {}", a.substance, a.reaction, a.high_risk),
                What::Lab(l) => format!("{} {} {} {}", l.key, l.value, l.unit, l.on),
                What::Prescription(p) => format!("{} {} {}", p.medicine, p.usage, p.on),
            };
            format!(
                "{} {:?} {:?} {:?} {what}",
                item.category.word(),
                item.flags,
                item.certainty,
                item.provenance
            )
        })
        .collect();
    all.sort();
    all
}
