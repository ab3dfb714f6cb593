-- src/ledger/begin.sql
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);

-- Refuses a schema that somebody else prepared, before anything else is made in it.
CREATE FUNCTION llm_admin.check_schema() RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_schema';
SELECT llm_admin.check_schema();

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
SELECT llm_admin.check_requirements('llm_admin--0.7.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);

-- src/ledger/tables.sql
-- The ledger: one row for every migration script that ran here, written by the script's own last line.
CREATE TABLE llm_admin.schema_migrations (
  id pg_catalog.uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  version pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  direction pg_catalog.text NOT NULL CHECK (direction IN ('install', 'up', 'down')),
  applied_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  checksum pg_catalog.text NOT NULL,
  execution_time_ms pg_catalog.int8 NOT NULL CHECK (execution_time_ms >= 0),
  applied_by pg_catalog.text NOT NULL,
  fingerprint pg_catalog.text NOT NULL
);
-- A restored database is installed by the restore itself, so install rows stay out of dumps.
SELECT pg_catalog.pg_extension_config_dump('llm_admin.schema_migrations', $$WHERE direction <> 'install'$$);

-- src/keys/tables.sql
-- Root keys seen by this database: never the key, only a value that tells the right one from a wrong one.
CREATE TABLE llm_admin.root_keys (
  root_id pg_catalog.int4 PRIMARY KEY CHECK (root_id > 0),
  check_value pg_catalog.text NOT NULL,
  is_active pg_catalog.bool NOT NULL DEFAULT false,
  first_used_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now()
);
CREATE UNIQUE INDEX root_keys_one_active ON llm_admin.root_keys (is_active) WHERE is_active;

-- Data keys, each wrapped by a root key; tenant_id is null for the installation's own. No foreign key to root_keys:
-- pg_restore -j fills tables in any order, and those of an extension have their constraints before their rows.
CREATE TABLE llm_admin.data_keys (
  key_id pg_catalog.uuid PRIMARY KEY,
  tenant_id pg_catalog.text COLLATE pg_catalog."C",
  version pg_catalog.int4 NOT NULL CHECK (version > 0),
  root_id pg_catalog.int4 NOT NULL,
  wrapped_key pg_catalog.bytea NOT NULL,
  check_value pg_catalog.text NOT NULL,
  first_use_block pg_catalog.int8 NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  uses pg_catalog.int8 NOT NULL DEFAULT 0
);
-- Together these hold one row a tenant and version, the installation included (its tenant is null).
CREATE UNIQUE INDEX data_keys_tenant_version ON llm_admin.data_keys (tenant_id, version) WHERE tenant_id IS NOT NULL;
CREATE UNIQUE INDEX data_keys_installation_version ON llm_admin.data_keys (version) WHERE tenant_id IS NULL;

-- Until 0.3 it counted the uses of all data keys at once; what it stood at still counts for the keys of that time.
CREATE SEQUENCE llm_admin.key_use_blocks AS pg_catalog.int8;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.root_keys', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.data_keys', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.key_use_blocks', '');

-- src/providers/tables.sql
-- CHECKs of varchar columns compare them as text: what the server makes of it by itself does not come back the same
-- when a dump or pg_upgrade has it parsed anew.
-- Providers as data: one row is one endpoint and key of a vendor's API. Columns and order are the seed's.
CREATE TABLE llm_admin.llm_provider_configs (
  id pg_catalog.int4 NOT NULL,
  provider_name pg_catalog.varchar(100) COLLATE pg_catalog."C" NOT NULL,
  display_name pg_catalog.varchar(255) NOT NULL,
  description pg_catalog.text,
  api_key_encrypted pg_catalog.text,
  auth_scheme pg_catalog.varchar(50) NOT NULL DEFAULT 'bearer',
  auth_header_template pg_catalog.text,
  base_url pg_catalog.text NOT NULL,
  endpoint_path_template pg_catalog.text NOT NULL,
  http_method pg_catalog.varchar(10) NOT NULL DEFAULT 'POST',
  additional_headers pg_catalog.jsonb,
  request_builder_config pg_catalog.jsonb NOT NULL,
  response_extractor_config pg_catalog.jsonb NOT NULL,
  default_model pg_catalog.varchar(255) NOT NULL,
  supported_models pg_catalog.jsonb,
  model_capabilities pg_catalog.jsonb,
  context_window_tokens pg_catalog.int4,
  max_output_tokens_limit pg_catalog.int4,
  is_active pg_catalog.bool NOT NULL DEFAULT false,
  is_enabled pg_catalog.bool NOT NULL DEFAULT true,
  config_version pg_catalog.int4 NOT NULL DEFAULT 1,
  created_at pg_catalog.timestamptz DEFAULT pg_catalog.now(),
  updated_at pg_catalog.timestamptz DEFAULT pg_catalog.now(),
  updated_by pg_catalog.varchar(255),
  CONSTRAINT llm_provider_configs_pkey PRIMARY KEY (id),
  CONSTRAINT llm_provider_configs_provider_name_key UNIQUE (provider_name),
  CONSTRAINT llm_provider_configs_provider_name_check CHECK (provider_name OPERATOR(pg_catalog.~) '^[a-z0-9_]+$'),
  CONSTRAINT llm_provider_configs_auth_scheme_check
    CHECK (auth_scheme::pg_catalog.text IN ('bearer', 'api_key_header', 'query_param', 'none')),
  CONSTRAINT llm_provider_configs_endpoint_path_check
    CHECK (endpoint_path_template OPERATOR(pg_catalog.~) '^/([^/]|$)'),
  CONSTRAINT llm_provider_configs_http_method_check CHECK (http_method::pg_catalog.text IN ('GET', 'POST', 'PUT', 'PATCH')),
  CONSTRAINT llm_provider_configs_active_check CHECK (NOT is_active OR is_enabled),
  CONSTRAINT llm_provider_configs_additional_headers_check
    CHECK (pg_catalog.jsonb_typeof(additional_headers) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_provider_configs_supported_models_check
    CHECK (pg_catalog.jsonb_typeof(supported_models) OPERATOR(pg_catalog.=) 'array'),
  CONSTRAINT llm_provider_configs_model_capabilities_check
    CHECK (pg_catalog.jsonb_typeof(model_capabilities) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_provider_configs_context_window_check CHECK (context_window_tokens OPERATOR(pg_catalog.>) 0),
  CONSTRAINT llm_provider_configs_max_output_check CHECK (max_output_tokens_limit OPERATOR(pg_catalog.>) 0)
);
CREATE SEQUENCE llm_admin.llm_provider_configs_id_seq AS pg_catalog.int4
  OWNED BY llm_admin.llm_provider_configs.id;
ALTER TABLE llm_admin.llm_provider_configs
  ALTER COLUMN id SET DEFAULT pg_catalog.nextval('llm_admin.llm_provider_configs_id_seq'::pg_catalog.regclass),
  ALTER COLUMN api_key_encrypted SET STATISTICS 0;
CREATE UNIQUE INDEX llm_provider_configs_one_active ON llm_admin.llm_provider_configs (is_active) WHERE is_active;

-- What was, who changed it. No foreign key: history outlives the provider. No key material in snapshots.
CREATE TABLE llm_admin.llm_provider_config_history (
  id pg_catalog.uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  provider_id pg_catalog.int4 NOT NULL,
  provider_name pg_catalog.varchar(100) COLLATE pg_catalog."C" NOT NULL,
  action pg_catalog.varchar(50) NOT NULL CHECK (action::pg_catalog.text IN
    ('created', 'updated', 'activated', 'deactivated', 'enabled', 'disabled', 'key_changed', 'deleted')),
  config_snapshot pg_catalog.jsonb NOT NULL,
  changed_by pg_catalog.varchar(255) NOT NULL,
  changed_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  config_version pg_catalog.int4 NOT NULL,
  session_user_name pg_catalog.text NOT NULL,
  current_user_name pg_catalog.text NOT NULL
);
CREATE INDEX llm_provider_config_history_provider
  ON llm_admin.llm_provider_config_history (provider_name, changed_at);

-- The last connection test of each provider.
CREATE TABLE llm_admin.provider_tests (
  provider_name pg_catalog.varchar(100) COLLATE pg_catalog."C" PRIMARY KEY,
  tested_at pg_catalog.timestamptz NOT NULL,
  result pg_catalog.text NOT NULL,
  latency_ms pg_catalog.int4 CHECK (latency_ms OPERATOR(pg_catalog.>=) 0)
);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_provider_configs', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_provider_configs_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_provider_config_history', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.provider_tests', '');

-- All that a caller may know of a provider: every column but the key, and whether there is one.
CREATE VIEW llm_admin.provider_settings AS
  SELECT id, provider_name, display_name, base_url, endpoint_path_template, default_model, request_builder_config,
         response_extractor_config, model_capabilities, auth_scheme, auth_header_template, http_method,
         additional_headers, context_window_tokens, max_output_tokens_limit, config_version,
         api_key_encrypted IS NOT NULL AS has_key, is_active
  FROM llm_admin.llm_provider_configs;

-- One provider as callers see it; the result of get_active_provider() and get_provider().
CREATE TYPE llm_admin.provider_info AS (
  id pg_catalog.int4,
  provider_name pg_catalog.varchar(100) COLLATE pg_catalog."C",
  display_name pg_catalog.varchar(255),
  base_url pg_catalog.text,
  endpoint_path_template pg_catalog.text,
  default_model pg_catalog.varchar(255),
  request_builder_config pg_catalog.jsonb,
  response_extractor_config pg_catalog.jsonb,
  model_capabilities pg_catalog.jsonb,
  auth_scheme pg_catalog.varchar(50),
  auth_header_template pg_catalog.text,
  http_method pg_catalog.varchar(10),
  additional_headers pg_catalog.jsonb,
  context_window_tokens pg_catalog.int4,
  max_output_tokens_limit pg_catalog.int4,
  config_version pg_catalog.int4,
  has_key pg_catalog.bool
);

-- One provider as operators see it; the result of list_providers() and create_provider().
CREATE TYPE llm_admin.provider_listing AS (
  provider_name pg_catalog.text,
  display_name pg_catalog.text,
  is_active pg_catalog.bool,
  is_enabled pg_catalog.bool,
  has_key pg_catalog.bool,
  key_hint pg_catalog.text,
  default_model pg_catalog.text,
  config_status pg_catalog.text,
  last_test_at pg_catalog.timestamptz,
  last_test_result pg_catalog.text,
  last_test_latency_ms pg_catalog.int4
);

-- What became of one provider; the result of purge_provider().
CREATE TYPE llm_admin.provider_outcome AS (
  provider_name pg_catalog.text,
  outcome pg_catalog.text
);

-- src/mapping/tables.sql
-- A complete HTTP request; the result of build_request() and build_operation().
CREATE TYPE llm_admin.built_request AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.jsonb,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4
);
-- The same with its body as text and what was noticed on the way; the result of build_request_text().
CREATE TYPE llm_admin.built_request_text AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.text,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4,
  warnings pg_catalog.jsonb
);

-- src/tenants/tables.sql
-- Tenants that bring their own key: one configuration each. Columns, order, key and index are the seed's.
CREATE TABLE llm_admin.llm_configs (
  id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT pg_catalog.gen_random_uuid()::pg_catalog.text,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'openrouter',
  api_key_encrypted pg_catalog.text NOT NULL,
  base_url pg_catalog.text,
  default_model pg_catalog.text,
  policy pg_catalog.text NOT NULL DEFAULT 'choice',
  last_tested_at pg_catalog.timestamptz(3),
  last_test_result pg_catalog.text,
  last_test_latency pg_catalog.int4,
  created_at pg_catalog.timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at pg_catalog.timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT llm_configs_pkey PRIMARY KEY (id),
  CONSTRAINT llm_configs_tenant_id_key UNIQUE (tenant_id),  -- a bare index could be dropped
  CONSTRAINT llm_configs_policy_check CHECK (policy IN ('choice', 'byollm_only', 'aegis_only')),
  CONSTRAINT llm_configs_last_test_latency_check CHECK (last_test_latency OPERATOR(pg_catalog.>=) 0)
);
ALTER TABLE llm_admin.llm_configs ALTER COLUMN api_key_encrypted SET STATISTICS 0;
-- Not FORCE: the owner reads all tenants, as pg_dump and our own functions must.
ALTER TABLE llm_admin.llm_configs ENABLE ROW LEVEL SECURITY;

-- Other names that a tenant may call a provider by, in lower case. The public one stands in front of the names of the
-- provider's models; NULL is as it ships.
CREATE TABLE llm_admin.provider_aliases (
  alias pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  provider_name pg_catalog.varchar(100) COLLATE pg_catalog."C" NOT NULL,
  public pg_catalog.bool,
  CONSTRAINT provider_aliases_pkey PRIMARY KEY (alias),
  CONSTRAINT provider_aliases_alias_check CHECK (alias OPERATOR(pg_catalog.=) pg_catalog.lower(alias))
);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_configs', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.provider_aliases', '');

-- Whose key and which provider a tenant's call uses; the result of resolve_llm().
CREATE TYPE llm_admin.resolved_llm AS (
  source pg_catalog.text,
  provider_name pg_catalog.text,
  base_url pg_catalog.text,
  model pg_catalog.text,
  fallback_allowed pg_catalog.bool,
  reason pg_catalog.text
);

-- built_request and where it came from; the result of build_tenant_request().
CREATE TYPE llm_admin.built_tenant_request AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.jsonb,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4,
  source pg_catalog.text,
  fallback_allowed pg_catalog.bool,
  reason pg_catalog.text
);

-- src/models/tables.sql
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

-- src/access/tables.sql
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

-- src/prices/tables.sql
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

-- src/usage/tables.sql
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

-- src/audit/tables.sql
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

-- src/access_keys/tables.sql
-- Keys of callers. The id is key_id in usage and the subject of a limit of scope key, and outlives each token: what is
-- stored of a token is the SHA-256 of its text, which is as good as the token where it is taken.
CREATE TABLE llm_admin.access_keys (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  key_hash pg_catalog.bytea NOT NULL,
  previous_hash pg_catalog.bytea,  -- of the token before the last rotation
  previous_until pg_catalog.timestamptz,
  prefix pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  team_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C",
  allow pg_catalog.text[] NOT NULL DEFAULT '{}',
  deny pg_catalog.text[] NOT NULL DEFAULT '{}',
  tags pg_catalog.jsonb NOT NULL DEFAULT '{}',
  expires_at pg_catalog.timestamptz,
  revoke_at pg_catalog.timestamptz,
  blocked pg_catalog.bool NOT NULL DEFAULT false,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  created_by pg_catalog.text,
  last_used_day pg_catalog.date,  -- in UTC
  CONSTRAINT access_keys_pkey PRIMARY KEY (id),
  CONSTRAINT access_keys_key_hash_key UNIQUE (key_hash),
  CONSTRAINT access_keys_previous_hash_key UNIQUE (previous_hash),
  CONSTRAINT access_keys_key_hash_check CHECK (pg_catalog.octet_length(key_hash) OPERATOR(pg_catalog.=) 32),
  CONSTRAINT access_keys_previous_hash_check CHECK (
    pg_catalog.octet_length(previous_hash) OPERATOR(pg_catalog.=) 32
    AND previous_hash OPERATOR(pg_catalog.<>) key_hash),
  CONSTRAINT access_keys_prefix_check CHECK (pg_catalog.octet_length(prefix) OPERATOR(pg_catalog.<=) 11),
  CONSTRAINT access_keys_name_check CHECK (
    name OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(name) OPERATOR(pg_catalog.<=) 255),
  CONSTRAINT access_keys_tier_code_check
    CHECK (tier_code::pg_catalog.text OPERATOR(pg_catalog.~) '^[a-z0-9_-]+$'),
  CONSTRAINT access_keys_allow_check
    CHECK (pg_catalog.array_position(allow, NULL::pg_catalog.text) IS NULL
           AND pg_catalog.cardinality(allow) OPERATOR(pg_catalog.<=) 1000),
  CONSTRAINT access_keys_deny_check
    CHECK (pg_catalog.array_position(deny, NULL::pg_catalog.text) IS NULL
           AND pg_catalog.cardinality(deny) OPERATOR(pg_catalog.<=) 1000),
  CONSTRAINT access_keys_tags_check CHECK (pg_catalog.jsonb_typeof(tags) OPERATOR(pg_catalog.=) 'object')
);
-- What the planner keeps of values could be read there.
ALTER TABLE llm_admin.access_keys ALTER COLUMN key_hash SET STATISTICS 0;
ALTER TABLE llm_admin.access_keys ALTER COLUMN previous_hash SET STATISTICS 0;
ALTER TABLE llm_admin.access_keys ENABLE ROW LEVEL SECURITY;
CREATE INDEX idx_access_keys_tenant ON llm_admin.access_keys (tenant_id, user_id);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.access_keys', '');

-- src/limits/tables.sql
-- How much of what is allowed, to whom, of which models, in which period; and what was used of it.

-- Every limit that a call meets applies. subject, model and tenant_id are globs; an amount of 0 allows nothing, NULL is
-- unlimited. What a row may hold is told by its trigger, all that is wrong at once.
CREATE TABLE llm_admin.limits (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  scope pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  model pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  what pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  amount pg_catalog.numeric,
  period pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  on_exceed pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'deny',
  downgrade_to pg_catalog.text COLLATE pg_catalog."C",
  alert_shares pg_catalog.numeric[] NOT NULL DEFAULT '{}',
  unpriced pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'deny',
  enabled pg_catalog.bool NOT NULL DEFAULT true,
  metadata pg_catalog.jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT limits_pkey PRIMARY KEY (id),
  CONSTRAINT limits_scope_check
    CHECK (scope IN ('organisation', 'tenant', 'team', 'user', 'key', 'tier', 'model', 'account', 'tag')),
  CONSTRAINT limits_what_check
    CHECK (what IN ('requests', 'input_tokens', 'output_tokens', 'tokens', 'cost_usd', 'concurrent')),
  CONSTRAINT limits_period_check CHECK (period IN ('minute', 'hour', 'day', 'week', 'month', 'total')),
  CONSTRAINT limits_concurrent_check
    CHECK (what OPERATOR(pg_catalog.<>) 'concurrent' OR period OPERATOR(pg_catalog.=) 'total'),
  CONSTRAINT limits_amount_check CHECK (
    amount OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND amount OPERATOR(pg_catalog.<>) ALL (ARRAY['NaN', 'Infinity']::pg_catalog.numeric[])),
  CONSTRAINT limits_on_exceed_check CHECK (on_exceed IN ('deny', 'warn', 'downgrade')),
  CONSTRAINT limits_downgrade_to_check
    CHECK ((downgrade_to IS NOT NULL) OPERATOR(pg_catalog.=) (on_exceed OPERATOR(pg_catalog.=) 'downgrade')),
  CONSTRAINT limits_unpriced_check CHECK (unpriced IN ('deny', 'estimate', 'allow')),
  CONSTRAINT limits_metadata_check CHECK (pg_catalog.jsonb_typeof(metadata) OPERATOR(pg_catalog.=) 'object')
);
ALTER TABLE llm_admin.limits ENABLE ROW LEVEL SECURITY;

-- More for a time, of a limit, of a tier's rule or of a tier's plan. Grants never change. No foreign key, as limit_id is
-- of three tables.
CREATE TABLE llm_admin.limit_overrides (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  limit_id pg_catalog.uuid NOT NULL,
  extra pg_catalog.numeric NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  valid_until pg_catalog.timestamptz,
  reason pg_catalog.text NOT NULL DEFAULT '',
  granted_by pg_catalog.text NOT NULL DEFAULT CURRENT_USER,
  CONSTRAINT limit_overrides_pkey PRIMARY KEY (id),
  CONSTRAINT limit_overrides_extra_check CHECK (
    extra OPERATOR(pg_catalog.>) 0::pg_catalog.numeric
    AND extra OPERATOR(pg_catalog.<>) ALL (ARRAY['NaN', 'Infinity']::pg_catalog.numeric[])),
  CONSTRAINT limit_overrides_valid_check CHECK (valid_until OPERATOR(pg_catalog.>) valid_from)
);

-- Each alert share of a limit once a window and subject.
CREATE TABLE llm_admin.limit_events (
  limit_id pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  window_start pg_catalog.timestamptz NOT NULL,
  share pg_catalog.numeric NOT NULL,
  at pg_catalog.timestamptz NOT NULL,
  used pg_catalog.numeric NOT NULL,
  CONSTRAINT limit_events_pkey PRIMARY KEY (limit_id, tenant_id, subject, window_start, share)
);
ALTER TABLE llm_admin.limit_events ENABLE ROW LEVEL SECURITY;

-- What was used and reserved, in up to 16 slots a subject: sessions pay from different ones. The subject is always the
-- concrete one. Room for updates in place: no column that changes is indexed.
CREATE TABLE llm_admin.limit_counters (
  limit_id pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  slot pg_catalog.int2 NOT NULL,
  window_start pg_catalog.timestamptz NOT NULL,
  used pg_catalog.numeric NOT NULL DEFAULT 0,
  reserved pg_catalog.numeric NOT NULL DEFAULT 0,
  previous pg_catalog.numeric NOT NULL DEFAULT 0,
  share pg_catalog.numeric NOT NULL DEFAULT 0,
  CONSTRAINT limit_counters_pkey PRIMARY KEY (limit_id, tenant_id, subject, slot),
  CONSTRAINT limit_counters_slot_check CHECK (slot OPERATOR(pg_catalog.>=) 0 AND slot OPERATOR(pg_catalog.<) 16),
  CONSTRAINT limit_counters_figures_check CHECK (
    used OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric AND used OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric
    AND reserved OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND reserved OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric
    AND previous OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND previous OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric
    AND share OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND share OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric)
) WITH (fillfactor = 20);
ALTER TABLE llm_admin.limit_counters ENABLE ROW LEVEL SECURITY;

-- What acquire_quota() and reserve_budget() took and nobody has given back or settled. Whoever ends a ticket deletes its
-- row, so each is ended once; overdue ones are ended by others.
CREATE TABLE llm_admin.quota_tickets (
  ticket pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  kind pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  taken_at pg_catalog.timestamptz NOT NULL,
  expires_at pg_catalog.timestamptz NOT NULL,
  reservations pg_catalog.jsonb NOT NULL,
  CONSTRAINT quota_tickets_pkey PRIMARY KEY (ticket),
  CONSTRAINT quota_tickets_kind_check CHECK (kind IN ('quota', 'budget'))
);
CREATE INDEX quota_tickets_expires_at_idx ON llm_admin.quota_tickets (expires_at, ticket);
ALTER TABLE llm_admin.quota_tickets ENABLE ROW LEVEL SECURITY;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.limits', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.limit_overrides', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.limit_events', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.limit_counters', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.quota_tickets', '');

-- src/calls/tables.sql
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

-- src/gateways/tables.sql
-- What changed in the configuration, in the order of commits: who has seen a version misses none below it. A row tells that
-- a row of a table changed; what it is now is read there. A bounded number is kept (store/config_log.hpp). Not marked for
-- dumps: a restored database has a history of its own.
CREATE TABLE llm_admin.config_changes (
  number pg_catalog.int8 NOT NULL,   -- how many there were
  version pg_catalog.int8 NOT NULL,  -- of the commit: microseconds since 1970
  kind pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  op pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  CONSTRAINT config_changes_pkey PRIMARY KEY (number),
  CONSTRAINT config_changes_op_check CHECK (op IN ('put', 'delete', 'reset'))
);
CREATE INDEX config_changes_version ON llm_admin.config_changes (version);
ALTER TABLE llm_admin.config_changes ENABLE ROW LEVEL SECURITY;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.config_changes', 'WHERE false');

-- src/roles/tables.sql
-- Which role was given which level, and what that was. A level belongs to the role whose name and OID are both these:
-- a name alone may be another role's by now, and so may an OID after a restore on another server.
CREATE TABLE llm_admin.access_grants (
  role_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  level pg_catalog.text COLLATE pg_catalog."C" NOT NULL CHECK (level IN ('app', 'operator', 'security', 'auditor', 'sender')),
  granted_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  granted_by pg_catalog.text NOT NULL,
  rights pg_catalog.text[],
  role_oid pg_catalog.oid,
  PRIMARY KEY (role_name, level)
);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.access_grants', '');

-- src/ledger/functions.sql
-- The settings pinned here are those that the fingerprint's texts depend on.
CREATE FUNCTION llm_admin.record_migration(script pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_record_migration';

CREATE FUNCTION llm_admin.validate_schema(
  OUT kind pg_catalog.text, OUT object pg_catalog.text, OUT verdict pg_catalog.text, OUT detail pg_catalog.text,
  OUT statement pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_validate_schema';

-- Pins what its texts depend on by itself.
CREATE FUNCTION llm_admin.repair_schema(
  dry_run pg_catalog.bool DEFAULT true,
  OUT object pg_catalog.text, OUT statement pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_repair_schema';

-- Looks at the library of this session and at files of the server besides the catalog.
CREATE FUNCTION llm_admin.migration_status(
  OUT item pg_catalog.text, OUT value pg_catalog.text, OUT verdict pg_catalog.text, OUT hint pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_migration_status';

-- Within an entered tenant nothing tells how much the others have.
CREATE FUNCTION llm_admin.schema_stats(
  OUT table_name pg_catalog.text, OUT estimated_rows pg_catalog.int8, OUT bytes pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_schema_stats';

CREATE FUNCTION llm_admin.check_row() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_row';

-- Pins what its texts depend on by itself, as above.
CREATE FUNCTION llm_admin.schema_objects(
  OUT kind pg_catalog.text, OUT name pg_catalog.text, OUT table_name pg_catalog.text, OUT identifier pg_catalog.text,
  OUT definition pg_catalog.text, OUT is_member pg_catalog.bool)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_schema_objects';

-- src/keys/functions.sql
CREATE FUNCTION llm_admin.encrypt_key(plaintext pg_catalog.text, context pg_catalog.text DEFAULT ''::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_encrypt_key';

CREATE FUNCTION llm_admin.decrypt_key(envelope pg_catalog.text, context pg_catalog.text DEFAULT ''::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_decrypt_key';

CREATE FUNCTION llm_admin.decrypt_provider_key(provider_name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_decrypt_provider_key';

CREATE FUNCTION llm_admin.set_provider_key(
  provider_name pg_catalog.text, api_key pg_catalog.text, changed_by pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_set_provider_key';

CREATE FUNCTION llm_admin.mask_key(key pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_mask_key';

CREATE FUNCTION llm_admin.key_fingerprint(envelope pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_key_fingerprint';

CREATE FUNCTION llm_admin.import_pgcrypto_key(ciphertext pg_catalog.text, passphrase pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_import_pgcrypto_key';

CREATE FUNCTION llm_admin.adopt_pgcrypto_keys(
  passphrase pg_catalog.text, OUT item pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_adopt_pgcrypto_keys';

CREATE FUNCTION llm_admin.key_status(
  OUT item pg_catalog.text, OUT value pg_catalog.text, OUT verdict pg_catalog.text, OUT hint pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_key_status';

CREATE FUNCTION llm_admin.verify_keys(
  sample pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  OUT ok pg_catalog.int8, OUT wrong_key pg_catalog.int8, OUT tampered pg_catalog.int8, OUT opaque pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_verify_keys';

-- The life of keys.
CREATE FUNCTION llm_admin.rotate_root_key(
  new_id pg_catalog.int4, OUT root_id pg_catalog.int4, OUT rewrapped pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_rotate_root_key';

CREATE FUNCTION llm_admin.rotate_data_key(tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.int4
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_rotate_data_key';

CREATE FUNCTION llm_admin.reseal_keys(
  batch pg_catalog.int4 DEFAULT 1000,
  OUT resealed pg_catalog.int8, OUT remaining pg_catalog.int8, OUT unreadable pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_reseal_keys';

CREATE FUNCTION llm_admin.shred_tenant_keys(
  tenant_id pg_catalog.text, OUT data_keys pg_catalog.int8, OUT secrets pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_shred_tenant_keys';

CREATE FUNCTION llm_admin.data_keys_changed() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_data_keys_changed';

-- For a copy of a database: makes it another installation, whose envelopes open in no other one.
CREATE FUNCTION llm_admin.new_installation(OUT item pg_catalog.text, OUT value pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_new_installation';

-- src/providers/functions.sql
-- Plain SQL over a view without the key, so that the planner inlines it.
CREATE FUNCTION llm_admin.get_active_provider() RETURNS SETOF llm_admin.provider_info
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
  BEGIN ATOMIC
    SELECT p.id, p.provider_name, p.display_name, p.base_url, p.endpoint_path_template, p.default_model,
           p.request_builder_config, p.response_extractor_config, p.model_capabilities, p.auth_scheme,
           p.auth_header_template, p.http_method, p.additional_headers, p.context_window_tokens,
           p.max_output_tokens_limit, p.config_version, p.has_key
    FROM llm_admin.provider_settings p
    WHERE p.is_active;
  END;

CREATE FUNCTION llm_admin.get_provider(provider_name pg_catalog.text) RETURNS llm_admin.provider_info
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_get_provider';

CREATE FUNCTION llm_admin.switch_active_provider(
  new_provider_name pg_catalog.text, switched_by pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_switch_active_provider';

CREATE FUNCTION llm_admin.create_provider(
  display_name pg_catalog.text, base_url pg_catalog.text, default_model pg_catalog.text,
  provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  dialect pg_catalog.text DEFAULT 'openai_chat'::pg_catalog.text,
  api_key pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS llm_admin.provider_listing
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_create_provider';

CREATE FUNCTION llm_admin.list_providers() RETURNS SETOF llm_admin.provider_listing
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_list_providers';

CREATE FUNCTION llm_admin.record_provider_test(
  provider_name pg_catalog.text, ok pg_catalog.bool, latency_ms pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  message pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_provider_test';

CREATE FUNCTION llm_admin.import_admin_settings(
  settings pg_catalog.jsonb, changed_by pg_catalog.text DEFAULT NULL::pg_catalog.text,
  OUT step pg_catalog.text, OUT outcome pg_catalog.text, OUT detail pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_import_admin_settings';

CREATE FUNCTION llm_admin.provider_named(name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_provider_named';

CREATE FUNCTION llm_admin.provider_history(
  provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz)
  RETURNS SETOF llm_admin.llm_provider_config_history
  LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT h.*
    FROM llm_admin.llm_provider_config_history h
    WHERE (provider_history.provider_name IS NULL
           OR h.provider_name OPERATOR(pg_catalog.=) provider_history.provider_name::pg_catalog.varchar)
      AND (provider_history.since IS NULL OR h.changed_at OPERATOR(pg_catalog.>=) provider_history.since)
    ORDER BY h.changed_at DESC, h.id;
  END;

CREATE FUNCTION llm_admin.purge_provider(
  INOUT provider_name pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_purge_provider';

-- What C++ functions that write ask first, for those that are SQL.
CREATE FUNCTION llm_admin.require_primary(function_name pg_catalog.text) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_require_primary';

-- The functions behind the table's triggers.
CREATE FUNCTION llm_admin.lock_provider_configs() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_lock_provider_configs';
CREATE FUNCTION llm_admin.validate_provider_config() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_provider_config';
CREATE FUNCTION llm_admin.ensure_single_active_provider() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_ensure_single_active_provider';
CREATE FUNCTION llm_admin.log_provider_config_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_log_provider_config_change';
CREATE FUNCTION llm_admin.prevent_active_provider_deletion() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_prevent_active_provider_deletion';
CREATE FUNCTION llm_admin.refuse_history_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_history_change';

-- src/mapping/functions.sql
CREATE FUNCTION llm_admin.config_problems(
  request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
  OUT config pg_catalog.text, OUT pointer pg_catalog.text, OUT severity pg_catalog.text, OUT code pg_catalog.text,
  OUT message pg_catalog.text, OUT hint pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'llm_admin_config_problems';

CREATE FUNCTION llm_admin.validate_config(
  request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb)
  RETURNS pg_catalog.bool
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_config';

CREATE FUNCTION llm_admin.validate_request_builder_config(config pg_catalog.jsonb) RETURNS pg_catalog.bool
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_request_builder_config';

CREATE FUNCTION llm_admin.validate_response_extractor_config(config pg_catalog.jsonb) RETURNS pg_catalog.bool
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_response_extractor_config';

CREATE FUNCTION llm_admin.build_request(
  params pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  with_key pg_catalog.bool DEFAULT false)
  RETURNS llm_admin.built_request
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_request';

CREATE FUNCTION llm_admin.extract_response(
  response pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_extract_response';

CREATE FUNCTION llm_admin.build_operation(
  operation pg_catalog.text, provider_name pg_catalog.text, params pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  with_key pg_catalog.bool DEFAULT false)
  RETURNS llm_admin.built_request
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_operation';

CREATE FUNCTION llm_admin.explain_request(
  params pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  OUT pointer pg_catalog.text, OUT rule_pointer pg_catalog.text, OUT value pg_catalog.jsonb, OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_explain_request';

CREATE FUNCTION llm_admin.extract_stream(
  body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_extract_stream';

CREATE FUNCTION llm_admin.extract_operation(
  operation pg_catalog.text, response pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_extract_operation';

CREATE FUNCTION llm_admin.mapping_cache_stats(
  OUT programs pg_catalog.int8, OUT bytes pg_catalog.int8, OUT hits pg_catalog.int8, OUT misses pg_catalog.int8,
  OUT evictions pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_mapping_cache_stats';

CREATE FUNCTION llm_admin.build_request_text(
  params pg_catalog.json, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS llm_admin.built_request_text
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_request_text';

CREATE FUNCTION llm_admin.read_answer(
  body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_read_answer';

CREATE FUNCTION llm_admin.read_operation(
  operation pg_catalog.text, body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_read_operation';

CREATE FUNCTION llm_admin.stream_deltas(
  events pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_stream_deltas';

-- src/tenants/functions.sql
-- The setting it makes lasts until the transaction ends, also from inside other functions.
CREATE FUNCTION llm_admin.enter_tenant(tenant_id pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_enter_tenant';

-- In C, so that the library is loaded where the policy asks: what stood in the setting's place before is checked then.
CREATE FUNCTION llm_admin.entered_tenant() RETURNS pg_catalog.text
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_entered_tenant';

CREATE FUNCTION llm_admin.get_llm_config(tenant_id pg_catalog.text) RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_get_llm_config';

CREATE FUNCTION llm_admin.put_llm_config(tenant_id pg_catalog.text, config pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_put_llm_config';

CREATE FUNCTION llm_admin.delete_llm_config(tenant_id pg_catalog.text) RETURNS pg_catalog.jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_delete_llm_config';

CREATE FUNCTION llm_admin.record_llm_test(
  tenant_id pg_catalog.text, ok pg_catalog.bool, latency_ms pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  message pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_llm_test';

CREATE FUNCTION llm_admin.resolve_llm(
  tenant_id pg_catalog.text, requested pg_catalog.text DEFAULT NULL::pg_catalog.text,
  model pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS llm_admin.resolved_llm
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_resolve_llm';

CREATE FUNCTION llm_admin.build_tenant_request(
  tenant_id pg_catalog.text, params pg_catalog.jsonb, requested pg_catalog.text DEFAULT NULL::pg_catalog.text,
  with_key pg_catalog.bool DEFAULT false)
  RETURNS llm_admin.built_tenant_request
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_tenant_request';

CREATE FUNCTION llm_admin.decrypt_tenant_key(tenant_id pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_decrypt_tenant_key';

CREATE FUNCTION llm_admin.list_llm_configs(
  OUT tenant_id pg_catalog.text, OUT provider pg_catalog.text, OUT base_url pg_catalog.text,
  OUT default_model pg_catalog.text, OUT policy pg_catalog.text, OUT key_state pg_catalog.text,
  OUT last_tested_at pg_catalog.timestamptz, OUT last_test_result pg_catalog.text,
  OUT last_test_latency pg_catalog.int4, OUT created_at pg_catalog.timestamptz, OUT updated_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_list_llm_configs';

CREATE FUNCTION llm_admin.verify_llm_configs(
  OUT item pg_catalog.text, OUT verdict pg_catalog.text, OUT detail pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'llm_admin_verify_llm_configs';

-- The functions behind the table's triggers.
CREATE FUNCTION llm_admin.lock_llm_configs() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_lock_llm_configs';
CREATE FUNCTION llm_admin.validate_llm_config() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_llm_config';

-- src/models/functions.sql
-- Models on servers of one's own. A server is named by its name.
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

-- Triggers.
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

-- src/access/functions.sql
-- Names, decisions and permissions of models.
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

-- What ships: src/shipped/tiers.json, tier_rules.tsv and model_aliases.json.
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

-- Rows that are there stay as they are, edited or not. The tiers are counted so that they are there before their rules.
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

-- Triggers.
CREATE FUNCTION llm_admin.validate_tier_rule() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_tier_rule';

-- src/prices/functions.sql
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

-- With the caller's rights, so that it shows what row-level security does.
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

-- The prices that seed_prices() adds; they alone name models.
CREATE FUNCTION llm_admin.shipped_prices()
  RETURNS TABLE (
    model_id pg_catalog.text, rates pg_catalog.jsonb, valid_from pg_catalog.timestamptz, source pg_catalog.text,
    max_input_tokens pg_catalog.int4, max_output_tokens pg_catalog.int4)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 55 AS 'MODULE_PATHNAME', 'llm_admin_shipped_prices';

CREATE FUNCTION llm_admin.seed_prices()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 55 AS 'MODULE_PATHNAME', 'llm_admin_seed_prices';

-- Before the row: what it may hold, and the number of a price that is new.
CREATE FUNCTION llm_admin.check_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_model_price';

-- After it: the price's row of model_price_history.
CREATE FUNCTION llm_admin.record_model_price() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_model_price';

CREATE FUNCTION llm_admin.refuse_price_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_change';

CREATE FUNCTION llm_admin.refuse_price_truncate() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_price_truncate';

-- src/usage/functions.sql
-- Assigns the transaction's id before it takes one from the sequence, which the roll-up counts on; so nobody but the
-- owner takes ids from the sequence itself.
CREATE FUNCTION llm_admin.next_usage_id() RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_next_usage_id';

-- What row-level security asks, once a statement: whose rows the current user sees, NULL standing for all.
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

-- The functions behind the log's triggers.
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

-- Whole days of UTC come from the daily book, all else from the log.
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

-- An invoice is {"total_usd": 12.5} or {"lines": [{"model": "gpt-4o", "class": "cost_usd", "amount": 12.5}]} or both;
-- classes are the measures of the daily book. Models that only one of the two has come as well.
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

-- A day's cost of a model against the mean of the days before it that had any, at most 28.
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

-- Commits after each month, so that no lock outlives it; a function cannot.
CREATE PROCEDURE llm_admin.maintain_all_partitions()
  LANGUAGE c AS 'MODULE_PATHNAME', 'llm_admin_maintain_all_partitions';

-- src/audit/functions.sql
-- The log and its payloads are append-only.
CREATE FUNCTION llm_admin.refuse_audit_change() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_audit_change';

CREATE FUNCTION llm_admin.audit_change() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_audit_change';

CREATE FUNCTION llm_admin.erase_audit_payload(
  ids pg_catalog.int8[], reason pg_catalog.text, legal_ground pg_catalog.text,
  OUT audit_id pg_catalog.int8, OUT at pg_catalog.timestamptz, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_erase_audit_payload';

-- Called by seed(), which runs as its caller: what it adds is told row by row, and that it ran by this.
CREATE FUNCTION llm_admin.record_seed() RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_seed';

-- src/access_keys/functions.sql
-- Keys of callers: made, changed, listed and looked up.
CREATE FUNCTION llm_admin.issue_access_key(
  name pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT token pg_catalog.text, OUT id pg_catalog.uuid, OUT prefix pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_issue_access_key';

CREATE FUNCTION llm_admin.rotate_access_key(
  id pg_catalog.uuid, grace_seconds pg_catalog.int4, OUT token pg_catalog.text, OUT prefix pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_rotate_access_key';

CREATE FUNCTION llm_admin.revoke_access_key(id pg_catalog.uuid)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_revoke_access_key';

CREATE FUNCTION llm_admin.block_access_key(id pg_catalog.uuid, blocked pg_catalog.bool)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_block_access_key';

CREATE FUNCTION llm_admin.list_access_keys(options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS TABLE (
    id pg_catalog.uuid, prefix pg_catalog.text, name pg_catalog.text, state pg_catalog.text,
    tenant_id pg_catalog.text, team_id pg_catalog.text, user_id pg_catalog.text, tier_code pg_catalog.text,
    allow pg_catalog.text[], deny pg_catalog.text[], tags pg_catalog.jsonb, expires_at pg_catalog.timestamptz,
    revoke_at pg_catalog.timestamptz, previous_until pg_catalog.timestamptz, created_at pg_catalog.timestamptz,
    created_by pg_catalog.text, last_used_day pg_catalog.date)
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_list_access_keys';

CREATE FUNCTION llm_admin.check_access_key(
  token pg_catalog.text,
  OUT key_id pg_catalog.uuid, OUT prefix pg_catalog.text, OUT name pg_catalog.text, OUT state pg_catalog.text,
  OUT tenant_id pg_catalog.text, OUT team_id pg_catalog.text, OUT user_id pg_catalog.text,
  OUT tier_code pg_catalog.text, OUT allow pg_catalog.text[], OUT deny pg_catalog.text[],
  OUT tags pg_catalog.jsonb, OUT expires_at pg_catalog.timestamptz)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_access_key';

-- Triggers.
CREATE FUNCTION llm_admin.validate_access_key() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_access_key';

-- src/limits/functions.sql
-- Quotas and budgets of calls that the application makes by itself; begin_call() takes both at once.
CREATE FUNCTION llm_admin.acquire_quota(
  user_id pg_catalog.text, tier pg_catalog.text, model pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT limit_id pg_catalog.uuid, OUT subject pg_catalog.text,
  OUT used pg_catalog.numeric, OUT remaining pg_catalog.numeric, OUT resets_at pg_catalog.timestamptz,
  OUT retry_after_ms pg_catalog.int8, OUT downgrade_to pg_catalog.text, OUT ticket pg_catalog.uuid)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_acquire_quota';

CREATE FUNCTION llm_admin.release_quota(
  ticket pg_catalog.uuid, used pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_release_quota';

CREATE FUNCTION llm_admin.reserve_budget(
  user_id pg_catalog.text, tier pg_catalog.text, model pg_catalog.text, amount_usd pg_catalog.numeric,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT limit_id pg_catalog.uuid, OUT subject pg_catalog.text,
  OUT used pg_catalog.numeric, OUT remaining pg_catalog.numeric, OUT resets_at pg_catalog.timestamptz,
  OUT retry_after_ms pg_catalog.int8, OUT downgrade_to pg_catalog.text, OUT ticket pg_catalog.uuid)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_reserve_budget';

CREATE FUNCTION llm_admin.settle_budget(ticket pg_catalog.uuid, cost_usd pg_catalog.numeric)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_settle_budget';

-- Tickets end by themselves when they are overdue, some beside each acquire_quota(); this ends more of them at once.
CREATE FUNCTION llm_admin.expire_quota_tickets(max pg_catalog.int4 DEFAULT 1000)
  RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_expire_quota_tickets';

CREATE FUNCTION llm_admin.limit_status(
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, user_id pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT subject pg_catalog.text,
  OUT model pg_catalog.text, OUT what pg_catalog.text, OUT period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT used pg_catalog.numeric, OUT reserved pg_catalog.numeric, OUT remaining pg_catalog.numeric,
  OUT window_start pg_catalog.timestamptz, OUT resets_at pg_catalog.timestamptz, OUT exceeded pg_catalog.bool)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_limit_status';

-- Limits that are not there yet, over the calls that the log holds from `since` on.
CREATE FUNCTION llm_admin.simulate_limits(
  limits pg_catalog.jsonb, since pg_catalog.timestamptz, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT place pg_catalog.int4, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT subject pg_catalog.text,
  OUT model pg_catalog.text, OUT what pg_catalog.text, OUT period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT calls pg_catalog.int8, OUT denied pg_catalog.int8, OUT warned pg_catalog.int8, OUT downgraded pg_catalog.int8,
  OUT first_at pg_catalog.timestamptz, OUT peak pg_catalog.numeric, OUT saved_usd pg_catalog.numeric)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_simulate_limits';

CREATE FUNCTION llm_admin.limit_denials(
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT tenant pg_catalog.text, OUT subject pg_catalog.text, OUT denied pg_catalog.int8,
  OUT first_at pg_catalog.timestamptz, OUT last_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_limit_denials';

-- Windows that slide or never end have no pace. The pace is that of the window so far.
CREATE FUNCTION llm_admin.spend_forecast(
  subject pg_catalog.text DEFAULT NULL::pg_catalog.text, period pg_catalog.text DEFAULT NULL::pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT spender pg_catalog.text,
  OUT model pg_catalog.text, OUT budget_period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT spent pg_catalog.numeric, OUT reserved pg_catalog.numeric, OUT rate_per_day pg_catalog.numeric,
  OUT expected_at_end pg_catalog.numeric, OUT ends_at pg_catalog.timestamptz, OUT exhausts_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 100
  BEGIN ATOMIC
    SELECT s.limit_id, s.scope, s.tenant, s.subject, s.model, s.period, s.amount, s.used, s.reserved,
           pg_catalog.round(p.a_second OPERATOR(pg_catalog.*) 86400, 9),
           pg_catalog.round(s.used OPERATOR(pg_catalog.+) (p.a_second OPERATOR(pg_catalog.*) t.seconds_left), 9),
           s.resets_at,
           CASE WHEN s.used OPERATOR(pg_catalog.+) s.reserved OPERATOR(pg_catalog.>=) s.amount
                  THEN pg_catalog.statement_timestamp()
                WHEN p.a_second OPERATOR(pg_catalog.*) t.seconds_left
                     OPERATOR(pg_catalog.>=) (s.amount OPERATOR(pg_catalog.-) s.used OPERATOR(pg_catalog.-) s.reserved)
                  THEN pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) pg_catalog.make_interval(
                    secs => ((s.amount OPERATOR(pg_catalog.-) s.used OPERATOR(pg_catalog.-) s.reserved)
                             OPERATOR(pg_catalog./) p.a_second)::pg_catalog.float8) END
    FROM llm_admin.limit_status(tenant_id, NULL, options) s
    CROSS JOIN LATERAL (
      SELECT CASE WHEN s.period NOT IN ('minute', 'total') THEN GREATEST(1, EXTRACT(epoch FROM
               pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) s.window_start)) END,
             CASE WHEN s.period NOT IN ('minute', 'total') THEN GREATEST(0, EXTRACT(epoch FROM
               s.resets_at OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp())) END) t (seconds_gone, seconds_left)
    CROSS JOIN LATERAL (SELECT s.used OPERATOR(pg_catalog./) t.seconds_gone) p (a_second)
    WHERE s.what OPERATOR(pg_catalog.=) 'cost_usd'
      AND (spend_forecast.subject IS NULL OR s.subject OPERATOR(pg_catalog.=) spend_forecast.subject)
      AND (spend_forecast.period IS NULL OR s.period OPERATOR(pg_catalog.=) spend_forecast.period)
    ORDER BY s.limit_id, s.tenant, s.subject;
  END;

-- Triggers.
CREATE FUNCTION llm_admin.check_limit() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit';
CREATE FUNCTION llm_admin.check_limit_override() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit_override';
CREATE FUNCTION llm_admin.refuse_override_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_override_change';

-- src/calls/functions.sql
-- Before and after the call of a vendor. params is json, and body is text, so that the order of members and the form of
-- numbers stay as they are.
CREATE FUNCTION llm_admin.begin_call(
  params pg_catalog.json, user_id pg_catalog.text DEFAULT ''::pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, tier pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT call_id pg_catalog.uuid, OUT method pg_catalog.text, OUT url pg_catalog.text, OUT headers pg_catalog.jsonb,
  OUT body pg_catalog.text, OUT provider_name pg_catalog.text, OUT account_id pg_catalog.uuid,
  OUT model pg_catalog.text, OUT source pg_catalog.text, OUT estimate_usd pg_catalog.numeric,
  OUT expires_at pg_catalog.timestamptz, OUT cached_response pg_catalog.jsonb, OUT warnings pg_catalog.jsonb,
  OUT repeated pg_catalog.bool, OUT receipt pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_begin_call';

CREATE FUNCTION llm_admin.finish_call(
  call_id pg_catalog.uuid, body pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  latency_ms pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT result pg_catalog.jsonb, OUT usage_id pg_catalog.int8, OUT cost_usd pg_catalog.numeric,
  OUT cost_status pg_catalog.text, OUT next pg_catalog.text, OUT next_account pg_catalog.uuid,
  OUT after_ms pg_catalog.int8, OUT safe pg_catalog.bool, OUT duplicate pg_catalog.bool,
  OUT warnings pg_catalog.jsonb)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_finish_call';

CREATE FUNCTION llm_admin.extend_call(call_id pg_catalog.uuid, timeout_ms pg_catalog.int4)
  RETURNS pg_catalog.timestamptz
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_extend_call';

CREATE FUNCTION llm_admin.expire_calls(most pg_catalog.int4 DEFAULT 1000)
  RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_expire_calls';

CREATE FUNCTION llm_admin.explain_call(call_id pg_catalog.uuid)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_explain_call';

CREATE FUNCTION llm_admin.open_sender_ticket(call_id pg_catalog.uuid)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_open_sender_ticket';

CREATE FUNCTION llm_admin.redeem_sender_ticket(
  ticket pg_catalog.text, OUT call_id pg_catalog.uuid, OUT headers pg_catalog.jsonb)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_redeem_sender_ticket';

-- src/gateways/functions.sql
CREATE FUNCTION llm_admin.config_since(
  since pg_catalog.int8 DEFAULT 0,
  OUT version pg_catalog.int8, OUT kind pg_catalog.text, OUT id pg_catalog.text, OUT op pg_catalog.text,
  OUT data pg_catalog.jsonb)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_config_since';

CREATE FUNCTION llm_admin.config_changed() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_config_changed';

-- src/roles/functions.sql
-- These build GRANT statements from names, so the search_path is pinned.
CREATE FUNCTION llm_admin.grant_access(role pg_catalog.regrole, level pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_grant_access';

CREATE FUNCTION llm_admin.revoke_access(role pg_catalog.regrole, level pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_revoke_access';

CREATE FUNCTION llm_admin.refresh_access(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_refresh_access';

CREATE FUNCTION llm_admin.refresh_access_by_name(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_refresh_access_by_name';

CREATE FUNCTION llm_admin.revoke_gone_role(role_name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_revoke_gone_role';

-- Who lacks what of a level: a role that the last upgrade brought new functions for, one that no longer exists.
CREATE FUNCTION llm_admin.missing_access(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT missing pg_catalog.text,
  OUT statement pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_missing_access';

-- src/ledger/triggers.sql
-- The server's own error about a NOT NULL or CHECK shows the whole row. Providers and tenants have their own triggers.
CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.llm_provider_config_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.provider_tests
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.root_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.data_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.access_grants
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.schema_migrations
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- src/keys/triggers.sql
-- Rows changed by hand keep the uses that sessions count in place: the statement waits for them, and they for it.
CREATE TRIGGER trg_lock_data_keys BEFORE UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE ALWAYS TRIGGER trg_lock_data_keys;

-- Tells every session, at commit, to read data keys again; also under session_replication_role = replica.
CREATE TRIGGER trg_data_keys_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE ALWAYS TRIGGER trg_data_keys_changed;

-- A logical subscriber's apply fires no trigger for statements: there each row tells it.
CREATE TRIGGER trg_data_key_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.data_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE REPLICA TRIGGER trg_data_key_replicated;

-- src/providers/triggers.sql
-- Order within one statement: lock (statement), ensure, prevent, validate (before each row), log (after each row).
CREATE TRIGGER trg_lock_provider_configs
  BEFORE INSERT OR UPDATE OF is_active OR DELETE OR TRUNCATE ON llm_admin.llm_provider_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.lock_provider_configs();
CREATE TRIGGER trg_ensure_single_active_provider
  BEFORE INSERT OR UPDATE OF is_active ON llm_admin.llm_provider_configs
  FOR EACH ROW WHEN (NEW.is_active) EXECUTE FUNCTION llm_admin.ensure_single_active_provider();
CREATE TRIGGER trg_prevent_active_provider_deletion
  BEFORE DELETE ON llm_admin.llm_provider_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.prevent_active_provider_deletion();
CREATE TRIGGER trg_validate_provider_config
  BEFORE INSERT OR UPDATE ON llm_admin.llm_provider_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_provider_config();
CREATE TRIGGER trg_log_provider_config_change
  AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_provider_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.log_provider_config_change();

-- Append-only also under session_replication_role = replica.
CREATE TRIGGER trg_refuse_history_change
  BEFORE UPDATE OR DELETE ON llm_admin.llm_provider_config_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_history_change();
CREATE TRIGGER trg_refuse_history_truncate
  BEFORE TRUNCATE ON llm_admin.llm_provider_config_history
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_history_change();
ALTER TABLE llm_admin.llm_provider_config_history
  ENABLE ALWAYS TRIGGER trg_refuse_history_change,
  ENABLE ALWAYS TRIGGER trg_refuse_history_truncate;

-- src/tenants/triggers.sql
-- Order within one statement: lock (statement), validate (before each row). A DELETE locks as well: an INSERT may
-- follow it in its transaction, whose lock must not come after a row's.
CREATE TRIGGER trg_lock_llm_configs
  BEFORE INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.lock_llm_configs();
CREATE TRIGGER trg_validate_llm_config
  BEFORE INSERT OR UPDATE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_llm_config();

-- The entered tenant's row and no other; none entered, none seen. The sub-select is evaluated once a statement and
-- leaves the index of tenant_id usable.
CREATE POLICY tenant_isolation ON llm_admin.llm_configs
  USING (tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

-- src/models/triggers.sql
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

-- src/access/triggers.sql
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

-- src/prices/triggers.sql
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

-- src/usage/triggers.sql
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

-- src/audit/triggers.sql
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

-- src/access_keys/triggers.sql
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_bind_access_key BEFORE INSERT OR UPDATE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_access_key();

CREATE POLICY tenant_isolation ON llm_admin.access_keys
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();

-- src/limits/triggers.sql
CREATE TRIGGER trg_check_limit BEFORE INSERT OR UPDATE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_limit();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_limit_override BEFORE INSERT ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_limit_override();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_events
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_counters
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.quota_tickets
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- Grants stay as they were given also under session_replication_role = replica.
CREATE TRIGGER trg_refuse_override_change BEFORE UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_override_change();
CREATE TRIGGER trg_refuse_override_truncate BEFORE TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_override_change();
ALTER TABLE llm_admin.limit_overrides
  ENABLE ALWAYS TRIGGER trg_refuse_override_change,
  ENABLE ALWAYS TRIGGER trg_refuse_override_truncate;

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_isolation ON llm_admin.limits
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));
CREATE POLICY tenant_rows ON llm_admin.limit_events FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.limit_counters FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.quota_tickets FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));

CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.limits ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.limit_overrides ENABLE REPLICA TRIGGER trg_cache_replicated;

CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();

-- src/calls/triggers.sql
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.llm_calls
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.sender_tickets
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_rows ON llm_admin.llm_calls FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));

-- src/gateways/triggers.sql
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.config_changes
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE POLICY tenant_isolation ON llm_admin.config_changes
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) ANY (ARRAY['', (SELECT llm_admin.entered_tenant())]));

-- What a gateway's decisions hang on, of every kind of src/gateways/kinds.cpp. Also under session_replication_role =
-- replica, and where a subscription applies.
-- Of providers the history tells it, which has a row for each change, and which subscribers get as well.
CREATE TRIGGER trg_config_changed AFTER INSERT ON llm_admin.llm_provider_config_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_provider_config_history ENABLE ALWAYS TRIGGER trg_config_changed;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.provider_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_servers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_servers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_servers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_servers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_pricing
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_pricing ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_pricing ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.exchange_rates
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.exchange_rates
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.exchange_rates ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.exchange_rates ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_permissions
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.llm_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_configs ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.llm_configs ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.access_keys ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.access_keys ENABLE ALWAYS TRIGGER trg_config_emptied;

-- src/models/views.sql
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

-- src/usage/views.sql
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

-- src/audit/views.sql
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

-- src/limits/views.sql
CREATE VIEW llm_admin.budgets WITH (security_invoker = true) AS
  SELECT l.id, l.scope, l.subject, l.model, l.tenant_id, l.amount, l.period, l.on_exceed, l.downgrade_to, l.alert_shares,
         l.unpriced, l.enabled, l.metadata
  FROM llm_admin.limits l
  WHERE l.what OPERATOR(pg_catalog.=) 'cost_usd';

-- src/providers/seeds.sql
-- What ships: dialects for create_provider(), and the rows that seed() adds: providers and their other names. CREATE EXTENSION inserts none
-- of them: rows of an install script would collide with the dumped ones on restore. The data are files of src/shipped,
-- embedded in the library; they alone name vendors.

-- Mappings by API dialect, without a vendor: what create_provider() starts from. max_tokens is the name that nearly
-- every server compatible with OpenAI's chat completions takes.
CREATE FUNCTION llm_admin.shipped_dialects()
  RETURNS TABLE (
    dialect pg_catalog.text, endpoint_path_template pg_catalog.text, auth_scheme pg_catalog.text,
    auth_header_template pg_catalog.text, http_method pg_catalog.text, request_builder_config pg_catalog.jsonb,
    response_extractor_config pg_catalog.jsonb)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 7 AS 'MODULE_PATHNAME', 'llm_admin_shipped_dialects';

-- The seed rows: each has the mapping of its dialect and what is different at its vendor (core/shipped.hpp).
CREATE FUNCTION llm_admin.shipped_providers()
  RETURNS TABLE (
    provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
    auth_scheme pg_catalog.text, auth_header_template pg_catalog.text, base_url pg_catalog.text,
    endpoint_path_template pg_catalog.text, http_method pg_catalog.text, additional_headers pg_catalog.jsonb,
    request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
    default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
    context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4, is_active pg_catalog.bool,
    is_enabled pg_catalog.bool)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 14 AS 'MODULE_PATHNAME', 'llm_admin_shipped_providers';

-- The first statement takes the table's lock through its statement trigger, so that the second one's snapshot sees
-- what other sessions activated meanwhile. Rows that are there are skipped before ON CONFLICT: no id is used up.
CREATE FUNCTION llm_admin.seed_providers()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 14
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed_providers');
    UPDATE llm_admin.llm_provider_configs p SET is_active = p.is_active WHERE false;
    WITH shipped AS (
      SELECT s.*
      FROM llm_admin.shipped_providers() WITH ORDINALITY AS s
    ), added AS (
      INSERT INTO llm_admin.llm_provider_configs AS p (
        provider_name, display_name, description, auth_scheme, auth_header_template, base_url,
        endpoint_path_template, http_method, additional_headers, request_builder_config, response_extractor_config,
        default_model, supported_models, model_capabilities, context_window_tokens, max_output_tokens_limit,
        is_active, is_enabled)
      SELECT s.provider_name, s.display_name, s.description, s.auth_scheme, s.auth_header_template, s.base_url,
             s.endpoint_path_template, s.http_method, s.additional_headers, s.request_builder_config,
             s.response_extractor_config, s.default_model, s.supported_models, s.model_capabilities,
             s.context_window_tokens, s.max_output_tokens_limit,
             s.is_active AND NOT EXISTS (SELECT FROM llm_admin.llm_provider_configs a WHERE a.is_active),
             s.is_enabled
      FROM shipped s
      WHERE NOT EXISTS (
        SELECT FROM llm_admin.llm_provider_configs t
        WHERE t.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C")
      ORDER BY s.ordinality
      ON CONFLICT (provider_name) DO NOTHING
      RETURNING p.provider_name::pg_catalog.text AS name
    )
    SELECT s.provider_name, CASE WHEN a.name IS NULL THEN 'already there' ELSE 'added' END
    FROM shipped s
    LEFT JOIN added a ON a.name OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C"
    ORDER BY s.ordinality;
  END;

-- Names that applications and vendors use for the providers above.
CREATE FUNCTION llm_admin.shipped_provider_aliases()
  RETURNS TABLE (alias pg_catalog.text, provider_name pg_catalog.text)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 9
  AS 'MODULE_PATHNAME', 'llm_admin_shipped_provider_aliases';

CREATE FUNCTION llm_admin.seed_provider_aliases()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 9
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed_provider_aliases');
    WITH shipped AS (
      SELECT s.*
      FROM llm_admin.shipped_provider_aliases() WITH ORDINALITY AS s
    ), added AS (
      INSERT INTO llm_admin.provider_aliases AS a (alias, provider_name)
      SELECT s.alias, s.provider_name
      FROM shipped s
      ON CONFLICT (alias) DO NOTHING
      RETURNING a.alias AS name
    )
    SELECT pg_catalog.concat('alias ', s.alias), CASE WHEN a.name IS NULL THEN 'already there' ELSE 'added' END
    FROM shipped s
    LEFT JOIN added a ON a.name OPERATOR(pg_catalog.=) s.alias COLLATE pg_catalog."C"
    ORDER BY s.ordinality;
  END;

CREATE FUNCTION llm_admin.seed()
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

-- The row lock makes the verdict hold for the version that is deleted.
CREATE FUNCTION llm_admin.remove_seed_providers()
  RETURNS TABLE (provider_name pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 14
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('remove_seed_providers');
    UPDATE llm_admin.llm_provider_configs p SET is_active = p.is_active WHERE false;
    WITH present AS MATERIALIZED (
      SELECT s.ordinality, p.id, p.provider_name::pg_catalog.text AS name,
             CASE
               WHEN p.is_active THEN 'refused: active, switch to another provider first'
               WHEN p.api_key_encrypted IS NOT NULL
                 OR (p.display_name IS DISTINCT FROM s.display_name
                  OR p.description IS DISTINCT FROM s.description
                  OR p.auth_scheme IS DISTINCT FROM s.auth_scheme
                  OR p.auth_header_template IS DISTINCT FROM s.auth_header_template
                  OR p.base_url IS DISTINCT FROM s.base_url
                  OR p.endpoint_path_template IS DISTINCT FROM s.endpoint_path_template
                  OR p.http_method IS DISTINCT FROM s.http_method
                  OR p.additional_headers IS DISTINCT FROM s.additional_headers
                  OR p.request_builder_config IS DISTINCT FROM s.request_builder_config
                  OR p.response_extractor_config IS DISTINCT FROM s.response_extractor_config
                  OR p.default_model IS DISTINCT FROM s.default_model
                  OR p.supported_models IS DISTINCT FROM s.supported_models
                  OR p.model_capabilities IS DISTINCT FROM s.model_capabilities
                  OR p.context_window_tokens IS DISTINCT FROM s.context_window_tokens
                  OR p.max_output_tokens_limit IS DISTINCT FROM s.max_output_tokens_limit
                  OR p.is_enabled IS DISTINCT FROM s.is_enabled)
                 -- As an earlier version shipped it is not edited either: groq, openrouter, google_ai, chatgpt of 0.1.
                 AND pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((
                     p.provider_name, p.display_name, p.description, p.auth_scheme, p.auth_header_template, p.base_url,
                     p.endpoint_path_template, p.http_method, p.additional_headers, p.request_builder_config,
                     p.response_extractor_config, p.default_model, p.supported_models, p.model_capabilities,
                     p.context_window_tokens, p.max_output_tokens_limit, p.is_enabled)::pg_catalog.text, 'UTF8')), 'hex')
                   NOT IN (
                     '4f4f9d90e012b6c3702cb8903545cd452a57e603d3b2499d9bbfe913f02ee9de',
                     'c2d37f7a1b71375422210b4dc355635ba26855a7f16900bf70077b4d881b4d24',
                     '3737865fd48d619d755369505e4877a96d6c057bc7e9cf7fd2a973a9054e9cf5',
                     'f434f20e47ee6f0d536b581597102ec0960bf2d7fcb629a0a1271fd1efcddfce')
                 THEN 'kept: edited'
               ELSE 'removed'
             END AS verdict
      FROM llm_admin.shipped_providers() WITH ORDINALITY AS s
      JOIN llm_admin.llm_provider_configs p
        ON p.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C"
      FOR UPDATE OF p
    ), gone AS (
      DELETE FROM llm_admin.llm_provider_configs p
      USING present r
      WHERE p.id OPERATOR(pg_catalog.=) r.id AND r.verdict OPERATOR(pg_catalog.=) 'removed'
    )
    SELECT r.name, r.verdict
    FROM present r
    ORDER BY r.ordinality;
  END;

COMMENT ON FUNCTION llm_admin.shipped_dialects() IS 'Mappings by API dialect, as create_provider() uses them';
COMMENT ON FUNCTION llm_admin.shipped_providers() IS 'The provider rows that seed() adds where they are missing';
COMMENT ON FUNCTION llm_admin.seed_providers() IS 'Adds the shipped providers that are missing; never changes a row';
COMMENT ON FUNCTION llm_admin.shipped_provider_aliases() IS 'The other names of providers that seed() adds where they are missing';
COMMENT ON FUNCTION llm_admin.seed_provider_aliases() IS 'Adds the shipped names of providers that are missing; never changes a row';
COMMENT ON FUNCTION llm_admin.seed() IS 'Adds all shipped rows that are missing; may be run again at any time';
COMMENT ON FUNCTION llm_admin.remove_seed_providers() IS 'Removes the shipped providers that nobody edited; history stays';

-- src/ledger/comments.sql
COMMENT ON TABLE llm_admin.schema_migrations IS 'Ledger: one row for every migration script that ran in this database';
COMMENT ON COLUMN llm_admin.schema_migrations.direction IS 'install, up or down';
COMMENT ON COLUMN llm_admin.schema_migrations.checksum IS 'SHA-256 of the script file, hex';
COMMENT ON COLUMN llm_admin.schema_migrations.fingerprint IS 'SHA-256 over the catalog entries of the extension after the script, hex';
COMMENT ON FUNCTION llm_admin.check_schema() IS 'Called by the install script: refuses a schema llm_admin that another role prepared';
COMMENT ON FUNCTION llm_admin.record_migration(pg_catalog.text) IS 'Called last by every migration script: checks that nothing is granted to others and writes the ledger row';
COMMENT ON FUNCTION llm_admin.validate_schema() IS 'The schema compared with what this version ships, grants with the levels, and all that a load takes unchecked, checked; each fault with the statement that mends it';
COMMENT ON FUNCTION llm_admin.repair_schema(pg_catalog.bool) IS 'Runs the statements that validate_schema() gives for the schema, owners and grants; dry_run shows them alone';
COMMENT ON FUNCTION llm_admin.migration_status() IS 'Versions installed, loaded and available, what the ledger tells and which roles lack something, each with the statement that mends it';
COMMENT ON FUNCTION llm_admin.schema_stats() IS 'The tables of the extension with their rows, as the server last estimated them, and their size with indexes';
COMMENT ON FUNCTION llm_admin.check_row() IS 'Trigger: says which NOT NULL or CHECK a row breaks, without showing the row';
COMMENT ON TRIGGER trg_check_row ON llm_admin.llm_provider_config_history IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.provider_tests IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.root_keys IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.data_keys IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.provider_aliases IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.access_grants IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.schema_migrations IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON FUNCTION llm_admin.schema_objects() IS 'The objects of the extension as the catalog holds them, an object a row';

-- src/keys/comments.sql
COMMENT ON TABLE llm_admin.root_keys IS 'Root keys this database has used: their ids and check values, never the keys, which live in the keyring';
COMMENT ON TABLE llm_admin.data_keys IS 'Data keys, each wrapped by a root key; only the owner may read this table';
COMMENT ON COLUMN llm_admin.data_keys.first_use_block IS 'Where key_use_blocks stood when the key was made: what it handed out from there on counts as uses of the key, too, 1,024 a block';
COMMENT ON COLUMN llm_admin.data_keys.uses IS 'Secrets that the key may have sealed, counted in blocks and in place, so that no rollback takes them back';
COMMENT ON SEQUENCE llm_admin.key_use_blocks IS 'Blocks of key uses handed out until 0.3, for all data keys at once';
COMMENT ON FUNCTION llm_admin.encrypt_key(pg_catalog.text, pg_catalog.text) IS 'Seals a key as an unbound envelope; stored in a key column, an envelope of empty context is bound to its row';
COMMENT ON FUNCTION llm_admin.decrypt_key(pg_catalog.text, pg_catalog.text) IS 'Opens an unbound envelope made by encrypt_key with the same context';
COMMENT ON FUNCTION llm_admin.decrypt_provider_key(pg_catalog.text) IS 'The API key of a provider, decrypted';
COMMENT ON FUNCTION llm_admin.set_provider_key(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS 'Encrypts and stores the API key of a provider, bound to its row and origin; returns the masked key';
COMMENT ON FUNCTION llm_admin.mask_key(pg_catalog.text) IS 'First 5 and last 3 characters of a key; *** when it is shorter than 20';
COMMENT ON FUNCTION llm_admin.key_fingerprint(pg_catalog.text) IS 'Keyed fingerprint of the secret in an envelope: equal for equal secrets, useless without the keyring';
COMMENT ON FUNCTION llm_admin.import_pgcrypto_key(pg_catalog.text, pg_catalog.text) IS 'Turns a pgp_sym_encrypt value into an unbound envelope';
COMMENT ON FUNCTION llm_admin.adopt_pgcrypto_keys(pg_catalog.text) IS 'Turns every pgp_sym_encrypt value in a key column into an envelope bound to its row';
COMMENT ON FUNCTION llm_admin.key_status() IS 'Keyring, root keys, data keys and the settings that bear on them, each with a verdict and a hint';
COMMENT ON FUNCTION llm_admin.verify_keys(pg_catalog.int4) IS 'Opens every stored key (or a sample) and counts the outcomes, revealing nothing';
COMMENT ON FUNCTION llm_admin.rotate_root_key(pg_catalog.int4) IS 'Makes a root key of the keyring the active one and wraps every data key with it anew; of the active one, writes damaged check values anew';
COMMENT ON FUNCTION llm_admin.rotate_data_key(pg_catalog.text) IS 'Makes a new data key for a tenant, or for the installation, and returns its version; older ones go on opening what they sealed';
COMMENT ON FUNCTION llm_admin.reseal_keys(pg_catalog.int4) IS 'Seals up to so many stored keys anew that older data keys sealed; call it until none remain';
COMMENT ON FUNCTION llm_admin.shred_tenant_keys(pg_catalog.text) IS 'Destroys the data keys of a tenant: what they sealed opens nowhere again';
COMMENT ON FUNCTION llm_admin.data_keys_changed() IS 'Trigger: locks data_keys before a change by hand; sessions drop cached data keys after it';
COMMENT ON TRIGGER trg_lock_data_keys ON llm_admin.data_keys IS 'A change by hand and the counting of uses wait for each other';
COMMENT ON TRIGGER trg_data_keys_changed ON llm_admin.data_keys IS 'Sessions drop cached data keys when data_keys changes';
COMMENT ON TRIGGER trg_data_key_replicated ON llm_admin.data_keys IS 'Sessions of a logical subscriber drop cached data keys when a change of the publisher is applied';
COMMENT ON FUNCTION llm_admin.new_installation() IS 'Makes a copy of a database an installation of its own: new data keys, everything sealed anew under them, the old ones deleted; refuses while a sealed key does not open';

-- src/providers/comments.sql
COMMENT ON TABLE llm_admin.llm_provider_configs IS 'Providers: how to talk to one vendor, with which key; at most one is active';
COMMENT ON COLUMN llm_admin.llm_provider_configs.api_key_encrypted IS 'An envelope bound to this row and its origin, a foreign scheme, or a pgcrypto value awaiting adoption';
COMMENT ON COLUMN llm_admin.llm_provider_configs.config_version IS 'Rises when mapping, URL or authentication changed';
COMMENT ON COLUMN llm_admin.llm_provider_configs.request_builder_config IS 'Mapping from parameters to the request body';
COMMENT ON COLUMN llm_admin.llm_provider_configs.response_extractor_config IS 'Mapping from the response to the normalised result';
COMMENT ON SEQUENCE llm_admin.llm_provider_configs_id_seq IS 'Ids of providers';
COMMENT ON TABLE llm_admin.llm_provider_config_history IS 'Append-only history of provider changes; snapshots hold no key material';
COMMENT ON COLUMN llm_admin.llm_provider_config_history.session_user_name IS 'session_user of the change';
COMMENT ON COLUMN llm_admin.llm_provider_config_history.current_user_name IS 'Role of the caller, as SET ROLE chose it';
COMMENT ON TABLE llm_admin.provider_tests IS 'Last connection test of each provider, written by record_provider_test()';
COMMENT ON VIEW llm_admin.provider_settings IS 'Providers without their keys';
COMMENT ON TYPE llm_admin.provider_info IS 'One provider as callers see it';
COMMENT ON TYPE llm_admin.provider_listing IS 'One provider as operators see it';
COMMENT ON TYPE llm_admin.provider_outcome IS 'What became of one provider';
COMMENT ON FUNCTION llm_admin.get_active_provider() IS 'The active provider, or no row; never its key';
COMMENT ON FUNCTION llm_admin.get_provider(pg_catalog.text) IS 'One provider by name; an unknown name is an error that names the nearest';
COMMENT ON FUNCTION llm_admin.switch_active_provider(pg_catalog.text, pg_catalog.text) IS 'Makes a provider the active one; refuses an unknown or disabled one';
COMMENT ON FUNCTION llm_admin.create_provider(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'A working provider from three facts, with the mapping of a shipped dialect';
COMMENT ON FUNCTION llm_admin.list_providers() IS 'Every provider with its state, masked key and last test';
COMMENT ON FUNCTION llm_admin.record_provider_test(pg_catalog.text, pg_catalog.bool, pg_catalog.int4, pg_catalog.text) IS 'Keeps the outcome of a connection test for list_providers()';
COMMENT ON FUNCTION llm_admin.import_admin_settings(pg_catalog.jsonb, pg_catalog.text) IS 'Brings an application''s JSON settings file into a provider row, step by step';
COMMENT ON FUNCTION llm_admin.provider_named(pg_catalog.text) IS 'The name of the provider that a name or another name of it stands for; the text itself when there is none';
COMMENT ON FUNCTION llm_admin.provider_history(pg_catalog.text, pg_catalog.timestamptz) IS 'History of one provider or of all, deleted ones included, newest first';
COMMENT ON FUNCTION llm_admin.purge_provider(pg_catalog.text) IS 'Deletes a provider that is not active; its history stays';
COMMENT ON FUNCTION llm_admin.require_primary(pg_catalog.text) IS 'True, or error 25006 that names the function where nothing can be written: on a standby or in a read-only transaction';
COMMENT ON FUNCTION llm_admin.lock_provider_configs() IS 'Trigger: one writer of provider activity at a time';
COMMENT ON FUNCTION llm_admin.validate_provider_config() IS 'Trigger: validates a provider and binds its key';
COMMENT ON FUNCTION llm_admin.ensure_single_active_provider() IS 'Trigger: deactivates the provider that was active';
COMMENT ON FUNCTION llm_admin.log_provider_config_change() IS 'Trigger: writes the history';
COMMENT ON FUNCTION llm_admin.prevent_active_provider_deletion() IS 'Trigger: refuses to delete the active provider';
COMMENT ON FUNCTION llm_admin.refuse_history_change() IS 'Trigger: history is append-only';
COMMENT ON TRIGGER trg_lock_provider_configs ON llm_admin.llm_provider_configs IS 'One writer of provider activity at a time';
COMMENT ON TRIGGER trg_validate_provider_config ON llm_admin.llm_provider_configs IS 'Validates a provider and binds its key';
COMMENT ON TRIGGER trg_ensure_single_active_provider ON llm_admin.llm_provider_configs IS 'Deactivates the provider that was active';
COMMENT ON TRIGGER trg_log_provider_config_change ON llm_admin.llm_provider_configs IS 'Writes the history';
COMMENT ON TRIGGER trg_prevent_active_provider_deletion ON llm_admin.llm_provider_configs IS 'Refuses to delete the active provider';
COMMENT ON TRIGGER trg_refuse_history_change ON llm_admin.llm_provider_config_history IS 'History is append-only';
COMMENT ON TRIGGER trg_refuse_history_truncate ON llm_admin.llm_provider_config_history IS 'History is append-only';

-- src/mapping/comments.sql
COMMENT ON TYPE llm_admin.built_request IS 'A complete HTTP request, as build_request() returns it';
COMMENT ON TYPE llm_admin.built_request_text IS 'A complete HTTP request with its body as text, as build_request_text() returns it';
COMMENT ON FUNCTION llm_admin.config_problems(pg_catalog.jsonb, pg_catalog.jsonb) IS 'All problems of a pair of mapping configs at once; never raises';
COMMENT ON FUNCTION llm_admin.validate_config(pg_catalog.jsonb, pg_catalog.jsonb) IS 'True, or LA001 with every problem in DETAIL';
COMMENT ON FUNCTION llm_admin.validate_request_builder_config(pg_catalog.jsonb) IS 'True, or LA001: checks a request_builder_config alone';
COMMENT ON FUNCTION llm_admin.validate_response_extractor_config(pg_catalog.jsonb) IS 'True, or LA001: checks a response_extractor_config alone';
COMMENT ON FUNCTION llm_admin.build_request(pg_catalog.jsonb, pg_catalog.text, pg_catalog.bool) IS 'The HTTP request for a call to a provider (null: the active one), with the auth header only when with_key';
COMMENT ON FUNCTION llm_admin.extract_response(pg_catalog.jsonb, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb) IS 'Text, tool calls, usage and error of a provider''s response in one normalised form';
COMMENT ON FUNCTION llm_admin.build_operation(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb, pg_catalog.bool) IS 'The HTTP request for an operation other than chat (test, list_models, ...); for disabled providers too';
COMMENT ON FUNCTION llm_admin.explain_request(pg_catalog.jsonb, pg_catalog.text) IS 'Which rule makes what of a request, a row for each value, and what is left out';
COMMENT ON FUNCTION llm_admin.extract_stream(pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb) IS 'The same result as extract_response() from the whole body of a streamed response';
COMMENT ON FUNCTION llm_admin.extract_operation(pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.int4) IS 'What an operation''s extract rule finds in its response: the models'' ids for list_models';
COMMENT ON FUNCTION llm_admin.mapping_cache_stats() IS 'The compiled mappings that this session keeps: how many, their memory, and how often they were found';
COMMENT ON FUNCTION llm_admin.build_request_text(pg_catalog.json, pg_catalog.text, pg_catalog.jsonb) IS 'The HTTP request with its body as text: members and numbers stand as the caller wrote them';
COMMENT ON FUNCTION llm_admin.read_answer(pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb) IS 'The normalised result of whatever a provider sent: JSON, a stream, an error page, a cut or empty body';
COMMENT ON FUNCTION llm_admin.read_operation(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb, pg_catalog.jsonb) IS 'Value, usage and error of whatever a provider sent to an operation other than chat';
COMMENT ON FUNCTION llm_admin.stream_deltas(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'What a batch of a stream''s whole events adds, to be shown as it comes';

-- src/tenants/comments.sql
COMMENT ON TABLE llm_admin.llm_configs IS 'One configuration a tenant that brings its own key; row-level security shows the entered tenant only';
COMMENT ON TABLE llm_admin.provider_aliases IS 'Other names by which a tenant''s configuration may name a provider';
COMMENT ON TYPE llm_admin.resolved_llm IS 'Whose key and which provider a call uses, and why; the result of resolve_llm()';
COMMENT ON TYPE llm_admin.built_tenant_request IS 'A complete HTTP request for a tenant and whose key it uses; the result of build_tenant_request()';
COMMENT ON FUNCTION llm_admin.enter_tenant(pg_catalog.text) IS 'Binds the transaction to a tenant: row-level security and the tenant functions then know no other';
COMMENT ON FUNCTION llm_admin.entered_tenant() IS 'The tenant that the transaction has entered; NULL when none';
COMMENT ON FUNCTION llm_admin.get_llm_config(pg_catalog.text) IS 'A tenant''s configuration with the key masked';
COMMENT ON FUNCTION llm_admin.put_llm_config(pg_catalog.text, pg_catalog.jsonb) IS 'Creates or partly changes a tenant''s configuration; only the members given change';
COMMENT ON FUNCTION llm_admin.delete_llm_config(pg_catalog.text) IS 'Deletes a tenant''s configuration with its key';
COMMENT ON FUNCTION llm_admin.record_llm_test(pg_catalog.text, pg_catalog.bool, pg_catalog.int4, pg_catalog.text) IS 'Records the outcome of a connection test of a tenant''s configuration, without the key';
COMMENT ON FUNCTION llm_admin.resolve_llm(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS 'Whose key and which provider, base URL and model a tenant''s call uses, by the tenant''s policy';
COMMENT ON FUNCTION llm_admin.build_tenant_request(pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.bool) IS 'The complete HTTP request of a tenant''s call, to the provider that resolve_llm() gives';
COMMENT ON FUNCTION llm_admin.decrypt_tenant_key(pg_catalog.text) IS 'The API key of a tenant, decrypted';
COMMENT ON FUNCTION llm_admin.list_llm_configs() IS 'All tenants'' configurations, without keys';
COMMENT ON FUNCTION llm_admin.verify_llm_configs() IS 'Checks the tenant table: columns, indexes, row-level security, triggers, contents, and a write that is taken back';
COMMENT ON FUNCTION llm_admin.lock_llm_configs() IS 'Trigger: locks out rotation and shredding while keys are being sealed';
COMMENT ON FUNCTION llm_admin.validate_llm_config() IS 'Trigger: checks a tenant''s configuration, binds its key, keeps updated_at';
COMMENT ON TRIGGER trg_lock_llm_configs ON llm_admin.llm_configs IS 'Locks out rotation and shredding while keys are being sealed';
COMMENT ON TRIGGER trg_validate_llm_config ON llm_admin.llm_configs IS 'Checks the row, binds its key, keeps updated_at';
COMMENT ON POLICY tenant_isolation ON llm_admin.llm_configs IS 'The entered tenant''s row and no other';

-- src/models/comments.sql
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

-- src/access/comments.sql
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

-- src/prices/comments.sql
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

-- src/usage/comments.sql
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

-- src/audit/comments.sql
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

-- src/access_keys/comments.sql
COMMENT ON TABLE llm_admin.access_keys IS 'Keys of callers: whose they are and what they may use; of a token the hash alone';
COMMENT ON TRIGGER trg_check_row ON llm_admin.access_keys IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_bind_access_key ON llm_admin.access_keys IS 'The tier is there; the hash of a token that is being made, which stands in no statement';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.access_keys IS 'Writes each change of a row to the audit log, without hashes';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.access_keys IS 'Writes to the audit log that the table was emptied';
COMMENT ON POLICY tenant_isolation ON llm_admin.access_keys IS 'The entered tenant''s rows and no other; all where none is entered';
COMMENT ON FUNCTION llm_admin.issue_access_key(pg_catalog.text, pg_catalog.jsonb) IS 'Makes an access key and returns its token, which is shown this once and stored nowhere';
COMMENT ON FUNCTION llm_admin.rotate_access_key(pg_catalog.uuid, pg_catalog.int4) IS 'Gives an access key a new token; the one before is taken for so many seconds more';
COMMENT ON FUNCTION llm_admin.revoke_access_key(pg_catalog.uuid) IS 'Ends an access key for good, in the next statement of every session; false where it was revoked already';
COMMENT ON FUNCTION llm_admin.block_access_key(pg_catalog.uuid, pg_catalog.bool) IS 'Blocks an access key, or lets it be used again; false where it was so already';
COMMENT ON FUNCTION llm_admin.list_access_keys(pg_catalog.jsonb) IS 'Access keys with their states, never a token or hash';
COMMENT ON FUNCTION llm_admin.check_access_key(pg_catalog.text) IS 'Who a caller is by its token, or by the hash of one; LA011 where the key may not be used';
COMMENT ON FUNCTION llm_admin.validate_access_key() IS 'Trigger: an access key names a tier that is there, and gets the hash of the token that is being made';

-- src/limits/comments.sql
COMMENT ON TABLE llm_admin.limits IS 'Quotas, rates, budgets and calls at a time: how much of what, for whom, of which models, in which period';
COMMENT ON TABLE llm_admin.limit_overrides IS 'What a limit has more for a time; grants never change';
COMMENT ON TABLE llm_admin.limit_events IS 'Alert shares of limits that were passed, each once a window and subject';
COMMENT ON TABLE llm_admin.limit_counters IS 'What was used and reserved of each limit and subject in its window, in up to 16 slots';
COMMENT ON TABLE llm_admin.quota_tickets IS 'What was taken of limits by calls that have not ended, a row a call';
COMMENT ON VIEW llm_admin.budgets IS 'The limits that are in money';
COMMENT ON FUNCTION llm_admin.acquire_quota(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Takes a call''s units of every limit that it meets but those in money, all or none; says why not otherwise';
COMMENT ON FUNCTION llm_admin.release_quota(pg_catalog.uuid, pg_catalog.jsonb) IS 'Ends what acquire_quota() took, once: all is given back but what is said to be used';
COMMENT ON FUNCTION llm_admin.reserve_budget(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.numeric, pg_catalog.text, pg_catalog.jsonb) IS 'Reserves an estimate of cost of every budget that a call meets, all or none; says why not otherwise';
COMMENT ON FUNCTION llm_admin.settle_budget(pg_catalog.uuid, pg_catalog.numeric) IS 'Books what a call cost in place of what reserve_budget() reserved, once; 0 gives all back';
COMMENT ON FUNCTION llm_admin.expire_quota_tickets(pg_catalog.int4) IS 'Ends up to so many tickets that are overdue, giving back what they reserve; returns how many';
COMMENT ON FUNCTION llm_admin.limit_status(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'What is used, reserved and left of limits, a row for each subject that has used some or is asked for';
COMMENT ON FUNCTION llm_admin.simulate_limits(pg_catalog.jsonb, pg_catalog.timestamptz, pg_catalog.jsonb) IS 'What proposed limits, an array of objects with the columns of limits, would have denied of the calls that the log holds, for whom, from when on, and the cost that this would have saved';
COMMENT ON FUNCTION llm_admin.limit_denials(pg_catalog.text, pg_catalog.jsonb) IS 'How often each limit has denied whom since the server started, in all sessions where the library is preloaded and else in this one; what has no entry of its own is in a row without limit and subject';
COMMENT ON FUNCTION llm_admin.spend_forecast(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Of each budget and subject what was spent, the pace, what it comes to at the end of the window, and when the amount is reached if that is before';
COMMENT ON FUNCTION llm_admin.check_limit() IS 'Trigger: all that is wrong with a limit, at once';
COMMENT ON FUNCTION llm_admin.check_limit_override() IS 'Trigger: the grant is of a limit that is there, and more than nothing';
COMMENT ON FUNCTION llm_admin.refuse_override_change() IS 'Trigger: refuses changes of grants';
COMMENT ON TRIGGER trg_check_limit ON llm_admin.limits IS 'Tells all that is wrong with a limit at once';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limits IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_limit_override ON llm_admin.limit_overrides IS 'The limit is there, and the grant is more than nothing';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limit_overrides IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limit_events IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limit_counters IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.quota_tickets IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_refuse_override_change ON llm_admin.limit_overrides IS 'Grants stay as they were given';
COMMENT ON TRIGGER trg_refuse_override_truncate ON llm_admin.limit_overrides IS 'Grants stay as they were given';
COMMENT ON POLICY tenant_isolation ON llm_admin.limits IS 'The entered tenant''s rows and no other; all where none is entered';
COMMENT ON POLICY tenant_rows ON llm_admin.limit_events IS 'The entered tenant''s events; none entered, those of no tenant, or all for who oversees them';
COMMENT ON POLICY tenant_rows ON llm_admin.limit_counters IS 'The entered tenant''s counters; none entered, those of no tenant, or all for who oversees them';
COMMENT ON POLICY tenant_rows ON llm_admin.quota_tickets IS 'The entered tenant''s tickets; none entered, those of no tenant, or all for who oversees them';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.limits IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.limits IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.limits IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.limits IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.limit_overrides IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.limit_overrides IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.limit_overrides IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.limit_overrides IS 'Writes to the audit log that the table was emptied';

-- src/calls/comments.sql
COMMENT ON TABLE llm_admin.llm_calls IS 'Calls that were begun and are not finished, and what they hold of limits';
COMMENT ON TABLE llm_admin.sender_tickets IS 'Tickets for the headers of open calls, each good for one redemption within a minute';
COMMENT ON FUNCTION llm_admin.begin_call(pg_catalog.json, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Before the call of a vendor: key, tenant, tier, access, account, limits and price in one; gives the request to send';
COMMENT ON FUNCTION llm_admin.finish_call(pg_catalog.uuid, pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.jsonb) IS 'After the call of a vendor: reads the answer, logs usage and cost once, settles limits, and says what may follow';
COMMENT ON FUNCTION llm_admin.extend_call(pg_catalog.uuid, pg_catalog.int4) IS 'Moves the deadline of an open call to so many milliseconds from now; it is never brought forward';
COMMENT ON FUNCTION llm_admin.expire_calls(pg_catalog.int4) IS 'Ends calls whose deadline has passed: limits are released, and the log has a row of kind expired; how many';
COMMENT ON FUNCTION llm_admin.explain_call(pg_catalog.uuid) IS 'One page on a call, open or ended: whose key and why, limits met, price, each meter, attempts';
COMMENT ON FUNCTION llm_admin.open_sender_ticket(pg_catalog.uuid) IS 'A one-time ticket, good for a minute, that a role of level sender redeems for the headers of an open call';
COMMENT ON FUNCTION llm_admin.redeem_sender_ticket(pg_catalog.text) IS 'The headers of an open call, with its key, for its ticket; once';
COMMENT ON TRIGGER trg_check_row ON llm_admin.llm_calls IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.sender_tickets IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON POLICY tenant_rows ON llm_admin.llm_calls IS 'The entered tenant''s calls; none entered, those of no tenant, or all for who oversees them';

-- src/gateways/comments.sql
COMMENT ON TABLE llm_admin.config_changes IS 'What changed in the configuration, in the order of commits';
COMMENT ON TRIGGER trg_check_row ON llm_admin.config_changes IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON POLICY tenant_isolation ON llm_admin.config_changes IS 'The entered tenant''s rows and the platform''s; all where none is entered';
COMMENT ON FUNCTION llm_admin.config_since(pg_catalog.int8) IS 'What changed in the configuration after a version, each row as it is now, in the order of commits; everything after 0';
COMMENT ON FUNCTION llm_admin.config_changed() IS 'Trigger: tells at commit that a row of the configuration has changed';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.provider_aliases IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.provider_aliases IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.llm_providers IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.llm_providers IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_servers IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_servers IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.installed_models IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.installed_models IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_deployments IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_deployments IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_aliases IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_aliases IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_pricing IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_pricing IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.exchange_rates IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.exchange_rates IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.tiers IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.tiers IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.tier_model_rules IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.tier_model_rules IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_permissions IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_permissions IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.llm_configs IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.llm_configs IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.llm_provider_config_history IS 'Gateways are told at commit which providers have changed';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.limits IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.limits IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.limit_overrides IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.limit_overrides IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.access_keys IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.access_keys IS 'Gateways are told at commit to read the kind anew';

-- src/roles/comments.sql
COMMENT ON TABLE llm_admin.access_grants IS 'Which role was given which level by grant_access(); refresh_access() applies it again';
COMMENT ON COLUMN llm_admin.access_grants.role_name IS 'Name of the role; refresh_access() follows a role that was renamed';
COMMENT ON COLUMN llm_admin.access_grants.granted_by IS 'session_user of the first grant';
COMMENT ON COLUMN llm_admin.access_grants.rights IS 'What the level gave when it was granted or refreshed last; NULL in rows that 0.3 wrote';
COMMENT ON COLUMN llm_admin.access_grants.role_oid IS 'OID of the role; after a restore it is that of another role or of none';
COMMENT ON FUNCTION llm_admin.grant_access(pg_catalog.regrole, pg_catalog.text) IS 'Gives a role one of the levels app, operator, security, auditor, sender; none implies another';
COMMENT ON FUNCTION llm_admin.revoke_access(pg_catalog.regrole, pg_catalog.text) IS 'Takes a level from a role, leaving what its other levels need';
COMMENT ON FUNCTION llm_admin.refresh_access() IS 'Gives what is new to roles that still hold what their level had, and names the others: to be run after an upgrade';
COMMENT ON FUNCTION llm_admin.refresh_access_by_name() IS 'What refresh_access() does, after a restore on another server, where roles are known by their names only';
COMMENT ON FUNCTION llm_admin.revoke_gone_role(pg_catalog.text) IS 'Takes the levels of a role that was dropped out of access_grants';
COMMENT ON FUNCTION llm_admin.missing_access() IS 'What roles lack of the levels they were given, a row each with the statement that mends it; none when all have what their levels stand for';

-- src/ledger/end.sql
-- Nothing for PUBLIC; what roles get comes from grant_access(), after the script.
REVOKE ALL ON ALL TABLES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA llm_admin FROM PUBLIC;
SELECT llm_admin.record_migration('llm_admin--0.7.sql');

