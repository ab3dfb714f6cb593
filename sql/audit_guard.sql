-- The audit log grows and does not change: every way to change it, for every kind of role, and the rows afterwards.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
CREATE ROLE regress_llm_guard_app;
CREATE ROLE regress_llm_guard_operator;
CREATE ROLE regress_llm_guard_super SUPERUSER;
SELECT owner = current_user AS owner_is_here FROM (SELECT relowner::regrole::text AS owner FROM pg_class WHERE oid = 'audit_log'::regclass) o;
SELECT current_user AS owner \gset
SELECT count(grant_access(role::regrole, level)) FROM (VALUES ('regress_llm_guard_app', 'app'), ('regress_llm_guard_operator', 'operator')) v (role, level);
SELECT count(*) > 0 AS seeded FROM seed_providers();
INSERT INTO exchange_rates VALUES ('EUR', '2026-01-01', 1.09), ('GBP', '2026-01-01', 1.25);
CREATE TABLE audit_log_month (LIKE audit_log INCLUDING DEFAULTS);
CREATE TEMPORARY TABLE kept AS SELECT (SELECT count(*) FROM audit_log) AS log, (SELECT count(*) FROM audit_payloads) AS payloads,
  (SELECT md5(string_agg(l::text, ',' ORDER BY id)) FROM audit_log l) AS log_digest,
  (SELECT md5(string_agg(p::text, ',' ORDER BY audit_id)) FROM audit_payloads p) AS payload_digest;
CREATE FUNCTION pg_temp.unchanged() RETURNS boolean LANGUAGE sql AS $$
  SELECT k.log = (SELECT count(*) FROM llm_admin.audit_log) AND k.payloads = (SELECT count(*) FROM llm_admin.audit_payloads)
    AND log_digest = (SELECT md5(string_agg(l::text, ',' ORDER BY id)) FROM llm_admin.audit_log l)
    AND payload_digest = (SELECT md5(string_agg(p::text, ',' ORDER BY audit_id)) FROM llm_admin.audit_payloads p)
  FROM pg_temp.kept k
$$;

CREATE TEMPORARY TABLE ways (n int GENERATED ALWAYS AS IDENTITY, way text, statement text);
INSERT INTO ways (way, statement) VALUES
  ('UPDATE', 'UPDATE llm_admin.audit_log SET user_id = ''nobody'''),
  ('UPDATE the partition', 'UPDATE ONLY llm_admin.audit_log_default SET user_id = ''nobody'''),
  ('UPDATE into another month', 'UPDATE llm_admin.audit_log SET timestamp = ''2020-01-01'''),
  ('UPDATE a payload', 'UPDATE llm_admin.audit_payloads SET old = NULL'),
  ('DELETE', 'DELETE FROM llm_admin.audit_log'),
  ('DELETE from the partition', 'DELETE FROM llm_admin.audit_log_default'),
  ('DELETE a payload', 'DELETE FROM llm_admin.audit_payloads'),
  ('DELETE a payload from the partition', 'DELETE FROM llm_admin.audit_payloads_default'),
  ('TRUNCATE', 'TRUNCATE llm_admin.audit_log'),
  ('TRUNCATE the partition', 'TRUNCATE llm_admin.audit_log_default'),
  ('TRUNCATE ONLY', 'TRUNCATE ONLY llm_admin.audit_log_default'),
  ('TRUNCATE payloads', 'TRUNCATE llm_admin.audit_payloads'),
  ('TRUNCATE the payloads'' partition', 'TRUNCATE llm_admin.audit_payloads_default'),
  ('UPDATE a leaf of history', 'UPDATE llm_admin.provider_history_leaves SET leaf = NULL'),
  ('DELETE a leaf of history', 'DELETE FROM llm_admin.provider_history_leaves'),
  ('TRUNCATE leaves of history', 'TRUNCATE llm_admin.provider_history_leaves'),
  ('MERGE, update', 'MERGE INTO llm_admin.audit_log l USING (VALUES (1)) v ON true WHEN MATCHED THEN UPDATE SET user_id = ''nobody'''),
  ('MERGE, delete', 'MERGE INTO llm_admin.audit_log l USING (VALUES (1)) v ON true WHEN MATCHED THEN DELETE'),
  ('ON CONFLICT DO UPDATE', 'INSERT INTO llm_admin.audit_log AS l SELECT (o).* FROM (SELECT o FROM llm_admin.audit_log o LIMIT 1) s
     ON CONFLICT (id, timestamp) DO UPDATE SET user_id = ''nobody'''),
  ('a writing CTE', 'WITH gone AS (DELETE FROM llm_admin.audit_log RETURNING id) SELECT count(*) FROM gone');
CREATE FUNCTION pg_temp.matrix(role text, replica boolean) RETURNS TABLE (way text, outcome text, unchanged boolean) LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT * FROM pg_temp.ways ORDER BY n LOOP
    way := one.way;
    BEGIN
      IF replica THEN SET LOCAL session_replication_role = replica; END IF;
      PERFORM set_config('role', role, true);
      EXECUTE one.statement;
      RAISE EXCEPTION USING ERRCODE = 'XX999', MESSAGE = 'it was let through';
    EXCEPTION WHEN OTHERS THEN
      outcome := SQLSTATE || CASE WHEN SQLSTATE IN ('LA020', '42501') THEN '' ELSE ' ' || SQLERRM END;
    END;
    unchanged := pg_temp.unchanged();
    RETURN NEXT;
  END LOOP;
END $$;
SELECT * FROM pg_temp.matrix('regress_llm_guard_app', false);
SELECT * FROM pg_temp.matrix('regress_llm_guard_operator', false);
SELECT * FROM pg_temp.matrix(:'owner', false);
SELECT count(*), string_agg(DISTINCT outcome, ','), bool_and(unchanged) FROM pg_temp.matrix(:'owner', true);
SELECT count(*), string_agg(DISTINCT outcome, ','), bool_and(unchanged) FROM pg_temp.matrix('regress_llm_guard_super', false);
SELECT count(*), string_agg(DISTINCT outcome, ','), bool_and(unchanged) FROM pg_temp.matrix('regress_llm_guard_super', true);
-- Nor do they write it.
SET ROLE regress_llm_guard_operator;
INSERT INTO llm_admin.audit_log (id, "timestamp") VALUES (1, now());
COPY llm_admin.audit_log FROM stdin;
\.
SELECT nextval('llm_admin.audit_log_id_seq');
SELECT * FROM llm_admin.audit_trail;
SELECT * FROM llm_admin.erase_audit_payload('{1}', 'x', 'y');
RESET ROLE;

-- A partition that is attached gets the row triggers with it; what it says and how to go about it.
SELECT count(*) AS moved_before FROM audit_log;
ALTER TABLE audit_log ATTACH PARTITION audit_log_month FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
INSERT INTO audit_log SELECT id, '2020-01-15', user_id, action_type, resource_type, resource_id, details, ip_address, user_agent,
  tenant_id, session_user_name, xid, commitment, leaf FROM audit_log LIMIT 1;
SELECT pg_temp.outcome('DELETE FROM llm_admin.audit_log_month');
SELECT pg_temp.message('UPDATE llm_admin.audit_log_month SET leaf = ''''');
-- The note of the mover and of the eraser is no setting: nothing that a session can say opens the log.
SELECT name FROM pg_settings WHERE name LIKE 'llm_admin.%' AND name ~ 'mov|eras|append';
-- Called otherwise than by its triggers it does nothing.
SELECT pg_temp.message('SELECT llm_admin.refuse_audit_change()');
CREATE TABLE public.elsewhere (id int);
CREATE TRIGGER t BEFORE DELETE ON public.elsewhere FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_audit_change();
CREATE TRIGGER u AFTER INSERT ON public.elsewhere FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
SELECT pg_temp.outcome('INSERT INTO public.elsewhere VALUES (1)');
DROP TABLE public.elsewhere;

-- Tenants: one that is entered sees its own rows and what they recorded, and erases no others.
CREATE ROLE regress_llm_guard_auditor;
SELECT grant_access('regress_llm_guard_auditor', 'auditor') IS NOT NULL AS granted;
INSERT INTO llm_configs (tenant_id, api_key_encrypted, updated_at) VALUES ('acme', 'kms:v1:a', now()), ('other', 'kms:v1:b', now());
SELECT id AS others FROM audit_log WHERE tenant_id = 'other' \gset
SET llm_admin.entered_tenant = 'acme';
SET ROLE regress_llm_guard_auditor;
SELECT tenant_id, resource_type FROM llm_admin.audit_log;
SELECT new ->> 'tenant_id' AS tenant FROM llm_admin.audit_payloads;
RESET ROLE;
SELECT outcome FROM erase_audit_payload(ARRAY[:others], 'x', 'y');
RESET llm_admin.entered_tenant;
SET ROLE regress_llm_guard_auditor;
SELECT count(*) > 5 AS all_rows FROM llm_admin.audit_trail;
RESET ROLE;
SELECT count(revoke_access(role::regrole, level)) FROM (VALUES ('regress_llm_guard_app', 'app'), ('regress_llm_guard_operator', 'operator'),
  ('regress_llm_guard_auditor', 'auditor')) v (role, level);
DROP ROLE regress_llm_guard_app, regress_llm_guard_operator, regress_llm_guard_super, regress_llm_guard_auditor;
DROP EXTENSION llm_admin CASCADE;
