//! Public subsidies (公費負担医療) and medical assistance tickets (医療券・調剤券): who is
//! entitled to what, since when, and which of them pays first.
//!
//! Towns and national offices decide and load them; at the counter they stand behind the
//! insurance, or before it, in the order of [`place`].
//!
//! Source: fees 2.4 (記載要領 list order); eligibility-eprescription section e (OQSmutic).

use kernel::{
    code::{FacilityCode, RecipientNumber, SubsidyPayerNumber},
    id::PersonId,
    money::Yen,
    time::{JstDate, Period, Timestamp},
};
use store::{Call, Stop, StoreError};

use crate::{merge, store::subsidy as table};

/// National subsidies in the order in which they pay; local ones follow all of them.
///
/// Source: 診療報酬請求書等の記載要領, order of the list of 法別番号.
const ORDER: [&str; 27] = [
    "13", "14", "18", "29", "30", "10", "11", "20", "21", "15", "16", "24", "22", "28", "17", "79",
    "19", "23", "52", "54", "51", "38", "53", "66", "62", "25", "12",
];
/// Those of them that pay before the insurance does (公費優先).
const BEFORE_INSURANCE: [&str; 5] = ["13", "14", "18", "29", "30"];

/// The place of a subsidy among those that pay, from 0; local subsidies (法別番号 40 to 49, 80
/// to 99) share the last places in the order of their numbers.
#[must_use]
pub fn place(law: &str) -> usize {
    let national = ORDER.iter().position(|one| *one == law);
    national.unwrap_or_else(|| ORDER.len() + law.parse::<usize>().unwrap_or(usize::from(u8::MAX)))
}

/// Does it pay before the insurance?
#[must_use]
pub fn is_before_insurance(law: &str) -> bool {
    BEFORE_INSURANCE.contains(&law)
}

/// Is it a national subsidy with a place in the order?
#[must_use]
pub fn is_national(law: &str) -> bool {
    ORDER.contains(&law)
}

/// What a person is entitled to (受給資格).
#[derive(Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// Consecutive in the person, from 1.
    pub number: i64,
    /// When it holds.
    pub period: Period<JstDate>,
    /// Who pays (公費負担者番号).
    pub payer: SubsidyPayerNumber,
    /// Under which number (受給者番号).
    pub recipient: RecipientNumber,
    /// Name of the scheme, as its certificate has it.
    pub name: String,
    /// Number of the scheme in the master of local subsidies (保険番号), when it is local.
    pub scheme: Option<String>,
    /// Income class within the scheme (所得情報); empty when there is none.
    pub income: String,
    /// Most that the person pays in a month, when the certificate says it (自己負担上限額).
    pub month_max: Option<Yen>,
    /// When it was issued.
    pub issued_on: JstDate,
    /// When it was loaded.
    pub loaded_at: Timestamp,
}

coded! {
    /// What a medical assistance ticket is for (医療扶助の券種).
    TicketKind[4] {
        /// 医療券: outpatient and inpatient.
        Medical = "medical", "医療券";
        /// 調剤券.
        Dispensing = "dispensing", "調剤券";
        /// 歯科の医療券.
        Dental = "dental", "医療券(歯科)";
        /// 訪問看護の医療券.
        Nursing = "nursing", "医療券(訪問看護)";
    }
}

/// A ticket of one month for one facility (医療券・調剤券). Its recipient's number may be
/// another each month.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Consecutive in the person, from 1.
    pub number: i64,
    /// Days on which it holds, within one month.
    pub period: Period<JstDate>,
    /// What it is for.
    pub kind: TicketKind,
    /// Who pays: the welfare office (公費負担者番号, 法別番号 12).
    pub payer: SubsidyPayerNumber,
    /// Under which number.
    pub recipient: RecipientNumber,
    /// The facility that it names (委託医療機関).
    pub facility: FacilityCode,
    /// What the person pays themself in the month (本人支払額).
    pub self_pay: Yen,
    /// Is medical assistance the only payer (単独), or beside an insurance (併用)?
    pub is_sole: bool,
    /// When it was loaded.
    pub loaded_at: Timestamp,
}

/// What holds on a date, in the order in which it pays.
#[must_use]
pub fn in_order(all: &[Entitlement], on: JstDate) -> Vec<&Entitlement> {
    let mut held: Vec<&Entitlement> = all.iter().filter(|e| e.period.contains(on)).collect();
    held.sort_by_key(|e| (place(e.payer.law()), e.number));
    held
}

/// The tickets that name a facility on a date.
pub fn tickets_for<'t>(
    all: &'t [Ticket],
    facility: &'t FacilityCode,
    on: JstDate,
) -> impl Iterator<Item = &'t Ticket> {
    all.iter()
        .filter(move |ticket| ticket.facility == *facility && ticket.period.contains(on))
}

/// The entitlements of an opened person, in order of their numbers; then what whoever was
/// merged into them has beside, as [`crate::ops::coverages`].
///
/// # Errors
/// [`StoreError`].
pub fn entitlements(call: &Call<'_>, person: PersonId) -> Result<Vec<Entitlement>, StoreError> {
    let mut all = table::entitlements(call, person)?;
    for (merge, other) in merge::opened(call, person)? {
        for mut one in table::entitlements(call, other)? {
            one.number = merge::number(merge, one.number);
            let is_same = |known: &Entitlement| {
                known.number == one.number
                    || (known.payer == one.payer
                        && known.recipient == one.recipient
                        && known.period.from() == one.period.from())
            };
            if !all.iter().any(is_same) {
                all.push(one);
            }
        }
    }
    Ok(all)
}

/// The tickets of an opened person, in order of their numbers; then those of whoever was
/// merged into them.
///
/// # Errors
/// [`StoreError`].
pub fn tickets(call: &Call<'_>, person: PersonId) -> Result<Vec<Ticket>, StoreError> {
    let mut all = table::tickets(call, person)?;
    for (merge, other) in merge::opened(call, person)? {
        for mut one in table::tickets(call, other)? {
            one.number = merge::number(merge, one.number);
            if !all.iter().any(|known| known.number == one.number) {
                all.push(one);
            }
        }
    }
    Ok(all)
}

/// Writes an entitlement, new or changed, and the directory entry that leads to it.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn put_entitlement(
    call: &mut Call<'_>,
    person: PersonId,
    entitlement: &Entitlement,
) -> Result<(), Stop> {
    call.lock(person)?;
    table::put_entitlement(call, person, entitlement)?;
    let key = key(call, &entitlement.payer, &entitlement.recipient);
    table::put_entry(call, &key, person)?;
    Ok(())
}

/// Writes a ticket, new or changed, and the directory entry that leads to it.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn put_ticket(call: &mut Call<'_>, person: PersonId, ticket: &Ticket) -> Result<(), Stop> {
    call.lock(person)?;
    table::put_ticket(call, person, ticket)?;
    let key = key(call, &ticket.payer, &ticket.recipient);
    table::put_entry(call, &key, person)?;
    Ok(())
}

/// The number of a person's next entitlement or ticket, by those that they have. What came
/// from a registration that was merged into theirs keeps its own.
#[must_use]
pub fn next_number(held: impl Iterator<Item = i64>) -> i64 {
    let own = held.filter(|number| merge::source(*number).is_none());
    own.max().unwrap_or(0).saturating_add(1)
}

/// As [`find`], and nobody else does so until this change is committed: a recipient's number is
/// one person's.
///
/// # Errors
/// [`StoreError`].
pub fn find_alone(
    call: &Call<'_>,
    payer: &SubsidyPayerNumber,
    recipient: &RecipientNumber,
) -> Result<Vec<PersonId>, StoreError> {
    call.claim(&key(call, payer, recipient))?;
    find(call, payer, recipient)
}

/// Most people who were ever known by one payer's and recipient's number.
const SAME_NUMBER_MAX: i64 = 8;

/// Who is or was known by a payer's and a recipient's number: hints, to be checked against the
/// person's own entitlements. Reads the directory only; nobody is opened.
///
/// # Errors
/// [`StoreError`].
pub fn find(
    call: &Call<'_>,
    payer: &SubsidyPayerNumber,
    recipient: &RecipientNumber,
) -> Result<Vec<PersonId>, StoreError> {
    let mut people = table::by_number(call, &key(call, payer, recipient), SAME_NUMBER_MAX)?;
    people.sort();
    people.dedup();
    Ok(people)
}

fn key(call: &Call<'_>, payer: &SubsidyPayerNumber, recipient: &RecipientNumber) -> [u8; 32] {
    call.directory_key("subsidy", &[payer.as_str(), recipient.as_str()])
}
