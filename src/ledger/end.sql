-- Nothing for PUBLIC; what roles get comes from grant_access(), after the script.
REVOKE ALL ON ALL TABLES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA llm_admin FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA llm_admin FROM PUBLIC;
SELECT llm_admin.record_migration('llm_admin--@version@.sql');
