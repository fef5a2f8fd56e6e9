//! The frame of every page: larger type, four entries, the way out.

use kernel::{Refusal, id::PersonId, time::Timestamp};
use maud::Markup;
use web::{
    Answer, Request,
    ui::{self, Lang},
};

/// Idle seconds after which the screen is cleared; the session ends at the same time.
///
/// Source: identity-security SESS-01: ten minutes for patients.
const IDLE_SECONDS: u32 = 600;

/// The entries of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// ホーム.
    Home,
    /// わたしの情報.
    Record,
    /// 閲覧の履歴.
    History,
    /// 同意.
    Consents,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Home, Self::Record, Self::History, Self::Consents];

    /// Its address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Home => "/portal",
            Self::Record => "/portal/record",
            Self::History => "/portal/history",
            Self::Consents => "/portal/consents",
        }
    }

    /// Its words; the page's title as well.
    #[must_use]
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Home => lang.pick("ホーム", "Home"),
            Self::Record => lang.pick("わたしの情報", "My data"),
            Self::History => lang.pick("閲覧の履歴", "Access history"),
            Self::Consents => lang.pick("同意", "Consent"),
        }
    }
}

/// Who is logged in.
///
/// # Errors
/// `FORBIDDEN` for anybody but a person with their own card.
pub fn me(request: &Request) -> Result<PersonId, Refusal> {
    request
        .caller()
        .patient()
        .ok_or_else(|| Refusal::new(&access::errors::FORBIDDEN))
}

/// An address of this desk that keeps the page's language.
#[must_use]
pub fn link(lang: Lang, path: &str) -> String {
    match (lang, path.contains('?')) {
        (Lang::Ja, _) => path.to_owned(),
        (Lang::En, false) => format!("{path}?lang=en"),
        (Lang::En, true) => format!("{path}&lang=en"),
    }
}

/// The same page in the other language.
#[must_use]
pub fn other_language(lang: Lang, path: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}lang={}", lang.pick("en", "ja"))
}

/// A page for somebody who is logged in; the title never holds their name.
#[must_use]
pub fn portal_page(request: &Request, name: &str, title: &str, tab: Tab, body: Markup) -> Answer {
    let lang = request.lang();
    let csrf = request.csrf();
    let who = ui::Who {
        name,
        facility: "",
        role: "",
        csrf: &csrf,
    };
    let addresses = Tab::ALL.map(|entry| (entry, link(lang, entry.path())));
    let nav: Vec<ui::NavItem<'_>> = addresses
        .iter()
        .map(|(entry, href)| ui::NavItem {
            href,
            label: entry.label(lang),
            current: *entry == tab,
        })
        .collect();
    let home = link(lang, Tab::Home.path());
    let crumbs = [
        ui::Crumb {
            href: Some(&home),
            label: Tab::Home.label(lang),
        },
        ui::Crumb {
            href: None,
            label: title,
        },
    ];
    let ended = link(lang, "/portal/login?ended=1");
    let other = other_language(lang, tab.path());
    Answer::page(ui::page(&ui::Page {
        lang,
        shell: ui::Shell::Portal,
        title,
        who: Some(&who),
        home_href: &home,
        nav: &nav,
        breadcrumbs: if tab == Tab::Home { &[] } else { &crumbs },
        environment_banner: request.app().banner,
        lang_href: Some(&other),
        idle: Some(ui::Idle {
            seconds: IDLE_SECONDS,
            href: &ended,
            alive: "",
        }),
        body,
        ..ui::Page::default()
    }))
}

/// An instant for people, in Japan's time.
#[must_use]
pub fn instant(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => at.jst_japanese(),
        Lang::En => format!("{} JST", at.jst_minute()),
    }
}
