-- What the ledger tells of itself: migration_status(), schema_stats(), missing_access(). Other versions and the way
-- between them: test/t/052_versions.pl; files that are not there, loaded libraries: test/t/057_status.pl.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT default_version AS newest FROM pg_available_extensions WHERE name = 'llm_admin' \gset
-- Versions and times by their meaning, so that the next version prints the same.
CREATE FUNCTION pg_temp.plain(told text) RETURNS text LANGUAGE sql AS $$
  SELECT regexp_replace(regexp_replace(told, '\d{4}-\d\d-\d\d [\d:+]+ by \S+', 'a time by a role'), '\m\d+\.\d+\M', 'N', 'g')
$$;
SELECT item, pg_temp.plain(value) AS value, verdict, hint FROM migration_status();
SELECT bool_and(value = :'newest') AS newest FROM migration_status() WHERE item ~ 'version|library';
-- An older version in the catalog: what is pending, and the way there.
BEGIN;
UPDATE pg_extension SET extversion = '0.1' WHERE extname = 'llm_admin';
SELECT item, verdict, hint, value LIKE '0.1--0.2--%--' || :'newest' AS whole_path FROM migration_status() WHERE item ~ 'version|path|library' OR hint ~ 'ALTER';
ROLLBACK;
-- A newer one: the library of this session is too old for it, and no file leads there.
BEGIN;
UPDATE pg_extension SET extversion = '9.9' WHERE extname = 'llm_admin';
SELECT item, pg_temp.plain(value) AS value, verdict, hint FROM migration_status() WHERE item ~ 'version|path|library|last';
ROLLBACK;
-- Ledger: a script that is not the file any more, one that never was, a name that is none, the same row again.
BEGIN;
INSERT INTO schema_migrations (version, name, direction, checksum, execution_time_ms, applied_by, fingerprint, applied_at) VALUES
  ('0.2', 'llm_admin--0.1--0.2.sql', 'up', repeat('0', 64), 1, 'someone', 'f', '2001-01-01'),
  ('0.2', 'llm_admin--0.1--0.2.sql', 'up', repeat('0', 64), 1, 'someone', 'f', '2001-01-02'),
  ('0.9', 'llm_admin--0.8--0.9.sql', 'up', repeat('1', 64), 1, 'someone', 'f', '2001-01-03'),
  ('0.9', '../../../../etc/passwd', 'up', repeat('1', 64), 1, 'someone', 'f', '2001-01-04');
SELECT item, pg_temp.plain(value) AS value, verdict, hint FROM migration_status() WHERE item ~ 'script|migration';
DELETE FROM schema_migrations WHERE direction = 'install';
SELECT item, pg_temp.plain(value) AS value, verdict, hint FROM migration_status() WHERE item ~ 'script|migration';
TRUNCATE schema_migrations;
SELECT item, pg_temp.plain(value) AS value, verdict, hint FROM migration_status() WHERE item ~ 'script|migration';
ROLLBACK;

-- Roles that lack something of their level.
CREATE ROLE regress_llm_lacking;
CREATE ROLE "regress llm, gone";
CREATE ROLE regress_llm_reader;
SELECT grant_access('regress_llm_lacking', 'app'), grant_access('regress_llm_lacking', 'auditor'), grant_access('"regress llm, gone"', 'security'), grant_access('regress_llm_reader', 'operator');
SELECT * FROM missing_access();
-- A function, a table of all columns, one column of many, all of it, a right held through another role, the schema.
REVOKE EXECUTE ON FUNCTION build_request, get_provider FROM regress_llm_lacking;
REVOKE UPDATE, DELETE ON llm_configs FROM regress_llm_lacking;
REVOKE SELECT (description) ON llm_provider_configs FROM regress_llm_lacking;
SELECT * FROM missing_access();
SELECT item, regexp_replace(value, '\d{4}-\d\d', 'a month') AS value, verdict, hint FROM migration_status() WHERE verdict = 'warning';
-- What mends it: what is new is for refresh_access(), what was taken away for grant_access(); a role that was renamed,
-- or is another one by now.
BEGIN;
UPDATE access_grants SET rights = array_remove(rights, 'EXECUTE build_request') WHERE role_name = 'regress_llm_lacking';
GRANT EXECUTE ON FUNCTION get_provider TO regress_llm_lacking;
GRANT UPDATE, DELETE ON llm_configs TO regress_llm_lacking;
GRANT SELECT (description) ON llm_provider_configs TO regress_llm_lacking;
SELECT * FROM missing_access();
UPDATE access_grants SET rights = NULL;
SELECT * FROM missing_access();
UPDATE access_grants SET role_oid = 'regress_llm_reader'::regrole WHERE role_name = 'regress_llm_lacking';
SELECT * FROM missing_access();
ALTER ROLE regress_llm_reader RENAME TO regress_llm_renamed;
SELECT * FROM missing_access() WHERE role_name = 'regress_llm_reader';
ROLLBACK;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA llm_admin FROM "regress llm, gone";
SELECT level, regexp_replace(missing, 'and \d+ more', 'and more') AS missing FROM missing_access() WHERE role_name = 'regress llm, gone';
REVOKE USAGE ON SCHEMA llm_admin FROM regress_llm_reader;
REVOKE USAGE ON SEQUENCE llm_provider_configs_id_seq FROM regress_llm_reader;
SELECT role_name, missing FROM missing_access() WHERE level = 'operator';
GRANT regress_llm_reader TO regress_llm_lacking;
GRANT UPDATE, DELETE ON llm_configs TO regress_llm_reader;
SELECT role_name, missing FROM missing_access() WHERE level = 'app';
REVOKE regress_llm_reader FROM regress_llm_lacking;
-- Each level that may ask does, without a right on the tables behind it; app may not.
GRANT USAGE ON SCHEMA llm_admin TO regress_llm_reader;
SET ROLE regress_llm_reader;
SELECT count(*) > 5 AS told, count(*) FILTER (WHERE verdict = 'warning') > 2 AS warned FROM llm_admin.migration_status();
SELECT count(*) > 8 AS tables FROM llm_admin.schema_stats();
RESET ROLE;
SET ROLE regress_llm_lacking;
SELECT count(*) > 5 AS told FROM llm_admin.migration_status();
RESET ROLE;
SELECT revoke_access('regress_llm_lacking', 'auditor'), revoke_access('regress_llm_reader', 'operator');
SET ROLE regress_llm_lacking;
SELECT count(*) FROM llm_admin.migration_status();
SELECT count(*) FROM llm_admin.schema_stats();
SELECT count(*) FROM llm_admin.missing_access();
RESET ROLE;
SELECT revoke_access('regress_llm_lacking', 'app'), revoke_access('"regress llm, gone"', 'security');
DROP ROLE "regress llm, gone";
INSERT INTO access_grants (role_name, level, granted_by) VALUES ('regress llm, gone', 'security', 'someone');
SELECT * FROM missing_access();
SELECT revoke_gone_role('regress llm, gone');
SELECT * FROM missing_access();

-- Every table of the extension, and nothing else; sizes with indexes and TOAST; rows as the server estimates them.
CREATE TABLE llm_admin.mine (n int);
SELECT table_name FROM schema_stats();
DROP TABLE llm_admin.mine;
ANALYZE provider_aliases;
INSERT INTO schema_migrations (version, name, direction, checksum, execution_time_ms, applied_by, fingerprint)
  SELECT '0.1', 'x', 'up', 'x', 1, 'x', 'x' FROM generate_series(1, 1000);
SELECT estimated_rows, bytes = pg_total_relation_size('schema_migrations') AS size, bytes > pg_table_size('schema_migrations') AS indexes
FROM schema_stats() WHERE table_name = 'schema_migrations';
ANALYZE schema_migrations;
SELECT estimated_rows BETWEEN 1000 AND 1010 AS estimated FROM schema_stats() WHERE table_name = 'schema_migrations';
SELECT count(*) FILTER (WHERE estimated_rows < 0) AS negative FROM schema_stats();
DROP ROLE regress_llm_lacking, regress_llm_reader;
DROP EXTENSION llm_admin;
