//! Overload, and emergencies in it.

use std::sync::{Arc, Mutex, mpsc};

use super::{
    intent, person,
    place::{Place, on_both, on_server},
};
use crate::{
    Engine, Pending, ServerOptions, Stop,
    caller::{Intent, Purpose},
};

/// More than the ordinary lane holds.
const MANY: usize = 6_000;

fn emergency(engine: &Engine) -> Intent {
    Intent {
        purpose: Purpose::Emergency,
        ..intent(engine)
    }
}

/// Operations that stand still until they are let go.
struct Stuck {
    held: Vec<Pending<()>>,
    go: Vec<mpsc::Sender<()>>,
}

impl Stuck {
    /// As many as work at the same time.
    fn all(engine: &Engine, count: usize) -> Self {
        let (mut held, mut go) = (Vec::new(), Vec::new());
        let (started, has_started) = mpsc::channel();
        for _ in 0..count {
            let (go_on, may_go_on) = mpsc::channel::<()>();
            let started = started.clone();
            held.push(engine.write(intent(engine), move |_| {
                started.send(()).expect("the test waits");
                // Only the first run waits: afterwards nobody is at the other end.
                let _go_on = may_go_on.recv();
                Ok(())
            }));
            go.push(go_on);
        }
        for _ in 0..count {
            has_started.recv().expect("it has begun");
        }
        Self { held, go }
    }

    fn let_go(self) {
        drop(self.go);
        for one in self.held {
            one.wait().expect("kept");
        }
    }
}

fn open(place: &Place) -> (Engine, usize) {
    if place.is_server() {
        let options = ServerOptions {
            connections: 2,
            ..ServerOptions::new(place.base().url())
        };
        (place.open_server(options), 2)
    } else {
        (place.open(), 1)
    }
}

#[test]
fn a_full_queue_turns_ordinary_work_away_and_takes_emergencies_in_first() {
    on_both("full", |place| {
        let (engine, at_once) = open(place);
        let id = person(&engine);
        let stuck = Stuck::all(&engine, at_once);
        let order = Arc::new(Mutex::new(Vec::new()));
        let (mut waiting, mut refused) = (Vec::new(), Vec::new());
        for _ in 0..MANY {
            let order = Arc::clone(&order);
            waiting.push(engine.write(intent(&engine), move |_| {
                order.lock().expect("a list").push("ordinary");
                Ok(())
            }));
        }
        let waits = engine.figures().waiting;
        assert!(waits < MANY);
        // Those beyond were answered at once, while everything stands.
        for one in waiting.drain(waits..) {
            let Err(Stop::Refused(refusal)) = one.wait() else {
                panic!("it was not turned away");
            };
            refused.push((
                refusal.entry.code,
                refusal.entry.status,
                refusal.retry_after_s,
            ));
        }
        assert_eq!(refused, vec![("TSK-STO-002", 429, Some(1)); MANY - waits]);
        let first = Arc::clone(&order);
        let urgent = engine.write(emergency(&engine), move |call| {
            call.open(id)?;
            first.lock().expect("a list").push("emergency");
            Ok(())
        });
        if place.is_server() {
            // It has a connection of its own.
            urgent.wait().expect("served while everybody else stands");
            stuck.let_go();
        } else {
            stuck.let_go();
            urgent.wait().expect("served");
        }
        for one in waiting {
            one.wait().expect("kept");
        }
        let order = order.lock().expect("a list");
        assert_eq!(order.first(), Some(&"emergency"));
        // A batch that was undone may run its operations twice.
        assert!(order.len() > waits);
        assert_eq!(
            engine
                .meter()
                .shed
                .load(std::sync::atomic::Ordering::Relaxed),
            u64::try_from(MANY - waits).expect("small")
        );
    });
}

#[test]
fn an_emergency_read_is_answered_while_every_ordinary_connection_stands() {
    on_server("stuck", |place| {
        let (engine, at_once) = open(place);
        let id = person(&engine);
        let stuck = Stuck::all(&engine, at_once);
        let ordinary = engine.write(intent(&engine), |_| Ok(()));
        for _ in 0..20 {
            let seen = engine.read(emergency(&engine), move |call| call.open(id));
            seen.wait().expect("answered");
        }
        assert_eq!(engine.figures().waiting, 1);
        stuck.let_go();
        ordinary.wait().expect("kept");
        assert_eq!(place.report().records, 24);
    });
}

#[test]
fn a_change_waits_for_a_look_at_the_same_person_that_is_under_way() {
    on_server("look", |place| {
        let engine = place.open();
        let id = person(&engine);
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let mut runs = 0;
        let look = engine.read(intent(&engine), move |call| {
            call.open(id)?;
            runs += 1;
            started.send(()).expect("the test waits");
            may_go_on.recv().expect("the test goes on");
            let count = call.row(&super::COUNT, &[id.as_bytes().into()], |row| row.int(0))?;
            Ok((runs, count.unwrap_or(-1)))
        });
        has_started.recv().expect("the look has begun");
        let change = engine.write(intent(&engine), move |call| {
            call.lock(id)?;
            super::note(call, id)?;
            Ok(())
        });
        // Somebody else is served meanwhile.
        let other = person(&engine);
        assert_eq!(super::notes(&engine, other), 0);
        go_on.send(()).expect("the look waits");
        assert_eq!(look.wait().expect("an answer"), (1, 0));
        change.wait().expect("changed");
        assert_eq!(super::notes(&engine, id), 1);
    });
}
