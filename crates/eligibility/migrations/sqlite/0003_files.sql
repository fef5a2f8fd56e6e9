CREATE TABLE eligibility_file (
  facility_id BLOB NOT NULL,
  reception_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  done INTEGER NOT NULL,
  asked BLOB NOT NULL,
  told BLOB NOT NULL,
  PRIMARY KEY (facility_id, reception_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX eligibility_file_at ON eligibility_file (facility_id, at);
