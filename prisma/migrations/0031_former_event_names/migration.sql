-- What features listed before they were last changed is not known. Apart from the change of the table, which locks it for everything.
UPDATE features SET former_event_names = NULL WHERE updated_at > created_at;
