-- The settings pinned here are those that the fingerprint's texts depend on.
CREATE FUNCTION llm_admin.record_migration(script pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off
  AS 'MODULE_PATHNAME', 'llm_admin_record_migration';

-- What the texts depend on is pinned, as above.
CREATE FUNCTION llm_admin.schema_objects(
  OUT kind pg_catalog.text, OUT name pg_catalog.text, OUT table_name pg_catalog.text, OUT identifier pg_catalog.text,
  OUT definition pg_catalog.text, OUT is_member pg_catalog.bool)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off SET extra_float_digits = 1
  SET standard_conforming_strings = on
  AS 'MODULE_PATHNAME', 'llm_admin_schema_objects';
