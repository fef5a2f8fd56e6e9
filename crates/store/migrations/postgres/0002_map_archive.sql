ALTER TABLE audit_seal ADD COLUMN map_root BYTEA;
ALTER TABLE person_head ADD COLUMN base_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person_head ADD COLUMN base_hash BYTEA;
ALTER TABLE person_head ADD COLUMN base_archive BIGINT;
ALTER TABLE facility_head ADD COLUMN base_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE facility_head ADD COLUMN base_hash BYTEA;
ALTER TABLE facility_head ADD COLUMN base_archive BIGINT;
ALTER TABLE node_head ADD COLUMN base_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE node_head ADD COLUMN base_hash BYTEA;
ALTER TABLE node_head ADD COLUMN base_archive BIGINT;
CREATE TABLE audit_map (
  node_id BYTEA NOT NULL,
  path BYTEA NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (node_id, path)
);
CREATE TABLE audit_map_head (
  node_id BYTEA NOT NULL PRIMARY KEY,
  seal_no BIGINT NOT NULL,
  root BYTEA NOT NULL
);
CREATE TABLE audit_archive (
  node_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  before BIGINT NOT NULL,
  records BIGINT NOT NULL,
  sha256 BYTEA NOT NULL,
  previous BYTEA NOT NULL,
  PRIMARY KEY (node_id, number)
);
