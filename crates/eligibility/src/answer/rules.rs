//! How fresh an answer is, and which "no" may only be a "not yet".

use kernel::{
    Entry,
    time::{JstDate, Timestamp},
};
use registry::{
    model::{Coverage, Insurer, LossReason, Profile},
    names::{self, Legibility},
    reliance::Visited,
    terms::{self, CardKind, Difference, Field, Terms},
};

use super::model::{Freshness, Validity};
use crate::{errors, model::Reason};

/// A new insurer is told within fourteen days (国民健康保険法施行規則 3条), and may load as late.
const NOTIFIED_DAYS: i32 = 14;
/// An insurer that promises less often than yearly promises nothing.
const UPDATE_DAYS_MAX: i64 = 366;

/// How fresh an answer for `on` is at `at`, by the coverage's insurer.
///
/// The insurer is late once the day has passed on which it said it would load again. Either
/// makes provisional only what is asked about the time since it last loaded.
#[must_use]
pub fn freshness(
    coverage: Option<&Coverage>,
    insurer: Option<&Insurer>,
    on: JstDate,
    at: Timestamp,
) -> Freshness {
    let loaded = insurer.and_then(|one| one.loaded_at).map(|l| l.min(at));
    let of_coverage = coverage.and_then(|one| one.loaded_at).map(|l| l.min(at));
    let next_update_due = insurer.zip(loaded).map(|(insurer, loaded)| {
        let days = insurer.update_days.clamp(1, UPDATE_DAYS_MAX);
        loaded
            .jst_date()
            .plus_days(i32::try_from(days).unwrap_or(1))
    });
    let is_since = loaded.is_none_or(|loaded| on >= loaded.jst_date());
    let is_down = insurer
        .and_then(|one| one.down_since)
        .is_some_and(|s| s <= at);
    let is_late = next_update_due.is_some_and(|due| due < at.jst_date());
    let provisional = match (is_down, is_late) {
        _ if !is_since => None,
        (true, _) => Some(Reason::SourceDown),
        (false, true) => Some(Reason::SourceLate),
        (false, false) => None,
    };
    Freshness {
        as_of: loaded.max(of_coverage),
        next_update_due,
        provisional,
    }
}

/// A coverage that ended lately, because another was taken up or for no reason that was told,
/// and none after it: then the new insurer has not loaded it yet.
#[must_use]
pub fn why_not(entry: &'static Entry, coverages: &[Coverage], on: JstDate) -> &'static Entry {
    if entry.code != errors::LAPSED.code {
        return entry;
    }
    let last = coverages.iter().max_by_key(|one| one.period.from());
    let waits = last.is_some_and(|one| {
        let told = matches!(one.loss, None | Some(LossReason::OtherCoverage));
        let until = one.period.until();
        told && until.is_some_and(|end| end <= on && on < end.plus_days(NOTIFIED_DAYS))
    });
    if waits {
        &errors::NOT_YET_LOADED
    } else {
        entry
    }
}

/// The validity (OQSCD 006) that a refusal stands for; `None` when it is about something else.
#[must_use]
pub fn validity_of(entry: &Entry) -> Option<Validity> {
    let table: [(&Entry, Validity); 10] = [
        (&errors::UNKNOWN_NUMBER, Validity::Absent),
        (&errors::WRONG_BRANCH, Validity::Absent),
        (&errors::WRONG_BIRTH, Validity::Absent),
        (&errors::SEVERAL, Validity::Several),
        (&errors::LAPSED, Validity::Invalid),
        (&errors::LAPSED_REPLACED, Validity::Replaced),
        (&errors::NOT_YET, Validity::Invalid),
        (&errors::NO_COVERAGE, Validity::Absent),
        (&errors::NOT_YET_LOADED, Validity::Invalid),
        (&errors::MAYBE_NOT_LOADED, Validity::Absent),
    ];
    let found = table.iter().find(|(one, _)| one.code == entry.code);
    found.map(|(_, validity)| *validity)
}

/// Remarks about certificates, age and card that a coverage needs on `on`.
#[must_use]
pub fn remarks(coverage: &Coverage, profile: &Profile, on: JstDate) -> Vec<Reason> {
    let kind = CardKind::from_code(&coverage.card_kind);
    let elderly = terms::is_elderly(profile.birth, on);
    let ceiling = coverage.ceiling.as_ref();
    let had_certificate = ceiling.is_some_and(|one| one.certificate.is_some());
    let legibility = names::legibility(&profile.name);
    let is_preschool = terms::copay_on(coverage, profile.birth, on).1 == terms::Basis::Preschool;
    [
        (kind == Some(CardKind::Certificate), Reason::PaysAll),
        (
            elderly && terms::elderly_on(coverage, on).is_none(),
            Reason::ElderlyMissing,
        ),
        (is_preschool, Reason::Preschool),
        (
            had_certificate && terms::ceiling_on(coverage, on).is_none(),
            Reason::CeilingEnded,
        ),
        (
            matches!(
                kind,
                Some(CardKind::SelfDefence | CardKind::MedicalAssistance)
            ),
            Reason::NoClinical,
        ),
        (legibility == Legibility::Lost, Reason::NameUnreadable),
    ]
    .into_iter()
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect()
}

/// What is not as it was at a visit: its terms and the name.
#[must_use]
pub fn changes(was: Option<&Terms>, now: &Terms, visit: &Visited, name: &str) -> Vec<Difference> {
    let renamed = (visit.name != name).then(|| Difference {
        field: Field::Name,
        was: visit.name.clone(),
        now: name.to_owned(),
    });
    let rest = terms::differences(was, Some(now));
    renamed.into_iter().chain(rest).collect()
}
