# Budgets and other limits of calls: with strict estimates 16 clients never overrun one and leave nothing unspent; the
# dearest context is reserved; windows begin empty; and where counters cannot be read or written, nothing is allowed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Calls;
use LlmAdmin::Session qw(failure);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LlmAdmin::Calls::new_node('calls_budgets', settings => "max_connections = 40\nllm_admin.bytes_per_token = 1\n");
my $value = sub { return $node->safe_psql('postgres', $_[0]) };
sub outcome
{
  my ($session, $sql) = @_;
  my ($out, $err) = $session->ask($sql);
  my $failed = failure($err) or return $out;
  return "$failed->{state} $failed->{message}";
}
my $session = LlmAdmin::Session->new($node);

# ---- 16 clients -------------------------------------------------------------------------------------------

# A tenth of the callers uses all that is reserved, others less, and some never settle.
$value->(<<'SQL');
INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES
  ('user', 'spender', 'cost_usd', 0.45, 'total'), ('team', 'red', 'cost_usd', 0.40, 'total'), ('organisation', '*', 'tokens', 100000000, 'total'),
  ('user', 'capped', 'concurrent', 5, 'total');
CREATE TABLE told (what text, usd numeric);
CREATE FUNCTION tried(who text, more jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT call_id FROM begun(who, more));
EXCEPTION WHEN SQLSTATE 'LA010' THEN
  RETURN NULL;
END $$;
-- All that was estimated, or a part of it.
CREATE FUNCTION settled(id uuid, share numeric) RETURNS numeric LANGUAGE sql AS $$
  SELECT f.cost_usd FROM llm_admin.llm_calls c, LATERAL llm_admin.finish_call(c.call_id, json_build_object('model', 'gpt-4o', 'choices', json_build_array(),
    'usage', json_build_object('prompt_tokens', floor(c.input_estimate * share)::int, 'completion_tokens', floor(100 * share)::int))::text, 200) f WHERE c.call_id = id $$;
SQL
sub load
{
  my ($name, $transactions, $script) = @_;
  my $file = $node->basedir . "/$name.sql";
  append_to_file($file, $script);
  $node->command_ok([ 'pgbench', '-n', '-c', 16, '-j', 2, '-t', $transactions, '-f', $file, '-h', $node->host, '-p', $node->port, 'postgres' ], "$name: 16 clients end without an error");
  return;
}
load('spend', 50, <<'SQL');
\set share random(0, 10)
\set settles random(0, 19)
SELECT coalesce(c::text, '') AS call, c IS NOT NULL AS ok FROM tried('spender', '{"team": "red"}') AS c \gset
\if :ok
\if :settles
INSERT INTO told SELECT 'spend', settled(':call', :share / 10.0);
\endif
\endif
SQL
my $estimate = $value->(q{SELECT estimate_usd FROM llm_admin.begin_call('{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}', 'once')});
is($value->(q{SELECT max(warnings::text) FROM llm_admin.begin_call('{"model": "gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}', 'once')}), '[]', 'the estimate is strict');
is($value->(qq{SELECT spent('spender') + held('spender') <= 0.45, spent('red') + held('red') <= 0.40, spent('red') + held('red') + $estimate > 0.40, spent('spender') = sum(usd), spent('red') = sum(usd)
  FROM told WHERE what = 'spend'}), 't|t|t|t|t', 'two budgets at once: overshoot 0, spent to the last call, and the counters say so');
LlmAdmin::Calls::after_deadline($node);
is($value->(q{SELECT held('spender'), held('red'), spent('red') = sum(cost_usd), spent('red') <= 0.40 FROM llm_admin.llm_usage_logs WHERE user_id = 'spender'}), '0|0|t|t',
  'those that never settled hold nothing after their deadline, and the budget says what the log says');
load('again', 40, <<'SQL');
SELECT coalesce(c::text, '') AS call, c IS NOT NULL AS ok FROM tried('spender', '{"team": "red"}') AS c \gset
\if :ok
SELECT settled(':call', 1);
\endif
SQL
is($value->(qq{SELECT spent('red') = sum(cost_usd), sum(cost_usd) <= 0.40, sum(cost_usd) + $estimate > 0.40 FROM llm_admin.llm_usage_logs WHERE user_id = 'spender'}), 't|t|t',
  'callers that use all that was reserved: exactly the budget');

# More callers than may call at once: who holds one notes it; nobody sees more than five.
load('cap', 20, <<'SQL');
SELECT coalesce(c::text, '') AS call, c IS NOT NULL AS ok FROM tried('capped', '{}') AS c \gset
\if :ok
INSERT INTO told SELECT 'cap', count(*) FROM llm_admin.llm_calls WHERE user_id = 'capped';
SELECT settled(':call', 0);
\endif
SQL
is($value->(q{SELECT max(usd) BETWEEN 1 AND 5, held('capped') FROM told WHERE what = 'cap'}), 't|0', 'concurrent calls never pass the cap');

# ---- what is reserved -------------------------------------------------------------------------------------

$value->(q{SELECT llm_admin.set_model_price('openai/gpt-4.1', '{"input": 0.002, "output": 0.008, "input>1000": 0.004, "output>1000": 0.016, "input>2000": 0.001, "output>2000": 0.002, "cache_write": 0.003}')});
my $reserves = sub { my ($text, $more, $options) = @_; return $value->(qq{SELECT estimate_usd FROM llm_admin.begin_call(format('{"model": "gpt-4.1", "max_tokens": 1000, "messages": [{"role": "user", "content": "%s"$more}]}', repeat('x', $text))::json, 'r', options => '$options')}) };
my $tokens = sub { return $value->(q{SELECT input_estimate FROM llm_admin.llm_calls WHERE user_id = 'r' ORDER BY started_at DESC LIMIT 1}) };
is($reserves->(100, '', '{}') * 1000, $tokens->() * 0.002 + 8, 'short context: the bare rates');
is($reserves->(1100, '', '{}') * 1000, $tokens->() * 0.004 + 16, 'long context: its rates');
is($reserves->(2100, '', '{}') * 1000, $tokens->() * 0.004 + 16, 'a context beyond it that is cheaper: the dearest that can be reached');
is($reserves->(2100, '', '{"input_tokens": 999}') * 1000, 999 * 0.002 + 8, 'counted by the caller: what that reaches');
# Cache writes: their rates, however the member's name is written.
$value->(q{SELECT llm_admin.set_provider_key('anthropic', 'sk-ant-of-the-platform-0123456789'); UPDATE llm_admin.llm_provider_configs SET is_enabled = true WHERE provider_name = 'anthropic';
  SELECT llm_admin.set_model_price('anthropic/m', '{"input": 0.002, "output": 0.008, "cache_write": 0.0025, "cache_write_1h": 0.004}')});
foreach ([ '', 0.002 ], [ ', "cache_control": {"type": "ephemeral"}', 0.0025 ], [ ', "cache_control": {"type": "ephemeral", "ttl": "1h"}', 0.004 ], [ ', "cache\u005fcontrol": {"type": "ephemeral", "ttl": "1\u0068"}', 0.004 ])
{
  my ($cached, $rate) = @$_;
  my $usd = $value->(qq{SELECT estimate_usd FROM llm_admin.begin_call('{"model": "m", "max_tokens": 1000, "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"$cached}]}]}', 'r', options => '{"provider": "anthropic"}')});
  is($usd * 1000, $tokens->() * $rate + 8, "reserved at $rate: $cached");
}
# More answers than one, and a dearer tier: reserved wherever they are asked for.
$value->(q{SELECT llm_admin.set_model_price('openai/gpt-4.1-mini', '{"input": 0.002, "output": 0.008, "input@priority": 0.004, "output@priority": 0.016}')});
foreach ([ '"n": 5', 1, 5 ], [ '"n": "5"', 1, 5 ], [ '"extra_body": {"n": 5}', 1, 5 ], [ '"extra_body": {"best_of": 5}', 1, 5 ], [ '"service_tier": "priority"', 2, 1 ], [ '"extra_body": {"service_tier": "priority"}', 2, 1 ])
{
  my ($asked, $dearer, $answers) = @$_;
  my $usd = $value->(qq{SELECT estimate_usd FROM llm_admin.begin_call('{"model": "gpt-4.1-mini", "max_tokens": 1000, $asked, "messages": [{"role": "user", "content": "hello"}]}', 'r')});
  is($usd * 1000, $dearer * ($tokens->() * 0.002 + $answers * 8), "reserved for $asked");
}
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'long', 'cost_usd', 0.02, 'total')});
my $long = q{SELECT call_id FROM llm_admin.begin_call(format('{"model": "gpt-4.1", "max_tokens": 1000, "messages": [{"role": "user", "content": "%s"}]}', repeat('x', 1100))::json, 'long')};
is(outcome($session, $long), 'LA010 limit reached: cost_usd of user long', 'a budget that the short context would fit denies the long one');

# ---- windows ----------------------------------------------------------------------------------------------

$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'hourly', 'cost_usd', 0.0012, 'hour')});
my $at = sub { $session->ask("SELECT llm_admin_test.set_clock('2030-01-01 $_[0]')") };
$at->('10:59:59');
my $call = $session->ask(q{SELECT call_id FROM begun('hourly')});
is(outcome($session, q{SELECT begun('hourly')}), 'LA010 limit reached: cost_usd of user hourly', 'a window is full');
$at->('11:00:00');
is(outcome($session, q{SELECT call_id IS NOT NULL FROM begun('hourly')}), 't', 'the next one begins empty');
$session->ask("SELECT finished('$call', 5000)");
is($session->ask(q{SELECT spent('hourly'), held('hourly')}), "0|$estimate", 'and what is settled in it for the one before, dearer than it was estimated, is not counted in it');
is(outcome($session, q{SELECT begun('hourly')}), 'LA010 limit reached: cost_usd of user hourly', 'which is full by its own call');
$call = $session->ask(q{SELECT call_id FROM llm_admin.llm_calls WHERE user_id = 'hourly'});
$session->ask("SELECT finished('$call', 5000)");
is(outcome($session, q{SELECT begun('hourly')}), 'LA010 limit reached: cost_usd of user hourly', 'what cost more than was estimated is booked whole, and the next call sees it');
$at->('12:00:00');
is(outcome($session, q{SELECT call_id IS NOT NULL FROM begun('hourly')}), 't', 'no window starts over its limit');
$session->ask('SELECT llm_admin_test.set_clock(NULL)');

# ---- fail-open counters -----------------------------------------------------------------------------------

$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'locked', 'concurrent', 100, 'total')});
$call = $session->ask(q{SELECT call_id FROM begun('locked')});
my $other = LlmAdmin::Session->new($node);
$session->ask(q{SET lock_timeout = '200ms'});
$value->(q{DELETE FROM llm_admin.limits WHERE scope = 'organisation'});
$other->ask('BEGIN; LOCK TABLE llm_admin.limit_counters IN ACCESS EXCLUSIVE MODE');
is(outcome($session, q{SELECT begun('locked')}), 'LA012 cannot tell now whether the limit on concurrent of user locked is reached', 'counters that are locked away deny');
is(outcome($session, "SELECT finished('$call')"), 'LA012 cannot tell now whether the limit on concurrent of user locked is reached', 'and a finish is not half done');
is(outcome($session, q{SELECT call_id IS NOT NULL FROM begun('without a limit')}), 't', 'who has no limit needs none of them');
$other->ask('ROLLBACK');
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls WHERE user_id = 'locked'}), 1, 'nothing was begun');
is(outcome($session, "SELECT finished('$call')"), 'recorded 0.00004 priced none', 'afterwards it is recorded');
# A row of counters that another transaction holds.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'single', 'concurrent', 1, 'total')});
$other->ask(q{BEGIN; SELECT begun('single')});
is(outcome($session, q{SELECT begun('single')}), 'LA012 cannot tell now whether the limit on concurrent of user single is reached', 'a unit that another transaction may yet give back is not given out');
$other->ask('ROLLBACK');
is(outcome($session, q{SELECT call_id IS NOT NULL FROM begun('single')}), 't', 'and is there once it has');
$other->ask('BEGIN; ALTER TABLE llm_admin.limit_counters RENAME TO away; COMMIT');
like(outcome($session, q{SELECT begun('locked')}), qr/^\w{5} .*limit_counters/, 'counters that are gone deny');
$other->ask('ALTER TABLE llm_admin.away RENAME TO limit_counters');
$other->ask('UPDATE llm_admin.limit_counters SET used = 1e70 WHERE subject = $$locked$$');
is(outcome($session, q{SELECT begun('locked')}), '55000 a counter of llm_admin.limit_counters is damaged', 'and so do damaged ones');
$session->ask('BEGIN ISOLATION LEVEL REPEATABLE READ');
like(outcome($session, q{SELECT begun('single')}), qr/^40001 /, 'above READ COMMITTED nothing is allowed');
$session->ask('ROLLBACK');

# What is overdue comes back to who needs it, however many overdue calls an open transaction keeps before it, in the next call
# or in one of those after it.
$value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES ('user', 'keeper', 'concurrent', 1000, 'total'), ('user', 'needy', 'concurrent', 1, 'total')});
$value->(q{SELECT begun('keeper') FROM generate_series(1, 25)});
$other->ask(q{BEGIN; SELECT begun('keeper')});
$value->(q{SELECT begun('needy')});
$value->(qq{UPDATE llm_admin.llm_calls SET started_at = '1999-12-31', expires_at = '$_->[1]' WHERE user_id = '$_->[0]'}) foreach [ keeper => '2000-01-01' ], [ needy => '2000-01-02' ];
is(outcome($session, q{SELECT call_id IS NOT NULL FROM begun('needy')}), 't', 'overdue calls that cannot be ended yet keep no others');
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls WHERE user_id = 'keeper'}), 25, 'and are left');
$other->ask('COMMIT');
$value->(q{SELECT begun('other')}) foreach 1 .. 3;
is($value->(q{SELECT count(*) FROM llm_admin.llm_calls WHERE user_id = 'keeper'}), 1, 'each call that is begun ends some, once they can be');

$_->quit foreach $session, $other;
done_testing();
