ALTER TABLE staff_account ADD COLUMN particulars BYTEA;
ALTER TABLE staff_account ADD COLUMN must_change BIGINT NOT NULL DEFAULT 0;
ALTER TABLE staff_account ADD COLUMN opened_at BIGINT;
ALTER TABLE staff_account ADD COLUMN last_login_at BIGINT;
CREATE TABLE staff_password (
  facility_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  set_at BIGINT NOT NULL,
  password_id BYTEA NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (facility_id, staff_id, set_at, password_id)
);
CREATE TABLE staff_factor (
  facility_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  factor_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  label BYTEA NOT NULL,
  secret BYTEA NOT NULL,
  added_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (facility_id, staff_id, factor_id)
);
CREATE TABLE staff_passkey (
  credential_key BYTEA NOT NULL PRIMARY KEY,
  facility_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL
);
CREATE TABLE staff_substitute (
  facility_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  substitute_id BYTEA NOT NULL,
  reason BYTEA NOT NULL,
  proposed_by BYTEA NOT NULL,
  proposed_at BIGINT NOT NULL,
  approved_by BYTEA,
  code_key BYTEA,
  ends_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (facility_id, staff_id, substitute_id)
);
CREATE TABLE login_delay (
  node_id BYTEA NOT NULL,
  delay_key BYTEA NOT NULL,
  failures BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (node_id, delay_key)
);
CREATE TABLE passkey_ceremony (
  node_id BYTEA NOT NULL,
  token_hash BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  state BYTEA NOT NULL,
  begun_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, token_hash, kind)
);
ALTER TABLE session ADD COLUMN seen_at BIGINT;
ALTER TABLE session ADD COLUMN proved_at BIGINT;
ALTER TABLE session ADD COLUMN peer BYTEA;
ALTER TABLE session ADD COLUMN terminal BYTEA;
CREATE INDEX session_of_staff ON session (node_id, facility_id, staff_id);
