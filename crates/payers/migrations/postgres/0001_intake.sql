CREATE TABLE payer_member (
  facility_id BYTEA NOT NULL,
  reference BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  PRIMARY KEY (facility_id, reference)
);
CREATE UNIQUE INDEX payer_member_person ON payer_member (facility_id, person_id);
CREATE TABLE payer_file (
  facility_id BYTEA NOT NULL,
  file_id BYTEA NOT NULL,
  insurer_number TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  lines BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  done_at BIGINT,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, file_id)
);
CREATE INDEX payer_file_state ON payer_file (state, at);
CREATE TABLE payer_part (
  facility_id BYTEA NOT NULL,
  file_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, file_id, number)
);
CREATE TABLE payer_line (
  facility_id BYTEA NOT NULL,
  file_id BYTEA NOT NULL,
  line BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, file_id, line)
);
CREATE TABLE payer_finding (
  facility_id BYTEA NOT NULL,
  finding_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  insurer_number TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  settled_at BIGINT,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, finding_id)
);
CREATE INDEX payer_finding_person ON payer_finding (facility_id, person_id);
CREATE INDEX payer_finding_open ON payer_finding (facility_id, insurer_number, state, at);
