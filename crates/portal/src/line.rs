//! One record of the history as its owner reads it: pure, from an audit record to words.
//!
//! Details are shown by a list of allowed words. Counts and kinds of registered entries are
//! not on it: an entry that a doctor has not told the patient of yet would show through.

use access::{consent::Category, history::Look};
use eligibility::model::Method;
use kernel::{Entry, time::Timestamp};
use store::{
    audit::Record,
    caller::{Event, Role},
};
use web::ui::Lang;

use crate::words::{self, Kind};

/// Details that the person may read, in JSON as well.
const DETAILS: [&str; 5] = ["categories", "method", "on", "facility", "withdrawn"];

/// One line of the history, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The record's number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// The event's code.
    pub event: String,
    /// What happened, in words; the code when the event has none.
    pub words: String,
    /// What kind of act.
    pub kind: Kind,
    /// Did the person do it themself?
    pub own: bool,
    /// Did somebody act for them?
    pub by_proxy: bool,
    /// The facility's name; empty when there is none.
    pub facility: String,
    /// Who, with their role.
    pub who: String,
    /// For what.
    pub purpose: String,
    /// What was seen, or agreed to.
    pub viewed: Vec<&'static str>,
    /// How the person was identified.
    pub method: Option<&'static str>,
    /// Which facility it was about, when it is not the facility that acted.
    pub about: Option<String>,
    /// Why nothing was shown or done; `None` when it was.
    pub refused: Option<String>,
    /// The record's hash.
    pub hash: [u8; 32],
    /// The seal that holds it.
    pub seal: Option<i64>,
}

impl Line {
    /// Did a facility look, or try to?
    #[must_use]
    pub const fn is_look_by_facility(&self) -> bool {
        matches!(self.kind, Kind::Look) && !self.own && !self.facility.is_empty()
    }
}

/// A record in words; `catalogue` explains the codes of refusals.
#[must_use]
pub fn line(lang: Lang, look: &Look, catalogue: &[&'static Entry]) -> Line {
    let entry = &look.entry;
    let record = &entry.record;
    let known = words::event(&record.event);
    let own = is_own(record);
    Line {
        seq: entry.seq,
        at: entry.at,
        event: record.event.clone(),
        words: known.map_or_else(|| record.event.clone(), |w| lang.text(&w.text).to_owned()),
        kind: known.map_or(Kind::Act, |w| w.kind),
        own,
        by_proxy: record.role == Role::Proxy.word(),
        facility: record.facility_name.clone(),
        who: who(lang, record, own),
        purpose: words::purpose(lang, &record.purpose),
        viewed: viewed(lang, record, known),
        method: record
            .detail("method")
            .and_then(Method::parse)
            .map(|method| method_words(lang, method)),
        about: record.detail("facility").map(str::to_owned),
        refused: record
            .refused
            .as_deref()
            .map(|code| reason(lang, code, catalogue)),
        hash: entry.hash,
        seal: look.seal,
    }
}

/// The allowed details of a record.
pub fn details(record: &Record) -> impl Iterator<Item = (&str, &str)> {
    record
        .details
        .iter()
        .filter(|(word, _)| DETAILS.contains(&word.as_str()))
        .map(|(word, value)| (word.as_str(), value.as_str()))
}

/// What begins as nobody and ends as the person: only their card could open it.
const PROVED: [&Event; 4] = [
    &crate::events::LOGIN,
    &crate::events::VISIT_PROVE,
    &crate::events::VISIT_PHONE,
    &crate::events::VISIT_CHOOSE,
];

fn is_own(record: &Record) -> bool {
    let is = |role: Role| record.role == role.word();
    let is_proved = PROVED.iter().any(|event| record.event == event.code);
    let own_login = is_proved && record.refused.is_none();
    is(Role::Patient) || (own_login && is(Role::Anonymous))
}

/// `佐藤 健一(医師)`; ご本人 for the person themself.
fn who(lang: Lang, record: &Record, own: bool) -> String {
    if own {
        return lang.pick("ご本人", "yourself").to_owned();
    }
    let role = words::role(lang, &record.role);
    let is_person = Role::parse(&record.role)
        .is_some_and(|role| !matches!(role, Role::Job | Role::Anonymous | Role::Patient));
    if record.name.is_empty() || !is_person {
        return role;
    }
    // A proxy's name says by what right they act.
    if record.role == Role::Proxy.word() {
        return format!("{role} {}", record.name);
    }
    match lang {
        Lang::Ja => format!("{}({role})", record.name),
        Lang::En => format!("{} ({role})", record.name),
    }
}

fn viewed(lang: Lang, record: &Record, known: Option<&words::Words>) -> Vec<&'static str> {
    let categories = record.detail("categories").unwrap_or_default();
    let named: Vec<&'static str> = categories
        .split_ascii_whitespace()
        .filter_map(Category::parse)
        .map(|category| words::category(lang, category))
        .collect();
    if !named.is_empty() {
        return named;
    }
    known
        .map(|w| lang.text(&w.object))
        .filter(|object| !object.is_empty())
        .into_iter()
        .collect()
}

/// How the person was identified, in words.
pub(crate) const fn method_words(lang: Lang, method: Method) -> &'static str {
    lang.pick(method.ja(), method.en())
}

fn reason(lang: Lang, code: &str, catalogue: &[&'static Entry]) -> String {
    let ours = words::refused(lang, code);
    let theirs = || {
        let entry = catalogue.iter().find(|entry| entry.code == code)?;
        Some(lang.text(&entry.cause))
    };
    ours.or_else(theirs).map_or_else(
        || format!("{} {code}", lang.pick("理由の番号:", "Reason code:")),
        str::to_owned,
    )
}
