# What docs/deployment.md promises of replicas: a standby reads, keys included, and says clearly that it cannot
# write; promotion needs nothing; a logical subscriber with the publication printed there opens the same keys.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_keyring);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = $ENV{LLM_ADMIN_TREE} // '.';
my $first_key = 'gsk_replicated_0123456789abcdef';
my $second_key = 'gsk_replicated_fedcba9876543210';
my $messages = q{'{"messages": []}'};
my $keyring = new_keyring();

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 'logical', extra => [ '--encoding=UTF8', '--locale=C' ]);
$primary->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'\n");
$primary->start;
$primary->safe_psql('postgres', <<"SQL");
CREATE EXTENSION llm_admin;
SELECT * FROM llm_admin.seed();
SELECT llm_admin.set_provider_key('groq', '$first_key');
CREATE ROLE service LOGIN;
SELECT llm_admin.grant_access('service', 'app');
SQL

# SQLSTATE, message and HINT of the error that a statement raises; empty without one.
sub error_of
{
  my ($node, $sql) = @_;
  my $stderr;
  $node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stderr => \$stderr, on_error_stop => 0);
  my ($state, $message) = $stderr =~ /ERROR:  (\w{5}): (.*)/;
  my ($hint) = $stderr =~ /^HINT:  (.*)/m;
  return { state => $state // '', message => $message // '', hint => $hint // '' };
}

# ---- standby -----------------------------------------------------------------------------------------------

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);

my @service = (extra_params => [ '-U', 'service' ]);
is($standby->safe_psql('postgres', 'SELECT provider_name, has_key FROM llm_admin.get_active_provider()', @service),
  'groq|t', 'standby: reads the active provider');
is( $standby->safe_psql('postgres',
    "SELECT headers ->> 'Authorization' FROM llm_admin.build_request($messages, with_key => true)", @service),
  "Bearer $first_key", 'standby: builds a request with its key');
is( $standby->safe_psql('postgres',
    q{SELECT llm_admin.extract_response('{"error": {"message": "no"}}', 'groq', 500) -> 'error' ->> 'message'}, @service),
  'no', 'standby: reads an answer');
is($standby->safe_psql('postgres', 'SELECT key_hint FROM llm_admin.list_providers() WHERE is_active'),
  'gsk_r***def', 'standby: lists providers');
is($standby->safe_psql('postgres', 'SELECT * FROM llm_admin.verify_keys()'), '1|0|0|0', 'standby: verifies keys');
like($standby->safe_psql('postgres', q{SELECT verdict FROM llm_admin.key_status() WHERE item = 'keyring'}),
  qr/^ok$/, 'standby: shows the state of keys');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM llm_admin.provider_history()'), '5', 'standby: reads the history');

# Every function that writes says so in one way; the two that are plain SQL give the server's own text.
my %writing = (
  set_provider_key => q{SELECT llm_admin.set_provider_key('groq', 'gsk_somewhere_else_0123456789')},
  encrypt_key => q{SELECT llm_admin.encrypt_key('gsk_somewhere_else_0123456789')},
  switch_active_provider => q{SELECT llm_admin.switch_active_provider('openrouter')},
  create_provider => q{SELECT llm_admin.create_provider('New', 'https://llm.example.com', 'm')},
  record_provider_test => q{SELECT llm_admin.record_provider_test('groq', true)},
  import_admin_settings => q{SELECT llm_admin.import_admin_settings('{"provider": "groq", "model": "m"}')},
  purge_provider => q{SELECT llm_admin.purge_provider('chatgpt')},
  seed => 'SELECT llm_admin.seed()',
  remove_seed_providers => 'SELECT llm_admin.remove_seed_providers()',
  grant_access => q{SELECT llm_admin.grant_access('service', 'auditor')},
  revoke_access => q{SELECT llm_admin.revoke_access('service', 'app')},
  adopt_pgcrypto_keys => q{SELECT llm_admin.adopt_pgcrypto_keys('secret')});
my %plain = map { $_ => 1 } qw(seed remove_seed_providers);
foreach my $function (sort keys %writing)
{
  my $error = error_of($standby, $writing{$function});
  is($error->{state}, '25006', "standby: $function is refused as a write");
  next if $plain{$function};
  like($error->{message}, qr/$function|standby/, "standby: $function says what it is");
  isnt($error->{hint}, '', "standby: $function has a hint");
}
is(error_of($standby, 'UPDATE llm_admin.llm_provider_configs SET is_active = false')->{message},
  'cannot execute UPDATE in a read-only transaction', 'standby: direct DML gets the text of the server');

# ---- logical subscriber, with the publication of the documentation ------------------------------------------

my ($publication) = slurp_file("$tree/docs/deployment.md") =~ /^(CREATE PUBLICATION .*?;)$/ms;
ok($publication, 'docs/deployment.md has a publication');
$primary->safe_psql('postgres', $publication);

my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$subscriber->append_conf('postgresql.conf', "llm_admin.keyring_file = '$keyring'\n");
$subscriber->start;
$subscriber->safe_psql('postgres', 'CREATE EXTENSION llm_admin');
my $connection = $primary->connstr('postgres');
$connection =~ s/'/''/g;
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION llm_admin CONNECTION '$connection' PUBLICATION llm_admin");
$subscriber->wait_for_subscription_sync($primary, 'llm_admin');

my $rows = q{SELECT md5(string_agg(t::text, ';' ORDER BY t::text COLLATE "C")) FROM };
my @published = map { "llm_admin.$_ t" }
  qw(llm_provider_configs llm_provider_config_history provider_tests data_keys root_keys);
sub is_equal
{
  my ($when) = @_;
  is($subscriber->safe_psql('postgres', $rows . $_), $primary->safe_psql('postgres', $rows . $_), "subscriber, $when: $_")
    foreach @published;
}

is_equal('at first');
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.decrypt_provider_key('groq')}),
  $first_key, 'subscriber: opens the key');
$primary->safe_psql('postgres', <<"SQL");
SELECT llm_admin.set_provider_key('groq', '$second_key');
SELECT llm_admin.set_provider_key('openrouter', '$first_key');
UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'openrouter';
SELECT llm_admin.switch_active_provider('openrouter');
SELECT llm_admin.record_provider_test('openrouter', true, 12);
SELECT * FROM llm_admin.purge_provider('chatgpt');
SQL
$primary->wait_for_catchup('llm_admin');
is_equal('after changes');
is( $subscriber->safe_psql('postgres',
    "SELECT provider_name, headers ->> 'Authorization' FROM llm_admin.build_request($messages, with_key => true)"),
  "openrouter|Bearer $first_key", 'subscriber: follows the switch');
is($subscriber->safe_psql('postgres', q{SELECT llm_admin.decrypt_provider_key('groq')}),
  $second_key, 'subscriber: opens the new key');
$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION llm_admin');

# ---- promotion ---------------------------------------------------------------------------------------------

$primary->wait_for_catchup($standby);
$standby->promote;
is($standby->safe_psql('postgres', q{SELECT llm_admin.set_provider_key('groq', 'gsk_after_promotion_0123456789')}),
  'gsk_a***789', 'promoted: sets a key');
is($standby->safe_psql('postgres', q{SELECT llm_admin.decrypt_provider_key('groq')}),
  'gsk_after_promotion_0123456789', 'promoted: opens it');
is($standby->safe_psql('postgres', q{SELECT llm_admin.switch_active_provider('groq')}), 't', 'promoted: switches');

done_testing();
