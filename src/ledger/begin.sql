-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);

-- Refuses a schema that somebody else prepared, before anything else is made in it.
CREATE FUNCTION llm_admin.check_schema() RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_schema';
SELECT llm_admin.check_schema();
