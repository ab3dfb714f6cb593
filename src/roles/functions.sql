-- These build GRANT statements from names, so the search_path is pinned.
CREATE FUNCTION llm_admin.grant_access(role pg_catalog.regrole, level pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_grant_access';

CREATE FUNCTION llm_admin.revoke_access(role pg_catalog.regrole, level pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_revoke_access';

CREATE FUNCTION llm_admin.refresh_access(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_refresh_access';

CREATE FUNCTION llm_admin.refresh_access_by_name(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_refresh_access_by_name';

CREATE FUNCTION llm_admin.revoke_gone_role(role_name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_revoke_gone_role';

-- Who lacks what of a level: a role that the last upgrade brought new functions for, one that no longer exists.
CREATE FUNCTION llm_admin.missing_access(
  OUT role_name pg_catalog.text, OUT level pg_catalog.text, OUT missing pg_catalog.text,
  OUT statement pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_missing_access';
