-- Order within one statement: lock (statement), validate (before each row). A DELETE locks as well: an INSERT may
-- follow it in its transaction, whose lock must not come after a row's.
CREATE TRIGGER trg_lock_llm_configs
  BEFORE INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.lock_llm_configs();
CREATE TRIGGER trg_validate_llm_config
  BEFORE INSERT OR UPDATE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_llm_config();

-- The entered tenant's row and no other; none entered, none seen. The sub-select is evaluated once a statement and
-- leaves the index of tenant_id usable.
CREATE POLICY tenant_isolation ON llm_admin.llm_configs
  USING (tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));
