//! A positive answer as it leaves.

use registry::{
    model::{CeilingCertificate, Coverage, ElderlyCertificate, Profile, SpecificDisease},
    names::has_gaiji,
    terms::{CardKind, Difference, ceiling_on, class_on, diseases_on, elderly_on, is_preschool},
};
use serde::Serialize;
use web::Answer;

use crate::{
    answer::Detail,
    model::{Confirmed, Reason},
    subsidies::{WireSubsidy, WireTicket},
};
use kernel::time::JstDate;

#[derive(Serialize)]
struct WireConfirmed {
    visit: String,
    method: &'static str,
    care_class: &'static str,
    #[serde(flatten)]
    answer: WireAnswer,
}

/// An answer without the way in which it was asked for. Every `until` is the first day that is
/// no longer inside.
#[derive(Serialize)]
pub(crate) struct WireAnswer {
    validity: &'static str,
    validity_ja: &'static str,
    provisional: bool,
    on: String,
    as_of: Option<String>,
    next_update_due: Option<String>,
    name: String,
    kana: String,
    name_has_gaiji: bool,
    other_name: Option<String>,
    sex: &'static str,
    shown_sex: Option<&'static str>,
    birth_date: String,
    post_code: String,
    address: String,
    #[serde(flatten)]
    coverage: WireCoverage,
    copay_tenths: u8,
    copay_basis: &'static str,
    copay_basis_ja: &'static str,
    preschool: bool,
    ceiling_class: Option<&'static str>,
    ceiling_class_ja: Option<&'static str>,
    ceiling_certificate: Option<WireCertificate>,
    elderly_certificate: Option<WireElderly>,
    specific_diseases: Vec<WireDisease>,
    reasons: Vec<WireReason>,
    subsidies: Vec<WireSubsidy>,
    tickets: Vec<WireTicket>,
    last_visit: Option<String>,
    changed_since_last_visit: Vec<WireDifference>,
}

/// A coverage as it is in every answer.
#[derive(Serialize)]
pub(crate) struct WireCoverage {
    insurer_number: String,
    insurer_name: String,
    symbol: String,
    number: String,
    branch: Option<String>,
    insured_person: bool,
    insured_name: Option<String>,
    card_kind: String,
    card_kind_ja: Option<&'static str>,
    issued_on: String,
    card_from: Option<String>,
    card_until: Option<String>,
    coverage_from: String,
    coverage_until: Option<String>,
    loss_reason: Option<&'static str>,
    loss_reason_ja: Option<&'static str>,
    coverage_copay_tenths: u8,
}

#[derive(Serialize)]
struct WireCertificate {
    kind: &'static str,
    kind_ja: &'static str,
    issued_on: String,
    from: String,
    until: Option<String>,
    long_term_from: Option<String>,
}

#[derive(Serialize)]
struct WireElderly {
    issued_on: String,
    from: String,
    until: Option<String>,
    copay_tenths: u8,
}

#[derive(Serialize)]
struct WireDisease {
    kind: &'static str,
    kind_ja: &'static str,
    issued_on: String,
    from: String,
    until: Option<String>,
    self_pay_yen: i64,
}

#[derive(Serialize)]
struct WireReason {
    code: &'static str,
    ja: &'static str,
    en: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_ja: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_en: Option<&'static str>,
}

/// One thing that is not as it was; empty where there is nothing.
#[derive(Serialize)]
pub(crate) struct WireDifference {
    field: &'static str,
    field_ja: &'static str,
    was: String,
    now: String,
}

fn text(day: Option<JstDate>) -> Option<String> {
    day.map(|day| day.to_string())
}

impl From<&Coverage> for WireCoverage {
    fn from(coverage: &Coverage) -> Self {
        let card = coverage.card_period.as_ref();
        Self {
            insurer_number: coverage.insurer_number.as_str().to_owned(),
            insurer_name: coverage.insurer_name.clone(),
            symbol: coverage.symbol.as_str().to_owned(),
            number: coverage.person_number.as_str().to_owned(),
            branch: coverage.branch.as_ref().map(|b| b.as_str().to_owned()),
            insured_person: coverage.is_insured_person,
            insured_name: coverage.insured_name.clone(),
            card_kind: coverage.card_kind.clone(),
            card_kind_ja: CardKind::from_code(&coverage.card_kind).map(CardKind::ja),
            issued_on: coverage.issued_on.to_string(),
            card_from: text(card.map(|period| period.from())),
            card_until: text(card.and_then(|period| period.until())),
            coverage_from: coverage.period.from().to_string(),
            coverage_until: text(coverage.period.until()),
            loss_reason: coverage.loss.map(|loss| loss.code()),
            loss_reason_ja: coverage.loss.map(|loss| loss.ja()),
            coverage_copay_tenths: coverage.copay.get(),
        }
    }
}

impl From<&CeilingCertificate> for WireCertificate {
    fn from(one: &CeilingCertificate) -> Self {
        Self {
            kind: one.kind.code(),
            kind_ja: one.kind.ja(),
            issued_on: one.issued_on.to_string(),
            from: one.period.from().to_string(),
            until: text(one.period.until()),
            long_term_from: text(one.long_term_from),
        }
    }
}

impl From<&ElderlyCertificate> for WireElderly {
    fn from(one: &ElderlyCertificate) -> Self {
        Self {
            issued_on: one.issued_on.to_string(),
            from: one.period.from().to_string(),
            until: text(one.period.until()),
            copay_tenths: one.copay.get(),
        }
    }
}

impl From<&SpecificDisease> for WireDisease {
    fn from(one: &SpecificDisease) -> Self {
        Self {
            kind: one.kind.code(),
            kind_ja: one.kind.ja(),
            issued_on: one.issued_on.to_string(),
            from: one.period.from().to_string(),
            until: text(one.period.until()),
            self_pay_yen: one.self_pay.get(),
        }
    }
}

impl From<Reason> for WireReason {
    fn from(reason: Reason) -> Self {
        Self {
            code: reason.code(),
            ja: reason.text().ja,
            en: reason.text().en,
            next_ja: reason.next().map(|next| next.ja),
            next_en: reason.next().map(|next| next.en),
        }
    }
}

impl From<&Difference> for WireDifference {
    fn from(one: &Difference) -> Self {
        Self {
            field: one.field.code(),
            field_ja: one.field.ja(),
            was: one.was.clone(),
            now: one.now.clone(),
        }
    }
}

impl WireAnswer {
    /// The answer for `on`.
    pub(crate) fn new(
        profile: &Profile,
        coverage: &Coverage,
        reasons: &[Reason],
        detail: &Detail,
        on: JstDate,
    ) -> Self {
        let freshness = &detail.freshness;
        let validity = detail.validity(coverage);
        let paying = &detail.paying;
        let class = class_on(coverage, on);
        Self {
            validity: validity.code(),
            validity_ja: validity.ja(),
            provisional: freshness.provisional.is_some(),
            on: on.to_string(),
            as_of: freshness.as_of.map(|at| at.to_string()),
            next_update_due: text(freshness.next_update_due),
            name: profile.name.clone(),
            kana: profile.kana.clone(),
            name_has_gaiji: has_gaiji(&profile.name),
            other_name: profile.other_name.clone(),
            sex: profile.sex.code(),
            shown_sex: profile.shown_sex.map(|sex| sex.code()),
            birth_date: profile.birth.to_string(),
            post_code: profile.post_code.clone(),
            address: profile.address.clone(),
            coverage: coverage.into(),
            copay_tenths: detail.copay.get(),
            copay_basis: detail.basis.code(),
            copay_basis_ja: detail.basis.ja(),
            preschool: is_preschool(profile.birth, on),
            ceiling_class: class.map(|class| class.code()),
            ceiling_class_ja: class.map(|class| class.ja()),
            ceiling_certificate: ceiling_on(coverage, on).map(Into::into),
            elderly_certificate: elderly_on(coverage, on).map(Into::into),
            specific_diseases: diseases_on(coverage, on).map(Into::into).collect(),
            reasons: reasons.iter().copied().map(Into::into).collect(),
            subsidies: (1..)
                .zip(&paying.subsidies)
                .map(|(place, one)| WireSubsidy::new(place, one))
                .collect(),
            tickets: paying.tickets.iter().map(Into::into).collect(),
            last_visit: text(detail.last_visit),
            changed_since_last_visit: detail.changes.iter().map(Into::into).collect(),
        }
    }
}

/// The answer to a check, by whichever way.
pub(crate) fn confirmed(answer: &Confirmed) -> Answer {
    let (profile, coverage) = (&answer.profile, &answer.coverage);
    let wire = WireConfirmed {
        visit: answer.visit.to_hex(),
        method: answer.method.word(),
        care_class: answer.care.code(),
        answer: WireAnswer::new(
            profile,
            coverage,
            &answer.reasons,
            &answer.detail,
            answer.on,
        ),
    };
    Answer::json(200, &wire)
}
