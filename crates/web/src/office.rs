//! The office (管理室): the frame and the rooms of those who administer a facility or keep it
//! safe. They see no clinical data, so none of the counter's pages is theirs.
//!
//! Which rooms there are is the route table's to say, and who may enter them the policy's: a
//! room whose service is not in this program, or whose door is closed to the caller, is not
//! shown.

use access::policy;
use maud::Markup;

use crate::{
    Answer, Request,
    route::Method,
    ui::{self, Icon, Lang},
};

/// Where the office is entered.
pub const HOME: &str = "/office";

/// One room.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Its page, as the route table has it.
    pub path: &'static str,
    /// Its picture.
    pub icon: Icon,
    ja: (&'static str, &'static str),
    en: (&'static str, &'static str),
}

impl Room {
    /// What can be done there.
    #[must_use]
    pub const fn title(&self, lang: Lang) -> &'static str {
        lang.pick(self.ja.0, self.en.0)
    }

    /// One sentence more.
    #[must_use]
    pub const fn description(&self, lang: Lang) -> &'static str {
        lang.pick(self.ja.1, self.en.1)
    }
}

const fn room(
    path: &'static str,
    icon: Icon,
    ja: (&'static str, &'static str),
    en: (&'static str, &'static str),
) -> Room {
    Room { path, icon, ja, en }
}

/// Every room, in the order in which they are shown.
const ROOMS: [Room; 10] = [
    room(
        "/office/accounts",
        Icon::Person,
        (
            "職員のアカウント",
            "採用・異動・退職の手続き、パスワードの再設定",
        ),
        (
            "Accounts of the staff",
            "joining, moving, leaving; new passwords",
        ),
    ),
    room(
        "/office/rights",
        Icon::Lock,
        ("管理者の権限", "管理者の一覧と経過、二人で行う承認"),
        (
            "Rights of administrators",
            "who has them, since when; approval by two people",
        ),
    ),
    room(
        "/office/accounts/review",
        Icon::Consent,
        ("月次の点検", "職員の権限と、使われていないアカウントの点検"),
        ("Monthly review", "rights of the staff and unused accounts"),
    ),
    room(
        "/office/access-review",
        Icon::Graph,
        (
            "閲覧の点検",
            "職員の閲覧から目立つものを確かめ、毎週記録する",
        ),
        (
            "Review of access",
            "what stands out in the looks of the staff, each week",
        ),
    ),
    room(
        "/office/equipment",
        Icon::Card,
        ("機器と接続先", "端末・サーバー・証明書・外部との接続の台帳"),
        (
            "Equipment and connections",
            "terminals, servers, certificates, connections",
        ),
    ),
    room(
        "/office/clients",
        Icon::Document,
        ("接続するシステム", "電子カルテなど、接続を許すシステムと鍵"),
        (
            "Connected systems",
            "record systems that may connect, and their keys",
        ),
    ),
    room(
        "/office/maintenance",
        Icon::Clock,
        ("保守の受け入れ", "保守事業者が作業できる時間の承認と記録"),
        ("Maintenance", "when a vendor may work, and what was done"),
    ),
    room(
        "/register/disaster",
        Icon::Caution,
        (
            "災害時モード",
            "カードも番号もない方を4つの情報で探せる地域と期間",
        ),
        (
            "Disaster mode",
            "where and how long people may be found by four attributes",
        ),
    ),
    room(
        "/register/people",
        Icon::Person,
        ("二重登録のまとめ", "同じ方の2つの登録をまとめる・元に戻す"),
        (
            "Registered twice",
            "join two registrations of one person, and undo it",
        ),
    ),
    room(
        "/town",
        Icon::Document,
        ("公費・医療扶助", "公費の資格、医療券・調剤券の登録と終了"),
        (
            "Subsidies and assistance",
            "load and end entitlements and tickets",
        ),
    ),
];

/// The rooms that the caller may enter.
#[must_use]
pub fn rooms(request: &Request) -> Vec<Room> {
    let is_open = |room: &Room| {
        request.app().routes.iter().any(|route| {
            route.method == Method::Get
                && route.path == room.path
                && policy::admits(request.caller(), route.permission)
        })
    };
    ROOMS.into_iter().filter(is_open).collect()
}

/// The frame of a page of the office. `crumbs` lead from the office to the page; empty at its
/// entrance.
#[must_use]
pub fn page(
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
    let here = request.route.path;
    let nav: Vec<ui::NavItem<'_>> = rooms(request)
        .iter()
        .map(|room| ui::NavItem {
            href: room.path,
            label: room.title(lang),
            current: here == room.path,
        })
        .collect();
    let entrance = ui::Crumb {
        href: Some(HOME),
        label: lang.pick("管理", "Office"),
    };
    let mut path = Vec::new();
    if !crumbs.is_empty() {
        path.push(entrance);
        path.extend_from_slice(crumbs);
    }
    let footer = [ui::NavItem {
        href: "/account",
        label: lang.pick("自分のアカウント", "Your account"),
        current: false,
    }];
    let idle = crate::account::idle(request);
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        has_errors,
        who: Some(&who),
        home_href: HOME,
        nav: &nav,
        breadcrumbs: &path,
        environment_banner: request.app().banner,
        footer: &footer,
        idle: Some(idle),
        body,
        ..ui::Page::default()
    }))
}
