//! What a page about one visit shows: who, with which coverage, and what is open.

use access::consent::{self, Category, Scope, Source, Standing};
use kernel::{Entry, id::FacilityId, time::JstDate};
use maud::Markup;
use registry::{model::Profile, ops as people};
use store::{Call, Stop, caller::Purpose};
use web::ui::{self, Lang};

use crate::{
    answer::{Held, ops as answer},
    model::{Visit, VisitId},
    ops,
};

/// A visit with what is known of the person.
pub(super) struct Seen {
    pub visit: Visit,
    pub profile: Profile,
    /// The coverage that holds today, or why none does.
    pub held: Result<Held, &'static Entry>,
    pub open: Vec<Category>,
    /// Does a standing choice of the person open something?
    pub is_standing: bool,
}

/// Opens the visit's person and reads.
///
/// # Errors
/// `TSK-ELG-030`; the store's.
pub(super) fn look(call: &mut Call<'_>, facility: FacilityId, id: VisitId) -> Result<Seen, Stop> {
    let visit = ops::visit(call, facility, id)?;
    call.open(visit.person)?;
    let profile = people::profile(call, visit.person)?;
    let when = (call.at().jst_date(), visit.at.jst_date().start());
    let held = answer::look(call, facility, visit.person, None, when)?;
    let ledger = consent::ledger(call, visit.person)?;
    let standings = Category::ALL.map(|category| {
        let scope = Scope {
            facility,
            category,
            purpose: Purpose::Treatment,
        };
        (category, consent::standing(&ledger, scope, call.at()))
    });
    let is_open = |standing: &Standing| matches!(standing, Standing::Given { .. });
    let open = standings.iter().filter(|(_, s)| is_open(s));
    let open = open.map(|(category, _)| *category).collect();
    let is_standing = standings.iter().any(|(_, standing)| {
        matches!(standing, Standing::Given { source, .. } if *source != Source::Visit)
    });
    Ok(Seen {
        visit,
        profile,
        held,
        open,
        is_standing,
    })
}

/// The strip that says who the page is about.
pub(super) fn strip(lang: Lang, seen: &Seen, today: JstDate) -> Markup {
    ui::person_strip(&ui::PersonStrip {
        lang,
        name: &seen.profile.name,
        kana: &seen.profile.kana,
        sex: seen.profile.sex.ja(),
        birth: seen.profile.birth,
        today,
        insured: None,
    })
}
