//! Documents and letters as hospitals, patients and insurers meet them, through the router.

mod files;
mod flags;
mod notices;
mod states;
mod story;
mod together;
mod who;

use kernel::id::PersonId;
use serde_json::{Value, json};
use store::caller::{Home, Role};
use testkit::{
    population::{
        clins::{
            Author,
            letters::{File, Paper},
            member_id,
        },
        demo,
    },
    world::{As, Reply},
};

use super::{Ward, bytes};

/// The hospital that writes, the one that is written to, and a third that is not.
pub(super) struct Post {
    pub(super) ward: Ward,
    pub(super) other: Home,
    pub(super) other_system: As,
    pub(super) other_doctor: As,
    pub(super) stranger: As,
}

pub(super) const TO: (&str, &str) = ("1310000017", "みなと総合病院");

impl Post {
    pub(super) fn new() -> Self {
        let ward = Ward::new();
        let other = ward.world.facility(TO.0, TO.1);
        let stranger = ward.world.facility("1310000025", "とおくの診療所");
        Self {
            other_system: ward.world.system(&other),
            other_doctor: ward.world.staff(&other, Role::Doctor),
            stranger: ward.world.system(&stranger),
            other,
            ward,
        }
    }

    /// A document in the making; `f` bends it.
    fn paper(
        &self,
        serial: &str,
        version: &str,
        f: impl FnOnce(&Paper<'_>) -> Option<Value>,
    ) -> Value {
        let hospital = demo::hospital();
        let author = Author::of(&hospital).expect("a doctor");
        let paper = Paper {
            life: &self.ward.life,
            author,
            serial,
            version,
            sent: self.ward.world.app.gate.now(),
        };
        f(&paper).expect("an insured person")
    }

    pub(super) fn referral(&self, serial: &str, version: &str) -> Value {
        self.paper(serial, version, |paper| paper.referral(TO, &[]))
    }

    pub(super) fn referral_with(&self, serial: &str, files: &[File<'_>]) -> Value {
        self.paper(serial, "1", |paper| paper.referral(TO, files))
    }

    pub(super) fn discharge(&self, serial: &str) -> Value {
        self.paper(serial, "1", |paper| paper.discharge())
    }

    /// Registers; what comes behind `$register` is given too.
    pub(super) fn register(&self, document: &Value, query: &str) -> Reply {
        let path = format!("/fhir/Bundle/$register{query}");
        self.ward
            .world
            .post_fhir(&self.ward.system, &path, &bytes(document))
    }

    /// Registers a letter that must be taken; its identifier in addresses.
    pub(super) fn sent(&self, document: &Value, query: &str) -> String {
        let reply = self.register(document, query);
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
        id_of(&reply)
    }

    /// With the patient's consent given now.
    pub(super) fn released(&self, serial: &str) -> String {
        self.sent(&self.referral(serial, "1"), &self.consent_query())
    }

    pub(super) fn consent_query(&self) -> String {
        format!("?consent={}", self.ward.world.app.gate.now())
    }

    pub(super) fn member(&self) -> String {
        let coverage = self.ward.life.coverage_last().expect("insured");
        member_id(coverage)
    }

    pub(super) fn target(&self, document: &Value) -> Value {
        json!({
            "member": self.member(),
            "system": document["identifier"]["system"],
            "value": document["identifier"]["value"],
        })
    }

    pub(super) fn command(&self, verb: &str, document: &Value) -> Reply {
        let path = format!("/fhir/Bundle/${verb}");
        self.ward
            .world
            .post(&self.ward.system, &path, &self.target(document))
    }

    pub(super) fn change(&self, document: &Value) -> Reply {
        let path = "/fhir/Bundle/$change";
        self.ward
            .world
            .post_fhir(&self.ward.system, path, &bytes(document))
    }

    /// What the sender asks or does.
    pub(super) fn get(&self, path: &str) -> Reply {
        self.ward
            .world
            .get(&self.ward.system, &format!("/api/v1/letters/{path}"))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Reply {
        let path = format!("/api/v1/letters/{path}");
        self.ward.world.post(&self.ward.system, &path, body)
    }

    /// What the addressee asks or does.
    pub(super) fn their(&self, path: &str) -> Reply {
        self.ward
            .world
            .get(&self.other_system, &format!("/api/v1/letters/{path}"))
    }

    pub(super) fn they(&self, path: &str, body: &Value) -> Reply {
        let path = format!("/api/v1/letters/{path}");
        self.ward.world.post(&self.other_system, &path, body)
    }

    pub(super) fn open(&self, id: &str) -> Reply {
        self.they(&format!("inbox/{id}/open"), &json!({}))
    }

    pub(super) fn oral(&self) -> Value {
        json!({ "at": self.ward.world.app.gate.now().to_string(), "by": "地域連携室 山口" })
    }

    pub(super) fn inbox(&self) -> Vec<(String, String)> {
        states(&self.their("inbox"))
    }

    pub(super) fn outbox(&self) -> Vec<(String, String)> {
        states(&self.get("sent"))
    }

    pub(super) fn person(&self) -> PersonId {
        self.ward.person
    }
}

pub(super) fn id_of(reply: &Reply) -> String {
    let place = reply.header("location");
    place.rsplit('/').next().expect("an identifier").to_owned()
}

/// Identifier and state of each letter of a list.
pub(super) fn states(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let json = reply.json();
    let letters = json["letters"].as_array().expect("letters");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    letters
        .iter()
        .map(|one| (text(&one["letter"]), text(&one["state"])))
        .collect()
}

pub(super) fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}
