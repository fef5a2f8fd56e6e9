//! Step-up: no change of ledgers, windows or masks on a second factor shown long ago.

use access::window;
use store::caller::Role;
use web::{Method, Route};

use super::{another, ledger::FIELDS, office};
use crate::{ops, service};

/// Every changing route of the service, with its parameters filled in.
fn changes(item: &str) -> Vec<String> {
    let posts: Vec<Route> = service().routes;
    posts
        .iter()
        .filter(|route| route.method == Method::Post)
        .map(|route| {
            let parts = route.path.split('/').map(|part| match part {
                "{item}" => item.to_owned(),
                part if part.starts_with('{') => "0".repeat(32),
                part => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect()
}

#[test]
fn a_change_on_a_stale_session_leads_to_the_confirmation_and_nothing_changes() {
    let office = office();
    let (world, admin, facility) = (&office.world, &office.administrator, office.home.id);
    let (vendor_id, vendor) = another(world, &office.home, Role::VendorSupport, "vendor");
    let (second_id, second) = another(world, &office.home, Role::Administrator, "second");
    let href = world.submit(admin, "/office/equipment", &FIELDS);
    let href = href.header("location").to_owned();
    let item = href.rsplit('/').next().unwrap();
    let vendors = vendor_id.to_hex();
    let plan = [
        ("account", vendors.as_str()),
        ("why", "障害の調査"),
        ("plan", "計画書"),
        ("date", "2026-11-22"),
        ("time", "10:00"),
        ("hours", "2"),
    ];
    assert_eq!(
        world.submit(admin, "/office/maintenance", &plan).status,
        303
    );
    world.set_up(move |call| {
        let id = window::list(call, facility)?[0].id;
        window::approve(call, facility, second_id, id).map(|_| ())
    });
    let state = || {
        world.set_up(move |call| {
            let officer = ops::officer_of(call, facility)?;
            let items = ops::ledger::list(call, facility)?;
            let items: Vec<_> = items
                .into_iter()
                .map(|i| (i.particulars, i.checked_at, i.ended_at))
                .collect();
            let windows = window::list(call, facility)?;
            Ok((
                items,
                officer,
                windows,
                ops::ledger::certificates(call, facility)?.len(),
            ))
        })
    };
    let before = state();
    world.clock.advance(access::session::FRESH_SECONDS);
    let (csr, mut fields) = (super::ca::request(), FIELDS.to_vec());
    fields.retain(|(name, _)| *name != "place");
    fields.extend(plan);
    fields.extend([
        ("place", "2階"),
        ("request", csr.as_str()),
        ("name", "安全 花子"),
        ("contact", "090-0000-0000"),
        ("finding", "確認した"),
        ("reason", "確認"),
    ]);
    let paths = changes(item);
    assert_eq!(paths.len(), 13, "{paths:?}");
    for path in &paths {
        let who = if path.starts_with("/support/") {
            &vendor
        } else {
            &second
        };
        let reply = world.submit(who, path, &fields);
        let to = reply.header("location");
        assert_eq!(reply.status, 303, "{path}: {}", reply.text());
        assert!(to.starts_with("/account/confirm"), "{path}: {to}");
    }
    assert_eq!(state(), before);
    // With the second factor shown again, the same is done.
    let (_, again) = another(world, &office.home, Role::Administrator, "again");
    assert_eq!(world.submit(&again, &href, &fields).status, 303);
    assert_ne!(state(), before);
}
