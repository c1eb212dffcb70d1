-- The same for reservations that have expired. That it has not ended shows in two columns, and all other statements look at the other one, so
-- none of them can use the index.
CREATE INDEX CONCURRENTLY reservations_due_idx ON public.reservations (expires_at, customer_key) WHERE ended_how IS NULL;
