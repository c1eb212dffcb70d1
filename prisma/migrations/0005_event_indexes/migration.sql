-- What events are filtered by is found by an index that is in the order of the listing. Each event is in the one of its
-- feature or the one of its event name, and in the one of its entity where it has one. See docs/adr/0023-reads.md for their cost.
CREATE INDEX events_project_id_feature_id_id_idx ON events (project_id, feature_id, id) WHERE feature_id IS NOT NULL;
CREATE INDEX events_project_id_event_name_id_idx ON events (project_id, event_name, id) WHERE event_name IS NOT NULL;
CREATE INDEX events_customer_key_entity_id_id_idx ON events (customer_key, entity_id, id) WHERE entity_id IS NOT NULL;
