mod audit;
mod calls;
mod journal;
mod load;
mod lost;
mod moving;
mod place;
mod plan;
mod races;
mod wire;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::{
    id::{PersonId, RequestId},
    time::{Clock, Timestamp},
};

use crate::{
    Call, Engine, Migration, Options, Owner, Schema, StoreError, SystemRng, Table,
    audit::Subject,
    caller::{Actor, Caller, Event, Intent, Purpose},
    seal, sealing, verify,
};

crate::statements! {
    Person ADD = "INSERT INTO note (person_id, number, body)
        VALUES ($1, (SELECT COUNT(*) + 1 FROM note WHERE person_id = $1), $2)";
    Person COUNT = "SELECT COUNT(*) FROM note WHERE person_id = $1";
}
kernel::catalog! {
    NO = "TSK-TST-001", 409, "conflict",
        cause: "だめです。", "no"; remedy: "やめてください。", "stop"; source: "test";
}
static EVENT: Event = Event {
    code: "test.act",
    ja: "試験",
    en: "test",
};

struct At(i64);
impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0)
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tasuki-store-{}-{name}", std::process::id()));
    let _absent = std::fs::remove_dir_all(&folder);
    folder
}

/// Notes are numbered, so that two who write beside each other collide; tags are everybody's.
const SQLITE: &str = "
    CREATE TABLE note (person_id BLOB NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (person_id, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE tag (word TEXT NOT NULL PRIMARY KEY, number INTEGER, body BLOB)
        STRICT, WITHOUT ROWID;";
const POSTGRES: &str = "
    CREATE TABLE note (person_id BYTEA NOT NULL, number BIGINT NOT NULL, body BYTEA NOT NULL,
        PRIMARY KEY (person_id, number));
    CREATE TABLE tag (word TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, number BIGINT, body BYTEA);";

fn schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: "note",
            owner: Owner::Person,
        },
        Table {
            name: "tag",
            owner: Owner::Directory,
        },
    ];
    Schema {
        service: "test",
        tables: TABLES,
        migrations: &[Migration {
            number: 1,
            name: "note",
            sqlite: SQLITE,
            postgres: POSTGRES,
        }],
        statements: STATEMENTS.to_vec(),
    }
}

fn open(folder: &Path) -> Result<Engine, StoreError> {
    let clock = Arc::new(At(1_000_000));
    Engine::open(Options::embedded(
        folder.to_path_buf(),
        vec![schema()],
        clock,
    ))
}

fn intent(engine: &Engine) -> Intent {
    Intent {
        caller: Caller::new(Actor::Job { name: "test" }),
        purpose: Purpose::Operation,
        event: &EVENT,
        request: RequestId::random(&SystemRng),
        at: engine.now(),
    }
}

fn person(engine: &Engine) -> PersonId {
    let id = PersonId::random(&SystemRng);
    let made = engine.write(intent(engine), move |call| call.create(id));
    made.wait().expect("a new person");
    id
}

fn note(call: &Call<'_>, id: PersonId) -> Result<usize, StoreError> {
    call.execute(&ADD, &[id.as_bytes().into(), (&[1_u8]).into()])
}

fn notes(engine: &Engine, id: PersonId) -> i64 {
    let count = engine.read(intent(engine), move |call| {
        call.open(id)?;
        Ok(call
            .row(&COUNT, &[id.as_bytes().into()], |row| row.int(0))?
            .unwrap_or(-1))
    });
    count.wait().expect("a count")
}

fn records(engine: &Engine, id: PersonId) -> Vec<Option<String>> {
    let page = engine.read(intent(engine), move |call| {
        call.open(id)?;
        Ok(call.history(Subject::Person(id), i64::MAX, 100)?)
    });
    let page = page.wait().expect("a history");
    page.into_iter().map(|entry| entry.record.refused).collect()
}

#[test]
fn an_edited_record_is_named_sealed_or_not() {
    let folder = folder("edited");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    assert_eq!(notes(&engine, id), 0);
    let sealed = engine
        .write(intent(&engine), sealing::seal_waiting)
        .wait()
        .expect("seals");
    assert_eq!(sealed, 2);
    let proof = engine
        .read(intent(&engine), move |call| {
            call.open(id)?;
            let entry = call.history(Subject::Person(id), 2, 1)?.remove(0);
            Ok((entry, seal::prove(call, Subject::Person(id), 1)?))
        })
        .wait()
        .expect("a proof");
    assert!(proof.1.expect("sealed").holds(&proof.0.hash));
    drop(engine);
    let report = verify::verify(&folder, &mut |_| {})
        .expect("readable")
        .expect("whole");
    assert_eq!((report.seals, report.sealed), (1, 2));
    for (sql, seq) in [
        ("UPDATE person_audit SET at = at + 1 WHERE seq = 2", 2),
        (
            "UPDATE person_audit SET at = at - 1 WHERE seq = 2; DELETE FROM person_audit WHERE seq = 1",
            2,
        ),
    ] {
        let connection = rusqlite::Connection::open(folder.join("tasuki.db")).expect("opens");
        connection.execute_batch(sql).expect("edits");
        drop(connection);
        let fault = verify::verify(&folder, &mut |_| {})
            .expect("readable")
            .expect_err("a fault");
        assert_eq!((fault.table, fault.seq), ("person_audit", seq));
        assert_eq!(fault.subject, Some(Subject::Person(id)));
    }
}

#[test]
fn a_rewritten_chain_with_a_fitting_head_is_found_by_its_seal() {
    let folder = folder("rewritten");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    engine
        .write(intent(&engine), sealing::seal_waiting)
        .wait()
        .expect("seals");
    drop(engine);
    let subject = Subject::Person(id);
    let at = Timestamp::from_micros(7);
    let hash = crate::audit::record_hash(subject, 1, at, &crate::audit::GENESIS, b"forged");
    let connection = rusqlite::Connection::open(folder.join("tasuki.db")).expect("opens");
    connection
        .execute(
            "UPDATE person_audit SET at = 7, body = CAST('forged' AS BLOB), hash = ?1",
            [&hash[..]],
        )
        .expect("edits");
    connection
        .execute("UPDATE person_head SET audit_hash = ?1", [&hash[..]])
        .expect("edits");
    drop(connection);
    let fault = verify::verify(&folder, &mut |_| {})
        .expect("readable")
        .expect_err("a fault");
    assert_eq!(
        (fault.table, fault.subject, fault.seq),
        ("person_audit", Some(subject), 1)
    );
}

#[test]
fn a_data_folder_has_one_engine() {
    let folder = folder("lock");
    let _first = open(&folder).expect("opens");
    assert!(matches!(open(&folder), Err(StoreError::Locked)));
}

#[test]
fn a_wrong_key_file_stops_the_start() {
    let folder = folder("key");
    drop(open(&folder).expect("opens"));
    std::fs::write(folder.join("kek.bin"), [7; 32]).expect("writes");
    assert!(matches!(open(&folder), Err(StoreError::Key(_))));
}

#[test]
fn a_read_that_a_change_overtook_runs_again_and_sees_the_change() {
    let folder = folder("overtaken");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let (started, has_started) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let mut runs = 0;
    let slow = engine.read(intent(&engine), move |call| {
        call.open(id)?;
        let count = call.row(&COUNT, &[id.as_bytes().into()], |row| row.int(0))?;
        runs += 1;
        if runs == 1 {
            started.send(()).expect("the test waits");
            may_go_on.recv().expect("the test goes on");
        }
        Ok((runs, count.unwrap_or(-1)))
    });
    has_started.recv().expect("the read has begun");
    let change = engine.write(intent(&engine), move |call| {
        call.lock(id)?;
        note(call, id)?;
        Ok(())
    });
    change.wait().expect("changed");
    go_on.send(()).expect("the read waits");
    assert_eq!(slow.wait().expect("an answer"), (2, 1));
    // The creation, the change, and one record for the read that was answered.
    assert_eq!(records(&engine, id).len(), 3);
}

#[test]
fn whoever_asks_after_a_change_sees_it_although_every_reader_has_an_older_moment_open() {
    let folder = folder("moments");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let mut held = Vec::new();
    for _ in 0..crate::embedded::READERS {
        let (started, has_started) = std::sync::mpsc::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
        let slow = engine.look_up(intent(&engine), move |call| {
            let before = call.version(id)?;
            started.send(()).expect("the test waits");
            may_go_on.recv().expect("the test goes on");
            Ok((before, call.version(id)?))
        });
        has_started.recv().expect("the look has begun");
        held.push((go_on, slow));
    }
    let change = engine.write(intent(&engine), move |call| {
        call.lock(id)?;
        note(call, id)?;
        Ok(())
    });
    change.wait().expect("changed");
    let late: Vec<_> = (0..20)
        .map(|_| engine.look_up(intent(&engine), move |call| Ok(call.version(id)?)))
        .collect();
    for (go_on, slow) in held {
        go_on.send(()).expect("the look waits");
        assert_eq!(slow.wait().expect("an answer"), (Some(1), Some(1)));
    }
    for one in late {
        assert_eq!(one.wait().expect("an answer"), Some(2));
    }
}
