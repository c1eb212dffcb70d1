-- Features that are being deleted: they are no longer in the catalogue, and wait here until it is certain that no transaction that had
-- begun before used them. Then the row goes, or the feature is put back. Empty except for moments.
CREATE TABLE removed_features (
  project_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  feature jsonb NOT NULL,
  credit_costs jsonb NOT NULL,
  removed_at timestamptz(3) NOT NULL,
  CONSTRAINT removed_features_pkey PRIMARY KEY (project_id, id),
  CONSTRAINT removed_features_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects (id),
  CONSTRAINT removed_features_feature_check CHECK (jsonb_typeof(feature) = 'object'),
  CONSTRAINT removed_features_credit_costs_check CHECK (jsonb_typeof(credit_costs) = 'array')
);
COMMENT ON TABLE removed_features IS 'Features that are being deleted, as their rows were.';
COMMENT ON COLUMN removed_features.feature IS 'The row of features.';
COMMENT ON COLUMN removed_features.credit_costs IS 'The rows of credit_costs of the credit system.';
