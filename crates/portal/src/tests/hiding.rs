//! The person keeps an entry to themself, by their own page.

use access::proxy::Scope;
use kernel::id::PersonId;
use serde_json::Value;
use testkit::{
    population::Population,
    world::{As, Reply},
};

use super::walk::Town;

impl Town {
    fn items(&self, me: &As) -> Vec<Value> {
        let reply = self.world.get(me, "/api/v1/portal/record");
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["items"].as_array().expect("items").clone()
    }

    fn hidden(&self, me: &As) -> usize {
        self.items(me)
            .iter()
            .filter(|i| i["hidden"] == true)
            .count()
    }

    fn choose(&self, me: &As, path: &str, entry: &str, part: &str) -> Reply {
        self.world
            .submit(me, path, &[("entry", entry), ("part", part)])
    }
}

const HIDE: &str = "/portal/record/hide";
const SHOW: &str = "/portal/record/show";

/// The first key in a page behind a heading, for a button of this kind.
fn key(page: &str, part: &str) -> String {
    let form = page
        .split("<form")
        .find(|form| form.contains(&format!("name=\"part\" value=\"{part}\"")))
        .expect("a form");
    let rest = form.split("name=\"entry\" value=\"").nth(1).expect("a key");
    rest.split('"').next().expect("its end").to_owned()
}

#[test]
fn a_person_hides_an_entry_and_a_report_and_shows_them_again() {
    let town = Town::new();
    let me = town.log_in();
    let page = town.world.get(&me, "/portal/record").text();
    assert!(page.contains("医療機関に見せない"), "{page}");
    assert!(page.contains("見せる設定をおすすめします"), "{page}");
    // Nothing is left out for the person themself: only a proxy has a scope.
    assert!(!page.contains("任されていない情報"), "{page}");
    assert_eq!(town.hidden(&me), 0);
    for part in ["entry", "report"] {
        let entry = key(&page, part);
        let done = town.choose(&me, HIDE, &entry, part);
        assert_eq!(
            (done.status, done.header("location")),
            (303, "/portal/record")
        );
        assert!(town.hidden(&me) > 0, "{part}");
        let after = town.world.get(&me, "/portal/record").text();
        let words = if part == "entry" {
            "医療機関に見せない設定です。"
        } else {
            "<strong>見せない</strong>"
        };
        assert!(after.contains(words), "{after}");
        assert_eq!(town.choose(&me, SHOW, &entry, part).status, 303);
        assert_eq!(town.hidden(&me), 0, "{part}");
    }
    let history = town.world.get(&me, "/portal/history").text();
    for words in [
        "診療情報を医療機関に見せない設定",
        "診療情報を医療機関に見せる設定",
    ] {
        assert!(history.contains(words), "{words}");
    }
    for (entry, part) in [
        ("zz", "entry"),
        (&"0".repeat(64), "entry"),
        (&key(&page, "entry"), "all"),
    ] {
        let reply = town.choose(&me, HIDE, entry, part);
        assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-REC-009"));
    }
}

#[test]
fn a_proxy_hides_only_within_the_scope() {
    let town = Town::new();
    let on = town.world.app.gate.now().jst_date();
    let adults = Population::new(7, 400, on)
        .iter()
        .filter(|life| life.birth.age_on(on) >= 30 && life.coverage_on(on).is_some())
        .take(3)
        .map(|life| town.world.person(&life));
    let adults: Vec<PersonId> = adults.collect();
    let me = town.log_in();
    let page = town.world.get(&me, "/portal/record").text();
    let condition = {
        let section = page.split("id=\"conditions\"").nth(1).expect("a section");
        key(section, "entry")
    };
    let scope = |words: &str| Scope::parse(words).expect("a scope");
    for ((words, status), adult) in [
        ("conditions consent choose", 303),
        ("allergies consent choose", 404),
        ("conditions consent", 403),
    ]
    .into_iter()
    .zip(adults)
    {
        let who = town.world.proxy(town.person, adult, &scope(words));
        let reply = town.choose(&who, HIDE, &condition, "entry");
        assert_eq!(reply.status, status, "{words}: {}", reply.text());
    }
    assert_eq!(town.hidden(&town.log_in()), 1);
}
