-- The list of a project's customers by id, without those that have been deleted: their ids are beside each other.
CREATE INDEX CONCURRENTLY customers_living_idx ON public.customers (project_id, id) WHERE deleted_at IS NULL;
