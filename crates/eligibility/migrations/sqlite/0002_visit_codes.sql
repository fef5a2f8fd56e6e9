ALTER TABLE eligibility_visit ADD COLUMN care_class TEXT NOT NULL DEFAULT '1';
CREATE TABLE eligibility_visit_code (
  facility_id BLOB NOT NULL,
  code_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  used_at INTEGER,
  visit_id BLOB,
  phone_key BLOB,
  consent_id BLOB,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, code_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX eligibility_visit_code_at ON eligibility_visit_code (facility_id, at);
CREATE TABLE eligibility_code_directory (
  key BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  code_id BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;
CREATE INDEX eligibility_code_directory_end ON eligibility_code_directory (expires_at);
CREATE TABLE eligibility_home_patient (
  facility_id BLOB NOT NULL,
  patient_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, patient_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX eligibility_home_patient_person ON eligibility_home_patient (facility_id, person_id);
