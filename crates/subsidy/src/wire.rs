//! A line as it arrives, by API or by form: texts, parsed one by one so that each fault has its
//! own place.

use kernel::{
    Refusal,
    catalog::Faults,
    code::{
        BranchNumber, FacilityCode, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber,
        RecipientNumber, SubsidyPayerNumber,
    },
    money::Yen,
    time::{JstDate, Period},
};
use registry::{model::InsuredKey, subsidy::TicketKind};
use serde::Deserialize;

use crate::errors;

/// Most that a certificate or ticket lets a person pay in a month.
const YEN_MAX: i64 = 1_000_000;
const NAME_CHARS_MAX: usize = 40;

/// The fields of a line. Those that an operation does not use stay empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wire {
    /// Insurer's number of the person's health insurance.
    pub insurer_number: String,
    /// Symbol.
    pub symbol: String,
    /// Number.
    pub number: String,
    /// Branch number.
    pub branch: String,
    /// Date of birth, YYYY-MM-DD.
    pub birth_date: String,
    /// 公費負担者番号, eight digits.
    pub payer_number: String,
    /// 受給者番号, seven digits.
    pub recipient_number: String,
    /// Name of the scheme.
    pub name: String,
    /// 保険番号 of a local scheme, three digits.
    pub scheme: String,
    /// 所得情報 within the scheme.
    pub income: String,
    /// Most a month in yen.
    pub month_max: String,
    /// First day.
    pub from: String,
    /// Last day, included.
    pub last: String,
    /// Date of issue.
    pub issued_on: String,
    /// Of a ticket: its kind.
    pub kind: String,
    /// Of a ticket: the facility's ten digits.
    pub facility_code: String,
    /// Of a ticket: what the person pays themself.
    pub self_pay: String,
    /// Of a ticket: `true` when no insurance pays beside it.
    pub sole: String,
}

/// An entitlement to load.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEntitlement {
    /// Whose.
    pub key: InsuredKey,
    /// Who pays.
    pub payer: SubsidyPayerNumber,
    /// Under which number.
    pub recipient: RecipientNumber,
    /// The scheme's name.
    pub name: String,
    /// Number of a local scheme.
    pub scheme: Option<String>,
    /// Income class.
    pub income: String,
    /// Most a month.
    pub month_max: Option<Yen>,
    /// When it holds.
    pub period: Period<JstDate>,
    /// When it was issued.
    pub issued_on: JstDate,
}

/// A ticket to load.
#[derive(Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// Whose.
    pub key: InsuredKey,
    /// Who pays.
    pub payer: SubsidyPayerNumber,
    /// Under which number.
    pub recipient: RecipientNumber,
    /// What it is for.
    pub kind: TicketKind,
    /// The facility that it names.
    pub facility: FacilityCode,
    /// What the person pays.
    pub self_pay: Yen,
    /// Is it the only payer?
    pub is_sole: bool,
    /// When it holds.
    pub period: Period<JstDate>,
}

/// An entitlement to end.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEnd {
    /// Who pays.
    pub payer: SubsidyPayerNumber,
    /// Under which number.
    pub recipient: RecipientNumber,
    /// Its last day.
    pub last: JstDate,
}

/// An empty text is nothing.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// What is absent is `Some(None)`, what makes no sense `None`.
#[expect(clippy::option_option, reason = "absent and wrong are two things here")]
fn optional<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    given(text).map_or(Some(None), |text| parse(text).map(Some))
}

fn yen(text: &str) -> Option<Yen> {
    let yen = text.parse().ok()?;
    (0..=YEN_MAX).contains(&yen).then(|| Yen::new(yen))
}

impl Wire {
    fn payer(&self, faults: &mut Faults) -> Option<SubsidyPayerNumber> {
        let found = &self.payer_number;
        let payer = SubsidyPayerNumber::parse(found).ok();
        faults.take(payer, &errors::PAYER, "payer_number", found)
    }

    fn recipient(&self, faults: &mut Faults) -> Option<RecipientNumber> {
        let found = &self.recipient_number;
        let recipient = RecipientNumber::parse(found).ok();
        faults.take(recipient, &errors::RECIPIENT, "recipient_number", found)
    }

    fn key(&self, faults: &mut Faults) -> Option<InsuredKey> {
        let entry = &errors::INSURED;
        let found = &self.insurer_number;
        let insurer = InsurerNumber::parse(found).ok();
        let insurer = faults.take(insurer, entry, "insurer_number", found);
        let symbol = InsuredPersonSymbol::parse(&self.symbol).ok();
        let symbol = faults.take(symbol, entry, "symbol", &self.symbol);
        let number = InsuredPersonNumber::parse(&self.number).ok();
        let number = faults.take(number, entry, "number", &self.number);
        let branch = optional(&self.branch, |text| BranchNumber::parse(text).ok());
        let branch = faults.take(branch, entry, "branch", &self.branch);
        let birth = optional(&self.birth_date, JstDate::parse);
        let birth = faults.take(birth, entry, "birth_date", &self.birth_date);
        let (branch, birth) = (branch?, birth?);
        if branch.is_none() && birth.is_none() {
            faults.take::<()>(None, entry, "branch", "");
        }
        Some(InsuredKey {
            insurer_number: insurer?,
            symbol: symbol?,
            person_number: number?,
            branch,
            birth,
        })
    }

    fn period(&self, faults: &mut Faults) -> Option<Period<JstDate>> {
        let entry = &errors::PERIOD;
        let from = faults.take(JstDate::parse(&self.from), entry, "from", &self.from);
        let last = optional(&self.last, JstDate::parse);
        let last = faults.take(last, entry, "last", &self.last);
        let period = Period::new(from?, last?.map(|day| day.plus_days(1)));
        faults.take(period, entry, "last", &self.last)
    }

    /// As an entitlement.
    ///
    /// # Errors
    /// The first fault's entry with one finding for each fault.
    pub fn entitlement(&self) -> Result<NewEntitlement, Refusal> {
        let faults = &mut Faults::default();
        let key = self.key(faults);
        let (payer, recipient) = (self.payer(faults), self.recipient(faults));
        let name = given(&self.name).filter(|name| {
            name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control)
        });
        let name = faults.take(name, &errors::WORD, "name", &self.name);
        let scheme = optional(&self.scheme, |text| {
            (text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
        });
        let scheme = faults.take(scheme, &errors::SCHEME, "scheme", &self.scheme);
        let month_max = optional(&self.month_max, yen);
        let month_max = faults.take(month_max, &errors::AMOUNT, "month_max", &self.month_max);
        let period = self.period(faults);
        let issued = JstDate::parse(&self.issued_on);
        let issued_on = faults.take(issued, &errors::PERIOD, "issued_on", &self.issued_on);
        let whole = || {
            Some(NewEntitlement {
                key: key?,
                payer: payer?,
                recipient: recipient?,
                name: name?.to_owned(),
                scheme: scheme?,
                income: self.income.trim().to_owned(),
                month_max: month_max?,
                period: period?,
                issued_on: issued_on?,
            })
        };
        finished(whole(), faults)
    }

    /// As a ticket.
    ///
    /// # Errors
    /// As [`Self::entitlement`].
    pub fn ticket(&self) -> Result<NewTicket, Refusal> {
        let faults = &mut Faults::default();
        let key = self.key(faults);
        let (payer, recipient) = (self.payer(faults), self.recipient(faults));
        let kind = TicketKind::from_code(self.kind.trim());
        let kind = faults.take(kind, &errors::WORD, "kind", &self.kind);
        let facility = FacilityCode::from_register(self.facility_code.trim()).ok();
        let facility = faults.take(
            facility,
            &errors::FACILITY,
            "facility_code",
            &self.facility_code,
        );
        let self_pay = yen(given(&self.self_pay).unwrap_or("0"));
        let self_pay = faults.take(self_pay, &errors::AMOUNT, "self_pay", &self.self_pay);
        let is_sole = match self.sole.trim() {
            "true" => Some(true),
            "" | "false" => Some(false),
            _ => None,
        };
        let is_sole = faults.take(is_sole, &errors::WORD, "sole", &self.sole);
        let period = self.period(faults);
        let whole = || {
            Some(NewTicket {
                key: key?,
                payer: payer?,
                recipient: recipient?,
                kind: kind?,
                facility: facility?,
                self_pay: self_pay?,
                is_sole: is_sole?,
                period: period?,
            })
        };
        finished(whole(), faults)
    }

    /// As an end.
    ///
    /// # Errors
    /// As [`Self::entitlement`].
    pub fn end(&self) -> Result<NewEnd, Refusal> {
        let faults = &mut Faults::default();
        let (payer, recipient) = (self.payer(faults), self.recipient(faults));
        let last = faults.take(
            JstDate::parse(&self.last),
            &errors::PERIOD,
            "last",
            &self.last,
        );
        let whole = || {
            Some(NewEnd {
                payer: payer?,
                recipient: recipient?,
                last: last?,
            })
        };
        finished(whole(), faults)
    }
}

fn finished<T>(whole: Option<T>, faults: &mut Faults) -> Result<T, Refusal> {
    match (faults.refusal(), whole) {
        (Some(refusal), _) => Err(refusal),
        (None, Some(whole)) => Ok(whole),
        (None, None) => Err(Refusal::new(&errors::WORD)),
    }
}
