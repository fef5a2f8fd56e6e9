//! What sealing and verifying cost on the embedded engine.
//! `cargo run --release -p store --example audit_figures -- FOLDER PEOPLE RECORDS_EACH`
//!
//! The folder is filled past the engine with chains of the given size, sealed by the engine
//! an operation at a time, and verified.
#![expect(clippy::print_stdout, reason = "the figures are its output")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use kernel::{
    id::{PersonId, RequestId},
    time::{Clock, Timestamp},
};
use rusqlite::{Connection, params};
use store::{
    Engine, Options, Stop, SystemRng,
    audit::{GENESIS, Subject, record_hash, sha256},
    caller::{Actor, Caller, Event, Intent, Purpose},
    engine::DATABASE,
    sealing, verify,
};

static EVENT: Event = Event {
    code: "figures.seal",
    ja: "測定",
    en: "figures",
};

/// Length of a record's ciphertext, as the program's own are.
const BODY_BYTES: usize = 320;

struct Fixed;
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000)
    }
}

fn open(folder: &Path) -> any::Result<Engine> {
    let options = Options::embedded(folder.to_path_buf(), Vec::new(), Arc::new(Fixed));
    Ok(Engine::open(options)?)
}

/// Any error will do: this is a measuring instrument.
mod any {
    pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
}

fn fill(folder: &Path, people: u64, each: i64) -> any::Result<()> {
    let mut connection = Connection::open(folder.join(DATABASE))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    let node: Vec<u8> =
        connection.query_row("SELECT node_id FROM node_head", [], |row| row.get(0))?;
    // In the order of the key, as a database that has been vacuumed is.
    let mut ids: Vec<[u8; 16]> = (0..people)
        .map(|number| {
            let hash = sha256(&[&number.to_be_bytes()]);
            hash.first_chunk().copied().unwrap_or_default()
        })
        .collect();
    ids.sort_unstable();
    let change = connection.transaction()?;
    {
        let mut head = change.prepare(
            "INSERT INTO person_head (person_id, version, audit_seq, audit_hash) VALUES (?1, 1, ?2, ?3)",
        )?;
        let mut record = change.prepare(
            "INSERT INTO person_audit (person_id, seq, at, body, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let mut wait = change.prepare(
            "INSERT INTO audit_pending (node_id, subject_kind, subject_id, seq, hash)
             VALUES (?1, 1, ?2, ?3, ?4)",
        )?;
        for id in ids {
            let subject = Subject::Person(PersonId::from_bytes(id));
            let mut last = GENESIS;
            for seq in 1..=each {
                let at = Timestamp::from_micros(seq);
                let body: Vec<u8> = last.iter().copied().cycle().take(BODY_BYTES).collect();
                last = record_hash(subject, seq, at, &last, &body);
                record.execute(params![&id[..], seq, at.micros(), body, &last[..]])?;
                wait.execute(params![node, &id[..], seq, &last[..]])?;
            }
            head.execute(params![&id[..], each, &last[..]])?;
        }
    }
    change.commit()?;
    Ok(())
}

fn seal(engine: &Engine) -> Result<(usize, Vec<Duration>, Duration), Stop> {
    let intent = || Intent {
        caller: Caller::new(Actor::Job { name: "figures" }),
        purpose: Purpose::Operation,
        event: &EVENT,
        request: RequestId::random(&SystemRng),
        at: engine.now(),
    };
    let (mut total, mut writes, mut planned) = (0, Vec::new(), Duration::ZERO);
    loop {
        let begun = Instant::now();
        let Some(plan) = engine.look_up(intent(), sealing::plan).wait()? else {
            break;
        };
        planned += begun.elapsed();
        // Inside the operation: what the writer is held up for, without the commit.
        let keep = engine.write(intent(), move |call| {
            let begun = Instant::now();
            let sealed = sealing::keep(call, &plan)?;
            Ok((sealed, begun.elapsed()))
        });
        let (sealed, took) = keep.wait()?;
        total += sealed;
        writes.push(took);
        if sealed <= 1 {
            break;
        }
    }
    Ok((total, writes, planned))
}

fn main() -> any::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, people, each] = arguments.as_slice() else {
        return Err("give FOLDER PEOPLE RECORDS_EACH".into());
    };
    let (folder, people, each) = (Path::new(folder), people.parse()?, each.parse()?);
    drop(open(folder)?);
    let begun = Instant::now();
    fill(folder, people, each)?;
    println!("filled in {:?}", begun.elapsed());

    let engine = open(folder)?;
    let begun = Instant::now();
    let (sealed, mut writes, planned) =
        seal(&engine).map_err(|stop| format!("sealing: {stop:?}"))?;
    let all = begun.elapsed();
    writes.sort_unstable();
    let at = |percent: usize| writes.get(writes.len().saturating_sub(1) * percent / 100);
    println!(
        "sealed {sealed} in {all:?}; operations {}; writer p50 {:?} p99 {:?} max {:?}; planning {planned:?}",
        writes.len(),
        at(50),
        at(99),
        at(100),
    );
    drop(engine);

    let begun = Instant::now();
    let report = verify::verify(folder, &mut |_| {})?.map_err(|fault| fault.to_string())?;
    println!("verified {report:?} in {:?}", begun.elapsed());
    Ok(())
}
