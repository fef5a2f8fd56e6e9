//! The office's pages of accounts, rights and reviews.

mod account;
mod home;
mod list;
mod looks;
mod review;
mod rights;
mod words;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Route, handler, route::Handler};

macro_rules! events {
    ($($name:ident = $code:literal, $ja:literal, $en:literal;)+) => {
        $(static $name: Event = Event { code: $code, ja: $ja, en: $en };)+
    };
}

events! {
    SHOWN = "accounts.list", "職員の一覧の表示", "accounts shown";
    OPENED = "accounts.open", "職員のアカウントの開設", "account opened";
    ROLE = "accounts.role", "職種の変更", "role changed";
    ENDED = "accounts.end", "アカウントの終了・終了日の変更", "account ended, or its end date changed";
    REOPENED = "accounts.reopen", "アカウントの再開", "account opened again";
    PASSWORD = "accounts.password", "初期パスワードの再発行", "initial password set again";
    ASKED = "accounts.grant-ask", "管理者などの権限の申請", "elevated rights asked for";
    DECIDED = "accounts.grant-decide", "管理者などの権限の承認・却下", "elevated rights approved or declined";
    PROPOSED = "accounts.substitute-ask", "代替コードの申請", "substitute code asked for";
    ISSUED = "accounts.substitute-issue", "代替コードの発行", "substitute code issued";
    RIGHTS = "accounts.rights", "管理者の権限の表示", "elevated rights shown";
    REVIEWED = "accounts.review", "職員の権限の点検", "accounts reviewed";
    LOOKS = "accounts.access-review", "職員の閲覧の点検", "looks of the staff reviewed";
    LOOKS_SIGNED = "accounts.access-review-sign", "閲覧の点検の記録", "review of access signed off";
    REVIEW_SIGNED = "accounts.review-sign", "権限の点検の記録", "review of accounts signed off";
    HOME = "accounts.office", "管理の画面の表示", "office shown";
}

/// Routes of the office.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = shown();
    routes.extend(changes());
    routes.extend(reviews());
    routes
}

/// What is shown.
fn shown() -> Vec<Route> {
    let (see, manage) = (Permission::SeeAccounts, Permission::ManageAccounts);
    vec![
        get(
            "/office",
            &HOME,
            Permission::OwnSession,
            ("管理", "office"),
            handler!(home::show),
        ),
        get(
            "/office/accounts",
            &SHOWN,
            see,
            ("職員のアカウントの一覧", "accounts of the staff"),
            handler!(list::show),
        ),
        get(
            "/office/accounts/new",
            &SHOWN,
            manage,
            ("アカウントを開設する画面", "form for a new account"),
            handler!(list::ask),
        ),
        get(
            "/office/accounts/{staff}",
            &SHOWN,
            see,
            ("職員のアカウント", "one account"),
            handler!(account::show),
        ),
        get(
            "/office/rights",
            &RIGHTS,
            see,
            ("管理者の権限と経過", "elevated rights and their history"),
            handler!(rights::show),
        ),
    ]
}

/// What administrators change.
fn changes() -> Vec<Route> {
    vec![
        change(
            "/office/accounts",
            &OPENED,
            ("アカウントの開設", "open an account"),
            handler!(list::open),
        ),
        change(
            "/office/accounts/{staff}/role",
            &ROLE,
            ("職種の変更", "change the role"),
            handler!(account::role),
        ),
        change(
            "/office/accounts/{staff}/end",
            &ENDED,
            ("アカウントの終了", "end an account"),
            handler!(account::end),
        ),
        change(
            "/office/accounts/{staff}/reopen",
            &REOPENED,
            ("アカウントの再開", "open an account again"),
            handler!(account::reopen),
        ),
        change(
            "/office/accounts/{staff}/password",
            &PASSWORD,
            ("初期パスワードの再発行", "set an initial password again"),
            handler!(account::password),
        ),
        change(
            "/office/accounts/{staff}/grant",
            &ASKED,
            ("管理者などの権限の申請", "ask for elevated rights"),
            handler!(account::grant),
        ),
        change(
            "/office/accounts/{staff}/substitute",
            &PROPOSED,
            ("代替コードの申請", "ask for a substitute code"),
            handler!(account::substitute),
        ),
        change(
            "/office/substitutes/{substitute}",
            &ISSUED,
            (
                "代替コードの承認と発行",
                "approve and issue a substitute code",
            ),
            handler!(account::issue),
        ),
        change(
            "/office/rights/{grant}",
            &DECIDED,
            ("権限の申請の承認・却下", "decide on a request for rights"),
            handler!(rights::decide),
        ),
    ]
}

/// The reviews of each month and each week.
fn reviews() -> Vec<Route> {
    let (see, manage) = (Permission::SeeAccounts, Permission::ManageAccounts);
    let watch = Permission::ReviewAccess;
    vec![
        get(
            "/office/accounts/review",
            &REVIEWED,
            see,
            ("職員の権限の月次の点検", "monthly review of accounts"),
            handler!(review::show),
        ),
        post(
            "/office/accounts/review",
            &REVIEW_SIGNED,
            manage,
            ("月次の点検の記録", "sign off the monthly review"),
            handler!(review::sign),
        ),
        get(
            "/office/access-review",
            &LOOKS,
            watch,
            ("職員の閲覧の点検", "review of access"),
            handler!(looks::show),
        ),
        post(
            "/office/access-review",
            &LOOKS_SIGNED,
            watch,
            ("閲覧の点検の記録", "sign off the review of access"),
            handler!(looks::sign),
        ),
    ]
}

fn change(
    path: &'static str,
    event: &'static Event,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    post(path, event, Permission::ManageAccounts, summary, handler)
}

fn get(
    path: &'static str,
    event: &'static Event,
    permission: Permission,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    page(Method::Get, path, event, permission, summary, handler)
}

fn post(
    path: &'static str,
    event: &'static Event,
    permission: Permission,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    page(Method::Post, path, event, permission, summary, handler)
}

fn page(
    method: Method,
    path: &'static str,
    event: &'static Event,
    permission: Permission,
    summary: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Page,
        permission,
        event,
        purpose: Purpose::Operation,
        body: Body::usual(method, Face::Page),
        summary: Text {
            ja: summary.0,
            en: summary.1,
        },
        handler,
    }
}
