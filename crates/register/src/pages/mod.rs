//! The registrar's pages.

mod disaster;
mod people;

use access::policy::{self, Action, Class, Facts, Need, Permission};
use kernel::{Refusal, Text, time::Timestamp};
use maud::{Markup, html};
use registry::{model::FacilityKind, ops};
use store::{
    Call, Stop,
    caller::{Event, Purpose},
};
use web::{
    Body, Face, Method as Http, Request, Route, handler,
    route::Handler,
    ui::{self, Lang, Level},
};

static MODES: Event = Event {
    code: "register.disaster",
    ja: "災害時モードの一覧の表示",
    en: "disaster modes shown",
};
static DECLARE: Event = Event {
    code: "register.disaster-declare",
    ja: "災害時モードの開始",
    en: "disaster mode declared",
};
static EXTEND: Event = Event {
    code: "register.disaster-extend",
    ja: "災害時モードの延長",
    en: "disaster mode extended",
};
static END: Event = Event {
    code: "register.disaster-end",
    ja: "災害時モードの終了",
    en: "disaster mode ended",
};
static PEOPLE: Event = Event {
    code: "register.people",
    ja: "二重登録の確認(登録管理者)",
    en: "registrations compared by the registrar",
};
static MERGE: Event = Event {
    code: "register.merge",
    ja: "2つの登録のまとめ",
    en: "two registrations joined",
};
static UNDO: Event = Event {
    code: "register.merge-undo",
    ja: "登録のまとめの取り消し",
    en: "merge of registrations undone",
};

/// Every route of the desk.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        get(
            disaster::PATH,
            &MODES,
            ("災害時モードの一覧", "disaster modes"),
            handler!(disaster::list),
        ),
        post(
            disaster::PATH,
            &DECLARE,
            ("災害時モードを始める", "declare disaster mode"),
            handler!(disaster::declare),
        ),
        post(
            "/register/disaster/{mode}/extend",
            &EXTEND,
            ("災害時モードを延ばす", "extend disaster mode"),
            handler!(disaster::extend),
        ),
        post(
            "/register/disaster/{mode}/end",
            &END,
            ("災害時モードを終える", "end disaster mode"),
            handler!(disaster::end),
        ),
        get(
            people::PATH,
            &PEOPLE,
            ("二重登録のまとめ", "people who stand twice"),
            handler!(people::form),
        ),
        post(
            people::PATH,
            &PEOPLE,
            ("2つの登録を比べる", "compare two registrations"),
            handler!(people::find),
        ),
        post(
            "/register/people/merge",
            &MERGE,
            ("2つの登録をまとめる", "join two registrations"),
            handler!(people::join),
        ),
        post(
            "/register/people/undo",
            &UNDO,
            ("まとめを元に戻す", "undo a merge"),
            handler!(people::undo),
        ),
    ]
}

const fn route(
    method: Http,
    path: &'static str,
    event: &'static Event,
    (ja, en): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        face: Face::Page,
        permission: Permission::KeepRegister,
        event,
        purpose: Purpose::Operation,
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
    route(Http::Get, path, event, words, handler)
}

const fn post(
    path: &'static str,
    event: &'static Event,
    words: (&'static str, &'static str),
    handler: Handler,
) -> Route {
    route(Http::Post, path, event, words, handler)
}

/// Goes on only for who may do this with the register, at the operator of the platform.
/// `is_fresh`: was the second factor shown within the last five minutes? What is only looked at
/// does not ask for it, and says so by `true`.
fn require(call: &Call<'_>, action: Action, is_fresh: bool) -> Result<(), Stop> {
    let facts = Facts::of(call.caller()).with(Need::Fresh, is_fresh);
    policy::require(call, Class::Register, action, facts)?;
    let home = call.caller().home().map(|home| home.id);
    let home = home.map(|id| ops::facility_by_id(call, id)).transpose()?;
    match home.flatten() {
        Some(home) if home.kind == FacilityKind::Operator => Ok(()),
        _ => Err(Stop::from(&registry::errors::OPERATOR_ONLY)),
    }
}

/// What was refused, at the head of the page.
fn failure(lang: Lang, why: Option<&Refusal>) -> Markup {
    html! {
        @if let Some(why) = why {
            (ui::notice(lang, Level::Error, lang.text(&why.entry.cause), &html! {
                p { (lang.text(&why.entry.remedy)) }
                p { small { (lang.pick("エラーコード", "Error code")) " " code { (why.entry.code) } } }
            }))
        }
    }
}

/// An instant for people.
fn moment(lang: Lang, at: Timestamp) -> Markup {
    html! { time datetime=(at) { (lang.pick(&at.jst_japanese(), &at.jst_minute())) } }
}

/// Was the caller's second factor shown just now?
fn is_fresh(request: &Request) -> bool {
    request.fresh().is_ok()
}
