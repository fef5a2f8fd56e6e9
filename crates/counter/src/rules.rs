//! Who in a copy fits, and what a difference means for the counter.

use eligibility::{
    errors as no,
    snapshot::{
        model::Patient,
        shown::{Difference, Field, Shown},
    },
};
use kernel::Entry;
use registry::model::{CeilingClass, Coverage, InsuredKey};

use crate::model::{About, Act};

/// Whose number is asked about, among those who share insurer, symbol and number: the same
/// answers as the platform gives.
///
/// # Errors
/// `TSK-ELG-002` to `TSK-ELG-004`; `None` when nobody has the number.
pub fn pick(patients: Vec<Patient>, key: &InsuredKey) -> Result<Option<Patient>, &'static Entry> {
    let having: Vec<Patient> = patients
        .into_iter()
        .filter(|one| one.coverages.iter().any(|c| has_number(c, key)))
        .collect();
    if having.is_empty() {
        return Ok(None);
    }
    let of_branch: Vec<Patient> = having
        .into_iter()
        .filter(|one| {
            one.coverages
                .iter()
                .any(|c| has_number(c, key) && (key.branch.is_none() || c.branch == key.branch))
        })
        .collect();
    if of_branch.is_empty() {
        return Err(&no::WRONG_BRANCH);
    }
    let mut fitting: Vec<Patient> = of_branch
        .into_iter()
        .filter(|one| key.birth.is_none_or(|birth| birth == one.birth))
        .collect();
    match fitting.len() {
        0 => Err(&no::WRONG_BIRTH),
        1 => Ok(fitting.pop()),
        _ => Err(&no::SEVERAL),
    }
}

fn has_number(coverage: &Coverage, key: &InsuredKey) -> bool {
    coverage.insurer_number == key.insurer_number
        && coverage.symbol == key.symbol
        && coverage.person_number == key.person_number
}

/// The number under which the platform is asked about a patient of the copy: of the coverage
/// that begins last.
#[must_use]
pub fn newest_key(patient: &Patient) -> Option<InsuredKey> {
    let newest = patient.coverages.iter().max_by_key(|c| c.period.from())?;
    Some(InsuredKey {
        insurer_number: newest.insurer_number.clone(),
        symbol: newest.symbol.clone(),
        person_number: newest.person_number.clone(),
        branch: newest.branch.clone(),
        birth: Some(patient.birth),
    })
}

/// Must somebody at the counter look at how an act was settled?
#[must_use]
pub fn is_open(act: &Act, now: &Shown, code: Option<&str>) -> bool {
    match act.about {
        About::Number(_) => true,
        About::Patient(_) => code.is_some() || !act.shown.differences(now).is_empty(),
    }
}

/// What a difference means, in a sentence, and what to do.
#[must_use]
pub fn advice(difference: &Difference) -> (String, String) {
    let Difference { field, was, is } = difference;
    let (was, is) = (value(*field, was), value(*field, is));
    let changed = |what: &str, what_en: &str, ja: &str, en: &str| {
        (
            format!("{what}が{was}から{is}に変わっています。{ja}"),
            format!("{what_en} was {was} and is {is}: {en}"),
        )
    };
    match field {
        Field::Validity if difference.was == eligibility::snapshot::shown::VALID => (
            format!(
                "受診した日には、この資格は有効ではありませんでした({is})。患者さんに新しい資格を確認し、請求先を直してください。"
            ),
            format!(
                "the coverage did not hold on that day ({is}): ask for the new one and bill there"
            ),
        ),
        Field::Validity => (
            format!("受診した日の資格は「{is}」でした。請求を直してください。"),
            format!("on that day: {is}; correct the bill"),
        ),
        Field::Insurer => changed(
            "保険者番号",
            "the insurer",
            "請求先の保険者を直してください。",
            "bill that insurer",
        ),
        Field::Symbol => changed(
            "記号",
            "the symbol",
            "請求の記号を直してください。",
            "correct it in the bill",
        ),
        Field::Number => changed(
            "番号",
            "the number",
            "請求の番号を直してください。",
            "correct it in the bill",
        ),
        Field::Branch => changed(
            "枝番",
            "the branch number",
            "請求の枝番を直してください。",
            "correct it in the bill",
        ),
        Field::Copay => changed(
            "負担割合",
            "the copay rate",
            "患者さんへの請求を直してください。",
            "correct what the patient pays",
        ),
        Field::Ceiling => changed(
            "限度額区分",
            "the ceiling class",
            "患者さんの支払いの上限を直してください。",
            "correct the monthly ceiling",
        ),
        Field::Diseases => changed(
            "特定疾病療養受療証",
            "the certificate of a specific disease",
            "自己負担の上限を直してください。",
            "correct the monthly ceiling",
        ),
    }
}

/// A field's value as people say it.
#[must_use]
pub fn value(field: Field, value: &str) -> String {
    if value.is_empty() {
        return "なし".to_owned();
    }
    match field {
        Field::Copay => format!("{value}割"),
        Field::Ceiling => CeilingClass::from_code(value).map_or_else(
            || value.to_owned(),
            |class| format!("{}({value})", class.ja()),
        ),
        Field::Validity if value == eligibility::snapshot::shown::VALID => "有効".to_owned(),
        Field::Validity => format!("{value} {}", cause(value)).trim().to_owned(),
        _ => value.to_owned(),
    }
}

/// What a refusal's code says, when it is one of ours.
#[must_use]
pub fn cause(code: &str) -> &'static str {
    entry(code).map_or("", |entry| entry.cause.ja)
}

/// The catalogue entry of a code that a settling may have.
#[must_use]
pub fn entry(code: &str) -> Option<&'static Entry> {
    let all = [eligibility::errors::ALL, eligibility::snapshot::errors::ALL];
    all.into_iter()
        .flatten()
        .copied()
        .find(|entry| entry.code == code)
}
