# Limits by a simulated clock: how much a minute lets through, windows of the calendar, a clock that steps back, and tickets
# that are overdue.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('limits_clock');
$node->safe_psql('postgres', q{CREATE EXTENSION llm_admin_test;
INSERT INTO llm_admin.limits (scope, subject, what, amount, period) VALUES
  ('user', 'requests', 'requests', 600, 'minute'), ('user', 'tokens', 'tokens', 60000, 'minute'),
  ('user', 'burst', 'requests', 100, 'minute'), ('user', 'daily', 'requests', 1, 'day'), ('user', 'weekly', 'requests', 1, 'week'),
  ('user', 'monthly', 'requests', 1, 'month'), ('user', 'hourly', 'requests', 1, 'hour'), ('user', 'back', 'requests', 2, 'hour'),
  ('user', 'gone', 'concurrent', 1, 'total');
-- Asks at a time of the simulated clock.
CREATE FUNCTION ask(at timestamptz, who text, options jsonb DEFAULT '{}') RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM llm_admin_test.set_clock(at);
  RETURN (SELECT allowed FROM llm_admin.acquire_quota(who, NULL, 'm', options => options));
END $$;
-- Of requests that come evenly, so many milliseconds apart, which of them were let through.
CREATE TABLE let (who text, at timestamptz);
CREATE PROCEDURE load(who text, since timestamptz, seconds int, apart int, options jsonb DEFAULT '{}') LANGUAGE plpgsql AS $$
DECLARE at timestamptz;
BEGIN
  FOR n IN 0 .. seconds * 1000 / apart - 1 LOOP
    at := since + n * apart * interval '1 millisecond';
    IF ask(at, who, options) THEN INSERT INTO let VALUES (who, at); END IF;
  END LOOP;
END $$;});
my $session = LlmAdmin::Session->new($node);
$session->ask("SET timezone = 'UTC'");
my $value = sub { my ($out, $err) = $session->ask($_[0]); diag($err) if $err; return $out };

# Twice as many as a minute lets through, for three minutes. The rate is that of any 60 seconds once the first are over.
my $most = q{SELECT max(c) FROM (SELECT count(*) OVER (ORDER BY at RANGE BETWEEN CURRENT ROW AND interval '59.999 seconds' FOLLOWING) AS c
  FROM let WHERE who = '%s') AS w};
$value->(q{CALL load('requests', '2030-01-01 10:00:00', 180, 50)});
my $steady = $value->(q{SELECT count(*) FROM let WHERE who = 'requests' AND at >= '2030-01-01 10:01:00' AND at < '2030-01-01 10:02:00'});
cmp_ok($steady, '<=', 600, "requests a minute: $steady of 600 in a minute of the clock");
cmp_ok($steady, '>=', 594, 'and within 1 % of it');
cmp_ok($value->(sprintf $most, 'requests'), '<', 1200, 'requests a minute: never two amounts in 60 seconds');
$value->(q{CALL load('tokens', '2030-01-01 10:00:30', 180, 250, '{"input_tokens": 400, "output_tokens": 100}')});
my $tokens = 500 * $value->(q{SELECT count(*) FROM let WHERE who = 'tokens' AND at >= '2030-01-01 10:02:00' AND at < '2030-01-01 10:03:00'});
cmp_ok($tokens, '<=', 60000, "tokens a minute: $tokens of 60,000");
cmp_ok($tokens, '>=', 59400, 'and within 1 % of it');

# All at once at a minute's end: next to nothing a moment later, a half after half a minute, all of it after a whole one.
my $burst = q{SELECT count(*) FILTER (WHERE ask(%s, 'burst')) FROM generate_series(1, 200)};
is($value->(sprintf $burst, q{'2030-01-01 10:00:59.9'}), 100, 'a burst gets the amount');
is($value->(sprintf $burst, q{'2030-01-01 10:01:00'}), 0, 'at the minute nothing comes back at once');
is($value->(sprintf $burst, q{'2030-01-01 10:01:30'}), 50, 'half a minute later a half');
is($value->(sprintf $burst, q{'2030-01-01 10:03:30'}), 100, 'and all of it once two minutes have passed');

# Windows of the calendar, in UTC, weeks from Monday.
foreach (
  [ hourly => '2030-01-01 10:59:59.999', '2030-01-01 11:00:00' ], [ daily => '2030-01-01 23:59:59.999', '2030-01-02 00:00:00' ],
  [ weekly => '2030-01-06 23:59:59.999', '2030-01-07 00:00:00' ], [ monthly => '2032-02-29 23:59:59.999', '2032-03-01 00:00:00' ])
{
  my ($who, $last, $first) = @$_;
  is($value->("SELECT ask('$last', '$who')"), 't', "$who: the last moment of a window");
  is($value->("SELECT ask('$last', '$who')"), 'f', "$who: once");
  is($value->("SELECT resets_at FROM llm_admin.limit_status(user_id => '$who')"), "$first+00", "$who: it ends then");
  is($value->("SELECT ask('$first', '$who')"), 't', "$who: the next window is empty");
}

# A clock that steps back finds the later window, and gives nothing twice.
is($value->(q{SELECT ask('2030-01-01 12:10', 'back')}), 't', 'a clock that steps back: before');
is($value->(q{SELECT ask('2030-01-01 11:50', 'back')}), 't', 'the unit that is left');
is($value->(q{SELECT ask('2030-01-01 11:50', 'back')}), 'f', 'and no more');
is($value->(q{SELECT ask('2030-01-01 12:10', 'back')}), 'f', 'nor later in that window');
is($value->(q{SELECT used, window_start FROM llm_admin.limit_status(user_id => 'back')}), '2|2030-01-01 12:00:00+00', 'it was counted there');

# A caller that is gone. The tickets of all the calls before are overdue by then.
is($value->(q{SELECT llm_admin_test.set_clock('2030-01-01 12:59') AND llm_admin.expire_quota_tickets(100000) > 1000}), 't', 'many tickets end at once');
is($value->(q{SELECT ask('2030-01-01 13:00', 'gone', '{"expires_seconds": 60}')}), 't', 'a ticket of 60 seconds');
is($value->(q{SELECT ask('2030-01-01 13:00:59.999', 'gone')}), 'f', 'it holds');
is($value->(q{SELECT ask('2030-01-01 13:01', 'gone')}), 't', 'and is ended by who needs what it holds');
is($value->(q{SELECT reserved FROM llm_admin.limit_status(user_id => 'gone')}), 1, 'one is held');
is($value->(q{SELECT ask('2030-01-01 13:11', 'nobody'), llm_admin.expire_quota_tickets() >= 1}), 't|t', 'the usual 600 seconds have passed');
is($value->(q{SELECT reserved FROM llm_admin.limit_status(user_id => 'gone')}), 0, 'nothing is held');

$session->quit;
done_testing();
