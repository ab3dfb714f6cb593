-- The server's own error about a NOT NULL or CHECK shows the whole row. ALWAYS where load_in_any_order() makes the role replica.
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.user_tiers ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_check_row;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_isolation ON llm_admin.user_tiers
  USING ((SELECT llm_admin.entered_tenant()) IS NULL
         OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.entered_tenant()));

-- What sessions keep of a table is of yesterday from the commit on, also under session_replication_role = replica and on
-- a logical subscriber, whose apply fires no trigger for statements.
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.tiers ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.tiers ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.tier_model_rules ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.user_tiers ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.user_tiers ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.model_permissions
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_permissions
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.model_permissions ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.model_permissions ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.model_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.model_aliases ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.model_aliases ENABLE REPLICA TRIGGER trg_cache_replicated;
CREATE TRIGGER trg_cache_changed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.provider_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.cache_changed();
CREATE TRIGGER trg_cache_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.provider_aliases
  FOR EACH ROW EXECUTE FUNCTION llm_admin.cache_changed();
ALTER TABLE llm_admin.provider_aliases ENABLE ALWAYS TRIGGER trg_cache_changed;
ALTER TABLE llm_admin.provider_aliases ENABLE REPLICA TRIGGER trg_cache_replicated;

CREATE TRIGGER trg_validate_tier_rule BEFORE INSERT OR UPDATE ON llm_admin.tier_model_rules
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_tier_rule();
CREATE TRIGGER trg_validate_user_tier BEFORE INSERT OR UPDATE ON llm_admin.user_tiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.validate_tier_rule();

-- pg_restore with several jobs loads tables in any order, and these have foreign keys before they have rows.
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.tier_model_rules
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.tier_model_rules ENABLE ALWAYS TRIGGER trg_load_ends;
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.user_tiers
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.user_tiers ENABLE ALWAYS TRIGGER trg_load_ends;
