# Cases of test/t/062_hints.pl: prices, usage, the audit log.
use strict;
use warnings;

our ($node, %used);

# ---- prices --------------------------------------------------------------------------------------------------

mends('a currency that is not known', q{SELECT llm_admin.set_model_price('acme/m', '{"input": 0.01}', options => '{"currency": "SEK"}')},
  fill => { 'US dollars a unit' => '0.1' });
foreach my $case ([ 'a price that is too high', '{"input": 3000}', '5000' ], [ 'a price that is too low', '{"input": "0.000000001"}', '0' ],
  [ 'a price of a piece that is too high', '{"image_out": 3000}', '5000' ])
{
  my ($what, $rates, $bound) = @$case;
  mends($what, "SELECT llm_admin.set_model_price('acme/m', '$rates')", fill => { 'US dollars' => $bound });
}
mends('the history of prices', q{UPDATE llm_admin.model_price_history SET rates = '{}'},
  fill => { model => 'acme/m', rates => '{"input": 0.02}', time => '2026-01-01' }, gives => qr/2026-01-01/);
mends('all prices at once', 'TRUNCATE llm_admin.model_pricing', before => [ 'BEGIN', 'SAVEPOINT s' ], back => 's', after => ['ROLLBACK'],
  then => 'SELECT 1 / (count(*) = 0)::integer FROM llm_admin.model_pricing');

# ---- usage ---------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{SELECT llm_admin.record_usage('acme', 'm', '{"input_tokens": 100}')});
mends('a call that is not there', 'SELECT * FROM llm_admin.explain_cost(0)', gives => qr/\|acme\/m$/m);
mends('all usage at once', 'TRUNCATE llm_admin.llm_usage_logs', gives => qr/^llm_usage_logs\|kept/);
mends('a correction of nothing', q{SELECT llm_admin.book_correction('acme', 'm', '{"cost": 1}')},
  fill => { provider => 'acme', 'first day of the month' => '2026-01-01', invoice => '{"total_usd": 5}' }, gives => qr/\|5\|/);
{
  # Rows of a month that has left come back, by a load, and wait in the default partition.
  my $session = session();
  my $asked = q{SELECT outcome FROM llm_admin.apply_retention('{"usage_months": 2}') WHERE outcome ~ 'SELECT'};
  $session->ask('SET llm_admin.restoring = on');
  $session->ask(q{INSERT INTO llm_admin.llm_usage_logs (id, "timestamp", provider, model_id, prompt_tokens) VALUES (900001, '2020-02-03', 'acme', 'acme/m', 1)});
  $session->ask('RESET llm_admin.restoring');
  my $hint = $session->ask($asked);
  $used{$hint} = 'older rows that wait';
  like($session->ask(statement_in($hint) // 'SELECT 1 / 0'), qr/2020_02/, 'older rows that wait: the statement sorts them');
  is($session->ask($asked), '', 'and none wait any more');
  $session->quit;
}

# ---- audit ---------------------------------------------------------------------------------------------------

mends('erasing nothing', "SELECT * FROM llm_admin.erase_audit_payload(NULL, 'r', 'g')", gives => qr/^\d+$/m);
my $id = $node->safe_psql('postgres', 'SELECT min(audit_id) FROM llm_admin.audit_payloads');
mends('the audit log', "DELETE FROM llm_admin.audit_log WHERE id = $id", gives => qr/^$id\|.*\|erased$/,
  fill => { id => $id, reason => 'on request', 'legal ground' => 'Art. 17' });

1;
