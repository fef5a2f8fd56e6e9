CREATE TABLE record_bundle (
  person_id BYTEA NOT NULL,
  member BYTEA NOT NULL,
  identifier TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  institution TEXT COLLATE "C" NOT NULL,
  registered_at BIGINT NOT NULL,
  facts BYTEA NOT NULL,
  document BYTEA NOT NULL,
  PRIMARY KEY (person_id, member, identifier)
);
