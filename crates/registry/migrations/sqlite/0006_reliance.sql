CREATE TABLE reliance (
  person_id BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  coverage INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (person_id, facility_id, coverage)
) STRICT, WITHOUT ROWID;
CREATE TABLE coverage_notice (
  facility_id BLOB NOT NULL,
  notice_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  is_done INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, notice_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX coverage_notice_state ON coverage_notice (facility_id, is_done, notice_id);
