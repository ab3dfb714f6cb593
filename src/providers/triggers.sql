-- Order within one statement: lock (statement), ensure, prevent, validate (before each row), log (after each row).
CREATE TRIGGER trg_lock_provider_configs
  BEFORE INSERT OR UPDATE OF is_active OR DELETE OR TRUNCATE ON llm_admin.llm_provider_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.lock_provider_configs();
CREATE TRIGGER trg_ensure_single_active_provider
  BEFORE INSERT OR UPDATE OF is_active ON llm_admin.llm_provider_configs
  FOR EACH ROW WHEN (NEW.is_active) EXECUTE FUNCTION llm_admin.ensure_single_active_provider();
CREATE TRIGGER trg_prevent_active_provider_deletion
  BEFORE DELETE ON llm_admin.llm_provider_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.prevent_active_provider_deletion();
CREATE TRIGGER trg_validate_provider_config
  BEFORE INSERT OR UPDATE ON llm_admin.llm_provider_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_provider_config();
CREATE TRIGGER trg_log_provider_config_change
  AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_provider_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.log_provider_config_change();

-- Append-only also under session_replication_role = replica.
CREATE TRIGGER trg_refuse_history_change
  BEFORE UPDATE OR DELETE ON llm_admin.llm_provider_config_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_history_change();
CREATE TRIGGER trg_refuse_history_truncate
  BEFORE TRUNCATE ON llm_admin.llm_provider_config_history
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_history_change();
ALTER TABLE llm_admin.llm_provider_config_history
  ENABLE ALWAYS TRIGGER trg_refuse_history_change,
  ENABLE ALWAYS TRIGGER trg_refuse_history_truncate;
