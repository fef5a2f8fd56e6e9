-- Clients with keys of their own, and tokens that live five minutes. The tokens of
-- `client_token`, good for a year, end with this: the table stays, nothing reads it.
CREATE TABLE oauth_client (
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  name BLOB NOT NULL,
  kind TEXT NOT NULL,
  scopes TEXT NOT NULL,
  redirects TEXT NOT NULL,
  networks TEXT NOT NULL,
  certificates TEXT NOT NULL,
  needs_certificate INTEGER NOT NULL,
  registered_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (facility_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE oauth_client_key (
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  kid TEXT NOT NULL,
  jwk TEXT NOT NULL,
  begins_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (facility_id, client_id, kid)
) STRICT, WITHOUT ROWID;
CREATE TABLE oauth_client_directory (
  client_key BLOB NOT NULL PRIMARY KEY,
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE oauth_token (
  node_id BLOB NOT NULL,
  token_hash BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  scopes TEXT NOT NULL,
  certificate BLOB,
  code_hash BLOB,
  session_id BLOB,
  staff_facility_id BLOB,
  staff_id BLOB,
  person_id BLOB,
  issued_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  revoked_at INTEGER,
  PRIMARY KEY (node_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_token_code ON oauth_token (node_id, code_hash);
CREATE INDEX oauth_token_end ON oauth_token (node_id, ends_at);
CREATE TABLE oauth_code (
  node_id BLOB NOT NULL,
  code_hash BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  redirect TEXT NOT NULL,
  challenge TEXT NOT NULL,
  nonce TEXT NOT NULL,
  scopes TEXT NOT NULL,
  session_id BLOB NOT NULL,
  staff_facility_id BLOB,
  staff_id BLOB,
  person_id BLOB,
  issued_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (node_id, code_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE oauth_jti (
  node_id BLOB NOT NULL,
  jti_hash BLOB NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, jti_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_jti_end ON oauth_jti (node_id, ends_at);
CREATE TABLE oauth_identity_key (
  node_id BLOB NOT NULL,
  kid TEXT NOT NULL,
  private_key BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, kid)
) STRICT, WITHOUT ROWID;
-- What renews a token: good once; all that come from one approval share its code's hash.
CREATE TABLE oauth_refresh (
  node_id BLOB NOT NULL,
  token_hash BLOB NOT NULL,
  code_hash BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  scopes TEXT NOT NULL,
  certificate BLOB,
  session_id BLOB NOT NULL,
  staff_facility_id BLOB,
  staff_id BLOB,
  person_id BLOB,
  ends_at INTEGER NOT NULL,
  used_at INTEGER,
  revoked_at INTEGER,
  PRIMARY KEY (node_id, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_refresh_code ON oauth_refresh (node_id, code_hash);
CREATE INDEX oauth_refresh_end ON oauth_refresh (node_id, ends_at);
CREATE INDEX session_by_id ON session (node_id, session_id);
