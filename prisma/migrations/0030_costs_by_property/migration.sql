-- What a feature costs in a credit system may depend on the properties of the usage, and have up to 18 decimals. Such costs stand in the
-- column prices, and cost is null: an earlier release cannot read that, and so charges nothing at a wrong cost. The table is small,
-- so its constraint is checked at once. See docs/adr/0045-costs-by-property.md.
ALTER TABLE credit_costs
  ALTER COLUMN cost DROP NOT NULL,
  ADD COLUMN prices json,
  ADD CONSTRAINT credit_costs_prices_check CHECK (
    num_nonnulls(cost, prices) = 1 AND (prices IS NULL OR json_typeof(prices) = 'object'));
COMMENT ON COLUMN credit_costs.cost IS 'The only cost, if it is for all usage and has up to 10 decimals; otherwise null.';
COMMENT ON COLUMN credit_costs.prices IS
  'The costs in order, of which the first that fits the usage applies, if one depends on properties or has more than 10 decimals.';
