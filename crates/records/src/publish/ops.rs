//! Registering what was made, all of it or nothing.

use fhir_server::ops::Right;
use store::{Call, Stop, caller::Home};

use super::{build::Made, material::Material};
use crate::{
    errors,
    ops::{
        register,
        register::{Places, find, no},
    },
    store as table,
};

/// Where a fault is, in the partition.
const PLACES: Places = Places {
    identifier: "Bundle.identifier.value",
    member: "Patient.identifier",
};

/// Registers the Bundles that are new or different. What they were made of must still stand as
/// it was read, so that an older publishing never replaces a newer one.
///
/// # Errors
/// [`errors::PUBLISH_CHANGED`]; [`errors::PATIENT_OTHER`] when the Patient's member identifier
/// leads to somebody else by now; what [`register::enter`] says.
pub(crate) fn publish(
    call: &mut Call<'_>,
    home: &Home,
    origin: &str,
    (material, made): (&Material, &[Made]),
) -> Result<Vec<kernel::Finding>, Stop> {
    fhir_server::ops::may(call, Right::Read, "Patient")?;
    fhir_server::ops::lock(call, home.id, material.patient.resource.key.owner)?;
    if !material.still_stands(call, home, origin)? {
        return Err(Stop::from(&errors::PUBLISH_CHANGED));
    }
    call.detail("bundles", made.len().to_string());
    let mut warnings = Vec::new();
    for one in made {
        let Some(checked) = one.checked.as_deref() else {
            continue;
        };
        let person = find(call, &checked.member, &PLACES)?;
        if !material.people.contains(&person) {
            return Err(no(&errors::PATIENT_OTHER, PLACES.member));
        }
        // Somebody else published the first of it meanwhile.
        let member = table::member_key(call, checked.member.as_str());
        for person in material.people.iter().filter(|_| !one.replaces) {
            if table::has(call, *person, &member, &checked.identifier)? {
                return Err(Stop::from(&errors::PUBLISH_CHANGED));
            }
        }
        warnings.extend(register::enter(call, home, checked)?.warnings);
    }
    Ok(warnings)
}
