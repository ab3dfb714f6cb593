-- A complete HTTP request; the result of build_request() and build_operation().
CREATE TYPE llm_admin.built_request AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.jsonb,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4
);
-- The same with its body as text and what was noticed on the way; the result of build_request_text().
CREATE TYPE llm_admin.built_request_text AS (
  method pg_catalog.text,
  url pg_catalog.text,
  headers pg_catalog.jsonb,
  body pg_catalog.text,
  provider_name pg_catalog.text,
  model pg_catalog.text,
  config_version pg_catalog.int4,
  warnings pg_catalog.jsonb
);
