//! The lanes on real threads and the real clock, which the models leave out.

use std::{
    thread,
    time::{Duration, Instant},
};

use lanes::{Bounds, Closed, Lane, Lanes, Popped, lanes};

const LONG: Duration = Duration::from_secs(600);

fn small() -> Lanes<u64> {
    lanes(Bounds {
        ordinary: 3,
        emergency: 2,
    })
}

#[test]
fn a_wait_ends_when_its_time_runs_out_and_not_before() {
    let (lanes, wait) = (small(), Duration::from_millis(20));
    let start = Instant::now();
    assert_eq!(lanes.pop_for(wait), Popped::Empty);
    assert!(start.elapsed() >= wait);
    assert_eq!(lanes.pop_for(Duration::ZERO), Popped::Empty);
}

#[test]
fn a_long_wait_ends_with_an_item_or_with_the_closing() {
    let lanes = small();
    thread::scope(|scope| {
        let popper = scope.spawn(|| (lanes.pop_for(LONG), lanes.pop_for(LONG)));
        lanes.push(Lane::Ordinary, 1).unwrap();
        while lanes.waiting().ordinary > 0 {
            thread::yield_now();
        }
        lanes.close();
        assert_eq!(popper.join().unwrap(), (Popped::Item(1), Popped::Closed));
    });
    assert_eq!(lanes.pop_for(LONG), Popped::Closed);
}

#[test]
fn a_wait_longer_than_the_clock_can_count_is_a_wait_like_any_other() {
    let lanes = small();
    thread::scope(|scope| {
        let popper = scope.spawn(|| lanes.pop_for(Duration::MAX));
        lanes.push(Lane::Emergency, 7).unwrap();
        assert_eq!(popper.join().unwrap(), Popped::Item(7));
    });
}

/// Pushers and poppers of every kind at once. No item is lost, none comes twice, and nobody
/// is left asleep (the test would not end).
#[test]
fn a_crowd_on_small_lanes_loses_nothing() {
    const PUSHERS: u64 = 4;
    const EACH: u64 = 5_000;
    let lanes = small();
    let mut all = thread::scope(|scope| {
        let lanes = &lanes;
        let pushers: Vec<_> = (0..PUSHERS)
            .map(|pusher| scope.spawn(move || push_each(lanes, pusher * EACH..(pusher + 1) * EACH)))
            .collect();
        let patient = [(); 2].map(|()| scope.spawn(|| pop_patiently(lanes)));
        let hasty = scope.spawn(|| pop_hastily(lanes));
        for pusher in pushers {
            pusher.join().unwrap().unwrap();
        }
        lanes.close();
        let mut all = hasty.join().unwrap();
        for popper in patient {
            all.extend(popper.join().unwrap());
        }
        all
    });
    all.sort_unstable();
    assert!(all.into_iter().eq(0..PUSHERS * EACH));
}

fn push_each(lanes: &Lanes<u64>, items: std::ops::Range<u64>) -> Result<(), Closed<u64>> {
    for item in items {
        let lane = match item % 5 {
            0 => Lane::Emergency,
            _ => Lane::Ordinary,
        };
        if let Err(refused) = lanes.try_push(lane, item) {
            lanes.push(lane, refused.into_item())?;
        }
    }
    Ok(())
}

fn pop_patiently(lanes: &Lanes<u64>) -> Vec<u64> {
    std::iter::from_fn(|| lanes.pop()).collect()
}

fn pop_hastily(lanes: &Lanes<u64>) -> Vec<u64> {
    let mut items = Vec::new();
    loop {
        match lanes.pop_for(Duration::from_micros(1)) {
            Popped::Item(item) => items.push(item),
            Popped::Empty => {}
            Popped::Closed => return items,
        }
    }
}
