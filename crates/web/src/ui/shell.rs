//! The whole HTML document: header, navigation, main part and footer, in three variants.

use maud::{DOCTYPE, Markup, html};

use super::{Icon, Lang, Tone, assets, csrf, icon, submit};

/// Which variant of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shell {
    /// The desks of a facility: dense, wide.
    #[default]
    Staff,
    /// Before log-in: one narrow card and nothing that distracts.
    SignIn,
    /// The citizen's portal: larger type, more room.
    Portal,
}

impl Shell {
    const fn class(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::SignIn => "sign-in",
            Self::Portal => "portal",
        }
    }
}

/// Who is logged in.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// The person's name.
    pub name: &'a str,
    /// The facility for which they act; empty for a citizen.
    pub facility: &'a str,
    /// Their role in words, such as 受付 or 医師; empty for a citizen.
    pub role: &'a str,
    /// The session's CSRF token, for the log-out button.
    pub csrf: &'a str,
}

/// One entry of the navigation or the footer.
#[derive(Clone, Copy, Debug)]
pub struct NavItem<'a> {
    /// Where it leads.
    pub href: &'a str,
    /// Its words.
    pub label: &'a str,
    /// Is this where the reader is?
    pub current: bool,
}

/// One step of the path to this page; the last one is this page and has no address.
#[derive(Clone, Copy, Debug)]
pub struct Crumb<'a> {
    /// Where it leads.
    pub href: Option<&'a str>,
    /// Its words.
    pub label: &'a str,
}

/// An unattended screen is cleared: after `seconds` without a key or a touch the browser
/// goes to `href`, with a warning one minute before. The server ends the session anyway.
#[derive(Clone, Copy, Debug)]
pub struct Idle<'a> {
    /// Seconds without a sign of life; at least 120.
    pub seconds: u32,
    /// A page without personal data.
    pub href: &'a str,
    /// Where the page says that it is in use; empty for nowhere.
    pub alive: &'a str,
}

/// All that a document is made of. Fill what is needed and take the rest from
/// `Page::default()`.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// The language of the page.
    pub lang: Lang,
    /// Which variant.
    pub shell: Shell,
    /// What the page is for; the window's title and the heading. Never a person's name:
    /// titles stay in the browser's history.
    pub title: &'a str,
    /// Is the heading for screen readers only, because the body begins with its own strip?
    pub quiet_heading: bool,
    /// Was a form refused? The window's title then says so.
    pub has_errors: bool,
    /// Who is logged in.
    pub who: Option<&'a Who<'a>>,
    /// Where the product's name leads.
    pub home_href: &'a str,
    /// The navigation.
    pub nav: &'a [NavItem<'a>],
    /// The path to this page.
    pub breadcrumbs: &'a [Crumb<'a>],
    /// Said at the top of every page of a system that is not the real one: デモ環境.
    pub environment_banner: Option<&'a str>,
    /// This page in the other language.
    pub lang_href: Option<&'a str>,
    /// The links of the footer.
    pub footer: &'a [NavItem<'a>],
    /// Clearing of an unattended screen.
    pub idle: Option<Idle<'a>>,
    /// What stands below the heading.
    pub body: Markup,
}

impl Default for Page<'_> {
    fn default() -> Self {
        Self {
            lang: Lang::Ja,
            shell: Shell::Staff,
            title: "",
            quiet_heading: false,
            has_errors: false,
            who: None,
            home_href: "/",
            nav: &[],
            breadcrumbs: &[],
            environment_banner: None,
            lang_href: None,
            footer: &[],
            idle: None,
            body: html! {},
        }
    }
}

/// The full HTML document.
#[must_use]
pub fn page(page: &Page<'_>) -> Markup {
    let lang = page.lang;
    html! {
        (DOCTYPE)
        html lang=(lang.code()) class=(page.shell.class()) {
            (head(page))
            body {
                a.skip href="#main" { (lang.pick("本文へ移動する", "Skip to main content")) }
                @if let Some(words) = page.environment_banner {
                    div.environment role="region"
                        aria-label=(lang.pick("環境のお知らせ", "Environment")) { (words) }
                }
                (header(page))
                div.page {
                    (breadcrumbs(lang, page.breadcrumbs))
                    main id="main" tabindex="-1" {
                        @if page.quiet_heading {
                            h1.vh { (page.title) }
                        } @else {
                            h1 { (page.title) }
                        }
                        (page.body)
                    }
                }
                (footer(page))
                @if let Some(idle) = &page.idle { (idle_notice(lang, idle)) }
            }
        }
    }
}

fn head(page: &Page<'_>) -> Markup {
    let lang = page.lang;
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="robots" content="noindex, nofollow";
            meta name="format-detection" content="telephone=no";
            meta name="referrer" content="same-origin";
            title {
                @if page.has_errors { (lang.pick("エラー：", "Error: ")) }
                (page.title) " | " (lang.pick("襷 tasuki", "tasuki"))
            }
            link rel="icon" type="image/svg+xml" href=(assets::icon_href());
            link rel="stylesheet" href=(assets::css_href());
            script src=(assets::js_href()) defer {}
        }
    }
}

fn header(page: &Page<'_>) -> Markup {
    html! {
        header.site {
            div.site-bar {
                a.brand href=(page.home_href) {
                    span.brand-mark lang="ja" { "襷" } " " span.brand-name { "tasuki" }
                }
                @if let Some(who) = page.who { (who_box(page.lang, who)) }
                div.site-tools {
                    (lang_link(page.lang, page.lang_href))
                    @if let Some(who) = page.who { (logout(page.lang, who)) }
                }
            }
            @if !page.nav.is_empty() { (navigation(page.lang, page.nav)) }
        }
    }
}

fn who_box(lang: Lang, who: &Who<'_>) -> Markup {
    html! {
        p.who {
            (icon(Icon::Person))
            span.who-text {
                @if !who.facility.is_empty() { span.who-facility { (who.facility) } " " }
                span.who-name {
                    (who.name) (lang.pick(" さん", ""))
                    @if !who.role.is_empty() {
                        (lang.pick("（", " (")) (who.role) (lang.pick("）", ")"))
                    }
                }
            }
        }
    }
}

fn lang_link(lang: Lang, href: Option<&str>) -> Markup {
    let (code, words) = match lang {
        Lang::Ja => ("en", "English"),
        Lang::En => ("ja", "日本語"),
    };
    html! {
        @if let Some(href) = href {
            a.btn.btn-quiet href=(href) lang=(code) hreflang=(code) { (words) }
        }
    }
}

fn logout(lang: Lang, who: &Who<'_>) -> Markup {
    html! {
        form.logout method="post" action="/logout" {
            (csrf(who.csrf))
            (submit(lang.pick("ログアウト", "Log out"), Tone::Secondary))
        }
    }
}

fn navigation(lang: Lang, items: &[NavItem<'_>]) -> Markup {
    html! {
        nav.site-nav aria-label=(lang.pick("メインメニュー", "Main menu")) {
            ul {
                @for item in items {
                    li {
                        a href=(item.href) aria-current=[item.current.then_some("page")] {
                            (item.label)
                        }
                    }
                }
            }
        }
    }
}

fn breadcrumbs(lang: Lang, crumbs: &[Crumb<'_>]) -> Markup {
    html! {
        @if !crumbs.is_empty() {
            nav.crumbs aria-label=(lang.pick("現在位置", "Breadcrumbs")) {
                ol {
                    @for crumb in crumbs {
                        li {
                            @if let Some(href) = crumb.href {
                                a href=(href) { (crumb.label) }
                            } @else {
                                span aria-current="page" { (crumb.label) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn footer(page: &Page<'_>) -> Markup {
    let lang = page.lang;
    html! {
        footer.site-foot {
            div.site-foot-in {
                @if !page.footer.is_empty() {
                    ul {
                        @for item in page.footer {
                            li { a href=(item.href) { (item.label) } }
                        }
                    }
                }
                p {
                    (lang.pick(
                        "襷（たすき）— 医療の情報を、ご本人の同意のもとで次の担い手へつなぎます。",
                        "tasuki — health information, handed on with the person's consent.",
                    ))
                }
            }
        }
    }
}

fn idle_notice(lang: Lang, idle: &Idle<'_>) -> Markup {
    html! {
        div.idle role="alert" hidden data-idle=(idle.seconds) data-idle-href=(idle.href)
            data-alive=[Some(idle.alive).filter(|href| !href.is_empty())] {
            p {
                strong { (lang.pick("まもなく画面を閉じます。", "This page is about to close.")) }
                " "
                (lang.pick(
                    "しばらく操作がないため、1分後に閉じます。",
                    "There has been no activity; it closes in one minute.",
                ))
            }
            button.btn.btn-primary type="button" {
                (lang.pick("このまま続ける", "Stay on this page"))
            }
        }
    }
}
