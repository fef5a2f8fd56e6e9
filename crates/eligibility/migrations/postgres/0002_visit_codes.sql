ALTER TABLE eligibility_visit ADD COLUMN care_class TEXT COLLATE "C" NOT NULL DEFAULT '1';
CREATE TABLE eligibility_visit_code (
  facility_id BYTEA NOT NULL,
  code_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  used_at BIGINT,
  visit_id BYTEA,
  phone_key BYTEA,
  consent_id BYTEA,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, code_id)
);
CREATE INDEX eligibility_visit_code_at ON eligibility_visit_code (facility_id, at);
CREATE TABLE eligibility_code_directory (
  key BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  code_id BYTEA NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (key)
);
CREATE INDEX eligibility_code_directory_end ON eligibility_code_directory (expires_at);
CREATE TABLE eligibility_home_patient (
  facility_id BYTEA NOT NULL,
  patient_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, patient_id)
);
CREATE UNIQUE INDEX eligibility_home_patient_person ON eligibility_home_patient (facility_id, person_id);
