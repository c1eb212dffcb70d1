-- Usage events that have been undone. An event itself stays as it was recorded, so this is a row beside it. It stays as well,
-- except that the words of its caller can be removed. See docs/adr/0043-corrections-of-events.md.
CREATE TABLE event_voids (
  customer_key uuid NOT NULL,
  event_id uuid NOT NULL,
  project_id uuid NOT NULL,
  reason text,
  actor text,
  amended_by_id uuid,
  outcome json NOT NULL,
  voided_at timestamptz(3) NOT NULL,
  CONSTRAINT event_voids_pkey PRIMARY KEY (customer_key, event_id),
  CONSTRAINT event_voids_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
  CONSTRAINT event_voids_actor_check CHECK (char_length(actor) BETWEEN 1 AND 255)
);
CREATE UNIQUE INDEX event_voids_customer_key_amended_by_id_key ON event_voids (customer_key, amended_by_id)
  WHERE amended_by_id IS NOT NULL;
COMMENT ON TABLE event_voids IS 'Usage events that have been undone, each at most once.';
COMMENT ON COLUMN event_voids.amended_by_id IS 'The event that takes its place; null if none does.';
COMMENT ON COLUMN event_voids.outcome IS 'What was given back, and what was not, and why: {reversed, notReversed}.';
CREATE TRIGGER event_voids_append_only BEFORE DELETE OR TRUNCATE ON event_voids
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_change();
CREATE TRIGGER event_voids_only_erased BEFORE UPDATE ON event_voids FOR EACH ROW WHEN (
  ROW (OLD.customer_key, OLD.event_id, OLD.project_id, OLD.amended_by_id, OLD.outcome::text, OLD.voided_at)
    IS DISTINCT FROM ROW (NEW.customer_key, NEW.event_id, NEW.project_id, NEW.amended_by_id, NEW.outcome::text,
      NEW.voided_at)
  OR (NEW.reason IS NOT NULL AND NEW.reason IS DISTINCT FROM OLD.reason)
  OR (NEW.actor IS NOT NULL AND NEW.actor IS DISTINCT FROM OLD.actor))
  EXECUTE FUNCTION tollgate_refuse_change();
-- A correction of a balance may change the boundaries of its periods. What was taken in the running one can only be given back as
-- long as it runs, so it has to be known where that began.
ALTER TABLE balances
  ADD COLUMN reset_changed_at timestamptz(3),
  ADD COLUMN period_started_at timestamptz(3);
COMMENT ON COLUMN balances.reset_changed_at IS 'When a correction last changed the reset; null for never.';
COMMENT ON COLUMN balances.period_started_at IS
  'Where the period that was running then had begun; null for one without a beginning.';
