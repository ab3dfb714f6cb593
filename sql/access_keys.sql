-- Keys of callers: issued, checked, rotated, blocked, revoked; who sees what of them; what is refused.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();

-- A token is told once, and its hash is the one LiteLLM would store.
SELECT token AS search_token, id AS search_id FROM issue_access_key('search', '{"tenant_id": "acme", "user_id": "ann", "team": "core", "tier": "professional", "allow": ["openai/*", "groq/*"], "deny": ["openai/o1*"], "tags": {"project": "search"}}') \gset
SELECT length(:'search_token') AS length, :'search_token' ~ '^la_[A-Za-z0-9_-]{43}$' AS has_form,
  prefix = left(:'search_token', 11) AS is_prefix, key_hash = sha256(:'search_token'::bytea) AS is_hash, name, tenant_id, team_id, user_id,
  tier_code, allow, deny, tags, blocked, created_by = current_user AS by_me, last_used_day
FROM access_keys WHERE id = :'search_id';
SELECT key_id = :'search_id' AS is_it, name, state, tenant_id, team_id, user_id, tier_code, allow, deny, tags, expires_at FROM check_access_key(:'search_token');
SELECT last_used_day = (now() AT TIME ZONE 'UTC')::date AS used_today FROM access_keys;
SELECT name, state FROM check_access_key(encode(sha256(:'search_token'::bytea), 'hex'));
SELECT name, state, tenant_id, tier_code FROM list_access_keys();
SELECT name FROM list_access_keys('{"tenant_id": "acme", "user_id": "ann", "team": "core", "tier": "professional", "state": "active"}');
SELECT count(*) FROM list_access_keys('{"tenant_id": "globex"}');

-- Models: the key narrows what its tier allows, by its id.
SELECT m.model, a.allowed, a.reason, a.note FROM unnest(ARRAY['openai/gpt-4o', 'openai/o1', 'anthropic/claude-sonnet-4', 'groq/x']) WITH ORDINALITY AS m (model, n),
  check_model_access(NULL, m.model, options => jsonb_build_object('key', :'search_id'::text)) a ORDER BY n;
SELECT pg_temp.outcome(format($$SELECT check_model_access('free', 'openai/gpt-4o', options => '{"key": "%s"}')$$, :'search_id')) LIKE 'LA011: the access key is of another tier%' AS other_tier;
SELECT pg_temp.outcome(format($$SELECT check_model_access(NULL, 'openai/gpt-4o', 'bob', options => '{"key": "%s"}')$$, :'search_id')) LIKE 'LA011: the access key is of another user%' AS other_user;
SELECT pg_temp.outcome(format($$SELECT check_model_access(NULL, 'openai/gpt-4o', tenant_id => 'globex', options => '{"key": "%s"}')$$, :'search_id')) LIKE 'LA011: the access key is of another tenant%' AS other_tenant;
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'openai/gpt-4o', options => '{"key": "00000000-0000-4000-8000-000000000000"}')$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'openai/gpt-4o', options => '{"key": "la_x"}')$$);

-- One character changed, cut, empty, and what never was one.
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', overlay(:'search_token' PLACING CASE substr(:'search_token', 20, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM 20)));
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', left(:'search_token', 45)));
SELECT pg_temp.outcome($$SELECT check_access_key('')$$);
SELECT pg_temp.outcome($$SELECT check_access_key(NULL)$$);
SELECT pg_temp.outcome($$SELECT check_access_key('sk-1234')$$);
SELECT pg_temp.outcome($$SELECT check_access_key(repeat('x', 9000))$$);

-- Of another tenant than the entered one nothing is told.
BEGIN;
SELECT enter_tenant('globex');
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', :'search_token'));
SELECT count(*) FROM list_access_keys();
SELECT pg_temp.outcome(format('SELECT revoke_access_key(%L)', :'search_id')) LIKE '42704: there is no access key %' AS not_there;
SELECT pg_temp.outcome(format('SELECT rotate_access_key(%L, 0)', :'search_id')) LIKE '42704: there is no access key %' AS not_there;
SELECT pg_temp.outcome($$SELECT issue_access_key('x', '{"tenant_id": "acme"}')$$);
SELECT prefix <> '' AS issued FROM issue_access_key('own');
SELECT name, tenant_id FROM list_access_keys();
ROLLBACK;
BEGIN;
SELECT enter_tenant('acme');
SELECT name FROM check_access_key(:'search_token');
ROLLBACK;

-- Rotated: with a grace both tokens are taken, without one the new alone. The id stays.
SELECT token AS second_token FROM rotate_access_key(:'search_id', 3600) \gset
SELECT state, key_id = :'search_id' AS is_it FROM check_access_key(:'second_token');
SELECT state FROM check_access_key(:'search_token');
SELECT token AS third_token FROM rotate_access_key(:'search_id', 0) \gset
SELECT state FROM check_access_key(:'third_token');
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', :'second_token'));
SELECT token AS fourth_token FROM rotate_access_key(:'search_id', 3600) \gset
UPDATE access_keys SET previous_until = now() - interval '1 second' WHERE id = :'search_id';
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', :'third_token')) LIKE 'LA011: the access key is replaced%' AS replaced;
SELECT pg_temp.outcome(format('SELECT rotate_access_key(%L, -1)', :'search_id')) LIKE '22023: grace_seconds must be from 0 to 31536000%' AS refused;
SELECT pg_temp.outcome(format('SELECT rotate_access_key(%L, NULL)', :'search_id')) LIKE '22004: grace_seconds%' AS refused;

-- Blocked and back, expired, revoked for good.
SELECT block_access_key(:'search_id', true), block_access_key(:'search_id', true) AS again;
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', :'fourth_token')) LIKE 'LA011: the access key is blocked%' AS blocked;
SELECT allowed, reason, note FROM check_model_access(NULL, 'openai/gpt-4o', options => jsonb_build_object('key', :'search_id'::text));
SELECT block_access_key(:'search_id', false), block_access_key(:'search_id', false) AS again;
UPDATE access_keys SET expires_at = now() - interval '1 second' WHERE id = :'search_id';
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', :'fourth_token')) LIKE 'LA011: the access key is expired%' AS expired;
SELECT state FROM list_access_keys();
UPDATE access_keys SET expires_at = NULL WHERE id = :'search_id';
SELECT revoke_access_key(:'search_id'), revoke_access_key(:'search_id') AS again;
SELECT pg_temp.outcome(format('SELECT check_access_key(%L)', :'fourth_token')) LIKE 'LA011: the access key is revoked%' AS revoked;
SELECT pg_temp.outcome(format('SELECT block_access_key(%L, false)', :'search_id')) LIKE '55000: the access key is revoked%' AS refused;
SELECT pg_temp.outcome(format('SELECT rotate_access_key(%L, 0)', :'search_id')) LIKE '55000: the access key is revoked%' AS refused;
SELECT pg_temp.outcome($$SELECT revoke_access_key('00000000-0000-4000-8000-000000000000')$$);
SELECT pg_temp.outcome($$SELECT revoke_access_key(NULL)$$);
SELECT pg_temp.outcome($$SELECT block_access_key('00000000-0000-4000-8000-000000000000', NULL)$$);

-- What issuing refuses, all of it at once; nothing is stored.
SELECT pg_temp.outcome($$SELECT issue_access_key(NULL)$$);
SELECT pg_temp.outcome($$SELECT issue_access_key('')$$);
SELECT pg_temp.outcome($$SELECT issue_access_key('x', '{"tier": "", "tags": {"a=b": "c"}, "allow": "x", "colour": 1}')$$);
SELECT pg_temp.outcome($$SELECT issue_access_key('x', '{"tier": "gold"}')$$);
SELECT pg_temp.outcome($$SELECT issue_access_key('x', '{"expires_at": "sk-live-0123456789abcdefgh"}')$$);
SELECT pg_temp.outcome($$SELECT issue_access_key('x', '{"expires_at": "2001-01-01T00:00:00Z"}')$$);
SELECT pg_temp.outcome($$INSERT INTO access_keys (key_hash, name) VALUES ('\x00', 'short')$$);
SELECT pg_temp.outcome($$UPDATE access_keys SET tier_code = 'gold'$$);
SELECT pg_temp.outcome($$SELECT list_access_keys('{"state": "gone"}')$$);
SELECT count(*) FROM access_keys;

-- LiteLLM's hash taken over: its token goes on working, by a grant of the owner's.
INSERT INTO access_keys (key_hash, name) VALUES (sha256('sk-taken-over-0123'), 'taken over');
SELECT name, prefix, state FROM check_access_key('sk-taken-over-0123');

-- The audit log tells id and prefix, and never a hash.
SELECT action_type, details - 'prefix' AS details, details ? 'prefix' AS has_prefix, resource_id = :'search_id' AS is_it FROM audit_log WHERE resource_type = 'access_keys' ORDER BY id;
SELECT p.old -> 'key_hash' AS old, p.new -> 'key_hash' AS new, p.new -> 'previous_hash' AS previous FROM audit_payloads p JOIN audit_log l ON l.id = p.audit_id
WHERE l.resource_type = 'access_keys' AND (p.new ? 'key_hash' OR p.old ? 'key_hash') ORDER BY l.id;

-- Levels.
CREATE ROLE regress_key_app;
CREATE ROLE regress_key_operator;
CREATE ROLE regress_key_auditor;
SELECT grant_access('regress_key_app', 'app'), grant_access('regress_key_operator', 'operator'), grant_access('regress_key_auditor', 'auditor');
SET ROLE regress_key_app;
SELECT name FROM check_access_key('sk-taken-over-0123');
SELECT pg_temp.outcome('SELECT name FROM access_keys');
SELECT pg_temp.outcome('SELECT list_access_keys()');
SELECT pg_temp.outcome($$SELECT issue_access_key('x')$$);
SET ROLE regress_key_operator;
SELECT pg_temp.outcome($$SELECT check_access_key('sk-taken-over-0123')$$);
SELECT name FROM access_keys ORDER BY name;
SELECT pg_temp.outcome('SELECT key_hash FROM access_keys');
SELECT pg_temp.outcome($$UPDATE access_keys SET key_hash = sha256('x')$$);
SELECT pg_temp.outcome('UPDATE access_keys SET revoke_at = NULL');
UPDATE access_keys SET deny = '{openai/*}' WHERE name = 'taken over';
SELECT prefix <> '' AS issued FROM issue_access_key('by operator');
SET ROLE regress_key_auditor;
SELECT name, created_by FROM access_keys WHERE name = 'by operator';
SELECT count(*) FROM list_access_keys();
SELECT pg_temp.outcome('SELECT previous_hash FROM access_keys');
SELECT pg_temp.outcome($$SELECT issue_access_key('x')$$);
RESET ROLE;
SELECT revoke_access('regress_key_app', 'app'), revoke_access('regress_key_operator', 'operator'), revoke_access('regress_key_auditor', 'auditor');
DROP ROLE regress_key_app, regress_key_operator, regress_key_auditor;
\set QUIET on
DROP EXTENSION llm_admin CASCADE;
