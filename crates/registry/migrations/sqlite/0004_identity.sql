CREATE TABLE attribute_directory (
  key BLOB NOT NULL,
  person_id BLOB NOT NULL,
  name_tag BLOB NOT NULL,
  PRIMARY KEY (key, person_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE disaster_mode (
  mode_id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  areas TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  declared_at INTEGER NOT NULL,
  declared_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX disaster_mode_until ON disaster_mode (until_at);
CREATE TABLE merged_directory (
  person_key BLOB NOT NULL PRIMARY KEY,
  kept_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE person_merge (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  other_id BLOB NOT NULL,
  is_kept INTEGER NOT NULL,
  at INTEGER NOT NULL,
  undone_at INTEGER,
  body BLOB NOT NULL,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
