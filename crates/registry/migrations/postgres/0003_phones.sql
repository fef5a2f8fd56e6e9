ALTER TABLE card_directory ADD COLUMN state TEXT COLLATE "C" NOT NULL DEFAULT 'in-use';
CREATE TABLE held_certificate (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  directory_key BYTEA NOT NULL,
  medium TEXT COLLATE "C" NOT NULL,
  from_at BIGINT NOT NULL,
  ended_at BIGINT,
  end_reason TEXT COLLATE "C",
  label BYTEA,
  PRIMARY KEY (person_id, number)
);
CREATE TABLE insurance_use (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT,
  PRIMARY KEY (person_id, number)
);
-- Cards that were registered before their history was kept: since their registration, in use.
INSERT INTO held_certificate (person_id, number, directory_key, medium, from_at)
  SELECT person_id, row_number() OVER (PARTITION BY person_id ORDER BY registered_at, key),
    key, 'card', registered_at FROM card_directory;
INSERT INTO insurance_use (person_id, number, from_at)
  SELECT person_id, 1, min(registered_at) FROM card_directory GROUP BY person_id;
