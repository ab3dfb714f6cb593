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
  my (undef, $err) = $session->ask("SELECT llm_admin_test.stop_at('maintain_partitions.$point', 'error'); SELECT * FROM llm_admin.maintain_partitions()");
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
is(ask(q{SELECT count(*) FROM pg_class c WHERE c.relname ~ '^llm_usage_logs_20' AND c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND classid = 'pg_class'::regclass AND deptype = 'e')}),
  0, 'they are members of the extension');
my $shape = q{SELECT count(*) FROM (SELECT DISTINCT (SELECT array_agg((attname, atttypid, attnotnull, attnum) ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
    (SELECT array_agg(pg_get_constraintdef(oid) ORDER BY pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid = c.oid AND contype IN ('c', 'p', 'f')), (SELECT array_agg(d ORDER BY d) FROM (SELECT regexp_replace(pg_get_indexdef(indexrelid), 'INDEX .* ON llm_admin.\S+', '') AS d FROM pg_index WHERE indrelid = c.oid) i),
    (SELECT array_agg((tgname, tgenabled, tgtype) ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgname !~ 'load')
  FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'llm_admin.llm_usage_logs'::regclass) s};
is(ask($shape), 1, 'months have the columns, constraints, indexes and triggers of the default partition');
foreach my $table (qw(llm_usage_logs llm_usage_logs_default llm_usage_logs_2020_02))
{
  my (undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nTRUNCATE llm_admin.$table");
  is(failure($err)->{state}, 'LA020', "TRUNCATE of $table is refused");
}
is(ask(q{SELECT count(*) FROM llm_admin.validate_schema() WHERE verdict IN ('error', 'yours') AND (object ~ '_20\d\d_' OR detail ~ '_20\d\d_')}), 0, 'validate_schema() knows them');

# A writer is not waited for longer than the setting says: the month is left for the next run.
my $writer = LlmAdmin::Session->new($node);
$writer->ask(q{BEGIN; INSERT INTO llm_admin.llm_usage_logs (provider, model_id, "timestamp") VALUES ('openai', 'm', '2018-07-01')});
ask(q{INSERT INTO llm_admin.llm_usage_logs (provider, model_id, "timestamp") VALUES ('openai', 'm', '2018-07-02')});
like(ask(q{SET llm_admin.partition_lock_timeout = 1; SELECT outcome FROM llm_admin.maintain_partitions() WHERE month = '2018-07'}),
  qr/^left for the next run: /, 'a month whose lock is not granted is left');
$writer->ask('COMMIT');
is(ask(q{SELECT outcome || ' ' || moved_rows FROM llm_admin.maintain_partitions() WHERE month = '2018-07'}), 'made 2', 'and made by the next run');

# Rows that belong to no month, as a load can bring them, stay where they are and hold nothing up.
ask(q{SET session_replication_role = replica; INSERT INTO llm_admin.llm_usage_logs ("timestamp", provider) VALUES ('-infinity', 'x'), ('infinity', 'x'), ('0044-03-15 BC', 'x'), ('20000-01-01', 'x'), ('2017-05-05', 'x')});
is(ask(q{SET statement_timeout = '60s'; SELECT string_agg(month || ' ' || outcome || ' ' || moved_rows, ', ') FROM llm_admin.maintain_partitions() WHERE outcome <> 'there'}),
  '2017-05 made 1', 'rows of no month do not keep others from theirs');
ask('CALL llm_admin.maintain_all_partitions()');
is(ask(q{SELECT count(*) FROM ONLY llm_admin.llm_usage_logs_default}), 4, 'and wait');
is(ask(q{SELECT value FROM llm_admin.metrics() WHERE name = 'llm_admin_log_default_waiting' AND labels = '{"log": "llm_usage_logs"}'}), 1, 'which metrics() tells');
ask(q{DELETE FROM ONLY llm_admin.llm_usage_logs_default; ALTER EXTENSION llm_admin DROP TABLE llm_admin.llm_usage_logs_2017_05; DROP TABLE llm_admin.llm_usage_logs_2017_05});
is(ask(q{BEGIN; ALTER TABLE llm_admin.llm_usage_logs DETACH PARTITION llm_admin.llm_usage_logs_2018_07; INSERT INTO llm_admin.llm_usage_logs (provider, model_id, "timestamp") VALUES ('openai', 'm', '2018-07-01');
  SELECT outcome FROM llm_admin.maintain_partitions() WHERE month = '2018-07'; ROLLBACK}), 'not made: the table of this name is no partition of the log', 'a month that was detached by hand is not told as there');

# Rows of the audit log wait as well, such as after a restore; they move as they are.
my $audit = q{SELECT md5(string_agg(a::text, ' ' ORDER BY id)) FROM llm_admin.audit_log a};
my $payloads = q{SELECT md5(string_agg(a::text, ' ' ORDER BY audit_id)) FROM llm_admin.audit_payloads a};
ask(q{SELECT llm_admin.set_model_price('acme/m', jsonb_build_object('input', n * 0.001)) FROM generate_series(1, 10) n});
ask(q{SET session_replication_role = replica;
INSERT INTO llm_admin.audit_log SELECT (jsonb_populate_record(a, jsonb_build_object('id', a.id + 1000000, 'timestamp', format('2021-0%s-15', 3 + a.id % 2)))).* FROM llm_admin.audit_log a ORDER BY a.id DESC LIMIT 10;
INSERT INTO llm_admin.audit_payloads SELECT (jsonb_populate_record(a, jsonb_build_object('audit_id', a.audit_id + 1000000, 'audit_time', format('2021-0%s-15', 3 + a.audit_id % 2)))).* FROM llm_admin.audit_payloads a ORDER BY a.audit_id DESC LIMIT 10});
is(ask(q{SELECT count(*) FROM ONLY llm_admin.audit_log_default}), 10, 'rows of the audit log wait');
is(ask(q{SELECT string_agg(labels ->> 'log', ' ' ORDER BY labels) FROM llm_admin.metrics() WHERE name = 'llm_admin_log_default_waiting' AND value = 1}), 'audit_log audit_payloads', 'and metrics() says so');
my ($rows_before, $payloads_before) = (ask($audit), ask($payloads));
my $moved = q{SELECT string_agg(concat_ws(' ', partition_name, outcome, moved_rows), ', ') FROM llm_admin.maintain_partitions() WHERE month ~ '2021' AND outcome <> 'there'};
is(ask($moved), join(', ', map { ("${_}_2021_03 made 5", "${_}_2021_04 left for the next run: one month was moved 0") } qw(audit_log audit_payloads)), 'one month of each log is made in a call');
is(ask($moved), join(', ', map { "${_}_2021_04 made 5" } qw(audit_log audit_payloads)), 'and the next one by the next');
is(ask($audit) . ask($payloads), $rows_before . $payloads_before, 'no row has changed on the way');
foreach my $statement ('TRUNCATE llm_admin.audit_log_2021_03', 'DELETE FROM llm_admin.audit_log_2021_04', q{UPDATE llm_admin.audit_payloads_2021_03 SET old = '1'}, 'TRUNCATE llm_admin.audit_payloads_2021_04')
{
  my (undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET session_replication_role = replica; $statement");
  is(failure($err)->{state}, 'LA020', "$statement is refused in a month that was made");
}

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
  'llm_usage_logs_2018_07 would be dropped 2, llm_usage_logs_2020_02 would be dropped 500, llm_usage_logs_2020_03 would be dropped 501', 'a dry run tells what would');
my $holder = LlmAdmin::Session->new($node);
$holder->ask('BEGIN; SELECT count(*) FROM llm_admin.llm_usage_logs_2020_02');
like(ask(q{SET llm_admin.partition_lock_timeout = 1; SELECT string_agg(concat_ws(' ', item, outcome, affected_rows), ', ') FROM llm_admin.apply_retention('{"usage_months": 2}')}),
  qr/^llm_usage_logs_2018_07 .*llm_usage_logs_2020_02 left for the next run: .*, llm_usage_logs_2020_03 dropped 501, usage_requests deleted 1, job_usage deleted 1/, 'a month that is read is left');
$holder->ask('COMMIT');
like(ask(q{SELECT string_agg(concat_ws(' ', item, outcome, affected_rows), ', ') FROM llm_admin.apply_retention('{"usage_months": 2}')}), qr/llm_usage_logs_2020_02 dropped 500/, 'and leaves the next time');
is(ask(q{SELECT sum(total_requests) FROM llm_admin.daily_cost_summary WHERE date BETWEEN '2020-01-01' AND '2020-12-31'}), 1001, 'all of it was counted');
is(ask('SELECT count(*) FROM llm_admin.verify_rollup()'), 0, 'days whose rows have left are not held against the log');
is(ask(q{SELECT count(*) FROM pg_extension e, unnest(e.extconfig) c (oid) WHERE NOT EXISTS (SELECT FROM pg_class WHERE pg_class.oid = c.oid)}), 0, 'nothing of them stays in the extension');

# ---- months leave with the extension --------------------------------------------------------------------------

my (undef, undef, $refused) = $node->psql('postgres', "\\set VERBOSITY verbose\nALTER EXTENSION llm_admin UPDATE TO '0.5'");
is(failure($refused)->{state}, 'LA040', 'a step down is refused while the log holds rows');
like($refused, qr/table llm_admin.llm_usage_logs holds \d+ rows/, 'and says so');
ask(q{SET llm_admin.allow_data_loss = on; ALTER EXTENSION llm_admin UPDATE TO '0.5'});
is(ask(q{SELECT count(*) FROM pg_class WHERE relnamespace = 'llm_admin'::regnamespace AND relname ~ 'usage|frontier|daily'}), 0, 'with data loss allowed the months leave, too');
ask('ALTER EXTENSION llm_admin UPDATE');
is(ask('SELECT count(*) > 3 FROM llm_admin.maintain_partitions()'), 't', 'and are made again after the step up');
ask('DROP EXTENSION llm_admin CASCADE');
is(ask(q{SELECT count(*) FROM pg_class WHERE relname ~ 'llm_usage'}), 0, 'nothing is left of a dropped extension');
$node->stop;
done_testing();
