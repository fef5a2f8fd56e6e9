//! One PostgreSQL server for all tests of a process.
//!
//! To start a server takes longer than most tests, and a static value is never dropped. So the
//! server is watched over by a shell that waits for the end of its input: however the tests
//! end, the pipe closes, and the shell stops the server and removes its folder.

use std::{
    fs, io,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use crate::postgres::{Cluster, ClusterError, Durability};

/// Stops at once (there is nothing to keep) and waits until the folder can be removed.
const WATCH: &str = "trap '' INT HUP TERM; read _; kill -QUIT \"$1\"; \
    while kill -0 \"$1\" 2>/dev/null; do sleep 0.1; done; rm -rf -- \"$2\"";

struct Standing {
    address: String,
    _watch: Child,
}

/// The address of the server, without a database; `None` when PostgreSQL is not installed,
/// which the caller says aloud (`SKIPPED: …`).
///
/// # Panics
/// When PostgreSQL is installed and does not start: then no test can run.
#[must_use]
#[expect(clippy::panic, reason = "a server that does not start ends its test")]
pub fn address() -> Option<&'static str> {
    static STANDING: OnceLock<Option<Standing>> = OnceLock::new();
    let standing = STANDING.get_or_init(|| start().unwrap_or_else(|error| panic!("{error}")));
    standing.as_ref().map(|standing| standing.address.as_str())
}

fn start() -> Result<Option<Standing>, ClusterError> {
    let Some(cluster) = Cluster::start_with(Durability::Memory)? else {
        return Ok(None);
    };
    let folder = cluster.socket().to_owned();
    let pid = fs::read_to_string(folder.join("data/postmaster.pid"))?;
    let pid = pid
        .lines()
        .next()
        .ok_or_else(|| io::Error::other("postmaster.pid is empty"))?;
    let watch = Command::new("sh")
        .args(["-c", WATCH, "watch", pid])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // From here on the shell ends it.
    std::mem::forget(cluster);
    Ok(Some(Standing {
        address: format!("host={} user=postgres", folder.display()),
        _watch: watch,
    }))
}
