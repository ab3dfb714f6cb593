-- An id that a load brings is kept; nobody but the owner may write one.
ALTER TABLE llm_admin.llm_usage_logs ALTER COLUMN id SET DEFAULT llm_admin.next_usage_id();

-- Row triggers reach every partition by themselves. Those for a statement do not: maintain_partitions() gives each
-- month what the default partition has.
CREATE TRIGGER trg_complete_usage
  BEFORE INSERT OR UPDATE ON llm_admin.llm_usage_logs
  FOR EACH ROW EXECUTE FUNCTION llm_admin.complete_usage();
ALTER TABLE llm_admin.llm_usage_logs ENABLE ALWAYS TRIGGER trg_complete_usage;
CREATE TRIGGER trg_refuse_usage_truncate
  BEFORE TRUNCATE ON llm_admin.llm_usage_logs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_usage_truncate();
CREATE TRIGGER trg_refuse_usage_truncate
  BEFORE TRUNCATE ON llm_admin.llm_usage_logs_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_usage_truncate();
ALTER TABLE llm_admin.llm_usage_logs ENABLE ALWAYS TRIGGER trg_refuse_usage_truncate;
ALTER TABLE llm_admin.llm_usage_logs_default ENABLE ALWAYS TRIGGER trg_refuse_usage_truncate;
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.usage_requests
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.job_usage
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.daily_cost_summary
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.usage_daily_tags
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.frontiers
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.frontier_gaps
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- The entered tenant's rows; none entered, those of no tenant for level app, and all for who oversees them. The
-- sub-select is evaluated once a statement.
CREATE POLICY tenant_rows ON llm_admin.llm_usage_logs FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_writes ON llm_admin.llm_usage_logs FOR INSERT
  WITH CHECK (tenant_id OPERATOR(pg_catalog.=) COALESCE((SELECT llm_admin.entered_tenant()), ''));
CREATE POLICY tenant_rows ON llm_admin.usage_requests FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.daily_cost_summary FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
CREATE POLICY tenant_rows ON llm_admin.usage_daily_tags FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));

-- A load comes by the default partition, or through the log; see trg_load_begins of model_deployments.
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.llm_usage_logs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.llm_usage_logs
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.llm_usage_logs ENABLE ALWAYS TRIGGER trg_load_ends;
CREATE TRIGGER trg_load_begins BEFORE INSERT ON llm_admin.llm_usage_logs_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
CREATE TRIGGER trg_load_ends AFTER INSERT ON llm_admin.llm_usage_logs_default
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.load_in_any_order();
ALTER TABLE llm_admin.llm_usage_logs_default ENABLE ALWAYS TRIGGER trg_load_ends;
