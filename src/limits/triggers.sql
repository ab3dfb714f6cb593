CREATE TRIGGER trg_check_limit BEFORE INSERT OR UPDATE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_limit();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_limit_override BEFORE INSERT ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_limit_override();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_events
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.limit_counters
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.quota_tickets
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- Grants stay as they were given also under session_replication_role = replica.
CREATE TRIGGER trg_refuse_override_change BEFORE UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_override_change();
CREATE TRIGGER trg_refuse_override_truncate BEFORE TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_override_change();
ALTER TABLE llm_admin.limit_overrides
  ENABLE ALWAYS TRIGGER trg_refuse_override_change,
  ENABLE ALWAYS TRIGGER trg_refuse_override_truncate;

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_isolation ON llm_admin.limits
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));
CREATE POLICY tenant_rows ON llm_admin.limit_events FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.limit_counters FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.quota_tickets FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));

CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.limits ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.limit_overrides ENABLE REPLICA TRIGGER trg_cache_replicated;

CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
