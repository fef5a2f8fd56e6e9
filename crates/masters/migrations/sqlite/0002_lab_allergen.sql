CREATE TABLE lab_item (
  day TEXT NOT NULL,
  line INTEGER NOT NULL,
  kind TEXT NOT NULL,
  item TEXT NOT NULL,
  name TEXT NOT NULL,
  jlac10 TEXT NOT NULL,
  jlac11 TEXT NOT NULL,
  unit TEXT NOT NULL,
  specimen TEXT NOT NULL,
  method TEXT NOT NULL,
  PRIMARY KEY (day, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX lab_item_jlac10 ON lab_item (jlac10, day);
CREATE INDEX lab_item_jlac11 ON lab_item (jlac11, day);
CREATE TABLE allergen (
  code TEXT NOT NULL,
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  kana TEXT NOT NULL,
  english TEXT NOT NULL,
  level INTEGER NOT NULL,
  is_main INTEGER NOT NULL,
  from_day TEXT,
  until_day TEXT,
  PRIMARY KEY (code)
) STRICT, WITHOUT ROWID;
