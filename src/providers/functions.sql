-- Plain SQL over a view without the key, so that the planner inlines it.
CREATE FUNCTION llm_admin.get_active_provider() RETURNS SETOF llm_admin.provider_info
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
  BEGIN ATOMIC
    SELECT p.id, p.provider_name, p.display_name, p.base_url, p.endpoint_path_template, p.default_model,
           p.request_builder_config, p.response_extractor_config, p.model_capabilities, p.auth_scheme,
           p.auth_header_template, p.http_method, p.additional_headers, p.context_window_tokens,
           p.max_output_tokens_limit, p.config_version, p.has_key
    FROM llm_admin.provider_settings p
    WHERE p.is_active;
  END;

CREATE FUNCTION llm_admin.get_provider(provider_name pg_catalog.text) RETURNS llm_admin.provider_info
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_get_provider';

CREATE FUNCTION llm_admin.switch_active_provider(
  new_provider_name pg_catalog.text, switched_by pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_switch_active_provider';

CREATE FUNCTION llm_admin.create_provider(
  display_name pg_catalog.text, base_url pg_catalog.text, default_model pg_catalog.text,
  provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  dialect pg_catalog.text DEFAULT 'openai_chat'::pg_catalog.text,
  api_key pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS llm_admin.provider_listing
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_create_provider';

CREATE FUNCTION llm_admin.list_providers() RETURNS SETOF llm_admin.provider_listing
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_list_providers';

CREATE FUNCTION llm_admin.record_provider_test(
  provider_name pg_catalog.text, ok pg_catalog.bool, latency_ms pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  message pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_provider_test';

CREATE FUNCTION llm_admin.import_admin_settings(
  settings pg_catalog.jsonb, changed_by pg_catalog.text DEFAULT NULL::pg_catalog.text,
  OUT step pg_catalog.text, OUT outcome pg_catalog.text, OUT detail pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_import_admin_settings';

CREATE FUNCTION llm_admin.provider_named(name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_provider_named';

CREATE FUNCTION llm_admin.provider_history(
  provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  since pg_catalog.timestamptz DEFAULT NULL::pg_catalog.timestamptz)
  RETURNS SETOF llm_admin.llm_provider_config_history
  LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT h.*
    FROM llm_admin.llm_provider_config_history h
    WHERE (provider_history.provider_name IS NULL
           OR h.provider_name OPERATOR(pg_catalog.=) provider_history.provider_name::pg_catalog.varchar)
      AND (provider_history.since IS NULL OR h.changed_at OPERATOR(pg_catalog.>=) provider_history.since)
    ORDER BY h.changed_at DESC, h.id;
  END;

CREATE FUNCTION llm_admin.purge_provider(
  INOUT provider_name pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_purge_provider';

-- What C++ functions that write ask first, for those that are SQL.
CREATE FUNCTION llm_admin.require_primary(function_name pg_catalog.text) RETURNS pg_catalog.bool
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_require_primary';

-- The functions behind the table's triggers.
CREATE FUNCTION llm_admin.lock_provider_configs() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_lock_provider_configs';
CREATE FUNCTION llm_admin.validate_provider_config() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_provider_config';
CREATE FUNCTION llm_admin.ensure_single_active_provider() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_ensure_single_active_provider';
CREATE FUNCTION llm_admin.log_provider_config_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_log_provider_config_change';
CREATE FUNCTION llm_admin.prevent_active_provider_deletion() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_prevent_active_provider_deletion';
CREATE FUNCTION llm_admin.refuse_history_change() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_history_change';
