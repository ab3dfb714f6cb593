COMMENT ON TABLE llm_admin.schema_migrations IS 'Ledger: one row for every migration script that ran in this database';
COMMENT ON COLUMN llm_admin.schema_migrations.direction IS 'install, up or down';
COMMENT ON COLUMN llm_admin.schema_migrations.checksum IS 'SHA-256 of the script file, hex';
COMMENT ON COLUMN llm_admin.schema_migrations.fingerprint IS 'SHA-256 over the catalog entries of the extension after the script, hex';
COMMENT ON FUNCTION llm_admin.check_schema() IS 'Called by the install script: refuses a schema llm_admin that another role prepared';
COMMENT ON FUNCTION llm_admin.record_migration(pg_catalog.text) IS 'Called last by every migration script: checks that nothing is granted to others and writes the ledger row';
COMMENT ON FUNCTION llm_admin.schema_objects() IS 'The objects of the extension as the catalog holds them, an object a row';
