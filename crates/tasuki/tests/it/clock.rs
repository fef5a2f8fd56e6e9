//! A wall clock that jumps, ahead and back, under load.

use crate::harness::{
    Engine, Place,
    load::{Load, lost},
    runtime, wait_until,
};

const CALLERS: usize = 4;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Seconds ahead of the true time, one after another.
const JUMPS: [i64; 10] = [
    2 * HOUR,
    0,
    -2 * HOUR,
    DAY,
    -DAY,
    0,
    2 * HOUR,
    -2 * HOUR,
    DAY,
    0,
];

#[test]
fn the_program_bears_a_clock_that_jumps() {
    let place = Place::seeded("clock", Engine::Sqlite).with_faults();
    let mut server = place.start();
    let runtime = runtime();
    let mut acknowledged = Vec::new();
    for ahead in JUMPS {
        place.faults().set_clock_ahead(ahead).expect("set");
        // It goes on serving, whatever the hour is said to be. A token lasts five minutes of
        // that hour, so whoever calls gets one of the new time.
        let load = Load::begin_ahead(&runtime, &server, CALLERS, ahead);
        wait_until("it serves", || load.acknowledged() >= 40);
        let tally = load.stop();
        tally.assert_polite();
        assert_eq!((tally.unavailable, tally.broken), (0, 0));
        acknowledged.extend(tally.acknowledged);
    }
    assert!(server.is_up());
    server.kill();
    // A machine that comes up with a clock from yesterday serves all the same.
    place.faults().set_clock_ahead(-DAY).expect("set");
    let server = place.start();
    let load = Load::begin_ahead(&runtime, &server, CALLERS, -DAY);
    wait_until("it serves", || load.acknowledged() >= 40);
    let early = load.stop();
    early.assert_polite();
    acknowledged.extend(early.acknowledged);
    drop(server);
    place.faults().set_clock_ahead(0).expect("set");
    let server = place.start();
    let gone = lost(&runtime, &server, &acknowledged);
    assert_eq!(gone, Vec::<String>::new());
    drop(server);
    place.verified_records();
    place.assert_no_panic();
}
