-- What the project's server signs customer tokens with. Unlike keys, which are sent, it never leaves that server again, and a
-- signature can only be checked with the secret itself. The former one is accepted for as long as tokens that it signed are in use.
ALTER TABLE projects
  ADD COLUMN token_secret text COLLATE "C",
  ADD COLUMN former_token_secret text COLLATE "C",
  ADD COLUMN former_token_secret_until timestamptz(3);
