//! The desk as clinics, patients, insurers and vendors meet it, through the router; and the
//! document that a letter becomes, held to every rule.

mod building;
mod checkups;
mod exchange;
mod validating;
mod writing;

use access::{consent, consent::Category};
use kernel::id::PersonId;
use serde_json::json;
use store::caller::{Home, Role};
use testkit::{
    World,
    population::{Life, demo},
    world::{As, Reply},
};

/// A hospital that writes, a clinic that is written to, and a patient who has come.
struct Post {
    world: World,
    life: Life,
    person: PersonId,
    hospital: Home,
    clinic: Home,
    writer: As,
    reader: As,
    visit: String,
}

impl Post {
    fn new() -> Self {
        let world = World::new(vec![
            eligibility::service(),
            fhir_server::service(),
            records::service(),
            portal::service(),
            crate::service(),
        ]);
        let on = world.app.gate.now().jst_date();
        let life = demo::patient(on);
        let person = world.person(&life);
        let hospital = world.set_up(|call| testkit::seed::facility(call, &demo::hospital()));
        let clinic = world.facility("1310000017", "みなと内科クリニック");
        let system = world.system(&hospital);
        for bundle in demo::bundles(on) {
            let reply = world.post_fhir(&system, "/fhir/Bundle/$register", &bundle.json);
            assert_eq!(reply.status, 201, "{}", reply.text());
        }
        let coverage = life.coverages.last().expect("insured");
        let number = json!({
            "insurer_number": coverage.insurer.number.as_str(),
            "symbol": coverage.symbol.as_str(),
            "number": coverage.number.as_str(),
            "birth_date": life.birth.to_string(),
        });
        let reply = world.post(&system, "/api/v1/eligibility/checks", &number);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let visit = reply.json()["visit"].as_str().expect("a visit").to_owned();
        Self {
            writer: world.staff(&hospital, Role::Doctor),
            reader: world.staff(&clinic, Role::Doctor),
            world,
            life,
            person,
            hospital,
            clinic,
            visit,
        }
    }

    /// The patient lets the hospital see what was shared.
    fn share(&self) {
        let (person, facility) = (self.person, self.hospital.id);
        self.world.set_up(move |call| {
            consent::give(call, person, facility, &Category::SHARED, "pin")?;
            Ok(())
        });
    }

    fn form(&self) -> String {
        format!("/visits/{}/letter", self.visit)
    }

    fn get(&self, path: &str) -> Reply {
        self.world.get(&self.writer, path)
    }

    /// What a filled form has, with `more` before it: the first of a name counts.
    fn fill<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut fields = more.to_vec();
        fields.extend([
            ("draft", "00112233445566778899aabbccddeeff"),
            ("to", "1310000017"),
            ("department", "081"),
            ("doctor", "港 太郎"),
            ("purpose_pick", "精査・加療をお願いいたします。"),
            ("problems", "胸部違和感"),
            ("illness", "4月から、歩くと胸に違和感があります。<二階まで>"),
            ("act", "send"),
        ]);
        fields
    }

    fn send(&self, more: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Reply {
        let fields = self.fill(more);
        self.world
            .submit_files(&self.writer, &self.form(), &fields, files)
    }

    /// Sends with the patient's consent, given now; the letter's identifier.
    fn sent(&self) -> String {
        let now = self.world.app.gate.now().jst_minute();
        let (date, time) = now.split_once(' ').expect("two parts");
        let time = time.get(..5).expect("minutes");
        let consent = [
            ("consent", "yes"),
            ("consent_by", "佐藤"),
            ("consent_date", date),
            ("consent_time", time),
        ];
        let pdf: &[u8] = b"%PDF-1.4\n%%EOF";
        letter_of(&self.send(&consent, &[("files", "心電図.pdf", pdf)]))
    }

    fn opened(&self) -> String {
        let letter = self.sent();
        let reply = self
            .world
            .submit(&self.reader, &format!("/letters/{letter}/open"), &[]);
        assert_eq!(reply.status, 303, "{}", reply.text());
        letter
    }
}

/// The letter that an answer leads to.
fn letter_of(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", reply.text());
    let to = reply.header("location");
    let letter = to
        .strip_prefix("/sent-documents/")
        .and_then(|rest| rest.split('?').next());
    letter.unwrap_or_else(|| panic!("{to}")).to_owned()
}
