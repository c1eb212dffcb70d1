-- The list of a project's customers, newest first.
CREATE INDEX CONCURRENTLY customers_project_id_created_at_id_idx ON public.customers
  (project_id, created_at, id) WHERE deleted_at IS NULL;
