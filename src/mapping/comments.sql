COMMENT ON TYPE llm_admin.built_request IS 'A complete HTTP request, as build_request() returns it';
COMMENT ON FUNCTION llm_admin.config_problems(pg_catalog.jsonb, pg_catalog.jsonb) IS 'All problems of a pair of mapping configs at once; never raises';
COMMENT ON FUNCTION llm_admin.validate_config(pg_catalog.jsonb, pg_catalog.jsonb) IS 'True, or LA001 with every problem in DETAIL';
COMMENT ON FUNCTION llm_admin.validate_request_builder_config(pg_catalog.jsonb) IS 'True, or LA001: checks a request_builder_config alone';
COMMENT ON FUNCTION llm_admin.validate_response_extractor_config(pg_catalog.jsonb) IS 'True, or LA001: checks a response_extractor_config alone';
COMMENT ON FUNCTION llm_admin.build_request(pg_catalog.jsonb, pg_catalog.text, pg_catalog.bool) IS 'The HTTP request for a call to a provider (null: the active one), with the auth header only when with_key';
COMMENT ON FUNCTION llm_admin.extract_response(pg_catalog.jsonb, pg_catalog.text, pg_catalog.int4, pg_catalog.jsonb) IS 'Text, tool calls, usage and error of a provider''s response in one normalised form';
