//! One generation of backups: a copy of the data as of one moment, and the keys that open it.

use std::{
    fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use backup::{GenerationWriter, Made, Writer};
use serde_json::json;
use store::{Database, dump, journal, link::Link};
use web::App;

use crate::program;

/// The engine's name in a generation from the data folder.
pub const EMBEDDED: &str = "sqlite";
/// The engine's name in a generation from a server: no journal of ours follows on it.
pub const SERVER: &str = "postgres";
/// The copy that a generation is made from.
const COPY: &str = "copy-for-backup.db";

/// A generation that is complete.
pub struct Generation {
    /// Its number.
    pub number: u64,
    /// The last entry of the journal that it holds.
    pub position: u64,
    /// Where the next part of the keys begins.
    pub keys_next: u64,
}

/// Whose turn it is to write the keys: only one may, and who comes second goes on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysTurn {
    /// The journal's, with what changed.
    Journal,
    /// The generation's, with all of them, until the keeper has taken it in.
    Generation,
}

/// Makes one. The keys come before it is complete, so that none is ever without those that
/// open it; `turn` is taken from then on.
///
/// # Errors
/// The store's or the repository's; nothing is left behind then.
pub fn make(app: &App, writer: &Writer, turn: &Mutex<KeysTurn>) -> anyhow::Result<Generation> {
    let (generation, made) = write(app, writer)?;
    *turn.lock().unwrap_or_else(PoisonError::into_inner) = KeysTurn::Generation;
    let keys_next = rewrite_keys(app, writer)?;
    let position = made.position;
    let completed = generation.finish(made)?;
    if let Err(error) = &completed.rotated {
        tracing::error!(%error, "the older generations could not be protected or removed");
    }
    Ok(Generation {
        number: completed.generation.number,
        position,
        keys_next,
    })
}

/// Writes the keys anew: no older copy of a destroyed key is left. Where the next part begins.
///
/// # Errors
/// The key store's or the repository's.
pub fn rewrite_keys(app: &App, writer: &Writer) -> anyhow::Result<u64> {
    let mut to = writer.rewrite_keys()?;
    let next = app.gate.upkeep().keys().export(&mut to)?;
    to.finish(app.gate.now())?;
    Ok(next)
}

/// The data of a generation: a copy as of one moment, written as a dump.
///
/// # Errors
/// The store's or the repository's; nothing is left behind then.
fn write(app: &App, writer: &Writer) -> anyhow::Result<(GenerationWriter, Made)> {
    let upkeep = app.gate.upkeep();
    let mut generation = writer.begin_generation()?;
    let schemas = program::all_schemas();
    let mut to = std::io::BufWriter::with_capacity(1 << 20, &mut generation);
    let (engine, position, totals) = match upkeep.database() {
        Database::Embedded => {
            let copy = Copy::begin(upkeep.folder().join(COPY))?;
            upkeep.copy(&copy.0)?;
            let link = Link::embedded(&copy.0)?;
            let position = journal::position(&link)?;
            (EMBEDDED, position, dump::write(&link, &schemas, &mut to)?)
        }
        Database::Server(server) => {
            let link = Link::server(&server.url, server.statement)?;
            // The embedded engine's journal, if there ever was one, ends before it.
            let position = writer.last_entry();
            (SERVER, position, dump::write(&link, &schemas, &mut to)?)
        }
    };
    std::io::Write::flush(&mut to)?;
    drop(to);
    let tables: serde_json::Map<String, serde_json::Value> = totals
        .iter()
        .map(|(name, total)| {
            let sha256 = kernel::hex::encode(&total.sha256);
            (
                name.clone(),
                json!({ "rows": total.rows, "sha256": sha256 }),
            )
        })
        .collect();
    let made = Made {
        at: upkeep.now(),
        engine: engine.to_owned(),
        node: upkeep.node_id().to_hex(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        position,
        about: json!({ "tables": tables }),
    };
    Ok((generation, made))
}

/// A copy of the database that is gone when it is no longer needed.
struct Copy(PathBuf);

impl Copy {
    fn begin(path: PathBuf) -> anyhow::Result<Self> {
        let copy = Self(path);
        copy.remove();
        Ok(copy)
    }

    fn remove(&self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.clone().into_os_string();
            name.push(end);
            let _absent = fs::remove_file(name);
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}
