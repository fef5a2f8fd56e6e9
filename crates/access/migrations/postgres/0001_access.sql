CREATE TABLE staff_account (
  facility_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  password TEXT COLLATE "C" NOT NULL,
  totp BYTEA NOT NULL,
  totp_step BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  ends_at BIGINT,
  PRIMARY KEY (facility_id, staff_id)
);
CREATE TABLE staff_login (
  login_key BYTEA NOT NULL PRIMARY KEY,
  facility_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL
);
CREATE TABLE client_token (
  token_key BYTEA NOT NULL PRIMARY KEY,
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE TABLE session (
  node_id BYTEA NOT NULL,
  token_hash BYTEA NOT NULL,
  session_id BYTEA NOT NULL,
  stage BIGINT NOT NULL,
  facility_id BYTEA,
  staff_id BYTEA,
  person_id BYTEA,
  created_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, token_hash)
);
CREATE TABLE card_challenge (
  node_id BYTEA NOT NULL,
  challenge_id BYTEA NOT NULL,
  nonce BYTEA NOT NULL,
  terminal TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  issued_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (node_id, challenge_id)
);
CREATE TABLE consent (
  person_id BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  category TEXT COLLATE "C" NOT NULL,
  given_at BIGINT NOT NULL,
  consent_id BYTEA NOT NULL,
  expires_at BIGINT NOT NULL,
  withdrawn_at BIGINT,
  withdrawn_by TEXT COLLATE "C",
  method TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (person_id, facility_id, category, given_at)
);
