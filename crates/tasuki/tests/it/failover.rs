//! The database's machine dies or hangs under load: nothing acknowledged is lost, and the
//! program serves again by itself, on the standby that was promoted.

use std::time::{Duration, Instant};

use testkit::postgres::{Cluster, Commits};

use crate::harness::{
    DATABASE, Engine, Place, cluster,
    load::{Load, lost},
    runtime, wait, wait_until,
};

const CALLERS: usize = 8;
const ENOUGH: u64 = 100;
/// Service is back within this time after the primary was killed, its promotion included.
const BACK_WITHIN: Duration = Duration::from_secs(30);
const HANGS_FOR: Duration = Duration::from_secs(3);

#[test]
fn with_the_primary_gone_nothing_is_lost_and_the_standby_serves_within_half_a_minute() {
    let Some(primary) = cluster("fail-over to a standby") else {
        return;
    };
    let standby = primary.standby(Commits::WaitForTheStandby);
    let standby = standby.expect("a standby");
    let both = Cluster::url_of(&[&primary, &standby], DATABASE);
    let place = Place::seeded("failover", Engine::Postgres(both));
    let mut server = place.start();
    let runtime = runtime();
    let load = Load::begin(&runtime, &server, CALLERS);
    wait_until("it serves", || load.acknowledged() >= ENOUGH);
    let gone_at = Instant::now();
    primary.kill().expect("killed");
    standby.promote().expect("promoted");
    let promoted = gone_at.elapsed();
    let before = load.acknowledged();
    wait_until("it serves again", || load.acknowledged() > before);
    let back = gone_at.elapsed();
    wait_until("it goes on", || load.acknowledged() >= before + ENOUGH);
    assert!(server.is_up());
    let tally = load.stop();
    eprintln!(
        "figures: primary killed: standby promoted after {promoted:.1?}, service back after {back:.1?}, \
         {} acknowledged, {} answered 503, slowest answer {:.1?}",
        tally.acknowledged.len(),
        tally.unavailable,
        tally.slowest
    );
    tally.assert_polite();
    assert_eq!(tally.broken, 0);
    assert!(back <= BACK_WITHIN, "{back:?}");
    let gone = lost(&runtime, &server, &tally.acknowledged);
    assert_eq!(gone, Vec::<String>::new());
    drop(server);
    let records = place.verified_records();
    assert!(records > u64::try_from(tally.acknowledged.len()).expect("small"));
    place.assert_no_panic();
}

#[test]
fn a_database_server_that_hangs_or_starts_anew_is_borne_without_a_restart() {
    let Some(cluster) = cluster("a PostgreSQL server that hangs") else {
        return;
    };
    let engine = Engine::Postgres(cluster.url(DATABASE));
    let place = Place::seeded("hanging", engine);
    let mut server = place.start();
    let runtime = runtime();
    let load = Load::begin(&runtime, &server, CALLERS);
    let serves = || {
        let before = load.acknowledged();
        wait_until("it serves", || load.acknowledged() >= before + ENOUGH);
    };
    serves();
    cluster.pause().expect("paused");
    wait(HANGS_FOR);
    cluster.resume().expect("resumed");
    serves();
    cluster.kill().expect("killed");
    cluster.restart().expect("it comes back");
    serves();
    assert!(server.is_up());
    let tally = load.stop();
    tally.assert_polite();
    assert_eq!(tally.broken, 0);
    let gone = lost(&runtime, &server, &tally.acknowledged);
    assert_eq!(gone, Vec::<String>::new());
    drop(server);
    place.verified_records();
    place.assert_no_panic();
}
