CREATE INDEX IF NOT EXISTS eligibility_visit_person ON eligibility_visit (facility_id, person_id, at);
CREATE TABLE eligibility_copy (
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  recipient TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  run BYTEA,
  base BIGINT NOT NULL,
  page BIGINT NOT NULL,
  days BIGINT NOT NULL,
  after_person BYTEA,
  people BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (facility_id, client_id)
);
CREATE TABLE eligibility_copy_person (
  facility_id BYTEA NOT NULL,
  client_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  reference BYTEA NOT NULL,
  version BIGINT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (facility_id, client_id, person_id)
);
CREATE UNIQUE INDEX eligibility_copy_reference ON eligibility_copy_person (facility_id, client_id, reference);
CREATE TABLE eligibility_offline_act (
  facility_id BYTEA NOT NULL,
  act_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  settled_at BIGINT NOT NULL,
  digest BYTEA NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, act_id)
);
