CREATE TABLE payer_member (
  facility_id BLOB NOT NULL,
  reference BLOB NOT NULL,
  person_id BLOB NOT NULL,
  PRIMARY KEY (facility_id, reference)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX payer_member_person ON payer_member (facility_id, person_id);
CREATE TABLE payer_file (
  facility_id BLOB NOT NULL,
  file_id BLOB NOT NULL,
  insurer_number TEXT NOT NULL,
  at INTEGER NOT NULL,
  hash BLOB NOT NULL,
  lines INTEGER NOT NULL,
  state TEXT NOT NULL,
  done_at INTEGER,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payer_file_state ON payer_file (state, at);
CREATE TABLE payer_part (
  facility_id BLOB NOT NULL,
  file_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, file_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE payer_line (
  facility_id BLOB NOT NULL,
  file_id BLOB NOT NULL,
  line INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, file_id, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE payer_finding (
  facility_id BLOB NOT NULL,
  finding_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  insurer_number TEXT NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  settled_at INTEGER,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, finding_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payer_finding_person ON payer_finding (facility_id, person_id);
CREATE INDEX payer_finding_open ON payer_finding (facility_id, insurer_number, state, at);
