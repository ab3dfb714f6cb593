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
