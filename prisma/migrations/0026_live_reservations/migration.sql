-- The reservations of a customer that have not ended are read together with its balances.
CREATE INDEX CONCURRENTLY reservations_live_idx ON public.reservations (customer_key, id) WHERE ended_at IS NULL;
