CREATE TABLE proxy_relation (
  person_id BYTEA NOT NULL,
  relation_id BYTEA NOT NULL,
  proxy_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  ended_at BIGINT,
  ended_by TEXT COLLATE "C",
  remark BYTEA NOT NULL,
  PRIMARY KEY (person_id, relation_id)
);
CREATE TABLE proxy_charge (
  person_id BYTEA NOT NULL,
  relation_id BYTEA NOT NULL,
  subject_id BYTEA NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  ended_at BIGINT,
  ended_by TEXT COLLATE "C",
  remark BYTEA NOT NULL,
  PRIMARY KEY (person_id, relation_id)
);
CREATE TABLE proxy_invitation (
  code_key BYTEA NOT NULL PRIMARY KEY,
  subject_id BYTEA NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  relation_days BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE TABLE proxy_session (
  node_id BYTEA NOT NULL,
  token_hash BYTEA NOT NULL,
  subject_id BYTEA NOT NULL,
  proxy_id BYTEA NOT NULL,
  name BYTEA NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, token_hash)
);
