CREATE TABLE record_document (
  person_id BYTEA NOT NULL,
  member BYTEA NOT NULL,
  identifier TEXT COLLATE "C" NOT NULL,
  document_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  sender_id BYTEA NOT NULL,
  reader_id BYTEA,
  state TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  registered_at BIGINT NOT NULL,
  head BYTEA NOT NULL,
  PRIMARY KEY (person_id, member, identifier)
);
CREATE TABLE record_document_version (
  person_id BYTEA NOT NULL,
  document_id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  facts BYTEA NOT NULL,
  document BYTEA NOT NULL,
  PRIMARY KEY (person_id, document_id, version)
);
CREATE TABLE letter (
  facility_id BYTEA NOT NULL,
  side TEXT COLLATE "C" NOT NULL,
  document_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, side, document_id)
);
CREATE INDEX letter_newest ON letter (facility_id, side, at, document_id);
CREATE INDEX letter_state ON letter (facility_id, side, state, at, document_id);
