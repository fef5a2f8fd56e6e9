//! Nothing acknowledged is ever lost: the real program is killed under load and while it
//! starts, again and again, and each time asked for what it had acknowledged. Every other
//! kill takes more along: on SQLite the power, on PostgreSQL the database's server.
//!
//! `cargo xtask torture` runs the same, longer: it sets the variables below.

use std::time::{Duration, Instant};

use testkit::postgres::Cluster;

use crate::harness::{
    DATABASE, Engine, Place, Server, cluster,
    load::{Load, lost},
    random::Random,
    runtime, wait, wait_until,
};

const KILLS: &str = "TASUKI_TORTURE_KILLS";
const SEED: &str = "TASUKI_TORTURE_SEED";
const KILLS_SHORT: u64 = 8;
const SEED_SHORT: u64 = 20_261_122;

const CALLERS: usize = 8;
/// A kill comes within so many milliseconds after the first acknowledged check.
const LOAD_MS_MAX: u64 = 800;
/// … or within so many after the start of the process.
const START_MS_MAX: u64 = 120;
/// One in so many kills comes during the start.
const START_KILLS: u64 = 6;
/// Writes of each file that may survive a cut of power although they were not synced.
const SURVIVORS_MAX: u64 = 60;
/// A start, recovery included, takes no longer.
const RESTART_MAX: Duration = Duration::from_secs(5);
const VERIFY_EVERY: u64 = 25;
const TELL_EVERY: u64 = 10;
/// Visits asked for after every restart: the newest, and some from anywhere.
const NEWEST: usize = 24;
const ANYWHERE: usize = 8;

fn asked(name: &str, or: u64) -> u64 {
    let asked = std::env::var(name).ok();
    asked.map_or(or, |text| text.parse().expect("a number"))
}

/// A program that is killed again and again, and what it acknowledged.
struct Torture {
    place: Place,
    random: Random,
    /// What a kill of the program takes along: the power, unless it is this.
    cluster: Option<Cluster>,
    acknowledged: Vec<String>,
    starts: Vec<Duration>,
    kills_while_starting: u64,
    /// Kills that took more along than the program.
    worse: u64,
    writes_gone: usize,
}

impl Torture {
    fn new(name: &str, cluster: Option<Cluster>, seed: u64) -> Self {
        let engine = cluster.as_ref().map_or(Engine::Sqlite, |cluster| {
            Engine::Postgres(cluster.url(DATABASE))
        });
        // What was seeded is on the disk; from here on only what is synced is.
        let place = Place::seeded(name, engine).with_faults();
        place.faults().keep_undo().expect("set");
        Self {
            place,
            random: Random::new(seed),
            cluster,
            acknowledged: Vec::new(),
            starts: Vec::new(),
            kills_while_starting: 0,
            worse: 0,
            writes_gone: 0,
        }
    }

    fn run(&mut self, kills: u64) {
        let runtime = runtime();
        let begin = Instant::now();
        for kill in 1..=kills {
            if self.random.once_in(START_KILLS) {
                let mut server = self.place.spawn();
                wait(self.random.millis_below(START_MS_MAX));
                server.kill();
                self.kills_while_starting += 1;
                self.make_it_worse();
            }
            let mut server = self.start();
            self.assert_newest_are_there(&runtime, &server);
            self.kill_under_load(&runtime, &mut server);
            self.make_it_worse();
            if kill % VERIFY_EVERY == 0 {
                self.place.verified_records();
            }
            if kill % TELL_EVERY == 0 {
                let count = self.acknowledged.len();
                eprintln!(
                    "{kill} kills, {count} acknowledged, {:.0?}",
                    begin.elapsed()
                );
            }
        }
        let server = self.start();
        let lost = lost(&runtime, &server, &self.acknowledged);
        self.tell(kills, lost.len());
        assert_eq!(lost, Vec::<String>::new());
        drop(server);
        let records = self.place.verified_records();
        assert!(records > u64::try_from(self.acknowledged.len()).expect("small"));
        self.place.assert_no_panic();
    }

    fn start(&mut self) -> Server {
        let server = self.place.start();
        self.starts.push(server.start);
        server
    }

    fn assert_newest_are_there(&mut self, runtime: &tokio::runtime::Runtime, server: &Server) {
        let newest = self.acknowledged.iter().rev().take(NEWEST);
        let mut visits: Vec<&String> = newest.collect();
        visits.extend(self.random.some(&self.acknowledged, ANYWHERE));
        assert_eq!(lost(runtime, server, &visits), Vec::<String>::new());
    }

    fn kill_under_load(&mut self, runtime: &tokio::runtime::Runtime, server: &mut Server) {
        let load = Load::begin(runtime, server, CALLERS);
        wait_until("a check is acknowledged", || load.acknowledged() > 0);
        wait(self.random.millis_below(LOAD_MS_MAX));
        server.kill();
        let tally = load.stop();
        tally.assert_polite();
        assert_eq!((tally.shed, tally.unavailable), (0, 0));
        self.acknowledged.extend(tally.acknowledged);
    }

    /// Every other time it was not the program alone.
    fn make_it_worse(&mut self) {
        if self.random.once_in(2) {
            return;
        }
        self.worse += 1;
        if let Some(cluster) = &self.cluster {
            cluster.kill().expect("killed");
            cluster.restart().expect("it comes back");
        } else {
            let survivors = self.random.below(SURVIVORS_MAX);
            let survivors = usize::try_from(survivors).expect("small");
            let gone = self.place.faults().cut_power(survivors).expect("cut");
            self.writes_gone += gone;
        }
    }

    fn tell(&mut self, kills: u64, lost: usize) {
        self.starts.sort();
        let median = self.starts.get(self.starts.len() / 2).copied();
        let max = self.starts.last().copied();
        eprintln!(
            "figures: kills {kills} under load, {} while starting | {} with {} | acknowledged {} | \
             lost {lost} | restart median {:.0?} max {:.0?}",
            self.kills_while_starting,
            self.worse,
            match self.cluster {
                Some(_) => "the database server".to_owned(),
                None => format!("the power, {} writes not synced gone", self.writes_gone),
            },
            self.acknowledged.len(),
            median.unwrap_or_default(),
            max.unwrap_or_default(),
        );
        assert!(max <= Some(RESTART_MAX), "{max:?}");
    }
}

#[test]
fn every_acknowledged_check_is_there_after_the_program_was_killed() {
    let (kills, seed) = (asked(KILLS, KILLS_SHORT), asked(SEED, SEED_SHORT));
    eprintln!("SQLite, seed {seed}");
    Torture::new("durability", None, seed).run(kills);
}

#[test]
fn every_acknowledged_check_is_there_after_program_or_server_was_killed() {
    let Some(cluster) = cluster("kills on PostgreSQL") else {
        return;
    };
    let (kills, seed) = (asked(KILLS, KILLS_SHORT), asked(SEED, SEED_SHORT));
    eprintln!("PostgreSQL, seed {seed}");
    Torture::new("durability-postgres", Some(cluster), seed).run(kills);
}
