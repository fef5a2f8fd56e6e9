CREATE TABLE master_edition (
  master TEXT NOT NULL,
  day TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  rows_taken INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (master, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE local_subsidy (
  prefecture INTEGER NOT NULL,
  number TEXT NOT NULL,
  line INTEGER NOT NULL,
  law TEXT NOT NULL,
  name TEXT NOT NULL,
  age_from INTEGER,
  age_last INTEGER,
  income TEXT NOT NULL,
  out_way TEXT NOT NULL,
  out_percent INTEGER,
  out_visit INTEGER,
  out_visit_max INTEGER,
  out_day_max INTEGER,
  out_month_max INTEGER,
  in_way TEXT NOT NULL,
  in_percent INTEGER,
  in_visit INTEGER,
  in_visit_max INTEGER,
  in_day_max INTEGER,
  in_month_max INTEGER,
  PRIMARY KEY (prefecture, number, line)
) STRICT, WITHOUT ROWID;
