# The cases of test/cases through SQL, on the providers that seed() adds: requests, operations, answers, streams,
# messages fed back. And no shipped mapping of OpenAI's family sends a member that its vendor does not know.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node);

my $tree = $ENV{LLM_ADMIN_TREE} // '.';
my $node = new_node('dialects');

sub rows { return split /\n/, $node->safe_psql('postgres', "SET search_path = llm_admin, public; $_[0]") }

# A key that some other service keeps is enough to enable a row; nothing is ever sent.
$node->safe_psql('postgres', <<'SQL');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true, api_key_encrypted = 'kms:example'
WHERE auth_scheme <> 'none';
UPDATE llm_admin.llm_provider_configs SET is_enabled = true;
SQL

# ---- judging one case --------------------------------------------------------------------------------------------

$node->safe_psql('postgres', <<'SQL');
SET search_path = llm_admin, public;

CREATE FUNCTION public.differs(what text, got jsonb, wanted jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN coalesce(got, 'null') <> coalesce(wanted, 'null')
    THEN format(E'%s is %s, not %s; ', what, coalesce(got, 'null'), coalesce(wanted, 'null')) ELSE '' END
$$;

-- Kept state by its value: jsonb has sorted the members of what it holds.
CREATE FUNCTION public.opened(state jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE WHEN jsonb_typeof(state) = 'object' THEN
    (SELECT coalesce(jsonb_object_agg(s.key, CASE WHEN s.value ? 'digest'
         THEN jsonb_set(s.value, '{content}', (s.value ->> 'content')::jsonb) ELSE s.value END), '{}')
     FROM jsonb_each(state) s)
    ELSE state END
$$;
CREATE FUNCTION public.with_state_opened(result jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT result
         || CASE WHEN result ? 'provider_state'
              THEN jsonb_build_object('provider_state', opened(result -> 'provider_state')) ELSE '{}' END
         || CASE WHEN result -> 'message' ? 'provider_state'
              THEN jsonb_build_object('message', jsonb_set(result -> 'message', '{provider_state}',
                opened(result #> '{message,provider_state}'))) ELSE '{}' END
$$;

-- The state keeps the pieces of a stream as they came.
CREATE FUNCTION public.stateless(result jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT result #- '{provider_state}' #- '{message,provider_state}'
$$;

-- The members that a case gives of a result, and of its error; another answer's, when it has to be the same.
CREATE FUNCTION public.result_differs(result jsonb, one jsonb, same jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(CASE WHEN w.key = 'error' AND result -> w.key @> w.value THEN ''
                               ELSE differs(w.key, with_state_opened(result) -> w.key, w.value) END, '' ORDER BY w.key), '')
         || CASE WHEN one ? 'error_type'
              THEN differs('error.type', result #> '{error,type}', one -> 'error_type') ELSE '' END
         || CASE WHEN same IS NULL THEN ''
              WHEN (one -> 'state_apart')::boolean THEN differs('the result', stateless(result), stateless(same))
              ELSE differs('the result', with_state_opened(result), with_state_opened(same)) END
  FROM jsonb_each(with_state_opened(one -> 'result')) w
$$;

CREATE FUNCTION public.body_text(body jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT CASE jsonb_typeof(body) WHEN 'string' THEN body #>> '{}'
    ELSE (SELECT string_agg(l.line, E'\n' ORDER BY l.n)
          FROM jsonb_array_elements_text(body) WITH ORDINALITY AS l (line, n)) END
$$;

CREATE FUNCTION public.request_differs(file jsonb, one jsonb, params jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT differs('the body', b.body, one -> 'body') || differs('the method', to_jsonb(b.method), '"POST"')
         || CASE WHEN file ? 'url' OR one ? 'url'
              THEN differs('the URL', to_jsonb(b.url), coalesce(one -> 'url', file -> 'url')) ELSE '' END
         || CASE WHEN b.headers @> coalesce(one -> 'headers', '{}') THEN ''
              ELSE format('headers are %s; ', b.headers) END
  FROM build_request(params, file ->> 'provider') b
$$;

-- What is wrong; '' when all is as it should be.
CREATE FUNCTION public.judged(file jsonb, section text, one jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  provider text := file ->> 'provider';
  status integer := (one ->> 'http_status')::integer;
  found text;
  result jsonb;
  same jsonb;
  message text;
  detail text;
BEGIN
  CASE section
    WHEN 'requests' THEN
      found := public.request_differs(file, one, one -> 'params');
    WHEN 'operations' THEN
      SELECT differs('the body', o.body, one -> 'body') || differs('the method', to_jsonb(o.method), one -> 'method')
             || differs('the URL', to_jsonb(o.url), one -> 'url')
      INTO found FROM build_operation(one ->> 'operation', provider, one -> 'params') o;
      IF one ? 'response' THEN
        found := found || differs('what is extracted',
          extract_operation(one ->> 'operation', one -> 'response', provider), one -> 'extract');
      END IF;
    WHEN 'responses' THEN
      found := public.result_differs(
        extract_response(one -> 'response', provider, status, one -> 'headers'), one, NULL);
    WHEN 'streams' THEN
      same := file -> 'responses' -> (one ->> 'same_as')::integer;
      IF same IS NOT NULL THEN
        same := extract_response(same -> 'response', provider, (same ->> 'http_status')::integer, same -> 'headers');
      END IF;
      found := public.result_differs(
        extract_stream(public.body_text(one -> 'body'), provider, status, one -> 'headers'), one, same);
    WHEN 'round_trips' THEN
      result := extract_response(one -> 'response', provider, status, one -> 'headers');
      found := public.request_differs(file, one, (one -> 'params') || jsonb_build_object('messages',
        coalesce(one -> 'messages', one #> '{params,messages}', '[]') || jsonb_build_array(result -> 'message')
        || coalesce(one -> 'next', '[]')));
  END CASE;
  RETURN found || CASE WHEN one ? 'error' THEN 'there is no error' ELSE '' END;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  RETURN CASE WHEN position(one ->> 'error' IN message || E'\n' || detail) > 0 THEN ''
    ELSE format('%s (%s): %s', message, SQLSTATE, detail) END;
END $$;
SQL

# ---- every case --------------------------------------------------------------------------------------------------

foreach my $path (sort glob "$tree/test/cases/*.json")
{
  my ($name) = $path =~ m{([^/]+)\.json$};
  my $file = '$case$' . slurp_file($path) . '$case$::jsonb';
  $node->safe_psql('postgres', <<"SQL");
SET search_path = llm_admin, public;
SELECT create_provider(f ->> 'provider', f #>> '{create,base_url}', f #>> '{create,default_model}', f ->> 'provider',
  f ->> 'dialect', options => coalesce(f #> '{create,options}', '{}')) FROM (SELECT $file) AS t (f)
WHERE f ? 'create';
SQL
  my @judged = rows(<<"SQL");
SELECT s.section || ' ' || (n.number - 1) || ': ' || (n.one ->> 'name') || chr(9)
       || replace(public.judged(t.f, s.section, n.one), E'\\n', ' ')
FROM (SELECT $file) AS t (f),
  unnest(ARRAY['requests', 'operations', 'responses', 'streams', 'round_trips']) AS s (section),
  jsonb_array_elements(t.f -> s.section) WITH ORDINALITY AS n (one, number)
WHERE NOT coalesce((n.one -> 'unit_only')::boolean, false)
SQL
  cmp_ok(@judged, '>', 0, "$name has cases");
  foreach (@judged)
  {
    my ($case, $wrong) = split /\t/, $_, 2;
    is($wrong, '', "$name, $case");
  }
}

# ---- a provider of one's own, by dialect ---------------------------------------------------------------------------

my %url = (
  openai_chat => '/v1/chat/completions',
  openai_responses => '/v1/responses',
  anthropic_messages => '/v1/messages',
  gemini_generate_content => '/v1/models/m:generateContent',
  cohere_chat => '/v1/v2/chat',
  ollama_chat => '/v1/api/chat',
  bedrock_converse => '/v1/model/m/converse');
is(join(' ', rows('SELECT dialect FROM shipped_dialects() ORDER BY 1')), join(' ', sort keys %url), 'the dialects');
foreach my $dialect (sort keys %url)
{
  my ($built) = rows(<<"SQL");
SELECT count(*) FROM create_provider('Own $dialect', 'https://llm.example/v1', 'm', dialect => '$dialect',
  api_key => 'sk-own-0123456789abcdef') \\g /dev/null
SELECT url || ' ' || headers FROM build_request('{"messages": [{"role": "user", "content": "Hi"}]}', 'own_$dialect', true)
SQL
  my ($url, $headers) = split / /, $built, 2;
  is($url, "https://llm.example$url{$dialect}", "$dialect: the URL");
  like($headers, qr/"[^"]*sk-own-0123456789abcdef"/, "$dialect: the key stands in a header");
  like($headers, qr/"anthropic-version": "2023-06-01"/, "$dialect: the version too") if $dialect eq 'anthropic_messages';
}

# ---- what is sent is known ---------------------------------------------------------------------------------------

# The members of a body that each vendor documents, as far as the vocabulary of parameters has them.
my $all = 'model messages temperature top_p stop tools tool_choice response_format stream';
my $tokens = 'frequency_penalty presence_penalty logit_bias logprobs top_logprobs';
my $openai = 'verbosity modalities audio prediction service_tier store prompt_cache_key';
my %known = (
  groq => 'model input instructions temperature top_p max_output_tokens tools tool_choice parallel_tool_calls text'
    . ' reasoning user metadata service_tier stream',
  openrouter => "$all $tokens max_tokens seed top_k parallel_tool_calls user metadata stream_options reasoning"
    . ' verbosity modalities audio prediction service_tier',
  chatgpt => "$all $tokens n max_completion_tokens seed parallel_tool_calls reasoning_effort user metadata"
    . " stream_options $openai",
  azure_openai => "$all $tokens n max_completion_tokens seed parallel_tool_calls reasoning_effort user metadata"
    . " stream_options $openai",
  mistral => "$all n frequency_penalty presence_penalty max_tokens random_seed parallel_tool_calls metadata"
    . ' reasoning_effort prediction',
  deepseek => "$all max_tokens stream_options reasoning_effort thinking logprobs top_logprobs",
  xai => "$all n frequency_penalty presence_penalty logprobs top_logprobs max_completion_tokens seed"
    . ' parallel_tool_calls reasoning_effort user stream_options',
  together => "$all n frequency_penalty presence_penalty logit_bias logprobs max_tokens seed top_k reasoning_effort"
    . ' stream_options',
  vllm => "$all $tokens n max_tokens seed top_k parallel_tool_calls reasoning_effort user stream_options");
my %sent;
push @{ $sent{ $_->[0] } }, $_->[1] foreach map { [split /\|/] } rows(<<'SQL');
SELECT DISTINCT s.provider_name, split_part(coalesce(r.value ->> 'path', r.key), '.', 1)
FROM shipped_providers() s, jsonb_each(s.request_builder_config -> 'payload_structure') r
WHERE s.endpoint_path_template ~ '(/chat/completions|/responses)$'
  -- A switch that gives nothing only says that a parameter is understood.
  AND (r.value -> 'switch' IS NULL OR EXISTS (SELECT FROM jsonb_array_elements(r.value -> 'switch') b WHERE b -> 'then' <> 'null'))
SQL
is(join(' ', sort keys %sent), join(' ', sort keys %known), 'the rows of the family');
foreach my $vendor (sort keys %known)
{
  is(join(' ', sort @{ $sent{$vendor} }), join(' ', sort split / /, $known{$vendor}), "$vendor: what may be sent");
}

my %embedding = map { $_ => 'dimensions encoding_format input model user' } qw(azure_openai chatgpt openrouter vllm);
$embedding{mistral} = 'dimensions encoding_format input model';
$embedding{together} = 'input model';
my %embeds = map { split /\|/ } rows(<<'SQL');
SELECT s.provider_name, string_agg(r.key, ' ' ORDER BY r.key COLLATE "C")
FROM shipped_providers() s, jsonb_each(s.request_builder_config #> '{operations,embed,payload_structure}') r
WHERE s.endpoint_path_template ~ '(/chat/completions|/responses)$' GROUP BY s.provider_name
SQL
is_deeply(\%embeds, \%embedding, 'what may be sent for embeddings');

# ---- what docs/providers.md says ---------------------------------------------------------------------------------

# A parameter is taken when a rule of the chat request reads it; stream also when it has a path of its own.
my @says = grep { /^\| \w+ \| `/ } split /\n/, slurp_file("$tree/docs/providers.md");
my @is = rows(<<'SQL');
SELECT format('| %s | `%s` |%s | %s |', s.provider_name, d.dialect,
  (SELECT ' ' || string_agg(v.name, ', ' ORDER BY v.n)
   FROM unnest('{temperature,top_p,top_k,max_output_tokens,stop,seed,tools,tool_choice,parallel_tool_calls,
     response_format,reasoning_effort,user,metadata,stream}'::text[]) WITH ORDINALITY AS v (name, n)
   WHERE (s.request_builder_config - 'operations')::text !~ ('param:' || v.name || '["\\.\\[}]')
     AND NOT (v.name = 'stream' AND s.request_builder_config ? 'streaming_path')),
  (SELECT string_agg(o.name, ', ' ORDER BY o.name COLLATE "C")
   FROM jsonb_object_keys(s.request_builder_config -> 'operations') o (name)))
FROM shipped_providers() WITH ORDINALITY AS s
JOIN shipped_dialects() d ON d.request_builder_config -> 'dialect' = s.request_builder_config -> 'dialect'
ORDER BY s.ordinality
SQL
is_deeply(\@is, \@says, 'docs/providers.md: its table is what the mappings say');

$node->stop;
done_testing();
