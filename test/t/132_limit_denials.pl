# Denials are counted in memory that all sessions share, where the library is loaded with the server: of all sessions and of
# rolled back transactions, by limit, tenant and subject, each database and tenant by itself. The memory is bounded and the
# sum exact. A restart, one after a crash too, begins anew. Elsewhere each session counts its own.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('limit_denials', settings => "shared_preload_libraries = 'llm_admin'\nrestart_after_crash = on\nmax_connections = 60\n");
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
my $sum = q{SELECT coalesce(sum(denied), 0) FROM llm_admin.limit_denials()};

$value->(q{INSERT INTO llm_admin.limits (id, scope, what, amount, period) VALUES
  ('00000000-0000-4000-8000-000000000001', 'user', 'requests', 0, 'total'),
  ('00000000-0000-4000-8000-000000000002', 'user', 'cost_usd', 0, 'total');
  CREATE ROLE app LOGIN; CREATE ROLE ops LOGIN; CREATE ROLE reader LOGIN;
  SELECT llm_admin.grant_access('app', 'app'), llm_admin.grant_access('ops', 'operator'), llm_admin.grant_access('reader', 'auditor');
  CREATE DATABASE other});
is($value->('SELECT count(*) FROM llm_admin.limit_denials()'), 0, 'nothing is denied at first');
is($value->(q{SELECT count(*) FROM pg_shmem_allocations WHERE name = 'llm_admin denials'}), 1, 'the memory has its name');

# Two sessions, one of which rolls back; a third one sees both.
my @sessions = map { LlmAdmin::Session->new($node) } 1 .. 2;
$sessions[0]->ask(q{SELECT llm_admin.acquire_quota('ann', NULL, 'm', 'acme') FROM generate_series(1, 3)});
$sessions[1]->ask(q{BEGIN; SELECT llm_admin.acquire_quota('ann', NULL, 'm', 'acme'); SELECT llm_admin.reserve_budget('bob', NULL, 'm', 1, 'globex'); ROLLBACK});
is($value->(q{SELECT right(limit_id::text, 1), tenant, subject, denied, first_at < last_at FROM llm_admin.limit_denials()}),
  "1|acme|ann|4|t\n2|globex|bob|1|f", 'all sessions are counted together');
is($value->(q{SELECT count(*) FROM llm_admin.limit_counters}), 0, 'and no row is written');
is($value->(q{SELECT string_agg(labels ->> 'limit' || ' ' || value, ',' ORDER BY labels) FROM llm_admin.metrics() WHERE name = 'llm_admin_limit_denials_total'}),
  '00000000-0000-4000-8000-000000000001 4,00000000-0000-4000-8000-000000000002 1', 'monitors see them');

# begin_call: a limit that is reached, and a model without a price.
my (undef, $error) = $sessions[0]->ask(q{SELECT llm_admin.begin_call('{"messages": [{"role": "user", "content": "x"}], "model": "gpt-4o"}', 'cyd', 'acme')});
like($error, qr/LA010/, 'begin_call is denied');
is($value->(q{SELECT sum(denied) FROM llm_admin.limit_denials() WHERE subject = 'cyd'}), 1, 'and counted once');

# Who sees what.
my $as = sub { my ($out) = LlmAdmin::Session->new($node)->ask($_[0]); return $out };
is($as->('SET ROLE ops; SELECT count(*) FROM llm_admin.limit_denials()'), 3, 'operators see all');
is($as->('SET ROLE reader; SELECT count(*) FROM llm_admin.limit_denials()'), 3, 'auditors, too');
is($as->(q{SET ROLE ops; BEGIN; SELECT set_config('a.b', llm_admin.enter_tenant('globex')::text, true) IS NULL; SELECT string_agg(tenant, ',') FROM llm_admin.limit_denials()}) =~ s/.*\n//r,
  'globex', 'a tenant entered sees its own');
my (undef, $refused) = LlmAdmin::Session->new($node)->ask('SET ROLE app; SELECT * FROM llm_admin.limit_denials()');
like($refused, qr/42501/, 'applications see none');
$node->safe_psql('other', 'CREATE EXTENSION llm_admin');
is($node->safe_psql('other', 'SELECT count(*) FROM llm_admin.limit_denials()'), 0, 'nor does another database');

# More subjects than there is room for: none of the denials is lost.
my $before = $value->($sum);
$value->(q{SELECT count(*) FROM generate_series(1, 5000) n, llm_admin.acquire_quota('many ' || n, NULL, 'm', 'acme')});
$value->(q{SELECT llm_admin.acquire_quota(repeat('x', 1000), NULL, 'm', 'acme')});
is($value->($sum), $before + 5001, 'the sum is exact');
is($value->(q{SELECT count(*) FROM llm_admin.limit_denials() WHERE limit_id IS NULL AND subject IS NULL AND denied > 2000}), 1, 'what has no place is counted together');
cmp_ok($value->('SELECT count(*) FROM llm_admin.limit_denials()'), '<=', 2049, 'and the memory is bounded');
is($value->(q{SELECT count(*) FROM llm_admin.limit_denials('acme') WHERE limit_id IS NULL}), 0, 'whose they are is told nobody');

# Many at once.
my $script = $node->basedir . '/deny.sql';
append_to_file($script, qq{\\set n random(1, 50)\nSELECT allowed FROM llm_admin.acquire_quota('load ' || :n, NULL, 'm');\n});
$before = $value->($sum);
$node->command_ok([ 'pgbench', '-n', '-c', 16, '-j', 2, '-t', 100, '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ], '16 clients are denied');
is($value->($sum), $before + 1600, 'and each denial is counted once');

# A crash and a restart begin anew.
my $pid = $sessions[0]->pid;
kill 'KILL', $pid;
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid") or BAIL_OUT('no end of the crash');
is($value->($sum), 0, 'a crash takes them');
$value->(q{SELECT llm_admin.acquire_quota('ann', NULL, 'm', 'acme')});
is($value->($sum), 1, 'and they are counted anew');
$node->restart;
is($value->($sum), 0, 'so does a restart');

# Not loaded with the server: each session its own.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
my ($one, $two) = map { LlmAdmin::Session->new($node) } 1 .. 2;
$one->ask(q{SELECT llm_admin.acquire_quota('ann', NULL, 'm', 'acme')});
is(($one->ask($sum))[0], 1, 'without it a session has its own');
is(($two->ask($sum))[0], 0, 'and no others');
$one->ask(q{SELECT count(*) FROM generate_series(1, 1000) n, llm_admin.acquire_quota('many ' || n, NULL, 'm', 'acme')});
is(($one->ask($sum))[0], 1001, 'its sum is exact, too');
is(($one->ask(q{SELECT count(*) FROM llm_admin.metrics() WHERE name = 'llm_admin_limit_denials_total'}))[0], 0, 'monitors are not told of one session');

done_testing;
