//! What a coverage means on one day (その日の資格の内容): copay rate by age and certificate,
//! the certificates that hold, and how two days differ. Pure.
//!
//! Source: 健康保険法 74条, 110条; 高齢者の医療の確保に関する法律 67条; 年齢計算ニ関スル法律;
//! eligibility-eprescription section e (OQSCD 010, 012, 013).

use kernel::{money::Yen, time::JstDate};

use crate::model::{
    CeilingCertificate, CeilingClass, CopayRate, Coverage, DiseaseKind, ElderlyCertificate,
    SpecificDisease,
};

#[cfg(test)]
pub(crate) mod tests;

/// Rate of a child below school age at most, in tenths (健康保険法 110条2項).
const PRESCHOOL_TENTHS: u8 = 2;

coded! {
    /// Kind of card (被保険者証区分, OQSCD 010).
    CardKind[8] {
        /// 被保険者証(一般).
        Insured = "01", "被保険者証(一般)";
        /// 被保険者証(退職).
        Retired = "02", "被保険者証(退職)";
        /// 短期被保険者証(一般).
        ShortTerm = "03", "短期被保険者証(一般)";
        /// 短期被保険者証(退職).
        ShortTermRetired = "04", "短期被保険者証(退職)";
        /// 被保険者資格証明書: the person pays everything and claims it back.
        Certificate = "05", "被保険者資格証明書";
        /// 特例退職被保険者証.
        SpecialRetired = "06", "特例退職被保険者証";
        /// 自衛官診療証.
        SelfDefence = "07", "自衛官診療証";
        /// 医療券・調剤券 (医療扶助).
        MedicalAssistance = "A1", "医療券・調剤券";
    }
}

coded! {
    /// What decided the copay rate.
    Basis[3] {
        /// The coverage itself.
        Coverage = "coverage", "資格の負担割合";
        /// The child is below school age (未就学児).
        Preschool = "preschool", "未就学児";
        /// The certificate of those from 70 to 74 (高齢受給者証).
        Elderly = "elderly", "高齢受給者証";
    }
}

/// The first day on which a child born on `birth` is no longer below school age: 1 April after
/// the day on which they complete six years, which is the day before the birthday. So who is
/// born on 1 April is a year ahead of who is born on 2 April.
#[must_use]
pub fn preschool_until(birth: JstDate) -> JstDate {
    let six = birth.plus_years(6).plus_days(-1);
    let end = |year| JstDate::new(year, 4, 1).unwrap_or(six);
    match end(six.year()) {
        first if first > six => first,
        _ => end(six.year().saturating_add(1)),
    }
}

/// Is the person below school age on `on` (未就学区分)?
#[must_use]
pub fn is_preschool(birth: JstDate, on: JstDate) -> bool {
    on < preschool_until(birth)
}

/// The first day of the rate from 70: the first of the month after the one in which seventy
/// years are completed, so that who is born on the first of a month begins with that month.
#[must_use]
pub fn elderly_from(birth: JstDate) -> JstDate {
    let seventy = birth.plus_years(70).plus_days(-1);
    let (year, month) = match seventy.month() {
        12 => (seventy.year().saturating_add(1), 1),
        month => (seventy.year(), month.saturating_add(1)),
    };
    JstDate::new(year, month, 1).unwrap_or(seventy)
}

/// The first day on which the person is insured as one of the late elderly: the 75th birthday.
#[must_use]
pub fn late_elderly_from(birth: JstDate) -> JstDate {
    birth.plus_years(75)
}

/// Should the person have a 高齢受給者証 on `on`?
#[must_use]
pub fn is_elderly(birth: JstDate, on: JstDate) -> bool {
    on >= elderly_from(birth) && on < late_elderly_from(birth)
}

/// The 高齢受給者証 that holds on `on`.
#[must_use]
pub fn elderly_on(coverage: &Coverage, on: JstDate) -> Option<&ElderlyCertificate> {
    let elderly = coverage.elderly.as_ref();
    elderly.filter(|one| one.period.contains(on))
}

/// The 限度額適用認定証 that holds on `on`.
#[must_use]
pub fn ceiling_on(coverage: &Coverage, on: JstDate) -> Option<&CeilingCertificate> {
    let certificate = coverage.ceiling.as_ref()?.certificate.as_ref();
    certificate.filter(|one| one.period.contains(on))
}

/// The ceiling class on `on`; none when its certificate does not hold on that day.
#[must_use]
pub fn class_on(coverage: &Coverage, on: JstDate) -> Option<CeilingClass> {
    let ceiling = coverage.ceiling.as_ref()?;
    let has_ended = ceiling.certificate.is_some() && ceiling_on(coverage, on).is_none();
    (!has_ended).then_some(ceiling.class)
}

/// The 特定疾病療養受療証 that hold on `on`.
pub fn diseases_on(coverage: &Coverage, on: JstDate) -> impl Iterator<Item = &SpecificDisease> {
    let diseases = coverage.diseases.iter();
    diseases.filter(move |one| one.period.contains(on))
}

/// The copay rate of somebody born on `birth` on `on`, and what decided it.
#[must_use]
pub fn copay_on(coverage: &Coverage, birth: JstDate, on: JstDate) -> (CopayRate, Basis) {
    if let Some(elderly) = elderly_on(coverage, on).filter(|_| on >= elderly_from(birth)) {
        return (elderly.copay, Basis::Elderly);
    }
    let child = CopayRate::tenths(PRESCHOOL_TENTHS);
    match child.filter(|rate| is_preschool(birth, on) && *rate < coverage.copay) {
        Some(rate) => (rate, Basis::Preschool),
        None => (coverage.copay, Basis::Coverage),
    }
}

/// What a facility bills by, on one day.
#[derive(Clone, PartialEq, Eq)]
pub struct Terms {
    /// The coverage's number in the person.
    pub number: i64,
    /// `名前(番号)` of the insurer.
    pub insurer: String,
    /// Symbol.
    pub symbol: String,
    /// Number.
    pub person_number: String,
    /// Branch number.
    pub branch: Option<String>,
    /// The insured person themself, or a dependent.
    pub is_insured_person: bool,
    /// Copay rate.
    pub copay: CopayRate,
    /// Ceiling class.
    pub class: Option<CeilingClass>,
    /// First day on which the ceiling certificate no longer holds.
    pub ceiling_until: Option<JstDate>,
    /// The same of the 高齢受給者証.
    pub elderly_until: Option<JstDate>,
    /// 特定疾病 and the most that is paid in a month.
    pub diseases: Vec<(DiseaseKind, Yen)>,
}

impl Terms {
    /// The terms of somebody born on `birth` on `on`.
    #[must_use]
    pub fn on(coverage: &Coverage, birth: JstDate, on: JstDate) -> Self {
        let number = coverage.insurer_number.as_str();
        Self {
            number: coverage.number,
            insurer: format!("{}({number})", coverage.insurer_name),
            symbol: coverage.symbol.as_str().to_owned(),
            person_number: coverage.person_number.as_str().to_owned(),
            branch: coverage.branch.as_ref().map(|b| b.as_str().to_owned()),
            is_insured_person: coverage.is_insured_person,
            copay: copay_on(coverage, birth, on).0,
            class: class_on(coverage, on),
            ceiling_until: ceiling_on(coverage, on).and_then(|one| one.period.until()),
            elderly_until: elderly_on(coverage, on).and_then(|one| one.period.until()),
            diseases: diseases_on(coverage, on)
                .map(|one| (one.kind, one.self_pay))
                .collect(),
        }
    }

    /// A field for people; empty when there is nothing.
    #[must_use]
    pub fn text(&self, field: Field) -> String {
        // People are told the last day, not the first one after it.
        let last = |until: Option<JstDate>| {
            let last = until.map(|day| day.plus_days(-1).to_string());
            last.unwrap_or_default()
        };
        match field {
            Field::Name => String::new(),
            Field::Insurer => self.insurer.clone(),
            Field::Symbol => self.symbol.clone(),
            Field::Number => self.person_number.clone(),
            Field::Branch => self.branch.clone().unwrap_or_default(),
            Field::Relation => relation(self.is_insured_person).to_owned(),
            Field::Copay => self.copay.ja(),
            Field::CeilingClass => self.class.map_or_else(String::new, |class| {
                format!("{}({})", class.ja(), class.code())
            }),
            Field::CeilingEnd => last(self.ceiling_until),
            Field::ElderlyEnd => last(self.elderly_until),
            Field::Diseases => {
                let one = |(kind, yen): &(DiseaseKind, Yen)| format!("{}({yen})", kind.ja());
                let all: Vec<String> = self.diseases.iter().map(one).collect();
                all.join("、")
            }
        }
    }
}

const fn relation(is_insured_person: bool) -> &'static str {
    if is_insured_person {
        "本人"
    } else {
        "家族"
    }
}

coded! {
    /// A field that may differ between two days.
    Field[11] {
        /// 氏名.
        Name = "name", "氏名";
        /// 保険者.
        Insurer = "insurer", "保険者";
        /// 記号.
        Symbol = "symbol", "記号";
        /// 番号.
        Number = "number", "番号";
        /// 枝番.
        Branch = "branch", "枝番";
        /// 本人・家族.
        Relation = "insured_person", "本人・家族";
        /// 負担割合.
        Copay = "copay", "負担割合";
        /// 限度額区分.
        CeilingClass = "ceiling_class", "限度額区分";
        /// 限度額適用認定証の最終日.
        CeilingEnd = "ceiling_last_day", "限度額適用認定証の最終日";
        /// 高齢受給者証の最終日.
        ElderlyEnd = "elderly_last_day", "高齢受給者証の最終日";
        /// 特定疾病.
        Diseases = "diseases", "特定疾病";
    }
}

impl Field {
    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Insurer => "insurer",
            Self::Symbol => "symbol",
            Self::Number => "number",
            Self::Branch => "branch number",
            Self::Relation => "insured or dependent",
            Self::Copay => "copay rate",
            Self::CeilingClass => "ceiling class",
            Self::CeilingEnd => "last day of the ceiling certificate",
            Self::ElderlyEnd => "last day of the elderly certificate",
            Self::Diseases => "specific diseases",
        }
    }
}

/// One field that is not as it was.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub field: Field,
    /// As it was; empty when there was nothing.
    pub was: String,
    /// As it is; empty when there is nothing any more.
    pub now: String,
}

/// Every field that differs, in the order of [`Field`]. Without terms on one side, every
/// field of the other that says something.
#[must_use]
pub fn differences(was: Option<&Terms>, now: Option<&Terms>) -> Vec<Difference> {
    let text = |terms: Option<&Terms>, field| terms.map_or_else(String::new, |t| t.text(field));
    Field::ALL
        .into_iter()
        .map(|field| Difference {
            field,
            was: text(was, field),
            now: text(now, field),
        })
        .filter(|one| one.was != one.now)
        .collect()
}
