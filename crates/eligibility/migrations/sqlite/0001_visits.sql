CREATE TABLE eligibility_visit (
  facility_id BLOB NOT NULL,
  visit_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  method TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, visit_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX eligibility_visit_at ON eligibility_visit (facility_id, at);
