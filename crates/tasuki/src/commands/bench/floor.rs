//! The floor: the statements of real operations, run again by a bare loop.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context, anyhow};
use eligibility::model::Inquiry;
use kernel::time::Clock;
use serde::Serialize;
use store::{
    caller::Home,
    journal::Change,
    trace::{replay, replay_on_server},
};
use testkit::tamper::copy_folder;

use super::{
    FloorArgs, PREPARE, Seeded, numbers_path, parse_line, records::Records, seeded_path,
    store::ServerCopy, visits_path, write,
};
use crate::{program::SystemClock, storage::Storage};

#[derive(Serialize)]
struct Floor {
    floor_per_s: f64,
    batch1_per_s: f64,
    wal_bytes_per_call: f64,
    statements_per_call: f64,
}

/// Notes the statements of real operations, then runs them bare on copies of the folder.
///
/// # Errors
/// When the folder cannot be copied or an operation is refused.
pub fn floor(args: &FloorArgs) -> anyhow::Result<()> {
    let folder = args.data.with_extension("floor");
    if let Some(url) = &args.server.database_url {
        return server_floor(args, &folder, url);
    }
    let traced = trace(args, &folder)?;
    let calls = traced.len();
    let statements: usize = traced.iter().map(Vec::len).sum();
    let measure = |batch: usize, share: usize| -> anyhow::Result<(f64, u64)> {
        copy_folder(&args.data, &folder)?;
        let part = traced.get(..share.min(calls)).unwrap_or_default();
        let begin = Instant::now();
        let wal = replay(&folder, part, batch)?;
        let seconds = begin.elapsed().as_secs_f64();
        Ok((count(part.len()) / seconds, wal))
    };
    let (floor_per_s, wal) = measure(args.batch, calls)?;
    let (batch1_per_s, _) = measure(1, 500)?;
    fs::remove_dir_all(&folder)?;
    println!(
        "{}",
        serde_json::to_string(&Floor {
            floor_per_s,
            batch1_per_s,
            wal_bytes_per_call: wal_bytes(wal) / count(calls),
            statements_per_call: count(statements) / count(calls),
        })?
    );
    Ok(())
}

/// The same on a server: one transaction an operation, from as many links as the program has,
/// on a copy of the database from before.
fn server_floor(args: &FloorArgs, folder: &Path, url: &str) -> anyhow::Result<()> {
    let copy = ServerCopy::make(url)?;
    let traced = trace(args, folder)?;
    fs::remove_dir_all(folder)?;
    let statements: usize = traced.iter().map(Vec::len).sum();
    let measure = |links: usize, share: usize| -> anyhow::Result<f64> {
        let part: Vec<_> = traced.iter().take(share).cloned().collect();
        let size = part.len().div_ceil(links.max(1)).max(1);
        let parts: Vec<Vec<_>> = part.chunks(size).map(<[_]>::to_vec).collect();
        let begin = Instant::now();
        replay_on_server(&copy.url, &parts)?;
        Ok(count(part.len()) / begin.elapsed().as_secs_f64())
    };
    let floor_per_s = measure(args.server.connections, traced.len())?;
    println!(
        "{}",
        serde_json::to_string(&Floor {
            floor_per_s,
            batch1_per_s: 0.0,
            wal_bytes_per_call: 0.0,
            statements_per_call: count(statements) / count(traced.len()),
        })?
    );
    Ok(())
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

fn wal_bytes(n: u64) -> f64 {
    count(usize::try_from(n).unwrap_or_default())
}

/// The statements of `count` real operations, one list each.
fn trace(args: &FloorArgs, folder: &Path) -> anyhow::Result<Vec<Vec<Change>>> {
    copy_folder(&args.data, folder)?;
    let gate = Storage::new(folder.to_path_buf(), args.server.clone()).open()?;
    let seeded: Seeded = serde_json::from_slice(&fs::read(seeded_path(folder))?)?;
    let facility = seeded.home()?;
    let today = SystemClock.now().jst_date();
    let numbers = args.numbers.clone().unwrap_or_else(|| numbers_path(folder));
    let lines = fs::read_to_string(numbers)?;
    let visits = fs::read_to_string(visits_path(folder))?;
    let inquiries: Vec<Inquiry> = lines.lines().filter_map(|l| parse_line(l, today)).collect();
    let visits: Vec<_> = visits
        .lines()
        .filter_map(eligibility::model::VisitId::parse)
        .collect();
    anyhow::ensure!(!inquiries.is_empty() && !visits.is_empty(), "an empty town");
    let records = match args.kind.starts_with("fhir-") {
        false => None,
        true => {
            let home = gate.look_up(move |call| Ok(registry::ops::facility_by_id(call, facility)?));
            let home = home.wait().map_err(|stop| anyhow!("{stop:?}"))?;
            let home = home.context("the seeded facility")?;
            let home = Home {
                id: home.id,
                code: home.code.as_str().to_owned(),
                name: home.name,
            };
            Some(Records::of(folder, home)?)
        }
    };
    let mut traced = Vec::new();
    for index in 0..args.count {
        // A large odd step spreads the people as the load generator does.
        let spread = index.wrapping_mul(7_919);
        gate.start_trace();
        match args.kind.as_str() {
            kind if let Some(records) = &records => records.run(&gate, kind, spread)?,
            "summary" => {
                let visit = visits
                    .get(spread % visits.len())
                    .copied()
                    .context("a visit")?;
                let intent = gate.job_intent("bench", &PREPARE);
                let looked = gate.read(intent, move |call| {
                    chart::view::look(call, facility, visit).map(drop)
                });
                looked.wait().map_err(|stop| anyhow!("{stop:?}"))?;
            }
            // A check by card has the challenge's two statements more than one by number; the
            // person is found by one look-up in either, so this floor serves both.
            _ => {
                let inquiry = inquiries.get(spread % inquiries.len()).cloned();
                let inquiry = inquiry.context("an inquiry")?;
                write(&gate, move |call| {
                    eligibility::ops::by_number(call, facility, &inquiry).map(drop)
                })?;
            }
        }
        traced.push(gate.take_trace());
    }
    Ok(traced)
}
