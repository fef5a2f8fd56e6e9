//! One round of the counter's job: looks whether the line is back, settles what waits, then
//! renews the copy.

use store::Stop;
use web::App;

use super::{Kept, Settling, fetch, is_due, settle_waiting};
use crate::{Upstream, upstream::LOOK_SECONDS};

/// Batches of one round.
const BATCHES_MAX: usize = 20;
/// Seconds in a minute.
const MINUTE: i64 = 60;

/// Does what is due.
///
/// # Errors
/// The store's.
pub fn round(app: &App, upstream: &Upstream) -> Result<(), Stop> {
    let at = app.gate.now();
    let state = upstream.state();
    if state.cut.is_some() && !is_due(state.tried_at, LOOK_SECONDS, at) {
        return Ok(());
    }
    // Acts first: a patient whom the next copy leaves out is still known to the platform.
    if state.may_wait {
        for _ in 0..BATCHES_MAX {
            match settle_waiting(app, upstream)? {
                Settling::Done(0) => break,
                Settling::Done(count) => tracing::info!(count, "acts were settled"),
                Settling::Cut(_) => return Ok(()),
                Settling::Refused => break,
            }
        }
    }
    let state = upstream.state();
    let every = upstream.every_minutes.saturating_mul(MINUTE);
    if state.cut.is_some() || is_due(state.copied_at, every, at) {
        match fetch(app, upstream)? {
            Kept::Whole(held) => tracing::info!(number = held.number, "the copy was renewed"),
            Kept::Cut(cut) => tracing::warn!(?cut, "the platform cannot be asked"),
            Kept::Refused(entry) => tracing::warn!(code = entry.code, "a copy was not taken"),
        }
    }
    Ok(())
}
