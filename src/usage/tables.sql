-- The log of calls, by month. Its first 15 columns are the seed's. cost_usd is what the platform owes; model_id is the
-- canonical id of the model that served. No index but these may be added: what needs another one has a table of its own.
CREATE TABLE llm_admin.llm_usage_logs (
  id pg_catalog.int8 NOT NULL,
  "timestamp" pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  model_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  server_id pg_catalog.uuid,
  deployment_id pg_catalog.uuid,
  source pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  prompt_tokens pg_catalog.int4 NOT NULL DEFAULT 0,
  completion_tokens pg_catalog.int4 NOT NULL DEFAULT 0,
  total_tokens pg_catalog.int4,
  cost_usd pg_catalog.numeric,
  latency_ms pg_catalog.int4,
  status_code pg_catalog.int4,
  error_message pg_catalog.text,
  metadata pg_catalog.jsonb NOT NULL DEFAULT '{}',
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  job_id pg_catalog.uuid,
  cached_tokens pg_catalog.int4 NOT NULL DEFAULT 0,
  cache_write_tokens pg_catalog.int4 NOT NULL DEFAULT 0,
  cache_write_1h_tokens pg_catalog.int4 NOT NULL DEFAULT 0,
  reasoning_tokens pg_catalog.int4 NOT NULL DEFAULT 0,
  quantities pg_catalog.jsonb NOT NULL DEFAULT '{}',
  service_tier pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  price_id pg_catalog.int8,
  list_cost_usd pg_catalog.numeric,
  account_id pg_catalog.uuid,
  requested_model pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  served_model pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  operation pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  kind pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'call',
  team_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  key_id pg_catalog.uuid,
  call_id pg_catalog.uuid,
  parent_call_id pg_catalog.uuid,
  limits pg_catalog.jsonb,
  attempt pg_catalog.int4 NOT NULL DEFAULT 1,
  estimated pg_catalog.bool NOT NULL DEFAULT false,
  key_source pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'platform',
  currency pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'USD',
  tags pg_catalog.jsonb NOT NULL DEFAULT '{}',
  cost_status pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'unpriced',
  request_id pg_catalog.text COLLATE pg_catalog."C",
  CONSTRAINT llm_usage_logs_pkey PRIMARY KEY (id, "timestamp"),  -- the frontier reads by id
  CONSTRAINT llm_usage_logs_kind_check CHECK (kind IN ('call', 'expired', 'correction')),
  CONSTRAINT llm_usage_logs_key_source_check CHECK (key_source IN ('platform', 'byollm')),
  CONSTRAINT llm_usage_logs_cost_status_check
    CHECK (cost_status IN ('priced', 'partial', 'unpriced', 'free', 'reported', 'estimated', 'cached')),
  -- A correction takes back what an earlier row has too much.
  CONSTRAINT llm_usage_logs_tokens_check CHECK (
    kind OPERATOR(pg_catalog.=) 'correction' OR (
      prompt_tokens OPERATOR(pg_catalog.>=) 0 AND completion_tokens OPERATOR(pg_catalog.>=) 0
      AND total_tokens OPERATOR(pg_catalog.>=) 0 AND cached_tokens OPERATOR(pg_catalog.>=) 0
      AND cache_write_tokens OPERATOR(pg_catalog.>=) 0 AND cache_write_1h_tokens OPERATOR(pg_catalog.>=) 0
      AND reasoning_tokens OPERATOR(pg_catalog.>=) 0)),
  CONSTRAINT llm_usage_logs_cost_check CHECK (
    kind OPERATOR(pg_catalog.=) 'correction' OR (
      cost_usd OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
      AND list_cost_usd OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric)),
  CONSTRAINT llm_usage_logs_finite_cost_check CHECK (
    cost_usd OPERATOR(pg_catalog.<>) ALL (ARRAY['NaN', 'Infinity', '-Infinity']::pg_catalog.numeric[])
    AND list_cost_usd OPERATOR(pg_catalog.<>) ALL (ARRAY['NaN', 'Infinity', '-Infinity']::pg_catalog.numeric[])),
  CONSTRAINT llm_usage_logs_latency_ms_check CHECK (latency_ms OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT llm_usage_logs_attempt_check CHECK (attempt OPERATOR(pg_catalog.>=) 1),
  CONSTRAINT llm_usage_logs_quantities_check CHECK (pg_catalog.jsonb_typeof(quantities) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_usage_logs_tags_check CHECK (pg_catalog.jsonb_typeof(tags) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_usage_logs_metadata_check CHECK (pg_catalog.jsonb_typeof(metadata) OPERATOR(pg_catalog.=) 'object')
) PARTITION BY RANGE ("timestamp");
ALTER TABLE llm_admin.llm_usage_logs
  ADD CONSTRAINT llm_usage_logs_server_id_fkey FOREIGN KEY (server_id)
    REFERENCES llm_admin.model_servers (id) ON DELETE SET NULL,
  ADD CONSTRAINT llm_usage_logs_deployment_id_fkey FOREIGN KEY (deployment_id)
    REFERENCES llm_admin.model_deployments (id) ON DELETE SET NULL;
CREATE SEQUENCE llm_admin.llm_usage_logs_id_seq AS pg_catalog.int8 CACHE 1 OWNED BY llm_admin.llm_usage_logs.id;
CREATE INDEX idx_usage_provider ON llm_admin.llm_usage_logs (provider);
CREATE INDEX idx_usage_source ON llm_admin.llm_usage_logs (source);
CREATE INDEX idx_usage_timestamp_model ON llm_admin.llm_usage_logs ("timestamp", model_id);
CREATE INDEX idx_usage_server ON llm_admin.llm_usage_logs (server_id) WHERE server_id IS NOT NULL;
CREATE INDEX idx_usage_deployment ON llm_admin.llm_usage_logs (deployment_id) WHERE deployment_id IS NOT NULL;
-- Months are made by maintain_partitions(), beside this one, which takes what has none.
CREATE TABLE llm_admin.llm_usage_logs_default PARTITION OF llm_admin.llm_usage_logs DEFAULT;
ALTER TABLE llm_admin.llm_usage_logs ENABLE ROW LEVEL SECURITY;

-- What was answered to a request, so that it is written once. The first writer wins.
CREATE TABLE llm_admin.usage_requests (
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  request_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  call_id pg_catalog.uuid,
  usage_id pg_catalog.int8 NOT NULL,
  usage_time pg_catalog.timestamptz NOT NULL,
  cost_usd pg_catalog.numeric,
  cost_status pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  fingerprint pg_catalog.text NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  CONSTRAINT usage_requests_pkey PRIMARY KEY (tenant_id, request_id),
  CONSTRAINT usage_requests_call_id_key UNIQUE (call_id)
);
CREATE INDEX usage_requests_usage_time_idx ON llm_admin.usage_requests (usage_time);
ALTER TABLE llm_admin.usage_requests ENABLE ROW LEVEL SECURITY;

-- The calls of a job. Usage keeps its job_id without a foreign key, and the log has no index for one.
CREATE TABLE llm_admin.job_usage (
  job_id pg_catalog.uuid NOT NULL,
  usage_id pg_catalog.int8 NOT NULL,
  usage_time pg_catalog.timestamptz NOT NULL,
  CONSTRAINT job_usage_pkey PRIMARY KEY (job_id, usage_id)
);

-- The daily book, by UTC days: what roll_up_daily_cost() has counted of the log.
CREATE TABLE llm_admin.daily_cost_summary (
  date pg_catalog.date NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  model_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  total_cost_usd pg_catalog.numeric NOT NULL DEFAULT 0,
  total_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  total_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  unpriced_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  input_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  cached_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  cache_write_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  cache_write_1h_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  output_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  reasoning_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  list_cost_usd pg_catalog.numeric NOT NULL DEFAULT 0,
  failed_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  estimated_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  cached_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  byollm_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  CONSTRAINT daily_cost_summary_pkey PRIMARY KEY (date, tenant_id, user_id, provider, model_id)
);
CREATE INDEX idx_daily_cost_user ON llm_admin.daily_cost_summary (user_id, date);
CREATE INDEX idx_daily_cost_provider ON llm_admin.daily_cost_summary (provider, date);
CREATE INDEX idx_daily_cost_date ON llm_admin.daily_cost_summary (date);
ALTER TABLE llm_admin.daily_cost_summary ENABLE ROW LEVEL SECURITY;

-- The same by tag, of the tags that llm_admin.usage_tags names.
CREATE TABLE llm_admin.usage_daily_tags (
  date pg_catalog.date NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  tag pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  value pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  total_cost_usd pg_catalog.numeric NOT NULL DEFAULT 0,
  total_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  total_tokens pg_catalog.int8 NOT NULL DEFAULT 0,
  unpriced_requests pg_catalog.int8 NOT NULL DEFAULT 0,
  CONSTRAINT usage_daily_tags_pkey PRIMARY KEY (date, tenant_id, tag, value)
);
ALTER TABLE llm_admin.usage_daily_tags ENABLE ROW LEVEL SECURITY;

-- How far a log was read, by id: everything up to last_id but the gaps, whose writers may still be at work.
CREATE TABLE llm_admin.frontiers (
  name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  last_id pg_catalog.int8 NOT NULL DEFAULT 0,
  kept_since pg_catalog.timestamptz,  -- rows before it have left by apply_retention()
  updated_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  CONSTRAINT frontiers_pkey PRIMARY KEY (name)
);
CREATE TABLE llm_admin.frontier_gaps (
  name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  ids pg_catalog.int8range NOT NULL,
  closes_at pg_catalog.xid8 NOT NULL,  -- when every older transaction has ended
  opened_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  CONSTRAINT frontier_gaps_pkey PRIMARY KEY (name, ids),
  CONSTRAINT frontier_gaps_name_fkey FOREIGN KEY (name) REFERENCES llm_admin.frontiers (name) ON DELETE CASCADE
);

-- A dump takes the rows of all months through the default partition, and a restore puts them back there.
SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_usage_logs_default', $$WHERE false UNION ALL SELECT
id, "timestamp", user_id, model_id, provider, server_id, deployment_id, source, prompt_tokens, completion_tokens,
total_tokens, cost_usd, latency_ms, status_code, error_message, metadata, tenant_id, job_id, cached_tokens,
cache_write_tokens, cache_write_1h_tokens, reasoning_tokens, quantities, service_tier, price_id, list_cost_usd,
account_id, requested_model, served_model, operation, kind, team_id, key_id, call_id, parent_call_id, limits, attempt,
estimated, key_source, currency, tags, cost_status, request_id
FROM llm_admin.llm_usage_logs$$);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_usage_logs_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.usage_requests', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.job_usage', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.daily_cost_summary', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.usage_daily_tags', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.frontiers', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.frontier_gaps', '');
