CREATE TABLE person_head (
  person_id BYTEA NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  audit_seq BIGINT NOT NULL,
  audit_hash BYTEA NOT NULL
);
CREATE TABLE facility_head (
  facility_id BYTEA NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  audit_seq BIGINT NOT NULL,
  audit_hash BYTEA NOT NULL
);
CREATE TABLE node_head (
  node_id BYTEA NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  audit_seq BIGINT NOT NULL,
  audit_hash BYTEA NOT NULL
);
CREATE TABLE person_audit (
  person_id BYTEA NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (person_id, seq)
);
CREATE TABLE facility_audit (
  facility_id BYTEA NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (facility_id, seq)
);
CREATE TABLE node_audit (
  node_id BYTEA NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (node_id, seq)
);
CREATE TABLE audit_pending (
  node_id BYTEA NOT NULL,
  subject_kind BIGINT NOT NULL,
  subject_id BYTEA NOT NULL,
  seq BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (node_id, subject_kind, subject_id, seq)
);
CREATE TABLE audit_seal (
  node_id BYTEA NOT NULL,
  seal_no BIGINT NOT NULL,
  at BIGINT NOT NULL,
  leaves BYTEA NOT NULL,
  root BYTEA NOT NULL,
  previous BYTEA NOT NULL,
  public_key BYTEA NOT NULL,
  signature BYTEA NOT NULL,
  PRIMARY KEY (node_id, seal_no)
);
CREATE TABLE audit_leaf (
  node_id BYTEA NOT NULL,
  subject_kind BIGINT NOT NULL,
  subject_id BYTEA NOT NULL,
  seq BIGINT NOT NULL,
  seal_no BIGINT NOT NULL,
  leaf_index BIGINT NOT NULL,
  PRIMARY KEY (node_id, subject_kind, subject_id, seq)
);
CREATE TABLE anonymous_refusal (
  node_id BYTEA NOT NULL,
  minute BIGINT NOT NULL,
  client TEXT COLLATE "C" NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (node_id, minute, client)
);
