-- Tells every session, at commit, to read data keys again; also under session_replication_role = replica.
CREATE TRIGGER trg_data_keys_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE ALWAYS TRIGGER trg_data_keys_changed;
