-- Whether a feature or an event name has ever been reserved. Those that have been captured are not needed: their events tell.
CREATE INDEX CONCURRENTLY reservations_what_idx ON public.reservations
  (coalesce(feature_id, event_name), project_id) WHERE used = 0;
