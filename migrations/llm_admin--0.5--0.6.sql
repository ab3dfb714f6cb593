-- migrations/llm_admin--0.5--0.6.sql.in
-- Up to 0.6: models, tiers, access, usage, prices, cost, audit rows. Rooms that are new as a whole are included.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What the script needs, told in words before anything else. The library of 0.1 to 0.3 has not got the function below,
-- so it is known by a setting it lacks; one that is not loaded yet has no settings here.
SELECT pg_catalog.concat('open a new session: this one has the library of an earlier version of llm_admin loaded, ',
  'and the script needs a newer one')::pg_catalog.bool
FROM pg_catalog.pg_settings s
WHERE s.name OPERATOR(pg_catalog.=) 'llm_admin.actor'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings n WHERE n.name OPERATOR(pg_catalog.=) 'llm_admin.library_version');
CREATE FUNCTION llm_admin.check_requirements(script pg_catalog.text) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_requirements';
SELECT llm_admin.check_requirements('llm_admin--0.5--0.6.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

-- New columns of older tables, then the tables of the new rooms.
ALTER TABLE llm_admin.provider_aliases ADD COLUMN public pg_catalog.bool;
-- Accounts, model servers, installed models and deployments. Columns and indexes are the seed's, and no other index may be
-- added to these tables: what else needs one lives in a side table.

-- Accounts at vendors: several of one type are several endpoints or keys, tried in the order of metadata.priority. A type
-- is the name of a provider or another name of it; a NULL base_url is the provider's.
CREATE TABLE llm_admin.llm_providers (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  name pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  type pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  base_url pg_catalog.varchar(512),
  api_key_encrypted pg_catalog.text,
  enabled pg_catalog.bool NOT NULL DEFAULT true,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  updated_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  created_by pg_catalog.varchar(255),
  metadata pg_catalog.jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT llm_providers_pkey PRIMARY KEY (id),
  CONSTRAINT llm_providers_name_type_key UNIQUE (name, type),
  CONSTRAINT llm_providers_name_check CHECK (name::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT llm_providers_type_check CHECK (type::pg_catalog.text OPERATOR(pg_catalog.~) '^[a-z0-9_]+$'),
  CONSTRAINT llm_providers_metadata_check
    CHECK (pg_catalog.jsonb_typeof(metadata) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_providers_priority_check CHECK (
    pg_catalog.jsonb_typeof(metadata OPERATOR(pg_catalog.->) 'priority') OPERATOR(pg_catalog.=) 'number')
);
ALTER TABLE llm_admin.llm_providers ALTER COLUMN api_key_encrypted SET STATISTICS 0;
CREATE INDEX idx_llm_providers_enabled ON llm_admin.llm_providers (enabled);
CREATE INDEX idx_llm_providers_type ON llm_admin.llm_providers (type);

-- Which account, or which key of a provider or tenant, must rest, and until when: one row each, written where it changes.
-- subject is an account's id or a provider's name; a model of '' stands for all of them, a tenant of '' for the platform.
CREATE TABLE llm_admin.account_state (
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  model pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  state pg_catalog.text NOT NULL DEFAULT 'closed',
  until pg_catalog.timestamptz,
  reason pg_catalog.text,
  consecutive_failures pg_catalog.int4 NOT NULL DEFAULT 0,
  remaining_requests pg_catalog.int8,
  remaining_tokens pg_catalog.int8,
  resets_at pg_catalog.timestamptz,
  CONSTRAINT account_state_pkey PRIMARY KEY (subject, tenant_id, model),
  CONSTRAINT account_state_state_check CHECK (state IN ('closed', 'open', 'half_open')),
  CONSTRAINT account_state_until_check CHECK (state OPERATOR(pg_catalog.<>) 'open' OR until IS NOT NULL),
  CONSTRAINT account_state_failures_check CHECK (consecutive_failures OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT account_state_remaining_check
    CHECK (remaining_requests OPERATOR(pg_catalog.>=) 0 AND remaining_tokens OPERATOR(pg_catalog.>=) 0)
);
ALTER TABLE llm_admin.account_state ENABLE ROW LEVEL SECURITY;

-- Machines that run models.
CREATE TABLE llm_admin.model_servers (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  name pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  type pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  location pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL DEFAULT 'local',
  host pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  port pg_catalog.int4 NOT NULL,
  gpu_id pg_catalog.int4,
  auto_start pg_catalog.bool NOT NULL DEFAULT false,
  enabled pg_catalog.bool NOT NULL DEFAULT true,
  health_status pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL DEFAULT 'unknown',
  last_health_check pg_catalog.timestamptz,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  metadata pg_catalog.jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT model_servers_pkey PRIMARY KEY (id),
  CONSTRAINT model_servers_name_key UNIQUE (name),
  CONSTRAINT model_servers_host_port_key UNIQUE (host, port),
  CONSTRAINT model_servers_name_check CHECK (name::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT model_servers_type_check CHECK (type::pg_catalog.text IN ('ollama', 'vllm', 'lmstudio', 'llamacpp')),
  CONSTRAINT model_servers_location_check CHECK (location::pg_catalog.text IN ('local', 'remote')),
  CONSTRAINT model_servers_port_check
    CHECK (port OPERATOR(pg_catalog.>=) 1 AND port OPERATOR(pg_catalog.<=) 65535),
  CONSTRAINT model_servers_gpu_check CHECK (gpu_id OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT model_servers_health_check CHECK (
    health_status::pg_catalog.text IN ('healthy', 'degraded', 'unhealthy', 'unknown', 'online', 'offline')),
  CONSTRAINT model_servers_metadata_check CHECK (pg_catalog.jsonb_typeof(metadata) OPERATOR(pg_catalog.=) 'object')
);
CREATE INDEX idx_model_servers_health ON llm_admin.model_servers (health_status, enabled);
CREATE INDEX idx_model_servers_type ON llm_admin.model_servers (type);
CREATE INDEX idx_model_servers_location ON llm_admin.model_servers (location);

-- What a server has installed; its server never changes.
CREATE TABLE llm_admin.installed_models (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  server_id pg_catalog.uuid NOT NULL,
  model_name pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  file_path pg_catalog.text,
  size_bytes pg_catalog.int8,
  quantization pg_catalog.varchar(50),
  version pg_catalog.varchar(100) COLLATE pg_catalog."C",
  installed_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  last_used pg_catalog.timestamptz,
  metadata pg_catalog.jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT installed_models_pkey PRIMARY KEY (id),
  CONSTRAINT installed_models_server_id_model_name_version_key
    UNIQUE NULLS NOT DISTINCT (server_id, model_name, version),
  CONSTRAINT installed_models_server_id_fkey
    FOREIGN KEY (server_id) REFERENCES llm_admin.model_servers (id) ON DELETE CASCADE,
  CONSTRAINT installed_models_model_name_check CHECK (model_name::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT installed_models_size_check CHECK (size_bytes OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT installed_models_metadata_check
    CHECK (pg_catalog.jsonb_typeof(metadata) OPERATOR(pg_catalog.=) 'object')
);
CREATE INDEX idx_installed_models_server ON llm_admin.installed_models (server_id);
CREATE INDEX idx_installed_models_name ON llm_admin.installed_models (model_name);
CREATE INDEX idx_installed_models_last_used ON llm_admin.installed_models (last_used DESC NULLS LAST);

-- Running instances of installed models, each on its model's server.
CREATE TABLE llm_admin.model_deployments (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  server_id pg_catalog.uuid NOT NULL,
  model_id pg_catalog.uuid NOT NULL,
  alias pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  status pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL DEFAULT 'loading',
  context_length pg_catalog.int4 NOT NULL DEFAULT 2048,
  gpu_layers pg_catalog.int4,
  batch_size pg_catalog.int4,
  vram_usage_mb pg_catalog.int4,
  tokens_per_sec pg_catalog.numeric(10,2),
  started_at pg_catalog.timestamptz,
  stopped_at pg_catalog.timestamptz,
  metadata pg_catalog.jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT model_deployments_pkey PRIMARY KEY (id),
  CONSTRAINT model_deployments_server_id_alias_key UNIQUE (server_id, alias),
  CONSTRAINT model_deployments_server_id_fkey
    FOREIGN KEY (server_id) REFERENCES llm_admin.model_servers (id) ON DELETE CASCADE,
  CONSTRAINT model_deployments_model_id_fkey
    FOREIGN KEY (model_id) REFERENCES llm_admin.installed_models (id) ON DELETE CASCADE,
  CONSTRAINT model_deployments_alias_check CHECK (alias::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT model_deployments_status_check
    CHECK (status::pg_catalog.text IN ('loading', 'running', 'stopped', 'error')),
  CONSTRAINT model_deployments_context_check CHECK (context_length OPERATOR(pg_catalog.>) 0),
  CONSTRAINT model_deployments_layers_check CHECK (gpu_layers OPERATOR(pg_catalog.>=) '-1'::pg_catalog.int4),
  CONSTRAINT model_deployments_batch_check CHECK (batch_size OPERATOR(pg_catalog.>) 0),
  CONSTRAINT model_deployments_vram_check CHECK (vram_usage_mb OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT model_deployments_tokens_check CHECK (tokens_per_sec OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric),
  CONSTRAINT model_deployments_metadata_check
    CHECK (pg_catalog.jsonb_typeof(metadata) OPERATOR(pg_catalog.=) 'object')
);
CREATE INDEX idx_deployments_server ON llm_admin.model_deployments (server_id, status);
CREATE INDEX idx_deployments_model ON llm_admin.model_deployments (model_id);
CREATE INDEX idx_deployments_alias ON llm_admin.model_deployments (alias);
CREATE INDEX idx_deployments_status ON llm_admin.model_deployments (status);

-- What sessions keep of some tables is keyed by these rows: one a subject, bumped by the statement that writes there.
-- A row and not a sequence, since it must be seen together with what was written. Not dumped: a restore bumps them anew.
CREATE TABLE llm_admin.cache_versions (
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  version pg_catalog.int8 NOT NULL,
  CONSTRAINT cache_versions_pkey PRIMARY KEY (subject)
) WITH (fillfactor = 10);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_providers', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.account_state', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_servers', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.installed_models', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_deployments', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.cache_versions', 'WHERE false');
-- Who may use which model: tiers and their rules, explicit permissions, and the names of models.

-- Plans that users are on.
CREATE TABLE llm_admin.tiers (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  display_name pg_catalog.varchar(255) NOT NULL,
  price_usd pg_catalog.numeric,
  billing_period pg_catalog.text,
  quota_requests pg_catalog.int8,
  quota_period pg_catalog.text,
  quota_scope pg_catalog.text NOT NULL DEFAULT 'user',
  sort_order pg_catalog.int4 NOT NULL DEFAULT 0,
  CONSTRAINT tiers_pkey PRIMARY KEY (id),
  CONSTRAINT tiers_tier_code_key UNIQUE (tier_code),
  CONSTRAINT tiers_tier_code_check CHECK (tier_code::pg_catalog.text OPERATOR(pg_catalog.~) '^[a-z0-9_-]+$'),
  CONSTRAINT tiers_price_check CHECK (price_usd OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric),
  CONSTRAINT tiers_billing_period_check CHECK (billing_period IN ('day', 'week', 'month', 'year')),
  CONSTRAINT tiers_quota_check CHECK (
    quota_requests OPERATOR(pg_catalog.>=) 0
    AND (quota_requests IS NULL) OPERATOR(pg_catalog.=) (quota_period IS NULL)),
  CONSTRAINT tiers_quota_period_check CHECK (quota_period IN ('hour', 'day', 'week', 'month', 'year')),
  CONSTRAINT tiers_quota_scope_check CHECK (quota_scope IN ('user', 'tenant'))
);

-- Which tier a user is on; a user of '' stands for all of the tenant's. Where nobody writes here, the caller's word counts.
CREATE TABLE llm_admin.user_tiers (
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  valid_until pg_catalog.timestamptz,
  CONSTRAINT user_tiers_pkey PRIMARY KEY (tenant_id, user_id, valid_from),
  CONSTRAINT user_tiers_tier_code_fkey FOREIGN KEY (tier_code) REFERENCES llm_admin.tiers (tier_code),
  CONSTRAINT user_tiers_valid_check CHECK (valid_until OPERATOR(pg_catalog.>) valid_from)
);
ALTER TABLE llm_admin.user_tiers ENABLE ROW LEVEL SECURITY;

-- What a tier may use, by globs over canonical names. The columns are the seed's.
CREATE TABLE llm_admin.tier_model_rules (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  model_pattern pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  allowed pg_catalog.bool NOT NULL DEFAULT true,
  max_requests_per_day pg_catalog.int4,
  max_context_length pg_catalog.int4,
  priority pg_catalog.int4 NOT NULL DEFAULT 0,
  CONSTRAINT tier_model_rules_pkey PRIMARY KEY (id),
  CONSTRAINT tier_model_rules_tier_code_model_pattern_key UNIQUE (tier_code, model_pattern),
  CONSTRAINT tier_model_rules_tier_code_fkey FOREIGN KEY (tier_code) REFERENCES llm_admin.tiers (tier_code),
  CONSTRAINT tier_model_rules_pattern_check CHECK (model_pattern::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT tier_model_rules_requests_check CHECK (max_requests_per_day OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT tier_model_rules_context_check CHECK (max_context_length OPERATOR(pg_catalog.>=) 0)
);
CREATE INDEX idx_tier_rules_tier ON llm_admin.tier_model_rules (tier_code);
CREATE INDEX idx_tier_rules_pattern ON llm_admin.tier_model_rules (model_pattern);

-- Explicit permissions for one model by its canonical name. The columns are the seed's. A tenant's user is
-- 'tenant/user'.
CREATE TABLE llm_admin.model_permissions (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  model_id pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  access_type pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  access_value pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  allowed pg_catalog.bool NOT NULL DEFAULT true,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  created_by pg_catalog.varchar(255),
  CONSTRAINT model_permissions_pkey PRIMARY KEY (id),
  CONSTRAINT model_permissions_model_id_access_type_access_value_key UNIQUE (model_id, access_type, access_value),
  CONSTRAINT model_permissions_model_id_check CHECK (model_id::pg_catalog.text OPERATOR(pg_catalog.~) '^[^*?]+$'),
  CONSTRAINT model_permissions_access_type_check
    CHECK (access_type::pg_catalog.text IN ('user', 'role', 'tier', 'agent')),
  CONSTRAINT model_permissions_access_value_check CHECK (access_value::pg_catalog.text OPERATOR(pg_catalog.<>) '')
);
CREATE INDEX idx_permissions_model ON llm_admin.model_permissions (model_id);
CREATE INDEX idx_permissions_access ON llm_admin.model_permissions (access_type, access_value);
CREATE INDEX idx_permissions_lookup ON llm_admin.model_permissions (model_id, access_type, access_value);

-- Other names of models, and what they are called in rules and prices. The text of the pattern's one * goes where
-- canonical has its own.
CREATE TABLE llm_admin.model_aliases (
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  pattern pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  canonical pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  priority pg_catalog.int4 NOT NULL DEFAULT 0,
  source pg_catalog.text NOT NULL DEFAULT 'manual',
  CONSTRAINT model_aliases_pkey PRIMARY KEY (provider, pattern),
  CONSTRAINT model_aliases_provider_check
    CHECK (pg_catalog.octet_length(provider) OPERATOR(pg_catalog.<=) 255 AND provider OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT model_aliases_pattern_check CHECK (
    pattern OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(pattern) OPERATOR(pg_catalog.<=) 255
    AND pattern OPERATOR(pg_catalog.!~) '[*].*[*]'),
  CONSTRAINT model_aliases_canonical_check CHECK (
    canonical OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(canonical) OPERATOR(pg_catalog.<=) 255
    AND canonical OPERATOR(pg_catalog.!~) '[*].*[*]'
    AND (pg_catalog.strpos(canonical, '*') OPERATOR(pg_catalog.=) 0
         OR pg_catalog.strpos(pattern, '*') OPERATOR(pg_catalog.>) 0))
);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.tiers', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.user_tiers', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.tier_model_rules', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_permissions', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_aliases', '');
-- What a model costs now, by its canonical id; the columns of the seed and the rates besides. input_price_per_1k and
-- output_price_per_1k are the rates of the bare meters input and output, which do not stand in rates.
CREATE TABLE llm_admin.model_pricing (
  model_id pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  provider pg_catalog.varchar(100) COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  input_price_per_1k pg_catalog.numeric,
  output_price_per_1k pg_catalog.numeric,
  currency pg_catalog.varchar(3) COLLATE pg_catalog."C" NOT NULL DEFAULT 'USD',
  last_updated pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  source pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL DEFAULT 'manual',
  rates pg_catalog.jsonb NOT NULL DEFAULT '{}',
  max_input_tokens pg_catalog.int4,
  max_output_tokens pg_catalog.int4,
  deprecated_at pg_catalog.timestamptz,
  price_id pg_catalog.int8,
  CONSTRAINT model_pricing_pkey PRIMARY KEY (model_id),
  CONSTRAINT model_pricing_model_id_check CHECK (model_id::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT model_pricing_currency_check CHECK (currency::pg_catalog.text OPERATOR(pg_catalog.~) '^[A-Z]{3}$'),
  CONSTRAINT model_pricing_source_check
    CHECK (source::pg_catalog.text IN ('manual', 'provider_api', 'openrouter', 'import')),
  CONSTRAINT model_pricing_input_price_check CHECK (input_price_per_1k OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT model_pricing_output_price_check CHECK (output_price_per_1k OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT model_pricing_rates_check CHECK (pg_catalog.jsonb_typeof(rates) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT model_pricing_max_input_tokens_check CHECK (max_input_tokens OPERATOR(pg_catalog.>) 0),
  CONSTRAINT model_pricing_max_output_tokens_check CHECK (max_output_tokens OPERATOR(pg_catalog.>) 0)
);
CREATE INDEX idx_pricing_provider ON llm_admin.model_pricing (provider);
CREATE INDEX idx_pricing_updated ON llm_admin.model_pricing (last_updated);

-- Every price that there was: it holds until the next one of its model begins, so no two overlap. All rates, those of
-- the columns above too; NULL: withdrawn. Rows never change.
CREATE SEQUENCE llm_admin.model_price_history_price_id_seq AS pg_catalog.int8;
CREATE TABLE llm_admin.model_price_history (
  model_id pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL,
  price_id pg_catalog.int8 NOT NULL
    DEFAULT pg_catalog.nextval('llm_admin.model_price_history_price_id_seq'::pg_catalog.regclass),
  rates pg_catalog.jsonb,
  currency pg_catalog.varchar(3) COLLATE pg_catalog."C" NOT NULL DEFAULT 'USD',
  source pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  changed_by pg_catalog.varchar(255) NOT NULL,
  recorded_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  CONSTRAINT model_price_history_pkey PRIMARY KEY (model_id, valid_from),
  CONSTRAINT model_price_history_price_id_key UNIQUE (price_id),
  CONSTRAINT model_price_history_currency_check CHECK (currency::pg_catalog.text OPERATOR(pg_catalog.~) '^[A-Z]{3}$'),
  CONSTRAINT model_price_history_rates_check CHECK (pg_catalog.jsonb_typeof(rates) OPERATOR(pg_catalog.=) 'object')
);
ALTER SEQUENCE llm_admin.model_price_history_price_id_seq OWNED BY llm_admin.model_price_history.price_id;

-- What a unit of a currency is worth in US dollars, until its next row. Nothing is fetched.
CREATE TABLE llm_admin.exchange_rates (
  currency pg_catalog.varchar(3) COLLATE pg_catalog."C" NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL,
  usd pg_catalog.numeric NOT NULL,
  CONSTRAINT exchange_rates_pkey PRIMARY KEY (currency, valid_from),
  CONSTRAINT exchange_rates_currency_check
    CHECK (currency::pg_catalog.text OPERATOR(pg_catalog.~) '^[A-Z]{3}$' AND currency::pg_catalog.text OPERATOR(pg_catalog.<>) 'USD'),
  CONSTRAINT exchange_rates_usd_check
    CHECK (usd OPERATOR(pg_catalog.>) 0 AND usd OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric)
);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_pricing', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_price_history', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_price_history_price_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.exchange_rates', '');
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
  CONSTRAINT frontier_gaps_pkey PRIMARY KEY (name, ids)  -- no foreign key: a load fills tables in any order
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
-- Who changed what, by month. The first nine columns are the seed's. Nobody has INSERT: rows are written by
-- store/audit alone, as the owner. `leaf` is what a later block vouches for (core/audit/leaf.hpp); `commitment` ties the
-- payload to it, and stays when the payload is erased. `xid` is for whoever looks: it is not in the leaf.
-- No index but these may be added, and no CHECK: the server would make it ready anew for each row.
CREATE TABLE llm_admin.audit_log (
  id pg_catalog.int8 NOT NULL,
  "timestamp" pg_catalog.timestamptz NOT NULL,
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  action_type pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  resource_type pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  resource_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  details pg_catalog.jsonb NOT NULL DEFAULT '{}',
  ip_address pg_catalog.inet,
  user_agent pg_catalog.text,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  session_user_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  xid pg_catalog.xid8 NOT NULL,
  commitment pg_catalog.bytea,
  leaf pg_catalog.bytea NOT NULL,
  CONSTRAINT audit_log_pkey PRIMARY KEY (id, "timestamp")  -- the frontier reads by id
) PARTITION BY RANGE ("timestamp");
CREATE SEQUENCE llm_admin.audit_log_id_seq AS pg_catalog.int8 CACHE 1 OWNED BY llm_admin.audit_log.id;
CREATE INDEX idx_audit_user ON llm_admin.audit_log (user_id);
CREATE INDEX idx_audit_resource ON llm_admin.audit_log (resource_type, resource_id);
CREATE INDEX idx_audit_timestamp ON llm_admin.audit_log ("timestamp");
CREATE INDEX idx_audit_action ON llm_admin.audit_log (action_type);
-- Months are made by maintain_partitions(), beside this one, which takes what has none.
CREATE TABLE llm_admin.audit_log_default PARTITION OF llm_admin.audit_log DEFAULT;
ALTER TABLE llm_admin.audit_log ENABLE ROW LEVEL SECURITY;

-- The columns that changed, before and after. Apart from the log, so that a payload can be erased and the log still
-- holds: the salt goes with it, and nothing can be guessed from the commitment.
CREATE TABLE llm_admin.audit_payloads (
  audit_id pg_catalog.int8 NOT NULL,
  audit_time pg_catalog.timestamptz NOT NULL,
  salt pg_catalog.bytea NOT NULL,
  old pg_catalog.jsonb,
  new pg_catalog.jsonb,
  CONSTRAINT audit_payloads_pkey PRIMARY KEY (audit_time, audit_id)
) PARTITION BY RANGE (audit_time);
CREATE TABLE llm_admin.audit_payloads_default PARTITION OF llm_admin.audit_payloads DEFAULT;
ALTER TABLE llm_admin.audit_payloads ENABLE ROW LEVEL SECURITY;

-- What vouches for rows of llm_provider_config_history, which keeps its own books: an id among those of the log, and the
-- leaf. Beside it, since provider_history() returns that table's rows. Rows of before 0.6 have none.
CREATE TABLE llm_admin.provider_history_leaves (
  history_id pg_catalog.uuid NOT NULL,
  audit_id pg_catalog.int8 NOT NULL,
  leaf pg_catalog.bytea NOT NULL,
  CONSTRAINT provider_history_leaves_pkey PRIMARY KEY (audit_id)
);

-- A dump takes the rows of all months through the default partition, and a restore puts them back there.
SELECT pg_catalog.pg_extension_config_dump('llm_admin.audit_log_default', $$WHERE false UNION ALL SELECT
id, "timestamp", user_id, action_type, resource_type, resource_id, details, ip_address, user_agent, tenant_id,
session_user_name, xid, commitment, leaf
FROM llm_admin.audit_log$$);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.audit_log_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.audit_payloads_default', $$WHERE false UNION ALL SELECT
audit_id, audit_time, salt, old, new
FROM llm_admin.audit_payloads$$);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.provider_history_leaves', '');

CREATE FUNCTION llm_admin.install_model(
  server pg_catalog.text, model pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.uuid
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_install_model';

CREATE FUNCTION llm_admin.deploy_model(
  server pg_catalog.text, model pg_catalog.text, alias pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.uuid
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_deploy_model';

CREATE FUNCTION llm_admin.stop_deployment(server pg_catalog.text, alias pg_catalog.text)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_stop_deployment';

CREATE FUNCTION llm_admin.record_server_health(
  server pg_catalog.text, status pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_server_health';

CREATE FUNCTION llm_admin.lock_accounts() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_lock_accounts';

CREATE FUNCTION llm_admin.validate_account() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_account';

CREATE FUNCTION llm_admin.validate_installed_model() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_installed_model';

CREATE FUNCTION llm_admin.validate_deployment() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_deployment';

CREATE FUNCTION llm_admin.cache_changed() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_cache_changed';

CREATE FUNCTION llm_admin.load_in_any_order() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_load_in_any_order';

CREATE FUNCTION llm_admin.canonical_model(
  provider pg_catalog.text, model pg_catalog.text, OUT canonical pg_catalog.text, OUT matched_by pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_canonical_model';

CREATE FUNCTION llm_admin.check_model_access(
  tier pg_catalog.text, model pg_catalog.text, user_id pg_catalog.text DEFAULT NULL::pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, provider pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT rule_id pg_catalog.uuid,
  OUT permission_id pg_catalog.uuid, OUT canonical_model pg_catalog.text, OUT max_requests_per_day pg_catalog.int4,
  OUT max_context_length pg_catalog.int4, OUT note pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_check_model_access';

CREATE FUNCTION llm_admin.grant_model(
  access_type pg_catalog.text, access_value pg_catalog.text, model pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT permission_id pg_catalog.uuid, OUT canonical_model pg_catalog.text, OUT allowed pg_catalog.bool,
  OUT outcome pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_grant_model';

CREATE FUNCTION llm_admin.revoke_model(
  access_type pg_catalog.text, access_value pg_catalog.text, model pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_revoke_model';

CREATE FUNCTION llm_admin.tier_consistency(
  OUT model pg_catalog.text, OUT lower_tier pg_catalog.text, OUT lower_pattern pg_catalog.text,
  OUT higher_tier pg_catalog.text, OUT higher_pattern pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_tier_consistency';

CREATE FUNCTION llm_admin.shipped_tiers()
  RETURNS TABLE (
    tier_code pg_catalog.text, display_name pg_catalog.text, price_usd pg_catalog.numeric,
    billing_period pg_catalog.text, quota_requests pg_catalog.int8, quota_period pg_catalog.text,
    quota_scope pg_catalog.text, sort_order pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'llm_admin_shipped_tiers';

CREATE FUNCTION llm_admin.shipped_tier_rules()
  RETURNS TABLE (
    tier_code pg_catalog.text, model_pattern pg_catalog.text, allowed pg_catalog.bool,
    max_requests_per_day pg_catalog.int4, max_context_length pg_catalog.int4, priority pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 50 AS 'MODULE_PATHNAME', 'llm_admin_shipped_tier_rules';

CREATE FUNCTION llm_admin.shipped_model_aliases()
  RETURNS TABLE (
    provider pg_catalog.text, pattern pg_catalog.text, canonical pg_catalog.text, priority pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 1 AS 'MODULE_PATHNAME', 'llm_admin_shipped_model_aliases';

CREATE FUNCTION llm_admin.seed_tiers()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 56
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed_tiers');
    WITH tiers AS (
      INSERT INTO llm_admin.tiers AS t (
        tier_code, display_name, price_usd, billing_period, quota_requests, quota_period, quota_scope, sort_order)
      SELECT s.tier_code, s.display_name, s.price_usd, s.billing_period, s.quota_requests, s.quota_period,
             s.quota_scope, s.sort_order
      FROM llm_admin.shipped_tiers() s
      ON CONFLICT (tier_code) DO NOTHING
      RETURNING t.tier_code::pg_catalog.text AS name
    ), rules AS (
      INSERT INTO llm_admin.tier_model_rules AS r (
        tier_code, model_pattern, allowed, max_requests_per_day, max_context_length, priority)
      SELECT s.tier_code, s.model_pattern, s.allowed, s.max_requests_per_day, s.max_context_length, s.priority
      FROM (SELECT pg_catalog.count(*) FROM tiers) AS before CROSS JOIN llm_admin.shipped_tier_rules() s
      ON CONFLICT (tier_code, model_pattern) DO NOTHING
      RETURNING r.tier_code::pg_catalog.text AS name, r.model_pattern::pg_catalog.text AS pattern
    ), aliases AS (
      INSERT INTO llm_admin.model_aliases AS m (provider, pattern, canonical, priority, source)
      SELECT s.provider, s.pattern, s.canonical, s.priority, 'shipped'
      FROM llm_admin.shipped_model_aliases() s
      ON CONFLICT (provider, pattern) DO NOTHING
      RETURNING m.provider AS name, m.pattern
    ), items AS (
      SELECT 1 AS part, s.ordinality, pg_catalog.concat('tier ', s.tier_code) AS item, a.name IS NOT NULL AS is_new
      FROM llm_admin.shipped_tiers() WITH ORDINALITY AS s
      LEFT JOIN tiers a ON a.name OPERATOR(pg_catalog.=) s.tier_code COLLATE pg_catalog."C"
      UNION ALL
      SELECT 2, s.ordinality, pg_catalog.concat('rule ', s.tier_code, ' ', s.model_pattern), a.name IS NOT NULL
      FROM llm_admin.shipped_tier_rules() WITH ORDINALITY AS s
      LEFT JOIN rules a ON a.name OPERATOR(pg_catalog.=) s.tier_code COLLATE pg_catalog."C"
        AND a.pattern OPERATOR(pg_catalog.=) s.model_pattern COLLATE pg_catalog."C"
      UNION ALL
      SELECT 3, s.ordinality, pg_catalog.concat('model alias ', s.provider, ' ', s.pattern), a.name IS NOT NULL
      FROM llm_admin.shipped_model_aliases() WITH ORDINALITY AS s
      LEFT JOIN aliases a ON a.name OPERATOR(pg_catalog.=) s.provider COLLATE pg_catalog."C"
        AND a.pattern OPERATOR(pg_catalog.=) s.pattern COLLATE pg_catalog."C"
    )
    SELECT i.item, CASE WHEN i.is_new THEN 'added' ELSE 'already there' END
    FROM items i
    ORDER BY i.part, i.ordinality;
  END;

CREATE FUNCTION llm_admin.validate_tier_rule() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_tier_rule';

CREATE FUNCTION llm_admin.set_model_price(
  model_id pg_catalog.text, rates pg_catalog.jsonb, valid_from pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT change pg_catalog.text, OUT price_id pg_catalog.int8, OUT holds_from pg_catalog.timestamptz,
  OUT holds_until pg_catalog.timestamptz, OUT days_priced_otherwise pg_catalog._date)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_set_model_price';

CREATE FUNCTION llm_admin.import_model_prices(
  data pg_catalog.jsonb, format pg_catalog.text DEFAULT 'litellm'::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT model pg_catalog.text, OUT change pg_catalog.text, OUT old pg_catalog.text, OUT new pg_catalog.text,
  OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1000 AS 'MODULE_PATHNAME', 'llm_admin_import_model_prices';

CREATE FUNCTION llm_admin.explain_cost(
  usage_id pg_catalog.int8,
  OUT meter pg_catalog.text, OUT quantity pg_catalog.numeric, OUT rate pg_catalog.text, OUT price pg_catalog.numeric,
  OUT per pg_catalog.int4, OUT multiplier pg_catalog.numeric, OUT currency pg_catalog.text, OUT cost pg_catalog.numeric,
  OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 5 AS 'MODULE_PATHNAME', 'llm_admin_explain_cost';

CREATE FUNCTION llm_admin.reprice(
  since pg_catalog.timestamptz, until pg_catalog.timestamptz, model pg_catalog.text DEFAULT '*'::pg_catalog.text,
  dry_run pg_catalog.bool DEFAULT true,
  OUT date pg_catalog.date, OUT model_id pg_catalog.text, OUT rows pg_catalog.int8, OUT old_cost pg_catalog.numeric,
  OUT new_cost pg_catalog.numeric)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 30 AS 'MODULE_PATHNAME', 'llm_admin_reprice';

CREATE FUNCTION llm_admin.unpriced_models(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  until pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  OUT provider pg_catalog.text, OUT model_id pg_catalog.text, OUT requested_model pg_catalog.text,
  OUT requests pg_catalog.int8, OUT total_tokens pg_catalog.int8, OUT first_at pg_catalog.timestamptz,
  OUT last_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    SELECT l.provider, l.model_id, l.requested_model, pg_catalog.count(*),
           COALESCE(pg_catalog.sum(l.total_tokens), 0)::pg_catalog.int8,
           pg_catalog.min(l."timestamp"), pg_catalog.max(l."timestamp")
    FROM llm_admin.llm_usage_logs l
    WHERE l."timestamp" OPERATOR(pg_catalog.>=)
            COALESCE(since, pg_catalog.date_trunc('month', pg_catalog.statement_timestamp(), 'UTC'))
      AND l."timestamp" OPERATOR(pg_catalog.<) COALESCE(until, 'infinity')
      AND l.cost_status OPERATOR(pg_catalog.=) 'unpriced' AND l.kind OPERATOR(pg_catalog.<>) 'correction'
    GROUP BY l.provider, l.model_id, l.requested_model
    ORDER BY 4 DESC, 1, 2, 3;
  END;

CREATE FUNCTION llm_admin.shipped_prices()
  RETURNS TABLE (
    model_id pg_catalog.text, rates pg_catalog.jsonb, valid_from pg_catalog.timestamptz, source pg_catalog.text,
    max_input_tokens pg_catalog.int4, max_output_tokens pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 55 AS 'MODULE_PATHNAME', 'llm_admin_shipped_prices';

CREATE FUNCTION llm_admin.seed_prices()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 55 AS 'MODULE_PATHNAME', 'llm_admin_seed_prices';

CREATE FUNCTION llm_admin.check_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_model_price';

CREATE FUNCTION llm_admin.record_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_model_price';

CREATE FUNCTION llm_admin.refuse_price_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_change';

CREATE FUNCTION llm_admin.refuse_price_truncate() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_truncate';

CREATE FUNCTION llm_admin.next_usage_id() RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_next_usage_id';

CREATE FUNCTION llm_admin.row_tenant() RETURNS pg_catalog.text
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_row_tenant';

CREATE FUNCTION llm_admin.sees_all_tenants() RETURNS pg_catalog.bool
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_sees_all_tenants';

CREATE FUNCTION llm_admin.maintain_partitions(
  OUT log pg_catalog.text, OUT month pg_catalog.text, OUT partition_name pg_catalog.text, OUT outcome pg_catalog.text,
  OUT moved_rows pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 12 AS 'MODULE_PATHNAME', 'llm_admin_maintain_partitions';

CREATE FUNCTION llm_admin.roll_up_daily_cost(
  OUT counted_rows pg_catalog.int8, OUT days pg_catalog.int8, OUT open_gaps pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_roll_up_daily_cost';

CREATE FUNCTION llm_admin.complete_usage() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_complete_usage';

CREATE FUNCTION llm_admin.refuse_usage_truncate() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_usage_truncate';

CREATE FUNCTION llm_admin.record_usage(
  provider pg_catalog.text, model pg_catalog.text, usage pg_catalog.jsonb,
  user_id pg_catalog.text DEFAULT '', tenant_id pg_catalog.text DEFAULT '',
  request_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}',
  OUT id pg_catalog.int8, OUT cost_usd pg_catalog.numeric, OUT cost_status pg_catalog.text,
  OUT duplicate pg_catalog.bool, OUT price_id pg_catalog.int8, OUT note pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_usage';

CREATE FUNCTION llm_admin.record_usage_batch(
  calls pg_catalog.jsonb, options pg_catalog.jsonb DEFAULT '{}',
  OUT place pg_catalog.int4, OUT id pg_catalog.int8, OUT cost_usd pg_catalog.numeric,
  OUT cost_status pg_catalog.text, OUT duplicate pg_catalog.bool, OUT price_id pg_catalog.int8,
  OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_record_usage_batch';

CREATE FUNCTION llm_admin.cost_summary(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  until pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  group_by pg_catalog.text[] DEFAULT '{}', options pg_catalog.jsonb DEFAULT '{}',
  OUT date pg_catalog.date, OUT tenant_id pg_catalog.text, OUT user_id pg_catalog.text, OUT provider pg_catalog.text,
  OUT model_id pg_catalog.text, OUT cost_usd pg_catalog.numeric, OUT list_cost_usd pg_catalog.numeric,
  OUT requests pg_catalog.int8, OUT unpriced_requests pg_catalog.int8, OUT failed_requests pg_catalog.int8,
  OUT estimated_requests pg_catalog.int8, OUT cached_requests pg_catalog.int8, OUT byollm_requests pg_catalog.int8,
  OUT input_tokens pg_catalog.int8, OUT cached_tokens pg_catalog.int8, OUT cache_write_tokens pg_catalog.int8,
  OUT cache_write_1h_tokens pg_catalog.int8, OUT output_tokens pg_catalog.int8, OUT reasoning_tokens pg_catalog.int8,
  OUT total_tokens pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_cost_summary';

CREATE FUNCTION llm_admin.cost_today(
  options pg_catalog.jsonb DEFAULT '{}',
  OUT cost_usd pg_catalog.numeric, OUT list_cost_usd pg_catalog.numeric, OUT requests pg_catalog.int8,
  OUT unpriced_requests pg_catalog.int8, OUT total_tokens pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE
  BEGIN ATOMIC
    SELECT COALESCE(pg_catalog.sum(s.cost_usd), 0), COALESCE(pg_catalog.sum(s.list_cost_usd), 0),
           COALESCE(pg_catalog.sum(s.requests), 0)::pg_catalog.int8,
           COALESCE(pg_catalog.sum(s.unpriced_requests), 0)::pg_catalog.int8,
           COALESCE(pg_catalog.sum(s.total_tokens), 0)::pg_catalog.int8
    FROM llm_admin.cost_summary(
      pg_catalog.date_trunc('day', pg_catalog.statement_timestamp(),
        COALESCE(options OPERATOR(pg_catalog.->>) 'zone', 'UTC')), NULL, '{}', options) s;
  END;

CREATE FUNCTION llm_admin.verify_rollup(
  since pg_catalog.date DEFAULT NULL::pg_catalog.date, until pg_catalog.date DEFAULT NULL::pg_catalog.date,
  OUT date pg_catalog.date, OUT differing_rows pg_catalog.int8, OUT booked_cost_usd pg_catalog.numeric,
  OUT counted_cost_usd pg_catalog.numeric, OUT booked_requests pg_catalog.int8, OUT counted_requests pg_catalog.int8,
  OUT booked_tokens pg_catalog.int8, OUT counted_tokens pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 10 AS 'MODULE_PATHNAME', 'llm_admin_verify_rollup';

CREATE FUNCTION llm_admin.apply_retention(
  options pg_catalog.jsonb DEFAULT '{}',
  OUT item pg_catalog.text, OUT outcome pg_catalog.text, OUT affected_rows pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'llm_admin_apply_retention';

CREATE FUNCTION llm_admin.metrics(
  OUT name pg_catalog.text, OUT labels pg_catalog.jsonb, OUT value pg_catalog.numeric, OUT help pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 50 AS 'MODULE_PATHNAME', 'llm_admin_metrics';

CREATE FUNCTION llm_admin.book_correction(
  provider pg_catalog.text, model pg_catalog.text, amounts pg_catalog.jsonb, options pg_catalog.jsonb DEFAULT '{}')
  RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_book_correction';

CREATE FUNCTION llm_admin.reconcile(
  provider pg_catalog.text, month pg_catalog.date, invoice pg_catalog.jsonb,
  OUT model_id pg_catalog.text, OUT class pg_catalog.text, OUT invoiced pg_catalog.numeric,
  OUT booked pg_catalog.numeric, OUT difference pg_catalog.numeric, OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    WITH book AS (
      SELECT s.model_id, v.class, v.amount
      FROM llm_admin.cost_summary(
        pg_catalog.timezone('UTC', pg_catalog.date_trunc('month', reconcile.month::pg_catalog.timestamp)),
        pg_catalog.timezone('UTC', pg_catalog.date_trunc('month', reconcile.month::pg_catalog.timestamp)
          OPERATOR(pg_catalog.+) '1 month'::pg_catalog.interval),
        '{model}', pg_catalog.jsonb_build_object('provider', reconcile.provider)) s
      CROSS JOIN LATERAL (VALUES
        ('cost_usd', s.cost_usd), ('list_cost_usd', s.list_cost_usd), ('requests', s.requests::pg_catalog.numeric),
        ('input_tokens', s.input_tokens::pg_catalog.numeric), ('cached_tokens', s.cached_tokens::pg_catalog.numeric),
        ('cache_write_tokens', s.cache_write_tokens::pg_catalog.numeric),
        ('cache_write_1h_tokens', s.cache_write_1h_tokens::pg_catalog.numeric),
        ('output_tokens', s.output_tokens::pg_catalog.numeric),
        ('reasoning_tokens', s.reasoning_tokens::pg_catalog.numeric),
        ('total_tokens', s.total_tokens::pg_catalog.numeric)) AS v (class, amount)
    ), billed AS (
      SELECT COALESCE((SELECT c.canonical FROM llm_admin.canonical_model(reconcile.provider, l.line OPERATOR(pg_catalog.->>) 'model') c), '') AS model_id,
             COALESCE(l.line OPERATOR(pg_catalog.->>) 'class', 'cost_usd') AS class,
             pg_catalog.sum((l.line OPERATOR(pg_catalog.->>) 'amount')::pg_catalog.numeric) AS amount
      FROM pg_catalog.jsonb_array_elements(COALESCE(invoice OPERATOR(pg_catalog.->) 'lines', '[]')) AS l (line)
      GROUP BY 1, 2
    ), compared AS (
      SELECT COALESCE(i.model_id, b.model_id) AS model_id, COALESCE(i.class, b.class) AS class, i.amount AS invoiced,
             b.amount AS booked
      FROM billed i
      FULL JOIN (SELECT k.* FROM book k WHERE k.class IN (SELECT c.class FROM billed c) AND k.amount OPERATOR(pg_catalog.<>) 0::pg_catalog.numeric) b
        ON b.model_id OPERATOR(pg_catalog.=) i.model_id COLLATE "C" AND b.class OPERATOR(pg_catalog.=) i.class
      UNION ALL
      SELECT NULL AS model_id, 'cost_usd' AS class,
             (invoice OPERATOR(pg_catalog.->>) 'total_usd')::pg_catalog.numeric AS invoiced,
             (SELECT COALESCE(pg_catalog.sum(k.amount), 0) FROM book k WHERE k.class OPERATOR(pg_catalog.=) 'cost_usd') AS booked
      WHERE pg_catalog.jsonb_exists(invoice, 'total_usd')
    )
    SELECT c.model_id, c.class, c.invoiced, c.booked,
           COALESCE(c.invoiced, 0) OPERATOR(pg_catalog.-) COALESCE(c.booked, 0),
           CASE
             WHEN c.booked IS NULL AND c.class NOT IN (SELECT k.class FROM book k) AND EXISTS (SELECT FROM book k) THEN 'no such class'
             WHEN c.booked IS NULL THEN 'not in the book'
             WHEN c.invoiced IS NULL THEN 'not on the invoice'
             WHEN c.invoiced OPERATOR(pg_catalog.=) c.booked THEN 'equal'
             WHEN c.model_id IS NULL THEN 'total'
             ELSE 'differs'
           END
    FROM compared c
    ORDER BY c.model_id NULLS LAST, c.class;
  END;

CREATE FUNCTION llm_admin.cost_anomalies(
  since pg_catalog.date DEFAULT NULL::pg_catalog.date,
  OUT date pg_catalog.date, OUT subject pg_catalog.text, OUT model_id pg_catalog.text, OUT cost_usd pg_catalog.numeric,
  OUT usual_usd pg_catalog.numeric, OUT factor pg_catalog.numeric, OUT likely_cause pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    WITH daily AS (
      SELECT d.date, d.tenant_id, d.model_id, pg_catalog.sum(d.total_cost_usd) AS cost,
             pg_catalog.sum(d.total_requests) AS requests, pg_catalog.sum(d.total_tokens) AS tokens,
             pg_catalog.sum(d.input_tokens) AS input, pg_catalog.sum(d.cached_tokens) AS cached
      FROM llm_admin.daily_cost_summary d
      WHERE d.date OPERATOR(pg_catalog.>=) (COALESCE(since, (pg_catalog.timezone('UTC', pg_catalog.statement_timestamp())::pg_catalog.date OPERATOR(pg_catalog.-) 7)) OPERATOR(pg_catalog.-) 28)
      GROUP BY d.date, d.tenant_id, d.model_id
    ), before AS (
      SELECT d.*,
             pg_catalog.avg(d.cost) OVER w AS usual_cost, pg_catalog.avg(d.requests) OVER w AS usual_requests,
             pg_catalog.sum(d.cost) OVER w AS cost_before, pg_catalog.sum(d.tokens) OVER w AS tokens_before,
             pg_catalog.sum(d.requests) OVER w AS requests_before, pg_catalog.sum(d.input) OVER w AS input_before,
             pg_catalog.sum(d.cached) OVER w AS cached_before, pg_catalog.count(*) OVER w AS days_before
      FROM daily d
      WINDOW w AS (PARTITION BY d.tenant_id, d.model_id ORDER BY d.date ROWS BETWEEN 28 PRECEDING AND 1 PRECEDING)
    ), judged AS (
      SELECT b.*,
             b.cost OPERATOR(pg_catalog./) NULLIF(b.usual_cost, 0) AS times,
             b.requests OPERATOR(pg_catalog./) NULLIF(b.usual_requests, 0) AS more_requests,
             (b.tokens OPERATOR(pg_catalog./) NULLIF(b.requests, 0))
               OPERATOR(pg_catalog./) NULLIF(b.tokens_before OPERATOR(pg_catalog./) NULLIF(b.requests_before, 0), 0) AS longer_calls,
             (b.cost OPERATOR(pg_catalog./) NULLIF(b.tokens, 0))
               OPERATOR(pg_catalog./) NULLIF(b.cost_before OPERATOR(pg_catalog./) NULLIF(b.tokens_before, 0), 0) AS dearer_tokens,
             b.cached OPERATOR(pg_catalog./) NULLIF(b.input, 0) AS cached_share,
             b.cached_before OPERATOR(pg_catalog./) NULLIF(b.input_before, 0) AS cached_share_before
      FROM before b
    )
    SELECT j.date, j.tenant_id, j.model_id, j.cost, pg_catalog.round(j.usual_cost, 6), pg_catalog.round(j.times, 2),
           CASE
             WHEN j.days_before OPERATOR(pg_catalog.=) 0 THEN 'new model'
             WHEN COALESCE(j.cached_share_before, 0) OPERATOR(pg_catalog.>) 0.1
               AND COALESCE(j.cached_share, 0) OPERATOR(pg_catalog.<) (j.cached_share_before OPERATOR(pg_catalog./) 2)
               AND COALESCE(j.dearer_tokens, 1) OPERATOR(pg_catalog.>) 1.2 THEN 'cache share fell'
             WHEN COALESCE(j.dearer_tokens, 1) OPERATOR(pg_catalog.>=) GREATEST(COALESCE(j.more_requests, 1), COALESCE(j.longer_calls, 1)) THEN 'price changed'
             WHEN COALESCE(j.longer_calls, 1) OPERATOR(pg_catalog.>) COALESCE(j.more_requests, 1) THEN 'tokens per call'
             ELSE 'volume'
           END
    FROM judged j
    WHERE j.date OPERATOR(pg_catalog.>=) COALESCE(since, (pg_catalog.timezone('UTC', pg_catalog.statement_timestamp())::pg_catalog.date OPERATOR(pg_catalog.-) 7))
      AND j.cost OPERATOR(pg_catalog.>) 0::pg_catalog.numeric
      AND (j.times OPERATOR(pg_catalog.>=) 2::pg_catalog.numeric
        OR (j.days_before OPERATOR(pg_catalog.=) 0 AND EXISTS (
          SELECT FROM daily o WHERE o.tenant_id OPERATOR(pg_catalog.=) j.tenant_id AND o.date OPERATOR(pg_catalog.<) j.date)))
    ORDER BY j.date, j.cost DESC, j.tenant_id, j.model_id;
  END;

CREATE FUNCTION llm_admin.unmatched_models(
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz,
  OUT provider pg_catalog.text, OUT model_id pg_catalog.text, OUT served_model pg_catalog.text,
  OUT calls pg_catalog.int8, OUT last_at pg_catalog.timestamptz, OUT reason pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 20
  BEGIN ATOMIC
    WITH served AS (
      SELECT l.provider, l.model_id, l.served_model, pg_catalog.count(*) AS calls, pg_catalog.max(l."timestamp") AS last_at,
             pg_catalog.bool_or(l.cost_status OPERATOR(pg_catalog.=) 'unpriced') AS unpriced
      FROM llm_admin.llm_usage_logs l
      WHERE l."timestamp" OPERATOR(pg_catalog.>=) COALESCE(since, pg_catalog.date_trunc('month', pg_catalog.statement_timestamp(), 'UTC'))
        AND l.model_id OPERATOR(pg_catalog.<>) '' AND l.kind OPERATOR(pg_catalog.<>) 'correction'
      GROUP BY l.provider, l.model_id, l.served_model
    )
    SELECT s.provider, s.model_id, s.served_model, s.calls, s.last_at, r.reason
    FROM served s
    CROSS JOIN LATERAL (
      SELECT 'no price' AS reason WHERE s.unpriced
      UNION ALL
      SELECT 'no tier allows it' AS reason
      WHERE EXISTS (SELECT FROM llm_admin.tiers)
        AND NOT EXISTS (SELECT FROM llm_admin.tiers t
          CROSS JOIN LATERAL llm_admin.check_model_access(t.tier_code, s.model_id) a WHERE a.allowed)) r
    ORDER BY s.provider, s.model_id, s.served_model, r.reason;
  END;

CREATE PROCEDURE llm_admin.maintain_all_partitions()
  LANGUAGE c AS 'MODULE_PATHNAME', 'llm_admin_maintain_all_partitions';

CREATE FUNCTION llm_admin.refuse_audit_change() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_audit_change';

CREATE FUNCTION llm_admin.audit_change() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_audit_change';

CREATE FUNCTION llm_admin.erase_audit_payload(
  ids pg_catalog.int8[], reason pg_catalog.text, legal_ground pg_catalog.text,
  OUT audit_id pg_catalog.int8, OUT at pg_catalog.timestamptz, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_erase_audit_payload';

CREATE FUNCTION llm_admin.record_seed() RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_seed';

CREATE OR REPLACE FUNCTION llm_admin.seed()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 80
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed');
    SELECT llm_admin.record_seed();
    SELECT p.item, p.outcome
    FROM llm_admin.seed_providers() p
    UNION ALL
    SELECT a.item, a.outcome
    FROM llm_admin.seed_provider_aliases() a
    UNION ALL
    SELECT t.item, t.outcome
    FROM llm_admin.seed_tiers() t
    UNION ALL
    SELECT c.item, c.outcome
    FROM llm_admin.seed_prices() c
    UNION ALL
    SELECT pg_catalog.concat('months of ', m.log),
           CASE WHEN pg_catalog.bool_or(m.outcome OPERATOR(pg_catalog.=) 'made') THEN 'added' ELSE 'already there' END
    FROM llm_admin.maintain_partitions() m
    GROUP BY m.log;
  END;

-- Triggers, policies and views of the new rooms.
-- The server's own error about a NOT NULL or CHECK shows the whole row. ALWAYS where load_in_any_order() makes the role replica.
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.account_state
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_servers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.cache_versions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_isolation ON llm_admin.account_state
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

-- Order within one statement: cache_changed, lock (statement), validate (before each row).
CREATE TRIGGER trg_lock_accounts
  BEFORE INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.lock_accounts();
CREATE TRIGGER trg_validate_account
  BEFORE INSERT OR UPDATE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_account();
CREATE TRIGGER trg_validate_installed_model
  BEFORE UPDATE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_installed_model();
CREATE TRIGGER trg_validate_deployment
  BEFORE INSERT OR UPDATE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_deployment();

-- What sessions keep of a table is of yesterday from the commit on, also under session_replication_role = replica and on
-- a logical subscriber, whose apply fires no trigger for statements.
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.llm_providers ENABLE REPLICA TRIGGER trg_cache_replicated;

-- pg_restore with several jobs loads tables in any order, and these have foreign keys before they have rows.
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_load_ends;
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_load_ends;
-- The server's own error about a NOT NULL or CHECK shows the whole row. ALWAYS where load_in_any_order() makes the role replica.
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.user_tiers ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_isolation ON llm_admin.user_tiers
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

-- What sessions keep of a table is of yesterday from the commit on, also under session_replication_role = replica and on
-- a logical subscriber, whose apply fires no trigger for statements.
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.tiers ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.tier_model_rules ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.user_tiers ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.user_tiers ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.model_permissions
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.model_permissions ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.model_aliases ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.provider_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.provider_aliases ENABLE REPLICA TRIGGER trg_cache_replicated;

CREATE TRIGGER trg_validate_tier_rule BEFORE INSERT OR UPDATE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_tier_rule();
CREATE TRIGGER trg_validate_user_tier BEFORE INSERT OR UPDATE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_tier_rule();

-- pg_restore with several jobs loads tables in any order, and these have foreign keys before they have rows.
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_load_ends;
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.user_tiers ENABLE ALWAYS TRIGGER trg_load_ends;
-- How servers and accounts are. An account rests while account_state says so; the worst of its models counts.
CREATE VIEW llm_admin.provider_health WITH (security_invoker = true) AS
  SELECT 'server'::pg_catalog.text AS kind, s.id, s.name, s.type, s.enabled, s.health_status AS status,
         s.last_health_check AS checked_at, NULL::pg_catalog.timestamptz AS until, NULL::pg_catalog.text AS reason
  FROM llm_admin.model_servers s
  UNION ALL
  SELECT 'account', a.id, a.name, a.type, a.enabled, COALESCE(w.state, 'closed')::pg_catalog.varchar(50), NULL, w.until,
         w.reason
  FROM llm_admin.llm_providers a
  LEFT JOIN LATERAL (
    SELECT t.state, t.until, t.reason
    FROM llm_admin.account_state t
    WHERE t.subject OPERATOR(pg_catalog.=) a.id::pg_catalog.text AND t.tenant_id OPERATOR(pg_catalog.=) ''
    ORDER BY t.state OPERATOR(pg_catalog.=) 'open' DESC, t.state OPERATOR(pg_catalog.=) 'half_open' DESC, t.until DESC
    LIMIT 1) w ON true;

CREATE VIEW llm_admin.deployment_status WITH (security_invoker = true) AS
  SELECT d.id, d.alias, d.status, s.name AS server, s.type AS server_type, s.host, s.port, s.health_status, m.model_name,
         m.version, m.quantization, d.context_length, d.vram_usage_mb, d.tokens_per_sec, d.started_at, d.stopped_at
  FROM llm_admin.model_deployments d
  JOIN llm_admin.model_servers s ON s.id OPERATOR(pg_catalog.=) d.server_id
  JOIN llm_admin.installed_models m ON m.id OPERATOR(pg_catalog.=) d.model_id;
CREATE TRIGGER trg_check_model_price BEFORE INSERT OR UPDATE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_model_price();
CREATE TRIGGER trg_record_model_price AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.record_model_price();
-- A price is withdrawn row by row, so that the history says when.
CREATE TRIGGER trg_refuse_price_truncate BEFORE TRUNCATE ON llm_admin.model_pricing
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_price_truncate();

CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.model_price_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.exchange_rates
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- Prices that held stay as they were also under session_replication_role = replica.
CREATE TRIGGER trg_refuse_price_change BEFORE UPDATE OR DELETE ON llm_admin.model_price_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_price_change();
CREATE TRIGGER trg_refuse_price_truncate BEFORE TRUNCATE ON llm_admin.model_price_history
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_price_change();
ALTER TABLE llm_admin.model_price_history
  ENABLE ALWAYS TRIGGER trg_refuse_price_change,
  ENABLE ALWAYS TRIGGER trg_refuse_price_truncate;
-- An id that a load brings is kept; nobody but the owner may write one.
ALTER TABLE llm_admin.llm_usage_logs ALTER COLUMN id SET DEFAULT llm_admin.next_usage_id();

-- Row triggers reach every partition by themselves. Those for a statement do not: maintain_partitions() gives each
-- month what the default partition has.
CREATE TRIGGER trg_complete_usage
  BEFORE INSERT OR UPDATE ON llm_admin.llm_usage_logs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.complete_usage();
ALTER TABLE llm_admin.llm_usage_logs ENABLE ALWAYS TRIGGER trg_complete_usage;
CREATE TRIGGER trg_refuse_usage_truncate
  BEFORE TRUNCATE ON llm_admin.llm_usage_logs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_usage_truncate();
CREATE TRIGGER trg_refuse_usage_truncate
  BEFORE TRUNCATE ON llm_admin.llm_usage_logs_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_usage_truncate();
ALTER TABLE llm_admin.llm_usage_logs ENABLE ALWAYS TRIGGER trg_refuse_usage_truncate;
ALTER TABLE llm_admin.llm_usage_logs_default ENABLE ALWAYS TRIGGER trg_refuse_usage_truncate;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.usage_requests
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.job_usage
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.daily_cost_summary
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.usage_daily_tags
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.frontiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.frontier_gaps
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- The entered tenant's rows; none entered, those of no tenant for level app, and all for who oversees them. The
-- sub-select is evaluated once a statement.
CREATE POLICY tenant_rows ON llm_admin.llm_usage_logs FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_writes ON llm_admin.llm_usage_logs FOR INSERT
  WITH CHECK (tenant_id OPERATOR(pg_catalog.=) COALESCE((SELECT llm_admin.entered_tenant()), ''));
CREATE POLICY tenant_rows ON llm_admin.usage_requests FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.daily_cost_summary FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.usage_daily_tags FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));

-- A load comes by the default partition, or through the log; see trg_load_begins of model_deployments.
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.llm_usage_logs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.llm_usage_logs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.llm_usage_logs ENABLE ALWAYS TRIGGER trg_load_ends;
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.llm_usage_logs_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.llm_usage_logs_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.llm_usage_logs_default ENABLE ALWAYS TRIGGER trg_load_ends;
-- As of the last roll-up. Each is read by its index where a date or a user is asked for.
CREATE VIEW llm_admin.usage_by_day WITH (security_invoker = true) AS
  SELECT d.date, d.tenant_id, pg_catalog.sum(d.total_requests)::pg_catalog.int8 AS requests,
         pg_catalog.sum(d.failed_requests)::pg_catalog.int8 AS failed_requests,
         pg_catalog.sum(d.total_tokens)::pg_catalog.int8 AS total_tokens,
         pg_catalog.sum(d.total_cost_usd) AS cost_usd,
         pg_catalog.sum(d.unpriced_requests)::pg_catalog.int8 AS unpriced_requests
  FROM llm_admin.daily_cost_summary d
  GROUP BY d.date, d.tenant_id;

-- Of the current month.
CREATE VIEW llm_admin.cost_by_model WITH (security_invoker = true) AS
  SELECT d.tenant_id, d.provider, d.model_id, pg_catalog.sum(d.total_cost_usd) AS cost_usd,
         pg_catalog.sum(d.list_cost_usd) AS list_cost_usd,
         pg_catalog.sum(d.total_requests)::pg_catalog.int8 AS requests,
         pg_catalog.sum(d.total_tokens)::pg_catalog.int8 AS total_tokens,
         pg_catalog.sum(d.unpriced_requests)::pg_catalog.int8 AS unpriced_requests
  FROM llm_admin.daily_cost_summary d
  WHERE d.date OPERATOR(pg_catalog.>=) pg_catalog.date_trunc('month', pg_catalog.timezone('UTC', pg_catalog.now()))::pg_catalog.date
  GROUP BY d.tenant_id, d.provider, d.model_id;

CREATE VIEW llm_admin.cost_by_user WITH (security_invoker = true) AS
  SELECT d.tenant_id, d.user_id, pg_catalog.sum(d.total_cost_usd) AS cost_usd,
         pg_catalog.sum(d.list_cost_usd) AS list_cost_usd,
         pg_catalog.sum(d.total_requests)::pg_catalog.int8 AS requests,
         pg_catalog.sum(d.total_tokens)::pg_catalog.int8 AS total_tokens,
         pg_catalog.sum(d.unpriced_requests)::pg_catalog.int8 AS unpriced_requests
  FROM llm_admin.daily_cost_summary d
  WHERE d.date OPERATOR(pg_catalog.>=) pg_catalog.date_trunc('month', pg_catalog.timezone('UTC', pg_catalog.now()))::pg_catalog.date
  GROUP BY d.tenant_id, d.user_id;

-- The months of a log count with it; rows are the server's estimate.
CREATE VIEW llm_admin.table_sizes WITH (security_invoker = true) AS
  SELECT COALESCE(p.relname, c.relname)::pg_catalog.text AS table_name,
         (pg_catalog.count(*) OPERATOR(pg_catalog.-) pg_catalog.count(*) FILTER (WHERE p.oid IS NULL))::pg_catalog.int4 AS partitions,
         pg_catalog.sum(GREATEST(c.reltuples, 0::pg_catalog.float4))::pg_catalog.int8 AS estimated_rows,
         pg_catalog.sum(pg_catalog.pg_table_size(c.oid))::pg_catalog.int8 AS table_bytes,
         pg_catalog.sum(pg_catalog.pg_indexes_size(c.oid))::pg_catalog.int8 AS index_bytes,
         pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid))::pg_catalog.int8 AS total_bytes
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid OPERATOR(pg_catalog.=) c.oid
  LEFT JOIN pg_catalog.pg_class p ON p.oid OPERATOR(pg_catalog.=) h.inhparent
  WHERE n.nspname OPERATOR(pg_catalog.=) 'llm_admin' AND c.relkind OPERATOR(pg_catalog.=) 'r'
  GROUP BY COALESCE(p.relname, c.relname)::pg_catalog.text;
-- The server's own error about a NOT NULL shows the whole row. What is written by us (pg/insert) is not asked.
CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.audit_log
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.audit_payloads
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.provider_history_leaves
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- Append-only also under session_replication_role = replica. Row triggers are cloned to partitions, those for TRUNCATE
-- are not: store/partitions gives a new month those of the default partition.
CREATE TRIGGER trg_refuse_audit_change BEFORE UPDATE OR DELETE ON llm_admin.audit_log
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_log ENABLE ALWAYS TRIGGER trg_refuse_audit_change;
CREATE TRIGGER trg_refuse_audit_change BEFORE UPDATE OR DELETE ON llm_admin.audit_payloads
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_payloads ENABLE ALWAYS TRIGGER trg_refuse_audit_change;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_log ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_log_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_log_default ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_payloads
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_payloads ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_payloads_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_payloads_default ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_change BEFORE UPDATE OR DELETE ON llm_admin.provider_history_leaves
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.provider_history_leaves ENABLE ALWAYS TRIGGER trg_refuse_audit_change;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.provider_history_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.provider_history_leaves ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;

-- The row that was written is the whole of it: a tenant entered sees its own.
CREATE POLICY tenant_isolation ON llm_admin.audit_log
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));
CREATE POLICY tenant_isolation ON llm_admin.audit_payloads
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR EXISTS (SELECT FROM llm_admin.audit_log l WHERE l.id OPERATOR(pg_catalog.=) audit_id
                    AND l."timestamp" OPERATOR(pg_catalog.=) audit_time));

-- What is audited row by row. Providers have a history of their own, which the view audit_trail shows beside the log.
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_grants
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.access_grants
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.llm_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.provider_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_pricing
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.exchange_rates
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.exchange_rates
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_servers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_servers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_permissions
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE VIEW llm_admin.audit_trail WITH (security_invoker = true) AS
  SELECT l."timestamp" AS at, l.id::pg_catalog.text AS id, l.tenant_id, l.user_id, l.session_user_name, l.action_type,
         l.resource_type, l.resource_id, l.details, p.old, p.new, l.ip_address, l.user_agent
  FROM llm_admin.audit_log l LEFT JOIN llm_admin.audit_payloads p
    ON p.audit_id OPERATOR(pg_catalog.=) l.id AND p.audit_time OPERATOR(pg_catalog.=) l."timestamp"
  UNION ALL
  SELECT h.changed_at, h.id::pg_catalog.text, ''::pg_catalog.text COLLATE pg_catalog."C",
         h.changed_by::pg_catalog.text COLLATE pg_catalog."C",
         h.session_user_name COLLATE pg_catalog."C", h.action::pg_catalog.text COLLATE pg_catalog."C",
         'llm_provider_configs'::pg_catalog.text COLLATE pg_catalog."C", h.provider_name::pg_catalog.text,
         pg_catalog.jsonb_build_object('config_version', h.config_version), NULL::pg_catalog.jsonb, h.config_snapshot,
         NULL::pg_catalog.inet, NULL::pg_catalog.text
  FROM llm_admin.llm_provider_config_history h;

-- Nothing for PUBLIC; what roles get comes from refresh_access(), after the script.
REVOKE ALL ON TABLE
  llm_admin.llm_providers,
  llm_admin.account_state,
  llm_admin.model_servers,
  llm_admin.installed_models,
  llm_admin.model_deployments,
  llm_admin.cache_versions,
  llm_admin.tiers,
  llm_admin.user_tiers,
  llm_admin.tier_model_rules,
  llm_admin.model_permissions,
  llm_admin.model_aliases,
  llm_admin.model_pricing,
  llm_admin.model_price_history,
  llm_admin.exchange_rates,
  llm_admin.llm_usage_logs,
  llm_admin.llm_usage_logs_default,
  llm_admin.usage_requests,
  llm_admin.job_usage,
  llm_admin.daily_cost_summary,
  llm_admin.usage_daily_tags,
  llm_admin.frontiers,
  llm_admin.frontier_gaps,
  llm_admin.audit_log,
  llm_admin.audit_log_default,
  llm_admin.audit_payloads,
  llm_admin.audit_payloads_default,
  llm_admin.provider_history_leaves,
  llm_admin.provider_health,
  llm_admin.deployment_status,
  llm_admin.usage_by_day,
  llm_admin.cost_by_model,
  llm_admin.cost_by_user,
  llm_admin.table_sizes,
  llm_admin.audit_trail
  FROM PUBLIC;
REVOKE ALL ON SEQUENCE
  llm_admin.model_price_history_price_id_seq,
  llm_admin.llm_usage_logs_id_seq,
  llm_admin.audit_log_id_seq
  FROM PUBLIC;
REVOKE ALL ON ROUTINE
  llm_admin.install_model(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.deploy_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.stop_deployment(pg_catalog.text, pg_catalog.text),
  llm_admin.record_server_health(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.lock_accounts(),
  llm_admin.validate_account(),
  llm_admin.validate_installed_model(),
  llm_admin.validate_deployment(),
  llm_admin.cache_changed(),
  llm_admin.load_in_any_order(),
  llm_admin.canonical_model(pg_catalog.text, pg_catalog.text),
  llm_admin.check_model_access(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.grant_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.revoke_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.tier_consistency(),
  llm_admin.shipped_tiers(),
  llm_admin.shipped_tier_rules(),
  llm_admin.shipped_model_aliases(),
  llm_admin.seed_tiers(),
  llm_admin.validate_tier_rule(),
  llm_admin.set_model_price(pg_catalog.text, pg_catalog.jsonb, pg_catalog.timestamptz, pg_catalog.jsonb),
  llm_admin.import_model_prices(pg_catalog.jsonb, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.explain_cost(pg_catalog.int8),
  llm_admin.reprice(pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text, pg_catalog.bool),
  llm_admin.unpriced_models(pg_catalog.timestamptz, pg_catalog.timestamptz),
  llm_admin.shipped_prices(),
  llm_admin.seed_prices(),
  llm_admin.check_model_price(),
  llm_admin.record_model_price(),
  llm_admin.refuse_price_change(),
  llm_admin.refuse_price_truncate(),
  llm_admin.next_usage_id(),
  llm_admin.row_tenant(),
  llm_admin.sees_all_tenants(),
  llm_admin.maintain_partitions(),
  llm_admin.roll_up_daily_cost(),
  llm_admin.complete_usage(),
  llm_admin.refuse_usage_truncate(),
  llm_admin.record_usage(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.record_usage_batch(pg_catalog.jsonb, pg_catalog.jsonb),
  llm_admin.cost_summary(pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text[], pg_catalog.jsonb),
  llm_admin.cost_today(pg_catalog.jsonb),
  llm_admin.verify_rollup(pg_catalog.date, pg_catalog.date),
  llm_admin.apply_retention(pg_catalog.jsonb),
  llm_admin.metrics(),
  llm_admin.book_correction(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.jsonb),
  llm_admin.reconcile(pg_catalog.text, pg_catalog.date, pg_catalog.jsonb),
  llm_admin.cost_anomalies(pg_catalog.date),
  llm_admin.unmatched_models(pg_catalog.timestamptz),
  llm_admin.maintain_all_partitions(),
  llm_admin.refuse_audit_change(),
  llm_admin.audit_change(),
  llm_admin.erase_audit_payload(pg_catalog.int8[], pg_catalog.text, pg_catalog.text),
  llm_admin.record_seed()
  FROM PUBLIC;

COMMENT ON TABLE llm_admin.llm_providers IS 'Accounts at vendors: endpoints and keys of a provider''s type, tried in the order of their priority';
COMMENT ON TABLE llm_admin.account_state IS 'Which account or key must rest, and until when';
COMMENT ON TABLE llm_admin.model_servers IS 'Machines that run models, and how they are';
COMMENT ON TABLE llm_admin.installed_models IS 'Models that are installed on a server';
COMMENT ON TABLE llm_admin.model_deployments IS 'Instances of installed models, and what state each is in';
COMMENT ON TABLE llm_admin.cache_versions IS 'Numbers by which sessions know that what they keep of a table is of yesterday';
COMMENT ON TRIGGER trg_check_row ON llm_admin.account_state IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.model_servers IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.installed_models IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.model_deployments IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.cache_versions IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON POLICY tenant_isolation ON llm_admin.account_state IS 'The entered tenant''s rows and no other; all where none is entered';
COMMENT ON FUNCTION llm_admin.install_model(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Records a model that a server has installed, or changes what is known of it';
COMMENT ON FUNCTION llm_admin.deploy_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Begins to run an installed model on its server, or begins again what is stopped or failed';
COMMENT ON FUNCTION llm_admin.stop_deployment(pg_catalog.text, pg_catalog.text) IS 'Stops what runs on a server under an alias; false where it is stopped already';
COMMENT ON FUNCTION llm_admin.record_server_health(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Records how a server is, now; returns how it was before';
COMMENT ON FUNCTION llm_admin.lock_accounts() IS 'Trigger: locks out rotation and shredding while keys are being sealed';
COMMENT ON FUNCTION llm_admin.validate_account() IS 'Trigger: checks an account, binds its key, keeps updated_at';
COMMENT ON FUNCTION llm_admin.validate_installed_model() IS 'Trigger: an installed model stays on its server';
COMMENT ON FUNCTION llm_admin.validate_deployment() IS 'Trigger: a deployment is on its model''s server and moves only from state to state';
COMMENT ON FUNCTION llm_admin.cache_changed() IS 'Trigger: tells every session, at commit, that what it keeps of the table is of yesterday';
COMMENT ON TRIGGER trg_lock_accounts ON llm_admin.llm_providers IS 'Locks out rotation and shredding while keys are being sealed';
COMMENT ON TRIGGER trg_validate_account ON llm_admin.llm_providers IS 'Checks the row, binds its key, keeps updated_at';
COMMENT ON TRIGGER trg_validate_installed_model ON llm_admin.installed_models IS 'The server of an installed model never changes';
COMMENT ON TRIGGER trg_validate_deployment ON llm_admin.model_deployments IS 'The model''s server and the allowed moves between states';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.llm_providers IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.llm_providers IS 'The same on a logical subscriber, row by row';
COMMENT ON VIEW llm_admin.provider_health IS 'Servers and accounts with what is known of how they are';
COMMENT ON VIEW llm_admin.deployment_status IS 'What runs where, with model and server';
COMMENT ON TRIGGER trg_load_begins ON llm_admin.installed_models IS 'While rows are loaded, foreign keys are not checked: tables come in any order';
COMMENT ON TRIGGER trg_load_ends ON llm_admin.installed_models IS 'Foreign keys are checked again';
COMMENT ON TRIGGER trg_load_begins ON llm_admin.model_deployments IS 'While rows are loaded, foreign keys are not checked: tables come in any order';
COMMENT ON TRIGGER trg_load_ends ON llm_admin.model_deployments IS 'Foreign keys are checked again';
COMMENT ON FUNCTION llm_admin.load_in_any_order() IS 'Trigger: while rows are loaded, foreign keys are not checked';
COMMENT ON TABLE llm_admin.tiers IS 'Plans that users are on: what they cost and how much they may call';
COMMENT ON TABLE llm_admin.user_tiers IS 'Which tier a user or a whole tenant is on, and from when to when';
COMMENT ON TABLE llm_admin.tier_model_rules IS 'Which models a tier may use, by globs over canonical names';
COMMENT ON TABLE llm_admin.model_permissions IS 'Explicit permissions of users, roles, tiers and agents for one model; they go before rules';
COMMENT ON TABLE llm_admin.model_aliases IS 'Other names of models and the canonical name behind each';
COMMENT ON TRIGGER trg_check_row ON llm_admin.tiers IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.user_tiers IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.tier_model_rules IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.model_permissions IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.model_aliases IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON POLICY tenant_isolation ON llm_admin.user_tiers IS 'The entered tenant''s rows and no other; all where none is entered';
COMMENT ON FUNCTION llm_admin.canonical_model(pg_catalog.text, pg_catalog.text) IS 'The one name of a model in rules and prices, and how it was found: alias, pattern or given';
COMMENT ON FUNCTION llm_admin.check_model_access(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Whether a call may use a model, by explicit permissions and by the rules of its tier, and why';
COMMENT ON FUNCTION llm_admin.grant_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Permits one model to a user, role, tier or agent, or denies it with allowed false';
COMMENT ON FUNCTION llm_admin.revoke_model(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Takes an explicit permission away, whether it allowed or denied; false where there was none';
COMMENT ON FUNCTION llm_admin.tier_consistency() IS 'Models that a lower tier allows and a higher one denies, with the patterns that decide';
COMMENT ON FUNCTION llm_admin.shipped_tiers() IS 'The tiers that seed_tiers() adds where they are missing';
COMMENT ON FUNCTION llm_admin.shipped_tier_rules() IS 'The rules of tiers that seed_tiers() adds where they are missing';
COMMENT ON FUNCTION llm_admin.shipped_model_aliases() IS 'The other names of models that seed_tiers() adds where they are missing';
COMMENT ON FUNCTION llm_admin.seed_tiers() IS 'Adds the shipped tiers, their rules and names of models that are missing; never changes a row';
COMMENT ON FUNCTION llm_admin.validate_tier_rule() IS 'Trigger: a rule, or what tier a user is on, names a tier that is there';
COMMENT ON TRIGGER trg_validate_tier_rule ON llm_admin.tier_model_rules IS 'The rule names a tier that is there';
COMMENT ON TRIGGER trg_validate_user_tier ON llm_admin.user_tiers IS 'The tier is there';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.tiers IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.tiers IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.tier_model_rules IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.tier_model_rules IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.user_tiers IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.user_tiers IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.model_permissions IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.model_permissions IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.model_aliases IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.model_aliases IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.provider_aliases IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.provider_aliases IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_load_begins ON llm_admin.tier_model_rules IS 'While rows are loaded, foreign keys are not checked: tables come in any order';
COMMENT ON TRIGGER trg_load_ends ON llm_admin.tier_model_rules IS 'Foreign keys are checked again';
COMMENT ON TRIGGER trg_load_begins ON llm_admin.user_tiers IS 'While rows are loaded, foreign keys are not checked: tables come in any order';
COMMENT ON TRIGGER trg_load_ends ON llm_admin.user_tiers IS 'Foreign keys are checked again';
COMMENT ON TABLE llm_admin.model_pricing IS 'What models cost now: a row a canonical model id';
COMMENT ON TABLE llm_admin.model_price_history IS 'Every price that held: from when, which rates; rows never change';
COMMENT ON TABLE llm_admin.exchange_rates IS 'What a unit of a currency is worth in US dollars, from when';
COMMENT ON COLUMN llm_admin.model_pricing.rates IS 'Prices by <meter>[@<service tier>][>N|>=N], per 1,000 tokens or per piece';
COMMENT ON COLUMN llm_admin.model_price_history.rates IS 'All rates of the price; NULL: withdrawn';
COMMENT ON FUNCTION llm_admin.check_model_price() IS 'Trigger: a price is in the grammar of rates and within the bounds';
COMMENT ON FUNCTION llm_admin.record_model_price() IS 'Trigger: a new price goes into model_price_history';
COMMENT ON FUNCTION llm_admin.refuse_price_change() IS 'Trigger: prices that held are never changed';
COMMENT ON FUNCTION llm_admin.refuse_price_truncate() IS 'Trigger: prices are withdrawn row by row';
COMMENT ON SEQUENCE llm_admin.model_price_history_price_id_seq IS 'Numbers of prices';
COMMENT ON TRIGGER trg_check_model_price ON llm_admin.model_pricing IS 'Checks rates and bounds, numbers a new price';
COMMENT ON TRIGGER trg_record_model_price ON llm_admin.model_pricing IS 'Writes the history of the price';
COMMENT ON TRIGGER trg_refuse_price_truncate ON llm_admin.model_pricing IS 'Prices are withdrawn row by row';
COMMENT ON TRIGGER trg_check_row ON llm_admin.model_price_history IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.exchange_rates IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_refuse_price_change ON llm_admin.model_price_history IS 'Prices that held are never changed';
COMMENT ON TRIGGER trg_refuse_price_truncate ON llm_admin.model_price_history IS 'Prices that held are never changed';
COMMENT ON FUNCTION llm_admin.set_model_price(pg_catalog.text, pg_catalog.jsonb, pg_catalog.timestamptz, pg_catalog.jsonb) IS 'A price from now on, or from a time in the past; rates NULL withdraws it. Says which days were priced otherwise';
COMMENT ON FUNCTION llm_admin.import_model_prices(pg_catalog.jsonb, pg_catalog.text, pg_catalog.jsonb) IS 'Prices from a file that others publish, each model with what became of it; implausible ones are refused and manual ones kept';
COMMENT ON FUNCTION llm_admin.shipped_prices() IS 'The prices that seed_prices() adds, with the file and the day they are from';
COMMENT ON FUNCTION llm_admin.seed_prices() IS 'Adds the shipped prices of models that never had one; never changes a price';
COMMENT ON FUNCTION llm_admin.explain_cost(pg_catalog.int8) IS 'What a row of the log was charged for, a meter a row with its rate and those that were missing before it, and the sum';
COMMENT ON FUNCTION llm_admin.reprice(pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text, pg_catalog.bool) IS 'Calls by the prices that hold at their time now, and the daily book with them; dry_run tells alone. Reported costs and tenants'' own keys are left as they are';
COMMENT ON FUNCTION llm_admin.unpriced_models(pg_catalog.timestamptz, pg_catalog.timestamptz) IS 'Models whose calls have no price, of this month unless told otherwise';
COMMENT ON TABLE llm_admin.llm_usage_logs IS 'The calls, a row each, by month; row-level security shows the entered tenant''s';
COMMENT ON TABLE llm_admin.llm_usage_logs_default IS 'Calls whose month is not made yet; a dump takes the rows of all months through it';
COMMENT ON SEQUENCE llm_admin.llm_usage_logs_id_seq IS 'Ids of calls, taken by next_usage_id() alone';
COMMENT ON TABLE llm_admin.usage_requests IS 'What was answered to each request, so that it is written once';
COMMENT ON TABLE llm_admin.job_usage IS 'The calls of each job';
COMMENT ON TABLE llm_admin.daily_cost_summary IS 'The daily book: cost, requests and tokens by UTC day, tenant, user, provider and model';
COMMENT ON TABLE llm_admin.usage_daily_tags IS 'The daily book by the tags that llm_admin.usage_tags names';
COMMENT ON TABLE llm_admin.frontiers IS 'How far each log was read, by id';
COMMENT ON TABLE llm_admin.frontier_gaps IS 'Ids behind a frontier whose writers may still be at work';
COMMENT ON FUNCTION llm_admin.next_usage_id() IS 'The next id of the log, for a row of this transaction';
COMMENT ON FUNCTION llm_admin.row_tenant() IS 'The tenant whose rows of usage the current user sees; NULL when all';
COMMENT ON FUNCTION llm_admin.sees_all_tenants() IS 'Whether no tenant is entered; whoever may call it sees all tenants'' rows of usage then';
COMMENT ON FUNCTION llm_admin.maintain_partitions() IS 'Makes the months of the logs that are missing, and moves into one of them what waits in the default partition';
COMMENT ON FUNCTION llm_admin.roll_up_daily_cost() IS 'Counts into the daily book what came into the log since the last time, each row once';
COMMENT ON FUNCTION llm_admin.record_usage(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Records one call with its cost; a request that was recorded already is not written again';
COMMENT ON FUNCTION llm_admin.record_usage_batch(pg_catalog.jsonb, pg_catalog.jsonb) IS 'Records many calls at once, all or none, unless it is told to skip errors';
COMMENT ON FUNCTION llm_admin.complete_usage() IS 'Trigger: names, prices and checks a call that is inserted by hand';
COMMENT ON FUNCTION llm_admin.refuse_usage_truncate() IS 'Trigger: refuses TRUNCATE of the log';
COMMENT ON TRIGGER trg_complete_usage ON llm_admin.llm_usage_logs IS 'Names, prices and checks a call that is inserted by hand; a row that breaks a constraint is not shown';
COMMENT ON TRIGGER trg_refuse_usage_truncate ON llm_admin.llm_usage_logs IS 'The log is emptied by months, never by TRUNCATE';
COMMENT ON TRIGGER trg_refuse_usage_truncate ON llm_admin.llm_usage_logs_default IS 'The log is emptied by months, never by TRUNCATE';
COMMENT ON TRIGGER trg_check_row ON llm_admin.usage_requests IS 'Says which rule a row breaks without showing the row';
COMMENT ON TRIGGER trg_check_row ON llm_admin.job_usage IS 'Says which rule a row breaks without showing the row';
COMMENT ON TRIGGER trg_check_row ON llm_admin.daily_cost_summary IS 'Says which rule a row breaks without showing the row';
COMMENT ON TRIGGER trg_check_row ON llm_admin.usage_daily_tags IS 'Says which rule a row breaks without showing the row';
COMMENT ON TRIGGER trg_check_row ON llm_admin.frontiers IS 'Says which rule a row breaks without showing the row';
COMMENT ON TRIGGER trg_check_row ON llm_admin.frontier_gaps IS 'Says which rule a row breaks without showing the row';
COMMENT ON POLICY tenant_rows ON llm_admin.llm_usage_logs IS 'The entered tenant''s calls; none entered, those of no tenant, or all for who oversees them';
COMMENT ON POLICY tenant_writes ON llm_admin.llm_usage_logs IS 'Calls of the entered tenant; none entered, those of no tenant';
COMMENT ON POLICY tenant_rows ON llm_admin.usage_requests IS 'The entered tenant''s requests; none entered, those of no tenant, or all for who oversees them';
COMMENT ON POLICY tenant_rows ON llm_admin.daily_cost_summary IS 'The entered tenant''s days; none entered, those of no tenant, or all for who oversees them';
COMMENT ON POLICY tenant_rows ON llm_admin.usage_daily_tags IS 'The entered tenant''s days; none entered, those of no tenant, or all for who oversees them';
COMMENT ON FUNCTION llm_admin.cost_summary(pg_catalog.timestamptz, pg_catalog.timestamptz, pg_catalog.text[], pg_catalog.jsonb) IS 'Cost, requests and tokens of any time, grouped as asked: from the daily book and, where that has no whole day, from the log';
COMMENT ON FUNCTION llm_admin.cost_today(pg_catalog.jsonb) IS 'What today has cost so far';
COMMENT ON FUNCTION llm_admin.verify_rollup(pg_catalog.date, pg_catalog.date) IS 'Days on which the daily book and a recount of the log differ; none when all is right';
COMMENT ON VIEW llm_admin.usage_by_day IS 'Requests, tokens and cost by day and tenant, as of the last roll-up';
COMMENT ON VIEW llm_admin.cost_by_model IS 'Cost of the current month by tenant, provider and model, as of the last roll-up';
COMMENT ON VIEW llm_admin.cost_by_user IS 'Cost of the current month by tenant and user, as of the last roll-up';
COMMENT ON VIEW llm_admin.table_sizes IS 'Tables of llm_admin with their sizes, the months of a log counted with it';
COMMENT ON FUNCTION llm_admin.apply_retention(pg_catalog.jsonb) IS 'Drops the months of the log that are no more kept, counted into the daily book first, and what stands beside the log for them';
COMMENT ON FUNCTION llm_admin.metrics() IS 'Figures for a monitor, in the naming of Prometheus: months, roll-up, gaps, cost of today, sizes';
COMMENT ON FUNCTION llm_admin.book_correction(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.jsonb) IS 'Books a difference, to an invoice for instance, as a row of its own; returns its id';
COMMENT ON FUNCTION llm_admin.reconcile(pg_catalog.text, pg_catalog.date, pg_catalog.jsonb) IS 'Compares a vendor''s invoice of a month with the book, by model and class';
COMMENT ON FUNCTION llm_admin.cost_anomalies(pg_catalog.date) IS 'Days on which a model cost at least twice what is usual for a tenant, with the likely cause';
COMMENT ON FUNCTION llm_admin.unmatched_models(pg_catalog.timestamptz) IS 'Models that calls were served by and that have no price, or that no tier allows';
COMMENT ON PROCEDURE llm_admin.maintain_all_partitions() IS 'Makes all months of the logs that are missing, each in a transaction of its own';
COMMENT ON TRIGGER trg_load_begins ON llm_admin.llm_usage_logs IS 'While rows are loaded, foreign keys are not checked: tables come in any order';
COMMENT ON TRIGGER trg_load_ends ON llm_admin.llm_usage_logs IS 'Foreign keys are checked again';
COMMENT ON TRIGGER trg_load_begins ON llm_admin.llm_usage_logs_default IS 'While rows are loaded, foreign keys are not checked: tables come in any order';
COMMENT ON TRIGGER trg_load_ends ON llm_admin.llm_usage_logs_default IS 'Foreign keys are checked again';
COMMENT ON TABLE llm_admin.audit_log IS 'Who did what to what, append-only and by month; each row with the leaf that vouches for it';
COMMENT ON TABLE llm_admin.audit_log_default IS 'Rows of the audit log whose month has no partition of its own';
COMMENT ON TABLE llm_admin.audit_payloads IS 'What changed, before and after, of rows of the audit log; can be erased with a reason';
COMMENT ON TABLE llm_admin.audit_payloads_default IS 'Payloads of the audit log whose month has no partition of its own';
COMMENT ON TABLE llm_admin.provider_history_leaves IS 'Ids and leaves of the rows of llm_provider_config_history, as the audit log has them';
COMMENT ON TRIGGER trg_check_row ON llm_admin.audit_log IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.audit_payloads IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.provider_history_leaves IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_refuse_audit_change ON llm_admin.provider_history_leaves IS 'Raises LA020 for every UPDATE and DELETE';
COMMENT ON TRIGGER trg_refuse_audit_truncate ON llm_admin.provider_history_leaves IS 'Raises LA020 for every TRUNCATE';
COMMENT ON SEQUENCE llm_admin.audit_log_id_seq IS 'Ids of the audit log';
COMMENT ON VIEW llm_admin.audit_trail IS 'The audit log with its payloads, and the history of providers, in one list';
COMMENT ON FUNCTION llm_admin.refuse_audit_change() IS 'Trigger: the audit log and its payloads are append-only';
COMMENT ON FUNCTION llm_admin.audit_change() IS 'Trigger: writes what changed in a row to the audit log';
COMMENT ON FUNCTION llm_admin.erase_audit_payload(pg_catalog.int8[], pg_catalog.text, pg_catalog.text) IS 'Erases what rows of the audit log recorded, and records the erasure with its reason and legal ground';
COMMENT ON TRIGGER trg_refuse_audit_change ON llm_admin.audit_log IS 'Raises LA020 for every UPDATE and DELETE';
COMMENT ON POLICY tenant_isolation ON llm_admin.audit_log IS 'A tenant entered sees the rows of its own, else all are seen by those who may read the table';
COMMENT ON TRIGGER trg_refuse_audit_change ON llm_admin.audit_payloads IS 'Raises LA020 for every UPDATE and DELETE';
COMMENT ON POLICY tenant_isolation ON llm_admin.audit_payloads IS 'A tenant entered sees the rows of its own, else all are seen by those who may read the table';
COMMENT ON TRIGGER trg_refuse_audit_truncate ON llm_admin.audit_log IS 'Raises LA020 for every TRUNCATE';
COMMENT ON TRIGGER trg_refuse_audit_truncate ON llm_admin.audit_log_default IS 'Raises LA020 for every TRUNCATE';
COMMENT ON TRIGGER trg_refuse_audit_truncate ON llm_admin.audit_payloads IS 'Raises LA020 for every TRUNCATE';
COMMENT ON TRIGGER trg_refuse_audit_truncate ON llm_admin.audit_payloads_default IS 'Raises LA020 for every TRUNCATE';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.access_grants IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.access_grants IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.llm_configs IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.llm_configs IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.provider_aliases IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.provider_aliases IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.model_pricing IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.model_pricing IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.exchange_rates IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.exchange_rates IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.llm_providers IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.llm_providers IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.model_servers IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.model_servers IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.installed_models IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.installed_models IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.model_deployments IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.model_deployments IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.tiers IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.tiers IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.user_tiers IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.user_tiers IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.tier_model_rules IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.tier_model_rules IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.model_permissions IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.model_permissions IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.model_aliases IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.model_aliases IS 'Writes to the audit log that the table was emptied';
COMMENT ON FUNCTION llm_admin.record_seed() IS 'Writes to the audit log that seed() ran; called by it';

SELECT llm_admin.record_migration('llm_admin--0.5--0.6.sql');

