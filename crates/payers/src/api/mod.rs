//! JSON and files for insurers' systems, below `/api/v1/insurers`.

mod answer;
mod change;
mod file;
mod state;

use access::policy::Permission;
use kernel::{Refusal, Text, code::InsurerNumber};
use store::caller::{Event, Purpose};
use web::{Body, Face, Method as Http, Request, Route, handler, route::Handler};

use crate::errors;

pub(crate) use file::{results_csv, take_in};

/// Audit event of one change.
pub static CHANGE: Event = Event {
    code: "intake.change",
    ja: "資格の登録(保険者)",
    en: "coverage loaded by the insurer",
};
/// Audit event of a file that comes in.
pub static FILE: Event = Event {
    code: "intake.file",
    ja: "資格ファイルの受け付け",
    en: "a file of coverage taken in",
};
/// Audit event of looking at what was loaded.
pub static LOOK: Event = Event {
    code: "intake.look",
    ja: "資格の登録状況の表示",
    en: "what an insurer loaded was looked at",
};
/// Audit event of a finding that was looked into.
pub static SETTLE: Event = Event {
    code: "intake.settle",
    ja: "資格の確認事項を確認済みにした",
    en: "a finding about coverage was settled",
};
/// Audit event of a notice that the insurer's own systems are down, or up again.
pub static OUTAGE: Event = Event {
    code: "intake.outage",
    ja: "保険者の障害・停止のお知らせ",
    en: "the insurer said that its systems are down, or up again",
};

type Words = (&'static str, &'static str);

fn get(path: &'static str, (ja, en): Words, handler: Handler) -> Route {
    Route {
        method: Http::Get,
        path,
        face: Face::Api,
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
    (ja, en): Words,
    handler: Handler,
) -> Route {
    Route {
        method: Http::Post,
        permission: Permission::Intake,
        event,
        body,
        ..get(path, (ja, en), handler)
    }
}

/// Routes of the JSON API.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        get(
            "/api/v1/insurers",
            (
                "自らの保険者番号の一覧と状態",
                "the caller's insurers and how they stand",
            ),
            handler!(state::all),
        ),
        get(
            "/api/v1/insurers/items",
            (
                "異動の項目の一覧",
                "the items of a change, for JSON and files",
            ),
            handler!(state::items),
        ),
        post(
            ("/api/v1/insurers/{insurer}/outage", Body::Json),
            &OUTAGE,
            (
                "障害・停止のお知らせ",
                "say that the insurer's systems are down, or up again",
            ),
            handler!(state::outage),
        ),
        post(
            ("/api/v1/insurers/{insurer}/coverages", Body::Json),
            &CHANGE,
            (
                "1人の資格の異動の登録",
                "load one change of one person's coverage",
            ),
            handler!(change::one),
        ),
        get(
            "/api/v1/insurers/{insurer}/findings",
            (
                "重なり・空白の確認事項の一覧",
                "open findings: overlaps and gaps",
            ),
            handler!(state::findings),
        ),
        post(
            (
                "/api/v1/insurers/{insurer}/findings/{finding}/settle",
                Body::None,
            ),
            &SETTLE,
            ("確認事項を確認済みにする", "settle a finding"),
            handler!(state::settle),
        ),
    ];
    routes.extend(of_files());
    routes
}

/// Routes of files.
fn of_files() -> Vec<Route> {
    vec![
        post(
            ("/api/v1/insurers/{insurer}/files", Body::File),
            &FILE,
            (
                "資格の異動のファイルの受け付け",
                "take in a file of changes",
            ),
            handler!(file::receive),
        ),
        get(
            "/api/v1/insurers/{insurer}/files",
            ("受け付けたファイルの一覧", "files taken in, newest first"),
            handler!(file::list),
        ),
        get(
            "/api/v1/insurers/{insurer}/files/{file}",
            ("ファイルの進み具合", "how far a file is"),
            handler!(file::progress),
        ),
        get(
            "/api/v1/insurers/{insurer}/files/{file}/results",
            ("ファイルの行ごとの結果", "what came of each line of a file"),
            handler!(file::results),
        ),
        get(
            "/api/v1/insurers/{insurer}/files/{file}/results.csv",
            (
                "ファイルの行ごとの結果(CSV)",
                "what came of each line of a file, as CSV",
            ),
            handler!(file::csv),
        ),
    ]
}

/// The insurer number of the address.
///
/// # Errors
/// `TSK-PAY-001` when it is none.
pub(crate) fn insurer(request: &Request) -> Result<InsurerNumber, Refusal> {
    InsurerNumber::from_register(request.param("insurer"))
        .map_err(|_| Refusal::new(&errors::NOT_OWN))
}
