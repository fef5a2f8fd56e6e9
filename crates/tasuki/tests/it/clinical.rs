//! Whoever administers, reviews or maintains sees nobody's clinical data, on any route.
//!
//! Source: identity-security AUTHZ-01 (administrators see no clinical data).

use access::consent::{self, Category};
use serde_json::json;
use store::caller::Role;
use tasuki::program;
use testkit::{
    World,
    population::demo,
    world::{As, Reply},
};
use web::{Body, Method, Route};

/// Roles that see no clinical data whatever the patient consented to.
const KEPT_OUT: [Role; 5] = [
    Role::Administrator,
    Role::SafetyOfficer,
    Role::VendorSupport,
    Role::Clerk,
    Role::Therapist,
];

/// A clinic where a patient with a shared record has come, shown everything, and is named by
/// every identifier that a path can hold.
struct Clinic {
    world: World,
    home: store::caller::Home,
    visit: String,
    /// Words of the patient's record, each unmistakable.
    clinical: Vec<String>,
    /// The patient's name.
    name: String,
}

impl Clinic {
    fn new() -> Self {
        let world = World::new(program::services());
        let on = world.app.gate.now().jst_date();
        let life = demo::patient(on);
        let person = world.person(&life);
        let hospital = world.set_up(|call| testkit::seed::facility(call, &demo::hospital()));
        let sender = world.system(&hospital);
        for bundle in demo::bundles(on) {
            let sent = world.post_fhir(&sender, "/fhir/Bundle/$register", &bundle.json);
            assert_eq!(sent.status, 201, "{}", sent.text());
        }
        let coverage = life.coverages.last().expect("insured");
        let number = json!({
            "insurer_number": coverage.insurer.number.as_str(),
            "symbol": coverage.symbol.as_str(),
            "number": coverage.number.as_str(),
            "birth_date": life.birth.to_string(),
        });
        let system = world.system(&hospital);
        let checked = world.post(&system, "/api/v1/eligibility/checks", &number);
        let visit = checked.json()["visit"]
            .as_str()
            .expect("a visit")
            .to_owned();
        let facility = hospital.id;
        world.set_up(move |call| consent::give(call, person, facility, &Category::ALL, "pin"));
        let clinical = ["高血圧", "ペニシリン", "アモキシシリン", "脂質異常症"];
        Self {
            world,
            home: hospital,
            visit,
            clinical: clinical.map(str::to_owned).to_vec(),
            name: life.name.full(),
        }
    }

    fn send(&self, who: &As, route: &Route) -> Reply {
        let parts: Vec<&str> = route
            .path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    self.visit.as_str()
                } else {
                    part
                }
            })
            .collect();
        let path = parts.join("/");
        match (route.method, route.body) {
            (Method::Post, Body::Form) => self.world.submit(who, &path, &[]),
            (Method::Post, Body::Fhir) => self.world.post_fhir(who, &path, b"{}"),
            (Method::Post, _) => self.world.post(who, &path, &json!({})),
            (method, _) => self.world.send(who, method.word(), &path, "", Vec::new()),
        }
    }

    /// Routes whose answer holds one of these words.
    fn telling(&self, who: &As, words: &[String]) -> Vec<String> {
        let mut routes = self.world.app.routes.clone();
        routes.sort_by_key(|route| route.path == "/logout");
        let mut found = Vec::new();
        for route in routes {
            self.world.clock.advance(1);
            let text = self.send(who, &route).text();
            if words.iter().any(|word| text.contains(word.as_str())) {
                found.push(route.name());
            }
        }
        found
    }
}

#[test]
fn administrators_reviewers_maintainers_and_the_counter_see_no_clinical_data_on_any_route() {
    let clinic = Clinic::new();
    let doctor = clinic.world.staff(&clinic.home, Role::Doctor);
    let seen = clinic.telling(&doctor, &clinic.clinical);
    assert!(seen.len() >= 2, "the doctor sees it: {seen:?}");
    for role in KEPT_OUT {
        let who = clinic.world.staff(&clinic.home, role);
        let told = clinic.telling(&who, &clinic.clinical);
        assert!(told.is_empty(), "{role:?}: {told:?}");
    }
}

#[test]
fn administrators_reviewers_and_maintainers_do_not_even_learn_who_came() {
    let clinic = Clinic::new();
    let name = vec![clinic.name.clone()];
    let clerk = clinic.world.staff(&clinic.home, Role::Clerk);
    assert!(!clinic.telling(&clerk, &name).is_empty());
    for role in [
        Role::Administrator,
        Role::SafetyOfficer,
        Role::VendorSupport,
        Role::AmbulanceCrew,
    ] {
        let who = clinic.world.staff(&clinic.home, role);
        let told = clinic.telling(&who, &name);
        assert!(told.is_empty(), "{role:?}: {told:?}");
    }
}
