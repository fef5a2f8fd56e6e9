//! Vendor support: let in inside an approved window only, names masked, all of it reported.

use access::{errors as no, window};
use eligibility::ops as counter;
use kernel::id::{StaffId, WindowId};
use serde_json::json;
use store::{audit::Subject, caller::Role};
use testkit::{
    population::{Life, demo},
    world::{As, Reply},
};

use super::{Office, another, office};
use crate::{errors, ops::support};

struct Site {
    office: Office,
    second: As,
    vendor_id: StaffId,
    vendor: As,
    life: Life,
}

fn site() -> Site {
    let office = office();
    let (world, home) = (&office.world, &office.home);
    let (_, second) = another(world, home, Role::Administrator, "second");
    let (vendor_id, vendor) = another(world, home, Role::VendorSupport, "vendor");
    let life = demo::family(world.app.gate.now().jst_date()).remove(0);
    let _person = world.person(&life);
    let coverage = life.coverage_last().unwrap();
    let question = json!({
        "insurer_number": coverage.insurer.number.as_str(),
        "symbol": coverage.symbol.as_str(),
        "number": coverage.number.as_str(),
        "branch": coverage.branch.as_ref().map(|b| b.as_str()),
    });
    let system = world.system(home);
    let reply = world.post(&system, "/api/v1/eligibility/checks", &question);
    assert_eq!(reply.status, 200, "{}", reply.text());
    Site {
        office,
        second,
        vendor_id,
        vendor,
        life,
    }
}

impl Site {
    fn ask_at(&self, date: &str, time: &str, hours: &str) -> Reply {
        let fields = [
            ("account", self.vendor_id.to_hex()),
            ("why", "障害の調査".to_owned()),
            ("plan", "計画書 2026-07".to_owned()),
            ("date", date.to_owned()),
            ("time", time.to_owned()),
            ("hours", hours.to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let admin = &self.office.administrator;
        self.office
            .world
            .submit(admin, "/office/maintenance", &fields)
    }

    /// Windows begin at 10:00, when the world does.
    fn window(&self) -> WindowId {
        assert_eq!(self.ask_at("2026-11-22", "10:00", "2").status, 303);
        let facility = self.office.home.id;
        let windows = self
            .office
            .world
            .set_up(move |call| Ok(window::list(call, facility)?));
        windows[0].id
    }

    fn act(&self, who: &As, id: WindowId, act: &str) -> Reply {
        let path = format!("/office/maintenance/{}/{act}", id.to_hex());
        self.office.world.submit(who, &path, &[])
    }

    fn visits(&self) -> Reply {
        self.office.world.get(&self.vendor, "/support/visits")
    }

    fn visit(&self) -> String {
        let facility = self.office.home.id;
        let visits = self
            .office
            .world
            .set_up(move |call| counter::today(call, facility));
        visits[0].id.to_hex()
    }
}

#[test]
fn a_vendor_is_let_in_only_while_an_approved_window_is_open() {
    let site = site();
    let world = &site.office.world;
    let closed = |reply: Reply| {
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (403, no::WINDOW_CLOSED.code)
        )
    };
    closed(site.visits());
    closed(world.get(&site.vendor, "/support/equipment"));
    closed(world.get(&site.vendor, "/"));
    let id = site.window();
    closed(site.visits());
    assert_eq!(site.act(&site.second, id, "approve").status, 303);
    assert_eq!(site.visits().status, 200);
    assert_eq!(world.get(&site.vendor, "/support/equipment").status, 200);
    assert_eq!(
        world.get(&site.vendor, "/office/equipment").code(),
        no::FORBIDDEN.code
    );
    assert_eq!(
        world.get(&site.vendor, "/reception").code(),
        no::FORBIDDEN.code
    );
    assert_eq!(site.act(&site.office.administrator, id, "end").status, 303);
    closed(site.visits());
    assert_eq!(site.act(&site.second, id, "approve").status, 409);
}

#[test]
fn a_window_opens_at_its_first_instant_and_closes_at_its_last() {
    let site = site();
    let world = &site.office.world;
    assert_eq!(site.ask_at("2026-11-22", "10:05", "1").status, 303);
    let facility = site.office.home.id;
    let id = world.set_up(move |call| Ok(window::list(call, facility)?[0].id));
    assert_eq!(site.act(&site.second, id, "approve").status, 303);
    let staff = site.vendor_id;
    for (advance, is_open) in [
        (0, false),
        (299, false),
        (1, true),
        (3_599, true),
        (1, false),
    ] {
        world.clock.advance(advance);
        let at = world.app.gate.now();
        let open = world.set_up(move |call| Ok(window::is_open(call, facility, staff, at)?));
        assert_eq!(open.is_some(), is_open, "{advance}");
    }
}

#[test]
fn whoever_asked_for_a_window_cannot_approve_it_and_no_other_role_can() {
    let site = site();
    let world = &site.office.world;
    let id = site.window();
    let own = site.act(&site.office.administrator, id, "approve");
    assert_eq!(own.status, 409);
    assert!(own.text().contains(no::WINDOW_SAME_PERSON.code));
    for role in [Role::SafetyOfficer, Role::Doctor, Role::Clerk] {
        let who = world.staff(&site.office.home, role);
        assert_eq!(
            site.act(&who, id, "approve").code(),
            no::FORBIDDEN.code,
            "{role:?}"
        );
    }
    let other = world.facility("1310000002", "あおば薬局");
    let stranger = world.staff(&other, Role::Administrator);
    for act in ["approve", "end"] {
        let reply = site.act(&stranger, id, act);
        assert_eq!(reply.code(), no::WINDOW_UNKNOWN.code);
    }
    let report = format!("/office/maintenance/{}", id.to_hex());
    assert_eq!(world.get(&stranger, &report).status, 404);
    assert_eq!(site.visits().status, 403);
}

#[test]
fn a_window_is_at_most_eight_hours_ahead_of_now_and_for_a_vendors_account() {
    let site = site();
    for (date, time, hours, status) in [
        ("2026-11-22", "10:00", "8", 303),
        ("2026-11-22", "10:00", "9", 422),
        ("2026-11-22", "10:00", "0", 422),
        ("2026-11-22", "25:00", "1", 422),
        ("2026-11-31", "10:00", "1", 422),
        ("2026-11-21", "10:00", "8", 422),
    ] {
        let reply = site.ask_at(date, time, hours);
        assert_eq!(reply.status, status, "{date} {time} {hours}");
    }
    let (facility, at) = (site.office.home.id, site.office.world.app.gate.now());
    let vendor = site.vendor_id;
    let (clerk, _) = another(&site.office.world, &site.office.home, Role::Clerk, "clerk");
    let by = StaffId::from_bytes([9; 16]);
    for (staff, hours, expected) in [
        (vendor, 8, None),
        (vendor, 9, Some(no::WINDOW_SPAN.code)),
        (vendor, 0, Some(no::WINDOW_SPAN.code)),
        (vendor, -1, Some(no::WINDOW_SPAN.code)),
        (clerk, 1, Some(no::WINDOW_ACCOUNT.code)),
        (
            StaffId::from_bytes([8; 16]),
            1,
            Some(no::WINDOW_ACCOUNT.code),
        ),
    ] {
        let refused = site.office.world.set_up(move |call| {
            let plan = window::Plan {
                staff,
                why: "x".to_owned(),
                plan: "y".to_owned(),
                from: at,
                until: at.plus_hours(hours),
            };
            Ok(match window::ask(call, facility, by, &plan) {
                Err(store::Stop::Refused(refusal)) => Some(refusal.entry.code),
                _ => None,
            })
        });
        assert_eq!(refused, expected, "{hours}");
    }
}

#[test]
fn support_sees_names_masked_and_no_identifiers_of_people() {
    for (name, shown) in [
        ("山田 太郎", "山● ●●"),
        ("橘　佐和子", "橘　●●●"),
        ("", ""),
        ("Li", "L●"),
    ] {
        assert_eq!(support::masked(name), shown);
    }
    let site = site();
    let id = site.window();
    site.act(&site.second, id, "approve");
    let text = site.visits().text();
    let name = site.life.name.full();
    assert!(!text.contains(&name));
    assert!(text.contains(&support::masked(&name)), "{text}");
    assert!(!text.contains(&site.life.name.full_kana()));
    let number = site
        .life
        .coverage_last()
        .unwrap()
        .number
        .as_str()
        .to_owned();
    assert!(!text.contains(&number));
}

#[test]
fn a_name_is_shown_with_reason_and_approval_for_half_an_hour_and_the_patient_sees_it() {
    let site = site();
    let (world, admin) = (&site.office.world, &site.office.administrator);
    let window = site.window();
    site.act(&site.second, window, "approve");
    let (visit, name) = (site.visit(), site.life.name.full());
    let path = format!("/support/visits/{visit}");
    let look = || world.get(&site.vendor, &path);
    assert_eq!(
        (look().status, look().code().as_str()),
        (403, errors::MASKED.code)
    );
    let ask = |reason: &str| {
        let path = format!("{path}/unmask");
        world.submit(&site.vendor, &path, &[("reason", reason)])
    };
    assert_eq!(ask("").status, 422);
    assert_eq!(ask("印字の文字化けの確認").status, 303);
    assert_eq!(look().code(), errors::MASKED.code);
    let facility = site.office.home.id;
    let asked = world.set_up(move |call| Ok(support::waiting(call, facility, window)?));
    assert_eq!(asked.len(), 1);
    assert!(
        world
            .get(admin, "/office/maintenance")
            .text()
            .contains("印字の文字化けの確認")
    );
    let approve = format!(
        "/office/unmaskings/{}/approve",
        kernel::hex::encode(&asked[0].id)
    );
    assert_eq!(world.submit(&site.vendor, &approve, &[]).status, 403);
    let other = world.facility("1310000002", "あおば薬局");
    let stranger = world.staff(&other, Role::Administrator);
    assert_eq!(
        world.submit(&stranger, &approve, &[]).code(),
        errors::UNMASKING_UNKNOWN.code
    );
    assert_eq!(look().code(), errors::MASKED.code);
    assert_eq!(world.submit(admin, &approve, &[]).status, 303);
    let shown = look();
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains(&name));
    let person = world.set_up(move |call| Ok(counter::today(call, facility)?[0].person));
    let looks = || {
        world.set_up(move |call| {
            call.open(person)?;
            let all = call.history(Subject::Person(person), i64::MAX, 100)?;
            let done = |e: &&store::audit::Entry| {
                e.record.event == "support.unmasked" && e.record.refused.is_none()
            };
            Ok(all.iter().filter(done).count())
        })
    };
    assert_eq!(looks(), 1);
    world.clock.advance(support::UNMASKED_MINUTES * 60 - 1);
    let vendor = as_of_now(&site);
    assert_eq!(world.get(&vendor, &path).status, 200);
    world.clock.advance(1);
    assert_eq!(world.get(&vendor, &path).code(), errors::MASKED.code);
    assert_eq!(looks(), 2);
}

/// The vendor again, with a session of now: the old one was idle for too long.
fn as_of_now(site: &Site) -> As {
    let (home, id) = (site.office.home.clone(), site.vendor_id);
    As::Browser(site.office.world.set_up(move |call| {
        let whose = access::session::Whose::Staff(home.id, id);
        let token = access::session::begin(call, whose, access::session::Stage::Full)?;
        Ok(token.reveal().clone())
    }))
}

#[test]
fn the_report_of_a_window_equals_the_log() {
    let site = site();
    let world = &site.office.world;
    let window = site.window();
    assert_eq!(
        site.visits().status,
        403,
        "before it is approved, refused and logged"
    );
    site.act(&site.second, window, "approve");
    for _ in 0..3 {
        assert_eq!(site.visits().status, 200);
    }
    let _equipment = world.get(&site.vendor, "/support/equipment");
    let visit = site.visit();
    let path = format!("/support/visits/{visit}/unmask");
    assert_eq!(
        world
            .submit(&site.vendor, &path, &[("reason", "確認")])
            .status,
        303
    );
    let facility = site.office.home.id;
    let account = site.vendor_id.to_hex();
    let (report, log) = world.set_up(move |call| {
        let report = support::report(call, facility, window)?;
        let log = call.history(Subject::Facility(facility), i64::MAX, 500)?;
        Ok((report, log))
    });
    let mut log: Vec<(i64, String)> = log
        .into_iter()
        .filter(|e| e.record.account == account)
        .map(|e| (e.seq, e.record.event))
        .collect();
    log.reverse();
    let told: Vec<(i64, String)> = report
        .records
        .iter()
        .map(|e| (e.seq, e.record.event.clone()))
        .collect();
    assert_eq!(told, log);
    let events: Vec<&str> = told.iter().map(|(_, event)| event.as_str()).collect();
    assert_eq!(
        events,
        [
            "support.visits",
            "support.visits",
            "support.visits",
            "support.visits",
            "support.equipment",
            "support.unmask-ask",
        ]
    );
    assert_eq!(report.unmaskings.len(), 1);
    let page = world.get(
        &site.second,
        &format!("/office/maintenance/{}", window.to_hex()),
    );
    assert_eq!(page.status, 200);
    let text = page.text();
    for (seq, _) in &told {
        assert!(text.contains(&format!(">{seq}<")), "{seq}");
    }
    assert!(text.contains(&support::masked(&site.life.name.full())));
    assert!(!text.contains(&site.life.name.full()));
}
