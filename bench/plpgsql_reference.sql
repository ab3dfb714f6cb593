-- The other side of the benchmark: what llm_admin does for providers, written as a careful PL/pgSQL author would
-- write it. Same table, same rules, all problems at once, same history, one active provider, one lock. Left out, in
-- favour of this side: "did you mean" hints, the byte at which a path goes wrong, the binding of keys (the benchmark's
-- rows have none), the guard against hand-made changes of updated_at, and renames of test results.
CREATE SCHEMA reference;
SET search_path = reference, public;

CREATE TABLE providers (LIKE llm_admin.llm_provider_configs INCLUDING ALL);
CREATE SEQUENCE providers_id_seq AS integer OWNED BY providers.id;
ALTER TABLE providers ALTER COLUMN id SET DEFAULT nextval('reference.providers_id_seq');
CREATE TABLE history (LIKE llm_admin.llm_provider_config_history INCLUDING ALL);

-- ---- paths ---------------------------------------------------------------------------------------------------

-- The grammar as one regular expression; the server keeps it compiled.
CREATE FUNCTION path_grammar() RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT '^(\$|@index(?![A-Za-z0-9_])|@|\^|(param|provider):[A-Za-z0-9_]+|model:[A-Za-z0-9_-]+'
    '|header:[A-Za-z0-9_!#$%&''*+^`|~-]+|status(?![A-Za-z0-9_]))('
    '\.\*|\.' || name || '|\[' || blank || '(\*|' || quoted || '|' || index || '|\?' || blank
    || '(\(' || blank || condition || blank || '\)|' || condition || '))' || blank || '\])*$'
  FROM (SELECT '[ \t\n\r]*' AS blank, '[A-Za-z_\u0080-\U0010FFFF][A-Za-z0-9_\u0080-\U0010FFFF]*' AS name,
          '(0|-?[1-9][0-9]{0,8})' AS index,
          $q$("([^"\\]|\\(["'\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|'([^'\\]|\\(["'\\/bfnrt]|u[0-9A-Fa-f]{4}))*')$q$ AS quoted) a,
  LATERAL (SELECT '@(\.' || name || '|\[' || blank || '(' || quoted || '|' || index || ')' || blank || '\])*'
             || blank || '((==|!=)' || blank || '(' || quoted
             || '|true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?)' || blank || ')?' AS condition) b
$$;

-- As literals, because a function call would not be folded inside PL/pgSQL expressions.
DO $do$
BEGIN
  EXECUTE format($f$
CREATE FUNCTION path_problem(path text, request boolean) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
  root text;
BEGIN
  IF octet_length(path) > 4096 THEN
    RETURN 'a path is at most 4096 bytes long';
  END IF;
  IF path !~ %L THEN
    RETURN to_json(left(path, 100)) || ' is not a path';
  END IF;
  IF length(path) > 128 AND regexp_count(path, '[.[]') > 64 THEN
    RETURN 'a path has at most 64 steps';
  END IF;
  IF request THEN
    IF path LIKE 'param:%%' THEN
      root := substring(path FROM '^param:([A-Za-z0-9_]+)');
      IF root IN ('extra_body', 'drop_params') THEN
        RETURN root || ' works by itself; no rule reads it';
      END IF;
      IF root NOT IN ('model_name', 'messages', 'temperature', 'top_p', 'top_k', 'max_output_tokens', 'stop', 'seed',
                      'tools', 'tool_choice', 'parallel_tool_calls', 'response_format', 'reasoning_effort', 'user',
                      'metadata', 'stream', 'model', 'max_tokens', 'max_completion_tokens') THEN
        RETURN 'there is no parameter ' || root;
      END IF;
      RETURN NULL;
    ELSIF path LIKE 'model:%%' THEN
      RETURN NULL;
    ELSIF path NOT LIKE 'provider:%%' THEN
      RETURN 'a request rule cannot read ' || substring(path FROM '^(\$|@index|@|\^|[a-z]+)');
    END IF;
  ELSIF path LIKE '$%%' OR path LIKE 'header:%%' OR path LIKE 'status%%' THEN
    RETURN NULL;
  ELSIF path NOT LIKE 'provider:%%' THEN
    RETURN 'a response rule cannot read ' || substring(path FROM '^(\$|@index|@|\^|[a-z]+)');
  END IF;
  root := substring(path FROM '^provider:([A-Za-z0-9_]+)');
  IF root NOT IN ('provider_name', 'display_name', 'description', 'default_model', 'context_window_tokens',
                  'max_output_tokens_limit', 'supported_models', 'http_method') THEN
    RETURN 'provider:' || root || ' cannot be read';
  END IF;
  RETURN NULL;
END
$body$ $f$, path_grammar());
END
$do$;

-- ---- configs -------------------------------------------------------------------------------------------------

CREATE FUNCTION fits_type(value jsonb, wanted text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  kind text := jsonb_typeof(value);
BEGIN
  RETURN CASE
    WHEN kind = wanted THEN true
    WHEN wanted = 'integer' THEN CASE kind WHEN 'number' THEN value::numeric % 1 = 0
                                   WHEN 'string' THEN value #>> '{}' ~ '^-?(0|[1-9][0-9]*)$' ELSE false END
    WHEN wanted = 'number' THEN kind = 'string' AND value #>> '{}' ~ '^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$'
    WHEN wanted = 'string' THEN kind IN ('number', 'boolean')
    WHEN wanted = 'array' THEN kind <> 'object'
    ELSE false
  END;
END
$$;

-- The problems of one rule and of the rules inside it.
CREATE FUNCTION rule_problems(rule jsonb, pointer text, request boolean, top boolean) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found text[] := '{}';
  problem text;
  name text;
  value jsonb;
  kind text := jsonb_typeof(rule);
  heads integer := 0;
  source jsonb;
  paths jsonb;
  fields jsonb;
  fallback jsonb;
  wanted text;
  joins boolean := false;
  n integer;
BEGIN
  IF kind = 'string' THEN
    problem := reference.path_problem(rule #>> '{}', request);
    IF problem IS NOT NULL THEN found := found || (pointer || ': ' || problem); END IF;
    RETURN found;
  ELSIF kind <> 'object' THEN
    RETURN found || (pointer || ': a rule is an object or a path, not ' || kind);
  END IF;
  FOR name, value IN SELECT * FROM jsonb_each(rule) LOOP
    CONTINUE WHEN value = 'null';
    CASE name
      WHEN 'source' THEN
        source := value;
        heads := heads + 1;
      WHEN 'paths' THEN
        paths := value;
        heads := heads + 1;
      WHEN 'fields' THEN
        fields := value;
        heads := heads + 1;
      WHEN 'type' THEN
        wanted := value #>> '{}';
        IF wanted NOT IN ('string', 'integer', 'number', 'boolean', 'array', 'object') THEN
          found := found || (pointer || '/type: type must be one of string, integer, number, boolean, array, object');
          wanted := NULL;
        END IF;
      WHEN 'join' THEN
        joins := true;
        IF jsonb_typeof(value) <> 'string' THEN
          found := found || (pointer || '/join: join must be the text to put between');
        END IF;
      WHEN 'required' THEN
        IF jsonb_typeof(value) <> 'boolean' THEN
          found := found || (pointer || '/required: required must be true or false');
        END IF;
      WHEN 'default' THEN
        fallback := value;
      ELSE
        NULL;  -- path is looked at by the caller; other names are warnings, which do not count here
    END CASE;
  END LOOP;
  IF fallback IS NOT NULL AND wanted IS NOT NULL AND NOT reference.fits_type(fallback, wanted) THEN
    found := found || (pointer || '/default: default is no ' || wanted);
  END IF;
  IF heads > 1 THEN
    RETURN found || (pointer || ': a rule has one of source, paths and fields, not several');
  ELSIF heads = 0 AND fallback IS NULL THEN
    RETURN found || (pointer || ': a rule needs one of source, paths, fields, or a default');
  END IF;
  IF source IS NOT NULL THEN
    problem := CASE WHEN jsonb_typeof(source) <> 'string' THEN 'a path is a text'
                    ELSE reference.path_problem(source #>> '{}', request) END;
    IF problem IS NOT NULL THEN found := found || (pointer || '/source: ' || problem); END IF;
  ELSIF paths IS NOT NULL THEN
    IF jsonb_typeof(paths) <> 'array' THEN paths := jsonb_build_array(paths); END IF;
    IF jsonb_array_length(paths) = 0 THEN found := found || (pointer || '/paths: paths is empty'); END IF;
    n := 0;
    FOR value IN SELECT * FROM jsonb_array_elements(paths) LOOP
      problem := CASE WHEN jsonb_typeof(value) <> 'string' THEN 'a path is a text'
                      ELSE reference.path_problem(value #>> '{}', request) END;
      IF problem IS NOT NULL THEN found := found || (pointer || '/paths/' || n || ': ' || problem); END IF;
      n := n + 1;
    END LOOP;
  ELSIF fields IS NOT NULL THEN
    IF jsonb_typeof(fields) <> 'object' THEN
      RETURN found || (pointer || '/fields: fields must be an object of rules');
    END IF;
    IF joins THEN found := found || (pointer || '/join: join needs source or paths'); END IF;
    IF wanted <> 'object' THEN
      found := found || (pointer || '/type: fields make an object; type cannot be another');
    END IF;
    FOR name, value IN SELECT * FROM jsonb_each(fields) LOOP
      CONTINUE WHEN value = 'null';
      found := found || reference.rule_problems(value, pointer || '/fields/' || name, request, false);
    END LOOP;
  END IF;
  RETURN found;
END
$$;

CREATE FUNCTION place_problem(place text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE
    WHEN place LIKE 'url:%' THEN
      CASE WHEN place !~ '^url:[A-Za-z_][A-Za-z0-9_]{0,99}$' THEN 'url: must be followed by the name of a hole' END
    WHEN place LIKE 'query:%' THEN
      CASE WHEN place !~ '^query:[!-~]{1,100}$' THEN 'query: must be followed by a name without blanks' END
    WHEN place !~ '^([^.\\]|\\[.\\])+(\.([^.\\]|\\[.\\])+){0,15}$' THEN
      'path is names joined by points, at most 16; a point in a name is written \.'
    WHEN place ~ '^\$(\.|$)' THEN 'path says where the value goes and has no $'
  END;
END
$$;

CREATE FUNCTION config_problems_of(config jsonb, request boolean) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  config_name text := CASE WHEN request THEN 'request_builder_config' ELSE 'response_extractor_config' END;
  part text := CASE WHEN request THEN 'payload_structure' ELSE 'extraction_rules' END;
  found text[] := '{}';
  version jsonb;
  structure jsonb;
  name text;
  rule jsonb;
  place text;
  places text[] := '{}';
  nested boolean := false;
  problem text;
  missing text[];
BEGIN
  IF config IS NULL OR jsonb_typeof(config) <> 'object' THEN
    RETURN ARRAY[config_name || ' must be a JSON object'];
  END IF;
  IF jsonb_path_exists(config, 'strict $.**{32 to last}.*') THEN
    RETURN ARRAY[config_name || ' nests deeper than 32 levels'];
  END IF;
  IF octet_length(config::text) > 65536 THEN
    RETURN ARRAY[config_name || ' is larger than 64 kB of JSON text'];
  END IF;
  version := config -> 'version';
  IF version IS NULL OR version = 'null' THEN
    found := found || (config_name || ' must contain "version" field');
  ELSIF version <> '"1.0"' AND version <> '1.0' THEN
    RETURN found || ('version ' || left(version::text, 40) || ' is not supported');
  END IF;
  structure := config -> part;
  IF structure IS NULL OR jsonb_typeof(structure) <> 'object' THEN
    RETURN found || (config_name || ' must contain "' || part || '" object');
  END IF;
  missing := ARRAY(SELECT m FROM unnest(CASE WHEN request THEN ARRAY['model', 'messages']
                                             ELSE ARRAY['text_content', 'usage_stats'] END) m
                   WHERE coalesce(structure -> m, 'null') = 'null');
  IF missing <> '{}' THEN
    found := found || (part || ' lacks ' || array_to_string(missing, ' and '));
  END IF;
  IF NOT request AND structure ? 'mapping_warnings' THEN
    found := found || '/extraction_rules/mapping_warnings: this name is reserved'::text;
  END IF;
  FOR name, rule IN SELECT * FROM jsonb_each(structure) LOOP
    CONTINUE WHEN rule = 'null';
    found := found || reference.rule_problems(rule, '/' || part || '/' || name, request, true);
    IF request THEN
      place := rule ->> 'path';
      IF place IS NULL THEN
        place := replace(replace(name, '\', '\\'), '.', '\.');
      ELSE
        problem := reference.place_problem(place);
        IF problem IS NOT NULL THEN found := found || ('/' || part || '/' || name || '/path: ' || problem); END IF;
        nested := true;
      END IF;
      IF place = ANY (places) THEN
        found := found || ('/' || part || '/' || name || ': this place is taken by another rule');
      END IF;
      places := places || place;
    END IF;
  END LOOP;
  IF nested THEN
    found := found || ARRAY(
      SELECT p || ': this place lies inside the place of another rule'
      FROM (SELECT p, lag(p) OVER (ORDER BY p COLLATE "C") AS before FROM unnest(places) p) sorted
      WHERE starts_with(p, before || '.'));
  END IF;
  RETURN found;
END
$$;

CREATE FUNCTION validate_config(request_builder_config jsonb, response_extractor_config jsonb) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found text[] := reference.config_problems_of(request_builder_config, true)
                  || reference.config_problems_of(response_extractor_config, false);
BEGIN
  IF found <> '{}' THEN
    RAISE EXCEPTION USING ERRCODE = 'LA001', MESSAGE = found[1], DETAIL = array_to_string(found, E'\n');
  END IF;
  RETURN true;
END
$$;

-- ---- URL and headers of a row --------------------------------------------------------------------------------

CREATE FUNCTION connection_problems(base_url text, endpoint text, scheme text, template text, headers jsonb)
  RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found text[] := '{}';
  auth text := coalesce(template, CASE scheme WHEN 'bearer' THEN 'Authorization: Bearer {api_key}' ELSE '' END);
  host text;
  name text;
  value jsonb;
BEGIN
  host := lower(substring(base_url FROM '^https?://([A-Za-z0-9_{}-]+(\.[A-Za-z0-9_{}-]+)*|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(/|$)'));
  IF host IS NULL THEN
    found := found || 'base_url: it is no http or https URL with a plain host'::text;
  ELSE
    IF base_url !~ '^[^/]+//[^/]+(/([A-Za-z0-9._~!$&''()*+,;=:@{}/-]|%[0-9A-Fa-f]{2})*)?$' THEN
      found := found || 'base_url: its path holds a character that may not stand there'::text;
    END IF;
    IF base_url ~ '/(\.|%2[eE]){1,2}(/|$)' THEN found := found || 'base_url: it holds a dot segment'::text; END IF;
    IF host ~ '(^|\.)(0x[0-9a-f]*|[0-9]+)$'
       AND host !~ '^((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(\.(?!$)|$)){4}$' THEN
      found := found || 'base_url: clients would take its host for a number'::text;
    END IF;
    IF base_url LIKE 'http://%' AND host !~ '^(localhost|127\.[0-9.]+|\[::1\])$' THEN
      found := found || 'base_url: plain http is only for loopback'::text;
    END IF;
  END IF;
  IF position('{api_key}' IN base_url) > 0 THEN found := found || 'base_url may not hold {api_key}'::text; END IF;
  IF endpoint !~ '^/(?!/)[!-~]*$' OR endpoint ~ '[\\#]' THEN
    found := found || 'endpoint_path_template must begin with one / and hold no blank, \ or #'::text;
  END IF;
  IF position('{api_key}' IN endpoint) > 0 THEN
    found := found || 'endpoint_path_template may not hold {api_key}'::text;
  END IF;
  IF scheme = 'query_param' THEN
    IF template !~ '^[A-Za-z0-9._~-]*$' THEN
      found := found || 'auth_header_template must be the plain name of a query parameter'::text;
    END IF;
  ELSIF scheme <> 'none' THEN
    IF auth !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+: [^\u0001-\u001f\u007f]*\{api_key\}[^\u0001-\u001f\u007f]*$'
       OR auth ~ '\{api_key\}.*\{api_key\}' THEN
      found := found || 'auth_header_template must read ''Name: text {api_key}'' without control characters'::text;
    END IF;
  END IF;
  IF jsonb_typeof(headers) = 'object' THEN
    FOR name, value IN SELECT * FROM jsonb_each(headers) LOOP
      IF name !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+$' THEN
        found := found || 'additional_headers holds a name that is no HTTP header name'::text;
      ELSIF lower(name) IN ('authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'api-key', 'x-goog-api-key',
                            'x-auth-token', 'x-amz-security-token', 'host', 'content-length', 'transfer-encoding',
                            'connection', 'upgrade', 'te', 'trailer', 'forwarded', 'x-forwarded-host',
                            'x-http-method-override', 'x-original-url')
            OR (scheme IN ('bearer', 'api_key_header') AND lower(name) = lower(split_part(auth, ': ', 1))) THEN
        found := found || ('additional_headers.' || name || ' may not be set here');
      ELSIF jsonb_typeof(value) <> 'string' THEN
        found := found || ('additional_headers.' || name || ' must be a text');
      ELSIF value #>> '{}' ~ '[\u0001-\u001f\u007f]' OR position('{api_key}' IN value #>> '{}') > 0 THEN
        found := found || ('additional_headers.' || name || ' holds control characters or {api_key}');
      END IF;
    END LOOP;
  END IF;
  RETURN found;
END
$$;

-- ---- triggers ------------------------------------------------------------------------------------------------

CREATE FUNCTION lock_providers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7133, 1);
  RETURN NULL;
END
$$;

CREATE FUNCTION ensure_single_active() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.is_active THEN RETURN NEW; END IF;
  ELSIF EXISTS (SELECT FROM reference.providers p WHERE p.provider_name = NEW.provider_name OR p.id = NEW.id) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.updated_by IS DISTINCT FROM OLD.updated_by THEN
    UPDATE reference.providers p SET is_active = false, updated_by = NEW.updated_by
    WHERE p.is_active AND p.provider_name <> NEW.provider_name;
  ELSE
    UPDATE reference.providers p SET is_active = false
    WHERE p.is_active AND p.provider_name <> NEW.provider_name;
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION prevent_active_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.is_active THEN
    RAISE EXCEPTION USING ERRCODE = 'object_in_use',
      MESSAGE = 'Cannot delete active provider. Switch to another provider first.';
  END IF;
  RETURN OLD;
END
$$;

CREATE FUNCTION validate_provider() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  insert boolean := TG_OP = 'INSERT';
  mapping_changed boolean := true;
  connection_changed boolean := true;
  found text[];
BEGIN
  IF NOT insert THEN
    mapping_changed := (NEW.request_builder_config, NEW.response_extractor_config)
      IS DISTINCT FROM (OLD.request_builder_config, OLD.response_extractor_config);
    connection_changed := (NEW.base_url, NEW.endpoint_path_template, NEW.http_method, NEW.auth_scheme,
                           NEW.auth_header_template, NEW.additional_headers)
      IS DISTINCT FROM (OLD.base_url, OLD.endpoint_path_template, OLD.http_method, OLD.auth_scheme,
                        OLD.auth_header_template, OLD.additional_headers);
  END IF;
  IF mapping_changed THEN
    PERFORM reference.validate_config(NEW.request_builder_config, NEW.response_extractor_config);
  END IF;
  IF connection_changed THEN
    found := reference.connection_problems(NEW.base_url, NEW.endpoint_path_template, NEW.auth_scheme,
                                           NEW.auth_header_template, NEW.additional_headers);
    IF found <> '{}' THEN
      RAISE EXCEPTION USING ERRCODE = 'LA001', MESSAGE = found[1], DETAIL = array_to_string(found, E'\n');
    END IF;
  END IF;
  IF insert THEN RETURN NEW; END IF;
  IF NOT OLD.is_enabled AND NEW.is_enabled AND NEW.api_key_encrypted IS NULL AND NEW.auth_scheme <> 'none' THEN
    RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('provider %s has no key and stays disabled', NEW.provider_name);
  END IF;
  NEW.updated_at := OLD.updated_at;
  NEW.config_version := OLD.config_version;
  IF NEW IS DISTINCT FROM OLD THEN NEW.updated_at := now(); END IF;
  IF mapping_changed OR connection_changed THEN NEW.config_version := OLD.config_version + 1; END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION write_history(row_is reference.providers, actions text[], changed_by text) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  snapshot jsonb := to_jsonb(row_is);
BEGIN
  IF row_is.api_key_encrypted IS NOT NULL THEN
    snapshot := jsonb_set(snapshot, '{api_key_encrypted}',
      to_jsonb('sha256:' || left(encode(sha256(convert_to(row_is.api_key_encrypted, 'UTF8')), 'hex'), 16)));
  END IF;
  INSERT INTO reference.history (provider_id, provider_name, action, config_snapshot, changed_by, config_version,
                                 session_user_name, current_user_name)
  SELECT row_is.id, row_is.provider_name, a, snapshot, changed_by, row_is.config_version, session_user, current_user
  FROM unnest(actions) a;
END
$$;

CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  actions text[] := '{}';
  actor text := nullif(current_setting('llm_admin.actor', true), '');
  updated boolean;
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM reference.write_history(NEW, '{created}', coalesce(actor, NEW.updated_by, session_user));
    RETURN NULL;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM reference.write_history(OLD, '{deleted}', coalesce(actor, session_user));
    RETURN NULL;
  END IF;
  updated := (NEW.provider_name, NEW.display_name, NEW.description, NEW.auth_scheme, NEW.auth_header_template,
              NEW.base_url, NEW.endpoint_path_template, NEW.http_method, NEW.additional_headers,
              NEW.request_builder_config, NEW.response_extractor_config, NEW.default_model, NEW.supported_models,
              NEW.model_capabilities, NEW.context_window_tokens, NEW.max_output_tokens_limit)
    IS DISTINCT FROM
             (OLD.provider_name, OLD.display_name, OLD.description, OLD.auth_scheme, OLD.auth_header_template,
              OLD.base_url, OLD.endpoint_path_template, OLD.http_method, OLD.additional_headers,
              OLD.request_builder_config, OLD.response_extractor_config, OLD.default_model, OLD.supported_models,
              OLD.model_capabilities, OLD.context_window_tokens, OLD.max_output_tokens_limit);
  IF NEW.api_key_encrypted IS DISTINCT FROM OLD.api_key_encrypted THEN actions := actions || 'key_changed'::text; END IF;
  IF NEW.is_enabled <> OLD.is_enabled THEN
    actions := actions || CASE WHEN NEW.is_enabled THEN 'enabled' ELSE 'disabled' END;
  END IF;
  IF NEW.is_active <> OLD.is_active THEN
    actions := actions || CASE WHEN NEW.is_active THEN 'activated' ELSE 'deactivated' END;
  END IF;
  IF updated OR (actions = '{}' AND NEW.updated_by IS DISTINCT FROM OLD.updated_by) THEN
    actions := 'updated'::text || actions;
  END IF;
  IF actions <> '{}' THEN
    PERFORM reference.write_history(NEW, actions, coalesce(
      actor, CASE WHEN NEW.updated_by IS DISTINCT FROM OLD.updated_by THEN NEW.updated_by END, session_user));
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER trg_lock BEFORE INSERT OR UPDATE OF is_active OR DELETE OR TRUNCATE ON providers
  FOR EACH STATEMENT EXECUTE FUNCTION lock_providers();
CREATE TRIGGER trg_ensure_single_active BEFORE INSERT OR UPDATE OF is_active ON providers
  FOR EACH ROW WHEN (NEW.is_active) EXECUTE FUNCTION ensure_single_active();
CREATE TRIGGER trg_prevent_active_deletion BEFORE DELETE ON providers
  FOR EACH ROW EXECUTE FUNCTION prevent_active_deletion();
CREATE TRIGGER trg_validate BEFORE INSERT OR UPDATE ON providers
  FOR EACH ROW EXECUTE FUNCTION validate_provider();
CREATE TRIGGER trg_z_log AFTER INSERT OR UPDATE OR DELETE ON providers
  FOR EACH ROW EXECUTE FUNCTION log_change();
