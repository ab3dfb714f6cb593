-- The other side of build_request: one hand-written function a vendor, as an application would have it. It knows its
-- vendor, so it needs no mapping; it checks the same things and returns the same columns. In favour of this side, the
-- two that turn messages around take texts only: no images, tools, tool results, schemas, reasoning, and no neighbours
-- of one role. `*_bare` checks nothing at all: one statement that reads the row and makes URL and body.
SET search_path = reference, public;

CREATE FUNCTION percent_encoded(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF value ~ '^[A-Za-z0-9._~-]+$' THEN RETURN value; END IF;
  RETURN (SELECT string_agg(CASE WHEN chr(get_byte(b, i)) ~ '[A-Za-z0-9._~-]' AND get_byte(b, i) < 128
                                 THEN chr(get_byte(b, i))
                                 ELSE '%' || upper(lpad(to_hex(get_byte(b, i)), 2, '0')) END, '' ORDER BY i)
          FROM (SELECT convert_to(value, 'UTF8') AS b) v, generate_series(0, octet_length(b) - 1) i);
END
$$;

-- Base and endpoint with one slash between them; a path prefix standing in both is taken once.
CREATE FUNCTION joined_url(base_url text, endpoint text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  base text := rtrim(base_url, '/');
  have text[] := string_to_array(substring(base FROM '^[a-z]+://[^/]+/(.*)$'), '/');
  wanted text[] := string_to_array(ltrim(endpoint, '/'), '/');
BEGIN
  FOR n IN REVERSE least(coalesce(cardinality(have), 0), cardinality(wanted)) .. 1 LOOP
    IF have[cardinality(have) - n + 1 :] = wanted[: n] THEN
      RETURN base || CASE WHEN cardinality(wanted) > n THEN '/' || array_to_string(wanted[n + 1 :], '/') ELSE '' END;
    END IF;
  END LOOP;
  RETURN base || '/' || ltrim(endpoint, '/');
END
$$;

-- The parameter as a number or an integer; NULL with a new problem when it is none, or out of bounds. Digit text counts.
CREATE FUNCTION as_number(params jsonb, name text, whole boolean, at_least numeric, at_most numeric, INOUT problems text[],
                          OUT value jsonb)
  LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  value := params -> name;
  IF jsonb_typeof(value) = 'string' AND value #>> '{}' ~ '^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$' THEN
    value := to_jsonb((value #>> '{}')::numeric);
  END IF;
  IF jsonb_typeof(value) <> 'number' OR (whole AND value::numeric % 1 <> 0) THEN
    problems := problems || ('/' || name || ': must be ' || CASE WHEN whole THEN 'an integer' ELSE 'a number' END);
    value := NULL;
  ELSIF value::numeric < at_least OR value::numeric > at_most THEN
    problems := problems || ('/' || name || ': out of bounds');
  END IF;
END
$$;

-- Aliases to the names used here, unknown and unread ones as problems.
CREATE FUNCTION normalised(given jsonb, readable text[], INOUT problems text[], OUT params jsonb)
  LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  name text;
  canonical text;
  value jsonb;
BEGIN
  params := '{}';
  FOR name, value IN SELECT * FROM jsonb_each(given) LOOP
    canonical := CASE name WHEN 'model' THEN 'model_name' WHEN 'max_tokens' THEN 'max_output_tokens'
                           WHEN 'max_completion_tokens' THEN 'max_output_tokens' ELSE name END;
    IF canonical <> ALL ('{model_name,messages,temperature,top_p,top_k,max_output_tokens,stop,seed,tools,tool_choice,parallel_tool_calls,response_format,reasoning_effort,user,metadata,stream,input,extra_body,drop_params}') THEN
      problems := problems || ('/' || name || ': unknown parameter');
    ELSIF value = 'null' THEN
      CONTINUE;
    ELSIF params ? canonical THEN
      problems := problems || ('/' || name || ': given twice');
    ELSIF canonical = ANY (readable) THEN
      params := params || jsonb_build_object(canonical, value);
    ELSIF canonical NOT IN ('extra_body', 'drop_params') AND coalesce(given -> 'drop_params', 'false') <> 'true' THEN
      problems := problems || ('/' || name || ': no rule of this provider reads it');
    END IF;
  END LOOP;
END
$$;

CREATE FUNCTION request_headers(additional jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF additional IS NULL THEN RETURN '{"Content-Type": "application/json"}'; END IF;
  IF EXISTS (SELECT FROM jsonb_object_keys(additional) k WHERE lower(k) = 'content-type') THEN RETURN additional; END IF;
  RETURN additional || '{"Content-Type": "application/json"}';
END
$$;

CREATE FUNCTION build_gemini_request(
  given jsonb, name text, OUT method text, OUT url text, OUT headers jsonb, OUT body jsonb, OUT provider_name text,
  OUT model text, OUT config_version integer)
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  p reference.providers;
  params jsonb;
  problems text[] := '{}';
  value jsonb;
  settings jsonb := '{}';
  system jsonb;
  turns jsonb;
BEGIN
  SELECT * INTO p FROM reference.providers r WHERE r.provider_name = name;
  IF NOT FOUND THEN RAISE EXCEPTION 'Provider % does not exist', name USING ERRCODE = 'undefined_object'; END IF;
  IF NOT p.is_enabled THEN RAISE EXCEPTION 'Provider % is disabled', name; END IF;
  SELECT n.params, n.problems INTO params, problems
  FROM reference.normalised(given, '{model_name,messages,temperature,top_p,top_k,max_output_tokens,stop,seed}', problems) n;
  model := coalesce(params ->> 'model_name', p.default_model);
  IF model IN ('', '.', '..') OR jsonb_typeof(params -> 'model_name') <> 'string' THEN
    problems := problems || '/model_name: must be a text that is not empty'::text;
  END IF;
  IF jsonb_typeof(params -> 'messages') IS DISTINCT FROM 'array' THEN
    problems := problems || '/messages: an array is required'::text;
  ELSE
    SELECT jsonb_agg(part) FILTER (WHERE role IN ('system', 'developer')),
           jsonb_agg(jsonb_build_object('role', CASE role WHEN 'assistant' THEN 'model' ELSE 'user' END, 'parts', jsonb_build_array(part)))
             FILTER (WHERE role IN ('user', 'assistant')),
           problems || array_agg('/messages/' || n - 1 || ': role or content is not taken')
             FILTER (WHERE kind IS DISTINCT FROM 'string' OR (role IN ('system', 'developer', 'user', 'assistant')) IS NOT TRUE)
      INTO system, turns, problems
    FROM (SELECT m ->> 'role' AS role, jsonb_typeof(m -> 'content') AS kind, jsonb_build_object('text', m -> 'content') AS part, n
          FROM jsonb_array_elements(params -> 'messages') WITH ORDINALITY a (m, n)) m;
    IF turns IS NULL THEN problems := problems || '/messages: at least one item is needed'::text; END IF;
  END IF;
  IF params ? 'temperature' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'temperature', false, 0, 2, problems) n;
    settings := settings || jsonb_build_object('temperature', value);
  END IF;
  IF params ? 'top_p' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'top_p', false, 0, 1, problems) n;
    settings := settings || jsonb_build_object('topP', value);
  END IF;
  IF params ? 'top_k' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'top_k', true, 1, NULL, problems) n;
    settings := settings || jsonb_build_object('topK', value);
  END IF;
  IF params ? 'max_output_tokens' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'max_output_tokens', true, 1, NULL, problems) n;
    settings := settings || jsonb_build_object('maxOutputTokens', value);
    IF value::numeric > p.max_output_tokens_limit THEN
      problems := problems || '/max_output_tokens: more than the provider''s limit'::text;
    END IF;
  END IF;
  IF params ? 'stop' THEN
    value := params -> 'stop';
    settings := settings || jsonb_build_object(
      'stopSequences', CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END);
  END IF;
  IF params ? 'seed' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'seed', true, NULL, NULL, problems) n;
    settings := settings || jsonb_build_object('seed', value);
  END IF;
  IF problems <> '{}' THEN
    RAISE EXCEPTION USING ERRCODE = 'LA002', MESSAGE = 'request cannot be built from these parameters',
      DETAIL = array_to_string(problems, E'\n');
  END IF;
  body := jsonb_build_object('contents', turns);
  IF system IS NOT NULL THEN
    body := body || jsonb_build_object('systemInstruction', jsonb_build_object('parts', system));
  END IF;
  IF settings <> '{}' THEN body := body || jsonb_build_object('generationConfig', settings); END IF;
  url := replace(reference.joined_url(p.base_url, p.endpoint_path_template), '{model}',
                 reference.percent_encoded(model));
  IF url ~ '[{}]' THEN RAISE EXCEPTION 'an unfilled hole in the URL' USING ERRCODE = 'LA002'; END IF;
  method := p.http_method;
  headers := reference.request_headers(p.additional_headers);
  provider_name := p.provider_name;
  config_version := p.config_version;
END
$$;

CREATE FUNCTION build_anthropic_request(
  given jsonb, name text, OUT method text, OUT url text, OUT headers jsonb, OUT body jsonb, OUT provider_name text,
  OUT model text, OUT config_version integer)
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  p reference.providers;
  params jsonb;
  problems text[] := '{}';
  value jsonb;
  settings jsonb := '{}';
  system jsonb;
  turns jsonb;
BEGIN
  SELECT * INTO p FROM reference.providers r WHERE r.provider_name = name;
  IF NOT FOUND THEN RAISE EXCEPTION 'Provider % does not exist', name USING ERRCODE = 'undefined_object'; END IF;
  IF NOT p.is_enabled THEN RAISE EXCEPTION 'Provider % is disabled', name; END IF;
  SELECT n.params, n.problems INTO params, problems
  FROM reference.normalised(given, '{model_name,messages,temperature,top_p,top_k,max_output_tokens,stop,stream}', problems) n;
  model := coalesce(params ->> 'model_name', p.default_model);
  IF model IN ('', '.', '..') OR jsonb_typeof(params -> 'model_name') <> 'string' THEN
    problems := problems || '/model_name: must be a text that is not empty'::text;
  END IF;
  IF jsonb_typeof(params -> 'messages') IS DISTINCT FROM 'array' THEN
    problems := problems || '/messages: an array is required'::text;
  ELSE
    SELECT jsonb_agg(part) FILTER (WHERE role IN ('system', 'developer')),
           jsonb_agg(jsonb_build_object('role', role, 'content', jsonb_build_array(part)))
             FILTER (WHERE role IN ('user', 'assistant')),
           problems || array_agg('/messages/' || n - 1 || ': role or content is not taken')
             FILTER (WHERE kind IS DISTINCT FROM 'string' OR (role IN ('system', 'developer', 'user', 'assistant')) IS NOT TRUE)
      INTO system, turns, problems
    FROM (SELECT m ->> 'role' AS role, jsonb_typeof(m -> 'content') AS kind, jsonb_build_object('type', 'text', 'text', m -> 'content') AS part, n
          FROM jsonb_array_elements(params -> 'messages') WITH ORDINALITY a (m, n)) m;
    IF turns IS NULL THEN problems := problems || '/messages: at least one item is needed'::text; END IF;
  END IF;
  IF params ? 'temperature' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'temperature', false, 0, 1, problems) n;
    settings := settings || jsonb_build_object('temperature', value);
  END IF;
  IF params ? 'top_p' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'top_p', false, 0, 1, problems) n;
    settings := settings || jsonb_build_object('top_p', value);
  END IF;
  IF params ? 'top_k' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'top_k', true, 0, NULL, problems) n;
    settings := settings || jsonb_build_object('top_k', value);
  END IF;
  IF params ? 'max_output_tokens' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'max_output_tokens', true, 1, NULL, problems) n;
    settings := settings || jsonb_build_object('max_tokens', value);
    IF value::numeric > p.max_output_tokens_limit THEN
      problems := problems || '/max_output_tokens: more than the provider''s limit'::text;
    END IF;
  END IF;
  IF params ? 'stop' THEN
    value := params -> 'stop';
    settings := settings || jsonb_build_object(
      'stop_sequences', CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END);
  END IF;
  IF jsonb_typeof(params -> 'stream') <> 'boolean' THEN
    problems := problems || '/stream: must be true or false'::text;
  END IF;
  IF problems <> '{}' THEN
    RAISE EXCEPTION USING ERRCODE = 'LA002', MESSAGE = 'request cannot be built from these parameters',
      DETAIL = array_to_string(problems, E'\n');
  END IF;
  body := jsonb_build_object('max_tokens', 4096) || settings || jsonb_build_object('model', model, 'messages', turns);
  IF system IS NOT NULL THEN body := body || jsonb_build_object('system', system); END IF;
  IF params ? 'stream' THEN body := body || jsonb_build_object('stream', params -> 'stream'); END IF;
  url := reference.joined_url(p.base_url, p.endpoint_path_template);
  IF url ~ '[{}]' THEN RAISE EXCEPTION 'an unfilled hole in the URL' USING ERRCODE = 'LA002'; END IF;
  method := p.http_method;
  headers := reference.request_headers('{"anthropic-version": "2023-06-01"}' || coalesce(p.additional_headers, '{}'));
  provider_name := p.provider_name;
  config_version := p.config_version;
END
$$;

CREATE FUNCTION build_gemini_bare(given jsonb, name text, OUT url text, OUT body jsonb) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT p.base_url || replace(p.endpoint_path_template, '{model}', coalesce(given ->> 'model', p.default_model)),
         jsonb_strip_nulls(jsonb_build_object(
           'contents', m.turns, 'systemInstruction', jsonb_build_object('parts', m.system),
           'generationConfig', jsonb_build_object(
             'temperature', given -> 'temperature', 'topP', given -> 'top_p', 'maxOutputTokens', given -> 'max_tokens',
             'stopSequences', given -> 'stop')))
    INTO url, body
  FROM reference.providers p,
    (SELECT jsonb_agg(part) FILTER (WHERE role = 'system') AS system,
            jsonb_agg(jsonb_build_object('role', CASE role WHEN 'assistant' THEN 'model' ELSE 'user' END,
                                         'parts', jsonb_build_array(part)))
              FILTER (WHERE role <> 'system') AS turns
     FROM (SELECT a ->> 'role' AS role, jsonb_build_object('text', a -> 'content') AS part
           FROM jsonb_array_elements(given -> 'messages') a) a) m
  WHERE p.provider_name = name AND p.is_enabled;
END
$$;

CREATE FUNCTION build_anthropic_bare(given jsonb, name text, OUT url text, OUT body jsonb) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT p.base_url || p.endpoint_path_template,
         jsonb_strip_nulls(jsonb_build_object(
           'model', coalesce(given ->> 'model', p.default_model), 'system', m.system, 'messages', m.turns,
           'max_tokens', coalesce(given -> 'max_tokens', '4096'), 'temperature', given -> 'temperature',
           'top_p', given -> 'top_p', 'stop_sequences', given -> 'stop'))
    INTO url, body
  FROM reference.providers p,
    (SELECT jsonb_agg(part) FILTER (WHERE role = 'system') AS system,
            jsonb_agg(jsonb_build_object('role', role, 'content', jsonb_build_array(part)))
              FILTER (WHERE role <> 'system') AS turns
     FROM (SELECT a ->> 'role' AS role, jsonb_build_object('type', 'text', 'text', a -> 'content') AS part
           FROM jsonb_array_elements(given -> 'messages') a) a) m
  WHERE p.provider_name = name AND p.is_enabled;
END
$$;

CREATE FUNCTION build_chat_request(
  given jsonb, name text, OUT method text, OUT url text, OUT headers jsonb, OUT body jsonb, OUT provider_name text,
  OUT model text, OUT config_version integer)
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  p reference.providers;
  params jsonb;
  problems text[] := '{}';
  value jsonb;
BEGIN
  SELECT * INTO p FROM reference.providers r WHERE r.provider_name = name;
  IF NOT FOUND THEN RAISE EXCEPTION 'Provider % does not exist', name USING ERRCODE = 'undefined_object'; END IF;
  IF NOT p.is_enabled THEN RAISE EXCEPTION 'Provider % is disabled', name; END IF;
  SELECT n.params, n.problems INTO params, problems
  FROM reference.normalised(
    given, '{model_name,messages,temperature,top_p,max_output_tokens,stop,seed,tools,tool_choice,parallel_tool_calls,response_format,reasoning_effort,user,metadata,stream}',
    problems) n;
  model := coalesce(params ->> 'model_name', p.default_model);
  IF model = '' OR jsonb_typeof(params -> 'model_name') <> 'string' THEN
    problems := problems || '/model_name: must be a text that is not empty'::text;
  END IF;
  IF NOT params ? 'messages' THEN problems := problems || '/messages: required'::text; END IF;
  body := params - '{model_name,max_output_tokens}'::text[] || jsonb_build_object('model', model);
  IF params ? 'temperature' THEN
    SELECT n.value, n.problems INTO value, problems FROM reference.as_number(params, 'temperature', false, 0, 2, problems) n;
    body := body || jsonb_build_object('temperature', value);
  END IF;
  IF params ? 'top_p' THEN
    SELECT n.value, n.problems INTO value, problems FROM reference.as_number(params, 'top_p', false, 0, 1, problems) n;
    body := body || jsonb_build_object('top_p', value);
  END IF;
  IF params ? 'seed' THEN
    SELECT n.value, n.problems INTO value, problems FROM reference.as_number(params, 'seed', true, NULL, NULL, problems) n;
    body := body || jsonb_build_object('seed', value);
  END IF;
  IF params ? 'max_output_tokens' THEN
    SELECT n.value, n.problems INTO value, problems
    FROM reference.as_number(params, 'max_output_tokens', true, 1, NULL, problems) n;
    body := body || jsonb_build_object('max_completion_tokens', value);
    IF value::numeric > p.max_output_tokens_limit THEN
      problems := problems || '/max_output_tokens: more than the provider''s limit'::text;
    END IF;
  END IF;
  IF jsonb_typeof(params -> 'parallel_tool_calls') <> 'boolean' OR jsonb_typeof(params -> 'stream') <> 'boolean'
     OR jsonb_typeof(params -> 'response_format') <> 'object' OR jsonb_typeof(params -> 'metadata') <> 'object'
     OR jsonb_typeof(params -> 'reasoning_effort') <> 'string' OR jsonb_typeof(params -> 'user') <> 'string' THEN
    problems := problems || 'a parameter has the wrong type'::text;
  END IF;
  IF problems <> '{}' THEN
    RAISE EXCEPTION USING ERRCODE = 'LA002', MESSAGE = 'request cannot be built from these parameters',
      DETAIL = array_to_string(problems, E'\n');
  END IF;
  url := reference.joined_url(p.base_url, p.endpoint_path_template);
  IF url ~ '[{}]' THEN RAISE EXCEPTION 'an unfilled hole in the URL' USING ERRCODE = 'LA002'; END IF;
  method := p.http_method;
  headers := reference.request_headers(p.additional_headers);
  provider_name := p.provider_name;
  config_version := p.config_version;
END
$$;
