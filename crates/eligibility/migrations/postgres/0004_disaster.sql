CREATE TABLE disaster_search (
  facility_id BYTEA NOT NULL,
  search_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  wrong BIGINT NOT NULL,
  is_over BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (facility_id, search_id)
);
