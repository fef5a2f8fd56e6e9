//! What the towns of the examples have in common: a data folder that goes with them, writing as
//! a job, a session without a log-in, and the file that says that they are ready.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use access::{
    Gate,
    session::{self, Stage, Whose},
};
use anyhow::anyhow;
use serde_json::Value;
use signing::testpki::TestPki;
use store::{Call, Stop, caller::Event};
use tasuki::{
    program::{self, Running, SystemClock, Ways},
    storage::{Server, Storage},
};
use web::trust::Trust;

static EXAMPLE: Event = Event {
    code: "test.example",
    ja: "試験の準備",
    en: "test prepared",
};

/// A data folder that goes with the town.
pub struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // It is in the system's temporary place: what cannot be removed is swept there.
        let _left = fs::remove_dir_all(&self.0);
    }
}

/// An empty town.
pub struct Place {
    /// Its store.
    pub gate: Gate,
    trust: Trust,
    folder: Folder,
}

/// An empty town with a data folder of its own.
pub fn empty(name: &str) -> anyhow::Result<Place> {
    let folder = std::env::temp_dir().join(format!("tasuki-{name}-{}", std::process::id()));
    let folder = Folder(folder);
    let storage = Storage::new(folder.0.clone(), Server::default());
    let gate = storage.open_with(Arc::new(SystemClock))?;
    let pki = TestPki::new()?;
    let trust = program::test_trust(&pki, gate.now())?;
    Ok(Place {
        gate,
        trust,
        folder,
    })
}

impl Place {
    /// Listens on loopback; the folder goes when the answer is dropped.
    pub async fn listen(self, ways: Ways) -> anyhow::Result<(Running, Folder)> {
        let address = "127.0.0.1:0".parse()?;
        let banner = Some("試験用の環境です。");
        let running = program::listen_by(self.gate, self.trust, address, banner, ways).await?;
        Ok((running, self.folder))
    }
}

/// Runs an operation as a job.
pub fn write<T, F>(gate: &Gate, op: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    let done = gate.write(gate.job_intent("example", &EXAMPLE), op).wait();
    done.map_err(|stop| anyhow!("{stop:?}"))
}

/// The cookie of a session that is logged in.
pub fn session_of(gate: &Gate, whose: Whose) -> anyhow::Result<String> {
    let token = write(gate, move |call| {
        Ok(session::begin(call, whose, Stage::Full)?)
    })?;
    Ok(format!("tasuki_session={}", token.reveal()))
}

/// Says that the town is ready, in a file that appears as a whole.
pub fn say_ready(file: &Path, ready: &Value) -> anyhow::Result<()> {
    let part = file.with_extension("part");
    fs::write(&part, ready.to_string())?;
    Ok(fs::rename(part, file)?)
}
