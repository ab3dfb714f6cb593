-- migrations/llm_admin--0.6--0.7.sql.in
-- Up to 0.7: access keys, limits, calls, what gateways follow. Rooms that are new as a whole are included.
-- The first line of every script: when it began. Read by record_migration(), its last line.
SELECT pg_catalog.set_config('llm_admin.migration_mark', pg_catalog.clock_timestamp()::pg_catalog.text, true);
-- With it on, the server would store other text for the same SET clause.
SELECT pg_catalog.set_config('quote_all_identifiers', 'off', true);
-- What the script needs, told in words before anything else. The library of 0.1 to 0.3 has not got the function below,
-- so it is known by a setting it lacks; one that is not loaded yet has no settings here.
SELECT pg_catalog.concat('open a new session: this one has the library of an earlier version of llm_admin loaded, ',
  'and the script needs a newer one')::pg_catalog.bool
FROM pg_catalog.pg_settings s
WHERE s.name OPERATOR(pg_catalog.=) 'llm_admin.actor'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings n WHERE n.name OPERATOR(pg_catalog.=) 'llm_admin.library_version');
CREATE FUNCTION llm_admin.check_requirements(script pg_catalog.text) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
  AS 'MODULE_PATHNAME', 'llm_admin_check_requirements';
SELECT llm_admin.check_requirements('llm_admin--0.6--0.7.sql');
DROP FUNCTION llm_admin.check_requirements(pg_catalog.text);
-- What a step makes belongs to the owner of what is there, whoever runs it; the server undoes this with the script.
SELECT pg_catalog.set_config('role', pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, true)
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) 'llm_admin.schema_migrations'::pg_catalog.regclass::pg_catalog.oid
  AND pg_catalog.pg_get_userbyid(c.relowner) OPERATOR(pg_catalog.<>) CURRENT_USER;

-- A level of its own for senders.
ALTER TABLE llm_admin.access_grants
  DROP CONSTRAINT access_grants_level_check,
  ADD CONSTRAINT access_grants_level_check CHECK (level IN ('app', 'operator', 'security', 'auditor', 'sender'));

-- New columns of older tables, then the tables of the new rooms.
-- Keys of callers. The id is key_id in usage and the subject of a limit of scope key, and outlives each token: what is
-- stored of a token is the SHA-256 of its text, which is as good as the token where it is taken.
CREATE TABLE llm_admin.access_keys (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  key_hash pg_catalog.bytea NOT NULL,
  previous_hash pg_catalog.bytea,  -- of the token before the last rotation
  previous_until pg_catalog.timestamptz,
  prefix pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  team_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C",
  allow pg_catalog.text[] NOT NULL DEFAULT '{}',
  deny pg_catalog.text[] NOT NULL DEFAULT '{}',
  tags pg_catalog.jsonb NOT NULL DEFAULT '{}',
  expires_at pg_catalog.timestamptz,
  revoke_at pg_catalog.timestamptz,
  blocked pg_catalog.bool NOT NULL DEFAULT false,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  created_by pg_catalog.text,
  last_used_day pg_catalog.date,  -- in UTC
  CONSTRAINT access_keys_pkey PRIMARY KEY (id),
  CONSTRAINT access_keys_key_hash_key UNIQUE (key_hash),
  CONSTRAINT access_keys_previous_hash_key UNIQUE (previous_hash),
  CONSTRAINT access_keys_key_hash_check CHECK (pg_catalog.octet_length(key_hash) OPERATOR(pg_catalog.=) 32),
  CONSTRAINT access_keys_previous_hash_check CHECK (
    pg_catalog.octet_length(previous_hash) OPERATOR(pg_catalog.=) 32
    AND previous_hash OPERATOR(pg_catalog.<>) key_hash),
  CONSTRAINT access_keys_prefix_check CHECK (pg_catalog.octet_length(prefix) OPERATOR(pg_catalog.<=) 11),
  CONSTRAINT access_keys_name_check CHECK (
    name OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(name) OPERATOR(pg_catalog.<=) 255),
  CONSTRAINT access_keys_tier_code_check
    CHECK (tier_code::pg_catalog.text OPERATOR(pg_catalog.~) '^[a-z0-9_-]+$'),
  CONSTRAINT access_keys_allow_check
    CHECK (pg_catalog.array_position(allow, NULL::pg_catalog.text) IS NULL
           AND pg_catalog.cardinality(allow) OPERATOR(pg_catalog.<=) 1000),
  CONSTRAINT access_keys_deny_check
    CHECK (pg_catalog.array_position(deny, NULL::pg_catalog.text) IS NULL
           AND pg_catalog.cardinality(deny) OPERATOR(pg_catalog.<=) 1000),
  CONSTRAINT access_keys_tags_check CHECK (pg_catalog.jsonb_typeof(tags) OPERATOR(pg_catalog.=) 'object')
);
-- What the planner keeps of values could be read there.
ALTER TABLE llm_admin.access_keys ALTER COLUMN key_hash SET STATISTICS 0;
ALTER TABLE llm_admin.access_keys ALTER COLUMN previous_hash SET STATISTICS 0;
ALTER TABLE llm_admin.access_keys ENABLE ROW LEVEL SECURITY;
CREATE INDEX idx_access_keys_tenant ON llm_admin.access_keys (tenant_id, user_id);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.access_keys', '');
-- How much of what is allowed, to whom, of which models, in which period; and what was used of it.

-- Every limit that a call meets applies. subject, model and tenant_id are globs; an amount of 0 allows nothing, NULL is
-- unlimited. What a row may hold is told by its trigger, all that is wrong at once.
CREATE TABLE llm_admin.limits (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  scope pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  model pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  what pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  amount pg_catalog.numeric,
  period pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  on_exceed pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'deny',
  downgrade_to pg_catalog.text COLLATE pg_catalog."C",
  alert_shares pg_catalog.numeric[] NOT NULL DEFAULT '{}',
  unpriced pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'deny',
  enabled pg_catalog.bool NOT NULL DEFAULT true,
  metadata pg_catalog.jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT limits_pkey PRIMARY KEY (id),
  CONSTRAINT limits_scope_check
    CHECK (scope IN ('organisation', 'tenant', 'team', 'user', 'key', 'tier', 'model', 'account', 'tag')),
  CONSTRAINT limits_what_check
    CHECK (what IN ('requests', 'input_tokens', 'output_tokens', 'tokens', 'cost_usd', 'concurrent')),
  CONSTRAINT limits_period_check CHECK (period IN ('minute', 'hour', 'day', 'week', 'month', 'total')),
  CONSTRAINT limits_concurrent_check
    CHECK (what OPERATOR(pg_catalog.<>) 'concurrent' OR period OPERATOR(pg_catalog.=) 'total'),
  CONSTRAINT limits_amount_check CHECK (
    amount OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND amount OPERATOR(pg_catalog.<>) ALL (ARRAY['NaN', 'Infinity']::pg_catalog.numeric[])),
  CONSTRAINT limits_on_exceed_check CHECK (on_exceed IN ('deny', 'warn', 'downgrade')),
  CONSTRAINT limits_downgrade_to_check
    CHECK ((downgrade_to IS NOT NULL) OPERATOR(pg_catalog.=) (on_exceed OPERATOR(pg_catalog.=) 'downgrade')),
  CONSTRAINT limits_unpriced_check CHECK (unpriced IN ('deny', 'estimate', 'allow')),
  CONSTRAINT limits_metadata_check CHECK (pg_catalog.jsonb_typeof(metadata) OPERATOR(pg_catalog.=) 'object')
);
ALTER TABLE llm_admin.limits ENABLE ROW LEVEL SECURITY;

-- More for a time, of a limit, of a tier's rule or of a tier's plan. Grants never change. No foreign key, as limit_id is
-- of three tables.
CREATE TABLE llm_admin.limit_overrides (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  limit_id pg_catalog.uuid NOT NULL,
  extra pg_catalog.numeric NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  valid_until pg_catalog.timestamptz,
  reason pg_catalog.text NOT NULL DEFAULT '',
  granted_by pg_catalog.text NOT NULL DEFAULT CURRENT_USER,
  CONSTRAINT limit_overrides_pkey PRIMARY KEY (id),
  CONSTRAINT limit_overrides_extra_check CHECK (
    extra OPERATOR(pg_catalog.>) 0::pg_catalog.numeric
    AND extra OPERATOR(pg_catalog.<>) ALL (ARRAY['NaN', 'Infinity']::pg_catalog.numeric[])),
  CONSTRAINT limit_overrides_valid_check CHECK (valid_until OPERATOR(pg_catalog.>) valid_from)
);

-- Each alert share of a limit once a window and subject.
CREATE TABLE llm_admin.limit_events (
  limit_id pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  window_start pg_catalog.timestamptz NOT NULL,
  share pg_catalog.numeric NOT NULL,
  at pg_catalog.timestamptz NOT NULL,
  used pg_catalog.numeric NOT NULL,
  CONSTRAINT limit_events_pkey PRIMARY KEY (limit_id, tenant_id, subject, window_start, share)
);
ALTER TABLE llm_admin.limit_events ENABLE ROW LEVEL SECURITY;

-- What was used and reserved, in up to 16 slots a subject: sessions pay from different ones. The subject is always the
-- concrete one. Room for updates in place: no column that changes is indexed.
CREATE TABLE llm_admin.limit_counters (
  limit_id pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  subject pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  slot pg_catalog.int2 NOT NULL,
  window_start pg_catalog.timestamptz NOT NULL,
  used pg_catalog.numeric NOT NULL DEFAULT 0,
  reserved pg_catalog.numeric NOT NULL DEFAULT 0,
  previous pg_catalog.numeric NOT NULL DEFAULT 0,
  share pg_catalog.numeric NOT NULL DEFAULT 0,
  CONSTRAINT limit_counters_pkey PRIMARY KEY (limit_id, tenant_id, subject, slot),
  CONSTRAINT limit_counters_slot_check CHECK (slot OPERATOR(pg_catalog.>=) 0 AND slot OPERATOR(pg_catalog.<) 16),
  CONSTRAINT limit_counters_figures_check CHECK (
    used OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric AND used OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric
    AND reserved OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND reserved OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric
    AND previous OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND previous OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric
    AND share OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric
    AND share OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.numeric)
) WITH (fillfactor = 20);
ALTER TABLE llm_admin.limit_counters ENABLE ROW LEVEL SECURITY;

-- What acquire_quota() and reserve_budget() took and nobody has given back or settled. Whoever ends a ticket deletes its
-- row, so each is ended once; overdue ones are ended by others.
CREATE TABLE llm_admin.quota_tickets (
  ticket pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  kind pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  taken_at pg_catalog.timestamptz NOT NULL,
  expires_at pg_catalog.timestamptz NOT NULL,
  reservations pg_catalog.jsonb NOT NULL,
  CONSTRAINT quota_tickets_pkey PRIMARY KEY (ticket),
  CONSTRAINT quota_tickets_kind_check CHECK (kind IN ('quota', 'budget'))
);
CREATE INDEX quota_tickets_expires_at_idx ON llm_admin.quota_tickets (expires_at, ticket);
ALTER TABLE llm_admin.quota_tickets ENABLE ROW LEVEL SECURITY;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.limits', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.limit_overrides', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.limit_events', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.limit_counters', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.quota_tickets', '');
-- Calls that were begun and are not finished: whom they are for, what they were priced by, and what they hold of limits.
-- Neither the request's text nor a key stands here.
CREATE TABLE llm_admin.llm_calls (
  call_id pg_catalog.uuid NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  team_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  key_id pg_catalog.uuid,
  job_id pg_catalog.uuid,
  request_id pg_catalog.text COLLATE pg_catalog."C",
  fingerprint pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  attempt pg_catalog.int4 NOT NULL DEFAULT 1,
  parent_call_id pg_catalog.uuid,
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  account_id pg_catalog.uuid,
  key_source pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'platform',
  requested_model pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',  -- as it is sent
  model_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',         -- its canonical id
  operation pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  service_tier pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  price_id pg_catalog.int8,
  config_version pg_catalog.int4 NOT NULL DEFAULT 0,
  started_at pg_catalog.timestamptz NOT NULL,
  expires_at pg_catalog.timestamptz NOT NULL,
  input_estimate pg_catalog.int4 NOT NULL DEFAULT 0,
  estimate_usd pg_catalog.numeric,
  reservations pg_catalog.jsonb NOT NULL DEFAULT '[]',
  access pg_catalog.jsonb NOT NULL DEFAULT '{}',  -- why the model was allowed: tier, reason, rule or permission
  cache_key pg_catalog.bytea,
  tags pg_catalog.jsonb NOT NULL DEFAULT '{}',
  models pg_catalog.jsonb NOT NULL DEFAULT '[]',  -- to fall back to
  CONSTRAINT llm_calls_pkey PRIMARY KEY (call_id),
  CONSTRAINT llm_calls_request_key UNIQUE (tenant_id, request_id, attempt),
  CONSTRAINT llm_calls_key_source_check CHECK (key_source IN ('platform', 'byollm')),
  CONSTRAINT llm_calls_attempt_check CHECK (attempt OPERATOR(pg_catalog.>=) 1),
  CONSTRAINT llm_calls_expires_check CHECK (expires_at OPERATOR(pg_catalog.>) started_at),
  CONSTRAINT llm_calls_estimate_check CHECK (input_estimate OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT llm_calls_reservations_check CHECK (pg_catalog.jsonb_typeof(reservations) OPERATOR(pg_catalog.=) 'array'),
  CONSTRAINT llm_calls_access_check CHECK (pg_catalog.jsonb_typeof(access) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_calls_tags_check CHECK (pg_catalog.jsonb_typeof(tags) OPERATOR(pg_catalog.=) 'object'),
  CONSTRAINT llm_calls_models_check CHECK (pg_catalog.jsonb_typeof(models) OPERATOR(pg_catalog.=) 'array')
);
CREATE INDEX llm_calls_expires_at_idx ON llm_admin.llm_calls (expires_at);
ALTER TABLE llm_admin.llm_calls ENABLE ROW LEVEL SECURITY;

-- Tickets that a sender in the database redeems once for the headers of a call. They live for a minute, so no dump has
-- them.
CREATE TABLE llm_admin.sender_tickets (
  ticket_hash pg_catalog.bytea NOT NULL,
  call_id pg_catalog.uuid NOT NULL,
  expires_at pg_catalog.timestamptz NOT NULL,
  CONSTRAINT sender_tickets_pkey PRIMARY KEY (ticket_hash)
);
CREATE INDEX sender_tickets_expires_at_idx ON llm_admin.sender_tickets (expires_at);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_calls', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.sender_tickets', 'WHERE false');
-- What changed in the configuration, in the order of commits: who has seen a version misses none below it. A row tells that
-- a row of a table changed; what it is now is read there. A bounded number is kept (store/config_log.hpp). Not marked for
-- dumps: a restored database has a history of its own.
CREATE TABLE llm_admin.config_changes (
  number pg_catalog.int8 NOT NULL,   -- how many there were
  version pg_catalog.int8 NOT NULL,  -- of the commit: microseconds since 1970
  kind pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  op pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  CONSTRAINT config_changes_pkey PRIMARY KEY (number),
  CONSTRAINT config_changes_op_check CHECK (op IN ('put', 'delete', 'reset'))
);
CREATE INDEX config_changes_version ON llm_admin.config_changes (version);
ALTER TABLE llm_admin.config_changes ENABLE ROW LEVEL SECURITY;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.config_changes', 'WHERE false');

CREATE FUNCTION llm_admin.issue_access_key(
  name pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT token pg_catalog.text, OUT id pg_catalog.uuid, OUT prefix pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_issue_access_key';

CREATE FUNCTION llm_admin.rotate_access_key(
  id pg_catalog.uuid, grace_seconds pg_catalog.int4, OUT token pg_catalog.text, OUT prefix pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_rotate_access_key';

CREATE FUNCTION llm_admin.revoke_access_key(id pg_catalog.uuid)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_revoke_access_key';

CREATE FUNCTION llm_admin.block_access_key(id pg_catalog.uuid, blocked pg_catalog.bool)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_block_access_key';

CREATE FUNCTION llm_admin.list_access_keys(options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS TABLE (
    id pg_catalog.uuid, prefix pg_catalog.text, name pg_catalog.text, state pg_catalog.text,
    tenant_id pg_catalog.text, team_id pg_catalog.text, user_id pg_catalog.text, tier_code pg_catalog.text,
    allow pg_catalog.text[], deny pg_catalog.text[], tags pg_catalog.jsonb, expires_at pg_catalog.timestamptz,
    revoke_at pg_catalog.timestamptz, previous_until pg_catalog.timestamptz, created_at pg_catalog.timestamptz,
    created_by pg_catalog.text, last_used_day pg_catalog.date)
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_list_access_keys';

CREATE FUNCTION llm_admin.check_access_key(
  token pg_catalog.text,
  OUT key_id pg_catalog.uuid, OUT prefix pg_catalog.text, OUT name pg_catalog.text, OUT state pg_catalog.text,
  OUT tenant_id pg_catalog.text, OUT team_id pg_catalog.text, OUT user_id pg_catalog.text,
  OUT tier_code pg_catalog.text, OUT allow pg_catalog.text[], OUT deny pg_catalog.text[],
  OUT tags pg_catalog.jsonb, OUT expires_at pg_catalog.timestamptz)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_access_key';

CREATE FUNCTION llm_admin.validate_access_key() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_access_key';

CREATE FUNCTION llm_admin.acquire_quota(
  user_id pg_catalog.text, tier pg_catalog.text, model pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT limit_id pg_catalog.uuid, OUT subject pg_catalog.text,
  OUT used pg_catalog.numeric, OUT remaining pg_catalog.numeric, OUT resets_at pg_catalog.timestamptz,
  OUT retry_after_ms pg_catalog.int8, OUT downgrade_to pg_catalog.text, OUT ticket pg_catalog.uuid)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_acquire_quota';

CREATE FUNCTION llm_admin.release_quota(
  ticket pg_catalog.uuid, used pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_release_quota';

CREATE FUNCTION llm_admin.reserve_budget(
  user_id pg_catalog.text, tier pg_catalog.text, model pg_catalog.text, amount_usd pg_catalog.numeric,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT allowed pg_catalog.bool, OUT reason pg_catalog.text, OUT limit_id pg_catalog.uuid, OUT subject pg_catalog.text,
  OUT used pg_catalog.numeric, OUT remaining pg_catalog.numeric, OUT resets_at pg_catalog.timestamptz,
  OUT retry_after_ms pg_catalog.int8, OUT downgrade_to pg_catalog.text, OUT ticket pg_catalog.uuid)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_reserve_budget';

CREATE FUNCTION llm_admin.settle_budget(ticket pg_catalog.uuid, cost_usd pg_catalog.numeric)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_settle_budget';

CREATE FUNCTION llm_admin.expire_quota_tickets(max pg_catalog.int4 DEFAULT 1000)
  RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_expire_quota_tickets';

CREATE FUNCTION llm_admin.limit_status(
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, user_id pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT subject pg_catalog.text,
  OUT model pg_catalog.text, OUT what pg_catalog.text, OUT period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT used pg_catalog.numeric, OUT reserved pg_catalog.numeric, OUT remaining pg_catalog.numeric,
  OUT window_start pg_catalog.timestamptz, OUT resets_at pg_catalog.timestamptz, OUT exceeded pg_catalog.bool)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_limit_status';

CREATE FUNCTION llm_admin.simulate_limits(
  limits pg_catalog.jsonb, since pg_catalog.timestamptz, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT place pg_catalog.int4, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT subject pg_catalog.text,
  OUT model pg_catalog.text, OUT what pg_catalog.text, OUT period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT calls pg_catalog.int8, OUT denied pg_catalog.int8, OUT warned pg_catalog.int8, OUT downgraded pg_catalog.int8,
  OUT first_at pg_catalog.timestamptz, OUT peak pg_catalog.numeric, OUT saved_usd pg_catalog.numeric)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_simulate_limits';

CREATE FUNCTION llm_admin.limit_denials(
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT tenant pg_catalog.text, OUT subject pg_catalog.text, OUT denied pg_catalog.int8,
  OUT first_at pg_catalog.timestamptz, OUT last_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 100 AS 'MODULE_PATHNAME', 'llm_admin_limit_denials';

CREATE FUNCTION llm_admin.spend_forecast(
  subject pg_catalog.text DEFAULT NULL::pg_catalog.text, period pg_catalog.text DEFAULT NULL::pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT limit_id pg_catalog.uuid, OUT scope pg_catalog.text, OUT tenant pg_catalog.text, OUT spender pg_catalog.text,
  OUT model pg_catalog.text, OUT budget_period pg_catalog.text, OUT amount pg_catalog.numeric,
  OUT spent pg_catalog.numeric, OUT reserved pg_catalog.numeric, OUT rate_per_day pg_catalog.numeric,
  OUT expected_at_end pg_catalog.numeric, OUT ends_at pg_catalog.timestamptz, OUT exhausts_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 100
  BEGIN ATOMIC
    SELECT s.limit_id, s.scope, s.tenant, s.subject, s.model, s.period, s.amount, s.used, s.reserved,
           pg_catalog.round(p.a_second OPERATOR(pg_catalog.*) 86400, 9),
           pg_catalog.round(s.used OPERATOR(pg_catalog.+) (p.a_second OPERATOR(pg_catalog.*) t.seconds_left), 9),
           s.resets_at,
           CASE WHEN s.used OPERATOR(pg_catalog.+) s.reserved OPERATOR(pg_catalog.>=) s.amount
                  THEN pg_catalog.statement_timestamp()
                WHEN p.a_second OPERATOR(pg_catalog.*) t.seconds_left
                     OPERATOR(pg_catalog.>=) (s.amount OPERATOR(pg_catalog.-) s.used OPERATOR(pg_catalog.-) s.reserved)
                  THEN pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) pg_catalog.make_interval(
                    secs => ((s.amount OPERATOR(pg_catalog.-) s.used OPERATOR(pg_catalog.-) s.reserved)
                             OPERATOR(pg_catalog./) p.a_second)::pg_catalog.float8) END
    FROM llm_admin.limit_status(tenant_id, NULL, options) s
    CROSS JOIN LATERAL (
      SELECT CASE WHEN s.period NOT IN ('minute', 'total') THEN GREATEST(1, EXTRACT(epoch FROM
               pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) s.window_start)) END,
             CASE WHEN s.period NOT IN ('minute', 'total') THEN GREATEST(0, EXTRACT(epoch FROM
               s.resets_at OPERATOR(pg_catalog.-) pg_catalog.statement_timestamp())) END) t (seconds_gone, seconds_left)
    CROSS JOIN LATERAL (SELECT s.used OPERATOR(pg_catalog./) t.seconds_gone) p (a_second)
    WHERE s.what OPERATOR(pg_catalog.=) 'cost_usd'
      AND (spend_forecast.subject IS NULL OR s.subject OPERATOR(pg_catalog.=) spend_forecast.subject)
      AND (spend_forecast.period IS NULL OR s.period OPERATOR(pg_catalog.=) spend_forecast.period)
    ORDER BY s.limit_id, s.tenant, s.subject;
  END;

CREATE FUNCTION llm_admin.check_limit() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit';

CREATE FUNCTION llm_admin.check_limit_override() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_check_limit_override';

CREATE FUNCTION llm_admin.refuse_override_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_override_change';

CREATE FUNCTION llm_admin.begin_call(
  params pg_catalog.json, user_id pg_catalog.text DEFAULT ''::pg_catalog.text,
  tenant_id pg_catalog.text DEFAULT ''::pg_catalog.text, tier pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT call_id pg_catalog.uuid, OUT method pg_catalog.text, OUT url pg_catalog.text, OUT headers pg_catalog.jsonb,
  OUT body pg_catalog.text, OUT provider_name pg_catalog.text, OUT account_id pg_catalog.uuid,
  OUT model pg_catalog.text, OUT source pg_catalog.text, OUT estimate_usd pg_catalog.numeric,
  OUT expires_at pg_catalog.timestamptz, OUT cached_response pg_catalog.jsonb, OUT warnings pg_catalog.jsonb,
  OUT repeated pg_catalog.bool, OUT receipt pg_catalog.text)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_begin_call';

CREATE FUNCTION llm_admin.finish_call(
  call_id pg_catalog.uuid, body pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  latency_ms pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  OUT result pg_catalog.jsonb, OUT usage_id pg_catalog.int8, OUT cost_usd pg_catalog.numeric,
  OUT cost_status pg_catalog.text, OUT next pg_catalog.text, OUT next_account pg_catalog.uuid,
  OUT after_ms pg_catalog.int8, OUT safe pg_catalog.bool, OUT duplicate pg_catalog.bool,
  OUT warnings pg_catalog.jsonb)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_finish_call';

CREATE FUNCTION llm_admin.extend_call(call_id pg_catalog.uuid, timeout_ms pg_catalog.int4)
  RETURNS pg_catalog.timestamptz
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_extend_call';

CREATE FUNCTION llm_admin.expire_calls(most pg_catalog.int4 DEFAULT 1000)
  RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_expire_calls';

CREATE FUNCTION llm_admin.explain_call(call_id pg_catalog.uuid)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_explain_call';

CREATE FUNCTION llm_admin.open_sender_ticket(call_id pg_catalog.uuid)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_open_sender_ticket';

CREATE FUNCTION llm_admin.redeem_sender_ticket(
  ticket pg_catalog.text, OUT call_id pg_catalog.uuid, OUT headers pg_catalog.jsonb)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_redeem_sender_ticket';

CREATE FUNCTION llm_admin.config_since(
  since pg_catalog.int8 DEFAULT 0,
  OUT version pg_catalog.int8, OUT kind pg_catalog.text, OUT id pg_catalog.text, OUT op pg_catalog.text,
  OUT data pg_catalog.jsonb)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_config_since';

CREATE FUNCTION llm_admin.config_changed() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_config_changed';

-- Triggers, policies and views of the new rooms.
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_bind_access_key BEFORE INSERT OR UPDATE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_access_key();

CREATE POLICY tenant_isolation ON llm_admin.access_keys
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_check_limit BEFORE INSERT OR UPDATE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_limit();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_limit_override BEFORE INSERT ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_limit_override();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_events
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_counters
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.quota_tickets
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- Grants stay as they were given also under session_replication_role = replica.
CREATE TRIGGER trg_refuse_override_change BEFORE UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_override_change();
CREATE TRIGGER trg_refuse_override_truncate BEFORE TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_override_change();
ALTER TABLE llm_admin.limit_overrides
  ENABLE ALWAYS TRIGGER trg_refuse_override_change,
  ENABLE ALWAYS TRIGGER trg_refuse_override_truncate;

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_isolation ON llm_admin.limits
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));
CREATE POLICY tenant_rows ON llm_admin.limit_events FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.limit_counters FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.quota_tickets FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));

CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.limits ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.limit_overrides ENABLE REPLICA TRIGGER trg_cache_replicated;

CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.llm_calls
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.sender_tickets
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_rows ON llm_admin.llm_calls FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE VIEW llm_admin.budgets WITH (security_invoker = true) AS
  SELECT l.id, l.scope, l.subject, l.model, l.tenant_id, l.amount, l.period, l.on_exceed, l.downgrade_to, l.alert_shares,
         l.unpriced, l.enabled, l.metadata
  FROM llm_admin.limits l
  WHERE l.what OPERATOR(pg_catalog.=) 'cost_usd';
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.config_changes
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE POLICY tenant_isolation ON llm_admin.config_changes
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) ANY (ARRAY['', (SELECT llm_admin.entered_tenant())]));

-- What a gateway's decisions hang on, of every kind of src/gateways/kinds.cpp. Also under session_replication_role =
-- replica, and where a subscription applies.
-- Of providers the history tells it, which has a row for each change, and which subscribers get as well.
CREATE TRIGGER trg_config_changed AFTER INSERT ON llm_admin.llm_provider_config_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_provider_config_history ENABLE ALWAYS TRIGGER trg_config_changed;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.provider_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_servers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_servers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_servers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_servers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_pricing
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_pricing ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_pricing ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.exchange_rates
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.exchange_rates
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.exchange_rates ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.exchange_rates ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_permissions
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.llm_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_configs ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.llm_configs ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.access_keys ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.access_keys ENABLE ALWAYS TRIGGER trg_config_emptied;

-- Nothing for PUBLIC; what roles get comes from refresh_access(), after the script.
REVOKE ALL ON TABLE
  llm_admin.access_keys,
  llm_admin.limits,
  llm_admin.limit_overrides,
  llm_admin.limit_events,
  llm_admin.limit_counters,
  llm_admin.quota_tickets,
  llm_admin.llm_calls,
  llm_admin.sender_tickets,
  llm_admin.config_changes,
  llm_admin.budgets
  FROM PUBLIC;
REVOKE ALL ON ROUTINE
  llm_admin.issue_access_key(pg_catalog.text, pg_catalog.jsonb),
  llm_admin.rotate_access_key(pg_catalog.uuid, pg_catalog.int4),
  llm_admin.revoke_access_key(pg_catalog.uuid),
  llm_admin.block_access_key(pg_catalog.uuid, pg_catalog.bool),
  llm_admin.list_access_keys(pg_catalog.jsonb),
  llm_admin.check_access_key(pg_catalog.text),
  llm_admin.validate_access_key(),
  llm_admin.acquire_quota(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.release_quota(pg_catalog.uuid, pg_catalog.jsonb),
  llm_admin.reserve_budget(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.numeric, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.settle_budget(pg_catalog.uuid, pg_catalog.numeric),
  llm_admin.expire_quota_tickets(pg_catalog.int4),
  llm_admin.limit_status(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.simulate_limits(pg_catalog.jsonb, pg_catalog.timestamptz, pg_catalog.jsonb),
  llm_admin.limit_denials(pg_catalog.text, pg_catalog.jsonb),
  llm_admin.spend_forecast(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.check_limit(),
  llm_admin.check_limit_override(),
  llm_admin.refuse_override_change(),
  llm_admin.begin_call(pg_catalog.json, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb),
  llm_admin.finish_call(pg_catalog.uuid, pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.jsonb),
  llm_admin.extend_call(pg_catalog.uuid, pg_catalog.int4),
  llm_admin.expire_calls(pg_catalog.int4),
  llm_admin.explain_call(pg_catalog.uuid),
  llm_admin.open_sender_ticket(pg_catalog.uuid),
  llm_admin.redeem_sender_ticket(pg_catalog.text),
  llm_admin.config_since(pg_catalog.int8),
  llm_admin.config_changed()
  FROM PUBLIC;

COMMENT ON TABLE llm_admin.access_keys IS 'Keys of callers: whose they are and what they may use; of a token the hash alone';
COMMENT ON TRIGGER trg_check_row ON llm_admin.access_keys IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_bind_access_key ON llm_admin.access_keys IS 'The tier is there; the hash of a token that is being made, which stands in no statement';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.access_keys IS 'Writes each change of a row to the audit log, without hashes';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.access_keys IS 'Writes to the audit log that the table was emptied';
COMMENT ON POLICY tenant_isolation ON llm_admin.access_keys IS 'The entered tenant''s rows and no other; all where none is entered';
COMMENT ON FUNCTION llm_admin.issue_access_key(pg_catalog.text, pg_catalog.jsonb) IS 'Makes an access key and returns its token, which is shown this once and stored nowhere';
COMMENT ON FUNCTION llm_admin.rotate_access_key(pg_catalog.uuid, pg_catalog.int4) IS 'Gives an access key a new token; the one before is taken for so many seconds more';
COMMENT ON FUNCTION llm_admin.revoke_access_key(pg_catalog.uuid) IS 'Ends an access key for good, in the next statement of every session; false where it was revoked already';
COMMENT ON FUNCTION llm_admin.block_access_key(pg_catalog.uuid, pg_catalog.bool) IS 'Blocks an access key, or lets it be used again; false where it was so already';
COMMENT ON FUNCTION llm_admin.list_access_keys(pg_catalog.jsonb) IS 'Access keys with their states, never a token or hash';
COMMENT ON FUNCTION llm_admin.check_access_key(pg_catalog.text) IS 'Who a caller is by its token, or by the hash of one; LA011 where the key may not be used';
COMMENT ON FUNCTION llm_admin.validate_access_key() IS 'Trigger: an access key names a tier that is there, and gets the hash of the token that is being made';
COMMENT ON TABLE llm_admin.limits IS 'Quotas, rates, budgets and calls at a time: how much of what, for whom, of which models, in which period';
COMMENT ON TABLE llm_admin.limit_overrides IS 'What a limit has more for a time; grants never change';
COMMENT ON TABLE llm_admin.limit_events IS 'Alert shares of limits that were passed, each once a window and subject';
COMMENT ON TABLE llm_admin.limit_counters IS 'What was used and reserved of each limit and subject in its window, in up to 16 slots';
COMMENT ON TABLE llm_admin.quota_tickets IS 'What was taken of limits by calls that have not ended, a row a call';
COMMENT ON VIEW llm_admin.budgets IS 'The limits that are in money';
COMMENT ON FUNCTION llm_admin.acquire_quota(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Takes a call''s units of every limit that it meets but those in money, all or none; says why not otherwise';
COMMENT ON FUNCTION llm_admin.release_quota(pg_catalog.uuid, pg_catalog.jsonb) IS 'Ends what acquire_quota() took, once: all is given back but what is said to be used';
COMMENT ON FUNCTION llm_admin.reserve_budget(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.numeric, pg_catalog.text, pg_catalog.jsonb) IS 'Reserves an estimate of cost of every budget that a call meets, all or none; says why not otherwise';
COMMENT ON FUNCTION llm_admin.settle_budget(pg_catalog.uuid, pg_catalog.numeric) IS 'Books what a call cost in place of what reserve_budget() reserved, once; 0 gives all back';
COMMENT ON FUNCTION llm_admin.expire_quota_tickets(pg_catalog.int4) IS 'Ends up to so many tickets that are overdue, giving back what they reserve; returns how many';
COMMENT ON FUNCTION llm_admin.limit_status(pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'What is used, reserved and left of limits, a row for each subject that has used some or is asked for';
COMMENT ON FUNCTION llm_admin.simulate_limits(pg_catalog.jsonb, pg_catalog.timestamptz, pg_catalog.jsonb) IS 'What proposed limits, an array of objects with the columns of limits, would have denied of the calls that the log holds, for whom, from when on, and the cost that this would have saved';
COMMENT ON FUNCTION llm_admin.limit_denials(pg_catalog.text, pg_catalog.jsonb) IS 'How often each limit has denied whom since the server started, in all sessions where the library is preloaded and else in this one; what has no entry of its own is in a row without limit and subject';
COMMENT ON FUNCTION llm_admin.spend_forecast(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Of each budget and subject what was spent, the pace, what it comes to at the end of the window, and when the amount is reached if that is before';
COMMENT ON FUNCTION llm_admin.check_limit() IS 'Trigger: all that is wrong with a limit, at once';
COMMENT ON FUNCTION llm_admin.check_limit_override() IS 'Trigger: the grant is of a limit that is there, and more than nothing';
COMMENT ON FUNCTION llm_admin.refuse_override_change() IS 'Trigger: refuses changes of grants';
COMMENT ON TRIGGER trg_check_limit ON llm_admin.limits IS 'Tells all that is wrong with a limit at once';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limits IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_limit_override ON llm_admin.limit_overrides IS 'The limit is there, and the grant is more than nothing';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limit_overrides IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limit_events IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.limit_counters IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.quota_tickets IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_refuse_override_change ON llm_admin.limit_overrides IS 'Grants stay as they were given';
COMMENT ON TRIGGER trg_refuse_override_truncate ON llm_admin.limit_overrides IS 'Grants stay as they were given';
COMMENT ON POLICY tenant_isolation ON llm_admin.limits IS 'The entered tenant''s rows and no other; all where none is entered';
COMMENT ON POLICY tenant_rows ON llm_admin.limit_events IS 'The entered tenant''s events; none entered, those of no tenant, or all for who oversees them';
COMMENT ON POLICY tenant_rows ON llm_admin.limit_counters IS 'The entered tenant''s counters; none entered, those of no tenant, or all for who oversees them';
COMMENT ON POLICY tenant_rows ON llm_admin.quota_tickets IS 'The entered tenant''s tickets; none entered, those of no tenant, or all for who oversees them';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.limits IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.limits IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.limits IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.limits IS 'Writes to the audit log that the table was emptied';
COMMENT ON TRIGGER trg_cache_changed ON llm_admin.limit_overrides IS 'Sessions read the table anew after the commit';
COMMENT ON TRIGGER trg_cache_replicated ON llm_admin.limit_overrides IS 'The same on a logical subscriber, row by row';
COMMENT ON TRIGGER trg_audit_change ON llm_admin.limit_overrides IS 'Writes each change of a row to the audit log';
COMMENT ON TRIGGER trg_audit_truncate ON llm_admin.limit_overrides IS 'Writes to the audit log that the table was emptied';
COMMENT ON TABLE llm_admin.llm_calls IS 'Calls that were begun and are not finished, and what they hold of limits';
COMMENT ON TABLE llm_admin.sender_tickets IS 'Tickets for the headers of open calls, each good for one redemption within a minute';
COMMENT ON FUNCTION llm_admin.begin_call(pg_catalog.json, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.jsonb) IS 'Before the call of a vendor: key, tenant, tier, access, account, limits and price in one; gives the request to send';
COMMENT ON FUNCTION llm_admin.finish_call(pg_catalog.uuid, pg_catalog.text, pg_catalog.int4, pg_catalog.int4, pg_catalog.jsonb) IS 'After the call of a vendor: reads the answer, logs usage and cost once, settles limits, and says what may follow';
COMMENT ON FUNCTION llm_admin.extend_call(pg_catalog.uuid, pg_catalog.int4) IS 'Moves the deadline of an open call to so many milliseconds from now; it is never brought forward';
COMMENT ON FUNCTION llm_admin.expire_calls(pg_catalog.int4) IS 'Ends calls whose deadline has passed: limits are released, and the log has a row of kind expired; how many';
COMMENT ON FUNCTION llm_admin.explain_call(pg_catalog.uuid) IS 'One page on a call, open or ended: whose key and why, limits met, price, each meter, attempts';
COMMENT ON FUNCTION llm_admin.open_sender_ticket(pg_catalog.uuid) IS 'A one-time ticket, good for a minute, that a role of level sender redeems for the headers of an open call';
COMMENT ON FUNCTION llm_admin.redeem_sender_ticket(pg_catalog.text) IS 'The headers of an open call, with its key, for its ticket; once';
COMMENT ON TRIGGER trg_check_row ON llm_admin.llm_calls IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON TRIGGER trg_check_row ON llm_admin.sender_tickets IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON POLICY tenant_rows ON llm_admin.llm_calls IS 'The entered tenant''s calls; none entered, those of no tenant, or all for who oversees them';
COMMENT ON TABLE llm_admin.config_changes IS 'What changed in the configuration, in the order of commits';
COMMENT ON TRIGGER trg_check_row ON llm_admin.config_changes IS 'A row that breaks a constraint is not shown in the error';
COMMENT ON POLICY tenant_isolation ON llm_admin.config_changes IS 'The entered tenant''s rows and the platform''s; all where none is entered';
COMMENT ON FUNCTION llm_admin.config_since(pg_catalog.int8) IS 'What changed in the configuration after a version, each row as it is now, in the order of commits; everything after 0';
COMMENT ON FUNCTION llm_admin.config_changed() IS 'Trigger: tells at commit that a row of the configuration has changed';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.provider_aliases IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.provider_aliases IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.llm_providers IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.llm_providers IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_servers IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_servers IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.installed_models IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.installed_models IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_deployments IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_deployments IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_aliases IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_aliases IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_pricing IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_pricing IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.exchange_rates IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.exchange_rates IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.tiers IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.tiers IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.tier_model_rules IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.tier_model_rules IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.model_permissions IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.model_permissions IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.llm_configs IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.llm_configs IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.llm_provider_config_history IS 'Gateways are told at commit which providers have changed';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.limits IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.limits IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.limit_overrides IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.limit_overrides IS 'Gateways are told at commit to read the kind anew';
COMMENT ON TRIGGER trg_config_changed ON llm_admin.access_keys IS 'Gateways are told at commit which rows have changed';
COMMENT ON TRIGGER trg_config_emptied ON llm_admin.access_keys IS 'Gateways are told at commit to read the kind anew';
COMMENT ON FUNCTION llm_admin.grant_access(pg_catalog.regrole, pg_catalog.text) IS 'Gives a role one of the levels app, operator, security, auditor, sender; none implies another';

SELECT llm_admin.record_migration('llm_admin--0.6--0.7.sql');

