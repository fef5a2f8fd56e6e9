CREATE TABLE facility (
  code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  facility_id BYTEA NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  prefecture TEXT COLLATE "C" NOT NULL
);
CREATE TABLE person_profile (
  person_id BYTEA NOT NULL PRIMARY KEY,
  body BYTEA NOT NULL
);
CREATE TABLE coverage (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  body BYTEA NOT NULL,
  PRIMARY KEY (person_id, number)
);
CREATE TABLE insured_directory (
  key BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  branch_tag BYTEA NOT NULL,
  birth_tag BYTEA NOT NULL,
  PRIMARY KEY (key, person_id)
);
CREATE TABLE card_directory (
  key BYTEA NOT NULL PRIMARY KEY,
  person_id BYTEA NOT NULL,
  registered_at BIGINT NOT NULL
);
