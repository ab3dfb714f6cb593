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
