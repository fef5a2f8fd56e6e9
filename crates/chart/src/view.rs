//! One look at the shared record of a visiting patient.

use eligibility::model::VisitId;
use kernel::id::FacilityId;
use records::model::SharedView;
use registry::{model::Profile, ops as people};
use store::{Call, Stop, caller::Event};

/// Audit event of a look.
pub static VIEW: Event = Event {
    code: "records.view",
    ja: "共有された診療情報の閲覧",
    en: "shared record seen",
};

/// Who came, and what may be seen.
pub struct Look {
    /// The person.
    pub profile: Profile,
    /// Their shared record, as far as they consented.
    pub shared: SharedView,
}

/// The shared record of the person who came for `visit`.
///
/// # Errors
/// `TSK-ELG-030`; `TSK-CNS-001` to `TSK-CNS-003`; the store's.
pub fn look(call: &mut Call<'_>, facility: FacilityId, visit: VisitId) -> Result<Look, Stop> {
    let visit = eligibility::ops::visit(call, facility, visit)?;
    let shared = records::ops::shared(call, visit.person, facility)?;
    let profile = people::profile(call, visit.person)?;
    Ok(Look { profile, shared })
}
