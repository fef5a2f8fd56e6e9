//! A positive answer as it leaves.

use serde::Serialize;
use web::{Answer, Request};

use crate::model::Confirmed;

#[derive(Serialize)]
struct WireConfirmed {
    validity: &'static str,
    validity_ja: &'static str,
    on: String,
    as_of: String,
    visit: String,
    method: &'static str,
    name: String,
    kana: String,
    name_has_gaiji: bool,
    sex: &'static str,
    birth_date: String,
    insurer_number: String,
    insurer_name: String,
    symbol: String,
    number: String,
    branch: Option<String>,
    insured_person: bool,
    card_kind: String,
    coverage_from: String,
    coverage_until: Option<String>,
    copay_tenths: u8,
    ceiling_class: Option<&'static str>,
    ceiling_class_ja: Option<&'static str>,
    reasons: Vec<WireReason>,
}

#[derive(Serialize)]
struct WireReason {
    code: &'static str,
    ja: &'static str,
    en: &'static str,
}
/// The answer to a check, by whichever way.
pub(crate) fn confirmed(answer: &Confirmed, request: &Request) -> Answer {
    let (profile, coverage) = (&answer.profile, &answer.coverage);
    let wire = WireConfirmed {
        validity: "1",
        validity_ja: "有効",
        on: answer.on.to_string(),
        as_of: request.at().to_string(),
        visit: answer.visit.to_hex(),
        method: answer.method.word(),
        name: profile.name.clone(),
        kana: profile.kana.clone(),
        name_has_gaiji: registry::names::has_gaiji(&profile.name),
        sex: profile.sex.code(),
        birth_date: profile.birth.to_string(),
        insurer_number: coverage.insurer_number.as_str().to_owned(),
        insurer_name: coverage.insurer_name.clone(),
        symbol: coverage.symbol.as_str().to_owned(),
        number: coverage.person_number.as_str().to_owned(),
        branch: coverage.branch.as_ref().map(|b| b.as_str().to_owned()),
        insured_person: coverage.is_insured_person,
        card_kind: coverage.card_kind.clone(),
        coverage_from: coverage.period.from().to_string(),
        coverage_until: coverage.period.until().map(|d| d.to_string()),
        copay_tenths: coverage.copay.get(),
        ceiling_class: coverage.ceiling.as_ref().map(|c| c.class.code()),
        ceiling_class_ja: coverage.ceiling.as_ref().map(|c| c.class.ja()),
        reasons: answer
            .reasons
            .iter()
            .map(|r| WireReason {
                code: r.code(),
                ja: r.text().ja,
                en: r.text().en,
            })
            .collect(),
    };
    Answer::json(200, &wire)
}
