//! The ledgers: registered, changed, checked off, ended, exported; whose they are.

use kernel::id::TerminalId;
use store::caller::Role;

use super::{ca::request, office};
use crate::{csv, errors, model::Particulars, ops};

pub(super) const FIELDS: [(&str, &str); 8] = [
    ("kind", "terminal"),
    ("label", "受付1番"),
    ("place", "1階受付"),
    ("responsible", "事務長 佐藤"),
    ("purpose", "資格確認"),
    ("counterpart", ""),
    ("remote", "no"),
    ("networks", "192.0.2.0/24"),
];

fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = FIELDS.to_vec();
    fields.retain(|(field, _)| *field != name);
    fields.push((name, value));
    fields
}

#[test]
fn an_entry_is_registered_changed_checked_off_and_ended() {
    let office = office();
    let (world, admin) = (&office.world, &office.administrator);
    let reply = world.submit(admin, "/office/equipment", &FIELDS);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let href = reply.header("location").to_owned();
    let listed = world.get(admin, "/office/equipment").text();
    assert!(listed.contains("受付1番") && listed.contains("192.0.2.0/24"));

    let reply = world.submit(admin, &href, &with("place", "2階"));
    assert_eq!(reply.status, 303);
    assert!(world.get(admin, &href).text().contains("2階"));

    let checked = |when: &str| world.get(admin, "/office/equipment").text().contains(when);
    world.clock.advance(3 * 24 * 3_600);
    assert!(!checked("2026年11月25日"));
    let session = world.staff(&office.home, Role::SafetyOfficer);
    let admin = &super::another(world, &office.home, Role::Administrator, "later").1;
    assert_eq!(
        world.submit(admin, &format!("{href}/check"), &[]).status,
        303
    );
    let listed = world.get(&session, "/office/equipment").text();
    assert!(listed.contains("2026年11月25日"), "{listed}");

    assert_eq!(world.submit(admin, &format!("{href}/end"), &[]).status, 303);
    let again = world.submit(admin, &format!("{href}/check"), &[]);
    assert_eq!(again.code(), errors::ITEM_ENDED.code);
    assert!(
        !world
            .get(admin, "/office/equipment")
            .text()
            .contains("受付1番")
    );
    assert!(world.get(admin, &href).text().contains("受付1番"));
}

#[test]
fn what_is_missing_or_malformed_is_said_and_what_was_typed_stays() {
    let office = office();
    let (world, admin) = (&office.world, &office.administrator);
    let long = "長".repeat(201);
    for (name, value) in [
        ("label", ""),
        ("responsible", ""),
        ("place", long.as_str()),
        ("networks", "192.0.2.1/24"),
        ("networks", "anywhere"),
        ("kind", "toaster"),
    ] {
        let reply = world.submit(admin, "/office/equipment", &with(name, value));
        assert_eq!(reply.status, 422, "{name}={value}");
        let text = reply.text();
        assert!(text.contains(errors::ITEM_INVALID.code));
        assert!(
            name == "responsible" || text.contains("事務長 佐藤"),
            "{name}"
        );
    }
    let facility = office.home.id;
    let count = world.set_up(move |call| Ok(ops::ledger::list(call, facility)?.len()));
    assert_eq!(count, 0);
}

#[test]
fn another_facilitys_entry_looks_as_if_it_were_absent() {
    let office = office();
    let (world, admin) = (&office.world, &office.administrator);
    let other = world.facility("1310000002", "あおば薬局");
    let stranger = world.staff(&other, Role::Administrator);
    let reply = world.submit(admin, "/office/equipment", &FIELDS);
    let theirs = reply.header("location").to_owned();
    let absent = format!("/office/equipment/{}", "7".repeat(32));
    assert!(
        !world
            .get(&stranger, "/office/equipment")
            .text()
            .contains("受付1番")
    );
    assert!(
        !world
            .get(&stranger, "/office/equipment.csv")
            .text()
            .contains("受付1番")
    );
    let csr = request();
    for (path, fields) in [
        ("", &FIELDS[..]),
        ("/check", &[]),
        ("/end", &[]),
        ("/certificates", &[("request", csr.as_str())]),
    ] {
        for place in [&theirs, &absent] {
            let reply = world.submit(&stranger, &format!("{place}{path}"), fields);
            assert_eq!(reply.code(), errors::ITEM_UNKNOWN.code, "{path}");
        }
    }
    assert_eq!(world.get(&stranger, &theirs).status, 404);
    assert_eq!(world.get(admin, &theirs).status, 200);
}

#[test]
fn only_administrators_change_the_ledgers_and_safety_officers_read_them() {
    let office = office();
    let world = &office.world;
    for role in Role::STAFF {
        let who = match role {
            Role::Administrator => continue,
            role => world.staff(&office.home, role),
        };
        let may_read = role == Role::SafetyOfficer;
        let read = world.get(&who, "/office/equipment").status;
        assert_eq!(read, if may_read { 200 } else { 403 }, "{role:?}");
        let changed = world.submit(&who, "/office/equipment", &FIELDS);
        assert_eq!(changed.status, 403, "{role:?}");
    }
}

#[test]
fn a_cell_that_begins_as_a_formula_is_neutralised() {
    for (text, written) in [
        ("受付", "\"受付\""),
        ("=cmd|'/c calc'!A0", "\"'=cmd|'/c calc'!A0\""),
        ("+1", "\"'+1\""),
        ("-1", "\"'-1\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("\t=1", "\"'\t=1\""),
        ("＝1", "\"'＝1\""),
        ("a\"b,c\r\nd", "\"a\"\"b,c\r\nd\""),
    ] {
        assert_eq!(csv::cell(text), written);
    }
    let office = office();
    let (world, admin) = (&office.world, &office.administrator);
    let fields = with("label", "=HYPERLINK(\"http://evil.example\")");
    assert_eq!(
        world.submit(admin, "/office/equipment", &fields).status,
        303
    );
    let reply = world.get(admin, "/office/equipment.csv");
    assert!(reply.header("content-type").starts_with("text/csv"));
    assert!(
        reply
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert!(reply.text().contains("\"'=HYPERLINK("), "{}", reply.text());
}

#[test]
fn a_certificate_is_issued_and_ended_on_the_equipments_page() {
    let office = office();
    let (world, admin) = (&office.world, &office.administrator);
    assert_eq!(
        world
            .get(&testkit::world::As::Nobody, "/.well-known/tasuki-ca")
            .status,
        404
    );
    let href = world.submit(admin, "/office/equipment", &FIELDS);
    let href = href.header("location").to_owned();
    let action = format!("{href}/certificates");
    let broken = world.submit(admin, &action, &[("request", "hello")]);
    assert_eq!(broken.status, 422);
    let issued = world.submit(admin, &action, &[("request", &request())]);
    assert_eq!(issued.status, 200);
    assert!(issued.text().contains("-----BEGIN CERTIFICATE-----"));
    let root = world.get(&testkit::world::As::Nobody, "/.well-known/tasuki-ca");
    assert!(root.text().starts_with("-----BEGIN CERTIFICATE-----"));
    let facility = office.home.id;
    let own = world.set_up(move |call| Ok(ops::ledger::certificates(call, facility)?));
    assert_eq!(own.len(), 1);
    let end = format!(
        "/office/certificates/{}/end",
        kernel::hex::encode(&own[0].serial)
    );
    assert_eq!(world.submit(admin, &end, &[]).status, 303);
    assert_eq!(
        world.submit(admin, &end, &[]).code(),
        errors::CERTIFICATE_UNKNOWN.code
    );
    let network = world.submit(admin, "/office/equipment", &with("kind", "network"));
    let action = format!("{}/certificates", network.header("location"));
    let refused = world.submit(admin, &action, &[("request", &request())]);
    assert_eq!(refused.code(), errors::ITEM_WITHOUT_CERTIFICATE.code);
}

#[test]
fn the_safety_officer_is_named_for_facility_and_installation() {
    let office = office();
    let (world, admin) = (&office.world, &office.administrator);
    let fields = [("name", "安全 花子"), ("contact", "090-0000-0000")];
    let empty = world.submit(admin, "/office/officer", &[("name", ""), ("contact", "x")]);
    assert_eq!(empty.status, 422);
    assert_eq!(world.submit(admin, "/office/officer", &fields).status, 303);
    assert!(
        world
            .get(admin, "/office/equipment")
            .text()
            .contains("安全 花子")
    );
    let facility = office.home.id;
    let (own, whole) = world.set_up(move |call| {
        let whole = ops::officer(call)?;
        let officer = crate::model::Officer {
            name: "統括 太郎".to_owned(),
            contact: "03-0000-0000".to_owned(),
        };
        ops::name_officer(call, &officer)?;
        Ok((
            ops::officer_of(call, facility)?,
            (whole, ops::officer(call)?),
        ))
    });
    assert_eq!(own.map(|o| o.name).as_deref(), Some("安全 花子"));
    assert_eq!(whole.0, None);
    assert_eq!(whole.1.map(|o| o.name).as_deref(), Some("統括 太郎"));
}

#[test]
fn a_folder_made_for_trying_out_says_so_for_good() {
    let office = office();
    let world = &office.world;
    let mark = || world.set_up(|call| Ok(ops::sandbox(call)?));
    assert_eq!(mark(), None);
    let noted_at = world.app.gate.now();
    world.set_up(|call| Ok(ops::note_sandbox(call, "demo")?));
    world.clock.advance(60);
    world.set_up(|call| Ok(ops::note_sandbox(call, "bench")?));
    let what = "demo".to_owned();
    assert_eq!(mark(), Some(crate::model::Sandbox { noted_at, what }));
}

#[test]
fn what_ends_soon_or_was_not_checked_for_a_year_is_counted() {
    let office = office();
    let world = &office.world;
    let (facility, code, csr) = (office.home.id, office.home.code.clone(), request());
    world.set_up(move |call| {
        let kind = crate::model::Kind::Server;
        let p: Particulars = super::ca::particulars("電子カルテ");
        let id: TerminalId = ops::ledger::register(call, facility, kind, &p)?;
        ops::ledger::certify(call, facility, &code, id, &csr)?;
        crate::ca::issue_server(call, "tasuki.example.jp", &csr)?;
        Ok(())
    });
    let figures = || {
        world.set_up(move |call| {
            let own = ops::server_certificates_ending(call)?;
            Ok((ops::summary(call, facility)?, own.len()))
        })
    };
    let (now, servers) = figures();
    assert_eq!((now.in_use, now.unchecked), ([0, 1, 0, 0], 0));
    assert_eq!((now.certificates, now.ending, servers), (1, 0, 0));
    world.clock.advance(340 * 24 * 3_600);
    let (later, servers) = figures();
    assert_eq!((later.certificates, later.ending, servers), (1, 1, 1));
    world.clock.advance(26 * 24 * 3_600);
    let (last, _) = figures();
    assert_eq!((last.certificates, last.unchecked), (0, 1));
}
