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
