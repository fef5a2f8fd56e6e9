//! The pages of administrators (ledgers, alerts, maintenance) and of vendor support.

mod events;
mod frame;
mod item;
mod ledger;
mod maintenance;
mod officer;
mod support;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Answer, Body, Face, Method as Http, Request, Route, handler, route::Handler};

use crate::{ca, errors};

use events::{
    APPROVE, ASK, CERTIFY, CHANGE, CHECK, CLOSE, END, EQUIPMENT, EXPORT, ITEM, LEDGER,
    NAME_OFFICER, OFFICER, REGISTER, REPORT, REVOKE, ROOT, SETTLE, UNMASK, UNMASK_ASK, UNMASK_FORM,
    UNMASKED, VISITS, WINDOWS,
};

const fn page(
    method: Http,
    path: &'static str,
    permission: Permission,
    event: &'static Event,
    (ja, en): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Page,
        permission,
        event,
        purpose: match permission {
            Permission::Support => Purpose::Support,
            _ => Purpose::Operation,
        },
        body: Body::usual(method, Face::Page),
        summary: Text { ja, en },
        handler,
    }
}

const fn get(
    path: &'static str,
    event: &'static Event,
    words: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    let see = Permission::SeeEquipment;
    page(Http::Get, path, see, event, words, handler)
}

const fn post(
    path: &'static str,
    event: &'static Event,
    words: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    let manage = Permission::ManageEquipment;
    page(Http::Post, path, manage, event, words, handler)
}

/// Every route of the service.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = entries();
    routes.extend(certificates());
    routes.extend(safety());
    routes.extend(upkeep());
    routes.extend(vendor());
    routes
}

fn entries() -> Vec<Route> {
    vec![
        get(
            "/office/equipment",
            &LEDGER,
            ("機器台帳", "ledger of equipment"),
            handler!(ledger::list),
        ),
        get(
            "/office/equipment.csv",
            &EXPORT,
            ("機器台帳の書き出し", "export the ledger"),
            handler!(ledger::export),
        ),
        page(
            Http::Get,
            "/office/equipment/new",
            Permission::ManageEquipment,
            &ITEM,
            ("機器の登録画面", "form to register equipment"),
            handler!(item::blank),
        ),
        post(
            "/office/equipment",
            &REGISTER,
            ("機器の登録", "register equipment"),
            handler!(item::register),
        ),
        get(
            "/office/equipment/{item}",
            &ITEM,
            ("機器", "one piece of equipment"),
            handler!(item::show),
        ),
        post(
            "/office/equipment/{item}",
            &CHANGE,
            ("機器の変更", "change an entry"),
            handler!(item::change),
        ),
        post(
            "/office/equipment/{item}/check",
            &CHECK,
            ("点検の記録", "check off"),
            handler!(item::check_off),
        ),
        post(
            "/office/equipment/{item}/end",
            &END,
            ("利用の終了", "take out of use"),
            handler!(item::end),
        ),
    ]
}

fn certificates() -> Vec<Route> {
    vec![
        page(
            Http::Get,
            "/.well-known/tasuki-ca",
            Permission::Public,
            &ROOT,
            ("認証局の証明書", "root certificate of this installation"),
            handler!(root),
        ),
        post(
            "/office/equipment/{item}/certificates",
            &CERTIFY,
            ("証明書の発行", "issue a certificate"),
            handler!(item::certify),
        ),
        post(
            "/office/certificates/{serial}/end",
            &REVOKE,
            ("証明書の失効", "end a certificate"),
            handler!(item::revoke),
        ),
    ]
}

fn safety() -> Vec<Route> {
    vec![
        post(
            "/office/alerts/{alert}/settle",
            &SETTLE,
            ("警告への対応", "settle an alert"),
            handler!(ledger::settle),
        ),
        get(
            "/office/officer",
            &OFFICER,
            ("安全管理責任者", "safety officer"),
            handler!(officer::show),
        ),
        post(
            "/office/officer",
            &NAME_OFFICER,
            ("安全管理責任者の登録", "name the safety officer"),
            handler!(officer::name),
        ),
    ]
}

fn upkeep() -> Vec<Route> {
    vec![
        get(
            "/office/maintenance",
            &WINDOWS,
            ("保守作業", "maintenance windows"),
            handler!(maintenance::list),
        ),
        post(
            "/office/maintenance",
            &ASK,
            ("保守作業の予定の登録", "ask for a window"),
            handler!(maintenance::ask),
        ),
        get(
            "/office/maintenance/{window}",
            &REPORT,
            ("保守作業の報告", "report of a window"),
            handler!(maintenance::report),
        ),
        post(
            "/office/maintenance/{window}/approve",
            &APPROVE,
            ("保守作業の承認", "approve a window"),
            handler!(maintenance::approve),
        ),
        post(
            "/office/maintenance/{window}/end",
            &CLOSE,
            ("保守作業の終了", "end a window"),
            handler!(maintenance::end),
        ),
        post(
            "/office/unmaskings/{unmasking}/approve",
            &UNMASK,
            ("名前の表示の承認", "approve an unmasking"),
            handler!(maintenance::unmask),
        ),
    ]
}

fn vendor() -> Vec<Route> {
    let support = Permission::Support;
    let get = |path, event, words, handler| page(Http::Get, path, support, event, words, handler);
    vec![
        get(
            "/support/visits",
            &VISITS,
            ("受付一覧(名前を伏せる)", "visits, masked"),
            handler!(support::visits),
        ),
        get(
            "/support/visits/{visit}",
            &UNMASKED,
            ("承認された受付の表示", "an unmasked visit"),
            handler!(support::unmasked),
        ),
        get(
            "/support/visits/{visit}/unmask",
            &UNMASK_FORM,
            ("名前の表示の申請画面", "form to ask for unmasking"),
            handler!(support::form),
        ),
        page(
            Http::Post,
            "/support/visits/{visit}/unmask",
            support,
            &UNMASK_ASK,
            ("名前の表示の申請", "ask for unmasking"),
            handler!(support::ask),
        ),
        get(
            "/support/equipment",
            &EQUIPMENT,
            ("機器台帳(保守)", "ledger for vendor support"),
            handler!(support::equipment),
        ),
    ]
}

async fn root(request: Request) -> Result<Answer, kernel::Refusal> {
    let root = request.look_up(|call| Ok(ca::root(call)?)).await?;
    let root = root.ok_or_else(|| kernel::Refusal::new(&errors::NO_AUTHORITY))?;
    Ok(Answer::text(200, root))
}
