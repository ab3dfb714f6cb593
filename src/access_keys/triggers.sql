CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_bind_access_key BEFORE INSERT OR UPDATE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_access_key();

CREATE POLICY tenant_isolation ON llm_admin.access_keys
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

CREATE TRIGGER trg_audit_change AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.audit_change();
CREATE TRIGGER trg_audit_truncate AFTER TRUNCATE ON llm_admin.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.audit_change();
