//! Reviews: the accounts each month, the looks of the staff each week.
//!
//! Source: identity-security AUTHZ-03, AUD-04; ガイドライン 17①.

use std::collections::BTreeMap;

use eligibility::ops as counter;
use kernel::{
    Refusal,
    id::{FacilityId, StaffId},
    time::{JstDate, Timestamp},
};
use store::{Call, Stop, StoreError, audit::Subject, caller::Role};

use super::caller;
use crate::{
    errors,
    model::{Review, SignOff},
    roster::{self, Member},
    rules::{
        account::{monday, month},
        detect::{self, Arrival, Deed, Evidence, Finding},
    },
    store as table,
};

/// Weeks before the reviewed one that show what is usual.
const USUAL_DAYS: i32 = 28;
/// Most looks and visits that are read for one review.
const NOTES_MAX: i64 = 50_000;
const VISITS_MAX: i64 = 20_000;
/// Records of the facility's chain read at once, and how often at most.
const PAGE: i64 = 500;
const PAGES_MAX: usize = 40;
/// Days for which notes of looks are kept after their week: a year of reviews can be repeated.
const NOTES_DAYS: i32 = 400;
/// Most characters of a remark.
const REMARK_MAX: usize = 1_000;

/// What one week shows.
#[derive(Clone)]
pub struct Looks {
    /// Its Monday.
    pub week: JstDate,
    /// What stands out.
    pub findings: Vec<Finding>,
    /// How many looks there were in all.
    pub looks: usize,
    /// Was there more than is read for one review?
    pub truncated: bool,
    /// Who works here.
    pub members: Vec<Member>,
    /// Sign-offs of the review of access, newest first.
    pub signed: Vec<SignOff>,
}

/// Can this week be reviewed yet?
#[must_use]
pub fn week_is_over(week: JstDate, at: Timestamp) -> bool {
    monday(week) == week && week.plus_days(7).start() <= at
}

/// The looks of the facility's staff in one week; patients' names are compared, never shown.
///
/// # Errors
/// The store's.
pub fn week(call: &Call<'_>, facility: FacilityId, week: JstDate) -> Result<Looks, Stop> {
    let (from, until) = (week.start(), week.plus_days(7).start());
    let members = roster::all(call, facility)?;
    let notes = call.notes(
        facility,
        week.plus_days(-USUAL_DAYS).start(),
        until,
        NOTES_MAX,
    )?;
    let truncated = i64::try_from(notes.len()).unwrap_or(NOTES_MAX) >= NOTES_MAX;
    let mut deeds: Vec<Deed> = notes
        .iter()
        .map(|note| Deed {
            at: note.at,
            staff: note.staff,
            patient: Some(note.patient),
            refused: note.refused.is_some(),
        })
        .collect();
    let looks = deeds.iter().filter(|deed| deed.at >= from).count();
    deeds.extend(refusals(call, facility, from, until)?);
    let evidence = Evidence {
        deeds,
        arrivals: arrivals(call, facility, week, until)?,
        surnames: members
            .iter()
            .map(|member| (member.staff, surname(&member.name)))
            .collect::<BTreeMap<_, _>>(),
    };
    Ok(Looks {
        week,
        findings: detect::findings(&evidence, from),
        looks,
        truncated,
        members,
        signed: table::sign_offs(call, facility, Review::Access)?,
    })
}

fn arrivals(
    call: &Call<'_>,
    facility: FacilityId,
    week: JstDate,
    until: Timestamp,
) -> Result<Vec<Arrival>, Stop> {
    let from = week.start().plus_hours(-detect::VISIT_DAYS * 24);
    let visits = counter::between(call, facility, from, until, VISITS_MAX)?;
    let arrival = |visit: &eligibility::model::Visit| Arrival {
        at: visit.at,
        patient: call.patient_tag(facility, visit.person),
        surname: surname(&visit.name),
    };
    Ok(visits.iter().map(arrival).collect())
}

/// What precedes the first space of a name.
fn surname(name: &str) -> String {
    name.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// What was refused to staff before anybody was opened: it stands on the facility's own chain.
fn refusals(
    call: &Call<'_>,
    facility: FacilityId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Deed>, StoreError> {
    let mut deeds = Vec::new();
    let mut below = i64::MAX;
    for _ in 0..PAGES_MAX {
        let page = call.history(Subject::Facility(facility), below, PAGE)?;
        for entry in &page {
            let is_staff =
                Role::parse(&entry.record.role).is_some_and(|r| Role::STAFF.contains(&r));
            let staff = StaffId::parse(&entry.record.account).filter(|_| is_staff);
            let in_week = from <= entry.at && entry.at < until;
            if let Some(staff) = staff.filter(|_| in_week && entry.record.refused.is_some()) {
                deeds.push(Deed {
                    at: entry.at,
                    staff,
                    patient: None,
                    refused: true,
                });
            }
        }
        match page.last() {
            Some(last) if last.at >= from => below = last.seq,
            _ => break,
        }
    }
    Ok(deeds)
}

fn sign_off(
    call: &mut Call<'_>,
    review: Review,
    period: String,
    count: usize,
    remark: &str,
) -> Result<(), Stop> {
    let (facility, me) = caller(call)?;
    let remark = remark.trim();
    if remark.is_empty() || remark.chars().count() > REMARK_MAX {
        return Err(Refusal::at(&errors::REVIEW, "remark", "").into());
    }
    call.detail("period", period.clone());
    call.detail("count", count.to_string());
    let sign_off = SignOff {
        period,
        at: call.at(),
        staff: me,
        count: i64::try_from(count).unwrap_or(i64::MAX),
        remark: remark.to_owned(),
    };
    Ok(table::put_sign_off(call, facility, review, &sign_off)?)
}

/// Records that this month's accounts and rights were gone through.
///
/// # Errors
/// `TSK-STF-012`; the store's.
pub fn sign_off_accounts(call: &mut Call<'_>, remark: &str) -> Result<(), Stop> {
    let (facility, _) = caller(call)?;
    let count = roster::all(call, facility)?.len();
    let period = month(call.at().jst_date());
    sign_off(call, Review::Accounts, period, count, remark)
}

/// Records that the looks of a week that is over were gone through.
///
/// # Errors
/// `TSK-STF-012`; the store's.
pub fn sign_off_access(call: &mut Call<'_>, week: JstDate, remark: &str) -> Result<(), Stop> {
    if !week_is_over(week, call.at()) {
        return Err(Refusal::at(&errors::REVIEW, "week", "").into());
    }
    let (facility, _) = caller(call)?;
    let count = self::week(call, facility, week)?.findings.len();
    sign_off(call, Review::Access, week.to_string(), count, remark)?;
    // Whoever reviews has no use for older ones; the looks stay on the patients' chains.
    call.drop_notes(facility, week.plus_days(-NOTES_DAYS).start())?;
    Ok(())
}

/// Every account with the sign-offs of the monthly review, newest first.
///
/// # Errors
/// The store's.
pub fn sign_offs(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<(Vec<Member>, Vec<SignOff>), Stop> {
    Ok((
        roster::all(call, facility)?,
        table::sign_offs(call, facility, Review::Accounts)?,
    ))
}
