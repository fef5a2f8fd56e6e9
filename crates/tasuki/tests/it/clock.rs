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
    let load = Load::begin(&runtime, &server, CALLERS);
    for ahead in JUMPS {
        let before = load.acknowledged();
        place.faults().set_clock_ahead(ahead).expect("set");
        // It goes on serving, whatever the hour is said to be.
        wait_until("it serves", || load.acknowledged() >= before + 40);
    }
    assert!(server.is_up());
    let mut tally = load.stop();
    tally.assert_polite();
    assert_eq!((tally.unavailable, tally.broken), (0, 0));
    server.kill();
    // A machine that comes up with a clock from yesterday serves all the same.
    place.faults().set_clock_ahead(-DAY).expect("set");
    let server = place.start();
    let load = Load::begin(&runtime, &server, CALLERS);
    wait_until("it serves", || load.acknowledged() >= 40);
    let early = load.stop();
    early.assert_polite();
    tally.acknowledged.extend(early.acknowledged);
    drop(server);
    place.faults().set_clock_ahead(0).expect("set");
    let server = place.start();
    let gone = lost(&runtime, &server, &tally.acknowledged);
    assert_eq!(gone, Vec::<String>::new());
    drop(server);
    place.verified_records();
    place.assert_no_panic();
}
