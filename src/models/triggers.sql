-- The server's own error about a NOT NULL or CHECK shows the whole row. ALWAYS where load_in_any_order() makes the role replica.
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.account_state
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_servers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.cache_versions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_isolation ON llm_admin.account_state
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

-- Order within one statement: cache_changed, lock (statement), validate (before each row).
CREATE TRIGGER trg_lock_accounts
  BEFORE INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.lock_accounts();
CREATE TRIGGER trg_validate_account
  BEFORE INSERT OR UPDATE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_account();
CREATE TRIGGER trg_validate_installed_model
  BEFORE UPDATE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_installed_model();
CREATE TRIGGER trg_validate_deployment
  BEFORE INSERT OR UPDATE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_deployment();

-- What sessions keep of a table is of yesterday from the commit on, also under session_replication_role = replica and on
-- a logical subscriber, whose apply fires no trigger for statements.
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.llm_providers ENABLE REPLICA TRIGGER trg_cache_replicated;

-- pg_restore with several jobs loads tables in any order, and these have foreign keys before they have rows.
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_load_ends;
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_load_ends;
