# Counters in shared memory: the cases of counters in tables, and what is different. Units are not rolled back, but come back
# at the window's end; what is given back counts from the commit on; a restart begins anew. What finds no place, has a longer
# window or is money is counted in tables, and all or none is taken of both.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Limits qw(load_cases clock_cases);
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $preloaded = "shared_preload_libraries = 'llm_admin'\nrestart_after_crash = on\nmax_connections = 60\n";
my $node = new_node('limits_shared', settings => $preloaded);
load_cases($node, rolls_back => 0);
is($node->safe_psql('postgres', 'SELECT count(*) FROM llm_admin.limit_counters'), 0, 'no counter has a row');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_shmem_allocations WHERE name = 'llm_admin counters'}), 1, 'the memory has its name');
$node->stop;

$node = new_node('limits_shared_clock', settings => $preloaded);
clock_cases($node);
is($node->safe_psql('postgres', q{SELECT count(*) FROM llm_admin.limit_counters c JOIN llm_admin.limits l ON l.id = c.limit_id WHERE l.period IN ('minute', 'hour')}),
  0, 'short windows have no rows');

$node->safe_psql('postgres', q{INSERT INTO llm_admin.limits (id, scope, subject, what, amount, period) VALUES
  ('00000000-0000-4000-8000-0000000000a1', 'user', 'ann', 'tokens', 100, 'hour'), ('00000000-0000-4000-8000-0000000000a2', 'user', 'mixed', 'requests', 2, 'hour'),
  ('00000000-0000-4000-8000-0000000000a3', 'user', 'mixed', 'requests', 1, 'day'), ('00000000-0000-4000-8000-0000000000a4', 'user', 'warned', 'requests', 1, 'hour'),
  ('00000000-0000-4000-8000-0000000000a5', 'user', 'many*', 'requests', 1, 'hour'), ('00000000-0000-4000-8000-0000000000a6', 'user', 'other', 'requests', 1, 'hour');
  UPDATE llm_admin.limits SET on_exceed = 'warn', alert_shares = '{1}' WHERE subject = 'warned'});
sub session_at
{
  my $session = LlmAdmin::Session->new($node);
  $session->ask("SET timezone = 'UTC'; SELECT llm_admin_test.set_clock('2031-01-01 10:00:00')");
  return $session;
}
my $session = session_at();
my $ask = sub { my ($out, $err) = $session->ask($_[0]); diag($err) if $err; return $out };
my $used = sub { return $ask->("SELECT sum(used) FROM llm_admin.limit_status(user_id => '$_[0]')") };

# Giving back: from the commit on, not when it or its savepoint is rolled back, and once.
$ask->(q{SELECT ticket FROM llm_admin.acquire_quota('ann', NULL, 'm', options => '{"input_tokens": 60}') \gset});
is($used->('ann'), 60, 'what is asked is taken');
$ask->(q{BEGIN; SELECT llm_admin.release_quota(:'ticket', '{"input_tokens": 20}')});
is($used->('ann'), 60, 'it is given back by the commit');
$ask->('ROLLBACK');
is($used->('ann'), 60, 'and not at all by a rollback');
$ask->(q{BEGIN; SAVEPOINT s; SELECT llm_admin.release_quota(:'ticket', '{"input_tokens": 20}'); ROLLBACK TO s; COMMIT});
is($used->('ann'), 60, 'nor by one of a savepoint');
$ask->(q{BEGIN; SAVEPOINT s; SELECT llm_admin.release_quota(:'ticket', '{"input_tokens": 20}'); RELEASE s; COMMIT});
is($used->('ann'), 20, 'a savepoint that is released gives back');
is($ask->(q{SELECT llm_admin.release_quota(:'ticket')}), 'f', 'once');
$ask->(q{SELECT ticket FROM llm_admin.acquire_quota('ann', NULL, 'm', options => '{"input_tokens": 10}') \gset});
$ask->(q{SELECT llm_admin.release_quota(:'ticket', '{"input_tokens": 75, "output_tokens": 15}')});
is($used->('ann'), 110, 'more than was taken is counted whole');
is($ask->(q{SELECT allowed, remaining FROM llm_admin.acquire_quota('ann', NULL, 'm')}), 'f|0', 'and the next one sees it');

# All or none of both kinds of counters.
is($ask->(q{SELECT allowed, right(limit_id::text, 2) FROM llm_admin.acquire_quota('mixed', NULL, 'm')}), 't|a3', 'an hour in memory and a day in a table');
is($ask->(q{SELECT allowed, right(limit_id::text, 2) FROM llm_admin.acquire_quota('mixed', NULL, 'm')}), 'f|a3', 'the day denies');
is($ask->(q{SELECT string_agg(right(limit_id::text, 2) || ' ' || used, ',' ORDER BY limit_id) FROM llm_admin.limit_status(user_id => 'mixed')}), 'a2 1,a3 1', 'and nothing is taken of the hour');
$ask->(q{UPDATE llm_admin.limits SET amount = 9 WHERE id = '00000000-0000-4000-8000-0000000000a3'});
$ask->(q{SELECT llm_admin.acquire_quota('mixed', NULL, 'm')});
is($ask->(q{SELECT allowed, right(limit_id::text, 2), resets_at, retry_after_ms FROM llm_admin.acquire_quota('mixed', NULL, 'm')}),
  'f|a2|2031-01-01 11:00:00+00|3600000', 'the hour denies, and says until when');
is($ask->(q{SELECT string_agg(right(limit_id::text, 2) || ' ' || used, ',' ORDER BY limit_id) FROM llm_admin.limit_status(user_id => 'mixed')}), 'a2 2,a3 2', 'and nothing is taken of the day');
is($ask->(q{SELECT string_agg(reason, ',') FROM generate_series(1, 2) n, LATERAL (SELECT * FROM llm_admin.acquire_quota('warned', NULL, left('m' || n, 1))) a}), 'granted,warned', 'a limit that warns counts on');
is($ask->(q{SELECT count(*) FROM llm_admin.limit_events WHERE subject = 'warned'}), 1, 'and its alert is told');

# Another database of the same limits has counters of its own.
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', q{CREATE EXTENSION llm_admin; SELECT count(*) FROM llm_admin.seed();
  INSERT INTO llm_admin.limits (id, scope, subject, what, amount, period) VALUES ('00000000-0000-4000-8000-0000000000a6', 'user', 'other', 'requests', 1, 'hour')});
is($node->safe_psql('other', q{SELECT allowed FROM llm_admin.acquire_quota('other', NULL, 'm')}), 't', 'another database');
is($ask->(q{SELECT allowed FROM llm_admin.acquire_quota('other', NULL, 'm')}), 't', 'each its own');

# A crash begins anew.
my $pid = $session->pid;
kill 'KILL', $pid;
$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid") or BAIL_OUT('no end of the crash');
$session = session_at();
is($used->('ann') || 0, 0, 'a crash takes them');

# With little room the rest is counted in tables, and nobody gets more.
$node->append_conf('postgresql.conf', "llm_admin.shared_counters = 16\n");
$node->restart;
$session = session_at();
my $each = q{SELECT count(*) FILTER (WHERE a.allowed) FROM generate_series(1, 200) n, llm_admin.acquire_quota('many' || n, NULL, 'm') a};
is($ask->($each), 200, 'more subjects than there is room for');
is($ask->($each), 0, 'each has one');
is($ask->(q{SELECT count(*) BETWEEN 184 AND 199 FROM llm_admin.limit_counters c WHERE c.subject LIKE 'many%'}), 't', 'those without room are in tables');
is($ask->(q{SELECT count(*), sum(used) FROM llm_admin.limit_status(options => '{"limit_id": "00000000-0000-4000-8000-0000000000a5"}')}), '200|200', 'and shown like the others');
$ask->(q{SELECT llm_admin_test.set_clock('2031-01-01 11:00:00')});
is($ask->($each), 200, 'the next hour');
is($ask->($each), 0, 'and no more in it');

# None at all.
$node->append_conf('postgresql.conf', "llm_admin.shared_counters = 0\n");
$node->restart;
$session = session_at();
is($ask->(q{SELECT allowed FROM llm_admin.acquire_quota('ann', NULL, 'm', options => '{"input_tokens": 60}')}), 't', 'without them');
is($ask->(q{SELECT used FROM llm_admin.limit_counters WHERE subject = 'ann'}), 60, 'all are in tables');

done_testing();
