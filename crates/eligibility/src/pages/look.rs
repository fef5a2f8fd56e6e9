//! What a page about one visit shows: who, with which coverage, and what is open.

use access::consent::{self, Category, Scope, Source, Standing};
use kernel::{Entry, id::FacilityId, time::JstDate};
use maud::{Markup, html};
use registry::{
    merge::{self, Merge},
    model::Profile,
    names::{self, Legibility},
    ops as people,
};
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
    /// Registrations that were joined with this one, or were and are not any more.
    pub merges: Vec<Merge>,
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
    merge::open(call, visit.person)?;
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
    let mut open: Vec<Category> = open.map(|(category, _)| *category).collect();
    let closed = consent::closed_by_merged(call, visit.person, facility, Purpose::Treatment)?;
    open.retain(|category| !closed.contains(category));
    let merges = merge::of(call, visit.person)?;
    let standing = standings.iter().find_map(|(_, standing)| match standing {
        Standing::Given { source, .. } if *source != Source::Visit => Some(*source),
        _ => None,
    });
    let is_consent_possible = consent::is_possible(call, facility)?;
    Ok(Seen {
        visit,
        profile,
        held,
        open,
        merges,
        standing,
        is_consent_possible,
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

/// What the counter has to know of registrations that were joined or parted.
pub(super) fn merged(lang: Lang, merges: &[Merge]) -> Markup {
    html! {
        @for merge in merges.iter().filter(|merge| merge.is_kept) {
            @let on = ui::date_text(lang, merge.done.at.jst_date());
            @match &merge.undone {
                None => (ui::notice(lang, ui::Level::Info, &match lang {
                    Lang::Ja => format!("この方は{on}に、2つの登録がまとめられました"),
                    Lang::En => format!("Two registrations of this person were joined on {on}"),
                }, &html! {
                    p { (lang.pick(
                        "以前の番号やカードでも、同じ方として表示されます。別の方の資格や情報が見えるときは、登録管理者に連絡してください。",
                        "Former numbers and cards lead here too. If anything here is somebody else's, call the registrar.")) }
                })),
                Some(undone) => (ui::notice(lang, ui::Level::Warning, &match lang {
                    Lang::Ja => format!("{on}にまとめられた2つの登録は、{}に元に戻されました", ui::date_text(lang, undone.at.jst_date())),
                    Lang::En => format!("Two registrations joined on {on} were parted on {}", ui::date_text(lang, undone.at.jst_date())),
                }, &html! {
                    p { (lang.pick(
                        "その間に受け付けた内容が、この方のものかを確かめてください。",
                        "Make sure that what was taken in between belongs to this person.")) }
                })),
            }
        }
    }
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
