//! Connections that are lost, statements that take too long, operations that collide.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use super::{
    NO, intent, note, notes, person,
    place::{Place, on_server},
    records,
    wire::{Next, Wire},
};
use crate::{Call, Engine, Owner, ServerOptions, Statement, Stop, StoreError};

/// Longest a test waits for what should take a second.
const SOON: Duration = Duration::from_secs(15);

static WHO: Statement = Statement::new(Owner::Reference, "SELECT pg_backend_pid()::int8");
static SLEEP: Statement = Statement::new(Owner::Reference, "SELECT pg_sleep(30)::text");
static TAG: Statement = Statement::new(Owner::Directory, "SELECT word FROM tag WHERE word = $1");
static PUT_TAG: Statement = Statement::new(Owner::Directory, "INSERT INTO tag (word) VALUES ($1)");

/// Writes a note and counts its runs.
fn write(engine: &Engine, id: kernel::id::PersonId) -> (Result<(), Stop>, u32) {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let written = engine.write(intent(engine), move |call| {
        counted.fetch_add(1, Ordering::SeqCst);
        call.lock(id)?;
        note(call, id)?;
        Ok(())
    });
    (written.wait(), runs.load(Ordering::SeqCst))
}

#[test]
fn an_operation_whose_connection_is_lost_runs_again() {
    on_server("terminated", |place| {
        let engine = place.open();
        let id = person(&engine);
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let mut runs = 0;
        let written = engine.write(intent(&engine), move |call| {
            call.lock(id)?;
            note(call, id)?;
            runs += 1;
            if runs == 1 {
                let pid = call.row(&WHO, &[], |row| row.int(0))?;
                started
                    .send(pid.unwrap_or_default())
                    .expect("the test waits");
                may_go_on.recv().expect("the test goes on");
            }
            note(call, id)?;
            Ok(runs)
        });
        let pid = has_started.recv().expect("the operation has begun");
        let end = format!("SELECT pg_terminate_backend({pid})");
        place.base().admin().batch(&end).expect("terminated");
        go_on.send(()).expect("the operation waits");
        assert_eq!(written.wait().expect("kept"), 2);
        assert_eq!(notes(&engine, id), 2);
        // The creation, the change, the count.
        assert_eq!(records(&engine, id), [None, None, None]);
        let lost = engine.meter().reconnects.load(Ordering::Relaxed);
        assert_eq!(lost, 1);
        assert_eq!(place.report().records, 4);
    });
}

/// An engine whose every connection goes through a wire.
fn wired(place: &Place) -> (Wire, Engine) {
    let wire = Wire::to(place.base());
    let engine = place.open_server(ServerOptions {
        connections: 2,
        statement: Duration::from_secs(1),
        ..ServerOptions::new(wire.url(place.base()))
    });
    (wire, engine)
}

#[test]
fn a_commit_that_the_server_never_got_runs_again() {
    on_server("commit-before", |place| {
        let (wire, engine) = wired(place);
        let id = person(&engine);
        wire.on_next_commit(Next::CutBefore);
        let (outcome, runs) = write(&engine, id);
        outcome.expect("kept");
        assert!(wire.is_done());
        assert_eq!((runs, notes(&engine, id)), (2, 1));
        assert_eq!(place.report().records, 3);
    });
}

#[test]
fn a_commit_whose_answer_was_lost_is_done_once() {
    on_server("commit-after", |place| {
        let (wire, engine) = wired(place);
        let id = person(&engine);
        wire.on_next_commit(Next::CutAfter);
        let (outcome, runs) = write(&engine, id);
        outcome.expect("kept");
        assert!(wire.is_done());
        assert_eq!((runs, notes(&engine, id)), (1, 1));
        assert_eq!(place.report().records, 3);
        // A read's record is looked for in the same way.
        wire.on_next_commit(Next::CutAfter);
        assert_eq!(notes(&engine, id), 1);
        assert_eq!(place.report().records, 4);
    });
}

#[test]
fn a_commit_lost_while_the_server_waits_for_it_is_settled_when_the_server_gives_up() {
    on_server("commit-unseen", |place| {
        let (wire, engine) = wired(place);
        let id = person(&engine);
        wire.on_next_commit(Next::CutUnseen);
        let begun = Instant::now();
        let (outcome, runs) = write(&engine, id);
        outcome.expect("kept");
        assert!(begun.elapsed() < SOON);
        assert_eq!((runs, notes(&engine, id)), (2, 1));
        assert_eq!(place.report().records, 3);
    });
}

#[test]
fn a_refusal_whose_record_was_cut_off_is_recorded_once() {
    for next in [Next::CutBefore, Next::CutAfter] {
        on_server("refusal-cut", |place| {
            let (wire, engine) = wired(place);
            let id = person(&engine);
            wire.on_next_commit(next);
            let refused = engine.write(intent(&engine), move |call| -> Result<(), Stop> {
                call.lock(id)?;
                note(call, id)?;
                Err(Stop::from(&NO))
            });
            assert!(matches!(refused.wait(), Err(Stop::Refused(_))));
            assert!(wire.is_done());
            assert_eq!(notes(&engine, id), 0);
            let refusal = Some("TSK-TST-001".to_owned());
            assert_eq!(records(&engine, id), [None, refusal, None]);
        });
    }
}

#[test]
fn without_a_server_callers_are_told_within_seconds_and_work_goes_on_when_it_is_back() {
    on_server("gone", |place| {
        let (wire, engine) = wired(place);
        let id = person(&engine);
        let before = wire.connections();
        wire.cut();
        let begun = Instant::now();
        let waiting: Vec<_> = (0..200)
            .map(|_| {
                engine.write(intent(&engine), move |call| {
                    call.lock(id)?;
                    note(call, id)?;
                    Ok(())
                })
            })
            .collect();
        for one in waiting {
            let Err(Stop::Failed(error)) = one.wait() else {
                panic!("it was kept nowhere");
            };
            assert!(
                matches!(error, StoreError::Postgres(_) | StoreError::Unreachable),
                "{error}"
            );
        }
        // All of them, however many waited.
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        wire.mend();
        let begun = Instant::now();
        loop {
            let (outcome, _) = write(&engine, id);
            if outcome.is_ok() {
                break;
            }
            assert!(begun.elapsed() < SOON, "it did not come back");
        }
        assert!(wire.connections() > before);
        assert_eq!(notes(&engine, id), 1);
        assert_eq!(place.report().records, 3);
    });
}

#[test]
fn a_short_loss_is_not_noticed_by_those_who_wait() {
    on_server("short-loss", |place| {
        let (wire, engine) = wired(place);
        let id = person(&engine);
        wire.cut();
        let written = engine.write(intent(&engine), move |call| {
            call.lock(id)?;
            note(call, id)?;
            Ok(())
        });
        wire.mend();
        written.wait().expect("kept");
        assert_eq!(notes(&engine, id), 1);
    });
}

#[test]
fn a_statement_that_takes_too_long_fails_and_leaves_nothing() {
    on_server("timeout", |place| {
        let engine = place.open_server(ServerOptions {
            connections: 2,
            statement: Duration::from_millis(300),
            ..ServerOptions::new(place.base().url())
        });
        let id = person(&engine);
        let begun = Instant::now();
        let slow = engine.write(intent(&engine), move |call| {
            call.lock(id)?;
            note(call, id)?;
            Ok(call.row(&SLEEP, &[], |_| Ok(()))?)
        });
        assert!(matches!(
            slow.wait(),
            Err(Stop::Failed(StoreError::Postgres(_)))
        ));
        assert!(begun.elapsed() < SOON);
        assert_eq!(notes(&engine, id), 0);
        // The creation and the count: what failed was told nobody's data.
        assert_eq!(records(&engine, id), [None, None]);
    });
}

#[test]
fn two_operations_that_open_two_people_in_opposite_order_both_end() {
    on_server("deadlock", |place| {
        let engine = place.open();
        let (one, other) = (person(&engine), person(&engine));
        let both = Arc::new(Barrier::new(2));
        let begun = [(one, other), (other, one)].map(|(first, second)| {
            let both = Arc::clone(&both);
            let mut runs = 0;
            engine.write(intent(&engine), move |call| {
                call.lock(first)?;
                runs += 1;
                if runs == 1 {
                    both.wait();
                }
                call.lock(second)?;
                note(call, first)?;
                note(call, second)?;
                Ok(())
            })
        });
        for one in begun {
            one.wait().expect("kept");
        }
        assert_eq!((notes(&engine, one), notes(&engine, other)), (2, 2));
        assert_eq!(engine.meter().reruns.load(Ordering::Relaxed), 1);
        // Each has two creations' worth: a creation, two changes, a count.
        assert_eq!(place.report().records, 8);
    });
}

#[test]
fn who_comes_second_to_a_key_is_told_so_in_the_operations_own_words() {
    on_server("unique", |place| {
        let engine = place.open();
        let both = Arc::new(Barrier::new(2));
        let begun = [0, 1].map(|_| {
            let both = Arc::clone(&both);
            let mut runs = 0;
            engine.write(intent(&engine), move |call: &mut Call<'_>| {
                runs += 1;
                if call.row(&TAG, &["only one".into()], |_| Ok(()))?.is_some() {
                    return Err(Stop::from(&NO));
                }
                if runs == 1 {
                    both.wait();
                }
                call.execute(&PUT_TAG, &["only one".into()])?;
                Ok(runs)
            })
        });
        let mut outcomes = begun.map(crate::Pending::wait);
        outcomes.sort_by_key(Result::is_err);
        let [Ok(1), Err(Stop::Refused(refusal))] = &outcomes else {
            panic!("one of the two should have been refused");
        };
        assert_eq!(refusal.entry.code, NO.code);
        assert_eq!(engine.meter().reruns.load(Ordering::Relaxed), 1);
    });
}
