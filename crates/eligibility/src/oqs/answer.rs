//! What is told of a person, item by item.

use kernel::{
    code::InsurerKind,
    time::{JstDate, Period},
};
use oqs::{
    InsurerText, Moment, Ratio, Text, Yen,
    codes::{
        Card, Consent, Disease, LimitCertificate, LimitClass, LimitConsent, Loss, Preschool,
        Relation, Sex,
    },
    kana,
    message::{Answer, ElderlyCertificate, LimitCertificateInfo, SpecificDisease},
};
use registry::model::{self, CopayRate, Coverage, Profile};

use super::model::Told;

/// The items. The limit is shown when the person lets it be shown (`shows_limit`). By number
/// nobody can have been asked about 特定疾病療養受療証 (HIV and haemophilia are among them), so
/// that it is not shown.
pub fn answer(told: &Told, shows_limit: bool) -> Answer {
    let (profile, coverage) = (&told.profile, &told.coverage);
    let kind = coverage.insurer_number.kind();
    let is_late_elderly = kind == InsurerKind::LateElderly;
    let insured_name = match coverage.is_insured_person {
        true => Some(&profile.name),
        false => coverage.insured_name.as_ref(),
    };
    let card_period = coverage.card_period.as_ref().unwrap_or(&coverage.period);
    Answer {
        card: Card::parse(&coverage.card_kind),
        insurer_number: InsurerText::new(coverage.insurer_number.as_str()),
        symbol: Text::new(coverage.symbol.as_str()),
        number: Text::new(coverage.person_number.as_str()),
        branch: coverage.branch.as_ref().and_then(|b| Text::new(b.as_str())),
        relation: (!is_late_elderly).then_some(match coverage.is_insured_person {
            true => Relation::Insured,
            false => Relation::Family,
        }),
        insured_name: insured_name.map(String::as_str).and_then(spaced),
        ratio: is_late_elderly.then(|| ratio(coverage.copay)).flatten(),
        qualified_on: Some(coverage.period.from()),
        disqualified_on: coverage.period.until(),
        card_issued: Some(coverage.issued_on),
        card_from: Some(card_period.from()),
        card_to: last(card_period),
        preschool: is_preschool(profile.birth, told.on).then_some(Preschool::Preschool),
        loss: coverage.loss.and_then(|loss| Loss::parse(loss.code())),
        insurer_name: Text::new(&coverage.insurer_name),
        elderly: coverage.elderly.as_ref().map(|one| Box::new(elderly(one))),
        limit_consent: Some(match shows_limit {
            true => LimitConsent::Given,
            false => LimitConsent::Withheld,
        }),
        limit: limit(coverage).filter(|_| shows_limit).map(Box::new),
        ..person(profile)
    }
}

/// 特定疾病療養受療証, which the person let be shown at the card reader at `at`, or not.
pub fn diseases(answer: &mut Answer, coverage: &Coverage, shown_at: Option<Moment>) {
    let Some(at) = shown_at else {
        answer.disease_consent = Some(Consent::None);
        return;
    };
    answer.disease_consent = Some(Consent::Given);
    answer.disease_consent_at = Some(at);
    answer.diseases = coverage.diseases.iter().map(disease).collect();
}

fn disease(one: &model::SpecificDisease) -> SpecificDisease {
    SpecificDisease {
        disease: Disease::parse(one.kind.code()),
        issued: Some(one.issued_on),
        from: Some(one.period.from()),
        to: last(&one.period),
        self_pay: u32::try_from(one.self_pay.get()).ok().map(Yen),
    }
}

/// Who the person is.
fn person(profile: &Profile) -> Answer {
    Answer {
        name: spaced(&profile.name),
        other_name: profile.other_name.as_deref().and_then(spaced),
        kana: Text::new(&kana::half_width(&profile.kana)),
        sex: Sex::parse(profile.sex.code()),
        shown_sex: profile.shown_sex.and_then(|sex| Sex::parse(sex.code())),
        birthdate: Some(profile.birth),
        address: Text::new(&profile.address),
        post_code: Text::new(&hyphened(&profile.post_code)),
        ..Answer::default()
    }
}

fn elderly(one: &model::ElderlyCertificate) -> ElderlyCertificate {
    ElderlyCertificate {
        issued: Some(one.issued_on),
        from: Some(one.period.from()),
        to: last(&one.period),
        ratio: ratio(one.copay),
    }
}

fn limit(coverage: &Coverage) -> Option<LimitCertificateInfo> {
    let ceiling = coverage.ceiling.as_ref()?;
    let class = LimitClass::parse(ceiling.class.code());
    let Some(certificate) = &ceiling.certificate else {
        return Some(LimitCertificateInfo {
            class,
            ..LimitCertificateInfo::default()
        });
    };
    Some(LimitCertificateInfo {
        certificate: LimitCertificate::parse(certificate.kind.code()),
        class,
        issued: Some(certificate.issued_on),
        from: Some(certificate.period.from()),
        to: last(&certificate.period),
        long_term_from: certificate.long_term_from,
    })
}

/// The last day of a period, as certificates print it.
fn last(period: &Period<JstDate>) -> Option<JstDate> {
    period.until().map(|until| until.plus_days(-1))
}

const fn ratio(copay: CopayRate) -> Option<Ratio> {
    Ratio::tenths(copay.get())
}

/// Names of the national interface have a full-width space between family and given name.
fn spaced(name: &str) -> Option<Text> {
    Text::new(&name.replace(' ', "\u{3000}"))
}

fn hyphened(post_code: &str) -> String {
    match post_code.split_at_checked(3) {
        Some((area, rest)) if !rest.is_empty() && !rest.starts_with('-') => {
            format!("{area}-{rest}")
        }
        _ => post_code.to_owned(),
    }
}

/// Not yet at school: until the 31 March on or after the day on which the sixth year of age is
/// completed, the day before the birthday.
///
/// Source: 健康保険法 74条・110条; 年齢計算ニ関スル法律.
pub fn is_preschool(birth: JstDate, on: JstDate) -> bool {
    let six = birth.plus_years(6).plus_days(-1);
    let march = |year| JstDate::new(year, 3, 31);
    let end = march(six.year()).filter(|end| *end >= six);
    let end = end.or_else(|| march(six.year().saturating_add(1)));
    birth <= on && end.is_some_and(|end| on <= end)
}
