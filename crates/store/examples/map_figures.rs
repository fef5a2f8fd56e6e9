//! What the audit map costs, in memory: rows, bytes and time of a batch of 1,000 subjects.
//! `cargo run --release -p store --example map_figures`
#![expect(clippy::print_stdout, reason = "the figures are its output")]

use std::{cell::Cell, collections::BTreeMap, time::Instant};

use kernel::id::PersonId;
use store::{
    StoreError,
    audit::{Subject, sha256},
    map::{self, Last, Pages},
};

#[derive(Default)]
struct Memory {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    loads: Cell<u64>,
    saves: u64,
    written: usize,
}

impl Pages for Memory {
    fn load(&self, path: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.loads.set(self.loads.get() + 1);
        Ok(self.rows.get(path).cloned())
    }

    fn save(&mut self, path: &[u8], body: &[u8]) -> Result<(), StoreError> {
        self.saves += 1;
        self.written += body.len();
        self.rows.insert(path.to_vec(), body.to_vec());
        Ok(())
    }
}

fn last(number: u64, seq: i64) -> Last {
    let hash = sha256(&[&number.to_be_bytes(), &seq.to_be_bytes()]);
    let id = hash.first_chunk().copied().unwrap_or_default();
    let subject = Subject::Person(PersonId::from_bytes(id));
    Last { subject, seq, hash }
}

fn main() -> Result<(), StoreError> {
    for count in [10_000_u64, 100_000, 1_000_000] {
        let all: Vec<Last> = (0..count).map(|number| last(number, 1)).collect();
        let mut memory = Memory::default();
        let begun = Instant::now();
        map::update(&mut memory, &all)?;
        let built = begun.elapsed();
        let (rows, bytes) = (memory.rows.len(), memory.written);
        let mut batch = all;
        batch.truncate(1_000);
        for change in &mut batch {
            change.seq = 2;
        }
        (memory.saves, memory.written) = (0, 0);
        memory.loads.set(0);
        let begun = Instant::now();
        let root = map::update(&mut memory, &batch)?;
        let took = begun.elapsed();
        let Some(one) = batch.first() else {
            return Ok(());
        };
        let key = map::key(one.subject);
        let begun = Instant::now();
        let proof = map::prove(&memory, &key)?;
        let proved = begun.elapsed();
        println!(
            "{count} leaves: {rows} rows, {bytes} bytes, built in {built:?}; 1,000 changed: {} loads, \
             {} saves, {} bytes, {took:?}; a proof of {} siblings in {proved:?}, holds: {}",
            memory.loads.get(),
            memory.saves,
            memory.written,
            proof.siblings.len(),
            proof.holds(&root, &key, Some((one.seq, one.hash))),
        );
    }
    Ok(())
}
