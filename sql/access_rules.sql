-- Which tier may use which model: the shipped rules one by one, ties, globs, permissions, and 60 names of models on
-- every tier.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
SELECT count(*) > 0 AS seeded FROM seed();
SELECT outcome, count(*) FROM seed_tiers() GROUP BY outcome;
SELECT tier_code, display_name, price_usd, billing_period, quota_requests, quota_period, quota_scope FROM tiers ORDER BY sort_order;
SELECT t.tier_code, count(*) AS rules FROM tiers t JOIN tier_model_rules r USING (tier_code) GROUP BY t.tier_code, t.sort_order ORDER BY t.sort_order;

-- Every shipped rule decides for a model that its pattern matches: as it is, or once it goes before those that always
-- match first.
CREATE FUNCTION pg_temp.hit(rule tier_model_rules) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  model text := replace(rule.model_pattern, '*', 'some-model');
  found record;
  how text := 'as it is';
BEGIN
  SELECT * INTO found FROM check_model_access(rule.tier_code, model);
  IF found.rule_id IS DISTINCT FROM rule.id THEN
    how := 'when first';
    UPDATE tier_model_rules SET priority = 1000 WHERE id = rule.id;
    SELECT * INTO found FROM check_model_access(rule.tier_code, model);
    UPDATE tier_model_rules SET priority = rule.priority WHERE id = rule.id;
  END IF;
  IF found.rule_id IS DISTINCT FROM rule.id THEN RETURN 'never'; END IF;
  IF found.allowed <> rule.allowed THEN RETURN 'not as it says'; END IF;
  RETURN concat_ws(' ', how, coalesce(found.max_requests_per_day::text, 'no limit'), coalesce(found.max_context_length::text, 'any length'));
END $$;
SELECT r.tier_code, r.model_pattern, r.allowed, pg_temp.hit(r) AS hit FROM tier_model_rules r JOIN tiers t USING (tier_code)
ORDER BY t.sort_order, r.priority DESC, r.model_pattern;
SELECT count(*) AS rules, count(*) FILTER (WHERE (r.allowed, r.max_requests_per_day, r.max_context_length, r.priority)
  IS NOT DISTINCT FROM (s.allowed, s.max_requests_per_day, s.max_context_length, s.priority)) AS as_shipped
FROM shipped_tier_rules() s JOIN tier_model_rules r ON (r.tier_code, r.model_pattern) = (s.tier_code, s.model_pattern);

-- What is edited or removed by the user stays so; what is missing comes back.
UPDATE tier_model_rules SET max_requests_per_day = 7 WHERE tier_code = 'free' AND model_pattern = 'groq/*';
DELETE FROM tier_model_rules WHERE tier_code = 'free' AND model_pattern = '*';
SELECT * FROM seed_tiers() WHERE outcome = 'added';
SELECT max_requests_per_day FROM check_model_access('free', 'groq/x');
UPDATE tier_model_rules SET max_requests_per_day = 50 WHERE tier_code = 'free' AND model_pattern = 'groq/*';

-- Ties: the highest priority, then the most literal characters, then deny.
INSERT INTO tiers (tier_code, display_name, sort_order) VALUES ('lab', 'Laboratory', 9);
INSERT INTO tier_model_rules (tier_code, model_pattern, allowed, priority) VALUES
  ('lab', 'a/*', true, 5), ('lab', 'a/b*', false, 5), ('lab', 'a/b?d', true, 5), ('lab', 'a/*-x', true, 5), ('lab', 'a/c-?', false, 5),
  ('lab', 'a/bzz*', true, 4), ('lab', '?/z', false, 5), ('lab', 'ö/?', true, 0), ('lab', 'lit[e]ral', true, 0), ('lab', 'back\*', true, 0);
SELECT model, c.allowed, c.reason, r.model_pattern FROM unnest(ARRAY['a/', 'a/z', 'a/b', 'a/bcd', 'a/bzzz', 'a/c-x', 'a/d-x', 'b/z', 'A/z', 'ö/ä', 'ö/äö',
  'lit[e]ral', 'literal', 'back\slash', 'back*', 'a']) WITH ORDINALITY AS m (model, n), LATERAL check_model_access('lab', model) c
  LEFT JOIN tier_model_rules r ON r.id = c.rule_id ORDER BY n;

-- Permissions: user, agent, role, tier; deny beats allow at one level; limits are those of the rule that allows.
SELECT outcome, canonical_model, allowed FROM grant_model('tier', 'lab', 'a/b');
SELECT allowed, reason, permission_id IS NOT NULL AS permission, rule_id IS NOT NULL AS rule FROM check_model_access('lab', 'a/b');
SELECT outcome, allowed FROM grant_model('role', 'guest', 'a/b', '{"allowed": false}');
SELECT outcome, allowed FROM grant_model('role', 'staff', 'a/b');
SELECT o, c.allowed, c.reason FROM unnest(ARRAY['{"roles": ["guest"]}', '{"roles": ["staff"]}', '{"roles": ["staff", "guest"]}', '{"roles": []}', '{"roles": ["nobody"], "agent": "bot"}']::jsonb[])
  WITH ORDINALITY AS u (o, n), LATERAL check_model_access('lab', 'a/b', options => o) c ORDER BY n;
SELECT outcome, allowed FROM grant_model('agent', 'bot', 'a/b', '{"allowed": false}');
SELECT allowed, reason FROM check_model_access('lab', 'a/b', options => '{"roles": ["staff"], "agent": "bot"}');
SELECT outcome FROM grant_model('user', 'u1', 'b', '{"provider": "a", "tenant_id": "t1"}');
SELECT tenant, c.allowed, c.reason, c.canonical_model FROM unnest(ARRAY['t1', 't2', NULL]) WITH ORDINALITY AS t (tenant, n),
  LATERAL check_model_access('lab', 'a/b', 'u1', tenant, options => '{"roles": ["staff"], "agent": "bot"}') c ORDER BY n;
SELECT model_id, access_type, access_value, allowed, created_by = current_user AS by_me FROM model_permissions ORDER BY access_type, access_value;
SELECT g.outcome, h.outcome AS then, h.allowed FROM grant_model('user', 'u1', 'a/b', '{"tenant_id": "t1"}') g, grant_model('user', 'u1', 'a/b', '{"tenant_id": "t1", "allowed": false}') h;
SELECT outcome FROM grant_model('user', 'u9', 'openai/gpt-4o');
SELECT c.allowed, c.reason, max_requests_per_day, max_context_length FROM check_model_access('starter', 'gpt-4o', 'u9', provider => 'openai') c;
SELECT c.allowed, c.reason, max_requests_per_day, max_context_length FROM check_model_access('professional', 'gpt-4o', 'u9', provider => 'openai') c;
SELECT revoke_model('user', 'u9', 'gpt-4o', '{"provider": "chatgpt"}'), revoke_model('user', 'u9', 'openai/gpt-4o') AS again;
SELECT c.allowed, c.reason, max_requests_per_day, max_context_length FROM check_model_access('starter', 'gpt-4o', 'u9', provider => 'openai') c;

-- Which tier: written down it counts, else the caller's word.
INSERT INTO user_tiers (tenant_id, user_id, tier_code, valid_from, valid_until) VALUES
  ('t1', 'u1', 'enterprise', '2020-01-01', '2021-01-01'), ('t1', 'u1', 'professional', '2021-01-01', NULL), ('t1', '', 'starter', '2020-01-01', NULL),
  ('t1', 'u3', 'enterprise', '2999-01-01', NULL);
SELECT u, t, c.allowed, c.reason, c.note FROM (VALUES ('u1', NULL), ('u1', 'free'), ('u1', 'professional'), ('u2', NULL), ('u2', 'enterprise'), ('u3', NULL), (NULL, NULL)) AS v (u, t),
  LATERAL check_model_access(t, 'openai/gpt-4o', u, 't1') c;
SELECT c.allowed, c.reason, c.note FROM check_model_access(NULL, 'openai/gpt-4o', 'u1', 't2') c;
BEGIN;
SELECT enter_tenant('t1');
SELECT c.allowed, c.reason, c.note FROM check_model_access(NULL, 'openai/gpt-4o', 'u1') c;
ROLLBACK;

-- What a transaction itself changes it sees at once, and nobody after its rollback.
BEGIN;
UPDATE tier_model_rules SET allowed = false WHERE tier_code = 'free' AND model_pattern = 'groq/*';
SELECT allowed FROM check_model_access('free', 'groq/x');
SAVEPOINT a;
UPDATE tier_model_rules SET allowed = true WHERE tier_code = 'free' AND model_pattern = 'groq/*';
SELECT allowed FROM check_model_access('free', 'groq/x');
ROLLBACK TO a;
SELECT allowed FROM check_model_access('free', 'groq/x');
INSERT INTO model_aliases (pattern, canonical) VALUES ('quick', 'groq/quick');
SELECT canonical_model, allowed FROM check_model_access('free', 'quick');
ROLLBACK;
SELECT allowed FROM check_model_access('free', 'groq/x');
SELECT canonical_model, allowed FROM check_model_access('free', 'quick');

-- No two users are filed under the same: not by a '/' in the id of one or the other, nor by the sign that stands for it.
SELECT count(*) FROM (VALUES ('a', 'b/c'), ('a/b', 'c'), ('a%2Fb', 'c'), ('', 'a/b/c'), ('a', '/b/c'), ('', '/a/b/c')) AS v (tenant, u),
  LATERAL grant_model('user', CASE WHEN tenant = '' THEN '/' ELSE '' END || u, 'a/filed', CASE WHEN tenant = '' THEN '{}' ELSE jsonb_build_object('tenant_id', v.tenant) END) g;
SELECT v.tenant, v.u, p.access_value FROM (VALUES ('a', 'b/c'), ('a/b', 'c'), ('a%2Fb', 'c'), ('', 'a/b/c'), ('a', '/b/c'), ('', '/a/b/c'), ('', 'c'), ('a', 'c')) AS v (tenant, u),
  LATERAL check_model_access('free', 'a/filed', u, tenant) c LEFT JOIN model_permissions p ON p.id = c.permission_id ORDER BY 1, 2;
DELETE FROM model_permissions WHERE model_id = 'a/filed';
-- Within an entered tenant users are that tenant's; a tenant's user may be given as it is filed.
BEGIN;
SELECT enter_tenant('acme');
SELECT pg_temp.outcome($$SELECT grant_model('user', 'u1', 'a/within', '{"tenant_id": "globex"}')$$);
SELECT pg_temp.outcome($$SELECT revoke_model('user', 'u1', 'a/within', '{"tenant_id": "globex"}')$$);
SELECT count(*) FROM unnest(ARRAY['u1', 'acme/u1', 'globex/u1']) AS u, LATERAL grant_model('user', u, 'a/within');
SELECT access_value FROM model_permissions WHERE model_id = 'a/within' ORDER BY 1;
SELECT allowed, reason FROM check_model_access('free', 'a/within', 'u1');
SELECT revoke_model('user', 'u1', 'a/within'), revoke_model('user', 'u1', 'a/within');
ROLLBACK;
SELECT pg_temp.outcome($$SELECT grant_model('user', 'u1', 'a/within', '{"tenant_id": "a\tb"}')$$);
-- A tier's permission goes with its tier.
BEGIN;
INSERT INTO tiers (tier_code, display_name) VALUES ('passing', 'Passing');
SELECT outcome FROM grant_model('tier', 'passing', 'a/passing');
SELECT allowed, reason FROM check_model_access('passing', 'a/passing');
DELETE FROM tiers WHERE tier_code = 'passing';
SELECT allowed, reason FROM check_model_access('passing', 'a/passing');
ROLLBACK;

-- What a lower tier may use and a higher one may not.
SELECT * FROM tier_consistency() WHERE higher_tier <> 'lab' OR lower_pattern <> '*';
SELECT count(*) AS of_lab FROM tier_consistency() WHERE higher_tier = 'lab';

-- Five tiers and 60 names of models: + allowed, - denied.
DELETE FROM user_tiers; DELETE FROM model_permissions;
CREATE TEMPORARY TABLE names (n serial, provider text, model text);
INSERT INTO names (provider, model) VALUES
  ('ollama', 'llama3'), ('ollama', 'llama3:70b'), ('ollama', 'ollama/llama3'), (NULL, 'ollama/mistral'), (NULL, 'Ollama/mistral'), ('OLLAMA', 'phi3'),
  ('openrouter', 'meta-llama/llama-3-8b-instruct:free'), ('openrouter', 'openrouter/google/gemma:free'), ('openrouter', 'free/x'),
  ('openrouter', 'meta-llama/llama-3-8b-instruct'), ('openrouter', 'meta-llama/llama-3-70b-instruct'), ('openrouter', 'mistralai/mistral-7b-instruct'),
  ('openrouter', 'mistralai/mixtral-8x7b-instruct'), ('openrouter', 'google/gemini-pro'), ('openrouter', 'google/gemini-pro-1.5'), ('openrouter', 'openai/gpt-4o'),
  ('openrouter', 'anthropic/claude-3-opus'), (NULL, 'openrouter/openai/gpt-4o'), ('openrouter', 'Meta-Llama/Llama-3-8b-Instruct'),
  ('groq', 'llama-3.1-8b-instant'), ('groq', 'groq/llama-3.1-8b-instant'), (NULL, 'groq/mixtral'),
  ('together', 'meta-llama/Llama-3-8b-chat-hf'), ('togetherai', 'x'), (NULL, 'together/x'), (NULL, 'togetherai/x'),
  ('cohere', 'command'), ('cohere', 'command-r-plus'), (NULL, 'cohere/command'),
  ('chatgpt', 'gpt-4o'), ('openai', 'gpt-4o'), ('OpenAI', 'gpt-4o'), ('openai', 'openai/gpt-4o'), ('openai', 'chatgpt/gpt-4o'), (NULL, 'chatgpt/gpt-4o'), (NULL, 'openai/gpt-4o'),
  ('openai', 'gpt-4o-mini'), ('openai', 'gpt-4-turbo'), ('openai', 'gpt-4'), ('openai', 'gpt-3.5-turbo'), ('openai', 'GPT-4o'), ('openai', 'o1'), ('openai', 'gpt-4*'), (NULL, 'gpt-4o'),
  ('anthropic', 'claude-3-5-sonnet'), ('claude', 'claude-3-opus'), ('claude', 'claude/claude-3-sonnet'), ('anthropic', 'claude-3-haiku'), (NULL, 'anthropic/claude-3-5-sonnet-20241022'),
  ('google_ai', 'gemini-pro-1.5'), ('gemini', 'gemini-2.0-flash'), ('google', 'google/gemini-pro-1.5'),
  ('azure_openai', 'gpt-4o'), ('azure', 'gpt-4o'), ('xai', 'grok-2'), ('grok', 'grok-2'), (NULL, 'custom/mine'), (NULL, 'Custom/mine'), ('vllm', 'qwen'), (NULL, 'nobody/knows');
SELECT n.provider, n.model, (canonical_model(n.provider, n.model)).*,
  (SELECT string_agg(CASE WHEN c.allowed THEN '+' ELSE '-' END, ' ' ORDER BY t.sort_order) FROM tiers t, LATERAL check_model_access(t.tier_code, n.model, provider => n.provider) c
   WHERE t.tier_code <> 'lab') AS "free trial starter professional enterprise"
FROM names n ORDER BY n.n;
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
