ALTER TABLE card_directory ADD COLUMN state TEXT NOT NULL DEFAULT 'in-use';
CREATE TABLE held_certificate (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  directory_key BLOB NOT NULL,
  medium TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_reason TEXT,
  label BLOB,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE insurance_use (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
-- Cards that were registered before their history was kept: since their registration, in use.
INSERT INTO held_certificate (person_id, number, directory_key, medium, from_at)
  SELECT person_id, row_number() OVER (PARTITION BY person_id ORDER BY registered_at, key),
    key, 'card', registered_at FROM card_directory;
INSERT INTO insurance_use (person_id, number, from_at)
  SELECT person_id, 1, min(registered_at) FROM card_directory GROUP BY person_id;
