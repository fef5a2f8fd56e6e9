//! The answer of an operation, on its way from a thread of the store.

use crate::{Stop, StoreError};

/// The answer of an operation, on its way.
pub struct Pending<T>(pub(crate) oneshot::Receiver<Result<T, Stop>>);

impl<T> Pending<T> {
    /// Waits on this thread.
    ///
    /// # Errors
    /// What the operation says; [`StoreError::Closed`] when the engine stopped.
    pub fn wait(self) -> Result<T, Stop> {
        self.0
            .recv()
            .unwrap_or(Err(Stop::Failed(StoreError::Closed)))
    }

    /// Waits without holding a thread.
    ///
    /// # Errors
    /// As [`Pending::wait`].
    pub async fn answer(self) -> Result<T, Stop> {
        self.0
            .await
            .unwrap_or(Err(Stop::Failed(StoreError::Closed)))
    }
}
