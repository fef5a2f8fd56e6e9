//! Which pages of the seeded town are looked at, and by whom.

use std::collections::BTreeMap;

use access::session::{self, Stage, Whose};
use anyhow::{Context, anyhow};
use eligibility::codes::{self, NewCode, model::Kind};
use kernel::id::PersonId;
use store::caller::{Event, Role};
use testkit::seed;

use super::Shot;
use crate::{
    journey::{Beside, Left},
    program::Running,
    story::Story,
    town::{LogIn, Town},
};

static SANDBOX: Event = Event {
    code: "operation.sandbox",
    ja: "デモ環境の準備",
    en: "sandbox prepared",
};

/// A cookie of each person who sees a page.
struct Sessions {
    doctor: String,
    nurse: String,
    /// A visiting nurse, to whom nobody has written.
    visiting: String,
    office: String,
    insurer: String,
    /// A doctor who has typed the password and no code yet.
    half: String,
    patient: String,
}

/// Whose sessions see the pages, and which visit, choice and code they are about.
struct Looks<'l> {
    who: Sessions,
    visit: &'l str,
    letter: &'l str,
    sent: &'l str,
    more: &'l Beside,
    hospital: &'l str,
    consent: &'l str,
    code_page: &'l str,
    code_path: &'l str,
}

/// The pages to be looked at, each with a session that may see it.
///
/// # Errors
/// When somebody of the story has no account; the store's.
pub(super) fn listed(
    running: &Running,
    town: &Town,
    story: &Story,
    left: &Left,
    more: &Beside,
) -> anyhow::Result<Vec<Shot>> {
    let gate = &running.app.gate;
    let intent = || gate.job_intent("sandbox", &SANDBOX);
    let life = story.patient.clone();
    let person = gate.write(intent(), move |call| seed::find(call, &life));
    let person = person.wait().map_err(|stop| anyhow!("{stop:?}"))?;
    let person = person.context("the patient")?;
    let facility = town.clinic.id;
    let shown = gate.write(intent(), move |call| {
        let all = access::consent::Category::ALL;
        let consent = access::consent::give(call, person, facility, &all, "pin")?;
        let new = NewCode {
            kind: Kind::InCar,
            booked: None,
            label: "駐車場3番".to_owned(),
        };
        Ok((consent, codes::make(call, facility, &new)?))
    });
    let (consent, code) = shown.wait().map_err(|stop| anyhow!("{stop:?}"))?;
    Ok(pages(&Looks {
        who: sessions(running, town, person)?,
        visit: &left.visit,
        letter: &left.letter,
        sent: &left.sent,
        more,
        hospital: &town.hospital.code,
        consent: &consent.to_hex(),
        code_page: &code.id.to_hex(),
        code_path: &code.digits.path(),
    }))
}

fn sessions(running: &Running, town: &Town, person: PersonId) -> anyhow::Result<Sessions> {
    let first = |role: Role| {
        let found = town.log_ins.iter().find(|one| one.role == role);
        found.with_context(|| format!("the town has nobody who is {}", role.word()))
    };
    let visiting = town.log_ins.iter().rfind(|one| one.role == Role::Nurse);
    let visiting = visiting.context("the town has no visiting nurse")?;
    let staff = |log_in: &LogIn, stage| begin(running, whose(running, &log_in.login)?, stage);
    let doctor = first(Role::Doctor)?;
    Ok(Sessions {
        doctor: staff(doctor, Stage::Full)?,
        nurse: staff(first(Role::Nurse)?, Stage::Full)?,
        visiting: staff(visiting, Stage::Full)?,
        office: staff(first(Role::Administrator)?, Stage::Full)?,
        insurer: staff(first(Role::Insurer)?, Stage::Full)?,
        half: staff(doctor, Stage::Password)?,
        patient: begin(running, Whose::Patient(person), Stage::Full)?,
    })
}

/// Who logs in by this name.
fn whose(running: &Running, login: &str) -> anyhow::Result<Whose> {
    let gate = &running.app.gate;
    let login = login.to_owned();
    let intent = gate.job_intent("sandbox", &SANDBOX);
    let found = gate.write(intent, move |call| Ok(access::staff::find(call, &login)?));
    let found = found.wait().map_err(|stop| anyhow!("{stop:?}"))?;
    let found = found.context("a log-in without an account")?;
    Ok(Whose::Staff(found.facility, found.staff))
}

/// A session, as its cookie.
fn begin(running: &Running, whose: Whose, stage: Stage) -> anyhow::Result<String> {
    let gate = &running.app.gate;
    let intent = gate.job_intent("sandbox", &SANDBOX);
    let begun = gate.write(intent, move |call| Ok(session::begin(call, whose, stage)?));
    let token = begun.wait().map_err(|stop| anyhow!("{stop:?}"))?;
    Ok(format!("tasuki_session={}", token.reveal()))
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
fn pages(looks: &Looks<'_>) -> Vec<Shot> {
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
    let half = Some(&looks.who.half);
    let Looks {
        visit,
        consent,
        code_page,
        code_path,
        ..
    } = looks;
    let own = |name, path: &str| seen(name, path, Some(&looks.who.doctor));
    vec![
        seen("login", "/login", None),
        seen("login-code", "/login/code", half),
        seen("login-substitute", "/login/substitute", half),
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
        own("record-en", &format!("/visits/{visit}/record?lang=en")),
        seen(
            "record-nurse",
            &format!("/visits/{visit}/record"),
            Some(&looks.who.nurse),
        ),
    ]
}

/// The pages of the offices: of the clinic, and of the insurer.
fn offices(looks: &Looks<'_>) -> Vec<Shot> {
    let office = |name, path| seen(name, path, Some(&looks.who.office));
    let insurer = |name, path: &str| seen(name, path, Some(&looks.who.insurer));
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
    let own = |name, path: &str| seen(name, path, Some(&looks.who.patient));
    let document = |id: &str| format!("/portal/documents/{id}");
    vec![
        seen("portal-login", "/portal/login", None),
        own("portal", "/portal"),
        own("portal-record", "/portal/record"),
        own("portal-record-en", "/portal/record?lang=en"),
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
    let own = |name, path: &str| seen(name, path, Some(&looks.who.doctor));
    let more = looks.more;
    let opened = format!("/letters/{}", more.opened);
    let answer = format!("{opened}/answer");
    let sent = |letter: &str| format!("/sent-documents/{letter}");
    vec![
        own("letters", "/letters"),
        own("letters-en", "/letters?lang=en"),
        seen("letters-empty", "/letters", Some(&looks.who.visiting)),
        seen("letters-nurse", &opened, Some(&looks.who.nurse)),
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
    let own = |name, path: &str| seen(name, path, Some(&looks.who.doctor));
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
        own("letter-write-en", &format!("{form}&lang=en")),
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
    let own = |name| seen(name, "/validator", Some(&looks.who.doctor));
    let more = looks.more;
    vec![
        own("validator"),
        filled(own("validator-good"), &[("text", &more.good)], ""),
        filled(own("validator-wrong"), &[("text", &more.wrong)], ""),
        filled(own("validator-nothing"), &[("text", "")], ""),
    ]
}
