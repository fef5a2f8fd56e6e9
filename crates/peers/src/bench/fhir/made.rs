//! Patients and laboratory results as a record system would write them.
//!
//! The same text goes to every server: a result has about 0.7 kB.

use serde_json::{Value, json};

/// A laboratory item.
#[derive(Clone, Copy, Debug)]
struct Code {
    /// LOINC code.
    code: &'static str,
    display: &'static str,
    text: &'static str,
    unit: &'static str,
    ucum: &'static str,
    low: &'static str,
    high: &'static str,
}

/// A patient's results take turns between these, so that a search by code finds a handful.
const CODES: [Code; 2] = [
    Code {
        code: "4548-4",
        display: "Hemoglobin A1c/Hemoglobin.total in Blood",
        text: "ヘモグロビンA1c",
        unit: "%",
        ucum: "%",
        low: "4.9",
        high: "6.0",
    },
    Code {
        code: "2345-7",
        display: "Glucose [Mass/volume] in Serum or Plasma",
        text: "血糖",
        unit: "mg/dL",
        ucum: "mg/dL",
        low: "73",
        high: "109",
    },
];

/// Who a patient is: 被保険者個人識別子 and date of birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// `insurer:symbol:number:branch`.
    pub value: String,
    /// `2001-02-03`.
    pub birth: String,
}

/// Digits of an insurer's number in a member identifier.
const INSURER_DIGITS: usize = 8;

impl Member {
    /// From a line `insurer number,symbol,number,branch,date of birth`.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let insured = super::super::loads::insured(line)?;
        let (insurer, symbol) = (insured.insurer_number, insured.symbol);
        let (number, branch) = (insured.number, insured.branch);
        Some(Self {
            value: format!("{insurer:0>INSURER_DIGITS$}:{symbol}:{number}:{branch}"),
            birth: insured.birth_date.to_owned(),
        })
    }

    /// Somebody who is nowhere registered.
    pub(super) fn stranger(number: u64) -> Self {
        Self {
            value: format!("06132013:{}:{}:01", number % 97, 100_000 + number),
            birth: format!("19{:02}-{:02}-15", number % 90 + 10, number % 12 + 1),
        }
    }
}

/// The patient as a hospital's system registers one.
pub(super) fn patient(member: &Member) -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{
            "system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID",
            "value": member.value,
        }],
        "active": true,
        "name": [{ "use": "official", "text": "測定 患者", "family": "測定", "given": ["患者"] }],
        "gender": "unknown",
        "birthDate": member.birth,
    })
}

/// The code of the item of a turn.
#[must_use]
pub const fn code(turn: u64) -> &'static str {
    let [even, odd] = CODES;
    if turn.is_multiple_of(2) {
        even.code
    } else {
        odd.code
    }
}

/// A result; `turn` chooses the item, `number` the value and the time.
#[must_use]
pub fn observation(patient: &str, turn: u64, number: u64) -> String {
    let [even, odd] = CODES;
    let code = if turn.is_multiple_of(2) { even } else { odd };
    let (day, hour, minute) = (number % 28 + 1, number / 28 % 12 + 8, number / 336 % 60);
    let at = format!("2026-10-{day:02}T{hour:02}:{minute:02}:00+09:00");
    let (whole, tenth) = (number / 10 % 90 + 10, number % 10);
    let (text, display, ucum) = (code.text, code.display, code.ucum);
    let (unit, low, high, code) = (code.unit, code.low, code.high, code.code);
    // Written by hand: numbers keep their text, and the generator stays quick.
    format!(
        r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}","display":"{display}"}}],"text":"{text}"}},"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"{at}","issued":"{at}","valueQuantity":{{"value":{whole}.{tenth},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{ucum}"}},"referenceRange":[{{"low":{{"value":{low},"unit":"{unit}"}},"high":{{"value":{high},"unit":"{unit}"}}}}]}}"#
    )
}

/// A transaction that creates `count` results of one patient.
pub(super) fn transaction(patient: &str, number: u64, count: u64) -> String {
    let entries: Vec<String> = (0..count)
        .map(|nth| {
            let resource = observation(patient, nth, number.wrapping_mul(count).wrapping_add(nth));
            let id = number.wrapping_mul(count).wrapping_add(nth);
            format!(
                r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-{id:012x}","resource":{resource},"request":{{"method":"POST","url":"Observation"}}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#,
        entries.join(",")
    )
}
