-- What ships: dialects for create_provider(), and the rows that seed() adds: providers and their other names. CREATE EXTENSION inserts none
-- of them: rows of an install script would collide with the dumped ones on restore. The data are files of src/shipped,
-- embedded in the library; they alone name vendors.

-- Mappings by API dialect, without a vendor: what create_provider() starts from. max_tokens is the name that nearly
-- every server compatible with OpenAI's chat completions takes.
CREATE FUNCTION llm_admin.shipped_dialects()
  RETURNS TABLE (
    dialect pg_catalog.text, endpoint_path_template pg_catalog.text, auth_scheme pg_catalog.text,
    auth_header_template pg_catalog.text, http_method pg_catalog.text, request_builder_config pg_catalog.jsonb,
    response_extractor_config pg_catalog.jsonb)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 7 AS 'MODULE_PATHNAME', 'llm_admin_shipped_dialects';

-- The seed rows: each has the mapping of its dialect and what is different at its vendor (core/shipped.hpp).
CREATE FUNCTION llm_admin.shipped_providers()
  RETURNS TABLE (
    provider_name pg_catalog.text, display_name pg_catalog.text, description pg_catalog.text,
    auth_scheme pg_catalog.text, auth_header_template pg_catalog.text, base_url pg_catalog.text,
    endpoint_path_template pg_catalog.text, http_method pg_catalog.text, additional_headers pg_catalog.jsonb,
    request_builder_config pg_catalog.jsonb, response_extractor_config pg_catalog.jsonb,
    default_model pg_catalog.text, supported_models pg_catalog.jsonb, model_capabilities pg_catalog.jsonb,
    context_window_tokens pg_catalog.int4, max_output_tokens_limit pg_catalog.int4, is_active pg_catalog.bool,
    is_enabled pg_catalog.bool)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 14 AS 'MODULE_PATHNAME', 'llm_admin_shipped_providers';

-- The first statement takes the table's lock through its statement trigger, so that the second one's snapshot sees
-- what other sessions activated meanwhile. Rows that are there are skipped before ON CONFLICT: no id is used up.
CREATE FUNCTION llm_admin.seed_providers()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 14
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed_providers');
    UPDATE llm_admin.llm_provider_configs p SET is_active = p.is_active WHERE false;
    WITH shipped AS (
      SELECT s.*
      FROM llm_admin.shipped_providers() WITH ORDINALITY AS s
    ), added AS (
      INSERT INTO llm_admin.llm_provider_configs AS p (
        provider_name, display_name, description, auth_scheme, auth_header_template, base_url,
        endpoint_path_template, http_method, additional_headers, request_builder_config, response_extractor_config,
        default_model, supported_models, model_capabilities, context_window_tokens, max_output_tokens_limit,
        is_active, is_enabled)
      SELECT s.provider_name, s.display_name, s.description, s.auth_scheme, s.auth_header_template, s.base_url,
             s.endpoint_path_template, s.http_method, s.additional_headers, s.request_builder_config,
             s.response_extractor_config, s.default_model, s.supported_models, s.model_capabilities,
             s.context_window_tokens, s.max_output_tokens_limit,
             s.is_active AND NOT EXISTS (SELECT FROM llm_admin.llm_provider_configs a WHERE a.is_active),
             s.is_enabled
      FROM shipped s
      WHERE NOT EXISTS (
        SELECT FROM llm_admin.llm_provider_configs t
        WHERE t.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C")
      ORDER BY s.ordinality
      ON CONFLICT (provider_name) DO NOTHING
      RETURNING p.provider_name::pg_catalog.text AS name
    )
    SELECT s.provider_name, CASE WHEN a.name IS NULL THEN 'already there' ELSE 'added' END
    FROM shipped s
    LEFT JOIN added a ON a.name OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C"
    ORDER BY s.ordinality;
  END;

-- Names that applications and vendors use for the providers above.
CREATE FUNCTION llm_admin.shipped_provider_aliases()
  RETURNS TABLE (alias pg_catalog.text, provider_name pg_catalog.text)
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 9
  AS 'MODULE_PATHNAME', 'llm_admin_shipped_provider_aliases';

CREATE FUNCTION llm_admin.seed_provider_aliases()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 9
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed_provider_aliases');
    WITH shipped AS (
      SELECT s.*
      FROM llm_admin.shipped_provider_aliases() WITH ORDINALITY AS s
    ), added AS (
      INSERT INTO llm_admin.provider_aliases AS a (alias, provider_name)
      SELECT s.alias, s.provider_name
      FROM shipped s
      ON CONFLICT (alias) DO NOTHING
      RETURNING a.alias AS name
    )
    SELECT pg_catalog.concat('alias ', s.alias), CASE WHEN a.name IS NULL THEN 'already there' ELSE 'added' END
    FROM shipped s
    LEFT JOIN added a ON a.name OPERATOR(pg_catalog.=) s.alias COLLATE pg_catalog."C"
    ORDER BY s.ordinality;
  END;

CREATE FUNCTION llm_admin.seed()
  RETURNS TABLE (item pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 80
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('seed');
    SELECT llm_admin.record_seed();
    SELECT p.item, p.outcome
    FROM llm_admin.seed_providers() p
    UNION ALL
    SELECT a.item, a.outcome
    FROM llm_admin.seed_provider_aliases() a
    UNION ALL
    SELECT t.item, t.outcome
    FROM llm_admin.seed_tiers() t
    UNION ALL
    SELECT c.item, c.outcome
    FROM llm_admin.seed_prices() c
    UNION ALL
    SELECT pg_catalog.concat('months of ', m.log),
           CASE WHEN pg_catalog.bool_or(m.outcome OPERATOR(pg_catalog.=) 'made') THEN 'added' ELSE 'already there' END
    FROM llm_admin.maintain_partitions() m
    GROUP BY m.log;
  END;

-- The row lock makes the verdict hold for the version that is deleted.
CREATE FUNCTION llm_admin.remove_seed_providers()
  RETURNS TABLE (provider_name pg_catalog.text, outcome pg_catalog.text)
  LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 14
  BEGIN ATOMIC
    SELECT llm_admin.require_primary('remove_seed_providers');
    UPDATE llm_admin.llm_provider_configs p SET is_active = p.is_active WHERE false;
    WITH present AS MATERIALIZED (
      SELECT s.ordinality, p.id, p.provider_name::pg_catalog.text AS name,
             CASE
               WHEN p.is_active THEN 'refused: active, switch to another provider first'
               WHEN p.api_key_encrypted IS NOT NULL
                 OR (p.display_name IS DISTINCT FROM s.display_name
                  OR p.description IS DISTINCT FROM s.description
                  OR p.auth_scheme IS DISTINCT FROM s.auth_scheme
                  OR p.auth_header_template IS DISTINCT FROM s.auth_header_template
                  OR p.base_url IS DISTINCT FROM s.base_url
                  OR p.endpoint_path_template IS DISTINCT FROM s.endpoint_path_template
                  OR p.http_method IS DISTINCT FROM s.http_method
                  OR p.additional_headers IS DISTINCT FROM s.additional_headers
                  OR p.request_builder_config IS DISTINCT FROM s.request_builder_config
                  OR p.response_extractor_config IS DISTINCT FROM s.response_extractor_config
                  OR p.default_model IS DISTINCT FROM s.default_model
                  OR p.supported_models IS DISTINCT FROM s.supported_models
                  OR p.model_capabilities IS DISTINCT FROM s.model_capabilities
                  OR p.context_window_tokens IS DISTINCT FROM s.context_window_tokens
                  OR p.max_output_tokens_limit IS DISTINCT FROM s.max_output_tokens_limit
                  OR p.is_enabled IS DISTINCT FROM s.is_enabled)
                 -- As an earlier version shipped it is not edited either: groq, openrouter, google_ai, chatgpt of 0.1.
                 AND pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((
                     p.provider_name, p.display_name, p.description, p.auth_scheme, p.auth_header_template, p.base_url,
                     p.endpoint_path_template, p.http_method, p.additional_headers, p.request_builder_config,
                     p.response_extractor_config, p.default_model, p.supported_models, p.model_capabilities,
                     p.context_window_tokens, p.max_output_tokens_limit, p.is_enabled)::pg_catalog.text, 'UTF8')), 'hex')
                   NOT IN (
                     '4f4f9d90e012b6c3702cb8903545cd452a57e603d3b2499d9bbfe913f02ee9de',
                     'c2d37f7a1b71375422210b4dc355635ba26855a7f16900bf70077b4d881b4d24',
                     '3737865fd48d619d755369505e4877a96d6c057bc7e9cf7fd2a973a9054e9cf5',
                     'f434f20e47ee6f0d536b581597102ec0960bf2d7fcb629a0a1271fd1efcddfce')
                 THEN 'kept: edited'
               ELSE 'removed'
             END AS verdict
      FROM llm_admin.shipped_providers() WITH ORDINALITY AS s
      JOIN llm_admin.llm_provider_configs p
        ON p.provider_name::pg_catalog.text OPERATOR(pg_catalog.=) s.provider_name COLLATE pg_catalog."C"
      FOR UPDATE OF p
    ), gone AS (
      DELETE FROM llm_admin.llm_provider_configs p
      USING present r
      WHERE p.id OPERATOR(pg_catalog.=) r.id AND r.verdict OPERATOR(pg_catalog.=) 'removed'
    )
    SELECT r.name, r.verdict
    FROM present r
    ORDER BY r.ordinality;
  END;

COMMENT ON FUNCTION llm_admin.shipped_dialects() IS 'Mappings by API dialect, as create_provider() uses them';
COMMENT ON FUNCTION llm_admin.shipped_providers() IS 'The provider rows that seed() adds where they are missing';
COMMENT ON FUNCTION llm_admin.seed_providers() IS 'Adds the shipped providers that are missing; never changes a row';
COMMENT ON FUNCTION llm_admin.shipped_provider_aliases() IS 'The other names of providers that seed() adds where they are missing';
COMMENT ON FUNCTION llm_admin.seed_provider_aliases() IS 'Adds the shipped names of providers that are missing; never changes a row';
COMMENT ON FUNCTION llm_admin.seed() IS 'Adds all shipped rows that are missing; may be run again at any time';
COMMENT ON FUNCTION llm_admin.remove_seed_providers() IS 'Removes the shipped providers that nobody edited; history stays';
