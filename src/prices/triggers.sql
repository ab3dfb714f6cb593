CREATE TRIGGER trg_check_model_price BEFORE INSERT OR UPDATE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_model_price();
CREATE TRIGGER trg_record_model_price AFTER INSERT OR UPDATE OR DELETE ON llm_admin.model_pricing
  FOR EACH ROW EXECUTE FUNCTION llm_admin.record_model_price();
-- A price is withdrawn row by row, so that the history says when.
CREATE TRIGGER trg_refuse_price_truncate BEFORE TRUNCATE ON llm_admin.model_pricing
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_price_truncate();

CREATE TRIGGER trg_check_row BEFORE INSERT ON llm_admin.model_price_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();
CREATE TRIGGER trg_check_row BEFORE INSERT OR UPDATE ON llm_admin.exchange_rates
  FOR EACH ROW EXECUTE FUNCTION llm_admin.check_row();

-- Prices that held stay as they were also under session_replication_role = replica.
CREATE TRIGGER trg_refuse_price_change BEFORE UPDATE OR DELETE ON llm_admin.model_price_history
  FOR EACH ROW EXECUTE FUNCTION llm_admin.refuse_price_change();
CREATE TRIGGER trg_refuse_price_truncate BEFORE TRUNCATE ON llm_admin.model_price_history
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.refuse_price_change();
ALTER TABLE llm_admin.model_price_history
  ENABLE ALWAYS TRIGGER trg_refuse_price_change,
  ENABLE ALWAYS TRIGGER trg_refuse_price_truncate;
