-- Bad input gets a clear error, and nothing half-written.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();

-- Tiers and rules.
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern) VALUES ('profesional', 'openai/*')$$);
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern) VALUES ('sk-live-0123456789abcdefghijklmnop', 'openai/*')$$);
SELECT pg_temp.outcome($$UPDATE tier_model_rules SET tier_code = 'gold' WHERE tier_code = 'free'$$);
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern) VALUES ('free', '')$$);
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern) VALUES ('free', repeat('*', 10000))$$);
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern, max_requests_per_day) VALUES ('free', 'x', -1)$$);
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern, allowed) VALUES ('free', 'x', NULL)$$);
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern) VALUES ('free', 'groq/*')$$);
SELECT pg_temp.outcome($$DELETE FROM tiers WHERE tier_code = 'free'$$);
SELECT pg_temp.outcome($$INSERT INTO tiers (tier_code, display_name) VALUES ('Gold', 'Gold')$$);
SELECT pg_temp.outcome($$INSERT INTO tiers (tier_code, display_name, quota_requests) VALUES ('gold', 'Gold', 5)$$);
SELECT pg_temp.outcome($$INSERT INTO tiers (tier_code, display_name, quota_period) VALUES ('gold', 'Gold', 'fortnight')$$);
SELECT pg_temp.outcome($$INSERT INTO user_tiers (user_id, tier_code, valid_from, valid_until) VALUES ('u', 'free', '2025-01-02', '2025-01-01')$$);
-- A pattern of stars that fits is a pattern like any other.
SELECT pg_temp.outcome($$INSERT INTO tier_model_rules (tier_code, model_pattern, priority) VALUES ('free', repeat('*', 255), -1), ('free', repeat('*a', 120) || 'b', 200)$$);
SELECT allowed, reason FROM check_model_access('free', repeat('a', 1000));
SELECT allowed, reason FROM check_model_access('free', repeat('a', 1000) || 'b');

-- Questions.
SELECT pg_temp.outcome($$SELECT check_model_access('free', NULL)$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', '')$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', E'a\nb')$$);
SELECT count(*) AS refused FROM unnest(ARRAY[' o1', 'o1 ', U&'o1\00A0', U&'\3000o1', U&'o1\200B', U&'\FEFFo1', U&'o1\2029', 'openai/ o1', 'openai /o1']) AS m
  WHERE pg_temp.outcome(format('SELECT check_model_access(%L, %L)', 'professional', m)) LIKE '22023: argument model cannot name a model%begins or ends with a blank%';
SELECT allowed, reason FROM check_model_access('professional', U&'my own\20AC');
SELECT pg_temp.outcome($$SELECT check_model_access('free', repeat('a', 1025))$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'x', options => '{"role": ["a"]}')$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'x', options => '{"roles": "a"}')$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'x', options => '{"roles": [1]}')$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'x', options => '[]')$$);
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'x', tenant_id => E'a\tb')$$);
BEGIN;
SELECT enter_tenant('t1');
SELECT pg_temp.outcome($$SELECT check_model_access('free', 'x', 'u', 't2')$$);
ROLLBACK;
SELECT allowed, reason FROM check_model_access('gold', 'x');
SELECT allowed, reason FROM check_model_access('', 'x');
SELECT allowed, reason FROM check_model_access(NULL, 'x');
SELECT pg_temp.outcome($$SELECT canonical_model('openai', NULL)$$);
SELECT pg_temp.outcome($$SELECT canonical_model('openai', '')$$);

-- Permissions.
SELECT pg_temp.outcome($$SELECT grant_model('group', 'g', 'openai/gpt-4o')$$);
SELECT pg_temp.outcome($$SELECT grant_model('user', '', 'openai/gpt-4o')$$);
SELECT pg_temp.outcome($$SELECT grant_model('user', repeat('u', 256), 'openai/gpt-4o')$$);
SELECT pg_temp.outcome($$SELECT grant_model('user', NULL, 'openai/gpt-4o')$$);
SELECT pg_temp.outcome($$SELECT grant_model('user', 'u', 'openai/*')$$);
SELECT pg_temp.outcome($$SELECT grant_model('user', 'u', repeat('m', 300))$$);
SELECT pg_temp.outcome($$SELECT grant_model('tier', 'gold', 'openai/gpt-4o')$$);
SELECT pg_temp.outcome($$SELECT grant_model('role', 'r', 'openai/gpt-4o', '{"tenant_id": "t"}')$$);
SELECT pg_temp.outcome($$SELECT grant_model('user', 'u', 'openai/gpt-4o', '{"allow": false}')$$);
SELECT pg_temp.outcome($$SELECT revoke_model('user', 'u', 'openai/gpt-4o', '{"allowed": false}')$$);
SELECT pg_temp.outcome($$INSERT INTO model_permissions (model_id, access_type, access_value) VALUES ('openai/*', 'user', 'u')$$);
SELECT pg_temp.outcome($$INSERT INTO model_permissions (model_id, access_type, access_value) VALUES ('m', 'team', 'u')$$);
SELECT count(*) AS permissions FROM model_permissions;

-- Names.
SELECT pg_temp.outcome($$INSERT INTO model_aliases (pattern, canonical) VALUES ('*a*', 'x')$$);
SELECT pg_temp.outcome($$INSERT INTO model_aliases (pattern, canonical) VALUES ('a', 'x/*')$$);
SELECT pg_temp.outcome($$INSERT INTO model_aliases (pattern, canonical) VALUES ('', 'x')$$);
SELECT pg_temp.outcome($$INSERT INTO model_aliases (pattern, canonical) VALUES ('a', '')$$);
SELECT pg_temp.outcome($$INSERT INTO model_aliases (pattern, canonical) VALUES (repeat('a', 256), 'x')$$);
SELECT pg_temp.outcome($$INSERT INTO model_aliases (pattern, canonical) VALUES ('*:free', 'x'), ('*:free', 'y')$$);
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
