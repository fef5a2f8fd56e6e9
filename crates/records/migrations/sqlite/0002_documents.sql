CREATE TABLE record_document (
  person_id BLOB NOT NULL,
  member BLOB NOT NULL,
  identifier TEXT NOT NULL,
  document_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  sender_id BLOB NOT NULL,
  reader_id BLOB,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  registered_at INTEGER NOT NULL,
  head BLOB NOT NULL,
  PRIMARY KEY (person_id, member, identifier)
) STRICT, WITHOUT ROWID;
CREATE TABLE record_document_version (
  person_id BLOB NOT NULL,
  document_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  facts BLOB NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (person_id, document_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE letter (
  facility_id BLOB NOT NULL,
  side TEXT NOT NULL,
  document_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, side, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX letter_newest ON letter (facility_id, side, at, document_id);
CREATE INDEX letter_state ON letter (facility_id, side, state, at, document_id);
