-- Keys of callers: made, changed, listed and looked up.
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

-- Triggers.
CREATE FUNCTION llm_admin.validate_access_key() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_validate_access_key';
