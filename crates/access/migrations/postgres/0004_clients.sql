-- Clients with keys of their own, and tokens that live five minutes. The tokens of
-- `client_token`, good for a year, end with this: the table stays, nothing reads it.
CREATE TABLE oauth_client (
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  name BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  redirects TEXT COLLATE "C" NOT NULL,
  networks TEXT COLLATE "C" NOT NULL,
  certificates TEXT COLLATE "C" NOT NULL,
  needs_certificate BIGINT NOT NULL,
  registered_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (facility_id, client_id)
);
CREATE TABLE oauth_client_key (
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  kid TEXT COLLATE "C" NOT NULL,
  jwk TEXT COLLATE "C" NOT NULL,
  begins_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (facility_id, client_id, kid)
);
CREATE TABLE oauth_client_directory (
  client_key BYTEA NOT NULL PRIMARY KEY,
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL
);
CREATE TABLE oauth_token (
  node_id BYTEA NOT NULL,
  token_hash BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  certificate BYTEA,
  code_hash BYTEA,
  session_id BYTEA,
  staff_facility_id BYTEA,
  staff_id BYTEA,
  person_id BYTEA,
  issued_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  revoked_at BIGINT,
  PRIMARY KEY (node_id, token_hash)
);
CREATE INDEX oauth_token_code ON oauth_token (node_id, code_hash);
CREATE INDEX oauth_token_end ON oauth_token (node_id, ends_at);
CREATE TABLE oauth_code (
  node_id BYTEA NOT NULL,
  code_hash BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  redirect TEXT COLLATE "C" NOT NULL,
  challenge TEXT COLLATE "C" NOT NULL,
  nonce TEXT COLLATE "C" NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  session_id BYTEA NOT NULL,
  staff_facility_id BYTEA,
  staff_id BYTEA,
  person_id BYTEA,
  issued_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (node_id, code_hash)
);
CREATE TABLE oauth_jti (
  node_id BYTEA NOT NULL,
  jti_hash BYTEA NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, jti_hash)
);
CREATE INDEX oauth_jti_end ON oauth_jti (node_id, ends_at);
CREATE TABLE oauth_identity_key (
  node_id BYTEA NOT NULL,
  kid TEXT COLLATE "C" NOT NULL,
  private_key BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, kid)
);
-- What renews a token: good once; all that come from one approval share its code's hash.
CREATE TABLE oauth_refresh (
  node_id BYTEA NOT NULL,
  token_hash BYTEA NOT NULL,
  code_hash BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  scopes TEXT COLLATE "C" NOT NULL,
  certificate BYTEA,
  session_id BYTEA NOT NULL,
  staff_facility_id BYTEA,
  staff_id BYTEA,
  person_id BYTEA,
  ends_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (node_id, token_hash)
);
CREATE INDEX oauth_refresh_code ON oauth_refresh (node_id, code_hash);
CREATE INDEX oauth_refresh_end ON oauth_refresh (node_id, ends_at);
CREATE INDEX session_by_id ON session (node_id, session_id);
