-- The house rules that the catalog can tell: each query lists what breaks one, so each must list nothing.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
-- Everything that belongs to the extension, and what stands in its schema.
CREATE TEMPORARY VIEW members AS
  SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS what FROM pg_depend d
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'llm_admin');
CREATE TEMPORARY VIEW functions AS
  SELECT p.* FROM pg_proc p JOIN members m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid;
CREATE TEMPORARY VIEW relations AS
  SELECT c.* FROM pg_class c JOIN members m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid;
SELECT (SELECT count(*) FROM functions) > 30 AS functions, (SELECT count(*) FROM relations) > 8 AS relations;

-- Functions that write, draw from a sequence or begin subtransactions, and the trigger functions: the only ones that are
-- not parallel safe or restricted.
CREATE TEMPORARY VIEW writers (name) AS VALUES
  ('erase_audit_payload'), ('record_seed'),
  ('issue_access_key'), ('rotate_access_key'), ('revoke_access_key'), ('block_access_key'), ('check_access_key'),
  ('begin_call'), ('finish_call'), ('extend_call'), ('expire_calls'), ('open_sender_ticket'), ('redeem_sender_ticket'),
  ('acquire_quota'), ('release_quota'), ('reserve_budget'), ('settle_budget'), ('expire_quota_tickets'),
  ('adopt_pgcrypto_keys'), ('check_schema'), ('create_provider'), ('delete_llm_config'), ('encrypt_key'), ('enter_tenant'),
  ('grant_access'), ('import_admin_settings'), ('import_pgcrypto_key'), ('new_installation'), ('purge_provider'), ('put_llm_config'),
  ('record_llm_test'), ('record_migration'), ('record_provider_test'), ('refresh_access'), ('refresh_access_by_name'), ('revoke_gone_role'), ('remove_seed_providers'),
  ('repair_schema'), ('reseal_keys'), ('revoke_access'), ('rotate_data_key'), ('rotate_root_key'), ('seed'), ('seed_provider_aliases'),
  ('seed_providers'), ('set_provider_key'), ('shred_tenant_keys'), ('switch_active_provider'), ('validate_schema'), ('verify_llm_configs'),
  ('deploy_model'), ('grant_model'), ('install_model'), ('record_server_health'), ('revoke_model'), ('seed_tiers'), ('stop_deployment'),
  ('apply_retention'), ('book_correction'), ('maintain_all_partitions'), ('maintain_partitions'), ('next_usage_id'), ('record_usage'),
  ('record_usage_batch'), ('roll_up_daily_cost'),
  ('import_model_prices'), ('reprice'), ('seed_prices'), ('set_model_price');
-- Reading functions that must not be folded into a plan, because they give secrets or look outside the database.
CREATE TEMPORARY VIEW volatile_readers (name) AS VALUES ('decrypt_key'), ('decrypt_provider_key'), ('decrypt_tenant_key'), ('key_status'),
  ('limit_denials'), ('mapping_cache_stats'), ('migration_status'), ('require_primary'), ('verify_keys');
-- SQL functions that give constants or read, and C functions that run no SQL or constant, fully qualified SQL only.
CREATE TEMPORARY VIEW immutable (name) AS VALUES
  ('config_problems'), ('mask_key'), ('shipped_dialects'), ('shipped_provider_aliases'), ('shipped_providers'), ('validate_config'),
  ('validate_request_builder_config'), ('validate_response_extractor_config'),
  ('shipped_model_aliases'), ('shipped_prices'), ('shipped_tier_rules'), ('shipped_tiers');
CREATE TEMPORARY VIEW stable (name) AS VALUES
  ('build_operation'), ('build_request'), ('build_request_text'), ('build_tenant_request'), ('entered_tenant'), ('explain_request'),
  ('extract_operation'), ('extract_response'), ('extract_stream'), ('get_active_provider'), ('get_llm_config'),
  ('get_provider'), ('key_fingerprint'), ('list_llm_configs'), ('list_providers'), ('missing_access'), ('provider_history'),
  ('provider_named'), ('read_answer'), ('read_operation'), ('resolve_llm'), ('schema_objects'), ('schema_stats'), ('stream_deltas'),
  ('canonical_model'), ('check_model_access'), ('tier_consistency'),
  ('list_access_keys'),
  ('cost_anomalies'), ('cost_summary'), ('cost_today'), ('metrics'), ('reconcile'), ('row_tenant'), ('sees_all_tenants'), ('unmatched_models'),
  ('verify_rollup'),
  ('explain_call'), ('explain_cost'), ('limit_status'), ('simulate_limits'), ('spend_forecast'), ('unpriced_models'),
  ('config_since');

-- Volatility as declared in these lists; a new function has to be put into one.
SELECT f.proname, f.provolatile FROM functions f LEFT JOIN (
  SELECT name, 'v'::"char" AS volatility FROM writers UNION ALL SELECT name, 'v' FROM volatile_readers
  UNION ALL SELECT name, 'i' FROM immutable UNION ALL SELECT name, 's' FROM stable) l ON l.name = f.proname
WHERE f.provolatile IS DISTINCT FROM CASE WHEN f.prorettype = 'trigger'::regtype THEN 'v' ELSE l.volatility END;
SELECT name AS gone FROM (TABLE writers UNION ALL TABLE volatile_readers UNION ALL TABLE immutable UNION ALL TABLE stable) l
WHERE name NOT IN (SELECT proname FROM functions);
-- Parallel labels: unsafe are the writers, the triggers, and what in a body of SQL calls C, itself or by a policy: that would
-- load the library, and with it set settings, while a parallel plan runs. Nothing else is.
CREATE TEMPORARY VIEW loaders (name) AS VALUES
  ('cost_anomalies'), ('cost_today'), ('reconcile'), ('spend_forecast'), ('unmatched_models'), ('unpriced_models');
SELECT proname, proparallel FROM functions
WHERE (proparallel = 'u') <> (prorettype = 'trigger'::regtype OR proname IN (TABLE writers) OR proname IN (TABLE loaders));
SELECT proname FROM functions WHERE provolatile = 'i' AND proparallel <> 's';
-- No definer functions in this version.
SELECT proname FROM functions WHERE prosecdef;
-- search_path: pinned, or a body parsed at creation, or C that runs no SQL or constant qualified SQL only.
CREATE TEMPORARY VIEW unpinned_c (name) AS
  SELECT name FROM (TABLE writers UNION ALL TABLE volatile_readers UNION ALL TABLE immutable UNION ALL TABLE stable) l
  WHERE name NOT IN ('check_schema', 'grant_access', 'record_migration', 'refresh_access', 'refresh_access_by_name', 'revoke_gone_role', 'revoke_access')
  UNION ALL VALUES ('audit_change'), ('refuse_audit_change'), ('complete_usage'), ('refuse_usage_truncate'),
    ('config_changed'),
    ('check_row'), ('data_keys_changed'), ('ensure_single_active_provider'), ('lock_llm_configs'), ('lock_provider_configs'),
    ('log_provider_config_change'), ('prevent_active_provider_deletion'), ('refuse_history_change'), ('validate_llm_config'),
    ('validate_provider_config'),
    ('cache_changed'), ('load_in_any_order'), ('lock_accounts'), ('validate_access_key'), ('validate_account'), ('validate_deployment'), ('validate_installed_model'), ('validate_tier_rule'),
    ('check_model_price'), ('record_model_price'), ('refuse_price_change'), ('refuse_price_truncate'),
    ('check_limit'), ('check_limit_override'), ('refuse_override_change');
SELECT f.proname, f.proconfig FROM functions f JOIN pg_language l ON l.oid = f.prolang
WHERE NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (f.proconfig), false) AND f.prosqlbody IS NULL
  AND NOT (l.lanname = 'c' AND f.proname IN (TABLE unpinned_c));
-- Languages: C and SQL with a parsed body.
SELECT f.proname, l.lanname FROM functions f JOIN pg_language l ON l.oid = f.prolang
WHERE l.lanname <> 'c' AND (l.lanname <> 'sql' OR f.prosqlbody IS NULL);
-- One function a name; results that clients can read; arguments that need no quotes and carry no prefix.
SELECT proname FROM functions GROUP BY proname HAVING count(*) > 1;
SELECT proname, prorettype::regtype FROM functions
WHERE (prorettype = 'void'::regtype AND prokind <> 'p') OR prorettype IN ('interval'::regtype, 'regclass'::regtype, 'xid8'::regtype)
   OR 'interval'::regtype = ANY (proallargtypes) OR 'regclass'::regtype = ANY (proallargtypes) OR 'xid8'::regtype = ANY (proallargtypes);
SELECT f.proname, a.name FROM functions f, unnest(f.proargnames) AS a (name)
WHERE a.name IN (SELECT word FROM pg_get_keywords() WHERE catcode = 'R') OR a.name LIKE 'p\_%' OR a.name !~ '^[a-z][a-z0-9_]*$';
SELECT proname FROM functions WHERE pronargs > 0 AND prorettype <> 'trigger'::regtype AND (proargnames IS NULL OR '' = ANY (proargnames));
SELECT proname FROM functions WHERE pronargs <> cardinality(proargtypes::oid[]) OR provariadic <> 0;

-- Nothing is granted to PUBLIC, nor to anybody but the owner.
SELECT m.what, coalesce(a.grantee::regrole::text, 'PUBLIC') AS grantee, a.privilege_type FROM members m
  JOIN LATERAL (
    SELECT coalesce(proacl, acldefault('f', proowner)) AS acl, proowner AS owner FROM pg_proc WHERE m.classid = 'pg_proc'::regclass AND oid = m.objid
    UNION ALL SELECT coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)), relowner FROM pg_class WHERE m.classid = 'pg_class'::regclass AND oid = m.objid
    UNION ALL SELECT coalesce(nspacl, acldefault('n', nspowner)), nspowner FROM pg_namespace WHERE m.classid = 'pg_namespace'::regclass AND oid = m.objid) o ON true,
  LATERAL aclexplode(o.acl) a WHERE a.grantee <> o.owner;
SELECT attrelid::regclass, attname, attacl FROM pg_attribute JOIN relations r ON r.oid = attrelid WHERE attacl IS NOT NULL;
SELECT nspacl FROM pg_namespace n, LATERAL aclexplode(n.nspacl) a WHERE n.nspname = 'llm_admin' AND a.grantee <> n.nspowner;

-- A comment on everything: functions, tables, views, sequences, types, triggers, and the extension itself.
SELECT m.what FROM members m WHERE obj_description(m.objid, m.classid::regclass::name) IS NULL
  AND NOT EXISTS (SELECT FROM pg_type t WHERE m.classid = 'pg_type'::regclass AND t.oid = m.objid
                  AND (t.typelem <> 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')))
  AND NOT EXISTS (SELECT FROM pg_class c WHERE m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'c');
SELECT t.tgname, t.tgrelid::regclass FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND obj_description(t.oid, 'pg_trigger') IS NULL;
SELECT obj_description(oid, 'pg_extension') IS NOT NULL AS extension FROM pg_extension WHERE extname = 'llm_admin';
-- Comments are one line, without a full stop, and say more than the name.
SELECT m.what, d.description FROM members m JOIN pg_description d ON d.objoid = m.objid AND d.classoid = m.classid
WHERE d.description LIKE '%.' OR d.description LIKE E'%\n%' OR length(d.description) < 10;

-- Everything lives in the schema.
SELECT m.what FROM members m LEFT JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
  LEFT JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid LEFT JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
WHERE coalesce(p.pronamespace, c.relnamespace, t.typnamespace) IS DISTINCT FROM 'llm_admin'::regnamespace;
-- Tables and sequences that hold user rows are dumped: all of them do.
SELECT r.relname FROM relations r, pg_extension e
WHERE e.extname = 'llm_admin' AND r.relkind IN ('r', 'S') AND r.oid <> ALL (e.extconfig);
-- A partitioned table is dumped by its default partition, whose condition names every column of the whole in their order.
CREATE TEMPORARY VIEW dumped_by_default (oid, condition) AS
  SELECT p.partdefid, format('WHERE false UNION ALL SELECT %s FROM llm_admin.%I',
    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped), r.relname)
  FROM relations r JOIN pg_partitioned_table p ON p.partrelid = r.oid;
SELECT c.oid::regclass, condition FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS c (oid, condition)
WHERE e.extname = 'llm_admin' AND condition <> '' AND c.oid NOT IN (SELECT oid FROM dumped_by_default);
SELECT d.oid::regclass, c.condition FROM dumped_by_default d
  LEFT JOIN (pg_extension e CROSS JOIN unnest(e.extconfig, e.extcondition) AS c (oid, condition)) ON e.extname = 'llm_admin' AND c.oid = d.oid
WHERE regexp_replace(c.condition, '\s+', ' ', 'g') IS DISTINCT FROM d.condition;
-- Times carry a zone; names are lower case; every table has a primary key.
SELECT attrelid::regclass, attname FROM pg_attribute JOIN relations r ON r.oid = attrelid
WHERE attnum > 0 AND NOT attisdropped AND (atttypid IN ('timestamp'::regtype, 'money'::regtype, 'float8'::regtype, 'char'::regtype) OR attname !~ '^[a-z][a-z0-9_]*$');
SELECT relname FROM relations r WHERE relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = r.oid AND i.indisprimary);
-- The triggers of the seed keep their names; what must hold on replicas too is ALWAYS.
SELECT tgname, tgenabled FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT tgisinternal ORDER BY tgname, tgenabled;

-- Tables of tenants: whatever a level reaches there is under row-level security that asks for the entered tenant;
-- data_keys is the owner's alone.
BEGIN;
CREATE ROLE regress_llm_lint_app; CREATE ROLE regress_llm_lint_operator; CREATE ROLE regress_llm_lint_security; CREATE ROLE regress_llm_lint_auditor;
CREATE TEMPORARY VIEW levels (level, role) AS VALUES ('app', 'regress_llm_lint_app'), ('operator', 'regress_llm_lint_operator'),
  ('security', 'regress_llm_lint_security'), ('auditor', 'regress_llm_lint_auditor');
SELECT count(grant_access(role::regrole, level)) AS levels FROM levels;
CREATE TEMPORARY VIEW tenant_tables AS
  SELECT r.oid, r.relname, r.relrowsecurity,
    array(SELECT level FROM levels WHERE has_any_column_privilege(role, r.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
          OR has_table_privilege(role, r.oid, 'DELETE, TRUNCATE, TRIGGER') ORDER BY level) AS reached_by
  FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
  WHERE r.relkind IN ('r', 'p');
SELECT relname, relrowsecurity, reached_by FROM tenant_tables ORDER BY relname;
SELECT relname FROM tenant_tables t WHERE reached_by <> '{}' AND NOT (relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = t.oid));
SELECT t.relname, p.polname, p.polcmd, p.polpermissive, p.polroles = '{0}' AS everybody, pg_get_expr(p.polqual, p.polrelid) AS rows_seen,
  pg_get_expr(p.polwithcheck, p.polrelid) AS rows_written, obj_description(p.oid, 'pg_policy') IS NOT NULL AS comment
FROM tenant_tables t JOIN pg_policy p ON p.polrelid = t.oid ORDER BY t.relname, p.polname;
-- What row-level security does not hold back: TRUNCATE, and a view that reads with its owner's rights.
SELECT relname, level FROM tenant_tables, levels WHERE has_table_privilege(role, oid, 'TRUNCATE');
SELECT DISTINCT w.ev_class::regclass, t.relname FROM tenant_tables t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
  AND d.classid = 'pg_rewrite'::regclass JOIN pg_rewrite w ON w.oid = d.objid JOIN relations v ON v.oid = w.ev_class
WHERE NOT coalesce('security_invoker=true' = ANY (v.reloptions), false);
ROLLBACK;

-- The library's entry points are named after their functions.
SELECT proname FROM functions f JOIN pg_language l ON l.oid = f.prolang WHERE l.lanname = 'c' AND f.prosrc <> 'llm_admin_' || f.proname;
SET client_min_messages = warning;
DROP VIEW members CASCADE;
DROP EXTENSION llm_admin CASCADE;
