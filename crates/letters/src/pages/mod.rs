//! The pages.

mod answer;
mod checkups;
mod frame;
mod inbox;
mod reader;
mod sent;
mod validator;
mod writer;

use access::policy::Permission;
use kernel::Text;
use store::caller::{Event, Purpose};
use web::{Body, Face, Method, Route, handler, route::Handler};

use crate::events;

/// A page that is read.
fn get(
    path: &'static str,
    (permission, purpose): (Permission, Purpose),
    event: &'static Event,
    (ja, en): (&'static str, &'static str),
    handler: Handler,
) -> Route {
    Route {
        method: Method::Get,
        path,
        face: Face::Page,
        permission,
        event,
        purpose,
        body: Body::None,
        summary: Text { ja, en },
        handler,
    }
}

/// A form that is sent.
fn post(
    path: &'static str,
    rights: (Permission, Purpose),
    event: &'static Event,
    words: (&'static str, &'static str),
    body: Body,
    handler: Handler,
) -> Route {
    Route {
        method: Method::Post,
        body,
        ..get(path, rights, event, words, handler)
    }
}

/// Routes of the desk.
pub fn routes() -> Vec<Route> {
    let mut routes = received();
    routes.extend(sent_ones());
    routes.extend(writing());
    routes.extend(others());
    routes
}

fn received() -> Vec<Route> {
    let reads = (Permission::ReadDocuments, Purpose::Treatment);
    let sends = (Permission::SendDocuments, Purpose::Registration);
    vec![
        get(
            "/letters",
            reads,
            &events::INBOX,
            ("届いた紹介状", "letters received"),
            handler!(inbox::show),
        ),
        get(
            "/letters/{letter}",
            reads,
            &events::READ,
            ("紹介状を読む", "a letter"),
            handler!(reader::show),
        ),
        post(
            "/letters/{letter}/open",
            reads,
            &events::OPEN,
            ("紹介状を開く", "open a letter, which sends the receipt"),
            Body::Form,
            handler!(reader::open),
        ),
        get(
            "/letters/{letter}/pdf",
            reads,
            &events::READ,
            ("紹介状のPDF", "a letter as PDF"),
            handler!(reader::pdf),
        ),
        get(
            "/letters/{letter}/files/{number}",
            reads,
            &events::READ,
            ("紹介状の添付ファイル", "a letter's file"),
            handler!(reader::file),
        ),
        get(
            "/letters/{letter}/answer",
            reads,
            &events::READ,
            ("紹介状への返事を書く", "form of an answer"),
            handler!(answer::show),
        ),
        post(
            "/letters/{letter}/answer",
            sends,
            &events::ANSWER,
            ("紹介状に返事をする", "answer a letter"),
            Body::Form,
            handler!(answer::send),
        ),
    ]
}

fn sent_ones() -> Vec<Route> {
    let sends = (Permission::SendDocuments, Purpose::Registration);
    vec![
        get(
            "/sent-documents",
            sends,
            &events::SENT,
            ("送った文書", "documents sent"),
            handler!(sent::list),
        ),
        get(
            "/sent-documents/{letter}",
            sends,
            &events::OWN,
            ("送った文書を読む", "a document sent"),
            handler!(sent::show),
        ),
        get(
            "/sent-documents/{letter}/pdf",
            sends,
            &events::OWN,
            ("送った文書のPDF", "a document sent, as PDF"),
            handler!(sent::pdf),
        ),
        get(
            "/sent-documents/{letter}/files/{number}",
            sends,
            &events::OWN,
            ("送った文書の添付ファイル", "a file of a document sent"),
            handler!(sent::file),
        ),
        post(
            "/sent-documents/{letter}/consent",
            sends,
            &events::CONSENT,
            ("口頭の同意を登録する", "record the patient's oral consent"),
            Body::Form,
            handler!(sent::consent),
        ),
        post(
            "/sent-documents/{letter}/state",
            sends,
            &events::CANCEL,
            (
                "送った文書を取り消す、元に戻す",
                "take a document back, or put it back",
            ),
            Body::Form,
            handler!(sent::state),
        ),
    ]
}

fn writing() -> Vec<Route> {
    let sends = (Permission::SendDocuments, Purpose::Registration);
    vec![
        get(
            "/letters/new",
            sends,
            &events::WRITE,
            (
                "紹介状を書く患者さんを選ぶ",
                "choose the patient of a letter",
            ),
            handler!(writer::choose),
        ),
        get(
            "/visits/{visit}/letter",
            // What the patient shared is read for their treatment.
            (Permission::SendDocuments, Purpose::Treatment),
            &events::WRITE,
            ("紹介状を書く", "write a letter"),
            handler!(writer::show),
        ),
        post(
            "/visits/{visit}/letter",
            sends,
            &events::SEND,
            ("紹介状を確かめる、送る", "preview or send a letter"),
            Body::Files,
            handler!(writer::send),
        ),
    ]
}

fn others() -> Vec<Route> {
    let insurer = (Permission::SeeCheckups, Purpose::Intake);
    // Whoever may send documents may check them; programs have `$validate`.
    let checks = (Permission::SendDocuments, Purpose::Registration);
    vec![
        get(
            "/insurer/checkups",
            insurer,
            &events::CHECKUPS,
            ("加入者の健診結果報告書", "members' checkup reports"),
            handler!(checkups::list),
        ),
        get(
            "/insurer/checkups/{letter}",
            insurer,
            &events::CHECKUP,
            ("健診結果報告書を読む", "a member's checkup report"),
            handler!(checkups::show),
        ),
        get(
            "/insurer/checkups/{letter}/pdf",
            insurer,
            &events::CHECKUP,
            ("健診結果報告書のPDF", "a member's checkup report as PDF"),
            handler!(checkups::pdf),
        ),
        get(
            "/validator",
            checks,
            &events::VALIDATE,
            ("文書の検証の画面", "validator's page"),
            handler!(validator::show),
        ),
        post(
            "/validator",
            checks,
            &events::VALIDATE,
            ("文書を検証する", "check a document without keeping it"),
            Body::Files,
            handler!(validator::check),
        ),
    ]
}
