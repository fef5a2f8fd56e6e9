//! What every page of the console stands in.

use kernel::Refusal;
use maud::{Markup, html};
use web::{
    Answer, Request,
    ui::{self, Lang},
};

/// The frame of a page of the console.
pub(super) fn page(
    request: &Request,
    title: &str,
    crumbs: &[ui::Crumb<'_>],
    has_errors: bool,
    body: Markup,
) -> Answer {
    let lang = request.lang();
    let csrf = request.csrf();
    let caller = request.caller();
    let who = ui::Who {
        name: caller.name(),
        facility: caller.home().map_or("", |home| home.name.as_str()),
        role: caller.role().ja(),
        csrf: &csrf,
    };
    let is_members = request.path().starts_with("/insurer/members")
        || request.path().starts_with("/insurer/changes");
    let nav = [
        ui::NavItem {
            href: "/insurer",
            label: lang.pick("登録の状況", "Console"),
            current: request.path() == "/insurer",
        },
        ui::NavItem {
            href: "/insurer/members",
            label: lang.pick("1人の異動", "One member"),
            current: is_members,
        },
        ui::NavItem {
            href: "/insurer/checkups",
            label: lang.pick("健診結果", "Checkups"),
            current: false,
        },
    ];
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        has_errors,
        who: Some(&who),
        home_href: "/insurer",
        nav: &nav,
        breadcrumbs: crumbs,
        environment_banner: request.app().banner,
        idle: Some(web::account::idle(request)),
        body,
        ..ui::Page::default()
    }))
}

/// Why something was not done, and what to do next.
pub(super) fn refused(lang: Lang, heading: &str, why: &Refusal) -> Markup {
    let body = html! {
        p { (lang.text(&why.entry.cause)) }
        p { (lang.text(&why.entry.remedy)) }
        @if why.findings.len() > 1 || why.findings.iter().any(|one| !one.found.is_empty()) {
            ul {
                @for one in &why.findings {
                    li {
                        (super::form::label(lang, &one.path))
                        @if !one.found.is_empty() { ": " code { (one.found) } }
                        " — " (lang.pick(&one.remedy_ja, &one.remedy_en))
                    }
                }
            }
        }
        p { small { (why.entry.code) } }
    };
    ui::notice(lang, ui::Level::Error, heading, &body)
}
