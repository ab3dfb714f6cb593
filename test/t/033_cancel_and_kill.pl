# Statements that end in the middle: cancelled, terminated, killed with the whole server, rolled back to a savepoint.
# Nothing half-written is left, one provider is active, every stored key opens, and no block of key uses is given twice.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node failure);

# Nothing but the sessions themselves brings the log to disk.
my $node = new_node('cancel', settings => "restart_after_crash = on\nautovacuum = off\nwal_writer_delay = 10s\nlog_min_messages = warning\n");
my $databases = 0;

# ---- tools -------------------------------------------------------------------------------------------------

# A database with the seed rows and without any key; returns its name.
sub fresh_database
{
  my $name = 'cancel_' . ++$databases;
  $node->safe_psql('postgres', "CREATE DATABASE $name");
  $node->safe_psql($name, <<'SQL');
CREATE EXTENSION llm_admin;
SELECT llm_admin.seed();
SELECT llm_admin.create_provider('Free', 'https://free.example.com', 'm', 'free', options => '{"auth_scheme": "none"}');
-- Waits for lock 1 in the middle of a statement: once its first row of history is written.
CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1);
  RETURN NULL;
END $$;
CREATE TRIGGER wait_here AFTER INSERT ON llm_admin.llm_provider_config_history
  FOR EACH ROW EXECUTE FUNCTION wait_here();
SQL
  return $name;
}

sub state_of
{
  my ($database) = @_;
  return $node->safe_psql($database, <<'SQL');
SELECT 'root', r.* FROM llm_admin.root_keys r ORDER BY root_id;
SELECT 'data', to_jsonb(d) - 'uses' FROM llm_admin.data_keys d ORDER BY key_id;
SELECT 'row', p.xmin, p.* FROM llm_admin.llm_provider_configs p ORDER BY id;
SELECT 'history', h.* FROM llm_admin.llm_provider_config_history h ORDER BY id;
SQL
}

sub wait_for_lock
{
  my ($session) = @_;
  $node->poll_query_until('postgres',
    "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = " . $session->pid) or die 'it never waited';
  return;
}

# ---- cancelled and terminated ------------------------------------------------------------------------------

# A statement that waits for what another session has done (uncommitted) is ended there.
my @waits = (
  [ 'set_provider_key at its row',
    "UPDATE llm_admin.llm_provider_configs SET description = 'edited' WHERE provider_name = 'groq'",
    "SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')" ],
  [ 'set_provider_key at the first data key',
    "SELECT llm_admin.encrypt_key('secret')",
    "SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')" ],
  [ 'set_provider_key once its row is written',
    'SELECT pg_advisory_xact_lock(1)',
    "SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')" ],
  [ 'encrypt_key at the first data key', "SELECT llm_admin.encrypt_key('secret')", "SELECT llm_admin.encrypt_key('other')" ],
  [ 'switch_active_provider at the activity lock',
    "UPDATE llm_admin.llm_provider_configs SET is_active = false WHERE provider_name = 'groq'",
    "SELECT llm_admin.switch_active_provider('free')" ],
  [ 'switch_active_provider at its row',
    "UPDATE llm_admin.llm_provider_configs SET description = 'edited' WHERE provider_name = 'free'",
    "SELECT llm_admin.switch_active_provider('free')" ],
  [ 'switch_active_provider between its two rows',
    'SELECT pg_advisory_xact_lock(1)',
    "SELECT llm_admin.switch_active_provider('free')" ],
  [ 'direct activation between its two rows',
    'SELECT pg_advisory_xact_lock(1)',
    "UPDATE llm_admin.llm_provider_configs SET is_active = true WHERE provider_name = 'free'" ],
  [ 'create_provider once its row is written',
    'SELECT pg_advisory_xact_lock(1)',
    "SELECT llm_admin.create_provider('New', 'https://new.example.com', 'm', api_key => 'sk-0123456789abcdefghij')" ],
  [ 'seed at the activity lock',
    "DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'chatgpt'",
    'SELECT llm_admin.seed()' ],
  [ 'seed between its rows',
    'SELECT pg_advisory_xact_lock(1)',
    'SELECT llm_admin.seed()',
    "DELETE FROM llm_admin.llm_provider_configs WHERE provider_name IN ('chatgpt', 'google_ai')" ],
  [ 'remove_seed_providers between its rows', 'SELECT pg_advisory_xact_lock(1)', 'SELECT llm_admin.remove_seed_providers()' ]);

foreach my $how ([ 'cancelled', 'pg_cancel_backend', '57014' ], [ 'terminated', 'pg_terminate_backend', '57P01' ])
{
  my ($name, $function, $state) = @$how;
  foreach my $wait (@waits)
  {
    my ($what, $holds, $waits, $prepare) = @$wait;
    my $database = fresh_database();
    $node->safe_psql($database, $prepare) if $prepare;
    my $before = state_of($database);
    my $holder = LlmAdmin::Session->new($node, $database);
    my $waiter = LlmAdmin::Session->new($node, $database);
    $holder->ask("BEGIN; $holds");
    $waiter->send($waits);
    wait_for_lock($waiter);
    $node->safe_psql('postgres', "SELECT $function(" . $waiter->pid . ')');
    my (undef, $stderr) = $waiter->answer;
    is((failure($stderr) // {})->{state}, $state, "$what, $name: so it ends");
    $holder->ask('ROLLBACK');
    is(state_of($database), $before, "$what, $name: nothing is written");
    if ($name eq 'terminated')
    {
      $waiter->quit;
      $waiter = LlmAdmin::Session->new($node, $database);
    }
    # The same statement in the same session, undisturbed.
    (undef, $stderr) = $waiter->ask($waits);
    unlike($stderr, qr/ERROR/, "$what, $name: and then it works");
    is($waiter->ask('SELECT count(*) FROM llm_admin.get_active_provider()'), '1', "$what, $name: one is active");
    is($waiter->ask('SELECT wrong_key + tampered FROM llm_admin.verify_keys()'), '0', "$what, $name: keys open");
    $_->quit foreach $holder, $waiter;
    $node->safe_psql('postgres', "DROP DATABASE $database");
  }
}

# ---- killed with everything --------------------------------------------------------------------------------

sub uses
{
  my ($database) = @_;
  return $node->safe_psql($database, 'SELECT coalesce(sum(uses), 0) FROM llm_admin.data_keys');
}

# kill -9 of one backend makes the server start anew, from its write-ahead log.
sub kill_backend
{
  my ($session) = @_;
  my $end_of_log = -s $node->logfile;
  is(kill('KILL', $session->pid), 1, 'a backend is killed');
  $node->wait_for_log(qr/database system is ready to accept connections/, $end_of_log);
  $node->poll_query_until('postgres', 'SELECT true') or die;
  $session->quit;
  return;
}

foreach my $case ([ 'with keys', 1 ], [ 'before the first key', 0 ])
{
  my ($what, $keyed) = @$case;
  my $database = fresh_database();
  $node->safe_psql($database, "SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')") if $keyed;
  $node->safe_psql($database, 'CHECKPOINT');
  my $before = state_of($database);
  my $uses_before = uses($database);

  my $session = LlmAdmin::Session->new($node, $database);
  my $looker = LlmAdmin::Session->new($node, $database);
  my ($out, $stderr) = $session->ask(<<'SQL');
BEGIN;
SELECT llm_admin.switch_active_provider('free');
SELECT llm_admin.set_provider_key('groq', 'gsk-jihgfedcba9876543210');
SELECT llm_admin.set_provider_key('openrouter', 'sk-or-0123456789abcdefghij');
UPDATE llm_admin.llm_provider_configs SET provider_name = 'renamed' WHERE provider_name = 'groq';
SELECT llm_admin.decrypt_provider_key('renamed');
SQL
  is($stderr, '', "$what: a transaction is under way");
  like($out, qr/^gsk-jihgfedcba9876543210\z/m, "$what: with its keys");
  my $uses_seen = $looker->ask('SELECT coalesce(sum(uses), 0) FROM llm_admin.data_keys');
  cmp_ok($uses_seen, '>', $uses_before, "$what: it has taken a block of key uses") if $keyed;
  kill_backend($session);
  $looker->quit;

  is(state_of($database), $before, "$what: after recovery all is as before");
  cmp_ok(uses($database), '>=', $uses_seen, "$what: but for the uses, which are never given again");
  is($node->safe_psql($database, 'SELECT provider_name FROM llm_admin.get_active_provider()'), 'groq', "$what: one is active");
  is($node->safe_psql($database, 'SELECT * FROM llm_admin.verify_keys()'), ($keyed ? '1' : '0') . '|0|0|0', "$what: keys open");
  is($node->safe_psql($database, "SELECT llm_admin.set_provider_key('groq', 'gsk-jihgfedcba9876543210')"), 'gsk-j***210',
    "$what: and new ones are sealed");
  is($node->safe_psql($database, "SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-jihgfedcba9876543210', "$what: and open");
  cmp_ok(uses($database), '>', $uses_seen, "$what: from a block of their own");
  is($node->safe_psql($database, 'SELECT count(*) FROM llm_admin.data_keys'), '1', "$what: under one data key");
}

# ---- savepoints and the first data key ---------------------------------------------------------------------

# What a session does before its last word; the key that it has stored then opens for everybody.
my $bad_row = "UPDATE llm_admin.llm_provider_configs SET request_builder_config = '{}' WHERE provider_name = 'groq'";
my $set = "SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')";
my $seal = "SELECT llm_admin.encrypt_key('secret')";
my %stories = (
  'made under a savepoint that goes' => "BEGIN; SAVEPOINT s; $set; ROLLBACK TO s; $set; COMMIT;",
  'made under a savepoint that goes, then another' =>
    "BEGIN; SAVEPOINT s; $seal; ROLLBACK TO s; SAVEPOINT t; $seal; ROLLBACK TO t; $set; COMMIT;",
  'made under a savepoint that stays' => "BEGIN; SAVEPOINT s; $seal; RELEASE s; $set; COMMIT;",
  'made under one that stays within one that goes' =>
    "BEGIN; SAVEPOINT s; SAVEPOINT t; $seal; RELEASE t; ROLLBACK TO s; $set; COMMIT;",
  'kept while a later savepoint goes' => "BEGIN; $seal; SAVEPOINT s; $bad_row; ROLLBACK TO s; $set; COMMIT;",
  'gone with the transaction' => "BEGIN; $seal; ROLLBACK; $set;",
  'gone with the transaction, after a savepoint of it' =>
    "BEGIN; $seal; SAVEPOINT s; $bad_row; ROLLBACK TO s; $seal; ROLLBACK; $set;",
  'gone with an error' => "BEGIN; $seal; $bad_row; COMMIT; $set;",
  'gone with an error of the statement that made it' => <<"SQL",
UPDATE llm_admin.llm_provider_configs SET api_key_encrypted = llm_admin.encrypt_key('secret'), request_builder_config = '{}'
WHERE provider_name = 'groq'; $set;
SQL
  'gone in a block of PL/pgSQL' => <<"SQL");
DO \$\$
BEGIN
  BEGIN
    PERFORM llm_admin.encrypt_key('secret');
    PERFORM llm_admin.switch_active_provider('free');
    $bad_row;
  EXCEPTION WHEN SQLSTATE 'LA001' THEN NULL;
  END;
  PERFORM llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij');
END \$\$;
SQL

foreach my $what (sort keys %stories)
{
  my $database = fresh_database();
  my $session = LlmAdmin::Session->new($node, $database);
  my (undef, $stderr) = $session->ask($stories{$what});
  my @errors = grep { $_ ne 'LA001' } $stderr =~ /ERROR:  (\w{5})/g;
  is_deeply(\@errors, [], "$what: the session goes on");
  my $read = "SELECT llm_admin.decrypt_provider_key('groq')";
  is($session->ask($read), 'gsk-0123456789abcdefghij', "$what: its key opens there");
  is($node->safe_psql($database, $read), 'gsk-0123456789abcdefghij', "$what: and elsewhere");
  is($session->ask('SELECT count(*) FROM llm_admin.data_keys'), '1', "$what: under one data key");
  is($session->ask('SELECT provider_name FROM llm_admin.get_active_provider()'), 'groq', "$what: one is active");
  $session->quit;
  $node->safe_psql('postgres', "DROP DATABASE $database");
}

$node->stop;
my $log = slurp_file($node->logfile);
is(scalar(() = $log =~ /was terminated by signal/g), 2, 'no process died but the two that were killed');
unlike($log, qr/PANIC|signal 11|signal 6/, 'and none for a fault of its own');

done_testing();
