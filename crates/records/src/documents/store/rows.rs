//! The at-rest forms of what is sealed of a document.

use fhir::clins::{Coding, document::Quantity};
use kernel::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::BAD;
use crate::{
    documents::{
        model::{
            Answer, Answered, Cancelled, Card, Consent, Contents, Drug, File, Head, Key, Opened,
            Place, Who,
        },
        sniff::FileKind,
    },
    model::Flags,
};

type Names = (String, String);

#[derive(Serialize, Deserialize)]
struct WhoRow(String, Option<String>, Option<String>);

#[derive(Serialize, Deserialize)]
struct CardRow {
    t: String,
    w: String,
    v: String,
    a: WhoRow,
    o: Option<WhoRow>,
    f: usize,
}

/// Member key as hexadecimal digits, identifier.
#[derive(Serialize, Deserialize)]
struct KeyRow(String, String);

#[derive(Serialize, Deserialize)]
struct AnsweredRow {
    at: i64,
    by: String,
    w: String,
    t: String,
    to: Option<Names>,
    d: Option<KeyRow>,
}

#[derive(Serialize, Deserialize)]
struct HeadRow {
    c: CardRow,
    s: Names,
    r: Option<Names>,
    m: String,
    ch: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    co: Vec<(bool, i64, String, i64, String)>,
    op: Option<(i64, String, i64)>,
    an: Option<AnsweredRow>,
    ca: Option<(i64, String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    en: Vec<KeyRow>,
}

fn who_to(who: &Who) -> WhoRow {
    WhoRow(
        who.institution.clone(),
        who.department.clone(),
        who.doctor.clone(),
    )
}

fn who_from(row: WhoRow) -> Who {
    Who {
        institution: row.0,
        department: row.1,
        doctor: row.2,
    }
}

fn key_to(key: &Key) -> KeyRow {
    KeyRow(kernel::hex::encode(&key.member), key.identifier.clone())
}

fn key_from(row: KeyRow) -> Result<Key, StoreError> {
    Ok(Key {
        member: kernel::hex::decode_array(&row.0).ok_or(BAD)?,
        identifier: row.1,
    })
}

fn card_to(card: &Card) -> CardRow {
    CardRow {
        t: card.title.clone(),
        w: card.written.clone(),
        v: card.version.clone(),
        a: who_to(&card.author),
        o: card.to.as_ref().map(who_to),
        f: card.files,
    }
}

fn card_from(row: CardRow) -> Card {
    Card {
        title: row.t,
        written: row.w,
        version: row.v,
        author: who_from(row.a),
        to: row.o.map(who_from),
        files: row.f,
    }
}

fn answered_to(it: &Answered) -> AnsweredRow {
    let to = match &it.answer {
        Answer::Forwarded { to, .. } => Some(to.clone()),
        Answer::Replied { .. } | Answer::Declined { .. } => None,
    };
    AnsweredRow {
        at: it.at.micros(),
        by: it.by.clone(),
        w: it.answer.word().to_owned(),
        t: it.answer.text().to_owned(),
        to,
        d: it.document.as_ref().map(key_to),
    }
}

fn answered_from(row: AnsweredRow) -> Result<Answered, StoreError> {
    let answer = match (row.w.as_str(), row.to) {
        ("replied", None) => Answer::Replied { text: row.t },
        ("declined", None) => Answer::Declined { reason: row.t },
        ("forwarded", Some(to)) => Answer::Forwarded { to, reason: row.t },
        _ => return Err(BAD),
    };
    Ok(Answered {
        at: Timestamp::from_micros(row.at),
        by: row.by,
        answer,
        document: row.d.map(key_from).transpose()?,
    })
}

pub(super) fn head_to(head: &Head) -> Result<Vec<u8>, StoreError> {
    let consent = |one: &Consent| {
        (
            one.is_given,
            one.at.micros(),
            one.by.clone(),
            one.recorded_at.micros(),
            one.recorded_by.clone(),
        )
    };
    let row = HeadRow {
        c: card_to(&head.card),
        s: head.sender.clone(),
        r: head.reader.clone(),
        m: kernel::hex::encode(&head.mark),
        ch: head.changed_at.map(Timestamp::micros),
        co: head.consents.iter().map(consent).collect(),
        op: head
            .opened
            .as_ref()
            .map(|one| (one.at.micros(), one.by.clone(), one.version)),
        an: head.answer.as_ref().map(answered_to),
        ca: head
            .cancelled
            .as_ref()
            .map(|one| (one.at.micros(), one.by.clone(), one.reason.clone())),
        en: head.enclosed.iter().map(key_to).collect(),
    };
    serde_json::to_vec(&row).map_err(|_| BAD)
}

pub(super) fn head_from(plain: &[u8]) -> Result<Head, StoreError> {
    let row: HeadRow = serde_json::from_slice(plain).map_err(|_| BAD)?;
    let consents = row.co.into_iter().map(|one| Consent {
        is_given: one.0,
        at: Timestamp::from_micros(one.1),
        by: one.2,
        recorded_at: Timestamp::from_micros(one.3),
        recorded_by: one.4,
    });
    Ok(Head {
        card: card_from(row.c),
        sender: row.s,
        reader: row.r,
        mark: kernel::hex::decode_array(&row.m).ok_or(BAD)?,
        changed_at: row.ch.map(Timestamp::from_micros),
        consents: consents.collect(),
        opened: row.op.map(|(at, by, version)| Opened {
            at: Timestamp::from_micros(at),
            by,
            version,
        }),
        answer: row.an.map(answered_from).transpose()?,
        cancelled: row.ca.map(|(at, by, reason)| Cancelled {
            at: Timestamp::from_micros(at),
            by,
            reason,
        }),
        enclosed: row.en.into_iter().map(key_from).collect::<Result<_, _>>()?,
    })
}

type CodingRow = (String, String, Option<String>);
type QuantityRow = (String, Option<String>);

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct DrugRow {
    i: Option<String>,
    rp: String,
    or: String,
    t: String,
    c: Vec<CodingRow>,
    au: String,
    st: Option<String>,
    u: String,
    uc: Vec<CodingRow>,
    an: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<QuantityRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qd: Option<QuantityRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qt: Option<QuantityRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<QuantityRow>,
    p: Option<String>,
    dp: Option<String>,
    g: (bool, bool, bool),
}

#[derive(Serialize, Deserialize)]
struct FileRow {
    p: Place,
    k: String,
    t: String,
    b: usize,
    s: bool,
}

#[derive(Serialize, Deserialize)]
struct ContentsRow {
    p: Vec<DrugRow>,
    f: Vec<FileRow>,
}

fn codings_to(all: &[Coding]) -> Vec<CodingRow> {
    let one = |c: &Coding| (c.system.clone(), c.code.clone(), c.display.clone());
    all.iter().map(one).collect()
}

fn codings_from(all: Vec<CodingRow>) -> Vec<Coding> {
    let one = |(system, code, display)| Coding {
        system,
        code,
        display,
    };
    all.into_iter().map(one).collect()
}

fn quantity_to(one: &Quantity) -> QuantityRow {
    (one.number.clone(), one.unit.clone())
}

fn quantity_from((number, unit): QuantityRow) -> Quantity {
    Quantity { number, unit }
}

fn drug_to(it: &Drug) -> DrugRow {
    DrugRow {
        i: it.identifier.clone(),
        rp: it.rp.clone(),
        or: it.order.clone(),
        t: it.text.clone(),
        c: codings_to(&it.codes),
        au: it.authored.clone(),
        st: it.start.clone(),
        u: it.usage.clone(),
        uc: codings_to(&it.usage_codes),
        an: it.as_needed,
        q: it.dose.as_ref().map(quantity_to),
        qd: it.daily.as_ref().map(quantity_to),
        qt: it.total.as_ref().map(quantity_to),
        d: it.days.as_ref().map(quantity_to),
        p: it.prescriber.clone(),
        dp: it.department.clone(),
        g: (
            it.flags.long_term,
            it.flags.uninformed,
            it.flags.undelivered,
        ),
    }
}

fn drug_from(row: DrugRow) -> Drug {
    Drug {
        identifier: row.i,
        rp: row.rp,
        order: row.or,
        text: row.t,
        codes: codings_from(row.c),
        authored: row.au,
        start: row.st,
        usage: row.u,
        usage_codes: codings_from(row.uc),
        as_needed: row.an,
        dose: row.q.map(quantity_from),
        daily: row.qd.map(quantity_from),
        total: row.qt.map(quantity_from),
        days: row.d.map(quantity_from),
        prescriber: row.p,
        department: row.dp,
        flags: Flags {
            long_term: row.g.0,
            uninformed: row.g.1,
            undelivered: row.g.2,
        },
    }
}

pub(super) fn contents_to(contents: &Contents) -> Result<Vec<u8>, StoreError> {
    let file = |it: &File| FileRow {
        p: it.place,
        k: it.kind.word().to_owned(),
        t: it.title.clone(),
        b: it.bytes,
        s: it.is_shown,
    };
    let row = ContentsRow {
        p: contents.prescriptions.iter().map(drug_to).collect(),
        f: contents.files.iter().map(file).collect(),
    };
    serde_json::to_vec(&row).map_err(|_| BAD)
}

pub(super) fn contents_from(plain: &[u8]) -> Result<Contents, StoreError> {
    let row: ContentsRow = serde_json::from_slice(plain).map_err(|_| BAD)?;
    let file = |it: FileRow| {
        Ok::<File, StoreError>(File {
            place: it.p,
            kind: FileKind::parse(&it.k).ok_or(BAD)?,
            title: it.t,
            bytes: it.b,
            is_shown: it.s,
        })
    };
    Ok(Contents {
        prescriptions: row.p.into_iter().map(drug_from).collect(),
        files: row.f.into_iter().map(file).collect::<Result<_, _>>()?,
    })
}
