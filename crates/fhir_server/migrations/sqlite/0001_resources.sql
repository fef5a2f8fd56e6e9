CREATE TABLE fhir_resource (
  person_id BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  type TEXT NOT NULL,
  local_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (person_id, facility_id, type, local_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE fhir_history (
  person_id BLOB NOT NULL,
  facility_id BLOB NOT NULL,
  type TEXT NOT NULL,
  local_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (person_id, facility_id, type, local_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE fhir_facility_resource (
  facility_id BLOB NOT NULL,
  type TEXT NOT NULL,
  local_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (facility_id, type, local_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE fhir_facility_history (
  facility_id BLOB NOT NULL,
  type TEXT NOT NULL,
  local_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (facility_id, type, local_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE fhir_facility_head (
  facility_id BLOB NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE fhir_patient_key (
  facility_id BLOB NOT NULL,
  key BLOB NOT NULL,
  person_id BLOB NOT NULL,
  PRIMARY KEY (facility_id, key, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX fhir_patient_key_person ON fhir_patient_key (facility_id, person_id);
