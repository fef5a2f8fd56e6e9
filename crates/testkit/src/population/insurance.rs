//! Who insures whom: one plan a household, and from it each member's coverage history.
//!
//! People aged 75 or more are always with 後期高齢者医療. Shares of the others follow
//! 医療保険に関する基礎資料 (厚生労働省, 2022). Medical assistance excludes a person from 後期高齢者医療
//! (高齢者の医療の確保に関する法律 51条); households with a member near that age are therefore not
//! drawn into assistance, so that both rules hold at once.

use kernel::code::{InsuredPersonNumber, InsuredPersonSymbol, InsurerKind};
use kernel::time::{JstDate, Period};

use super::copay::{self, Income};
use super::digits;
use super::household::Sketch;
use super::model::{CardKind, Coverage, Insurer, LossReason, Standing};
use super::places::City;
use super::rng::{Purpose, Rng};

const LATE_ELDERLY_AGE: i16 = 75;
const HISTORY_YEARS: i16 = 5;

/// What a household's members share.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    kind: InsurerKind,
    policy: Policy,
    /// Insured in their own right; all others are dependents, except with 国保.
    subscriber: usize,
    since: JstDate,
    before: Option<(Policy, JstDate, i32)>,
    lapsed: Option<JstDate>,
    income: Income,
}

#[derive(Clone, Debug)]
struct Policy {
    insurer: Insurer,
    symbol: InsuredPersonSymbol,
    number: InsuredPersonNumber,
}

static UNIONS: [&str; 8] = [
    "北斗精機健康保険組合",
    "青葉電工健康保険組合",
    "みなと商船健康保険組合",
    "こだま製薬健康保険組合",
    "大樹建設健康保険組合",
    "ひかり情報サービス健康保険組合",
    "東雲百貨店健康保険組合",
    "暁鉄道健康保険組合",
];

static CITIZENS_SYMBOLS: [&str; 6] = ["国", "みどり", "あおば", "本", "東", "わかば"];
static MUTUAL_SYMBOLS: [&str; 4] = ["公立", "職", "市町", "警察"];

/// The plan of `household`, living in `city`, on `on`.
pub(super) fn plan(seed: u64, household: &Sketch, city: &'static City, on: JstDate) -> Plan {
    let mut rng = Rng::new(seed, Purpose::Insurance, household.first);
    let late_from = |birth: JstDate| birth.plus_years(LATE_ELDERLY_AGE);
    let subscriber = household
        .members
        .iter()
        .position(|m| late_from(m.birth) > on);
    let birth = subscriber
        .and_then(|at| household.members.get(at))
        .map_or(on, |m| m.birth);
    let age = birth.age_on(on);
    let all_young = household.members.iter().all(|m| m.birth.age_on(on) < 70);
    let kind = if all_young && rng.chance(21) {
        InsurerKind::PublicAssistance
    } else if age >= 65 || subscriber != Some(0) {
        rng.weighted(&RETIRED)
            .copied()
            .unwrap_or(InsurerKind::NationalHealth)
    } else {
        rng.weighted(&WORKING)
            .copied()
            .unwrap_or(InsurerKind::KyokaiKenpo)
    };
    let grown = birth.plus_years(18);
    let since = on.plus_days(-rng.between(90, 4000)).max(grown);
    let income = rng.below(100);
    let policy = policy(kind, household.first, city, &mut rng);
    let before = before(kind, household.first, city, since, on, &mut rng);
    let lapsed = (kind != InsurerKind::PublicAssistance && rng.chance(15))
        .then(|| on.plus_days(-rng.between(5, 400)));
    Plan {
        kind,
        policy,
        subscriber: subscriber.unwrap_or(0),
        since,
        before,
        lapsed,
        income,
    }
}

static WORKING: [(u32, InsurerKind); 4] = [
    (42, InsurerKind::KyokaiKenpo),
    (29, InsurerKind::HealthUnion),
    (10, InsurerKind::MutualAid),
    (19, InsurerKind::NationalHealth),
];

static RETIRED: [(u32, InsurerKind); 3] = [
    (78, InsurerKind::NationalHealth),
    (17, InsurerKind::KyokaiKenpo),
    (5, InsurerKind::HealthUnion),
];

/// The policy before the present one, its first day, and the days without any between them.
fn before(
    kind: InsurerKind,
    first: u64,
    city: &'static City,
    since: JstDate,
    on: JstDate,
    rng: &mut Rng,
) -> Option<(Policy, JstDate, i32)> {
    let recent = since > on.plus_years(-HISTORY_YEARS);
    let changed = kind == InsurerKind::PublicAssistance || rng.chance(650);
    let kind_before = match kind {
        InsurerKind::NationalHealth if rng.chance(600) => InsurerKind::KyokaiKenpo,
        InsurerKind::KyokaiKenpo if rng.chance(300) => InsurerKind::HealthUnion,
        InsurerKind::KyokaiKenpo => InsurerKind::NationalHealth,
        InsurerKind::HealthUnion | InsurerKind::MutualAid if rng.chance(500) => {
            InsurerKind::KyokaiKenpo
        }
        _ => InsurerKind::NationalHealth,
    };
    let days = rng.between(400, 3000);
    let gap = if rng.chance(150) {
        rng.between(1, 40)
    } else {
        0
    };
    let policy = policy(kind_before, first.wrapping_add(3_000_000), city, rng);
    (recent && changed && kind_before != kind).then(|| (policy, since.plus_days(-days), gap))
}

fn policy(kind: InsurerKind, unique: u64, city: &'static City, rng: &mut Rng) -> Policy {
    let prefecture = city.prefecture_code;
    let (body, name, symbol, number) = match kind {
        InsurerKind::KyokaiKenpo => (
            format!("01{prefecture:02}001"),
            format!("全国健康保険協会{}支部", city.branch),
            format!("{:08}", rng.between(10_010_001, 99_999_999)),
            digits::scattered(unique, 10_000_000).to_string(),
        ),
        InsurerKind::HealthUnion => {
            let at = rng.below(8);
            let name = UNIONS
                .get(usize::try_from(at).unwrap_or(0))
                .unwrap_or(&"健康保険組合");
            (
                format!("06{prefecture:02}{:03}", 810 + at),
                (*name).to_owned(),
                rng.between(1, 9999).to_string(),
                digits::scattered(unique, 10_000_000).to_string(),
            )
        }
        InsurerKind::MutualAid => (
            format!("34{prefecture:02}{:03}", 1 + rng.below(3)),
            format!("公立学校共済組合{}支部", city.branch),
            (*rng.pick(&MUTUAL_SYMBOLS)).to_owned(),
            format!("{:08}", digits::scattered(unique, 100_000_000)),
        ),
        InsurerKind::PublicAssistance => (
            format!("12{prefecture:02}{:03}", municipality(city)),
            format!("{}福祉事務所", city.name),
            String::new(),
            digits::with_check_digit(&format!("{:06}", digits::scattered(unique, 1_000_000))),
        ),
        InsurerKind::LateElderly => (
            format!("39{prefecture:02}{:03}", municipality(city)),
            format!("{}後期高齢者医療広域連合", city.prefecture),
            String::new(),
            digits::with_check_digit(&format!("{:07}", digits::scattered(unique, 10_000_000))),
        ),
        _ => (
            format!("{prefecture:02}{:03}", municipality(city)),
            city.name.to_owned(),
            (*rng.pick(&CITIZENS_SYMBOLS)).to_owned(),
            format!("{:08}", digits::scattered(unique, 100_000_000)),
        ),
    };
    Policy {
        insurer: Insurer {
            number: digits::insurer(&body),
            name,
        },
        symbol: digits::symbol(&symbol),
        number: digits::number(&number),
    }
}

/// An invented municipality's number within its prefecture.
fn municipality(city: &City) -> u32 {
    900 + u32::from(city.prefecture_code)
}

/// Whose history is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) index: u64,
    pub(super) position: usize,
    pub(super) birth: JstDate,
    pub(super) death: Option<JstDate>,
}

/// The coverage history of one member, oldest first.
pub(super) fn history(plan: &Plan, who: Who, city: &'static City, on: JstDate) -> Vec<Coverage> {
    let mut all = Vec::with_capacity(2);
    let late_from = who.birth.plus_years(LATE_ELDERLY_AGE);
    let end = who.death.map(|death| death.plus_days(1));
    if late_from <= on {
        late_elderly(plan, who, city, late_from, end, on, &mut all);
        return all;
    }
    let start = plan.since.max(who.birth);
    if let Some((policy, from, gap)) = &plan.before {
        let until = plan.since.plus_days(-gap);
        let from = (*from).max(who.birth);
        let reason = match plan.kind {
            InsurerKind::PublicAssistance => LossReason::PublicAssistance,
            _ => LossReason::OtherCoverage,
        };
        let ended = Some((until, reason));
        all.extend(span(plan, policy, who, from, ended, on));
    }
    let ended = match (end, plan.lapsed) {
        (Some(end), _) => Some((end, LossReason::Death)),
        (None, Some(lapsed)) => Some((lapsed, LossReason::Other)).filter(|_| lapsed > start),
        (None, None) => None,
    };
    all.extend(span(plan, &plan.policy, who, start, ended, on));
    all
}

fn late_elderly(
    plan: &Plan,
    who: Who,
    city: &'static City,
    from: JstDate,
    end: Option<JstDate>,
    on: JstDate,
    all: &mut Vec<Coverage>,
) {
    // The symbol and number of a policy that needs no draw are functions of the index alone.
    let mut rng = Rng::new(0, Purpose::Insurance, who.index);
    if from > on.plus_years(-HISTORY_YEARS) {
        let kind = InsurerKind::NationalHealth;
        let citizens = policy(kind, who.index.wrapping_add(6_000_000), city, &mut rng);
        let ended = Some((from, LossReason::OtherCoverage));
        let since = from.plus_years(-10);
        all.extend(span(plan, &citizens, who, since, ended, on));
    }
    let policy = policy(InsurerKind::LateElderly, who.index, city, &mut rng);
    let ended = end.map(|end| (end, LossReason::Death));
    all.extend(span(plan, &policy, who, from, ended, on));
}

fn span(
    plan: &Plan,
    policy: &Policy,
    who: Who,
    from: JstDate,
    ended: Option<(JstDate, LossReason)>,
    on: JstDate,
) -> Option<Coverage> {
    let period = Period::new(from, ended.map(|(until, _)| until))?;
    let at = ended.map_or(on, |(until, _)| on.min(until.plus_days(-1)));
    let kind = policy.insurer.number.kind();
    let alone = matches!(
        kind,
        InsurerKind::LateElderly | InsurerKind::PublicAssistance
    );
    let own_right = alone || kind == InsurerKind::NationalHealth || who.position == plan.subscriber;
    let ceiling = copay::ceiling(kind, who.birth, plan.income, from, at);
    let yearly = matches!(kind, InsurerKind::LateElderly | InsurerKind::NationalHealth);
    let issued = ceiling.map_or(from, |c| if yearly { c.from } else { from });
    Some(Coverage {
        insurer: policy.insurer.clone(),
        symbol: policy.symbol.clone(),
        number: own_number(policy, kind, who.index),
        branch: (!alone).then(|| digits::branch(who.position)),
        standing: if own_right {
            Standing::Insured
        } else {
            Standing::Dependent
        },
        period,
        loss: ended.map(|(_, reason)| reason),
        copay_tenths: copay::tenths(kind, who.birth, plan.income, at),
        ceiling,
        card: if kind == InsurerKind::PublicAssistance {
            CardKind::MedicalAssistance
        } else {
            CardKind::Insured
        },
        issued,
        valid_until: ceiling.filter(|_| yearly).map(|c| c.last),
    })
}

/// Recipients of medical assistance have a number each, not one a household.
fn own_number(policy: &Policy, kind: InsurerKind, index: u64) -> InsuredPersonNumber {
    if kind == InsurerKind::PublicAssistance {
        let body = format!("{:06}", digits::scattered(index, 1_000_000));
        digits::number(&digits::with_check_digit(&body))
    } else {
        policy.number.clone()
    }
}
