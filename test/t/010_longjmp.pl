# Errors on their way through C++: nothing leaks, nothing is changed, nothing crashes.
#
# psql shows a perfect error even when the server's longjmp has skipped every destructor. So these tests look
# at the backend itself, through the test module llm_admin_test (test/module): objects alive, memory, holds on
# interrupts. The last part breaks the rules on purpose and shows that the same look would have seen it.
use strict;
use warnings;
use utf8;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $warm_up = 100;
my $rounds = 5000;
my $cargo_per_error = 2;           # fail() holds two objects whenever it fails
my $allowed_growth = 1024 * 1024;  # bytes

my $detail = "It was \"sought\" in 2 places.\nNeither %d had it.";
my $hint = "CALL make_thing('%n');";
my $message = 'no such thing: 100 %s größer';
my @texts = ($message, $detail, $hint);

my $node = PostgreSQL::Test::Cluster->new('longjmp');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "jit = off\nclient_encoding = 'UTF8'\nlog_min_messages = log\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION llm_admin_test');

# ---- tools -------------------------------------------------------------------------------------------------

# Runs a script in one session and goes on after errors. Returns lines of output and the text of stderr.
sub session
{
  my ($script) = @_;
  my ($stdout, $stderr);
  utf8::encode($script);
  $node->psql('postgres', $script, stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
  utf8::decode($_) for $stdout, $stderr;
  return ([ split /\n/, $stdout ], $stderr);
}

my @observed = qw(pid live made interrupts cancels critical rss top);

sub observe
{
  my ($label) = @_;
  return <<"SQL";
SELECT 'seen', '$label', pg_backend_pid(), llm_admin_test.live_objects(), llm_admin_test.made_objects(),
  llm_admin_test.interrupt_holdoff(), llm_admin_test.cancel_holdoff(), llm_admin_test.critical_sections(),
  llm_admin_test.rss_kb() * 1024, llm_admin_test.top_memory_bytes();
SQL
}

# What observe() printed under a label.
sub seen
{
  my ($lines, $label) = @_;
  my ($line) = grep { /^seen\|\Q$label\E\|/ } @$lines;
  return {} unless defined $line;
  my %values;
  @values{@observed} = (split /\|/, $line)[ 2 .. $#observed + 2 ];
  return \%values;
}

sub rounds_of
{
  my ($kind, $times) = @_;
  return "SELECT 'rounds', '$kind', raised, differing, state, message"
    . " FROM llm_admin_test.rounds('$kind', $times);";
}

# The last line that rounds_of() printed for a kind.
sub outcome
{
  my ($lines, $kind) = @_;
  my @found = grep { /^rounds\|\Q$kind\E\|/ } @$lines;
  return @found ? $found[-1] : undef;
}

# No object, no hold; the same backend as before, with the memory it had.
sub is_clean
{
  my ($before, $after, $what) = @_;
  is($after->{pid}, $before->{pid}, "$what: the same backend still answers");
  is($after->{live}, 0, "$what: no object is left");
  is("$after->{interrupts} $after->{cancels} $after->{critical}", '0 0 0', "$what: no hold is left");
  foreach my $memory (qw(rss top))
  {
    my $growth = $after->{$memory} - $before->{$memory};
    cmp_ok($growth, '<=', $allowed_growth, "$what: $memory has not grown");
    cmp_ok($growth, '>=', -$allowed_growth, "$what: $memory was not high by accident before");
  }
  return;
}

# ---- the three kinds of error, 5000 times each, in one session ---------------------------------------------

my %state_of = (
  server_error => "42704|$message",
  cxx_exception => "LA002|$message",
  cancel => '57014|canceling statement due to user request');
my @main = sort keys %state_of;

my ($lines, $stderr) = session(
  join "\n",
  (map { rounds_of($_, $warm_up) } @main),
  observe('warm'),
  (map { (rounds_of($_, $rounds), observe("after $_")) } @main),
  observe('end'));
is($stderr, '', 'no error leaves the subtransactions');
my $warm = seen($lines, 'warm');
foreach my $kind (@main)
{
  is(outcome($lines, $kind), "rounds|$kind|$rounds|0|$state_of{$kind}", "$kind: all arrive, all alike");
  is_clean($warm, seen($lines, "after $kind"), $kind);
}
is( seen($lines, 'end')->{made} - $warm->{made},
  $rounds * @main * $cargo_per_error,
  'each of them went through live objects');

# ---- the other ways to fail: shorter runs, since they share the same path ----------------------------------

my %other = (
  bad_alloc => '53200|out of memory',
  runtime_error => 'XX000|unexpected exception: a plain ' . 'x' x 100,
  thrown_int => 'XX000|unexpected exception of unknown type',
  spi_error => '22012|division by zero',
  spi_then_exception => 'LA002|refused after 1 row',
  spi_error_then_error => 'P0001|second error after 22012 division by zero',
  nested_server_error => "42704|$message",
  nested_cxx_exception => "LA002|$message",
  nested_cancel => '57014|canceling statement due to user request',
  nested_twice => "42704|$message");
my @others = sort keys %other;
my %survives = (
  none => 'no error',
  spi_survived => '22012, then 1',
  nested_survived => '22012, then 1',
  nested_in_plpgsql => '22012; 20, then 1',
  spi_own_error_caught => '20, then 1',
  spi_own_error_after_survived => '22012, then 1; 20, then 1',
  spi_own_error_for_server_error => 'instead of 22012, then 1',
  nested_caught => "42704 $message");
my @survivors = sort keys %survives;

sub survive
{
  my ($kind, $times) = @_;
  return "SELECT 'survived', '$kind', r, count(*)"
    . " FROM (SELECT llm_admin_test.fail('$kind') AS r FROM generate_series(1, $times)) AS s GROUP BY r;";
}

($lines, $stderr) = session(
  join "\n",
  (map { rounds_of($_, $warm_up) } @others),
  (map { survive($_, $warm_up) } @survivors),
  observe('warm'),
  (map { (rounds_of($_, 1000), observe("after $_")) } @others),
  (map { (survive($_, 1000), observe("after $_")) } @survivors));
is($stderr, '', 'other kinds: nothing else is said');
$warm = seen($lines, 'warm');
foreach my $kind (@others)
{
  is(outcome($lines, $kind), "rounds|$kind|1000|0|$other{$kind}", "$kind: all arrive, all alike");
  is_clean($warm, seen($lines, "after $kind"), $kind);
}
foreach my $kind (@survivors)
{
  is( (grep { /^survived\|$kind\|/ } @$lines)[-1],
    "survived|$kind|$survives{$kind}|1000",
    "$kind: caught in its block, and work goes on");
  is_clean($warm, seen($lines, "after $kind"), $kind);
}

# ---- at top level, where the whole transaction goes --------------------------------------------------------

my @top_level = (@main, 'spi_error_then_error', 'nested_twice');
my $once = sub { my ($kind) = @_; return "SELECT llm_admin_test.fail('$kind');\n" };
($lines, $stderr) = session(
  join "\n",
  '\set VERBOSITY terse',
  (map { $once->($_) x $warm_up } @top_level),
  observe('warm'),
  (map { $once->($_) x 1000 } @top_level),
  observe('end'));
is_clean(seen($lines, 'warm'), seen($lines, 'end'), 'top level');
my $failures = () = $stderr =~ /^psql:.*ERROR: /mg;
is($failures, @top_level * (1000 + $warm_up), 'top level: every statement failed');
is(scalar(() = $stderr =~ /WARNING|server closed|connection/g), 0, 'top level: and nothing else happened');

# ---- every field arrives as it was said --------------------------------------------------------------------

foreach my $case ([ 'server_error', '42704' ], [ 'cxx_exception', 'LA002' ], [ 'nested_twice', '42704' ])
{
  my ($kind, $state) = @$case;
  ($lines) = session("SELECT to_json(r) FROM llm_admin_test.rounds('$kind', 1) AS r");
  my $json = join "\n", map { quoted_json($_) } $state, @texts;
  my ($found) = $lines->[0] =~ /"state":(.*)\}$/;
  $found =~ s/,"(?:message|detail|hint)":/\n/g;
  is($found, $json, "$kind: SQLSTATE, message, DETAIL and HINT in PL/pgSQL");

  ($lines, $stderr) = session("\\set VERBOSITY verbose\nSELECT llm_admin_test.fail('$kind');");
  like(
    $stderr,
    qr/ERROR:  \Q$state\E: \Q$message\E\nDETAIL:  \Q$detail\E\nHINT:  \Q$hint\E\n/,
    "$kind: SQLSTATE, message, DETAIL and HINT at the client");
}

# A text as JSON shows it; these hold no control character but the newline.
sub quoted_json
{
  my ($text) = @_;
  $text =~ s/(["\\])/\\$1/g;
  $text =~ s/\n/\\n/g;
  return "\"$text\"";
}

($lines, $stderr) = session("\\set VERBOSITY verbose\nSELECT llm_admin_test.fail('nested_server_error');");
like(
  $stderr,
  qr/^SCHEMA[ ]NAME:[ ]{2}a_schema\nTABLE[ ]NAME:[ ]{2}a_table\nCOLUMN[ ]NAME:[ ]{2}a_column\n
    DATATYPE[ ]NAME:[ ]{2}a_type\nCONSTRAINT[ ]NAME:[ ]{2}a_constraint\n/mx,
  'names of objects arrive');
like($stderr, qr/^LOCATION:  ereport_in_full, fail\.cpp:\d+/m, 'and the place where it was raised');
like(
  $stderr,
  qr/^CONTEXT:  SQL statement "SELECT llm_admin_test\.fail\(\$1\)"\n/m,
  'and the statement that it passed through, once');
is(scalar(() = $stderr =~ /SQL statement/g), 1, 'context is not repeated on the way up');

# Texts of our own are kept up to a limit, and cut between characters.
($lines) = session(<<'SQL');
SELECT octet_length(message), octet_length(detail), octet_length(hint),
  (message || detail || hint) ~ '^é+$'
  FROM llm_admin_test.rounds('cxx_long_texts', 1);
SQL
is($lines->[0], '2046|32766|4094|t', 'long texts are cut without leaving half a character');

# ---- the look itself: each rule broken on purpose is seen --------------------------------------------------

my $broken = 300;
($lines) = session(
  join "\n",
  rounds_of('server_error', $warm_up),
  observe('warm'),
  rounds_of('server_error_unguarded', $broken),
  observe('unguarded'),
  rounds_of('object_inside_unguarded', $broken),
  observe('inside'),
  rounds_of('context_unguarded', $broken),
  observe('context'),
  "SELECT llm_admin_test.fail('hold_interrupts');",
  observe('held'),
  $once->('server_error'),
  observe('reset'));
my @steps = map { seen($lines, $_) } qw(warm unguarded inside context held reset);
is(outcome($lines, 'server_error_unguarded'),
  "rounds|server_error_unguarded|$broken|0|$state_of{server_error}", 'unguarded: its error looks perfect');
is($steps[0]->{live}, 0, 'before it no object is left');
is($steps[1]->{live}, $broken * $cargo_per_error, 'unguarded: all its objects are left, and counted');
cmp_ok($steps[1]->{rss} - $steps[0]->{rss}, '>', $broken * 64 * 1024, 'unguarded: its memory is seen');
is( $steps[2]->{live} - $steps[1]->{live},
  $broken, 'an object inside the guarded call is left, and counted; those outside are not');
cmp_ok($steps[3]->{top} - $steps[2]->{top}, '>=', $broken * 64 * 1024, 'memory of a server context is seen');
is($steps[4]->{interrupts}, 1, 'a hold on interrupts is seen');
is($steps[5]->{interrupts}, 0, 'and the next error ends it');

$node->stop;
like(slurp_file($node->logfile), qr/database system is shut down/, 'the server came to its orderly end');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no backend died');

done_testing();
