CREATE TABLE rights_request (
  facility_id BYTEA NOT NULL,
  request_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  opens BIGINT NOT NULL,
  until BIGINT,
  asked_by BYTEA NOT NULL,
  asked_at BIGINT NOT NULL,
  reason BYTEA NOT NULL,
  decided_by BYTEA,
  decided_at BIGINT,
  granted BIGINT,
  PRIMARY KEY (facility_id, request_id)
);
CREATE TABLE rights_history (
  facility_id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  entry_id BYTEA NOT NULL,
  staff_id BYTEA NOT NULL,
  change TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  done_by BYTEA,
  approved_by BYTEA,
  PRIMARY KEY (facility_id, at, entry_id)
);
CREATE TABLE review_sign_off (
  facility_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  period TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  staff_id BYTEA NOT NULL,
  count BIGINT NOT NULL,
  remark BYTEA NOT NULL,
  PRIMARY KEY (facility_id, kind, period, at)
);
CREATE TABLE rights_turn (
  facility_id BYTEA NOT NULL PRIMARY KEY,
  turn BIGINT NOT NULL
);
