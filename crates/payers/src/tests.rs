//! The intake through its router, as insurers' systems and staff meet it.

mod change;
mod file;
mod pages;
mod rules;
mod wire;

use kernel::{code::InsurerNumber, time::JstDate};
use registry::{
    model::{FacilityKind, Found, InsuredKey},
    ops as people,
};
use serde_json::{Value, json};
use store::caller::Home;
use testkit::{
    World, seed,
    world::{As, Reply},
};

/// A health union, and the association to which people go from it.
const UNION: &str = "06130011";
const KYOKAI: &str = "01130012";

/// Two insurers with their own systems, and the world around them.
struct Town {
    world: World,
    union: Home,
    union_system: As,
    kyokai: Home,
    kyokai_system: As,
}

fn town() -> Town {
    let world = World::new(vec![crate::service()]);
    let union = world.office(FacilityKind::Insurer, 1, "ひかり健康保険組合");
    let kyokai = world.office(FacilityKind::Insurer, 2, "全国健康保険協会東京支部");
    for (number, home) in [(UNION, &union), (KYOKAI, &kyokai)] {
        let home = home.clone();
        let number = InsurerNumber::from_register(number).expect("a number");
        world.set_up(move |call| seed::insurer(call, number.clone(), &home.name, Some(home.id)));
    }
    Town {
        union_system: world.system_with(&union, "tasuki/register"),
        kyokai_system: world.system_with(&kyokai, "tasuki/register"),
        world,
        union,
        kyokai,
    }
}

fn day(text: &str) -> JstDate {
    JstDate::parse(text).expect("a date")
}

/// A member who begins on the first of April.
fn member() -> Value {
    json!({
        "change": "acquired", "symbol": "12", "number": "3456", "branch": "00",
        "name": "佐藤 花子", "kana": "サトウ ハナコ", "birth_date": "1985-06-15", "sex": "2",
        "post_code": "1000001", "address": "東京都千代田区千代田1-1",
        "from": "2026-04-01", "relation": "1", "copay": "3",
    })
}

/// The same with some items otherwise.
fn with(mut change: Value, items: &[(&str, &str)]) -> Value {
    for (name, value) in items {
        change[*name] = json!(value);
    }
    change
}

/// What identifies a member, and nothing else.
fn named(kind: &str, items: &[(&str, &str)]) -> Value {
    let bare = json!({
        "change": kind, "symbol": "12", "number": "3456", "branch": "00",
        "birth_date": "1985-06-15",
    });
    with(bare, items)
}

impl Town {
    fn union(&self, change: &Value) -> Reply {
        let path = format!("/api/v1/insurers/{UNION}/coverages");
        self.world.post(&self.union_system, &path, change)
    }

    fn kyokai(&self, change: &Value) -> Reply {
        let path = format!("/api/v1/insurers/{KYOKAI}/coverages");
        self.world.post(&self.kyokai_system, &path, change)
    }

    /// Whose an insured number is.
    fn found(&self, insurer: &str, number: &str, branch: &str) -> Found {
        let key = InsuredKey {
            insurer_number: InsurerNumber::from_register(insurer).expect("a number"),
            symbol: kernel::code::InsuredPersonSymbol::parse("12").expect("a symbol"),
            person_number: kernel::code::InsuredPersonNumber::parse(number).expect("a number"),
            branch: Some(kernel::code::BranchNumber::parse(branch).expect("a branch")),
            birth: None,
        };
        self.world
            .set_up(move |call| Ok(people::find_by_number(call, &key)?))
    }

    /// What is in the register about whoever has an insured number.
    fn held(
        &self,
        insurer: &str,
        number: &str,
    ) -> (
        registry::model::Profile,
        Vec<registry::model::Coverage>,
        Vec<registry::model::CoverageChange>,
    ) {
        let Found::One(person) = self.found(insurer, number, "00") else {
            panic!("nobody, or several");
        };
        self.world.set_up(move |call| {
            call.open(person)?;
            Ok((
                people::profile(call, person)?,
                people::coverages(call, person)?,
                people::changes(call, person)?,
            ))
        })
    }

    fn findings(&self, who: &As, insurer: &str) -> Vec<Value> {
        let path = format!("/api/v1/insurers/{insurer}/findings");
        let reply = self.world.get(who, &path).json();
        reply["findings"].as_array().expect("a list").clone()
    }
}

/// The codes of what was found.
fn codes(reply: &Reply) -> Vec<String> {
    let all = reply.json()["findings"].as_array().cloned();
    all.unwrap_or_default()
        .iter()
        .filter_map(|one| one["code"].as_str().or(one["rule"].as_str()))
        .map(str::to_owned)
        .collect()
}
