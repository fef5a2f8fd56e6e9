//! The list of a facility's home-care patients, and the check without the card.

use ::store::{Call, Stop, caller::Purpose};
use access::consent::{self, Continuing};
use kernel::{
    id::{FacilityId, PersonId, Rng},
    time::Timestamp,
};
use registry::ops as people;

use super::store as table;
use crate::{
    codes::errors,
    model::{Confirmed, Method},
    ops,
};

/// Patients on one list.
const SHOWN_MAX: i64 = 500;

/// A facility's reference to its own home-care patient; nobody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatientId([u8; 16]);

impl PatientId {
    /// A new one.
    #[must_use]
    pub fn random(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// As stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        kernel::hex::decode_array(text).map(Self)
    }

    /// As stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        kernel::hex::encode(&self.0)
    }
}

/// Somebody whom a facility cares for at home.
#[derive(Clone, PartialEq, Eq)]
pub struct HomePatient {
    /// The facility's reference.
    pub id: PatientId,
    /// Who.
    pub person: PersonId,
    /// Since when they are on the list.
    pub since: Timestamp,
    /// First instant at which the consent no longer stands.
    pub until: Timestamp,
    /// Name, for the facility's own list.
    pub name: String,
    /// Kana, for the facility's own list.
    pub kana: String,
}

/// Brings the facility's list up to the ledger of an opened person: after each choice, and
/// after what they took back.
///
/// # Errors
/// The store's.
pub fn sync(call: &mut Call<'_>, facility: FacilityId, person: PersonId) -> Result<(), Stop> {
    let ledger = consent::ledger(call, person)?;
    let at = call.at();
    match consent::continuing(&ledger, facility, Purpose::Treatment, at) {
        Continuing::Never => {}
        Continuing::Until(until) => {
            if table::set_until(call, facility, person, until)? == 0 {
                let profile = people::profile(call, person)?;
                let patient = HomePatient {
                    id: PatientId::random(call.rng()),
                    person,
                    since: at,
                    until,
                    name: profile.name,
                    kana: profile.kana,
                };
                table::put(call, facility, &patient)?;
            }
        }
        Continuing::Ended | Continuing::Withdrawn => {
            if table::is_known(call, facility, person)? {
                table::set_until(call, facility, person, at)?;
            }
        }
    }
    Ok(())
}

/// The facility's own home-care patients whose consent stands, those first who were there
/// first, 500 at most.
///
/// # Errors
/// The store's.
pub fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<HomePatient>, Stop> {
    Ok(table::standing(call, facility, call.at(), SHOWN_MAX)?)
}

/// Verifies a home-care patient's eligibility again, without their card, and opens a visit in
/// which the facility sees what the standing consent lets it see.
///
/// # Errors
/// `TSK-VIS-020` to `TSK-VIS-022`; `TSK-ELG-005` to `TSK-ELG-008`; the store's.
pub fn check(call: &mut Call<'_>, facility: FacilityId, id: PatientId) -> Result<Confirmed, Stop> {
    call.detail("method", Method::HomeCare.word());
    let patient = table::one(call, facility, id)?;
    let patient = patient.ok_or_else(|| Stop::from(&errors::HOME_ABSENT))?;
    call.open(patient.person)?;
    let ledger = consent::ledger(call, patient.person)?;
    match consent::continuing(&ledger, facility, Purpose::Treatment, call.at()) {
        Continuing::Until(_) => {}
        Continuing::Ended => return Err(Stop::from(&errors::HOME_ENDED)),
        Continuing::Never | Continuing::Withdrawn => {
            return Err(Stop::from(&errors::HOME_WITHDRAWN));
        }
    }
    let today = call.at().jst_date();
    ops::confirm(
        call,
        facility,
        patient.person,
        None,
        today,
        Method::HomeCare,
    )
}
