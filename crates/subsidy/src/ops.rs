//! Loading entitlements and tickets, ending an entitlement. Each line is one operation.

use access::policy::{self, Action, Class, Facts, Need};
use kernel::{
    Refusal,
    code::{InsurerNumber, RecipientNumber, SubsidyPayerNumber},
    id::{FacilityId, PersonId},
};
use masters::local_subsidy;
use registry::{
    merge,
    model::Found,
    ops as people,
    subsidy::{self, Entitlement, Ticket},
};
use store::{Call, Stop};

use crate::{
    errors, rules,
    wire::{NewEnd, NewEntitlement, NewTicket},
};

/// The office must stand for the payer's number.
fn own(call: &Call<'_>, home: FacilityId, payer: &SubsidyPayerNumber) -> Result<(), Stop> {
    let number = InsurerNumber::from_register(payer.as_str());
    let number = number.map_err(|_| Stop::from(&errors::PAYER))?;
    let insurer = people::insurer(call, &number)?;
    let is_own = insurer.is_some_and(|one| one.home == Some(home));
    let facts = Facts::of(call.caller()).with(Need::OwnFacility, is_own);
    policy::require(call, Class::Register, Action::Write, facts)
        .map_err(|_| Stop::Refused(Refusal::at(&errors::NOT_YOURS, "payer_number", "")))
}

fn person(call: &mut Call<'_>, key: &registry::model::InsuredKey) -> Result<PersonId, Stop> {
    match people::find_by_number(call, key)? {
        Found::One(person) => {
            merge::lock(call, person)?;
            Ok(person)
        }
        _ => Err(Stop::from(&errors::NOBODY)),
    }
}

/// A recipient's number is one person's.
fn nobody_else(
    call: &mut Call<'_>,
    person: PersonId,
    payer: &SubsidyPayerNumber,
    recipient: &RecipientNumber,
) -> Result<(), Stop> {
    let others = subsidy::find_alone(call, payer, recipient)?;
    if others.iter().any(|other| *other != person) {
        return Err(Stop::from(&errors::OTHER_PERSON));
    }
    Ok(())
}

/// Loads an entitlement.
///
/// # Errors
/// `TSK-SUB-001`, `-004`, `-006`, `-007`, `-013`; the store's.
pub fn load_entitlement(
    call: &mut Call<'_>,
    home: FacilityId,
    new: &NewEntitlement,
) -> Result<Entitlement, Stop> {
    own(call, home, &new.payer)?;
    if let Some(scheme) = &new.scheme {
        let prefecture = new.payer.prefecture().parse().unwrap_or(0);
        let rows = local_subsidy::scheme(call, prefecture, scheme)?;
        let fits = |row: &local_subsidy::Scheme| row.income == new.income;
        if !rows.iter().any(fits) {
            return Err(Stop::Refused(Refusal::at(
                &errors::SCHEME,
                "scheme",
                scheme,
            )));
        }
    }
    let person = person(call, &new.key)?;
    nobody_else(call, person, &new.payer, &new.recipient)?;
    let all = subsidy::entitlements(call, person)?;
    rules::beside(&all, new)?;
    let entitlement = Entitlement {
        number: subsidy::next_number(all.iter().map(|e| e.number)),
        period: new.period,
        payer: new.payer.clone(),
        recipient: new.recipient.clone(),
        name: new.name.clone(),
        scheme: new.scheme.clone(),
        income: new.income.clone(),
        month_max: new.month_max,
        issued_on: new.issued_on,
        loaded_at: call.at(),
    };
    subsidy::put_entitlement(call, person, &entitlement)?;
    call.detail("law", entitlement.payer.law().to_owned());
    Ok(entitlement)
}

/// Ends the newest entitlement of a recipient's number.
///
/// # Errors
/// `TSK-SUB-001`, `-005`, `-014`; the store's.
pub fn end_entitlement(
    call: &mut Call<'_>,
    home: FacilityId,
    end: &NewEnd,
) -> Result<Entitlement, Stop> {
    own(call, home, &end.payer)?;
    let people = subsidy::find(call, &end.payer, &end.recipient)?;
    let person = *people.first().ok_or_else(|| Stop::from(&errors::NONE))?;
    merge::lock(call, person)?;
    let is_it = |e: &Entitlement| e.payer == end.payer && e.recipient == end.recipient;
    let mut entitlement = subsidy::entitlements(call, person)?
        .into_iter()
        .rfind(is_it)
        .ok_or_else(|| Stop::from(&errors::NONE))?;
    entitlement.period =
        rules::ended(entitlement.period, end.last).ok_or_else(|| Stop::from(&errors::PERIOD))?;
    entitlement.loaded_at = call.at();
    subsidy::put_entitlement(call, person, &entitlement)?;
    call.detail("law", entitlement.payer.law().to_owned());
    Ok(entitlement)
}

/// Loads a ticket.
///
/// # Errors
/// `TSK-SUB-001`, `-004`, `-008` to `-010`, `-013`; the store's.
pub fn load_ticket(call: &mut Call<'_>, home: FacilityId, new: &NewTicket) -> Result<Ticket, Stop> {
    own(call, home, &new.payer)?;
    rules::ticket(new)?;
    if people::facility_by_code(call, &new.facility)?.is_none() {
        let found = new.facility.as_str();
        return Err(Stop::Refused(Refusal::at(
            &errors::FACILITY,
            "facility_code",
            found,
        )));
    }
    let person = person(call, &new.key)?;
    nobody_else(call, person, &new.payer, &new.recipient)?;
    let all = subsidy::tickets(call, person)?;
    // The same ticket once more takes the place of the first.
    let is_same = |t: &&Ticket| {
        t.kind == new.kind && t.facility == new.facility && t.period.overlaps(&new.period)
    };
    let number = all.iter().find(is_same).map_or_else(
        || subsidy::next_number(all.iter().map(|t| t.number)),
        |old| old.number,
    );
    let ticket = Ticket {
        number,
        period: new.period,
        kind: new.kind,
        payer: new.payer.clone(),
        recipient: new.recipient.clone(),
        facility: new.facility.clone(),
        self_pay: new.self_pay,
        is_sole: new.is_sole,
        loaded_at: call.at(),
    };
    subsidy::put_ticket(call, person, &ticket)?;
    call.detail("kind", ticket.kind.code());
    Ok(ticket)
}
