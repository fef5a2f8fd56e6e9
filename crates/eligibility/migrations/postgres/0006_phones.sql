CREATE TABLE screen_code (
  code_key BYTEA NOT NULL PRIMARY KEY,
  person_id BYTEA NOT NULL,
  issued_at BIGINT NOT NULL
);
CREATE INDEX screen_code_person ON screen_code (person_id);
CREATE INDEX screen_code_issued ON screen_code (issued_at);
