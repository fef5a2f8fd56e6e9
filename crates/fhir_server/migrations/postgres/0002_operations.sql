CREATE TABLE fhir_endpoint (
  facility_id BYTEA NOT NULL,
  url TEXT COLLATE "C" NOT NULL,
  roots TEXT COLLATE "C" NOT NULL,
  allowed_at BIGINT NOT NULL,
  PRIMARY KEY (facility_id, url)
);
CREATE TABLE fhir_subscription (
  facility_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  topic TEXT COLLATE "C" NOT NULL,
  kinds TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  ends_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  events BIGINT NOT NULL,
  delivered BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  problem TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, id)
);
CREATE TABLE fhir_event (
  facility_id BYTEA NOT NULL,
  subscription_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  id BYTEA NOT NULL,
  focus BYTEA NOT NULL,
  PRIMARY KEY (facility_id, subscription_id, number, at, id)
);
CREATE TABLE fhir_export (
  facility_id BYTEA NOT NULL,
  id BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, id)
);
CREATE TABLE fhir_export_file (
  person_id BYTEA NOT NULL,
  facility_id BYTEA NOT NULL,
  export_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  resources BIGINT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (person_id, facility_id, export_id, number)
);
