# Calls whose caller, backend or server ends in their middle: killed at each stop point, ended and killed by the hundred,
# begun in transactions that never were. After the deadline no limit holds anything for them, and each call that may have
# been paid for is in the log once.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Calls;
use LlmAdmin::Session qw(failure);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LlmAdmin::Calls::new_node('calls_crashes',
  settings => "max_connections = 220\nrestart_after_crash = on\nfsync = off\nlog_min_messages = warning\n");
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
$value->(q{INSERT INTO llm_admin.limits (scope, what, amount, period) VALUES ('user', 'cost_usd', 1000, 'total'), ('user', 'concurrent', 200, 'total'),
  ('user', 'requests', 1000000, 'day')});
# Rows of the log of a user, and calls that stand there more than once.
my $logged = sub { return $value->("SELECT string_agg(kind, ' ' ORDER BY id) FROM llm_admin.llm_usage_logs WHERE user_id = '$_[0]'") };
my $kills = 0;

# Runs a statement that kills its backend at a stop point.
sub killed_at
{
  my ($point, $sql, $after) = @_;
  my $end_of_log = -s $node->logfile;
  my $session = LlmAdmin::Session->new($node);
  $session->ask("SELECT llm_admin_test.stop_at('$point', 'kill', @{[ $after // 0 ]})");
  $session->send($sql);
  LlmAdmin::Calls::after_kill($node, $end_of_log, $session);
  ++$kills;
  return;
}

# ---- the points -------------------------------------------------------------------------------------------

# All that there are, in the order in which they are passed.
my $session = LlmAdmin::Session->new($node);
my $passed = sub { $session->ask(q{SELECT llm_admin_test.stop_at('none', 'note')}); $session->ask($_[0]); return join ' ', sort split /\n/,
  $session->ask(q{SELECT name FROM llm_admin_test.stop_points() WHERE name ~ 'call'}) };
is($passed->(q{SELECT call_id FROM begun('points')}), 'begin_call.taken begin_call.written', 'points of begin_call');
is($passed->(q{SELECT finished(call_id) FROM llm_admin.llm_calls}), 'finish_call.recorded finish_call.taken', 'points of finish_call');
$session->ask(q{SELECT begun('points')});
is($passed->(q{SELECT llm_admin.expire_calls() FROM llm_admin_test.set_clock(clock_timestamp() + interval '1 day')}), 'expire_calls.some', 'points of expire_calls');
$session->quit;

foreach my $point (qw(begin_call.taken begin_call.written))
{
  killed_at($point, q{SELECT begun('begins', '{"request_id": "begins"}')});
  is($value->(q{SELECT count(*) FROM llm_admin.llm_calls}), 0, "$point: no call is open");
  is($value->(q{SELECT held('begins'), spent('begins', 'requests')}), '0|0', "$point: nothing is taken");
}
is($value->(q{SELECT finished(call_id) FROM begun('begins', '{"request_id": "begins"}')}), 'recorded 0.00004 priced none', 'its request_id is free');
is($logged->('begins'), 'call', 'and it is in the log once');

foreach my $point (qw(finish_call.taken finish_call.recorded))
{
  my $call = $value->(q{SELECT call_id FROM begun('finishes')});
  killed_at($point, "SELECT finished('$call')");
  is($value->(q{SELECT count(*), (SELECT held('finishes') > 1) FROM llm_admin.llm_calls}), '1|t', "$point: the call is open as before");
  is($value->("SELECT finished('$call')"), 'recorded 0.00004 priced none', "$point: finished again it is recorded");
  is($value->("SELECT finished('$call')"), 'duplicate 0.00004 priced none', "$point: once");
  $value->(q{SELECT begun('finishes')});
  killed_at($point, q{SELECT finished(call_id) FROM llm_admin.llm_calls});
  is(LlmAdmin::Calls::after_deadline($node), 1, "$point: never finished, it ends by its deadline");
  is($value->(q{SELECT held('finishes')}), 0, "$point: nothing is held");
}
is($logged->('finishes'), 'call expired call expired', 'each of the four is in the log once');
is($value->(q{SELECT spent('finishes') = sum(cost_usd) FROM llm_admin.llm_usage_logs WHERE user_id = 'finishes'}), 't', 'and the budget says what the log says');

# Within expire_calls: what it had ended before it was killed it ends again, with the rest.
$value->(q{SELECT count(begun('expires')) FROM generate_series(1, 25)});
killed_at('expire_calls.some', q{SELECT llm_admin.expire_calls() FROM llm_admin_test.set_clock(clock_timestamp() + interval '1 day')}, 1);
is($value->(q{SELECT count(*), count(DISTINCT call_id) FROM llm_admin.llm_calls}), '25|25', 'expire_calls.some: all are open as before');
is(LlmAdmin::Calls::after_deadline($node), 25, 'expire_calls.some: called again it ends all');
is($value->(q{SELECT held('expires'), count(*), count(DISTINCT call_id) FROM llm_admin.llm_usage_logs WHERE user_id = 'expires'}), '0|25|25', 'each once');
# Beside a begin that is killed afterwards.
$value->(q{SELECT count(begun('expires')) FROM generate_series(1, 3); UPDATE llm_admin.llm_calls SET started_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'});
$session = LlmAdmin::Session->new($node);
$session->ask(q{BEGIN; SELECT call_id FROM begun('other')});
is($session->ask(q{SELECT count(*) FROM llm_admin.llm_calls}), 1, 'three overdue calls end beside a begin');
LlmAdmin::Calls::kill_sessions($node, $session);
++$kills;
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls}), 3, 'whose transaction was killed: they are open again');
is(LlmAdmin::Calls::after_deadline($node), 3, 'and end once');
is($value->(q{SELECT count(*), count(DISTINCT call_id), held('expires') FROM llm_admin.llm_usage_logs WHERE user_id = 'expires'}), '28|28|0', 'each once');

# ---- the row is gone, the receipt is there ----------------------------------------------------------------

# The caller has the request, and the server has forgotten that it gave it.
$session = LlmAdmin::Session->new($node);
my ($call, $receipt) = split /\|/, $session->ask(q{BEGIN; SELECT call_id, receipt FROM begun('forgotten')});
LlmAdmin::Calls::kill_sessions($node, $session);
++$kills;
like(($node->psql('postgres', "SELECT finished('$call')"))[2], qr/call $call is not known/, 'without a receipt it is unknown');
my $by_receipt = qq{SELECT finished('$call', 2, jsonb_build_object('receipt', '$receipt'))};
foreach my $point (qw(finish_call.taken finish_call.recorded))
{
  killed_at($point, $by_receipt);
  is($value->(q{SELECT count(*) FROM llm_admin.llm_usage_logs WHERE user_id = 'forgotten'}), 0, "$point: by a receipt as well, nothing half is left");
}
is($value->($by_receipt), 'recorded 0.00004 priced none', 'the receipt says what it was');
is($value->($by_receipt), 'duplicate 0.00004 priced none', 'once');
is($value->("SELECT finished('$call')"), 'duplicate 0.00004 priced none', 'and now it is known without');
is($value->(q{SELECT kind, model_id, provider, price_id IS NOT NULL, cost_usd FROM llm_admin.llm_usage_logs WHERE user_id = 'forgotten'}),
  'call|openai/gpt-4o|chatgpt|t|0.00004', 'it is in the log once');
# Two at once.
($call, $receipt) = split /\|/, $value->(q{BEGIN; SELECT call_id, receipt FROM begun('twice'); ROLLBACK});
my ($one, $two) = map { LlmAdmin::Session->new($node) } 1 .. 2;
$one->ask(qq{BEGIN; SELECT finished('$call', 2, jsonb_build_object('receipt', '$receipt'))});
$two->send(qq{SELECT finished('$call', 2, jsonb_build_object('receipt', '$receipt'))});
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = @{[ $two->pid ]} AND wait_event_type = 'Lock'") or die;
$one->ask('COMMIT');
is($two->answer, 'duplicate 0.00004 priced none', 'two finishes by one receipt at once: one row');
is($logged->('twice'), 'call', 'of the log');
$_->quit foreach $one, $two;

# ---- phantom reservations ---------------------------------------------------------------------------------

my $script = $node->basedir . '/ended.sql';
append_to_file($script, "SELECT begun('phantom');\nSELECT pg_terminate_backend(pg_backend_pid());\n");
$node->command_fails([ 'pgbench', '-n', '-c', 190, '-j', 1, '-t', 1, '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ],
  '190 backends are ended after their begin');
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls}), 190, 'whose calls are open');
my @killed = map { LlmAdmin::Session->new($node) } 1 .. 10;
$_->ask(q{SELECT begun('phantom')}) foreach @killed;
like(($node->psql('postgres', q{SELECT begun('phantom')}))[2], qr/limit reached: concurrent of user phantom/, '200 are all there may be');
LlmAdmin::Calls::kill_sessions($node, @killed);
++$kills;
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls}), 200, '10 clients are killed after theirs');
is($value->(q{SELECT sum(reserved) FROM llm_admin.limit_counters c JOIN llm_admin.limits l ON l.id = limit_id WHERE c.subject = 'phantom' AND what = 'concurrent'}),
  200, 'they hold 200');
# Nobody has to call expire_calls(): whoever begins ends ten of them.
$value->(q{UPDATE llm_admin.llm_calls SET started_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' WHERE call_id IN (SELECT call_id FROM llm_admin.llm_calls LIMIT 12)});
is($value->(q{SELECT finished(call_id) FROM begun('somebody')}), 'recorded 0.00004 priced none', 'a call of another user');
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls}), 190, 'ends ten that are overdue');
is($value->(q{SELECT finished(call_id) FROM begun('phantom')}), 'recorded 0.00004 priced none', 'whose units are there again');
# Nor does anybody else have to begin: who is denied for what overdue calls hold ends them first.
$value->(q{SELECT begun('phantom') FROM generate_series(1, 12); UPDATE llm_admin.llm_calls SET started_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' WHERE call_id IN (SELECT call_id FROM llm_admin.llm_calls ORDER BY started_at LIMIT 3)});
is($value->(q{SELECT finished(call_id) FROM begun('phantom')}), 'recorded 0.00004 priced none', 'at the limit, with three calls that are overdue');
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls}), 197, 'which have ended');
is(LlmAdmin::Calls::after_deadline($node), 197, 'the others end by their deadline');
is($value->(q{SELECT held('phantom'), sum(reserved) FROM llm_admin.limit_counters}), '0|0', 'phantom reservations: 0');
is($value->(q{SELECT kind || ' ' || count(*) || ' ' || count(DISTINCT call_id) FROM llm_admin.llm_usage_logs WHERE user_id = 'phantom' GROUP BY kind ORDER BY kind}),
  "call 2 2\nexpired 212 212", 'each is in the log once');
is($value->(q{SELECT spent('phantom') = sum(cost_usd) FROM llm_admin.llm_usage_logs WHERE user_id = 'phantom'}), 't', 'and the budget says what the log says');

$node->stop;
my $log = slurp_file($node->logfile);
cmp_ok(scalar(() = $log =~ /was terminated by signal 9/g), '>=', $kills, 'processes died that were killed');
unlike($log, qr/PANIC|signal 11|signal 6/, 'and none for a fault of its own');

done_testing();
