# Tenants behind a transaction pooler that has one connection to the server for all of them: whatever a transaction
# does, or however it ends, it sees its own tenant's row, and the next one nothing of it.
use strict;
use warnings;

use LlmAdmin::Pooler;
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

if (!LlmAdmin::Pooler::program())
{
  SKIP: { skip 'there is no pgbouncer; build/test-logs/pgbouncer.log says why', 1 }
  done_testing();
  exit;
}

my $node = new_node('pooler', settings => "autovacuum = off\n");
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE service LOGIN;
SELECT llm_admin.grant_access('service', 'app');
INSERT INTO llm_admin.llm_configs (tenant_id, api_key_encrypted, default_model)
SELECT name, 'kms:key-of-' || name, 'model-of-' || name
FROM unnest(ARRAY['a', 'b']) AS name UNION ALL SELECT 'c' || n, 'kms:key-of-c', NULL FROM generate_series(1, 3000) AS n;
ANALYZE llm_admin.llm_configs;
-- Tells what it is shown, and is cheap enough to be asked first; not LEAKPROOF.
CREATE FUNCTION peek(value text) RETURNS bool LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
  RAISE NOTICE 'peek: %', value;
  RETURN true;
END $$;
SQL
my $pooler = LlmAdmin::Pooler->start($node, 'service');
diag 'pgbouncer ' . $pooler->version;
my ($of_a, $of_b) = map { $pooler->client('postgres', 'service') } 1 .. 2;
my $mine = 'SELECT tenant_id FROM llm_admin.llm_configs';
my $whose = 'SELECT llm_admin.entered_tenant()';

sub enter
{
  my ($client, $tenant) = @_;
  $client->rows('BEGIN');
  is_deeply($client->rows('SELECT llm_admin.enter_tenant($1)', $tenant), [$tenant], "enters $tenant");
  return;
}

# What the next transaction of anybody sees when it enters nothing, and that b then sees b.
sub nothing_left
{
  my ($what, $client) = @_;
  $client //= $of_b;
  is_deeply($client->rows($mine), [], "$what: no rows for the next transaction");
  is_deeply($client->rows($whose), [''], "$what: no tenant either");
  enter($client, 'b');
  is_deeply($client->rows($mine), ['b'], "$what: then it sees b, having entered b");
  $client->rows('COMMIT');
  return;
}

# ---- in turns ----------------------------------------------------------------------------------------------

my %backends;
for (1 .. 5)
{
  foreach my $pair ([ $of_a, 'a' ], [ $of_b, 'b' ])
  {
    my ($client, $tenant) = @$pair;
    enter($client, $tenant);
    is_deeply($client->rows('SELECT tenant_id, api_key_encrypted FROM llm_admin.llm_configs'), ["$tenant|kms:key-of-$tenant"],
      "$tenant: its row");
    $backends{ $client->rows('SELECT pg_backend_pid()')->[0] } = 1;
    is($client->state('COMMIT'), '', "$tenant: done");
    is_deeply($client->rows($mine), [], "$tenant: outside of a transaction nothing");
  }
}
is(scalar(keys %backends), 1, 'all of it in one backend');

# b asks while a is inside, and has to wait.
enter($of_a, 'a');
$of_b->ask('BEGIN');
is_deeply($of_a->rows($mine), ['a'], 'a, while b waits: a');
ok(!$of_b->answered, 'b has to wait');
$of_a->rows("UPDATE llm_admin.llm_configs SET policy = 'aegis_only'");
$of_a->rows('COMMIT');
is($of_b->answer->{error}, undef, 'then it is its turn');
is_deeply($of_b->rows($mine), [], 'and it begins with nothing');
is_deeply($of_b->rows('SELECT llm_admin.enter_tenant($1)', 'b'), ['b'], 'enters b');
is_deeply($of_b->rows('SELECT tenant_id, policy FROM llm_admin.llm_configs'), ['b|choice'], 'sees b, as it was');
$of_b->rows('COMMIT');
is($node->safe_psql('postgres', "SELECT string_agg(tenant_id, ',') FROM llm_admin.llm_configs WHERE policy <> 'choice'"), 'a',
  'an update without WHERE has changed one row');

# ---- statements that the server keeps ----------------------------------------------------------------------

# Before 1.21 a name belongs to the one connection, so that b executes the very statement of a.
foreach my $named ([ 'mine', $mine ], [ 'all', 'SELECT string_agg(tenant_id, \',\') FROM llm_admin.llm_configs WHERE policy <> $1' ])
{
  my ($name, $sql) = @$named;
  for my $round (1 .. 7)    # from the sixth execution on the plan may be the generic one
  {
    foreach my $pair ([ $of_a, 'a' ], [ $of_b, 'b' ])
    {
      my ($client, $tenant) = @$pair;
      enter($client, $tenant);
      if ($round == 1)
      {
        my $answer = $client->prepare($name, $sql);
        if ($answer->{error})
        {
          is($answer->{error}{C}, '42P05', "$name: a has prepared it for both");
          $client->rows('ROLLBACK');
          enter($client, $tenant);
        }
      }
      is_deeply($client->execute($name, $name eq 'all' ? 'x' : ())->{rows}, [ [$tenant] ], "$name: $tenant, round $round");
      $client->rows('COMMIT');
    }
  }
}
is_deeply($of_b->execute('mine')->{rows}, [], 'a prepared statement without a tenant: no rows');

# ---- keys --------------------------------------------------------------------------------------------------

# One backend opens them in turns and keeps the data keys of both.
$node->safe_psql('postgres', "SELECT llm_admin.put_llm_config('$_', '{\"apiKey\": \"sk-or-key-of-$_-0123456789\", \"policy\": \"choice\"}')") 
  foreach 'a', 'b';
my $built = "SELECT headers ->> 'Authorization' FROM llm_admin.build_tenant_request(\$1, \$2::jsonb, 'byollm', true)";
my $hello = '{"messages": [{"role": "user", "content": "hello"}]}';
for (1 .. 2)
{
  foreach my $pair ([ $of_a, 'a', 'b' ], [ $of_b, 'b', 'a' ])
  {
    my ($client, $tenant, $stranger) = @$pair;
    enter($client, $tenant);
    is_deeply($client->rows($built, $tenant, $hello), ["Bearer sk-or-key-of-$tenant-0123456789"], "$tenant: a request with its key");
    is_deeply($client->rows('SELECT llm_admin.decrypt_tenant_key($1)', $tenant), ["sk-or-key-of-$tenant-0123456789"], "$tenant: its key");
    $client->rows('SAVEPOINT s');
    foreach my $call ("build_tenant_request(\$1, '$hello', 'byollm', true)", 'decrypt_tenant_key($1)', 'get_llm_config($1)',
      'delete_llm_config($1)', 'resolve_llm($1)', 'record_llm_test($1, true)', 'put_llm_config($1, \'{"policy": "choice"}\')')
    {
      is($client->state("SELECT llm_admin.$call", $stranger), '42501', "$tenant: not with $stranger: $call");
      $client->rows('ROLLBACK TO s');
    }
    $client->rows('COMMIT');
  }
}
$node->safe_psql('postgres',
  "UPDATE llm_admin.llm_configs SET api_key_encrypted = 'kms:key-of-' || tenant_id WHERE tenant_id IN ('a', 'b')");

# ---- functions that tell -----------------------------------------------------------------------------------

my @questions = (
  'SELECT tenant_id FROM llm_admin.llm_configs WHERE peek(tenant_id)',
  'SELECT tenant_id FROM llm_admin.llm_configs WHERE peek(api_key_encrypted) AND tenant_id <> \'a\'',
  'SELECT count(*) FROM llm_admin.llm_configs AS c JOIN (VALUES (1)) AS v ON peek(c.default_model)',
  'SELECT tenant_id FROM llm_admin.llm_configs WHERE tenant_id::int = 1',
  'SELECT tenant_id FROM llm_admin.llm_configs WHERE 1 / (length(tenant_id) - 1) = 0 AND peek(tenant_id)',
  'SELECT tenant_id FROM llm_admin.llm_configs WHERE public.peek(tenant_id) OR tenant_id = \'b\' ORDER BY 1',
  'SELECT max(tenant_id) FROM llm_admin.llm_configs HAVING peek(max(api_key_encrypted))',
  'UPDATE llm_admin.llm_configs SET policy = \'choice\' WHERE peek(tenant_id) RETURNING peek(api_key_encrypted)',
  'DELETE FROM llm_admin.llm_configs WHERE peek(tenant_id) AND tenant_id = \'b\'',
  'COPY (SELECT tenant_id FROM llm_admin.llm_configs WHERE peek(tenant_id)) TO \'/dev/null\'');
my $row_of_b = qr/key-of-[bc]|model-of-b|(?:peek:|integer:) "?[bc]\d*\b/;

# By the index of tenant_id no other row is even read; without it the order of the conditions is all there is.
foreach my $index ('on', 'off')
{
  foreach my $question (@questions)
  {
    my $client = $pooler->client('postgres', 'service');
    enter($client, 'a');
    $client->rows("SET LOCAL $_ = $index") foreach 'enable_indexscan', 'enable_bitmapscan';
    my $answer = $client->run($question);
    unlike(join("\n", $client->messages, map { @$_ } @{ $answer->{rows} }), $row_of_b,
      "a does not learn of b, indexes $index: $question");
    $client->rows('ROLLBACK');
    $client->finish;
  }
}
# The same words do give b away to whom row-level security does not bear on.
my (undef, undef, $told) = $node->psql('postgres', $questions[0]);
like($told, $row_of_b, 'a superuser is told');
my $client = $pooler->client('postgres', 'service');
enter($client, 'a');
$client->rows($questions[0]);
like($client->messages, qr/peek: a\b/, 'and a of a');
$client->rows('COMMIT');
$client->finish;

# ---- parallel workers --------------------------------------------------------------------------------------

my $debug = $node->safe_psql('postgres', "SELECT name FROM pg_settings WHERE name IN ('debug_parallel_query', 'force_parallel_mode')");
my @parallel = ('min_parallel_table_scan_size = 0', 'min_parallel_index_scan_size = 0', 'parallel_setup_cost = 0',
  'parallel_tuple_cost = 0', 'max_parallel_workers_per_gather = 2', 'enable_indexscan = off', 'enable_bitmapscan = off',
  'enable_indexonlyscan = off');

# The part of a plan under Gather runs in workers; with it they find the tenant in their copy of the setting.
foreach my $forced ('off', 'on')
{
  foreach my $tenant ('a', 'b')
  {
    my $client = $tenant eq 'a' ? $of_a : $of_b;
    enter($client, $tenant);
    $client->rows("SET LOCAL $_") foreach @parallel, "$debug = $forced";
    my $plan = join "\n", @{ $client->rows("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) $mine") };
    like($plan, qr/Workers Launched: [12]/, "$tenant: the rows are read by workers, $debug = $forced");
    is_deeply($client->rows($mine), [$tenant], "$tenant: they see the same row");
    is_deeply($client->rows('SELECT count(*) FROM llm_admin.llm_configs'), ['1'], "$tenant: and count one");
    my $asked = 'SELECT DISTINCT llm_admin.entered_tenant() FROM generate_series(1, 10)';
    is_deeply($client->rows($asked), [$tenant], "$tenant: a worker that is asked says so");
    is($client->state('COMMIT'), '', "$tenant: done");
  }
}
# A policy-less table, so that the function itself is what the workers run.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE numbers AS SELECT n FROM generate_series(1, 5000) AS n;
ANALYZE numbers;
GRANT SELECT ON numbers TO service;
SQL
enter($of_a, 'a');
$of_a->rows("SET LOCAL $_") foreach @parallel, 'parallel_leader_participation = off';
my $in_workers = "SELECT count(*) FROM numbers WHERE llm_admin.entered_tenant() = 'a'";
like(join("\n", @{ $of_a->rows("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) $in_workers") }), qr/Workers Launched: [12]/,
  'entered_tenant() itself runs in workers');
is_deeply($of_a->rows($in_workers), ['5000'], 'and each of them knows the tenant');
$of_a->rows('COMMIT');
enter($of_b, 'b');
$of_b->rows("SET LOCAL $_") foreach @parallel, 'parallel_leader_participation = off';
is_deeply($of_b->rows($in_workers), ['0'], 'which is another one in the next transaction');
$of_b->rows('COMMIT');

# ---- transactions that end in the middle -------------------------------------------------------------------

sub in_the_middle
{
  my $client = $pooler->client('postgres', 'service');
  enter($client, 'a');
  $client->rows("UPDATE llm_admin.llm_configs SET default_model = 'lost'");
  return $client;
}

in_the_middle()->hang_up;
nothing_left('a client that is gone');

my $dying = in_the_middle();
$dying->ask('SELECT pg_terminate_backend(pg_backend_pid())');
ok(!eval { $dying->answer; 1 }, 'a backend is terminated');
nothing_left('a backend that is gone', $of_b = $pooler->client('postgres', 'service'));
$of_a = $pooler->client('postgres', 'service');

my $failing = in_the_middle();
is($failing->state('SELECT 1 / 0'), '22012', 'an error in the middle');
is($failing->state($mine), '25P02', 'ends the transaction');
is($failing->state('COMMIT'), '', 'which is rolled back');
nothing_left('an error', $failing);
is($node->safe_psql('postgres', "SELECT count(*) FROM llm_admin.llm_configs WHERE default_model = 'lost'"), '0',
  'nothing of what they wrote is left');

# ---- one tenant for each transaction -----------------------------------------------------------------------

my $second = 'SELECT llm_admin.enter_tenant($1)';
my %before = (
  'at once' => [], 'after RESET ALL' => ['RESET ALL'], 'after a savepoint' => [ 'SAVEPOINT s', 'SELECT 1', 'RELEASE s' ],
  'after RESET ALL in a savepoint' => [ 'SAVEPOINT s', 'RESET ALL', 'RELEASE s' ]);
foreach my $what (sort keys %before)
{
  enter($of_a, 'a');
  $of_a->rows($_) foreach @{ $before{$what} };
  is($of_a->state($second, 'b'), '55000', "a second tenant, $what: refused");
  $of_a->rows('ROLLBACK');
  nothing_left("a second tenant, $what");
}
$of_a->rows('BEGIN');
$of_a->rows('SAVEPOINT s');
$of_a->rows($second, 'a');
$of_a->rows('ROLLBACK TO s');
unlike(join(',', @{ $of_a->rows($mine) }), qr/[bc]/, 'entered in a savepoint that is gone: no other row');
is($of_a->state($second, 'b'), '55000', 'and no other tenant');
$of_a->rows('ROLLBACK');

enter($of_a, 'a');
is_deeply($of_a->rows($second, 'a'), ['a'], 'the same one again may be entered');
$of_a->rows('RESET ALL');
is_deeply($of_a->rows($mine), [], 'RESET ALL: no rows');
is($of_a->state('SELECT llm_admin.get_llm_config($1)', 'b'), '42501', 'RESET ALL: the functions still know the tenant');
$of_a->rows('ROLLBACK');
enter($of_a, 'a');
is($of_a->state('DISCARD ALL'), '25001', 'DISCARD ALL is no statement for a transaction');
$of_a->rows('ROLLBACK');
is($of_a->state('DISCARD ALL'), '', 'but for the time after it');
nothing_left('DISCARD ALL');
is($of_a->state($second, undef), '22004', 'no tenant can be entered');

$pooler->stop;
$node->stop;

done_testing();
