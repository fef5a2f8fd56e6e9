CREATE TABLE insurer (
  number TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  facility_id BLOB,
  update_days INTEGER NOT NULL,
  loaded_at INTEGER,
  down_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX insurer_facility ON insurer (facility_id);
CREATE TABLE coverage_change (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
