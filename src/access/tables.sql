-- Who may use which model: tiers and their rules, explicit permissions, and the names of models.

-- Plans that users are on.
CREATE TABLE llm_admin.tiers (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  display_name pg_catalog.varchar(255) NOT NULL,
  price_usd pg_catalog.numeric,
  billing_period pg_catalog.text,
  quota_requests pg_catalog.int8,
  quota_period pg_catalog.text,
  quota_scope pg_catalog.text NOT NULL DEFAULT 'user',
  sort_order pg_catalog.int4 NOT NULL DEFAULT 0,
  CONSTRAINT tiers_pkey PRIMARY KEY (id),
  CONSTRAINT tiers_tier_code_key UNIQUE (tier_code),
  CONSTRAINT tiers_tier_code_check CHECK (tier_code::pg_catalog.text OPERATOR(pg_catalog.~) '^[a-z0-9_-]+$'),
  CONSTRAINT tiers_price_check CHECK (price_usd OPERATOR(pg_catalog.>=) 0::pg_catalog.numeric),
  CONSTRAINT tiers_billing_period_check CHECK (billing_period IN ('day', 'week', 'month', 'year')),
  CONSTRAINT tiers_quota_check CHECK (
    quota_requests OPERATOR(pg_catalog.>=) 0
    AND (quota_requests IS NULL) OPERATOR(pg_catalog.=) (quota_period IS NULL)),
  CONSTRAINT tiers_quota_period_check CHECK (quota_period IN ('hour', 'day', 'week', 'month', 'year')),
  CONSTRAINT tiers_quota_scope_check CHECK (quota_scope IN ('user', 'tenant'))
);

-- Which tier a user is on; a user of '' stands for all of the tenant's. Where nobody writes here, the caller's word counts.
CREATE TABLE llm_admin.user_tiers (
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  valid_from pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  valid_until pg_catalog.timestamptz,
  CONSTRAINT user_tiers_pkey PRIMARY KEY (tenant_id, user_id, valid_from),
  CONSTRAINT user_tiers_tier_code_fkey FOREIGN KEY (tier_code) REFERENCES llm_admin.tiers (tier_code),
  CONSTRAINT user_tiers_valid_check CHECK (valid_until OPERATOR(pg_catalog.>) valid_from)
);
ALTER TABLE llm_admin.user_tiers ENABLE ROW LEVEL SECURITY;

-- What a tier may use, by globs over canonical names. The columns are the seed's.
CREATE TABLE llm_admin.tier_model_rules (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  model_pattern pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  allowed pg_catalog.bool NOT NULL DEFAULT true,
  max_requests_per_day pg_catalog.int4,
  max_context_length pg_catalog.int4,
  priority pg_catalog.int4 NOT NULL DEFAULT 0,
  CONSTRAINT tier_model_rules_pkey PRIMARY KEY (id),
  CONSTRAINT tier_model_rules_tier_code_model_pattern_key UNIQUE (tier_code, model_pattern),
  CONSTRAINT tier_model_rules_tier_code_fkey FOREIGN KEY (tier_code) REFERENCES llm_admin.tiers (tier_code),
  CONSTRAINT tier_model_rules_pattern_check CHECK (model_pattern::pg_catalog.text OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT tier_model_rules_requests_check CHECK (max_requests_per_day OPERATOR(pg_catalog.>=) 0),
  CONSTRAINT tier_model_rules_context_check CHECK (max_context_length OPERATOR(pg_catalog.>=) 0)
);
CREATE INDEX idx_tier_rules_tier ON llm_admin.tier_model_rules (tier_code);
CREATE INDEX idx_tier_rules_pattern ON llm_admin.tier_model_rules (model_pattern);

-- Explicit permissions for one model by its canonical name. The columns are the seed's. A tenant's user is
-- 'tenant/user'.
CREATE TABLE llm_admin.model_permissions (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  model_id pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  access_type pg_catalog.varchar(50) COLLATE pg_catalog."C" NOT NULL,
  access_value pg_catalog.varchar(255) COLLATE pg_catalog."C" NOT NULL,
  allowed pg_catalog.bool NOT NULL DEFAULT true,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  created_by pg_catalog.varchar(255),
  CONSTRAINT model_permissions_pkey PRIMARY KEY (id),
  CONSTRAINT model_permissions_model_id_access_type_access_value_key UNIQUE (model_id, access_type, access_value),
  CONSTRAINT model_permissions_model_id_check CHECK (model_id::pg_catalog.text OPERATOR(pg_catalog.~) '^[^*?]+$'),
  CONSTRAINT model_permissions_access_type_check
    CHECK (access_type::pg_catalog.text IN ('user', 'role', 'tier', 'agent')),
  CONSTRAINT model_permissions_access_value_check CHECK (access_value::pg_catalog.text OPERATOR(pg_catalog.<>) '')
);
CREATE INDEX idx_permissions_model ON llm_admin.model_permissions (model_id);
CREATE INDEX idx_permissions_access ON llm_admin.model_permissions (access_type, access_value);
CREATE INDEX idx_permissions_lookup ON llm_admin.model_permissions (model_id, access_type, access_value);

-- Other names of models, and what they are called in rules and prices. The text of the pattern's one * goes where
-- canonical has its own.
CREATE TABLE llm_admin.model_aliases (
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '*',
  pattern pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  canonical pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  priority pg_catalog.int4 NOT NULL DEFAULT 0,
  source pg_catalog.text NOT NULL DEFAULT 'manual',
  CONSTRAINT model_aliases_pkey PRIMARY KEY (provider, pattern),
  CONSTRAINT model_aliases_provider_check
    CHECK (pg_catalog.octet_length(provider) OPERATOR(pg_catalog.<=) 255 AND provider OPERATOR(pg_catalog.<>) ''),
  CONSTRAINT model_aliases_pattern_check CHECK (
    pattern OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(pattern) OPERATOR(pg_catalog.<=) 255
    AND pattern OPERATOR(pg_catalog.!~) '[*].*[*]'),
  CONSTRAINT model_aliases_canonical_check CHECK (
    canonical OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(canonical) OPERATOR(pg_catalog.<=) 255
    AND canonical OPERATOR(pg_catalog.!~) '[*].*[*]'
    AND (pg_catalog.strpos(canonical, '*') OPERATOR(pg_catalog.=) 0
         OR pg_catalog.strpos(pattern, '*') OPERATOR(pg_catalog.>) 0))
);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.tiers', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.user_tiers', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.tier_model_rules', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_permissions', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.model_aliases', '');
