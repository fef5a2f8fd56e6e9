//! Upgrades: what an earlier program left is brought up, and its statements still run on the
//! schema of today.

use std::{fs, io::Read as _, path::Path};

use serde_json::Value;
use store::{Owner, Statement};
use testkit::postgres::{Cluster, Durability};

use crate::{
    engines,
    operator::{Folder, Kept, Known, Program, Wire, ask, audit_is_whole, tasuki, until, visits},
    postgres::{differing, unprepared},
};

const FIRST: &[u8] = include_bytes!("../fixtures/first-release.tar.zst");
const FIRST_STATEMENTS: &str = include_str!("../fixtures/first-release-statements.txt");

/// The data folder of the first release, below `folder`.
fn first_release(folder: &Folder, name: &str) -> String {
    let data = folder.at(name);
    let mut tar = Vec::new();
    zstd::Decoder::new(FIRST)
        .and_then(|mut from| from.read_to_end(&mut tar))
        .expect("the fixture");
    tar::Archive::new(&tar[..]).unpack(&data).expect("unpacked");
    data
}

fn sqlite(data: &str) -> rusqlite::Connection {
    rusqlite::Connection::open(Path::new(data).join("tasuki.db")).expect("opens")
}

fn count(data: &str, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    sqlite(data)
        .query_row(&sql, [], |row| row.get(0))
        .expect("a count")
}

/// The token of the earlier program is known, and so are its people.
fn knows_everybody(program: &Program, known: &Known) {
    let mut wire = Wire::open(&program.address).expect("a connection");
    for index in 0..known.numbers.len() {
        let (status, body) = known.check(&mut wire, index).expect("an answer");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        // As the years pass the coverage ends; the person stays known.
        let is_known = status == 200
            || body["code"]
                .as_str()
                .is_some_and(|c| c.starts_with("TSK-ELG") && c != "TSK-ELG-001");
        assert!(is_known, "{status} {body}");
    }
}

#[test]
fn a_folder_of_the_first_release_is_brought_up_and_everything_works_on_it() {
    let folder = Folder::new("old");
    let data = first_release(&folder, "data");
    let known = Known::of(&data);
    let (before, seals) = (visits(&data), count(&data, "audit_seal"));
    assert!(before.len() == 6 && seals == 1);
    let kept = Kept::new(&folder, "repository", &data);
    let program = Program::serve(&data, &["--backup", &kept.to, "--backup-seconds", "1"]);
    knows_everybody(&program, &known);
    // The session that the earlier program gave: good, or over by now, but no failure.
    let ready = fs::read(format!("{data}/bench-ready.json")).expect("read");
    let ready: Value = serde_json::from_slice(&ready).expect("JSON");
    let cookie = format!(
        "cookie: {}\r\n",
        ready["staff_cookie"].as_str().expect("a cookie")
    );
    let visit = fs::read_to_string(format!("{data}/bench-visits.txt")).expect("visits");
    let visit = visit.lines().next().expect("a visit");
    let path = format!("/api/v1/visits/{visit}/summary");
    let (status, body) = ask(&program.address, "GET", &path, &cookie, "");
    assert!(matches!(status, 200 | 401 | 403 | 404), "{status} {body}");
    until("a generation", || kept.generations().len() == 1);
    program.stop();
    // Old seals and new ones, of the form of today, hang together.
    assert!(count(&data, "audit_seal") > seals && count(&data, "audit_map_head") > 0);
    assert!(before.is_subset(&visits(&data)));
    // Cards that were registered then have their history, and stand for an insurance card.
    let cards = count(&data, "card_directory");
    assert!(cards > 0);
    assert_eq!(count(&data, "held_certificate"), cards);
    assert_eq!(
        count(&data, "(SELECT DISTINCT person_id FROM card_directory)"),
        count(&data, "insurance_use WHERE until_at IS NULL")
    );
    audit_is_whole(&data);
    let restored = folder.at("restored");
    kept.restore(&restored, &[]).well();
    audit_is_whole(&restored);
    assert_eq!(visits(&restored), visits(&data));
}

#[test]
fn a_folder_of_the_first_release_moves_to_a_server_and_is_brought_up_there() {
    let Some(cluster) = Cluster::start_with(Durability::Memory).expect("PostgreSQL starts") else {
        eprintln!("SKIPPED: moving an older folder to a server (PostgreSQL is not installed)");
        return;
    };
    let folder = Folder::new("old-server");
    let data = first_release(&folder, "data");
    let known = Known::of(&data);
    let before = visits(&data);
    drop(cluster.database("town").expect("a database"));
    let url = cluster.url("town");
    tasuki(&["move", "--data", &data, "--to", &url]).well();
    let program = Program::serve(&data, &["--database-url", &url]);
    knows_everybody(&program, &known);
    program.stop();
    tasuki(&["audit", "verify", "--data", &data, "--database-url", &url]).well();
    tasuki(&["move", "--data", &data, "--from", &url]).well();
    assert!(before.is_subset(&visits(&data)));
    audit_is_whole(&data);
    Program::serve(&data, &[]).stop();
}

#[test]
fn a_changed_a_missing_and_an_unknown_migration_stop_the_start_and_name_the_remedy() {
    let folder = Folder::new("wrong");
    for (number, (change, words)) in [
        (
            "UPDATE schema_migration SET sha256 = zeroblob(32) WHERE service = 'registry'",
            [
                "migration 1 of registry was changed",
                "start the program that applied it",
            ],
        ),
        (
            "INSERT INTO schema_migration VALUES ('store', 99, zeroblob(32))",
            ["migration 99 of store", "newer version"],
        ),
        (
            "INSERT INTO schema_migration VALUES ('dentistry', 1, zeroblob(32))",
            ["migration 1 of dentistry", "newer version"],
        ),
        (
            "DELETE FROM schema_migration WHERE service = 'store' AND number = 1;
             INSERT INTO schema_migration VALUES ('store', 2, zeroblob(32))",
            ["not 1 before it", "restore it from a backup"],
        ),
        (
            "DELETE FROM schema_migration WHERE service = 'access'",
            [
                "migration 1 of access could not be applied",
                "restore it from a backup",
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let data = first_release(&folder, &format!("data-{number}"));
        let database = sqlite(&data);
        database.execute_batch(change).expect("changed");
        drop(database);
        let migrations = count(&data, "schema_migration");
        let told = Program::try_serve(&data, &[]).err().expect("refused");
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
        // Nothing was applied halfway.
        assert_eq!(count(&data, "schema_migration"), migrations, "{change}");
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'audit_map'";
        let made: i64 = sqlite(&data)
            .query_row(tables, [], |row| row.get(0))
            .expect("a count");
        assert_eq!(made, 0, "{change}");
    }
}

/// The statements of an earlier program, which may still be running while the new one starts.
fn statements_of(list: &'static str) -> Vec<(&'static str, &'static Statement)> {
    let lines = list.lines().map(|line| {
        let (service, text) = line.split_once('\t').expect("a tab");
        let statement: &'static Statement =
            Box::leak(Box::new(Statement::new(Owner::Reference, text)));
        (service, statement)
    });
    lines.collect()
}

#[test]
fn the_statements_of_the_first_release_run_on_the_schema_of_today_on_both_engines() {
    let all = statements_of(FIRST_STATEMENTS);
    assert!(all.len() > 70, "{}", all.len());
    let connection = engines::sqlite();
    let failed = unprepared(&connection, &all);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let Some(mut client) = engines::postgres("statements of the first release") else {
        return;
    };
    let failed = differing(&connection, &mut client, all);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
