CREATE TABLE subsidy (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  body BYTEA NOT NULL,
  PRIMARY KEY (person_id, number)
);
CREATE TABLE assistance_ticket (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  from_date TEXT COLLATE "C" NOT NULL,
  until_date TEXT COLLATE "C",
  body BYTEA NOT NULL,
  PRIMARY KEY (person_id, number)
);
CREATE TABLE subsidy_directory (
  key BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  PRIMARY KEY (key, person_id)
);
