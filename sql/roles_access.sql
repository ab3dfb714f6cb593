-- grant_access, revoke_access, refresh_access: overlap, repetition, vanished roles, errors.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS llm_admin;
RESET client_min_messages;
CREATE ROLE regress_llm_one;
CREATE ROLE "regress_llm Two";
CREATE ROLE regress_llm_gone;

CREATE FUNCTION pg_temp.rights(role text) RETURNS TABLE (usage boolean, history boolean, settings boolean,
  key_column boolean, name_column boolean, build boolean, decrypt boolean, mask boolean, purge boolean)
  LANGUAGE sql AS $$
  SELECT has_schema_privilege(role, 'llm_admin', 'USAGE'),
         has_table_privilege(role, 'llm_admin.llm_provider_config_history', 'SELECT'),
         has_table_privilege(role, 'llm_admin.provider_settings', 'SELECT'),
         has_column_privilege(role, 'llm_admin.llm_provider_configs', 'api_key_encrypted', 'SELECT'),
         has_column_privilege(role, 'llm_admin.llm_provider_configs', 'provider_name', 'SELECT'),
         has_function_privilege(role, 'llm_admin.build_request(jsonb, text, boolean)', 'EXECUTE'),
         has_function_privilege(role, 'llm_admin.decrypt_provider_key(text)', 'EXECUTE'),
         has_function_privilege(role, 'llm_admin.mask_key(text)', 'EXECUTE'),
         has_function_privilege(role, 'llm_admin.purge_provider(text)', 'EXECUTE')
$$;

-- Repetition changes nothing; a name that needs quotes works.
SELECT llm_admin.grant_access('regress_llm_one', 'app');
SELECT llm_admin.grant_access('regress_llm_one', 'app');
SELECT llm_admin.grant_access('"regress_llm Two"', 'auditor');
SELECT role_name, level, granted_at <= now() AS before_now, granted_by = session_user AS by_me
FROM llm_admin.access_grants WHERE role_name LIKE 'regress\_llm%' ORDER BY role_name COLLATE "C", level;

-- Several at once, each with its own text.
BEGIN;
SELECT llm_admin.grant_access('regress_llm_one', 'security') AS first,
       llm_admin.grant_access('regress_llm_gone', 'operator') AS second,
       llm_admin.revoke_access('regress_llm_one', 'security') AS third;
ROLLBACK;

-- Overlap: what another level needs stays, in the narrower form that it needs.
SELECT llm_admin.grant_access('regress_llm_one', 'operator');
SELECT * FROM pg_temp.rights('regress_llm_one');
SELECT llm_admin.revoke_access('regress_llm_one', 'operator');
SELECT * FROM pg_temp.rights('regress_llm_one');
SELECT llm_admin.grant_access('regress_llm_one', 'operator');
SELECT llm_admin.revoke_access('regress_llm_one', 'app');
SELECT * FROM pg_temp.rights('regress_llm_one');

-- What a DBA granted besides, outside every level, survives.
GRANT EXECUTE ON FUNCTION llm_admin.decrypt_key(text, text) TO regress_llm_one;
SELECT llm_admin.revoke_access('regress_llm_one', 'operator');
SELECT * FROM pg_temp.rights('regress_llm_one');
SELECT has_function_privilege('regress_llm_one', 'llm_admin.decrypt_key(text, text)', 'EXECUTE') AS kept;
REVOKE EXECUTE ON FUNCTION llm_admin.decrypt_key(text, text) FROM regress_llm_one;

-- refresh_access gives back nothing that was taken by hand; a role that is gone is named and its row kept.
SELECT llm_admin.grant_access('regress_llm_gone', 'security');
SELECT llm_admin.grant_access('regress_llm_one', 'auditor');
REVOKE SELECT ON llm_admin.provider_settings FROM regress_llm_one;
REVOKE EXECUTE ON FUNCTION llm_admin.mask_key(text) FROM regress_llm_one;
DROP OWNED BY regress_llm_gone;
DROP ROLE regress_llm_gone;
SELECT * FROM llm_admin.refresh_access() WHERE role_name LIKE 'regress\_llm%';
SELECT * FROM pg_temp.rights('regress_llm_one');
SELECT role_name, level FROM llm_admin.access_grants WHERE role_name LIKE 'regress\_llm%' ORDER BY role_name COLLATE "C", level;

SELECT llm_admin.grant_access('regress_llm_one', 'auditor');
-- A renamed role is followed, and back again.
ALTER ROLE regress_llm_one RENAME TO regress_llm_uno;
SELECT * FROM llm_admin.refresh_access() WHERE role_name LIKE 'regress\_llm%';
ALTER ROLE regress_llm_uno RENAME TO regress_llm_one;
SELECT * FROM llm_admin.refresh_access() WHERE role_name LIKE 'regress\_llm%';
SELECT llm_admin.revoke_gone_role('regress_llm_one');
SELECT llm_admin.revoke_gone_role('regress_llm_gone');
SELECT llm_admin.revoke_gone_role('regress_llm_gone');
SELECT llm_admin.revoke_gone_role(NULL);

-- Errors
\set VERBOSITY default
SELECT llm_admin.grant_access('regress_llm_one', 'admin');
SELECT llm_admin.grant_access('regress_llm_one', NULL);
SELECT llm_admin.grant_access(NULL, 'app');
SELECT llm_admin.grant_access('regress_llm_missing', 'app');
SELECT llm_admin.grant_access('-', 'app');
SELECT llm_admin.grant_access('pg_monitor', 'app');
SELECT llm_admin.revoke_access('regress_llm_one', 'app');
SELECT llm_admin.revoke_access('regress_llm_one', 'nonsense');
-- The owner has everything; the message names the role, so only its code is shown.
\set VERBOSITY sqlstate
SELECT llm_admin.grant_access(c.relowner::regrole, 'app')
FROM pg_class c WHERE c.oid = 'llm_admin.llm_provider_configs'::regclass;
-- Even with EXECUTE, only who can act as the owner changes access.
GRANT EXECUTE ON FUNCTION llm_admin.grant_access(regrole, text), llm_admin.revoke_access(regrole, text),
  llm_admin.refresh_access(), llm_admin.refresh_access_by_name(), llm_admin.revoke_gone_role(text) TO regress_llm_one;
SET ROLE regress_llm_one;
SELECT llm_admin.grant_access('regress_llm_one', 'app');
SELECT llm_admin.revoke_access('regress_llm_one', 'auditor');
SELECT llm_admin.refresh_access();
SELECT llm_admin.refresh_access_by_name();
SELECT llm_admin.revoke_gone_role('regress_llm_one');
RESET ROLE;
REVOKE ALL ON FUNCTION llm_admin.grant_access(regrole, text), llm_admin.revoke_access(regrole, text),
  llm_admin.refresh_access(), llm_admin.refresh_access_by_name(), llm_admin.revoke_gone_role(text) FROM regress_llm_one;
\set VERBOSITY default

-- In a read-only transaction nothing is half done.
BEGIN READ ONLY;
SELECT llm_admin.grant_access('regress_llm_one', 'security');
ROLLBACK;

-- Rolled back as one.
BEGIN;
SELECT llm_admin.grant_access('regress_llm_one', 'security');
ROLLBACK;
SELECT has_function_privilege('regress_llm_one', 'llm_admin.verify_keys(integer)', 'EXECUTE') AS verify;

-- A hostile search_path reaches nothing.
CREATE SCHEMA regress_llm_trap;
CREATE FUNCTION regress_llm_trap.trap(text, text) RETURNS boolean LANGUAGE plpgsql
  AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
CREATE OPERATOR regress_llm_trap.= (FUNCTION = regress_llm_trap.trap, LEFTARG = text, RIGHTARG = text);
SET search_path = regress_llm_trap, pg_catalog;
SELECT llm_admin.grant_access('regress_llm_one', 'security');
SELECT llm_admin.revoke_access('regress_llm_one', 'security');
RESET search_path;
DROP OPERATOR regress_llm_trap.= (text, text);
DROP FUNCTION regress_llm_trap.trap(text, text);
DROP SCHEMA regress_llm_trap;

SELECT llm_admin.revoke_access('regress_llm_one', 'auditor');
SELECT llm_admin.revoke_access('"regress_llm Two"', 'auditor');
DROP ROLE regress_llm_one, "regress_llm Two";
