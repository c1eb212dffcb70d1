-- What has been recorded stays as it was recorded, except for what can tell of a person: that can be removed, and the id
-- of an entity can give way to one that says nothing. No update can change an amount.
DROP TRIGGER events_append_only ON events;
CREATE TRIGGER events_append_only BEFORE DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_change();
CREATE TRIGGER events_only_erased BEFORE UPDATE ON events FOR EACH ROW WHEN (
  ROW (OLD.customer_key, OLD.id, OLD.project_id, OLD.feature_id, OLD.event_name, OLD.value, OLD.occurred_at,
      OLD.recorded_at, OLD.outcome::text)
    IS DISTINCT FROM ROW (NEW.customer_key, NEW.id, NEW.project_id, NEW.feature_id, NEW.event_name, NEW.value,
      NEW.occurred_at, NEW.recorded_at, NEW.outcome::text)
  OR (NEW.properties IS NOT NULL AND NEW.properties IS DISTINCT FROM OLD.properties)
  OR (NEW.idempotency_key IS NOT NULL AND NEW.idempotency_key IS DISTINCT FROM OLD.idempotency_key)
  OR (NEW.entity_id IS DISTINCT FROM OLD.entity_id
    AND (OLD.entity_id IS NULL OR NEW.entity_id IS NULL OR NEW.entity_id NOT LIKE 'deleted:%')))
  EXECUTE FUNCTION tollgate_refuse_change();
