ALTER TABLE audit_seal ADD COLUMN map_root BLOB;
ALTER TABLE person_head ADD COLUMN base_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person_head ADD COLUMN base_hash BLOB;
ALTER TABLE person_head ADD COLUMN base_archive INTEGER;
ALTER TABLE facility_head ADD COLUMN base_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE facility_head ADD COLUMN base_hash BLOB;
ALTER TABLE facility_head ADD COLUMN base_archive INTEGER;
ALTER TABLE node_head ADD COLUMN base_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node_head ADD COLUMN base_hash BLOB;
ALTER TABLE node_head ADD COLUMN base_archive INTEGER;
CREATE TABLE audit_map (
  node_id BLOB NOT NULL,
  path BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (node_id, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_map_head (
  node_id BLOB NOT NULL PRIMARY KEY,
  seal_no INTEGER NOT NULL,
  root BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_archive (
  node_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  before INTEGER NOT NULL,
  records INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  previous BLOB NOT NULL,
  PRIMARY KEY (node_id, number)
) STRICT, WITHOUT ROWID;
