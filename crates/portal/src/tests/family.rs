//! Proxies through the router: what they may and may not, and whose history has it.

use access::{
    errors as no,
    policy::{Action, Class},
    proxy::{self, End, Kind, Relation, Scope},
};
use kernel::{
    id::{PersonId, RelationId},
    time::{JstDate, Timestamp},
};
use testkit::{
    World,
    population::{Life, demo},
    world::{As, Reply},
};

use super::walk::Town;

/// 橘 美穂 (a mother), one of her twins, and her grandmother 佐和子 with the hospital's data.
struct Family {
    town: Town,
    mother: PersonId,
    mother_name: String,
    child: PersonId,
    child_name: String,
}

impl Family {
    fn new() -> Self {
        let town = Town::new();
        let on = town.world.app.gate.now().jst_date();
        let family = demo::family(on);
        let by = |wanted: fn(i16) -> bool, given: &str| -> Life {
            let found = family
                .iter()
                .find(|life| wanted(life.birth.age_on(on)) && life.name.full().contains(given));
            found.expect("the family has them").clone()
        };
        let (mother, child) = (by(|age| age >= 18, "美穂"), by(|age| age < 15, ""));
        Self {
            mother: town.world.person(&mother),
            mother_name: mother.name.full(),
            child: town.world.person(&child),
            child_name: child.name.full(),
            town,
        }
    }

    fn world(&self) -> &World {
        &self.town.world
    }

    fn mother_for_child(&self, scope: &Scope) -> As {
        self.world().proxy(self.child, self.mother, scope)
    }

    /// By an adult's own naming, with the hospital's data behind it.
    fn for_grandmother(&self, scope: &Scope) -> (As, RelationId) {
        let world = self.world();
        let who = world.proxy(self.town.person, self.mother, scope);
        (who, self.relation_of(self.town.person))
    }

    fn relation_of(&self, subject: PersonId) -> RelationId {
        let found = self
            .world()
            .set_up(move |call| proxy::relations(call, subject));
        found.first().expect("a relation").0.id
    }
}

fn scope(words: &str) -> Scope {
    Scope::parse(words).expect("a scope")
}

fn moved(reply: &Reply, to: &str) -> As {
    assert_eq!((reply.status, reply.header("location")), (303, to));
    super::walk::session(reply)
}

const WORDS: [(&str, &str); 5] = [
    ("allergies", "/portal/record"),
    ("access-history", "/portal/history"),
    ("access-history", "/portal/history/1/proof"),
    ("access-history", "/api/v1/portal/history"),
    ("consent", "/portal/consents"),
];

fn day(text: &str) -> JstDate {
    JstDate::parse(text).expect("a date")
}

#[test]
fn a_relation_can_be_only_between_the_right_ages_and_for_its_time() {
    let at = day("2026-11-22").start();
    let (child, young, adult, old) = ("2018-05-01", "2011-11-22", "1985-01-01", "1950-01-01");
    let until = |date: &str| day(date).start();
    let cases = [
        (Kind::Parent, child, adult, "2036-05-01", true),
        (Kind::Parent, child, adult, "2036-05-02", false),
        (Kind::Parent, child, young, "2030-01-01", false),
        (Kind::Parent, adult, old, "2027-01-01", false),
        (Kind::Parent, child, adult, "2026-11-22", false),
        (Kind::Foster, child, adult, "2036-05-01", true),
        (Kind::Guardian, old, adult, "2027-11-22", true),
        (Kind::Guardian, old, adult, "2028-11-22", false),
        (Kind::Guardian, child, adult, "2027-11-22", false),
        (Kind::Family, old, adult, "2027-11-22", true),
        (Kind::Family, old, adult, "2027-11-24", false),
        (Kind::Family, young, adult, "2027-11-22", true),
        (Kind::Family, "2011-11-23", adult, "2027-11-22", false),
        (Kind::Family, old, "2008-11-22", "2027-11-22", true),
        (Kind::Family, old, "2008-11-23", "2027-11-22", false),
    ];
    for (kind, subject, proxy, end, can_be) in cases {
        let no = proxy::objection(kind, day(subject), day(proxy), at, until(end));
        assert_eq!(no.is_none(), can_be, "{kind:?} {subject} {proxy} {end}");
    }
}

#[test]
fn somebody_is_of_age_on_the_eighteenth_birthday_also_when_born_on_a_leap_day() {
    for (birth, adult) in [
        ("2008-11-22", "2026-11-22"),
        ("2008-02-29", "2026-03-01"),
        ("2006-03-01", "2024-03-01"),
    ] {
        assert_eq!(proxy::adult_from(day(birth)), day(adult), "{birth}");
    }
}

#[test]
fn a_relation_is_in_force_from_its_begin_until_before_its_end() {
    let at = Timestamp::from_micros;
    let relation = |ended_at| Relation {
        id: RelationId::from_bytes([1; 16]),
        subject: PersonId::from_bytes([2; 16]),
        proxy: PersonId::from_bytes([3; 16]),
        kind: Kind::Family,
        scope: Scope::full(),
        from: at(10),
        until: at(20),
        ended_at,
        ended_by: None,
    };
    for (now, holds) in [(9, false), (10, true), (19, true), (20, false)] {
        assert_eq!(proxy::is_in_force(&relation(None), at(now)), holds, "{now}");
        // What was ended stays ended when the clock goes back.
        assert!(!proxy::is_in_force(&relation(Some(at(15))), at(now)));
    }
}

#[test]
fn a_person_ends_what_others_may_from_fifteen_on_and_a_proxy_always() {
    let on = day("2026-11-22");
    for (birth, may) in [("2011-11-22", true), ("2011-11-23", false)] {
        assert_eq!(proxy::may_end(End::Subject, day(birth), on), may);
        assert!(proxy::may_end(End::Proxy, day(birth), on));
        assert!(proxy::may_end(End::Operator, day(birth), on));
    }
}

#[test]
fn a_scope_covers_what_it_names_and_choosing_needs_sight_of_the_choices() {
    let some = scope("allergies consent");
    assert!(some.covers(Class::Allergies, Action::Read));
    assert!(!some.covers(Class::Conditions, Action::Read));
    assert!(!some.covers(Class::Consent, Action::Write));
    assert!(scope("consent choose").covers(Class::Consent, Action::Write));
    for class in Class::ALL {
        assert!(!Scope::full().covers(class, Action::Export), "{class:?}");
    }
    for wrong in [
        "",
        "choose",
        "allergies choose",
        "accounts",
        "equipment",
        "x",
    ] {
        assert_eq!(Scope::parse(wrong), None, "{wrong}");
    }
    assert_eq!(Scope::parse(&Scope::full().words()), Some(Scope::full()));
}

#[test]
fn a_mother_sees_her_childs_pages_and_both_histories_have_it() {
    let family = Family::new();
    let mother = family.mother_for_child(&Scope::full());
    let world = family.world();
    for path in super::walk::PATHS {
        let page = world.get(&mother, path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        if !path.starts_with("/api") {
            let banner = format!("{}さんの代理として表示しています", family.child_name);
            assert!(page.text().contains(&banner), "{path}");
        }
    }
    assert_eq!(world.get(&mother, "/portal/history/1/proof").status, 200);
    let who = format!("代理人 {}(親権者)", family.mother_name);
    for person in [family.child, family.mother] {
        let page = world.get(&world.patient(person), "/portal/history").text();
        assert!(page.contains(&who) && page.contains("わたしの情報の表示"));
        assert!(!page.contains("さんの代理として表示しています"));
    }
}

#[test]
fn a_proxy_sees_the_classes_of_the_scope_and_no_other() {
    let family = Family::new();
    let world = family.world();
    let (narrow, _) = family.for_grandmother(&scope("allergies"));
    for (word, path) in WORDS {
        let reply = world.get(&narrow, path);
        let expected = if word == "allergies" { 200 } else { 403 };
        assert_eq!(reply.status, expected, "{path}: {}", reply.text());
        if expected == 403 {
            assert_eq!(reply.code(), no::PROXY_SCOPE.code, "{path}");
        }
    }
    let items = world.get(&narrow, "/api/v1/portal/record").json();
    let items = items["items"].as_array().expect("items").clone();
    assert!(!items.is_empty());
    assert!(items.iter().all(|item| item["category"] == "allergies"));
    let page = world.get(&narrow, "/portal/record").text();
    assert!(page.contains("任されていない情報は表示していません"));
    // No empty section says that there is nothing where one may not look.
    assert!(!page.contains("id=\"conditions\"") && !page.contains("id=\"laboratory\""));
    let home = world.get(&narrow, "/portal").text();
    assert!(!home.contains("窓口での負担") && !home.contains("最近あなたの情報を見た施設"));
}

#[test]
fn a_proxy_withdraws_a_consent_only_when_trusted_with_choosing() {
    let family = Family::new();
    family.town.consent();
    let facility = family.town.hospital.id.to_hex();
    let path = "/portal/consents/withdraw";
    let fields = [("facility", facility.as_str())];
    let (looker, id) = family.for_grandmother(&scope("consent"));
    let refused = family.world().submit(&looker, path, &fields);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, no::PROXY_SCOPE.code)
    );
    let subject = family.town.person;
    family
        .world()
        .set_up(move |call| proxy::end_by_operator(call, subject, id));
    let (chooser, _) = family.for_grandmother(&scope("consent choose"));
    assert_eq!(family.world().submit(&chooser, path, &fields).status, 303);
}

#[test]
fn a_relation_that_is_ended_between_two_requests_stops_the_second() {
    let family = Family::new();
    let world = family.world();
    let (proxy, id) = family.for_grandmother(&Scope::full());
    assert_eq!(world.get(&proxy, "/portal/record").status, 200);
    let me = world.patient(family.town.person);
    let page = world.get(&me, "/portal/family").text();
    assert!(page.contains(&format!("{}さんの代理を終わりにする", family.mother_name)));
    let fields = [("relation", id.to_hex())];
    let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
    let ended = world.submit(&me, "/portal/family/end", &fields);
    assert_eq!(ended.status, 303);
    for path in super::walk::PATHS {
        let reply = world.get(&proxy, path);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, no::PROXY_ENDED.code),
            "{path}"
        );
    }
    // The way back is open all the same, and the old token opens nothing any more.
    assert_eq!(world.get(&proxy, "/portal/family").status, 200);
    let left = world.submit(&proxy, "/portal/family/leave", &[]);
    let own = moved(&left, "/portal/family");
    let home = world.get(&own, "/portal").text();
    assert!(home.contains(&family.mother_name));
    assert_eq!(world.get(&proxy, "/portal").status, 303);
    let again = world.submit(&own, "/portal/family/act", &fields);
    assert_eq!(again.status, 404);
    // Who tried in vain is on the person's history.
    let history = world.get(&me, "/portal/history").text();
    assert!(history.contains("代理の期間が終わったか、代理が取り消されました。"));
}

#[test]
fn a_parents_relation_ends_with_the_childs_eighteenth_birthday() {
    let family = Family::new();
    let world = family.world();
    let mother = family.mother_for_child(&Scope::full());
    assert_eq!(world.get(&mother, "/portal").status, 200);
    let child = family.child;
    let until = world.set_up(move |call| {
        let found = proxy::relations(call, child)?;
        let birth = registry::ops::profile(call, child)?.birth;
        Ok((found.first().map(|(r, _)| r.until), birth))
    });
    assert_eq!(until.0, Some(proxy::adult_from(until.1).start()));
    let left = until.0.expect("a relation").seconds() - world.app.gate.now().seconds();
    let id = family.relation_of(child);
    let id = id.to_hex();
    world.clock.advance(left - 1);
    let own = world.patient(family.mother);
    let fields = [("relation", id.as_str())];
    let acting = moved(
        &world.submit(&own, "/portal/family/act", &fields),
        "/portal",
    );
    assert_eq!(world.get(&acting, "/portal").status, 200);
    world.clock.advance(1);
    assert_eq!(world.get(&acting, "/portal").code(), no::PROXY_ENDED.code);
}

fn invite(world: &World, me: &As) -> String {
    let fields = [("class", "allergies"), ("class", "consent"), ("days", "30")];
    let page = world.submit(me, "/portal/family/invite", &fields);
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    let (_, rest) = text.split_once("<code>").expect("a code");
    rest.split('<').next().unwrap_or_default().to_owned()
}

fn redeem(world: &World, who: &As, code: &str) -> Reply {
    world.submit(who, "/portal/family/redeem", &[("code", code)])
}

#[test]
fn an_invitation_is_good_once_for_seven_days_and_for_somebody_else() {
    let family = Family::new();
    let world = family.world();
    let me = world.patient(family.town.person);
    let mother = world.patient(family.mother);
    let code = invite(world, &me);
    assert_eq!(code.len(), 39, "eight groups of four digits");
    let wrong = |reply: &Reply| (reply.status, reply.text().contains(no::PROXY_CODE.code));
    assert_eq!(wrong(&redeem(world, &me, &code)), (422, true));
    assert_eq!(wrong(&redeem(world, &mother, "0000")), (422, true));
    let child = world.patient(family.child);
    let young = redeem(world, &child, &code);
    assert!(young.status == 422 && young.text().contains(no::PROXY_IMPOSSIBLE.code));
    let compact = code.replace('-', " ").to_uppercase();
    assert_eq!(redeem(world, &mother, &compact).status, 303);
    assert_eq!(wrong(&redeem(world, &mother, &code)), (422, true));
    let page = world.get(&mother, "/portal/family").text();
    assert!(page.contains(&format!("{}さんの代理で見る", family.town.life.name.full())));
    let id = family.relation_of(family.town.person).to_hex();
    let done = world.submit(&mother, "/portal/family/act", &[("relation", &id)]);
    let acting = moved(&done, "/portal");
    assert_eq!(world.get(&acting, "/portal/record").status, 200);
    assert_eq!(
        world.get(&mother, "/portal").status,
        303,
        "the token changed"
    );
    let late = invite(world, &me);
    world.clock.advance(7 * 24 * 3600);
    let (me, mother) = (
        world.patient(family.town.person),
        world.patient(family.mother),
    );
    assert_eq!(wrong(&redeem(world, &mother, &late)), (422, true));
    let dropped = invite(world, &me);
    assert_eq!(
        world.submit(&me, "/portal/family/uninvite", &[]).status,
        303
    );
    assert_eq!(wrong(&redeem(world, &mother, &dropped)), (422, true));
}

#[test]
fn an_invitations_code_is_stored_nowhere() {
    let family = Family::new();
    let me = family.world().patient(family.town.person);
    let code = invite(family.world(), &me);
    let plain = code.replace('-', "");
    let mut files = vec![family.world().folder().to_path_buf()];
    let mut seen = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            let inside = std::fs::read_dir(&path).expect("a folder");
            files.extend(inside.flatten().map(|entry| entry.path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        seen += bytes.len();
        let raw = kernel::hex::decode(&plain).expect("digits");
        for secret in [
            code.as_bytes(),
            plain.as_bytes(),
            &raw,
            family.mother_name.as_bytes(),
        ] {
            let is_there = bytes.windows(secret.len()).any(|part| part == secret);
            assert!(!is_there, "{}", path.display());
        }
    }
    assert!(seen > 10_000 || std::env::var_os("TASUKI_TEST_DATABASE_URL").is_some());
}

#[test]
fn a_proxy_decides_nothing_about_proxies_and_a_child_names_none() {
    let family = Family::new();
    let world = family.world();
    let mother = family.mother_for_child(&Scope::full());
    let id = family.relation_of(family.child).to_hex();
    for path in ["invite", "uninvite", "redeem", "end"] {
        let path = format!("/portal/family/{path}");
        let reply = world.submit(&mother, &path, &[("relation", &id)]);
        assert_eq!(reply.code(), no::PROXY_SCOPE.code, "{path}");
    }
    let child = world.patient(family.child);
    let fields = [("class", "allergies"), ("days", "30")];
    let named = world.submit(&child, "/portal/family/invite", &fields);
    assert!(named.status == 422 && named.text().contains(no::PROXY_IMPOSSIBLE.code));
    let ended = world.submit(&child, "/portal/family/end", &[("relation", &id)]);
    assert_eq!((ended.status, ended.code().as_str()), (403, "TSK-ACC-003"));
    let adult = world.patient(family.town.person);
    for wrong in [
        vec![("days", "30")],
        vec![("class", "accounts"), ("days", "30")],
        vec![("class", "allergies"), ("days", "367")],
        vec![("class", "allergies"), ("days", "0")],
    ] {
        let reply = world.submit(&adult, "/portal/family/invite", &wrong);
        assert_eq!(reply.status, 422, "{wrong:?}");
    }
}

#[test]
fn anothers_relation_is_answered_like_one_that_is_not_there() {
    let family = Family::new();
    let world = family.world();
    let (_, id) = family.for_grandmother(&Scope::full());
    let stranger = world.patient(family.child);
    let body = |reply: Reply, id: &str| {
        assert_eq!(reply.status, 404);
        let number = reply.header("x-request-id").to_owned();
        reply.text().replace(&number, "").replace(id, "")
    };
    for path in ["/portal/family/act", "/portal/family/end"] {
        let ask = |id: &str| body(world.submit(&stranger, path, &[("relation", id)]), id);
        assert_eq!(ask(&id.to_hex()), ask(&"0".repeat(32)), "{path}");
    }
}

#[test]
fn a_proxy_lays_the_relation_down() {
    let family = Family::new();
    let world = family.world();
    let (_, id) = family.for_grandmother(&Scope::full());
    let mother = world.patient(family.mother);
    let id = id.to_hex();
    let fields = [("relation", id.as_str())];
    assert_eq!(
        world.submit(&mother, "/portal/family/end", &fields).status,
        303
    );
    assert_eq!(
        world.submit(&mother, "/portal/family/end", &fields).status,
        404
    );
    assert_eq!(
        world.submit(&mother, "/portal/family/act", &fields).status,
        404
    );
    let page = world.get(&world.patient(family.town.person), "/portal/family");
    assert!(page.text().contains("終わった代理"));
}

#[test]
fn acting_does_not_make_a_session_last_longer() {
    let family = Family::new();
    let world = family.world();
    let id = world.relation(family.child, family.mother, &Scope::full());
    let id = id.to_hex();
    let own = world.patient(family.mother);
    let steps = |who: &As, count: usize, seconds: i64| {
        for _ in 0..count {
            world.clock.advance(seconds);
            assert_eq!(world.get(who, "/portal").status, 200);
        }
    };
    // 42,600 of the 43,200 seconds after the card was shown, never idle for ten minutes.
    steps(&own, 71, 599);
    let done = world.submit(&own, "/portal/family/act", &[("relation", &id)]);
    let acting = moved(&done, "/portal");
    steps(&acting, 1, 500);
    steps(&acting, 1, 43_200 - 71 * 599 - 500 - 1);
    world.clock.advance(1);
    assert_eq!(world.get(&acting, "/portal").status, 303);
}
