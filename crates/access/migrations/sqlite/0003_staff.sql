ALTER TABLE staff_account ADD COLUMN particulars BLOB;
ALTER TABLE staff_account ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff_account ADD COLUMN opened_at INTEGER;
ALTER TABLE staff_account ADD COLUMN last_login_at INTEGER;
CREATE TABLE staff_password (
  facility_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  set_at INTEGER NOT NULL,
  password_id BLOB NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (facility_id, staff_id, set_at, password_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_factor (
  facility_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  factor_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  label BLOB NOT NULL,
  secret BLOB NOT NULL,
  added_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (facility_id, staff_id, factor_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_passkey (
  credential_key BLOB NOT NULL PRIMARY KEY,
  facility_id BLOB NOT NULL,
  staff_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_substitute (
  facility_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  substitute_id BLOB NOT NULL,
  reason BLOB NOT NULL,
  proposed_by BLOB NOT NULL,
  proposed_at INTEGER NOT NULL,
  approved_by BLOB,
  code_key BLOB,
  ends_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (facility_id, staff_id, substitute_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE login_delay (
  node_id BLOB NOT NULL,
  delay_key BLOB NOT NULL,
  failures INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (node_id, delay_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE passkey_ceremony (
  node_id BLOB NOT NULL,
  token_hash BLOB NOT NULL,
  kind TEXT NOT NULL,
  state BLOB NOT NULL,
  begun_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, token_hash, kind)
) STRICT, WITHOUT ROWID;
ALTER TABLE session ADD COLUMN seen_at INTEGER;
ALTER TABLE session ADD COLUMN proved_at INTEGER;
ALTER TABLE session ADD COLUMN peer BLOB;
ALTER TABLE session ADD COLUMN terminal BLOB;
CREATE INDEX session_of_staff ON session (node_id, facility_id, staff_id);
