//! The way out: not ready at once, then no new work, then nothing in hand, then a last seal,
//! then the store is closed. A second signal cuts it short.

use std::{process, sync::Arc, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};
use web::App;

use crate::{
    control::Control,
    figures,
    jobs::{self, Jobs},
    keeper::Keeper,
    program::Running,
};

/// The exit status of a program that was told twice: nothing was finished or sealed.
const CUT_SHORT: i32 = 130;
/// How long whoever still holds the program has to let go of it.
const LET_GO_MAX: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The signals that ask the process to end: SIGTERM and Ctrl-C.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes them from the system, which would end the process on the spot.
    ///
    /// # Errors
    /// When the system does not let us listen for signals.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Ends with the next of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Leaves in order; `beside` are tasks that end with the program. For `drain`, requests are
/// still taken although the program says that it is not ready. The next signal ends the
/// process at once, with status 130.
///
/// # Errors
/// When the server broke, or the last seal could not be made: the records then wait for the
/// next start.
pub async fn in_order(
    running: Running,
    at_work: AtWork,
    metrics: Option<figures::Listener>,
    beside: Vec<JoinHandle<()>>,
    drain: Duration,
    mut signals: Signals,
) -> anyhow::Result<()> {
    let hurry = tokio::spawn(async move {
        signals.next().await;
        tracing::error!("told to end a second time: leaving work undone");
        process::exit(CUT_SHORT);
    });
    running.app.health.stop();
    running.stopper.drain();
    // A server that broke by itself has nothing to drain.
    if !running.server.is_finished() {
        tokio::time::sleep(drain).await;
        running.stopper.stop();
        running.server.await??;
    }
    for task in beside {
        task.abort();
        // It ends as cancelled.
        let _cancelled = task.await;
    }
    if let Some(metrics) = metrics {
        metrics.stop().await?;
    }
    let app = running.app;
    let sealed = tokio::task::spawn_blocking(move || {
        let AtWork {
            jobs,
            control,
            keeper,
        } = at_work;
        drop((control, jobs));
        let sealed = jobs::seal(&app);
        // Last of all: what was written up to here is in the journal.
        drop(keeper);
        close(app);
        sealed
    });
    let sealed = sealed.await?;
    hurry.abort();
    anyhow::ensure!(
        sealed,
        "the last seal could not be made; the records wait for the next start"
    );
    Ok(())
}

/// What works beside the requests.
pub struct AtWork {
    /// Sealing and sweeping.
    pub jobs: Jobs,
    /// The operator's socket.
    pub control: Option<Control>,
    /// The keeper of backups.
    pub keeper: Option<Keeper>,
}

/// Closes the store, which folds its write-ahead log back, once nobody else holds it.
fn close(app: Arc<App>) {
    let looks = LET_GO_MAX.as_millis() / LOOK_EVERY.as_millis();
    for _ in 0..looks {
        if Arc::strong_count(&app) == 1 {
            break;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    match Arc::into_inner(app) {
        Some(app) => drop(app),
        None => tracing::warn!("the store is still in use and was not folded back"),
    }
}
