# An object of ours that was moved, renamed or dropped: whatever is called says which one it is and where it lies,
# never a raw error of the server about something inside, and the HINT mends it. So too while the extension is
# being changed under running sessions.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use IPC::Run;
use Test::More;

use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node);

my $node = new_node('missing_objects', settings => 'jit = off');
$node->safe_psql('postgres', <<'SQL');
SELECT llm_admin.set_provider_key('chatgpt', 'sk-0123456789abcdef');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
SELECT llm_admin.put_llm_config('t', '{"apiKey": "sk-0123456789abcdef", "provider": "chatgpt"}');
SELECT llm_admin.switch_active_provider('chatgpt');
CREATE ROLE granted;
INSERT INTO llm_admin.model_servers (name, type, location, host, port) VALUES ('box', 'ollama', 'local', 'localhost', 11434);
SELECT llm_admin.install_model('box', 'm');
INSERT INTO llm_admin.llm_providers (name, type, base_url) VALUES ('second', 'chatgpt', 'https://api.openai.com/v1');
INSERT INTO llm_admin.llm_providers (id, name, type, base_url, api_key_encrypted)
  VALUES ('00000000-0000-4000-8000-000000000002', 'third', 'chatgpt', 'https://api.openai.com/v1', llm_admin.encrypt_key('sk-0123456789abcdef'));
INSERT INTO llm_admin.access_keys (id, key_hash, previous_hash, previous_until, name)
  VALUES ('00000000-0000-4000-8000-000000000001', sha256('sk-after'), sha256('sk-before'), '2999-01-01Z', 'of both');
INSERT INTO llm_admin.limits (scope, what, amount, period, alert_shares) VALUES ('user', 'requests', 10, 'total', '{0.05}'), ('user', 'cost_usd', 10, 'month', '{}');
SQL

# Runs statements in one session and goes on after errors; a list of [SQLSTATE, message, DETAIL, HINT].
sub errors
{
  my (@statements) = @_;
  my ($stdout, $stderr);
  $node->psql('postgres', join('', map { "$_;\n" } @statements), stdout => \$stdout, stderr => \$stderr,
    on_error_stop => 0, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
  return [ 'lost', $stderr, '', '' ] if $stderr =~ /server closed|connection/;
  my @found;
  foreach my $one (split /^(?=psql:|ERROR:)/m, $stderr)
  {
    next unless $one =~ /ERROR:  (\w{5}): (.*)/;
    my ($state, $message) = ($1, $2);
    my ($detail) = $one =~ /^DETAIL:  (.*)/m;
    my ($hint) = $one =~ /^HINT:  (.*)/m;
    push @found, [ $state, $message, $detail // '', $hint // '' ];
  }
  return @found;
}

# Every public function, called so that it comes to the tables.
my $request = q{'{"messages": [{"role": "user", "content": "x"}]}'};
my $begun = qq{(llm_admin.begin_call($request, md5(random()::text), options => '{"provider": "chatgpt"}')).call_id};
my $acquire = q{SELECT * FROM llm_admin.acquire_quota(md5(random()::text), NULL, 'openai/gpt-4o')};
my @calls = (
  $acquire, q{SELECT llm_admin.settle_budget(ticket, 1) FROM llm_admin.reserve_budget(md5(random()::text), NULL, 'openai/gpt-4o', 1)},
  q{SELECT count(*) FROM llm_admin.limit_status()}, 'SELECT llm_admin.expire_quota_tickets()',
  q{SELECT count(*) FROM llm_admin.simulate_limits('[{"scope": "user", "what": "requests", "amount": 1, "period": "day"}]', '-infinity')},
  'SELECT count(*) FROM llm_admin.limit_denials()', 'SELECT count(*) FROM llm_admin.spend_forecast()',
  "SELECT * FROM llm_admin.finish_call($begun, '{}', 200)", 'SELECT llm_admin.expire_calls()', "SELECT llm_admin.extend_call($begun, 1000)",
  q{SELECT llm_admin.explain_call('00000000-0000-4000-8000-00000000000c')},
  "SELECT llm_admin.redeem_sender_ticket(llm_admin.open_sender_ticket($begun))",
  "SELECT llm_admin.build_request($request, 'chatgpt')", "SELECT llm_admin.build_request($request)",
  "SELECT llm_admin.extract_response('{}', 'chatgpt')", q{SELECT * FROM llm_admin.get_provider('chatgpt')},
  'SELECT * FROM llm_admin.list_providers()', q{SELECT llm_admin.decrypt_provider_key('chatgpt')},
  q{SELECT llm_admin.set_provider_key('chatgpt', 'sk-abcdef0123456789')},
  q{SELECT llm_admin.switch_active_provider('groq')}, q{SELECT llm_admin.record_provider_test('chatgpt', true, 1)},
  'SELECT * FROM llm_admin.seed()', q{SELECT llm_admin.encrypt_key('sk-abcdef0123456789')},
  'SELECT * FROM llm_admin.key_status()', 'SELECT * FROM llm_admin.verify_keys()',
  'SELECT * FROM llm_admin.reseal_keys()', 'SELECT * FROM llm_admin.rotate_data_key()',
  q{SELECT llm_admin.get_llm_config('t')}, q{SELECT llm_admin.put_llm_config('t', '{"defaultModel": "m"}')},
  q{SELECT llm_admin.resolve_llm('t')}, q{SELECT llm_admin.decrypt_tenant_key('t')},
  "SELECT llm_admin.build_tenant_request('t', $request)", 'SELECT * FROM llm_admin.list_llm_configs()',
  'SELECT * FROM llm_admin.verify_llm_configs()',
  'SELECT * FROM llm_admin.refresh_access()',
  q{SELECT * FROM llm_admin.check_model_access('free', 'openai/gpt-4o', 'u', 't')}, q{SELECT * FROM llm_admin.canonical_model('chatgpt', 'gpt-4o')},
  q{SELECT llm_admin.grant_model('role', 'r', 'openai/m')}, q{SELECT llm_admin.revoke_model('role', 'r', 'openai/m')},
  'SELECT * FROM llm_admin.tier_consistency()', 'SELECT * FROM llm_admin.seed_tiers()',
  q{SELECT llm_admin.install_model('box', 'm')}, q{SELECT llm_admin.deploy_model('box', 'm', 'd')}, q{SELECT llm_admin.stop_deployment('box', 'd')},
  q{SELECT llm_admin.record_server_health('box', 'healthy')},
  q{SELECT * FROM llm_admin.set_model_price('acme/p', jsonb_build_object('input', 0.001 + 0.1 * random()::numeric(6, 5)))},
  q{SELECT * FROM llm_admin.import_model_prices('{"acme/q": {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "litellm_provider": "acme", "mode": "chat"}}')},
  q{SELECT * FROM llm_admin.record_usage('chatgpt', 'gpt-4o', '{"prompt_tokens": 3}', 'u', 't', md5(random()::text))},
  q{SELECT * FROM llm_admin.record_usage_batch('[{"provider": "chatgpt", "model": "m", "usage": {"prompt_tokens": 1}}]')},
  'SELECT * FROM llm_admin.roll_up_daily_cost()', q{SELECT * FROM llm_admin.verify_rollup('-infinity', 'infinity')},
  q{SELECT * FROM llm_admin.cost_summary(now() - interval '1 day', now(), '{model}')}, 'SELECT * FROM llm_admin.cost_today()',
  'SELECT * FROM llm_admin.unpriced_models()', 'SELECT * FROM llm_admin.unmatched_models()',
  q{SELECT * FROM llm_admin.reprice(now() - interval '1 day', now())}, 'SELECT * FROM llm_admin.explain_cost(1)',
  'SELECT * FROM llm_admin.metrics()', 'SELECT * FROM llm_admin.maintain_partitions()', 'SELECT * FROM llm_admin.apply_retention()',
  'SELECT * FROM llm_admin.migration_status()', 'SELECT count(*) FROM llm_admin.validate_schema()',
  q{SELECT llm_admin.grant_access('postgres', 'app')}, 'SELECT * FROM llm_admin.mapping_cache_stats()');

my $out = 'ALTER EXTENSION llm_admin DROP';
my @damage = (
  # what, how, a call that meets it, message, DETAIL, HINT
  [
    'a table moved', 'CREATE SCHEMA other; ALTER TABLE llm_admin.llm_configs SET SCHEMA other',
    q{SELECT llm_admin.get_llm_config('t')}, 'relation llm_admin.llm_configs is missing', 'it lies in schema other',
    'ALTER TABLE other.llm_configs SET SCHEMA llm_admin'
  ],
  [
    'the same, met by a statement', 'CREATE SCHEMA "O t"; ALTER TABLE llm_admin.llm_configs SET SCHEMA "O t"',
    'SELECT * FROM llm_admin.verify_llm_configs()', 'relation llm_admin.llm_configs is missing', 'it lies in schema "O t"',
    'ALTER TABLE "O t".llm_configs SET SCHEMA llm_admin'
  ],
  [
    'the providers moved', 'ALTER TABLE llm_admin.llm_provider_configs SET SCHEMA public',
    'SELECT * FROM llm_admin.list_providers()', 'relation llm_admin.llm_provider_configs is missing',
    'it lies in schema public', 'ALTER TABLE public.llm_provider_configs SET SCHEMA llm_admin'
  ],
  [
    'tests moved', 'ALTER TABLE llm_admin.provider_tests SET SCHEMA public',
    q{SELECT llm_admin.record_provider_test('chatgpt', true, 1)}, 'relation llm_admin.provider_tests is missing',
    'it lies in schema public', 'ALTER TABLE public.provider_tests SET SCHEMA llm_admin'
  ],
  [
    'root keys renamed and moved',
    'ALTER TABLE llm_admin.root_keys RENAME TO roots; ALTER TABLE llm_admin.roots SET SCHEMA public',
    'SELECT * FROM llm_admin.rotate_data_key()', 'relation llm_admin.root_keys is missing', 'it was renamed to public.roots',
    'ALTER TABLE public.roots RENAME TO root_keys; ALTER TABLE public.root_keys SET SCHEMA llm_admin'
  ],
  [
    'the schema renamed', 'ALTER SCHEMA llm_admin RENAME TO llm2', 'SELECT llm2.list_providers()',
    'schema llm_admin is not that of the extension', q{the extension's schema is named llm2},
    'ALTER SCHEMA llm2 RENAME TO llm_admin'
  ],
  [
    'the schema renamed and another made', 'ALTER SCHEMA llm_admin RENAME TO llm2; CREATE SCHEMA llm_admin',
    q{SELECT llm2.get_llm_config('t')}, 'schema llm_admin is not that of the extension',
    q{the extension's schema is named llm2},
    'ALTER SCHEMA llm_admin RENAME TO llm_admin_other; ALTER SCHEMA llm2 RENAME TO llm_admin'
  ],
  [
    'a table renamed', 'ALTER TABLE llm_admin.data_keys RENAME TO dks', 'SELECT * FROM llm_admin.rotate_data_key()',
    'relation llm_admin.data_keys is missing', 'it was renamed to llm_admin.dks',
    'ALTER TABLE llm_admin.dks RENAME TO data_keys'
  ],
  [
    'tables exchanged with a view',
    'ALTER TABLE llm_admin.llm_configs RENAME TO kept; CREATE VIEW llm_admin.llm_configs AS TABLE llm_admin.kept',
    q{SELECT llm_admin.get_llm_config('t')}, 'llm_admin.llm_configs is no table', 'something else was made under its name',
    'ALTER VIEW llm_admin.llm_configs RENAME TO llm_configs_other', 'ALTER TABLE llm_admin.kept RENAME TO llm_configs'
  ],
  [
    'a sequence moved', 'ALTER SEQUENCE llm_admin.key_use_blocks SET SCHEMA public',
    q{SELECT llm_admin.encrypt_key('sk-abcdef0123456789')}, 'relation llm_admin.key_use_blocks is missing',
    'it lies in schema public', 'ALTER SEQUENCE public.key_use_blocks SET SCHEMA llm_admin'
  ],
  [
    'a sequence renamed', 'ALTER SEQUENCE llm_admin.key_use_blocks RENAME TO blocks',
    q{SELECT llm_admin.encrypt_key('sk-abcdef0123456789')}, 'relation llm_admin.key_use_blocks is missing',
    'it was renamed to llm_admin.blocks', 'ALTER SEQUENCE llm_admin.blocks RENAME TO key_use_blocks'
  ],
  [
    'an index dropped', 'DROP INDEX llm_admin.llm_provider_configs_one_active',
    "SELECT llm_admin.build_request($request)", 'index llm_admin.llm_provider_configs_one_active is missing',
    'it was dropped',
    'CREATE UNIQUE INDEX llm_provider_configs_one_active ON llm_admin.llm_provider_configs (is_active) WHERE is_active'
  ],
  [
    'a constraint dropped', 'ALTER TABLE llm_admin.llm_configs DROP CONSTRAINT llm_configs_tenant_id_key',
    q{SELECT llm_admin.get_llm_config('t')}, 'index llm_admin.llm_configs_tenant_id_key is missing', 'it was dropped',
    'ALTER TABLE llm_admin.llm_configs ADD CONSTRAINT llm_configs_tenant_id_key UNIQUE (tenant_id)'
  ],
  [
    'the same, met by ON CONFLICT', 'ALTER TABLE llm_admin.provider_tests DROP CONSTRAINT provider_tests_pkey',
    q{SELECT llm_admin.record_provider_test('chatgpt', true, 1)}, 'index llm_admin.provider_tests_pkey is missing',
    'it was dropped', 'ALTER TABLE llm_admin.provider_tests ADD CONSTRAINT provider_tests_pkey PRIMARY KEY (provider_name)'
  ],
  [
    'the uses dropped', 'ALTER TABLE llm_admin.data_keys DROP COLUMN uses', q{SELECT llm_admin.encrypt_key('sk-abcdef0123456789')},
    'column llm_admin.data_keys.uses is missing', 'it was dropped, and its values with it',
    'ALTER TABLE llm_admin.data_keys ADD COLUMN uses bigint NOT NULL DEFAULT 0'
  ],
  (map {
    my ($table, $constraint, $making, $call) = @$_;
    [
      "$constraint dropped", "ALTER TABLE llm_admin.$table DROP CONSTRAINT $constraint", $call, "index llm_admin.$constraint is missing",
      'it was dropped', "ALTER TABLE llm_admin.$table ADD CONSTRAINT $constraint $making"
    ]
  } [ 'llm_provider_configs', 'llm_provider_configs_provider_name_key', 'UNIQUE (provider_name)', q{SELECT * FROM llm_admin.get_provider('chatgpt')} ],
    [ 'data_keys', 'data_keys_pkey', 'PRIMARY KEY (key_id)', q{SELECT llm_admin.decrypt_provider_key('chatgpt')} ],
    [ 'provider_aliases', 'provider_aliases_pkey', 'PRIMARY KEY (alias)', q{SELECT llm_admin.put_llm_config('t', '{"provider": "Claude", "apiKey": "sk-0123456789abcdef"}')} ],
    [ 'access_keys', 'access_keys_pkey', 'PRIMARY KEY (id)',
      q{SELECT llm_admin.check_model_access('free', 'm', options => '{"key": "00000000-0000-4000-8000-000000000001"}')} ],
    [ 'access_keys', 'access_keys_key_hash_key', 'UNIQUE (key_hash)', q{SELECT llm_admin.check_access_key('sk-before')} ],
    [ 'access_keys', 'access_keys_previous_hash_key', 'UNIQUE (previous_hash)', q{SELECT llm_admin.check_access_key('sk-before')} ],
    [ 'access_grants', 'access_grants_pkey', 'PRIMARY KEY (role_name, level)', q{SELECT llm_admin.grant_access('granted', 'app')} ],
    # Met by ON CONFLICT.
    [ 'cache_versions', 'cache_versions_pkey', 'PRIMARY KEY (subject)', q{SELECT llm_admin.grant_model('user', 'u', 'openai/m', '{"allowed": false}')} ],
    [ 'model_permissions', 'model_permissions_model_id_access_type_access_value_key', 'UNIQUE (model_id, access_type, access_value)',
      q{SELECT llm_admin.grant_model('user', 'u', 'openai/m')} ],
    [ 'installed_models', 'installed_models_server_id_model_name_version_key', 'UNIQUE NULLS NOT DISTINCT (server_id, model_name, version)',
      q{SELECT llm_admin.install_model('box', 'm')} ],
    [ 'model_deployments', 'model_deployments_server_id_alias_key', 'UNIQUE (server_id, alias)', q{SELECT llm_admin.deploy_model('box', 'm', 'd')} ],
    [ 'model_pricing', 'model_pricing_pkey', 'PRIMARY KEY (model_id)', q{SELECT llm_admin.set_model_price('acme/m', '{"input": 0.001}')} ],
    [ 'limit_counters', 'limit_counters_pkey', 'PRIMARY KEY (limit_id, tenant_id, subject, slot)', $acquire ],
    [ 'usage_requests', 'usage_requests_pkey', 'PRIMARY KEY (tenant_id, request_id)',
      q{SELECT llm_admin.record_usage('chatgpt', 'm', '{"prompt_tokens": 1}', request_id => md5(random()::text))} ],
    [ 'llm_calls', 'llm_calls_pkey', 'PRIMARY KEY (call_id)', "SELECT llm_admin.finish_call($begun, '{}', 200)" ],
    [ 'account_state', 'account_state_pkey', 'PRIMARY KEY (subject, tenant_id, model)',
      "SELECT llm_admin.finish_call($begun, '{}', 401)" =~ s/"provider": "chatgpt"/"account_id": "00000000-0000-4000-8000-000000000002", "provider": "chatgpt"/r ],
    [ 'limit_events', 'limit_events_pkey', 'PRIMARY KEY (limit_id, tenant_id, subject, window_start, share)', $acquire ],
    [ 'model_price_history', 'model_price_history_pkey', 'PRIMARY KEY (model_id, valid_from)', q{SELECT llm_admin.set_model_price('acme/n', '{"input": 0.001}')} ],
    [ 'frontiers', 'frontiers_pkey', 'PRIMARY KEY (name)', 'SELECT llm_admin.roll_up_daily_cost()' ],
    [ 'daily_cost_summary', 'daily_cost_summary_pkey', 'PRIMARY KEY (date, tenant_id, user_id, provider, model_id)', 'SELECT llm_admin.roll_up_daily_cost()' ],
    [ 'usage_daily_tags', 'usage_daily_tags_pkey', 'PRIMARY KEY (date, tenant_id, tag, value)',
      q{SELECT llm_admin.record_usage('chatgpt', 'm', '{"prompt_tokens": 1}', options => '{"tags": {"team": "a"}}'); SET llm_admin.usage_tags = 'team'; SELECT llm_admin.roll_up_daily_cost()} ]),
  [
    'an index renamed', 'ALTER INDEX llm_admin.data_keys_pkey RENAME TO dk', q{SELECT llm_admin.decrypt_provider_key('chatgpt')},
    'index llm_admin.data_keys_pkey is missing', 'it was renamed to llm_admin.dk',
    'ALTER INDEX llm_admin.dk RENAME TO data_keys_pkey'
  ],
  [
    'an index of another kind under its name',
    'ALTER TABLE llm_admin.llm_configs DROP CONSTRAINT llm_configs_tenant_id_key; '
      . 'CREATE INDEX llm_configs_tenant_id_key ON llm_admin.llm_configs USING hash (last_test_latency)',
    q{SELECT llm_admin.resolve_llm('t')}, 'index llm_admin.llm_configs_tenant_id_key is missing',
    'a relation of its name is another one',
    'ALTER INDEX llm_admin.llm_configs_tenant_id_key RENAME TO llm_configs_tenant_id_key_other; '
      . 'ALTER TABLE llm_admin.llm_configs ADD CONSTRAINT llm_configs_tenant_id_key UNIQUE (tenant_id)'
  ],
  [
    'a column renamed', 'ALTER TABLE llm_admin.llm_configs RENAME provider TO vendor', q{SELECT llm_admin.get_llm_config('t')},
    'column llm_admin.llm_configs.provider is missing', 'a column vendor is there that is not ours',
    'ALTER TABLE llm_admin.llm_configs RENAME COLUMN vendor TO provider'
  ],
  [
    'the same, met by a statement', 'ALTER TABLE llm_admin.llm_configs RENAME last_tested_at TO "When"',
    'SELECT * FROM llm_admin.list_llm_configs()', 'column llm_admin.llm_configs.last_tested_at is missing',
    'a column "When" is there that is not ours', 'ALTER TABLE llm_admin.llm_configs RENAME COLUMN "When" TO last_tested_at'
  ],
  [
    'a column dropped', 'ALTER TABLE llm_admin.llm_configs DROP COLUMN policy', q{SELECT llm_admin.resolve_llm('t')},
    'column llm_admin.llm_configs.policy is missing', 'it was dropped, and its values with it',
    q{ALTER TABLE llm_admin.llm_configs ADD COLUMN policy text NOT NULL DEFAULT 'choice'}
  ],
  [
    'a column of another type', q{ALTER TABLE llm_admin.llm_configs ALTER default_model TYPE bigint USING 1},
    q{SELECT llm_admin.get_llm_config('t')}, 'column llm_admin.llm_configs.default_model is of type bigint, not text',
    'the table was changed by hand',
    'ALTER TABLE llm_admin.llm_configs ALTER COLUMN default_model TYPE text USING default_model::text::text'
  ],
  [
    'another, met by a statement', q{ALTER TABLE llm_admin.provider_tests ALTER result TYPE bytea USING '\x00'},
    'SELECT * FROM llm_admin.list_providers()', 'column llm_admin.provider_tests.result is of type bytea, not text',
    'the table was changed by hand',
    'ALTER TABLE llm_admin.provider_tests ALTER COLUMN result TYPE text USING result::text::text'
  ],
  (map {
    my ($table, $call) = @$_;
    [
      "$table moved", "ALTER TABLE llm_admin.$table SET SCHEMA public", $call, "relation llm_admin.$table is missing",
      'it lies in schema public', "ALTER TABLE public.$table SET SCHEMA llm_admin"
    ]
  } [ 'access_keys', q{SELECT llm_admin.check_access_key('sk-before')} ],
    [ 'llm_providers', q{SELECT llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', 'chatgpt')} ], [ 'tier_model_rules', q{SELECT llm_admin.check_model_access('free', 'm')} ],
    [ 'model_permissions', q{SELECT llm_admin.check_model_access('free', 'm')} ], [ 'model_aliases', q{SELECT llm_admin.canonical_model('chatgpt', 'm')} ],
    [ 'model_servers', q{SELECT llm_admin.install_model('box', 'm')} ], [ 'model_pricing', q{SELECT llm_admin.set_model_price('acme/m', '{"input": 0.001}')} ],
    [ 'model_price_history', q{SELECT llm_admin.record_usage('chatgpt', 'm', '{"prompt_tokens": 1}')} ],
    [ 'llm_usage_logs', q{SELECT llm_admin.record_usage('chatgpt', 'm', '{"prompt_tokens": 1}')} ],
    [ 'usage_requests', q{SELECT llm_admin.record_usage('chatgpt', 'm', '{"prompt_tokens": 1}', request_id => 'r')} ],
    [ 'frontier_gaps', 'SELECT llm_admin.roll_up_daily_cost()' ], [ 'audit_log', q{SELECT llm_admin.grant_model('user', md5(random()::text), 'openai/m')} ],
    [ 'config_changes', q{SELECT llm_admin.grant_model('user', md5(random()::text), 'openai/m')} ],
    [ 'audit_payloads', q{SELECT llm_admin.grant_model('user', md5(random()::text), 'openai/m')} ]),
  (map {
    my ($table, $column, $call) = @$_;
    [
      "$table.$column renamed", "ALTER TABLE llm_admin.$table RENAME $column TO other", $call, "column llm_admin.$table.$column is missing",
      'a column other is there that is not ours', "ALTER TABLE llm_admin.$table RENAME COLUMN other TO $column"
    ]
  } [ 'access_keys', 'deny', q{SELECT llm_admin.check_access_key('sk-before')} ],
    [ 'tier_model_rules', 'model_pattern', q{SELECT llm_admin.check_model_access('free', 'm')} ],
    [ 'llm_usage_logs', 'cost_status', q{SELECT llm_admin.record_usage('chatgpt', 'm', '{"prompt_tokens": 1}')} ],
    [ 'llm_providers', 'metadata', q{SELECT llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', 'chatgpt')} ], [ 'audit_log', 'leaf', q{SELECT llm_admin.grant_model('user', md5(random()::text), 'openai/m')} ],
    [ 'model_price_history', 'rates', q{SELECT llm_admin.set_model_price('acme/m', '{"input": 0.001}')} ]),
  [
    'a table gone', "$out TABLE llm_admin.access_grants; ALTER TABLE llm_admin.access_grants SET SCHEMA public",
    'SELECT * FROM llm_admin.refresh_access()', 'relation llm_admin.access_grants is missing',
    'it was taken out of the extension and dropped or moved',
    'restore it from a backup, then ALTER EXTENSION llm_admin ADD TABLE llm_admin.access_grants',
    'ALTER TABLE public.access_grants SET SCHEMA llm_admin; ALTER EXTENSION llm_admin ADD TABLE llm_admin.access_grants'
  ]);

my %documented = map { $_ => 1 } qw(LA001 LA002 LA003 LA004 LA020 LA030 LA031 LA040 22023 22004 42704 42501 55006 55000
  40001 25006 54000 53200 42P01 42883 3F000 40P01 57014 42703);

foreach my $case (@damage)
{
  my ($what, $how, $call, $message, $detail, $hint, @then) = @$case;
  # A template would not do: each damage is mended by its HINT, and the next begins with a whole database.
  my @before = errors(@calls);
  $node->safe_psql('postgres', $how);
  my @found = errors($call);
  is(scalar @found, 1, "$what: an error");
  is("$found[0][1] / $found[0][2]", "$message / $detail", "$what: in words");
  is($found[0][3], $hint, "$what: and how to mend it");
  my @all = errors(map { /llm2/ ? $_ : ($how =~ /llm2/ ? s/llm_admin\./llm2./r : $_) } @calls);
  # Functions in SQL have the server's words for a unique constraint that is not there.
  my @wrong = grep { $_->[0] ne '42P10' && (!$documented{ $_->[0] } || ($_->[0] =~ /^42/ && $_->[3] eq '' && $_->[1] !~ /^unknown/)) } @all;
  is(join("\n", map { join ' / ', @$_ } @wrong), '', "$what: every function says it in words");
  # Found in the session's caches as well: the damage is done and mended under one session.
  @all = errors(($hint =~ /^restore/ ? () : split /; /, $hint), @then, $call =~ s/llm2/llm_admin/r, @calls);
  is(join("\n", map { join ' / ', @$_ } grep { $_->[0] =~ /^(?:XX|42|lost)/ } @all), '', "$what: mended");
  LlmAdmin::Hints::followed($hint);
  is(scalar @all, scalar @before, "$what: and all is as before") or diag map { join(' / ', @$_) . "\n" } @all;
  $node->safe_psql('postgres', 'DROP SCHEMA IF EXISTS other, "O t", llm_admin_other; DROP INDEX IF EXISTS '
      . 'llm_admin.llm_configs_tenant_id_key_other; DROP VIEW IF EXISTS llm_admin.llm_configs_other');
}

# One session that met the objects before, and whose plans and columns are kept.
my ($stdout, $stderr);
$node->psql('postgres', join(";\n", map { ($_->[2], $_->[1], $_->[2], @$_ > 6 ? $_->[6] : $_->[5]) }
    grep { $_->[1] !~ /llm2|other/ && $_->[2] !~ /grants|put_|rotate|finish_call/ && @$_ == 6 } @damage),
  stdout => \$stdout, stderr => \$stderr, on_error_stop => 0, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
unlike($stderr, qr/XX000|server closed|WARNING/, 'kept plans and columns follow');
my $said = () = $stderr =~ /ERROR:  /g;
cmp_ok($said, '>=', 10, 'and the damage is told each time');

# ---- not installed -----------------------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE bare');
$node->safe_psql('bare', <<'SQL');
CREATE FUNCTION get_llm_config(text) RETURNS jsonb LANGUAGE c AS 'llm_admin', 'llm_admin_get_llm_config';
CREATE FUNCTION list_providers() RETURNS SETOF record LANGUAGE c AS 'llm_admin', 'llm_admin_list_providers';
SQL
foreach my $call (q{SELECT get_llm_config('t')}, 'SELECT * FROM list_providers() AS r (a text)')
{
  $node->psql('bare', $call, stderr => \$stderr, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
  like($stderr, qr/ERROR:  42\w+: extension llm_admin is not installed in this database\nHINT:  CREATE EXTENSION llm_admin\n/,
    'not installed');
}

$node->safe_psql('bare', 'CREATE EXTENSION llm_admin');
LlmAdmin::Hints::followed('CREATE EXTENSION llm_admin');
is($node->safe_psql('bare', 'SELECT count(*) FROM llm_admin.list_providers()'), '0', 'with the statement of the HINT it is');

# A version that does not have the table yet.
$node->safe_psql('postgres', 'CREATE DATABASE older');
$node->safe_psql('older', <<'SQL');
CREATE EXTENSION llm_admin VERSION '0.2';
CREATE FUNCTION get_llm_config(text) RETURNS jsonb LANGUAGE c AS 'llm_admin', 'llm_admin_get_llm_config';
SQL
$node->psql('older', q{SELECT get_llm_config('t')}, stderr => \$stderr, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
my ($upgrade) = $stderr =~ /^HINT:  (.*)/m;
like($upgrade, qr/^ALTER EXTENSION llm_admin UPDATE; if/, 'an older version: the HINT upgrades');
$node->safe_psql('older', $upgrade =~ /^(.*?);/);
LlmAdmin::Hints::followed($upgrade);
$node->psql('older', q{SELECT get_llm_config('t')}, stderr => \$stderr);
unlike($stderr, qr/relation|missing/, 'and then the table is there');

# ---- while it is being changed -----------------------------------------------------------------------------

# Sessions call in a loop of their own until the changes are done; errors are written down and gone on from.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE seen (state text, message text);
CREATE TABLE done ();
CREATE PROCEDURE call_in_a_loop() LANGUAGE plpgsql AS $$
DECLARE s text; m text; call text;
BEGIN
  LOOP
    FOREACH call IN ARRAY ARRAY[$q$SELECT llm_admin.get_llm_config('t')$q$,
      $q$SELECT llm_admin.build_request('{"messages": []}', 'chatgpt')$q$, 'SELECT * FROM llm_admin.list_providers()',
      $q$SELECT llm_admin.resolve_llm('t')$q$, $q$SELECT llm_admin.decrypt_provider_key('chatgpt')$q$] LOOP
      BEGIN
        EXECUTE call;
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT;
        INSERT INTO seen VALUES (s, m || ' in ' || call);
      END;
      COMMIT;
    END LOOP;
    EXIT WHEN to_regclass('done') IS NULL;
  END LOOP;
END$$;
SQL
my @sessions = map {
  IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'CALL call_in_a_loop()' ],
    '>', \my $printed, '2>', \my $complained, IPC::Run::timeout(600))
} 1 .. 2;
foreach my $round (1 .. 6)
{
  foreach my $change (
    q{SET llm_admin.allow_data_loss = on; ALTER EXTENSION llm_admin UPDATE TO '0.3'}, q{SET llm_admin.allow_data_loss = on; ALTER EXTENSION llm_admin UPDATE TO '0.2'},
    q{ALTER EXTENSION llm_admin UPDATE TO '0.3'}, q{ALTER EXTENSION llm_admin UPDATE TO '0.4'},
    'ALTER TABLE llm_admin.llm_configs SET SCHEMA public', 'ALTER TABLE public.llm_configs SET SCHEMA llm_admin',
    'ALTER TABLE llm_admin.llm_configs ADD COLUMN note text; ALTER TABLE llm_admin.llm_configs DROP COLUMN note',
    'REINDEX TABLE CONCURRENTLY llm_admin.llm_configs', 'DROP EXTENSION llm_admin',
    'CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed()')
  {
    # A deadlock with a caller is the server's way out; the change is made again.
    my $ended = 1;
    foreach (1 .. 20)
    {
      $ended = $node->psql('postgres', $change, stderr => \$stderr, extra_params => [ '-v', 'ON_ERROR_STOP=1' ]);
      last if $ended == 0 || $stderr !~ /deadlock/;
    }
    is($ended, 0, "round $round: " . substr($change, 0, 60)) or diag $stderr;
  }
}
$node->safe_psql('postgres', 'DROP TABLE done');
ok($_->finish, 'a session called to the end') foreach @sessions;
my @seen = split /\n/, $node->safe_psql('postgres', q{SELECT DISTINCT state || ' ' ||
  regexp_replace(message, '\d{4,}', 'n') FROM seen ORDER BY 1});
cmp_ok(scalar @seen, '>', 0, 'calls met the changes');
note $_ foreach @seen;
is(join("\n", grep { !$documented{ substr $_, 0, 5 } } @seen), '', 'only states that are documented, no XX000');

$node->stop;
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no backend died');
LlmAdmin::Hints::proves('013_missing_objects', dirname(__FILE__) . '/../..');
done_testing();
