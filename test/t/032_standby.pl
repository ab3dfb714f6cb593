# A streaming standby: whatever reads works, whatever writes says that it is a standby, and promotion needs nothing.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use File::Basename qw(dirname);
use LlmAdmin::Hints;
use LlmAdmin::Session qw(new_node failure);

my $primary = new_node('primary', streaming => 1);
$primary->safe_psql('postgres', <<'SQL');
SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
SELECT llm_admin.switch_active_provider('groq');
CREATE TABLE envelopes AS SELECT llm_admin.encrypt_key('a secret', 'here') AS envelope;
CREATE ROLE app;
SELECT llm_admin.grant_access('app', 'app');
SQL

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));

# ---- reading -----------------------------------------------------------------------------------------------

my $messages = q{'{"messages": [{"role": "user", "content": "Hello"}]}'};
my %reads = (
  get_active_provider => 'SELECT provider_name, has_key FROM llm_admin.get_active_provider()',
  get_provider => q{SELECT provider_name FROM llm_admin.get_provider('openrouter')},
  list_providers => 'SELECT provider_name, key_hint, config_status FROM llm_admin.list_providers()',
  config_problems => q{SELECT code, pointer FROM llm_admin.config_problems('{}', '{}')},
  decrypt_provider_key => q{SELECT llm_admin.decrypt_provider_key('groq')},
  decrypt_key => q{SELECT llm_admin.decrypt_key(envelope, 'here') FROM envelopes},
  key_fingerprint => q{SELECT llm_admin.key_fingerprint(api_key_encrypted) FROM llm_admin.llm_provider_configs WHERE provider_name = 'groq'},
  verify_keys => 'SELECT * FROM llm_admin.verify_keys()',
  key_status => q{SELECT count(*) > 0 FROM llm_admin.key_status()},
  mask_key => q{SELECT llm_admin.mask_key('gsk-0123456789abcdefghij')},
  provider_history => 'SELECT provider_name, action FROM llm_admin.provider_history()',
  build_request => "SELECT llm_admin.build_request(params => $messages)",
  extract_response => q{SELECT llm_admin.extract_response('{"output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}]}', 'groq')});


foreach my $name (sort keys %reads)
{
  my ($there, $here, $error);
  $primary->psql('postgres', $reads{$name}, stdout => \$there, stderr => \$error);
  is($error, '', "$name: works on the primary");
  $standby->psql('postgres', $reads{$name}, stdout => \$here, stderr => \$error);
  is($error, '', "$name: works on the standby");
  is($here, $there, "$name: with the same result");
  isnt($here, '', "$name: which is one");
}

# ---- writing -----------------------------------------------------------------------------------------------

my %writes = (
  switch_active_provider => q{SELECT llm_admin.switch_active_provider('groq')},
  set_provider_key => q{SELECT llm_admin.set_provider_key('groq', 'gsk-jihgfedcba9876543210')},
  encrypt_key => q{SELECT llm_admin.encrypt_key('secret')},
  new_installation => 'SELECT * FROM llm_admin.new_installation()',
  create_provider => q{SELECT llm_admin.create_provider('New', 'https://new.example.com', 'm')},
  record_provider_test => q{SELECT llm_admin.record_provider_test('groq', true)},
  purge_provider => q{SELECT llm_admin.purge_provider('openrouter')},
  import_admin_settings => q{SELECT llm_admin.import_admin_settings('{"providers": {"groq": {"api_key": "gsk-jihgfedcba9876543210"}}}')},
  adopt_pgcrypto_keys => q{SELECT llm_admin.adopt_pgcrypto_keys('passphrase')},
  grant_access => q{SELECT llm_admin.grant_access('app', 'operator')},
  revoke_access => q{SELECT llm_admin.revoke_access('app', 'app')},
  refresh_access => q{SELECT llm_admin.refresh_access()},
  seed => 'SELECT llm_admin.seed()',
  seed_provider_aliases => 'SELECT llm_admin.seed_provider_aliases()',
  remove_seed_providers => 'SELECT llm_admin.remove_seed_providers()');

my $session = LlmAdmin::Session->new($standby);
foreach my $name (sort keys %writes)
{
  my (undef, $stderr) = $session->ask($writes{$name});
  my $failure = failure($stderr) // {};
  is($failure->{state}, '25006', "$name: SQLSTATE");
  like($failure->{message}, qr/ writes and cannot run on a standby$/, "$name: message");
  is($failure->{hint}, 'run it on the primary; SELECT pg_is_in_recovery() tells where you are', "$name: hint");
  my ($told) = $failure->{hint} =~ /(SELECT \S+)/;
  is($session->ask($told), 't', "$name: what it says is so");
  LlmAdmin::Hints::followed($failure->{hint});
}
my (undef, $stderr) = $session->ask("UPDATE llm_admin.llm_provider_configs SET is_active = true WHERE provider_name = 'groq'");
is(failure($stderr)->{message}, 'cannot execute UPDATE in a read-only transaction', 'direct DML: the words of the server');
(undef, $stderr) = $session->ask("DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'openrouter'");
is(failure($stderr)->{state}, '25006', 'and its SQLSTATE');

# On the primary a read-only transaction is told apart from a standby.
$primary->psql('postgres', "BEGIN READ ONLY; SELECT llm_admin.switch_active_provider('groq')", stderr => \$stderr);
like($stderr, qr/switch_active_provider writes and cannot run in a read-only transaction/, 'a read-only transaction says so');

# ---- what the primary changes is seen by sessions of the standby that have it in their caches --------------

my $read_key = q{SELECT llm_admin.decrypt_provider_key('groq')};
is($session->ask($read_key), 'gsk-0123456789abcdefghij', 'an open session reads the key');
$primary->safe_psql('postgres', q{SELECT llm_admin.set_provider_key('groq', 'gsk-jihgfedcba9876543210')});
$primary->safe_psql('postgres', q{UPDATE llm_admin.data_keys SET created_at = created_at});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is($session->ask($read_key), 'gsk-jihgfedcba9876543210', 'and the new one, once it is there');

# ---- promotion ---------------------------------------------------------------------------------------------

my $pid = $session->pid;
$primary->stop('immediate');
$standby->promote;
$standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die;
is($session->ask('SELECT pg_backend_pid()'), $pid, 'the session has lived through the promotion');
is($session->ask(q{SELECT llm_admin.set_provider_key('openrouter', 'sk-or-0123456789abcdefghij')}), 'sk-or***hij',
  'and writes: a key');
($stderr) = ($session->ask(q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'openrouter'}))[1];
is($stderr, '', 'a row');
is($session->ask(q{SELECT llm_admin.switch_active_provider('openrouter')}), 't', 'a switch');
is($session->ask('SELECT provider_name FROM llm_admin.get_active_provider()'), 'openrouter', 'which is there');
is($session->ask('SELECT * FROM llm_admin.verify_keys()'), '2|0|0|0', 'all keys open');
is($session->ask('SELECT count(*) FROM llm_admin.data_keys'), '1', 'with the data key that was');
is($session->ask('SELECT count(*) > 3 FROM llm_admin.seed()'), 't', 'seed() runs');
$session->quit;

$standby->stop;
unlike(slurp_file($_->logfile), qr/PANIC|terminated by signal/, 'no backend died') foreach $primary, $standby;

LlmAdmin::Hints::proves('032_standby', dirname(__FILE__) . '/../..');
done_testing();
