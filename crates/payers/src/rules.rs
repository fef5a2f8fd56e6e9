//! What must hold of one change beside all the person's coverages. Pure.
//!
//! Nothing here shortens, moves or joins a period: what does not fit is found and told.

use kernel::{
    code::{InsurerKind, InsurerNumber},
    time::{JstDate, Period},
};
use registry::model::{ChangeKind, Coverage, LossReason, Profile, Sex};

use crate::{
    errors,
    model::{Change, Found, MemberKey, Named, Pair, PairKind, Terms},
};

/// So far ahead may a coverage begin or end.
const YEARS_AHEAD_MAX: i16 = 1;
const ELDERLY_FROM_AGE: i16 = 70;
const ELDERLY_UNTIL_AGE: i16 = 75;

/// So long ago may a finding lie: what is older cannot be claimed any more.
///
/// Source: 民法 166条 (five years).
const YEARS_BACK_MAX: i16 = 5;

/// What is to be done to a person's coverages.
#[derive(Clone, PartialEq, Eq)]
pub enum Plan {
    /// It is so already.
    Unchanged(Coverage),
    /// The coverage as it will be.
    Put(Coverage),
    /// The coverage that never was.
    Withdraw(Coverage),
}

/// What a change means for a person's coverages.
///
/// # Errors
/// Why it means nothing: no such coverage, acquired or lost already, an end before its begin.
pub fn plan(
    coverages: &[Coverage],
    insurer: &InsurerNumber,
    change: &Change,
) -> Result<Plan, Found> {
    if change.kind == ChangeKind::Acquired {
        return acquire(coverages, insurer, change);
    }
    let key = change.old_key.as_ref().unwrap_or(&change.key);
    let current = pick(coverages, insurer, key, change.from);
    let current = current.ok_or_else(|| found(&errors::NO_MEMBER, "number", ""))?;
    let is_elsewhere = change
        .from
        .is_some_and(|from| from != current.period.from());
    if is_elsewhere && change.kind != ChangeKind::Corrected {
        let from = current.period.from().to_string();
        return Err(found(&errors::NO_MEMBER, "from", &from));
    }
    let end = |coverage: &Coverage| coverage.period.until().map(|day| day.to_string());
    match change.kind {
        ChangeKind::Withdrawn => return Ok(Plan::Withdraw(current.clone())),
        ChangeKind::Lost if current.loss.is_some() => {
            let is_so = current.loss == change.loss && current.period.until() == change.until;
            return if is_so {
                Ok(Plan::Unchanged(current.clone()))
            } else {
                let until = end(current).unwrap_or_default();
                Err(found(&errors::LOST_ALREADY, "until", &until))
            };
        }
        ChangeKind::Changed if current.loss.is_some() => {
            let until = end(current).unwrap_or_default();
            return Err(found(&errors::LOST_ALREADY, "change", &until));
        }
        _ => {}
    }
    let from = match change.kind {
        ChangeKind::Corrected => change.from.unwrap_or(current.period.from()),
        _ => current.period.from(),
    };
    let stated = change.terms.as_ref();
    let mut after = stated.map_or_else(|| current.clone(), |terms| on_terms(current, terms));
    after.period = period(from, change)?;
    after.loss = change.loss;
    if change.kind != ChangeKind::Lost {
        after.symbol = change.key.symbol.clone();
        after.person_number = change.key.number.clone();
        after.branch = change.key.branch.clone().or(after.branch);
    }
    Ok(if is_same(current, &after) {
        Plan::Unchanged(current.clone())
    } else {
        Plan::Put(after)
    })
}

fn acquire(
    coverages: &[Coverage],
    insurer: &InsurerNumber,
    change: &Change,
) -> Result<Plan, Found> {
    let (Some(from), Some(terms)) = (change.from, &change.terms) else {
        return Err(found(&errors::REQUIRED, "from", ""));
    };
    let known = coverages.iter().find(|one| {
        one.insurer_number == *insurer && change.key.is_of(one) && one.period.from() == from
    });
    let last = coverages.iter().map(|one| one.number).max();
    let after = Coverage {
        number: known.map_or_else(|| last.unwrap_or(0).saturating_add(1), |one| one.number),
        period: period(from, change)?,
        insurer_number: insurer.clone(),
        insurer_name: String::new(),
        symbol: change.key.symbol.clone(),
        person_number: change.key.number.clone(),
        branch: change.key.branch.clone(),
        is_insured_person: terms.is_insured_person,
        copay: terms.copay,
        ceiling: None,
        elderly: None,
        diseases: Vec::new(),
        card_kind: String::new(),
        issued_on: from,
        card_period: None,
        insured_name: None,
        loss: change.loss,
        loaded_at: None,
    };
    let after = on_terms(&after, terms);
    match known {
        Some(known) if is_same(known, &after) => Ok(Plan::Unchanged(known.clone())),
        Some(_) => Err(found(&errors::ACQUIRED_ALREADY, "from", &from.to_string())),
        None => Ok(Plan::Put(after)),
    }
}

fn period(from: JstDate, change: &Change) -> Result<Period<JstDate>, Found> {
    Period::new(from, change.until).ok_or_else(|| {
        let until = change.until.map(|day| day.to_string());
        found(
            &errors::ENDS_BEFORE_BEGIN,
            "until",
            &until.unwrap_or_default(),
        )
    })
}

fn found(entry: &'static kernel::Entry, path: &'static str, found: &str) -> Found {
    Found {
        entry,
        path,
        found: found.to_owned(),
    }
}

/// A change and what is known around it.
pub struct Case<'a> {
    /// Today.
    pub today: JstDate,
    /// What is done.
    pub kind: ChangeKind,
    /// Who it is, as they will be.
    pub profile: &'a Profile,
    /// Who they were known as, when they were known.
    pub was: Option<&'a Profile>,
    /// The coverage as it will be.
    pub after: &'a Coverage,
    /// Every other coverage of the person.
    pub others: &'a [Coverage],
    /// Somebody else of the same symbol and number has the branch number.
    pub is_branch_taken: bool,
    /// Somebody has the symbol and number already.
    pub has_household: bool,
}

/// The coverage of an insurer that a change names: of several under the same numbers the one
/// that begins on `from`, else the last.
#[must_use]
pub fn pick<'c>(
    coverages: &'c [Coverage],
    insurer: &InsurerNumber,
    key: &MemberKey,
    from: Option<JstDate>,
) -> Option<&'c Coverage> {
    let own = |one: &&Coverage| one.insurer_number == *insurer && key.is_of(one);
    let named = coverages
        .iter()
        .filter(own)
        .find(|one| Some(one.period.from()) == from);
    named.or_else(|| {
        coverages
            .iter()
            .filter(own)
            .max_by_key(|one| one.period.from())
    })
}

/// A coverage on new terms.
#[must_use]
pub fn on_terms(coverage: &Coverage, terms: &Terms) -> Coverage {
    Coverage {
        is_insured_person: terms.is_insured_person,
        insured_name: terms.insured_name.clone(),
        copay: terms.copay,
        card_kind: terms.card_kind.clone(),
        issued_on: terms.issued_on.unwrap_or(coverage.issued_on),
        card_period: terms.card_period,
        ceiling: terms.ceiling.clone(),
        elderly: terms.elderly.clone(),
        diseases: terms.diseases.clone(),
        ..coverage.clone()
    }
}

/// Are two coverages the same but for when they were loaded, and the insurer's name?
#[must_use]
pub fn is_same(one: &Coverage, other: &Coverage) -> bool {
    let bare = |coverage: &Coverage| Coverage {
        loaded_at: None,
        insurer_name: String::new(),
        ..coverage.clone()
    };
    bare(one) == bare(other)
}

/// A profile with what the insurer says of it.
#[must_use]
pub fn renamed(profile: &Profile, named: &Named) -> Profile {
    let text = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
    Profile {
        name: text(&named.name, &profile.name),
        kana: text(&named.kana, &profile.kana),
        sex: named.sex.unwrap_or(profile.sex),
        birth: profile.birth,
        post_code: text(&named.post_code, &profile.post_code),
        address: text(&named.address, &profile.address),
        other_name: named
            .other_name
            .clone()
            .or_else(|| profile.other_name.clone()),
        shown_sex: profile.shown_sex,
    }
}

/// Everything that is found in a change, what refuses it first.
#[must_use]
pub fn review(case: &Case<'_>) -> Vec<Found> {
    let mut found = Findings::default();
    dates(case, &mut found);
    if case.kind != ChangeKind::Lost {
        household(case, &mut found);
        certificates(case, &mut found);
    }
    beside_others(case, &mut found);
    if case.was.is_some_and(|was| is_other_name(was, case.profile)) {
        found.add(&errors::NAME_DIFFERS, "kana", &case.profile.kana);
    }
    found.0.sort_by_key(|one| errors::is_warning(one.entry));
    found.0
}

#[derive(Default)]
struct Findings(Vec<Found>);

impl Findings {
    fn add(&mut self, entry: &'static kernel::Entry, path: &'static str, what: impl ToString) {
        self.0.push(found(entry, path, &what.to_string()));
    }
}

fn is_other_name(was: &Profile, is: &Profile) -> bool {
    let bare = |kana: &str| kana.split_whitespace().collect::<String>();
    let is_known = |sex: Sex| sex != Sex::Unknown;
    bare(&was.kana) != bare(&is.kana)
        || (was.sex != is.sex && is_known(was.sex) && is_known(is.sex))
}

fn dates(case: &Case<'_>, found: &mut Findings) {
    let period = &case.after.period;
    if period.from() < case.profile.birth {
        found.add(&errors::BEFORE_BIRTH, "from", period.from());
    }
    let last = case.today.plus_years(YEARS_AHEAD_MAX);
    if period.from() > last {
        found.add(&errors::TOO_FAR, "from", period.from());
    }
    // An end set at the beginning (a student's, a contract worker's) may be far ahead; what is
    // told as having happened may not.
    let ends = period.until().filter(|_| case.after.loss.is_some());
    if let Some(until) = ends.filter(|until| *until > last) {
        found.add(&errors::TOO_FAR, "until", until);
    }
    let died = case
        .others
        .iter()
        .filter(|one| one.loss == Some(LossReason::Death))
        .filter_map(|one| one.period.until())
        .min();
    if died.is_some_and(|died| period.from() >= died) {
        found.add(&errors::AFTER_DEATH, "from", period.from());
    }
}

/// Has this kind of insurance neither branch numbers nor dependents?
const fn is_one_by_one(kind: InsurerKind) -> bool {
    matches!(
        kind,
        InsurerKind::LateElderly | InsurerKind::PublicAssistance
    )
}

fn household(case: &Case<'_>, found: &mut Findings) {
    let kind = case.after.insurer_number.kind();
    if case.is_branch_taken {
        let branch = case.after.branch.as_ref();
        let branch = branch.map_or("", kernel::code::BranchNumber::as_str);
        found.add(&errors::BRANCH_TAKEN, "branch", branch);
    }
    if case.after.branch.is_none() && !is_one_by_one(kind) {
        found.add(&errors::BRANCH_MISSING, "branch", "");
    }
    if !case.after.is_insured_person && is_one_by_one(kind) {
        found.add(&errors::NO_DEPENDENTS, "relation", "dependent");
    }
    if !case.after.is_insured_person && !case.has_household {
        found.add(&errors::NO_HOUSEHOLD, "relation", "dependent");
    }
}

/// The first day of the rules for the elderly: the first of the month after the day on which
/// somebody turns 70, which by law is the eve of the birthday.
fn elderly_from(birth: JstDate) -> JstDate {
    let turned = birth.plus_years(ELDERLY_FROM_AGE).plus_days(-1);
    let (year, month) = match turned.month() {
        12 => (turned.year() + 1, 1),
        month => (turned.year(), month + 1),
    };
    JstDate::new(year, month, 1).unwrap_or(turned)
}

fn certificates(case: &Case<'_>, found: &mut Findings) {
    let (after, birth) = (case.after, case.profile.birth);
    let from_70 = elderly_from(birth);
    if let Some(elderly) = &after.elderly {
        let ages = Period::new(from_70, Some(birth.plus_years(ELDERLY_UNTIL_AGE)));
        if !ages.is_some_and(|ages| ages.contains(elderly.period.from())) {
            found.add(&errors::ELDERLY_AGE, "elderly_from", elderly.period.from());
        }
        within(after, "elderly_from", &elderly.period, found);
    }
    if let Some(ceiling) = &after.ceiling {
        let certificate = ceiling.certificate.as_ref().map(|one| one.period);
        let on = certificate.map_or_else(
            || case.today.max(after.period.from()),
            |period| period.from(),
        );
        let is_elderly = on >= from_70 || after.insurer_number.kind() == InsurerKind::LateElderly;
        if ceiling.class.code().starts_with('B') != is_elderly {
            found.add(&errors::CEILING_AGE, "ceiling_class", ceiling.class.code());
        }
        if let Some(period) = certificate {
            within(after, "ceiling_from", &period, found);
        }
    }
    for disease in &after.diseases {
        within(after, "disease_from", &disease.period, found);
    }
}

/// A certificate begins in the coverage, or on the first of the month in which it begins.
fn within(
    after: &Coverage,
    path: &'static str,
    certificate: &Period<JstDate>,
    found: &mut Findings,
) {
    let begin = after.period.from();
    let month = JstDate::new(begin.year(), begin.month(), 1).unwrap_or(begin);
    let wide = Period::new(month, after.period.until());
    if !wide.is_some_and(|wide| wide.contains(certificate.from())) {
        found.add(&errors::CERTIFICATE_PERIOD, path, certificate.from());
    }
}

fn beside_others(case: &Case<'_>, found: &mut Findings) {
    let after = case.after;
    // Whoever ends one of two makes it better, even where it does not mend it.
    let own = case.others.iter().find(|one| {
        case.kind != ChangeKind::Lost
            && one.insurer_number == after.insurer_number
            && one.period.overlaps(&after.period)
    });
    if let Some(own) = own {
        found.add(&errors::OVERLAP_OWN, "from", days(&own.period));
    }
    let mut all = case.others.to_vec();
    all.push(after.clone());
    for pair in pairs(&all) {
        if !is_live(&pair, case.today) {
            continue;
        }
        let is_own = own.is_some_and(|own| [pair.first, pair.second].contains(&own.number));
        if [pair.first, pair.second].contains(&after.number) && !is_own {
            let path = if pair.second == after.number {
                "from"
            } else {
                "until"
            };
            found.add(pair.kind.entry(), path, days(&pair.period));
        }
    }
}

/// `2026-04-01/2026-05-01`: the first day, and the first day no longer.
#[must_use]
pub fn days(period: &Period<JstDate>) -> String {
    let until = period.until().map(|day| day.to_string());
    format!("{}/{}", period.from(), until.unwrap_or_default())
}

/// Every two coverages that cover the same days, and every two between which there are days
/// that none covers; in order of the first of these days.
#[must_use]
pub fn pairs(coverages: &[Coverage]) -> Vec<Pair> {
    let mut all: Vec<&Coverage> = coverages.iter().collect();
    all.sort_by_key(|one| (one.period.from(), one.number));
    let mut found = Vec::new();
    // The coverage that reaches furthest so far.
    let mut furthest: Option<&Coverage> = None;
    for (nth, one) in all.iter().enumerate() {
        if let Some((before, end)) = furthest.and_then(|b| Some((b, b.period.until()?)))
            && let Some(period) = Period::new(end, Some(one.period.from()))
        {
            found.push(Pair {
                kind: PairKind::Gap,
                period,
                first: before.number,
                second: one.number,
            });
        }
        for earlier in all.iter().take(nth) {
            if let Some(period) = shared(&earlier.period, &one.period) {
                found.push(Pair {
                    kind: PairKind::Overlap,
                    period,
                    first: earlier.number,
                    second: one.number,
                });
            }
        }
        if furthest.is_none_or(|so_far| reaches_further(one, so_far)) {
            furthest = Some(one);
        }
    }
    found
}

/// Is a pair recent enough to be worth anybody's time?
#[must_use]
pub fn is_live(pair: &Pair, today: JstDate) -> bool {
    let until = pair.period.until();
    until.is_none_or(|until| until > today.plus_years(-YEARS_BACK_MAX))
}

fn reaches_further(one: &Coverage, other: &Coverage) -> bool {
    match (one.period.until(), other.period.until()) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(a), Some(b)) => a > b,
    }
}

/// The days that two periods share.
fn shared(one: &Period<JstDate>, other: &Period<JstDate>) -> Option<Period<JstDate>> {
    let until = match (one.until(), other.until()) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Period::new(one.from().max(other.from()), until)
}
