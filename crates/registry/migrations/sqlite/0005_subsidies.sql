CREATE TABLE subsidy (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT,
  body BLOB NOT NULL,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE assistance_ticket (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT,
  body BLOB NOT NULL,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE subsidy_directory (
  key BLOB NOT NULL,
  person_id BLOB NOT NULL,
  PRIMARY KEY (key, person_id)
) STRICT, WITHOUT ROWID;
