//! What a page about one visit shows: who, with which coverage, and what is open.

use access::consent::{self, Category, Standing};
use kernel::{id::FacilityId, time::JstDate};
use maud::Markup;
use registry::{
    model::{Coverage, Profile},
    ops as people,
};
use store::{Call, Stop};
use web::ui::{self, Lang};

use crate::{
    model::{Visit, VisitId},
    ops, rules,
};

/// A visit with what is known of the person.
pub(super) struct Seen {
    pub visit: Visit,
    pub profile: Profile,
    pub coverage: Option<Coverage>,
    pub open: Vec<Category>,
}

/// Opens the visit's person and reads.
///
/// # Errors
/// `TSK-ELG-030`; the store's.
pub(super) fn look(call: &mut Call<'_>, facility: FacilityId, id: VisitId) -> Result<Seen, Stop> {
    let visit = ops::visit(call, facility, id)?;
    call.open(visit.person)?;
    let profile = people::profile(call, visit.person)?;
    let coverages = people::coverages(call, visit.person)?;
    let on = call.at().jst_date();
    let coverage = rules::judge(&coverages, None, on).ok().cloned();
    let ledger = consent::ledger(call, visit.person)?;
    let open = Category::ALL
        .into_iter()
        .filter(|c| {
            let standing = consent::standing(&ledger, facility, *c, call.at());
            matches!(standing, Standing::Given { .. })
        })
        .collect();
    Ok(Seen {
        visit,
        profile,
        coverage,
        open,
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
