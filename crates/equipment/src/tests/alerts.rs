//! What connects, held against the ledgers.

use std::net::IpAddr;

use access::terminal::Terminal;
use kernel::id::{ClientId, TerminalId};
use store::caller::{Actor, Caller, Home, Role};
use web::peer::{PeerCertificate, Showed};

use super::{Office, ca::particulars, office};
use crate::{
    errors,
    model::{Item, Kind, Particulars, Why},
    ops::{self, ledger, watch},
};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn named(networks: &str) -> Particulars {
    Particulars {
        networks: networks.to_owned(),
        ..particulars("連携サーバ")
    }
}

#[test]
fn a_program_is_known_by_its_certificate_or_by_a_network_of_an_entry_in_use() {
    let item = |networks, ended| Item {
        id: TerminalId::from_bytes([1; 16]),
        kind: Kind::Server,
        particulars: named(networks),
        registered_at: kernel::time::Timestamp::from_micros(0),
        checked_at: None,
        ended_at: ended,
    };
    let at = kernel::time::Timestamp::from_micros(1);
    let unknown = Some(Why::UnknownAddress);
    for (networks, ended, from, certificate, expected) in [
        ("192.0.2.0/24", None, "192.0.2.7", false, None),
        ("192.0.2.0/24", None, "::ffff:192.0.2.7", false, None),
        ("192.0.2.0/24", None, "198.51.100.7", false, unknown),
        ("192.0.2.0/24", None, "198.51.100.7", true, None),
        ("192.0.2.0/24", Some(at), "192.0.2.7", false, unknown),
        // No network named is no network allowed.
        ("", None, "192.0.2.7", false, unknown),
        ("", None, "127.0.0.1", false, None),
        ("2001:db8::/32", None, "2001:db8::1", false, None),
    ] {
        let found = watch::judge_program(&[item(networks, ended)], address(from), certificate);
        assert_eq!(found, expected, "{networks} {from}");
    }
    assert_eq!(
        watch::judge_program(&[], address("192.0.2.7"), false),
        unknown
    );
}

fn program(home: &Home) -> Caller {
    Caller::new(Actor::System {
        client: ClientId::from_bytes([3; 16]),
        name: "電子カルテ".to_owned(),
        home: home.clone(),
    })
}

fn comes(office: &Office, from: &str) -> usize {
    let (app, at) = (&office.world.app, office.world.app.gate.now());
    let caller = program(&office.home);
    app.seen.note_program(address(from), &caller, false, at);
    watch::round(app).unwrap()
}

#[test]
fn an_unknown_peer_is_an_alert_until_it_is_settled_and_again_when_it_comes_again() {
    let office = office();
    let (world, admin) = (&office.world, &office.administrator);
    assert_eq!(comes(&office, "198.51.100.7"), 1);
    assert_eq!(comes(&office, "198.51.100.7"), 0);
    let open = || world.set_up(|call| Ok(ops::open_alerts(call)?));
    let alerts = open();
    assert_eq!(alerts.len(), 1);
    assert_eq!(
        (alerts[0].why, alerts[0].requests),
        (Why::UnknownAddress, 2)
    );
    let page = world.get(admin, "/office/equipment").text();
    assert!(page.contains("198.51.100.7") && page.contains(Why::UnknownAddress.ja()));

    let settle = format!(
        "/office/alerts/{}/settle",
        kernel::hex::encode(&alerts[0].id)
    );
    let empty = world.submit(admin, &settle, &[("finding", " ")]);
    assert_eq!(empty.status, 422);
    let reader = world.staff(&office.home, Role::SafetyOfficer);
    assert_eq!(
        world.submit(&reader, &settle, &[("finding", "x")]).status,
        403
    );
    let other = world.facility("1310000002", "あおば薬局");
    let stranger = world.staff(&other, Role::Administrator);
    let foreign = world.submit(&stranger, &settle, &[("finding", "x")]);
    assert_eq!(foreign.code(), errors::ALERT_UNKNOWN.code);
    assert!(
        !world
            .get(&stranger, "/office/equipment")
            .text()
            .contains("198.51.100.7")
    );

    let finding = [("finding", "保守回線の切替を確認")];
    assert_eq!(world.submit(admin, &settle, &finding).status, 303);
    assert_eq!(
        world.submit(admin, &settle, &finding).code(),
        errors::ALERT_UNKNOWN.code
    );
    assert!(open().is_empty());
    let page = world.get(admin, "/office/equipment").text();
    assert!(page.contains("保守回線の切替を確認"), "it stays on record");

    assert_eq!(comes(&office, "198.51.100.7"), 1, "settled is not allowed");
    let facility = office.home.id;
    world.set_up(move |call| {
        ledger::register(call, facility, Kind::Connection, &named("198.51.100.0/24"))
    });
    let open_before = open().len();
    assert_eq!(comes(&office, "198.51.100.8"), 0, "the ledger names it now");
    assert_eq!(open().len(), open_before);
}

#[test]
fn certificates_that_are_unknown_ended_or_refused_are_alerts_and_good_ones_are_not() {
    let office = office();
    let world = &office.world;
    let facility = office.home.id;
    let at = world.app.gate.now();
    world.set_up(move |call| {
        for (thumbprint, ended_at) in [([1; 32], None), ([2; 32], Some(at))] {
            let terminal = Terminal {
                id: TerminalId::random(call.rng()),
                facility,
                kind: "terminal".to_owned(),
                label: "受付1番".to_owned(),
                ends_at: at.plus_hours(24),
                ended_at: None,
            };
            access::terminal::register(call, &thumbprint, &terminal)?;
            if ended_at.is_some() {
                access::terminal::end(call, &thumbprint)?;
            }
        }
        Ok(())
    });
    let shows = |sha256| Showed::Certificate(PeerCertificate { sha256 });
    for (showed, expected) in [
        (Showed::Nothing, None),
        (shows([1; 32]), None),
        (shows([2; 32]), Some(Why::EndedCertificate)),
        (shows([3; 32]), Some(Why::UnknownCertificate)),
        (Showed::Refused, Some(Why::RefusedCertificate)),
    ] {
        let before = world.set_up(|call| Ok(ops::open_alerts(call)?));
        let seen = &world.app.seen;
        seen.note(address("192.0.2.7"), showed, world.app.gate.now());
        let raised = watch::round(&world.app).unwrap();
        assert_eq!(raised, usize::from(expected.is_some()), "{showed:?}");
        let after = world.set_up(|call| Ok(ops::open_alerts(call)?));
        let new = after.iter().find(|a| before.iter().all(|b| b.id != a.id));
        assert_eq!(new.map(|a| a.why), expected, "{showed:?}");
    }
    let count = world.set_up(|call| Ok(ops::count_open_alerts(call)?));
    assert_eq!(count, 3);
}

#[test]
fn a_browser_that_shows_nothing_leaves_no_trace_of_its_address() {
    let office = office();
    let world = &office.world;
    let before = world.records();
    let seen = &world.app.seen;
    seen.note(
        address("203.0.113.9"),
        Showed::Nothing,
        world.app.gate.now(),
    );
    let patient = Caller::new(Actor::Anonymous {
        client: "x".to_owned(),
    });
    seen.note_program(
        address("203.0.113.9"),
        &patient,
        false,
        world.app.gate.now(),
    );
    assert_eq!(watch::round(&world.app).unwrap(), 0);
    assert_eq!(world.records(), before);
    let facility = office.home.id;
    let peers = world.set_up(move |call| Ok(watch::peers(call, facility)?));
    assert!(peers.is_empty());
}
