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
