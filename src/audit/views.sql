CREATE VIEW llm_admin.audit_trail WITH (security_invoker = true) AS
  SELECT l."timestamp" AS at, l.id::pg_catalog.text AS id, l.tenant_id, l.user_id, l.session_user_name, l.action_type,
         l.resource_type, l.resource_id, l.details, p.old, p.new, l.ip_address, l.user_agent
  FROM llm_admin.audit_log l LEFT JOIN llm_admin.audit_payloads p
    ON p.audit_id OPERATOR(pg_catalog.=) l.id AND p.audit_time OPERATOR(pg_catalog.=) l."timestamp"
  UNION ALL
  SELECT h.changed_at, h.id::pg_catalog.text, ''::pg_catalog.text COLLATE pg_catalog."C",
         h.changed_by::pg_catalog.text COLLATE pg_catalog."C",
         h.session_user_name COLLATE pg_catalog."C", h.action::pg_catalog.text COLLATE pg_catalog."C",
         'llm_provider_configs'::pg_catalog.text COLLATE pg_catalog."C", h.provider_name::pg_catalog.text,
         pg_catalog.jsonb_build_object('config_version', h.config_version), NULL::pg_catalog.jsonb, h.config_snapshot,
         NULL::pg_catalog.inet, NULL::pg_catalog.text
  FROM llm_admin.llm_provider_config_history h;
