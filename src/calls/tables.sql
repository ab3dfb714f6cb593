-- Calls that were begun and are not finished: whom they are for, what they were priced by, and what they hold of limits.
-- Neither the request's text nor a key stands here.
CREATE TABLE llm_admin.llm_calls (
  call_id pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  team_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  key_id pg_catalog.uuid,
  job_id pg_catalog.uuid,
  request_id pg_catalog.text COLLATE pg_catalog."C",
  fingerprint pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  attempt pg_catalog.int4 NOT NULL DEFAULT 1,
  parent_call_id pg_catalog.uuid,
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  account_id pg_catalog.uuid,
  key_source pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'platform',
  requested_model pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',  -- as it is sent
  model_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',         -- its canonical id
  operation pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  service_tier pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  price_id pg_catalog.int8,
  config_version pg_catalog.int4 NOT NULL DEFAULT 0,
  started_at pg_catalog.timestamptz NOT NULL,
  expires_at pg_catalog.timestamptz NOT NULL,
  input_estimate pg_catalog.int4 NOT NULL DEFAULT 0,
  estimate_usd pg_catalog.numeric,
  reservations pg_catalog.jsonb NOT NULL DEFAULT '[]',
  access pg_catalog.jsonb NOT NULL DEFAULT '{}',  -- why the model was allowed: tier, reason, rule or permission
  cache_key pg_catalog.bytea,
  tags pg_catalog.jsonb NOT NULL DEFAULT '{}',
  models pg_catalog.jsonb NOT NULL DEFAULT '[]',  -- to fall back to
  CONSTRAINT llm_calls_pkey PRIMARY KEY (call_id),
  CONSTRAINT llm_calls_request_key UNIQUE (tenant_id, request_id, attempt),
  CONSTRAINT llm_calls_key_source_check CHECK (key_source IN ('platform', 'byollm')),
  CONSTRAINT llm_calls_attempt_check CHECK (attempt OPERATOR(pg_catalog.>=) 1),
  CONSTRAINT llm_calls_expires_check CHECK (expires_at OPERATOR(pg_catalog.>) started_at),
  CONSTRAINT llm_calls_estimate_check CHECK (input_estimate OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT llm_calls_reservations_check CHECK (pg_catalog.jsonb_typeof(reservations) OPERATOR(pg_catalog.=) 'array'),
  CONSTRAINT llm_calls_access_check CHECK (pg_catalog.jsonb_typeof(access) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_calls_tags_check CHECK (pg_catalog.jsonb_typeof(tags) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_calls_models_check CHECK (pg_catalog.jsonb_typeof(models) OPERATOR(pg_catalog.=) 'array')
);
CREATE INDEX llm_calls_expires_at_idx ON llm_admin.llm_calls (expires_at);
ALTER TABLE llm_admin.llm_calls ENABLE ROW LEVEL SECURITY;

-- Tickets that a sender in the database redeems once for the headers of a call. They live for a minute, so no dump has
-- them.
CREATE TABLE llm_admin.sender_tickets (
  ticket_hash pg_catalog.bytea NOT NULL,
  call_id pg_catalog.uuid NOT NULL,
  expires_at pg_catalog.timestamptz NOT NULL,
  CONSTRAINT sender_tickets_pkey PRIMARY KEY (ticket_hash)
);
CREATE INDEX sender_tickets_expires_at_idx ON llm_admin.sender_tickets (expires_at);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_calls', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.sender_tickets', 'WHERE false');
