# Many sessions switch, activate, insert, upsert and delete at once: no error, no deadlock, and one provider active in
# every snapshot. The races one by one are in test/isolation.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node failure);

my $clients = 8;
my $transactions = 400;    # of each client

my $node = new_node('concurrency', settings => "max_connections = 30\nlog_min_messages = warning\n");

# Four providers that stay, so that every statement finds its target; x1 to x4 come and go.
$node->safe_psql('postgres', <<'SQL');
SELECT llm_admin.create_provider('P' || n, 'https://p' || n || '.example.com/v1', 'm', 'p' || n,
  options => '{"auth_scheme": "none"}')
FROM generate_series(1, 4) AS n;
SELECT llm_admin.switch_active_provider('p1');
CREATE TABLE looks (at_least bigint, at_most bigint, looks bigint);
CREATE TABLE stop (now boolean);
-- One row as an application would write it.
CREATE FUNCTION new_row(name text) RETURNS SETOF llm_admin.llm_provider_configs LANGUAGE sql STABLE AS $$
  SELECT (jsonb_populate_record(p, jsonb_build_object('provider_name', name, 'display_name', name,
    'id', nextval('llm_admin.llm_provider_configs_id_seq'), 'is_active', true, 'api_key_encrypted', NULL))).*
  FROM llm_admin.llm_provider_configs p WHERE p.provider_name = 'p1'
$$;
-- Counts the outcomes that two sessions after the same row may see; anything else is raised.
CREATE TABLE outcomes (outcome text);
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'done';
EXCEPTION
  WHEN undefined_object THEN
    IF SQLERRM !~ '^Provider [px]\d does not exist$' THEN RAISE; END IF;
    RETURN 'target gone';
  WHEN object_in_use THEN
    IF SQLERRM <> 'Cannot delete active provider. Switch to another provider first.' THEN RAISE; END IF;
    RETURN 'target active';
END $$;
SQL

# A session that looks, again and again, until the table `stop` has a row.
sub watcher
{
  my $session = LlmAdmin::Session->new($node);
  $session->ask('TRUNCATE looks, stop');
  $session->send(<<'SQL');
DO $$
DECLARE
  active bigint;
  low bigint := 1;
  high bigint := 1;
  n bigint := 0;
BEGIN
  WHILE NOT EXISTS (SELECT FROM stop) LOOP
    SELECT count(*) INTO active FROM llm_admin.llm_provider_configs WHERE is_active;
    low := least(low, active);
    high := greatest(high, active);
    n := n + 1;
  END LOOP;
  INSERT INTO looks VALUES (low, high, n);
END $$
SQL
  return $session;
}

sub ended
{
  my ($session) = @_;
  $node->safe_psql('postgres', 'INSERT INTO stop VALUES (true)');
  my (undef, $stderr) = $session->answer;
  is($stderr, '', 'the watcher had no error');
  $session->quit;
  is($node->safe_psql('postgres', 'SELECT at_least, at_most, looks > 0 FROM looks'),
    '1|1|t', 'one was active in every snapshot');
  return;
}

# Runs a mix of scripts, name => [weight, statement].
sub run_mix
{
  my ($what, %scripts) = @_;
  my @files;
  my $folder = PostgreSQL::Test::Utils::tempdir('mix');
  foreach my $name (sort keys %scripts)
  {
    my ($weight, $statement) = @{ $scripts{$name} };
    append_to_file("$folder/$name.sql", "\\set p random(1, 4)\n\\set x random(1, 4)\n$statement\n");
    push @files, '-f', "$folder/$name.sql\@$weight";
  }
  my $watcher = watcher();
  my @command = (
    'pgbench', '-n', '-M', 'simple', '-c', $clients, '-j', 2, '-t', $transactions, '--random-seed=7', @files, 'postgres');
  my ($stdout, $stderr) = ('', '');
  {
    local %ENV = $node->_get_env();
    IPC::Run::run([ $node->installed_command($command[0]), @command[ 1 .. $#command ] ], '>', \$stdout, '2>', \$stderr);
  }
  my $processed = $clients * $transactions;
  unlike($stderr, qr/error|aborted|ERROR/, "$what: no client has met an error");
  like($stdout, qr{actually processed: $processed/$processed}, "$what: all transactions went through");
  ended($watcher);
  return;
}

run_mix(
  'free of conflicts',
  switch => [ 4, "SELECT llm_admin.switch_active_provider('p' || :p, 'bench');" ],
  activate => [ 4, "UPDATE llm_admin.llm_provider_configs SET is_active = true WHERE provider_name = 'p' || :p;" ],
  edit => [ 1, "UPDATE llm_admin.llm_provider_configs SET description = now()::text WHERE provider_name = 'p' || :p;" ],
  nothing => [ 2, "INSERT INTO llm_admin.llm_provider_configs SELECT * FROM new_row('x' || :x) ON CONFLICT (provider_name) DO NOTHING;" ],
  upsert => [ 2, "INSERT INTO llm_admin.llm_provider_configs SELECT * FROM new_row('x' || :x) ON CONFLICT (provider_name) DO UPDATE SET is_active = true, description = 'again';" ],
  delete => [ 3, "DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = 'x' || :x AND NOT is_active;" ],
  key => [ 1, "SELECT llm_admin.set_provider_key('p' || :p, 'a-key-of-the-bench-' || :client_id || '-0123456789');" ],
  read => [ 2, 'SELECT provider_name FROM llm_admin.get_active_provider();' ]);

# The targets themselves come and go: a switch may find its target gone, a delete may find it active.
run_mix(
  'targets deleted',
  switch => [ 4, "INSERT INTO outcomes SELECT attempt(format('SELECT llm_admin.switch_active_provider(%L)', 'x' || :x));" ],
  stay => [ 2, "SELECT llm_admin.switch_active_provider('p' || :p);" ],
  insert => [ 4, "INSERT INTO llm_admin.llm_provider_configs SELECT * FROM new_row('x' || :x) ON CONFLICT DO NOTHING;" ],
  delete => [ 4, "INSERT INTO outcomes SELECT attempt(format('DELETE FROM llm_admin.llm_provider_configs WHERE provider_name = %L', 'x' || :x));" ],
  activate => [ 2, "UPDATE llm_admin.llm_provider_configs SET is_active = true WHERE provider_name = 'x' || :x;" ]);

# ---- what is left ------------------------------------------------------------------------------------------

is($node->safe_psql('postgres', 'SELECT count(*) FROM llm_admin.get_active_provider()'), '1', 'one is active in the end');
is( $node->safe_psql('postgres', q{SELECT string_agg(DISTINCT outcome, ', ' ORDER BY outcome) FROM outcomes}),
  'done, target active, target gone',
  'the deletes of targets have met each outcome');
is($node->safe_psql('postgres', "SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'"), '0', 'no deadlock');
is($node->safe_psql('postgres', 'SELECT wrong_key + tampered FROM llm_admin.verify_keys()'), '0', 'every key opens');
is($node->safe_psql('postgres', 'SELECT count(*) FROM llm_admin.data_keys'), '1', 'eight sessions made one data key');

# The history tells the same story: whatever became active, by row or by change, has ceased to be, but for one.
is($node->safe_psql('postgres', <<'SQL'), '1', 'the history closes');
SELECT count(*) FILTER (WHERE action = 'activated' OR action = 'created' AND (config_snapshot ->> 'is_active')::boolean)
  - count(*) FILTER (WHERE action = 'deactivated')
FROM llm_admin.llm_provider_config_history
SQL

$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/deadlock detected|PANIC|terminated by signal/, 'nor any in the log');
my @errors = grep { !/Provider x\d does not exist|Cannot delete active provider/ } $log =~ /ERROR:  (.*)/g;
is_deeply(\@errors, [], 'nothing else was raised');

done_testing();
