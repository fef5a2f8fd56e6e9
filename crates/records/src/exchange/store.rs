//! All SQL of facilities' lists of letters, and their at-rest form.

use kernel::{
    id::{DocumentId, FacilityId, PersonId},
    time::{JstDate, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{Call, Row, StoreError};

use super::model::{After, Line, Matter, Progress, Side};
use crate::documents::model::{Card, Key, Who, kind_of, kind_word};

store::statements! {
    Facility PUT = "INSERT INTO letter (facility_id, side, document_id, person_id, state, at, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (facility_id, side, document_id)
        DO UPDATE SET person_id = excluded.person_id, state = excluded.state, at = excluded.at,
        body = excluded.body";
    Facility DROP = "DELETE FROM letter
        WHERE facility_id = $1 AND side = $2 AND document_id = $3";
    Facility ONE = "SELECT document_id, person_id, state, at, body FROM letter
        WHERE facility_id = $1 AND side = $2 AND document_id = $3";
    Facility NEWEST = "SELECT document_id, person_id, state, at, body FROM letter
        WHERE facility_id = $1 AND side = $2 AND (at, document_id) < ($3, $4)
        ORDER BY at DESC, document_id DESC LIMIT $5";
    Facility NEWEST_OF = "SELECT document_id, person_id, state, at, body FROM letter
        WHERE facility_id = $1 AND side = $2 AND state = $3 AND (at, document_id) < ($4, $5)
        ORDER BY at DESC, document_id DESC LIMIT $6";
    Facility OLDEST_OF = "SELECT document_id, person_id, state, at, body FROM letter
        WHERE facility_id = $1 AND side = $2 AND state = $3
        ORDER BY at, document_id LIMIT $4";
    Facility COUNT_OF = "SELECT document_id FROM letter
        WHERE facility_id = $1 AND side = $2 AND state = $3 ORDER BY document_id LIMIT $4";
}

const TABLE: &str = "letter";
const BAD: StoreError = StoreError::Corrupt("a letter's envelope");

#[derive(Serialize, Deserialize)]
struct Body {
    n: String,
    k: String,
    b: String,
    d: String,
    c: CardBody,
    o: Option<(String, String)>,
    /// Member key as hexadecimal digits, identifier.
    y: (String, String),
    r: Option<i64>,
    p: Option<i64>,
    a: Option<(i64, String)>,
    x: Option<i64>,
    h: Option<i64>,
    e: usize,
}

#[derive(Serialize, Deserialize)]
struct CardBody {
    t: String,
    w: String,
    v: String,
    a: WhoBody,
    o: Option<WhoBody>,
    f: usize,
}

#[derive(Serialize, Deserialize)]
struct WhoBody(String, Option<String>, Option<String>);

fn who(who: &Who) -> WhoBody {
    let Who {
        institution,
        department,
        doctor,
    } = who.clone();
    WhoBody(institution, department, doctor)
}

fn who_of(body: WhoBody) -> Who {
    Who {
        institution: body.0,
        department: body.1,
        doctor: body.2,
    }
}

fn written(it: &Matter) -> Result<Vec<u8>, StoreError> {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::micros);
    let body = Body {
        n: it.name.clone(),
        k: it.kana.clone(),
        b: it.birth.to_string(),
        d: kind_word(it.kind).to_owned(),
        c: CardBody {
            t: it.card.title.clone(),
            w: it.card.written.clone(),
            v: it.card.version.clone(),
            a: who(&it.card.author),
            o: it.card.to.as_ref().map(who),
            f: it.card.files,
        },
        o: it.other.clone(),
        y: (
            kernel::hex::encode(&it.key.member),
            it.key.identifier.clone(),
        ),
        r: micros(it.released_at),
        p: micros(it.opened_at),
        a: it
            .answered
            .as_ref()
            .map(|(at, word)| (at.micros(), word.clone())),
        x: micros(it.cancelled_at),
        h: micros(it.changed_at),
        e: it.enclosed,
    };
    serde_json::to_vec(&body).map_err(|_| BAD)
}

fn read(plain: &[u8]) -> Result<Matter, StoreError> {
    let body: Body = serde_json::from_slice(plain).map_err(|_| BAD)?;
    let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    Ok(Matter {
        name: body.n,
        kana: body.k,
        birth: JstDate::parse(&body.b).ok_or(BAD)?,
        kind: kind_of(&body.d).ok_or(BAD)?,
        card: Card {
            title: body.c.t,
            written: body.c.w,
            version: body.c.v,
            author: who_of(body.c.a),
            to: body.c.o.map(who_of),
            files: body.c.f,
        },
        other: body.o,
        key: Key {
            member: kernel::hex::decode_array(&body.y.0).ok_or(BAD)?,
            identifier: body.y.1,
        },
        released_at: at(body.r),
        opened_at: at(body.p),
        answered: body
            .a
            .map(|(micros, word)| (Timestamp::from_micros(micros), word)),
        cancelled_at: at(body.x),
        changed_at: at(body.h),
        enclosed: body.e,
    })
}

/// Writes a letter into a facility's list, or over what stands there.
pub(crate) fn put(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    line: &Line,
) -> Result<(), StoreError> {
    let key: [&[u8]; 2] = [side.word().as_bytes(), line.id.as_bytes()];
    let body = call.seal_for_facility(facility, TABLE, &key, &written(&line.matter)?)?;
    call.execute(
        &PUT,
        &[
            facility.as_bytes().into(),
            side.word().into(),
            line.id.as_bytes().into(),
            line.person.as_bytes().into(),
            line.progress.word().into(),
            line.at.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

/// Takes a letter out of a facility's list.
pub(crate) fn drop(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    id: DocumentId,
) -> Result<(), StoreError> {
    call.execute(
        &DROP,
        &[
            facility.as_bytes().into(),
            side.word().into(),
            id.as_bytes().into(),
        ],
    )?;
    Ok(())
}

struct Raw(DocumentId, PersonId, String, Timestamp, Vec<u8>);

fn raw(row: &Row<'_>) -> Result<Raw, StoreError> {
    let (id, person) = (row.array(0)?, row.array(1)?);
    Ok(Raw(
        DocumentId::from_bytes(id),
        PersonId::from_bytes(person),
        row.text(2)?,
        row.at(3)?,
        row.blob(4)?,
    ))
}

fn opened(call: &Call<'_>, facility: FacilityId, side: Side, raw: Raw) -> Result<Line, StoreError> {
    let Raw(id, person, state, at, body) = raw;
    let key: [&[u8]; 2] = [side.word().as_bytes(), id.as_bytes()];
    let plain = call.unseal_for_facility(facility, TABLE, &key, &body)?;
    Ok(Line {
        id,
        person,
        progress: Progress::parse(&state).ok_or(BAD)?,
        at,
        matter: read(&plain)?,
    })
}

/// How far a letter of a facility's list has come; `None` when it is not in it.
pub(crate) fn progress(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    id: DocumentId,
) -> Result<Option<Progress>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        side.word().into(),
        id.as_bytes().into(),
    ];
    let word = call.row(&ONE, &values, |row| row.text(2))?;
    word.map(|word| Progress::parse(&word).ok_or(BAD))
        .transpose()
}

/// One letter of a facility's list.
pub(crate) fn one(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    id: DocumentId,
) -> Result<Option<Line>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        side.word().into(),
        id.as_bytes().into(),
    ];
    let found = call.row(&ONE, &values, raw)?;
    found
        .map(|raw| opened(call, facility, side, raw))
        .transpose()
}

/// A page of a facility's list, newest first.
pub(crate) fn newest(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    progress: Option<Progress>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    let last = After {
        at: Timestamp::from_micros(i64::MAX),
        id: DocumentId::from_bytes([u8::MAX; 16]),
    };
    let after = after.unwrap_or(last);
    let (owner, word) = (facility.as_bytes().into(), side.word().into());
    let (at, id) = (after.at.into(), after.id.as_bytes().into());
    let found = match progress {
        Some(progress) => {
            let state = progress.word().into();
            call.rows(&NEWEST_OF, &[owner, word, state, at, id, limit.into()], raw)?
        }
        None => call.rows(&NEWEST, &[owner, word, at, id, limit.into()], raw)?,
    };
    let all = found.into_iter();
    all.map(|raw| opened(call, facility, side, raw)).collect()
}

/// The letters of a facility's list that have come so far, oldest first.
pub(crate) fn oldest(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    progress: Progress,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        side.word().into(),
        progress.word().into(),
        limit.into(),
    ];
    let found = call.rows(&OLDEST_OF, &values, raw)?;
    let all = found.into_iter();
    all.map(|raw| opened(call, facility, side, raw)).collect()
}

/// How many letters of a list have come so far, up to `limit`.
pub(crate) fn count(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    progress: Progress,
    limit: i64,
) -> Result<usize, StoreError> {
    let values = [
        facility.as_bytes().into(),
        side.word().into(),
        progress.word().into(),
        limit.into(),
    ];
    let found = call.rows(&COUNT_OF, &values, |row| row.array::<16>(0))?;
    Ok(found.len())
}
