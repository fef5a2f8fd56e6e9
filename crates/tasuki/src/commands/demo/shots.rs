//! Which pages of the seeded town are looked at, and by whom.

use std::collections::BTreeMap;

use super::Shot;
use crate::journey::Beside;

/// Whose sessions see the pages, and which visit, choice and code they are about.
pub(super) struct Looks<'l> {
    pub doctor: Option<String>,
    pub nurse: Option<String>,
    pub office: Option<String>,
    pub insurer: Option<String>,
    pub half: Option<String>,
    pub patient: Option<String>,
    pub visit: &'l str,
    pub letter: &'l str,
    pub sent: &'l str,
    pub more: &'l Beside,
    pub hospital: &'l str,
    pub consent: &'l str,
    pub code_page: &'l str,
    pub code_path: &'l str,
}

/// A page that is only opened.
fn seen(name: &'static str, path: &str, cookie: Option<&String>) -> Shot {
    Shot {
        name,
        path: path.to_owned(),
        cookie: cookie.cloned(),
        fill: BTreeMap::new(),
        press: None,
    }
}

/// A page whose form is filled in and sent.
fn filled(shot: Shot, fields: &[(&'static str, &str)], press: &'static str) -> Shot {
    let fields = fields
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    Shot {
        fill: fields.collect(),
        press: Some(press),
        ..shot
    }
}

/// The pages, in the order in which they are looked at.
pub(super) fn listed(looks: &Looks<'_>) -> Vec<Shot> {
    let mut all = counter(looks);
    all.extend(offices(looks));
    all.extend(letters(looks));
    all.extend(writing(looks));
    all.extend(validator(looks));
    all.extend(portal(looks));
    all
}

/// The pages of a clinic's counter and of its doctor.
fn counter(looks: &Looks<'_>) -> Vec<Shot> {
    let Looks {
        half,
        visit,
        consent,
        code_page,
        code_path,
        ..
    } = looks;
    let own = |name, path: &str| seen(name, path, looks.doctor.as_ref());
    vec![
        seen("login", "/login", None),
        seen("login-code", "/login/code", half.as_ref()),
        seen("login-substitute", "/login/substitute", half.as_ref()),
        own("account", "/account"),
        own("account-password", "/account/password"),
        own("account-factors", "/account/factors"),
        own("account-confirm", "/account/confirm"),
        own("lock", "/lock"),
        own("reception", "/reception"),
        own("diagnosis", "/reception/diagnosis"),
        own("result", &format!("/visits/{visit}")),
        own("coverages", &format!("/visits/{visit}/coverages")),
        own("bookings", "/reception/bookings"),
        own("notices", "/reception/notices"),
        own("consent", &format!("/visits/{visit}/consent")),
        own("receipt", &format!("/visits/{visit}/consents/{consent}")),
        own("reception-codes", "/reception/codes"),
        own("reception-code", &format!("/reception/codes/{code_page}")),
        own("reception-home", "/reception/home"),
        seen("visit-code", "/v", None),
        seen("visit-phone", code_path, None),
        own("record", &format!("/visits/{visit}/record")),
        seen(
            "record-nurse",
            &format!("/visits/{visit}/record"),
            looks.nurse.as_ref(),
        ),
    ]
}

/// The pages of the offices: of the clinic, and of the insurer.
fn offices(looks: &Looks<'_>) -> Vec<Shot> {
    let office = |name, path| seen(name, path, looks.office.as_ref());
    let insurer = |name, path: &str| seen(name, path, looks.insurer.as_ref());
    let checkup = format!("/insurer/checkups/{}", looks.more.checkup);
    vec![
        office("office", "/office"),
        office("office-accounts", "/office/accounts"),
        office("office-equipment", "/office/equipment"),
        insurer("insurer", "/insurer"),
        insurer("insurer-members", "/insurer/members"),
        insurer("insurer-checkups", "/insurer/checkups"),
        insurer("insurer-checkup", &checkup),
    ]
}

/// The patient's own pages.
fn portal(looks: &Looks<'_>) -> Vec<Shot> {
    let own = |name, path: &str| seen(name, path, looks.patient.as_ref());
    let document = |id: &str| format!("/portal/documents/{id}");
    vec![
        seen("portal-login", "/portal/login", None),
        own("portal", "/portal"),
        own("portal-record", "/portal/record"),
        own("portal-documents", "/portal/documents"),
        own("portal-document", &document(looks.letter)),
        own("portal-checkup", &document(&looks.more.checkup)),
        own("portal-plan", &document(&looks.more.plan)),
        own("portal-history", "/portal/history"),
        own("portal-consents", "/portal/consents"),
        own(
            "portal-receipt",
            &format!("/portal/consents/{}", looks.consent),
        ),
        own("portal-family", "/portal/family"),
    ]
}

/// The pages of letters that came in and of documents that were sent.
fn letters(looks: &Looks<'_>) -> Vec<Shot> {
    let own = |name, path: &str| seen(name, path, looks.doctor.as_ref());
    let more = looks.more;
    let opened = format!("/letters/{}", more.opened);
    let answer = format!("{opened}/answer");
    let sent = |letter: &str| format!("/sent-documents/{letter}");
    vec![
        own("letters", "/letters"),
        seen("letters-nurse", &opened, looks.nurse.as_ref()),
        own("letter", &format!("/letters/{}", looks.letter)),
        own("letter-unopened", &format!("/letters/{}", more.unopened)),
        own("letter-opened", &opened),
        own("letter-summary", &format!("{opened}?part={}", more.summary)),
        own("letter-answer", &answer),
        filled(
            own("letter-answer-wrong", &answer),
            &[("text", ""), ("to", "")],
            "",
        ),
        own("sent-documents", "/sent-documents"),
        own("sent-document", &sent(looks.sent)),
        own("sent-overdue", &sent(&more.overdue)),
        own("sent-answered", &sent(&more.answered)),
    ]
}

/// The writer of letters.
fn writing(looks: &Looks<'_>) -> Vec<Shot> {
    let own = |name, path: &str| seen(name, path, looks.doctor.as_ref());
    let write = format!("/visits/{}/letter", looks.visit);
    let form = format!("{write}?to={}", looks.hospital);
    let words = [
        ("purpose", "心エコー検査をお願いいたします。"),
        ("problems", "労作時の息切れ"),
        ("illness", "2週間前から、階段で息切れがあります。"),
    ];
    vec![
        own("letters-new", "/letters/new"),
        own("letter-addressee", &write),
        own("letter-found", &format!("{write}?q=1")),
        own("letter-not-found", &format!("{write}?q=zz")),
        own("letter-write", &form),
        filled(
            own("letter-write-wrong", &form),
            &[("doctor", "")],
            "act=send",
        ),
        filled(own("letter-preview", &form), &words, "act=preview"),
    ]
}

/// The page on which vendors check documents.
fn validator(looks: &Looks<'_>) -> Vec<Shot> {
    let own = |name| seen(name, "/validator", looks.doctor.as_ref());
    let more = looks.more;
    vec![
        own("validator"),
        filled(own("validator-good"), &[("text", &more.good)], ""),
        filled(own("validator-wrong"), &[("text", &more.wrong)], ""),
        filled(own("validator-nothing"), &[("text", "")], ""),
    ]
}
