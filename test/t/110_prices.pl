# Prices come back from every form of dump, with their history, and numbers go on behind them; a step down refuses while
# somebody's prices would go, and takes those along that ship. The public price file is taken, if it is there.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use LlmAdmin::Past qw(run_program);
use LlmAdmin::Session qw(new_node failure);

my $node = new_node('prices');
my $user = $node->safe_psql('postgres', 'SELECT current_user');
$node->safe_psql('postgres', <<'SQL');
SELECT * FROM llm_admin.seed();
SELECT * FROM llm_admin.set_model_price('acme/one', '{"input": 0.001, "output": 2.5e-3, "cached_input@batch>200000": 0.000001234567}', '2026-01-01');
SELECT * FROM llm_admin.set_model_price('acme/one', '{"input": 0.002}', '2026-02-01');
SELECT * FROM llm_admin.set_model_price('acme/gone', '{"query": 0.002}', '2026-02-01');
DELETE FROM llm_admin.model_pricing WHERE model_id = 'acme/gone';
INSERT INTO llm_admin.exchange_rates VALUES ('EUR', '2026-01-01', 1.0823);
SELECT * FROM llm_admin.set_model_price('acme/euro', '{"input": 0.001}', options => '{"currency": "EUR", "deprecated_at": "2027-01-01"}');
UPDATE llm_admin.model_pricing SET output_price_per_1k = 0.011 WHERE model_id = 'openai/gpt-4o';
BEGIN; SELECT * FROM llm_admin.set_model_price('acme/one', '{"input": 0.5}'); ROLLBACK;
SQL
my $sum = join ' UNION ALL ', map { "SELECT '$_ ' || count(*) || ' ' || md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE \"C\")) FROM llm_admin.$_ t" }
  qw(model_pricing model_price_history exchange_rates);
$sum .= q{ UNION ALL SELECT 'sequence ' || last_value || is_called FROM llm_admin.model_price_history_price_id_seq};
my $expected = $node->safe_psql('postgres', $sum);
like($expected, qr/^exchange_rates 1 /m, 'there are prices');

my $dumps = $node->basedir;
my %dump = (plain => ['-Fp'], inserts => [ '--inserts' ], column_inserts => [ '--column-inserts' ], custom => ['-Fc'],
  directory => [ '-Fd', '-j2' ], data => [ '--data-only' ]);
foreach my $form (sort keys %dump)
{
  my ($status, $stderr) = run_program($node, $user, 'pg_dump', @{ $dump{$form} }, '-f', "$dumps/$form", 'postgres');
  is("$status $stderr", '0 ', "pg_dump $form: exit 0, stderr empty");
  $node->safe_psql('postgres', "CREATE DATABASE $form");
  $node->safe_psql($form, 'CREATE EXTENSION llm_admin') if $form eq 'data';
  my @program = $form =~ /^(?:custom|directory)$/ ? ('pg_restore', '--exit-on-error', '-d', $form, "$dumps/$form")
    : ('psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-f', "$dumps/$form", $form);
  ($status, $stderr) = run_program($node, $user, @program);
  is("$status $stderr", '0 ', "$form: restored, exit 0, stderr empty");
  is($node->safe_psql($form, $sum), $expected, "$form: counts and checksums equal");
  is($node->safe_psql($form, q{SELECT h.price_id > m.last FROM (SELECT max(price_id) AS last FROM llm_admin.model_price_history) m,
    LATERAL llm_admin.set_model_price('acme/one', '{"input": 0.003}') h}), 't', "$form: the next price has a new number");
  is($node->safe_psql($form, q{SELECT cost_usd FROM llm_admin.record_usage('acme', 'one', '{"input_tokens": 1000}')}), '0.003',
    "$form: calls are priced");
  is($node->safe_psql($form, q{SELECT count(*) FROM llm_admin.seed_prices() WHERE outcome = 'added'}), '0', "$form: seeds add nothing");
}

# Down to 0.5 and up again. What was audited is somebody's and would be refused before; here it is about prices.
sub forget_audit
{
  $node->safe_psql('steps', join ' ', map { "ALTER TABLE llm_admin.$_ DISABLE TRIGGER ALL; DELETE FROM llm_admin.$_; ALTER TABLE llm_admin.$_ ENABLE TRIGGER ALL;" }
    qw(audit_payloads audit_payloads_default audit_log audit_log_default));
  return;
}
$node->safe_psql('postgres', 'CREATE DATABASE steps');
$node->safe_psql('steps', 'CREATE EXTENSION llm_admin');
$node->safe_psql('steps', 'SELECT * FROM llm_admin.seed_prices()');
forget_audit();
$node->safe_psql('steps', q{ALTER EXTENSION llm_admin UPDATE TO '0.5'});
is($node->safe_psql('steps', q{SELECT to_regclass('llm_admin.model_pricing')}), '', 'prices that ship are nobody\'s loss');
$node->safe_psql('steps', q{ALTER EXTENSION llm_admin UPDATE});
$node->safe_psql('steps', q{SELECT * FROM llm_admin.seed_prices()});
$node->safe_psql('steps', q{UPDATE llm_admin.model_pricing SET input_price_per_1k = 0.9 WHERE model_id = 'openai/gpt-4o'});
forget_audit();
my (undef, undef, $stderr) = $node->psql('steps', "\\set VERBOSITY verbose\nALTER EXTENSION llm_admin UPDATE TO '0.5'");
like($stderr, qr/LA040.*model_pricing holds 1 row;.*model_price_history holds 1 row/s, 'a price of the user\'s is not dropped');
$node->safe_psql('steps', q{SET llm_admin.allow_data_loss = on; ALTER EXTENSION llm_admin UPDATE TO '0.5'});
is($node->safe_psql('steps', q{SELECT to_regclass('llm_admin.model_pricing')}), '', 'unless that was allowed');

# The public file: absurd prices are refused and named, a second import changes nothing, manual prices stay.
SKIP:
{
  my ($file) = grep { -f } map { "$FindBin::Bin/../../$_/litellm_prices.json" } qw(../shared/data);
  skip 'litellm_prices.json is not there', 6 if !$file;
  $node->safe_psql('postgres', 'CREATE DATABASE public_file');
  $node->safe_psql('public_file', 'CREATE EXTENSION llm_admin; CREATE TABLE file (line text); CREATE TABLE first AS SELECT * FROM llm_admin.import_model_prices($${}$$)');
  $node->safe_psql('public_file', q{SELECT * FROM llm_admin.set_model_price('openai/gpt-4o', '{"input": 0.001, "output": 0.002}')});
  my $text = slurp_file($file);
  open my $out, '>', "$dumps/import.sql" or die $!;
  print $out "INSERT INTO first SELECT m.* FROM llm_admin.import_model_prices(\$json\$$text\$json\$) m;\n",
    "SELECT change || ' ' || count(*) FROM llm_admin.import_model_prices(\$json\$$text\$json\$) GROUP BY change ORDER BY change;\n";
  close $out;
  my ($second) = $node->safe_psql('public_file', "\\i $dumps/import.sql");
  is($node->safe_psql('public_file', q{SELECT count(*) FROM first WHERE change = 'rejected' AND note LIKE '%is above 1%'}), '16',
    'sixteen are above a dollar for a thousand tokens');
  is($node->safe_psql('public_file', q{SELECT count(*) FROM first WHERE change = 'rejected' AND model LIKE 'wandb/%' AND note LIKE '%above%'}), '13',
    'thirteen of them of one provider');
  is($node->safe_psql('public_file', q{SELECT count(*) FROM llm_admin.model_pricing WHERE input_price_per_1k > 1 OR output_price_per_1k > 1}), '0',
    'none of them came in');
  like($second, qr/^kept_manual 1\nrejected \d+\nsame \d+$/, 'a second import changes nothing');
  is($node->safe_psql('public_file', q{SELECT input_price_per_1k, source FROM llm_admin.model_pricing WHERE model_id = 'openai/gpt-4o'}),
    '0.001|manual', 'what was set by hand stays');
  is($node->safe_psql('public_file', q{SELECT count(*) = count(DISTINCT model_id) + 0 FROM llm_admin.model_price_history}), 't',
    'one price a model');
}
$node->stop;
done_testing();
