//! What many do at the same time to rows that no person's head protects.

use std::sync::atomic::Ordering;

use kernel::id::PersonId;

use super::{NO, intent, note, notes, person, place::on_both};
use crate::{
    Call, Owner, Pending, Statement, Stop, SystemRng,
    caller::{Actor, Caller, Intent},
    sealing,
};

const TRIES: usize = 50;

static COUNTED: Statement = Statement::new(
    Owner::Node,
    "SELECT MAX(count) FROM anonymous_refusal WHERE node_id = $1",
);

fn all<T>(begun: Vec<Pending<T>>) -> Vec<Result<T, Stop>> {
    begun.into_iter().map(Pending::wait).collect()
}

#[test]
fn many_sealers_seal_every_record_once() {
    on_both("sealers", |place| {
        let engine = place.open();
        let people: Vec<PersonId> = (0..40).map(|_| person(&engine)).collect();
        let begun = (0..TRIES)
            .map(|number| {
                // Others go on meanwhile.
                let id = people[number % people.len()];
                let _change = engine.write(intent(&engine), move |call| {
                    call.lock(id)?;
                    note(call, id).map_err(Stop::from)
                });
                engine.write(intent(&engine), sealing::seal_waiting)
            })
            .collect();
        let mut sealed: usize = 0;
        for one in all(begun) {
            sealed += one.expect("an answer");
        }
        drop(engine);
        let report = place.report();
        assert_eq!(report.sealed, u64::try_from(sealed).expect("small"));
        assert!(report.sealed >= 40);
    });
}

#[test]
fn refusals_of_one_anonymous_client_at_once_are_all_counted() {
    on_both("anonymous-crowd", |place| {
        let engine = place.open();
        let begun = (0..TRIES)
            .map(|_| {
                let actor = Actor::Anonymous {
                    client: "one".to_owned(),
                };
                let intent = Intent {
                    caller: Caller::new(actor),
                    ..intent(&engine)
                };
                engine.write(intent, |_| -> Result<(), Stop> { Err(Stop::from(&NO)) })
            })
            .collect();
        let refused = all(begun);
        assert!(refused.iter().all(|r| matches!(r, Err(Stop::Refused(_)))));
        assert_eq!(place.report().records, 20);
        let counted = engine.look_up(intent(&engine), |call| {
            let node = call.node_id();
            Ok(call.row(&COUNTED, &[node.as_bytes().into()], |row| row.int(0))?)
        });
        assert_eq!(counted.wait().expect("a count"), Some(50));
    });
}

#[test]
fn a_person_is_created_once() {
    on_both("creators", |place| {
        let engine = place.open();
        let id = PersonId::random(&SystemRng);
        let begun = (0..8)
            .map(|_| engine.write(intent(&engine), move |call: &mut Call<'_>| call.create(id)))
            .collect();
        let made = all(begun);
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
        assert_eq!(notes(&engine, id), 0);
    });
}

#[test]
fn what_is_read_and_written_under_a_persons_lock_does_not_meet() {
    on_both("one-person", |place| {
        let engine = place.open();
        let id = person(&engine);
        let begun = (0..TRIES)
            .map(|number| {
                engine.write(intent(&engine), move |call| {
                    // Some look first, and lock when they have seen.
                    if number % 2 == 0 {
                        call.open(id)?;
                    }
                    call.lock(id)?;
                    note(call, id)?;
                    Ok(())
                })
            })
            .collect();
        assert!(all(begun).iter().all(Result::is_ok));
        assert_eq!(notes(&engine, id), 50);
        // Notes have numbers: two who had read the same one would have collided.
        assert_eq!(engine.meter().reruns.load(Ordering::Relaxed), 0);
        assert_eq!(place.report().records, 52);
    });
}
