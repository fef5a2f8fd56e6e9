//! Entitlements and tickets, under their person, and the directory that leads to them.

use kernel::{
    code::{FacilityCode, RecipientNumber, SubsidyPayerNumber},
    id::PersonId,
    money::Yen,
    time::{JstDate, Period, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{Call, StoreError};

use crate::subsidy::{Entitlement, Ticket, TicketKind};

store::statements! {
    Person PUT_SUBSIDY = "INSERT INTO subsidy (person_id, number, from_date, until_date, body)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, number) DO UPDATE SET
        from_date = excluded.from_date, until_date = excluded.until_date, body = excluded.body";
    Person SUBSIDIES = "SELECT number, from_date, until_date, body FROM subsidy
        WHERE person_id = $1 ORDER BY number";
    Person PUT_TICKET = "INSERT INTO assistance_ticket (person_id, number, from_date, until_date,
        body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, number) DO UPDATE SET
        from_date = excluded.from_date, until_date = excluded.until_date, body = excluded.body";
    Person TICKETS = "SELECT number, from_date, until_date, body FROM assistance_ticket
        WHERE person_id = $1 ORDER BY number";
    Directory PUT_ENTRY = "INSERT INTO subsidy_directory (key, person_id) VALUES ($1, $2)
        ON CONFLICT (key, person_id) DO NOTHING";
    Directory BY_NUMBER = "SELECT COALESCE(m.kept_id, d.person_id)
        FROM subsidy_directory d LEFT JOIN merged_directory m ON m.person_key = d.person_id
        WHERE d.key = $1 ORDER BY d.person_id LIMIT $2";
}

const BAD: StoreError = StoreError::Corrupt("a subsidy");

/// At-rest form of an entitlement.
#[derive(Serialize, Deserialize)]
struct EntitlementBody {
    p: String,
    r: String,
    n: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    i: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<i64>,
    d: String,
    t: i64,
}

/// At-rest form of a ticket.
#[derive(Serialize, Deserialize)]
struct TicketBody {
    k: String,
    p: String,
    r: String,
    f: String,
    y: i64,
    o: bool,
    t: i64,
}

/// A row of either table: number, period, body in the clear.
type Held = (i64, Period<JstDate>, Vec<u8>);

fn put(
    call: &Call<'_>,
    statement: &'static store::Statement,
    person: PersonId,
    table: &'static str,
    (number, period, plain): Held,
) -> Result<(), StoreError> {
    let body = call.seal(person, table, &[&number.to_be_bytes()], &plain)?;
    let from = period.from().to_string();
    let until = period.until().map(|day| day.to_string());
    call.execute(
        statement,
        &[
            person.as_bytes().into(),
            number.into(),
            (&from).into(),
            until.as_ref().into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

fn held(
    call: &Call<'_>,
    statement: &'static store::Statement,
    person: PersonId,
    table: &'static str,
) -> Result<Vec<Held>, StoreError> {
    let rows = call.rows(statement, &[person.as_bytes().into()], |row| {
        let until = row.opt_text(2)?;
        let until = until.map(|text| JstDate::parse(&text).ok_or(BAD));
        let period = Period::new(row.date(1)?, until.transpose()?).ok_or(BAD)?;
        Ok((row.int(0)?, period, row.blob(3)?))
    })?;
    rows.into_iter()
        .map(|(number, period, sealed)| {
            let plain = call.unseal(person, table, &[&number.to_be_bytes()], &sealed)?;
            Ok((number, period, plain))
        })
        .collect()
}

pub(crate) fn put_entitlement(
    call: &Call<'_>,
    person: PersonId,
    entitlement: &Entitlement,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&EntitlementBody {
        p: entitlement.payer.as_str().to_owned(),
        r: entitlement.recipient.as_str().to_owned(),
        n: entitlement.name.clone(),
        s: entitlement.scheme.clone(),
        i: entitlement.income.clone(),
        m: entitlement.month_max.map(Yen::get),
        d: entitlement.issued_on.to_string(),
        t: entitlement.loaded_at.micros(),
    })
    .map_err(|_| BAD)?;
    let row = (entitlement.number, entitlement.period, plain);
    put(call, &PUT_SUBSIDY, person, "subsidy", row)
}

pub(crate) fn entitlements(
    call: &Call<'_>,
    person: PersonId,
) -> Result<Vec<Entitlement>, StoreError> {
    let read = |(number, period, plain): Held| {
        let body: EntitlementBody = serde_json::from_slice(&plain).ok()?;
        Some(Entitlement {
            number,
            period,
            payer: SubsidyPayerNumber::parse(&body.p).ok()?,
            recipient: RecipientNumber::parse(&body.r).ok()?,
            name: body.n,
            scheme: body.s,
            income: body.i,
            month_max: body.m.map(Yen::new),
            issued_on: JstDate::parse(&body.d)?,
            loaded_at: Timestamp::from_micros(body.t),
        })
    };
    let rows = held(call, &SUBSIDIES, person, "subsidy")?;
    rows.into_iter().map(|row| read(row).ok_or(BAD)).collect()
}

pub(crate) fn put_ticket(
    call: &Call<'_>,
    person: PersonId,
    ticket: &Ticket,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&TicketBody {
        k: ticket.kind.code().to_owned(),
        p: ticket.payer.as_str().to_owned(),
        r: ticket.recipient.as_str().to_owned(),
        f: ticket.facility.as_str().to_owned(),
        y: ticket.self_pay.get(),
        o: ticket.is_sole,
        t: ticket.loaded_at.micros(),
    })
    .map_err(|_| BAD)?;
    let row = (ticket.number, ticket.period, plain);
    put(call, &PUT_TICKET, person, "assistance_ticket", row)
}

pub(crate) fn tickets(call: &Call<'_>, person: PersonId) -> Result<Vec<Ticket>, StoreError> {
    let read = |(number, period, plain): Held| {
        let body: TicketBody = serde_json::from_slice(&plain).ok()?;
        Some(Ticket {
            number,
            period,
            kind: TicketKind::from_code(&body.k)?,
            payer: SubsidyPayerNumber::parse(&body.p).ok()?,
            recipient: RecipientNumber::parse(&body.r).ok()?,
            facility: FacilityCode::from_register(&body.f).ok()?,
            self_pay: Yen::new(body.y),
            is_sole: body.o,
            loaded_at: Timestamp::from_micros(body.t),
        })
    };
    let rows = held(call, &TICKETS, person, "assistance_ticket")?;
    rows.into_iter().map(|row| read(row).ok_or(BAD)).collect()
}

pub(crate) fn put_entry(
    call: &Call<'_>,
    key: &[u8; 32],
    person: PersonId,
) -> Result<(), StoreError> {
    call.execute(&PUT_ENTRY, &[key.into(), person.as_bytes().into()])?;
    Ok(())
}

pub(crate) fn by_number(
    call: &Call<'_>,
    key: &[u8; 32],
    limit: i64,
) -> Result<Vec<PersonId>, StoreError> {
    call.rows(&BY_NUMBER, &[key.into(), limit.into()], |row| {
        Ok(PersonId::from_bytes(row.array(0)?))
    })
}
