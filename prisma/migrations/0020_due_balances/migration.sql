-- What the sweeper looks for: balances whose next reset, or whose end, is due. The predicate says twice that there is such an instant, so
-- that no other statement can use the index.
CREATE INDEX CONCURRENTLY balances_due_idx ON public.balances
  (least(next_reset_at, expires_at), customer_key) WHERE expired_at IS NULL AND least(next_reset_at, expires_at) IS NOT NULL;
