-- Limits: what a row may hold, all or none, 0 and NULL, grants, tickets that are ended once.
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.psql'
\i :helpers
-- All that is wrong with a row is told at once.
INSERT INTO llm_admin.limits (scope, what, amount, period, on_exceed, alert_shares)
  VALUES ('nobody', 'concurrent', -1, 'day', 'downgrade', '{0,0.5,0.5}');
INSERT INTO llm_admin.limits (id, scope, what, amount, period) VALUES
  ('00000000-0000-4000-8000-000000000001', 'user', 'requests', 2, 'total'),
  ('00000000-0000-4000-8000-000000000002', 'tenant', 'requests', 3, 'total'),
  ('00000000-0000-4000-8000-000000000003', 'organisation', 'requests', NULL, 'total');
\set asked 'allowed, reason, right(limit_id::text, 1) AS by, subject, used, remaining, resets_at, retry_after_ms, ticket IS NOT NULL AS ticket'
SELECT :asked FROM llm_admin.acquire_quota('alice', NULL, 'openai/gpt-4o', 'acme');
SELECT :asked FROM llm_admin.acquire_quota('alice', NULL, 'openai/gpt-4o', 'acme');
SELECT :asked FROM llm_admin.acquire_quota('alice', NULL, 'openai/gpt-4o', 'acme');
SELECT :asked FROM llm_admin.acquire_quota('bob', NULL, 'openai/gpt-4o', 'acme');
-- The tenant has none left: nothing is taken of carol's own.
SELECT :asked FROM llm_admin.acquire_quota('carol', NULL, 'openai/gpt-4o', 'acme');
SELECT right(limit_id::text, 1) AS by, tenant_id, subject, slot, used, reserved, share FROM llm_admin.limit_counters
  ORDER BY 1, 2, 3, 4;
-- A grant adds to it, and stays as it was given.
INSERT INTO llm_admin.limit_overrides (limit_id, extra, reason) VALUES ('00000000-0000-4000-8000-000000000002', 1, 'fair');
SELECT :asked FROM llm_admin.acquire_quota('carol', NULL, 'openai/gpt-4o', 'acme');
SELECT :asked FROM llm_admin.acquire_quota('carol', NULL, 'openai/gpt-4o', 'acme');
UPDATE llm_admin.limit_overrides SET extra = 100;
DELETE FROM llm_admin.limit_overrides;
INSERT INTO llm_admin.limit_overrides (limit_id, extra) VALUES ('00000000-0000-4000-8000-00000000000f', 1);
INSERT INTO llm_admin.limit_overrides (limit_id, extra) VALUES ('00000000-0000-4000-8000-000000000002', 0.5);
-- What a rolled back transaction took was never taken.
DELETE FROM llm_admin.limits WHERE id = '00000000-0000-4000-8000-000000000002';
BEGIN;
SELECT allowed FROM llm_admin.acquire_quota('dora', NULL, 'openai/gpt-4o');
SELECT allowed FROM llm_admin.acquire_quota('dora', NULL, 'openai/gpt-4o');
SELECT allowed FROM llm_admin.acquire_quota('dora', NULL, 'openai/gpt-4o');
ROLLBACK;
SELECT count(*) FROM llm_admin.limit_counters WHERE subject = 'dora';
-- A ticket is ended once.
SELECT ticket FROM llm_admin.acquire_quota('dora', NULL, 'openai/gpt-4o') \gset
SELECT used FROM llm_admin.limit_counters WHERE subject = 'dora';
SELECT llm_admin.release_quota(:'ticket');
SELECT llm_admin.release_quota(:'ticket');
SELECT used, reserved FROM llm_admin.limit_counters WHERE subject = 'dora';
-- Money: reserved, settled with more than was reserved, which the next reservation sees.
INSERT INTO llm_admin.limits (id, scope, what, amount, period, alert_shares) VALUES
  ('00000000-0000-4000-8000-000000000004', 'user', 'cost_usd', 0.45, 'total', '{0.5,1}');
SELECT :asked FROM llm_admin.reserve_budget('erin', NULL, 'openai/gpt-4o', 0.4);
SELECT :asked FROM llm_admin.reserve_budget('erin', NULL, 'openai/gpt-4o', 0.06);
SELECT llm_admin.settle_budget(ticket, 0.5) FROM llm_admin.quota_tickets WHERE kind = 'budget';
SELECT used, reserved FROM llm_admin.limit_counters WHERE subject = 'erin';
SELECT :asked FROM llm_admin.reserve_budget('erin', NULL, 'openai/gpt-4o', 0);
SELECT subject, share, used FROM llm_admin.limit_events ORDER BY share;
-- A ticket whose caller is gone ends by itself: what it reserves is given back, requests stay used.
INSERT INTO llm_admin.limits (id, scope, what, amount, period) VALUES
  ('00000000-0000-4000-8000-000000000005', 'user', 'concurrent', 1, 'total');
SELECT :asked FROM llm_admin.acquire_quota('gina', NULL, 'openai/gpt-4o', options => '{"expires_seconds": 86400}');
SELECT :asked FROM llm_admin.acquire_quota('gina', NULL, 'openai/gpt-4o');
UPDATE llm_admin.quota_tickets SET expires_at = '2000-01-01' WHERE expires_at > taken_at + interval '1 hour' RETURNING kind;
SELECT :asked FROM llm_admin.acquire_quota('gina', NULL, 'openai/gpt-4o');
UPDATE llm_admin.quota_tickets SET expires_at = '2000-01-01';
SELECT llm_admin.expire_quota_tickets(0);
SELECT llm_admin.expire_quota_tickets(1);
SELECT llm_admin.expire_quota_tickets() > 0 AS more;
SELECT llm_admin.expire_quota_tickets(), count(*) AS "left" FROM llm_admin.quota_tickets;
SELECT right(limit_id::text, 1) AS by, used, reserved FROM llm_admin.limit_counters WHERE subject = 'gina' ORDER BY 1;
SELECT llm_admin.release_quota(:'ticket');
SELECT * FROM llm_admin.acquire_quota('gina', NULL, 'openai/gpt-4o', options => '{"expires_seconds": 0}');
SELECT * FROM llm_admin.acquire_quota('gina', NULL, 'openai/gpt-4o', options => '{"expires_seconds": 86401}');
-- How limits stand: of a user who has used some, of one who has not, of a tenant, of one limit.
\set shown 'right(limit_id::text, 1) AS by, scope, tenant, subject, what, period, amount, used, reserved, remaining, window_start, resets_at, exceeded'
SELECT :shown FROM llm_admin.limit_status(user_id => 'erin');
SELECT :shown FROM llm_admin.limit_status(user_id => 'nobody');
SELECT :shown FROM llm_admin.limit_status('acme');
SELECT :shown FROM llm_admin.limit_status(options => '{"limit_id": "00000000-0000-4000-8000-000000000005"}');
SELECT count(*) FROM llm_admin.limit_status(options => '{"scope": "organisation"}');
SELECT * FROM llm_admin.limit_status(options => '{"scope": "everybody", "limit": 1}');
-- Nothing asked for; no figure.
SELECT :asked FROM llm_admin.acquire_quota('hugo', NULL, 'openai/gpt-4o', options => '{"requests": 0}');
SELECT * FROM llm_admin.reserve_budget('hugo', NULL, 'openai/gpt-4o', NULL);
SELECT * FROM llm_admin.reserve_budget('hugo', NULL, 'openai/gpt-4o', -1);
SELECT llm_admin.release_quota(NULL);
-- What is over goes to another model, or is counted and told.
INSERT INTO llm_admin.limits (scope, subject, model, what, amount, period, on_exceed, downgrade_to) VALUES
  ('user', 'ida', 'openai/gpt-4o', 'requests', 0, 'total', 'downgrade', 'openai/gpt-4o-mini'),
  ('user', 'jane', '*', 'output_tokens', 10, 'total', 'warn', NULL);
SELECT allowed, reason, downgrade_to FROM llm_admin.acquire_quota('ida', NULL, 'openai/gpt-4o');
SELECT allowed, reason, used, remaining FROM llm_admin.acquire_quota('jane', NULL, 'openai/gpt-4o', options => '{"output_tokens": 11}');
-- 0 allows nothing.
UPDATE llm_admin.limits SET amount = 0 WHERE id = '00000000-0000-4000-8000-000000000001';
SELECT :asked FROM llm_admin.acquire_quota('frank', NULL, 'openai/gpt-4o');
-- A limit has an id of its own: a tier's plan is one by the tier's.
INSERT INTO llm_admin.tiers (id, tier_code, display_name, quota_requests, quota_period, sort_order)
  VALUES ('00000000-0000-4000-8000-00000000000a', 'plan', 'Plan', 5, 'day', 1);
INSERT INTO llm_admin.limits (id, scope, what, amount, period)
  VALUES ('00000000-0000-4000-8000-00000000000a', 'user', 'requests', 2, 'total');
UPDATE llm_admin.limits SET id = '00000000-0000-4000-8000-00000000000a' WHERE scope = 'organisation';
UPDATE llm_admin.limits SET id = '00000000-0000-4000-8000-00000000000b' WHERE scope = 'organisation';
UPDATE llm_admin.tiers SET id = '00000000-0000-4000-8000-00000000000b';
SELECT allowed FROM llm_admin.acquire_quota('kim', NULL, 'openai/gpt-4o');
UPDATE llm_admin.limits SET id = '00000000-0000-4000-8000-000000000003' WHERE scope = 'organisation';
-- Above READ COMMITTED, and where nothing can be written.
START TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM llm_admin.acquire_quota('frank', NULL, 'openai/gpt-4o');
ROLLBACK;
START TRANSACTION READ ONLY;
SELECT * FROM llm_admin.acquire_quota('frank', NULL, 'openai/gpt-4o');
ROLLBACK;
SET client_min_messages = warning;
DROP EXTENSION llm_admin CASCADE;
