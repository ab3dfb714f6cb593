CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.llm_calls
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.sender_tickets
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- A tenant entered sees its own rows, else all are seen by those who may read the table.
CREATE POLICY tenant_rows ON llm_admin.llm_calls FOR SELECT
  USING ((SELECT llm_admin.row_tenant()) IS NULL OR tenant_id OPERATOR(pg_catalog.=) (SELECT llm_admin.row_tenant()));
