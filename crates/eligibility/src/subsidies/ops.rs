//! Reading what pays beside the insurance; verifying by a subsidy's card.

use kernel::{
    code::{FacilityCode, RecipientNumber, SubsidyPayerNumber},
    id::{FacilityId, PersonId},
    time::JstDate,
};
use masters::local_subsidy;
use registry::{ops as people, subsidy};
use store::{Call, Stop, StoreError};

use super::{Paying, errors};
use crate::{
    model::{Confirmed, Method},
    ops,
};

/// A subsidy's card and the date of birth on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// Payer's number.
    pub payer: SubsidyPayerNumber,
    /// Recipient's number.
    pub recipient: RecipientNumber,
    /// Date of birth.
    pub birth: JstDate,
    /// For which date.
    pub on: JstDate,
}

/// What pays beside the insurance of an opened person on `on`, at the caller's facility.
///
/// # Errors
/// The store's.
pub fn of(call: &Call<'_>, person: PersonId, on: JstDate) -> Result<Paying, StoreError> {
    let all = subsidy::entitlements(call, person)?;
    let mut subsidies = Vec::new();
    for held in subsidy::in_order(&all, on) {
        let scheme = match &held.scheme {
            None => None,
            Some(number) => {
                let prefecture = held.payer.prefecture().parse().unwrap_or(0);
                let rows = local_subsidy::scheme(call, prefecture, number)?;
                rows.into_iter().find(|row| row.income == held.income)
            }
        };
        subsidies.push((held.clone(), scheme));
    }
    let home = call.caller().home();
    let code = home.and_then(|home| FacilityCode::from_register(&home.code).ok());
    let tickets = match code {
        None => Vec::new(),
        Some(code) => {
            let all = subsidy::tickets(call, person)?;
            subsidy::tickets_for(&all, &code, on).cloned().collect()
        }
    };
    Ok(Paying { subsidies, tickets })
}

/// Verifies eligibility by a subsidy's card. A number or date that does not fit is answered
/// as one that nobody has.
///
/// # Errors
/// `TSK-SBC-020`, `TSK-SBC-021`; as the other ways in.
pub fn by_card(
    call: &mut Call<'_>,
    facility: FacilityId,
    asked: &Asked,
) -> Result<Confirmed, Stop> {
    call.detail("method", Method::SubsidyCard.word());
    let mut ended = false;
    for person in subsidy::find(call, &asked.payer, &asked.recipient)? {
        registry::merge::open(call, person)?;
        if people::profile(call, person)?.birth != asked.birth {
            continue;
        }
        let fits = |payer: &SubsidyPayerNumber, recipient: &RecipientNumber| {
            *payer == asked.payer && *recipient == asked.recipient
        };
        let entitled = subsidy::entitlements(call, person)?
            .iter()
            .any(|one| fits(&one.payer, &one.recipient) && one.period.contains(asked.on));
        let ticketed = subsidy::tickets(call, person)?
            .iter()
            .any(|one| fits(&one.payer, &one.recipient) && one.period.contains(asked.on));
        if entitled || ticketed {
            return ops::confirm(call, facility, person, None, asked.on, Method::SubsidyCard);
        }
        ended = true;
    }
    Err(Stop::from(if ended {
        &errors::ENDED
    } else {
        &errors::UNKNOWN
    }))
}
