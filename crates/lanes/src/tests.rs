//! Each model runs in every interleaving that its threads can have. A thread that sleeps for
//! ever is found as a deadlock.
//!
//! The three largest models are bounded to a number of preemptions (that a thread stops
//! because it must wait is not one of them); the others are not bounded.
//!
//! That the models can fail was tried by hand on changes to `lib.rs`: each notification left
//! out, sent to another condition variable, or sent to one instead of all; a push that
//! notifies only when it finds the lanes empty, a pop only when it finds the lane full; one
//! condition variable for both rooms; no last look when the time runs out; the lock let go
//! between looking and acting; the wrong order, bound, lane, or word at the end. Each was
//! found, the rarest by one model alone: keep all of them.

use std::{panic, sync::Arc, time::Duration};

use loom::{
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, JoinHandle},
};

use crate::{
    Bounds, Closed,
    Lane::{Emergency, Ordinary},
    Lanes, Popped, Refused, Waiting, lanes,
    sync::{
        model::{FATES, RUNS_OUT},
        real,
    },
};

const ONE_EACH: Bounds = Bounds {
    ordinary: 1,
    emergency: 1,
};
const TWO_EACH: Bounds = Bounds {
    ordinary: 2,
    emergency: 2,
};

/// Every interleaving.
fn always(model: impl Fn() + Sync + Send + 'static) {
    loom::model::Builder::new().check(model);
}

/// Every interleaving with at most so many preemptions.
fn always_within(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

fn spawn<T, R: 'static>(
    lanes: &Lanes<T>,
    body: impl FnOnce(&Lanes<T>) -> R + 'static,
) -> JoinHandle<R>
where
    T: 'static,
{
    let lanes = lanes.clone();
    thread::spawn(move || body(&lanes))
}

fn pop_all(lanes: &Lanes<u8>) -> Vec<u8> {
    std::iter::from_fn(|| lanes.pop()).collect()
}

#[test]
fn nothing_taken_in_is_lost_or_handed_out_twice() {
    always_within(2, || {
        let lanes = lanes(ONE_EACH);
        let poppers = [spawn(&lanes, pop_all), spawn(&lanes, pop_all)];
        let pusher = spawn(&lanes, |lanes| {
            lanes.push(Ordinary, 1).unwrap();
            lanes.push(Emergency, 2).unwrap();
        });
        lanes.push(Ordinary, 3).unwrap();
        pusher.join().unwrap();
        lanes.close();
        let mut all: Vec<u8> = poppers
            .into_iter()
            .flat_map(|popper| popper.join().unwrap())
            .collect();
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
    });
}

#[test]
fn what_is_refused_is_not_also_handed_out() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        let pushers = [1, 2].map(|item| {
            spawn(&lanes, move |lanes| {
                lanes.try_push(Ordinary, item).map_err(Refused::into_item)
            })
        });
        let mut got = Vec::from_iter(lanes.pop());
        let mut refused = Vec::new();
        for pusher in pushers {
            refused.extend(pusher.join().unwrap().err());
        }
        if let Popped::Item(item) = lanes.try_pop() {
            got.push(item);
        }
        assert_eq!(lanes.try_pop(), Popped::Empty);
        got.append(&mut refused);
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    });
}

#[test]
fn within_a_lane_the_first_in_is_the_first_out() {
    always_within(3, || {
        let lanes = lanes(TWO_EACH);
        let others = spawn(&lanes, |lanes| {
            for item in [11, 12] {
                lanes.push(Ordinary, item).unwrap();
            }
        });
        let popper = spawn(&lanes, |lanes| [(); 4].map(|()| lanes.pop().unwrap()));
        for item in [1, 2] {
            lanes.push(Ordinary, item).unwrap();
        }
        others.join().unwrap();
        let all = popper.join().unwrap();
        assert!(all.iter().filter(|item| **item < 10).is_sorted(), "{all:?}");
        assert!(all.iter().filter(|item| **item > 10).is_sorted(), "{all:?}");
    });
}

#[test]
fn an_emergency_is_handed_out_before_any_ordinary_that_was_waiting() {
    always(|| {
        let lanes = lanes(TWO_EACH);
        lanes.try_push(Ordinary, 1).unwrap();
        lanes.try_push(Ordinary, 2).unwrap();
        let taken_in = Arc::new(AtomicBool::new(false));
        let pusher = spawn(&lanes, {
            let taken_in = Arc::clone(&taken_in);
            move |lanes| {
                lanes.try_push(Emergency, 9).unwrap();
                taken_in.store(true, Ordering::SeqCst);
            }
        });
        let mut handed_out = Vec::new();
        for _ in 0..3 {
            let goes_first = taken_in.load(Ordering::SeqCst) && !handed_out.contains(&9);
            let item = lanes.pop().unwrap();
            assert!(!goes_first || item == 9, "{item} went before the emergency");
            handed_out.push(item);
        }
        pusher.join().unwrap();
        handed_out.retain(|item| *item != 9);
        assert_eq!(handed_out, [1, 2]);
    });
}

#[test]
fn emergencies_go_first_each_lane_in_its_order() {
    always(|| {
        let lanes = lanes(TWO_EACH);
        for (lane, item) in [(Ordinary, 1), (Emergency, 8), (Ordinary, 2), (Emergency, 9)] {
            lanes.try_push(lane, item).unwrap();
        }
        lanes.close();
        assert_eq!(pop_all(&lanes), [8, 9, 1, 2]);
    });
}

#[test]
fn a_full_lane_refuses_and_gives_the_item_back_and_the_emergency_lane_still_takes() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        let first = spawn(&lanes, |lanes| lanes.try_push(Ordinary, 1));
        let second = spawn(&lanes, |lanes| lanes.try_push(Ordinary, 2));
        lanes.try_push(Emergency, 9).unwrap();
        let outcomes = (first.join().unwrap(), second.join().unwrap());
        assert!(
            outcomes == (Ok(()), Err(Refused::Full(2)))
                || outcomes == (Err(Refused::Full(1)), Ok(())),
            "{outcomes:?}"
        );
        assert_eq!(lanes.try_push(Emergency, 8), Err(Refused::Full(8)));
        let waiting = Waiting {
            ordinary: 1,
            emergency: 1,
        };
        assert_eq!(lanes.waiting(), waiting);
    });
}

#[test]
fn whoever_waits_for_room_in_the_ordinary_lane_does_not_hold_up_the_emergency_lane() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        lanes.try_push(Ordinary, 1).unwrap();
        let waits = spawn(&lanes, |lanes| lanes.push(Ordinary, 2));
        let crew = spawn(&lanes, |lanes| {
            lanes.try_push(Emergency, 9).unwrap();
        });
        crew.join().unwrap();
        assert_eq!(lanes.pop(), Some(9));
        assert_eq!(lanes.pop(), Some(1));
        assert_eq!(lanes.pop(), Some(2));
        assert_eq!(waits.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_waiting_pusher_wakes_when_room_comes() {
    for lane in [Ordinary, Emergency] {
        always(move || {
            let lanes = lanes(ONE_EACH);
            lanes.try_push(lane, 1).unwrap();
            let pusher = spawn(&lanes, move |lanes| lanes.push(lane, 2));
            assert_eq!(lanes.try_pop(), Popped::Item(1));
            assert_eq!(pusher.join().unwrap(), Ok(()));
            assert_eq!(lanes.try_pop(), Popped::Item(2));
        });
    }
}

#[test]
fn as_many_waiting_pushers_wake_as_room_comes() {
    always(|| {
        let lanes = lanes(TWO_EACH);
        lanes.try_push(Ordinary, 1).unwrap();
        lanes.try_push(Ordinary, 2).unwrap();
        let pushers = [3, 4].map(|item| spawn(&lanes, move |lanes| lanes.push(Ordinary, item)));
        assert_eq!(lanes.try_pop(), Popped::Item(1));
        assert_eq!(lanes.try_pop(), Popped::Item(2));
        for pusher in pushers {
            assert_eq!(pusher.join().unwrap(), Ok(()));
        }
    });
}

#[test]
fn room_in_one_lane_does_not_use_up_the_wake_up_of_the_other() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        lanes.try_push(Ordinary, 1).unwrap();
        lanes.try_push(Emergency, 8).unwrap();
        let ordinary = spawn(&lanes, |lanes| lanes.push(Ordinary, 2));
        let emergency = spawn(&lanes, |lanes| lanes.push(Emergency, 9));
        assert_eq!(lanes.pop(), Some(8));
        assert_eq!(emergency.join().unwrap(), Ok(()));
        assert_eq!(lanes.pop(), Some(9));
        assert_eq!(lanes.pop(), Some(1));
        assert_eq!(ordinary.join().unwrap(), Ok(()));
    });
}

#[test]
fn waiting_pushers_of_both_lanes_wake_on_close_and_get_their_items_back() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        lanes.try_push(Ordinary, 1).unwrap();
        lanes.try_push(Emergency, 8).unwrap();
        let ordinary = spawn(&lanes, |lanes| lanes.push(Ordinary, 2));
        let emergency = spawn(&lanes, |lanes| lanes.push(Emergency, 9));
        lanes.close();
        assert_eq!(ordinary.join().unwrap(), Err(Closed(2)));
        assert_eq!(emergency.join().unwrap(), Err(Closed(9)));
    });
}

#[test]
fn all_pushers_that_wait_for_one_lane_wake_on_close() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        lanes.try_push(Ordinary, 1).unwrap();
        let pushers = [2, 3].map(|item| spawn(&lanes, move |lanes| lanes.push(Ordinary, item)));
        lanes.close();
        for (pusher, item) in pushers.into_iter().zip([2, 3]) {
            assert_eq!(pusher.join().unwrap(), Err(Closed(item)));
        }
    });
}

#[test]
fn as_many_waiting_poppers_wake_as_items_come() {
    always(|| {
        let lanes = lanes(TWO_EACH);
        let poppers = [spawn(&lanes, Lanes::pop), spawn(&lanes, Lanes::pop)];
        lanes.try_push(Ordinary, 1).unwrap();
        lanes.try_push(Ordinary, 2).unwrap();
        let mut all: Vec<u8> = poppers
            .into_iter()
            .filter_map(|popper| popper.join().unwrap())
            .collect();
        all.sort_unstable();
        assert_eq!(all, [1, 2]);
    });
}

#[test]
fn a_waiting_popper_wakes_on_an_emergency_and_on_what_waited_for_room() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        let popper = spawn(&lanes, |lanes| [(); 3].map(|()| lanes.pop()));
        lanes.push(Emergency, 8).unwrap();
        lanes.push(Emergency, 9).unwrap();
        lanes.push(Ordinary, 1).unwrap();
        assert_eq!(popper.join().unwrap(), [Some(8), Some(9), Some(1)]);
    });
}

#[test]
fn all_waiting_poppers_wake_on_close() {
    always(|| {
        let lanes = lanes::<u8>(ONE_EACH);
        let poppers = [spawn(&lanes, Lanes::pop), spawn(&lanes, Lanes::pop)];
        lanes.close();
        for popper in poppers {
            assert_eq!(popper.join().unwrap(), None);
        }
    });
}

#[test]
fn after_close_what_is_queued_is_handed_out_and_then_nothing() {
    always(|| {
        let lanes = lanes(TWO_EACH);
        let pushers = [(Ordinary, 1), (Emergency, 9)]
            .map(|(lane, item)| spawn(&lanes, move |lanes| (item, lanes.try_push(lane, item))));
        lanes.close();
        let mut handed_out = pop_all(&lanes);
        assert_eq!(lanes.try_pop(), Popped::Closed);
        assert_eq!(lanes.pop_for(RUNS_OUT), Popped::Closed);
        assert_eq!(lanes.pop(), None);
        for pusher in pushers {
            match pusher.join().unwrap() {
                (item, Ok(())) => handed_out.retain(|other| *other != item),
                (item, outcome) => assert_eq!(outcome, Err(Refused::Closed(item))),
            }
        }
        assert!(handed_out.is_empty(), "handed out although refused");
        assert_eq!(
            lanes.waiting(),
            Waiting::default(),
            "taken in and left behind"
        );
        assert_eq!(lanes.push(Ordinary, 3), Err(Closed(3)));
    });
}

#[test]
fn closed_is_the_last_word() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        let pusher = spawn(&lanes, |lanes| {
            lanes.try_push(Ordinary, 1).unwrap();
            lanes.close();
        });
        let popped = lanes.try_pop();
        if popped == Popped::Closed {
            assert_eq!(lanes.try_pop(), Popped::Closed);
        }
        pusher.join().unwrap();
        let left = usize::from(popped == Popped::Empty);
        assert_eq!(lanes.waiting().ordinary, left);
    });
}

#[test]
fn two_poppers_and_two_pushers_never_deadlock() {
    always_within(2, || {
        let lanes = lanes(ONE_EACH);
        let poppers = [(); 2].map(|()| {
            spawn(&lanes, |lanes| {
                [(); 2]
                    .map(|()| lanes.pop().unwrap())
                    .into_iter()
                    .sum::<u8>()
            })
        });
        let pusher = spawn(&lanes, |lanes| {
            lanes.push(Ordinary, 1).unwrap();
            lanes.push(Ordinary, 2).unwrap();
        });
        lanes.push(Ordinary, 4).unwrap();
        lanes.push(Ordinary, 8).unwrap();
        pusher.join().unwrap();
        let sum: u8 = poppers
            .into_iter()
            .map(|popper| popper.join().unwrap())
            .sum();
        assert_eq!(sum, 15);
    });
}

#[test]
fn a_popper_whose_time_runs_out_takes_no_wake_up_with_it() {
    for fate in FATES {
        always(move || {
            let lanes = lanes(ONE_EACH);
            let hasty = spawn(&lanes, move |lanes| {
                if let Popped::Item(item) = lanes.pop_for(fate) {
                    lanes.try_push(Ordinary, item).unwrap();
                }
            });
            let patient = spawn(&lanes, Lanes::pop);
            lanes.try_push(Ordinary, 1).unwrap();
            assert_eq!(patient.join().unwrap(), Some(1));
            lanes.close();
            hasty.join().unwrap();
        });
    }
}

#[test]
fn a_popper_that_waits_for_a_time_tells_empty_from_closed() {
    always(|| {
        let lanes = lanes(ONE_EACH);
        assert_eq!(lanes.pop_for(RUNS_OUT), Popped::Empty);
        assert_eq!(lanes.try_pop(), Popped::Empty);
        lanes.try_push(Ordinary, 1).unwrap();
        lanes.close();
        assert_eq!(lanes.pop_for(RUNS_OUT), Popped::Item(1));
        assert_eq!(lanes.pop_for(RUNS_OUT), Popped::Closed);
    });
    for fate in FATES {
        always(move || {
            let lanes = lanes::<u8>(ONE_EACH);
            let popper = spawn(&lanes, move |lanes| lanes.pop_for(fate));
            lanes.close();
            let popped = popper.join().unwrap();
            let in_time = popped == Popped::Closed;
            assert!(in_time || (fate == RUNS_OUT && popped == Popped::Empty));
        });
    }
}

#[test]
fn a_lane_of_nothing_takes_nothing_in() {
    always(|| {
        let lanes = lanes(Bounds {
            ordinary: 1,
            emergency: 0,
        });
        assert_eq!(lanes.try_push(Emergency, 1), Err(Refused::Full(1)));
        let pusher = spawn(&lanes, |lanes| lanes.push(Emergency, 2));
        lanes.close();
        assert_eq!(pusher.join().unwrap(), Err(Closed(2)));
    });
}

#[test]
fn a_refusal_names_the_remedy_and_never_shows_the_item() {
    let full = Refused::Full("山田 太郎");
    assert_eq!(format!("{full:?}"), "Full(…)");
    assert_eq!(full.to_string(), "the queue is full; try again in a moment");
    let closed = Closed("山田 太郎");
    assert_eq!(format!("{closed:?}"), "Closed(…)");
    assert_eq!(closed.to_string(), Refused::Closed(()).to_string());
}

#[test]
fn the_real_lock_outlives_a_panic() {
    let lock = real::Mutex::new(1);
    let bell = real::Condvar::new();
    let panicked = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let mut value = lock.lock();
        *value = 2;
        panic::resume_unwind(Box::new("under the lock"));
    }));
    assert!(panicked.is_err());
    assert_eq!(*lock.lock(), 2);
    assert_eq!(*bell.wait_while(lock.lock(), |value| *value == 1), 2);
    let still = bell.wait_while_for(lock.lock(), Duration::ZERO, |value| *value == 2);
    assert_eq!(*still, 2);
    bell.notify_one();
    bell.notify_all();
}
