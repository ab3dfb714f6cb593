COMMENT ON TABLE llm_admin.access_grants IS 'Which role was given which level by grant_access(); refresh_access() applies it again';
COMMENT ON COLUMN llm_admin.access_grants.role_name IS 'Name of the role at the time; a renamed role is granted anew';
COMMENT ON COLUMN llm_admin.access_grants.granted_by IS 'session_user of the first grant';
COMMENT ON FUNCTION llm_admin.grant_access(pg_catalog.regrole, pg_catalog.text) IS 'Gives a role one of the levels app, operator, security, auditor; none implies another';
COMMENT ON FUNCTION llm_admin.revoke_access(pg_catalog.regrole, pg_catalog.text) IS 'Takes a level from a role, leaving what its other levels need';
COMMENT ON FUNCTION llm_admin.refresh_access() IS 'Applies access_grants again: to be run after an upgrade, which may bring new functions';
COMMENT ON FUNCTION llm_admin.missing_access() IS 'What roles lack of the levels they were given, a row each; none when all have what their levels stand for';
