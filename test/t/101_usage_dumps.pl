# The usage log, the audit log and its payloads with rows in six months and in the default partition come back row for row
# from every form of dump, with exit 0 and nothing on stderr; all rows then stand in the default partitions, and
# maintain_partitions() sorts them.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Past qw(run_program);
use LlmAdmin::Session qw(new_node);

my $node = new_node('log');
$node->safe_psql('postgres', <<'SQL');
INSERT INTO llm_admin.model_servers (id, name, type, host, port) VALUES ('44444444-4444-4444-4444-444444444444', 'box', 'ollama', 'box.example.com', 11434);
SELECT llm_admin.record_usage('openai', 'm' || n % 7, jsonb_build_object('input_tokens', n), 'u' || n % 5, CASE n % 3 WHEN 0 THEN 'acme' ELSE '' END,
  request_id => 'r' || n, options => jsonb_build_object('at', now() - n % 6 * interval '1 month', 'cost_usd', n * 0.0000001,
    'tags', jsonb_build_object('odd', chr(10) || E'\\t"' || n), 'job_id', gen_random_uuid(), 'server_id', CASE n % 2 WHEN 0 THEN '44444444-4444-4444-4444-444444444444' END, 'error', E'a\tb\\n')) FROM generate_series(1, 600) n;
SQL
# Rows of the audit log are copies of one, in other months and with texts that a dump must quote.
my $audit_rows = sub {
  my ($count, $at) = @_;
  $node->safe_psql('postgres', <<"SQL");
WITH log AS (INSERT INTO llm_admin.audit_log SELECT nextval('llm_admin.audit_log_id_seq'), $at, E'a\tb\\\\N' || n, l.action_type, l.resource_type, chr(10) || n,
  jsonb_build_object('odd', chr(10) || E'\\t"' || n), CASE n % 2 WHEN 0 THEN 'fe80::1/64'::inet END, NULL, l.tenant_id, l.session_user_name, l.xid, l.commitment, l.leaf
  FROM generate_series(1, $count) n, (SELECT * FROM llm_admin.audit_log WHERE commitment IS NOT NULL ORDER BY id LIMIT 1) l RETURNING id, "timestamp")
INSERT INTO llm_admin.audit_payloads SELECT id, "timestamp", decode(lpad(to_hex(id), 32, '0'), 'hex'), jsonb_build_object('n', id, 'text', E'"\\t\\\\'), NULL FROM log;
SQL
};
$audit_rows->(120, q{now() - n % 6 * interval '1 month'});
my $left = 10;
$left-- while $node->safe_psql('postgres', q{SELECT count(*) FROM llm_admin.maintain_partitions() WHERE outcome LIKE 'left%'}) > 0 && $left > 0;
is($node->safe_psql('postgres', 'SELECT count(DISTINCT tableoid) FROM llm_admin.llm_usage_logs'), 6, 'rows stand in six months');
is($node->safe_psql('postgres', 'SELECT count(*) FROM llm_admin.llm_usage_logs_default'), 0, 'and none in the default partition');
foreach my $log (qw(audit_log audit_payloads))
{
  is($node->safe_psql('postgres', "SELECT count(DISTINCT tableoid) || ' ' || (SELECT count(*) FROM llm_admin.${log}_default) FROM llm_admin.$log"), '6 0', "$log likewise");
}
$audit_rows->(20, q{now() - interval '20 months' - n % 2 * interval '1 month'});
$node->safe_psql('postgres', <<'SQL');
SELECT llm_admin.roll_up_daily_cost();
INSERT INTO llm_admin.llm_usage_logs (provider, model_id, prompt_tokens, "timestamp") SELECT 'openai', 'old', n, now() - interval '20 months' - n % 2 * interval '1 month' FROM generate_series(1, 50) n;
BEGIN; SELECT llm_admin.record_usage('openai', 'gone', '{}'); ROLLBACK;
SELECT llm_admin.record_usage('openai', 'unrolled', '{}');
CREATE ROLE reader;
SELECT llm_admin.grant_access('reader', 'app');
SQL
is($node->safe_psql('postgres', 'SELECT count(*) FROM llm_admin.llm_usage_logs_default'), 50, 'others wait in the default partition');

my $sum = join ' UNION ALL ', map { "SELECT '$_ ' || count(*) || ' ' || md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text COLLATE \"C\"), '')) FROM llm_admin.$_ t" }
  qw(llm_usage_logs usage_requests job_usage daily_cost_summary frontiers frontier_gaps audit_log audit_payloads provider_history_leaves);
$sum .= qq{ UNION ALL SELECT '$_ ' || last_value || is_called FROM llm_admin.$_} foreach qw(llm_usage_logs_id_seq audit_log_id_seq);
my $in_default = q{SELECT (SELECT count(*) FROM llm_admin.llm_usage_logs_default), (SELECT count(*) FROM llm_admin.audit_log_default), (SELECT count(*) FROM llm_admin.audit_payloads_default)};
my $all = $node->safe_psql('postgres', $in_default =~ s/_default//gr);
my $expected = $node->safe_psql('postgres', $sum);
like($expected, qr/^llm_usage_logs 651 /m, 'there are 651 calls');
like($expected, qr/^audit_payloads [1-9]\d\d /m, 'and hundreds of payloads');

my $dumps = $node->basedir;
my %dump = (
  plain => [ '-Fp' ], inserts => [ '--inserts' ], column_inserts => [ '--column-inserts' ], custom => [ '-Fc' ],
  directory => [ '-Fd', '-j4' ], root => [ '--load-via-partition-root' ], root_inserts => [ '--load-via-partition-root', '--inserts' ],
  data => [ '--data-only' ], data_disabled => [ '--data-only', '--disable-triggers' ], row_security => [ '-Fc', '--rows-per-insert=100' ]);
my $user = $node->safe_psql('postgres', 'SELECT current_user');
sub dump_all
{
  my ($from, $database, $folder) = @_;
  foreach my $form (sort keys %dump)
  {
    my ($status, $stderr) = run_program($from, $user, 'pg_dump', @{ $dump{$form} }, '-f', "$folder/$form", $database);
    is("$status $stderr", '0 ', "pg_dump $form: exit 0, stderr empty");
  }
  return;
}
dump_all($node, 'postgres', $dumps);
unlike(slurp_file("$dumps/plain"), qr/(?:llm_usage_logs|audit_log|audit_payloads)_\d/, 'no month is named in a dump');

my $target = PostgreSQL::Test::Cluster->new('target');
$target->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$target->start;
$target->safe_psql('postgres', 'CREATE ROLE reader');
my $archive = qr/^(?:custom|directory|row_security)$/;
sub restored
{
  my ($form, $folder, $database) = @_;
  $target->safe_psql('postgres', "CREATE DATABASE $database");
  $target->safe_psql($database, 'CREATE EXTENSION llm_admin') if $form =~ /^data/;
  my @program = $form =~ $archive ? ('pg_restore', ($form eq 'custom' || $form eq 'directory' ? '-j4' : ()), '--exit-on-error', '-d', $database, "$folder/$form")
    : ('psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/$form", $database);
  my ($status, $stderr) = run_program($target, $user, @program);
  is($status, 0, "$form: exit 0");
  is($stderr, '', "$form: stderr empty");
  is($target->safe_psql($database, $sum), $expected, "$form: counts and checksums equal");
  is($target->safe_psql($database, $in_default), $all, "$form: all rows in the default partitions");
  return;
}
foreach my $form (sort keys %dump)
{
  restored($form, $dumps, $form);
  next unless $form =~ /^(?:plain|custom|data)$/;
  $left = 12;
  $left-- while $target->safe_psql($form, q{SELECT count(*) FROM llm_admin.maintain_partitions() WHERE outcome LIKE 'left%'}) > 0 && $left > 0;
  is($target->safe_psql($form, $in_default), '0|0|0', "$form: sorted into months");
  is($target->safe_psql($form, $sum), $expected, "$form: equal still");
  $target->safe_psql($form, 'SELECT llm_admin.roll_up_daily_cost()');
  is($target->safe_psql($form, 'SELECT count(*) FROM llm_admin.verify_rollup()'), 0, "$form: and the book fits");
  is($target->safe_psql($form, 'SELECT count(*) FROM llm_admin.cost_summary(now() - interval $$2 years$$, NULL, $${date}$$) WHERE requests > 0') > 6, 1, "$form: summaries work");
}

# A dump of what was restored, and once more from there.
my $second = PostgreSQL::Test::Utils::tempdir('second');
foreach my $form (qw(plain custom))
{
  $all = $target->safe_psql($form, $in_default =~ s/_default//gr);
  $expected = $target->safe_psql($form, $sum);
  my ($status, $stderr) = run_program($target, $user, 'pg_dump', @{ $dump{$form} }, '-f', "$second/$form", $form);
  is("$status $stderr", '0 ', "pg_dump of the restored $form");
  restored($form, $second, "again_$form");
}
$target->stop;
$node->stop;
done_testing();
