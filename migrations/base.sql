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
SELECT llm_admin.check_requirements('llm_admin--0.5.sql');
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
-- Which role was given which level, and what that was. A level belongs to the role whose name and OID are both these:
-- a name alone may be another role's by now, and so may an OID after a restore on another server.
CREATE TABLE llm_admin.access_grants (
  role_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  level pg_catalog.text COLLATE pg_catalog."C" NOT NULL CHECK (level IN ('app', 'operator', 'security', 'auditor')),
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

-- src/roles/comments.sql
COMMENT ON TABLE llm_admin.access_grants IS 'Which role was given which level by grant_access(); refresh_access() applies it again';
COMMENT ON COLUMN llm_admin.access_grants.role_name IS 'Name of the role; refresh_access() follows a role that was renamed';
COMMENT ON COLUMN llm_admin.access_grants.granted_by IS 'session_user of the first grant';
COMMENT ON COLUMN llm_admin.access_grants.rights IS 'What the level gave when it was granted or refreshed last; NULL in rows that 0.3 wrote';
COMMENT ON COLUMN llm_admin.access_grants.role_oid IS 'OID of the role; after a restore it is that of another role or of none';
COMMENT ON FUNCTION llm_admin.grant_access(pg_catalog.regrole, pg_catalog.text) IS 'Gives a role one of the levels app, operator, security, auditor; none implies another';
COMMENT ON FUNCTION llm_admin.revoke_access(pg_catalog.regrole, pg_catalog.text) IS 'Takes a level from a role, leaving what its other levels need';
COMMENT ON FUNCTION llm_admin.refresh_access() IS 'Gives what is new to roles that still hold what their level had, and names the others: to be run after an upgrade';
COMMENT ON FUNCTION llm_admin.refresh_access_by_name() IS 'What refresh_access() does, after a restore on another server, where roles are known by their names only';
COMMENT ON FUNCTION llm_admin.revoke_gone_role(pg_catalog.text) IS 'Takes the levels of a role that was dropped out of access_grants';
COMMENT ON FUNCTION llm_admin.missing_access() IS 'What roles lack of the levels they were given, a row each with the statement that mends it; none when all have what their levels stand for';

-- src/ledger/end.sql
-- Nothing for PUBLIC; what roles get comes from grant_access(), after the script.
REVOKE ALL ON ALL TABLES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA llm_admin FROM PUBLIC;
SELECT llm_admin.record_migration('llm_admin--0.5.sql');

