-- Tenants that bring their own key: one configuration each. Columns, order, key and index are the seed's.
CREATE TABLE llm_admin.llm_configs (
  id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT pg_catalog.gen_random_uuid()::pg_catalog.text,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  provider pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT 'openrouter',
  api_key_encrypted pg_catalog.text NOT NULL,
  base_url pg_catalog.text,
  default_model pg_catalog.text,
  policy pg_catalog.text NOT NULL DEFAULT 'choice',
  last_tested_at pg_catalog.timestamptz(3),
  last_test_result pg_catalog.text,
  last_test_latency pg_catalog.int4,
  created_at pg_catalog.timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at pg_catalog.timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT llm_configs_pkey PRIMARY KEY (id),
  CONSTRAINT llm_configs_tenant_id_key UNIQUE (tenant_id),  -- a bare index could be dropped
  CONSTRAINT llm_configs_policy_check CHECK (policy IN ('choice', 'byollm_only', 'aegis_only')),
  CONSTRAINT llm_configs_last_test_latency_check CHECK (last_test_latency OPERATOR(pg_catalog.>=) 0)
);
ALTER TABLE llm_admin.llm_configs ALTER COLUMN api_key_encrypted SET STATISTICS 0;
-- Not FORCE: the owner reads all tenants, as pg_dump and our own functions must.
ALTER TABLE llm_admin.llm_configs ENABLE ROW LEVEL SECURITY;

-- Other names that a tenant may call a provider by, in lower case. The public one stands in front of the names of the
-- provider's models; NULL is as it ships.
CREATE TABLE llm_admin.provider_aliases (
  alias pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  provider_name pg_catalog.varchar(100) COLLATE pg_catalog."C" NOT NULL,
  public pg_catalog.bool,
  CONSTRAINT provider_aliases_pkey PRIMARY KEY (alias),
  CONSTRAINT provider_aliases_alias_check CHECK (alias OPERATOR(pg_catalog.=) pg_catalog.lower(alias))
);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.llm_configs', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.provider_aliases', '');

-- Whose key and which provider a tenant's call uses; the result of resolve_llm().
CREATE TYPE llm_admin.resolved_llm AS (
  source pg_catalog.text,
  provider_name pg_catalog.text,
  base_url pg_catalog.text,
  model pg_catalog.text,
  fallback_allowed pg_catalog.bool,
  reason pg_catalog.text
);

-- built_request and where it came from; the result of build_tenant_request().
CREATE TYPE llm_admin.built_tenant_request AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.jsonb,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4,
  source pg_catalog.text,
  fallback_allowed pg_catalog.bool,
  reason pg_catalog.text
);
