//! One's own account: password, second factors, log-ins, and showing a factor again before a
//! dangerous act.
//!
//! Source: identity-security AUTH-02, AUTH-04, AUTH-08, section 3.2 (step-up).

mod confirm;
mod factors;
mod overview;
mod password;

use access::{policy::Permission, session::Stage};
use kernel::{Refusal, Text};
use maud::Markup;
use store::caller::{Event, Purpose, Role};

use crate::{Answer, Body, Face, Method, Request, Route, handler, route::Handler, ui};

static OVERVIEW: Event = Event {
    code: "staff.account",
    ja: "自分のアカウントの確認",
    en: "own account looked at",
};
static CONFIRM: Event = Event {
    code: "staff.confirm",
    ja: "大切な操作の前の本人確認",
    en: "second factor shown again",
};
static CHANGE: Event = Event {
    code: "staff.password-change",
    ja: "パスワードの変更",
    en: "password changed",
};
static FACTOR: Event = Event {
    code: "staff.factor",
    ja: "2つめの確認方法の登録・削除",
    en: "second factor added or removed",
};
static END: Event = Event {
    code: "staff.session-end",
    ja: "自分のログインの終了",
    en: "own session ended",
};

/// The pages of one's own account.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = sessions();
    routes.extend(proofs());
    routes.extend(second_factors());
    routes
}

const fn route(
    (method, body): (Method, Body),
    path: &'static str,
    event: &'static Event,
    (ja, en): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Page,
        permission: Permission::OwnSession,
        event,
        purpose: Purpose::Operation,
        body,
        summary: Text { ja, en },
        handler,
    }
}

const fn get(
    path: &'static str,
    event: &'static Event,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    route((Method::Get, Body::None), path, event, summary, handler)
}

const fn post(
    path: &'static str,
    event: &'static Event,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    route((Method::Post, Body::Form), path, event, summary, handler)
}

fn sessions() -> Vec<Route> {
    vec![
        get(
            "/account",
            &OVERVIEW,
            ("自分のアカウント", "own account"),
            handler!(overview::page),
        ),
        get(
            "/account/alive",
            &OVERVIEW,
            ("操作中の知らせ", "sign of life of a page"),
            handler!(overview::alive),
        ),
        post(
            "/account/sessions/end",
            &END,
            ("ログインの終了", "end one of one's sessions"),
            handler!(overview::end),
        ),
    ]
}

fn proofs() -> Vec<Route> {
    vec![
        get(
            "/account/password",
            &CHANGE,
            ("パスワードの変更", "change the password"),
            handler!(password::page),
        ),
        post(
            "/account/password",
            &CHANGE,
            ("パスワードの変更の登録", "set a new password"),
            handler!(password::change),
        ),
        get(
            "/account/confirm",
            &CONFIRM,
            ("本人確認", "show a factor again"),
            handler!(confirm::page),
        ),
        post(
            "/account/confirm",
            &CONFIRM,
            ("本人確認の照合", "check the factor"),
            handler!(confirm::check),
        ),
    ]
}

fn second_factors() -> Vec<Route> {
    vec![
        get(
            "/account/factors",
            &FACTOR,
            ("確認方法の追加", "add a second factor"),
            handler!(factors::page),
        ),
        post(
            "/account/factors/app",
            &FACTOR,
            ("認証アプリの登録", "register an authenticator"),
            handler!(factors::add_app),
        ),
        post(
            "/account/factors/passkey/options",
            &FACTOR,
            ("パスキーの登録の開始", "ask for a new passkey"),
            handler!(factors::passkey_options),
        ),
        post(
            "/account/factors/passkey",
            &FACTOR,
            ("パスキーの登録", "register a passkey"),
            handler!(factors::add_passkey),
        ),
        get(
            "/account/factors/card",
            &FACTOR,
            ("カードの登録の開始", "register a card: challenge"),
            handler!(factors::card_page),
        ),
        post(
            "/account/factors/card",
            &FACTOR,
            ("カードの登録", "register a card"),
            handler!(factors::add_card),
        ),
        post(
            "/account/factors/remove",
            &FACTOR,
            ("確認方法の削除", "remove a second factor"),
            handler!(factors::remove),
        ),
    ]
}

/// The session's token, if it is a member of staff's; a citizen is led to their own page.
fn token(request: &Request) -> Result<String, Answer> {
    let is_staff = Role::STAFF.contains(&request.caller().role());
    request
        .token()
        .filter(|_| is_staff)
        .map(str::to_owned)
        .ok_or_else(|| Answer::see_other("/portal"))
}

/// Is the account still to be put in order, before it opens anything?
fn is_mending(request: &Request) -> bool {
    request
        .session()
        .is_some_and(|session| session.stage == Stage::MustChange)
}

/// A page of the account, with its own way home.
fn frame(request: &Request, title: &str, has_errors: bool, body: Markup) -> Answer {
    let lang = request.lang();
    let csrf = request.csrf();
    let caller = request.caller();
    let who = ui::Who {
        name: caller.name(),
        facility: caller.home().map_or("", |home| home.name.as_str()),
        role: caller.role().ja(),
        csrf: &csrf,
    };
    let crumb = |href, label| ui::Crumb { href, label };
    let account = lang.pick("自分のアカウント", "Your account");
    let home = crumb(Some("/"), lang.pick("業務の画面", "Your work"));
    let crumbs = if is_mending(request) {
        Vec::new()
    } else if title == account {
        vec![home, crumb(None, title)]
    } else {
        vec![home, crumb(Some("/account"), account), crumb(None, title)]
    };
    Answer::page(ui::page(&ui::Page {
        lang,
        title,
        has_errors,
        who: Some(&who),
        breadcrumbs: &crumbs,
        environment_banner: request.app().banner,
        idle: Some(idle(request)),
        body,
        ..ui::Page::default()
    }))
}

/// How long a staff page may stand untouched, as the server counts it.
#[must_use]
pub fn idle(request: &Request) -> ui::Idle<'static> {
    let minutes = request.app().gate.rules().idle_minutes();
    ui::Idle {
        seconds: u32::try_from(minutes * 60).unwrap_or(u32::MAX),
        href: crate::standing::LOCK,
        alive: "/account/alive",
    }
}

/// Factors are added and removed by somebody who has just shown one, or has none yet to show.
fn may_change_factors(request: &Request) -> Result<(), Refusal> {
    if is_mending(request) {
        Ok(())
    } else {
        request.fresh()
    }
}
