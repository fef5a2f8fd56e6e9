CREATE TABLE equipment_authority (
  node_id BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  certificate TEXT NOT NULL,
  sealed_key BLOB NOT NULL,
  PRIMARY KEY (node_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_server_certificate (
  node_id BLOB NOT NULL,
  serial BLOB NOT NULL,
  name TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, serial)
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_officer (
  node_id BLOB NOT NULL,
  named_at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (node_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_facility_officer (
  facility_id BLOB NOT NULL,
  named_at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (facility_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_sandbox (
  node_id BLOB NOT NULL,
  noted_at INTEGER NOT NULL,
  what TEXT NOT NULL,
  PRIMARY KEY (node_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_item (
  facility_id BLOB NOT NULL,
  item_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL,
  registered_at INTEGER NOT NULL,
  checked_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (facility_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_certificate (
  facility_id BLOB NOT NULL,
  serial BLOB NOT NULL,
  item_id BLOB NOT NULL,
  thumbprint BLOB NOT NULL,
  issued_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (facility_id, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX equipment_certificate_item ON equipment_certificate (facility_id, item_id);
CREATE TABLE equipment_peer (
  node_id BLOB NOT NULL,
  peer_key BLOB NOT NULL,
  facility_id BLOB,
  body BLOB NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  PRIMARY KEY (node_id, peer_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE equipment_alert (
  node_id BLOB NOT NULL,
  alert_id BLOB NOT NULL,
  peer_key BLOB NOT NULL,
  facility_id BLOB,
  why TEXT NOT NULL,
  body BLOB NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  settled_at INTEGER,
  settlement BLOB,
  PRIMARY KEY (node_id, alert_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX equipment_alert_facility ON equipment_alert (node_id, facility_id, first_at);
CREATE INDEX equipment_alert_open ON equipment_alert (node_id, settled_at, peer_key);
CREATE TABLE equipment_unmasking (
  facility_id BLOB NOT NULL,
  unmasking_id BLOB NOT NULL,
  window_id BLOB NOT NULL,
  staff_id BLOB NOT NULL,
  visit_id BLOB NOT NULL,
  body BLOB NOT NULL,
  asked_at INTEGER NOT NULL,
  approved_at INTEGER,
  approved_by BLOB,
  ends_at INTEGER,
  looks INTEGER NOT NULL,
  looked_at INTEGER,
  PRIMARY KEY (facility_id, unmasking_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX equipment_unmasking_window ON equipment_unmasking (facility_id, window_id, asked_at);
