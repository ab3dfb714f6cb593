# Limits under load: 32 clients and 1,000 subjects with one unit each, half of the transactions rolled back: each
# subject gets its unit, and none gets two. Then one hot subject: exactly the limit.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Limits qw(load_cases);
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('limits', settings => "max_connections = 60\n");
my $value = sub { return $node->safe_psql('postgres', $_[0]) };

load_cases($node, rolls_back => 1);

# Budgets with strict estimates: 16 clients reserve and settle what they reserved, a third of them gives all back.
$value->(q{INSERT INTO llm_admin.limits (id, scope, subject, what, amount, period)
  VALUES ('00000000-0000-4000-8000-000000000003', 'user', 'spender', 'cost_usd', 0.45, 'total'); CREATE TABLE spent (usd numeric)});
{
  my $script = $node->basedir . '/spend.sql';
  append_to_file($script, <<'SQL');
\set third random(0, 2)
SELECT coalesce(ticket::text, '') AS ticket, allowed FROM llm_admin.reserve_budget('spender', NULL, 'm', 0.0017) \gset
\if :allowed
BEGIN;
INSERT INTO spent SELECT CASE WHEN :third = 0 THEN 0 ELSE 0.0017 END WHERE llm_admin.settle_budget(':ticket', CASE WHEN :third = 0 THEN 0 ELSE 0.0017 END);
COMMIT;
\endif
SQL
  $node->command_ok([ 'pgbench', '-n', '-c', 16, '-j', 2, '-t', 60, '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ],
    'budgets: 16 clients end without an error');
}
is $value->(q{SELECT sum(usd) <= 0.45, sum(usd) + 0.0017 > 0.45, sum(usd) = (SELECT sum(used) FROM llm_admin.limit_counters WHERE subject = 'spender'),
  (SELECT sum(reserved) FROM llm_admin.limit_counters WHERE subject = 'spender') FROM spent}), 't|t|t|0', 'budgets: overshoot 0, spent to the last call, and the counter says so';

# Ten clients that are killed between taking and ending leave nothing once they are overdue.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'killed', 'concurrent', 10, 'total')});
my @killed = map { LlmAdmin::Session->new($node) } 1 .. 10;
is $_->ask(q{SELECT allowed FROM llm_admin.acquire_quota('killed', NULL, 'm')}), 't', 'a client takes one' foreach @killed;
is $value->(q{SELECT allowed FROM llm_admin.acquire_quota('killed', NULL, 'm')}), 'f', 'all are taken';
$value->("SELECT pg_terminate_backend(@{[ $_->pid ]})") foreach @killed;
is $value->(q{SELECT sum(reserved) FROM llm_admin.limit_counters WHERE subject = 'killed'}), 10, 'killed clients hold what they took';
$value->(q{UPDATE llm_admin.quota_tickets SET expires_at = now() WHERE reservations @> '[{"subject": "killed"}]'});
$value->('SELECT llm_admin.expire_quota_tickets(100000)');
is $value->(q{SELECT sum(reserved) FROM llm_admin.limit_counters WHERE subject = 'killed'}), 0, 'nothing once they are overdue';

# A caller that keeps its transaction open: others go on, and nobody is over.
my $open = LlmAdmin::Session->new($node);
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'open', 'requests', 100, 'total')});
$value->(q{SELECT llm_admin.acquire_quota('open', NULL, 'm')});
$value->(q{UPDATE llm_admin.limit_counters SET share = 50 WHERE subject = 'open';
  INSERT INTO llm_admin.limit_counters SELECT limit_id, tenant_id, subject, 1, window_start, 0, 0, 0, 50 FROM llm_admin.limit_counters WHERE subject = 'open'});
$open->ask(q{BEGIN; SELECT allowed FROM llm_admin.acquire_quota('open', NULL, 'm')});
is $value->(q{SET lock_timeout = '1min'; SELECT count(*) FILTER (WHERE a.allowed) FROM generate_series(1, 20) n, LATERAL (SELECT * FROM llm_admin.acquire_quota('open', NULL, left('m' || n, 1))) a}),
  20, 'who keeps its transaction open blocks nobody';
$open->ask('COMMIT');
is $value->(q{SELECT sum(used) FROM llm_admin.limit_counters WHERE subject = 'open'}), 22, 'all of it is counted';

# What is overdue comes back to who needs it, however many overdue tickets an open transaction keeps before it.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'keeper', 'concurrent', 1000, 'total'), ('user', 'needy', 'concurrent', 1, 'total')});
$value->(q{SELECT llm_admin.acquire_quota('keeper', NULL, 'm') FROM generate_series(1, 25)});
$open->ask(q{BEGIN; SELECT allowed FROM llm_admin.acquire_quota('keeper', NULL, 'm')});
$value->(q{SELECT llm_admin.acquire_quota('needy', NULL, 'm')});
$value->(qq{UPDATE llm_admin.quota_tickets SET expires_at = '$_->[1]' WHERE reservations @> '[{"subject": "$_->[0]"}]'}) foreach [ keeper => '2000-01-01' ], [ needy => '2000-01-02' ];
is $value->(q{SELECT allowed FROM llm_admin.acquire_quota('needy', NULL, 'm')}), 't', 'overdue tickets that cannot be ended yet keep no others';
$open->ask('COMMIT');
is $value->('SELECT llm_admin.expire_quota_tickets(20), llm_admin.expire_quota_tickets(1000)'), '20|5', 'they are ended once that transaction is';
$open->quit;

done_testing();
