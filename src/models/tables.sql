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
