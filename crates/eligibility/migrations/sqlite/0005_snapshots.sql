CREATE INDEX IF NOT EXISTS eligibility_visit_person ON eligibility_visit (facility_id, person_id, at);
CREATE TABLE eligibility_copy (
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  recipient TEXT NOT NULL,
  number INTEGER NOT NULL,
  run BLOB,
  base INTEGER NOT NULL,
  page INTEGER NOT NULL,
  days INTEGER NOT NULL,
  after_person BLOB,
  people INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (facility_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE eligibility_copy_person (
  facility_id BLOB NOT NULL,
  client_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  reference BLOB NOT NULL,
  version INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (facility_id, client_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX eligibility_copy_reference ON eligibility_copy_person (facility_id, client_id, reference);
CREATE TABLE eligibility_offline_act (
  facility_id BLOB NOT NULL,
  act_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
  digest BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, act_id)
) STRICT, WITHOUT ROWID;
