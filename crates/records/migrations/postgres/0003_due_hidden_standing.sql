CREATE TABLE record_due (
  node_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  due_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, person_id)
);
CREATE INDEX record_due_at ON record_due (node_id, due_at, person_id);
INSERT INTO record_due (node_id, person_id, due_at)
  SELECT m.value, b.person_id,
    MIN(b.registered_at + CASE b.kind WHEN 'Observation' THEN 31708800000000 ELSE 157939200000000 END)
  FROM record_bundle b, schema_meta m WHERE m.name = 'node'
  GROUP BY m.value, b.person_id;
CREATE TABLE record_hidden (
  person_id BYTEA NOT NULL,
  entry_key BYTEA NOT NULL,
  content_key BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (person_id, entry_key)
);
CREATE TABLE record_standing (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  entry_key BYTEA NOT NULL,
  content_key BYTEA NOT NULL,
  at BIGINT NOT NULL,
  verdict TEXT COLLATE "C" NOT NULL,
  institution TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (person_id, number)
);
