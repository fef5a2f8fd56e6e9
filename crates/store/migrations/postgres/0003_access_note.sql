CREATE TABLE access_note (
  facility_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  note_id BYTEA NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, at, note_id)
);
