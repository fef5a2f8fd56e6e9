CREATE TABLE consent_entry (
  person_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  facility_id BYTEA NOT NULL,
  category TEXT COLLATE "C" NOT NULL,
  purpose TEXT COLLATE "C" NOT NULL,
  act TEXT COLLATE "C" NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  method TEXT COLLATE "C" NOT NULL,
  given_by TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  expires_at BIGINT,
  consent_id BYTEA NOT NULL,
  PRIMARY KEY (person_id, number)
);
INSERT INTO consent_entry (person_id, number, facility_id, category, purpose, act, source, method,
    given_by, at, expires_at, consent_id)
SELECT person_id,
    ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY due, turn, facility_id, category, at),
    facility_id, category, 'treatment', act, source, method, 'patient', at, expires_at, consent_id
FROM (
  SELECT person_id, facility_id, category, 'given' AS act, 'visit' AS source, method,
      given_at AS at, expires_at, consent_id, given_at AS due, 1 AS turn
  FROM consent
  UNION ALL
  SELECT person_id, facility_id, category,
      CASE WHEN withdrawn_by = 'choice' THEN 'refused' ELSE 'withdrawn' END AS act,
      CASE WHEN withdrawn_by = 'choice' THEN 'visit' ELSE 'patient' END AS source,
      method, withdrawn_at AS at,
      CASE WHEN withdrawn_by = 'choice' THEN expires_at END AS expires_at, consent_id,
      CASE WHEN withdrawn_at > given_at THEN withdrawn_at ELSE given_at END AS due,
      CASE WHEN withdrawn_at > given_at THEN 0 ELSE 2 END AS turn
  FROM consent WHERE withdrawn_at IS NOT NULL
) AS moved;
