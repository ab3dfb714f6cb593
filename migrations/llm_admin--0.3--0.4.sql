-- migrations/llm_admin--0.3--0.4.sql.in
-- Up to 0.4: solid ground. No row of the user's changes.
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
SELECT llm_admin.check_requirements('llm_admin--0.3--0.4.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

-- What a level gave and to which role; 0.3 knew the name alone.
ALTER TABLE llm_admin.access_grants ADD COLUMN rights pg_catalog.text[], ADD COLUMN role_oid pg_catalog.oid;

-- CHECKs that a dump or pg_upgrade gives back as they were.
ALTER TABLE llm_admin.llm_provider_configs
  DROP CONSTRAINT llm_provider_configs_auth_scheme_check,
  DROP CONSTRAINT llm_provider_configs_http_method_check,
  ADD CONSTRAINT llm_provider_configs_auth_scheme_check
    CHECK (auth_scheme::pg_catalog.text IN ('bearer', 'api_key_header', 'query_param', 'none')),
  ADD CONSTRAINT llm_provider_configs_http_method_check
    CHECK (http_method::pg_catalog.text IN ('GET', 'POST', 'PUT', 'PATCH'));
ALTER TABLE llm_admin.llm_provider_config_history
  DROP CONSTRAINT llm_provider_config_history_action_check,
  ADD CONSTRAINT llm_provider_config_history_action_check CHECK (action::pg_catalog.text IN
    ('created', 'updated', 'activated', 'deactivated', 'enabled', 'disabled', 'key_changed', 'deleted'));

-- Names compare by their bytes, whatever the database's collation.
-- ALTER COLUMN ... TYPE would refuse while a view, a policy or a row type of the user's uses the column.
CREATE FUNCTION llm_admin.set_collation(
  relations pg_catalog.regclass[], columns pg_catalog.text[], to_collation pg_catalog.regcollation)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_set_collation';
SELECT llm_admin.set_collation(ARRAY['llm_admin.data_keys', 'llm_admin.access_grants', 'llm_admin.access_grants',
    'llm_admin.llm_configs', 'llm_admin.schema_migrations', 'llm_admin.schema_migrations']::pg_catalog.regclass[],
  ARRAY['tenant_id', 'role_name', 'level', 'provider', 'version', 'name'], 'pg_catalog."C"'::pg_catalog.regcollation);
DROP FUNCTION llm_admin.set_collation(pg_catalog.regclass[], pg_catalog.text[], pg_catalog.regcollation);

-- Each data key counts its own uses; rows that are there keep the form they have.
ALTER TABLE llm_admin.data_keys ADD COLUMN uses pg_catalog.int8 NOT NULL DEFAULT 0;

CREATE FUNCTION llm_admin.validate_schema(
  OUT kind pg_catalog.text, OUT object pg_catalog.text, OUT verdict pg_catalog.text, OUT detail pg_catalog.text,
  OUT statement pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_validate_schema';

CREATE FUNCTION llm_admin.repair_schema(
  dry_run pg_catalog.bool DEFAULT true,
  OUT object pg_catalog.text, OUT statement pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_repair_schema';

CREATE FUNCTION llm_admin.migration_status(
  OUT item pg_catalog.text, OUT value pg_catalog.text, OUT verdict pg_catalog.text, OUT hint pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_migration_status';

CREATE FUNCTION llm_admin.schema_stats(
  OUT table_name pg_catalog.text, OUT estimated_rows pg_catalog.int8, OUT bytes pg_catalog.int8)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_schema_stats';

CREATE FUNCTION llm_admin.check_row() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_row';

CREATE FUNCTION llm_admin.schema_objects(
  OUT kind pg_catalog.text, OUT name pg_catalog.text, OUT table_name pg_catalog.text, OUT identifier pg_catalog.text,
  OUT definition pg_catalog.text, OUT is_member pg_catalog.bool)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_schema_objects';

CREATE FUNCTION llm_admin.new_installation(OUT item pg_catalog.text, OUT value pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_new_installation';

CREATE FUNCTION llm_admin.refresh_access_by_name(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_refresh_access_by_name';

CREATE FUNCTION llm_admin.revoke_gone_role(role_name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_revoke_gone_role';

CREATE FUNCTION llm_admin.missing_access(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT missing pg_catalog.text,
  OUT statement pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_missing_access';

CREATE OR REPLACE FUNCTION llm_admin.shipped_dialects()
  RETURNS TABLE (
    dialect pg_catalog.text, endpoint_path_template pg_catalog.text, auth_scheme pg_catalog.text,
    auth_header_template pg_catalog.text, http_method pg_catalog.text, request_builder_config pg_catalog.jsonb,
    response_extractor_config pg_catalog.jsonb)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 7 AS 'MODULE_PATHNAME', 'llm_admin_shipped_dialects';

CREATE OR REPLACE FUNCTION llm_admin.shipped_providers()
  RETURNS TABLE (
    provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
    auth_scheme pg_catalog.text, auth_header_template pg_catalog.text, base_url pg_catalog.text,
    endpoint_path_template pg_catalog.text, http_method pg_catalog.text, additional_headers pg_catalog.jsonb,
    request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
    default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
    context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4, is_active pg_catalog.bool,
    is_enabled pg_catalog.bool)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 14 AS 'MODULE_PATHNAME', 'llm_admin_shipped_providers';

CREATE OR REPLACE FUNCTION llm_admin.shipped_provider_aliases()
  RETURNS TABLE (alias pg_catalog.text, provider_name pg_catalog.text)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 9
  AS 'MODULE_PATHNAME', 'llm_admin_shipped_provider_aliases';

CREATE OR REPLACE FUNCTION llm_admin.remove_seed_providers()
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

CREATE TRIGGER trg_lock_data_keys BEFORE UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE ALWAYS TRIGGER trg_lock_data_keys;
CREATE TRIGGER trg_data_key_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.data_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE REPLICA TRIGGER trg_data_key_replicated;
-- An error about a NOT NULL or CHECK does not show the row.
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

-- Nothing for PUBLIC; what roles get comes from refresh_access(), after the script.
REVOKE ALL ON FUNCTION
  llm_admin.validate_schema(),
  llm_admin.repair_schema(pg_catalog.bool),
  llm_admin.migration_status(),
  llm_admin.schema_stats(),
  llm_admin.check_row(),
  llm_admin.schema_objects(),
  llm_admin.new_installation(),
  llm_admin.refresh_access_by_name(),
  llm_admin.revoke_gone_role(pg_catalog.text),
  llm_admin.missing_access()
  FROM PUBLIC;

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
COMMENT ON COLUMN llm_admin.data_keys.first_use_block IS 'Where key_use_blocks stood when the key was made: what it handed out from there on counts as uses of the key, too, 1,024 a block';
COMMENT ON COLUMN llm_admin.data_keys.uses IS 'Secrets that the key may have sealed, counted in blocks and in place, so that no rollback takes them back';
COMMENT ON SEQUENCE llm_admin.key_use_blocks IS 'Blocks of key uses handed out until 0.3, for all data keys at once';
COMMENT ON FUNCTION llm_admin.rotate_root_key(pg_catalog.int4) IS 'Makes a root key of the keyring the active one and wraps every data key with it anew; of the active one, writes damaged check values anew';
COMMENT ON FUNCTION llm_admin.data_keys_changed() IS 'Trigger: locks data_keys before a change by hand; sessions drop cached data keys after it';
COMMENT ON TRIGGER trg_lock_data_keys ON llm_admin.data_keys IS 'A change by hand and the counting of uses wait for each other';
COMMENT ON TRIGGER trg_data_key_replicated ON llm_admin.data_keys IS 'Sessions of a logical subscriber drop cached data keys when a change of the publisher is applied';
COMMENT ON FUNCTION llm_admin.new_installation() IS 'Makes a copy of a database an installation of its own: new data keys, everything sealed anew under them, the old ones deleted; refuses while a sealed key does not open';
COMMENT ON COLUMN llm_admin.access_grants.role_name IS 'Name of the role; refresh_access() follows a role that was renamed';
COMMENT ON COLUMN llm_admin.access_grants.rights IS 'What the level gave when it was granted or refreshed last; NULL in rows that 0.3 wrote';
COMMENT ON COLUMN llm_admin.access_grants.role_oid IS 'OID of the role; after a restore it is that of another role or of none';
COMMENT ON FUNCTION llm_admin.refresh_access() IS 'Gives what is new to roles that still hold what their level had, and names the others: to be run after an upgrade';
COMMENT ON FUNCTION llm_admin.refresh_access_by_name() IS 'What refresh_access() does, after a restore on another server, where roles are known by their names only';
COMMENT ON FUNCTION llm_admin.revoke_gone_role(pg_catalog.text) IS 'Takes the levels of a role that was dropped out of access_grants';
COMMENT ON FUNCTION llm_admin.missing_access() IS 'What roles lack of the levels they were given, a row each with the statement that mends it; none when all have what their levels stand for';

SELECT llm_admin.record_migration('llm_admin--0.3--0.4.sql');

