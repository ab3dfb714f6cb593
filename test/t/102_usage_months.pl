# Months of the log: kills at each point of making one leave it whole, default privileges give nothing away, months are
# members and leave with the extension or a step down, tenants read their month by pruning, and retention drops what was
# counted.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Session qw(new_node failure);

my $node = new_node('months', settings => "restart_after_crash = on\n");
sub ask { return $node->safe_psql('postgres', $_[0]) }

# ---- a month is whole or not there --------------------------------------------------------------------------

ask('CREATE EXTENSION IF NOT EXISTS llm_admin_test');
ask(q{INSERT INTO llm_admin.llm_usage_logs (provider, model_id, prompt_tokens, "timestamp") SELECT 'openai', 'm', n, '2020-02-29 23:59:59.999999+00'::timestamptz + n % 2 * interval '1 us' FROM generate_series(1, 1000) n});
my $state = q{SELECT string_agg(format('%s %s', c.relname, (SELECT count(*) FROM llm_admin.llm_usage_logs l WHERE l.tableoid = c.oid)), ', ' ORDER BY c.relname)
  FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'llm_admin.llm_usage_logs'::regclass AND c.relname ~ 'default|2020'};
is(ask($state), 'llm_usage_logs_default 1000', 'rows of two months wait');
foreach my $point (qw(moved attached))
{
  my $session = LlmAdmin::Session->new($node);
  my (undef, $err) = $session->ask("SELECT llm_admin_test.stop_at('maintain_partitions.$point', 'raise'); SELECT * FROM llm_admin.maintain_partitions()");
  isnt($err, '', "an error at $point passes");
  is(ask($state), 'llm_usage_logs_default 1000', "nothing is left of a month that failed at $point");
}
ask(q{ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO PUBLIC});
is(ask(q{SELECT string_agg(concat_ws(' ', month, outcome, moved_rows), ', ') FROM llm_admin.maintain_partitions() WHERE month ~ '2020'}),
  '2020-02 made 500, 2020-03 left for the next run: one month was moved 0', 'one month that has rows is made in a call');
ask('SET default_tablespace = pg_global; SET search_path = public; CREATE TABLE pg_temp.llm_usage_logs (a int); SELECT llm_admin.maintain_partitions()');
is(ask($state), 'llm_usage_logs_2020_02 500, llm_usage_logs_2020_03 500, llm_usage_logs_default 0', 'the next call makes the other one');
is(ask(q{SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a WHERE c.relname ~ '^llm_usage_logs_20' AND a.grantee <> c.relowner}), 0, 'months are granted to nobody');
ask(q{ALTER DEFAULT PRIVILEGES REVOKE SELECT, INSERT ON TABLES FROM PUBLIC});
is(ask(q{SELECT count(*) FROM pg_class c WHERE c.relname ~ '^llm_usage_logs_20' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND classid = 'pg_class'::regclass AND deptype = 'e')}),
  0, 'they are members of the extension');
my $shape = q{SELECT count(*) FROM (SELECT DISTINCT (SELECT array_agg((attname, atttypid, attnotnull, attnum) ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
    (SELECT array_agg(pg_get_constraintdef(oid) ORDER BY 1) FROM pg_constraint WHERE conrelid = c.oid AND contype IN ('c', 'p', 'f')), (SELECT array_agg(regexp_replace(pg_get_indexdef(indexrelid), 'INDEX .* ON llm_admin.\S+', '') ORDER BY 1) FROM pg_index WHERE indrelid = c.oid),
    (SELECT array_agg((tgname, tgenabled, tgtype) ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
  FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'llm_admin.llm_usage_logs'::regclass) s};
is(ask($shape), 1, 'months have the columns, constraints, indexes and triggers of the default partition');
foreach my $table (qw(llm_usage_logs llm_usage_logs_default llm_usage_logs_2020_02))
{
  my (undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nTRUNCATE llm_admin.$table");
  is(failure($err)->{state}, 'LA020', "TRUNCATE of $table is refused");
}
is(ask(q{SELECT count(*) FROM llm_admin.validate_schema() WHERE verdict IN ('error', 'yours') AND (object ~ '_20\d\d_' OR detail ~ '_20\d\d_')}), 0, 'validate_schema() knows them');

# A server that dies while it makes a month has none of it afterwards.
ask(q{INSERT INTO llm_admin.llm_usage_logs (provider, model_id, "timestamp") VALUES ('openai', 'm', '2019-07-01')});
my $dying = LlmAdmin::Session->new($node);
$dying->ask('BEGIN; SELECT * FROM llm_admin.maintain_partitions()');
$node->stop('immediate');
$node->start;
is(ask($state), 'llm_usage_logs_2020_02 500, llm_usage_logs_2020_03 500, llm_usage_logs_default 1', 'nothing is left of a month whose server died');

# ---- reading one tenant of many -----------------------------------------------------------------------------

ask(q{SELECT llm_admin.record_usage_batch(jsonb_agg(jsonb_build_object('provider', 'openai', 'model', 'm', 'tenant_id', 't' || n % 1000, 'cost_usd', n,
  'usage', jsonb_build_object('input_tokens', n)))) FROM generate_series(1, 5000) n});
ask('CREATE ROLE app; SELECT llm_admin.grant_access($$app$$, $$app$$)');
my $plan = ask(q{SET ROLE app; BEGIN; SELECT llm_admin.enter_tenant('t7'); EXPLAIN (COSTS off) SELECT sum(cost_usd) FROM llm_admin.llm_usage_logs
  WHERE "timestamp" >= date_trunc('month', now(), 'UTC') AND "timestamp" < date_trunc('month', now(), 'UTC') + interval '1 month'});
like($plan, qr/Subplans Removed|llm_usage_logs_20/, 'a tenant reads its month');
my $analyzed = ask(q{SET ROLE app; BEGIN; SELECT llm_admin.enter_tenant('t7'); EXPLAIN (COSTS off, ANALYZE, TIMING off, SUMMARY off) SELECT sum(cost_usd) FROM llm_admin.llm_usage_logs
  WHERE "timestamp" >= date_trunc('month', now(), 'UTC') AND "timestamp" < date_trunc('month', now(), 'UTC') + interval '1 month'});
unlike($analyzed, qr/2020_0/, 'and no other');
is(ask(q{SET ROLE app; BEGIN; SELECT llm_admin.enter_tenant('t7'); SELECT count(*) FROM llm_admin.llm_usage_logs WHERE "timestamp" >= date_trunc('month', now(), 'UTC')}) =~ s/^t7\s+//r, 5, 'of which it sees its own rows');
is(ask(q{SET ROLE app; BEGIN; SELECT llm_admin.enter_tenant('t7'); SELECT requests FROM llm_admin.cost_summary()}) =~ s/^t7\s+//r, 5, 'and in its summary');
is(ask(q{SET ROLE app; SELECT requests FROM llm_admin.cost_summary('2019-01-01')}), 1001, 'who has entered none sees rows of no tenant');
ask('SELECT llm_admin.roll_up_daily_cost()');
is(ask(q{SET ROLE app; SELECT requests FROM llm_admin.cost_summary('2019-01-01')}), 1001, 'and the same from the book');
is(ask(q{SELECT requests FROM llm_admin.cost_summary('2019-01-01')}), 6001, 'who oversees all sees all');
foreach my $query ([ 'analytics', q{SELECT * FROM llm_admin.usage_by_day WHERE date = '2020-02-29'} ], [ 'cost', q{SELECT * FROM llm_admin.daily_cost_summary WHERE user_id = 'u' AND date > '2020-01-01'} ],
  [ 'by provider', q{SELECT * FROM llm_admin.daily_cost_summary WHERE provider = 'p' AND date > '2020-01-01'} ],
  [ 'model', q{SELECT * FROM llm_admin.llm_usage_logs WHERE "timestamp" BETWEEN '2020-02-01' AND '2020-02-02' AND model_id = 'x'} ])
{
  like(ask("SET enable_seqscan = off; EXPLAIN (COSTS off) $query->[1]"), qr/Index (?:Only )?Scan|Bitmap Index Scan/, "$query->[0]: by an index");
}

# ---- retention ----------------------------------------------------------------------------------------------

ask(q{SELECT llm_admin.record_usage('openai', 'm', '{}', request_id => 'old', options => '{"at": "2020-03-05", "job_id": "11111111-1111-1111-1111-111111111111", "cost_usd": 3}')});
is(ask(q{SELECT outcome FROM llm_admin.apply_retention()}), 'kept: llm_admin.keep_usage is 0', 'nothing leaves by itself');
is(ask(q{SELECT string_agg(concat_ws(' ', item, outcome, affected_rows), ', ') FROM llm_admin.apply_retention('{"usage_months": 2, "dry_run": true}')}),
  'llm_usage_logs_2020_02 would be dropped 500, llm_usage_logs_2020_03 would be dropped 501', 'a dry run tells what would');
my $holder = LlmAdmin::Session->new($node);
$holder->ask('BEGIN; SELECT count(*) FROM llm_admin.llm_usage_logs_2020_02');
like(ask(q{SET llm_admin.partition_lock_timeout = 1; SELECT string_agg(concat_ws(' ', item, outcome, affected_rows), ', ') FROM llm_admin.apply_retention('{"usage_months": 2}')}),
  qr/^llm_usage_logs_2020_02 left for the next run: .*, llm_usage_logs_2020_03 dropped 501, usage_requests deleted 1, job_usage deleted 1/, 'a month that is read is left');
$holder->ask('COMMIT');
like(ask(q{SELECT string_agg(concat_ws(' ', item, outcome, affected_rows), ', ') FROM llm_admin.apply_retention('{"usage_months": 2}')}), qr/^llm_usage_logs_2020_02 dropped 500/, 'and leaves the next time');
is(ask(q{SELECT sum(total_requests) FROM llm_admin.daily_cost_summary WHERE date BETWEEN '2020-01-01' AND '2020-12-31'}), 1001, 'all of it was counted');
is(ask('SELECT count(*) FROM llm_admin.verify_rollup()'), 0, 'days whose rows have left are not held against the log');
is(ask(q{SELECT count(*) FROM pg_extension e, unnest(e.extconfig) c (oid) WHERE NOT EXISTS (SELECT FROM pg_class WHERE pg_class.oid = c.oid)}), 0, 'nothing of them stays in the extension');

# ---- months leave with the extension --------------------------------------------------------------------------

my (undef, undef, $refused) = $node->psql('postgres', "\\set VERBOSITY verbose\nALTER EXTENSION llm_admin UPDATE TO '0.5'");
is(failure($refused)->{state}, 'LA040', 'a step down is refused while the log holds rows');
like($refused, qr/table llm_admin.llm_usage_logs holds \d+ rows/, 'and says so');
ask(q{SET llm_admin.allow_data_loss = on; ALTER EXTENSION llm_admin UPDATE TO '0.5'});
is(ask(q{SELECT count(*) FROM pg_class WHERE relname ~ 'usage|frontier|daily'}), 0, 'with data loss allowed the months leave, too');
ask('ALTER EXTENSION llm_admin UPDATE');
is(ask('SELECT count(*) > 3 FROM llm_admin.maintain_partitions()'), 't', 'and are made again after the step up');
ask('DROP EXTENSION llm_admin CASCADE');
is(ask(q{SELECT count(*) FROM pg_class WHERE relname ~ 'llm_usage'}), 0, 'nothing is left of a dropped extension');
$node->stop;
done_testing();
