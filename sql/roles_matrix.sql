-- Who may do what, completely: level x function, relation and column. The expected output is the contract.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS llm_admin;
RESET client_min_messages;
CREATE ROLE regress_llm_app;
CREATE ROLE regress_llm_operator;
CREATE ROLE regress_llm_security;
CREATE ROLE regress_llm_auditor;
CREATE ROLE regress_llm_sender;
CREATE ROLE regress_llm_nobody;
SELECT llm_admin.grant_access('regress_llm_app', 'app');
SELECT llm_admin.grant_access('regress_llm_operator', 'operator');
SELECT llm_admin.grant_access('regress_llm_security', 'security');
SELECT llm_admin.grant_access('regress_llm_auditor', 'auditor');
SELECT llm_admin.grant_access('regress_llm_sender', 'sender');

CREATE TEMP VIEW member AS
  SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'llm_admin';
CREATE TEMP VIEW who AS
  SELECT * FROM (VALUES (1, 'regress_llm_app'), (2, 'regress_llm_operator'), (3, 'regress_llm_security'),
                        (4, 'regress_llm_auditor'), (5, 'regress_llm_sender'), (6, 'regress_llm_nobody')) AS w (n, role);

-- Every function of the extension: x where the level may execute it.
SELECT p.proname AS function,
       max(may) FILTER (WHERE n = 1) AS app, max(may) FILTER (WHERE n = 2) AS operator,
       max(may) FILTER (WHERE n = 3) AS security, max(may) FILTER (WHERE n = 4) AS auditor,
       max(may) FILTER (WHERE n = 5) AS sender, max(may) FILTER (WHERE n = 6) AS nobody
FROM member m JOIN pg_proc p ON p.oid = m.objid AND m.classid = 'pg_proc'::regclass,
     who, LATERAL (SELECT CASE WHEN has_function_privilege(role, p.oid, 'EXECUTE') THEN 'x' ELSE '' END AS may) x
GROUP BY p.oid, p.proname ORDER BY p.proname COLLATE "C";

-- Every relation: select r, insert a, update w, delete d, truncate D, references x, trigger t; sequences: usage U,
-- select r, update w.
SELECT c.relname AS relation,
       max(may) FILTER (WHERE n = 1) AS app, max(may) FILTER (WHERE n = 2) AS operator,
       max(may) FILTER (WHERE n = 3) AS security, max(may) FILTER (WHERE n = 4) AS auditor,
       max(may) FILTER (WHERE n = 5) AS sender, max(may) FILTER (WHERE n = 6) AS nobody
FROM member m JOIN pg_class c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass, who,
     LATERAL (
       SELECT coalesce(string_agg(letter, '' ORDER BY place), '') AS may
       FROM (VALUES (1, 'r', 'SELECT'), (2, 'a', 'INSERT'), (3, 'w', 'UPDATE'), (4, 'd', 'DELETE'),
                    (5, 'D', 'TRUNCATE'), (6, 'x', 'REFERENCES'), (7, 't', 'TRIGGER'), (8, 'U', 'USAGE'))
            AS v (place, letter, privilege)
       WHERE CASE WHEN c.relkind = 'S'
                  THEN privilege IN ('SELECT', 'UPDATE', 'USAGE') AND has_sequence_privilege(role, c.oid, privilege)
                  ELSE privilege <> 'USAGE' AND has_table_privilege(role, c.oid, privilege) END) x
GROUP BY c.oid, c.relname ORDER BY c.relname COLLATE "C";

-- Every column that a level reaches without reaching its whole table in the same way.
SELECT c.relname AS relation, a.attname AS column,
       max(may) FILTER (WHERE n = 1) AS app, max(may) FILTER (WHERE n = 2) AS operator,
       max(may) FILTER (WHERE n = 3) AS security, max(may) FILTER (WHERE n = 4) AS auditor,
       max(may) FILTER (WHERE n = 5) AS sender, max(may) FILTER (WHERE n = 6) AS nobody
FROM member m JOIN pg_class c ON c.oid = m.objid AND m.classid = 'pg_class'::regclass AND c.relkind <> 'S'
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped, who,
     LATERAL (
       SELECT coalesce(string_agg(letter, '' ORDER BY place), '') AS may
       FROM (VALUES (1, 'r', 'SELECT'), (2, 'a', 'INSERT'), (3, 'w', 'UPDATE'), (4, 'x', 'REFERENCES'))
            AS v (place, letter, privilege)
       WHERE has_column_privilege(role, c.oid, a.attnum, privilege)) x
WHERE c.relname IN (
  SELECT relname FROM member JOIN pg_class ON oid = objid JOIN pg_attribute t ON t.attrelid = oid
  WHERE t.attacl IS NOT NULL)
GROUP BY c.oid, c.relname, a.attnum, a.attname ORDER BY c.relname COLLATE "C", a.attnum;

SELECT role, has_schema_privilege(role, 'llm_admin', 'USAGE') AS usage,
       has_schema_privilege(role, 'llm_admin', 'CREATE') AS create
FROM who ORDER BY n;

-- The key column, the data keys and decrypt_key are closed to all levels in deed, too.
SET ROLE regress_llm_app;
SELECT count(provider_name) >= 0 AS readable FROM llm_admin.llm_provider_configs;
SELECT api_key_encrypted FROM llm_admin.llm_provider_configs;
RESET ROLE;
SET ROLE regress_llm_operator;
SELECT llm_admin.decrypt_provider_key('groq');
SELECT llm_admin.decrypt_key('x');
SELECT * FROM llm_admin.data_keys;
SELECT llm_admin.grant_access('regress_llm_operator', 'app');
-- What its functions need beneath them is there.
BEGIN;
SELECT count(*) > 0 AS seeded FROM llm_admin.seed();
SELECT count(*) > 0 AS removed FROM llm_admin.remove_seed_providers();
ROLLBACK;
RESET ROLE;
SET ROLE regress_llm_nobody;
SELECT llm_admin.mask_key('x');
RESET ROLE;
DROP VIEW member;

-- Nothing for PUBLIC anywhere, row types aside.
SELECT p.oid::regprocedure FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
WHERE p.pronamespace = 'llm_admin'::regnamespace AND a.grantee = 0;
SELECT c.oid::regclass FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'llm_admin'::regnamespace AND a.grantee = 0;

SELECT llm_admin.revoke_access('regress_llm_app', 'app');
SELECT llm_admin.revoke_access('regress_llm_operator', 'operator');
SELECT llm_admin.revoke_access('regress_llm_security', 'security');
SELECT llm_admin.revoke_access('regress_llm_auditor', 'auditor');
SELECT llm_admin.revoke_access('regress_llm_sender', 'sender');
-- No dependency is left, so the roles can go.
DROP ROLE regress_llm_app, regress_llm_operator, regress_llm_security, regress_llm_auditor, regress_llm_sender, regress_llm_nobody;
SELECT * FROM llm_admin.access_grants WHERE role_name LIKE 'regress\_llm\_%';
