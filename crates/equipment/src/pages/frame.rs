//! What every page of the office and of vendor support stands in.

use access::policy::{self, Permission};
use kernel::{Refusal, id::StaffId, time::Timestamp};
use maud::{Markup, html};
use store::caller::Actor;
use web::{
    Answer, Request,
    ui::{self, Lang, Level},
};

/// The frame; `crumbs` leads to this page, empty on a page of the navigation. Whoever
/// administers or reviews stands in the office, a vendor among its own two pages.
pub(super) fn office_page(
    request: &Request,
    title: &str,
    crumbs: &[ui::Crumb<'_>],
    body: Markup,
) -> Answer {
    if !policy::allows(request.caller().role(), Permission::Support) {
        let here = [ui::Crumb {
            href: None,
            label: title,
        }];
        let crumbs = if crumbs.is_empty() {
            here.as_slice()
        } else {
            crumbs
        };
        return web::office::page(request, title, crumbs, false, body);
    }
    let lang = request.lang();
    let csrf = request.csrf();
    let caller = request.caller();
    let who = ui::Who {
        name: caller.name(),
        facility: caller.home().map_or("", |home| home.name.as_str()),
        role: caller.role().ja(),
        csrf: &csrf,
    };
    let places = [
        (
            "/support/visits",
            lang.pick("受付（名前を伏せて表示）", "Visits (masked)"),
        ),
        ("/support/equipment", lang.pick("機器台帳", "Equipment")),
    ];
    let nav = places.map(|(href, label)| ui::NavItem {
        href,
        label,
        current: crumbs.is_empty() && label == title,
    });
    let home_href = places.first().map_or("/", |(href, _)| href);
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        who: Some(&who),
        home_href,
        nav: &nav,
        breadcrumbs: crumbs,
        environment_banner: request.app().banner,
        idle: Some(web::account::idle(request)),
        body,
        ..ui::Page::default()
    }))
}

/// May the caller change what they see here?
pub(super) fn may_manage(request: &Request) -> bool {
    policy::allows(request.caller().role(), Permission::ManageEquipment)
}

/// The caller's account.
///
/// # Errors
/// `FORBIDDEN` for a caller who is no member of staff.
pub(super) fn staff_id(request: &Request) -> Result<StaffId, Refusal> {
    match &request.caller().actor {
        Actor::Staff { staff, .. } => Ok(*staff),
        _ => Err(Refusal::new(&access::errors::FORBIDDEN)),
    }
}

/// Why a form was not taken, with what to do.
pub(super) fn failure(lang: Lang, why: Option<&Refusal>) -> Markup {
    html! {
        @if let Some(why) = why {
            (ui::notice(lang, Level::Error, lang.text(&why.entry.cause), &html! {
                p { (lang.text(&why.entry.remedy)) }
                p { small { (lang.pick("エラーコード", "Error code")) " " code { (why.entry.code) } } }
            }))
        }
    }
}

/// An instant for people.
pub(super) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.jst_minute()) } }
}

/// A day for people, or a dash.
pub(super) fn day(lang: Lang, at: Option<Timestamp>) -> Markup {
    html! {
        @match at {
            Some(at) => (ui::date(lang, at.jst_date())),
            None => "—",
        }
    }
}
