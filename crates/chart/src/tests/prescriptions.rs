//! Prescriptions of the shared record as FHIR: what the view shows of them, and no word more.

use access::consent::Category;
use serde_json::{Value, json};
use testkit::population::{
    clins::{Author, letters::Paper, member_id},
    demo,
};

use super::{Clinic, DAY, HIDDEN};

const KIND: &str = "MedicationRequest";

impl Clinic {
    /// The hospital's discharge summary with one prescription, for which a doctor wrote reasons.
    fn summary_of_stay(&self, serial: &str) -> Value {
        let hospital = demo::hospital();
        let paper = Paper {
            life: &self.life,
            author: Author::of(&hospital).expect("a doctor"),
            serial,
            version: "1",
            sent: self.world.app.gate.now(),
        };
        let mut document = paper.discharge().expect("insured");
        let entries = document["entry"].as_array_mut().expect("entries");
        let of = |kind: &str| {
            let is = |entry: &&Value| entry["resource"]["resourceType"] == kind;
            let found = entries.iter().find(is).expect("of each");
            found["fullUrl"].clone()
        };
        let (condition, doctor) = (of("Condition"), of("Practitioner"));
        let mut all = entries.iter_mut();
        let order = all.find(|entry| entry["resource"]["resourceType"] == KIND);
        let order = &mut order.expect("a prescription")["resource"];
        order["reasonCode"] = json!([{ "text": HIDDEN }]);
        order["reasonReference"] = json!([{ "reference": condition }]);
        order["note"] = json!([{ "text": HIDDEN }]);
        order["recorder"] = json!({ "reference": doctor });
        order["requester"] = json!({ "reference": doctor });
        order["contained"]
            .as_array_mut()
            .expect("contained")
            .truncate(1);
        order["contained"][0]["reasonCode"] = json!([{ "text": HIDDEN }]);
        document
    }

    fn send(&self, document: &Value) {
        let body = serde_json::to_vec(document).expect("JSON");
        let path = "/fhir/Bundle/$register";
        let reply = self.world.post_fhir(&self.sender, path, &body);
        assert_eq!(reply.status, 201, "{}", reply.text());
    }

    fn cancel(&self, document: &Value) {
        let target = json!({
            "member": member_id(self.life.coverage_last().expect("insured")),
            "system": document["identifier"]["system"],
            "value": document["identifier"]["value"],
        });
        let reply = self
            .world
            .post(&self.sender, "/fhir/Bundle/$cancel", &target);
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

fn id(resource: &Value) -> String {
    resource["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_prescription_is_found_with_its_consent_and_says_no_more_than_the_view() {
    let clinic = Clinic::new();
    let document = clinic.summary_of_stay("RX-1");
    clinic.send(&document);
    let doctor = clinic.doctor();
    clinic.consent(&[Category::Conditions]);
    assert!(clinic.found(&doctor, KIND, "").is_empty());
    clinic.consent(&[Category::Prescriptions]);
    assert!(clinic.found(&doctor, "Condition", "").is_empty());
    let found = clinic.found(&doctor, KIND, "");
    assert_eq!(found.len(), 1, "{found:?}");
    let order = &found[0];
    assert_eq!(order["resourceType"], KIND);
    let drug = &order["medicationCodeableConcept"];
    assert_eq!(drug["text"], "ためし錠5mg");
    assert_eq!(
        order["subject"]["reference"],
        format!("Patient/{}", clinic.visit)
    );
    assert_eq!(order["dosageInstruction"][0]["text"], "1日1回朝食後");
    // Who ordered it is told by name; the document's other entries stay in it.
    assert_eq!(order["requester"]["type"], "Practitioner");
    assert!(order["requester"]["display"].is_string());
    assert_eq!(order["encounter"]["reference"], "#encounter");
    let text = order.to_string();
    for word in [HIDDEN, "urn:uuid", "reason", "note", "recorder"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    // The same entry as the doctor's page has it.
    let json = clinic.summary(&doctor).json();
    let items = json["items"].as_array().expect("items");
    let shown: Vec<&Value> = items
        .iter()
        .filter(|item| item["category"] == "prescriptions")
        .collect();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["entry"], order["id"]);
    let one = format!("{KIND}/{}?patient={}", id(order), clinic.visit);
    assert_eq!(clinic.fhir(&doctor, &one).json()["id"], order["id"]);
    let coded = format!(
        "&code={}",
        drug["coding"][0]["code"].as_str().expect("a code")
    );
    assert_eq!(clinic.found(&doctor, KIND, &coded).len(), 1);
    assert!(clinic.found(&doctor, KIND, "&code=0").is_empty());
    // A document that is taken back takes its prescription along.
    clinic.cancel(&document);
    assert!(clinic.found(&doctor, KIND, "").is_empty());
    assert_eq!(clinic.fhir(&doctor, &one).status, 404);
}

#[test]
fn a_hidden_prescription_and_one_past_its_time_have_no_resource() {
    let mut clinic = Clinic::new();
    for number in 0..4 {
        clinic.send(&clinic.summary_of_stay(&format!("RX-{number}")));
        clinic.world.clock.advance(DAY);
    }
    clinic.visit = clinic.come(&clinic.system);
    clinic.consent(&[Category::Prescriptions]);
    let doctor = clinic.doctor();
    let before = clinic.found(&doctor, KIND, "");
    assert_eq!(before.len(), 4);
    let hidden = id(&before[0]);
    let entry: [u8; 32] = kernel::hex::decode_array(&hidden).expect("32 bytes");
    let person = clinic.person;
    clinic
        .world
        .set_up(move |call| records::ops::hide(call, person, &entry, records::ops::Part::Entry));
    let left = clinic.found(&doctor, KIND, "");
    let ids: Vec<String> = left.iter().map(id).collect();
    assert!(left.len() == 3 && !ids.contains(&hidden), "{ids:?}");
    // After a hundred days the last three days of prescribing are shown: the hidden one is one
    // of them and stays hidden.
    clinic.world.clock.advance(101 * DAY);
    clinic.visit = clinic.come(&clinic.system);
    clinic.consent(&[Category::Prescriptions]);
    let doctor = clinic.doctor();
    let found = clinic.found(&doctor, KIND, "");
    let kept: Vec<String> = found.iter().map(id).collect();
    assert_eq!(kept, ids[..2], "newest first");
}
