CREATE TABLE fhir_mark (
  person_id BYTEA NOT NULL,
  mark BYTEA NOT NULL,
  local_id BYTEA NOT NULL,
  PRIMARY KEY (person_id, mark, local_id)
);
INSERT INTO fhir_mark (person_id, mark, local_id)
  SELECT DISTINCT person_id, ''::BYTEA, local_id FROM fhir_resource WHERE deleted = 0;
