//! What every page of the counter stands in, and how a refused check looks.

use access::policy::{self, Permission};
use kernel::Refusal;
use maud::Markup;
use web::{
    Answer, Request,
    ui::{self, Lang, Signal},
};

/// The frame of a staff page.
#[must_use]
pub fn staff_page(
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
    let mut nav = vec![ui::NavItem {
        href: "/reception",
        label: lang.pick("受付", "Reception"),
        current: crumbs.is_empty(),
    }];
    // The desk of letters, for whom it is open.
    if policy::admits(caller, Permission::ReadDocuments) {
        nav.push(ui::NavItem {
            href: "/letters",
            label: lang.pick("紹介状", "Letters"),
            current: false,
        });
    }
    let idle = web::account::idle(request);
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        has_errors,
        who: Some(&who),
        home_href: "/reception",
        nav: &nav,
        breadcrumbs: crumbs,
        environment_banner: request.app().banner,
        idle: Some(idle),
        body,
        ..ui::Page::default()
    }))
}

/// The path to a page below the result of a visit, which is at `result_href`.
#[must_use]
pub const fn visit_crumbs<'a>(
    lang: Lang,
    result_href: &'a str,
    title: &'a str,
) -> [ui::Crumb<'a>; 3] {
    [
        ui::Crumb {
            href: Some("/reception"),
            label: lang.pick("受付", "Reception"),
        },
        ui::Crumb {
            href: Some(result_href),
            label: lang.pick("資格確認の結果", "Result"),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ]
}

/// A refused check with its next step.
pub(crate) fn refused(lang: Lang, why: &Refusal) -> Markup {
    let signal = match why.entry.code {
        "TSK-ELG-004" | "TSK-ELG-007" | "TSK-ELG-009" | "TSK-ELG-010" | "TSK-ELG-025" => {
            Signal::Yellow
        }
        // What was shown is at fault, not the coverage: it can be shown again, or otherwise.
        code if code.starts_with("TSK-PHN-") => Signal::Yellow,
        _ => Signal::Red,
    };
    ui::verdict(&ui::Verdict {
        lang,
        signal,
        heading: lang.pick("資格を確認できませんでした", "Eligibility is not confirmed"),
        reason: lang.text(&why.entry.cause),
        next: lang.text(&why.entry.remedy),
        code: Some(why.entry.code),
    })
}
