//! Letters on the wire.

use kernel::{Refusal, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    documents::{
        errors as no,
        model::{Answer, Card, Oral, Reading, Who, kind_word},
        state::State,
    },
    exchange::{
        model::{After, Line, OpenLoops},
        ops::{AnswerGiven, Enclosure},
    },
    fhir_api::WireTarget,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireNothing {}

/// Consent: when the patient said so, and to whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireOral {
    at: String,
    by: String,
}

impl WireOral {
    pub(super) fn parse(&self) -> Result<Oral, Refusal> {
        let at = Timestamp::parse(&self.at)
            .ok_or_else(|| Refusal::at(&no::CONSENT_TIME, "at", &self.at))?;
        Ok(Oral {
            at,
            by: self.by.clone(),
        })
    }
}

/// `replied` with a text, `declined` with a reason, `forwarded` with a reason and to whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireAnswer {
    kind: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    to: String,
    document: Option<WireTarget>,
}

impl WireAnswer {
    pub(super) fn parse(self, home: &store::caller::Home) -> Result<AnswerGiven, Refusal> {
        let document = self.document.map(|target| target.parse(home));
        match self.kind.as_str() {
            "replied" => Ok(AnswerGiven::Reply {
                text: self.text,
                document: document.transpose()?.map(Enclosure::Named),
            }),
            "declined" => Ok(AnswerGiven::Decline {
                reason: self.reason,
            }),
            "forwarded" => Ok(AnswerGiven::Forward {
                to: self.to,
                reason: self.reason,
            }),
            other => Err(Refusal::at(&no::ANSWER_TEXT, "kind", other)),
        }
    }
}

#[derive(Serialize)]
pub(super) struct WireState {
    state: &'static str,
    state_ja: &'static str,
    state_en: &'static str,
}

impl WireState {
    pub(super) const fn of(state: State) -> Self {
        Self {
            state: state.word(),
            state_ja: state.ja(),
            state_en: state.en(),
        }
    }
}

#[derive(Serialize)]
struct WireWho {
    institution: String,
    department: Option<String>,
    doctor: Option<String>,
}

impl From<&Who> for WireWho {
    fn from(who: &Who) -> Self {
        Self {
            institution: who.institution.clone(),
            department: who.department.clone(),
            doctor: who.doctor.clone(),
        }
    }
}

#[derive(Serialize)]
struct WireCard {
    title: String,
    written: String,
    version: String,
    author: WireWho,
    to: Option<WireWho>,
    files: usize,
}

impl From<&Card> for WireCard {
    fn from(card: &Card) -> Self {
        Self {
            title: card.title.clone(),
            written: card.written.clone(),
            version: card.version.clone(),
            author: (&card.author).into(),
            to: card.to.as_ref().map(Into::into),
            files: card.files,
        }
    }
}

#[derive(Serialize)]
struct WireFacility {
    name: String,
    code: String,
}

fn facility(names: &(String, String)) -> WireFacility {
    WireFacility {
        name: names.0.clone(),
        code: names.1.clone(),
    }
}

#[derive(Serialize)]
struct WireLine {
    letter: String,
    kind: &'static str,
    kind_ja: &'static str,
    state: &'static str,
    state_ja: &'static str,
    state_en: &'static str,
    at: String,
    name: String,
    kana: String,
    birth_date: String,
    /// The addressee of what was sent, the sender of what was received.
    other: Option<WireFacility>,
    document: WireCard,
    /// Identifier of the Bundle.
    value: String,
    released_at: Option<String>,
    opened_at: Option<String>,
    answered_at: Option<String>,
    answer: Option<String>,
    cancelled_at: Option<String>,
    changed_at: Option<String>,
    enclosed: usize,
}

fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

impl From<&Line> for WireLine {
    fn from(line: &Line) -> Self {
        let matter = &line.matter;
        let answered = matter.answered.clone();
        Self {
            letter: line.id.to_hex(),
            kind: kind_word(matter.kind),
            kind_ja: matter.kind.name_ja(),
            state: line.progress.word(),
            state_ja: line.progress.ja(),
            state_en: line.progress.en(),
            at: line.at.to_string(),
            name: matter.name.clone(),
            kana: matter.kana.clone(),
            birth_date: matter.birth.to_string(),
            other: matter.other.as_ref().map(facility),
            document: (&matter.card).into(),
            value: matter.key.identifier.clone(),
            released_at: text(matter.released_at),
            opened_at: text(matter.opened_at),
            answered_at: text(answered.as_ref().map(|one| one.0)),
            answer: answered.map(|one| one.1),
            cancelled_at: text(matter.cancelled_at),
            changed_at: text(matter.changed_at),
            enclosed: matter.enclosed,
        }
    }
}

#[derive(Serialize)]
pub(super) struct WireList {
    letters: Vec<WireLine>,
    /// `after` of the next question; absent on the last page.
    next: Option<String>,
}

impl WireList {
    pub(super) fn new(lines: &[Line], count: usize) -> Self {
        let last = lines.last().filter(|_| lines.len() >= count);
        let next = last.map(|line| After {
            at: line.at,
            id: line.id,
        });
        Self {
            letters: lines.iter().map(Into::into).collect(),
            next: next.map(|after| after.word()),
        }
    }
}

#[derive(Serialize)]
pub(super) struct WireLoops {
    waiting_for_consent: Vec<WireLine>,
    overdue: Vec<WireLine>,
    unopened: Vec<WireLine>,
    unanswered: Vec<WireLine>,
    to_read: Vec<WireLine>,
    to_answer: Vec<WireLine>,
}

impl WireLoops {
    pub(super) fn new(loops: &OpenLoops) -> Self {
        let lines = |all: &[Line]| all.iter().map(Into::into).collect();
        Self {
            waiting_for_consent: lines(&loops.waiting_for_consent),
            overdue: lines(&loops.overdue),
            unopened: lines(&loops.unopened),
            unanswered: lines(&loops.unanswered),
            to_read: lines(&loops.to_read),
            to_answer: lines(&loops.to_answer),
        }
    }
}

#[derive(Serialize)]
struct WireFile {
    number: usize,
    content_type: &'static str,
    title: String,
    bytes: usize,
    /// May a page show it as an image?
    is_shown: bool,
}

#[derive(Serialize)]
struct WireConsent {
    given: bool,
    at: String,
    by: String,
    recorded_at: String,
}

#[derive(Serialize)]
struct WireReceipt {
    at: String,
    by: String,
    version: i64,
}

#[derive(Serialize)]
struct WireAnswered {
    at: String,
    by: String,
    kind: &'static str,
    text: String,
    to: Option<WireFacility>,
}

#[derive(Serialize)]
struct WireVersion {
    version: i64,
    at: String,
}

#[derive(Serialize)]
struct WireEnclosed {
    part: String,
    kind: &'static str,
    kind_ja: &'static str,
    document: WireCard,
}

#[derive(Serialize)]
pub(super) struct WireReading {
    letter: String,
    kind: &'static str,
    kind_ja: &'static str,
    #[serde(flatten)]
    state: WireState,
    value: String,
    version: i64,
    registered_at: String,
    sender: WireFacility,
    reader: Option<WireFacility>,
    document: WireCard,
    consents: Vec<WireConsent>,
    receipt: Option<WireReceipt>,
    answer: Option<WireAnswered>,
    versions: Vec<WireVersion>,
    files: Vec<WireFile>,
    enclosed: Vec<WireEnclosed>,
}

impl WireReading {
    pub(super) fn of(reading: &Reading) -> Self {
        let it = &reading.document;
        let head = &it.head;
        let files = (1..).zip(&reading.files).map(|(number, file)| WireFile {
            number,
            content_type: file.kind.content_type(),
            title: file.title.clone(),
            bytes: file.bytes,
            is_shown: file.is_shown,
        });
        let consents = head.consents.iter().map(|one| WireConsent {
            given: one.is_given,
            at: one.at.to_string(),
            by: one.by.clone(),
            recorded_at: one.recorded_at.to_string(),
        });
        let versions = reading.versions.iter().map(|one| WireVersion {
            version: one.number,
            at: one.at.to_string(),
        });
        let enclosed = reading.enclosed.iter().map(|one| WireEnclosed {
            part: one.id.to_hex(),
            kind: kind_word(one.kind),
            kind_ja: one.kind.name_ja(),
            document: (&one.card).into(),
        });
        Self {
            letter: it.id.to_hex(),
            kind: kind_word(it.kind),
            kind_ja: it.kind.name_ja(),
            state: WireState::of(it.state),
            value: it.key.identifier.clone(),
            version: it.version,
            registered_at: it.registered_at.to_string(),
            sender: facility(&head.sender),
            reader: head.reader.as_ref().map(facility),
            document: (&head.card).into(),
            consents: consents.collect(),
            receipt: head.opened.as_ref().map(|one| WireReceipt {
                at: one.at.to_string(),
                by: one.by.clone(),
                version: one.version,
            }),
            answer: head.answer.as_ref().map(|one| WireAnswered {
                at: one.at.to_string(),
                by: one.by.clone(),
                kind: one.answer.word(),
                text: one.answer.text().to_owned(),
                to: match &one.answer {
                    Answer::Forwarded { to, .. } => Some(facility(to)),
                    Answer::Replied { .. } | Answer::Declined { .. } => None,
                },
            }),
            versions: versions.collect(),
            files: files.collect(),
            enclosed: enclosed.collect(),
        }
    }
}
