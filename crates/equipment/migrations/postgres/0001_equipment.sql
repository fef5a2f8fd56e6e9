CREATE TABLE equipment_authority (
  node_id BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  certificate TEXT COLLATE "C" NOT NULL,
  sealed_key BYTEA NOT NULL,
  PRIMARY KEY (node_id)
);
CREATE TABLE equipment_server_certificate (
  node_id BYTEA NOT NULL,
  serial BYTEA NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  issued_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, serial)
);
CREATE TABLE equipment_officer (
  node_id BYTEA NOT NULL,
  named_at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (node_id)
);
CREATE TABLE equipment_facility_officer (
  facility_id BYTEA NOT NULL,
  named_at BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id)
);
CREATE TABLE equipment_sandbox (
  node_id BYTEA NOT NULL,
  noted_at BIGINT NOT NULL,
  what TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (node_id)
);
CREATE TABLE equipment_item (
  facility_id BYTEA NOT NULL,
  item_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  registered_at BIGINT NOT NULL,
  checked_at BIGINT,
  ended_at BIGINT,
  PRIMARY KEY (facility_id, item_id)
);
CREATE TABLE equipment_certificate (
  facility_id BYTEA NOT NULL,
  serial BYTEA NOT NULL,
  item_id BYTEA NOT NULL,
  thumbprint BYTEA NOT NULL,
  issued_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (facility_id, serial)
);
CREATE INDEX equipment_certificate_item ON equipment_certificate (facility_id, item_id);
CREATE TABLE equipment_peer (
  node_id BYTEA NOT NULL,
  peer_key BYTEA NOT NULL,
  facility_id BYTEA,
  body BYTEA NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  requests BIGINT NOT NULL,
  PRIMARY KEY (node_id, peer_key)
);
CREATE TABLE equipment_alert (
  node_id BYTEA NOT NULL,
  alert_id BYTEA NOT NULL,
  peer_key BYTEA NOT NULL,
  facility_id BYTEA,
  why TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  requests BIGINT NOT NULL,
  settled_at BIGINT,
  settlement BYTEA,
  PRIMARY KEY (node_id, alert_id)
);
CREATE INDEX equipment_alert_facility ON equipment_alert (node_id, facility_id, first_at);
CREATE INDEX equipment_alert_open ON equipment_alert (node_id, settled_at, peer_key);
CREATE TABLE equipment_unmasking (
  facility_id BYTEA NOT NULL,
  unmasking_id BYTEA NOT NULL,
  window_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  visit_id BYTEA NOT NULL,
  body BYTEA NOT NULL,
  asked_at BIGINT NOT NULL,
  approved_at BIGINT,
  approved_by BYTEA,
  ends_at BIGINT,
  looks BIGINT NOT NULL,
  looked_at BIGINT,
  PRIMARY KEY (facility_id, unmasking_id)
);
CREATE INDEX equipment_unmasking_window ON equipment_unmasking (facility_id, window_id, asked_at);
