//! One line of the result, as a table and as JSON.

use std::fmt::Write;

use serde::Deserialize;
use serde_json::{Value, json};

use super::server::Stats;

/// What the storage alone could do.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Floor {
    /// The same statements in batches of the server's mean size, operations a second.
    pub floor_per_s: f64,
    /// One operation a commit.
    pub batch1_per_s: f64,
    /// Bytes of write-ahead log an operation.
    pub wal_bytes_per_call: f64,
}

/// What the machine and the folder are like without any load.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// People in the register.
    pub people: u64,
    /// Seconds of seeding them.
    pub seed_seconds: f64,
    /// From start to the first page, in milliseconds.
    pub first_page_ms: f64,
    /// Memory of the server at rest, in MB.
    pub rss_mb_idle: f64,
    /// Making 4 kB durable, median, in microseconds.
    pub fsync_us: u64,
    /// Bytes of the data folder.
    pub folder_bytes: u64,
}

impl Machine {
    /// As one JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "name": "machine",
            "people": self.people,
            "seed_seconds": self.seed_seconds,
            "first_page_ms": self.first_page_ms,
            "rss_mb_idle": self.rss_mb_idle,
            "fsync_ms": thousandths(self.fsync_us),
            "bytes_per_person": self.folder_bytes / self.people.max(1),
        })
    }
}

/// What was measured of one load.
#[derive(Clone, Debug)]
pub struct Row {
    /// The load's name.
    pub name: &'static str,
    /// People in the register.
    pub people: u64,
    /// Connections that called.
    pub connections: usize,
    /// Right answers of the phase without a rate.
    pub calls: u64,
    /// Wrong or missing answers of both phases.
    pub errors: u64,
    /// What the first wrong answer was.
    pub wrong: Option<String>,
    /// Right answers a second, without a rate.
    pub calls_per_s: u64,
    /// 99 percent of the latencies meanwhile, in microseconds.
    pub full_p99_us: u64,
    /// Calls a second of the phase with a rate.
    pub rate: u64,
    /// Median latency at that rate, from the intended start.
    pub p50_us: u64,
    /// 99 percent of them.
    pub p99_us: u64,
    /// The slowest.
    pub max_us: u64,
    /// The floor, where there is one.
    pub floor: Option<Floor>,
    pub(super) stats: Stats,
    pub(super) cpu_us: u64,
    pub(super) generator_cpu_us: u64,
    pub(super) read_bytes: u64,
    pub(super) answered: u64,
    pub(super) rss_kb: u64,
    /// Resources a second, of a load that carries several a call.
    pub resources_per_s: Option<u64>,
}

impl Row {
    /// Operations in one commit, on average.
    #[must_use]
    pub const fn batch(&self) -> u64 {
        self.stats.batch()
    }

    /// Processor time of the server a call, in microseconds.
    #[must_use]
    pub fn cpu_us_per_call(&self) -> u64 {
        self.cpu_us / self.answered.max(1)
    }

    /// Processor time of the generator a call, in microseconds.
    #[must_use]
    pub fn generator_cpu_us_per_call(&self) -> u64 {
        self.generator_cpu_us / self.answered.max(1)
    }

    /// The share of the floor that was reached.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let floor = self.floor.filter(|floor| floor.floor_per_s > 0.0)?;
        Some(float(self.calls_per_s) / floor.floor_per_s)
    }

    /// As one JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "name": self.name,
            "people": self.people,
            "calls_per_s": self.calls_per_s,
            "p50_ms": thousandths(self.p50_us),
            "p99_ms": thousandths(self.p99_us),
            "floor_per_s": self.floor.map(|floor| whole(floor.floor_per_s)),
            "ratio": self.ratio().map(|ratio| rounded(ratio, 1_000.0)),
            "cpu_us_per_call": self.cpu_us_per_call(),
            "rss_mb": self.rss_kb / 1_024,
            "rate": self.rate,
            "max_ms": thousandths(self.max_us),
            "full_p99_ms": thousandths(self.full_p99_us),
            "connections": self.connections,
            "calls": self.calls,
            "errors": self.errors,
            "batch": self.batch(),
            "batch1_per_s": self.floor.map(|floor| whole(floor.batch1_per_s)),
            "wal_bytes_per_call": self.floor.map(|floor| whole(floor.wal_bytes_per_call)),
            "generator_cpu_us_per_call": self.generator_cpu_us_per_call(),
            "read_bytes_per_call": self.read_bytes / self.answered.max(1),
            "resources_per_s": self.resources_per_s,
        })
    }
}

fn float(n: u64) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

fn rounded(x: f64, steps: f64) -> f64 {
    (x * steps).round() / steps
}

fn whole(x: f64) -> f64 {
    rounded(x, 1.0)
}

fn thousandths(n: u64) -> f64 {
    float(n) / 1_000.0
}

impl Machine {
    /// In one line for people.
    pub(super) fn line(&self) -> String {
        format!(
            "{} people ({} bytes each), seeded in {:.1} s; first page after {:.0} ms; \
             {:.0} MB at rest; fsync {:.2} ms",
            self.people,
            self.folder_bytes / self.people.max(1),
            self.seed_seconds,
            self.first_page_ms,
            self.rss_mb_idle,
            thousandths(self.fsync_us),
        )
    }
}

/// The result as a person reads it: a line about the machine, then one for each load.
#[must_use]
pub(super) fn table(about: &str, rows: &[Row]) -> String {
    let mut out = format!("{about}\n\n");
    let heads = [
        "load",
        "callers",
        "calls/s",
        "floor/s",
        "ratio",
        "batch",
        "batch-1/s",
        "wal B",
        "cpu us",
        "gen us",
        "read B",
        "rss MB",
        "at/s",
        "p50 ms",
        "p99 ms",
        "max ms",
        "errors",
    ];
    let mut lines = vec![heads.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(cells));
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(String::len).max().unwrap_or_default()
        })
        .collect();
    for line in &lines {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            // Writing into a string does not fail.
            let _written = match column {
                0 => write!(out, "{cell:<width$}"),
                _ => write!(out, "  {cell:>width$}"),
            };
        }
        out.push('\n');
    }
    for row in rows {
        if let Some(resources) = row.resources_per_s {
            let _written = writeln!(out, "\n{}: {resources} resources a second", row.name);
        }
        if let Some(wrong) = &row.wrong {
            let _written = writeln!(out, "\n{}: the first wrong answer was {wrong}", row.name);
        }
    }
    out
}

fn cells(row: &Row) -> Vec<String> {
    let floor = |of: fn(&Floor) -> f64| {
        row.floor
            .as_ref()
            .map_or_else(|| "-".to_owned(), |floor| format!("{:.0}", of(floor)))
    };
    let ratio = row.ratio();
    vec![
        row.name.to_owned(),
        row.connections.to_string(),
        row.calls_per_s.to_string(),
        floor(|floor| floor.floor_per_s),
        ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
        row.batch().to_string(),
        floor(|floor| floor.batch1_per_s),
        floor(|floor| floor.wal_bytes_per_call),
        row.cpu_us_per_call().to_string(),
        row.generator_cpu_us_per_call().to_string(),
        (row.read_bytes / row.answered.max(1)).to_string(),
        (row.rss_kb / 1_024).to_string(),
        row.rate.to_string(),
        format!("{:.2}", thousandths(row.p50_us)),
        format!("{:.2}", thousandths(row.p99_us)),
        format!("{:.2}", thousandths(row.max_us)),
        row.errors.to_string(),
    ]
}
