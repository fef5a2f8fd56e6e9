CREATE TABLE record_due (
  node_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_due_at ON record_due (node_id, due_at, person_id);
INSERT INTO record_due (node_id, person_id, due_at)
  SELECT m.value, b.person_id,
    MIN(b.registered_at + CASE b.kind WHEN 'Observation' THEN 31708800000000 ELSE 157939200000000 END)
  FROM record_bundle b, schema_meta m WHERE m.name = 'node'
  GROUP BY m.value, b.person_id;
CREATE TABLE record_hidden (
  person_id BLOB NOT NULL,
  entry_key BLOB NOT NULL,
  content_key BLOB NOT NULL,
  kind TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (person_id, entry_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE record_standing (
  person_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  entry_key BLOB NOT NULL,
  content_key BLOB NOT NULL,
  at INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  institution TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;
