CREATE TABLE maintenance_window (
  facility_id BYTEA NOT NULL,
  window_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  plan BYTEA NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  asked_by BYTEA NOT NULL,
  approved_at BIGINT,
  approved_by BYTEA,
  ended_at BIGINT,
  ended_by BYTEA,
  PRIMARY KEY (facility_id, window_id)
);
CREATE INDEX maintenance_window_staff ON maintenance_window (facility_id, staff_id, until_at);
