-- Before and after the call of a vendor. params is json, and body is text, so that the order of members and the form of
-- numbers stay as they are.
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
