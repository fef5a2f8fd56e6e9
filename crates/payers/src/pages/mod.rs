//! The insurer's console (保険者の画面): how the own insurer numbers stand, files and their
//! results, findings, and one person's coverage.

mod file;
mod form;
mod frame;
mod home;
mod member;

use access::policy::Permission;
use kernel::{Refusal, Text, code::InsurerNumber};
use store::caller::{Event, Purpose};
use web::{Body, Face, Method as Http, Route, handler, route::Handler};

use crate::{
    api::{CHANGE, FILE, LOOK, OUTAGE, SETTLE},
    errors,
};

static MEMBER: Event = Event {
    code: "intake.member",
    ja: "加入者の資格の表示(保険者)",
    en: "a member's coverage shown to their insurer",
};

type Words = (&'static str, &'static str);

fn get(path: &'static str, (ja, en): Words, handler: Handler) -> Route {
    Route {
        method: Http::Get,
        path,
        face: Face::Page,
        permission: Permission::SeeIntake,
        event: &LOOK,
        purpose: Purpose::Intake,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    }
}

fn post(
    (path, body): (&'static str, Body),
    event: &'static Event,
    words: Words,
    handler: Handler,
) -> Route {
    Route {
        method: Http::Post,
        permission: Permission::Intake,
        event,
        body,
        ..get(path, words, handler)
    }
}

/// Routes of the console.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        get(
            "/insurer",
            ("保険者の画面", "the insurer's console"),
            handler!(home::show),
        ),
        post(
            ("/insurer/outage", Body::Form),
            &OUTAGE,
            (
                "障害・停止のお知らせ",
                "say that the insurer's systems are down",
            ),
            handler!(home::outage),
        ),
        post(
            ("/insurer/findings", Body::Form),
            &SETTLE,
            ("確認事項を確認済みにする", "settle a finding"),
            handler!(home::settle),
        ),
        post(
            ("/insurer/files", Body::File),
            &FILE,
            (
                "資格の異動のファイルの受け付け",
                "take in a file of changes",
            ),
            handler!(file::receive),
        ),
        get(
            "/insurer/{insurer}/files/{file}",
            (
                "ファイルの進み具合と結果",
                "how far a file is, and its results",
            ),
            handler!(file::show),
        ),
        get(
            "/insurer/{insurer}/files/{file}/results.csv",
            ("ファイルの行ごとの結果(CSV)", "results of a file as CSV"),
            handler!(file::csv),
        ),
        get(
            "/insurer/members",
            ("加入者の資格の異動", "one member's coverage"),
            handler!(member::ask),
        ),
        post(
            ("/insurer/members", Body::Form),
            &MEMBER,
            ("加入者を番号で探す", "look a member up by number"),
            handler!(member::find),
        ),
        post(
            ("/insurer/changes", Body::Form),
            &CHANGE,
            ("1人の資格の異動の登録", "load one change"),
            handler!(member::change),
        ),
    ]
}

/// The insurer number of a form.
fn number(form: &web::request::Form) -> Result<InsurerNumber, Refusal> {
    InsurerNumber::from_register(form.text("insurer")).map_err(|_| Refusal::new(&errors::NOT_OWN))
}
