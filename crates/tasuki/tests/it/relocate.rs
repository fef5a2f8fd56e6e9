//! From the data folder to a server and back: nothing is lost, nothing is written twice.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use testkit::postgres::{Cluster, Durability};

use crate::operator::{
    Folder, Kept, Known, Load, Program, ask, audit_is_whole, seeded, tasuki, until, visits,
};

fn cluster(what: &str) -> Option<Cluster> {
    let cluster = Cluster::start_with(Durability::Memory).expect("PostgreSQL starts");
    if cluster.is_none() {
        eprintln!("SKIPPED: {what} (PostgreSQL is not installed)");
    }
    cluster
}

fn count(cluster: &Cluster, database: &str) -> i64 {
    let mut client = cluster.client_of(database).expect("a connection");
    let row = client.query_one("SELECT count(*) FROM eligibility_visit", &[]);
    row.expect("a count").get(0)
}

fn work(program: &Program, known: &Known, checks: usize) {
    let load = Load::start(&program.address, known);
    load.go_on(checks);
    let (_, failed) = load.end();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn everything_moves_to_a_server_and_back_and_the_old_place_is_closed() {
    let Some(cluster) = cluster("moving to a server and back") else {
        return;
    };
    let folder = Folder::new("move");
    let data = seeded(&folder, "30");
    let known = Known::of(&data);
    drop(cluster.database("town").expect("a database"));
    let url = cluster.url("town");
    let to = ["move", "--data", &data, "--to", &url];
    let from = ["move", "--data", &data, "--from", &url];
    let on_server = ["--database-url", &url];

    let program = Program::serve(&data, &[]);
    work(&program, &known, 30);
    tasuki(&to).refused(&["in use"]);
    program.kill();
    let before = visits(&data);
    let told = tasuki(&to).well();
    assert!(told.contains("counts and hashes agree"), "{told}");
    assert!(
        told.lines().filter(|line| line.starts_with("= ")).count() > 15,
        "{told}"
    );
    assert_eq!(usize::try_from(count(&cluster, "town")), Ok(before.len()));
    tasuki(&["audit", "verify", "--data", &data, "--database-url", &url]).well();
    audit_is_whole(&data);
    // The old place is closed; the new one is not empty any more.
    let words = Program::try_serve(&data, &[]).err().expect("refused");
    assert!(
        words.contains("was moved to") && words.contains("dbname='town'"),
        "{words}"
    );
    tasuki(&to).refused(&["moved to"]);

    let program = Program::serve(&data, &on_server);
    work(&program, &known, 30);
    tasuki(&from).refused(&["in use"]);
    program.stop();
    let there = count(&cluster, "town");
    assert!(there >= i64::try_from(before.len()).expect("small") + 30);
    tasuki(&from).well();
    assert_eq!(i64::try_from(visits(&data).len()), Ok(there));
    assert!(before.is_subset(&visits(&data)));
    audit_is_whole(&data);
    let words = Program::try_serve(&data, &on_server)
        .err()
        .expect("refused");
    assert!(words.contains("was moved to"), "{words}");
    // What was set aside is not brought back over what is in use.
    tasuki(&from).refused(&["in use"]);
    assert!(Path::new(&format!("{data}/tasuki.db.moved-1")).exists());
    let program = Program::serve(&data, &[]);
    work(&program, &known, 10);
    program.stop();
    audit_is_whole(&data);
    // A target that holds something is refused, and the source goes on.
    tasuki(&to).refused(&["give an empty one"]);
    Program::serve(&data, &[]).stop();
    tasuki(&["move", "--data", &folder.at("slip"), "--to", &url]).refused(&["there is no"]);
}

#[test]
fn a_move_that_is_killed_leaves_the_source_as_it_was_and_the_target_closed() {
    let Some(cluster) = cluster("killing a move") else {
        return;
    };
    let folder = Folder::new("cut");
    let data = seeded(&folder, "300");
    let before = visits(&data);
    let spawn = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_tasuki"))
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs")
    };
    let mut cut = 0;
    for (number, ms) in [0, 15, 30, 60].into_iter().enumerate() {
        let name = format!("cut{number}");
        let mut client = cluster.database(&name).expect("a database");
        let url = cluster.url(&name);
        let mut child = spawn(&["move", "--data", &data, "--to", &url]);
        until("it has begun", || {
            let row = client.query_one("SELECT to_regclass('person_head') IS NOT NULL", &[]);
            row.expect("an answer").get(0)
        });
        std::thread::park_timeout(Duration::from_millis(ms));
        if child.try_wait().expect("a child of ours").is_some() {
            break;
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        assert_eq!(visits(&data), before);
        Program::serve(&data, &[]).stop();
        // Half of it is there, and nobody starts with it, nor moves onto it.
        let words = Program::try_serve(&data, &["--database-url", &url]);
        let words = words.err().expect("refused");
        assert!(words.contains("was being loaded"), "{words}");
        tasuki(&["move", "--data", &data, "--to", &url]).refused(&["empty"]);
        cut += 1;
    }
    assert!(cut > 0, "no move was cut in the middle");
    drop(cluster.database("whole").expect("a database"));
    let url = cluster.url("whole");
    tasuki(&["move", "--data", &data, "--to", &url]).well();
    // Back, cut in the middle: the server still has it, and the next try makes room.
    let from = ["move", "--data", &data, "--from", &url];
    let beside = format!("{data}/tasuki.db.loading");
    let mut child = spawn(&from);
    until("it has begun", || Path::new(&beside).exists());
    child.kill().expect("killed");
    child.wait().expect("ended");
    let words = Program::try_serve(&data, &[]).err().expect("refused");
    assert!(words.contains("was moved to"), "{words}");
    tasuki(&from).well();
    assert!(!Path::new(&beside).exists());
    assert_eq!(visits(&data), before);
    audit_is_whole(&data);
    Program::serve(&data, &[]).stop();
}

#[test]
fn a_servers_data_is_backed_up_by_generations_and_restored_on_either_engine() {
    let Some(cluster) = cluster("backups of a server's data") else {
        return;
    };
    let folder = Folder::new("server");
    let data = seeded(&folder, "20");
    let known = Known::of(&data);
    let kept = Kept::new(&folder, "repository", &data);
    // A life on the embedded engine first, with a journal.
    let keeping = ["--backup", &kept.to, "--backup-seconds", "1"];
    let program = Program::serve(&data, &keeping);
    until("a generation", || kept.generations().len() == 1);
    work(&program, &known, 5);
    program.stop();
    assert!(kept.segments() > 0);
    let embedded = i64::try_from(visits(&data).len()).expect("small");
    drop(cluster.database("town").expect("a database"));
    let url = cluster.url("town");
    tasuki(&["move", "--data", &data, "--to", &url]).well();
    let on_server = [&["--database-url", &url], &keeping[..]].concat();
    let program = Program::serve(&data, &on_server);
    until("a generation at once", || kept.generations().len() == 2);
    work(&program, &known, 20);
    tasuki(&["backup", "now", "--data", &data]).well();
    let health = ask(&program.address, "GET", "/health/ready", "", "");
    assert_eq!(health.0, 200, "{}", health.1);
    let newest = kept.generations().pop().expect("generations");
    assert_eq!((newest.number, newest.engine.as_str()), (3, "postgres"));
    program.stop();
    let there = count(&cluster, "town");
    // To the embedded engine.
    let restored = folder.at("restored");
    kept.restore(&restored, &[]).well();
    audit_is_whole(&restored);
    assert_eq!(i64::try_from(visits(&restored).len()), Ok(there));
    let program = Program::serve(&restored, &[]);
    work(&program, &known, 5);
    program.stop();
    // To another server, which must be empty.
    let keys = folder.at("keys");
    kept.restore(&keys, &["--database-url", &url])
        .refused(&["give an empty one"]);
    drop(cluster.database("second").expect("a database"));
    let second = cluster.url("second");
    kept.restore(&keys, &["--database-url", &second]).well();
    assert_eq!(count(&cluster, "second"), there);
    let program = Program::serve(&keys, &["--database-url", &second]);
    work(&program, &known, 5);
    program.stop();
    // A generation of the embedded engine, journal and all, to a server.
    drop(cluster.database("third").expect("a database"));
    let (third, others) = (cluster.url("third"), folder.at("others"));
    kept.restore(&others, &["--generation", "1", "--database-url", &third])
        .well();
    assert_eq!(count(&cluster, "third"), embedded);
    tasuki(
        &[
            &["backup", "drill", "--scratch", &folder.at("")],
            &kept.source()[..],
        ]
        .concat(),
    )
    .well();
    // Back on the embedded engine: what was written on the server is not in the journal, so a
    // new generation is made at once, and restores.
    tasuki(&["move", "--data", &data, "--from", &url]).well();
    let program = Program::serve(&data, &keeping);
    until("a new generation", || kept.generations().len() == 4);
    work(&program, &known, 5);
    program.stop();
    let last = folder.at("last");
    kept.restore(&last, &[]).well();
    audit_is_whole(&last);
    assert_eq!(visits(&last), visits(&data));
}
