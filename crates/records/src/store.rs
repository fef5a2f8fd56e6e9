//! All SQL of the shared record, and the at-rest form of facts.

use access::consent::Category;
use kernel::{
    id::PersonId,
    time::{JstDate, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{Call, Migration, Owner, Schema, StoreError, Table};

use crate::model::{
    Allergy, Certainty, Checked, Condition, Flags, Item, Keys, Lab, Prescription, Provenance, What,
};

pub(crate) mod due;
pub(crate) mod hidden;
mod names;
pub(crate) mod standing;

pub(crate) use names::{document_key, keys};

store::statements! {
    Person DROP = "DELETE FROM record_bundle
        WHERE person_id = $1 AND member = $2 AND identifier = $3";
    Person PUT = "INSERT INTO record_bundle
        (person_id, member, identifier, kind, institution, registered_at, facts, document)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Person FACTS = "SELECT member, identifier, institution, registered_at, facts FROM record_bundle
        WHERE person_id = $1 ORDER BY kind, registered_at DESC, identifier, member LIMIT $2";
    Person HAS = "SELECT registered_at FROM record_bundle
        WHERE person_id = $1 AND member = $2 AND identifier = $3";
    Person REWRITE = "UPDATE record_bundle SET facts = $4
        WHERE person_id = $1 AND member = $2 AND identifier = $3";
    Person OLDEST = "SELECT registered_at FROM record_bundle
        WHERE person_id = $1 AND kind = $2 ORDER BY registered_at LIMIT 1";
    Person DOCUMENT = "SELECT document FROM record_bundle
        WHERE person_id = $1 AND member = $2 AND identifier = $3";
}

const TABLE: &str = "record_bundle";
/// Most Bundles read for one view. They come in the order of their kinds, so that laboratory
/// reports, which are many, never push out allergies and conditions.
pub(crate) const BUNDLES_MAX: i64 = 2_000;
const BAD: StoreError = StoreError::Corrupt("a record's facts");

/// The storage of the shared record.
#[must_use]
pub fn schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: TABLE,
            owner: Owner::Person,
        },
        due::TABLE,
        hidden::TABLE,
        standing::TABLE,
        Table {
            name: "record_document",
            owner: Owner::Person,
        },
        Table {
            name: "record_document_version",
            owner: Owner::Person,
        },
        Table {
            name: "letter",
            owner: Owner::Facility,
        },
    ];
    Schema {
        service: "records",
        tables: TABLES,
        migrations: &[
            Migration {
                number: 1,
                name: "bundles",
                sqlite: include_str!("../migrations/sqlite/0001_bundles.sql"),
                postgres: include_str!("../migrations/postgres/0001_bundles.sql"),
            },
            Migration {
                number: 2,
                name: "documents",
                sqlite: include_str!("../migrations/sqlite/0002_documents.sql"),
                postgres: include_str!("../migrations/postgres/0002_documents.sql"),
            },
            Migration {
                number: 3,
                name: "what is due, hidden and confirmed",
                sqlite: include_str!("../migrations/sqlite/0003_due_hidden_standing.sql"),
                postgres: include_str!("../migrations/postgres/0003_due_hidden_standing.sql"),
            },
        ],
        statements: [
            STATEMENTS,
            due::STATEMENTS,
            hidden::STATEMENTS,
            standing::STATEMENTS,
            crate::documents::store::STATEMENTS,
            crate::exchange::store::STATEMENTS,
        ]
        .concat(),
    }
}

/// At-rest form of a document's facts.
#[derive(Serialize, Deserialize)]
struct Body {
    f: String,
    i: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    c: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    g: u8,
    #[serde(default, skip_serializing_if = "is_zero")]
    v: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    n: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<String>,
    w: RowWhat,
}

#[derive(Serialize, Deserialize)]
enum RowWhat {
    C(String, Option<String>, Option<String>, String, bool),
    A(String, Option<String>, bool, String),
    L(Box<RowLab>),
    P(String, String, String, String),
}

#[derive(Serialize, Deserialize)]
struct RowLab(
    String,
    String,
    String,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
);

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_zero(n: &u8) -> bool {
    *n == 0
}

fn to_row(item: &Item) -> Row {
    let Flags {
        long_term,
        uninformed,
        undelivered,
    } = item.flags;
    let what = match &item.what {
        What::Condition(c) => RowWhat::C(
            c.name.clone(),
            c.onset.map(|d| d.to_string()),
            c.abatement.map(|d| d.to_string()),
            c.status.clone(),
            c.is_main,
        ),
        What::Allergy(a) => RowWhat::A(
            a.substance.clone(),
            a.reaction.clone(),
            a.high_risk,
            a.status.clone(),
        ),
        What::Lab(l) => RowWhat::L(Box::new(RowLab(
            l.key.clone(),
            l.name.clone(),
            l.value.clone(),
            l.number.clone(),
            l.unit.clone(),
            l.low.clone(),
            l.high.clone(),
            l.interpretation.clone(),
            l.on.to_string(),
        ))),
        What::Prescription(p) => RowWhat::P(
            p.medicine.clone(),
            p.usage.clone(),
            p.amount.clone(),
            p.on.to_string(),
        ),
    };
    let (code, recorded) = match &item.what {
        What::Condition(c) => (c.code.clone(), c.recorded.map(|d| d.to_string())),
        What::Allergy(a) => (a.code.clone(), None),
        What::Lab(l) => (l.code.clone(), None),
        What::Prescription(p) => (p.code.clone(), None),
    };
    Row {
        c: item.category.word().to_owned(),
        g: u8::from(long_term) | u8::from(uninformed) << 1 | u8::from(undelivered) << 2,
        v: match item.certainty {
            Certainty::Stated => 0,
            Certainty::Unconfirmed => 1,
            Certainty::Retracted => 2,
        },
        d: item.provenance.department.clone(),
        n: item.identifier.clone(),
        k: code,
        r: recorded,
        w: what,
    }
}

fn from_row(row: Row, facility: &str, institution: &str, at: Timestamp) -> Option<Item> {
    let code = row.k;
    let date = |text: Option<String>| match text {
        Some(text) => JstDate::parse(&text).map(Some),
        None => Some(None),
    };
    let what = match row.w {
        RowWhat::C(name, onset, abatement, status, is_main) => What::Condition(Condition {
            name,
            onset: date(onset)?,
            abatement: date(abatement)?,
            status,
            is_main,
            recorded: date(row.r)?,
            code,
        }),
        RowWhat::A(substance, reaction, high_risk, status) => What::Allergy(Allergy {
            substance,
            reaction,
            high_risk,
            status,
            code,
        }),
        RowWhat::P(medicine, usage, amount, on) => What::Prescription(Prescription {
            medicine,
            code,
            usage,
            amount,
            on: JstDate::parse(&on)?,
        }),
        RowWhat::L(lab) => What::Lab(from_lab(*lab, code)?),
    };
    Some(Item {
        identifier: row.n,
        keys: Keys::default(),
        is_hidden: false,
        is_document_hidden: false,
        standing: None,
        category: Category::parse(&row.c)?,
        flags: Flags {
            long_term: row.g & 1 != 0,
            uninformed: row.g & 2 != 0,
            undelivered: row.g & 4 != 0,
        },
        certainty: match row.v {
            0 => Certainty::Stated,
            1 => Certainty::Unconfirmed,
            2 => Certainty::Retracted,
            _ => return None,
        },
        provenance: Provenance {
            facility: facility.to_owned(),
            institution: institution.to_owned(),
            department: row.d,
            registered_at: at,
        },
        what,
    })
}

fn from_lab(lab: RowLab, code: Option<String>) -> Option<Lab> {
    let RowLab(key, name, value, number, unit, low, high, interpretation, on) = lab;
    Some(Lab {
        key,
        name,
        value,
        number,
        unit,
        low,
        high,
        interpretation,
        on: JstDate::parse(&on)?,
        code,
        standard: None,
    })
}

/// The part of the key that stands for the member identifier: a keyed HMAC. Symbol and number
/// may be written in either width; both are one member.
pub(crate) fn member_key(call: &Call<'_>, member: &str) -> [u8; 32] {
    call.directory_key("record-member", &[&kernel::code::half_width(member)])
}

pub(crate) fn drop(
    call: &Call<'_>,
    person: PersonId,
    member: &[u8; 32],
    identifier: &str,
) -> Result<usize, StoreError> {
    call.execute(
        &DROP,
        &[person.as_bytes().into(), member.into(), identifier.into()],
    )
}

/// Is there such a document?
pub(crate) fn has(
    call: &Call<'_>,
    person: PersonId,
    member: &[u8; 32],
    identifier: &str,
) -> Result<bool, StoreError> {
    let given = [person.as_bytes().into(), member.into(), identifier.into()];
    Ok(call.row(&HAS, &given, |row| row.at(0))?.is_some())
}

pub(crate) fn put(
    call: &Call<'_>,
    person: PersonId,
    member: &[u8; 32],
    checked: &Checked,
    facility: &str,
) -> Result<(), StoreError> {
    let id = &checked.identifier;
    let facts = seal(call, person, member, id, facility, &checked.items)?;
    let key: [&[u8]; 3] = [b"document", member, id.as_bytes()];
    let document = call.seal(person, TABLE, &key, &checked.document)?;
    call.execute(
        &PUT,
        &[
            person.as_bytes().into(),
            member.into(),
            id.into(),
            checked.kind.into(),
            (&checked.institution).into(),
            call.at().into(),
            (&facts).into(),
            (&document).into(),
        ],
    )?;
    Ok(())
}

fn seal(
    call: &Call<'_>,
    person: PersonId,
    member: &[u8; 32],
    identifier: &str,
    facility: &str,
    items: &[Item],
) -> Result<Vec<u8>, StoreError> {
    let body = Body {
        f: facility.to_owned(),
        i: items.iter().map(to_row).collect(),
    };
    let plain = serde_json::to_vec(&body).map_err(|_| BAD)?;
    let key: [&[u8]; 3] = [b"facts", member, identifier.as_bytes()];
    call.seal(person, TABLE, &key, &plain)
}

/// Leaves only these items of a document; its bytes stay as they are.
pub(crate) fn rewrite(
    call: &Call<'_>,
    person: PersonId,
    bundle: &Bundle,
) -> Result<(), StoreError> {
    let (member, id) = (&bundle.member, bundle.identifier.as_str());
    let facts = seal(call, person, member, id, &bundle.facility, &bundle.items)?;
    let values = [
        person.as_bytes().into(),
        member.into(),
        id.into(),
        (&facts).into(),
    ];
    call.execute(&REWRITE, &values)?;
    Ok(())
}

/// A registered document as far as its facts go.
pub(crate) struct Bundle {
    /// The keyed member identifier.
    pub(crate) member: [u8; 32],
    /// `institution^year^id`.
    pub(crate) identifier: String,
    /// The facility's name when it registered.
    pub(crate) facility: String,
    /// What it says.
    pub(crate) items: Vec<Item>,
}

/// The registered documents of a person, `limit` at most, by kind and the newest first.
pub(crate) fn bundles(
    call: &Call<'_>,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Bundle>, StoreError> {
    let rows = call.rows(&FACTS, &[person.as_bytes().into(), limit.into()], |row| {
        Ok((
            row.array::<32>(0)?,
            row.text(1)?,
            row.text(2)?,
            row.at(3)?,
            row.blob(4)?,
        ))
    })?;
    let mut bundles = Vec::new();
    for (member, identifier, institution, at, sealed) in rows {
        let key: [&[u8]; 3] = [b"facts", &member, identifier.as_bytes()];
        let plain = call.unseal(person, TABLE, &key, &sealed)?;
        let body: Body = serde_json::from_slice(&plain).map_err(|_| BAD)?;
        let document = document_key(call, &institution, &identifier);
        let mut items = Vec::with_capacity(body.i.len());
        for row in body.i {
            let mut item = from_row(row, &body.f, &institution, at).ok_or(BAD)?;
            item.keys = keys(call, &item, document);
            items.push(item);
        }
        bundles.push(Bundle {
            member,
            identifier,
            facility: body.f,
            items,
        });
    }
    Ok(bundles)
}

/// Everything registered of a person, newest registration first.
pub(crate) fn items(call: &Call<'_>, person: PersonId) -> Result<Vec<Item>, StoreError> {
    let bundles = bundles(call, person, BUNDLES_MAX)?;
    let mut items: Vec<Item> = bundles.into_iter().flat_map(|b| b.items).collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.provenance.registered_at));
    Ok(items)
}

/// When the oldest document of a kind was registered.
pub(crate) fn oldest(
    call: &Call<'_>,
    person: PersonId,
    kind: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let given = [person.as_bytes().into(), kind.into()];
    call.row(&OLDEST, &given, |row| row.at(0))
}

/// The compressed bytes of one document, as received.
pub(crate) fn document(
    call: &Call<'_>,
    person: PersonId,
    member: &[u8; 32],
    identifier: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed = call.row(
        &DOCUMENT,
        &[person.as_bytes().into(), member.into(), identifier.into()],
        |row| row.blob(0),
    )?;
    let key: [&[u8]; 3] = [b"document", member, identifier.as_bytes()];
    sealed
        .map(|sealed| call.unseal(person, TABLE, &key, &sealed))
        .transpose()
}
