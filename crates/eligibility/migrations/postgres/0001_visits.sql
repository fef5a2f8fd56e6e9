CREATE TABLE eligibility_visit (
  facility_id BYTEA NOT NULL,
  visit_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  method TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, visit_id)
);
CREATE INDEX eligibility_visit_at ON eligibility_visit (facility_id, at);
