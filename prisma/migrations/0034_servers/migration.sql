-- Places of customers can be on several servers: see docs/adr/0070-places.md. Both tables are used on the server of the catalogue only,
-- and are empty everywhere else.
CREATE TABLE public.servers (
  name text COLLATE "C" NOT NULL,
  added_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT servers_pkey PRIMARY KEY (name),
  CONSTRAINT servers_name_check CHECK (name ~ '^[a-z][a-z0-9_]{0,29}$' AND name <> 'home')
);
COMMENT ON TABLE public.servers IS 'The servers that can have places, besides the one of the catalogue.';

CREATE TABLE public.places (
  number smallint NOT NULL,
  server text COLLATE "C",
  epoch bigint NOT NULL DEFAULT 0,
  moving_to text COLLATE "C",
  moved_from text COLLATE "C",
  step text COLLATE "C",
  changed_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT places_pkey PRIMARY KEY (number),
  CONSTRAINT places_server_fkey FOREIGN KEY (server) REFERENCES public.servers (name),
  CONSTRAINT places_moving_to_fkey FOREIGN KEY (moving_to) REFERENCES public.servers (name),
  CONSTRAINT places_number_check CHECK (number BETWEEN 1 AND 63),
  CONSTRAINT places_epoch_check CHECK (epoch >= 0),
  CONSTRAINT places_step_check CHECK (step IN ('PREPARE', 'COPY', 'CLOSE', 'SWITCH', 'OPEN', 'BACK')),
  CONSTRAINT places_moving_to_check CHECK (step IS NOT NULL OR moving_to IS NULL)
);
COMMENT ON TABLE public.places IS
  'Where places are. One without a row is on the server of the catalogue and was never moved.';
COMMENT ON COLUMN public.places.server IS 'Null: the server of the catalogue.';
COMMENT ON COLUMN public.places.epoch IS 'How often it has moved.';
COMMENT ON COLUMN public.places.moving_to IS 'Null with a step: the server of the catalogue.';
COMMENT ON COLUMN public.places.moved_from IS 'Where it was before; null: the server of the catalogue, or never moved.';
COMMENT ON COLUMN public.places.step IS 'How far its move is; null if it is not being moved.';
