//! The standard library's lock, which outlives a panic.
//!
//! A poisoned lock is taken all the same: no code of a caller's runs under it, and every
//! change made under it is one step, so there is no half-made state to be afraid of.

use std::{sync::PoisonError, time::Duration};

/// The right to look at and change what the lock protects.
pub(crate) type Guard<'a, T> = std::sync::MutexGuard<'a, T>;

pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Condvar(std::sync::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(std::sync::Condvar::new())
    }

    /// Waits as long as `holds` does.
    pub(crate) fn wait_while<'a, T>(
        &self,
        guard: Guard<'a, T>,
        holds: impl Fn(&T) -> bool,
    ) -> Guard<'a, T> {
        self.0
            .wait_while(guard, |value| holds(value))
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as `holds` does, at most `wait`; what holds afterwards is for the
    /// caller to see, whether the time ran out or not.
    pub(crate) fn wait_while_for<'a, T>(
        &self,
        guard: Guard<'a, T>,
        wait: Duration,
        holds: impl Fn(&T) -> bool,
    ) -> Guard<'a, T> {
        self.0
            .wait_timeout_while(guard, wait, |value| holds(value))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}
