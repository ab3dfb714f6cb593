@include mark.sql

-- Refuses a schema that somebody else prepared, before anything else is made in it.
CREATE FUNCTION llm_admin.check_schema() RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_schema';
SELECT llm_admin.check_schema();

@include requirements.sql
SELECT llm_admin.check_requirements('llm_admin--@version@.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
