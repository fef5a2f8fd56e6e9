//! Vendor support inside its window: masked visits, one unmasked with a reason and an
//! administrator's approval, and the report of what was done.
//!
//! Source: identity-security MAINT-01, MAINT-02; checklist 2025 vendor 10②③④, 2-②; シQ-23.

use access::{
    errors::WINDOW_CLOSED,
    window::{self, Window},
};
use eligibility::model::{Visit, VisitId};
use kernel::{
    id::{FacilityId, StaffId, WindowId},
    time::Timestamp,
};
use store::{
    Call, Stop, StoreError,
    audit::{Entry, Subject},
};

use super::reason;
use crate::{errors, store::unmasking as table};

/// Minutes for which one visit is shown unmasked.
pub const UNMASKED_MINUTES: i64 = 30;
/// Most applications of one window.
const UNMASKINGS_MAX: i64 = 200;
/// Records of the facility's log that are read at once, and at most for one report.
const LOG_PAGE: i64 = 500;
const LOG_MAX: usize = 20_000;

/// Identifier of an application.
pub type UnmaskingId = [u8; 16];

/// An application to see one visit unmasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmasking {
    /// Identifier.
    pub id: UnmaskingId,
    /// In which window.
    pub window: WindowId,
    /// Who asks.
    pub staff: StaffId,
    /// About which visit.
    pub visit: VisitId,
    /// Why.
    pub reason: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// First instant at which it is masked again.
    pub ends_at: Option<Timestamp>,
    /// How often it was looked at unmasked.
    pub looks: i64,
    /// When last.
    pub looked_at: Option<Timestamp>,
}

impl Unmasking {
    /// Does it show the name at `at`?
    #[must_use]
    pub fn shows(&self, at: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| at < end)
    }
}

/// A name of which only the first character is left: 山田 太郎 becomes 山● ●●.
#[must_use]
pub fn masked(name: &str) -> String {
    let mut is_first = true;
    let mask = |c: char| {
        if c.is_whitespace() {
            return c;
        }
        let shown = if is_first { c } else { '●' };
        is_first = false;
        shown
    };
    name.chars().map(mask).collect()
}

/// The open window of this account.
///
/// # Errors
/// [`WINDOW_CLOSED`]; [`StoreError`].
fn open_window(call: &Call<'_>, facility: FacilityId, staff: StaffId) -> Result<WindowId, Stop> {
    window::is_open(call, facility, staff, call.at())?.ok_or_else(|| Stop::from(&WINDOW_CLOSED))
}

/// Today's visits of the facility, and what the account has asked for in its window.
///
/// # Errors
/// [`WINDOW_CLOSED`]; [`StoreError`].
pub fn visits(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<(Vec<Visit>, Vec<Unmasking>), Stop> {
    let window = open_window(call, facility, staff)?;
    let mut visits = eligibility::ops::today(call, facility)?;
    for visit in &mut visits {
        visit.name = masked(&visit.name);
        visit.kana = String::new();
    }
    call.detail("window", window.to_hex());
    call.detail("visits", visits.len().to_string());
    let asked = table::list(call, facility, window, UNMASKINGS_MAX)?;
    Ok((visits, asked))
}

fn visit(call: &Call<'_>, facility: FacilityId, id: VisitId) -> Result<Visit, Stop> {
    let visits = eligibility::ops::today(call, facility)?;
    let found = visits.into_iter().find(|visit| visit.id == id);
    found.ok_or_else(|| Stop::from(&errors::VISIT_UNKNOWN))
}

/// Asks to see a visit unmasked.
///
/// # Errors
/// [`WINDOW_CLOSED`], [`errors::VISIT_UNKNOWN`], [`errors::REASON_MISSING`]; [`StoreError`].
pub fn ask(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    visit_id: VisitId,
    why: &str,
) -> Result<UnmaskingId, Stop> {
    let window = open_window(call, facility, staff)?;
    let visit = visit(call, facility, visit_id)?;
    let mut id = UnmaskingId::default();
    call.rng().fill(&mut id);
    let unmasking = Unmasking {
        id,
        window,
        staff,
        visit: visit.id,
        reason: reason(why)?,
        asked_at: call.at(),
        approved_at: None,
        ends_at: None,
        looks: 0,
        looked_at: None,
    };
    table::put(call, facility, &unmasking)?;
    call.detail("window", window.to_hex());
    call.detail("visit", visit.id.to_hex());
    Ok(id)
}

/// Approves an application: for 30 minutes, and no longer than its window is open.
///
/// # Errors
/// [`errors::UNMASKING_UNKNOWN`]; [`StoreError`].
pub fn approve(
    call: &mut Call<'_>,
    facility: FacilityId,
    by: StaffId,
    id: &UnmaskingId,
) -> Result<WindowId, Stop> {
    let unknown = || Stop::from(&errors::UNMASKING_UNKNOWN);
    let asked = table::one(call, facility, id)?.ok_or_else(unknown)?;
    let window = window::one(call, facility, asked.window)?;
    let is_open = window.state(call.at()) == window::State::Open && asked.staff != by;
    let end = call.at().plus_seconds(UNMASKED_MINUTES * 60);
    let end = end.min(window.closes());
    if !is_open || !table::approve(call, facility, id, by, end)? {
        return Err(unknown());
    }
    call.detail("window", window.id.to_hex());
    call.detail("visit", asked.visit.to_hex());
    Ok(window.id)
}

/// The applications of a window that nobody has approved yet.
///
/// # Errors
/// [`StoreError`].
pub fn waiting(
    call: &Call<'_>,
    facility: FacilityId,
    window: WindowId,
) -> Result<Vec<Unmasking>, StoreError> {
    let mut all = table::list(call, facility, window, UNMASKINGS_MAX)?;
    all.retain(|unmasking| unmasking.approved_at.is_none());
    Ok(all)
}

/// A visit unmasked. The look stands in the patient's own history.
///
/// # Errors
/// [`WINDOW_CLOSED`], [`errors::VISIT_UNKNOWN`], [`errors::MASKED`]; [`StoreError`].
pub fn unmasked(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    visit_id: VisitId,
) -> Result<(Visit, Unmasking), Stop> {
    let window = open_window(call, facility, staff)?;
    let visit = visit(call, facility, visit_id)?;
    let asked = table::list(call, facility, window, UNMASKINGS_MAX)?;
    let approved = asked
        .into_iter()
        .find(|u| u.visit == visit.id && u.staff == staff && u.shows(call.at()));
    let Some(approved) = approved else {
        return Err(Stop::from(&errors::MASKED));
    };
    call.open(visit.person)?;
    table::look(call, facility, &approved.id)?;
    call.detail("window", window.to_hex());
    call.detail("visit", visit.id.to_hex());
    Ok((visit, approved))
}

/// What an account did in a window.
#[derive(Clone, Debug)]
pub struct Report {
    /// The window.
    pub window: Window,
    /// Its records on the facility's log, the oldest first.
    pub records: Vec<Entry>,
    /// What it asked to see unmasked, and how often it looked: those looks are in the
    /// patients' own histories.
    pub unmaskings: Vec<Unmasking>,
    /// Was the log longer than what was read?
    pub is_cut: bool,
}

/// The report of a window, read from the facility's log itself.
///
/// # Errors
/// [`access::errors::WINDOW_UNKNOWN`]; [`StoreError`].
pub fn report(call: &mut Call<'_>, facility: FacilityId, id: WindowId) -> Result<Report, Stop> {
    let window = window::one(call, facility, id)?;
    let account = window.plan.staff.to_hex();
    let (from, until) = (window.plan.from, window.plan.until);
    let (mut records, mut below, mut read) = (Vec::new(), i64::MAX, 0_usize);
    let is_cut = loop {
        let page = call.history(Subject::Facility(facility), below, LOG_PAGE)?;
        let Some(last) = page.last() else {
            break false;
        };
        (below, read) = (last.seq, read.saturating_add(page.len()));
        let is_done = last.at < from;
        let own = page.into_iter().filter(|entry| {
            entry.record.account == account && from <= entry.at && entry.at < until
        });
        records.extend(own);
        if is_done {
            break false;
        }
        if read >= LOG_MAX {
            break true;
        }
    };
    records.reverse();
    let unmaskings = table::list(call, facility, id, UNMASKINGS_MAX)?;
    call.detail("window", id.to_hex());
    Ok(Report {
        window,
        records,
        unmaskings,
        is_cut,
    })
}
