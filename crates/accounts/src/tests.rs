//! Tests of the office: the rules as tables, then the pages through the router.

mod accounts;
mod detect;
mod looks;
mod rights;
mod rules;

use access::session::{self, Stage, Whose};
use kernel::{id::StaffId, time::JstDate};
use store::{
    audit::Subject,
    caller::{Home, Role},
};
use testkit::{
    World, seed,
    world::{As, Reply},
};

use crate::{roster, roster::Member};

/// A clinic with two administrators, a safety officer and a clerk.
struct Clinic {
    world: World,
    home: Home,
    /// 外村 環, who acts.
    admin: StaffId,
    /// 内田 基, the second pair of eyes.
    second: StaffId,
    officer: StaffId,
    clerk: StaffId,
}

fn clinic() -> Clinic {
    let world = World::new(vec![eligibility::service(), crate::service()]);
    let home = world.facility("1310000001", "みどり診療所");
    let hire =
        |login: &'static str, name: &'static str, role| hire(&world, &home, login, name, role);
    Clinic {
        admin: hire("tonomura@1310000001", "外村 環", Role::Administrator),
        second: hire("uchida@1310000001", "内田 基", Role::Administrator),
        officer: hire("ango@1310000001", "安西 護", Role::SafetyOfficer),
        clerk: hire("tachibana@1310000001", "橘 みのり", Role::Clerk),
        world,
        home,
    }
}

fn hire(world: &World, home: &Home, login: &str, name: &str, role: Role) -> StaffId {
    let (home, login, name) = (home.clone(), login.to_owned(), name.to_owned());
    world.set_up(move |call| seed::account(call, &home, &login, &name, role, "not a hash"))
}

impl Clinic {
    /// A new session of somebody on the staff.
    fn of(&self, staff: StaffId) -> As {
        let facility = self.home.id;
        As::Browser(self.world.set_up(move |call| {
            let token = session::begin(call, Whose::Staff(facility, staff), Stage::Full)?;
            Ok(token.reveal().clone())
        }))
    }

    fn member(&self, staff: StaffId) -> Member {
        let facility = self.home.id;
        self.world
            .set_up(move |call| roster::one(call, facility, staff))
    }

    fn named(&self, name: &str) -> Option<Member> {
        let facility = self.home.id;
        let all = self
            .world
            .set_up(move |call| Ok(roster::all(call, facility)?));
        all.into_iter().find(|member| member.name == name)
    }

    /// What an administrator does with somebody's account.
    fn act(&self, by: StaffId, on: StaffId, verb: &str, fields: &[(&str, &str)]) -> Reply {
        let path = format!("/office/accounts/{}/{verb}", on.to_hex());
        self.world.submit(&self.of(by), &path, fields)
    }

    fn page(&self, by: StaffId, path: &str) -> String {
        let reply = self.world.get(&self.of(by), path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.text()
    }

    fn days_pass(&self, days: i64) {
        self.world.clock.advance(days * 86_400);
    }

    /// Event codes and refusals on the facility's chain, newest first.
    fn records(&self) -> Vec<(String, Option<String>)> {
        let facility = self.home.id;
        let all = self
            .world
            .set_up(move |call| Ok(call.history(Subject::Facility(facility), i64::MAX, 200)?));
        all.into_iter()
            .map(|entry| (entry.record.event, entry.record.refused))
            .collect()
    }
}

fn done(reply: &Reply) {
    assert_eq!(reply.status, 303, "{}", reply.text());
    let to = reply.header("location");
    assert!(
        to.starts_with("/office") || to.starts_with("/visits"),
        "{to}"
    );
}

fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (status, code),
        "{}",
        reply.text()
    );
}

fn today() -> JstDate {
    JstDate::parse("2026-11-22").unwrap()
}
