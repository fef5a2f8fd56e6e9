//! The figures that monitoring reads, gathered at the moment of a scrape and given out on a
//! listener of their own.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use anyhow::Context;
use store::{engine::DATABASE, seal};
use tokio::{net::TcpListener, task::JoinHandle};
use web::{
    App,
    metrics::{Figures, Lane},
    serve::{Entrance, Stopper},
};

/// How long the store has to say how many records wait.
const SECONDS_MAX: u64 = 2;

/// Where monitoring reads.
pub struct Listener {
    /// The page: `http://127.0.0.1:9464/metrics`.
    pub page: String,
    stopper: Stopper,
    server: JoinHandle<std::io::Result<()>>,
}

impl Listener {
    /// Ends it.
    ///
    /// # Errors
    /// What the listener said.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stopper.stop();
        Ok(self.server.await??)
    }
}

/// Listens at `address`, if there is one; `folder` is the data folder.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn listen(
    address: Option<SocketAddr>,
    app: &Arc<App>,
    folder: &Path,
) -> anyhow::Result<Option<Listener>> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot give metrics on {address}; is another program there?"))?;
    let page = format!("http://{}/metrics", listener.local_addr()?);
    // Monitoring keeps no store open.
    let (app, folder) = (Arc::downgrade(app), folder.to_path_buf());
    let router = web::metrics::router(move || text(app.clone(), folder.clone()));
    let stopper = Stopper::default();
    let server = tokio::spawn(web::serve::serve(
        listener,
        router,
        stopper.clone(),
        Entrance::default(),
    ));
    Ok(Some(Listener {
        page,
        stopper,
        server,
    }))
}

async fn text(app: Weak<App>, folder: PathBuf) -> Option<String> {
    let app = app.upgrade()?;
    let figures = gather(&app, &folder).await;
    app.metrics.text(&figures).ok()
}

/// What is known now; what cannot be found out in time is left out.
pub async fn gather(app: &App, folder: &Path) -> Figures {
    let (meter, state) = (app.gate.meter(), app.gate.figures());
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let (sealed_at, seals, sealed_records) = app.health.sealing();
    let waiting = app.gate.look_up(|call| Ok(seal::waiting(call)?)).answer();
    let waiting = tokio::time::timeout(Duration::from_secs(SECONDS_MAX), waiting).await;
    let alerts = app
        .gate
        .look_up(|call| Ok(equipment::ops::count_open_alerts(call)?))
        .answer();
    let alerts = tokio::time::timeout(Duration::from_secs(SECONDS_MAX), alerts).await;
    let lag = app
        .gate
        .look_up(|call| Ok(fhir_server::subscriptions::ops::lag(call)?))
        .answer();
    let lag = tokio::time::timeout(Duration::from_secs(SECONDS_MAX), lag).await;
    let lag = lag.ok().and_then(Result::ok);
    let wal = fs::metadata(folder.join(format!("{DATABASE}-wal")));
    Figures {
        commits: meter.commits.load(Ordering::Relaxed),
        operations: meter.operations.load(Ordering::Relaxed),
        reruns: meter.reruns.load(Ordering::Relaxed),
        failures: meter.failures.load(Ordering::Relaxed),
        reconnects: meter.reconnects.load(Ordering::Relaxed),
        shed: meter.shed.load(Ordering::Relaxed),
        journal_gaps: meter.journal_gaps.load(Ordering::Relaxed),
        is_disk_low: state.is_disk_low,
        queues: vec![
            (Lane::Ordinary, count(state.waiting)),
            (Lane::Emergency, count(state.waiting_emergencies)),
        ],
        wal_bytes: wal.ok().map(|file| file.len()),
        seals,
        sealed_records,
        waiting_records: waiting
            .ok()
            .and_then(Result::ok)
            .and_then(|count| u64::try_from(count).ok()),
        unknown_peers: alerts.ok().and_then(Result::ok),
        waiting_notices: lag.and_then(|lag| u64::try_from(lag.waiting).ok()),
        notices_since: lag.and_then(|lag| lag.since),
        sealed_at,
        started_at: app.health.started_at(),
        resident_bytes: resident_bytes(),
        is_open: !app.health.is_stopping(),
    }
}

/// Source: proc(5), `VmRSS` in kB.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}
