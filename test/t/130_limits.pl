# Limits under load: 32 clients and 1,000 subjects with one unit each, half of the transactions rolled back: each
# subject gets its unit, and none gets two. Then one hot subject: exactly the limit.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use LlmAdmin::Session qw(new_node);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('limits', settings => "max_connections = 60\n");
my $value = sub { return $node->safe_psql('postgres', $_[0]) };

$value->(q{INSERT INTO llm_admin.limits (id, scope, subject, what, amount, period) VALUES
  ('00000000-0000-4000-8000-000000000001', 'user', 's*', 'requests', 1, 'total'),
  ('00000000-0000-4000-8000-000000000002', 'user', 'hot', 'requests', 500, 'total');
  CREATE TABLE granted (subject text)});

# A transaction that takes a unit notes it in a table of its own: what is committed there was granted.
my $load = sub {
  my ($name, $subject, $count) = @_;
  my $script = $node->basedir . "/$name.sql";
  append_to_file($script, <<"SQL");
\\set n random(1, 1000)
\\set back random(0, 1)
BEGIN;
INSERT INTO granted SELECT $subject FROM llm_admin.acquire_quota($subject, NULL, 'm') WHERE allowed;
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

$load->('many', q{'s' || :n}, 100);
is $value->(q{SELECT count(*) FROM (SELECT FROM granted GROUP BY subject HAVING count(*) > 1) AS g}), 0, 'no subject has two';
is $value->(q{SELECT count(*) FROM granted g FULL JOIN llm_admin.limit_counters c ON c.subject = g.subject AND c.used = 1
  WHERE g.subject IS NULL AND c.used > 0 OR c.subject IS NULL}), 0, 'what counters say is what was granted';
# Never under: each subject that has nothing gets its unit now.
is $value->(q{SELECT count(*) FILTER (WHERE a.allowed) = 1000 - (SELECT count(*) FROM granted)
  FROM generate_series(1, 1000) AS n, llm_admin.acquire_quota('s' || n, NULL, 'm') AS a}), 't', 'nobody is refused a unit that is there';

$load->('hot', q{'hot'}, 60);
my $rest = $value->(q{SELECT 500 - count(*) FROM granted WHERE subject = 'hot'});
is $value->(qq{SELECT count(*) FILTER (WHERE a.allowed) FROM generate_series(1, 600) AS n,
  LATERAL (SELECT * FROM llm_admin.acquire_quota('hot', NULL, left('m' || n, 1))) AS a}), $rest, 'exactly the limit';
is $value->(q{SELECT sum(used) FROM llm_admin.limit_counters WHERE subject = 'hot'}), 500, 'and the counter says so';

done_testing();
