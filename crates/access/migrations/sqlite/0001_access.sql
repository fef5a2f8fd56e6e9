CREATE TABLE staff_account (
  facility_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  totp BLOB NOT NULL,
  totp_step INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  locked_until INTEGER NOT NULL,
  ends_at INTEGER,
  PRIMARY KEY (facility_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_login (
  login_key BLOB NOT NULL PRIMARY KEY,
  facility_id BLOB NOT NULL,
  staff_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE client_token (
  token_key BLOB NOT NULL PRIMARY KEY,
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  name TEXT NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
  node_id BLOB NOT NULL,
  token_hash BLOB NOT NULL,
  session_id BLOB NOT NULL,
  stage INTEGER NOT NULL,
  facility_id BLOB,
  staff_id BLOB,
  person_id BLOB,
  created_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE card_challenge (
  node_id BLOB NOT NULL,
  challenge_id BLOB NOT NULL,
  nonce BLOB NOT NULL,
  terminal TEXT NOT NULL,
  purpose TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (node_id, challenge_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE consent (
  person_id BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  category TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  consent_id BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  withdrawn_at INTEGER,
  withdrawn_by TEXT,
  method TEXT NOT NULL,
  PRIMARY KEY (person_id, facility_id, category, given_at)
) STRICT, WITHOUT ROWID;
