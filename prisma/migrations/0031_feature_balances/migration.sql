-- Whether a feature has ever had a balance. No other statement looks for balances by their feature alone, so none can use the index.
CREATE INDEX CONCURRENTLY balances_feature_idx ON public.balances (feature_id, project_id);
