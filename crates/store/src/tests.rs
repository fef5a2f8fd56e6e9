use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::{
    id::{PersonId, RequestId},
    time::{Clock, Timestamp},
};

use crate::{
    Call, Database, Engine, Migration, Options, Owner, Schema, Stop, StoreError, SystemRng, Table,
    audit::Subject,
    caller::{Actor, Caller, Event, Intent, Purpose},
    seal, verify,
};

crate::statements! {
    Person ADD = "INSERT INTO note (person_id, body) VALUES ($1, $2)";
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

fn open(folder: &Path) -> Result<Engine, StoreError> {
    const TABLES: &[Table] = &[Table {
        name: "note",
        owner: Owner::Person,
    }];
    const SQL: &str = "CREATE TABLE note (person_id BLOB NOT NULL, body BLOB NOT NULL) STRICT";
    Engine::open(Options {
        folder: folder.to_path_buf(),
        database: Database::Embedded,
        unlock: crate::Unlock::File,
        reserve_bytes: 0,
        journal: None,
        schemas: vec![Schema {
            service: "test",
            tables: TABLES,
            migrations: &[Migration {
                number: 1,
                name: "note",
                sqlite: SQL,
                postgres: SQL,
            }],
            statements: STATEMENTS.to_vec(),
        }],
        clock: Arc::new(At(1_000_000)),
    })
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
fn a_persons_row_is_out_of_reach_until_the_person_is_opened() {
    let folder = folder("opened");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let unseen = engine.read(intent(&engine), move |call| {
        Ok(call.row(&COUNT, &[id.as_bytes().into()], |row| row.int(0))?)
    });
    assert!(matches!(
        unseen.wait(),
        Err(Stop::Failed(StoreError::NotOpened(_)))
    ));
    assert_eq!(notes(&engine, id), 0);
}

#[test]
fn a_refused_operation_leaves_its_audit_record_and_nothing_else() {
    let folder = folder("refused");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let refused = engine.write(intent(&engine), move |call| -> Result<(), Stop> {
        call.lock(id)?;
        note(call, id)?;
        Err(Stop::from(&NO))
    });
    assert!(matches!(refused.wait(), Err(Stop::Refused(_))));
    assert_eq!(notes(&engine, id), 0);
    let seen = records(&engine, id);
    // Newest first: the count, the refusal, the creation.
    assert_eq!(seen, [None, Some("TSK-TST-001".to_owned()), None]);
}

#[test]
fn every_operation_of_a_batch_is_kept_and_recorded_once() {
    let folder = folder("batch");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let waiting: Vec<_> = (0..300)
        .map(|_| {
            engine.write(intent(&engine), move |call| {
                call.lock(id)?;
                note(call, id)?;
                Ok(())
            })
        })
        .collect();
    for one in waiting {
        one.wait().expect("kept");
    }
    assert_eq!(notes(&engine, id), 300);
    drop(engine);
    let report = verify::verify(&folder, &mut |_| {})
        .expect("readable")
        .expect("whole");
    assert_eq!(report.records, 302);
}

#[test]
fn a_call_that_reads_cannot_write() {
    let folder = folder("readonly");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let sly = engine.read(intent(&engine), move |call| {
        call.open(id)?;
        note(call, id)?;
        Ok(())
    });
    assert!(matches!(
        sly.wait(),
        Err(Stop::Failed(StoreError::ReadOnly(_)))
    ));
}

#[test]
fn a_panicking_operation_harms_nobody_else() {
    let folder = folder("panic");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let bad = engine.write(intent(&engine), move |call| -> Result<(), Stop> {
        call.lock(id)?;
        note(call, id)?;
        panic!("on purpose");
    });
    assert!(bad.wait().is_err());
    assert_eq!(notes(&engine, id), 0);
}

#[test]
fn an_edited_record_is_named_sealed_or_not() {
    let folder = folder("edited");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    assert_eq!(notes(&engine, id), 0);
    let sealed = engine
        .write(intent(&engine), seal::seal_waiting)
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
        .write(intent(&engine), seal::seal_waiting)
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
fn a_refusal_that_is_kept_is_recorded_as_one_and_keeps_what_was_written() {
    let folder = folder("kept");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let kept = engine.write(intent(&engine), move |call| {
        call.lock(id)?;
        note(call, id)?;
        call.refuse_and_keep(&NO);
        Ok(())
    });
    kept.wait().expect("kept");
    assert_eq!(notes(&engine, id), 1);
    assert_eq!(
        records(&engine, id),
        [None, Some("TSK-TST-001".to_owned()), None]
    );
}

#[test]
fn a_look_up_opens_nobody() {
    let folder = folder("lookup");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let sly = engine.look_up(intent(&engine), move |call| call.open(id));
    assert!(matches!(
        sly.wait(),
        Err(Stop::Failed(StoreError::NotOpened(_)))
    ));
}

#[test]
fn nobody_is_opened_who_is_not_there() {
    let folder = folder("absent");
    let engine = open(&folder).expect("opens");
    let id = PersonId::random(&SystemRng);
    for act in [
        engine.read(intent(&engine), move |call| call.open(id)),
        engine.write(intent(&engine), move |call| call.lock(id)),
    ] {
        let Err(Stop::Refused(refusal)) = act.wait() else {
            panic!("somebody was opened");
        };
        assert_eq!(refusal.entry.code, "TSK-STO-001");
    }
    let twice = person(&engine);
    let again = engine.write(intent(&engine), move |call| call.create(twice));
    assert!(matches!(again.wait(), Err(Stop::Failed(_))));
    assert_eq!(records(&engine, twice), [None]);
}

#[test]
fn anonymous_refusals_are_counted_a_client_a_minute() {
    let folder = folder("anonymous");
    let engine = open(&folder).expect("opens");
    let refuse = |client: &str| {
        let actor = Actor::Anonymous {
            client: client.to_owned(),
        };
        let intent = Intent {
            caller: Caller::new(actor),
            ..intent(&engine)
        };
        let refused = engine.write(intent, |_| -> Result<(), Stop> { Err(Stop::from(&NO)) });
        assert!(matches!(refused.wait(), Err(Stop::Refused(_))));
    };
    let count = || {
        let report = verify::verify(&folder, &mut |_| {});
        report.expect("readable").expect("whole").records
    };
    for _ in 0..50 {
        refuse("one");
    }
    assert_eq!(count(), 20);
    refuse("two");
    assert_eq!(count(), 21);
}

#[test]
fn many_callers_at_once_leave_one_unbroken_chain() {
    let folder = folder("crowd");
    let engine = open(&folder).expect("opens");
    let people: Vec<PersonId> = (0..4).map(|_| person(&engine)).collect();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for id in people.iter().copied().cycle().take(40) {
                    let written = engine.write(intent(&engine), move |call| {
                        call.lock(id)?;
                        note(call, id)?;
                        Ok(())
                    });
                    written.wait().expect("kept");
                    assert!(notes(&engine, id) > 0);
                }
            });
        }
    });
    for id in &people {
        assert_eq!(notes(&engine, *id), 80);
    }
    drop(engine);
    let report = verify::verify(&folder, &mut |_| {});
    // 4 creations, 320 changes, 320 looks beside them and 4 after.
    assert_eq!(report.expect("readable").expect("whole").records, 648);
}

#[test]
fn what_was_answered_is_there_after_a_new_start() {
    let folder = folder("again");
    let engine = open(&folder).expect("opens");
    let id = person(&engine);
    let written = engine.write(intent(&engine), move |call| {
        call.lock(id)?;
        note(call, id)?;
        Ok(())
    });
    written.wait().expect("kept");
    drop(engine);
    let engine = open(&folder).expect("opens again");
    assert_eq!(notes(&engine, id), 1);
    assert_eq!(records(&engine, id), [None, None, None]);
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
fn a_changed_or_unknown_migration_stops_the_start() {
    let folder = folder("migration");
    drop(open(&folder).expect("opens"));
    let start = |sql: Option<&'static str>| {
        let migrations: &'static [Migration] = match sql {
            Some(sql) => Box::leak(Box::new([Migration {
                number: 1,
                name: "note",
                sqlite: sql,
                postgres: sql,
            }])),
            None => &[],
        };
        let opened = Engine::open(Options {
            folder: folder.clone(),
            database: Database::Embedded,
            unlock: crate::Unlock::File,
            reserve_bytes: 0,
            journal: None,
            schemas: vec![Schema {
                service: "test",
                tables: &[],
                migrations,
                statements: Vec::new(),
            }],
            clock: Arc::new(At(1_000_000)),
        });
        match opened {
            Err(StoreError::Schema(why)) => why,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it started"),
        }
    };
    assert!(start(Some("CREATE TABLE note (other TEXT) STRICT")).contains("was changed"));
    assert!(start(None).contains("newer version"));
}
