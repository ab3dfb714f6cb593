-- The setting it makes lasts until the transaction ends, also from inside other functions.
CREATE FUNCTION llm_admin.enter_tenant(tenant_id pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_enter_tenant';

-- In C, so that the library is loaded where the policy asks: what stood in the setting's place before is checked then.
CREATE FUNCTION llm_admin.entered_tenant() RETURNS pg_catalog.text
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_entered_tenant';

CREATE FUNCTION llm_admin.get_llm_config(tenant_id pg_catalog.text) RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_get_llm_config';

CREATE FUNCTION llm_admin.put_llm_config(tenant_id pg_catalog.text, config pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_put_llm_config';

CREATE FUNCTION llm_admin.delete_llm_config(tenant_id pg_catalog.text) RETURNS pg_catalog.jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_delete_llm_config';

CREATE FUNCTION llm_admin.record_llm_test(
  tenant_id pg_catalog.text, ok pg_catalog.bool, latency_ms pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  message pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_llm_test';

CREATE FUNCTION llm_admin.resolve_llm(
  tenant_id pg_catalog.text, requested pg_catalog.text DEFAULT NULL::pg_catalog.text,
  model pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS llm_admin.resolved_llm
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_resolve_llm';

CREATE FUNCTION llm_admin.build_tenant_request(
  tenant_id pg_catalog.text, params pg_catalog.jsonb, requested pg_catalog.text DEFAULT NULL::pg_catalog.text,
  with_key pg_catalog.bool DEFAULT false)
  RETURNS llm_admin.built_tenant_request
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_tenant_request';

CREATE FUNCTION llm_admin.decrypt_tenant_key(tenant_id pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_decrypt_tenant_key';

CREATE FUNCTION llm_admin.list_llm_configs(
  OUT tenant_id pg_catalog.text, OUT provider pg_catalog.text, OUT base_url pg_catalog.text,
  OUT default_model pg_catalog.text, OUT policy pg_catalog.text, OUT key_state pg_catalog.text,
  OUT last_tested_at pg_catalog.timestamptz, OUT last_test_result pg_catalog.text,
  OUT last_test_latency pg_catalog.int4, OUT created_at pg_catalog.timestamptz, OUT updated_at pg_catalog.timestamptz)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_list_llm_configs';

CREATE FUNCTION llm_admin.verify_llm_configs(
  OUT item pg_catalog.text, OUT verdict pg_catalog.text, OUT detail pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'llm_admin_verify_llm_configs';

-- The functions behind the table's triggers.
CREATE FUNCTION llm_admin.lock_llm_configs() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_lock_llm_configs';
CREATE FUNCTION llm_admin.validate_llm_config() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_llm_config';
