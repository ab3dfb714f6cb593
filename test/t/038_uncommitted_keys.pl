# Nothing that a transaction made is used by later ones of its session before it has committed: keys that a session
# stores open in another one, always, whatever was rolled back, prepared or rolled back to a savepoint before.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node failure);

my $node = new_node('uncommitted', settings => "max_prepared_transactions = 10\nmax_connections = 40\nautovacuum = off\n");
my $databases = 0;

sub fresh_database
{
  my $name = 'db' . ++$databases;
  $node->safe_psql('postgres', "CREATE DATABASE $name");
  $node->safe_psql($name, 'CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed()');
  return $name;
}

my $key = 'sk-IMPORTANT-KEY-0123456789';
my $set = "SELECT llm_admin.set_provider_key('chatgpt', '$key')";
my $seal = q{SELECT left(llm_admin.encrypt_key('first'), 5)};
my $put = qq{SELECT llm_admin.put_llm_config('acme', '{"apiKey": "$key", "policy": "byollm_only"}') ->> 'maskedKey'};
my $read = "SELECT llm_admin.decrypt_provider_key('chatgpt')";
my $read_tenant = "SELECT llm_admin.decrypt_tenant_key('acme')";
my $rotate = 'SELECT llm_admin.rotate_data_key()';
my $root = 'SELECT root_id FROM llm_admin.rotate_root_key(1)';

# ---- what a session did before it stores two keys that must last -------------------------------------------

my %stories = (
  'first key prepared, rolled back' => "BEGIN; $seal; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'first key prepared, committed' => "BEGIN; $seal; PREPARE TRANSACTION 't'; COMMIT PREPARED 't'",
  'first key of a released savepoint, prepared' => "BEGIN; SAVEPOINT s; $seal; RELEASE s; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'first key and a tenant\'s, prepared' => "BEGIN; $put; $set; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'tenant\'s first key prepared' => "$set; BEGIN; $put; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'rotated, prepared' => "$set; BEGIN; $rotate; $seal; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'rotated, prepared and committed' => "$set; BEGIN; $rotate; $seal; PREPARE TRANSACTION 't'; COMMIT PREPARED 't'",
  'rotated under a savepoint' => "$set; BEGIN; SAVEPOINT s; $rotate; $seal; ROLLBACK TO s; $seal; COMMIT",
  'rotated under a released savepoint of one that goes' =>
    "$set; BEGIN; SAVEPOINT p; SAVEPOINT s; $rotate; $seal; RELEASE s; ROLLBACK TO p; $seal; COMMIT",
  'a tenant\'s key rotated under a savepoint' => "$put; BEGIN; SAVEPOINT s; SELECT llm_admin.rotate_data_key('acme'); $put; ROLLBACK TO s; $put; COMMIT",
  'root key rotated, prepared' => "$set; BEGIN; $root; $seal; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'tables emptied by hand, rolled back' => "$set; BEGIN; DELETE FROM llm_admin.data_keys; DELETE FROM llm_admin.root_keys; $seal; ROLLBACK",
  'tables emptied by hand, prepared' => "$set; BEGIN; DELETE FROM llm_admin.data_keys; DELETE FROM llm_admin.root_keys; $seal; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'a row put in by hand, used, rolled back' => "$set; CREATE TABLE k AS TABLE llm_admin.data_keys; DELETE FROM llm_admin.data_keys; UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = NULL; "
    . "BEGIN; INSERT INTO llm_admin.data_keys SELECT * FROM k; $set; $read; ROLLBACK",
  'extension dropped, rolled back' => "$set; BEGIN; DROP EXTENSION llm_admin; ROLLBACK",
  'extension dropped and made, rolled back' => "$set; BEGIN; DROP EXTENSION llm_admin; CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed(); $set; $put; ROLLBACK",
  'extension dropped and made, prepared' => "$set; BEGIN; DROP EXTENSION llm_admin; CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed(); $set; PREPARE TRANSACTION 't'; ROLLBACK PREPARED 't'",
  'extension dropped and made, prepared and committed' => "$set; BEGIN; DROP EXTENSION llm_admin; CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed(); $set; PREPARE TRANSACTION 't'; COMMIT PREPARED 't'",
  'a commit that fails' => "CREATE TABLE d (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); BEGIN; $seal; INSERT INTO d VALUES (1), (1); COMMIT");

foreach my $what (sort keys %stories)
{
  my $database = fresh_database();
  my $session = LlmAdmin::Session->new($node, $database);
  my (undef, $stderr) = $session->ask($stories{$what});
  my @errors = grep { $_ ne '23505' } $stderr =~ /ERROR:  (\w{5})/g;
  is_deeply(\@errors, [], "$what: done") or diag $stderr;
  $session->ask('ROLLBACK') if $stderr;
  (undef, $stderr) = $session->ask("$set; $put");
  $stderr =~ s/^WARNING.*\n//mg;
  is($stderr, '', "$what: the session stores keys");
  is($session->ask($read) . ' ' . $session->ask($read_tenant), "$key $key", "$what: they open there");
  is($node->safe_psql($database, "$read; $read_tenant"), "$key\n$key", "$what: and in another session");
  is($node->safe_psql($database, 'SELECT wrong_key, tampered FROM llm_admin.verify_keys()'), '0|0', "$what: as verify_keys says");
  is($node->safe_psql($database, "SELECT count(*) FROM llm_admin.key_status() WHERE verdict = 'error' AND item ~ 'key'"), '0', "$what: no error in key_status");
  $session->quit;
  $node->safe_psql('postgres', "DROP DATABASE $database");
}

# ---- while it is prepared: who would need what it made waits -----------------------------------------------

foreach my $case (
  [ 'the first data key', '', $set, $set ],
  [ 'the first data key, by a tenant', '', $put, $put ],
  [ 'a tenant\'s first key', $set, $put, $put ],
  [ 'a rotated key of a tenant', "$set; $put", q{SELECT llm_admin.rotate_data_key('acme')}, $put ],
  [ 'the root key', "$set; $put", $root, $put ])
{
  my ($what, $before, $makes, $needs) = @$case;
  foreach my $end ('ROLLBACK', 'COMMIT')
  {
    my $database = fresh_database();
    my $session = LlmAdmin::Session->new($node, $database);
    $session->ask($before) if $before;
    my (undef, $stderr) = $session->ask("BEGIN; $makes; PREPARE TRANSACTION 't'");
    is($stderr, '', "$what is prepared");
    my $other = LlmAdmin::Session->new($node, $database);
    my (undef, $refused) = $other->ask("SET lock_timeout = '1s'; $needs");
    is((failure($refused) // { state => 'none' })->{state}, '55P03', "$what: another session does not seal meanwhile");
    (undef, $refused) = $session->ask("SET lock_timeout = '1s'; $needs; SET lock_timeout = 0");
    is((failure($refused) // { state => 'none' })->{state}, '55P03', "$what: nor does the session itself");
    $other->ask('SET lock_timeout = 0');
    $other->send($needs);
    $node->poll_query_until($database, "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = " . $other->pid) or die 'it never waited';
    $node->safe_psql($database, "$end PREPARED 't'");
    my (undef, $failed) = $other->answer;
    is($failed, '', "$what, $end: then it does");
    my $opens = $needs eq $set ? $read : $read_tenant;
    is($node->safe_psql($database, $opens), $key, "$what, $end: and what it sealed opens everywhere");
    is($node->safe_psql($database, 'SELECT wrong_key, tampered FROM llm_admin.verify_keys()'), '0|0', "$what, $end: nothing is lost");
    $_->quit for $session, $other;
    $node->safe_psql('postgres', "DROP DATABASE $database");
  }
}

$node->stop;
unlike(slurp_file($node->logfile), qr/XX000|PANIC|terminated by signal/, 'no internal error, no crash');

done_testing();
