//! `tasuki serve`: a data folder, served.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use clap::Args;
use kernel::time::Clock;
use signing::{
    path::{CrlStore, Purpose, TrustStore},
    testpki::TestPki,
};
use web::trust::Trust;

use crate::{
    jobs::Jobs,
    program::{self, SystemClock},
    storage::Storage,
};

/// What is served, where, and whose cards are believed.
#[derive(Args)]
pub struct Options {
    /// Where data and keys are.
    #[command(flatten)]
    pub storage: Storage,
    /// Where to listen; loopback only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of trust anchors (*.cer) and revocation lists (*.crl), DER.
    #[arg(long)]
    pub trust: Option<PathBuf>,
    /// Believe the public test certificate authority: never with real people.
    #[arg(long)]
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
    let source = match (options.trust, options.test_pki) {
        (Some(_), true) => bail!("--trust and --test-pki exclude each other"),
        (Some(folder), false) => Source::Folder(folder),
        (None, true) => Source::Test(Box::new(TestPki::new()?)),
        (None, false) => Source::Nobody,
    };
    let (anchors, crls) = source.read()?;
    let trust = Trust::new(anchors, crls);
    if !options.test_pki && trust.holds_test_anchor() {
        bail!("the trust folder holds a public test key; remove it, or say --test-pki");
    }
    let gate = options.storage.open()?;
    let running = program::listen(gate, trust, options.listen, banner).await?;
    let jobs = Jobs::start(&running.app)?;
    let renewing = tokio::spawn(renew(Arc::clone(&running.app), source));
    println!("{}", running.base);
    tokio::select! {
        stopped = stop_signal() => stopped?,
        ended = running.server => ended??,
    }
    renewing.abort();
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

/// Where anchors and revocation lists come from.
enum Source {
    Folder(PathBuf),
    Test(Box<TestPki>),
    Nobody,
}

impl Source {
    fn read(&self) -> anyhow::Result<(TrustStore, CrlStore)> {
        match self {
            Self::Folder(folder) => read_folder(folder),
            Self::Test(pki) => {
                let crls = program::test_crls(pki, SystemClock.now())?;
                Ok((pki.trust_store()?, crls))
            }
            Self::Nobody => Ok((TrustStore::new(), CrlStore::new())),
        }
    }
}

/// Revocation lists are good for a day at most: they are read again every hour. Lists that
/// cannot be read leave the old ones in force until these are stale.
async fn renew(app: Arc<web::App>, source: Source) {
    const EVERY: std::time::Duration = std::time::Duration::from_secs(3_600);
    loop {
        tokio::time::sleep(EVERY).await;
        match source.read() {
            Ok((_, crls)) => app.trust.renew(crls),
            Err(error) => tracing::error!(%error, "the revocation lists could not be renewed"),
        }
    }
}

fn read_folder(folder: &std::path::Path) -> anyhow::Result<(TrustStore, CrlStore)> {
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
    Ok((anchors, crls))
}
