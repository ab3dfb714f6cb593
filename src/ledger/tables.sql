-- The ledger: one row for every migration script that ran here, written by the script's own last line.
CREATE TABLE llm_admin.schema_migrations (
  id pg_catalog.uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid(),
  version pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  direction pg_catalog.text NOT NULL CHECK (direction IN ('install', 'up', 'down')),
  applied_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  checksum pg_catalog.text NOT NULL,
  execution_time_ms pg_catalog.int8 NOT NULL CHECK (execution_time_ms >= 0),
  applied_by pg_catalog.text NOT NULL,
  fingerprint pg_catalog.text NOT NULL
);
-- A restored database is installed by the restore itself, so install rows stay out of dumps.
SELECT pg_catalog.pg_extension_config_dump('llm_admin.schema_migrations', $$WHERE direction <> 'install'$$);
