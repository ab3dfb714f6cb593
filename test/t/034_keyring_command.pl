# llm_admin.keyring_command: run once in a session, at first use; whatever goes wrong with it is LA030; no process of
# it outlives the statement that started it, be it ended by a fault, the time limit, a cancel or the end of the session.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use LlmAdmin::Session qw(new_node write_file failure);

my $node = new_node('keyring_command', keyring => '', settings => "log_min_messages = warning\n");
my $folder = PostgreSQL::Test::Utils::tempdir('command');
my $hex = join '', map { sprintf '%02x', $_ } 101 .. 132;
my $ring = write_file("$folder/ring", "1:$hex:active\n");
my $seal = "SELECT length(llm_admin.encrypt_key('secret')) > 0";

# ---- tools -------------------------------------------------------------------------------------------------

# A script of the shell becomes the command, known to every session that begins from now on.
my $scripts = 0;

sub use_command
{
  my ($script, $timeout) = @_;
  $timeout //= '600s';
  my $path = "$folder/command_" . ++$scripts;
  write_file($path, "$script\n", 0700);
  $node->safe_psql('postgres', <<"SQL");
LOAD 'llm_admin';
ALTER SYSTEM SET llm_admin.keyring_command = 'exec sh $path';
ALTER SYSTEM SET llm_admin.keyring_command_timeout = '$timeout';
SELECT pg_reload_conf();
SQL
  $node->poll_query_until('postgres',
    "SELECT current_setting('llm_admin.keyring_command') = 'exec sh $path'") or die;
  return;
}

sub state_of_tables
{
  return $node->safe_psql('postgres', <<'SQL');
SELECT * FROM llm_admin.root_keys;
SELECT * FROM llm_admin.data_keys;
SELECT xmin, ctid FROM llm_admin.llm_provider_configs ORDER BY id;
SQL
}

# Lines of a file, once there are so many.
sub lines_of
{
  my ($path, $count) = @_;
  foreach (1 .. 100 * $PostgreSQL::Test::Utils::timeout_default)
  {
    my @lines = -e $path ? split /\n/, slurp_file($path) : ();
    return @lines if @lines >= $count;
    usleep(10_000);
  }
  die "$path has not $count lines";
}

# A process is gone, or waits only for its parent to take notice. Who was killed with its group may need a moment.
sub gone
{
  my ($what, @pids) = @_;
  foreach my $pid (@pids)
  {
    my $state = '';
    foreach (1 .. 100 * $PostgreSQL::Test::Utils::timeout_default)
    {
      ($state) = -e "/proc/$pid/stat" ? eval { slurp_file("/proc/$pid/stat") =~ /\) (\w)/ } : ();
      last if !defined $state || $state eq 'Z';
      usleep(10_000);
    }
    ok(!defined $state || $state eq 'Z', "$what: its process is gone");
  }
  return;
}

my $before = state_of_tables();

sub refused
{
  my ($what, $script, $message, $detail, $hint, $timeout) = @_;
  use_command($script, $timeout);
  my $session = LlmAdmin::Session->new($node);
  my (undef, $stderr) = $session->ask($seal);
  my $failure = failure($stderr) // {};
  is($failure->{state}, 'LA030', "$what: SQLSTATE");
  is($failure->{message}, $message, "$what: message");
  is($failure->{detail}, $detail, "$what: detail");
  like($failure->{hint}, $hint, "$what: hint");
  is($session->ask('SELECT pg_backend_pid()'), $session->pid, "$what: the session lives");
  $session->quit;
  is(state_of_tables(), $before, "$what: nothing is written");
  return;
}

my $failed = 'llm_admin.keyring_command failed';
my $by_hand = qr/^run the command by hand as the server's user; it must print the keyring and exit with 0$/;
my $shape = qr/^write each line as id:key/;

# ---- what may go wrong with it -----------------------------------------------------------------------------

refused('it fails', "cat $ring; exit 3", $failed, 'exit status 3', $by_hand);
refused('it is not there', "exec $folder/none", $failed, 'exit status 127', $by_hand);
refused('it kills itself', "cat $ring; kill -9 \$\$", $failed, 'it was ended by a signal', $by_hand);
refused('it prints nothing', 'exit 0', 'keyring is not valid', 'it holds no key', $shape);
refused('it prints something else', 'echo "<html>Not Found</html>"', 'keyring is not valid',
  'line 1: there is no colon after the id', $shape);
refused('it prints too much', 'yes', $failed, 'it printed more than 1048576 bytes', $by_hand);
my $rounds = 0;
foreach my $case (
  [ 'it takes too long', 'exec sleep 100000' ],
  [ 'its child takes too long', 'sleep 100000 & echo $! >>PIDS; wait' ],
  [ 'it closes its output and runs on', "cat $ring; exec >&-; exec sleep 100000" ],
  [ 'it ends, but its child keeps the output open', "cat $ring; sleep 100000 & echo \$! >>PIDS" ],
  [ 'it will not be asked to end', q{trap '' TERM INT HUP; while :; do sleep 1000; done} ])
{
  my ($what, $script) = @$case;
  my $pids = "$folder/pids_" . ++$rounds;
  $script =~ s/PIDS/$pids/g;
  refused($what, "echo \$\$ >>$pids\n$script", $failed, 'it ran longer than 100 ms', $by_hand, '100ms');
  gone($what, map { slurp_file($pids) =~ /\d+/g } $pids) if -e $pids;
}

# ---- it works: once in a session ---------------------------------------------------------------------------

my $runs = "$folder/runs";
use_command("echo run >>$runs\nls /proc/\$\$/fd >$folder/descriptors\ncat $ring");
my $first = LlmAdmin::Session->new($node);
is($first->ask($seal), 't', 'a keyring that is printed is as good as a file');
is(scalar(lines_of($runs, 1)), 1, 'one run');
is($first->ask("SELECT llm_admin.set_provider_key('groq', 'gsk-0123456789abcdefghij')"), 'gsk-0***hij', 'and again');
$node->safe_psql('postgres', 'UPDATE llm_admin.data_keys SET created_at = created_at');
is($first->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij', 'and with data keys read anew');
is(scalar(lines_of($runs, 1)), 1, 'is still one run');
my $second = LlmAdmin::Session->new($node);
is($second->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij', 'another session');
is(scalar(lines_of($runs, 1)), 2, 'runs it for itself');
$second->quit;
is(join(' ', sort grep { $_ > 2 && $_ < 10 } lines_of("$folder/descriptors", 1)), '',
  'the command inherits no file or socket of the server');

# A command that goes bad does not take the keys from sessions that have them.
use_command("echo run >>$runs.bad; exit 1");
$first->ask('SELECT 1') until $first->ask('SHOW llm_admin.keyring_command') =~ /command_$scripts$/;
foreach my $what ('a session keeps the last good answer', 'and keeps it')
{
  $node->safe_psql('postgres', 'UPDATE llm_admin.data_keys SET created_at = created_at');
  is($first->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij', $what);
}
is(scalar(lines_of("$runs.bad", 1)), 1, 'without running the bad one each time');
$first->quit;

# ---- it is interrupted -------------------------------------------------------------------------------------

$before = state_of_tables();
my $write = "SELECT llm_admin.set_provider_key('groq', 'gsk-jihgfedcba9876543210')";

# Starts a write in a new session whose command hangs; returns the session, and the processes of the command.
sub hanging
{
  my $pids = "$folder/pids_" . ++$rounds;
  use_command("sleep 100000 & echo \$! >$pids.new; echo \$\$ >>$pids.new; mv $pids.new $pids; wait");
  my $session = LlmAdmin::Session->new($node);
  $session->ask($_[0]) if $_[0];
  $session->send($write);
  return ($session, lines_of($pids, 2));
}

my ($session, @processes) = hanging();
is( $node->safe_psql('postgres', "SELECT wait_event_type FROM pg_stat_activity WHERE pid = " . $session->pid),
  'Extension', 'who waits for it is seen to wait');
is($node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')'), 't', 'a cancel is sent');
my (undef, $stderr) = $session->answer;
is(failure($stderr)->{state}, '57014', 'a cancel ends it');
like($stderr, qr/canceling statement due to user request/, 'in the words of the server');
gone('cancelled', @processes);
is(state_of_tables(), $before, 'cancelled: nothing is written');
use_command("cat $ring");
$session->ask('SELECT 1') until $session->ask('SHOW llm_admin.keyring_command') =~ /command_$scripts$/;
is($session->ask("SELECT llm_admin.decrypt_provider_key('groq')"), 'gsk-0123456789abcdefghij',
  'the cancelled session goes on with a better command');
$session->quit;

($session, @processes) = hanging("SET statement_timeout = '2s'");
(undef, $stderr) = $session->answer;
is(failure($stderr)->{state}, '57014', 'statement_timeout ends it');
like($stderr, qr/canceling statement due to statement timeout/, 'in the words of the server');
gone('timed out', @processes);
is(state_of_tables(), $before, 'timed out: nothing is written');
$session->quit;

($session, @processes) = hanging();
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . $session->pid . ')');
(undef, $stderr) = $session->answer;
is(failure($stderr)->{state}, '57P01', 'the end of the session ends it');
gone('terminated', @processes);
is(state_of_tables(), $before, 'terminated: nothing is written');

# Survived in a block, the cancel leaves a session that works.
($session, @processes) = hanging("BEGIN; SAVEPOINT s");
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $session->pid . ')');
(undef, $stderr) = $session->answer;
is(failure($stderr)->{state}, '57014', 'in a block a cancel ends it');
gone('in a block', @processes);
is(($session->ask('ROLLBACK TO s; SELECT 1'))[0], '1', 'and the block goes on');
$session->quit;

$node->stop;
my $log = slurp_file($node->logfile);
unlike($log, qr/PANIC|terminated by signal/, 'no backend died');
unlike($log, qr/\Q$hex\E/i, 'no root key is in the log');

done_testing();
