//! The lock and the condition variables below the lanes: the standard library's in every
//! program, and those of the model checker (`loom`) in this crate's own tests, so that the
//! code that is checked is the code that is shipped.
//!
//! Both wait only in a loop over a condition, so a wake-up for nothing does no harm.

pub(crate) mod real;

#[cfg(test)]
pub(crate) mod model;

#[cfg(test)]
pub(crate) use model::{Condvar, Guard, Mutex};
#[cfg(not(test))]
pub(crate) use real::{Condvar, Guard, Mutex};
