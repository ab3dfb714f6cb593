CREATE FUNCTION llm_admin.config_since(
  since pg_catalog.int8 DEFAULT 0,
  OUT version pg_catalog.int8, OUT kind pg_catalog.text, OUT id pg_catalog.text, OUT op pg_catalog.text,
  OUT data pg_catalog.jsonb)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_config_since';

CREATE FUNCTION llm_admin.config_changed() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_config_changed';
