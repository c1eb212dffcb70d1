-- Keys that belong to no project manage projects and their keys. Gateways of an earlier release do not accept them, as they begin
-- with another text. See docs/adr/0035-managed-keys.md.
ALTER TABLE api_keys
  ALTER COLUMN project_id DROP NOT NULL,
  ADD COLUMN rotated_to_id uuid,
  ADD CONSTRAINT api_keys_project_check CHECK ((project_id IS NULL) = starts_with(prefix, 'tg_ak_'));
CREATE INDEX api_keys_project_id_id_idx ON api_keys (project_id, id);
DROP INDEX api_keys_project_id_idx;
COMMENT ON TABLE api_keys IS
  'Secrets that open one project each, or, without a project, manage projects and keys. Only the SHA-256 of a secret is stored.';
COMMENT ON COLUMN api_keys.rotated_to_id IS
  'The key that replaces this one, which is valid for a while longer; a key is rotated at most once.';
