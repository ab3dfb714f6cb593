CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.config_changes
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE POLICY tenant_isolation ON llm_admin.config_changes
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) ANY (ARRAY['', (SELECT llm_admin.entered_tenant())]));

-- What a gateway's decisions hang on, of every kind of src/gateways/kinds.cpp. Also under session_replication_role =
-- replica, and where a subscription applies.
-- Of providers the history tells it, which has a row for each change, and which subscribers get as well.
CREATE TRIGGER trg_config_changed AFTER INSERT ON llm_admin.llm_provider_config_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_provider_config_history ENABLE ALWAYS TRIGGER trg_config_changed;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.provider_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_providers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.llm_providers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_servers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_servers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_servers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_servers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.installed_models
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.installed_models
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.installed_models ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_deployments
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_deployments
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_deployments ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_pricing
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_pricing ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_pricing ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.exchange_rates
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.exchange_rates
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.exchange_rates ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.exchange_rates ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.model_permissions
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.llm_configs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.llm_configs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.llm_configs ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.llm_configs ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limits
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.limits
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.limits ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.limit_overrides
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.limit_overrides
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.limit_overrides ENABLE ALWAYS TRIGGER trg_config_emptied;
CREATE TRIGGER trg_config_changed AFTER INSERT OR UPDATE OR DELETE ON llm_admin.access_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.config_changed();
CREATE TRIGGER trg_config_emptied AFTER TRUNCATE ON llm_admin.access_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.config_changed();
ALTER TABLE llm_admin.access_keys ENABLE ALWAYS TRIGGER trg_config_changed;
ALTER TABLE llm_admin.access_keys ENABLE ALWAYS TRIGGER trg_config_emptied;
