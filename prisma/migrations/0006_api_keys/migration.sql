-- What a key may do. Keys that exist may do everything, as before, and so may those that a gateway of an earlier release
-- creates meanwhile. Which scopes there are is not checked here: a newer release has more, while this one is running.
ALTER TABLE api_keys
  ADD COLUMN scopes text[] COLLATE "C" DEFAULT ARRAY[
    'track:write', 'track:refund', 'check:read', 'balances:read', 'balances:write', 'customers:write', 'catalog:write',
    'events:read', 'usage:read', 'keys:write']
    CHECK (scopes IS NOT NULL),
  ADD COLUMN last_used_at timestamptz(3);
COMMENT ON COLUMN api_keys.last_used_at IS 'To the minute; null if the key has not been used since this was recorded.';
