//! A check by number: fields are parsed one by one, so that each fault has its own place.

use kernel::{
    Refusal,
    catalog::Faults,
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    time::JstDate,
};
use registry::model::InsuredKey;
use serde::Deserialize;
use web::{Answer, Request};

use super::answer::confirmed;
use crate::{errors, model::Inquiry, ops, rules};

/// What a caller asks, as it came; fields are parsed one by one so that each fault has its
/// own place.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct WireInquiry {
    insurer_number: String,
    #[serde(default)]
    symbol: String,
    number: String,
    #[serde(default)]
    branch: Option<String>,
    #[serde(default)]
    birth_date: Option<String>,
    #[serde(default)]
    on: Option<String>,
}

impl WireInquiry {
    /// From the fields of a form.
    #[must_use]
    pub fn new(insurer_number: &str, symbol: &str, number: &str, branch: &str) -> Self {
        Self {
            insurer_number: insurer_number.to_owned(),
            symbol: symbol.to_owned(),
            number: number.to_owned(),
            branch: Some(branch.to_owned()),
            birth_date: None,
            on: None,
        }
    }

    /// With a date of birth as ISO text.
    #[must_use]
    pub fn born(mut self, birth: Option<String>) -> Self {
        self.birth_date = birth;
        self
    }

    /// For a date as ISO text.
    #[must_use]
    pub fn asked_for(mut self, on: String) -> Self {
        self.on = Some(on);
        self
    }

    /// The inquiry, with every fault found.
    ///
    /// # Errors
    /// The first fault's catalogue entry with one finding for each fault.
    pub fn parse(&self, today: JstDate) -> Result<Inquiry, Refusal> {
        let mut faults = Faults::default();
        let insurer_number = faults.take(
            InsurerNumber::parse(&self.insurer_number).ok(),
            &errors::INSURER_NUMBER,
            "insurer_number",
            &self.insurer_number,
        );
        let symbol = faults.take(
            InsuredPersonSymbol::parse(&self.symbol).ok(),
            &errors::SYMBOL,
            "symbol",
            &self.symbol,
        );
        let person_number = faults.take(
            InsuredPersonNumber::parse(&self.number).ok(),
            &errors::PERSON_NUMBER,
            "number",
            &self.number,
        );
        let branch = faults.optional(
            self.branch.as_deref(),
            |text| BranchNumber::parse(text).ok(),
            &errors::BRANCH,
            "branch",
        );
        let birth = faults.optional(
            self.birth_date.as_deref(),
            JstDate::parse,
            &errors::BIRTH,
            "birth_date",
        );
        let on = faults.optional(
            self.on.as_deref(),
            |text| JstDate::parse(text).filter(|on| rules::is_askable(*on, today)),
            &errors::DATE,
            "on",
        );
        if branch.is_none() && birth.is_none() && faults.is_empty() {
            faults.add(&errors::WHO, "branch", "");
        }
        match (insurer_number, symbol, person_number, faults.refusal()) {
            (Some(insurer_number), Some(symbol), Some(person_number), None) => Ok(Inquiry {
                key: InsuredKey {
                    insurer_number,
                    symbol,
                    person_number,
                    branch,
                    birth,
                },
                on: on.unwrap_or(today),
            }),
            (_, _, _, refusal) => Err(refusal.unwrap_or(Refusal::new(&errors::WHO))),
        }
    }
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let wire: WireInquiry = request.json()?;
    let inquiry = wire.parse(request.at().jst_date())?;
    let facility = request.facility()?;
    let answer = request
        .write(move |call| ops::by_number(call, facility, &inquiry))
        .await?;
    Ok(confirmed(&answer))
}
