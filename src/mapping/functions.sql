CREATE FUNCTION llm_admin.config_problems(
  request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
  OUT config pg_catalog.text, OUT pointer pg_catalog.text, OUT severity pg_catalog.text, OUT code pg_catalog.text,
  OUT message pg_catalog.text, OUT hint pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'llm_admin_config_problems';

CREATE FUNCTION llm_admin.validate_config(
  request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb)
  RETURNS pg_catalog.bool
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_config';

CREATE FUNCTION llm_admin.validate_request_builder_config(config pg_catalog.jsonb) RETURNS pg_catalog.bool
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_request_builder_config';

CREATE FUNCTION llm_admin.validate_response_extractor_config(config pg_catalog.jsonb) RETURNS pg_catalog.bool
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_response_extractor_config';

CREATE FUNCTION llm_admin.build_request(
  params pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  with_key pg_catalog.bool DEFAULT false)
  RETURNS llm_admin.built_request
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_request';

CREATE FUNCTION llm_admin.extract_response(
  response pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_extract_response';

CREATE FUNCTION llm_admin.build_operation(
  operation pg_catalog.text, provider_name pg_catalog.text, params pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb,
  with_key pg_catalog.bool DEFAULT false)
  RETURNS llm_admin.built_request
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_operation';

CREATE FUNCTION llm_admin.explain_request(
  params pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  OUT pointer pg_catalog.text, OUT rule_pointer pg_catalog.text, OUT value pg_catalog.jsonb, OUT note pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 20 AS 'MODULE_PATHNAME', 'llm_admin_explain_request';

CREATE FUNCTION llm_admin.extract_stream(
  body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_extract_stream';

CREATE FUNCTION llm_admin.extract_operation(
  operation pg_catalog.text, response pg_catalog.jsonb, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_extract_operation';

CREATE FUNCTION llm_admin.mapping_cache_stats(
  OUT programs pg_catalog.int8, OUT bytes pg_catalog.int8, OUT hits pg_catalog.int8, OUT misses pg_catalog.int8,
  OUT evictions pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_mapping_cache_stats';

CREATE FUNCTION llm_admin.build_request_text(
  params pg_catalog.json, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS llm_admin.built_request_text
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_build_request_text';

CREATE FUNCTION llm_admin.read_answer(
  body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_read_answer';

CREATE FUNCTION llm_admin.read_operation(
  operation pg_catalog.text, body pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  http_status pg_catalog.int4 DEFAULT NULL::pg_catalog.int4, headers pg_catalog.jsonb DEFAULT NULL::pg_catalog.jsonb,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_read_operation';

CREATE FUNCTION llm_admin.stream_deltas(
  events pg_catalog.text, provider_name pg_catalog.text DEFAULT NULL::pg_catalog.text,
  options pg_catalog.jsonb DEFAULT '{}'::pg_catalog.jsonb)
  RETURNS pg_catalog.jsonb
  LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_stream_deltas';
