CREATE TABLE fhir_mark (
  person_id BLOB NOT NULL,
  mark BLOB NOT NULL,
  local_id BLOB NOT NULL,
  PRIMARY KEY (person_id, mark, local_id)
) STRICT, WITHOUT ROWID;
INSERT INTO fhir_mark (person_id, mark, local_id)
  SELECT DISTINCT person_id, x'', local_id FROM fhir_resource WHERE deleted = 0;
