-- The search for e-mail addresses, as for names.
CREATE INDEX CONCURRENTLY customers_email_idx ON public.customers
  (project_id, left(lower(email COLLATE "C"), 64), id) WHERE email IS NOT NULL;
