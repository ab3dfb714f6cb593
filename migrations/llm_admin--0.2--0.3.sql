-- migrations/llm_admin--0.2--0.3.sql.in
-- Up to 0.3: tenants with keys of their own, the life of keys. No row of an older table changes.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

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

CREATE FUNCTION llm_admin.enter_tenant(tenant_id pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_enter_tenant';

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

CREATE FUNCTION llm_admin.lock_llm_configs() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_lock_llm_configs';

CREATE FUNCTION llm_admin.validate_llm_config() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_llm_config';

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

CREATE OR REPLACE FUNCTION llm_admin.seed()
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

-- Nothing for PUBLIC; what roles get comes from refresh_access(), after the script.
REVOKE ALL ON TABLE llm_admin.llm_configs, llm_admin.provider_aliases FROM PUBLIC;
REVOKE ALL ON FUNCTION
  llm_admin.rotate_root_key(pg_catalog.int4),
  llm_admin.rotate_data_key(pg_catalog.text),
  llm_admin.reseal_keys(pg_catalog.int4),
  llm_admin.shred_tenant_keys(pg_catalog.text),
  llm_admin.enter_tenant(pg_catalog.text),
  llm_admin.entered_tenant(),
  llm_admin.get_llm_config(pg_catalog.text),
  llm_admin.put_llm_config(pg_catalog.text, pg_catalog.jsonb),
  llm_admin.delete_llm_config(pg_catalog.text),
  llm_admin.record_llm_test(pg_catalog.text, pg_catalog.bool, pg_catalog.int4, pg_catalog.text),
  llm_admin.resolve_llm(pg_catalog.text, pg_catalog.text, pg_catalog.text),
  llm_admin.build_tenant_request(pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.bool),
  llm_admin.decrypt_tenant_key(pg_catalog.text),
  llm_admin.list_llm_configs(),
  llm_admin.verify_llm_configs(),
  llm_admin.lock_llm_configs(),
  llm_admin.validate_llm_config(),
  llm_admin.shipped_provider_aliases(),
  llm_admin.seed_provider_aliases()
  FROM PUBLIC;

COMMENT ON FUNCTION llm_admin.shipped_provider_aliases() IS 'The other names of providers that seed() adds where they are missing';
COMMENT ON FUNCTION llm_admin.seed_provider_aliases() IS 'Adds the shipped names of providers that are missing; never changes a row';
COMMENT ON FUNCTION llm_admin.rotate_root_key(pg_catalog.int4) IS 'Makes a root key of the keyring the active one and wraps every data key with it anew';
COMMENT ON FUNCTION llm_admin.rotate_data_key(pg_catalog.text) IS 'Makes a new data key for a tenant, or for the installation, and returns its version; older ones go on opening what they sealed';
COMMENT ON FUNCTION llm_admin.reseal_keys(pg_catalog.int4) IS 'Seals up to so many stored keys anew that older data keys sealed; call it until none remain';
COMMENT ON FUNCTION llm_admin.shred_tenant_keys(pg_catalog.text) IS 'Destroys the data keys of a tenant: what they sealed opens nowhere again';
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

SELECT llm_admin.record_migration('llm_admin--0.2--0.3.sql');

