//! A disk that is full, fails, or is slow: the program says so politely, keeps what it
//! acknowledged, and serves again by itself when the disk is well.

use std::time::Duration;

use testkit::faults::Fault;

use crate::harness::{
    Engine, Place, Server,
    load::{Load, Tally, lost},
    runtime, wait_until,
};

const CALLERS: usize = 8;
/// Answers to be seen in each phase.
const ENOUGH: u64 = 40;
/// Answers that had left, or were durable, before the disk went bad: one a caller.
const ON_THE_WAY: u64 = 8;

/// Serves, has a bad disk for a while, serves again without a restart; then loses its power.
struct BadDisk {
    place: Place,
    tally: Tally,
    injected: u64,
    /// Checks acknowledged while the disk was bad.
    meanwhile: u64,
}

impl BadDisk {
    /// Until `is_bad_enough` (of 503s, faults, and checks acknowledged since), `fault` is in
    /// force.
    fn bears(name: &str, fault: Fault, is_bad_enough: impl Fn(u64, u64, u64) -> bool) -> Self {
        let place = Place::seeded(name, Engine::Sqlite).with_faults();
        place.faults().keep_undo().expect("set");
        let mut server = place.start();
        let runtime = runtime();
        let load = Load::begin(&runtime, &server, CALLERS);
        wait_until("it serves", || load.acknowledged() >= ENOUGH);
        place.faults().set(fault).expect("set");
        let before = load.acknowledged();
        let injected = || place.faults().seen().expect("seen").injected;
        wait_until("the disk was bad enough", || {
            is_bad_enough(load.unavailable(), injected(), load.acknowledged() - before)
        });
        let injected = injected();
        let meanwhile = load.acknowledged() - before;
        place.faults().set(Fault::Off).expect("set");
        let before = load.acknowledged();
        wait_until("it serves again", || load.acknowledged() >= before + ENOUGH);
        assert!(server.is_up());
        let tally = load.stop();
        tally.assert_polite();
        assert_eq!(tally.broken, 0);
        let out = Self {
            place,
            tally,
            injected,
            meanwhile,
        };
        out.assert_kept(server);
        out
    }

    /// What was acknowledged is there, in the running program and after a loss of power.
    fn assert_kept(&self, mut server: Server) {
        let runtime = runtime();
        let all = &self.tally.acknowledged;
        assert_eq!(lost(&runtime, &server, all), Vec::<String>::new());
        server.kill();
        self.place.faults().cut_power(0).expect("cut");
        let server = self.place.start();
        assert_eq!(lost(&runtime, &server, all), Vec::<String>::new());
        drop(server);
        let records = self.place.verified_records();
        assert!(records > u64::try_from(all.len()).expect("small"));
        self.place.assert_no_panic();
    }
}

#[test]
fn a_full_disk_loses_nothing_and_the_program_serves_again_when_there_is_room() {
    let fault = Fault::Full { after: 300_000 };
    let bad = BadDisk::bears("full", fault, |unavailable, _, _| unavailable >= ENOUGH);
    assert!(bad.injected > 0);
}

#[test]
fn failing_writes_are_never_acknowledged() {
    let fault = Fault::FailingWrites { every: 40 };
    let bad = BadDisk::bears("writes", fault, |unavailable, injected, acknowledged| {
        unavailable > 0 && injected >= ENOUGH && acknowledged >= ENOUGH
    });
    assert!(bad.tally.unavailable > 0);
}

#[test]
fn every_write_may_fail_and_none_is_acknowledged() {
    let fault = Fault::FailingWrites { every: 1 };
    let bad = BadDisk::bears("no-write", fault, |unavailable, _, _| unavailable >= ENOUGH);
    assert!(bad.meanwhile <= ON_THE_WAY, "{}", bad.meanwhile);
}

#[test]
fn after_a_failed_fsync_nothing_is_acknowledged_until_a_new_start() {
    for every in [1, 3] {
        let place = Place::seeded("sync", Engine::Sqlite).with_faults();
        place.faults().keep_undo().expect("set");
        let mut server = place.start();
        let runtime = runtime();
        let load = Load::begin(&runtime, &server, CALLERS);
        wait_until("it serves", || load.acknowledged() >= ENOUGH);
        let failing = Fault::FailingSyncs { every };
        place.faults().set(failing).expect("set");
        wait_until("an fsync failed", || load.unavailable() >= ENOUGH);
        // A later success says nothing about what the failed one should have kept.
        place.faults().set(Fault::Off).expect("set");
        let (before, refused) = (load.acknowledged(), load.unavailable());
        wait_until("it stays so", || load.unavailable() >= refused + ENOUGH);
        assert_eq!(load.acknowledged(), before);
        assert!(server.is_up());
        let tally = load.stop();
        tally.assert_polite();
        assert_eq!(tally.broken, 0);
        server.kill();
        place.faults().cut_power(0).expect("cut");
        let server = place.start();
        let gone = lost(&runtime, &server, &tally.acknowledged);
        assert_eq!(gone, Vec::<String>::new());
        let load = Load::begin(&runtime, &server, CALLERS);
        wait_until("it serves again", || load.acknowledged() >= ENOUGH);
        load.stop().assert_polite();
        drop(server);
        place.verified_records();
        place.assert_no_panic();
    }
}

#[test]
fn short_writes_are_no_failure() {
    let fault = Fault::ShortWrites { every: 2 };
    let bad = BadDisk::bears("short", fault, |_, injected, acknowledged| {
        injected >= ENOUGH && acknowledged >= ENOUGH
    });
    assert_eq!(bad.tally.unavailable, 0);
}

#[test]
fn a_slow_disk_sheds_politely_and_answers_within_bounds() {
    /// More than the places that the program has.
    const MANY: usize = 1_400;
    const SLOWEST: Duration = Duration::from_secs(15);
    let place = Place::seeded("slow", Engine::Sqlite).with_faults();
    place.faults().keep_undo().expect("set");
    let mut server = place.start();
    let slow = Fault::SlowSyncs(Duration::from_millis(300));
    place.faults().set(slow).expect("set");
    let runtime = runtime();
    let load = Load::begin(&runtime, &server, MANY);
    wait_until("it sheds and serves", || {
        load.shed() >= ENOUGH && load.acknowledged() >= 400
    });
    assert!(server.is_up());
    let tally = load.stop();
    tally.assert_polite();
    assert_eq!((tally.unavailable, tally.broken), (0, 0));
    assert!(tally.slowest < SLOWEST, "{:?}", tally.slowest);
    eprintln!(
        "fsync +300 ms, {MANY} callers: {} acknowledged, {} shed, slowest answer {:.1?}",
        tally.acknowledged.len(),
        tally.shed,
        tally.slowest
    );
    place.faults().set(Fault::Off).expect("set");
    server.kill();
    place.faults().cut_power(0).expect("cut");
    let server = place.start();
    let gone = lost(&runtime, &server, &tally.acknowledged);
    assert_eq!(gone, Vec::<String>::new());
    place.assert_no_panic();
}
