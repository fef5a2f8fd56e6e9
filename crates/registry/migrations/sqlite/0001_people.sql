CREATE TABLE facility (
  code TEXT NOT NULL PRIMARY KEY,
  facility_id BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  prefecture TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE person_profile (
  person_id BLOB NOT NULL PRIMARY KEY,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE coverage (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT,
  body BLOB NOT NULL,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE insured_directory (
  key BLOB NOT NULL,
  person_id BLOB NOT NULL,
  branch_tag BLOB NOT NULL,
  birth_tag BLOB NOT NULL,
  PRIMARY KEY (key, person_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE card_directory (
  key BLOB NOT NULL PRIMARY KEY,
  person_id BLOB NOT NULL,
  registered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
