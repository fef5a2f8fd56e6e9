//! The same lock in the hands of the model checker.
//!
//! `loom` has no time. So the three fates of a timed wait are told apart by its length, and a
//! model runs with each of [`FATES`]; between them lies nothing that a real wait could do.

use std::time::Duration;

use loom::sync as loom;

/// The time runs out before anyone notifies this thread.
pub(crate) const RUNS_OUT: Duration = Duration::ZERO;
/// The time runs out in the very moment in which this thread is notified.
pub(crate) const RUNS_OUT_WHEN_NOTIFIED: Duration = Duration::from_secs(1);
/// The time is long enough.
pub(crate) const LASTS: Duration = Duration::MAX;
/// Whatever can become of a timed wait.
pub(crate) const FATES: [Duration; 3] = [RUNS_OUT, RUNS_OUT_WHEN_NOTIFIED, LASTS];

/// The lock, held. It carries the lock so that a wait can let go of it and take it again.
pub(crate) struct Guard<'a, T> {
    lock: &'a loom::Mutex<T>,
    held: loom::MutexGuard<'a, T>,
}

impl<T> std::ops::Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held
    }
}

impl<T> std::ops::DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held
    }
}

pub(crate) struct Mutex<T>(loom::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        Guard {
            lock: &self.0,
            held: self.0.lock().unwrap(),
        }
    }
}

pub(crate) struct Condvar(loom::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(loom::Condvar::new())
    }

    pub(crate) fn wait_while<'a, T>(
        &self,
        guard: Guard<'a, T>,
        holds: impl Fn(&T) -> bool,
    ) -> Guard<'a, T> {
        let Guard { lock, mut held } = guard;
        while holds(&held) {
            held = self.0.wait(held).unwrap();
        }
        Guard { lock, held }
    }

    /// As the standard library does it: the condition is looked at once more after the time
    /// has run out.
    pub(crate) fn wait_while_for<'a, T>(
        &self,
        guard: Guard<'a, T>,
        wait: Duration,
        holds: impl Fn(&T) -> bool,
    ) -> Guard<'a, T> {
        if wait == LASTS {
            return self.wait_while(guard, holds);
        }
        let Guard { lock, mut held } = guard;
        if holds(&held) {
            held = if wait == RUNS_OUT {
                drop(held);
                lock.lock().unwrap()
            } else {
                self.0.wait(held).unwrap()
            };
        }
        Guard { lock, held }
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}
