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

-- src/ledger/tables.sql
-- The ledger: one row for every migration script that ran here, written by the script's own last line.
CREATE TABLE llm_admin.schema_migrations (
  id pg_catalog.uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  version pg_catalog.text NOT NULL,
  name pg_catalog.text NOT NULL,
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
  tenant_id pg_catalog.text,
  version pg_catalog.int4 NOT NULL CHECK (version > 0),
  root_id pg_catalog.int4 NOT NULL,
  wrapped_key pg_catalog.bytea NOT NULL,
  check_value pg_catalog.text NOT NULL,
  first_use_block pg_catalog.int8 NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now()
);
-- Together these hold one row a tenant and version, the installation included (its tenant is null).
CREATE UNIQUE INDEX data_keys_tenant_version ON llm_admin.data_keys (tenant_id, version) WHERE tenant_id IS NOT NULL;
CREATE UNIQUE INDEX data_keys_installation_version ON llm_admin.data_keys (version) WHERE tenant_id IS NULL;

-- Blocks of key uses handed out to backends. A sequence, because a row counter would forget what was rolled back.
CREATE SEQUENCE llm_admin.key_use_blocks AS pg_catalog.int8;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.root_keys', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.data_keys', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.key_use_blocks', '');

-- src/providers/tables.sql
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
    CHECK (auth_scheme IN ('bearer', 'api_key_header', 'query_param', 'none')),
  CONSTRAINT llm_provider_configs_endpoint_path_check
    CHECK (endpoint_path_template OPERATOR(pg_catalog.~) '^/([^/]|$)'),
  CONSTRAINT llm_provider_configs_http_method_check CHECK (http_method IN ('GET', 'POST', 'PUT', 'PATCH')),
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
  action pg_catalog.varchar(50) NOT NULL CHECK (action IN
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

-- src/tenants/tables.sql
-- Tenants that bring their own key: one configuration each. Columns, order, key and index are the seed's.
CREATE TABLE llm_admin.llm_configs (
  id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT pg_catalog.gen_random_uuid()::pg_catalog.text,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  provider pg_catalog.text NOT NULL DEFAULT 'openrouter',
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

-- Other names that a tenant may call a provider by, in lower case.
CREATE TABLE llm_admin.provider_aliases (
  alias pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  provider_name pg_catalog.varchar(100) COLLATE pg_catalog."C" NOT NULL,
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

-- src/roles/tables.sql
-- Which role was given which level. By name, so that it means the same after a restore on another server.
CREATE TABLE llm_admin.access_grants (
  role_name pg_catalog.text NOT NULL,
  level pg_catalog.text NOT NULL CHECK (level IN ('app', 'operator', 'security', 'auditor')),
  granted_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  granted_by pg_catalog.text NOT NULL,
  PRIMARY KEY (role_name, level)
);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.access_grants', '');

-- src/ledger/functions.sql
-- The settings pinned here are those that the fingerprint's texts depend on.
CREATE FUNCTION llm_admin.record_migration(script pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_record_migration';

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

-- src/keys/triggers.sql
-- Tells every session, at commit, to read data keys again; also under session_replication_role = replica.
CREATE TRIGGER trg_data_keys_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE ALWAYS TRIGGER trg_data_keys_changed;

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

-- src/providers/seeds.sql
-- What ships: dialects for create_provider(), and the rows that seed() adds: providers and their other names. CREATE EXTENSION inserts none
-- of them: rows of an install script would collide with the dumped ones on restore. This file alone names vendors.

-- Mappings by API dialect, without a vendor: what create_provider() starts from. max_tokens is the name that nearly
-- every server compatible with OpenAI's chat completions takes.
CREATE FUNCTION llm_admin.shipped_dialects()
  RETURNS TABLE (
    dialect pg_catalog.text, endpoint_path_template pg_catalog.text, auth_scheme pg_catalog.text,
    auth_header_template pg_catalog.text, http_method pg_catalog.text, request_builder_config pg_catalog.jsonb,
    response_extractor_config pg_catalog.jsonb)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 7
  BEGIN ATOMIC
    SELECT 'openai_chat'::pg_catalog.text, '/chat/completions'::pg_catalog.text, 'bearer'::pg_catalog.text,
      'Authorization: Bearer {api_key}'::pg_catalog.text, 'POST'::pg_catalog.text,
      $json$
{
  "version": "1.1",
  "defs": {
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    },
    "message": {
      "fields": {
        "role": {"source": "@.role", "type": "string", "required": true},
        "content": {"source": "@.content"},
        "name": {"source": "@.name", "type": "string"},
        "refusal": {"source": "@.refusal", "type": "string"},
        "audio": {"source": "@.audio", "type": "object"},
        "tool_calls": {"use": "tool_calls"},
        "tool_call_id": {"source": "@.tool_call_id", "type": "string"}
      }
    },
    "tool_calls": {
      "each": "@.tool_calls[*]",
      "omit_empty": true,
      "as": {
        "fields": {
          "id": {"source": "@.id", "type": "string", "required": true},
          "type": {"source": "@.type", "default": "function"},
          "function": {"source": "@.function", "type": "object"},
          "custom": {"source": "@.custom", "type": "object"}
        }
      }
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"each": "param:messages[*]", "as": {"use": "message"}, "required": true, "min_items": 1},
    "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 2},
    "top_p": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "max_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
    "stop": {"source": "param:stop", "type": "array"},
    "seed": {"source": "param:seed", "type": "integer"},
    "tools": {"source": "param:tools", "type": "array", "omit_empty": true},
    "tool_choice": {"source": "param:tool_choice"},
    "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
    "response_format": {"source": "param:response_format", "type": "object"},
    "reasoning_effort": {"source": "param:reasoning_effort", "type": "string"},
    "user": {"source": "param:user", "type": "string"},
    "metadata": {"source": "param:metadata", "type": "object"},
    "stream": {"source": "param:stream", "type": "boolean"},
    "stream_options": {
      "switch": [{"when": {"path": "param:stream", "eq": true}, "then": {"value": {"include_usage": true}}}]
    }
  },
  "operations": {
    "test": {"method": "GET", "path": "/models"},
    "list_models": {"method": "GET", "path": "/models", "extract": {"source": "$.data[*].id", "all": true}},
    "embed": {
      "method": "POST",
      "path": "/embeddings",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "input": {"source": "param:input", "required": true},
        "user": {"source": "param:user", "type": "string"}
      },
      "extract": {"source": "$.data[*].embedding", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "defs": {
    "error": {
      "fields": {
        "type": {"source": "@.type"},
        "code": {"source": "@.code"},
        "message": {"source": "@.message"},
        "retryable": {
          "switch": [
            {
              "when": {
                "any": [
                  {"path": "@.type", "eq": "insufficient_quota"},
                  {"path": "@.code", "eq": "insufficient_quota"}
                ]
              },
              "then": {"value": false}
            },
            {
              "when": {
                "any": [
                  {"path": "@.type", "eq": "server_error"},
                  {"path": "@.code", "in": ["server_error", "rate_limit_exceeded"]}
                ]
              },
              "then": {"value": true}
            }
          ]
        }
      }
    }
  },
  "extraction_rules": {
    "text_content": {
      "switch": [
        {
          "when": {"path": "$.choices[0].message.content", "type": "array"},
          "then": {"source": "$.choices[0].message.content[?(@.type == \"text\")].text", "join": ""}
        },
        {"then": {"type": "string", "paths": ["$.choices[0].message.content", "$.choices[0].text"]}}
      ]
    },
    "reasoning_content": {
      "paths": [
        "$.choices[0].message.reasoning_content",
        "$.choices[0].message.reasoning",
        "$.choices[0].message.content[?(@.type == \"thinking\")].thinking[*].text"
      ],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.choices[0].message.tool_calls[*]",
      "omit_empty": true,
      "as": {
        "fields": {
          "id": {"source": "@.id"},
          "name": {"paths": ["@.function.name", "@.custom.name"]},
          "arguments": {"paths": ["@.function.arguments", "@.custom.input"], "omit_empty": true}
        }
      }
    },
    "finish_reason": {
      "source": "$.choices[0].finish_reason",
      "map": {
        "stop": "stop",
        "eos": "stop",
        "length": "length",
        "model_length": "length",
        "tool_calls": "tool_calls",
        "function_call": "tool_calls",
        "content_filter": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "with": "$.usage",
      "fields": {
        "input_tokens": {"source": "@.prompt_tokens", "type": "integer"},
        "output_tokens": {"source": "@.completion_tokens", "type": "integer"},
        "cached_tokens": {
          "type": "integer",
          "paths": ["@.prompt_tokens_details.cached_tokens", "@.cached_tokens", "@.prompt_cache_hit_tokens"]
        },
        "cache_write_tokens": {"source": "@.prompt_tokens_details.cache_write_tokens", "type": "integer"},
        "reasoning_tokens": {"source": "@.completion_tokens_details.reasoning_tokens", "type": "integer"},
        "service_tier": {"source": "$.service_tier", "type": "string"},
        "...": "@"
      }
    },
    "model_used": {"source": "$.model", "type": "string"},
    "provider_request_id": {"type": "string", "paths": ["$.id", "header:x-request-id"]},
    "refusal": {"source": "$.choices[0].message.refusal", "type": "string"},
    "annotations": {"source": "$.choices[0].message.annotations", "type": "array", "omit_empty": true},
    "error": {
      "switch": [
        {"when": {"path": "$.error", "type": "object"}, "then": {"with": "$.error", "use": "error"}},
        {
          "when": {"path": "$.error", "exists": true},
          "then": {"fields": {"code": "$.code", "message": "$.error"}}
        },
        {"when": {"path": "$.object", "eq": "error"}, "then": {"with": "$", "use": "error"}},
        {
          "when": {"path": "$.detail", "exists": true},
          "then": {"fields": {"message": {"paths": ["$.detail[0].msg", "$.detail"]}}}
        }
      ]
    }
  },
  "stream": {
    "frame": "sse",
    "done": {"data": "[DONE]"},
    "rules": [
      {"to": "$.id", "op": "set", "from": "$.id"},
      {"to": "$.model", "op": "set", "from": "$.model"},
      {"to": "$.service_tier", "op": "set", "from": "$.service_tier"},
      {
        "when": {"path": "$.choices[0].delta.content", "type": "string"},
        "to": "$.choices[0].message.content",
        "op": "append",
        "from": "$.choices[0].delta.content",
        "emit": "text"
      },
      {
        "each": "$.choices[0].delta.content[?(@.type == \"text\")]",
        "to": "$.choices[0].message.content",
        "op": "append",
        "from": "@.text",
        "emit": "text"
      },
      {
        "each": "$.choices[0].delta.content[?(@.type == \"thinking\")].thinking[*]",
        "to": "$.choices[0].message.reasoning_content",
        "op": "append",
        "from": "@.text",
        "emit": "reasoning"
      },
      {
        "to": "$.choices[0].message.reasoning_content",
        "op": "append",
        "from": {"paths": ["$.choices[0].delta.reasoning_content", "$.choices[0].delta.reasoning"]},
        "emit": "reasoning"
      },
      {"to": "$.choices[0].message.refusal", "op": "append", "from": "$.choices[0].delta.refusal"},
      {"to": "$.choices[0].message.annotations", "op": "append", "from": "$.choices[0].delta.annotations"},
      {
        "each": "$.choices[0].delta.tool_calls[*]",
        "to": "$.choices[0].message.tool_calls[{@.index}].id",
        "op": "set",
        "from": {"source": "@.id", "omit_empty": true}
      },
      {
        "each": "$.choices[0].delta.tool_calls[*]",
        "to": "$.choices[0].message.tool_calls[{@.index}].function.name",
        "op": "set",
        "from": {"source": "@.function.name", "omit_empty": true}
      },
      {
        "each": "$.choices[0].delta.tool_calls[*]",
        "to": "$.choices[0].message.tool_calls[{@.index}].function.arguments",
        "op": "append",
        "from": "@.function.arguments",
        "emit": "tool_arguments"
      },
      {"to": "$.choices[0].finish_reason", "op": "set", "from": "$.choices[0].finish_reason"},
      {"to": "$.usage", "op": "set", "from": {"paths": ["$.usage", "$.x_groq.usage"]}},
      {"to": "$.error", "op": "set", "from": {"paths": ["$.error", "$.x_groq.error"]}},
      {"when": {"path": "$.object", "eq": "error"}, "to": "$.error", "op": "set", "from": "$"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'openai_responses', '/responses', 'bearer',
      'Authorization: Bearer {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    },
    "input_part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {
            "fields": {"type": {"value": "input_text"}, "text": {"source": "@.text", "required": true}}
          }
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "type": {"value": "input_image"},
              "image_url": {"source": "@.image_url.url", "type": "string", "required": true},
              "detail": {"source": "@.image_url.detail"}
            }
          }
        },
        {
          "when": {"path": "@.type", "eq": "file"},
          "then": {
            "fields": {
              "type": {"value": "input_file"},
              "file_id": {"source": "@.file.file_id"},
              "filename": {"source": "@.file.filename"},
              "file_data": {"source": "@.file.file_data"}
            }
          }
        },
        {
          "when": {"path": "@.type", "in": ["input_text", "input_image", "input_file"]},
          "then": {"source": "@"}
        },
        {"then": {"error": "content part type is not supported by the Responses API"}}
      ]
    },
    "input_content": {
      "switch": [
        {"when": {"path": "@.content", "type": "string"}, "then": {"source": "@.content"}},
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "input_part"}}
        }
      ]
    },
    "output_part": {
      "switch": [
        {
          "when": {"path": "@.type", "in": ["text", "output_text"]},
          "then": {
            "fields": {"type": {"value": "output_text"}, "text": {"source": "@.text", "required": true}}
          }
        },
        {
          "when": {"path": "@.type", "eq": "refusal"},
          "then": {
            "fields": {"type": {"value": "refusal"}, "refusal": {"source": "@.refusal", "required": true}}
          }
        },
        {"then": {"error": "content part type of an assistant message must be text or refusal"}}
      ]
    },
    "assistant_message": {
      "switch": [
        {
          "when": {
            "all": [{"path": "@.content", "type": "string"}, {"not": {"path": "@.content", "eq": ""}}]
          },
          "then": {"fields": {"role": {"value": "assistant"}, "content": "@.content"}}
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {
            "fields": {
              "role": {"value": "assistant"},
              "content": {"each": "@.content[*]", "as": {"use": "output_part"}}
            }
          }
        }
      ]
    },
    "reasoning_items": {
      "each": "@.provider_state[?(@.type == \"reasoning\")]",
      "as": {
        "fields": {
          "type": "@.type",
          "id": "@.id",
          "summary": {"source": "@.summary", "default": []},
          "content": "@.content",
          "encrypted_content": "@.encrypted_content"
        }
      }
    },
    "call_items": {
      "each": "@.tool_calls[*]",
      "as": {
        "fields": {
          "type": {"value": "function_call"},
          "call_id": {"source": "@.id", "type": "string", "required": true},
          "name": {"source": "@.function.name", "type": "string", "required": true},
          "arguments": {"source": "@.function.arguments", "type": "string", "default": "{}"}
        }
      }
    },
    "input": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "flatten": true,
      "min_items": 1,
      "as": {
        "switch": [
          {
            "when": {"path": "@.role", "eq": "user"},
            "then": {
              "fields": {"role": {"value": "user"}, "content": {"use": "input_content", "required": true}}
            }
          },
          {
            "when": {"path": "@.role", "eq": "assistant"},
            "then": {
              "items": [
                {"use": "reasoning_items", "spread": true},
                {"use": "assistant_message"},
                {"use": "call_items", "spread": true}
              ]
            }
          },
          {
            "when": {"path": "@.role", "eq": "tool"},
            "then": {
              "fields": {
                "type": {"value": "function_call_output"},
                "call_id": {"source": "@.tool_call_id", "type": "string", "required": true},
                "output": {"use": "input_content", "default": ""}
              }
            }
          },
          {"then": {"error": "message role must be system, developer, user, assistant or tool"}}
        ]
      }
    },
    "instructions": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "in": ["system", "developer"]},
      "as": {
        "switch": [
          {
            "when": {"path": "@.content", "type": "array"},
            "then": {
              "each": "@.content[*]",
              "as": {
                "switch": [
                  {
                    "when": {"path": "@.type", "in": ["text", "input_text"]},
                    "then": {"source": "@.text", "type": "string", "required": true}
                  },
                  {"then": {"error": "content part type of a system message must be text"}}
                ]
              },
              "join": "\n"
            }
          },
          {"then": {"source": "@.content", "type": "string"}}
        ]
      },
      "join": "\n\n"
    },
    "tools": {
      "each": "param:tools[*]",
      "omit_empty": true,
      "as": {
        "switch": [
          {
            "when": {"path": "@.function", "type": "object"},
            "then": {
              "fields": {
                "type": {"value": "function"},
                "name": {"source": "@.function.name", "type": "string", "required": true},
                "description": {"source": "@.function.description"},
                "parameters": {
                  "source": "@.function.parameters",
                  "default": {"type": "object", "properties": {}}
                },
                "strict": {"source": "@.function.strict", "default": false}
              }
            }
          },
          {"then": {"source": "@"}}
        ]
      }
    },
    "tool_choice": {
      "switch": [
        {
          "when": {"path": "param:tool_choice.function.name", "exists": true},
          "then": {"fields": {"type": {"value": "function"}, "name": "param:tool_choice.function.name"}}
        },
        {"then": {"source": "param:tool_choice"}}
      ]
    },
    "format": {
      "omit_empty": true,
      "fields": {
        "type": {"source": "param:response_format.type", "enum": ["text", "json_object", "json_schema"]},
        "name": "param:response_format.json_schema.name",
        "description": "param:response_format.json_schema.description",
        "schema": "param:response_format.json_schema.schema",
        "strict": "param:response_format.json_schema.strict"
      }
    },
    "effort": {"source": "param:reasoning_effort", "type": "string"}
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"use": "input", "required": true, "path": "input"},
    "instructions": {"use": "instructions"},
    "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 2},
    "top_p": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "max_output_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
    "tools": {"use": "tools"},
    "tool_choice": {"use": "tool_choice"},
    "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
    "format": {"use": "format", "path": "text.format"},
    "effort": {"use": "effort", "path": "reasoning.effort"},
    "user": {"source": "param:user", "type": "string"},
    "metadata": {"source": "param:metadata", "type": "object"},
    "stream": {"source": "param:stream", "type": "boolean"}
  },
  "operations": {
    "test": {"method": "GET", "path": "/models"},
    "list_models": {"method": "GET", "path": "/models", "extract": {"source": "$.data[*].id", "all": true}},
    "count_tokens": {
      "method": "POST",
      "path": "/responses/input_tokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "messages": {"use": "input", "required": true, "path": "input"},
        "instructions": {"use": "instructions"},
        "tools": {"use": "tools"},
        "tool_choice": {"use": "tool_choice"},
        "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
        "format": {"use": "format", "path": "text.format"},
        "effort": {"use": "effort", "path": "reasoning.effort"}
      },
      "extract": {"source": "$.input_tokens", "type": "integer"}
    },
    "embed": {
      "method": "POST",
      "path": "/embeddings",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "input": {"source": "param:input", "required": true},
        "user": {"source": "param:user", "type": "string"}
      },
      "extract": {"source": "$.data[*].embedding", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "text_content": {
      "paths": [
        "$.output[?(@.type == \"message\")].content[?(@.type == \"output_text\")].text",
        "$.streamed.text"
      ],
      "join": ""
    },
    "reasoning_content": {
      "paths": [
        "$.output[?(@.type == \"reasoning\")].content[?(@.type == \"reasoning_text\")].text",
        "$.output[?(@.type == \"reasoning\")].summary[?(@.type == \"summary_text\")].text",
        "$.streamed.reasoning"
      ],
      "join": "\n",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.output[?(@.type == \"function_call\")]",
      "omit_empty": true,
      "as": {
        "fields": {
          "id": {"source": "@.call_id"},
          "name": {"source": "@.name"},
          "arguments": {"source": "@.arguments", "omit_empty": true}
        }
      }
    },
    "finish_reason": {
      "switch": [
        {
          "when": {"path": "$.incomplete_details.reason", "exists": true},
          "then": {
            "source": "$.incomplete_details.reason",
            "map": {"max_output_tokens": "length", "content_filter": "content_filter"},
            "map_default": "other"
          }
        },
        {
          "when": {
            "all": [
              {"path": "$.status", "eq": "completed"},
              {"path": "$.output[?(@.type == \"function_call\")]", "exists": true}
            ]
          },
          "then": {"value": "tool_calls"}
        },
        {"then": {"source": "$.status", "map": {"completed": "stop"}, "map_default": "other"}}
      ]
    },
    "usage_stats": {
      "with": "$.usage",
      "fields": {
        "input_tokens": {"source": "@.input_tokens", "type": "integer"},
        "output_tokens": {"source": "@.output_tokens", "type": "integer"},
        "cached_tokens": {"source": "@.input_tokens_details.cached_tokens", "type": "integer"},
        "cache_write_tokens": {"source": "@.input_tokens_details.cache_write_tokens", "type": "integer"},
        "reasoning_tokens": {"source": "@.output_tokens_details.reasoning_tokens", "type": "integer"},
        "service_tier": {"source": "$.service_tier", "type": "string"},
        "...": "@"
      }
    },
    "model_used": {"source": "$.model", "type": "string"},
    "provider_request_id": {"type": "string", "paths": ["$.id", "header:x-request-id"]},
    "provider_state": {
      "each": "$.output[?(@.type == \"reasoning\")]",
      "where": {
        "any": [
          {"path": "@.encrypted_content", "exists": true},
          {"path": "@.content[0]", "exists": true},
          {"not": {"path": "$.store", "eq": false}}
        ]
      },
      "omit_empty": true,
      "as": {
        "fields": {
          "type": "@.type",
          "id": "@.id",
          "summary": {"source": "@.summary", "default": []},
          "content": "@.content",
          "encrypted_content": "@.encrypted_content"
        }
      }
    },
    "refusal": {
      "source": "$.output[?(@.type == \"message\")].content[?(@.type == \"refusal\")].refusal",
      "join": ""
    },
    "annotations": {
      "source": "$.output[?(@.type == \"message\")].content[?(@.type == \"output_text\")].annotations[*]",
      "all": true,
      "omit_empty": true
    },
    "status": {"source": "$.status", "type": "string"},
    "incomplete_reason": {"source": "$.incomplete_details.reason", "type": "string"},
    "error": {
      "switch": [
        {
          "when": {"path": "$.error", "type": "object"},
          "then": {
            "with": "$.error",
            "fields": {
              "type": {"source": "@.type"},
              "code": {"source": "@.code"},
              "message": {"source": "@.message"},
              "retryable": {
                "switch": [
                  {
                    "when": {
                      "any": [
                        {"path": "@.type", "eq": "insufficient_quota"},
                        {"path": "@.code", "eq": "insufficient_quota"}
                      ]
                    },
                    "then": {"value": false}
                  },
                  {
                    "when": {
                      "any": [
                        {"path": "@.type", "eq": "server_error"},
                        {"path": "@.code", "in": ["server_error", "rate_limit_exceeded"]}
                      ]
                    },
                    "then": {"value": true}
                  }
                ]
              }
            }
          }
        },
        {"when": {"path": "$.error", "exists": true}, "then": {"fields": {"message": "$.error"}}},
        {
          "when": {"path": "$.status", "eq": "failed"},
          "then": {"value": {"type": "failed", "message": "the response failed without saying why"}}
        }
      ]
    }
  },
  "stream": {
    "frame": "sse",
    "done": {
      "when": {
        "path": "$.type",
        "in": ["response.completed", "response.incomplete", "response.failed", "error"]
      }
    },
    "rules": [
      {
        "when": {"path": "$.type", "eq": "response.created"},
        "to": "$",
        "op": "merge",
        "from": {"fields": {"id": "$.response.id", "model": "$.response.model"}}
      },
      {
        "when": {"path": "$.type", "eq": "response.output_text.delta"},
        "to": "$.streamed.text",
        "op": "append",
        "from": "$.delta",
        "emit": "text"
      },
      {
        "when": {
          "path": "$.type",
          "in": ["response.reasoning_text.delta", "response.reasoning_summary_text.delta"]
        },
        "to": "$.streamed.reasoning",
        "op": "append",
        "from": "$.delta",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.type", "eq": "response.function_call_arguments.delta"},
        "to": "$.streamed.arguments",
        "op": "append",
        "from": "$.delta",
        "emit": "tool_arguments"
      },
      {
        "when": {
          "all": [
            {"path": "$.type", "eq": "response.output_item.done"},
            {"path": "$.item.type", "in": ["reasoning", "function_call"]}
          ]
        },
        "to": "$.output",
        "op": "push",
        "from": "$.item"
      },
      {
        "when": {"path": "$.type", "in": ["response.completed", "response.incomplete", "response.failed"]},
        "to": "$",
        "op": "merge",
        "from": "$.response"
      },
      {
        "when": {"path": "$.type", "eq": "error"},
        "to": "$.error",
        "op": "set",
        "from": {
          "switch": [
            {"when": {"path": "$.error", "type": "object"}, "then": "$.error"},
            {"then": {"fields": {"code": "$.code", "message": "$.message"}}}
          ]
        }
      },
      {
        "when": {"all": [{"path": "$.type", "exists": false}, {"path": "$.error", "exists": true}]},
        "to": "$.error",
        "op": "set",
        "from": "$.error"
      }
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'anthropic_messages', '/v1/messages', 'api_key_header',
      'x-api-key: {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "media": {
      "fields": {
        "type": {"source": "@.media_type", "map": {"application/pdf": "document"}, "map_default": "image"},
        "source": {"fields": {"type": {"value": "base64"}, "media_type": "@.media_type", "data": "@.data"}}
      }
    },
    "part_body": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"type": {"value": "text"}, "text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "data:"},
          "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "use": "media"}
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "type": {
                "source": "@.image_url.url",
                "codec": "mime_from_url",
                "map": {"application/pdf": "document"},
                "map_default": "image",
                "default": "image"
              },
              "source": {
                "fields": {"type": {"value": "url"}, "url": {"source": "@.image_url.url", "required": true}}
              }
            }
          }
        },
        {
          "when": {"path": "@.file.file_id", "exists": true},
          "then": {
            "fields": {
              "type": {"value": "document"},
              "source": {"fields": {"type": {"value": "file"}, "file_id": "@.file.file_id"}}
            }
          }
        },
        {
          "when": {"path": "@.file.file_data", "prefix": "data:"},
          "then": {"with": {"source": "@.file.file_data", "codec": "data_uri"}, "use": "media"}
        },
        {
          "then": {
            "error": "this content part is not taken: text, image_url, or file with file_id or file_data"
          }
        }
      ]
    },
    "part": {
      "fields": {"...": {"use": "part_body"}, "title": "@.file.filename", "cache_control": "@.cache_control"}
    },
    "blocks": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {"items": [{"fields": {"type": {"value": "text"}, "text": "@.content"}}]}
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "user": {"fields": {"role": {"value": "user"}, "content": {"use": "blocks", "required": true}}},
    "assistant": {
      "with": {
        "items": [
          {"source": "@.provider_state.anthropic.thinking", "spread": true},
          {"use": "blocks", "spread": true},
          {
            "each": "@.tool_calls[*]",
            "spread": true,
            "as": {
              "fields": {
                "type": {"value": "tool_use"},
                "id": {"source": "@.id", "required": true},
                "name": {"source": "@.function.name", "required": true},
                "input": {
                  "source": "@.function.arguments",
                  "codec": "json_decode",
                  "type": "object",
                  "default": {}
                }
              }
            }
          }
        ],
        "omit_empty": true
      },
      "fields": {"role": {"value": "assistant"}, "content": "@"}
    },
    "tool_result": {
      "fields": {
        "role": {"value": "user"},
        "content": {
          "items": [
            {
              "fields": {
                "type": {"value": "tool_result"},
                "tool_use_id": {"source": "@.tool_call_id", "required": true},
                "content": {"use": "blocks"}
              }
            }
          ]
        }
      }
    },
    "system": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "in": ["system", "developer"]},
      "as": {"use": "blocks"},
      "flatten": true,
      "omit_empty": true
    },
    "messages": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "as": {
        "switch": [
          {"when": {"path": "@.role", "eq": "user"}, "then": {"use": "user"}},
          {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "assistant"}},
          {"when": {"path": "@.role", "eq": "tool"}, "then": {"use": "tool_result"}},
          {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
        ]
      },
      "merge_adjacent": {"by": "role", "append": ["content"]},
      "min_items": 1,
      "required": true
    },
    "tools": {
      "each": "param:tools[*]",
      "as": {
        "switch": [
          {
            "when": {"path": "@.type", "eq": "function"},
            "then": {
              "fields": {
                "name": {"source": "@.function.name", "required": true},
                "description": "@.function.description",
                "input_schema": {
                  "source": "@.function.parameters",
                  "type": "object",
                  "default": {"type": "object", "properties": {}}
                },
                "strict": "@.function.strict",
                "cache_control": "@.cache_control"
              }
            }
          },
          {"then": {"error": "a tool's type must be function; the vendor's own tools go under extra_body"}}
        ]
      },
      "omit_empty": true
    },
    "serial": {"source": "param:parallel_tool_calls", "map": {"true": null, "false": true}},
    "tool_choice": {
      "switch": [
        {"when": {"path": "param:tool_choice", "eq": "none"}, "then": {"value": {"type": "none"}}},
        {
          "when": {"path": "param:tool_choice", "type": "string"},
          "then": {
            "fields": {
              "type": {"source": "param:tool_choice", "map": {"auto": "auto", "required": "any"}},
              "disable_parallel_tool_use": {"use": "serial"}
            }
          }
        },
        {
          "when": {"path": "param:tool_choice", "type": "object"},
          "then": {
            "fields": {
              "type": {"value": "tool"},
              "name": {"source": "param:tool_choice.function.name", "required": true},
              "disable_parallel_tool_use": {"use": "serial"}
            }
          }
        },
        {
          "when": {"path": "param:parallel_tool_calls", "eq": false},
          "then": {"value": {"type": "auto", "disable_parallel_tool_use": true}}
        }
      ]
    },
    "budget": {
      "source": "param:reasoning_effort",
      "map": {"none": null, "minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32000}
    },
    "thinking": {
      "with": "param:reasoning_effort",
      "switch": [
        {"when": {"path": "@", "eq": "none"}, "then": {"value": {"type": "disabled"}}},
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {"fields": {"type": {"value": "enabled"}, "budget_tokens": {"use": "budget"}}}
        },
        {
          "when": {"path": "model:thinking", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        },
        {"then": {"value": {"type": "adaptive"}}}
      ]
    },
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    },
    "output_config": {
      "fields": {
        "effort": {
          "switch": [
            {
              "when": {"not": {"path": "model:thinking", "in": ["budget", false]}},
              "then": {
                "source": "param:reasoning_effort",
                "map": {
                  "none": null,
                  "minimal": "low",
                  "low": "low",
                  "medium": "medium",
                  "high": "high",
                  "xhigh": "xhigh",
                  "max": "max"
                }
              }
            }
          ]
        },
        "format": {
          "with": "param:response_format",
          "switch": [
            {
              "when": {"path": "@.type", "eq": "json_schema"},
              "then": {
                "fields": {
                  "type": {"value": "json_schema"},
                  "schema": {"source": "@.json_schema.schema", "type": "object", "required": true}
                }
              }
            },
            {
              "when": {"not": {"path": "@.type", "eq": "text"}},
              "then": {"error": "response_format must be of type json_schema (with a schema) or text"}
            }
          ]
        }
      },
      "omit_empty": true
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "max_tokens": {
      "switch": [
        {"when": {"path": "param:max_output_tokens", "exists": true}, "then": "param:max_output_tokens"},
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {"sum": [{"use": "budget"}, {"value": 4096}]}
        }
      ],
      "type": "integer",
      "min": 1,
      "default": 4096
    },
    "system": {"use": "system"},
    "messages": {"use": "messages"},
    "tools": {"use": "tools"},
    "tool_choice": {"use": "tool_choice"},
    "thinking": {"use": "thinking"},
    "output_config": {"use": "output_config"},
    "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "top_p": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
    "top_k": {"with": "param:top_k", "use": "sampling", "type": "integer", "min": 0},
    "stop_sequences": {"source": "param:stop", "type": "array"},
    "metadata": {"fields": {"user_id": {"source": "param:user", "type": "string"}}, "omit_empty": true},
    "stream": {"source": "param:stream", "type": "boolean"},
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "headers": {"anthropic-version": {"value": "2023-06-01"}},
  "operations": {
    "test": {"method": "GET", "path": "/v1/models", "query": {"limit": {"value": 1}}},
    "list_models": {
      "method": "GET",
      "path": "/v1/models",
      "query": {"limit": {"value": 1000}},
      "extract": {"source": "$.data[*].id", "all": true}
    },
    "count_tokens": {
      "method": "POST",
      "path": "/v1/messages/count_tokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "system": {"use": "system"},
        "messages": {"use": "messages"},
        "tools": {"use": "tools"},
        "tool_choice": {"use": "tool_choice"},
        "thinking": {"use": "thinking"},
        "output_config": {"use": "output_config"}
      },
      "extract": {"source": "$.input_tokens", "type": "integer"}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "defs": {
    "error": {
      "fields": {
        "type": "$.error.type",
        "message": "$.error.message",
        "retryable": {
          "switch": [
            {
              "when": {
                "path": "$.error.type",
                "in": ["overloaded_error", "rate_limit_error", "timeout_error", "api_error"]
              },
              "then": {"value": true}
            }
          ]
        }
      },
      "omit_empty": true
    }
  },
  "extraction_rules": {
    "error": {"use": "error"},
    "text_content": {"type": "string", "paths": ["$.content[?(@.type == \"text\")].text"], "join": ""},
    "reasoning_content": {
      "type": "string",
      "paths": ["$.content[?(@.type == \"thinking\")].thinking"],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.content[?(@.type == \"tool_use\")]",
      "as": {
        "fields": {
          "id": "@.id",
          "name": "@.name",
          "arguments": {
            "switch": [
              {
                "when": {"path": "@.partial_json", "exists": true},
                "then": {
                  "source": "@.partial_json",
                  "codec": "json_decode",
                  "on_error": "raw",
                  "default": {}
                }
              },
              {"then": "@.input"}
            ]
          }
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "type": "string",
      "paths": ["$.stop_reason"],
      "map": {
        "end_turn": "stop",
        "stop_sequence": "stop",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "tool_use": "tool_calls",
        "refusal": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "sum": [
            "$.usage.input_tokens",
            "$.usage.cache_read_input_tokens",
            "$.usage.cache_creation_input_tokens"
          ]
        },
        "output_tokens": {"type": "integer", "paths": ["$.usage.output_tokens"]},
        "cached_tokens": {"type": "integer", "paths": ["$.usage.cache_read_input_tokens"]},
        "cache_write_tokens": {"type": "integer", "paths": ["$.usage.cache_creation_input_tokens"]},
        "cache_write_1h_tokens": {
          "type": "integer",
          "paths": ["$.usage.cache_creation.ephemeral_1h_input_tokens"]
        },
        "reasoning_tokens": {"type": "integer", "paths": ["$.usage.output_tokens_details.thinking_tokens"]},
        "service_tier": {"type": "string", "paths": ["$.usage.service_tier"]},
        "...": "$.usage"
      }
    },
    "model_used": {"type": "string", "paths": ["$.model"]},
    "provider_request_id": {"type": "string", "paths": ["$.id", "$.request_id", "header:request-id"]},
    "provider_state": {
      "fields": {
        "anthropic": {
          "fields": {
            "thinking": {
              "each": "$.content[*]",
              "where": {"path": "@.type", "in": ["thinking", "redacted_thinking"]},
              "omit_empty": true
            }
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.stop_reason"]},
    "stop_sequence": {"type": "string", "paths": ["$.stop_sequence"]},
    "stop_details": "$.stop_details"
  },
  "stream": {
    "frame": "sse",
    "done": {"when": {"path": "$.type", "eq": "message_stop"}},
    "rules": [
      {"when": {"path": "$.type", "eq": "error"}, "error": {"use": "error"}},
      {"when": {"path": "$.type", "eq": "message_start"}, "to": "$", "op": "merge", "from": "$.message"},
      {
        "when": {"path": "$.type", "eq": "content_block_start"},
        "to": "$.content[{$.index}]",
        "op": "set",
        "from": "$.content_block"
      },
      {
        "when": {"path": "$.delta.type", "eq": "text_delta"},
        "to": "$.content[{$.index}].text",
        "op": "append",
        "from": "$.delta.text",
        "emit": "text"
      },
      {
        "when": {"path": "$.delta.type", "eq": "thinking_delta"},
        "to": "$.content[{$.index}].thinking",
        "op": "append",
        "from": "$.delta.thinking",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.delta.type", "eq": "signature_delta"},
        "to": "$.content[{$.index}].signature",
        "op": "set",
        "from": "$.delta.signature"
      },
      {
        "when": {"path": "$.delta.type", "eq": "input_json_delta"},
        "to": "$.content[{$.index}].partial_json",
        "op": "append",
        "from": "$.delta.partial_json",
        "emit": "tool_arguments"
      },
      {"when": {"path": "$.type", "eq": "message_delta"}, "to": "$", "op": "merge", "from": "$.delta"},
      {"when": {"path": "$.type", "eq": "message_delta"}, "to": "$.usage", "op": "merge", "from": "$.usage"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'gemini_generate_content', '/models/{model}:generateContent', 'api_key_header',
      'x-goog-api-key: {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "inline": {"fields": {"inlineData": {"fields": {"mimeType": "@.media_type", "data": "@.data"}}}},
    "part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "data:"},
          "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "use": "inline"}
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "fileData": {
                "fields": {
                  "fileUri": {"source": "@.image_url.url", "required": true},
                  "mimeType": {"source": "@.image_url.url", "codec": "mime_from_url"}
                }
              }
            }
          }
        },
        {
          "when": {"path": "@.file.file_data", "prefix": "data:"},
          "then": {"with": {"source": "@.file.file_data", "codec": "data_uri"}, "use": "inline"}
        },
        {
          "when": {"path": "@.file.file_id", "exists": true},
          "then": {
            "fields": {
              "fileData": {
                "fields": {
                  "fileUri": "@.file.file_id",
                  "mimeType": {"source": "@.file.filename", "codec": "mime_from_url"}
                }
              }
            }
          }
        },
        {
          "when": {"path": "@.type", "eq": "input_audio"},
          "then": {
            "fields": {
              "inlineData": {
                "fields": {
                  "mimeType": {"format": "audio/{@.input_audio.format}"},
                  "data": {"source": "@.input_audio.data", "required": true}
                }
              }
            }
          }
        },
        {"then": {"error": "this content part is not taken: text, image_url, input_audio or file"}}
      ]
    },
    "parts": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {
            "items": [
              {"fields": {"text": "@.content", "thoughtSignature": "@.provider_state.gemini.text_signature"}}
            ]
          }
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "user": {"fields": {"role": {"value": "user"}, "parts": {"use": "parts", "required": true}}},
    "model": {
      "with": {
        "items": [
          {"use": "parts", "spread": true},
          {
            "each": "@.tool_calls[*]",
            "spread": true,
            "as": {
              "fields": {
                "functionCall": {
                  "fields": {
                    "id": "@.id",
                    "name": {"source": "@.function.name", "required": true},
                    "args": {
                      "source": "@.function.arguments",
                      "codec": "json_decode",
                      "type": "object",
                      "default": {}
                    }
                  }
                },
                "thoughtSignature": {
                  "lookup": {
                    "in": "^.provider_state.gemini.signatures[*]",
                    "key": "@.id",
                    "equals": "@.id",
                    "then": "@.signature"
                  }
                }
              }
            }
          }
        ],
        "omit_empty": true
      },
      "fields": {"role": {"value": "model"}, "parts": "@"}
    },
    "tool_text": {
      "switch": [
        {"when": {"path": "@.content", "type": "array"}, "then": {"source": "@.content[*].text", "join": ""}},
        {"then": {"source": "@.content", "default": ""}}
      ]
    },
    "tool_result": {
      "fields": {
        "role": {"value": "user"},
        "parts": {
          "items": [
            {
              "fields": {
                "functionResponse": {
                  "fields": {
                    "id": "@.tool_call_id",
                    "name": {
                      "switch": [
                        {"when": {"path": "@.name", "exists": true}, "then": "@.name"},
                        {
                          "then": {
                            "lookup": {
                              "in": "param:messages[*].tool_calls[*]",
                              "key": "@.id",
                              "equals": "@.tool_call_id",
                              "then": "@.function.name"
                            }
                          }
                        }
                      ],
                      "required": true
                    },
                    "response": {
                      "switch": [
                        {
                          "when": {"path": "@.content", "codec": "json_decode", "type": "object"},
                          "then": {"source": "@.content", "codec": "json_decode"}
                        },
                        {"then": {"fields": {"output": {"use": "tool_text"}}}}
                      ]
                    }
                  }
                }
              }
            }
          ]
        }
      }
    },
    "system": {
      "fields": {
        "parts": {
          "each": "param:messages[*]",
          "where": {"path": "@.role", "in": ["system", "developer"]},
          "as": {"use": "parts"},
          "flatten": true,
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "contents": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "as": {
        "switch": [
          {"when": {"path": "@.role", "eq": "user"}, "then": {"use": "user"}},
          {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "model"}},
          {"when": {"path": "@.role", "eq": "tool"}, "then": {"use": "tool_result"}},
          {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
        ]
      },
      "merge_adjacent": {"by": "role", "append": ["parts"]},
      "min_items": 1,
      "required": true
    },
    "tools": {
      "items": [
        {
          "fields": {
            "functionDeclarations": {
              "each": "param:tools[*]",
              "as": {
                "switch": [
                  {
                    "when": {"path": "@.type", "eq": "function"},
                    "then": {
                      "fields": {
                        "name": {"source": "@.function.name", "required": true},
                        "description": "@.function.description",
                        "parametersJsonSchema": {"source": "@.function.parameters", "type": "object"}
                      }
                    }
                  },
                  {
                    "then": {
                      "error": "a tool's type must be function; the vendor's own tools go under extra_body"
                    }
                  }
                ]
              },
              "omit_empty": true
            }
          },
          "omit_empty": true
        }
      ],
      "omit_empty": true
    },
    "thinking": {
      "with": "param:reasoning_effort",
      "switch": [
        {
          "when": {"path": "model:thinking", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        },
        {
          "when": {"all": [{"path": "@", "eq": "none"}, {"path": "model:thinking", "eq": "budget"}]},
          "then": {"value": {"thinkingBudget": 0}}
        },
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {
            "fields": {
              "thinkingBudget": {
                "source": "@",
                "map": {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
              },
              "includeThoughts": {"value": true}
            }
          }
        },
        {
          "then": {
            "fields": {
              "thinkingLevel": {"source": "@", "enum": ["minimal", "low", "medium", "high"]},
              "includeThoughts": {"value": true}
            }
          }
        }
      ]
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
    "messages": {"use": "contents", "path": "contents"},
    "systemInstruction": {"use": "system"},
    "tools": {"use": "tools"},
    "toolConfig": {
      "fields": {
        "functionCallingConfig": {
          "switch": [
            {
              "when": {"path": "param:tool_choice", "type": "string"},
              "then": {
                "fields": {
                  "mode": {
                    "source": "param:tool_choice",
                    "map": {"auto": "AUTO", "none": "NONE", "required": "ANY"}
                  }
                }
              }
            },
            {
              "when": {"path": "param:tool_choice", "type": "object"},
              "then": {
                "fields": {
                  "mode": {"value": "ANY"},
                  "allowedFunctionNames": {
                    "items": [{"source": "param:tool_choice.function.name", "required": true}]
                  }
                }
              }
            }
          ]
        }
      },
      "omit_empty": true
    },
    "generationConfig": {
      "fields": {
        "temperature": {"source": "param:temperature", "type": "number", "min": 0, "max": 2},
        "topP": {"source": "param:top_p", "type": "number", "min": 0, "max": 1},
        "topK": {"source": "param:top_k", "type": "integer", "min": 1},
        "maxOutputTokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
        "stopSequences": {"source": "param:stop", "type": "array"},
        "seed": {"source": "param:seed", "type": "integer"},
        "responseMimeType": {
          "source": "param:response_format.type",
          "map": {"json_schema": "application/json", "json_object": "application/json", "text": null}
        },
        "responseJsonSchema": {"source": "param:response_format.json_schema.schema", "type": "object"},
        "thinkingConfig": {"use": "thinking"}
      },
      "omit_empty": true
    },
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "streaming_path": "/models/{model}:streamGenerateContent?alt=sse",
  "operations": {
    "test": {"method": "GET", "path": "/models", "query": {"pageSize": {"value": 1}}},
    "list_models": {
      "method": "GET",
      "path": "/models",
      "query": {"pageSize": {"value": 1000}},
      "extract": {"source": "$.models[*].name", "all": true}
    },
    "count_tokens": {
      "method": "POST",
      "path": "/models/{model}:countTokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "request_model": {"format": "models/{param:model_name}", "path": "generateContentRequest.model"},
        "messages": {"use": "contents", "path": "generateContentRequest.contents"},
        "systemInstruction": {"use": "system", "path": "generateContentRequest.systemInstruction"},
        "tools": {"use": "tools", "path": "generateContentRequest.tools"}
      },
      "extract": {"source": "$.totalTokens", "type": "integer"}
    },
    "embed": {
      "method": "POST",
      "path": "/models/{model}:batchEmbedContents",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "requests": {
          "with": {"source": "param:input", "type": "array"},
          "each": "@[*]",
          "as": {
            "fields": {
              "model": {"format": "models/{param:model_name}"},
              "content": {
                "fields": {"parts": {"items": [{"fields": {"text": {"source": "@", "type": "string"}}}]}}
              }
            }
          },
          "min_items": 1,
          "required": true
        },
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings[*].values", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "defs": {
    "error": {
      "fields": {
        "type": {"paths": ["$.error.status", "$[0].error.status"]},
        "code": {"paths": ["$.error.code", "$[0].error.code"]},
        "message": {"paths": ["$.error.message", "$[0].error.message"]}
      },
      "omit_empty": true
    },
    "call_id": {
      "switch": [
        {"when": {"path": "@.functionCall.id", "exists": true}, "then": "@.functionCall.id"},
        {
          "when": {"path": "$.responseId", "exists": true},
          "then": {"format": "call_{$.responseId}_{@index}"}
        },
        {"then": {"format": "call_{@index}"}}
      ]
    }
  },
  "extraction_rules": {
    "error": {
      "switch": [
        {
          "when": {"path": "$.promptFeedback.blockReason", "exists": true},
          "then": {
            "fields": {
              "type": {"value": "prompt_blocked"},
              "code": "$.promptFeedback.blockReason",
              "message": {"format": "the prompt was blocked: {$.promptFeedback.blockReason}"}
            }
          }
        },
        {"then": {"use": "error"}}
      ]
    },
    "text_content": {
      "type": "string",
      "paths": ["$.candidates[0].content.parts[?(@.thought != true)].text"],
      "join": ""
    },
    "reasoning_content": {
      "type": "string",
      "paths": ["$.candidates[0].content.parts[?(@.thought == true)].text"],
      "join": ""
    },
    "tool_calls": {
      "each": "$.candidates[0].content.parts[?(@.functionCall)]",
      "as": {
        "fields": {
          "id": {"use": "call_id"},
          "name": "@.functionCall.name",
          "arguments": {"source": "@.functionCall.args", "default": {}}
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "switch": [
        {
          "when": {"path": "$.promptFeedback.blockReason", "exists": true},
          "then": {"value": "content_filter"}
        },
        {
          "when": {
            "all": [
              {"path": "$.candidates[0].content.parts[?(@.functionCall)]", "exists": true},
              {"path": "$.candidates[0].finishReason", "eq": "STOP"}
            ]
          },
          "then": {"value": "tool_calls"}
        },
        {
          "then": {
            "source": "$.candidates[0].finishReason",
            "map": {
              "STOP": "stop",
              "MAX_TOKENS": "length",
              "SAFETY": "content_filter",
              "RECITATION": "content_filter",
              "BLOCKLIST": "content_filter",
              "PROHIBITED_CONTENT": "content_filter",
              "SPII": "content_filter",
              "IMAGE_SAFETY": "content_filter"
            },
            "map_default": "other"
          }
        }
      ]
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "sum": ["$.usageMetadata.promptTokenCount", "$.usageMetadata.toolUsePromptTokenCount"]
        },
        "output_tokens": {
          "sum": ["$.usageMetadata.candidatesTokenCount", "$.usageMetadata.thoughtsTokenCount"]
        },
        "cached_tokens": {"type": "integer", "paths": ["$.usageMetadata.cachedContentTokenCount"]},
        "reasoning_tokens": {"type": "integer", "paths": ["$.usageMetadata.thoughtsTokenCount"]},
        "service_tier": {"type": "string", "paths": ["$.usageMetadata.serviceTier"]},
        "...": "$.usageMetadata"
      }
    },
    "model_used": {"type": "string", "paths": ["$.modelVersion"]},
    "provider_request_id": {"type": "string", "paths": ["$.responseId"]},
    "provider_state": {
      "fields": {
        "gemini": {
          "fields": {
            "text_signature": {
              "with": {
                "each": "$.candidates[0].content.parts[?(@.text)]",
                "where": {
                  "all": [
                    {"path": "@.thoughtSignature", "exists": true},
                    {"not": {"path": "@.thought", "eq": true}}
                  ]
                },
                "as": "@.thoughtSignature"
              },
              "source": "@[-1]"
            },
            "signatures": {
              "each": "$.candidates[0].content.parts[?(@.functionCall)]",
              "where": {"path": "@.thoughtSignature", "exists": true},
              "as": {"fields": {"id": {"use": "call_id"}, "signature": "@.thoughtSignature"}},
              "omit_empty": true
            }
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.candidates[0].finishReason"]},
    "finish_message": {"type": "string", "paths": ["$.candidates[0].finishMessage"]}
  },
  "stream": {
    "frame": "sse",
    "done": "eof",
    "rules": [
      {
        "when": {"any": [{"path": "$.error", "exists": true}, {"path": "$[0].error", "exists": true}]},
        "error": {"use": "error"}
      },
      {
        "each": "$.candidates[0].content.parts[?(@.thought != true)]",
        "to": "$.streamed.text",
        "op": "append",
        "from": "@.text",
        "emit": "text"
      },
      {
        "each": "$.candidates[0].content.parts[?(@.thought == true)]",
        "to": "$.streamed.thoughts",
        "op": "append",
        "from": "@.text",
        "emit": "reasoning"
      },
      {
        "each": "$.candidates[0].content.parts[*]",
        "to": "$.candidates[0].content.parts",
        "op": "push",
        "from": "@"
      },
      {"to": "$.candidates[0].finishReason", "op": "set", "from": "$.candidates[0].finishReason"},
      {"to": "$.candidates[0].finishMessage", "op": "set", "from": "$.candidates[0].finishMessage"},
      {"to": "$.promptFeedback", "op": "merge", "from": "$.promptFeedback"},
      {"to": "$.usageMetadata", "op": "merge", "from": "$.usageMetadata"},
      {"to": "$.modelVersion", "op": "set", "from": "$.modelVersion"},
      {"to": "$.responseId", "op": "set", "from": "$.responseId"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'cohere_chat', '/v2/chat', 'bearer',
      'Authorization: Bearer {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"type": {"value": "text"}, "text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {
            "fields": {
              "type": {"value": "image_url"},
              "image_url": {
                "fields": {
                  "url": {"source": "@.image_url.url", "required": true},
                  "detail": "@.image_url.detail"
                }
              }
            }
          }
        },
        {"then": {"error": "this content part is not taken: text or image_url"}}
      ]
    },
    "content": {
      "switch": [
        {"when": {"path": "@.content", "type": "string"}, "then": "@.content"},
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "blocks": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {"items": [{"fields": {"type": {"value": "text"}, "text": "@.content"}}]}
        },
        {"then": {"use": "content"}}
      ]
    },
    "assistant": {
      "fields": {
        "role": {"value": "assistant"},
        "content": {
          "switch": [
            {
              "when": {"path": "@.provider_state.cohere.thinking", "exists": true},
              "then": {
                "items": [
                  {"source": "@.provider_state.cohere.thinking", "spread": true},
                  {"use": "blocks", "spread": true}
                ]
              }
            },
            {"then": {"use": "content", "omit_empty": true}}
          ]
        },
        "tool_plan": "@.provider_state.cohere.tool_plan",
        "tool_calls": {
          "each": "@.tool_calls[*]",
          "as": {
            "fields": {
              "id": {"source": "@.id", "required": true},
              "type": {"value": "function"},
              "function": {
                "fields": {
                  "name": {"source": "@.function.name", "required": true},
                  "arguments": {"source": "@.function.arguments", "default": "{}"}
                }
              }
            }
          },
          "omit_empty": true
        }
      }
    },
    "message": {
      "switch": [
        {
          "when": {"path": "@.role", "in": ["system", "developer"]},
          "then": {"fields": {"role": {"value": "system"}, "content": {"use": "content", "required": true}}}
        },
        {
          "when": {"path": "@.role", "eq": "user"},
          "then": {"fields": {"role": {"value": "user"}, "content": {"use": "content", "required": true}}}
        },
        {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "assistant"}},
        {
          "when": {"path": "@.role", "eq": "tool"},
          "then": {
            "fields": {
              "role": {"value": "tool"},
              "tool_call_id": {"source": "@.tool_call_id", "required": true},
              "content": {"use": "content", "default": ""}
            }
          }
        },
        {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
      ]
    },
    "tool": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "function"},
          "then": {
            "fields": {
              "type": {"value": "function"},
              "function": {
                "fields": {
                  "name": {"source": "@.function.name", "required": true},
                  "description": "@.function.description",
                  "parameters": {
                    "source": "@.function.parameters",
                    "type": "object",
                    "default": {"type": "object", "properties": {}}
                  }
                }
              }
            }
          }
        },
        {"then": {"error": "a tool's type must be function"}}
      ]
    },
    "texts": {"source": "param:input", "type": "array", "min_items": 1, "max_items": 96, "required": true}
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"each": "param:messages[*]", "as": {"use": "message"}, "min_items": 1, "required": true},
    "tools": {"each": "param:tools[*]", "as": {"use": "tool"}, "omit_empty": true},
    "strict_tools": {
      "switch": [
        {
          "when": {"path": "param:tools[?(@.function.strict == true)]", "exists": true},
          "then": {"value": true}
        }
      ]
    },
    "tool_choice": {
      "switch": [
        {
          "when": {"path": "param:tool_choice", "type": "object"},
          "then": {
            "error": "Cohere cannot be told to call one certain tool; give \"required\" and that tool alone"
          }
        },
        {
          "then": {
            "source": "param:tool_choice",
            "map": {"auto": null, "required": "REQUIRED", "none": "NONE"}
          }
        }
      ]
    },
    "response_format": {
      "with": "param:response_format",
      "fields": {
        "type": {
          "source": "@.type",
          "map": {"json_schema": "json_object", "json_object": "json_object", "text": "text"},
          "required": true
        },
        "json_schema": {"source": "@.json_schema.schema", "type": "object"}
      }
    },
    "thinking": {
      "with": "param:reasoning_effort",
      "switch": [
        {"when": {"path": "@", "eq": "none"}, "then": {"value": {"type": "disabled"}}},
        {
          "when": {"path": "model:reasoning", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        },
        {
          "then": {
            "fields": {
              "type": {"value": "enabled"},
              "token_budget": {
                "source": "@",
                "map": {"minimal": 512, "low": 1024, "medium": 4096, "high": null}
              }
            }
          }
        }
      ]
    },
    "max_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
    "temperature": {"source": "param:temperature", "type": "number", "min": 0},
    "p": {"source": "param:top_p", "type": "number", "min": 0.01, "max": 0.99},
    "k": {"source": "param:top_k", "type": "integer", "min": 0, "max": 500},
    "seed": {"source": "param:seed", "type": "integer", "min": 0},
    "stop_sequences": {"source": "param:stop", "type": "array", "max_items": 5},
    "stream": {"source": "param:stream", "type": "boolean"},
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "operations": {
    "test": {"method": "POST", "path": "/v1/check-api-key"},
    "list_models": {
      "method": "GET",
      "path": "/v1/models",
      "query": {"endpoint": {"value": "chat"}, "page_size": {"value": 1000}},
      "extract": {"source": "$.models[*].name", "all": true}
    },
    "embed": {
      "method": "POST",
      "path": "/v2/embed",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "texts": {"use": "texts"},
        "input_type": {"value": "search_document"},
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings.float[*]", "all": true}
    },
    "embed_query": {
      "method": "POST",
      "path": "/v2/embed",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "texts": {"use": "texts"},
        "input_type": {"value": "search_query"},
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings.float[*]", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "error": {
      "switch": [
        {"when": {"path": "$.message", "type": "string"}, "then": {"fields": {"message": "$.message"}}},
        {
          "when": {"path": "$.error", "exists": true},
          "then": {
            "fields": {
              "type": {"value": "generation_failed"},
              "code": "$.finish_reason",
              "message": "$.error",
              "retryable": {"value": true}
            }
          }
        },
        {
          "when": {"path": "$.finish_reason", "in": ["ERROR", "TIMEOUT"]},
          "then": {
            "fields": {
              "type": {"value": "generation_failed"},
              "code": "$.finish_reason",
              "message": {"format": "the answer ended with {$.finish_reason}"},
              "retryable": {"value": true}
            }
          }
        }
      ]
    },
    "text_content": {
      "type": "string",
      "paths": ["$.message.content[?(@.type == \"text\")].text"],
      "join": ""
    },
    "reasoning_content": {
      "type": "string",
      "paths": ["$.message.content[?(@.type == \"thinking\")].thinking", "$.message.tool_plan"],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.message.tool_calls[*]",
      "as": {
        "fields": {
          "id": "@.id",
          "name": "@.function.name",
          "arguments": {
            "source": "@.function.arguments",
            "codec": "json_decode",
            "on_error": "raw",
            "default": {}
          }
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "type": "string",
      "paths": ["$.finish_reason"],
      "map": {
        "COMPLETE": "stop",
        "STOP_SEQUENCE": "stop",
        "MAX_TOKENS": "length",
        "ERROR_LIMIT": "length",
        "TOOL_CALL": "tool_calls",
        "ERROR_TOXIC": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "type": "integer",
          "paths": ["$.usage.billed_units.input_tokens", "$.usage.tokens.input_tokens"]
        },
        "output_tokens": {
          "type": "integer",
          "paths": ["$.usage.billed_units.output_tokens", "$.usage.tokens.output_tokens"]
        },
        "cached_tokens": {"type": "integer", "paths": ["$.usage.cached_tokens"]},
        "...": "$.usage"
      }
    },
    "provider_request_id": {"type": "string", "paths": ["$.id"]},
    "provider_state": {
      "fields": {
        "cohere": {
          "fields": {
            "tool_plan": {"source": "$.message.tool_plan", "omit_empty": true},
            "thinking": {"each": "$.message.content[?(@.type == \"thinking\")]", "omit_empty": true}
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.finish_reason"]},
    "citations": {"each": "$.message.citations[*]", "omit_empty": true}
  },
  "stream": {
    "frame": "sse",
    "done": {"when": {"path": "$.type", "eq": "message-end"}},
    "rules": [
      {"when": {"path": "$.message", "type": "string"}, "error": {"fields": {"message": "$.message"}}},
      {"when": {"path": "$.type", "eq": "message-start"}, "to": "$.id", "op": "set", "from": "$.id"},
      {
        "when": {"path": "$.type", "eq": "content-start"},
        "to": "$.message.content[{$.index}]",
        "op": "set",
        "from": "$.delta.message.content"
      },
      {
        "when": {"path": "$.type", "eq": "content-delta"},
        "to": "$.message.content[{$.index}].text",
        "op": "append",
        "from": "$.delta.message.content.text",
        "emit": "text"
      },
      {
        "when": {"path": "$.type", "eq": "content-delta"},
        "to": "$.message.content[{$.index}].thinking",
        "op": "append",
        "from": "$.delta.message.content.thinking",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.type", "eq": "tool-plan-delta"},
        "to": "$.message.tool_plan",
        "op": "append",
        "from": "$.delta.message.tool_plan",
        "emit": "reasoning"
      },
      {
        "when": {"path": "$.type", "eq": "tool-call-start"},
        "to": "$.message.tool_calls[{$.index}]",
        "op": "set",
        "from": "$.delta.message.tool_calls"
      },
      {
        "when": {"path": "$.type", "eq": "tool-call-delta"},
        "to": "$.message.tool_calls[{$.index}].function.arguments",
        "op": "append",
        "from": "$.delta.message.tool_calls.function.arguments",
        "emit": "tool_arguments"
      },
      {
        "when": {"path": "$.type", "eq": "citation-start"},
        "to": "$.message.citations",
        "op": "push",
        "from": "$.delta.message.citations"
      },
      {
        "when": {"path": "$.type", "eq": "message-end"},
        "to": "$.finish_reason",
        "op": "set",
        "from": "$.delta.finish_reason"
      },
      {
        "when": {"path": "$.type", "eq": "message-end"},
        "to": "$.usage",
        "op": "set",
        "from": "$.delta.usage"
      },
      {
        "when": {"path": "$.type", "eq": "message-end"},
        "to": "$.error",
        "op": "set",
        "from": "$.delta.error"
      }
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'ollama_chat', '/api/chat', 'none',
      NULL, 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "text": {
      "switch": [
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"source": "@.content[?(@.type == \"text\")].text", "join": "\n", "default": ""}
        },
        {"when": {"path": "@.content", "type": "string"}, "then": "@.content"},
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "images": {
      "each": "@.content[*]",
      "where": {"not": {"path": "@.type", "eq": "text"}},
      "as": {
        "switch": [
          {
            "when": {"path": "@.image_url.url", "prefix": "data:"},
            "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "source": "@.data"}
          },
          {
            "when": {"path": "@.type", "eq": "image_url"},
            "then": {"error": "Ollama takes images as data URIs only"}
          },
          {"then": {"error": "this content part is not taken: text or image_url"}}
        ]
      },
      "omit_empty": true
    },
    "message": {
      "switch": [
        {
          "when": {"path": "@.role", "in": ["system", "developer"]},
          "then": {
            "fields": {
              "role": {"value": "system"},
              "content": {"use": "text", "required": true},
              "images": {"use": "images"}
            }
          }
        },
        {
          "when": {"path": "@.role", "eq": "user"},
          "then": {
            "fields": {
              "role": {"value": "user"},
              "content": {"use": "text", "required": true},
              "images": {"use": "images"}
            }
          }
        },
        {
          "when": {"path": "@.role", "eq": "assistant"},
          "then": {
            "fields": {
              "role": {"value": "assistant"},
              "content": {"use": "text", "default": ""},
              "images": {"use": "images"},
              "thinking": "@.provider_state.ollama.thinking",
              "tool_calls": {
                "each": "@.tool_calls[*]",
                "as": {
                  "fields": {
                    "function": {
                      "fields": {
                        "name": {"source": "@.function.name", "required": true},
                        "arguments": {
                          "source": "@.function.arguments",
                          "codec": "json_decode",
                          "type": "object",
                          "default": {}
                        }
                      }
                    }
                  }
                },
                "omit_empty": true
              }
            }
          }
        },
        {
          "when": {"path": "@.role", "eq": "tool"},
          "then": {
            "fields": {
              "role": {"value": "tool"},
              "content": {"use": "text", "default": ""},
              "images": {"use": "images"},
              "tool_name": {
                "switch": [
                  {"when": {"path": "@.name", "exists": true}, "then": "@.name"},
                  {
                    "then": {
                      "lookup": {
                        "in": "param:messages[*].tool_calls[*]",
                        "key": "@.id",
                        "equals": "@.tool_call_id",
                        "then": "@.function.name"
                      }
                    }
                  }
                ],
                "required": true
              }
            }
          }
        },
        {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
      ]
    },
    "tool": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "function"},
          "then": {
            "fields": {
              "type": {"value": "function"},
              "function": {
                "fields": {
                  "name": {"source": "@.function.name", "required": true},
                  "description": "@.function.description",
                  "parameters": {
                    "source": "@.function.parameters",
                    "type": "object",
                    "default": {"type": "object", "properties": {}}
                  }
                }
              }
            }
          }
        },
        {"then": {"error": "a tool's type must be function"}}
      ]
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true},
    "messages": {"each": "param:messages[*]", "as": {"use": "message"}, "min_items": 1, "required": true},
    "stream": {"source": "param:stream", "type": "boolean", "default": false},
    "tools": {
      "switch": [
        {
          "when": {
            "all": [
              {"path": "param:tool_choice", "exists": true},
              {"path": "param:tool_choice", "not_in": ["auto", "none"]}
            ]
          },
          "then": {"error": "Ollama cannot be made to call a tool; tool_choice may be auto or none"}
        },
        {
          "when": {"not": {"path": "param:tool_choice", "eq": "none"}},
          "then": {"each": "param:tools[*]", "as": {"use": "tool"}}
        }
      ],
      "omit_empty": true
    },
    "think": {
      "with": "param:reasoning_effort",
      "switch": [
        {
          "when": {"path": "model:thinking", "eq": "level"},
          "then": {
            "source": "@",
            "map": {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}
          }
        },
        {
          "then": {
            "source": "@",
            "map": {"none": false, "minimal": true, "low": true, "medium": true, "high": true}
          }
        }
      ]
    },
    "format": {
      "with": "param:response_format",
      "switch": [
        {
          "when": {"path": "@.type", "eq": "json_schema"},
          "then": {"source": "@.json_schema.schema", "type": "object", "required": true}
        },
        {"then": {"source": "@.type", "map": {"json_object": "json", "text": null}}}
      ]
    },
    "options": {
      "fields": {
        "num_predict": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
        "temperature": {"source": "param:temperature", "type": "number", "min": 0},
        "top_p": {"source": "param:top_p", "type": "number", "min": 0, "max": 1},
        "top_k": {"source": "param:top_k", "type": "integer", "min": 0},
        "seed": {"source": "param:seed", "type": "integer"},
        "stop": {"source": "param:stop", "type": "array"}
      },
      "omit_empty": true
    },
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "operations": {
    "test": {"method": "GET", "path": "/api/version"},
    "list_models": {
      "method": "GET",
      "path": "/api/tags",
      "extract": {"source": "$.models[*].name", "all": true}
    },
    "embed": {
      "method": "POST",
      "path": "/api/embed",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true},
        "input": {"source": "param:input", "required": true},
        "...": {"source": "param:extra_body", "type": "object"}
      },
      "extract": {"source": "$.embeddings[*]", "all": true}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "error": {"source": "$.error"},
    "text_content": {"type": "string", "paths": ["$.message.content"], "omit_empty": true},
    "reasoning_content": {"type": "string", "paths": ["$.message.thinking"], "omit_empty": true},
    "tool_calls": {
      "each": "$.message.tool_calls[*]",
      "as": {
        "fields": {
          "id": {
            "switch": [
              {"when": {"path": "@.id", "exists": true}, "then": "@.id"},
              {
                "when": {"path": "$.created_at", "exists": true},
                "then": {"format": "call_{$.created_at}_{@index}"}
              },
              {"then": {"format": "call_{@index}"}}
            ]
          },
          "name": "@.function.name",
          "arguments": {"source": "@.function.arguments", "default": {}}
        }
      },
      "omit_empty": true
    },
    "finish_reason": {
      "switch": [
        {"when": {"path": "$.done", "eq": false}, "then": null},
        {
          "when": {
            "all": [
              {"path": "$.message.tool_calls[0]", "exists": true},
              {"path": "$.done_reason", "not_in": ["length"]}
            ]
          },
          "then": {"value": "tool_calls"}
        },
        {
          "when": {"path": "$.done_reason", "exists": true},
          "then": {
            "source": "$.done_reason",
            "map": {"stop": "stop", "length": "length"},
            "map_default": "other"
          }
        },
        {"when": {"path": "$.done", "eq": true}, "then": {"value": "stop"}}
      ]
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {"type": "integer", "paths": ["$.prompt_eval_count"]},
        "output_tokens": {"type": "integer", "paths": ["$.eval_count"]},
        "total_duration": "$.total_duration",
        "load_duration": "$.load_duration",
        "prompt_eval_duration": "$.prompt_eval_duration",
        "eval_duration": "$.eval_duration"
      }
    },
    "model_used": {"type": "string", "paths": ["$.model"]},
    "provider_state": {
      "fields": {
        "ollama": {
          "fields": {"thinking": {"source": "$.message.thinking", "omit_empty": true}},
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.done_reason"]}
  },
  "stream": {
    "frame": "ndjson",
    "done": {"when": {"path": "$.done", "eq": true}},
    "rules": [
      {"when": {"path": "$.error", "exists": true}, "error": "$.error"},
      {"to": "$.model", "op": "set", "from": "$.model"},
      {"to": "$.created_at", "op": "set", "from": "$.created_at"},
      {"to": "$.message.role", "op": "set", "from": "$.message.role"},
      {"to": "$.message.content", "op": "append", "from": "$.message.content", "emit": "text"},
      {"to": "$.message.thinking", "op": "append", "from": "$.message.thinking", "emit": "reasoning"},
      {"each": "$.message.tool_calls[*]", "to": "$.message.tool_calls", "op": "push", "from": "@"},
      {"to": "$.done", "op": "set", "from": "$.done"},
      {"to": "$.done_reason", "op": "set", "from": "$.done_reason"},
      {"to": "$.prompt_eval_count", "op": "set", "from": "$.prompt_eval_count"},
      {"to": "$.eval_count", "op": "set", "from": "$.eval_count"},
      {"to": "$.total_duration", "op": "set", "from": "$.total_duration"},
      {"to": "$.load_duration", "op": "set", "from": "$.load_duration"},
      {"to": "$.prompt_eval_duration", "op": "set", "from": "$.prompt_eval_duration"},
      {"to": "$.eval_duration", "op": "set", "from": "$.eval_duration"}
    ]
  }
}
      $json$::pg_catalog.jsonb
    UNION ALL
    SELECT 'bedrock_converse', '/model/{model}/converse', 'bearer',
      'Authorization: Bearer {api_key}', 'POST',
      $json$
{
  "version": "1.1",
  "defs": {
    "file_part": {
      "switch": [
        {
          "when": {"path": "@.media_type", "prefix": "image/"},
          "then": {
            "fields": {
              "image": {
                "fields": {
                  "format": {
                    "source": "@.media_type",
                    "map": {
                      "image/png": "png",
                      "image/jpeg": "jpeg",
                      "image/gif": "gif",
                      "image/webp": "webp"
                    }
                  },
                  "source": {"fields": {"bytes": "@.data"}}
                }
              }
            }
          }
        },
        {
          "then": {
            "fields": {
              "document": {
                "fields": {
                  "format": {
                    "source": "@.media_type",
                    "map": {
                      "application/pdf": "pdf",
                      "text/csv": "csv",
                      "text/html": "html",
                      "text/plain": "txt",
                      "text/markdown": "md",
                      "application/msword": "doc",
                      "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
                      "application/vnd.ms-excel": "xls",
                      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx"
                    }
                  },
                  "name": {"format": "document {@index}"},
                  "source": {"fields": {"bytes": "@.data"}}
                }
              }
            }
          }
        }
      ]
    },
    "part": {
      "switch": [
        {
          "when": {"path": "@.type", "eq": "text"},
          "then": {"fields": {"text": {"source": "@.text", "required": true}}}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "data:"},
          "then": {"with": {"source": "@.image_url.url", "codec": "data_uri"}, "use": "file_part"}
        },
        {
          "when": {"path": "@.image_url.url", "prefix": "s3:"},
          "then": {
            "fields": {
              "image": {
                "fields": {
                  "format": {
                    "source": "@.image_url.url",
                    "codec": "mime_from_url",
                    "map": {
                      "image/png": "png",
                      "image/jpeg": "jpeg",
                      "image/gif": "gif",
                      "image/webp": "webp"
                    },
                    "required": true
                  },
                  "source": {"fields": {"s3Location": {"fields": {"uri": "@.image_url.url"}}}}
                }
              }
            }
          }
        },
        {
          "when": {"path": "@.type", "eq": "image_url"},
          "then": {"error": "Bedrock takes images as data URIs and s3: URIs only"}
        },
        {
          "when": {"path": "@.file.file_data", "prefix": "data:"},
          "then": {"with": {"source": "@.file.file_data", "codec": "data_uri"}, "use": "file_part"}
        },
        {"then": {"error": "this content part is not taken: text, image_url, or file with file_data"}}
      ]
    },
    "blocks": {
      "switch": [
        {"when": {"path": "@.content", "eq": ""}, "then": {"value": []}},
        {
          "when": {"path": "@.content", "type": "string"},
          "then": {"items": [{"fields": {"text": "@.content"}}]}
        },
        {
          "when": {"path": "@.content", "type": "array"},
          "then": {"each": "@.content[*]", "as": {"use": "part"}}
        },
        {
          "when": {"path": "@.content", "exists": true},
          "then": {"error": "content must be a text or an array of parts"}
        }
      ]
    },
    "user": {"fields": {"role": {"value": "user"}, "content": {"use": "blocks", "required": true}}},
    "assistant": {
      "with": {
        "items": [
          {"source": "@.provider_state.bedrock.reasoning", "spread": true},
          {"use": "blocks", "spread": true},
          {
            "each": "@.tool_calls[*]",
            "spread": true,
            "as": {
              "fields": {
                "toolUse": {
                  "fields": {
                    "toolUseId": {"source": "@.id", "required": true},
                    "name": {"source": "@.function.name", "required": true},
                    "input": {
                      "source": "@.function.arguments",
                      "codec": "json_decode",
                      "type": "object",
                      "default": {}
                    }
                  }
                }
              }
            }
          }
        ],
        "omit_empty": true
      },
      "fields": {"role": {"value": "assistant"}, "content": "@"}
    },
    "tool_result": {
      "fields": {
        "role": {"value": "user"},
        "content": {
          "items": [
            {
              "fields": {
                "toolResult": {
                  "fields": {
                    "toolUseId": {"source": "@.tool_call_id", "required": true},
                    "content": {
                      "switch": [
                        {
                          "when": {"path": "@.content", "codec": "json_decode", "type": "object"},
                          "then": {
                            "items": [{"fields": {"json": {"source": "@.content", "codec": "json_decode"}}}]
                          }
                        },
                        {"then": {"use": "blocks", "default": []}}
                      ]
                    }
                  }
                }
              }
            }
          ]
        }
      }
    },
    "system": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "in": ["system", "developer"]},
      "as": {"use": "blocks"},
      "flatten": true,
      "omit_empty": true
    },
    "messages": {
      "each": "param:messages[*]",
      "where": {"path": "@.role", "not_in": ["system", "developer"]},
      "as": {
        "switch": [
          {"when": {"path": "@.role", "eq": "user"}, "then": {"use": "user"}},
          {"when": {"path": "@.role", "eq": "assistant"}, "then": {"use": "assistant"}},
          {"when": {"path": "@.role", "eq": "tool"}, "then": {"use": "tool_result"}},
          {"then": {"error": "a message's role must be system, developer, user, assistant or tool"}}
        ]
      },
      "merge_adjacent": {"by": "role", "append": ["content"]},
      "min_items": 1,
      "required": true
    },
    "tools": {
      "switch": [
        {"when": {"path": "param:tool_choice", "eq": "none"}, "then": null},
        {
          "then": {
            "fields": {
              "tools": {
                "each": "param:tools[*]",
                "as": {
                  "switch": [
                    {
                      "when": {"path": "@.type", "eq": "function"},
                      "then": {
                        "fields": {
                          "toolSpec": {
                            "fields": {
                              "name": {"source": "@.function.name", "required": true},
                              "description": "@.function.description",
                              "inputSchema": {
                                "fields": {
                                  "json": {
                                    "source": "@.function.parameters",
                                    "type": "object",
                                    "default": {"type": "object", "properties": {}}
                                  }
                                }
                              },
                              "strict": "@.function.strict"
                            }
                          }
                        }
                      }
                    },
                    {"then": {"error": "a tool's type must be function"}}
                  ]
                },
                "omit_empty": true
              },
              "toolChoice": {
                "switch": [
                  {
                    "when": {"path": "param:tool_choice", "type": "object"},
                    "then": {
                      "fields": {
                        "tool": {
                          "fields": {"name": {"source": "param:tool_choice.function.name", "required": true}}
                        }
                      }
                    }
                  },
                  {
                    "then": {
                      "source": "param:tool_choice",
                      "map": {"auto": {"auto": {}}, "required": {"any": {}}}
                    }
                  }
                ]
              }
            },
            "omit_empty": true
          }
        }
      ]
    },
    "effort": {
      "source": "param:reasoning_effort",
      "map": {
        "none": null,
        "minimal": "low",
        "low": "low",
        "medium": "medium",
        "high": "high",
        "xhigh": "xhigh",
        "max": "max"
      }
    },
    "budget": {
      "source": "param:reasoning_effort",
      "map": {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32000}
    },
    "reasoning": {
      "with": "param:reasoning_effort",
      "switch": [
        {"when": {"path": "@", "eq": "none"}, "then": null},
        {
          "when": {"path": "model:thinking", "eq": "budget"},
          "then": {
            "fields": {
              "thinking": {"fields": {"type": {"value": "enabled"}, "budget_tokens": {"use": "budget"}}}
            }
          }
        },
        {
          "when": {"path": "model:thinking", "eq": "adaptive"},
          "then": {"value": {"thinking": {"type": "adaptive"}}}
        },
        {
          "when": {"path": "model:thinking", "eq": "nova"},
          "then": {
            "fields": {
              "reasoningConfig": {
                "fields": {
                  "type": {"value": "enabled"},
                  "maxReasoningEffort": {
                    "source": "@",
                    "map": {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}
                  }
                }
              }
            }
          }
        },
        {
          "when": {"path": "model:thinking", "eq": false},
          "then": {"error": "this model does not reason; leave reasoning_effort out"}
        }
      ]
    },
    "sampling": {
      "switch": [
        {"when": {"not": {"path": "model:sampling_params", "eq": false}}, "then": "@"},
        {
          "when": {"not": {"path": "param:drop_params", "eq": true}},
          "then": {"error": "this model takes no sampling parameters; \"drop_params\": true leaves them out"}
        }
      ]
    }
  },
  "payload_structure": {
    "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
    "messages": {"use": "messages"},
    "system": {"use": "system"},
    "inferenceConfig": {
      "fields": {
        "maxTokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
        "temperature": {"with": "param:temperature", "use": "sampling", "type": "number", "min": 0, "max": 1},
        "topP": {"with": "param:top_p", "use": "sampling", "type": "number", "min": 0, "max": 1},
        "stopSequences": {"source": "param:stop", "type": "array"}
      },
      "omit_empty": true
    },
    "toolConfig": {"use": "tools"},
    "outputConfig": {
      "fields": {
        "effort": {
          "switch": [
            {
              "when": {"not": {"path": "model:thinking", "in": ["budget", "nova", false]}},
              "then": {"use": "effort"}
            }
          ]
        },
        "textFormat": {
          "with": "param:response_format",
          "switch": [
            {
              "when": {"path": "@.type", "eq": "json_schema"},
              "then": {
                "fields": {
                  "type": {"value": "json_schema"},
                  "structure": {
                    "fields": {
                      "jsonSchema": {
                        "fields": {
                          "schema": {
                            "source": "@.json_schema.schema",
                            "codec": "json_encode",
                            "required": true
                          },
                          "name": "@.json_schema.name",
                          "description": "@.json_schema.description"
                        }
                      }
                    }
                  }
                }
              }
            },
            {
              "when": {"not": {"path": "@.type", "eq": "text"}},
              "then": {"error": "response_format must be of type json_schema (with a schema) or text"}
            }
          ]
        }
      },
      "omit_empty": true
    },
    "additionalModelRequestFields": {"use": "reasoning"},
    "requestMetadata": {"source": "param:metadata", "type": "object"},
    "stream": {
      "switch": [
        {
          "when": {"path": "param:stream", "eq": true},
          "then": {"error": "Bedrock's stream is binary and cannot be read here; leave stream out"}
        }
      ]
    },
    "...": {"source": "param:extra_body", "type": "object"}
  },
  "operations": {
    "test": {
      "method": "POST",
      "path": "/model/{model}/converse",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "messages": {"value": [{"role": "user", "content": [{"text": "ping"}]}]},
        "inferenceConfig": {"value": {"maxTokens": 1}}
      }
    },
    "count_tokens": {
      "method": "POST",
      "path": "/model/{model}/count-tokens",
      "payload_structure": {
        "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
        "messages": {"use": "messages", "path": "input.converse.messages"},
        "system": {"use": "system", "path": "input.converse.system"},
        "toolConfig": {"use": "tools", "path": "input.converse.toolConfig"}
      },
      "extract": {"source": "$.inputTokens", "type": "integer"}
    }
  }
}
      $json$::pg_catalog.jsonb,
      $json$
{
  "version": "1.1",
  "extraction_rules": {
    "error": {
      "fields": {
        "type": {"paths": ["header:x-amzn-ErrorType", "$.__type"]},
        "message": {"type": "string", "paths": ["$.message", "$.Message"]}
      },
      "omit_empty": true
    },
    "text_content": {"type": "string", "paths": ["$.output.message.content[*].text"], "join": ""},
    "reasoning_content": {
      "type": "string",
      "paths": ["$.output.message.content[*].reasoningContent.reasoningText.text"],
      "join": "",
      "omit_empty": true
    },
    "tool_calls": {
      "each": "$.output.message.content[*].toolUse",
      "as": {
        "fields": {"id": "@.toolUseId", "name": "@.name", "arguments": {"source": "@.input", "default": {}}}
      },
      "omit_empty": true
    },
    "finish_reason": {
      "type": "string",
      "paths": ["$.stopReason"],
      "map": {
        "end_turn": "stop",
        "stop_sequence": "stop",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "tool_use": "tool_calls",
        "guardrail_intervened": "content_filter",
        "content_filtered": "content_filter"
      },
      "map_default": "other"
    },
    "usage_stats": {
      "type": "object",
      "fields": {
        "input_tokens": {
          "sum": ["$.usage.inputTokens", "$.usage.cacheReadInputTokens", "$.usage.cacheWriteInputTokens"]
        },
        "output_tokens": {"type": "integer", "paths": ["$.usage.outputTokens"]},
        "cached_tokens": {"type": "integer", "paths": ["$.usage.cacheReadInputTokens"]},
        "cache_write_tokens": {"type": "integer", "paths": ["$.usage.cacheWriteInputTokens"]},
        "cache_write_1h_tokens": {"sum": "$.usage.cacheDetails[?(@.ttl == \"1h\")].inputTokens"},
        "service_tier": {"type": "string", "paths": ["$.serviceTier.type"]},
        "...": "$.usage"
      }
    },
    "model_used": {"type": "string", "paths": ["$.trace.promptRouter.invokedModelId"]},
    "provider_request_id": {"type": "string", "paths": ["header:x-amzn-RequestId"]},
    "provider_state": {
      "fields": {
        "bedrock": {
          "fields": {
            "reasoning": {"each": "$.output.message.content[?(@.reasoningContent)]", "omit_empty": true}
          },
          "omit_empty": true
        }
      },
      "omit_empty": true
    },
    "finish_reason_raw": {"type": "string", "paths": ["$.stopReason"]},
    "latency_ms": {"type": "integer", "paths": ["$.metrics.latencyMs"]}
  }
}
      $json$::pg_catalog.jsonb;
  END;

-- The seed rows: each has the mapping of its dialect and, in dialects/vendors.json, what is different at its vendor:
-- members of payload_structure, operations and extraction_rules that take the place of the dialect's (null: none),
-- and rules that come behind the stream's own.
CREATE FUNCTION llm_admin.shipped_providers()
  RETURNS TABLE (
    provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
    auth_scheme pg_catalog.text, auth_header_template pg_catalog.text, base_url pg_catalog.text,
    endpoint_path_template pg_catalog.text, http_method pg_catalog.text, additional_headers pg_catalog.jsonb,
    request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
    default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
    context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4, is_active pg_catalog.bool,
    is_enabled pg_catalog.bool)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 14
  BEGIN ATOMIC
    WITH listed AS (
      SELECT e.ordinality AS position, p.*
      FROM pg_catalog.jsonb_array_elements($json$
[
  {
    "provider_name": "groq",
    "display_name": "Groq",
    "description": "Groq's Responses API.",
    "dialect": "openai_responses",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.groq.com",
    "endpoint_path_template": "/openai/v1/responses",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": ["openai/gpt-oss-120b", "openai/gpt-oss-20b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    },
    "context_window_tokens": 131072,
    "max_output_tokens_limit": 65536,
    "is_active": true,
    "is_enabled": true
  },
  {
    "provider_name": "openrouter",
    "display_name": "OpenRouter",
    "description": "Chat completions over the models of many vendors, with the cost charged.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://openrouter.ai/api/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": [
      "openai/gpt-oss-120b",
      "openai/gpt-4.1",
      "anthropic/claude-sonnet-4.5",
      "google/gemini-2.5-flash"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    },
    "context_window_tokens": 131072
  },
  {
    "provider_name": "google_ai",
    "display_name": "Google AI (Gemini)",
    "description": "Gemini generateContent. The model stands in the path; streaming has a path of its own.",
    "dialect": "gemini_generate_content",
    "auth_scheme": "api_key_header",
    "auth_header_template": "x-goog-api-key: {api_key}",
    "base_url": "https://generativelanguage.googleapis.com/v1beta",
    "endpoint_path_template": "/models/{model}:generateContent",
    "default_model": "gemini-2.5-flash",
    "supported_models": ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-2.5-flash-lite"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "thinking": "level", "gemini-2.5*": {"thinking": "budget"}, "gemini-2.0*": {"thinking": false}
    },
    "context_window_tokens": 1048576,
    "max_output_tokens_limit": 65536
  },
  {
    "provider_name": "chatgpt",
    "display_name": "ChatGPT (OpenAI)",
    "description": "OpenAI chat completions.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.openai.com/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "gpt-4.1",
    "supported_models": ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true,
      "o1*": {"sampling_params": false, "reasoning": true},
      "o3*": {"sampling_params": false, "reasoning": true},
      "o4*": {"sampling_params": false, "reasoning": true},
      "gpt-5": {"sampling_params": false, "reasoning": true},
      "gpt-5-mini*": {"sampling_params": false, "reasoning": true},
      "gpt-5-nano*": {"sampling_params": false, "reasoning": true}
    },
    "context_window_tokens": 1047576,
    "max_output_tokens_limit": 32768
  },
  {
    "provider_name": "anthropic",
    "display_name": "Anthropic",
    "description": "Claude through the Messages API, which always wants max_tokens: 4096 if nothing else is said.",
    "dialect": "anthropic_messages",
    "auth_scheme": "api_key_header",
    "auth_header_template": "x-api-key: {api_key}",
    "base_url": "https://api.anthropic.com",
    "endpoint_path_template": "/v1/messages",
    "default_model": "claude-sonnet-5",
    "supported_models": [
      "claude-sonnet-5",
      "claude-opus-5",
      "claude-opus-4-8",
      "claude-sonnet-4-6",
      "claude-haiku-4-5"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "claude-3*": {"thinking": "budget"}, "claude-4-*": {"thinking": "budget"},
      "claude-*-4-0*": {"thinking": "budget"}, "claude-*-4-1*": {"thinking": "budget"},
      "claude-*-4-2*": {"thinking": "budget"}, "claude-*-4-5*": {"thinking": "budget"},
      "claude-3-haiku*": {"thinking": false}, "claude-3-opus*": {"thinking": false},
      "claude-3-5*": {"thinking": false}, "claude-opus-4-7*": {"sampling_params": false},
      "claude-opus-4-8*": {"sampling_params": false}, "claude-opus-5*": {"sampling_params": false},
      "claude-sonnet-5*": {"sampling_params": false}, "claude-fable-5*": {"sampling_params": false}
    },
    "context_window_tokens": 1000000,
    "max_output_tokens_limit": 128000
  },
  {
    "provider_name": "mistral",
    "display_name": "Mistral AI",
    "description": "Chat completions; seed goes as random_seed.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.mistral.ai/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "mistral-medium-latest",
    "supported_models": [
      "mistral-medium-latest",
      "mistral-large-latest",
      "mistral-small-latest",
      "magistral-medium-latest"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true
    },
    "context_window_tokens": 262144
  },
  {
    "provider_name": "deepseek",
    "display_name": "DeepSeek",
    "description": "Chat completions; JSON output without a schema.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.deepseek.com",
    "endpoint_path_template": "/chat/completions",
    "default_model": "deepseek-chat",
    "supported_models": ["deepseek-chat", "deepseek-reasoner"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": false, "reasoning": false, "vision": false,
      "deepseek-reasoner": {"reasoning": true}
    },
    "context_window_tokens": 131072
  },
  {
    "provider_name": "xai",
    "display_name": "xAI",
    "description": "Chat completions of Grok; reasoning tokens, which come beside the others, count as output.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.x.ai/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "grok-4",
    "supported_models": ["grok-4", "grok-4-1-fast-reasoning", "grok-4-1-fast-non-reasoning"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true
    },
    "context_window_tokens": 256000
  },
  {
    "provider_name": "together",
    "display_name": "Together AI",
    "description": "Chat completions over open models.",
    "dialect": "openai_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.together.xyz/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": ["openai/gpt-oss-120b", "openai/gpt-oss-20b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    },
    "context_window_tokens": 131072
  },
  {
    "provider_name": "cohere",
    "display_name": "Cohere",
    "description": "Cohere's v2 chat. Usage holds the billed units.",
    "dialect": "cohere_chat",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://api.cohere.com",
    "endpoint_path_template": "/v2/chat",
    "default_model": "command-a-03-2025",
    "supported_models": [
      "command-a-03-2025",
      "command-a-reasoning-08-2025",
      "command-a-vision-07-2025",
      "command-r7b-12-2024"
    ],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": false,
      "command-a-reasoning*": {"reasoning": true}, "command-a-vision*": {"vision": true}
    },
    "context_window_tokens": 256000
  },
  {
    "provider_name": "azure_openai",
    "display_name": "Azure OpenAI",
    "description": "Azure's v1 API. Put the resource's name into base_url; the model is the name of a deployment.",
    "dialect": "openai_chat",
    "auth_scheme": "api_key_header",
    "auth_header_template": "api-key: {api_key}",
    "base_url": "https://{resource}.openai.azure.com/openai/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "gpt-4.1",
    "supported_models": ["gpt-4.1", "gpt-4.1-mini"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true,
      "o1*": {"sampling_params": false, "reasoning": true},
      "o3*": {"sampling_params": false, "reasoning": true},
      "o4*": {"sampling_params": false, "reasoning": true},
      "gpt-5": {"sampling_params": false, "reasoning": true},
      "gpt-5-mini*": {"sampling_params": false, "reasoning": true},
      "gpt-5-nano*": {"sampling_params": false, "reasoning": true}
    },
    "context_window_tokens": 1047576,
    "max_output_tokens_limit": 32768
  },
  {
    "provider_name": "bedrock",
    "display_name": "Amazon Bedrock",
    "description": "Converse in us-east-1, by API key. Its stream is binary, so stream is refused. Another region: another base_url.",
    "dialect": "bedrock_converse",
    "auth_scheme": "bearer",
    "auth_header_template": "Authorization: Bearer {api_key}",
    "base_url": "https://bedrock-runtime.us-east-1.amazonaws.com",
    "endpoint_path_template": "/model/{model}/converse",
    "default_model": "us.anthropic.claude-sonnet-4-6",
    "supported_models": [
      "us.anthropic.claude-sonnet-4-6",
      "us.anthropic.claude-haiku-4-5-20251001-v1:0",
      "amazon.nova-pro-v1:0",
      "amazon.nova-lite-v1:0",
      "us.amazon.nova-2-lite-v1:0"
    ],
    "model_capabilities": {
      "streaming": false, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "*anthropic.claude-*": {"thinking": "adaptive"}, "*anthropic.claude-3*": {"thinking": "budget"},
      "*anthropic.claude-*-4-1-*": {"thinking": "budget"},
      "*anthropic.claude-*-4-2*": {"thinking": "budget"}, "*anthropic.claude-*-4-5*": {"thinking": "budget"},
      "*amazon.nova-2*": {"thinking": "nova"}, "amazon.nova-pro*": {"thinking": false},
      "amazon.nova-lite*": {"thinking": false}, "amazon.nova-micro*": {"thinking": false, "vision": false},
      "*anthropic.claude-opus-4-7*": {"sampling_params": false},
      "*anthropic.claude-opus-4-8*": {"sampling_params": false},
      "*anthropic.claude-opus-5*": {"sampling_params": false},
      "*anthropic.claude-sonnet-5*": {"sampling_params": false}
    },
    "context_window_tokens": 1000000,
    "max_output_tokens_limit": 64000
  },
  {
    "provider_name": "ollama",
    "display_name": "Ollama",
    "description": "Ollama's own chat API on this machine; images as data URIs only.",
    "dialect": "ollama_chat",
    "auth_scheme": "none",
    "base_url": "http://localhost:11434",
    "endpoint_path_template": "/api/chat",
    "default_model": "llama3.2",
    "supported_models": ["llama3.2", "qwen3", "gpt-oss:20b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": true,
      "gpt-oss*": {"thinking": "level"}
    }
  },
  {
    "provider_name": "vllm",
    "display_name": "vLLM",
    "description": "Chat completions of a vLLM server on this machine.",
    "dialect": "openai_chat",
    "auth_scheme": "none",
    "base_url": "http://localhost:8000/v1",
    "endpoint_path_template": "/chat/completions",
    "default_model": "openai/gpt-oss-120b",
    "supported_models": ["openai/gpt-oss-120b"],
    "model_capabilities": {
      "streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false
    }
  }
]
      $json$::pg_catalog.jsonb) WITH ORDINALITY AS e (element, ordinality),
        LATERAL pg_catalog.jsonb_to_record(e.element) AS p (
          provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
          dialect pg_catalog.text, auth_scheme pg_catalog.text, auth_header_template pg_catalog.text,
          base_url pg_catalog.text, endpoint_path_template pg_catalog.text, additional_headers pg_catalog.jsonb,
          default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
          context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4,
          is_active pg_catalog.bool, is_enabled pg_catalog.bool)
    ), different AS (
      SELECT v.key AS provider_name, c.*
      FROM pg_catalog.jsonb_each($json$
{
  "groq": {
    "operations": {
      "test": {"method": "GET", "path": "/openai/v1/models"},
      "list_models": {
        "method": "GET",
        "path": "/openai/v1/models",
        "extract": {"source": "$.data[*].id", "all": true}
      },
      "count_tokens": null,
      "embed": null
    }
  },
  "openrouter": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "reasoning_details": {
              "each": "@.provider_state[*]",
              "where": {"path": "@.type", "prefix": "reasoning."},
              "omit_empty": true
            },
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "top_k": {"source": "param:top_k", "type": "integer"},
      "reasoning_effort": {"source": "param:reasoning_effort", "type": "string", "path": "reasoning.effort"}
    },
    "operations": {"test": {"method": "GET", "path": "/key"}},
    "extraction_rules": {
      "provider_request_id": {
        "type": "string",
        "paths": ["$.id", "header:x-generation-id", "header:x-request-id"]
      },
      "provider_state": {"source": "$.choices[0].message.reasoning_details", "omit_empty": true},
      "reported_cost": {"source": "$.usage.cost", "type": "number"},
      "upstream": {"source": "$.provider", "type": "string"},
      "error": {
        "switch": [
          {"when": {"path": "$.error", "type": "object"}, "then": {"with": "$.error", "use": "error"}},
          {
            "when": {"path": "$.choices[0].error", "type": "object"},
            "then": {"with": "$.choices[0].error", "use": "error"}
          },
          {"when": {"path": "$.error", "exists": true}, "then": {"fields": {"message": "$.error"}}}
        ]
      }
    },
    "stream_rules": [
      {"to": "$.provider", "op": "set", "from": "$.provider"},
      {"to": "$.choices[0].error", "op": "set", "from": "$.choices[0].error"},
      {
        "each": "$.choices[0].delta.reasoning_details[*]",
        "to": "$.choices[0].message.reasoning_details[{@.index}]",
        "op": "merge",
        "from": {
          "fields": {
            "type": "@.type",
            "id": "@.id",
            "format": "@.format",
            "index": "@.index",
            "signature": "@.signature",
            "data": "@.data"
          }
        }
      },
      {
        "each": "$.choices[0].delta.reasoning_details[*]",
        "to": "$.choices[0].message.reasoning_details[{@.index}].text",
        "op": "append",
        "from": "@.text"
      },
      {
        "each": "$.choices[0].delta.reasoning_details[*]",
        "to": "$.choices[0].message.reasoning_details[{@.index}].summary",
        "op": "append",
        "from": "@.summary"
      }
    ]
  },
  "chatgpt": {
    "payload_structure": {
      "max_tokens": null,
      "max_completion_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1}
    }
  },
  "mistral": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "role": {"source": "@.role", "map": {"developer": "system"}, "map_else": "keep"},
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "seed": null,
      "random_seed": {"source": "param:seed", "type": "integer"},
      "reasoning_effort": null,
      "user": null,
      "stream_options": null
    },
    "operations": {
      "embed": {
        "method": "POST",
        "path": "/embeddings",
        "payload_structure": {
          "model": {"source": "param:model_name", "type": "string", "required": true},
          "input": {"source": "param:input", "required": true}
        },
        "extract": {"source": "$.data[*].embedding", "all": true}
      }
    }
  },
  "deepseek": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "role": {"source": "@.role", "map": {"developer": "system"}, "map_else": "keep"},
            "content": {"source": "@.content", "default": ""},
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "response_format": {
        "switch": [
          {
            "when": {"path": "param:response_format.type", "eq": "json_schema"},
            "then": {"error": "DeepSeek takes no JSON schema; give {\"type\": \"json_object\"}"}
          },
          {"then": {"source": "param:response_format", "type": "object"}}
        ]
      },
      "seed": null,
      "parallel_tool_calls": null,
      "reasoning_effort": null,
      "user": null,
      "metadata": null
    },
    "operations": {"embed": null}
  },
  "xai": {
    "payload_structure": {
      "max_tokens": null,
      "max_completion_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1},
      "metadata": null
    },
    "operations": {"test": {"method": "GET", "path": "/api-key"}, "embed": null},
    "extraction_rules": {
      "usage_stats": {
        "with": "$.usage",
        "fields": {
          "input_tokens": {"source": "@.prompt_tokens", "type": "integer"},
          "output_tokens": {"sum": ["@.completion_tokens", "@.completion_tokens_details.reasoning_tokens"]},
          "cached_tokens": {"source": "@.prompt_tokens_details.cached_tokens", "type": "integer"},
          "reasoning_tokens": {"source": "@.completion_tokens_details.reasoning_tokens", "type": "integer"},
          "...": "@"
        }
      }
    }
  },
  "together": {
    "payload_structure": {
      "messages": {
        "each": "param:messages[*]",
        "as": {
          "fields": {
            "role": {"source": "@.role", "map": {"developer": "system"}, "map_else": "keep"},
            "...": {"use": "message"}
          }
        },
        "required": true,
        "min_items": 1
      },
      "top_k": {"source": "param:top_k", "type": "integer"},
      "parallel_tool_calls": null,
      "user": null,
      "metadata": null
    },
    "operations": {
      "list_models": {"method": "GET", "path": "/models", "extract": {"source": "$[*].id", "all": true}},
      "embed": {
        "method": "POST",
        "path": "/embeddings",
        "payload_structure": {
          "model": {"source": "param:model_name", "type": "string", "required": true},
          "input": {"source": "param:input", "required": true}
        },
        "extract": {"source": "$.data[*].embedding", "all": true}
      }
    }
  },
  "azure_openai": {
    "payload_structure": {
      "max_tokens": null,
      "max_completion_tokens": {"source": "param:max_output_tokens", "type": "integer", "min": 1}
    }
  },
  "vllm": {"payload_structure": {"top_k": {"source": "param:top_k", "type": "integer"}, "metadata": null}}
}
      $json$::pg_catalog.jsonb) v,
        LATERAL pg_catalog.jsonb_to_record(v.value) AS c (
          payload_structure pg_catalog.jsonb, operations pg_catalog.jsonb, extraction_rules pg_catalog.jsonb,
          stream_rules pg_catalog.jsonb)
    ), section AS (
      -- Each section that a vendor changes, whole again.
      SELECT l.provider_name, s.name,
             pg_catalog.jsonb_object_agg(m.key, m.value)
               FILTER (WHERE pg_catalog.jsonb_typeof(m.value) OPERATOR(pg_catalog.<>) 'null') AS members
      FROM listed l
      JOIN different c ON c.provider_name OPERATOR(pg_catalog.=) l.provider_name
      JOIN llm_admin.shipped_dialects() d ON d.dialect OPERATOR(pg_catalog.=) l.dialect,
        LATERAL (VALUES
          ('payload_structure'::pg_catalog.text, d.request_builder_config, c.payload_structure),
          ('operations', d.request_builder_config, c.operations),
          ('extraction_rules', d.response_extractor_config, c.extraction_rules)) AS s (name, config, changes),
        LATERAL pg_catalog.jsonb_each(
          (s.config OPERATOR(pg_catalog.->) s.name) OPERATOR(pg_catalog.||) s.changes) m
      WHERE s.changes IS NOT NULL
      GROUP BY l.provider_name, s.name
    ), changed AS (
      SELECT s.provider_name,
             COALESCE(pg_catalog.jsonb_object_agg(s.name, s.members)
               FILTER (WHERE s.name OPERATOR(pg_catalog.<>) 'extraction_rules'), '{}') AS request,
             COALESCE(pg_catalog.jsonb_object_agg(s.name, s.members)
               FILTER (WHERE s.name OPERATOR(pg_catalog.=) 'extraction_rules'), '{}') AS response
      FROM section s
      GROUP BY s.provider_name
    )
    SELECT l.provider_name, l.display_name, l.description, l.auth_scheme, l.auth_header_template, l.base_url,
           l.endpoint_path_template, 'POST', l.additional_headers,
           d.request_builder_config OPERATOR(pg_catalog.||) COALESCE(c.request, '{}'),
           CASE
             WHEN v.stream_rules IS NULL THEN d.response_extractor_config OPERATOR(pg_catalog.||) COALESCE(c.response, '{}')
             ELSE pg_catalog.jsonb_set(
               d.response_extractor_config OPERATOR(pg_catalog.||) COALESCE(c.response, '{}'), '{stream,rules}',
               (d.response_extractor_config OPERATOR(pg_catalog.#>) '{stream,rules}')
                 OPERATOR(pg_catalog.||) v.stream_rules)
           END,
           l.default_model, l.supported_models, l.model_capabilities, l.context_window_tokens,
           l.max_output_tokens_limit, COALESCE(l.is_active, false), COALESCE(l.is_enabled, false)
    FROM listed l
    JOIN llm_admin.shipped_dialects() d ON d.dialect OPERATOR(pg_catalog.=) l.dialect
    LEFT JOIN different v ON v.provider_name OPERATOR(pg_catalog.=) l.provider_name
    LEFT JOIN changed c ON c.provider_name OPERATOR(pg_catalog.=) l.provider_name
    ORDER BY l.position;
  END;

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
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 9
  BEGIN ATOMIC
    VALUES ('openai'::pg_catalog.text, 'chatgpt'::pg_catalog.text), ('google', 'google_ai'), ('gemini', 'google_ai'),
      ('claude', 'anthropic'), ('grok', 'xai'), ('azure', 'azure_openai'), ('aws_bedrock', 'bedrock'),
      ('mistralai', 'mistral'), ('togetherai', 'together');
  END;

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
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 23
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed');
    SELECT p.item, p.outcome
    FROM llm_admin.seed_providers() p
    UNION ALL
    SELECT a.item, a.outcome
    FROM llm_admin.seed_provider_aliases() a;
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
                 OR (p.display_name, p.description, p.auth_scheme, p.auth_header_template, p.base_url,
                     p.endpoint_path_template, p.http_method, p.additional_headers, p.request_builder_config,
                     p.response_extractor_config, p.default_model, p.supported_models, p.model_capabilities,
                     p.context_window_tokens, p.max_output_tokens_limit, p.is_enabled)
                    IS DISTINCT FROM
                    (s.display_name, s.description, s.auth_scheme, s.auth_header_template, s.base_url,
                     s.endpoint_path_template, s.http_method, s.additional_headers, s.request_builder_config,
                     s.response_extractor_config, s.default_model, s.supported_models, s.model_capabilities,
                     s.context_window_tokens, s.max_output_tokens_limit, s.is_enabled)
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

-- src/keys/comments.sql
COMMENT ON TABLE llm_admin.root_keys IS 'Root keys this database has used: their ids and check values, never the keys, which live in the keyring';
COMMENT ON TABLE llm_admin.data_keys IS 'Data keys, each wrapped by a root key; only the owner may read this table';
COMMENT ON COLUMN llm_admin.data_keys.first_use_block IS 'Value of key_use_blocks when the key was made: an upper bound of its uses follows from it';
COMMENT ON SEQUENCE llm_admin.key_use_blocks IS 'Blocks of key uses handed out to backends';
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
COMMENT ON FUNCTION llm_admin.rotate_root_key(pg_catalog.int4) IS 'Makes a root key of the keyring the active one and wraps every data key with it anew';
COMMENT ON FUNCTION llm_admin.rotate_data_key(pg_catalog.text) IS 'Makes a new data key for a tenant, or for the installation, and returns its version; older ones go on opening what they sealed';
COMMENT ON FUNCTION llm_admin.reseal_keys(pg_catalog.int4) IS 'Seals up to so many stored keys anew that older data keys sealed; call it until none remain';
COMMENT ON FUNCTION llm_admin.shred_tenant_keys(pg_catalog.text) IS 'Destroys the data keys of a tenant: what they sealed opens nowhere again';
COMMENT ON FUNCTION llm_admin.data_keys_changed() IS 'Trigger: sessions drop cached data keys when data_keys changes';
COMMENT ON TRIGGER trg_data_keys_changed ON llm_admin.data_keys IS 'Sessions drop cached data keys when data_keys changes';

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

-- src/roles/comments.sql
COMMENT ON TABLE llm_admin.access_grants IS 'Which role was given which level by grant_access(); refresh_access() applies it again';
COMMENT ON COLUMN llm_admin.access_grants.role_name IS 'Name of the role at the time; a renamed role is granted anew';
COMMENT ON COLUMN llm_admin.access_grants.granted_by IS 'session_user of the first grant';
COMMENT ON FUNCTION llm_admin.grant_access(pg_catalog.regrole, pg_catalog.text) IS 'Gives a role one of the levels app, operator, security, auditor; none implies another';
COMMENT ON FUNCTION llm_admin.revoke_access(pg_catalog.regrole, pg_catalog.text) IS 'Takes a level from a role, leaving what its other levels need';
COMMENT ON FUNCTION llm_admin.refresh_access() IS 'Applies access_grants again: to be run after an upgrade, which may bring new functions';

-- src/ledger/end.sql
-- Nothing for PUBLIC; what roles get comes from grant_access(), after the script.
REVOKE ALL ON ALL TABLES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA llm_admin FROM PUBLIC;
SELECT llm_admin.record_migration('llm_admin--0.3.sql');

