-- The log and its payloads are append-only.
CREATE FUNCTION llm_admin.refuse_audit_change() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_refuse_audit_change';

CREATE FUNCTION llm_admin.audit_change() RETURNS trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_audit_change';

CREATE FUNCTION llm_admin.erase_audit_payload(
  ids pg_catalog.int8[], reason pg_catalog.text, legal_ground pg_catalog.text,
  OUT audit_id pg_catalog.int8, OUT at pg_catalog.timestamptz, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_erase_audit_payload';

-- Called by seed(), which runs as its caller: what it adds is told row by row, and that it ran by this.
CREATE FUNCTION llm_admin.record_seed() RETURNS pg_catalog.int8
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_record_seed';
