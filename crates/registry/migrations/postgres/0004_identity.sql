CREATE TABLE attribute_directory (
  key BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  name_tag BYTEA NOT NULL,
  PRIMARY KEY (key, person_id)
);
CREATE TABLE disaster_mode (
  mode_id BYTEA NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  areas TEXT COLLATE "C" NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  declared_at BIGINT NOT NULL,
  declared_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX disaster_mode_until ON disaster_mode (until_at);
CREATE TABLE merged_directory (
  person_key BYTEA NOT NULL PRIMARY KEY,
  kept_id BYTEA NOT NULL
);
CREATE TABLE person_merge (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  other_id BYTEA NOT NULL,
  is_kept BIGINT NOT NULL,
  at BIGINT NOT NULL,
  undone_at BIGINT,
  body BYTEA NOT NULL,
  PRIMARY KEY (person_id, number)
);
