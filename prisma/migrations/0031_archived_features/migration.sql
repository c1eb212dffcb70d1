-- A feature can be archived: it stays for what exists. One that has never been used can be deleted, and event names that charged it may be
-- what used it. So those that it no longer lists are kept, by the table itself, because a gateway of the previous release does not do it.
-- Null if they are not all known: of those whose names were changed very often, and of those that were changed before this (0031_former_event_names).
ALTER TABLE features
  ADD COLUMN archived_at timestamptz(3),
  ADD COLUMN former_event_names text[] COLLATE "C" DEFAULT ARRAY[]::text[];
COMMENT ON COLUMN features.archived_at IS 'Since when no new balance and no new credit cost of it can be created; null if it is not archived.';
COMMENT ON COLUMN features.former_event_names IS 'Event names that it listed before; null if they are not all known.';
CREATE FUNCTION tollgate_keep_event_names() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  names text[] := ARRAY(SELECT DISTINCT unnest(OLD.former_event_names || OLD.event_names));
BEGIN
  NEW.former_event_names := CASE WHEN OLD.former_event_names IS NULL OR cardinality(names) > 1000 THEN NULL ELSE names END;
  RETURN NEW;
END $$;
CREATE TRIGGER features_former_event_names BEFORE UPDATE OF event_names ON features
  FOR EACH ROW WHEN (OLD.event_names IS DISTINCT FROM NEW.event_names) EXECUTE FUNCTION tollgate_keep_event_names();
