-- Rows changed by hand keep the uses that sessions count in place: the statement waits for them, and they for it.
CREATE TRIGGER trg_lock_data_keys BEFORE UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE ALWAYS TRIGGER trg_lock_data_keys;

-- Tells every session, at commit, to read data keys again; also under session_replication_role = replica.
CREATE TRIGGER trg_data_keys_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON llm_admin.data_keys
  FOR EACH STATEMENT EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE ALWAYS TRIGGER trg_data_keys_changed;

-- A logical subscriber's apply fires no trigger for statements: there each row tells it.
CREATE TRIGGER trg_data_key_replicated AFTER INSERT OR UPDATE OR DELETE ON llm_admin.data_keys
  FOR EACH ROW EXECUTE FUNCTION llm_admin.data_keys_changed();
ALTER TABLE llm_admin.data_keys ENABLE REPLICA TRIGGER trg_data_key_replicated;
