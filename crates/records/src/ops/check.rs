//! Reading and judging a document; no store, no lock.

use access::consent::Category;
use fhir::{
    clins::{self, Facts, Observation, Value},
    json::Document,
};
use kernel::{
    Finding, Refusal,
    time::{JstDate, Timestamp},
};

use super::coding;
use crate::{
    errors,
    model::{Allergy, Certainty, Checked, Condition, Flags, Item, Keys, Lab, Provenance, What},
};

/// zstd level: 3 halves a Bundle to a tenth in well under a millisecond.
const LEVEL: i32 = 3;

/// Judges the bytes of a JP-CLINS Bundle and takes out what the views need.
///
/// # Errors
/// [`errors::JSON`] or [`errors::DOCUMENT`] with every finding.
pub fn check(bytes: &[u8]) -> Result<Checked, Refusal> {
    let document = Document::parse(bytes)
        .map_err(|error| Refusal::with(&errors::JSON, vec![error.finding()]))?;
    checked(clins::Bundle::check(&document), bytes)
}

/// The same of a document that is read already, by the rules of a date.
///
/// # Errors
/// As [`check`].
pub fn check_on(document: &Document, on: JstDate) -> Result<Checked, Refusal> {
    let bytes = document.source().as_bytes();
    checked(clins::Bundle::check_on(document, on), bytes)
}

fn checked(judged: Result<clins::Bundle, Vec<Finding>>, bytes: &[u8]) -> Result<Checked, Refusal> {
    let bundle = judged.map_err(|findings| Refusal::with(&errors::DOCUMENT, findings))?;
    let items = bundle
        .entries
        .iter()
        .map(item)
        .collect::<Result<Vec<Item>, Finding>>()
        .map_err(|finding| Refusal::with(&errors::DOCUMENT, vec![finding]))?;
    let compressed = zstd::bulk::compress(bytes, LEVEL).map_err(|_| Refusal::new(&errors::JSON))?;
    Ok(Checked {
        identifier: bundle.identifier.value().to_owned(),
        institution: bundle.institution().as_str().to_owned(),
        kind: bundle.kind.resource_type(),
        birth: JstDate::parse(&bundle.patient.birth_date),
        items,
        document: compressed,
        warnings: bundle.warnings,
        member: bundle.patient.member,
    })
}

fn item(entry: &clins::Entry) -> Result<Item, Finding> {
    let (category, certainty, what) = match &entry.facts {
        Facts::Condition(c) => (
            Category::Conditions,
            certainty(&c.verification_status),
            What::Condition(Condition {
                name: c.text.clone(),
                onset: c.onset.as_deref().and_then(date),
                abatement: c.abatement.as_deref().and_then(date),
                status: c.clinical_status.clone().unwrap_or_default(),
                is_main: c.is_main,
                recorded: c.recorded.as_deref().and_then(date),
                code: code(&c.codes),
            }),
        ),
        Facts::Allergy(a) => allergy(entry, a)?,
        Facts::Observation(o) => (
            if o.is_infection() {
                Category::Infections
            } else {
                Category::Laboratory
            },
            certainty(&o.status),
            What::Lab(lab(entry, o)?),
        ),
    };
    Ok(Item {
        identifier: entry.identifier.clone(),
        keys: Keys::default(),
        is_hidden: false,
        is_document_hidden: false,
        standing: None,
        category,
        flags: Flags {
            long_term: entry.flags.long_term,
            uninformed: entry.flags.uninformed,
            undelivered: entry.flags.undelivered,
        },
        certainty,
        // The facility's name and the time are those of the registration.
        provenance: Provenance {
            facility: String::new(),
            institution: entry.institution.as_str().to_owned(),
            department: entry.department.clone(),
            registered_at: Timestamp::from_micros(0),
        },
        what,
    })
}

fn allergy(
    entry: &clins::Entry,
    a: &clins::Allergy,
) -> Result<(Category, Certainty, What), Finding> {
    let dummy = a.codes.iter().find(|coding| {
        coding::dummy_without_words(&coding.code, &a.text, coding.display.as_deref())
    });
    if let Some(coding) = dummy {
        return Err(no_words(entry, &coding.code));
    }
    let category = if a.is_medication() {
        Category::Contraindications
    } else {
        Category::Allergies
    };
    let sure = a.verification_status.as_deref();
    let what = What::Allergy(Allergy {
        substance: a.text.clone(),
        reaction: (!a.reactions.is_empty()).then(|| a.reactions.join("、")),
        high_risk: a.criticality.as_deref() == Some("high"),
        status: a.clinical_status.clone().unwrap_or_default(),
        code: code(&a.codes),
    });
    Ok((category, sure.map_or(Certainty::Stated, certainty), what))
}

fn no_words(entry: &clins::Entry, code: &str) -> Finding {
    let no = &errors::ALLERGEN_DUMMY;
    Finding {
        path: format!("Bundle.entry[{}].resource.code.text", entry.index),
        rule: no.code.to_owned(),
        found: code.to_owned(),
        remedy_ja: no.remedy.ja.to_owned(),
        remedy_en: no.remedy.en.to_owned(),
    }
}

/// The first code, which says what an entry is about whatever its name.
fn code(codes: &[clins::Coding]) -> Option<String> {
    let mut codes = codes.iter().map(|coding| &coding.code);
    codes.find(|code| !code.is_empty()).cloned()
}

/// From the verification status of a condition or allergy, or the status of an observation.
fn certainty(code: &str) -> Certainty {
    match code {
        "entered-in-error" | "refuted" | "cancelled" => Certainty::Retracted,
        "unconfirmed" | "provisional" | "differential" | "presumed" | "preliminary"
        | "registered" => Certainty::Unconfirmed,
        _ => Certainty::Stated,
    }
}

/// Most digits of a second's fraction that an instant can hold.
const FRACTION_MAX: usize = 9;

/// The Japanese calendar date of a FHIR date or dateTime; a year or month alone is its first day.
pub(crate) fn date(text: &str) -> Option<JstDate> {
    if !text.is_ascii() {
        return None;
    }
    match text.len() {
        4 => JstDate::parse(&format!("{text}-01-01")),
        7 => JstDate::parse(&format!("{text}-01")),
        10 => JstDate::parse(text),
        _ => Timestamp::parse(&coarse(text)).map(Timestamp::jst_date),
    }
}

/// The same instant with at most nine digits of a second's fraction; FHIR allows any number.
fn coarse(text: &str) -> String {
    let Some((before, after)) = text.split_once('.') else {
        return text.to_owned();
    };
    let end = after
        .bytes()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(after.len());
    let (fraction, zone) = after.split_at_checked(end).unwrap_or((after, ""));
    let kept = fraction.get(..FRACTION_MAX).unwrap_or(fraction);
    format!("{before}.{kept}{zone}")
}

fn lab(entry: &clins::Entry, observation: &Observation) -> Result<Lab, Finding> {
    let on = date(&observation.effective).ok_or_else(|| Finding {
        path: format!("Bundle.entry[{}].resource.effectiveDateTime", entry.index),
        rule: errors::DOCUMENT.code.to_owned(),
        found: kernel::catalog::shorten(&observation.effective),
        remedy_ja: "検体を採取した日付を指定してください。".to_owned(),
        remedy_en: "give the date of the specimen".to_owned(),
    })?;
    let (value, number, unit) = value(observation);
    let range = observation.ranges.first();
    let key = match &observation.item {
        Some(item) => series(item),
        None => format!(
            "{}:{}",
            entry.institution.as_str(),
            observation.local_code.code
        ),
    };
    Ok(Lab {
        key,
        name: observation.text.clone(),
        value,
        number,
        unit,
        low: range.and_then(|r| r.low.clone()),
        high: range.and_then(|r| r.high.clone()),
        interpretation: observation.interpretations.first().cloned(),
        on,
        code: observation.item.as_ref().map(|item| item.code.clone()),
        standard: None,
    })
}

/// What makes results of a standard item comparable: the item's name in the master, whichever
/// of its names and codes was sent.
fn series(item: &clins::LabItem) -> String {
    let named = masters::lab::by_name(&item.name).or_else(|| masters::lab::by_code(&item.code));
    named.map_or_else(|| item.name.clone(), |known| known.id.to_owned())
}

/// The word for a coded result that came without one.
fn listed(observation: &Observation, codes: &[clins::Coding]) -> Option<String> {
    let key = series(observation.item.as_ref()?);
    let mut words = codes
        .iter()
        .filter_map(|coding| masters::lab::value(&key, &coding.code));
    words.next().map(str::to_owned)
}

/// The result as text, its number alone, its unit.
fn value(observation: &Observation) -> (String, Option<String>, String) {
    let none = || match &observation.data_absent_reason {
        Some(reason) => format!("結果なし({reason})"),
        None => "結果なし".to_owned(),
    };
    match &observation.value {
        Value::Quantity {
            comparator,
            number,
            unit,
        } => (
            format!("{}{number}", comparator.as_deref().unwrap_or_default()),
            comparator.is_none().then(|| number.clone()),
            unit.clone().unwrap_or_default(),
        ),
        Value::Coded { text, codes } if text.is_empty() => (
            listed(observation, codes).unwrap_or_else(none),
            None,
            String::new(),
        ),
        Value::Coded { text, .. } | Value::Text(text) => (text.clone(), None, String::new()),
        Value::Other(json) => (in_words(json), None, String::new()),
        Value::Absent => (none(), None, String::new()),
    }
}

/// A range, ratio or plain value as people write it; what has no short form says so.
fn in_words(json: &str) -> String {
    const NO_SHORT_FORM: &str = "(文書を参照)";
    let Ok(document) = Document::parse(json.as_bytes()) else {
        return NO_SHORT_FORM.to_owned();
    };
    let root = document.root();
    let quantity = |key: &str| -> Option<String> {
        let quantity = root.get(key)?;
        let comparator = quantity.str("comparator").unwrap_or_default();
        let number = quantity.get("value")?.as_number_text()?;
        let unit = quantity.str("unit").unwrap_or_default();
        Some(format!("{comparator}{number}{unit}"))
    };
    let both = |one: &str, between: &str, other: &str| match (quantity(one), quantity(other)) {
        (None, None) => None,
        (one, other) => Some(format!(
            "{}{between}{}",
            one.unwrap_or_default(),
            other.unwrap_or_default()
        )),
    };
    let plain = root
        .as_str()
        .or_else(|| root.as_number_text())
        .map(str::to_owned)
        .or_else(|| root.as_bool().map(|b| b.to_string()));
    plain
        .or_else(|| both("numerator", ":", "denominator"))
        .or_else(|| both("low", "〜", "high"))
        .unwrap_or_else(|| NO_SHORT_FORM.to_owned())
}
