//! The frame of every page: larger type, the entries, the way out.

use kernel::{Refusal, id::PersonId, time::Timestamp};
use maud::{Markup, html};
use store::caller::Role;
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
    /// 文書.
    Documents,
    /// 閲覧の履歴.
    History,
    /// 保険証.
    Insurance,
    /// 同意.
    Consents,
    /// 家族・代理.
    Family,
}

impl Tab {
    const ALL: [Self; 7] = [
        Self::Home,
        Self::Insurance,
        Self::Record,
        Self::Documents,
        Self::History,
        Self::Consents,
        Self::Family,
    ];

    /// Its address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Home => "/portal",
            Self::Record => "/portal/record",
            Self::Documents => "/portal/documents",
            Self::History => "/portal/history",
            Self::Insurance => "/portal/insurance",
            Self::Consents => "/portal/consents",
            Self::Family => "/portal/family",
        }
    }

    /// Its words; the page's title as well.
    #[must_use]
    pub const fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Home => lang.pick("ホーム", "Home"),
            Self::Record => lang.pick("わたしの情報", "My data"),
            Self::Documents => lang.pick("文書", "Documents"),
            Self::History => lang.pick("閲覧の履歴", "Access history"),
            Self::Insurance => lang.pick("保険証", "Insurance"),
            Self::Consents => lang.pick("同意", "Consent"),
            Self::Family => lang.pick("家族・代理", "Family and proxies"),
        }
    }
}

/// Whose pages these are: who is logged in, or for whom they act.
///
/// # Errors
/// `FORBIDDEN` for anybody but a person with their own card and who acts for them.
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
    // Whose card it is, not whose page: the banner says that.
    let holder = match request.caller().name() {
        "" => name,
        proxy => proxy,
    };
    let who = ui::Who {
        name: holder,
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
        body: html! { (acting(request, name)) (body) },
        ..ui::Page::default()
    }))
}

/// Above every page that somebody sees for another: for whom, and the way back.
fn acting(request: &Request, name: &str) -> Markup {
    if request.caller().role() != Role::Proxy {
        return html! {};
    }
    let lang = request.lang();
    let heading = match lang {
        Lang::Ja => format!("{name}さんの代理として表示しています"),
        Lang::En => format!("You are acting for {name}"),
    };
    let back = lang.pick("ご自分のページに戻る", "Back to your own page");
    let action = link(lang, "/portal/family/leave");
    ui::notice(
        lang,
        ui::Level::Info,
        &heading,
        &html! {
            p { (lang.pick(
                "見たことは、この方とあなたの両方の履歴に残ります。",
                "What you see is on this person's history and on yours.")) }
            (ui::post_button(&action, &request.csrf(), &[], back, ui::Tone::Secondary))
        },
    )
}

/// An instant for people, in Japan's time.
#[must_use]
pub fn instant(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => at.jst_japanese(),
        Lang::En => format!("{} JST", at.jst_minute()),
    }
}
