-- ALTER COLUMN ... TYPE would refuse while a view, a policy or a row type of the user's uses the column.
CREATE FUNCTION llm_admin.set_collation(
  relations pg_catalog.regclass[], columns pg_catalog.text[], to_collation pg_catalog.regcollation)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_set_collation';
