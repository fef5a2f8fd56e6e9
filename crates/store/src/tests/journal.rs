//! The journal holds what was committed, once.

use std::sync::Arc;

use super::{At, folder, intent, person, schema};
use crate::{Engine, Options, Owner, Statement, Stop, StoreError};

/// What SQLite does by itself after some errors.
static GIVE_UP: Statement = Statement::new(Owner::Directory, "ROLLBACK");

#[test]
fn a_batch_that_was_rolled_back_leaves_each_record_in_the_journal_once() {
    const RECORD: &[u8] = b"INSERT INTO person_audit";
    let folder = folder("journal");
    let (to, entries) = crossbeam_channel::unbounded();
    let clock = Arc::new(At(1_000_000));
    let engine = Engine::open(Options {
        journal: Some(to),
        ..Options::embedded(folder.clone(), vec![schema()], clock)
    })
    .expect("the engine opens");
    let id = person(&engine);
    let before: u64 = entries
        .try_iter()
        .map(|entry| entry.number)
        .last()
        .unwrap_or(0);
    let (started, has_started) = crossbeam_channel::bounded(8);
    let (go, may_go) = crossbeam_channel::bounded::<()>(0);
    let slow = engine.write(intent(&engine), move |_| {
        let _told = started.try_send(());
        let _ended = may_go.recv();
        Ok(())
    });
    has_started.recv().expect("the batch has begun");
    let (read, was_read) = crossbeam_channel::bounded(8);
    let look = engine.read(intent(&engine), move |call| {
        let _told = read.try_send(());
        call.open(id)
    });
    // From here on only its record can wait: it is in the batch before the one that breaks it.
    was_read.recv().expect("the look has been taken");
    while engine.figures().waiting == 0 {
        std::thread::yield_now();
    }
    let broken = engine.write(intent(&engine), |call| {
        call.execute(&GIVE_UP, &[])?;
        Ok(())
    });
    while engine.figures().waiting < 2 {
        std::thread::yield_now();
    }
    drop(go);
    slow.wait().expect("ran alone");
    look.wait().expect("recorded alone");
    assert!(matches!(
        broken.wait(),
        Err(Stop::Failed(StoreError::Commit(_)))
    ));
    drop(engine);
    let bodies: Vec<Vec<u8>> = entries.iter().map(|entry| entry.body).collect();
    assert!(before > 0 && !bodies.is_empty());
    let all = bodies.concat();
    let looks = all
        .windows(RECORD.len())
        .filter(|part| *part == RECORD)
        .count();
    assert_eq!(looks, 1);
    let _gone = std::fs::remove_dir_all(&folder);
}
