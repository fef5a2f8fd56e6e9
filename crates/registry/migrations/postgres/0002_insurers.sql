CREATE TABLE insurer (
  number TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  facility_id BYTEA,
  update_days BIGINT NOT NULL,
  loaded_at BIGINT,
  down_since BIGINT
);
CREATE INDEX insurer_facility ON insurer (facility_id);
CREATE TABLE coverage_change (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (person_id, number)
);
