CREATE TABLE equipment_reader (
  facility_id BYTEA NOT NULL,
  terminal TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,
  reported_at BIGINT NOT NULL,
  ok_at BIGINT,
  PRIMARY KEY (facility_id, terminal)
);
