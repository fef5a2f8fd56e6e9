//! What every page of the counter stands in, and how times look.

use kernel::time::Timestamp;
use maud::Markup;
use web::{
    Answer, Request,
    ui::{self, Lang},
};

use super::{HOME, LIST};

/// The frame of a page; `title` of the page that is not the first.
pub(super) fn frame(
    request: &Request,
    title: &str,
    below: Option<&str>,
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
    let here = request.path();
    let nav = [
        ui::NavItem {
            href: HOME,
            label: lang.pick("受付", "Counter"),
            current: here == HOME,
        },
        ui::NavItem {
            href: LIST,
            label: lang.pick("違いの一覧", "Differences"),
            current: here == LIST,
        },
    ];
    let path = [
        ui::Crumb {
            href: Some(HOME),
            label: lang.pick("受付", "Counter"),
        },
        ui::Crumb {
            href: None,
            label: below.unwrap_or_default(),
        },
    ];
    let breadcrumbs: &[ui::Crumb<'_>] = if below.is_some() { &path } else { &[] };
    let idle = web::account::idle(request);
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        has_errors,
        who: Some(&who),
        home_href: HOME,
        nav: &nav,
        breadcrumbs,
        environment_banner: request.app().banner,
        idle: Some(idle),
        body,
        ..ui::Page::default()
    }))
}

/// An instant to the minute.
pub(super) fn minute(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => at.jst_japanese(),
        Lang::En => at.jst_minute(),
    }
}

/// How long ago, in whole hours, or minutes below one.
pub(super) fn ago(lang: Lang, then: Timestamp, now: Timestamp) -> String {
    let minutes = now.seconds().saturating_sub(then.seconds()).max(0) / 60;
    match (lang, minutes / 60) {
        (Lang::Ja, 0) => format!("{minutes}分前"),
        (Lang::Ja, hours) => format!("{hours}時間前"),
        (Lang::En, 0) => format!("{minutes} min ago"),
        (Lang::En, hours) => format!("{hours} h ago"),
    }
}
