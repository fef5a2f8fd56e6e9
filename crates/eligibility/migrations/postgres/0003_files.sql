CREATE TABLE eligibility_file (
  facility_id BYTEA NOT NULL,
  reception_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  lines BIGINT NOT NULL,
  done BIGINT NOT NULL,
  asked BYTEA NOT NULL,
  told BYTEA NOT NULL,
  PRIMARY KEY (facility_id, reception_id)
);
CREATE INDEX eligibility_file_at ON eligibility_file (facility_id, at);
