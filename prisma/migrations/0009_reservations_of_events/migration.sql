-- The reservation that an event captured.
ALTER TABLE events ADD COLUMN reservation_id text COLLATE "C";
COMMENT ON COLUMN events.reservation_id IS 'The reservation of which the event is a capture; null for all other usage.';
