CREATE TABLE access_note (
  facility_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  note_id BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, at, note_id)
) STRICT, WITHOUT ROWID;
