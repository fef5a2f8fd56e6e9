//! What a page about one visit shows: who, with which coverage, and what is open.

use access::consent::{self, Category, Scope, Source, Standing};
use kernel::{id::FacilityId, time::JstDate};
use maud::Markup;
use registry::{
    model::{Coverage, Profile},
    ops as people,
};
use store::{Call, Stop, caller::Purpose};
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
    /// The standing choice of the person that opens something.
    pub standing: Option<Source>,
    /// May the facility be shown anything at all?
    pub is_consent_possible: bool,
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
    let standing = standings.iter().find_map(|(_, standing)| match standing {
        Standing::Given { source, .. } if *source != Source::Visit => Some(*source),
        _ => None,
    });
    let is_consent_possible = consent::is_possible(call, facility)?;
    Ok(Seen {
        visit,
        profile,
        coverage,
        open,
        standing,
        is_consent_possible,
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
