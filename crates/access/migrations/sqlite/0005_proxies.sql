CREATE TABLE proxy_relation (
  person_id BLOB NOT NULL,
  relation_id BLOB NOT NULL,
  proxy_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by TEXT,
  remark BLOB NOT NULL,
  PRIMARY KEY (person_id, relation_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE proxy_charge (
  person_id BLOB NOT NULL,
  relation_id BLOB NOT NULL,
  subject_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by TEXT,
  remark BLOB NOT NULL,
  PRIMARY KEY (person_id, relation_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE proxy_invitation (
  code_key BLOB NOT NULL PRIMARY KEY,
  subject_id BLOB NOT NULL,
  scope TEXT NOT NULL,
  relation_days INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE proxy_session (
  node_id BLOB NOT NULL,
  token_hash BLOB NOT NULL,
  subject_id BLOB NOT NULL,
  proxy_id BLOB NOT NULL,
  name BLOB NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (node_id, token_hash)
) STRICT, WITHOUT ROWID;
