# Cases of test/t/062_hints.pl: calls, and limits that deny them.
use strict;
use warnings;

our ($node, %used);

my $params = q{'{"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "x"}]}'};
my $begin = sub { my ($user, $options) = @_; return "SELECT count(*) FROM llm_admin.begin_call($params, '$user'" . ($options ? ", options => '$options'" : '') . ')' };
my $call = sub { my ($user) = @_; return $node->safe_psql('postgres', "SELECT call_id FROM llm_admin.begin_call($params, '$user')") };
$node->safe_psql('postgres', q{UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'groq';
  SELECT llm_admin.switch_active_provider('groq'); SELECT llm_admin.set_model_price('groq/m', '{"input": 0.01, "output": 0.02}');
  SELECT llm_admin.seed_tiers();});

$node->safe_psql('postgres', q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'of few', 'requests', 0, 'total')});
mends('a call that a limit denies', $begin->('of few'), fill => { until => 'now() + interval $$1 day$$', reason => '$$fair$$' });
$node->safe_psql('postgres', q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'of none', 'cost_usd', 100, 'total')});
mends('a call that has no price', q{SELECT count(*) FROM llm_admin.begin_call('{"model": "without", "messages": [{"role": "user", "content": "x"}]}', 'of none')});
$node->safe_psql('postgres', q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) SELECT 'user', 'of many', 'requests', n, 'total' FROM generate_series(1, 257) n});
mends('a call that too many limits apply to', $begin->('of many'), gives => qr/of many.*257/);
mends('a model that the tier denies', q{SELECT count(*) FROM llm_admin.begin_call('{"model": "m", "messages": [{"role": "user", "content": "x"}]}', 'ann', tier => 'narrow')},
  before => [ q{INSERT INTO llm_admin.tiers (tier_code, display_name, sort_order) VALUES ('narrow', 'Narrow', 99)},
    q{INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern, allowed) VALUES ('narrow', 'groq/other', true)} ], gives => qr/tier_rule|no_rule/);
mends('a limit with the id of a tier', $begin->('ann'), before => [ q{UPDATE llm_admin.tiers SET quota_requests = 1000000, quota_period = 'day', quota_scope = 'user'},
    q{INSERT INTO llm_admin.limits (id, scope, what, amount, period) VALUES ('00000000-0000-4000-8000-00000000000a', 'user', 'requests', 1000000, 'day')},
    q{UPDATE llm_admin.tiers SET id = '00000000-0000-4000-8000-00000000000a' WHERE tier_code = 'narrow'} ]);
mends("a tier's rule with the id of a tier", $begin->('ann'), before => [
    q{UPDATE llm_admin.tier_model_rules SET id = '00000000-0000-4000-8000-00000000000a', max_requests_per_day = 1000000 WHERE tier_code = 'narrow'} ]);
mends('an account that is none', $begin->('ann', '{"account_id": "00000000-0000-4000-8000-000000000001"}'), gives => qr/^/);
mends('params that are none', "SELECT count(*) FROM llm_admin.begin_call('[]')", gives => qr/groq/);
{
  my $id = $node->safe_psql('postgres', "SELECT call_id FROM llm_admin.begin_call($params, 'ann', options => '{\"request_id\": \"r1\"}')");
  $node->safe_psql('postgres', "SELECT llm_admin.finish_call('$id', options => '{\"cancelled\": true}')");
}
mends('a request that was answered', $begin->('ann', '{"request_id": "r1"}'), gives => qr/groq/);
{
  my $keep_out = sub { my ($table, $event) = @_; return (before => [ "CREATE TRIGGER z_keep_out BEFORE $event ON llm_admin.$table FOR EACH ROW EXECUTE FUNCTION keep_out()" ],
    gives => qr/z_keep_out/, after => [ "DROP TRIGGER z_keep_out ON llm_admin.$table" ]) };
  $node->safe_psql('postgres', q{CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'of all', 'requests', 1000, 'total'); SELECT llm_admin.acquire_quota('of all', NULL, 'groq/m')});
  mends('a ticket that a trigger keeps out', q{SELECT allowed FROM llm_admin.acquire_quota('of all', NULL, 'groq/m')}, $keep_out->(qw(quota_tickets INSERT)));
  mends('a counter that a trigger keeps as it is', q{SELECT allowed FROM llm_admin.acquire_quota('of all', NULL, 'groq/m')}, $keep_out->(qw(limit_counters UPDATE)));
}
my $open = $call->('ann');
mends('a ticket that is none', "SELECT llm_admin.redeem_sender_ticket('lt_x')", fill => { call => $open }, gives => qr/^lt_/);
{
  my $id = $call->('ann');
  mends('a call with damaged reservations', "SELECT count(*) FROM llm_admin.finish_call('$id', options => '{\"cancelled\": true}')",
    before => [ "UPDATE llm_admin.llm_calls SET reservations = '[1]' WHERE call_id = '$id'" ], fill => { call => $id });
}
1;
