CREATE TABLE terminal_certificate (
  thumbprint_key BLOB NOT NULL PRIMARY KEY,
  facility_id BLOB NOT NULL,
  terminal_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  label BLOB NOT NULL,
  ends_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
