CREATE TABLE reliance (
  person_id BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  coverage BIGINT NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (person_id, facility_id, coverage)
);
CREATE TABLE coverage_notice (
  facility_id BYTEA NOT NULL,
  notice_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  is_done BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, notice_id)
);
CREATE INDEX coverage_notice_state ON coverage_notice (facility_id, is_done, notice_id);
