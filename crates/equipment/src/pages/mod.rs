//! The pages of administrators (ledgers, alerts, maintenance) and of vendor support.

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

const fn event(code: &'static str, ja: &'static str, en: &'static str) -> Event {
    Event { code, ja, en }
}

static ROOT: Event = event(
    "equipment.root",
    "認証局の証明書の公開",
    "root certificate given out",
);
static LEDGER: Event = event(
    "equipment.ledger",
    "機器台帳の表示",
    "ledger of equipment shown",
);
static EXPORT: Event = event(
    "equipment.export",
    "機器台帳の書き出し",
    "ledger of equipment exported",
);
static ITEM: Event = event("equipment.item", "機器の表示", "equipment shown");
static REGISTER: Event = event("equipment.register", "機器の登録", "equipment registered");
static CHANGE: Event = event(
    "equipment.change",
    "機器の登録内容の変更",
    "equipment's entry changed",
);
static CHECK: Event = event("equipment.check", "機器の点検", "equipment checked");
static END: Event = event(
    "equipment.end",
    "機器の利用終了",
    "equipment taken out of use",
);
static CERTIFY: Event = event(
    "equipment.certify",
    "端末証明書の発行",
    "client certificate issued",
);
static REVOKE: Event = event(
    "equipment.revoke",
    "端末証明書の失効",
    "client certificate ended",
);
static SETTLE: Event = event(
    "equipment.settle",
    "接続の警告への対応",
    "alert about a peer settled",
);
static OFFICER: Event = event(
    "equipment.officer",
    "安全管理責任者の確認",
    "safety officer shown",
);
static NAME_OFFICER: Event = event(
    "equipment.name-officer",
    "安全管理責任者の登録",
    "safety officer named",
);
static WINDOWS: Event = event(
    "maintenance.list",
    "保守作業の一覧の表示",
    "maintenance windows shown",
);
static ASK: Event = event(
    "maintenance.ask",
    "保守作業の予定の登録",
    "maintenance window asked for",
);
static APPROVE: Event = event(
    "maintenance.approve",
    "保守作業の承認",
    "maintenance window approved",
);
static CLOSE: Event = event(
    "maintenance.end",
    "保守作業の終了",
    "maintenance window ended",
);
static REPORT: Event = event(
    "maintenance.report",
    "保守作業の報告の表示",
    "maintenance report shown",
);
static UNMASK: Event = event(
    "maintenance.unmask",
    "伏せた名前の表示の承認",
    "unmasking of a visit approved",
);
static VISITS: Event = event(
    "support.visits",
    "受付一覧の表示(名前を伏せる)",
    "visits shown, masked",
);
static UNMASK_FORM: Event = event(
    "support.unmask-form",
    "名前の表示の申請画面",
    "form to ask for unmasking",
);
static UNMASK_ASK: Event = event(
    "support.unmask-ask",
    "名前の表示の申請",
    "unmasking of a visit asked for",
);
static UNMASKED: Event = event(
    "support.unmasked",
    "保守のための、お名前の表示",
    "name shown to vendor support",
);
static EQUIPMENT: Event = event(
    "support.equipment",
    "機器台帳の表示(保守)",
    "ledger of equipment shown to vendor support",
);

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
        body: match method {
            Http::Post => Body::Form,
            Http::Get | Http::Delete => Body::None,
        },
        summary: Text { ja, en },
        handler,
    }
}

/// Every route of the service.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = office();
    routes.extend(upkeep());
    routes.extend(vendor());
    routes
}

fn office() -> Vec<Route> {
    let (see, manage) = (Permission::SeeEquipment, Permission::ManageEquipment);
    let get = |path, event, words, handler| page(Http::Get, path, see, event, words, handler);
    let post = |path, event, words, handler| page(Http::Post, path, manage, event, words, handler);
    vec![
        page(
            Http::Get,
            "/.well-known/tasuki-ca",
            Permission::Public,
            &ROOT,
            ("認証局の証明書", "root certificate of this installation"),
            handler!(root),
        ),
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
            manage,
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
    let (see, manage) = (Permission::SeeEquipment, Permission::ManageEquipment);
    let get = |path, event, words, handler| page(Http::Get, path, see, event, words, handler);
    let post = |path, event, words, handler| page(Http::Post, path, manage, event, words, handler);
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
