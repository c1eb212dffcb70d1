-- Ids of callers: 1 to 255 printable ASCII characters without spaces. The length is checked apart from the form, which
-- keeps the regular expression small: see 0002_cheap_checks.
ALTER TABLE customers DROP CONSTRAINT customers_id_check, ADD CONSTRAINT customers_id_check
  CHECK (octet_length(id) BETWEEN 1 AND 255 AND id ~ '^[!-~]+$');
ALTER TABLE features DROP CONSTRAINT features_id_check, ADD CONSTRAINT features_id_check
  CHECK (octet_length(id) BETWEEN 1 AND 255 AND id ~ '^[!-~]+$');
ALTER TABLE entities DROP CONSTRAINT entities_id_check, ADD CONSTRAINT entities_id_check
  CHECK (octet_length(id) BETWEEN 1 AND 255 AND id ~ '^[!-~]+$');

-- What a credit system pays for may be free.
ALTER TABLE credit_costs DROP CONSTRAINT credit_costs_cost_check, ADD CONSTRAINT credit_costs_cost_check
  CHECK (cost >= 0 AND cost <> 'NaN' AND cost <= 1000000000);

-- In which time zone the periods of a balance are counted.
ALTER TABLE balances ADD COLUMN reset_time_zone text COLLATE "C",
  ADD CONSTRAINT balances_reset_time_zone_check CHECK (
    reset_time_zone IS NULL OR (reset_interval IS NOT NULL AND octet_length(reset_time_zone) BETWEEN 1 AND 255));
COMMENT ON COLUMN balances.reset_time_zone IS
  'The IANA name of the time zone in which the reset boundaries are computed; null for UTC.';
