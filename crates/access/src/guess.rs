//! Guessing is slowed down: each failure of one log-in name from one address doubles the wait
//! before the next try counts, whether anybody has that name or not.
//!
//! Source: identity-security AUTH-06, T19 (exponential delay per address and user).

use kernel::time::Timestamp;
use store::{Call, StoreError};

use crate::store::guess as table;

/// Failures in a row that cost no wait: people mistype.
pub const FREE: i64 = 3;
/// Longest wait, seconds.
pub const SECONDS_MAX: i64 = 15 * 60;
/// Seconds after the wait's end for which failures are remembered.
const MEMORY_SECONDS: i64 = 3600;

/// What is known of one name tried from one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// Failures in a row.
    pub failures: i64,
    /// First instant at which a try counts again.
    pub until: Timestamp,
}

/// Seconds to wait after so many failures in a row: none for the first [`FREE`], then 2, 4, 8
/// and so on up to [`SECONDS_MAX`].
#[must_use]
pub fn wait_seconds(failures: i64) -> i64 {
    match failures.saturating_sub(FREE) {
        ..=0 => 0,
        doublings @ 1..=9 => (1 << doublings).min(SECONDS_MAX),
        _ => SECONDS_MAX,
    }
}

fn key(call: &Call<'_>, client: &str, login: &str) -> [u8; 32] {
    call.directory_key("login-delay", &[client, &login.trim().to_lowercase()])
}

/// Must this name wait when it is tried from this address?
///
/// # Errors
/// [`StoreError`].
pub fn must_wait(call: &Call<'_>, client: &str, login: &str) -> Result<bool, StoreError> {
    let delay = table::delay(call, &key(call, client, login))?;
    Ok(delay.is_some_and(|delay| call.at() < delay.until))
}

/// Counts a failure of this name from this address.
///
/// # Errors
/// [`StoreError`].
pub fn note(call: &Call<'_>, client: &str, login: &str) -> Result<(), StoreError> {
    let key = key(call, client, login);
    let forgotten = call.at().plus_seconds(-MEMORY_SECONDS);
    let before = table::delay(call, &key)?.filter(|delay| delay.until >= forgotten);
    let failures = before.map_or(0, |delay| delay.failures).saturating_add(1);
    let delay = Delay {
        failures,
        until: call.at().plus_seconds(wait_seconds(failures)),
    };
    table::put_delay(call, &key, delay)
}

/// Forgets the failures: whoever it is has logged in.
///
/// # Errors
/// [`StoreError`].
pub fn forgive(call: &Call<'_>, client: &str, login: &str) -> Result<(), StoreError> {
    table::clear_delay(call, &key(call, client, login))
}

/// Removes what is remembered no longer; how many there were.
///
/// # Errors
/// [`StoreError`].
pub fn sweep(call: &Call<'_>) -> Result<usize, StoreError> {
    table::sweep_delays(call, call.at().plus_seconds(-MEMORY_SECONDS))
}
