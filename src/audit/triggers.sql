-- The server's own error about a NOT NULL shows the whole row. What is written by us (pg/insert) is not asked.
CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.audit_log
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.audit_payloads
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.provider_history_leaves
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- Append-only also under session_replication_role = replica. Row triggers are cloned to partitions, those for TRUNCATE
-- are not: store/partitions gives a new month those of the default partition.
CREATE TRIGGER trg_refuse_audit_change BEFORE UPDATE OR DELETE ON llm_admin.audit_log
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_log ENABLE ALWAYS TRIGGER trg_refuse_audit_change;
CREATE TRIGGER trg_refuse_audit_change BEFORE UPDATE OR DELETE ON llm_admin.audit_payloads
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_payloads ENABLE ALWAYS TRIGGER trg_refuse_audit_change;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_log ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_log_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_log_default ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_payloads
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_payloads ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.audit_payloads_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.audit_payloads_default ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;
CREATE TRIGGER trg_refuse_audit_change BEFORE UPDATE OR DELETE ON llm_admin.provider_history_leaves
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.provider_history_leaves ENABLE ALWAYS TRIGGER trg_refuse_audit_change;
CREATE TRIGGER trg_refuse_audit_truncate BEFORE TRUNCATE ON llm_admin.provider_history_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_audit_change();
ALTER TABLE llm_admin.provider_history_leaves ENABLE ALWAYS TRIGGER trg_refuse_audit_truncate;

-- The row that was written is the whole of it: a tenant entered sees its own.
CREATE POLICY tenant_isolation ON llm_admin.audit_log
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));
CREATE POLICY tenant_isolation ON llm_admin.audit_payloads
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR EXISTS (SELECT FROM llm_admin.audit_log l WHERE l.id OPERATOR(pg_catalog.=) audit_id
                    AND l."timestamp" OPERATOR(pg_catalog.=) audit_time));

-- What is audited row by row. Providers have a history of their own, which the view audit_trail shows beside the log.
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_grants
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.access_grants
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.llm_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.provider_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_pricing
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.exchange_rates
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.exchange_rates
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_servers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_servers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_permissions
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
