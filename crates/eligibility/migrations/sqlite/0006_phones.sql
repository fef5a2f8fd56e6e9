CREATE TABLE screen_code (
  code_key BLOB NOT NULL PRIMARY KEY,
  person_id BLOB NOT NULL,
  issued_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX screen_code_person ON screen_code (person_id);
CREATE INDEX screen_code_issued ON screen_code (issued_at);
