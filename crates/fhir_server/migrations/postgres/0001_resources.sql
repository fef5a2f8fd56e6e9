CREATE TABLE fhir_resource (
  person_id BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  local_id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  document BYTEA NOT NULL,
  PRIMARY KEY (person_id, facility_id, type, local_id)
);
CREATE TABLE fhir_history (
  person_id BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  local_id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  document BYTEA NOT NULL,
  PRIMARY KEY (person_id, facility_id, type, local_id, version)
);
CREATE TABLE fhir_facility_resource (
  facility_id BYTEA NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  local_id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  document BYTEA NOT NULL,
  PRIMARY KEY (facility_id, type, local_id)
);
CREATE TABLE fhir_facility_history (
  facility_id BYTEA NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  local_id BYTEA NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  document BYTEA NOT NULL,
  PRIMARY KEY (facility_id, type, local_id, version)
);
CREATE TABLE fhir_facility_head (
  facility_id BYTEA NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL
);
CREATE TABLE fhir_patient_key (
  facility_id BYTEA NOT NULL,
  key BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  PRIMARY KEY (facility_id, key, person_id)
);
CREATE INDEX fhir_patient_key_person ON fhir_patient_key (facility_id, person_id);
