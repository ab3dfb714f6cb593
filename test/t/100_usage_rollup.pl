# The daily book equals a recount of the log, whatever ran beside the roll-ups: short and long transactions, savepoints
# that are rolled back, sessions and servers that are killed, two roll-ups at once, a prepared transaction that is left
# for good, a dump that is restored into a cluster whose transaction ids are lower, and pg_upgrade.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node write_file);

my $node = new_node('rollup', settings => "max_prepared_transactions = 5\nautovacuum = off\n");
my $scripts = $node->basedir;

# ---- many writers ------------------------------------------------------------------------------------------

my $call = q{SELECT llm_admin.record_usage('openai', 'm' || :m, jsonb_build_object('input_tokens', :t), 'u' || :u,
  options => jsonb_build_object('cost_usd', :t * 0.000001, 'at', now() - interval '1 day' * (:m - 1)));};
my $plain = q{INSERT INTO llm_admin.llm_usage_logs (provider, model_id, user_id, prompt_tokens, cost_usd) VALUES ('openai', 'm' || :m, 'u' || :u, :t, :t * 0.000003);};
my $random = "\\set m random(1, 3)\n\\set u random(1, 5)\n\\set t random(1, 1000)\n";
my %script = (
  fast  => "$random$call\n",
  plain => "$random$plain\n",
  batch => "${random}SELECT llm_admin.record_usage_batch(jsonb_build_array(jsonb_build_object('provider', 'openai', 'model', 'm' || :m, 'usage', jsonb_build_object('input_tokens', :t)),"
    . " jsonb_build_object('provider', 'openai', 'model', 'x', 'request_id', 'r' || :t)));\n",
  long  => "${random}BEGIN;\n$call\n" . ("SELECT count(*) FROM generate_series(1, 2000);\n$plain\n" x 8) . "COMMIT;\n",
  saves => "${random}BEGIN;\n$call\nSAVEPOINT a;\n$plain\nROLLBACK TO a;\n$plain\nSAVEPOINT b;\n$call\nRELEASE b;\nSAVEPOINT c;\n$plain\n"
    . "SAVEPOINT d;\n$call\nROLLBACK TO c;\n$plain\nCOMMIT;\n",
  gone  => "${random}BEGIN;\n$call\n$plain\nROLLBACK;\n",
  roll  => "SELECT llm_admin.roll_up_daily_cost();\n");
write_file("$scripts/$_.sql", $script{$_}) foreach keys %script;

# A run of pgbench, and what it writes.
sub bench
{
  my ($name, $clients, $transactions, @mix) = @_;
  my @command = ('pgbench', '-n', '-c', $clients, '-t', $transactions, '-h', $node->host, '-p', $node->port,
    (map { ('-f', "$scripts/$_") } @mix), 'postgres');
  my $out = '';
  local $ENV{PGAPPNAME} = $name;
  return (IPC::Run::start(\@command, '>', \$out, '2>', "$scripts/$name.err"), \$out);
}

sub count { return $node->safe_psql('postgres', $_[0]) }
my ($writers, $written) = bench('writers', 4, 2500, 'fast.sql@6', 'plain.sql@3', 'batch.sql@1', 'long.sql@1', 'saves.sql@3', 'gone.sql@2');
# Sessions are killed while they are at work; where in it is left to chance. What they have to do has no end.
my $killed = 0;
foreach my $round (1 .. 8)
{
  my %work = (victims => [ 'fast.sql@2', 'long.sql@2', 'saves.sql@1' ], rollers => ['roll.sql']);
  my @runs = map { (bench("$_$round", 1, 1_000_000, @{ $work{$_} }))[0] } sort keys %work;
  my $at_work = "FROM pg_stat_activity WHERE application_name IN ('victims$round', 'rollers$round') AND state <> 'idle'";
  $node->poll_query_until('postgres', "SELECT count(*) = 2 $at_work") or die 'nobody is at work';
  count('SELECT llm_admin.roll_up_daily_cost()');
  count('SELECT llm_admin.maintain_partitions()');
  $killed += count("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name IN ('victims$round', 'rollers$round')");
  $_->finish foreach @runs;
}
ok($writers->finish, 'the writers came to their end') or diag(slurp_file("$scripts/writers.err"));
like($$written, qr{processed: 10000/10000}, 'ten thousand transactions, each by chance');
cmp_ok(count('SELECT count(*) FROM llm_admin.llm_usage_logs'), '>', 10000, 'wrote thousands of calls');
is($killed, 16, 'and sessions that write and that roll up were killed meanwhile');

# Every group of every day, in all measures; and nothing is left to be counted.
my $recount = q{SELECT count(*) FROM (
  SELECT date, tenant_id, user_id, provider, model_id, total_cost_usd, total_requests, total_tokens, input_tokens FROM llm_admin.daily_cost_summary
  EXCEPT ALL
  SELECT timezone('UTC', "timestamp")::date, tenant_id, user_id, provider, model_id, coalesce(sum(cost_usd), 0), count(*), sum(total_tokens), sum(prompt_tokens)
  FROM llm_admin.llm_usage_logs GROUP BY 1, 2, 3, 4, 5) s};
my $missing = q{SELECT (SELECT count(*) FROM llm_admin.llm_usage_logs) - (SELECT sum(total_requests) FROM llm_admin.daily_cost_summary)};
sub is_exact
{
  my ($what, $on, $database) = @_;
  $on //= $node;
  $database //= 'postgres';
  $on->safe_psql($database, 'SELECT llm_admin.roll_up_daily_cost()');
  is($on->safe_psql($database, $recount), 0, "$what: every booked group equals its recount");
  is($on->safe_psql($database, $missing), 0, "$what: every call is counted once");
  is($on->safe_psql($database, 'SELECT count(*) FROM llm_admin.verify_rollup()'), 0, "$what: verify_rollup() finds no day that differs");
  return;
}
is_exact('after the writers');
is(count("SELECT counted_rows FROM llm_admin.roll_up_daily_cost()"), 0, 'a second run counts nothing');
is(count('SELECT count(*) FROM llm_admin.frontier_gaps'), 0, 'and closes what gaps there were: nobody writes');

# A difference is found.
count(q{UPDATE llm_admin.daily_cost_summary SET total_tokens = total_tokens + 1 WHERE (date, tenant_id, user_id, provider, model_id) =
  (SELECT date, tenant_id, user_id, provider, model_id FROM llm_admin.daily_cost_summary ORDER BY 1, 2, 3, 4, 5 LIMIT 1)});
is(count('SELECT differing_rows, booked_tokens - counted_tokens FROM llm_admin.verify_rollup()'), '1|1', 'one group that differs is told with its day');
count(q{UPDATE llm_admin.daily_cost_summary SET total_tokens = total_tokens - 1 WHERE (date, tenant_id, user_id, provider, model_id) =
  (SELECT date, tenant_id, user_id, provider, model_id FROM llm_admin.daily_cost_summary ORDER BY 1, 2, 3, 4, 5 LIMIT 1)});

# ---- transactions that stay open ---------------------------------------------------------------------------

my $one = sub { return "SELECT llm_admin.record_usage('openai', 'late', '{\"input_tokens\": $_[0]}')" };
my $late = sub { return count(q{SELECT coalesce(sum(total_tokens), 0) FROM llm_admin.daily_cost_summary WHERE model_id = 'openai/late'}) };
my $slow = LlmAdmin::Session->new($node);
$slow->ask("BEGIN; " . $one->(1));
count($one->(10));
is(count('SELECT counted_rows, open_gaps FROM llm_admin.roll_up_daily_cost()'), '1|1', 'an id that is not seen yet leaves a gap');
count($one->(100));
is(count('SELECT counted_rows, open_gaps FROM llm_admin.roll_up_daily_cost()'), '1|1', 'others go on');
$slow->ask('COMMIT');
is(count('SELECT counted_rows, open_gaps FROM llm_admin.roll_up_daily_cost()'), '1|0', 'the late row is counted in its gap');
is($late->(), 111, 'each of the three once');

count("BEGIN; " . $one->(1000) . "; PREPARE TRANSACTION 'left for good'");
count($one->(10000));
is(count('SELECT counted_rows, open_gaps FROM llm_admin.roll_up_daily_cost()'), '1|1', 'a prepared transaction leaves a gap, too');
$node->stop('immediate');
$node->start;
count($one->(100000)) foreach 1 .. 2;
count('SELECT llm_admin.roll_up_daily_cost()');
is($late->(), 210111, 'after a crash the others are counted');
is_exact('with a prepared transaction left');

# A roll-up that is rolled back counts nothing for good; one in a subtransaction the same.
count($one->(1));
count('BEGIN; SELECT llm_admin.roll_up_daily_cost(); ROLLBACK');
count('BEGIN; SAVEPOINT a; SELECT llm_admin.roll_up_daily_cost(); ROLLBACK TO a; SELECT llm_admin.roll_up_daily_cost(); COMMIT');
count('BEGIN; ' . $one->(2) . '; SELECT llm_admin.roll_up_daily_cost(); ' . $one->(4) . '; SELECT llm_admin.roll_up_daily_cost(); COMMIT');
is_exact('after roll-ups that were rolled back');
my (undef, undef, $err) = $node->psql('postgres', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT llm_admin.roll_up_daily_cost()');
like($err, qr/at READ COMMITTED alone/, 'above READ COMMITTED it is refused');

# ---- a cluster with lower transaction ids -------------------------------------------------------------------

my $dump = "$scripts/log.sql";
$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('postgres') ], 'a dump');
my $other = PostgreSQL::Test::Cluster->new('other');
$other->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$other->start;
$other->safe_psql('postgres', 'CREATE DATABASE back');
my $xid = 'SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint';
cmp_ok($other->safe_psql('back', $xid), '<', $node->safe_psql('postgres', 'SELECT min(closes_at::text::bigint) FROM llm_admin.frontier_gaps'),
  'the other cluster has not come as far as the gap that is open');
$other->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $other->connstr('back') ], 'is restored there');
my $here = $late->();
$other->safe_psql('back', $one->(1000000)) foreach 1 .. 3;
is_exact('in a cluster with lower ids', $other, 'back');
is($other->safe_psql('back', 'SELECT count(*) FROM llm_admin.frontier_gaps'), 0, 'its gap closes after one look');
is($other->safe_psql('back', q{SELECT sum(total_tokens) FROM llm_admin.daily_cost_summary WHERE model_id = 'openai/late'}), $here + 3000000,
  'new calls are counted there');
$other->safe_psql('back', 'SELECT llm_admin.maintain_partitions()');
is_exact('after its rows went into months', $other, 'back');

# Ids that a load brings beyond the sequence: those that the sequence gives out later are not behind the frontier.
$other->safe_psql('back', q{INSERT INTO llm_admin.llm_usage_logs (id, provider, model_id, prompt_tokens) SELECT last_value + 50, 'openai', 'loaded', 1 FROM llm_admin.llm_usage_logs_id_seq});
is_exact('with an id beyond the sequence', $other, 'back');
$other->safe_psql('back', $one->(1)) foreach 1 .. 3;
is_exact('and with what came after it', $other, 'back');

# ---- pg_upgrade ---------------------------------------------------------------------------------------------

count("ROLLBACK PREPARED 'left for good'");
count($one->(7));
my $audit = join ' UNION ALL ', (map { "SELECT '$_ ' || count(*) || ' ' || count(DISTINCT tableoid) || ' ' || md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE \"C\")) FROM llm_admin.$_ t" } qw(audit_log audit_payloads provider_history_leaves)),
  q{SELECT 'ids ' || last_value FROM llm_admin.audit_log_id_seq};
my $audited = $node->safe_psql('postgres', $audit);
$node->stop;
my $new = PostgreSQL::Test::Cluster->new('new');
$new->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
my $bindir = $node->config_data('--bindir');
chdir $scripts or die;
command_ok([ 'pg_upgrade', '--no-sync', '-d', $node->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir,
    '-s', $new->host, '-p', $node->port, '-P', $new->port ], 'pg_upgrade');
$new->start;
is_exact('after pg_upgrade', $new);
is($new->safe_psql('postgres', $audit), $audited, 'the audit log, its payloads and leaves are equal, in their months: ' . $audited =~ s/ [0-9a-f]{32}//gr =~ tr/\n/,/r);
$new->safe_psql('postgres', $one->(1)) foreach 1 .. 3;
is_exact('and with what came after it', $new);
is($new->safe_psql('postgres', q{SELECT count(*) FROM llm_admin.validate_schema() WHERE verdict = 'error' AND object ~ 'usage'}), 0, 'its months are as they were made');
$new->stop;
$other->stop;

done_testing();
