CREATE FUNCTION llm_admin.drop_columns(relations pg_catalog.regclass[], columns pg_catalog.text[]) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_drop_columns';
