//! `tasuki serve`: a data folder, served.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, bail};
use kernel::time::Clock;
use signing::path::{CrlStore, Purpose, TrustStore};
use web::trust::Trust;

use crate::{
    jobs::Jobs,
    program::{self, SystemClock},
};

/// What is served, where, and whose cards are believed.
pub struct Options {
    /// The data folder.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Folder of anchors (`*.cer`, DER) and revocation lists (`*.crl`, DER).
    pub trust: Option<PathBuf>,
    /// Believe the public test authority.
    pub test_pki: bool,
}

/// Serves until the process is told to stop.
///
/// # Errors
/// When the folder, the address or the trust folder cannot be used.
pub async fn run(options: Options) -> anyhow::Result<()> {
    if !options.listen.ip().is_loopback() {
        bail!("without TLS the program listens on loopback only; give 127.0.0.1:PORT");
    }
    let banner = options
        .test_pki
        .then_some("試験用の環境です。本物の患者さんの情報を入れないでください。");
    let trust = match (&options.trust, options.test_pki) {
        (Some(_), true) => bail!("--trust and --test-pki exclude each other"),
        (Some(folder), false) => read_trust(folder)?,
        (None, true) => {
            let pki = signing::testpki::TestPki::new()?;
            program::test_trust(&pki, SystemClock.now())?
        }
        (None, false) => Trust::new(TrustStore::new(), CrlStore::new()),
    };
    if !options.test_pki && trust.holds_test_anchor() {
        bail!("the trust folder holds a public test key; remove it, or say --test-pki");
    }
    let gate = program::open(&options.data)?;
    let running = program::listen(gate, trust, options.listen, banner).await?;
    let jobs = Jobs::start(&running.app)?;
    println!("{}", running.base);
    tokio::select! {
        stopped = stop_signal() => stopped?,
        ended = running.server => ended??,
    }
    running.stopper.stop();
    drop(jobs);
    Ok(())
}

/// Ends when the process is asked to end (Ctrl-C, or SIGTERM).
///
/// # Errors
/// When the system does not let us listen for signals.
pub async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

fn read_trust(folder: &std::path::Path) -> anyhow::Result<Trust> {
    let mut anchors = TrustStore::new();
    let mut lists = Vec::new();
    for file in std::fs::read_dir(folder).context("the trust folder cannot be read")? {
        let path = file?.path();
        let bytes = || std::fs::read(&path).with_context(|| path.display().to_string());
        match path.extension().and_then(|e| e.to_str()) {
            Some("cer") => {
                anchors
                    .add(&bytes()?, &[Purpose::CardAuthentication])
                    .with_context(|| format!("{} is no usable anchor", path.display()))?;
            }
            Some("crl") => lists.push((path.clone(), bytes()?)),
            _ => {}
        }
    }
    let mut crls = CrlStore::new();
    for (path, bytes) in lists {
        crls.insert(&bytes, &anchors, &[])
            .with_context(|| format!("{} is no usable revocation list", path.display()))?;
    }
    Ok(Trust::new(anchors, crls))
}
