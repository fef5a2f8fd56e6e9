//! What the towns of the examples have in common: a data folder that goes with them, writing as
//! a job, a session without a log-in, and the file that says that they are ready.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use access::session::{self, Stage, Whose};
use anyhow::anyhow;
use serde_json::Value;
use signing::testpki::TestPki;
use store::{Call, Stop, caller::Event};
use tasuki::{
    program::{self, Running, SystemClock},
    storage::{Server, Storage},
};

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

/// An empty town that listens on loopback.
pub async fn empty(name: &str) -> anyhow::Result<(Folder, Running)> {
    let folder = std::env::temp_dir().join(format!("tasuki-{name}-{}", std::process::id()));
    let folder = Folder(folder);
    let storage = Storage::new(folder.0.clone(), Server::default());
    let gate = storage.open_with(Arc::new(SystemClock))?;
    let pki = TestPki::new()?;
    let trust = program::test_trust(&pki, gate.now())?;
    let address = "127.0.0.1:0".parse()?;
    let running = program::listen(gate, trust, address, Some("試験用の環境です。")).await?;
    Ok((folder, running))
}

/// Runs an operation as a job.
pub fn write<T, F>(running: &Running, op: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    let intent = running.app.gate.job_intent("example", &EXAMPLE);
    let done = running.app.gate.write(intent, op).wait();
    done.map_err(|stop| anyhow!("{stop:?}"))
}

/// The cookie of a session that is logged in.
pub fn session_of(running: &Running, whose: Whose) -> anyhow::Result<String> {
    let token = write(running, move |call| {
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
