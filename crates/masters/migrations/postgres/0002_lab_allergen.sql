CREATE TABLE lab_item (
  day TEXT COLLATE "C" NOT NULL,
  line BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  item TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  jlac10 TEXT COLLATE "C" NOT NULL,
  jlac11 TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  specimen TEXT COLLATE "C" NOT NULL,
  method TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (day, line)
);
CREATE INDEX lab_item_jlac10 ON lab_item (jlac10, day);
CREATE INDEX lab_item_jlac11 ON lab_item (jlac11, day);
CREATE TABLE allergen (
  code TEXT COLLATE "C" NOT NULL,
  place BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  kana TEXT COLLATE "C" NOT NULL,
  english TEXT COLLATE "C" NOT NULL,
  level BIGINT NOT NULL,
  is_main BIGINT NOT NULL,
  from_day TEXT COLLATE "C",
  until_day TEXT COLLATE "C",
  PRIMARY KEY (code)
);
