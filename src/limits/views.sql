CREATE VIEW llm_admin.budgets WITH (security_invoker = true) AS
  SELECT l.id, l.scope, l.subject, l.model, l.tenant_id, l.amount, l.period, l.on_exceed, l.downgrade_to, l.alert_shares,
         l.unpriced, l.enabled, l.metadata
  FROM llm_admin.limits l
  WHERE l.what OPERATOR(pg_catalog.=) 'cost_usd';
