//! How far the repository is behind, and saying so to whoever asks whether the program is ready.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use web::{
    App,
    health::{Check, Verdict},
};

/// When the repository last held everything, and how long that may be ago.
#[derive(Clone)]
pub struct UpTo {
    at: Arc<Mutex<Instant>>,
    late: Duration,
}

impl UpTo {
    /// From now on.
    pub fn now(late: Duration) -> Self {
        let at = Arc::new(Mutex::new(Instant::now()));
        Self { at, late }
    }

    /// It holds everything.
    pub fn set(&self) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn is_late(&self) -> bool {
        let at = *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.elapsed() > self.late
    }

    /// What `/health/ready` asks.
    pub fn check(&self) -> Check {
        let up_to = self.clone();
        Check {
            name: "backup-up-to-date",
            ask: Arc::new(move |_: Arc<App>| {
                let is_late = up_to.is_late();
                Box::pin(async move {
                    if is_late {
                        Verdict::bad(
                            "バックアップが遅れています。保管場所の空きと記録を確かめてください。",
                            "the backup is behind; look at the repository's disk and the log",
                        )
                    } else {
                        Verdict::good("バックアップは最新です。", "the backup is up to date")
                    }
                })
            }),
        }
    }
}
