# Keys of accounts: an envelope opens in its own row and nowhere else, survives kills while it is sealed anew, and every
# way of dumping and restoring; decisions about models are the same afterwards, also in a session that was there before.
use strict;
use warnings;

use LlmAdmin::Session qw(new_node new_keyring failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = join '', map { sprintf '%02x', int rand 256 } 1 .. 32;
my $ring = new_keyring(1, join '', map { sprintf '%02x', int rand 256 } 1 .. 32);
append_to_file($ring, "2:$root\n");
my $node = new_node('accounts', keyring => $ring, settings => "restart_after_crash = on\nfsync = off\nlog_min_messages = warning\n");
sub value { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql) }

value(<<'SQL');
CREATE EXTENSION llm_admin_test;
SELECT llm_admin.set_provider_key('chatgpt', 'sk-of-the-row-0123456789');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'chatgpt';
SELECT llm_admin.put_llm_config('acme', '{"provider": "groq", "apiKey": "sk-of-acme-0123456789"}');
INSERT INTO llm_admin.llm_providers (name, type, base_url, api_key_encrypted, metadata)
SELECT 'account ' || n, (ARRAY['openai', 'groq'])[n % 2 + 1], CASE WHEN n % 3 = 0 THEN 'https://proxy' || n || '.example.com/v1' END,
  llm_admin.encrypt_key('sk-account-' || n || '-0123456789'), jsonb_build_object('priority', -n)
FROM generate_series(1, 12) AS n;
INSERT INTO llm_admin.account_state (subject, state, until, reason) SELECT id::text, 'open', 'infinity', 'rate limit' FROM llm_admin.llm_providers WHERE name = 'account 2';
INSERT INTO llm_admin.model_servers (name, type, host, port) VALUES ('gpu1', 'ollama', 'h', 1);
SELECT llm_admin.install_model('gpu1', 'llama3', '{"version": "8b"}'), llm_admin.install_model('gpu1', 'llama3');
SELECT llm_admin.deploy_model('gpu1', 'llama3', 'chat', '{"version": "8b"}');
UPDATE llm_admin.model_deployments SET status = 'running';
SELECT llm_admin.grant_model('user', 'u1', 'openai/gpt-4o', '{"allowed": false}'), llm_admin.grant_model('tier', 'free', 'openai/gpt-4o');
INSERT INTO llm_admin.user_tiers (tenant_id, user_id, tier_code) VALUES ('acme', 'u2', 'professional');
INSERT INTO llm_admin.model_aliases (pattern, canonical) VALUES ('fast', 'groq/llama-3.1-8b'), ('*-old', 'openai/*');
UPDATE llm_admin.tier_model_rules SET max_requests_per_day = 7 WHERE tier_code = 'free' AND model_pattern = 'groq/*';
UPDATE llm_admin.provider_aliases SET public = true WHERE alias = 'grok';
SQL
my $key_of = q{SELECT right(headers ->> 'Authorization', 22) FROM llm_admin.build_request('{"messages": [{"role": "user", "content": "hi"}]}', '%s', true)};
my $keys = 14;    # of twelve accounts, a provider and a tenant
is(value('SELECT * FROM llm_admin.verify_keys()'), "$keys|0|0|0", 'all keys open');
is(value(sprintf $key_of, 'chatgpt'), 'account-4-0123456789' =~ s/^/k-/r, 'the first account that need not rest is the one');

# ---- an envelope in another place ----------------------------------------------------------------------------

# As the server's superuser can, with the triggers out of the way.
sub forged
{
  my ($sql, $then) = @_;
  my ($out, $err);
  $node->psql('postgres', "BEGIN; SET LOCAL session_replication_role = replica; $sql; $then; ROLLBACK;", stdout => \$out, stderr => \$err,
    extra_params => [ '-v', 'VERBOSITY=verbose' ]);
  return $err =~ /ERROR:  (\w{5}): (.*)/ ? "$1 $2" : "opened: $out";
}
my $accounts = 'llm_admin.llm_providers';
my %moved = (
  'another account of the provider' => "UPDATE $accounts SET api_key_encrypted = (SELECT api_key_encrypted FROM $accounts WHERE name = 'account 8') WHERE name = 'account 4'",
  'an account of another provider' => "UPDATE $accounts SET api_key_encrypted = (SELECT api_key_encrypted FROM $accounts WHERE name = 'account 1') WHERE name = 'account 4'",
  'of a provider' => "UPDATE $accounts SET api_key_encrypted = (SELECT api_key_encrypted FROM llm_admin.llm_provider_configs WHERE provider_name = 'chatgpt') WHERE name = 'account 4'",
  'of a tenant' => "UPDATE $accounts SET api_key_encrypted = (SELECT api_key_encrypted FROM llm_admin.llm_configs) WHERE name = 'account 4'",
  'a row renamed' => "UPDATE $accounts SET name = 'account x' WHERE name = 'account 4'",
  'a row of another type' => "UPDATE $accounts SET type = 'chatgpt' WHERE name = 'account 4'",
  'a row sent elsewhere' => "UPDATE $accounts SET base_url = 'https://elsewhere.example.com/v1' WHERE name = 'account 4'",
  'a provider sent elsewhere' => "UPDATE llm_admin.llm_provider_configs SET base_url = 'https://elsewhere.example.com/v1' WHERE provider_name = 'chatgpt'");
is(forged($moved{$_}, sprintf($key_of, 'chatgpt')), 'LA031 envelope rejected', "$_: it does not open") foreach sort keys %moved;
my $text = value("SELECT api_key_encrypted FROM $accounts WHERE name = 'account 4'");
foreach my $at (map { 5 + $_ } 0 .. length($text) - 6)
{
  my $altered = $text;
  substr($altered, $at, 1) = substr($text, $at, 1) eq 'A' ? 'B' : 'A';
  my $said = forged("UPDATE $accounts SET api_key_encrypted = '$altered' WHERE name = 'account 4'", sprintf($key_of, 'chatgpt'));
  next if $said eq 'LA031 envelope rejected';
  fail("character $at altered: $said");
}
is(forged("UPDATE $accounts SET api_key_encrypted = left(api_key_encrypted, -1) WHERE name = 'account 4'", sprintf($key_of, 'chatgpt')),
  'LA031 envelope rejected', 'cut short it does not open');

# ---- killed while keys are sealed anew ------------------------------------------------------------------------

sub after_kill
{
  my ($session, $end_of_log) = @_;
  $session->answer;
  $node->wait_for_log(qr/database system is ready to accept connections/, $end_of_log);
  $node->poll_query_until('postgres', 'SELECT true') or die;
  $session->quit;
  return;
}
foreach my $point ([ 'reseal_keys.resealed', 'SELECT * FROM llm_admin.reseal_keys()' ], [ 'reseal_keys.done', 'SELECT * FROM llm_admin.reseal_keys()' ],
  [ 'rotate_root_key.activated', 'SELECT * FROM llm_admin.rotate_root_key(2)' ], [ 'new_installation.half', 'SELECT count(*) FROM llm_admin.new_installation()' ],
  [ 'new_installation.sealed', 'SELECT count(*) FROM llm_admin.new_installation()' ])
{
  my ($stop, $work) = @$point;
  value('SELECT llm_admin.rotate_data_key()');
  my $end_of_log = -s $node->logfile;
  my $session = LlmAdmin::Session->new($node);
  $session->ask("SELECT llm_admin_test.stop_at('$stop', 'kill')");
  $session->send($work);
  after_kill($session, $end_of_log);
  is(value('SELECT * FROM llm_admin.verify_keys()'), "$keys|0|0|0", "killed at $stop: every key opens");
  value($work);
  is(value('SELECT * FROM llm_admin.verify_keys()'), "$keys|0|0|0", "$stop: called again it completes");
}
is(value('SELECT remaining, unreadable FROM llm_admin.reseal_keys()'), '0|0', 'nothing is left to do');
is(value(sprintf $key_of, 'chatgpt'), 'k-account-4-0123456789', 'and the key is the one that it was');

# ---- dumped and restored --------------------------------------------------------------------------------------

my @tables = qw(llm_providers account_state model_servers installed_models model_deployments tiers user_tiers tier_model_rules model_permissions
  model_aliases provider_aliases);
my $sums = join ' UNION ALL ', map { "SELECT '$_', count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM llm_admin.$_ t" } @tables;
my $decisions = <<'SQL';
SELECT string_agg(concat_ws(' ', t, u, m, c.allowed, c.reason, c.canonical_model, c.max_requests_per_day), ', ' ORDER BY t, u, m)
FROM unnest(ARRAY['free', 'professional']) AS t, unnest(ARRAY['u1', 'u2']) AS u, unnest(ARRAY['openai/gpt-4o', 'fast', 'gpt-4-old', 'groq/x', 'grok/grok-2']) AS m,
  LATERAL llm_admin.check_model_access(t, m, u, CASE u WHEN 'u2' THEN 'acme' END) c
SQL
my ($rows, $decided) = (value($sums), value($decisions));
like($decided, qr/free u1 openai\/gpt-4o f user_permission.*professional u2 groq\/x t tier_rule/, 'there is something to compare');
my $folder = $node->basedir . '/dumps';
mkdir $folder or die "$folder: $!";
my %ways = (
  'plain' => [ [ '-Fp', '-f', "$folder/plain" ], [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/plain" ] ],
  'inserts' => [ [ '-Fp', '--inserts', '-f', "$folder/inserts" ], [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/inserts" ] ],
  'custom, two jobs' => [ [ '-Fc', '-f', "$folder/custom" ], [ 'pg_restore', '-j2', "$folder/custom" ] ],
  'data alone' => [ [ '-Fc', '--data-only', '-f', "$folder/data" ], [ 'pg_restore', '--data-only', "$folder/data" ], 'CREATE EXTENSION llm_admin; CREATE EXTENSION llm_admin_test' ],
  'data alone, triggers off' =>
    [ [ '-Fc', '--data-only', '--disable-triggers', '-f', "$folder/off" ], [ 'pg_restore', '--data-only', '--disable-triggers', "$folder/off" ], 'CREATE EXTENSION llm_admin; CREATE EXTENSION llm_admin_test' ]);
my $number = 0;
foreach my $way (sort keys %ways)
{
  my ($dump, $restore, $before) = @{ $ways{$way} };
  my $database = 'restored_' . ++$number;
  $node->command_ok([ 'pg_dump', @$dump, 'postgres' ], "$way: dumped");
  value("CREATE DATABASE $database TEMPLATE template0");
  # One that is there before, and has kept what an empty database says.
  my $warm;
  if ($before)
  {
    value($before, $database);
    $warm = LlmAdmin::Session->new($node, $database);
    is(($warm->ask(q{SELECT reason FROM llm_admin.check_model_access('free', 'openai/gpt-4o', 'u1')}))[0], 'unknown_tier', "$way: before, nobody is anything");
  }
  my ($out, $err);
  my $connection = "port=@{[ $node->port ]} host=@{[ $node->host ]} dbname=$database";
  my $is_good = IPC::Run::run([ @$restore, '-d', $connection ], '>', \$out, '2>', \$err);
  ok($is_good, "$way: restored") or diag $err;
  is($err, '', "$way: without a word");
  is(value($sums, $database), $rows, "$way: row for row the same");
  is(value('SELECT * FROM llm_admin.verify_keys()', $database), "$keys|0|0|0", "$way: every key opens");
  is(value(sprintf($key_of, 'chatgpt'), $database), 'k-account-4-0123456789', "$way: calls go by the same account");
  is(value($decisions, $database), $decided, "$way: the same decisions");
  next if !$warm;
  is(($warm->ask($decisions))[0], $decided, "$way: also in the session that was there before");
  $warm->quit;
}
$node->stop;
done_testing();
