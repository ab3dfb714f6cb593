-- The ledger row that the install wrote, and functions that only scripts may call.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS llm_admin;
RESET client_min_messages;
SELECT version = (SELECT default_version FROM pg_available_extensions WHERE name = 'llm_admin') AS current,
       name = format('llm_admin--%s.sql', version) AS own_script, direction, checksum ~ '^[0-9a-f]{64}$' AS checksum,
       fingerprint ~ '^[0-9a-f]{64}$' AS fingerprint, execution_time_ms >= 0 AS timed, applied_by <> '' AS by_someone,
       applied_at <= clock_timestamp() AS in_the_past
FROM llm_admin.schema_migrations WHERE direction = 'install';
SELECT e.extversion = (SELECT version FROM llm_admin.schema_migrations ORDER BY applied_at DESC LIMIT 1) AS latest
FROM pg_extension e WHERE e.extname = 'llm_admin';
SELECT llm_admin.record_migration('llm_admin--0.1.sql');
SELECT llm_admin.check_schema();
-- The mark does not outlive the script.
SELECT coalesce(current_setting('llm_admin.migration_mark', true), '') AS mark;
