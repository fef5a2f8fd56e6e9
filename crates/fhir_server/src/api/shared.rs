//! REST writes to the shared record: each is told which operation changes it.
//!
//! Source: design section 2 (two partitions); clins-documents section b.

use kernel::Refusal;
use store::caller::Event;
use web::{Answer, Body, Method, Request, Route, handler};

use super::route;
use crate::errors;

static SHARED: Event = Event {
    code: "fhir.shared-write",
    ja: "共有された診療情報への直接の書き込み(お断り)",
    en: "direct write to the shared record (refused)",
};

pub(super) fn routes() -> Vec<Route> {
    let write = |method, path| {
        let summary = (
            "共有された診療情報はここでは変更できません(使う操作を案内)",
            "the shared record is not changed here; the answer names the operation",
        );
        route(
            (method, path),
            Body::None,
            &SHARED,
            summary,
            handler!(refuse),
        )
    };
    let one = "/fhir/shared/{type}/{id}";
    vec![
        write(Method::Post, "/fhir/shared/{type}"),
        write(Method::Put, one),
        write(Method::Patch, one),
        write(Method::Delete, one),
    ]
}

async fn refuse(_: Request) -> Result<Answer, Refusal> {
    Err(Refusal::new(&errors::SHARED))
}
