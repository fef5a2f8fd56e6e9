//! JSON: what pays, and the check by a subsidy's card.

use kernel::{
    Refusal,
    catalog::Faults,
    code::{RecipientNumber, SubsidyPayerNumber},
    money::Yen,
    time::JstDate,
};
use masters::local_subsidy::{Burden, Scheme};
use registry::subsidy::{Entitlement, Ticket, is_before_insurance, is_national};
use serde::{Deserialize, Serialize};
use web::{Answer, Request};

use super::{Asked, burden_ja, by_card, errors};
use crate::{api::confirmed, errors as no, rules};

#[derive(Serialize)]
pub(crate) struct WireSubsidy {
    /// From 1, in the order in which they pay.
    place: usize,
    payer_number: String,
    recipient_number: String,
    law: String,
    name: String,
    national: bool,
    before_insurance: bool,
    from: String,
    until: Option<String>,
    issued_on: String,
    month_max_yen: Option<i64>,
    scheme: Option<WireScheme>,
}

#[derive(Serialize)]
struct WireScheme {
    number: String,
    income: String,
    outpatient: WireBurden,
    inpatient: WireBurden,
}

#[derive(Serialize)]
struct WireBurden {
    way: &'static str,
    percent: Option<u8>,
    visit_yen: Option<i64>,
    visit_max_yen: Option<i64>,
    day_max_yen: Option<i64>,
    month_max_yen: Option<i64>,
    ja: String,
}

#[derive(Serialize)]
pub(crate) struct WireTicket {
    kind: &'static str,
    kind_ja: &'static str,
    payer_number: String,
    recipient_number: String,
    from: String,
    until: Option<String>,
    self_pay_yen: i64,
    sole: bool,
}

impl From<&Burden> for WireBurden {
    fn from(burden: &Burden) -> Self {
        Self {
            way: burden.way.code(),
            percent: burden.percent,
            visit_yen: burden.visit.map(Yen::get),
            visit_max_yen: burden.visit_max.map(Yen::get),
            day_max_yen: burden.day_max.map(Yen::get),
            month_max_yen: burden.month_max.map(Yen::get),
            ja: burden_ja(burden),
        }
    }
}

impl WireSubsidy {
    pub(crate) fn new(place: usize, (held, scheme): &(Entitlement, Option<Scheme>)) -> Self {
        let law = held.payer.law();
        Self {
            place,
            payer_number: held.payer.as_str().to_owned(),
            recipient_number: held.recipient.as_str().to_owned(),
            law: law.to_owned(),
            name: held.name.clone(),
            national: is_national(law),
            before_insurance: is_before_insurance(law),
            from: held.period.from().to_string(),
            until: held.period.until().map(|day| day.to_string()),
            issued_on: held.issued_on.to_string(),
            month_max_yen: held.month_max.map(Yen::get),
            scheme: scheme.as_ref().map(|scheme| WireScheme {
                number: scheme.number.clone(),
                income: scheme.income.clone(),
                outpatient: (&scheme.outpatient).into(),
                inpatient: (&scheme.inpatient).into(),
            }),
        }
    }
}

impl From<&Ticket> for WireTicket {
    fn from(ticket: &Ticket) -> Self {
        Self {
            kind: ticket.kind.code(),
            kind_ja: ticket.kind.ja(),
            payer_number: ticket.payer.as_str().to_owned(),
            recipient_number: ticket.recipient.as_str().to_owned(),
            from: ticket.period.from().to_string(),
            until: ticket.period.until().map(|day| day.to_string()),
            self_pay_yen: ticket.self_pay.get(),
            sole: ticket.is_sole,
        }
    }
}

/// A subsidy's card as it was typed or read.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct WireCard {
    pub payer_number: String,
    pub recipient_number: String,
    pub birth_date: String,
    #[serde(default)]
    pub on: Option<String>,
}

impl WireCard {
    /// Every fault at once.
    pub(super) fn parse(&self, today: JstDate) -> Result<Asked, Refusal> {
        let mut faults = Faults::default();
        let numbers = &errors::NUMBERS;
        let found = &self.payer_number;
        let payer = SubsidyPayerNumber::parse(found).ok();
        let payer = faults.take(payer, numbers, "payer_number", found);
        let found = &self.recipient_number;
        let recipient = RecipientNumber::parse(found).ok();
        let recipient = faults.take(recipient, numbers, "recipient_number", found);
        let found = &self.birth_date;
        let birth = faults.take(JstDate::parse(found), &no::BIRTH, "birth_date", found);
        let on = faults.optional(
            self.on.as_deref(),
            |text| JstDate::parse(text).filter(|on| rules::is_askable(*on, today)),
            &no::DATE,
            "on",
        );
        match (payer, recipient, birth, faults.refusal()) {
            (Some(payer), Some(recipient), Some(birth), None) => Ok(Asked {
                payer,
                recipient,
                birth,
                on: on.unwrap_or(today),
            }),
            (.., refusal) => Err(refusal.unwrap_or(Refusal::new(numbers))),
        }
    }
}

pub(super) async fn check(request: Request) -> Result<Answer, Refusal> {
    let wire: WireCard = request.json()?;
    let asked = wire.parse(request.at().jst_date())?;
    let facility = request.facility()?;
    let answer = request
        .write(move |call| by_card(call, facility, &asked))
        .await?;
    Ok(confirmed(&answer))
}
