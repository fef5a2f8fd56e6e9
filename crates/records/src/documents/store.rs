//! All SQL of documents, and their at-rest forms.

mod rows;

use fhir::clins::document::DocumentKind;
use kernel::id::{DocumentId, FacilityId, PersonId};
use store::{Call, Row, StoreError};

use super::{
    model::{Contents, Document, Head, Key, Version, kind_of, kind_word},
    state::State,
};

store::statements! {
    Person PUT = "INSERT INTO record_document (person_id, member, identifier, document_id, kind,
        sender_id, reader_id, state, version, registered_at, head)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (person_id, member, identifier) DO UPDATE SET reader_id = excluded.reader_id,
        state = excluded.state, version = excluded.version, head = excluded.head";
    Person DROP = "DELETE FROM record_document
        WHERE person_id = $1 AND member = $2 AND identifier = $3";
    Person ONE = "SELECT member, identifier, document_id, kind, sender_id, reader_id, state, version,
        registered_at, head FROM record_document
        WHERE person_id = $1 AND member = $2 AND identifier = $3";
    Person ALL = "SELECT member, identifier, document_id, kind, sender_id, reader_id, state, version,
        registered_at, head FROM record_document
        WHERE person_id = $1 ORDER BY registered_at DESC, identifier, member LIMIT $2";
    Person PUT_TEXT = "INSERT INTO record_document_version
        (person_id, document_id, version, at, facts, document) VALUES ($1, $2, $3, $4, $5, $6)";
    Person DROP_TEXTS = "DELETE FROM record_document_version
        WHERE person_id = $1 AND document_id = $2";
    Person TEXT = "SELECT document FROM record_document_version
        WHERE person_id = $1 AND document_id = $2 AND version = $3";
    Person FACTS = "SELECT facts FROM record_document_version
        WHERE person_id = $1 AND document_id = $2 AND version = $3";
    Person VERSIONS = "SELECT version, at FROM record_document_version
        WHERE person_id = $1 AND document_id = $2 ORDER BY version";
}

const TABLE: &str = "record_document";
const TEXTS: &str = "record_document_version";
/// Most documents of one person that are read for one view.
const DOCUMENTS_MAX: i64 = 500;
pub(super) const BAD: StoreError = StoreError::Corrupt("a document's envelope");

/// Writes a document, new or as it is now.
pub(crate) fn put(call: &Call<'_>, it: &Document) -> Result<(), StoreError> {
    let plain = rows::head_to(&it.head)?;
    let head = call.seal(
        it.owner,
        TABLE,
        &[b"head", &it.key.member, it.key.identifier.as_bytes()],
        &plain,
    )?;
    call.execute(
        &PUT,
        &[
            it.owner.as_bytes().into(),
            (&it.key.member).into(),
            (&it.key.identifier).into(),
            it.id.as_bytes().into(),
            kind_word(it.kind).into(),
            it.sender.as_bytes().into(),
            it.reader.as_ref().map(FacilityId::as_bytes).into(),
            it.state.word().into(),
            it.version.into(),
            it.registered_at.into(),
            (&head).into(),
        ],
    )?;
    Ok(())
}

/// Removes a document with all its texts.
pub(crate) fn drop(call: &Call<'_>, it: &Document) -> Result<(), StoreError> {
    let owner = it.owner.as_bytes().into();
    call.execute(&DROP_TEXTS, &[owner, it.id.as_bytes().into()])?;
    call.execute(
        &DROP,
        &[
            it.owner.as_bytes().into(),
            (&it.key.member).into(),
            (&it.key.identifier).into(),
        ],
    )?;
    Ok(())
}

struct Raw {
    key: Key,
    id: DocumentId,
    kind: String,
    sender: FacilityId,
    reader: Option<Vec<u8>>,
    state: String,
    version: i64,
    registered_at: kernel::time::Timestamp,
    head: Vec<u8>,
}

fn raw(row: &Row<'_>) -> Result<Raw, StoreError> {
    Ok(Raw {
        key: Key {
            member: row.array(0)?,
            identifier: row.text(1)?,
        },
        id: DocumentId::from_bytes(row.array(2)?),
        kind: row.text(3)?,
        sender: FacilityId::from_bytes(row.array(4)?),
        reader: row.opt_blob(5)?,
        state: row.text(6)?,
        version: row.int(7)?,
        registered_at: row.at(8)?,
        head: row.blob(9)?,
    })
}

fn opened(call: &Call<'_>, owner: PersonId, raw: Raw) -> Result<Document, StoreError> {
    let key: [&[u8]; 3] = [b"head", &raw.key.member, raw.key.identifier.as_bytes()];
    let plain = call.unseal(owner, TABLE, &key, &raw.head)?;
    let reader = match raw.reader {
        Some(bytes) => Some(FacilityId::from_slice(&bytes).ok_or(BAD)?),
        None => None,
    };
    let head: Head = rows::head_from(&plain)?;
    let kind: DocumentKind = kind_of(&raw.kind).ok_or(BAD)?;
    Ok(Document {
        id: raw.id,
        owner,
        key: raw.key,
        kind,
        sender: raw.sender,
        reader,
        state: State::parse(&raw.state).ok_or(BAD)?,
        version: raw.version,
        registered_at: raw.registered_at,
        head,
    })
}

/// A document by its key.
pub(crate) fn one(
    call: &Call<'_>,
    owner: PersonId,
    key: &Key,
) -> Result<Option<Document>, StoreError> {
    let values = [
        owner.as_bytes().into(),
        (&key.member).into(),
        (&key.identifier).into(),
    ];
    let found = call.row(&ONE, &values, raw)?;
    found.map(|raw| opened(call, owner, raw)).transpose()
}

/// Every document of a person, newest registration first.
pub(crate) fn all(call: &Call<'_>, owner: PersonId) -> Result<Vec<Document>, StoreError> {
    let values = [owner.as_bytes().into(), DOCUMENTS_MAX.into()];
    let found = call.rows(&ALL, &values, raw)?;
    found
        .into_iter()
        .map(|raw| opened(call, owner, raw))
        .collect()
}

fn text_key<'k>(part: &'k [u8], id: &'k DocumentId, version: &'k [u8; 8]) -> [&'k [u8]; 3] {
    [part, id.as_bytes(), version]
}

/// Writes the text that stands, with what was taken out of it.
pub(crate) fn put_text(
    call: &Call<'_>,
    it: &Document,
    contents: &Contents,
    compressed: &[u8],
) -> Result<(), StoreError> {
    let plain = rows::contents_to(contents)?;
    let version = it.version.to_be_bytes();
    let facts = call.seal(
        it.owner,
        TEXTS,
        &text_key(b"facts", &it.id, &version),
        &plain,
    )?;
    let key = text_key(b"document", &it.id, &version);
    let document = call.seal(it.owner, TEXTS, &key, compressed)?;
    call.execute(
        &PUT_TEXT,
        &[
            it.owner.as_bytes().into(),
            it.id.as_bytes().into(),
            it.version.into(),
            call.at().into(),
            (&facts).into(),
            (&document).into(),
        ],
    )?;
    Ok(())
}

/// Removes every text of a document that gets another in their place.
pub(crate) fn drop_texts(call: &Call<'_>, it: &Document) -> Result<(), StoreError> {
    let (owner, id) = (it.owner.as_bytes().into(), it.id.as_bytes().into());
    call.execute(&DROP_TEXTS, &[owner, id])?;
    Ok(())
}

/// The compressed bytes of one text.
pub(crate) fn text(
    call: &Call<'_>,
    it: &Document,
    version: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let (owner, id) = (it.owner.as_bytes().into(), it.id.as_bytes().into());
    let sealed = call.row(&TEXT, &[owner, id, version.into()], |row| row.blob(0))?;
    let number = version.to_be_bytes();
    let key = text_key(b"document", &it.id, &number);
    sealed
        .map(|sealed| call.unseal(it.owner, TEXTS, &key, &sealed))
        .transpose()
}

/// What was taken out of one text.
pub(crate) fn contents(
    call: &Call<'_>,
    it: &Document,
    version: i64,
) -> Result<Option<Contents>, StoreError> {
    let (owner, id) = (it.owner.as_bytes().into(), it.id.as_bytes().into());
    let sealed = call.row(&FACTS, &[owner, id, version.into()], |row| row.blob(0))?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let number = version.to_be_bytes();
    let plain = call.unseal(
        it.owner,
        TEXTS,
        &text_key(b"facts", &it.id, &number),
        &sealed,
    )?;
    rows::contents_from(&plain).map(Some)
}

/// Its texts, oldest first.
pub(crate) fn versions(call: &Call<'_>, it: &Document) -> Result<Vec<Version>, StoreError> {
    let values = [it.owner.as_bytes().into(), it.id.as_bytes().into()];
    call.rows(&VERSIONS, &values, |row| {
        Ok(Version {
            number: row.int(0)?,
            at: row.at(1)?,
        })
    })
}
