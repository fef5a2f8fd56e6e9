CREATE TABLE counter_copy (
  facility_id BLOB NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  good_until INTEGER NOT NULL,
  days INTEGER NOT NULL,
  came_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE counter_patient (
  facility_id BLOB NOT NULL,
  reference BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, reference)
) STRICT, WITHOUT ROWID;
CREATE TABLE counter_way (
  facility_id BLOB NOT NULL,
  way BLOB NOT NULL,
  reference BLOB NOT NULL,
  PRIMARY KEY (facility_id, way, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX counter_way_reference ON counter_way (facility_id, reference);
CREATE TABLE counter_act (
  facility_id BLOB NOT NULL,
  act_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, act_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX counter_act_at ON counter_act (facility_id, at);
CREATE TABLE counter_waiting (
  facility_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  act_id BLOB NOT NULL,
  PRIMARY KEY (facility_id, at, act_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE counter_result (
  facility_id BLOB NOT NULL,
  act_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, act_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE counter_done (
  facility_id BLOB NOT NULL,
  act_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id, act_id)
) STRICT, WITHOUT ROWID;
