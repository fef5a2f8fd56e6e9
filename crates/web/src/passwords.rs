//! Checking passwords: some tens of milliseconds and 19 MiB each, so a few at a time on
//! threads of their own, a bounded number in the queue, and the same work for a name that
//! nobody has.
//!
//! Source: identity-security AUTH-05, AUTH-06, T19.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use access::password::{self, Typed};
use kernel::Refusal;
use store::SystemRng;
use tokio::sync::Semaphore;

use crate::errors::BUSY;

/// Hashes computed at the same time: more would take memory, not time.
const AT_ONCE_MAX: usize = 4;
/// Log-ins that may wait for their turn.
const WAITING_MAX: usize = 64;
const RETRY_SECONDS: u32 = 5;

/// The place where passwords are checked.
pub struct Passwords {
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    computed: AtomicU64,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            queue: Arc::new(Semaphore::new(WAITING_MAX)),
            turns: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            computed: AtomicU64::new(0),
        }
    }
}

impl Passwords {
    /// How many passwords have been hashed since the start.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// Runs work that computes `hashes` hashes, when its turn has come.
    async fn run<T, F>(&self, hashes: u64, work: F) -> Result<Option<T>, Refusal>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let busy = || {
            let mut refusal = Refusal::new(&BUSY);
            refusal.retry_after_s = Some(RETRY_SECONDS);
            refusal
        };
        let place = Arc::clone(&self.queue)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        self.computed.fetch_add(hashes, Ordering::Relaxed);
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            // The turn goes on with the work, also when the caller has left.
            drop((turn, place));
            done
        });
        Ok(done.await.ok())
    }

    /// Does the password fit? `None` stands for a name that nobody has: never, after as much
    /// work.
    ///
    /// # Errors
    /// `BUSY` when too many wait.
    pub async fn fits(&self, stored: Option<String>, typed: Typed) -> Result<bool, Refusal> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| password::NOBODY.to_owned());
        let fits = self.run(1, move || typed.fits(&stored)).await?;
        Ok(fits.unwrap_or(false) && known)
    }

    /// Does it fit any of these?
    ///
    /// # Errors
    /// As [`Passwords::fits`].
    pub async fn fits_any(&self, stored: Vec<String>, typed: Typed) -> Result<bool, Refusal> {
        let hashes = u64::try_from(stored.len()).unwrap_or(u64::MAX);
        let any = move || stored.iter().any(|one| typed.fits(one));
        // What could not be worked out counts as used before.
        Ok(self.run(hashes, any).await?.unwrap_or(true))
    }

    /// A hash to store.
    ///
    /// # Errors
    /// As [`Passwords::fits`]; `UNAVAILABLE` when memory is short.
    pub async fn hash(&self, typed: Typed) -> Result<String, Refusal> {
        let hash = self.run(1, move || typed.hash(&SystemRng)).await?;
        hash.flatten()
            .ok_or_else(|| Refusal::new(&store::UNAVAILABLE))
    }
}
