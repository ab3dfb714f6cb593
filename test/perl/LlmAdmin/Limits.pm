package LlmAdmin::Limits;

# Cases of limits that hold wherever their counters are: in tables, or in shared memory, where the library is loaded with the
# server. They go by the simulated clock of the test library, so that no window ends in between.
use strict;
use warnings;

use Exporter 'import';
use LlmAdmin::Session;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT_OK = qw(load_cases clock_cases);

# 32 clients and 1,000 subjects with one unit each, half of the transactions rolled back; then one hot subject, and four limits
# at once. `rolls_back`: what is rolled back was never taken; else it comes back at the window's end.
sub load_cases
{
  my ($node, %how) = @_;
  my $clock = q{SELECT llm_admin_test.set_clock('2030-01-01 10:00:00')};
  my $value = sub {
    my $out = $node->safe_psql('postgres', "$clock; $_[0]");
    return $out =~ s/^t\n?//r;
  };
  $node->safe_psql('postgres', q{CREATE EXTENSION IF NOT EXISTS llm_admin_test;
    INSERT INTO llm_admin.limits (id, scope, subject, what, amount, period) VALUES
      ('00000000-0000-4000-8000-000000000001', 'user', 's*', 'requests', 1, 'hour'),
      ('00000000-0000-4000-8000-000000000002', 'user', 'hot', 'requests', 500, 'hour');
    CREATE TABLE granted (subject text)});

  # A transaction that takes a unit notes it in a table of its own: what is committed there was granted.
  my $load = sub {
    my ($name, $subject, $count, $options) = @_;
    my $more = $options ? ", $options" : '';
    my $script = $node->basedir . "/$name.sql";
    append_to_file($script, <<"SQL");
\\set n random(1, 1000)
\\set back random(0, 1)
$clock;
BEGIN;
INSERT INTO granted SELECT $subject FROM llm_admin.acquire_quota($subject, NULL, 'm'$more) WHERE allowed;
\\if :back
ROLLBACK;
\\else
COMMIT;
\\endif
SQL
    $node->command_ok(
      [ 'pgbench', '-n', '-c', 32, '-j', 2, '-t', $count, '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ],
      "$name: 32 clients end without an error");
  };
  my $used = sub { return $value->("SELECT coalesce(sum(used), 0) FROM llm_admin.limit_status(user_id => '$_[0]')") };

  $load->('many', q{'s' || :n}, 100);
  is $value->(q{SELECT count(*) FROM (SELECT FROM granted GROUP BY subject HAVING count(*) > 1) AS g}), 0, 'no subject has two';
  is $value->(q{SELECT count(*) FROM granted g WHERE (SELECT sum(used) FROM llm_admin.limit_status(user_id => g.subject)) IS DISTINCT FROM 1}),
    0, 'what was granted is counted';
  my $left = q{SELECT count(*) FILTER (WHERE a.allowed) FROM generate_series(1, 1000) AS n, llm_admin.acquire_quota('s' || n, NULL, 'm') AS a};
  my $granted = $value->('SELECT count(*) FROM granted');
  if ($how{rolls_back})
  {
    # Never under: each subject that has nothing gets its unit now.
    is $value->($left), 1000 - $granted, 'nobody is refused a unit that is there';
  }
  else
  {
    cmp_ok $value->($left), '<=', 1000 - $granted, 'nobody gets a second one';
    is $value->("SELECT llm_admin_test.set_clock('2030-01-01 11:00:00'); $left") =~ s/^t\n//r, 1000, 'in the next window all have theirs again';
  }

  $load->('hot', q{'hot'}, 60);
  my $hot = $value->(q{SELECT count(*) FROM granted WHERE subject = 'hot'});
  cmp_ok $hot, '<=', 500, 'one hot subject: never over';
  my $rest = 500 - ($how{rolls_back} ? $hot : $used->('hot'));
  is $value->(q{SELECT count(*) FILTER (WHERE a.allowed) FROM generate_series(1, 600) AS n,
    LATERAL (SELECT * FROM llm_admin.acquire_quota('hot', NULL, left('m' || n, 1))) AS a}), $rest, 'exactly the limit';
  is $used->('hot'), 500, 'and the counter says so';

  # Four limits at once, with tags in opposite orders: no deadlock, and each has taken as much as the others.
  $value->(q{INSERT INTO llm_admin.limits (scope, subject, what, amount, period)
    SELECT 'tag', t || '=1', 'requests', 300, 'hour' FROM unnest('{a,b,c,d}'::text[]) t});
  $load->('four', q{'four' || (:n % 3)}, 40, q{options => CASE WHEN :n % 2 = 0 THEN '{"tags": {"a": "1", "b": "1", "c": "1", "d": "1"}}'::jsonb
    ELSE '{"tags": {"d": "1", "c": "1", "b": "1", "a": "1"}}' END});
  my ($kinds, $sum) = split / /, $value->(q{SELECT count(DISTINCT used) || ' ' || min(used) FROM llm_admin.limit_status(options => '{"scope": "tag"}')});
  is $kinds, 1, 'four at once: all or none';
  my $four = $value->(q{SELECT count(*) FROM granted WHERE subject LIKE 'four%'});
  if   ($how{rolls_back}) { is $sum, $four > 300 ? 300 : $four, 'four at once: as much as was granted' }
  else                    { is $sum, 300, 'four at once: to the limit'; cmp_ok $four, '<=', 300, 'four at once: never over' }
  return;
}

# How much a minute lets through, windows of the calendar, a clock that steps back, and tickets that are overdue.
sub clock_cases
{
  my ($node) = @_;
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
  return;
}

1;
