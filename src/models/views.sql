-- How servers and accounts are. An account rests while account_state says so; the worst of its models counts.
CREATE VIEW llm_admin.provider_health WITH (security_invoker = true) AS
  SELECT 'server'::pg_catalog.text AS kind, s.id, s.name, s.type, s.enabled, s.health_status AS status,
         s.last_health_check AS checked_at, NULL::pg_catalog.timestamptz AS until, NULL::pg_catalog.text AS reason
  FROM llm_admin.model_servers s
  UNION ALL
  SELECT 'account', a.id, a.name, a.type, a.enabled, COALESCE(w.state, 'closed')::pg_catalog.varchar(50), NULL, w.until,
         w.reason
  FROM llm_admin.llm_providers a
  LEFT JOIN LATERAL (
    SELECT t.state, t.until, t.reason
    FROM llm_admin.account_state t
    WHERE t.subject OPERATOR(pg_catalog.=) a.id::pg_catalog.text AND t.tenant_id OPERATOR(pg_catalog.=) ''
    ORDER BY t.state OPERATOR(pg_catalog.=) 'open' DESC, t.state OPERATOR(pg_catalog.=) 'half_open' DESC, t.until DESC
    LIMIT 1) w ON true;

CREATE VIEW llm_admin.deployment_status WITH (security_invoker = true) AS
  SELECT d.id, d.alias, d.status, s.name AS server, s.type AS server_type, s.host, s.port, s.health_status, m.model_name,
         m.version, m.quantization, d.context_length, d.vram_usage_mb, d.tokens_per_sec, d.started_at, d.stopped_at
  FROM llm_admin.model_deployments d
  JOIN llm_admin.model_servers s ON s.id OPERATOR(pg_catalog.=) d.server_id
  JOIN llm_admin.installed_models m ON m.id OPERATOR(pg_catalog.=) d.model_id;
