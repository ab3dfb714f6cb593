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
-- A complete HTTP request; the result of build_request().
CREATE TYPE llm_admin.built_request AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.jsonb,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4
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

-- src/providers/seeds.sql
-- What ships: dialects for create_provider(), and the provider rows that seed() adds. CREATE EXTENSION inserts none
-- of them: rows of an install script would collide with the dumped ones on restore. This file alone names vendors.

-- Mappings by API dialect, without a vendor: what create_provider() starts from. max_tokens is the name that nearly
-- every compatible server takes.
CREATE FUNCTION llm_admin.shipped_dialects()
  RETURNS TABLE (
    dialect pg_catalog.text, endpoint_path_template pg_catalog.text, auth_scheme pg_catalog.text,
    auth_header_template pg_catalog.text, http_method pg_catalog.text, request_builder_config pg_catalog.jsonb,
    response_extractor_config pg_catalog.jsonb)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
  BEGIN ATOMIC
    SELECT 'openai_chat'::pg_catalog.text, '/chat/completions'::pg_catalog.text, 'bearer'::pg_catalog.text,
      'Authorization: Bearer {api_key}'::pg_catalog.text, 'POST'::pg_catalog.text,
      $json${
        "version": "1.0",
        "payload_structure": {
          "model": {"source": "param:model_name", "type": "string", "required": true},
          "messages": {"source": "param:messages", "required": true},
          "temperature": {"source": "param:temperature", "type": "number"},
          "top_p": {"source": "param:top_p", "type": "number"},
          "max_tokens": {"source": "param:max_output_tokens", "type": "integer"},
          "stop": {"source": "param:stop"},
          "seed": {"source": "param:seed", "type": "integer"},
          "tools": {"source": "param:tools"},
          "tool_choice": {"source": "param:tool_choice"},
          "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
          "response_format": {"source": "param:response_format", "type": "object"},
          "reasoning_effort": {"source": "param:reasoning_effort", "type": "string"},
          "user": {"source": "param:user", "type": "string"},
          "metadata": {"source": "param:metadata", "type": "object"},
          "stream": {"source": "param:stream", "type": "boolean"}
        }
      }$json$::pg_catalog.jsonb,
      $json${
        "version": "1.0",
        "extraction_rules": {
          "text_content": {"type": "string", "paths": ["$.choices[0].message.content"]},
          "reasoning_content": {
            "type": "string", "paths": ["$.choices[0].message.reasoning_content", "$.choices[0].message.reasoning"]
          },
          "tool_calls": {"type": "array", "paths": ["$.choices[0].message.tool_calls"]},
          "finish_reason": {"type": "string", "paths": ["$.choices[0].finish_reason"]},
          "usage_stats": {
            "type": "object",
            "fields": {
              "input_tokens": {"type": "integer", "paths": ["$.usage.prompt_tokens"]},
              "output_tokens": {"type": "integer", "paths": ["$.usage.completion_tokens"]},
              "cached_tokens": {"type": "integer", "paths": ["$.usage.prompt_tokens_details.cached_tokens"]},
              "cache_write_tokens": {
                "type": "integer", "paths": ["$.usage.prompt_tokens_details.cache_write_tokens"]
              },
              "reasoning_tokens": {
                "type": "integer", "paths": ["$.usage.completion_tokens_details.reasoning_tokens"]
              },
              "service_tier": {"type": "string", "paths": ["$.service_tier"]}
            }
          },
          "model_used": {"type": "string", "paths": ["$.model"]},
          "provider_request_id": {"type": "string", "paths": ["$.id"]},
          "refusal": {"type": "string", "paths": ["$.choices[0].message.refusal"]},
          "error": {"paths": ["$.error"]}
        }
      }$json$::pg_catalog.jsonb;
  END;

-- The seed rows. A mapping takes only parameters whose value the vendor reads in the same form; the others are
-- refused by build_request(), and can be given in the vendor's own form under extra_body. Where 1.0 cannot gather a
-- vendor's tool calls into the normal form, the first one stands under extra.function_call.
CREATE FUNCTION llm_admin.shipped_providers()
  RETURNS TABLE (
    provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
    auth_scheme pg_catalog.text, auth_header_template pg_catalog.text, base_url pg_catalog.text,
    endpoint_path_template pg_catalog.text, http_method pg_catalog.text, additional_headers pg_catalog.jsonb,
    request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
    default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
    context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4, is_active pg_catalog.bool,
    is_enabled pg_catalog.bool)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 4
  BEGIN ATOMIC
    WITH chat AS (
      SELECT d.request_builder_config AS request, d.response_extractor_config AS response
      FROM llm_admin.shipped_dialects() d
      WHERE d.dialect OPERATOR(pg_catalog.=) 'openai_chat'
    ), shipped (
      position, provider_name, display_name, description, auth_scheme, auth_header_template, base_url,
      endpoint_path_template, http_method, additional_headers, request_builder_config, response_extractor_config,
      default_model, supported_models, model_capabilities, context_window_tokens, max_output_tokens_limit,
      is_active, is_enabled
    ) AS (
      -- The Responses API: structured output stands flat under text.format, the answer is spread over output[].
      SELECT 1, 'groq'::pg_catalog.text, 'Groq'::pg_catalog.text,
        ('Groq''s Responses API. Messages go into input: role and text, content parts in the form of that API. '
         'Tools are flat there and go under extra_body.')::pg_catalog.text,
        'bearer'::pg_catalog.text, 'Authorization: Bearer {api_key}'::pg_catalog.text,
        'https://api.groq.com'::pg_catalog.text, '/openai/v1/responses'::pg_catalog.text,
        'POST'::pg_catalog.text, NULL::pg_catalog.jsonb,
        $json${
          "version": "1.0",
          "payload_structure": {
            "model": {"source": "param:model_name", "type": "string", "required": true},
            "messages": {"source": "param:messages", "required": true, "path": "input"},
            "temperature": {"source": "param:temperature", "type": "number"},
            "top_p": {"source": "param:top_p", "type": "number"},
            "max_output_tokens": {"source": "param:max_output_tokens", "type": "integer"},
            "tool_choice": {"source": "param:tool_choice", "type": "string"},
            "parallel_tool_calls": {"source": "param:parallel_tool_calls", "type": "boolean"},
            "reasoning_effort": {"source": "param:reasoning_effort", "type": "string", "path": "reasoning.effort"},
            "format_type": {"source": "param:response_format.type", "type": "string", "path": "text.format.type"},
            "format_name": {
              "source": "param:response_format.json_schema.name", "type": "string", "path": "text.format.name"
            },
            "format_description": {
              "source": "param:response_format.json_schema.description", "type": "string",
              "path": "text.format.description"
            },
            "format_schema": {
              "source": "param:response_format.json_schema.schema", "type": "object", "path": "text.format.schema"
            },
            "format_strict": {
              "source": "param:response_format.json_schema.strict", "type": "boolean", "path": "text.format.strict"
            },
            "user": {"source": "param:user", "type": "string"},
            "metadata": {"source": "param:metadata", "type": "object"},
            "stream": {"source": "param:stream", "type": "boolean"}
          }
        }$json$::pg_catalog.jsonb,
        $json${
          "version": "1.0",
          "extraction_rules": {
            "text_content": {
              "type": "string",
              "paths": ["$.output[?(@.type == \"message\")].content[?(@.type == \"output_text\")].text"],
              "join": ""
            },
            "reasoning_content": {
              "type": "string",
              "paths": [
                "$.output[?(@.type == \"reasoning\")].content[?(@.type == \"reasoning_text\")].text",
                "$.output[?(@.type == \"reasoning\")].summary[?(@.type == \"summary_text\")].text"
              ],
              "join": "\n"
            },
            "finish_reason": {"type": "string", "paths": ["$.incomplete_details.reason", "$.status"]},
            "usage_stats": {
              "type": "object",
              "fields": {
                "input_tokens": {"type": "integer", "paths": ["$.usage.input_tokens"]},
                "output_tokens": {"type": "integer", "paths": ["$.usage.output_tokens"]},
                "cached_tokens": {"type": "integer", "paths": ["$.usage.input_tokens_details.cached_tokens"]},
                "cache_write_tokens": {
                  "type": "integer", "paths": ["$.usage.input_tokens_details.cache_write_tokens"]
                },
                "reasoning_tokens": {
                  "type": "integer", "paths": ["$.usage.output_tokens_details.reasoning_tokens"]
                },
                "service_tier": {"type": "string", "paths": ["$.service_tier"]}
              }
            },
            "model_used": {"type": "string", "paths": ["$.model"]},
            "provider_request_id": {"type": "string", "paths": ["$.id"]},
            "status": {"type": "string", "paths": ["$.status"]},
            "incomplete_reason": {"type": "string", "paths": ["$.incomplete_details.reason"]},
            "function_call": {"type": "object", "paths": ["$.output[?(@.type == \"function_call\")]"]},
            "refusal": {
              "type": "string",
              "paths": ["$.output[?(@.type == \"message\")].content[?(@.type == \"refusal\")].refusal"]
            },
            "error": {"paths": ["$.error"]}
          }
        }$json$::pg_catalog.jsonb,
        'openai/gpt-oss-120b'::pg_catalog.text,
        '["openai/gpt-oss-120b", "openai/gpt-oss-20b"]'::pg_catalog.jsonb,
        '{"streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false}'::pg_catalog.jsonb,
        131072, 65536, true, true
      UNION ALL
      -- An error may come with HTTP 200, also inside the choice; usage holds what was charged.
      SELECT 2, 'openrouter', 'OpenRouter', 'Chat completions over the models of many vendors, with the cost charged.',
        'bearer', 'Authorization: Bearer {api_key}', 'https://openrouter.ai/api/v1', '/chat/completions', 'POST', NULL,
        pg_catalog.jsonb_set(
          c.request, '{payload_structure}',
          (c.request OPERATOR(pg_catalog.->) 'payload_structure') OPERATOR(pg_catalog.||)
          $json${
            "top_k": {"source": "param:top_k", "type": "integer"},
            "reasoning_effort": {"source": "param:reasoning_effort", "type": "string", "path": "reasoning.effort"}
          }$json$::pg_catalog.jsonb),
        pg_catalog.jsonb_set(
          c.response, '{extraction_rules}',
          (c.response OPERATOR(pg_catalog.->) 'extraction_rules') OPERATOR(pg_catalog.||)
          $json${
            "reported_cost": {"type": "number", "paths": ["$.usage.cost"]},
            "upstream": {"type": "string", "paths": ["$.provider"]},
            "error": {"paths": ["$.error", "$.choices[0].error"]}
          }$json$::pg_catalog.jsonb),
        'openai/gpt-oss-120b',
        '["openai/gpt-oss-120b", "openai/gpt-4.1", "anthropic/claude-sonnet-4.5", "google/gemini-2.5-flash"]'::pg_catalog.jsonb,
        '{"streaming": true, "tools": true, "json_schema": true, "reasoning": true, "vision": false}'::pg_catalog.jsonb,
        131072, NULL, false, false
      FROM chat c
      UNION ALL
      -- The model stands in the path. Streaming has a path of its own, so stream is not taken.
      SELECT 3, 'google_ai', 'Google AI (Gemini)',
        'Gemini generateContent. Messages must be given in Gemini''s own contents form, [{"role": "user", "parts": '
        '[{"text": "..."}]}]; system instruction, tools and response format go under extra_body. output_tokens does '
        'not include thinking, which stands in reasoning_tokens.',
        'api_key_header', 'x-goog-api-key: {api_key}', 'https://generativelanguage.googleapis.com/v1beta',
        '/models/{model}:generateContent', 'POST', NULL,
        $json${
          "version": "1.0",
          "payload_structure": {
            "model": {"source": "param:model_name", "type": "string", "required": true, "path": "url:model"},
            "messages": {"source": "param:messages", "type": "array", "required": true, "path": "contents"},
            "temperature": {
              "source": "param:temperature", "type": "number", "path": "generationConfig.temperature"
            },
            "top_p": {"source": "param:top_p", "type": "number", "path": "generationConfig.topP"},
            "top_k": {"source": "param:top_k", "type": "integer", "path": "generationConfig.topK"},
            "max_output_tokens": {
              "source": "param:max_output_tokens", "type": "integer", "path": "generationConfig.maxOutputTokens"
            },
            "stop": {"source": "param:stop", "type": "array", "path": "generationConfig.stopSequences"},
            "seed": {"source": "param:seed", "type": "integer", "path": "generationConfig.seed"}
          }
        }$json$::pg_catalog.jsonb,
        $json${
          "version": "1.0",
          "extraction_rules": {
            "text_content": {
              "type": "string", "paths": ["$.candidates[0].content.parts[?(@.thought != true)].text"], "join": ""
            },
            "reasoning_content": {
              "type": "string", "paths": ["$.candidates[0].content.parts[?(@.thought == true)].text"], "join": ""
            },
            "finish_reason": {
              "type": "string", "paths": ["$.candidates[0].finishReason", "$.promptFeedback.blockReason"]
            },
            "usage_stats": {
              "type": "object",
              "fields": {
                "input_tokens": {"type": "integer", "paths": ["$.usageMetadata.promptTokenCount"]},
                "output_tokens": {"type": "integer", "paths": ["$.usageMetadata.candidatesTokenCount"]},
                "cached_tokens": {"type": "integer", "paths": ["$.usageMetadata.cachedContentTokenCount"]},
                "reasoning_tokens": {"type": "integer", "paths": ["$.usageMetadata.thoughtsTokenCount"]}
              }
            },
            "model_used": {"type": "string", "paths": ["$.modelVersion"]},
            "provider_request_id": {"type": "string", "paths": ["$.responseId"]},
            "finish_reason_raw": {"type": "string", "paths": ["$.candidates[0].finishReason"]},
            "function_call": {
              "type": "object", "paths": ["$.candidates[0].content.parts[?(@.functionCall)].functionCall"]
            },
            "error": {
              "type": "object",
              "fields": {
                "type": {"type": "string", "paths": ["$.error.status", "$[0].error.status"]},
                "code": {"paths": ["$.error.code", "$[0].error.code"]},
                "message": {
                  "type": "string",
                  "paths": ["$.error.message", "$[0].error.message", "$.promptFeedback.blockReason"]
                }
              }
            }
          }
        }$json$::pg_catalog.jsonb,
        'gemini-2.5-flash',
        '["gemini-2.5-flash", "gemini-2.5-pro", "gemini-2.5-flash-lite"]'::pg_catalog.jsonb,
        '{"streaming": false, "tools": true, "json_schema": true, "reasoning": true, "vision": true}'::pg_catalog.jsonb,
        1048576, 65536, false, false
      UNION ALL
      SELECT 4, 'chatgpt', 'ChatGPT (OpenAI)', 'OpenAI chat completions.',
        'bearer', 'Authorization: Bearer {api_key}', 'https://api.openai.com/v1', '/chat/completions', 'POST', NULL,
        pg_catalog.jsonb_set(
          c.request OPERATOR(pg_catalog.#-) '{payload_structure,max_tokens}',
          '{payload_structure,max_completion_tokens}',
          '{"source": "param:max_output_tokens", "type": "integer"}'::pg_catalog.jsonb),
        c.response,
        'gpt-4.1', '["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]'::pg_catalog.jsonb,
        '{"streaming": true, "tools": true, "json_schema": true, "reasoning": false, "vision": true}'::pg_catalog.jsonb,
        1047576, 32768, false, false
      FROM chat c
    )
    SELECT s.provider_name, s.display_name, s.description, s.auth_scheme, s.auth_header_template, s.base_url,
           s.endpoint_path_template, s.http_method, s.additional_headers, s.request_builder_config,
           s.response_extractor_config, s.default_model, s.supported_models, s.model_capabilities,
           s.context_window_tokens, s.max_output_tokens_limit, s.is_active, s.is_enabled
    FROM shipped s
    ORDER BY s.position;
  END;

-- The first statement takes the table's lock through its statement trigger, so that the second one's snapshot sees
-- what other sessions activated meanwhile. Rows that are there are skipped before ON CONFLICT: no id is used up.
CREATE FUNCTION llm_admin.seed_providers()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 4
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

CREATE FUNCTION llm_admin.seed()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 4
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed');
    SELECT p.item, p.outcome
    FROM llm_admin.seed_providers() p;
  END;

-- The row lock makes the verdict hold for the version that is deleted.
CREATE FUNCTION llm_admin.remove_seed_providers()
  RETURNS TABLE (provider_name pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 4
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
SELECT llm_admin.record_migration('llm_admin--0.1.sql');

