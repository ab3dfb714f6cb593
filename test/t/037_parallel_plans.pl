# Labels are promises: each function labelled PARALLEL RESTRICTED or SAFE runs over a real Gather, in a session that has
# read nothing yet, in a select list, in a sub-select and as a lateral item, with the result that it has without one. The
# list is read from pg_proc: a function without arguments here fails the test. Each STABLE one also runs twice in a statement.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node failure);

my $node = new_node('parallel', settings => "max_worker_processes = 16\nautovacuum = off\n");
$node->safe_psql('postgres', <<'SQL');
SELECT llm_admin.set_provider_key('chatgpt', 'sk-of-the-platform-0123456789');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
SELECT llm_admin.switch_active_provider('chatgpt');
SELECT llm_admin.put_llm_config('acme', '{"provider": "openrouter", "apiKey": "sk-or-of-acme-0123456789", "policy": "byollm_only"}');
CREATE TABLE calls AS SELECT n AS id, 'chatgpt'::text AS provider, 'acme'::text AS tenant,
  '{"messages": [{"role": "user", "content": "hello"}]}'::jsonb AS params,
  '{"choices": [{"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}'::jsonb AS answer,
  '{"data": [{"embedding": [0.1], "index": 0}], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}'::jsonb AS embedded,
  NULL::text AS envelope, NULL::text AS bound, NULL::jsonb AS config, NULL::jsonb AS response_config
FROM generate_series(1, 4000) AS n;
UPDATE calls SET envelope = llm_admin.encrypt_key('a secret', 'here') WHERE id = 7;
ALTER TABLE calls ADD usage_id bigint;
UPDATE calls SET usage_id = (SELECT r.id FROM llm_admin.record_usage('chatgpt', 'gpt-4o', '{"input_tokens": 1000}') r) WHERE id = 7;
ALTER TABLE calls ADD call uuid;
UPDATE calls SET call = (SELECT b.call_id FROM llm_admin.begin_call('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}') b) WHERE id = 7;
UPDATE calls SET bound = p.api_key_encrypted, config = p.request_builder_config, response_config = p.response_extractor_config
FROM llm_admin.llm_provider_configs p WHERE calls.id = 7 AND p.provider_name = 'chatgpt';
SELECT llm_admin.grant_model('user', 'u1', 'gpt-4o', '{"provider": "openai", "tenant_id": "acme"}');
INSERT INTO llm_admin.user_tiers (tenant_id, user_id, tier_code) VALUES ('acme', 'u2', 'starter');
CREATE ROLE lacking;
SELECT llm_admin.grant_access('lacking', 'auditor');
REVOKE EXECUTE ON FUNCTION llm_admin.get_provider FROM lacking;
VACUUM ANALYZE calls;
SQL

my $settings = <<'SQL';
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off;
SQL

# Of each function, the calls to try; a column that names one makes the argument a value of the row.
my %calls = (
  get_active_provider => [''],
  get_provider => ['c.provider'],
  list_providers => [''],
  provider_history => [ '', 'c.provider' ],
  require_primary => ["'x'"],
  shipped_dialects => [''],
  shipped_providers => [''],
  shipped_provider_aliases => [''],
  config_problems => [ 'c.config, c.response_config', "'{}', '{}'" ],
  validate_config => ['c.config, c.response_config'],
  validate_request_builder_config => ['c.config'],
  validate_response_extractor_config => ['c.response_config'],
  build_request => [ 'c.params, c.provider', 'c.params, c.provider, true' ],
  build_operation => [ q{'embed', c.provider, '{"input": "x"}'}, q{'embed', c.provider, '{"input": "x"}', true} ],
  explain_request => ['c.params, c.provider'],
  extract_response => ['c.answer, c.provider'],
  extract_stream => [q{E'data: {"choices":[{"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n', c.provider}],
  extract_operation => [q{'embed', c.embedded, c.provider}],
  build_request_text => [ 'c.params::text::json, c.provider', q{c.params::text::json, c.provider, '{"with_key": true}'},
    q{c.params::text::json, NULL, jsonb_build_object('tenant_id', c.tenant)} ],
  read_answer => [ 'c.answer::text, c.provider', q{'<html>no</html>', c.provider, 502, '{"Retry-After": "20"}'} ],
  read_operation => [q{'embed', c.embedded::text, c.provider}],
  stream_deltas => [q{E'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n', c.provider}],
  shipped_tiers => [''],
  shipped_tier_rules => [''],
  shipped_model_aliases => [''],
  canonical_model => [ q{c.provider, 'gpt-4o'}, q{NULL, 'chatgpt/gpt-4o'} ],
  check_model_access => [ q{'professional', 'gpt-4o', 'u1', c.tenant, c.provider}, q{NULL, 'x', 'u2', c.tenant} ],
  tier_consistency => [''],
  list_access_keys => [ '', q{jsonb_build_object('tenant_id', c.tenant)} ],
  shipped_prices => [''],
  explain_cost => ['c.usage_id'],
  explain_call => ['c.call'],
  row_tenant => [''],
  sees_all_tenants => [''],
  cost_summary => [ q{'2020-01-01', NULL, '{date,tenant}', jsonb_build_object('tenant_id', c.tenant)}, '' ],
  verify_rollup => [''],
  metrics => [''],
  limit_status => [ 'c.tenant', "NULL, 'u1'", '' ],
  limit_denials => [ '', 'c.tenant' ],
  simulate_limits => [ q{'[{"scope": "user", "what": "requests", "amount": 0, "period": "day"}]', '2020-01-01', jsonb_build_object('tenant_id', c.tenant)} ],
  config_since => [ '', '17' ],
  provider_named => [ q{'openai'}, 'c.provider' ],
  mapping_cache_stats => [''],
  migration_status => [''],
  missing_access => [''],
  schema_stats => [''],
  schema_objects => [''],
  entered_tenant => [''],
  get_llm_config => ['c.tenant'],
  list_llm_configs => [''],
  resolve_llm => [ "c.tenant, 'byollm'", "'another', NULL" ],
  build_tenant_request => [ "c.tenant, c.params, 'byollm', false", "c.tenant, c.params, 'byollm', true" ],
  decrypt_tenant_key => ['c.tenant'],
  decrypt_key => ["c.envelope, 'here'"],
  decrypt_provider_key => ['c.provider'],
  mask_key => ['c.provider'],
  key_fingerprint => ['c.bound'],
  key_status => [''],
  verify_keys => [ '', '5' ]);
my %volatile_result = map { $_ => 1 } qw(mapping_cache_stats schema_stats metrics);

my %label = map { split /\|/ } split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT p.proname, p.proparallel::text || p.provolatile::text FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND p.proparallel <> 'u' AND p.prorettype <> 'trigger'::regtype
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'llm_admin') AND p.prokind = 'f'
SQL
is(join(' ', grep { !$calls{$_} } sort keys %label), '', 'each function that may run in a parallel plan has arguments here');
is(join(' ', grep { !$label{$_} } sort keys %calls), '', 'and no other has');
cmp_ok(scalar(keys %label), '>', 25, 'there are such functions');

# In a session of its own.
sub cold
{
  my ($sql) = @_;
  my $session = LlmAdmin::Session->new($node);
  my ($out, $stderr) = $session->ask($sql);
  $session->quit;
  return ($out, $stderr);
}

# What a function returns is one text, whether a value, a row or a set.
my %forms = (
  'in the select list' => sub { "SELECT md5(string_agg(t, '' ORDER BY t)) FROM (SELECT llm_admin.$_[0]($_[1])::text AS t FROM calls c WHERE c.id = 7) s" },
  'in a sub-select' => sub { "SELECT (SELECT md5(string_agg(f::text, '' ORDER BY f::text)) FROM llm_admin.$_[0]($_[1]) f WHERE c.id > 0) FROM calls c WHERE c.id = 7" },
  'as a lateral item' => sub { "SELECT md5(string_agg(f::text, '' ORDER BY f::text)) FROM calls c, LATERAL llm_admin.$_[0]($_[1]) f WHERE c.id = 7" });

my $explainer = LlmAdmin::Session->new($node);
$explainer->ask($settings);
foreach my $name (sort grep { $calls{$_} } keys %label)
{
  foreach my $arguments (@{ $calls{$name} })
  {
    my ($plain) = cold('SET max_parallel_workers_per_gather = 0;' . $forms{'in the select list'}->($name, $arguments));
    foreach my $form (sort keys %forms)
    {
      my $what = "$name($arguments) $form";
      my $query = $forms{$form}->($name, $arguments);
      my ($plan) = $explainer->ask("EXPLAIN (COSTS OFF) $query");
      like($plan, qr/Gather/, "$what: over a Gather");
      my ($out, $stderr) = cold($settings . $query);
      is($stderr, '', "$what: no error in a cold session");
      is($out, $plain, "$what: the result that it has without") unless $volatile_result{$name};
    }
    next unless $label{$name} =~ /s$/;
    my $once = "(SELECT string_agg(f::text, '' ORDER BY f::text) FROM llm_admin.$name($arguments) f WHERE c.id > 0)";
    my ($same, $stderr) = cold("SELECT $once IS NOT DISTINCT FROM $once FROM calls c WHERE c.id = 7");
    is("$same$stderr", 't', "$name($arguments): STABLE, and the same twice in a statement");
  }
}
$explainer->quit;

# What is SAFE runs in the worker itself.
my $forced = $node->pg_version >= 16 ? 'debug_parallel_query' : 'force_parallel_mode';
foreach my $name (sort grep { $label{$_} =~ /^s/ && $calls{$_} } keys %label)
{
  foreach my $arguments (@{ $calls{$name} })
  {
    my (undef, $stderr) = cold("SET $forced = on; " . $forms{'in the select list'}->($name, $arguments));
    is($stderr, '', "$name($arguments): in a worker");
  }
}

# ---- errors that open a key --------------------------------------------------------------------------------

foreach my $case (
  [ 'extract_operation of an unreadable answer', q{llm_admin.extract_operation('list_models', '{"a": "sk-of-the-platform-0123456789"}', c.provider)}, 'LA003' ],
  [ 'extract_response of one', q{llm_admin.extract_response('{"a": "sk-of-the-platform-0123456789"}', c.provider)}, undef ],
  [ 'extract_stream of one', q{llm_admin.extract_stream('<html>', c.provider, 502)}, undef ],
  [ 'a damaged envelope', q{llm_admin.decrypt_key(overlay(c.envelope placing 'AAAA' from 60), 'here')}, 'LA031' ],
  [ 'another context', q{llm_admin.decrypt_key(c.envelope, 'there')}, 'LA031' ],
  [ 'a tenant without a key', q{llm_admin.decrypt_tenant_key('nobody' || c.id)}, '42704' ],
  [ 'an unknown provider', q{llm_admin.decrypt_provider_key('chatgp')}, '42704' ])
{
  my ($what, $call, $state) = @$case;
  my $query = "SELECT ($call)::text FROM calls c WHERE c.id = 7";
  my (undef, $plain) = cold("SET max_parallel_workers_per_gather = 0; $query");
  my (undef, $stderr) = cold($settings . $query);
  is((failure($stderr) // { state => 'none' })->{state}, (failure($plain) // { state => 'none' })->{state}, "$what: the error that it is without a Gather");
  is((failure($stderr) // { state => 'none' })->{state}, $state, "$what: its SQLSTATE") if $state;
  unlike($stderr, qr/sk-of-the-platform/, "$what: without the key");
}

# ---- made cold in between ----------------------------------------------------------------------------------

my $session = LlmAdmin::Session->new($node);
my $other = LlmAdmin::Session->new($node);
my $read = 'SELECT llm_admin.decrypt_provider_key(c.provider) FROM calls c WHERE c.id = 7';
$session->ask($settings);
$session->ask('SELECT llm_admin.decrypt_provider_key(\'chatgpt\')');
foreach my $case (
  [ 'VACUUM of data_keys', 'VACUUM ANALYZE llm_admin.data_keys' ],
  [ 'VACUUM FULL of data_keys', 'VACUUM FULL llm_admin.data_keys' ],
  [ 'rotate_data_key()', 'SELECT llm_admin.rotate_data_key()' ],
  [ 'a rewritten row of data_keys', 'UPDATE llm_admin.data_keys SET created_at = created_at' ],
  [ 'rotate_data_key() of a tenant', q{SELECT llm_admin.rotate_data_key('acme')} ],
  [ 'ANALYZE of the providers', 'VACUUM ANALYZE llm_admin.llm_provider_configs' ],
  [ 'reseal_keys()', 'SELECT * FROM llm_admin.reseal_keys()' ])
{
  my ($what, $sql) = @$case;
  my (undef, $failed) = $other->ask($sql);
  is($failed, '', $what);
  my ($out, $stderr) = $session->ask($read);
  is("$out$stderr", 'sk-of-the-platform-0123456789', "$what: the next parallel plan opens the key");
  ($out, $stderr) = $session->ask('SELECT llm_admin.decrypt_tenant_key(c.tenant) FROM calls c WHERE c.id = 7');
  is("$out$stderr", 'sk-or-of-acme-0123456789', "$what: and a tenant's");
}
# In one transaction with its own rotation: what the statement's snapshot sees is the newest there is.
$session->ask('BEGIN');
$session->ask('SELECT llm_admin.rotate_data_key()');
$session->ask(q{SELECT llm_admin.set_provider_key('chatgpt', 'sk-another-of-it-0123456789')});
my ($out, $stderr) = $session->ask($read);
is("$out$stderr", 'sk-another-of-it-0123456789', 'after a rotation of its own transaction');
$session->ask('ROLLBACK');
($out, $stderr) = $session->ask($read);
is("$out$stderr", 'sk-of-the-platform-0123456789', 'and after its rollback');
$_->quit for $session, $other;

$node->stop;
unlike(slurp_file($node->logfile), qr/XX000|PANIC|terminated by signal/, 'no internal error, no crash');

done_testing();
