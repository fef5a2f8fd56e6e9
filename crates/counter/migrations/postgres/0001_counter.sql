CREATE TABLE counter_copy (
  facility_id BYTEA NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  good_until BIGINT NOT NULL,
  days BIGINT NOT NULL,
  came_at BIGINT NOT NULL
);
CREATE TABLE counter_patient (
  facility_id BYTEA NOT NULL,
  reference BYTEA NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, reference)
);
CREATE TABLE counter_way (
  facility_id BYTEA NOT NULL,
  way BYTEA NOT NULL,
  reference BYTEA NOT NULL,
  PRIMARY KEY (facility_id, way, reference)
);
CREATE INDEX counter_way_reference ON counter_way (facility_id, reference);
CREATE TABLE counter_act (
  facility_id BYTEA NOT NULL,
  act_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, act_id)
);
CREATE INDEX counter_act_at ON counter_act (facility_id, at);
CREATE TABLE counter_waiting (
  facility_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  act_id BYTEA NOT NULL,
  PRIMARY KEY (facility_id, at, act_id)
);
CREATE TABLE counter_result (
  facility_id BYTEA NOT NULL,
  act_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  is_open BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, act_id)
);
CREATE TABLE counter_done (
  facility_id BYTEA NOT NULL,
  act_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, act_id)
);
