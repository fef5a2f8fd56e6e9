CREATE TABLE rights_request (
  facility_id BLOB NOT NULL,
  request_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  role TEXT NOT NULL,
  opens INTEGER NOT NULL,
  until INTEGER,
  asked_by BLOB NOT NULL,
  asked_at INTEGER NOT NULL,
  reason BLOB NOT NULL,
  decided_by BLOB,
  decided_at INTEGER,
  granted INTEGER,
  PRIMARY KEY (facility_id, request_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE rights_history (
  facility_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  entry_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  change TEXT NOT NULL,
  role TEXT NOT NULL,
  done_by BLOB,
  approved_by BLOB,
  PRIMARY KEY (facility_id, at, entry_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE review_sign_off (
  facility_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  period TEXT NOT NULL,
  at INTEGER NOT NULL,
  staff_id BLOB NOT NULL,
  count INTEGER NOT NULL,
  remark BLOB NOT NULL,
  PRIMARY KEY (facility_id, kind, period, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE rights_turn (
  facility_id BLOB NOT NULL PRIMARY KEY,
  turn INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
