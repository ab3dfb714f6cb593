# Cases of test/t/062_hints.pl: accounts, servers and deployments, names of models, tiers and permissions.
use strict;
use warnings;

our ($node, %used);

# ---- servers, models, deployments ----------------------------------------------------------------------------

mends('a server that is not there', "SELECT llm_admin.install_model('gpu7', 'phi')", fill => { server => 'gpu7', host => '10.0.0.7' });
mends('a model that is not installed', "SELECT llm_admin.deploy_model('gpu7', 'llama')");
mends('nothing of that alias', "SELECT llm_admin.stop_deployment('gpu7', 'chat')", fill => { model => 'phi', alias => 'chat' });
mends('a health that is none', "SELECT llm_admin.record_server_health('gpu7', 'sick')", gives => qr/^unknown$/);
my $report = sub { return "SELECT llm_admin.record_server_health('gpu7', 'healthy', jsonb_build_object('metadata', jsonb_build_object('$_[0]', repeat('x', 3000000))))" };
mends('reports without end', $report->('second'), before => [ $report->('first') ]);
mends('several versions', "SELECT llm_admin.deploy_model('gpu7', 'qwen')", fill => { version => 'b' }, gives => qr/^[0-9a-f-]{36}$/,
  before => [ map { qq{SELECT llm_admin.install_model('gpu7', 'qwen', '{"version": "$_"}')} } qw(a b) ]);
$node->safe_psql('postgres', q{INSERT INTO llm_admin.model_servers (name, type, host, port) VALUES ('gpu8', 'vllm', '10.0.0.8', 8000)});
mends('a deployment on another server', q{INSERT INTO llm_admin.model_deployments (server_id, model_id, alias)
  SELECT s.id, m.id, 'astray' FROM llm_admin.model_servers s, llm_admin.installed_models m WHERE s.name = 'gpu8' AND m.model_name = 'phi'},
  gives => qr/^[0-9a-f-]{36}$/);
mends('a move that is none', q{UPDATE llm_admin.model_deployments SET status = 'running' WHERE alias = 'chat'}, gives => qr/\|chat\|stopped\|gpu7\|/);
mends('a model that would move', q{UPDATE llm_admin.installed_models SET server_id = s.id FROM llm_admin.model_servers s WHERE s.name = 'gpu8' AND model_name = 'phi'},
  fill => { server => 'gpu8' }, then => q{SELECT llm_admin.deploy_model('gpu8', 'phi')});

# ---- names, tiers, permissions -------------------------------------------------------------------------------

mends('a model without a name', "SELECT llm_admin.canonical_model('openai', '')", gives => qr/^openai\/gpt-4o\|given$/);
mends('a kind of grant that is none', "SELECT llm_admin.grant_model('group', 'g', 'openai/gpt-4o')",
  fill => { user => 'u1', vendor => 'openai', model => 'gpt-4o' }, gives => qr/\|openai\/gpt-4o\|t\|added$/);
mends('a permission for a pattern', "SELECT llm_admin.grant_model('tier', 'free', 'openai/x-*')", fill => { tier => 'free', pattern => 'openai/x-*' },
  then => "SELECT 1 / allowed::integer FROM llm_admin.check_model_access('free', 'openai/x-1')");
mends('a tier that is not there', q{INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern) VALUES ('gold', 'openai/*')}, fill => { name => 'Gold' });
mends('no tiers at all', q{INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern) VALUES ('free', 'my-own/*')}, back => 's', after => ['ROLLBACK'],
  before => [ 'BEGIN', 'DELETE FROM llm_admin.tier_model_rules', 'DELETE FROM llm_admin.user_tiers', 'DELETE FROM llm_admin.tiers', 'SAVEPOINT s' ]);

# ---- accounts ------------------------------------------------------------------------------------------------

my $build = q{SELECT length((llm_admin.build_request('{"messages": [{"role": "user", "content": "x"}]}', 'groq', true)).url)};
my $bend = sub {
  return ('ALTER TABLE llm_admin.llm_providers DISABLE TRIGGER USER',
    "UPDATE llm_admin.llm_providers SET api_key_encrypted = overlay(api_key_encrypted PLACING 'AAAA' FROM 60) WHERE name = 'spare'",
    'ALTER TABLE llm_admin.llm_providers ENABLE TRIGGER USER',
    'ALTER TABLE llm_admin.llm_providers ENABLE ALWAYS TRIGGER trg_cache_changed',
    'ALTER TABLE llm_admin.llm_providers ENABLE REPLICA TRIGGER trg_cache_replicated');
};
$node->safe_psql('postgres', q{SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
  UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'groq';
  INSERT INTO llm_admin.llm_providers (name, type) VALUES ('spare', 'groq')});
{
  my $asked = q{SELECT hint FROM llm_admin.key_status() WHERE item = 'accounts without a key'};
  my $hint = $node->safe_psql('postgres', $asked);
  $used{$hint} = 'an account without a key';
  $node->safe_psql('postgres', statement_in($hint));
  is($node->safe_psql('postgres', $asked), '', 'an account without a key: the statement gives it one');
}
mends('a raw key of an account', q{UPDATE llm_admin.llm_providers SET api_key_encrypted = 'raw-key-0123456789abcdef' WHERE name = 'spare'},
  then => $build);
mends('an account whose key does not open', $build, before => [ $bend->() ]);
mends('a copy with a key of an account that does not open', 'SELECT * FROM llm_admin.new_installation()', before => [ $bend->() ]);
mends('the same, let go', 'SELECT * FROM llm_admin.new_installation()', before => [ $bend->() ], pick => qr/or (UPDATE .*)/);
mends('a copy with an account of no provider', 'SELECT * FROM llm_admin.new_installation()', fill => { provider => 'groq' },
  before => [ q{SELECT llm_admin.create_provider('Left', 'https://left.example.com', 'm', api_key => 'sk-left-0123456789abcdef')},
    q{INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted) VALUES ('lone', 'left', llm_admin.encrypt_key('sk-lone-0123456789abcdef'))},
    'SET session_replication_role = replica', q{DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'left'}, 'RESET session_replication_role' ]);
$node->safe_psql('postgres', 'DELETE FROM llm_admin.llm_providers');

1;
