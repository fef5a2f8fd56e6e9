//! What every operation is held to, on both engines.

use kernel::id::PersonId;

use super::{COUNT, NO, intent, note, notes, person, place::on_both, records, schema};
use crate::{
    Engine, Migration, Schema, Stop, StoreError, SystemRng,
    caller::{Actor, Caller, Intent},
};

#[test]
fn a_persons_row_is_out_of_reach_until_the_person_is_opened() {
    on_both("opened", |place| {
        let engine = place.open();
        let id = person(&engine);
        let unseen = engine.read(intent(&engine), move |call| {
            Ok(call.row(&COUNT, &[id.as_bytes().into()], |row| row.int(0))?)
        });
        assert!(matches!(
            unseen.wait(),
            Err(Stop::Failed(StoreError::NotOpened(_)))
        ));
        assert_eq!(notes(&engine, id), 0);
    });
}

#[test]
fn a_refused_operation_leaves_its_audit_record_and_nothing_else() {
    on_both("refused", |place| {
        let engine = place.open();
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
    });
}

#[test]
fn every_operation_of_a_batch_is_kept_and_recorded_once() {
    on_both("batch", |place| {
        let engine = place.open();
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
        assert_eq!(place.report().records, 302);
    });
}

#[test]
fn a_call_that_reads_cannot_write() {
    on_both("readonly", |place| {
        let engine = place.open();
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
    });
}

#[test]
fn a_panicking_operation_harms_nobody_else() {
    on_both("panic", |place| {
        let engine = place.open();
        let id = person(&engine);
        let bad = engine.write(intent(&engine), move |call| -> Result<(), Stop> {
            call.lock(id)?;
            note(call, id)?;
            panic!("on purpose");
        });
        assert!(bad.wait().is_err());
        assert_eq!(notes(&engine, id), 0);
    });
}

#[test]
fn a_refusal_that_is_kept_is_recorded_as_one_and_keeps_what_was_written() {
    on_both("kept", |place| {
        let engine = place.open();
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
    });
}

#[test]
fn a_look_up_opens_nobody() {
    on_both("lookup", |place| {
        let engine = place.open();
        let id = person(&engine);
        let sly = engine.look_up(intent(&engine), move |call| call.open(id));
        assert!(matches!(
            sly.wait(),
            Err(Stop::Failed(StoreError::NotOpened(_)))
        ));
    });
}

#[test]
fn nobody_is_opened_who_is_not_there() {
    on_both("absent", |place| {
        let engine = place.open();
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
    });
}

#[test]
fn anonymous_refusals_are_counted_a_client_a_minute() {
    on_both("anonymous", |place| {
        let engine = place.open();
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
        let count = || place.report().records;
        for _ in 0..50 {
            refuse("one");
        }
        assert_eq!(count(), 20);
        refuse("two");
        assert_eq!(count(), 21);
    });
}

#[test]
fn many_callers_at_once_leave_one_unbroken_chain() {
    on_both("crowd", |place| {
        let engine = place.open();
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
        // 4 creations, 320 changes, 320 looks beside them and 4 after.
        assert_eq!(place.report().records, 648);
    });
}

#[test]
fn what_was_answered_is_there_after_a_new_start() {
    on_both("again", |place| {
        let engine = place.open();
        let id = person(&engine);
        let written = engine.write(intent(&engine), move |call| {
            call.lock(id)?;
            note(call, id)?;
            Ok(())
        });
        written.wait().expect("kept");
        drop(engine);
        let engine = place.open();
        assert_eq!(notes(&engine, id), 1);
        assert_eq!(records(&engine, id), [None, None, None]);
    });
}

#[test]
fn a_changed_or_unknown_migration_stops_the_start() {
    on_both("migration", |place| {
        drop(place.open());
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
            let opened = place.open_with(vec![Schema {
                migrations,
                ..schema()
            }]);
            match opened {
                Err(StoreError::Schema(why)) => why,
                Err(other) => panic!("{other}"),
                Ok(_) => panic!("it started"),
            }
        };
        assert!(start(Some("CREATE TABLE note (other TEXT)")).contains("was changed"));
        assert!(start(None).contains("newer version"));
        // What was refused has changed nothing.
        drop(place.open());
    });
}

#[test]
fn two_programs_that_start_on_one_empty_database_do_not_meet() {
    super::place::on_server("start", |place| {
        // Each with a folder of its own: the second is told that the keys are another's.
        let others: Vec<_> = (0..4)
            .map(|number| super::place::Place {
                folder: super::folder(&format!("start-{number}")),
                server: place.server.clone(),
            })
            .collect();
        let opened: Vec<Result<Engine, StoreError>> = std::thread::scope(|scope| {
            let starts: Vec<_> = others
                .iter()
                .map(|other| scope.spawn(|| other.open_with(vec![schema()])))
                .collect();
            starts
                .into_iter()
                .map(|start| start.join().expect("an end"))
                .collect()
        });
        assert_eq!(opened.iter().filter(|start| start.is_ok()).count(), 1);
        for start in &opened {
            assert!(
                matches!(
                    start,
                    Ok(_) | Err(StoreError::Key(_) | StoreError::KeysAbsent)
                ),
                "{:?}",
                start.as_ref().err()
            );
        }
        let first = opened
            .into_iter()
            .find_map(Result::ok)
            .expect("one started");
        assert_eq!(notes(&first, person(&first)), 0);
        for other in &others {
            let _gone = std::fs::remove_dir_all(&other.folder);
        }
        std::mem::forget(others);
    });
}
