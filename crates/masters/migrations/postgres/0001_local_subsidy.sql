CREATE TABLE master_edition (
  master TEXT COLLATE "C" NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  rows_taken BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (master, day)
);
CREATE TABLE local_subsidy (
  prefecture BIGINT NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  line BIGINT NOT NULL,
  law TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  age_from BIGINT,
  age_last BIGINT,
  income TEXT COLLATE "C" NOT NULL,
  out_way TEXT COLLATE "C" NOT NULL,
  out_percent BIGINT,
  out_visit BIGINT,
  out_visit_max BIGINT,
  out_day_max BIGINT,
  out_month_max BIGINT,
  in_way TEXT COLLATE "C" NOT NULL,
  in_percent BIGINT,
  in_visit BIGINT,
  in_visit_max BIGINT,
  in_day_max BIGINT,
  in_month_max BIGINT,
  PRIMARY KEY (prefecture, number, line)
);
