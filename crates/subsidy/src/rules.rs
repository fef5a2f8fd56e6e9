//! What a line must keep to beside what is there already.

use kernel::{
    Entry,
    time::{JstDate, Period},
};
use registry::subsidy::Entitlement;

use crate::{
    errors,
    wire::{NewEntitlement, NewTicket},
};

/// 法別番号 of medical assistance.
const ASSISTANCE: &str = "12";

/// May an entitlement stand beside those that are there? One under the same payer's law and,
/// for local ones, the same scheme, may not hold at the same time.
///
/// # Errors
/// [`errors::OVERLAP`].
pub fn beside(all: &[Entitlement], new: &NewEntitlement) -> Result<(), &'static Entry> {
    let is_same = |e: &&Entitlement| e.payer.law() == new.payer.law() && e.scheme == new.scheme;
    let overlaps = |e: &Entitlement| e.period.overlaps(&new.period);
    if all.iter().filter(is_same).any(overlaps) {
        return Err(&errors::OVERLAP);
    }
    Ok(())
}

/// A ticket holds within one month, and a welfare office pays it.
///
/// # Errors
/// [`errors::MONTH`], [`errors::TICKET_PAYER`].
pub fn ticket(new: &NewTicket) -> Result<(), &'static Entry> {
    if new.payer.law() != ASSISTANCE {
        return Err(&errors::TICKET_PAYER);
    }
    let from = new.period.from();
    let last = new.period.until().map(|until| until.plus_days(-1));
    let same = |last: JstDate| (last.year(), last.month()) == (from.year(), from.month());
    if last.is_some_and(same) {
        Ok(())
    } else {
        Err(&errors::MONTH)
    }
}

/// The period of an entitlement that ends on `last`; `None` when it would have ended before it
/// began, or ends earlier already.
#[must_use]
pub fn ended(period: Period<JstDate>, last: JstDate) -> Option<Period<JstDate>> {
    let until = last.plus_days(1);
    if period.until().is_some_and(|old| old <= until) {
        return None;
    }
    Period::new(period.from(), Some(until))
}
