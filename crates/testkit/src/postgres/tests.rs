use super::*;

fn setting(client: &mut Client, name: &str) -> String {
    let row = client.query_one("SELECT current_setting($1)", &[&name]);
    row.expect("a setting").get(0)
}

#[test]
fn a_cluster_serves_over_its_socket_alone_and_leaves_nothing_behind() {
    let started = Cluster::start_with(Durability::Memory).expect("PostgreSQL starts");
    let Some(cluster) = started else {
        eprintln!("SKIPPED: a PostgreSQL cluster ({VERSIONS} is absent)");
        return;
    };
    let folder = cluster.socket().to_owned();
    let mut client = cluster.client().expect("a connection");
    for (name, value) in [
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("fsync", "off"),
    ] {
        assert_eq!(setting(&mut client, name), value, "{name}");
    }
    let collation = "SELECT datcollate FROM pg_database WHERE datname = current_database()";
    let row = client.query_one(collation, &[]).expect("the database");
    assert_eq!(row.get::<_, String>(0), "C");
    let mut other = cluster.database("other").expect("a second database");
    assert_eq!(setting(&mut other, "server_version_num").len(), 6);
    drop((client, other, cluster));
    assert!(!folder.exists());
}

#[test]
fn the_newest_version_with_its_programs_is_taken() {
    let folder = std::env::temp_dir().join(format!("tasuki-versions-{}", std::process::id()));
    for version in ["9", "15", "17", "notes"] {
        fs::create_dir_all(folder.join(version).join("bin")).expect("a folder");
    }
    for version in ["9", "15"] {
        for program in ["initdb", "pg_ctl"] {
            fs::write(folder.join(version).join("bin").join(program), "").expect("a file");
        }
    }
    assert_eq!(newest(&folder), Some(folder.join("15").join("bin")));
    fs::remove_dir_all(&folder).expect("removed");
    assert_eq!(newest(&folder), None);
}

/// A primary with a synchronous standby and one table; `None` is said aloud.
fn pair() -> Option<(Cluster, Cluster)> {
    let Some(primary) = Cluster::start().expect("PostgreSQL starts") else {
        eprintln!("SKIPPED: PostgreSQL replication ({VERSIONS} is absent)");
        return None;
    };
    let standby = primary.standby(Commits::WaitForTheStandby);
    Some((primary, standby.expect("a standby")))
}

const TABLE: &str = "CREATE TABLE note (number BIGINT PRIMARY KEY)";
const INSERT: &str = "INSERT INTO note (number) VALUES ($1)";
const COUNT_ALL: &str = "SELECT count(*) FROM note";

fn count(client: &mut Client) -> i64 {
    client.query_one(COUNT_ALL, &[]).expect("a count").get(0)
}

#[test]
fn what_a_synchronous_primary_acknowledged_is_on_the_promoted_standby() {
    let Some((primary, standby)) = pair() else {
        return;
    };
    let both = Cluster::url_of(&[&primary, &standby], USER);
    let connect = || Client::connect(&both, NoTls).expect("the one that takes writes");
    let mut client = connect();
    client.batch_execute(TABLE).expect("a table");
    let mut acknowledged = 0;
    for number in 0..200_i64 {
        acknowledged += client.execute(INSERT, &[&number]).expect("inserted");
    }
    let mut reader = standby.client().expect("a reader");
    let refused = reader.execute(INSERT, &[&-1_i64]).expect_err("a standby");
    assert_eq!(refused.code().map(|c| c.code()), Some("25006"));
    primary.kill().expect("killed");
    assert!(client.execute(INSERT, &[&-1_i64]).is_err());
    standby.promote().expect("promoted");
    let mut client = connect();
    assert_eq!(count(&mut client).unsigned_abs(), acknowledged);
    client.execute(INSERT, &[&-1_i64]).expect("it takes writes");
    let folders = [primary.socket().to_owned(), standby.socket().to_owned()];
    drop((client, reader, primary, standby));
    assert!(folders.iter().all(|folder| !folder.exists()));
}

#[test]
fn a_commit_waits_for_a_synchronous_standby_that_hangs() {
    let Some((primary, standby)) = pair() else {
        return;
    };
    let mut client = primary.client().expect("a client");
    client.batch_execute(TABLE).expect("a table");
    standby.pause().expect("paused");
    let url = primary.url(USER);
    let insert = std::thread::spawn(move || {
        let mut client = Client::connect(&url, NoTls).expect("a client");
        client.execute(INSERT, &[&1_i64]).expect("inserted");
    });
    // It is seen waiting, whatever the machine is busy with.
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let mut seen = 0_i64;
    while seen == 0 && !insert.is_finished() {
        seen = client.query_one(waiting, &[]).expect("a count").get(0);
    }
    assert_eq!((seen, count(&mut client)), (1, 0));
    standby.resume().expect("resumed");
    insert.join().expect("it was answered");
    assert_eq!(count(&mut client), 1);
}

#[test]
fn a_killed_server_comes_back_with_what_it_had_committed() {
    let Some(cluster) = Cluster::start().expect("PostgreSQL starts") else {
        eprintln!("SKIPPED: a killed PostgreSQL ({VERSIONS} is absent)");
        return;
    };
    let mut client = cluster.client().expect("a client");
    client.batch_execute(TABLE).expect("a table");
    client.execute(INSERT, &[&1_i64]).expect("inserted");
    cluster.kill().expect("killed");
    assert!(cluster.client().is_err());
    cluster.kill().expect("a dead one is dead");
    cluster.restart().expect("it comes back");
    assert_eq!(count(&mut cluster.client().expect("a client")), 1);
    cluster.settings(&[("work_mem", "1234kB")]).expect("set");
    cluster.restart().expect("in order");
    let mut client = cluster.client().expect("a client");
    assert_eq!(setting(&mut client, "work_mem"), "1234kB");
}

#[test]
fn a_connection_text_bears_any_folder() {
    let cluster = Cluster {
        bin: PathBuf::new(),
        folder: PathBuf::from("/tmp/o'ne two\\three"),
    };
    let config: Config = cluster.url("a b").parse().expect("libpq's form");
    let host = ::postgres::config::Host::Unix(cluster.folder.clone());
    assert_eq!(config.get_hosts(), [host]);
    assert_eq!(config.get_dbname(), Some("a b"));
    // Not to be dropped as a cluster: its folder is not ours.
    std::mem::forget(cluster);
}
