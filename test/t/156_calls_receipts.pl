# Calls that are recorded from their receipts, because begin was rolled back or its row is gone: each limit that the call
# met sees what was used, in the window of the call's start, once, however many finish it; and the log says of the call
# what its row would have said.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Calls;
use LlmAdmin::Session qw(failure);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LlmAdmin::Calls::new_node('calls_receipts');
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
my $session = LlmAdmin::Session->new($node);
sub outcome
{
  my ($of, $sql) = @_;
  my ($out, $err) = $of->ask($sql);
  my $failed = failure($err) or return $out;
  return "$failed->{state} $failed->{message}";
}
# Begins a call in a transaction that never was: its id and its receipt.
sub forgotten { my ($who, $options) = @_; return split /\|/, $session->ask("BEGIN; SELECT call_id, receipt FROM begun('$who', '" . ($options // '{}') . "'); ROLLBACK") }
sub by_receipt { my ($id, $receipt, $tokens) = @_; return "SELECT finished('$id', " . ($tokens // 2) . ", jsonb_build_object('receipt', '$receipt'))" }
my $counters = sub { return $value->(qq{SELECT string_agg(concat_ws(' ', l.scope, l.what, c.subject, trim_scale(c.used), nullif(trim_scale(c.reserved), 0)), ', ' ORDER BY l.scope, l.what, c.subject)
  FROM llm_admin.limit_counters c JOIN llm_admin.limits l ON l.id = c.limit_id WHERE l.metadata->>'of' = '$_[0]'}) };

# ---- all that limits look at ------------------------------------------------------------------------------

my ($account) = split /\|/, $value->(q{INSERT INTO llm_admin.llm_providers (name, type, api_key_encrypted) VALUES ('a1', 'openai', llm_admin.encrypt_key('sk-account-1-0123456789')) RETURNING id});
$account =~ s/\s.*//s;
$value->(<<'SQL');
INSERT INTO llm_admin.tiers (tier_code, display_name, quota_requests, quota_period) VALUES ('gold', 'Gold', 100, 'month');
INSERT INTO llm_admin.tier_model_rules (tier_code, model_pattern, allowed, max_requests_per_day) VALUES ('gold', 'openai/*', true, 10);
INSERT INTO llm_admin.limits (scope, subject, what, amount, period, metadata) SELECT s, '*', w, 100000, 'total', '{"of": "all"}'
  FROM unnest(ARRAY['organisation', 'team', 'user', 'key', 'tier', 'model', 'account', 'tag']) s, unnest(ARRAY['requests', 'input_tokens', 'output_tokens', 'tokens', 'cost_usd', 'concurrent']) w
  WHERE s IN ('user', 'team') OR w = 'cost_usd';
SQL
my ($token, $key) = split /\|/, $value->(q{SELECT token, id FROM llm_admin.issue_access_key('all', '{"user_id": "all", "team": "red", "tier": "gold", "tags": {"project": "x"}}')});
my $all = qq({"access_key": "$token", "request_id": "all", "job_id": "8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a", "tags": {"env": "test"}, "service_tier": "flex", "models": ["gpt-4o-mini"]});
my ($id, $receipt) = split /\|/, $session->ask("BEGIN; SELECT call_id, receipt FROM begun('', '$all'); ROLLBACK");
is($value->('SELECT count(*) FROM llm_admin.limit_counters'), 0, 'a begin that is rolled back has taken nothing');
is($session->ask(by_receipt($id, $receipt)), 'recorded 0.00004 priced none', 'its receipt records it');
my @each = map { "$_->[0] cost_usd $_->[1] 0.00004" } [ 'account', $account ], [ 'key', $key ], [ 'model', 'openai/gpt-4o' ];
my $all_booked = join ', ', @each[ 0, 1 ], $each[2], 'organisation cost_usd 0.00004', 'tag cost_usd env=test 0.00004', 'tag cost_usd project=x 0.00004',
  (map { "team $_" } 'cost_usd red 0.00004', 'input_tokens red 8', 'output_tokens red 2', 'requests red 1', 'tokens red 10'), 'tier cost_usd gold 0.00004',
  (map { "user $_" } 'cost_usd all 0.00004', 'input_tokens all 8', 'output_tokens all 2', 'requests all 1', 'tokens all 10');
is($counters->('all') =~ s/organisation cost_usd  /organisation cost_usd /r, $all_booked, 'and each limit that it meets has what it used, and holds nothing');
is($value->(q{SELECT string_agg(concat_ws(' ', CASE WHEN t.id IS NULL THEN 'rule' ELSE 'plan' END, subject, used), ', ' ORDER BY t.id IS NULL)
  FROM llm_admin.limit_counters c LEFT JOIN llm_admin.tiers t ON t.id = c.limit_id WHERE NOT EXISTS (SELECT FROM llm_admin.limits l WHERE l.id = c.limit_id)}),
  'plan all 1, rule all 1', "so have the tier's plan and its rule");
is($value->(q{SELECT user_id, team_id, request_id, attempt, job_id, service_tier, tags, metadata->'access'->>'tier', metadata->'access'->>'reason', metadata->'access' ? 'rule', metadata->'models', price_id IS NOT NULL
  FROM llm_admin.llm_usage_logs WHERE call_id = '} . "$id'"),
  'all|red|all|1|8c1f3a52-6e0b-4d7c-9a55-0f1e2d3c4b5a|flex|{"env": "test", "project": "x"}|gold|tier_rule|t|["gpt-4o-mini"]|t', 'the log says of it what its row would have said');
is($value->("SELECT key_id = '$key', account_id = '$account' FROM llm_admin.llm_usage_logs WHERE call_id = '$id'"), 't|t', 'with its key and its account');
is($value->("SELECT jsonb_array_length(limits) = count(*), bool_and(amount->>'amount' = '0') FROM llm_admin.llm_usage_logs, jsonb_array_elements(limits) amount WHERE call_id = '$id' GROUP BY limits"), 't|t', 'and which limits it met, with nothing reserved');
is($value->("SELECT count(*) FROM jsonb_array_elements(llm_admin.explain_call('$id')->'limits')"), 19, 'as explain_call() shows');
is($value->('SELECT count(*) FROM llm_admin.job_usage'), 1, 'its job has it');
is($session->ask(by_receipt($id, $receipt, 200)), 'duplicate 0.00004 priced none', 'a second finish is a repeat');
is($session->ask("SELECT finished('$id')"), 'duplicate 0.00004 priced none', 'also without the receipt');
is($counters->('all') =~ s/organisation cost_usd  /organisation cost_usd /r, $all_booked, 'which books nothing');
like(outcome($session, "SELECT begun('', '$all')"), qr/^LA004 the request is answered already/, 'and its request is answered');
$value->('SELECT llm_admin.roll_up_daily_cost()');
is($value->(q{SELECT total_requests, total_cost_usd FROM llm_admin.daily_cost_summary WHERE user_id = 'all'}), '1|0.00004', 'the daily book has one request');

# ---- never refused ----------------------------------------------------------------------------------------

$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period, alert_shares, metadata) VALUES ('user', 'over', 'cost_usd', 0.0011, 'total', '{1}', '{"of": "over"}')});
($id, $receipt) = forgotten('over');
is($session->ask(by_receipt($id, $receipt, 1000)), 'recorded 0.01002 priced none', 'what cost more than there was is recorded');
is($counters->('over'), 'user cost_usd over 0.01002', 'and booked whole');
is($value->(q{SELECT share, used FROM llm_admin.limit_events WHERE subject = 'over'}), '1|0.01002', 'its alert is told');
is(outcome($session, q{SELECT begun('over')}), 'LA010 limit reached: cost_usd of user over', 'the next call sees it');
# What has no price costs what was estimated, what nobody counted the estimated input.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period, metadata) VALUES ('user', 'unsaid', 'tokens', 1000, 'total', '{"of": "unsaid"}'), ('user', 'unsaid', 'requests', 10, 'total', '{"of": "unsaid"}')});
($id, $receipt) = forgotten('unsaid');
is($session->ask("SELECT cost_usd, warnings FROM llm_admin.finish_call('$id', http_status => 200, options => jsonb_build_object('receipt', '$receipt'))"),
  '0.0000475|[{"code": "usage_estimated", "message": "nobody says what was used; the input is estimated"}]', 'of a receipt, too, the input is estimated where nobody says what was used');
is($counters->('unsaid'), 'user requests unsaid 1, user tokens unsaid 19', 'and booked');
# A further attempt at a request is not counted again.
($id) = split /\|/, $session->ask(q{SELECT call_id FROM begun('unsaid', '{"request_id": "chain"}')});
$session->ask("SELECT next FROM llm_admin.finish_call('$id', '{}', 500)");
($id, $receipt) = forgotten('unsaid', qq({"parent_call_id": "$id"}));
is($session->ask(by_receipt($id, $receipt)), 'recorded 0.00004 priced none', 'a further attempt by its receipt');
is($counters->('unsaid'), 'user requests unsaid 2, user tokens unsaid 29', 'is no request more');
is($value->("SELECT request_id, attempt, parent_call_id IS NOT NULL FROM llm_admin.llm_usage_logs WHERE call_id = '$id'"), 'chain|2|t', 'and stands in its chain');

# ---- once -------------------------------------------------------------------------------------------------

$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period, metadata) VALUES ('user', 'once', 'cost_usd', 1, 'total', '{"of": "once"}'), ('user', 'once', 'tokens', 100000, 'total', '{"of": "once"}'),
  ('user', 'once', 'requests', 100, 'day', '{"of": "once"}'), ('user', 'once', 'concurrent', 100, 'total', '{"of": "once"}')});
my $times = sub { my ($n) = @_; return sprintf 'user cost_usd once %.5f, user requests once %s, user tokens once %s', 0.00004 * $n, $n, 10 * $n };
my ($one, $two) = map { LlmAdmin::Session->new($node) } 1 .. 2;
my $waits = sub { return $node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = @{[ $_[0]->pid ]} AND wait_event_type = 'Lock'") };
foreach ([ 'COMMIT', 'duplicate', 1 ], [ 'ROLLBACK', 'recorded', 2 ])
{
  my ($end, $second, $n) = @$_;
  ($id, $receipt) = forgotten('once');
  $one->ask('BEGIN; ' . by_receipt($id, $receipt));
  $two->send(by_receipt($id, $receipt));
  $waits->($two) or die;
  $one->ask($end);
  is($two->answer, "$second 0.00004 priced none", "two by one receipt, the first: $end");
  is($counters->('once'), $times->($n), 'booked once');
}
# The row is there: it is the call, whatever receipt comes with it.
($id, $receipt) = split /\|/, $session->ask(q{SELECT call_id, receipt FROM begun('once')});
is($session->ask(by_receipt($id, $receipt)), 'recorded 0.00004 priced none', 'a receipt of an open call');
is($counters->('once') =~ s/user concurrent once 0, //r, $times->(3), 'settles what it holds');
is($value->('SELECT count(*) FROM llm_admin.llm_calls'), 0, 'and ends it');
# A row that comes back after the receipt was used, as of a standby that took over and a copy: nothing is booked twice.
foreach my $how ("SELECT finished('%s', 2)", q{SELECT finished('%s', 2, '{"cancelled": true}')}, 'UPDATE llm_admin.llm_calls SET started_at = now() - interval $$2 hours$$, expires_at = now() - interval $$1 hour$$; SELECT llm_admin.expire_calls() WHERE $$%s$$ IS NOT NULL')
{
  ($id, $receipt) = split /\|/, $session->ask(q{SELECT call_id, receipt FROM begun('once')});
  $value->('CREATE TABLE kept AS TABLE llm_admin.llm_calls; CREATE TABLE held AS TABLE llm_admin.limit_counters; DELETE FROM llm_admin.llm_calls');
  is($session->ask(by_receipt($id, $receipt)), 'recorded 0.00004 priced none', 'a row that is gone');
  $value->('INSERT INTO llm_admin.llm_calls SELECT * FROM kept; DROP TABLE kept, held');
  like($session->ask(sprintf $how, $id), qr/^(?:duplicate 0.00004 priced none|1)$/, 'and comes back');
  my $all_at_once = $counters->('once') =~ s/user concurrent once 0, //r;
  my ($cost, $requests) = $all_at_once =~ /cost_usd once (\S+), user requests once (\d+)/;
  is($value->(q{SELECT held('once')}), 0, 'holds nothing any more');
  is($value->(qq{SELECT sum(cost_usd) = $cost FROM llm_admin.llm_usage_logs WHERE user_id = 'once'}), 't', 'and the budget says what the log says');
}
is($value->(q{SELECT count(*) = count(DISTINCT call_id) FROM llm_admin.llm_usage_logs}), 't', 'each call is in the log once');
is(outcome($session, 'BEGIN ISOLATION LEVEL REPEATABLE READ; ' . by_receipt(forgotten('once')) . '; ROLLBACK') =~ /^(\w+)/ ? $1 : '', '40001', 'above READ COMMITTED it cannot be told what there is');
$session->ask('ROLLBACK');

# ---- by other names ---------------------------------------------------------------------------------------

# What has no price is booked as its limit estimates it.
$value->(q{UPDATE llm_admin.limits SET unpriced = 'allow' WHERE what = 'cost_usd'; INSERT INTO llm_admin.limits (scope, subject, what, amount, period, unpriced, metadata) VALUES ('user', 'free', 'cost_usd', 10, 'total', 'estimate', '{"of": "free"}')});
($id, $receipt) = split /\|/, $session->ask(q{BEGIN; SELECT call_id, receipt FROM llm_admin.begin_call('{"model": "o9", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}', 'free'); ROLLBACK});
is($session->ask(qq{SELECT cost_usd IS NULL, cost_status FROM llm_admin.finish_call('$id', http_status => 200, options => jsonb_build_object('receipt', '$receipt', 'usage', '{"input_tokens": 1000, "output_tokens": 1000}'::jsonb))}), 't|unpriced', 'a call without a price');
is($value->(q{SELECT spent('free') > 0}), 't', 'is booked into the budget all the same');
# A call_id and a request_id may be in the log as somebody else's. The limits of all users count it.
my $reported = sub { my ($tenant, $options, $request) = @_; $value->(qq{SELECT 1 FROM llm_admin.record_usage('chatgpt', 'gpt-4o', '{"input_tokens": 1, "output_tokens": 1}', 'other', '$tenant', $request, '$options')}) };
foreach my $options ('{}', '{"request_id": "named"}')
{
  ($id, $receipt) = forgotten('named', $options);
  my $before = $value->(q{SELECT spent('named', 'tokens')});
  $reported->('evil', qq({"call_id": "$id"}), 'NULL');
  is($session->ask(by_receipt($id, $receipt)), 'recorded 0.00004 priced none', "a receipt goes before another tenant's report of its call_id");
  is($session->ask(by_receipt($id, $receipt)), 'duplicate 0.00004 priced none', 'a second time it is a repeat');
  is($value->(q{SELECT spent('named', 'tokens') - } . $before), 10, 'and booked once');
}
($id, $receipt) = forgotten('named', '{"request_id": "reported"}');
$reported->('', '{}', q('reported'));
my $before = $value->(q{SELECT spent('named', 'tokens')});
is($session->ask(by_receipt($id, $receipt)), 'duplicate 0.0000125 priced none', 'a request that was reported is a repeat') foreach 1 .. 2;
is($value->(q{SELECT spent('named', 'tokens')}), $before, 'which books nothing');

# ---- windows ----------------------------------------------------------------------------------------------

$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period, metadata) VALUES ('user', 'clock', 'requests', 2, 'day', '{"of": "clock"}'), ('user', 'clock', 'tokens', 1000, 'minute', '{"of": "clock"}')});
my $clock = sub { $session->ask("SELECT llm_admin_test.set_clock('$_[0]')") };
$clock->('2030-01-01 23:59:50');
my @late = (forgotten('clock'), forgotten('clock'));
is($session->ask(by_receipt(@late[ 0, 1 ])), 'recorded 0.00004 priced none', 'on its day');
$clock->('2030-01-02 00:00:10');
is($session->ask(by_receipt(@late[ 2, 3 ])), 'recorded 0.00004 priced none', 'and on the next');
is($value->(q{SELECT window_start AT TIME ZONE 'UTC', used FROM llm_admin.limit_counters c JOIN llm_admin.limits l ON l.id = c.limit_id WHERE c.subject = 'clock' AND period = 'day'}),
  '2030-01-01 00:00:00|2', 'a call belongs to the window of its start');
is(outcome($session, q{SELECT call_id IS NOT NULL FROM begun('clock')}), 't', 'the next window begins empty');
@late = forgotten('clock');
$clock->('2030-01-01 23:59:55');
@late = (@late, forgotten('clock'));
$clock->('2030-01-02 00:00:20');
is($session->ask(by_receipt(@late[ 2, 3 ])), 'recorded 0.00004 priced none', 'a call of a window that is over');
is($value->(q{SELECT string_agg(trim_scale(used)::text, ' ' ORDER BY period) FROM llm_admin.limit_counters c JOIN llm_admin.limits l ON l.id = c.limit_id WHERE c.subject = 'clock' AND period = 'day'}), '1', 'is nothing of this one');
is($value->(q{SELECT trim_scale(previous) FROM llm_admin.limit_counters c JOIN llm_admin.limits l ON l.id = c.limit_id WHERE c.subject = 'clock' AND period = 'minute'}), '30', 'but of the minute that it slides over');
$clock->('2030-01-02 23:00:00');
is($session->ask(by_receipt(@late[ 0, 1 ])), 'recorded 0.00004 priced none', 'a call of this day, hours later');
is(outcome($session, q{SELECT begun('clock')}), 'LA010 limit reached: requests of user clock', 'is of this day');
$_->quit foreach $session, $one, $two;
$node->stop;

# ---- counters in shared memory ----------------------------------------------------------------------------

$node = LlmAdmin::Calls::new_node('calls_receipts_shared', settings => "shared_preload_libraries = 'llm_admin'\nmax_prepared_transactions = 2\n");
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'mem', 'requests', 3, 'hour'), ('user', 'mem', 'tokens', 100000, 'hour')});
$session = LlmAdmin::Session->new($node);
$clock->('2031-01-01 10:00:00');
my $used = sub { return $session->ask(q{SELECT string_agg(trim_scale(used)::text, ' ' ORDER BY used) FROM llm_admin.limit_status(user_id => 'mem')}) };
# Begun where the limits do not look, so that nothing is in memory before.
$value->('UPDATE llm_admin.limits SET enabled = false');
my @calls = map { [ forgotten('mem') ] } 1 .. 4;
$value->('UPDATE llm_admin.limits SET enabled = true');
$session->ask('BEGIN; ' . by_receipt(@{ $calls[0] }) . '; ROLLBACK');
is($used->(), '0 0', 'a finish that is rolled back has booked nothing');
$session->ask('BEGIN; SAVEPOINT s; ' . by_receipt(@{ $calls[0] }) . '; ROLLBACK TO s; COMMIT');
is($used->(), '0 0', 'nor has one whose savepoint is');
is($session->ask(by_receipt(@{ $calls[0] })), 'recorded 0.00004 priced none', 'a finish by a receipt');
is($used->(), '1 10', 'is booked in memory as well');
is($session->ask(by_receipt(@{ $calls[0] })), 'duplicate 0.00004 priced none', 'a second one');
is($used->(), '1 10', 'is not');
$session->ask('BEGIN; ' . by_receipt(@{ $calls[1] }) . q(; PREPARE TRANSACTION 'p'; COMMIT PREPARED 'p'));
is($used->(), '2 20', 'one that is prepared is');
$session->ask(by_receipt(@{ $calls[$_] })) foreach 2, 3;
is($used->(), '4 40', 'nothing is refused');
is(outcome($session, q{SELECT begun('mem')}), 'LA010 limit reached: requests of user mem', 'the next call is');
is($value->('SELECT count(*) FROM llm_admin.limit_counters'), 0, 'no counter has a row');
$session->quit;

done_testing();
