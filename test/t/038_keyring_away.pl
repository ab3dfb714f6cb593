# A root key that is missing, another one, a source that fails or hangs: one statement of the client asks the source
# once, however many rows, keys and functions are in it; a keyring put right is found by the next call. What a keyring
# command leaves behind ends with it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use LlmAdmin::Session qw(new_node write_file failure);

my $node = new_node('keyring_away', keyring => '', settings => "autovacuum = off\nrestart_after_crash = on\nshared_preload_libraries = 'llm_admin'\n");
my $folder = PostgreSQL::Test::Utils::tempdir('away');
my %root = map { $_ => join '', map { sprintf '%02x', int rand 256 } 1 .. 32 } 1 .. 3;
my ($ring, $runs, $script) = map { "$folder/$_" } qw(ring runs command);
my $tenants = 300;

sub ring_holds { return write_file($ring, join '', map { "$_->[0]:$root{$_->[1]}\n" } @_) }

# What the command does after it has noted its run.
sub command_does { return write_file($script, "echo run >>$runs\n$_[0]\n", 0700) }

sub value { return $node->safe_psql('postgres', $_[0]) }

sub runs_of
{
  my ($session, $sql) = @_;
  write_file($runs, '');
  my ($out, $stderr) = $session->ask($sql);
  my $count = () = slurp_file($runs) =~ /^run$/mg;
  return ($count, $out, failure($stderr) // { state => '', message => '' });
}

ring_holds([ 1, 1 ]);
command_does("cat $ring");
value("ALTER SYSTEM SET llm_admin.keyring_command = 'sh $script'");
value("ALTER SYSTEM SET llm_admin.keyring_command_timeout = '600s'");
$node->reload;
value(<<"SQL");
CREATE EXTENSION IF NOT EXISTS llm_admin_test;
SELECT llm_admin.set_provider_key('groq', 'gsk-of-the-platform-0123456789');
SELECT llm_admin.put_llm_config('t' || n, jsonb_build_object('apiKey', 'sk-or-' || n || '-0123456789abcdef', 'policy', 'byollm_only'))
FROM generate_series(1, $tenants) AS n;
SQL

my $messages = q{'{"messages": [{"role": "user", "content": "hello"}]}'};
my %statements = (
  'get_llm_config' => q{SELECT llm_admin.get_llm_config('t1')},
  'resolve_llm and build_tenant_request' =>
    "SELECT llm_admin.resolve_llm('t1', 'byollm'), llm_admin.build_tenant_request('t1', $messages, 'byollm', true)",
  'verify_keys' => 'SELECT wrong_key FROM llm_admin.verify_keys()',
  'key_status' => 'SELECT count(*) FROM llm_admin.key_status()',
  'key_status and verify_keys' => 'SELECT (SELECT count(*) FROM llm_admin.key_status()), (SELECT wrong_key FROM llm_admin.verify_keys())',
  'list_llm_configs' => 'SELECT count(*) FROM llm_admin.list_llm_configs()',
  'list_providers' => 'SELECT count(*) FROM llm_admin.list_providers()',
  'a block that goes on after errors' => <<'SQL',
DO $$
BEGIN
  FOR n IN 1 .. 50 LOOP
    BEGIN
      PERFORM llm_admin.decrypt_tenant_key('t' || n);
    EXCEPTION WHEN SQLSTATE 'LA030' THEN NULL;
    END;
  END LOOP;
END $$
SQL
  'a new tenant' => q{SELECT llm_admin.put_llm_config('new', '{"apiKey": "sk-or-new-0123456789abcdef"}')},
  'set_provider_key' => q{SELECT llm_admin.set_provider_key('groq', 'gsk-another-0123456789')},
  'rotate_data_key' => q{SELECT llm_admin.rotate_data_key('t1')},
  'rotate_root_key' => 'SELECT * FROM llm_admin.rotate_root_key(3)',
  'reseal_keys' => 'SELECT * FROM llm_admin.reseal_keys()');
my %troubles = (
  'the root key is missing' => sub { command_does("cat $ring"); ring_holds([ 2, 2 ]) },
  'it is another one' => sub { command_does("cat $ring"); ring_holds([ 1, 2 ]) },
  'the command fails' => sub { command_does('exit 3') },
  'it prints no keyring' => sub { command_does('echo hello') });

foreach my $trouble (sort keys %troubles)
{
  $troubles{$trouble}->();
  foreach my $what (sort keys %statements)
  {
    my $session = LlmAdmin::Session->new($node);
    my ($count) = runs_of($session, $statements{$what});
    cmp_ok($count, '<=', 1, "$trouble: $what runs the command once at most");
    ($count) = runs_of($session, $statements{$what});
    cmp_ok($count, '<=', 1, "$trouble: $what, once more, too");
    $session->quit;
  }
  my $session = LlmAdmin::Session->new($node);
  foreach my $what ('get_llm_config', 'resolve_llm and build_tenant_request', 'verify_keys')
  {
    my ($count, $out, $failure) = runs_of($session, $statements{$what});
    is($count, 1, "$trouble: $what: one run");
    is($out, $tenants + 1, "$trouble: all keys are wrong ones") if $what eq 'verify_keys' && $trouble !~ /command/;
  }
  # A vendor's words may hold the key that cannot be looked for: they are not kept.
  foreach my $record (q{record_provider_test('groq', false, NULL, 'bad key gsk-of-the-platform-0123456789')},
    q{record_llm_test('t1', false, NULL, 'bad key sk-or-1-0123456789abcdef') ->> 'lastTestResult'})
  {
    is($session->ask("SELECT llm_admin.$record"), 'error: the message is left out: the key that it may quote cannot be opened', "$trouble: $record keeps no words");
  }
  # Put right, the next call finds it.
  command_does("cat $ring");
  ring_holds([ 1, 1 ]);
  my ($count, $out) = runs_of($session, q{SELECT llm_admin.decrypt_tenant_key('t7')});
  is("$count $out", '1 sk-or-7-0123456789abcdef', "$trouble, put right: the very next call works");
  ($count, $out) = runs_of($session, 'SELECT * FROM llm_admin.verify_keys()');
  is("$count $out", '0 ' . ($tenants + 1) . '|0|0|0', "$trouble, put right: without another run");
  $session->quit;
}

# A command that hangs: each statement waits for it once.
command_does('exec sleep 100000');
value("ALTER SYSTEM SET llm_admin.keyring_command_timeout = '100ms'");
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('llm_admin.keyring_command_timeout') = '100ms'") or die;
my $waiting = LlmAdmin::Session->new($node);
my ($count, $out) = runs_of($waiting, $statements{verify_keys});
is("$count $out", '1 ' . ($tenants + 1), 'a command that hangs is waited for once, not for every row');
$waiting->quit;
command_does("cat $ring");
value("ALTER SYSTEM SET llm_admin.keyring_command_timeout = '600s'");
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('llm_admin.keyring_command_timeout') = '10min'") or die;

# ---- a session that has keys keeps them ---------------------------------------------------------------------

my $session = LlmAdmin::Session->new($node);
$session->ask(q{SELECT llm_admin.decrypt_tenant_key('t1')});
my $log = -s $node->logfile;
my $second = write_file("$folder/second", "echo run >>$runs\nexit 3\n", 0700);
value("ALTER SYSTEM SET llm_admin.keyring_command = 'sh $second'");
$node->reload;
$session->ask('SELECT 1') until $session->ask('SHOW llm_admin.keyring_command') =~ /second/;
foreach my $n (2 .. 5)
{
  is($session->ask("SELECT llm_admin.decrypt_tenant_key('t$n')"), "sk-or-$n-0123456789abcdef", "after a reload with a bad command keys open ($n)");
}
my $said = substr slurp_file($node->logfile), $log;
my $lines = () = $said =~ /LOG:  llm_admin keeps the root keys it has/g;
is($lines, 1, 'the log says so once');
like($said, qr/DETAIL:  llm_admin\.keyring_command failed: exit status 3/, 'and why');
unlike($said, qr/second/, 'without the command') if $said !~ /parameter "llm_admin.keyring_command" changed/;
value("ALTER SYSTEM SET llm_admin.keyring_command = 'sh $script'");
$node->reload;
$session->ask('SELECT 1') until $session->ask('SHOW llm_admin.keyring_command') =~ /$script/;
$session->quit;

# A file likewise: read once in a statement, and a bad one is logged once.
ring_holds([ 2, 2 ]);
value("ALTER SYSTEM SET llm_admin.keyring_file = '$ring'");
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('llm_admin.keyring_file') <> ''") or die;
is(value($statements{verify_keys}), $tenants + 1, 'a file without the root key: all keys are wrong ones');
ring_holds([ 1, 1 ], [ 2, 2 ]);
is(value('SELECT * FROM llm_admin.verify_keys()'), ($tenants + 1) . '|0|0|0', 'put right, they open');
value("ALTER SYSTEM RESET llm_admin.keyring_file");
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('llm_admin.keyring_file') = ''") or die;

# ---- what the command leaves behind ------------------------------------------------------------------------

sub pids_of
{
  my ($path, $count) = @_;
  foreach (1 .. 100 * $PostgreSQL::Test::Utils::timeout_default)
  {
    my @pids = -e $path ? slurp_file($path) =~ /\d+/g : ();
    return @pids if @pids >= $count;
    usleep(10_000);
  }
  die "$path has not $count numbers";
}

sub gone
{
  my ($pid) = @_;
  foreach (1 .. 100 * $PostgreSQL::Test::Utils::timeout_default)
  {
    my ($state) = -e "/proc/$pid/stat" ? eval { slurp_file("/proc/$pid/stat") =~ /\) (\w)/ } : ();
    return 1 if !defined $state || $state eq 'Z';
    usleep(10_000);
  }
  return 0;
}

my $opens = q{SELECT llm_admin.decrypt_tenant_key('t9')};
command_does("cat $ring; sleep 100000 >/dev/null 2>&1 & echo \$! >$folder/left; exit 0");
is(value($opens), 'sk-or-9-0123456789abcdef', 'a command that leaves a process behind gives its keys');
ok(gone(pids_of("$folder/left", 1)), 'and the process is ended');
command_does("(cat $ring; sleep 100000 >/dev/null 2>&1 & echo \$! >$folder/left2); exit 0");
is(value($opens), 'sk-or-9-0123456789abcdef', 'one that leaves a grandchild behind, too');
ok(gone(pids_of("$folder/left2", 1)), 'which is ended as well');

command_does("cat $ring");
foreach my $how ('ignored', 'reaped by a handler')
{
  my $deaf = LlmAdmin::Session->new($node);
  $deaf->ask("SELECT llm_admin_test.disturb_sigchld('$how')");
  my ($opened, $stderr) = $deaf->ask($opens);
  is("$opened$stderr", 'sk-or-9-0123456789abcdef', "SIGCHLD is $how: the command's end is seen all the same");
  is($deaf->ask('SELECT llm_admin_test.sigchld()'), $how, "SIGCHLD is $how: and it is again afterwards");
  $deaf->quit;
}

# Killed with its session (kill -9, which runs no code of ours), the command ends, too.
command_does("echo \$\$ >$folder/killed.new; mv $folder/killed.new $folder/killed; exec sleep 100000");
my $victim = LlmAdmin::Session->new($node);
$victim->send($opens);
my ($pid) = pids_of("$folder/killed", 1);
my $end_of_log = -s $node->logfile;
kill 'KILL', $victim->pid;
SKIP:
{
  skip 'the kernel tells a child of its parent\'s death on Linux alone', 1 if $^O ne 'linux';
  ok(gone($pid), 'a session killed while the command runs takes it along');
}
$node->wait_for_log(qr/database system is ready to accept connections/, $end_of_log);
$victim->answer;
$victim->quit;
command_does("cat $ring");
$node->poll_query_until('postgres', 'SELECT true') or die;
is(value($opens), 'sk-or-9-0123456789abcdef', 'and after recovery all is well');

$node->stop;
my $all = slurp_file($node->logfile);
my $hex = $root{1};
unlike($all, qr/\Q$hex\E/i, 'no root key is in the log');
unlike($all, qr/XX000|PANIC|signal 11|signal 6/, 'no internal error, no crash but the one that was made');

done_testing();
