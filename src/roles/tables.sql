-- Which role was given which level, and what that was. A level belongs to the role whose name and OID are both these:
-- a name alone may be another role's by now, and so may an OID after a restore on another server.
CREATE TABLE llm_admin.access_grants (
  role_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  level pg_catalog.text COLLATE pg_catalog."C" NOT NULL CHECK (level IN ('app', 'operator', 'security', 'auditor', 'sender')),
  granted_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  granted_by pg_catalog.text NOT NULL,
  rights pg_catalog.text[],
  role_oid pg_catalog.oid,
  PRIMARY KEY (role_name, level)
);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.access_grants', '');
