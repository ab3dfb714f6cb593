-- Which role was given which level. By name, so that it means the same after a restore on another server.
CREATE TABLE llm_admin.access_grants (
  role_name pg_catalog.text NOT NULL,
  level pg_catalog.text NOT NULL CHECK (level IN ('app', 'operator', 'security', 'auditor')),
  granted_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  granted_by pg_catalog.text NOT NULL,
  PRIMARY KEY (role_name, level)
);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.access_grants', '');
