CREATE TABLE equipment_reader (
  facility_id BLOB NOT NULL,
  terminal TEXT NOT NULL,
  state TEXT NOT NULL,
  since INTEGER NOT NULL,
  reported_at INTEGER NOT NULL,
  ok_at INTEGER,
  PRIMARY KEY (facility_id, terminal)
) STRICT, WITHOUT ROWID;
