//! The one page: hidden entries as counts, old entries asked about, the answer kept.

use access::consent::Category;
use store::caller::Role;
use testkit::world::{As, Reply};

use super::{Clinic, DAY};

impl Clinic {
    fn say(&self, who: &As, entry: &str, verdict: &str, reason: &str) -> Reply {
        let path = format!("/visits/{}/record/entries", self.visit);
        let fields = [("entry", entry), ("verdict", verdict), ("reason", reason)];
        self.world.submit(who, &path, &fields)
    }

    /// Comes again after so long, with consent to everything.
    fn again(&mut self, days: i64) -> As {
        self.world.clock.advance(days * DAY);
        self.system = self.world.system(&self.home);
        self.visit = self.come(&self.system.clone());
        self.consent(&Category::ALL);
        self.doctor()
    }

    fn entry(&self, who: &As, category: &str) -> serde_json::Value {
        let json = self.summary(who).json();
        let items = json["items"].as_array().expect("items");
        let found = items.iter().find(|i| i["category"] == category);
        found.expect("one of the category").clone()
    }
}

#[test]
fn an_old_entry_is_asked_about_and_the_answer_stands_beside_it() {
    let mut clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let doctor = clinic.doctor();
    let page = clinic.page(&doctor).text();
    assert!(!page.contains("いまも該当しますか"), "{page}");
    // A year later the conditions are asked about, the allergies not yet.
    let doctor = clinic.again(366);
    let page = clinic.page(&doctor).text();
    assert!(page.contains("いまも該当しますか") && page.contains("登録から長い時間がたった情報が"));
    let one = clinic.entry(&doctor, "conditions");
    assert_eq!(one["stale"], true);
    assert_eq!(clinic.entry(&doctor, "contraindications")["stale"], false);
    let key = one["entry"].as_str().expect("a key").to_owned();
    let name = one["text"].as_str().expect("a name").to_owned();
    let done = clinic.say(&doctor, &key, "retired", "治療を終えた");
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(clinic.last_record().1.event, "records.assert");
    let standing = |doctor: &As| {
        let json = clinic.summary(doctor).json();
        let items = json["items"].as_array().expect("items").clone();
        let found = items.into_iter().find(|i| i["entry"] == key.as_str());
        found.expect("it stays")["standing"].clone()
    };
    assert_eq!(standing(&doctor)["verdict"], "retired");
    assert_eq!(standing(&doctor)["facility"], clinic.home.name);
    let page = clinic.page(&doctor).text();
    assert!(page.contains("「現在は該当しない」") && page.contains("治療を終えた"));
    assert!(
        page.contains(name.split('<').next().expect("a name")),
        "{name}"
    );
    // It can be taken back.
    let back = clinic.say(&doctor, &key, "confirmed", "");
    assert_eq!(back.status, 303, "{}", back.text());
    assert_eq!(standing(&doctor)["verdict"], "confirmed");
    assert!(clinic.page(&doctor).text().contains("はじめての医院が確認"));
}

#[test]
fn only_doctors_answer_and_only_with_a_reason_and_a_token_of_the_form() {
    let mut clinic = Clinic::new();
    let doctor = clinic.again(366);
    let key = clinic.entry(&doctor, "conditions")["entry"]
        .as_str()
        .expect("a key")
        .to_owned();
    let told = |reply: Reply| (reply.status, reply.code());
    let no = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(
        told(clinic.say(&doctor, &key, "retired", "")),
        no(422, "TSK-REC-012")
    );
    assert_eq!(
        told(clinic.say(&doctor, "zz", "retired", "x")),
        no(404, "TSK-REC-009")
    );
    assert_eq!(
        told(clinic.say(&doctor, &key, "gone", "x")),
        no(404, "TSK-REC-009")
    );
    for role in [
        Role::Nurse,
        Role::Pharmacist,
        Role::Clerk,
        Role::Technologist,
    ] {
        let who = clinic.world.staff(&clinic.home, role);
        assert_eq!(
            told(clinic.say(&who, &key, "confirmed", "")),
            no(403, "TSK-ACC-003"),
            "{role:?}"
        );
        let page = clinic.page(&who).text();
        assert!(
            !page.contains("現在は該当しない") && !page.contains("record/entries"),
            "{role:?}"
        );
    }
    // A record system has no session, whatever its scopes.
    assert_eq!(
        clinic.say(&clinic.system, &key, "confirmed", "").status,
        401
    );
    clinic.withdraw();
    assert_eq!(
        told(clinic.say(&doctor, &key, "confirmed", "")),
        no(403, "TSK-CNS-003")
    );
}

#[test]
fn the_page_says_that_something_is_hidden_and_how_many_and_never_what() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let doctor = clinic.doctor();
    let one = clinic.entry(&doctor, "conditions");
    let name = one["text"].as_str().expect("a name").to_owned();
    let entry: [u8; 32] =
        kernel::hex::decode_array(one["entry"].as_str().expect("a key")).expect("32 bytes");
    let person = clinic.person;
    clinic
        .world
        .set_up(move |call| records::ops::hide(call, person, &entry, records::ops::Part::Entry));
    let reply = clinic.summary(&doctor);
    assert_eq!(
        reply.json()["hidden"],
        serde_json::json!([{"category": "conditions", "count": 1}])
    );
    let page = clinic.page(&doctor).text();
    assert!(
        page.contains("傷病名 1件") && page.contains("見せない設定"),
        "{page}"
    );
    for text in [page, reply.text()] {
        assert!(!text.contains(&name) || name.is_empty(), "{name}");
    }
    // Under a consent that does not cover the category, not even that it is there.
    clinic.consent(&[Category::Allergies]);
    assert_eq!(
        clinic.summary(&doctor).json()["hidden"],
        serde_json::json!([])
    );
}

#[test]
fn what_is_dangerous_to_overlook_comes_first_on_the_page() {
    let clinic = Clinic::new();
    clinic.consent(&Category::ALL);
    let page = clinic.page(&clinic.doctor()).text();
    let place = |text: &str| {
        page.find(text)
            .unwrap_or_else(|| panic!("{text} is missing"))
    };
    let order = [
        "id=\"cautions\"",
        "id=\"conditions\"",
        "id=\"infections\"",
        "id=\"prescriptions\"",
        "id=\"laboratory\"",
    ];
    assert!(order.windows(2).all(|two| place(two[0]) < place(two[1])));
}
