//! What the ledger says at an instant: a pure rule.
//!
//! Source: identity-security CONS-01; docs/decisions/0016-consent-precedence.md.

use kernel::{
    id::{ConsentId, FacilityId},
    time::Timestamp,
};
use store::caller::Purpose;

use super::{Act, Category, Entry, Source};
use crate::errors;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// For which facility.
    pub facility: FacilityId,
    /// Of which category.
    pub category: Category,
    /// For what.
    pub purpose: Purpose,
}

/// What the ledger says about one scope at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be shown, until then.
    Given {
        /// First instant at which it may no longer be shown.
        until: Timestamp,
        /// Which consent.
        id: ConsentId,
        /// Of what kind the choice is that lasts longest.
        source: Source,
    },
    /// Nobody ever agreed.
    Never,
    /// It ran out.
    Expired,
    /// The person took it back, or left it out of a later choice.
    Withdrawn,
}

/// What is in force after the entries so far.
#[derive(Default)]
struct State<'l> {
    /// The newest choice at a visit: it opens or closes.
    visit: Option<&'l Entry>,
    /// The newest standing choice, if it opens.
    standing: Option<&'l Entry>,
    /// The newest entry of all.
    newest: Option<&'l Entry>,
}

impl<'l> State<'l> {
    fn take(mut self, entry: &'l Entry) -> Self {
        match (entry.act, entry.source) {
            (Act::Withdrawn, _) => (self.visit, self.standing) = (None, None),
            (Act::Given | Act::Refused, Source::Visit) => self.visit = Some(entry),
            (Act::Given, _) => {
                // A newer standing choice is no longer closed by an older visit.
                self.visit = self.visit.filter(|visit| visit.act == Act::Given);
                self.standing = Some(entry);
            }
            (Act::Refused, _) => self.standing = None,
        }
        self.newest = Some(entry);
        self
    }

    fn at(&self, at: Timestamp) -> Standing {
        let holds = |entry: &&'l Entry| entry.expires_at.is_some_and(|end| at < end);
        let visit = self.visit.filter(holds);
        let standing = self.standing.filter(holds);
        let closed = visit.is_some_and(|visit| visit.act == Act::Refused);
        let open = [visit, standing].into_iter().flatten();
        let longest = open.max_by_key(|entry| entry.expires_at);
        match (longest, self.newest) {
            (Some(entry), _) if !closed => Standing::Given {
                until: entry.expires_at.unwrap_or(at),
                id: entry.id,
                source: entry.source,
            },
            (_, None) => Standing::Never,
            (_, Some(newest)) if closed || newest.act != Act::Given => Standing::Withdrawn,
            (_, Some(_)) => Standing::Expired,
        }
    }
}

fn of(ledger: &[Entry], scope: Scope) -> Vec<&Entry> {
    let mut mine: Vec<&Entry> = ledger
        .iter()
        .filter(|entry| {
            entry.facility == scope.facility
                && entry.category == scope.category
                && entry.purpose == scope.purpose
        })
        .collect();
    mine.sort_by_key(|entry| entry.number);
    mine
}

/// What holds for `scope` at `at`.
///
/// What the ledger calls withdrawn or refused is so, even when the clock says that it will be:
/// it may have been asked for after this call was and have come before it, and the clock may
/// have been set back. What is given counts from its instant on.
#[must_use]
pub fn standing(ledger: &[Entry], scope: Scope, at: Timestamp) -> Standing {
    of(ledger, scope)
        .into_iter()
        .filter(|entry| entry.act != Act::Given || entry.at <= at)
        .fold(State::default(), State::take)
        .at(at)
}

/// What would be open if nothing else were said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    /// By a choice at a visit.
    pub visit: bool,
    /// By a standing choice.
    pub standing: bool,
}

impl InForce {
    /// By either.
    #[must_use]
    pub const fn any(self) -> bool {
        self.visit || self.standing
    }
}

/// What opens `scope` at `at`, or will when the clock comes there: a choice that leaves it out
/// and a withdrawal have that to close.
#[must_use]
pub fn in_force(ledger: &[Entry], scope: Scope, at: Timestamp) -> InForce {
    let state = of(ledger, scope)
        .into_iter()
        .fold(State::default(), State::take);
    let opens = |entry: Option<&Entry>| {
        entry.is_some_and(|entry| {
            entry.act == Act::Given && entry.expires_at.is_some_and(|end| at < end)
        })
    };
    InForce {
        visit: opens(state.visit),
        standing: opens(state.standing),
    }
}

/// What the ledger says of the continuing consent of home care (在宅).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuing {
    /// In force, for at least one category, until then.
    Until(Timestamp),
    /// Nobody ever gave one.
    Never,
    /// It ran out.
    Ended,
    /// The person took it back, or chose otherwise since.
    Withdrawn,
}

/// Does home care's continuing consent to `facility` hold at `at`? What a visit's choice leaves
/// out for a day does not end it.
#[must_use]
pub fn continuing(
    ledger: &[Entry],
    facility: FacilityId,
    purpose: Purpose,
    at: Timestamp,
) -> Continuing {
    let mut found = Continuing::Never;
    for category in Category::ALL {
        let scope = Scope {
            facility,
            category,
            purpose,
        };
        let mine = of(ledger, scope);
        let given = |entry: &&Entry| {
            entry.act == Act::Given && entry.source == Source::HomeCare && entry.at <= at
        };
        if !mine.iter().any(|entry| given(entry)) {
            continue;
        }
        let state = mine
            .into_iter()
            .filter(|entry| entry.act != Act::Given || entry.at <= at)
            .fold(State::default(), State::take);
        let standing = state.standing.filter(given);
        let now = match standing.and_then(|entry| entry.expires_at) {
            Some(until) if at < until => Continuing::Until(until),
            Some(_) => Continuing::Ended,
            None => Continuing::Withdrawn,
        };
        found = match (found, now) {
            (Continuing::Until(one), Continuing::Until(other)) => Continuing::Until(one.max(other)),
            (Continuing::Until(until), _) | (_, Continuing::Until(until)) => {
                Continuing::Until(until)
            }
            (Continuing::Withdrawn, _) => Continuing::Withdrawn,
            (_, now) => now,
        };
    }
    found
}

/// The categories that `facility` may see for `purpose`, or why it may see none.
///
/// # Errors
/// [`errors::CONSENT_NONE`], [`errors::CONSENT_EXPIRED`] or [`errors::CONSENT_WITHDRAWN`];
/// where categories differ, a withdrawal is named before an expiry, and that before "never".
pub fn granted(
    ledger: &[Entry],
    facility: FacilityId,
    purpose: Purpose,
    at: Timestamp,
) -> Result<Vec<(Category, Timestamp)>, &'static kernel::Entry> {
    let standings = Category::ALL.map(|category| {
        let scope = Scope {
            facility,
            category,
            purpose,
        };
        (category, standing(ledger, scope, at))
    });
    let open: Vec<_> = standings
        .iter()
        .filter_map(|(category, standing)| match standing {
            Standing::Given { until, .. } => Some((*category, *until)),
            _ => None,
        })
        .collect();
    if !open.is_empty() {
        return Ok(open);
    }
    let any = |wanted: Standing| standings.iter().any(|(_, s)| *s == wanted);
    Err(if any(Standing::Withdrawn) {
        &errors::CONSENT_WITHDRAWN
    } else if any(Standing::Expired) {
        &errors::CONSENT_EXPIRED
    } else {
        &errors::CONSENT_NONE
    })
}

/// Does a merged registration's ledger keep `scope` closed, because its last word was no? Not
/// once the person gave it anew, knowing of both, since they were merged.
pub(super) fn is_closed_by(
    own: &[Entry],
    merged: &[Entry],
    scope: Scope,
    merged_at: Timestamp,
) -> bool {
    let is_anew = of(own, scope)
        .into_iter()
        .any(|entry| entry.act == Act::Given && entry.at >= merged_at);
    let last = of(merged, scope).pop();
    !is_anew && last.is_some_and(|entry| entry.act != Act::Given)
}

/// Was anything of `facility` withdrawn at or after `since`? A withdrawal counts as no earlier
/// than what the ledger held before it, so that a clock that was set back hides none.
pub(super) fn is_taken_back(ledger: &[Entry], facility: FacilityId, since: Timestamp) -> bool {
    let mut mine: Vec<&Entry> = ledger.iter().filter(|e| e.facility == facility).collect();
    mine.sort_by_key(|entry| entry.number);
    let mut latest = None;
    mine.into_iter().any(|entry| {
        latest = latest.max(Some(entry.at));
        entry.act == Act::Withdrawn && latest >= Some(since)
    })
}
