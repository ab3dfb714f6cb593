-- migrations/llm_admin--0.3--0.2.sql.in
-- Back to 0.2: the tables of tenants and the functions of 0.3 leave. LA040 where rows of the user's would be lost or
-- something of the user's uses what leaves; all is as it was then. Data keys of tenants and root keys stay: older
-- versions know them, and keys of tenants open again should their rows come back.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

CREATE OR REPLACE FUNCTION llm_admin.seed()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 14
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed');
    SELECT p.item, p.outcome
    FROM llm_admin.seed_providers() p;
  END;

-- Its body holds on to a table that leaves before it.
CREATE OR REPLACE FUNCTION llm_admin.seed_provider_aliases()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 9
  BEGIN ATOMIC
    SELECT ''::pg_catalog.text, ''::pg_catalog.text WHERE false;
  END;

-- First the tables, whose policy and triggers call functions; then the functions, then the types of their results.
-- Rows that ship are nobody's loss, unless somebody edited them.
CREATE FUNCTION llm_admin.drop_functions(leaving pg_catalog.regprocedure[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_functions';
CREATE FUNCTION llm_admin.drop_tables(leaving pg_catalog.regclass[], counted pg_catalog.text[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off SET row_security = off
  AS 'MODULE_PATHNAME', 'llm_admin_drop_tables';
SELECT llm_admin.drop_tables(
  ARRAY['llm_admin.llm_configs', 'llm_admin.provider_aliases']::pg_catalog.regclass[],
  ARRAY[NULL, 'NOT EXISTS (SELECT FROM llm_admin.shipped_provider_aliases() s
    WHERE s.alias COLLATE "C" = t.alias AND s.provider_name COLLATE "C" = t.provider_name)']);
SELECT llm_admin.drop_functions(ARRAY[
  'llm_admin.seed_provider_aliases()',
  'llm_admin.shipped_provider_aliases()',
  'llm_admin.validate_llm_config()',
  'llm_admin.lock_llm_configs()',
  'llm_admin.verify_llm_configs()',
  'llm_admin.list_llm_configs()',
  'llm_admin.decrypt_tenant_key(pg_catalog.text)',
  'llm_admin.build_tenant_request(pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.bool)',
  'llm_admin.resolve_llm(pg_catalog.text, pg_catalog.text, pg_catalog.text)',
  'llm_admin.record_llm_test(pg_catalog.text, pg_catalog.bool, pg_catalog.int4, pg_catalog.text)',
  'llm_admin.delete_llm_config(pg_catalog.text)',
  'llm_admin.put_llm_config(pg_catalog.text, pg_catalog.jsonb)',
  'llm_admin.get_llm_config(pg_catalog.text)',
  'llm_admin.entered_tenant()',
  'llm_admin.enter_tenant(pg_catalog.text)',
  'llm_admin.shred_tenant_keys(pg_catalog.text)',
  'llm_admin.reseal_keys(pg_catalog.int4)',
  'llm_admin.rotate_data_key(pg_catalog.text)',
  'llm_admin.rotate_root_key(pg_catalog.int4)'
]::pg_catalog.regprocedure[]);
SELECT llm_admin.drop_tables(
  ARRAY['llm_admin.resolved_llm', 'llm_admin.built_tenant_request']::pg_catalog.regclass[], '{}');
DROP FUNCTION llm_admin.drop_tables(pg_catalog.regclass[], pg_catalog.text[]);
DROP FUNCTION llm_admin.drop_functions(pg_catalog.regprocedure[]);

SELECT llm_admin.record_migration('llm_admin--0.3--0.2.sql');

