-- The search for names, without the difference between capital and small letters of ASCII: the collation is the same on
-- every server. An index entry has limited room, hence the first 64 characters.
CREATE INDEX CONCURRENTLY customers_name_idx ON public.customers
  (project_id, left(lower(name COLLATE "C"), 64), id) WHERE name IS NOT NULL;
