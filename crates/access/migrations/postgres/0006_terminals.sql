CREATE TABLE terminal_certificate (
  thumbprint_key BYTEA NOT NULL PRIMARY KEY,
  facility_id BYTEA NOT NULL,
  terminal_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  label BYTEA NOT NULL,
  ends_at BIGINT NOT NULL,
  ended_at BIGINT
);
