//! What a page about one visit shows: who, with which coverage, and what is open.

use access::consent::{self, Category, Scope, Source, Standing};
use kernel::{id::FacilityId, time::JstDate};
use maud::{Markup, html};
use registry::{
    model::{Coverage, Profile},
    names::{self, Legibility},
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
    let is_standing = standings.iter().any(|(_, standing)| {
        matches!(standing, Standing::Given { source, .. } if *source != Source::Visit)
    });
    Ok(Seen {
        visit,
        profile,
        coverage,
        open,
        is_standing,
    })
}

/// What to do when the name holds characters that terminals show as ● (外字): the kana, large.
pub(super) fn gaiji(lang: Lang, profile: &Profile) -> Markup {
    let text = match names::legibility(&profile.name) {
        Legibility::Plain => return html! {},
        Legibility::Gaiji => lang.pick(
            "お名前に、端末やほかのシステムで「●」になることがある文字(外字)が含まれています。カナで呼び、書類の漢字は本人に確認してください。代わりの字形の画像は届いていません。",
            "The name holds characters that other systems may show as ●. Call the patient by the kana and ask how it is written; no image of the character is available.",
        ),
        Legibility::Lost => lang.pick(
            "お名前の一部の文字が、登録元で読めなくなっています(●)。カナで呼び、漢字は本人に口頭で確認してください。代わりの字形の画像は届いていません。",
            "Part of the name was lost where it was registered (●). Call the patient by the kana and ask how it is written; no image of the character is available.",
        ),
    };
    ui::notice(
        lang,
        ui::Level::Warning,
        lang.pick(
            "お名前の文字に注意してください",
            "Mind the characters of the name",
        ),
        &html! {
            p.person-kanji { (profile.kana) }
            p { (text) }
        },
    )
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
