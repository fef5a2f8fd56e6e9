CREATE TABLE maintenance_window (
  facility_id BLOB NOT NULL,
  window_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  plan BLOB NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  asked_by BLOB NOT NULL,
  approved_at INTEGER,
  approved_by BLOB,
  ended_at INTEGER,
  ended_by BLOB,
  PRIMARY KEY (facility_id, window_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX maintenance_window_staff ON maintenance_window (facility_id, staff_id, until_at);
