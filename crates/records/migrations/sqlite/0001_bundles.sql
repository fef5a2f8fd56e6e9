CREATE TABLE record_bundle (
  person_id BLOB NOT NULL,
  member BLOB NOT NULL,
  identifier TEXT NOT NULL,
  kind TEXT NOT NULL,
  institution TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  facts BLOB NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (person_id, member, identifier)
) STRICT, WITHOUT ROWID;
