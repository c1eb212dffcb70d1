-- Who changed a balance, and why: of corrections alone. Null in all other entries, and in those of earlier releases.
ALTER TABLE ledger_entries
  ADD COLUMN reason text,
  ADD COLUMN actor text,
  ADD CONSTRAINT ledger_entries_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500) NOT VALID,
  ADD CONSTRAINT ledger_entries_actor_check CHECK (char_length(actor) BETWEEN 1 AND 255) NOT VALID;
COMMENT ON COLUMN ledger_entries.reason IS 'Why a correction was made, in the caller''s words; null where none was given.';
COMMENT ON COLUMN ledger_entries.actor IS 'Who made a correction, in the caller''s words; null where none was given.';
